//! Dates with a time of day that are of the same minute as the last one.

use super::{SECOND_NS, Stamp};
use crate::digits::{self, POWERS};

/// Date, hour and minute, with the colon behind: `2024-03-05T10:00:`.
const PREFIX: usize = 17;
/// Longest zone or half of the day behind the seconds that is remembered.
const TAIL: usize = 24;

/// What the last time said down to its minute, and what stood behind its seconds.
///
/// A time with the same letters there differs from it by its seconds alone. Months of two digits, years of four: other spellings
/// are not remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    prefix: [u8; PREFIX],
    tail: [u8; TAIL],
    tail_length: usize,
    /// The time at second 0.
    minute_ns: Option<i64>,
}

/// Nanoseconds of `ss[.fraction]`, and where it ends. A separator begins no fraction.
#[inline]
fn seconds(text: &[u8], at: usize, separator: Option<u8>) -> Option<(i64, usize)> {
    let (tens, ones) = (text.get(at)?.wrapping_sub(b'0'), text.get(at + 1)?.wrapping_sub(b'0'));
    let second = i64::from(tens) * 10 + i64::from(ones);
    if tens > 9 || ones > 9 || second > 60 {
        return None;
    }
    let mut end = at + 2;
    let mut ns = second * SECOND_NS;
    if let Some(sign @ (b'.' | b',' | b':')) = text.get(end)
        && Some(*sign) != separator
        && text.get(end + 1).is_some_and(u8::is_ascii_digit)
    {
        let (n, fraction) = digits::run(text, end + 1)?;
        ns += if n <= 9 { fraction * POWERS[9 - n] } else { fraction / POWERS[n - 9] } as i64;
        end += 1 + n;
    }
    Some((ns, end))
}

impl Recent {
    /// Remembers a time that was read from a cell.
    pub(crate) fn learn(&mut self, cell: &[u8], stamp: Stamp) {
        self.minute_ns = None;
        let cell = cell.trim_ascii();
        let digit = |at: usize| cell.get(at).is_some_and(u8::is_ascii_digit);
        // The first colon is that behind the hour: everything before it is date and hour, and seconds follow the second.
        let shape = memchr::memchr(b':', cell) == Some(13) && cell.get(16) == Some(&b':');
        /// Two days: nearer to the last time that fits, cells are read in full, as what they say before their offset may not fit.
        const MARGIN_NS: u64 = 2 * 86_400 * 1_000_000_000;
        if stamp.ns.unsigned_abs() > i64::MAX as u64 - MARGIN_NS {
            return;
        }
        if stamp.of_day || !shape || ![11, 12, 14, 15].into_iter().all(digit) {
            return;
        }
        // Room behind the digits, which the cell itself has not.
        let mut padded = [b';'; 64];
        let Some(room) = padded.get_mut(..cell.len()).filter(|room| room.len() + 24 < 64) else { return };
        room.copy_from_slice(cell);
        let Some((ns, end)) = seconds(&padded, PREFIX, None).filter(|&(_, end)| end <= cell.len()) else {
            return;
        };
        let tail = &cell[end..];
        let (Some(to), Some(prefix)) = (self.tail.get_mut(..tail.len()), cell.first_chunk()) else { return };
        to.copy_from_slice(tail);
        self.tail_length = tail.len();
        self.prefix = *prefix;
        self.minute_ns = stamp.ns.checked_sub(ns);
    }

    /// Nanoseconds of the time at a place of a text and where it ends, if it is of the minute that is remembered.
    #[inline]
    pub(crate) fn read(&self, text: &[u8], at: usize, separator: u8) -> Option<(i64, usize)> {
        let minute = self.minute_ns?;
        if text.get(at..)?.first_chunk() != Some(&self.prefix) {
            return None;
        }
        let (ns, end) = seconds(text, at + PREFIX, Some(separator))?;
        let tail = &self.tail[..self.tail_length];
        if text.get(end..end + tail.len())? != tail {
            return None;
        }
        Some((minute.checked_add(ns)?, end + tail.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DateOrder, TimeFormat, TimeReader};
    use super::*;
    use crate::number::Point;
    use proptest::prelude::*;

    /// Reads cells one after the other, as rows do; how many were recent.
    fn check(cells: &[String], order: DateOrder, separator: u8) -> usize {
        let reader = TimeReader::new(TimeFormat::Text(order), Point::DOT);
        let mut recent = Recent::default();
        let mut hits = 0;
        for cell in cells {
            let text = format!("{cell}{}1.0,2.0,3.0,4.0,5.0,6.0\n", char::from(separator));
            let truth = reader.read(cell.as_bytes());
            match recent.read(text.as_bytes(), 0, separator) {
                Some((ns, end)) if text.as_bytes()[end] == separator => {
                    let cut = reader.read(&text.as_bytes()[..end]).unwrap();
                    assert_eq!(ns, cut.ns, "{cell}");
                    hits += usize::from(end == cell.len());
                }
                _ => {
                    if let Ok(stamp) = truth {
                        recent.learn(cell.as_bytes(), stamp);
                    }
                }
            }
        }
        hits
    }

    #[test]
    fn the_last_times_that_fit_are_read_in_full() {
        let cells = ["2262-04-11T23:47:00+01:00", "2262-04-11T23:47:17+01:00"].map(str::to_owned);
        assert_eq!(check(&cells, DateOrder::YearMonthDay, b','), 0);
    }

    #[test]
    fn spellings() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (order, separator, cells) in [
            (YearMonthDay, b',', ["2024-03-05T10:00:00.500Z", "2024-03-05T10:00:59.51Z"]),
            (YearMonthDay, b';', ["2024-03-05 10:00:00,5+01:00", "2024-03-05 10:00:07+01:00"]),
            (YearMonthDay, b',', ["2024-03-05 10:00:00:500", "2024-03-05 10:00:01:520"]),
            (DayMonthYear, b',', ["13/03/2024 10:00:00.5 PM", "13/03/2024 10:00:01 PM"]),
            (MonthDayYear, b'\t', ["03/13/2024 10:00:00.123456789123", "03/13/2024 10:00:60.12345678912"]),
        ] {
            assert_eq!(check(&cells.map(str::to_owned), order, separator), 1, "{cells:?}");
        }
        for cells in [
            ["2024-03-05T10:00:00Z", "2024-03-05T10:00:00+01:00"],
            ["2024-03-05T10:00:00Z", "2024-03-05T10:01:00Z"],
            ["2024-03-05T10:00:00Z", "2024-03-05T10:00:61Z"],
            ["10:00:00.5", "10:00:00.6"],
            ["2024-3-5 10:00:00", "2024-3-5 10:00:01"],
        ] {
            assert_eq!(check(&cells.map(str::to_owned), YearMonthDay, b','), 0, "{cells:?}");
        }
    }

    proptest! {
        #[test]
        fn the_same_as_without(
            cells in proptest::collection::vec("(2024-03-05|05/06/2024|2262-04-11)[T ](10|23):(00|47):[0-6][0-9]([.,:][0-9]{1,14})?(Z|\\+01:00| AM|)", 1..30),
            separator in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
        ) {
            for order in [DateOrder::YearMonthDay, DateOrder::DayMonthYear] {
                check(&cells, order, separator);
            }
        }
    }
}
