//! Columns of a Parquet file to times and values, many at once.

use super::column::{self, Kind, Value};
use super::source::{Use, Wanted};
use crate::time::TimeReader;
use crate::timing::NO_TIME;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use std::sync::Arc;

/// A piece of a column.
pub(super) enum Decoded {
    /// [`NO_TIME`] where there is none; the first row whose date is not in the order of the others.
    Times { times: Vec<i64>, order: Option<usize> },
    /// NaN where there is none.
    Values(Vec<f32>),
    /// From which row on it is which text.
    Texts { rows: usize, runs: Vec<(usize, Arc<str>)> },
}

impl Decoded {
    /// Rows.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Times { times, .. } => times.len(),
            Self::Values(values) => values.len(),
            Self::Texts { rows, .. } => *rows,
        }
    }
}

/// A column of a row group while it is read.
pub(super) struct Column {
    reader: ColumnReader,
    /// Kept for the next piece: definition levels, and values of the types that are common.
    defined: Vec<i16>,
    whole: Vec<i64>,
    narrow: Vec<i32>,
    single: Vec<f32>,
    double: Vec<f64>,
}

impl Column {
    pub(super) fn new(reader: ColumnReader) -> Self {
        Self {
            reader,
            defined: Vec::new(),
            whole: Vec::new(),
            narrow: Vec::new(),
            single: Vec::new(),
            double: Vec::new(),
        }
    }

    /// The next rows, at most `most`; none at the end.
    pub(super) fn next(&mut self, wanted: &Wanted, most: usize) -> Result<Decoded, ParquetError> {
        match wanted.what {
            Use::Axis { .. } => self.values(wanted, most).map(Decoded::Values),
            Use::Time(reader) => self.times(wanted, &reader, most),
            Use::Text(_) => self.texts(wanted, most),
        }
    }

    fn values(&mut self, wanted: &Wanted, most: usize) -> Result<Vec<f32>, ParquetError> {
        let Self { reader, defined, whole, narrow, single, double } = self;
        let levels = wanted.levels;
        Ok(match (reader, wanted.kind) {
            (ColumnReader::FloatColumnReader(column), _) => {
                fetch(column, most, single, defined)?;
                spread(single, defined, levels, f32::NAN, |value| value)
            }
            (ColumnReader::DoubleColumnReader(column), _) => {
                fetch(column, most, double, defined)?;
                // Beyond the range of an f32 is no measurement, but not a missing one either.
                spread(double, defined, levels, f32::NAN, |value| value as f32)
            }
            (ColumnReader::Int32ColumnReader(column), Kind::Whole) => {
                fetch(column, most, narrow, defined)?;
                spread(narrow, defined, levels, f32::NAN, |value| value as f32)
            }
            (ColumnReader::Int64ColumnReader(column), Kind::Whole) => {
                fetch(column, most, whole, defined)?;
                spread(whole, defined, levels, f32::NAN, |value| value as f32)
            }
            (reader, kind) => {
                let mut values = Vec::new();
                column::read(reader, kind, most, levels, |value| {
                    values.push(value.map_or(f32::NAN, |value| value.number()));
                })?;
                values
            }
        })
    }

    /// Numbers as decimal texts; nulls are empty.
    fn texts(&mut self, wanted: &Wanted, most: usize) -> Result<Decoded, ParquetError> {
        let mut last: Option<Option<Value>> = None;
        let (mut rows, mut runs) = (0, Vec::new());
        column::read(&mut self.reader, wanted.kind, most, wanted.levels, |value| {
            if last.as_ref() != Some(&value) {
                let text = value.as_ref().map(|value| value.label(wanted.kind)).unwrap_or_default();
                runs.push((rows, Arc::from(text)));
                last = Some(value);
            }
            rows += 1;
        })?;
        Ok(Decoded::Texts { rows, runs })
    }

    fn times(&mut self, wanted: &Wanted, reader: &TimeReader, most: usize) -> Result<Decoded, ParquetError> {
        let factor = match wanted.kind {
            Kind::Timestamp { power, .. } => Some(10i64.pow(power)),
            Kind::Whole => reader.factor(),
            _ => None,
        };
        if let (ColumnReader::Int64ColumnReader(column), Some(factor)) = (&mut self.reader, factor) {
            let Self { whole, defined, .. } = self;
            fetch(column, most, whole, defined)?;
            let most = i64::MAX / factor;
            let times = if whole.iter().all(|value| (-most..=most).contains(value)) {
                spread(whole, defined, wanted.levels, NO_TIME, |value| value * factor)
            } else {
                let time = |value| {
                    let time = match wanted.kind {
                        Kind::Timestamp { .. } => i64::checked_mul(value, factor),
                        _ => reader.whole(value),
                    };
                    time.map_or(NO_TIME, |time| time.max(NO_TIME + 1))
                };
                spread(whole, defined, wanted.levels, NO_TIME, time)
            };
            return Ok(Decoded::Times { times, order: None });
        }
        let (mut times, mut order) = (Vec::new(), None);
        column::read(&mut self.reader, wanted.kind, most, wanted.levels, |value| {
            let time = value.map_or(Ok(NO_TIME), |value| value.time(wanted.kind, reader));
            if time.is_err() && order.is_none() {
                order = Some(times.len());
            }
            times.push(time.unwrap_or(NO_TIME));
        })?;
        Ok(Decoded::Times { times, order })
    }
}

/// The next values, without nulls, and the levels that tell which rows have one.
fn fetch<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    most: usize,
    values: &mut Vec<T::T>,
    defined: &mut Vec<i16>,
) -> Result<(), ParquetError> {
    values.clear();
    defined.clear();
    let mut total = 0;
    // A call may end with a page; a count of 0 is the end.
    while total < most {
        let (records, ..) = column.read_records(most - total, Some(defined), None, values)?;
        if records == 0 {
            break;
        }
        total += records;
    }
    Ok(())
}

/// Values in their rows, `none` for nulls.
fn spread<S: Copy, D: Copy>(
    values: &[S],
    defined: &[i16],
    levels: i16,
    none: D,
    convert: impl Fn(S) -> D,
) -> Vec<D> {
    // Without levels, or with as many values as rows, nothing is null.
    if levels == 0 || values.len() == defined.len() {
        return values.iter().map(|&value| convert(value)).collect();
    }
    let mut next = values.iter();
    let there = |level: &i16| if *level == levels { next.next() } else { None };
    defined.iter().map(there).map(|value| value.map_or(none, |&value| convert(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;
    use crate::number::Point;
    use crate::time::{TimeFormat, TimeUnit};
    use parquet::data_type::{DoubleType, FloatType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use proptest::prelude::*;

    /// A column with nulls where the list has none; required if it has no nulls.
    fn written<T: DataType>(kind: &str, rows: &[Option<T::T>]) -> SerializedFileReader<Bytes> {
        let required = rows.iter().all(Option::is_some);
        let repetition = if required { "REQUIRED" } else { "OPTIONAL" };
        let schema = format!("message m {{ {repetition} {}; }}", kind.replacen(' ', " c ", 1));
        let schema = Arc::new(parquet::schema::parser::parse_message_type(&schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().set_data_page_row_count_limit(7).build());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values: Vec<T::T> = rows.iter().flatten().cloned().collect();
        let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
        column.typed::<T>().write_batch(&values, (!required).then_some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        SerializedFileReader::new(Bytes::memory(bytes)).unwrap()
    }

    /// Reads all in pieces, and once more value by value.
    fn check<T: DataType>(kind: &str, rows: &[Option<T::T>], piece: usize) {
        let file = written::<T>(kind, rows);
        let descriptor = file.metadata().file_metadata().schema_descr().column(0);
        let levels = descriptor.max_def_level();
        let kind = Kind::of(&descriptor);
        let open = || file.get_row_group(0).unwrap().get_column_reader(0).unwrap();
        let times = [TimeUnit::Milliseconds, TimeUnit::Nanoseconds]
            .map(|unit| TimeReader::new(TimeFormat::Epoch(unit), Point::DOT));
        for what in [Use::Axis { sensor: 0, axis: 0 }, Use::Time(times[0]), Use::Time(times[1])] {
            let wanted = Wanted { index: 0, kind, levels, what };
            let mut column = Column::new(open());
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            loop {
                let next = column.next(&wanted, piece).unwrap();
                match &next {
                    Decoded::Times { times, .. } => fast.extend(times),
                    Decoded::Values(values) => fast.extend(values.iter().map(|v| i64::from(v.to_bits()))),
                    Decoded::Texts { .. } => unreachable!("no texts are wanted"),
                }
                if next.len() == 0 {
                    break;
                }
            }
            column::read(&mut open(), kind, rows.len(), levels, |value| {
                slow.push(match what {
                    Use::Axis { .. } => i64::from(value.map_or(f32::NAN, |value| value.number()).to_bits()),
                    Use::Text(_) => unreachable!("no texts are wanted"),
                    Use::Time(reader) => value.map_or(NO_TIME, |value| value.time(kind, &reader).unwrap()),
                });
            })
            .unwrap();
            assert_eq!(fast, slow, "{kind:?} {what:?}");
        }
    }

    fn rows<V: Clone + std::fmt::Debug + 'static>(
        value: impl Strategy<Value = V> + 'static,
    ) -> impl Strategy<Value = Vec<Option<V>>> {
        let nulls = prop_oneof![Just(0.999_999), Just(0.7)];
        let value = value.boxed();
        nulls.prop_flat_map(move |share| {
            proptest::collection::vec(proptest::option::weighted(share, value.clone()), 1..40)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_same_as_value_by_value(
            narrow in rows(any::<i32>()),
            wide in rows(prop_oneof![any::<i64>(), Just(i64::MIN), -3_000_000_000_000i64..3_000_000_000_000]),
            small in rows(-3_000_000_000_000i64..3_000_000_000_000),
            single in rows(any::<f32>()),
            double in rows(any::<f64>()),
            piece in 1usize..20,
        ) {
            for kind in ["INT32 ", "INT32 (INTEGER(32,false))"] {
                check::<Int32Type>(kind, &narrow, piece);
            }
            for kind in ["INT64 ", "INT64 (INTEGER(64,false))", "INT64 (TIMESTAMP(MILLIS,true))", "INT64 (TIMESTAMP(NANOS,true))"] {
                check::<Int64Type>(kind, &wide, piece);
                check::<Int64Type>(kind, &small, piece);
            }
            check::<FloatType>("FLOAT ", &single, piece);
            check::<DoubleType>("DOUBLE ", &double, piece);
        }
    }
}
