//! One file that holds everything a model needs to be used as it was trained: architecture, preprocessing, labels,
//! calibration, provenance and weights.
//!
//! - [`Model`]: read from and written to `safetensors`, with PyTorch's parameter names; the header's metadata key
//!   `ambulo` holds the rest as JSON ([`Metadata`]);
//! - [`Predictor`]: probabilities of windows and of whole recordings, in bounded memory; cheap to clone, shared between threads;
//! - [`Stream`]: timed samples in, answers out, for models whose filters do not look ahead.
//!
//! Reading a model from bytes, windows and streams build with `no_std` + `alloc` (`default-features = false`).
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

pub mod adapt;
mod cholesky;
mod error;
mod file;
mod live;
mod metadata;
mod movement;
pub mod novelty;
mod predictor;
mod pretext;
#[cfg(feature = "std")]
mod recording;
#[cfg(feature = "shipped")]
pub mod shipped;
pub mod smoothing;
mod steps;
mod stream;
pub mod tensors;
#[cfg(feature = "std")]
mod timeline;

pub use error::ModelError;
pub use file::Model;
pub use live::{Live, LiveAnswer};
pub use metadata::{Ancestor, Calibration, FORMAT, Metadata, Provenance, RequiredOrientation, SourceData};
pub use movement::{MOVEMENT, movement};
pub use predictor::{Prediction, Predictor};
pub use pretext::{Objective, Pretext};
#[cfg(feature = "std")]
pub use recording::RawWindows;
pub use steps::{LONGEST_DELAY_S, lag_of};
pub use stream::Stream;
#[cfg(feature = "std")]
pub use timeline::{Answers, LONG_S, Looked, Smoothing, TimelineOptions};
