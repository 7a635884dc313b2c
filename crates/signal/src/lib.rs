//! Motion signals: recordings, the intake, filters, gravity split, levelling, windows and the preprocessing a model carries.
//!
//! The way of a recording:
//!
//! 1. a [`Source`] gives timed samples in chunks: a [`Recording`] in memory, or a reader of files;
//! 2. a [`Survey`](intake::Survey) finds unit, gravity, clock and faults ([`Report`](intake::Report), [`Finding`]s);
//! 3. the [`Intake`](intake::Intake) makes segments of frames at one rate, in g and rad/s;
//! 4. [`Preprocessing`] filters them into [`InertialSignals`] and makes windows for a network.
//!
//! Every step works on whole recordings and on streams by one definition; where filters are causal both give the same bits.
//! Filters compute in f64, samples and network input are f32. All mathematics goes through `libm`, so results do not depend
//! on the platform's library. Memory does not grow with a recording's length.
//!
//! Units throughout: acceleration in g with gravity included, angular velocity in rad/s, time in seconds or integer
//! nanoseconds, rates in Hz.
//!
//! Builds with `no_std` + `alloc` (`default-features = false`).
//!
//! ```
//! use ambulo_signal::intake::Declared;
//! use ambulo_signal::{Phase, Preprocessing, Recording};
//!
//! // Ten seconds of a device lying still, at 50 Hz.
//! let recording = Recording::uniform(50.0, vec![[0.0, 0.0, 1.0]; 500], Some(vec![[0.0; 3]; 500]));
//!
//! // At once: the inertial signals of each stretch without gaps.
//! let mut preprocessing = Preprocessing::default();
//! let (segments, report) = preprocessing.segments(&mut recording.source(), &Declared::default())?;
//! assert_eq!((segments.len(), segments[0].signals.len()), (1, 500));
//! assert_eq!(report.sensors[0].rate_hz, Some(50.0));
//!
//! // As frames arrive: a window of 128 every 64, which needs filters that do not look ahead.
//! preprocessing.phase = Phase::Causal;
//! let mut stream = preprocessing.stream()?;
//! let frame = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
//! let windows = (0..500).filter(|_| stream.push(&frame).is_some()).count();
//! assert_eq!(windows, 6);
//! # Ok::<(), ambulo_signal::SignalError>(())
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod channel;
mod compand;
mod error;
pub mod filter;
mod finding;
mod gravity;
pub mod intake;
pub mod levelling;
mod orientation;
mod overlap;
mod preprocessing;
mod recording;
pub mod rotation;
mod sensor;
mod signals;
mod source;
mod units;
pub mod window;

pub use channel::Channel;
pub use error::SignalError;
pub use filter::{
    Band, MedianFilter, Phase, Sos, SosFilter, butterworth, median_filter, median_filter_causal, sosfilt,
    sosfilt_zi, sosfiltfilt,
};
pub use finding::{Finding, FindingKind, Place, Severity};
pub use gravity::GravityFilter;
pub use orientation::{Orientation, OutOfReach, UnknownOrientation};
pub use preprocessing::{
    CHUNK, Chunker, Companding, Facing, FilterJob, Level, NoiseFilter, Normalisation, Preprocessing,
    PreprocessingStream, Resampling, Segment, Units,
};
pub use recording::{Clock, Header, Recording, RecordingSource, SensorInfo, SensorSeries, Start};
pub use rotation::Rotation;
pub use sensor::Sensor;
pub use signals::{InertialSignals, Layout, Signal};
pub use source::{Chunk, Samples, Source, SourceError};
pub use units::{STANDARD_GRAVITY, Unit};
pub use window::{WindowBuffer, window_starts};
