//! One column of a Parquet file: its type, and reading it in pieces.

use crate::time::{NoTime, TimeReader};
use crate::timing::NO_TIME;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Whole,
    /// Whole numbers without a sign, in bits that have one.
    Unsigned,
    Float,
    /// Counted from 1970, in powers of ten of nanoseconds; of UTC or of a local clock.
    Timestamp {
        power: u32,
        utc: bool,
    },
    Text,
    /// Lists, and types that are of no use here.
    Other,
}

impl Kind {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        if column.max_rep_level() > 0 {
            return Self::Other;
        }
        let timestamp = match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(stamp)), _) => {
                let power = match stamp.unit {
                    TimeUnit::MILLIS => 6,
                    TimeUnit::MICROS => 3,
                    TimeUnit::NANOS => 0,
                };
                Some(Self::Timestamp { power, utc: stamp.is_adjusted_to_u_t_c })
            }
            (None, ConvertedType::TIMESTAMP_MILLIS) => Some(Self::Timestamp { power: 6, utc: true }),
            (None, ConvertedType::TIMESTAMP_MICROS) => Some(Self::Timestamp { power: 3, utc: true }),
            _ => None,
        };
        let plain = matches!(
            (column.logical_type_ref(), column.converted_type()),
            (None | Some(LogicalType::Integer(_)), _)
        ) && column.converted_type() != ConvertedType::DECIMAL;
        let unsigned = matches!(column.logical_type_ref(), Some(LogicalType::Integer(int)) if !int.is_signed)
            || matches!(column.converted_type(), ConvertedType::UINT_32 | ConvertedType::UINT_64);
        match (column.physical_type(), timestamp) {
            (Type::INT64, Some(timestamp)) => timestamp,
            (Type::INT96, _) => Self::Timestamp { power: 0, utc: false },
            (Type::INT32 | Type::INT64, None) if plain && unsigned => Self::Unsigned,
            (Type::INT32 | Type::INT64, None) if plain => Self::Whole,
            (Type::FLOAT | Type::DOUBLE, _) => Self::Float,
            (Type::BYTE_ARRAY, _) => Self::Text,
            _ => Self::Other,
        }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Whole(i64),
    Single(f32),
    Float(f64),
    Text(ByteArray),
}

impl Value {
    /// As text, for finding out what a column means.
    pub(super) fn text(&self, kind: Kind) -> Vec<u8> {
        match (self, kind) {
            (Self::Whole(value), Kind::Timestamp { power, utc }) => iso(*value, power, utc).into_bytes(),
            (Self::Whole(value), _) => value.to_string().into_bytes(),
            (Self::Single(value), _) => value.to_string().into_bytes(),
            (Self::Float(value), _) => value.to_string().into_bytes(),
            (Self::Text(text), _) => text.data()[..text.len().min(256)].to_vec(),
        }
    }

    /// As the text that stands beside samples.
    pub(super) fn label(&self, kind: Kind) -> String {
        match self {
            Self::Text(text) => String::from_utf8_lossy(text.data()).trim().to_owned(),
            Self::Single(value) if value.is_nan() => String::new(),
            Self::Float(value) if value.is_nan() => String::new(),
            // More than an i64 holds.
            Self::Float(value) if kind == Kind::Unsigned => format!("{}", *value as u64),
            _ => String::from_utf8_lossy(&self.text(kind)).into_owned(),
        }
    }

    #[inline]
    pub(super) fn number(&self) -> f32 {
        match self {
            Self::Whole(value) => *value as f32,
            Self::Single(value) => *value,
            // Beyond the range of an f32 is no measurement, but not a missing one either.
            Self::Float(value) => *value as f32,
            Self::Text(_) => f32::NAN,
        }
    }

    /// As a time; [`NO_TIME`] where it is none.
    #[inline]
    pub(super) fn time(&self, kind: Kind, reader: &TimeReader) -> Result<i64, NoTime> {
        let time = match (self, kind) {
            (Self::Whole(value), Kind::Timestamp { power, .. }) => value.checked_mul(10i64.pow(power)),
            (Self::Whole(value), _) => reader.whole(*value),
            (Self::Single(value), _) => reader.float(f64::from(*value)),
            (Self::Float(value), _) => reader.float(*value),
            (Self::Text(text), _) => match reader.read(text.data()) {
                Ok(stamp) => Some(stamp.ns),
                Err(NoTime::Order) => return Err(NoTime::Order),
                Err(_) => None,
            },
        };
        Ok(time.map_or(NO_TIME, |time| time.max(NO_TIME + 1)))
    }
}

/// A time of a logical type as text; empty beyond the years that have four digits.
fn iso(value: i64, power: u32, utc: bool) -> String {
    let ns = i128::from(value) * i128::from(10i64.pow(power));
    let (days, of_day) = (ns.div_euclid(86_400_000_000_000) as i64, ns.rem_euclid(86_400_000_000_000) as i64);
    let (year, month, day) = civil(days);
    if !(1000..=9999).contains(&year) {
        return String::new();
    }
    let seconds = of_day / 1_000_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let zone = if utc { "Z" } else { "" };
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:09}{zone}",
        of_day % 1_000_000_000
    )
}

/// Year, month and day of a day counted from 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Reads the next values of a column, nothing for nulls; at most `most` of them.
pub(super) fn read(
    column: &mut ColumnReader,
    kind: Kind,
    most: usize,
    levels: i16,
    mut each: impl FnMut(Option<Value>),
) -> Result<usize, ParquetError> {
    let whole = move |value: i64| Value::Whole(value);
    match column {
        ColumnReader::Int32ColumnReader(column) => pull(column, most, levels, &mut |value| {
            each(value.map(|&value| match kind {
                Kind::Unsigned => whole(i64::from(value as u32)),
                _ => whole(i64::from(value)),
            }));
        }),
        ColumnReader::Int64ColumnReader(column) => pull(column, most, levels, &mut |value| {
            each(value.map(|&value| match (kind, value) {
                (Kind::Unsigned, i64::MIN..0) => Value::Float(value as u64 as f64),
                _ => whole(value),
            }));
        }),
        ColumnReader::Int96ColumnReader(column) => {
            pull(column, most, levels, &mut |value| each(value.map(|value| whole(value.to_nanos()))))
        }
        ColumnReader::FloatColumnReader(column) => {
            pull(column, most, levels, &mut |value| each(value.map(|&value| Value::Single(value))))
        }
        ColumnReader::DoubleColumnReader(column) => {
            pull(column, most, levels, &mut |value| each(value.map(|&value| Value::Float(value))))
        }
        ColumnReader::ByteArrayColumnReader(column) => {
            pull(column, most, levels, &mut |value| each(value.map(|value| Value::Text(value.clone()))))
        }
        ColumnReader::BoolColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => Ok(0),
    }
}

fn pull<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    most: usize,
    levels: i16,
    each: &mut dyn FnMut(Option<&T::T>),
) -> Result<usize, ParquetError> {
    let (mut values, mut defined) = (Vec::new(), Vec::new());
    let mut total = 0;
    // A call may end with a page; a count of 0 is the end.
    while total < most {
        values.clear();
        defined.clear();
        let (records, ..) = column.read_records(most - total, Some(&mut defined), None, &mut values)?;
        if records == 0 {
            break;
        }
        total += records;
        if levels == 0 {
            values.iter().for_each(|value| each(Some(value)));
            continue;
        }
        let mut next = values.iter();
        for &level in &defined {
            each(if level == levels { next.next() } else { None });
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_as_text() {
        assert_eq!(iso(1_709_632_800_020, 6, true), "2024-03-05T10:00:00.020000000Z");
        assert_eq!(iso(-1, 0, false), "1969-12-31T23:59:59.999999999");
        assert_eq!(iso(i64::MAX, 6, false), "");
        assert_eq!(civil(-719_468), (0, 3, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
    }
}
