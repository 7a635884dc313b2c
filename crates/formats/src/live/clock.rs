//! Times of rows that come one by one.

use crate::plan::{Plan, TimePlan};
use serde::{Deserialize, Serialize};

const DAY_NS: i64 = 86_400_000_000_000;

/// Gives each row its time from the recording's zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LiveClock {
    /// The column's own count at the recording's zero, in nanoseconds.
    origin_ns: i64,
    /// They are times of day without a date.
    of_day: bool,
    /// Samples per second, where there are no times; then so many rows have come.
    rate_hz: Option<f64>,
    rows: u64,
    /// Midnights, and the last time, of times of day.
    days: i64,
    last_ns: Option<i64>,
}

impl LiveClock {
    pub(crate) fn new(plan: &Plan) -> Self {
        let (origin_ns, of_day, rate_hz) = match plan.time {
            TimePlan::Column { origin_ns, of_day, .. } => (origin_ns, of_day, None),
            TimePlan::Rate(rate_hz) => (0, false, Some(rate_hz)),
        };
        Self { origin_ns, of_day, rate_hz, rows: 0, days: 0, last_ns: None }
    }

    /// What the column says at the recording's zero; none without times.
    pub(crate) fn origin_ns(&self) -> Option<i64> {
        self.rate_hz.is_none().then_some(self.origin_ns)
    }

    pub(crate) fn set_origin(&mut self, origin_ns: i64) {
        self.origin_ns = origin_ns;
    }

    /// Whether rows have times of their own.
    pub(crate) fn is_stamped(&self) -> bool {
        self.rate_hz.is_none()
    }

    /// The time of the next row, whose column says this, in nanoseconds from the recording's zero.
    pub(crate) fn time(&mut self, stamp_ns: i64) -> i64 {
        if let Some(rate_hz) = self.rate_hz {
            let time_ns = (self.rows as f64 * (1e9 / rate_hz)).round() as i64;
            self.rows = self.rows.saturating_add(1);
            return time_ns;
        }
        let mut time_ns = stamp_ns;
        if self.of_day {
            // One that falls by more than half a day is of the next day.
            time_ns = time_ns.saturating_add(self.days.saturating_mul(DAY_NS));
            if self.last_ns.is_some_and(|last| time_ns < last.saturating_sub(DAY_NS / 2)) {
                self.days = self.days.saturating_add(1);
                time_ns = time_ns.saturating_add(DAY_NS);
            }
            self.last_ns = Some(time_ns);
        }
        time_ns.saturating_sub(self.origin_ns)
    }
}
