//! A wall clock without its offset from UTC goes back an hour when summer time ends.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Summer time everywhere but on Lord Howe Island (half an hour) is an hour (IANA time zone database).
const HOUR_NS: i64 = 3_600_000_000_000;
/// Departure from an hour that is still the change of a clock: the step between two samples, at most a second for what is no epoch
/// data, and stamps of whole seconds.
const TOLERANCE_NS: i64 = 2_000_000_000;

/// Whether a step between two stamps is that of a clock that was set back by an hour.
pub(crate) fn is_hour_back(step_ns: i64) -> bool {
    step_ns < 0 && (step_ns.saturating_add(HOUR_NS)).unsigned_abs() <= TOLERANCE_NS as u64
}

/// Puts the stamps of one sensor right: where they go back by an hour, an hour is added from there on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WallClock {
    /// The latest stamp since the clock was last set or began anew.
    latest_ns: Option<i64>,
    added_ns: i64,
}

impl WallClock {
    /// The time of the next stamp.
    pub(crate) fn correct(&mut self, stamp_ns: i64) -> i64 {
        let step = self.latest_ns.map_or(0, |latest| stamp_ns.saturating_sub(latest));
        let set_back = is_hour_back(step);
        if set_back {
            self.added_ns = self.added_ns.saturating_add(HOUR_NS);
        }
        // A little earlier is jitter, which the latest stamp outlasts; much earlier begins anew.
        if step >= 0 || set_back || step < -TOLERANCE_NS {
            self.latest_ns = Some(stamp_ns);
        }
        stamp_ns.saturating_add(self.added_ns)
    }

    /// The times of the next stamps.
    pub(crate) fn correct_all(&mut self, stamps_ns: &[i64]) -> Vec<i64> {
        stamps_ns.iter().map(|&stamp| self.correct(stamp)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_back_within_two_seconds_is_a_change_of_the_clock() {
        let s = 1_000_000_000;
        for (step, hour) in [
            (-3600 * s, true),
            (-3600 * s + 20_000_000, true),
            (-3602 * s, true),
            (-3598 * s, true),
            (-3602 * s - 1, false),
            (-3598 * s + 1, false),
            (3600 * s, false),
            (-1800 * s, false),
            (i64::MIN, false),
        ] {
            assert_eq!(is_hour_back(step), hour, "{step}");
        }
    }

    #[test]
    fn an_hour_is_added_from_there_on() {
        let ms = |stamps: &[i64]| {
            let stamps: Vec<i64> = stamps.iter().map(|t| t * 1_000_000).collect();
            let times = WallClock::default().correct_all(&stamps);
            times.iter().map(|t| t / 1_000_000).collect::<Vec<i64>>()
        };
        assert_eq!(ms(&[9_980, 10_000, -3_589_980, -3_589_960]), [9_980, 10_000, 10_020, 10_040]);
        // Jitter before it, and a second year.
        assert_eq!(ms(&[20, 40, 25, 60, -3_599_920]), [20, 40, 25, 60, 80]);
        assert_eq!(ms(&[0, -3_600_000, 0, -3_600_000]), [0, 0, 3_600_000, 3_600_000]);
        // A clock that began anew goes on from there.
        assert_eq!(ms(&[9_000_000, 0, 20]), [9_000_000, 0, 20]);
        WallClock::default().correct_all(&[i64::MIN, i64::MAX, i64::MIN, 0, -3_600_000_000_000]);
    }
}
