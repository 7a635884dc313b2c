//! From nanoseconds to dates and days: rows of a picture are days from midnight to midnight where the time of day is known.

use crate::overview::times::date;
use crate::text::count;
use ambulo_record::timeline::{Zero, civil};

pub(super) const DAY_NS: i64 = 86_400_000_000_000;
/// Rows of a picture; of a longer recording each row is several days.
const MOST_ROWS: i128 = 366;

/// What is known of the time of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Nanoseconds from 1970-01-01 00:00 on the clock that is shown, at the recording's zero.
    pub(super) zero_ns: Option<i64>,
    /// Which clock that is.
    pub(super) name: String,
    /// What follows a time in ISO 8601.
    pub(super) suffix: String,
}

/// A row of the picture: a day, or all of a recording that is no longer than one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: String,
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
}

impl Clock {
    pub(super) fn new(zero: Zero) -> Self {
        match zero {
            Zero::Unknown => {
                Self { zero_ns: None, name: "time from the start".to_owned(), suffix: String::new() }
            }
            Zero::Local { local_ns } => {
                Self { zero_ns: Some(local_ns), name: "local time".to_owned(), suffix: String::new() }
            }
            Zero::Utc { utc_ns, offset_s: None } => {
                Self { zero_ns: Some(utc_ns), name: "UTC".to_owned(), suffix: "Z".to_owned() }
            }
            Zero::Utc { utc_ns, offset_s: Some(offset) } => {
                let minutes = (offset / 60).unsigned_abs();
                let sign = if offset < 0 { '-' } else { '+' };
                let suffix = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
                let local_ns = utc_ns.saturating_add(i64::from(offset) * 1_000_000_000);
                Self {
                    zero_ns: Some(local_ns),
                    name: format!("local time, UTC{}", suffix.replace('-', "−")),
                    suffix,
                }
            }
        }
    }

    /// Day and minute of a time, `Mon 4 May 2026 08:00`; nothing where they are not known.
    pub(super) fn moment(&self, time_ns: i64) -> Option<String> {
        let at = i128::from(self.zero_ns?) + i128::from(time_ns);
        let day = at.div_euclid(i128::from(DAY_NS)) as i64;
        let minutes = at.rem_euclid(i128::from(DAY_NS)) / 60_000_000_000;
        Some(format!("{} {} {:02}:{:02}", named(day), civil(day).0, minutes / 60, minutes % 60))
    }

    /// The rows in which a stretch of time is drawn; one that is no longer than a day has a single row of its own length.
    pub(super) fn rows(&self, from_ns: i64, to_ns: i64) -> Vec<Row> {
        if to_ns <= from_ns {
            return Vec::new();
        }
        let (from, to) = (i128::from(from_ns), i128::from(to_ns));
        let day = i128::from(DAY_NS);
        if to - from <= day {
            return vec![Row { label: String::new(), from_ns, to_ns }];
        }
        let zero = self.zero_ns.map_or(-from, i128::from);
        let first = (from + zero).div_euclid(day);
        let days = (to + zero - first * day + day - 1) / day;
        let each = (days + MOST_ROWS - 1) / MOST_ROWS;
        let clamp = |ns: i128| ns.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        (0..(days + each - 1) / each)
            .map(|row| {
                let number = first + row * each;
                let label = match self.zero_ns {
                    Some(_) => named(number as i64),
                    None => format!("Day {}", count((row * each) as u64 + 1)),
                };
                let begin = number * day - zero;
                Row { label, from_ns: clamp(begin), to_ns: clamp(begin + each * day) }
            })
            .collect()
    }
}

/// A day since 1970 with the day of the week.
fn named(day: i64) -> String {
    // 1970 began on a Thursday.
    const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    format!("{} {}", NAMES[day.rem_euclid(7) as usize], date(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;
    // 2026-05-04 08:00 on some clock.
    const MONDAY: i64 = 1_777_881_600_000_000_000;

    #[test]
    fn days_begin_at_midnight_of_the_clock_that_is_known() {
        let clock = Clock::new(Zero::Local { local_ns: MONDAY });
        let rows = clock.rows(0, 40 * HOUR);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].label.as_str(), rows[0].from_ns), ("Mon 4 May", -8 * HOUR));
        assert_eq!((rows[1].label.as_str(), rows[1].to_ns), ("Tue 5 May", 40 * HOUR));
        assert_eq!(clock.moment(HOUR).as_deref(), Some("Mon 4 May 2026 09:00"));
        // The clock of the place, where the offset is stated.
        let clock = Clock::new(Zero::Utc { utc_ns: MONDAY, offset_s: Some(-12_600) });
        assert_eq!((clock.suffix.as_str(), clock.rows(0, 25 * HOUR)[0].from_ns), ("-03:30", -9 * HOUR / 2));
        // Without a clock days are counted from the start.
        let rows = Clock::new(Zero::Unknown).rows(HOUR, 30 * HOUR);
        assert_eq!((rows.len(), rows[1].label.as_str(), rows[1].from_ns), (2, "Day 2", 25 * HOUR));
    }

    #[test]
    fn a_short_recording_has_one_row_also_over_midnight() {
        let rows = Clock::new(Zero::Local { local_ns: MONDAY }).rows(15 * HOUR, 17 * HOUR);
        assert_eq!(rows, [Row { label: String::new(), from_ns: 15 * HOUR, to_ns: 17 * HOUR }]);
        assert!(Clock::new(Zero::Unknown).rows(5, 5).is_empty());
    }

    #[test]
    fn no_time_is_too_long() {
        for zero in [Zero::Unknown, Zero::Local { local_ns: i64::MAX }, Zero::Local { local_ns: i64::MIN }] {
            let clock = Clock::new(zero);
            for (from, to) in [(i64::MIN, i64::MAX), (0, i64::MAX), (i64::MIN, 0)] {
                assert!(clock.rows(from, to).len() <= 367);
                let _ = clock.moment(from);
            }
        }
        let _ = Clock::new(Zero::Utc { utc_ns: i64::MIN, offset_s: Some(i32::MIN) });
    }
}
