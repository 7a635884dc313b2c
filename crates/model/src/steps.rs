//! Windows on a grid of steps, and when the answer for a step is due.

use crate::ModelError;
use alloc::format;
use alloc::string::ToString;
use ambulo_signal::{Preprocessing, SignalError};

/// Longest delay of a causal answer, in seconds.
pub const LONGEST_DELAY_S: f64 = 5.0;

/// Refuses a delay that is none.
pub(crate) fn check_delay(delay_s: f64) -> Result<(), ModelError> {
    if (0.0..=LONGEST_DELAY_S).contains(&delay_s) {
        return Ok(());
    }
    Err(SignalError::Setting {
        field: "delay",
        found: delay_s.to_string(),
        expected: format!("give 0 to {LONGEST_DELAY_S} seconds"),
    }
    .into())
}

/// From the beginning of a window to that of the step in its middle, in rows.
pub(crate) fn middle(p: &Preprocessing, step: usize) -> usize {
    p.window.saturating_sub(step) / 2
}

/// The number of a window that begins at a time, after the last one's.
pub(crate) fn number_after(last: Option<(i64, i64)>, start_ns: i64, step_ns: i64) -> i64 {
    let Some((number, last_ns)) = last else { return 0 };
    let since = start_ns.saturating_sub(last_ns) as f64 / step_ns.max(1) as f64;
    // The cast saturates.
    number.saturating_add((libm::round(since) as i64).max(1))
}

/// How many steps after a window the answer for its middle is due, if it is to come this long after that; below 0 the answer is a
/// forecast, as half a window has to pass before anything is known.
#[must_use]
pub fn lag_of(delay_s: f64, p: &Preprocessing, step: usize) -> i64 {
    let (window_s, step_s) = (p.window as f64 / p.rate_hz, step as f64 / p.rate_hz);
    // A thousandth, so that what is meant to be a whole number of steps is one.
    libm::floor((delay_s - window_s / 2.0) / step_s + 1e-3) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_waits_for_half_a_window_at_least() {
        let p = Preprocessing { rate_hz: 50.0, window: 128, step: 32, ..Preprocessing::default() };
        assert_eq!([0.0, 1.28, 1.92, 2.0, 5.0].map(|delay| lag_of(delay, &p, 32)), [-2, 0, 1, 1, 5]);
    }
}
