//! Ambulo turns recordings of phone and watch motion sensors into human activities: walking, walking upstairs,
//! walking downstairs, sitting, standing, lying.
//!
//! This crate is the stable surface: it re-exports what programs need from the crates below it. The others may
//! change their layout between versions.
//!
//! ```no_run
//! use ambulo::{Model, Predictor, Recording, Sample};
//!
//! let model = Model::load("runs/first/model.safetensors".as_ref())?;
//! // Acceleration in g with gravity, angular velocity in rad/s, 50 samples a second.
//! let sample = Sample { acceleration: [0.99, -0.03, 0.11], angular_velocity: [0.0, 0.02, 0.01] };
//! let recording = Recording { rate_hz: 50.0, samples: vec![sample; 500] };
//! for window in Predictor::new(&model).recording(&recording)? {
//!     println!("{:>6} {}", window.start, model.metadata().labels[window.label]);
//! }
//! # Ok::<(), ambulo::ModelError>(())
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`signal`] | units, recordings, filters, windows, preprocessing |
//! | [`data`] | the data-set catalogue, readers, the bundled recordings, subjects and splits |
//! | [`train`] | configuration, runs, protocols, metrics, records |
//! | [`report`] | the HTML report and the model card |

pub use ambulo_model::{Model, ModelError, Prediction, Predictor, Stream};
pub use ambulo_signal::{Preprocessing, Recording, Sample, SignalError};

/// Data sets, readers, subjects and splits.
pub mod data {
    pub use ambulo_data::*;
}

/// Units, recordings, filters, windows and preprocessing.
pub mod signal {
    pub use ambulo_signal::*;
}

/// Configuration, runs, protocols, metrics and records.
pub mod train {
    pub use ambulo_train::*;
}

/// The HTML report and the model card of a run.
pub mod report {
    pub use ambulo_report::*;
}
