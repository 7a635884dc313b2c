//! Motion signals: recordings, filters, gravity split, windows and the preprocessing a model carries.
//!
//! Every step exists as a batch function and as a causal streaming stage with explicit state; where both are
//! causal they give the same bits. Filters compute in f64, samples and network input are f32. All mathematics
//! goes through `libm`, so results do not depend on the platform's library.
//!
//! Units throughout: acceleration in g with gravity included, angular velocity in rad/s, time in seconds,
//! rates in Hz.
//!
//! Builds with `no_std` + `alloc` (`default-features = false`).
//!
//! ```
//! use ambulo_signal::{Phase, Preprocessing, Recording, Sample};
//!
//! // Ten seconds of a device lying still, at 50 Hz.
//! let still = Sample { acceleration: [0.0, 0.0, 1.0], angular_velocity: [0.0; 3] };
//! let recording = Recording { rate_hz: 50.0, samples: vec![still; 500] };
//!
//! // At once: fifteen channels at each sample.
//! let mut preprocessing = Preprocessing::hapt();
//! let series = preprocessing.series(&recording)?;
//! assert_eq!(series.len(), 500 * 15);
//!
//! // As samples arrive: a window of 128 every 64, which needs filters that do not look ahead.
//! preprocessing.phase = Phase::Causal;
//! let mut stream = preprocessing.stream()?;
//! let windows = recording.samples.iter().filter(|sample| stream.push(sample).is_some()).count();
//! assert_eq!(windows, 6);
//! # Ok::<(), ambulo_signal::SignalError>(())
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod channel;
mod error;
pub mod filter;
pub mod gravity;
pub mod levelling;
mod orientation;
mod preprocessing;
mod recording;
pub mod resample;
pub mod rotation;
pub mod units;
pub mod window;

pub use channel::Channel;
pub use error::SignalError;
pub use filter::{
    Band, MedianFilter, Phase, Sos, SosFilter, butterworth, median_filter, median_filter_causal, sosfilt,
    sosfilt_zi, sosfiltfilt,
};
pub use gravity::{GravityFilter, GravitySplit, split_gravity, split_gravity_causal};
pub use orientation::{Orientation, OutOfReach, UnknownOrientation};
pub use preprocessing::{
    Companding, Facing, Level, NoiseFilter, Normalisation, Preprocessing, PreprocessingStream, Resampling,
    Units,
};
pub use recording::{Recording, Sample};
pub use resample::{LinearResampler, ResampleOptions, Resampled, Segment, TimedSample, resample};
pub use rotation::Rotation;
pub use units::{AccelerationUnit, AngularVelocityUnit, RestCheck, STANDARD_GRAVITY, check_rest_magnitude};
pub use window::{WindowBuffer, window_starts};
