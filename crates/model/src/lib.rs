//! One file that holds everything a model needs to be used as it was trained: architecture, preprocessing, labels,
//! calibration, provenance and weights.
//!
//! - [`Model`]: read from and written to `safetensors`, with PyTorch's parameter names; the header's metadata key
//!   `ambulo` holds the rest as JSON ([`Metadata`]);
//! - [`Predictor`]: probabilities of windows and recordings, over a batch;
//! - [`Stream`]: sample in, prediction out, for models whose preprocessing is causal.

mod error;
mod file;
mod metadata;
mod predictor;
mod stream;
pub mod tensors;

pub use error::ModelError;
pub use file::Model;
pub use metadata::{Calibration, FORMAT, Metadata, Provenance, RequiredOrientation};
pub use predictor::{Prediction, Predictor};
pub use stream::Stream;
