//! Parquet: columns by the same names as in tables of text, read in pieces of a row group.

mod column;
mod own;
mod pages;
pub(crate) mod write;

use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::plan::{self, Plan, Sample, SampleRow, TimePlan};
use crate::reader::{Found, Reader};
use crate::time::TimeReader;
use crate::timing::{Batch, NO_TIME, Timing};
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};
use column::{Kind, Value};
use parquet::basic::{Compression, Encoding};
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

/// Rows of a chunk.
const PIECE: usize = 1 << 14;
/// Rows that are looked at in the first and in the last row group.
const SAMPLE: usize = 1000;
/// Columns that are looked at; a recording has fewer.
const MOST_COLUMNS: usize = 512;

/// What a column is read for.
#[derive(Clone, Copy, Debug)]
enum Use {
    Time(TimeReader),
    Axis { sensor: usize, axis: usize },
}

#[derive(Clone, Copy, Debug)]
struct Wanted {
    index: usize,
    kind: Kind,
    /// Definition level of a value that is there.
    levels: i16,
    what: Use,
}

/// Reads the rows of a Parquet file.
pub(crate) struct ParquetReader {
    file: SerializedFileReader<Bytes>,
    raw: Bytes,
    wanted: Vec<Wanted>,
    sensors: usize,
    timing: Timing,
    group: usize,
    open: Vec<ColumnReader>,
    rows: u64,
    no_time: u64,
    first_no_time: u64,
    ended: bool,
}

/// Why the first bytes are those of Parquet.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    head.starts_with(b"PAR1").then(|| "it begins with PAR1".to_owned())
}

/// Opens a Parquet file.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    if options.columns.is_none()
        && let Some(found) = own::open(input, options)?
    {
        return Ok(vec![found]);
    }
    let (plan, reader) = plan(input, options)?;
    Ok(vec![plan.found(Format::Parquet, "it begins with PAR1".to_owned(), Box::new(reader))])
}

fn plan(input: &Input, options: &ReadOptions) -> Result<(Plan, ParquetReader), Fault> {
    let raw = input.bytes.clone();
    let file = {
        let raw = raw.clone();
        guarded("footer", || SerializedFileReader::new(raw))?
    };
    let (sample, kinds) = sample(&file, &raw, &input.name, options)?;
    let mut options = options.clone();
    if options.rate_hz.is_none() {
        let facts = file.metadata().file_metadata().key_value_metadata();
        let rate = facts.into_iter().flatten().find(|fact| fact.key == "rate_hz");
        let rate = rate.and_then(|fact| fact.value.as_ref()).and_then(|value| value.parse().ok());
        options.rate_hz = rate.filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    }
    let plan = plan::decide(&sample, Point::DOT, &options)?;
    let mut wanted = Vec::new();
    let mut want = |index: usize, what: Use| -> Result<(), Fault> {
        let kind = kinds.get(index).copied().unwrap_or(Kind::Other);
        let fits = match what {
            Use::Time(_) => kind != Kind::Other,
            Use::Axis { .. } => matches!(kind, Kind::Whole | Kind::Unsigned | Kind::Float),
        };
        if !fits {
            return Err(Fault::damaged(
                format!("column {}", sample.name(index)),
                format!("values of another type ({kind:?})"),
                "numbers",
            ));
        }
        let levels = file.metadata().file_metadata().schema_descr().column(index).max_def_level();
        wanted.push(Wanted { index, kind, levels, what });
        Ok(())
    };
    if let TimePlan::Column { column, reader, .. } = plan.time {
        want(column, Use::Time(reader))?;
    }
    let parts = plan.parts();
    for (sensor, columns) in parts.iter().enumerate() {
        for (axis, &index) in columns.iter().enumerate() {
            want(index, Use::Axis { sensor, axis })?;
        }
    }
    let reader = ParquetReader {
        wanted,
        sensors: parts.len(),
        timing: Timing::new(&plan),
        group: 0,
        open: Vec::new(),
        rows: 0,
        no_time: 0,
        first_no_time: 0,
        ended: false,
        file,
        raw,
    };
    Ok((plan, reader))
}

/// Calls the decoder, whose own checks of damaged data end in a panic here and there: an error like any other.
fn guarded<T>(place: &str, call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Fault> {
    // Nothing that the call touched is used again after an error.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| damaged(place, &error)),
        Err(_) => Err(Fault::damaged(place, "data that cannot be decoded", "what the format prescribes")),
    }
}

fn damaged(place: &str, error: &ParquetError) -> Fault {
    let text = error.to_string();
    Fault::damaged(place, quoted(text.as_bytes()), "what the format prescribes")
}

/// Names of all columns and their values in some rows.
fn sample(
    file: &SerializedFileReader<Bytes>,
    raw: &Bytes,
    name: &str,
    options: &ReadOptions,
) -> Result<(Sample, Vec<Kind>), Fault> {
    let metadata = file.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let columns = schema.num_columns().min(MOST_COLUMNS);
    let kinds: Vec<Kind> = (0..columns).map(|index| Kind::of(&schema.column(index))).collect();
    let names: Vec<String> = (0..columns)
        .map(|index| {
            let name = schema.column(index).path().string();
            // A type that says time makes the column one, whatever its name.
            match (kinds[index], crate::names::read(&name)) {
                (_, crate::names::Meaning::Time(_)) | (Kind::Whole | Kind::Unsigned | Kind::Float, _) => name,
                (Kind::Timestamp { .. }, _) => format!("{name} time"),
                // Neither axes nor times.
                (Kind::Text | Kind::Other, _) => format!("{name} (text)"),
            }
        })
        .collect();
    let mut sample = Sample { columns, names: Some(names), file_name: name.to_owned(), ..Sample::default() };
    let filled = |group: &usize| metadata.row_group(*group).num_rows() > 0;
    let groups: Vec<usize> = (0..metadata.num_row_groups()).filter(filled).collect();
    let (Some(&first), Some(&last)) = (groups.first(), groups.last()) else {
        return Err(Fault::NoRows(format!("its {columns} columns are empty")));
    };
    for group in if first == last { vec![first] } else { vec![first, last] } {
        let mut rows: Vec<SampleRow> = Vec::new();
        for index in 0..columns {
            let named = !matches!(crate::names::read(&sample.name(index)), crate::names::Meaning::Other);
            let of_use = kinds[index] != Kind::Text || named || options.columns.is_some();
            if kinds[index] == Kind::Other || !of_use {
                continue;
            }
            let levels = schema.column(index).max_def_level();
            let place = format!("row group {group}, column {}", sample.name(index));
            let mut reader = column(file, raw, group, index, kinds[index]).map_err(|found| match found {
                // Text of no use may be stored in any way.
                Fault::Unsupported { .. } if kinds[index] == Kind::Text => None,
                fault => Some(fault),
            });
            let reader = match &mut reader {
                Ok(reader) => reader,
                Err(fault) => match fault.take() {
                    Some(fault) => return Err(fault),
                    None => continue,
                },
            };
            let mut row = 0;
            let each = |value: Option<Value>| {
                if rows.len() <= row {
                    rows.push(SampleRow { line: row as u64 + 1, cells: vec![Vec::new(); columns] });
                }
                rows[row].cells[index] = value.map(|value| value.text(kinds[index])).unwrap_or_default();
                row += 1;
            };
            guarded(&place, || column::read(reader, kinds[index], SAMPLE, levels, each))?;
        }
        sample.rows.append(&mut rows);
        if group == first {
            sample.head = sample.rows.len();
        }
    }
    Ok((sample, kinds))
}

/// Opens a column of a row group, when its pages are what they should be.
fn column(
    file: &SerializedFileReader<Bytes>,
    raw: &Bytes,
    group: usize,
    index: usize,
    kind: Kind,
) -> Result<ColumnReader, Fault> {
    let chunk = file.metadata().row_group(group).column(index);
    let place = format!("row group {group}, column {}", quoted(chunk.column_path().string().as_bytes()));
    let compression = chunk.compression();
    let known = matches!(compression, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_));
    if !known {
        return Err(Fault::Unsupported {
            what: format!("Parquet compressed with {compression}"),
            hint: "write it without compression, with Snappy or with gzip".to_owned(),
        });
    }
    let delta = |encoding: Encoding| {
        matches!(encoding, Encoding::DELTA_BYTE_ARRAY | Encoding::DELTA_LENGTH_BYTE_ARRAY)
    };
    if kind == Kind::Text && chunk.encodings().any(delta) {
        return Err(Fault::Unsupported {
            what: format!(
                "Parquet with delta-encoded text in column {}",
                quoted(chunk.column_path().string().as_bytes())
            ),
            hint: "write the times as timestamps".to_owned(),
        });
    }
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let (Ok(start), Ok(length)) = (u64::try_from(start), u64::try_from(chunk.compressed_size())) else {
        return Err(Fault::damaged(place, "a place before the file", "one in it"));
    };
    pages::check(raw, start, length, compression)
        .map_err(|found| Fault::damaged(&place, found, "what the format prescribes"))?;
    guarded(&place, || file.get_row_group(group)?.get_column_reader(index))
}

impl Reader for ParquetReader {
    fn rewind(&mut self) -> Result<(), Fault> {
        (self.group, self.rows, self.no_time, self.ended) = (0, 0, 0, false);
        self.open.clear();
        self.timing.rewind();
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors);
        if self.ended {
            return Ok(false);
        }
        let batch = self.batch()?;
        self.timing.give(batch, self.ended, chunk)?;
        Ok(!self.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        if self.no_time > 0 {
            let text = format!(
                "{} rows have no time, the first is row {}; {} times taken from the rows around",
                self.no_time,
                self.first_no_time,
                self.timing.filled_in()
            );
            let place = Place { line: Some(self.first_no_time), ..Place::default() };
            all.push(Finding::new(FindingKind::Clock, Severity::Warning, text).at(place).times(self.no_time));
        }
        all.extend(self.timing.findings());
        all
    }
}

impl ParquetReader {
    /// The next rows; none at the end.
    fn batch(&mut self) -> Result<Batch, Fault> {
        loop {
            if self.open.is_empty() {
                if self.group == self.file.num_row_groups() {
                    self.ended = true;
                    return Ok(Batch::new(self.sensors));
                }
                for wanted in &self.wanted {
                    self.open.push(column(&self.file, &self.raw, self.group, wanted.index, wanted.kind)?);
                }
            }
            let batch = self.piece()?;
            if batch.rows > 0 {
                return Ok(batch);
            }
            self.open.clear();
            self.group += 1;
        }
    }

    /// The next rows of the row group that is open.
    fn piece(&mut self) -> Result<Batch, Fault> {
        let mut batch = Batch::new(self.sensors);
        let mut rows = None;
        for (wanted, column) in self.wanted.iter().zip(&mut self.open) {
            let place = || format!("row group {}, column {}", self.group, wanted.index + 1);
            let mut order = None;
            let mut row = 0;
            let times = &mut batch.times;
            let read = guarded(&place(), || match wanted.what {
                Use::Time(reader) => column::read(column, wanted.kind, PIECE, wanted.levels, |value| {
                    let time = value.map_or(Ok(NO_TIME), |value| value.time(wanted.kind, &reader));
                    if time.is_err() && order.is_none() {
                        order = Some(times.len());
                    }
                    times.push(time.unwrap_or(NO_TIME));
                }),
                Use::Axis { sensor, axis } => {
                    let values = &mut batch.values[sensor];
                    column::read(column, wanted.kind, PIECE, wanted.levels, |value| {
                        if values.len() <= row {
                            values.push([f32::NAN; 3]);
                        }
                        values[row][axis] = value.map_or(f32::NAN, |value| value.number());
                        row += 1;
                    })
                }
            })?;
            if let Some(row) = order {
                let found = format!("a date in row {}", self.rows + row as u64 + 1);
                return Err(Fault::damaged(place(), found, "day and month in the order of the others"));
            }
            if *rows.get_or_insert(read) != read {
                let found = format!("{read} values where the columns before have {}", rows.unwrap_or(0));
                return Err(Fault::damaged(place(), found, "as many values as rows"));
            }
        }
        batch.rows = rows.unwrap_or(0);
        for (i, _) in batch.times.iter().enumerate().filter(|(_, time)| **time == NO_TIME) {
            if self.no_time == 0 {
                self.first_no_time = self.rows + i as u64 + 1;
            }
            self.no_time += 1;
        }
        self.rows += batch.rows as u64;
        Ok(batch)
    }
}
