//! Ambulo turns recordings of phone and watch motion sensors into human activities: walking, walking upstairs,
//! walking downstairs, sitting, standing, lying.
//!
//! This crate is the stable surface for programs that use a trained model: it names what they need from the crates
//! below it, which may change their layout between versions. Models are trained by the `ambulo` command.
//!
//! ```no_run
//! use ambulo::{Declared, Model, Predictor, Recording};
//!
//! let predictor = Predictor::new(Model::load("runs/first/model.safetensors".as_ref())?);
//! let labels = &predictor.model().metadata().labels;
//! // Acceleration in g with gravity, angular velocity in rad/s, 50 samples a second.
//! let (acceleration, angular_velocity) = (vec![[0.99, -0.03, 0.11]; 500], vec![[0.0, 0.02, 0.01]; 500]);
//! let recording = Recording::uniform(50.0, acceleration, Some(angular_velocity));
//! let (windows, report) = predictor.recording(&mut recording.source(), &Declared::default())?;
//! for window in windows {
//!     println!("{:8.2} s {}", window.start_s(), labels.name(window.label as u8).unwrap_or("?"));
//! }
//! for finding in report.findings {
//!     println!("{}", finding.text);
//! }
//! # Ok::<(), ambulo::ModelError>(())
//! ```
//!
//! The same with a model in the box, as a timeline: levelled, smoothed, and with `unknown`:
//!
//! ```
//! use ambulo::{Declared, Predictor, Recording, Shipped, TimelineOptions};
//!
//! let predictor = Predictor::new(Shipped::named("waist").expect("it is in the box").model()?);
//! let (acceleration, angular_velocity) = (vec![[0.99, -0.03, 0.11]; 500], vec![[0.0, 0.02, 0.01]; 500]);
//! let recording = Recording::uniform(50.0, acceleration, Some(angular_velocity));
//! let declared = Declared { up: Some([1.0, 0.0, 0.0]), ..Declared::default() };
//! let answers = predictor.timeline(&mut recording.source(), &declared, &TimelineOptions::default())?;
//! assert_eq!(answers.steps.unknown.len(), answers.steps.len());
//! # Ok::<(), ambulo::ModelError>(())
//! ```
//!
//! Live, sample by sample, each sensor as it comes:
//!
//! ```no_run
//! use ambulo::{Declared, Header, Model, Predictor, Sensor, SensorInfo, Stream};
//!
//! let predictor = Predictor::new(Model::load("runs/causal/model.safetensors".as_ref())?);
//! let at_50_hz = |sensor| SensorInfo { rate_hz: Some(50.0), ..SensorInfo::new(sensor) };
//! let sensors = vec![at_50_hz(Sensor::Accelerometer), at_50_hz(Sensor::Gyroscope)];
//! let header = Header { sensors, ..Header::default() };
//! let mut stream = Stream::new(&predictor, &header, &Declared::default())?;
//! for answer in stream.push(Sensor::Accelerometer, 20_000_000, [0.99, -0.03, 0.11]) {
//!     println!("{:?}", answer.probabilities);
//! }
//! # Ok::<(), ambulo::ModelError>(())
//! ```
//!
//! | | what it holds |
//! |---|---|
//! | [`Model`], [`Predictor`], [`Stream`], [`Live`] | a model file, and its answers for whole recordings and as samples come, window by window or smoothed |
//! | [`Metadata`] and what it holds | what a model says of itself: labels, orientation, calibration, origin |
//! | [`Recording`], [`Source`] and what they hold | what is classified, in memory or pulled in chunks |
//! | [`Declared`], [`Report`], [`Finding`] | what is said about a recording, and what is found |
//! | [`preprocessing`] | the steps from a recording to a model's input, as values that a model file carries |
//! | [`labels`] | the vocabulary of activities, label sets, people |
//! | [`personal`] | a person's own model from a few seconds of each activity |
//! | [`network`] | a model's network: layers, parameters, and running it by hand |

pub use ambulo_model::shipped::{SHIPPED, Shipped};
pub use ambulo_model::{
    Answers, Calibration, LONGEST_DELAY_S, Live, LiveAnswer, Metadata, Model, ModelError, Objective,
    Prediction, Predictor, Pretext, Provenance, RequiredOrientation, Smoothing, Stream, TimelineOptions,
};
pub use ambulo_record::timeline::Steps;
pub use ambulo_signal::intake::{
    Autocalibrate, AxisMap, Calibration as SensorCalibration, ClockBack, Declared, Gap, Report, SensorReport,
    Stretch,
};
pub use ambulo_signal::{
    Chunk, Clock, Finding, FindingKind, Header, Orientation, Place, Recording, RecordingSource, Samples,
    Sensor, SensorInfo, SensorSeries, Severity, SignalError, Source, SourceError, Start, Unit,
};

/// The vocabulary of activities, the label set of a model, people.
pub mod labels {
    pub use ambulo_record::vocabulary::{Node, lookup, nodes, root};
    pub use ambulo_record::{Answer, LabelSet, LabelSetError, Level, PersonId, PersonIdError, Target};
}

/// The steps from a recording to a model's input.
pub mod preprocessing {
    pub use ambulo_signal::{
        Channel, Companding, Facing, GravityFilter, InertialSignals, Layout, Level, NoiseFilter,
        Normalisation, Phase, Preprocessing, PreprocessingStream, Resampling, Rotation, Segment, Signal,
        Units,
    };
}

/// A person's own model from a few seconds of each activity.
pub mod personal {
    pub use ambulo_model::adapt::{
        AdaptError, Adapted, Collected, Examples, SHRINKAGE, SaidInterval, Seen, Segment, adapt,
    };
    pub use ambulo_record::{Adaptation, AdaptedActivity, HeldOut};
}

/// A model's network: what it consists of, and running it on arrays that were prepared elsewhere.
pub mod network {
    pub use ambulo_nn::{
        Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter,
        Pooling, Role, Shape, WindowPooling,
    };
}
