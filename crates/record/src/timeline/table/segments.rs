//! Segments as a table.

#[cfg(feature = "parquet")]
use super::parquet::{Kind, ParquetTable};
use super::text::{decimal, quoted, seconds};
use super::{TableFormat, Text, json};
use crate::timeline::{Flag, Segment, Zero};
use std::io::{self, Write};

/// The columns of segments.
pub const SEGMENT_COLUMNS: [&str; 8] =
    ["recording", "start_s", "end_s", "start", "end", "activity", "confidence", "flags"];

/// Digits of a confidence as text.
pub(super) const DIGITS: u32 = 4;

/// A table with a row for each segment: where it begins and ends, in seconds from the recording's zero and as ISO 8601 or empty, the
/// activity, its confidence, and flags with `;` between them.
pub struct SegmentTable<W: Write + Send>(Inner<W>);

enum Inner<W: Write + Send> {
    Text(Text<W>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable<W>>),
}

impl<W: Write + Send> SegmentTable<W> {
    /// An empty table.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn new(out: W, format: TableFormat) -> io::Result<Self> {
        Ok(Self(match format {
            TableFormat::Csv | TableFormat::JsonLines => {
                let mut text = Text::new(out, format == TableFormat::JsonLines);
                if !text.json {
                    text.buffer.extend_from_slice(SEGMENT_COLUMNS.join(",").as_bytes());
                    text.buffer.push(b'\n');
                }
                Inner::Text(text)
            }
            #[cfg(feature = "parquet")]
            TableFormat::Parquet => {
                let kinds = [
                    Kind::Name,
                    Kind::Double,
                    Kind::Double,
                    Kind::Moment,
                    Kind::Moment,
                    Kind::Name,
                    Kind::Float,
                    Kind::Name,
                ];
                let columns: Vec<_> = SEGMENT_COLUMNS.map(str::to_owned).into_iter().zip(kinds).collect();
                Inner::Parquet(Box::new(ParquetTable::new(out, "segments", &columns)?))
            }
        }))
    }

    /// Adds the segments of a recording.
    ///
    /// # Errors
    /// What the output answers.
    pub fn push(&mut self, recording: &str, zero: Zero, segments: &[Segment]) -> io::Result<()> {
        match &mut self.0 {
            Inner::Text(text) => {
                let mut name = Vec::new();
                if text.json {
                    name = json(recording);
                } else {
                    quoted(&mut name, recording);
                }
                for segment in segments {
                    row(&mut text.buffer, text.json, &name, zero, segment);
                    text.row_done()?;
                }
            }
            #[cfg(feature = "parquet")]
            Inner::Parquet(table) => {
                for segment in segments {
                    table.text(0, recording);
                    table.double(1, segment.start_ns as f64 / 1e9);
                    table.double(2, segment.end_ns as f64 / 1e9);
                    table.moment(3, zero, segment.start_ns);
                    table.moment(4, zero, segment.end_ns);
                    table.text(5, &segment.activity);
                    table.float(6, segment.confidence);
                    table.text(7, &flags(&segment.flags));
                    table.end_row()?;
                }
            }
        }
        Ok(())
    }

    /// Writes out what is whole, so that whoever reads along sees it. Parquet is only readable at its end.
    ///
    /// # Errors
    /// What the output answers.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Inner::Text(text) => {
                text.write_out()?;
                text.out.flush()
            }
            #[cfg(feature = "parquet")]
            Inner::Parquet(_) => Ok(()),
        }
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// What the output answers.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Inner::Text(text) => text.finish(),
            #[cfg(feature = "parquet")]
            Inner::Parquet(table) => table.finish(),
        }
    }
}

fn flags(flags: &[Flag]) -> String {
    flags.iter().map(|flag| flag.name()).collect::<Vec<_>>().join(";")
}

fn row(out: &mut Vec<u8>, as_json: bool, name: &[u8], zero: Zero, segment: &Segment) {
    let moments = [segment.start_ns, segment.end_ns].map(|ns| zero.moment(ns));
    if as_json {
        out.extend_from_slice(b"{\"recording\":");
        out.extend_from_slice(name);
        for (key, ns) in [("start_s", segment.start_ns), ("end_s", segment.end_ns)] {
            out.extend_from_slice(format!(",\"{key}\":").as_bytes());
            seconds(out, ns);
        }
        for (key, moment) in ["start", "end"].into_iter().zip(moments) {
            // Digits and signs: nothing that JSON escapes.
            let value = if moment.is_empty() { "null".to_owned() } else { format!("\"{moment}\"") };
            out.extend_from_slice(format!(",\"{key}\":{value}").as_bytes());
        }
        out.extend_from_slice(b",\"activity\":");
        out.extend(json(&segment.activity));
        out.extend_from_slice(b",\"confidence\":");
        if !decimal(out, f64::from(segment.confidence), DIGITS) {
            out.extend_from_slice(b"null");
        }
        let flags: Vec<String> = segment.flags.iter().map(|flag| format!("\"{}\"", flag.name())).collect();
        out.extend_from_slice(format!(",\"flags\":[{}]}}\n", flags.join(",")).as_bytes());
        return;
    }
    out.extend_from_slice(name);
    for ns in [segment.start_ns, segment.end_ns] {
        out.push(b',');
        seconds(out, ns);
    }
    for moment in moments {
        out.push(b',');
        out.extend_from_slice(moment.as_bytes());
    }
    out.push(b',');
    quoted(out, &segment.activity);
    out.push(b',');
    decimal(out, f64::from(segment.confidence), DIGITS);
    out.push(b',');
    out.extend_from_slice(flags(&segment.flags).as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Segment> {
        let segment = |from, to, activity: &str, confidence, flags: &[Flag]| Segment {
            start_ns: from,
            end_ns: to,
            activity: activity.into(),
            confidence,
            flags: flags.into(),
        };
        vec![
            segment(0, 2_560_000_000, "walking", 0.987_66, &[]),
            segment(2_560_000_000, 4_000_000_001, "still", 1.0, &[Flag::NoVertical, Flag::BackedOff]),
        ]
    }

    fn written(format: TableFormat, recordings: &[(&str, Zero)]) -> Vec<u8> {
        let mut table = SegmentTable::new(Vec::new(), format).unwrap();
        for (name, zero) in recordings {
            table.push(name, *zero, &all()).unwrap();
        }
        table.finish().unwrap()
    }

    const UTC: Zero = Zero::Utc { utc_ns: 1_777_629_600_000_000_000, offset_s: Some(7200) };

    #[test]
    fn csv_has_a_row_for_each_segment() {
        let text =
            String::from_utf8(written(TableFormat::Csv, &[("a, \"b\"", UTC), ("c", Zero::Unknown)])).unwrap();
        let expected = "recording,start_s,end_s,start,end,activity,confidence,flags\n\
            \"a, \"\"b\"\"\",0,2.56,2026-05-01T12:00:00+02:00,2026-05-01T12:00:02.560+02:00,walking,0.9877,\n\
            \"a, \"\"b\"\"\",2.56,4.000000001,2026-05-01T12:00:02.560+02:00,2026-05-01T12:00:04+02:00,still,1,no_vertical;backed_off\n\
            c,0,2.56,,,walking,0.9877,\n\
            c,2.56,4.000000001,,,still,1,no_vertical;backed_off\n";
        assert_eq!(text, expected);
        assert_eq!(written(TableFormat::Csv, &[]), (SEGMENT_COLUMNS.join(",") + "\n").into_bytes());
    }

    #[test]
    fn json_lines_hold_the_same() {
        let text =
            String::from_utf8(written(TableFormat::JsonLines, &[("a\n\"b\"", Zero::Unknown), ("c", UTC)]))
                .unwrap();
        let rows: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[0]["recording"], "a\n\"b\"");
        assert!(rows[0]["start"].is_null() && rows[0]["flags"].as_array().unwrap().is_empty());
        assert_eq!(rows[3]["start"], "2026-05-01T12:00:02.560+02:00");
        assert_eq!(
            (rows[3]["end_s"].as_f64(), rows[0]["confidence"].as_f64()),
            (Some(4.000000001), Some(0.9877))
        );
        assert_eq!(rows[3]["flags"], serde_json::json!(["no_vertical", "backed_off"]));
        // In the order of the columns.
        assert!(text.starts_with("{\"recording\":\"a\\n\\\"b\\\"\",\"start_s\":0,\"end_s\":2.56,\"start\":null,\"end\":null,\"activity\":\"walking\",\"confidence\":0.9877,\"flags\":[]}\n"));
        assert!(written(TableFormat::JsonLines, &[]).is_empty());
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn parquet_holds_the_same() {
        use parquet::file::reader::{FileReader as _, SerializedFileReader};
        use parquet::record::Field;
        let bytes = written(TableFormat::Parquet, &[("a", UTC), ("c", Zero::Unknown)]);
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows: Vec<Vec<(String, Field)>> = file
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(n, f)| (n.clone(), f.clone())).collect())
            .collect();
        assert_eq!(rows.len(), 4);
        let names: Vec<&str> = rows[0].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, SEGMENT_COLUMNS);
        let of = |row: usize, column: usize| rows[row][column].1.clone();
        assert_eq!(of(1, 0), Field::Str("a".into()));
        assert_eq!(of(1, 2), Field::Double(4.000000001));
        assert_eq!(of(1, 3), Field::Str("2026-05-01T12:00:02.560+02:00".into()));
        assert_eq!(of(1, 7), Field::Str("no_vertical;backed_off".into()));
        assert_eq!(
            (of(2, 0), of(2, 3), of(2, 7)),
            (Field::Str("c".into()), Field::Null, Field::Str(String::new()))
        );
        assert_eq!(of(2, 6), Field::Float(0.987_66));
    }
}
