//! Filters: median and Butterworth, zero-phase over a whole signal or causal, at once or sample by sample.
//!
//! All compute in f64. A causal batch function runs the streaming stage over the signal, so both give the
//! same bits.

mod butterworth;
mod median;
mod sos;

pub use butterworth::{Band, MAX_ORDER, MIN_CUTOFF, butterworth};
pub use median::{MAX_MEDIAN_WIDTH, MedianFilter, median_filter, median_filter_causal};
pub use sos::{Sos, SosFilter, sosfilt, sosfilt_zi, sosfiltfilt};

pub(crate) use sos::sosfiltfilt_padded;

use serde::{Deserialize, Serialize};

/// Whether filters may look ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Forward and backward over the whole recording: no delay, but nothing can stream.
    Zero,
    /// Forward only: what a stream can do; delays the signal.
    Causal,
}
