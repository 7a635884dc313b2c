//! Parquet: columns by the same names as in tables of text, read in pieces of a row group.

mod bulk;
mod column;
mod own;
mod pages;
mod source;
mod workers;
pub(crate) mod write;

use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::plan::{self, Plan, Sample, SampleRow, TimePlan};
use crate::reader::Found;
use crate::timing::Timing;
use column::{Kind, Value};
use parquet::basic::{Compression, Encoding};
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use source::{ParquetReader, Use, Wanted};

/// Rows that are looked at in the first and in the last row group.
const SAMPLE: usize = 1000;
/// Columns that are looked at; a recording has fewer.
const MOST_COLUMNS: usize = 512;

/// Why the first bytes are those of Parquet.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    head.starts_with(b"PAR1").then(|| "it begins with PAR1".to_owned())
}

/// Opens a Parquet file.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    if options.columns.is_none()
        && options.texts.is_empty()
        && options.scale.is_empty()
        && options.added.is_empty()
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
            Use::Time(_) | Use::Text(_) => kind != Kind::Other,
            Use::Axis { .. } => matches!(kind, Kind::Whole | Kind::Unsigned | Kind::Float),
        };
        if !fits {
            return Err(Fault::damaged(
                format!("column {}", sample.name(index)),
                format!("values of another type ({kind:?})"),
                if matches!(what, Use::Text(_)) { "texts or numbers" } else { "numbers" },
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
    for (place, &index) in plan.texts.iter().enumerate() {
        want(index, Use::Text(place))?;
    }
    let reader = ParquetReader::new(file, raw, wanted, parts.len(), Timing::new(&plan));
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
            hint: "write texts plain or with a dictionary, and times as timestamps".to_owned(),
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
