//! Ambulo turns recordings of phone and watch motion sensors into human activities: walking, walking upstairs,
//! walking downstairs, sitting, standing, lying.
//!
//! This crate is the stable surface for programs that use a trained model: it names what they need from the crates
//! below it, which may change their layout between versions. Models are trained by the `ambulo` command.
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
//! | | what it holds |
//! |---|---|
//! | [`Model`], [`Predictor`], [`Stream`] | a model file, and its answers for whole recordings and sample by sample |
//! | [`Metadata`] and what it holds | what a model says of itself: labels, orientation, calibration, origin |
//! | [`Recording`], [`Sample`] | what is classified |
//! | [`preprocessing`] | the steps from a recording to a model's input, as values that a model file carries |
//! | [`network`] | a model's network: layers, parameters, and running it by hand |

pub use ambulo_model::{
    Calibration, Metadata, Model, ModelError, Prediction, Predictor, Provenance, RequiredOrientation, Stream,
};
pub use ambulo_signal::{Recording, Sample, SignalError};

/// The steps from a recording to a model's input.
pub mod preprocessing {
    pub use ambulo_signal::{
        AccelerationUnit, AngularVelocityUnit, Channel, Companding, Facing, GravityFilter, Level,
        NoiseFilter, Normalisation, Phase, Preprocessing, PreprocessingStream, ResampleOptions, Resampling,
        Rotation, Units,
    };
}

/// A model's network: what it consists of, and running it on arrays that were prepared elsewhere.
pub mod network {
    pub use ambulo_nn::{
        Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter,
        Pooling, Role, Shape, WindowPooling,
    };
}
