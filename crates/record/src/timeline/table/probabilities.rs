//! Probabilities step by step as a table.

#[cfg(feature = "parquet")]
use super::parquet::{Kind, ParquetTable};
use super::text::{decimal, quoted, seconds};
use super::{TableFormat, Text, json};
use crate::timeline::{Steps, Zero};
use crate::vocabulary::UNKNOWN;
use std::io::{self, Write};

/// Digits of a probability as text.
pub(super) const DIGITS: u32 = 6;

/// A table with a row for each step: where it begins, in seconds from the recording's zero and as ISO 8601 or empty, the probability of
/// each label, and that of none of them. In Parquet probabilities have all their digits, as text six.
pub struct ProbabilityTable<W: Write + Send> {
    labels: usize,
    /// `,"walking":` and so on, of every label and of `unknown`.
    keys: Vec<Vec<u8>>,
    inner: Inner<W>,
}

enum Inner<W: Write + Send> {
    Text(Text<W>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable<W>>),
}

impl<W: Write + Send> ProbabilityTable<W> {
    /// An empty table for these labels.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn new<S: AsRef<str>>(
        out: W,
        format: TableFormat,
        labels: impl IntoIterator<Item = S>,
    ) -> io::Result<Self> {
        let mut names: Vec<String> = labels.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let labels = names.len();
        names.push(UNKNOWN.to_owned());
        let keys = names.iter().map(|name| [b",", json(name).as_slice(), b":"].concat()).collect();
        let inner = match format {
            TableFormat::Csv | TableFormat::JsonLines => {
                let mut text = Text::new(out, format == TableFormat::JsonLines);
                if !text.json {
                    text.buffer.extend_from_slice(b"recording,time_s,time");
                    for name in &names {
                        text.buffer.push(b',');
                        quoted(&mut text.buffer, name);
                    }
                    text.buffer.push(b'\n');
                }
                Inner::Text(text)
            }
            #[cfg(feature = "parquet")]
            TableFormat::Parquet => {
                let fixed = [("recording", Kind::Name), ("time_s", Kind::Double), ("time", Kind::Moment)];
                let mut columns: Vec<(String, Kind)> =
                    fixed.map(|(name, kind)| (name.to_owned(), kind)).into();
                columns.extend(names.into_iter().map(|name| (name, Kind::Float)));
                Inner::Parquet(Box::new(ParquetTable::new(out, "probabilities", &columns)?))
            }
        };
        Ok(Self { labels, keys, inner })
    }

    /// Adds the steps of a recording.
    ///
    /// # Errors
    /// What the output answers.
    ///
    /// # Panics
    /// If there are fewer probabilities than steps and labels ask for.
    pub fn push(&mut self, recording: &str, zero: Zero, steps: &Steps) -> io::Result<()> {
        let row = |i: usize| steps.row(i, self.labels).iter().copied().chain([steps.unknown[i]]);
        match &mut self.inner {
            Inner::Text(text) => {
                let mut begin = Vec::new();
                if text.json {
                    begin.extend_from_slice(b"{\"recording\":");
                    begin.extend(json(recording));
                    begin.extend_from_slice(b",\"time_s\":");
                } else {
                    quoted(&mut begin, recording);
                    begin.push(b',');
                }
                let mut moment = String::new();
                for (i, &start_ns) in steps.start_ns.iter().enumerate() {
                    moment.clear();
                    zero.write_moment(start_ns, &mut moment);
                    let out = &mut text.buffer;
                    out.extend_from_slice(&begin);
                    seconds(out, start_ns);
                    if text.json {
                        out.extend_from_slice(b",\"time\":");
                        let [quote, text] = if moment.is_empty() { ["", "null"] } else { ["\"", &moment] };
                        [quote, text, quote].iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
                        for (key, value) in self.keys.iter().zip(row(i)) {
                            out.extend_from_slice(key);
                            if !decimal(out, f64::from(value), DIGITS) {
                                out.extend_from_slice(b"null");
                            }
                        }
                        out.push(b'}');
                    } else {
                        out.push(b',');
                        out.extend_from_slice(moment.as_bytes());
                        for value in row(i) {
                            out.push(b',');
                            decimal(out, f64::from(value), DIGITS);
                        }
                    }
                    out.push(b'\n');
                    text.row_done()?;
                }
            }
            #[cfg(feature = "parquet")]
            Inner::Parquet(table) => {
                for (i, &start_ns) in steps.start_ns.iter().enumerate() {
                    table.text(0, recording);
                    table.double(1, start_ns as f64 / 1e9);
                    table.moment(2, zero, start_ns);
                    row(i).enumerate().for_each(|(label, value)| table.float(3 + label, value));
                    table.end_row()?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// What the output answers.
    pub fn finish(self) -> io::Result<W> {
        match self.inner {
            Inner::Text(text) => text.finish(),
            #[cfg(feature = "parquet")]
            Inner::Parquet(table) => table.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(count: usize) -> Steps {
        Steps {
            step_ns: 640_000_000,
            start_ns: (0..count as i64).map(|i| i * 640_000_000).collect(),
            probabilities: (0..count).flat_map(|i| [0.75 - (i % 5) as f32 / 16.0, 0.125]).collect(),
            unknown: (0..count).map(|i| 0.125 + (i % 5) as f32 / 16.0).collect(),
            attention: Vec::new(),
        }
    }

    fn written(format: TableFormat, recordings: &[(&str, Zero, usize)]) -> Vec<u8> {
        let mut table = ProbabilityTable::new(Vec::new(), format, ["walking", "sitting"]).unwrap();
        for (name, zero, count) in recordings {
            table.push(name, *zero, &steps(*count)).unwrap();
        }
        table.finish().unwrap()
    }

    const LOCAL: Zero = Zero::Local { local_ns: 1_777_629_600_000_000_000 };

    #[test]
    fn text_has_a_row_for_each_step() {
        let recordings = [("a", LOCAL, 2), ("b,c", Zero::Unknown, 1)];
        let text = String::from_utf8(written(TableFormat::Csv, &recordings)).unwrap();
        let expected = "recording,time_s,time,walking,sitting,unknown\n\
            a,0,2026-05-01T10:00:00,0.75,0.125,0.125\n\
            a,0.64,2026-05-01T10:00:00.640,0.6875,0.125,0.1875\n\
            \"b,c\",0,,0.75,0.125,0.125\n";
        assert_eq!(text, expected);
        let text = String::from_utf8(written(TableFormat::JsonLines, &recordings)).unwrap();
        let expected = "{\"recording\":\"a\",\"time_s\":0,\"time\":\"2026-05-01T10:00:00\",\"walking\":0.75,\"sitting\":0.125,\"unknown\":0.125}\n\
            {\"recording\":\"a\",\"time_s\":0.64,\"time\":\"2026-05-01T10:00:00.640\",\"walking\":0.6875,\"sitting\":0.125,\"unknown\":0.1875}\n\
            {\"recording\":\"b,c\",\"time_s\":0,\"time\":null,\"walking\":0.75,\"sitting\":0.125,\"unknown\":0.125}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_table_longer_than_its_buffer_is_whole() {
        let text = String::from_utf8(written(TableFormat::Csv, &[("a", LOCAL, 5000)])).unwrap();
        assert_eq!(text.lines().count(), 5001);
        assert!(text.lines().all(|line| line.split(',').count() == 6));
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn parquet_goes_over_row_groups_and_recordings() {
        use parquet::file::metadata::RowGroupMetaData;
        use parquet::file::reader::{FileReader as _, SerializedFileReader};
        use parquet::record::RowAccessor as _;
        let most = super::super::parquet::GROUP;
        let bytes = written(TableFormat::Parquet, &[("a", LOCAL, most - 3), ("b", Zero::Unknown, 7)]);
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let groups = file.metadata().row_groups();
        assert_eq!(groups.iter().map(RowGroupMetaData::num_rows).collect::<Vec<_>>(), [most as i64, 4]);
        let all: Vec<_> = file.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        let (last, first) = (&all[most - 4], &all[most - 3]);
        assert_eq!((last.get_string(0).unwrap().as_str(), first.get_string(0).unwrap().as_str()), ("a", "b"));
        assert_eq!(last.get_string(2).unwrap(), &LOCAL.moment((most as i64 - 4) * 640_000_000));
        assert!(first.get_string(2).is_err(), "no date, no time");
        assert_eq!(all[most].get_double(1).unwrap(), 3.0 * 0.64);
        for (row, given) in all[most - 3..].iter().zip(0..) {
            assert_eq!(row.get_float(3).unwrap(), 0.75 - (given % 5) as f32 / 16.0);
            assert_eq!(row.get_float(5).unwrap(), 0.125 + (given % 5) as f32 / 16.0);
        }
    }
}
