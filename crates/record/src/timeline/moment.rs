//! Times of a recording as ISO 8601.
//!
//! The crate knows no clock and none of the project's other crates, and has to build without the standard library, so the few lines
//! from a day's number to its date stand here.

use super::Zero;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

const SECOND_NS: i128 = 1_000_000_000;
/// Nanoseconds of a day.
pub(super) const DAY_NS: i128 = 86_400 * SECOND_NS;

impl Zero {
    /// What the clock of the recording's place shows at a time in nanoseconds from its zero, in nanoseconds since 1970-01-01 00:00 of
    /// that clock; in UTC where the place's clock is not known; nothing without a date.
    #[must_use]
    pub fn clock_ns(self, time_ns: i64) -> Option<i128> {
        let (zero_ns, offset_s) = match self {
            Self::Unknown => return None,
            Self::Local { local_ns } => (local_ns, 0),
            Self::Utc { utc_ns, offset_s } => (utc_ns, offset_s.map_or(0, whole_minutes)),
        };
        Some(i128::from(zero_ns) + i128::from(time_ns) + i128::from(offset_s) * SECOND_NS)
    }

    /// A time in nanoseconds from the recording's zero as ISO 8601: `2026-05-01T10:00:02.560+02:00` where the offset from UTC is known,
    /// with `Z` where only the instant is, without either where only the place's clock is, and nothing where nothing is known.
    ///
    /// To the nearest millisecond, which is not written where it is a whole second.
    #[must_use]
    pub fn moment(self, time_ns: i64) -> String {
        let mut text = String::new();
        self.write_moment(time_ns, &mut text);
        text
    }

    /// As [`moment`](Self::moment), behind what stands in `text` already.
    pub fn write_moment(self, time_ns: i64, text: &mut String) {
        let Some(clock_ns) = self.clock_ns(time_ns) else { return };
        let ms = (clock_ns + 500_000).div_euclid(1_000_000);
        // Within ±600 years of 1970 in milliseconds.
        let (day, of_day) = (ms.div_euclid(86_400_000) as i64, ms.rem_euclid(86_400_000) as u32);
        let (year, month, date) = civil(day);
        let mut number = |value: u32, digits: u32, before: &str| {
            text.push_str(before);
            for digit in (0..digits).rev() {
                text.push(char::from(b'0' + (value / 10u32.pow(digit) % 10) as u8));
            }
        };
        number(year as u32, 4, "");
        number(month, 2, "-");
        number(date, 2, "-");
        let seconds = of_day / 1000;
        number(seconds / 3600, 2, "T");
        number(seconds / 60 % 60, 2, ":");
        number(seconds % 60, 2, ":");
        if !of_day.is_multiple_of(1000) {
            number(of_day % 1000, 3, ".");
        }
        match self {
            Self::Utc { offset_s: None, .. } => text.push('Z'),
            Self::Utc { offset_s: Some(offset_s), .. } => {
                let minutes = whole_minutes(offset_s) / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                // Writing into a string cannot fail.
                let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            }
            Self::Local { .. } | Self::Unknown => {}
        }
    }

    /// Whose midnight divides a recording into days: `local`, or `utc` where the place's clock is not known; none without a date.
    #[must_use]
    pub fn day_clock(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Utc { offset_s: None, .. } => Some("utc"),
            Self::Local { .. } | Self::Utc { .. } => Some("local"),
        }
    }
}

/// An offset as ISO 8601 can write it: whole minutes, less than a day.
fn whole_minutes(offset_s: i32) -> i32 {
    (offset_s / 60 * 60).clamp(-86_340, 86_340)
}

/// `2026-05-01` of a day counted from 1970-01-01.
pub(super) fn date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day counted from 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
#[must_use]
pub fn civil(days: i64) -> (i64, u32, u32) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UTC_NS: i64 = 1_709_629_200_123_000_000;

    #[test]
    fn what_is_known_is_written() {
        let utc = |offset_s| Zero::Utc { utc_ns: UTC_NS, offset_s };
        assert_eq!(utc(None).moment(0), "2024-03-05T09:00:00.123Z");
        assert_eq!(utc(Some(3600)).moment(877_000_000), "2024-03-05T10:00:01+01:00");
        assert_eq!(utc(Some(-12_600)).moment(0), "2024-03-05T05:30:00.123-03:30");
        assert_eq!(Zero::Local { local_ns: UTC_NS }.moment(-123_000_000), "2024-03-05T09:00:00");
        assert_eq!(Zero::Unknown.moment(5), "");
        assert_eq!((utc(None).day_clock(), utc(Some(0)).day_clock()), (Some("utc"), Some("local")));
    }

    #[test]
    fn milliseconds_are_rounded_over_midnight_too() {
        let midnight = Zero::Local { local_ns: 0 };
        assert_eq!(midnight.moment(-400_000), "1970-01-01T00:00:00");
        assert_eq!(midnight.moment(-600_000), "1969-12-31T23:59:59.999");
        assert_eq!(midnight.moment(499_999), "1970-01-01T00:00:00");
        assert_eq!(midnight.moment(2_560_000_000), "1970-01-01T00:00:02.560");
    }

    #[test]
    fn odd_offsets_and_the_ends_of_time_are_still_iso() {
        // Local mean time of Amsterdam: +00:19:32; the instant stays what it was to the second.
        let zero = Zero::Utc { utc_ns: 0, offset_s: Some(1172) };
        assert_eq!(zero.moment(0), "1970-01-01T00:19:00+00:19");
        let zero = Zero::Utc { utc_ns: 0, offset_s: Some(i32::MIN) };
        assert_eq!(zero.moment(0), "1969-12-31T00:01:00-23:59");
        for (ns, year) in [(i64::MAX, "2554-"), (i64::MIN, "1385-")] {
            assert!(Zero::Local { local_ns: ns }.moment(ns).starts_with(year));
        }
    }

    #[test]
    fn dates_of_days() {
        assert_eq!(
            (date(0), date(19_782), date(-1)),
            ("1970-01-01".into(), "2024-02-29".into(), "1969-12-31".into())
        );
        assert_eq!(date(20_513), "2026-03-01");
    }

    proptest! {
        /// Against counting: the days of a year are numbered without a hole.
        #[test]
        fn each_day_follows_on_the_one_before(day in -200_000i64..200_000) {
            let ((y, m, d), next) = (civil(day), civil(day + 1));
            let follows = next == (y, m, d + 1) || next == (y, m + 1, 1) || next == (y + 1, 1, 1);
            prop_assert!(follows && (1..=12).contains(&m) && (1..=31).contains(&d), "{y}-{m}-{d} {next:?}");
        }
    }
}
