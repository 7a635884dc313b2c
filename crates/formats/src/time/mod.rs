//! Times in recordings: what a column of them means, and how one is read.

mod guess;
mod recent;
mod text;

use crate::error::OptionError;
use crate::number::{self, Point};
use std::fmt;
use std::str::FromStr;

pub(crate) use guess::{Column, meaning};
pub(crate) use recent::Recent;
pub(crate) use text::{days_from_civil, utc_offset_s};

/// A part of a second that times are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Thousandths.
    Milliseconds,
    /// Millionths.
    Microseconds,
    /// Thousand-millionths.
    Nanoseconds,
}

impl TimeUnit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Seconds, Self::Milliseconds, Self::Microseconds, Self::Nanoseconds];

    /// Its symbol, e.g. `ms`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::Nanoseconds => "ns",
        }
    }

    /// Power of ten from this unit to nanoseconds.
    pub(crate) fn power(self) -> i32 {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }

    /// A unit in a header: `s`, `sec`, `ms`, `us`, `µs`, `ns`.
    pub(crate) fn from_header(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" => Some(Self::Seconds),
            "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Some(Self::Milliseconds),
            "us" | "µs" | "μs" | "usec" | "micros" | "microsecond" | "microseconds" => {
                Some(Self::Microseconds)
            }
            "ns" | "nsec" | "nanos" | "nanosecond" | "nanoseconds" => Some(Self::Nanoseconds),
            _ => None,
        }
    }
}

/// In which order a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// 2024-04-03.
    YearMonthDay,
    /// 03/04/2024 is the third of April.
    DayMonthYear,
    /// 03/04/2024 is the fourth of March.
    MonthDayYear,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeFormat {
    /// Counted from 1970-01-01 00:00 UTC.
    Epoch(TimeUnit),
    /// Counted from something else: the start, or when the device was switched on. No date follows.
    Relative(TimeUnit),
    /// Days of a spreadsheet, from 1899-12-30, of a local clock.
    SpreadsheetDays,
    /// MATLAB's days, from year 0, of a local clock.
    MatlabDays,
    /// Ticks of 100 ns from year 1, of a local clock (.NET).
    Ticks,
    /// Date and time of day as text, or time of day alone.
    Text(DateOrder),
}

impl FromStr for TimeFormat {
    type Err = OptionError;

    /// `epoch-s`, `epoch-ms`, `epoch-us`, `epoch-ns`; `s`, `ms`, `us`, `ns`; `excel`, `matlab`, `ticks`; `iso`,
    /// `yyyy-mm-dd`, `dd/mm/yyyy`, `mm/dd/yyyy` with any signs between.
    fn from_str(text: &str) -> Result<Self, OptionError> {
        let plain = text.trim().to_lowercase();
        let unit = |name: &str| match name {
            "s" => Some(TimeUnit::Seconds),
            "ms" => Some(TimeUnit::Milliseconds),
            "us" | "µs" => Some(TimeUnit::Microseconds),
            "ns" => Some(TimeUnit::Nanoseconds),
            _ => None,
        };
        if let Some(unit) = unit(&plain) {
            return Ok(Self::Relative(unit));
        }
        if let Some(unit) = plain.strip_prefix("epoch-").and_then(unit) {
            return Ok(Self::Epoch(unit));
        }
        let letters: String = plain.chars().filter(char::is_ascii_alphabetic).collect();
        match letters.as_str() {
            "excel" | "spreadsheet" => Ok(Self::SpreadsheetDays),
            "matlab" => Ok(Self::MatlabDays),
            "ticks" => Ok(Self::Ticks),
            "iso" | "yyyymmdd" | "ymd" => Ok(Self::Text(DateOrder::YearMonthDay)),
            "ddmmyyyy" | "dmy" => Ok(Self::Text(DateOrder::DayMonthYear)),
            "mmddyyyy" | "mdy" => Ok(Self::Text(DateOrder::MonthDayYear)),
            _ => Err(OptionError { what: "time format", found: text.to_owned(), expected: KNOWN.to_owned() }),
        }
    }
}

/// What is understood, for messages.
pub(crate) const KNOWN: &str = "understood are s, ms, us or ns from any start or (epoch-s, epoch-ms, epoch-us, epoch-ns) from 1970, days of \
     spreadsheets (excel) and MATLAB (matlab), ticks of .NET (ticks), and text such as 2024-03-05T10:00:00.020+01:00, \
     2024-03-05 10:00:00, 05-Mar-2024 10:00:00, 10:00:00.020, and dd/mm/yyyy or mm/dd/yyyy with a time of day";

impl TimeFormat {
    /// Nanoseconds of a time that is written in this format, in its own count: from 1970 UTC or of a local clock, or from wherever
    /// the source counts. None for what is no such time.
    pub fn count_ns(self, text: &str) -> Option<i64> {
        TimeReader::new(self, Point::DOT).read(text.trim().as_bytes()).ok().map(|stamp| stamp.ns)
    }
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epoch(unit) => write!(f, "{} since 1970-01-01 UTC", unit.symbol()),
            Self::Relative(unit) => write!(f, "{} from a start that is not stated", unit.symbol()),
            Self::SpreadsheetDays => f.write_str("days of a spreadsheet, local clock"),
            Self::MatlabDays => f.write_str("days of MATLAB, local clock"),
            Self::Ticks => f.write_str("ticks of 100 ns since year 1, local clock"),
            Self::Text(DateOrder::YearMonthDay) => f.write_str("date and time of day"),
            Self::Text(DateOrder::DayMonthYear) => f.write_str("date, day before month, and time of day"),
            Self::Text(DateOrder::MonthDayYear) => f.write_str("date, month before day, and time of day"),
        }
    }
}

/// One time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Nanoseconds: since 1970 UTC, since 1970 of a local clock, since midnight, or since whatever the source counts from.
    pub(crate) ns: i64,
    /// Seconds by which the local clock is ahead of UTC, where the text says so; `ns` is then UTC.
    pub(crate) offset_s: Option<i32>,
    /// A time of day without a date.
    pub(crate) of_day: bool,
}

/// Why a time was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTime {
    /// The cell says that there is none.
    Missing,
    /// It is no time in this format.
    Unreadable,
    /// It is a date, but not in this order.
    Order,
}

/// Reads the times of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeReader {
    pub(crate) format: TimeFormat,
    pub(crate) point: Point,
    /// Of numbers only, when that is not what the format says: nanoseconds of a tick.
    pub(crate) tick_ns: Option<u64>,
}

/// Seconds of a day.
const DAY_S: u64 = 86_400;
const SECOND_NS: i64 = 1_000_000_000;
const DAY_NS: i64 = 86_400 * SECOND_NS;

/// Days from 1899-12-30, from MATLAB's year 0 and from 0001-01-01 to 1970-01-01.
const SPREADSHEET_DAYS: i64 = 25_569;
const MATLAB_DAYS: i64 = 719_529;
const YEAR_ONE_DAYS: i64 = 719_162;

impl TimeReader {
    pub(crate) fn new(format: TimeFormat, point: Point) -> Self {
        Self { format, point, tick_ns: None }
    }

    #[inline]
    pub(crate) fn read(&self, cell: &[u8]) -> Result<Stamp, NoTime> {
        if let TimeFormat::Text(order) = self.format {
            let read = text::parse(cell, order);
            return if read.is_err() && number::is_missing(cell) { Err(NoTime::Missing) } else { read };
        }
        let Some(number) = number::whole(cell, self.point) else {
            return Err(if number::is_missing(cell) { NoTime::Missing } else { NoTime::Unreadable });
        };
        let ns = self.number(number);
        ns.map(|ns| Stamp { ns, offset_s: None, of_day: false }).ok_or(NoTime::Unreadable)
    }

    /// Nanoseconds of a time that is written as a number; none beyond 64 bits.
    #[inline]
    pub(crate) fn number(&self, number: number::Decimal) -> Option<i64> {
        match (self.format, self.tick_ns) {
            (_, Some(tick)) => number.scaled(tick, 0),
            (TimeFormat::Epoch(unit) | TimeFormat::Relative(unit), None) => number.scaled(1, unit.power()),
            (TimeFormat::SpreadsheetDays, None) => shifted(number, SPREADSHEET_DAYS),
            (TimeFormat::MatlabDays, None) => shifted(number, MATLAB_DAYS),
            (TimeFormat::Ticks | TimeFormat::Text(_), None) => {
                // In ticks first: nanoseconds since year 1 need more than 64 bits.
                let from_1970 =
                    number.scaled(1, 0).and_then(|t| t.checked_sub(YEAR_ONE_DAYS * (DAY_NS / 100)));
                from_1970.and_then(|ticks| ticks.checked_mul(100))
            }
        }
    }

    /// A time that is stored as a whole number.
    pub(crate) fn whole(&self, value: i64) -> Option<i64> {
        let number = number::Decimal { negative: value < 0, mantissa: value.unsigned_abs(), exponent: 0 };
        match (self.format, self.tick_ns) {
            (_, Some(tick)) => number.scaled(tick, 0),
            (TimeFormat::Epoch(unit) | TimeFormat::Relative(unit), None) => number.scaled(1, unit.power()),
            (TimeFormat::SpreadsheetDays, None) => shifted(number, SPREADSHEET_DAYS),
            (TimeFormat::MatlabDays, None) => shifted(number, MATLAB_DAYS),
            (TimeFormat::Ticks, None) => {
                value.checked_sub(YEAR_ONE_DAYS * (DAY_NS / 100)).and_then(|ticks| ticks.checked_mul(100))
            }
            (TimeFormat::Text(_), None) => None,
        }
    }

    /// What whole numbers are multiplied with to give nanoseconds, where that is all there is to it.
    pub(crate) fn factor(&self) -> Option<i64> {
        match (self.format, self.tick_ns) {
            (_, Some(tick)) => i64::try_from(tick).ok().filter(|&tick| tick > 0),
            (TimeFormat::Epoch(unit) | TimeFormat::Relative(unit), None) => {
                Some(10i64.pow(unit.power().unsigned_abs()))
            }
            _ => None,
        }
    }

    /// A time that is stored as a floating-point number.
    pub(crate) fn float(&self, value: f64) -> Option<i64> {
        let days = |zero: i64| (value - zero as f64) * DAY_NS as f64;
        let ns = match (self.format, self.tick_ns) {
            (_, Some(tick)) => value * tick as f64,
            (TimeFormat::Epoch(unit) | TimeFormat::Relative(unit), None) => {
                // The whole part exactly: a double of epoch seconds times 1e9 would lose the last bits twice.
                let scale = 10f64.powi(unit.power());
                let whole = value.trunc();
                if !value.is_finite() || whole.abs() * scale > 9.2e18 {
                    return None;
                }
                let fraction = ((value - whole) * scale).round() as i64;
                return (whole as i64).checked_mul(scale as i64).and_then(|ns| ns.checked_add(fraction));
            }
            (TimeFormat::SpreadsheetDays, None) => days(SPREADSHEET_DAYS),
            (TimeFormat::MatlabDays, None) => days(MATLAB_DAYS),
            (TimeFormat::Ticks, None) => (value - (YEAR_ONE_DAYS * (DAY_NS / 100)) as f64) * 100.0,
            (TimeFormat::Text(_), None) => return None,
        };
        (ns.is_finite() && ns.abs() < 9.2e18).then_some(ns.round() as i64)
    }
}

/// Days as written, in nanoseconds from 1970.
fn shifted(days: number::Decimal, zero: i64) -> Option<i64> {
    // In tenths of a microsecond first: nanoseconds since year 0 need more than 64 bits.
    let tenths = days.scaled(DAY_S, 7)?;
    tenths.checked_sub(zero * (DAY_NS / 100)).and_then(|tenths| tenths.checked_mul(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARCH_5: i64 = 1_709_632_800_000_000_000;

    fn read(format: &str, cell: &str) -> Result<i64, NoTime> {
        TimeReader::new(format.parse().unwrap(), Point::EITHER).read(cell.as_bytes()).map(|s| s.ns)
    }

    #[test]
    fn numbers_in_every_format() {
        assert_eq!(read("epoch-ns", "1709632800000000001"), Ok(MARCH_5 + 1));
        assert_eq!(read("epoch-us", "1709632800000000"), Ok(MARCH_5));
        assert_eq!(read("epoch-ms", "1709632800000.5"), Ok(MARCH_5 + 500_000));
        assert_eq!(read("epoch-s", "1709632800,020"), Ok(MARCH_5 + 20_000_000));
        assert_eq!(read("s", "-0.05"), Ok(-50_000_000));
        assert_eq!(read("ticks", "638452296000000000"), Ok(MARCH_5));
        for (format, cell) in [("excel", "45356.4166666667"), ("matlab", "739316.4166666667")] {
            let error = read(format, cell).unwrap() - MARCH_5;
            assert!(error.abs() < 10_000, "{format} {error}");
        }
        assert_eq!(read("s", ""), Err(NoTime::Missing));
        assert_eq!(read("s", "Time"), Err(NoTime::Unreadable));
        assert_eq!(read("s", "1e12"), Err(NoTime::Unreadable));
    }

    #[test]
    fn stored_numbers_agree_with_written_ones() {
        for format in ["s", "ms", "us", "ns", "epoch-s", "epoch-ms", "ticks", "excel", "matlab"] {
            let reader = TimeReader::new(format.parse().unwrap(), Point::DOT);
            for value in [45_356i64, 0, -7, 739_316, 1_709_632_800] {
                let written = reader.read(value.to_string().as_bytes()).ok().map(|s| s.ns);
                assert_eq!(reader.whole(value), written, "{format} {value}");
                if format != "ticks" {
                    let far = written.zip(reader.float(value as f64)).map(|(a, b)| (a - b).abs());
                    assert!(far.is_none_or(|d| d < 20_000), "{format} {value} {far:?}");
                }
            }
        }
        let seconds = TimeReader::new("epoch-s".parse().unwrap(), Point::DOT);
        assert!((seconds.float(1_709_632_800.02).unwrap() - MARCH_5 - 20_000_000).abs() < 200);
        assert_eq!(seconds.float(f64::NAN), None);
        assert_eq!(seconds.float(1e300), None);
    }

    #[test]
    fn names_of_formats() {
        assert_eq!("DD.MM.YYYY".parse(), Ok(TimeFormat::Text(DateOrder::DayMonthYear)));
        assert_eq!("mm/dd/yyyy".parse(), Ok(TimeFormat::Text(DateOrder::MonthDayYear)));
        assert_eq!("Epoch-µs".parse(), Ok(TimeFormat::Epoch(TimeUnit::Microseconds)));
        let error = "fortnights".parse::<TimeFormat>().unwrap_err().to_string();
        assert!(error.contains("`fortnights`") && error.contains("epoch-ms"), "{error}");
    }
}
