//! Filters: median and Butterworth, zero-phase over a whole signal or causal, at once or sample by sample.
//!
//! All compute in f64. What recordings and streams go through filters the three axes of a sensor at once; the functions
//! over one signal are the plain versions that it is held against, bit for bit.

mod butterworth;
mod median;
mod sos;
mod triad;

pub use butterworth::{Band, MAX_ORDER, MIN_CUTOFF, butterworth};
pub use median::{MAX_MEDIAN_WIDTH, MedianFilter, median_filter, median_filter_causal};
pub use sos::{Sos, SosFilter, sosfilt, sosfilt_zi, sosfiltfilt};

pub(crate) use triad::{Lanes, Stage, TriadFilter, TriadMedian, lanes};

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
