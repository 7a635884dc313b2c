//! Splits total acceleration into gravity and body acceleration.
//!
//! Gravity changes only as the device turns, so it is what passes a low-pass filter far below the frequency
//! of a step; the rest is body acceleration. 0.3 Hz as in Anguita, Ghio, Oneto, Parra and Reyes-Ortiz (2013),
//! "A public domain dataset for human activity recognition using smartphones".

use crate::SignalError;
use crate::filter::{Band, Sos, butterworth};
use serde::{Deserialize, Serialize};

/// The low-pass filter that finds gravity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GravityFilter {
    /// Cut-off in Hz.
    pub cutoff_hz: f64,
    /// Order of the Butterworth filter.
    pub order: usize,
}

impl Default for GravityFilter {
    /// Third order at 0.3 Hz.
    fn default() -> Self {
        Self { cutoff_hz: 0.3, order: 3 }
    }
}

impl GravityFilter {
    /// The filter for signals of `rate_hz` samples per second.
    ///
    /// # Errors
    /// As [`butterworth`].
    pub fn design(&self, rate_hz: f64) -> Result<Sos, SignalError> {
        butterworth(self.order, self.cutoff_hz, rate_hz, Band::LowPass)
    }
}
