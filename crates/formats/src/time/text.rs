//! Dates and times of day as text.

use super::{DAY_NS, DateOrder, NoTime, SECOND_NS, Stamp};

/// Reads a date with a time of day, or a time of day alone, with or without an offset from UTC.
///
/// Years have four digits (or two, which count from 2000); months may be names of three letters; hours need no padding; `T`,
/// `_` or blanks stand between date and time; `.`, `,` or `:` before the fraction. A zone that is only a name is no offset.
pub(super) fn parse(cell: &[u8], order: DateOrder) -> Result<Stamp, NoTime> {
    let mut at = Cursor { rest: cell.trim_ascii() };
    let (first, digits) = at.number().ok_or(NoTime::Unreadable)?;
    let days = match at.peek() {
        Some(b':') => None,
        Some(sign @ (b'-' | b'/' | b'.')) => Some(date(&mut at, (first, digits), sign, order)?),
        _ => return Err(NoTime::Unreadable),
    };
    let hour = match days {
        None => (first, digits),
        Some(_) => {
            if at.rest.is_empty() {
                return Err(NoTime::Unreadable);
            }
            at.between()?;
            at.number().ok_or(NoTime::Unreadable)?
        }
    };
    let of_day = time_of_day(&mut at, hour)?;
    let offset_s = zone(at.rest)?;
    let ns = days
        .unwrap_or(0)
        .checked_mul(DAY_NS)
        .and_then(|ns| ns.checked_add(of_day))
        .and_then(|ns| ns.checked_sub(i64::from(offset_s.unwrap_or(0)) * SECOND_NS))
        .ok_or(NoTime::Unreadable)?;
    Ok(Stamp { ns, offset_s: offset_s.filter(|_| days.is_some()), of_day: days.is_none() })
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or_default();
    }

    /// A number of at most nine digits, and how many it has.
    fn number(&mut self) -> Option<(i64, usize)> {
        let n = self.rest.iter().take(10).take_while(|c| c.is_ascii_digit()).count();
        if !(1..=9).contains(&n) {
            return None;
        }
        let value = self.rest[..n].iter().fold(0i64, |value, c| value * 10 + i64::from(c - b'0'));
        self.skip(n);
        Some((value, n))
    }

    /// What stands between date and time.
    fn between(&mut self) -> Result<(), NoTime> {
        let n = match self.peek() {
            Some(b'T' | b't' | b'_' | b',' | b';') => 1,
            _ => 0,
        };
        self.skip(n);
        let blanks = self.rest.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
        self.skip(blanks);
        if n + blanks > 0 { Ok(()) } else { Err(NoTime::Unreadable) }
    }
}

/// Days since 1970-01-01 of the date whose first number has been read.
fn date(at: &mut Cursor<'_>, first: (i64, usize), sign: u8, order: DateOrder) -> Result<i64, NoTime> {
    at.skip(1);
    let named = month_name(at.rest);
    let second = match named {
        Some(month) => {
            let letters = at.rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
            at.skip(letters);
            month
        }
        None => at.number().ok_or(NoTime::Unreadable)?.0,
    };
    if at.peek() != Some(sign) {
        return Err(NoTime::Unreadable);
    }
    at.skip(1);
    let third = at.number().ok_or(NoTime::Unreadable)?;
    let (year, month, day) = if first.1 == 4 {
        // A year in front can be followed by the month only.
        (first, second, third.0)
    } else if named.is_some() {
        (third, second, first.0)
    } else {
        match order {
            DateOrder::DayMonthYear => (third, second, first.0),
            DateOrder::MonthDayYear => (third, first.0, second),
            DateOrder::YearMonthDay => return Err(NoTime::Order),
        }
    };
    let year = match year {
        (year, 4) => year,
        (year, 2) => 2000 + year,
        _ => return Err(NoTime::Unreadable),
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(NoTime::Order);
    }
    let length = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day > length {
        return Err(NoTime::Unreadable);
    }
    Ok(days_from_civil(year, month, day))
}

fn month_name(text: &[u8]) -> Option<i64> {
    const NAMES: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start = text.get(..3)?;
    NAMES.iter().position(|name| start.eq_ignore_ascii_case(*name)).map(|i| i as i64 + 1)
}

/// Days from 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Nanoseconds since midnight of `H:mm:ss[fraction]`, whose hour has been read, with AM or PM behind.
fn time_of_day(at: &mut Cursor<'_>, (hour, digits): (i64, usize)) -> Result<i64, NoTime> {
    let mut two = || {
        if !matches!(at.peek(), Some(b':')) {
            return Err(NoTime::Unreadable);
        }
        at.skip(1);
        at.number()
            .filter(|&(value, digits)| digits == 2 && value < 61)
            .map(|x| x.0)
            .ok_or(NoTime::Unreadable)
    };
    let (minute, second) = (two()?, two()?);
    let mut fraction = 0;
    if let Some(b'.' | b',' | b':') = at.peek()
        && at.rest.get(1).is_some_and(u8::is_ascii_digit)
    {
        at.skip(1);
        let n = at.rest.iter().take_while(|c| c.is_ascii_digit()).count();
        for i in 0..9 {
            fraction = fraction * 10 + if i < n { i64::from(at.rest[i] - b'0') } else { 0 };
        }
        at.skip(n);
    }
    let blanks = at.rest.iter().take_while(|&&c| c == b' ').count();
    let hour = match at.rest.get(blanks..blanks + 2) {
        Some(half) if half.eq_ignore_ascii_case(b"am") || half.eq_ignore_ascii_case(b"pm") => {
            at.skip(blanks + 2);
            if !(1..=12).contains(&hour) {
                return Err(NoTime::Unreadable);
            }
            hour % 12 + if half[0].eq_ignore_ascii_case(&b'p') { 12 } else { 0 }
        }
        _ => hour,
    };
    if digits > 2 || hour > 24 || minute > 59 {
        return Err(NoTime::Unreadable);
    }
    Ok(((hour * 60 + minute) * 60 + second) * SECOND_NS + fraction)
}

/// Seconds by which a clock is ahead of UTC that is so many hours and minutes off, in the direction of `sign`; nothing beyond 14
/// hours, where no zone lies.
pub(crate) fn utc_offset_s(sign: i32, hours: &str, minutes: &str) -> Option<i32> {
    const FURTHEST: i32 = 14 * 3600;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    (minutes < 60 && seconds <= FURTHEST).then_some(sign * seconds)
}

/// What stands behind a time: seconds ahead of UTC, or none; `Z`, `+01:00`, ` +0100 [Europe/London]`, ` UTC+01:00`; a name alone
/// claims nothing.
fn zone(text: &[u8]) -> Result<Option<i32>, NoTime> {
    let text = text.trim_ascii();
    let text = match text {
        [] => return Ok(None),
        b"Z" | b"z" | b"UTC" | b"GMT" => return Ok(Some(0)),
        _ => text.strip_prefix(b"UTC").or(text.strip_prefix(b"GMT")).unwrap_or(text),
    };
    let mut at = Cursor { rest: text };
    let sign = match at.peek() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        // A name: kept by nobody, and no offset claimed.
        Some(c) if c.is_ascii_alphabetic() && text.len() <= 40 && text.iter().all(|&c| letter_of_zone(c)) => {
            return Ok(None);
        }
        _ => return Err(NoTime::Unreadable),
    };
    at.skip(1);
    let (value, digits) = at.number().ok_or(NoTime::Unreadable)?;
    let (hours, minutes) = match (digits, at.peek()) {
        (1 | 2, Some(b':')) => {
            at.skip(1);
            (value, at.number().filter(|x| x.1 == 2).ok_or(NoTime::Unreadable)?.0)
        }
        (1 | 2, _) => (value, 0),
        (4, _) => (value / 100, value % 100),
        _ => return Err(NoTime::Unreadable),
    };
    let rest = at.rest.trim_ascii();
    if hours > 14 || minutes > 59 || !(rest.is_empty() || rest.first() == Some(&b'[')) {
        return Err(NoTime::Unreadable);
    }
    Ok(Some(sign * (hours * 3600 + minutes * 60) as i32))
}

fn letter_of_zone(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b' ' | b'/' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARCH_5: i64 = 1_709_632_800 * SECOND_NS;

    fn ns(text: &str, order: DateOrder) -> Result<(i64, Option<i32>), NoTime> {
        parse(text.as_bytes(), order).map(|stamp| (stamp.ns, stamp.offset_s))
    }

    #[test]
    fn forms() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        let half = MARCH_5 + SECOND_NS / 2;
        let hour = 3600 * SECOND_NS;
        for (text, order, expected) in [
            ("2024-03-05T10:00:00.500", YearMonthDay, (half, None)),
            (" 2024/03/05 10:00:00,5 ", DayMonthYear, (half, None)),
            ("2024-03-05 10:00:00:500", YearMonthDay, (half, None)),
            ("2024-03-05_10:00:00.500", YearMonthDay, (half, None)),
            ("2024-03-05T10:00:00.500000000Z", YearMonthDay, (half, Some(0))),
            ("2024-03-05T11:00:00.5+01:00", YearMonthDay, (half, Some(3600))),
            ("2024-03-05 11:00:00.5 +0100 [Europe/London]", YearMonthDay, (half, Some(3600))),
            ("2024-03-05 11:00:00.5 UTC+01:00", YearMonthDay, (half, Some(3600))),
            ("2024-03-05T04:30:00.5-05:30", YearMonthDay, (half, Some(-19_800))),
            ("2024-03-05 10:00:00.5 WEST", YearMonthDay, (half, None)),
            ("05-Mar-2024 10:00:00.500", YearMonthDay, (half, None)),
            ("5/3/2024 10:00:00.500 AM", DayMonthYear, (half, None)),
            ("3/5/24 10:00:00 PM", MonthDayYear, (MARCH_5 + 12 * hour, None)),
            ("05.03.2024 12:00:00 AM", DayMonthYear, (MARCH_5 - 10 * hour, None)),
            ("2024-03-05 9:05:36.0100", YearMonthDay, (MARCH_5 - hour + 336_010_000_000, None)),
        ] {
            assert_eq!(ns(text, order), Ok(expected), "{text}");
        }
        let stamp = parse(b"23:59:54:020", YearMonthDay).unwrap();
        assert!(stamp.of_day && stamp.ns == 86_394_020_000_000);
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "10h00'00\"",
            "00:04.5",
            "2024-03-05",
            "2024-13-05 10:00",
            "2024-02-30 10:00:00",
            "10:61:00",
            "25:00:00",
            "1709629200",
            "2024-03-05 10:00:00 +1",
            "2024-03-05 10:00:00;1",
            "99999999999:00:00",
            "0.5",
            "-1.5",
        ] {
            let read = ns(text, DateOrder::YearMonthDay);
            let odd = text == "2024-03-05 10:00:00 +1";
            assert!(read.is_err() || odd, "{text} {read:?}");
        }
        assert_eq!(ns("02/13/2024 10:00:00", DateOrder::DayMonthYear), Err(NoTime::Order));
        assert_eq!(ns("13/02/2024 10:00:00", DateOrder::MonthDayYear), Err(NoTime::Order));
    }

    proptest! {
        #[test]
        fn days_advance_by_one(day in -200_000i64..200_000) {
            let (year, of_year) = (1970 + day.div_euclid(366), day.rem_euclid(366));
            let (month, day) = (of_year / 31 + 1, of_year % 28 + 1);
            prop_assert_eq!(days_from_civil(year, month, day + 1) - days_from_civil(year, month, day), 1);
        }

        #[test]
        fn anything_else_is_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), digits in "[0-9:./ T+-]{0,30}") {
            for order in [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear] {
                let _ = parse(&bytes, order);
                let _ = parse(digits.as_bytes(), order);
            }
        }
    }
}
