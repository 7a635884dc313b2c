//! Splits total acceleration into gravity and body acceleration.
//!
//! Gravity changes only as the device turns, so it is what passes a low-pass filter far below the frequency
//! of a step; the rest is body acceleration. 0.3 Hz as in Anguita, Ghio, Oneto, Parra and Reyes-Ortiz (2013),
//! "A public domain dataset for human activity recognition using smartphones".

use crate::SignalError;
use crate::filter::{Band, Sos, SosFilter, butterworth, sosfiltfilt};
use alloc::vec::Vec;
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

/// Splits one axis of total acceleration into `(gravity, body)` of the same length with zero phase.
///
/// # Errors
/// [`SignalError::TooShort`] as [`sosfiltfilt`].
pub fn split_gravity(sos: &Sos, total: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SignalError> {
    let gravity = sosfiltfilt(sos, total)?;
    let body = total.iter().zip(&gravity).map(|(t, g)| t - g).collect();
    Ok((gravity, body))
}

/// Splits one axis of total acceleration into `(gravity, body)` of the same length causally, with the bits of
/// [`GravitySplit`].
pub fn split_gravity_causal(sos: &Sos, total: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut split = GravitySplit::new(sos);
    total.iter().map(|&t| split.push(t)).unzip()
}

/// Splits one axis of a stream. Begins as if the first sample had been there for ever: all of it is gravity.
#[derive(Clone, Debug)]
pub struct GravitySplit {
    filter: SosFilter,
}

impl GravitySplit {
    /// A split that has seen nothing, by the filter of [`GravityFilter::design`].
    pub fn new(sos: &Sos) -> Self {
        Self { filter: SosFilter::primed(sos) }
    }

    /// Splits one sample of total acceleration into `(gravity, body)`.
    pub fn push(&mut self, total: f64) -> (f64, f64) {
        let gravity = self.filter.push(total);
        (gravity, total - gravity)
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.filter.reset();
    }
}
