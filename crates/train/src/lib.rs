//! From a data set to a run directory: training with the choice on validation subjects, one final evaluation on
//! test subjects, and the records that a report or a paper is made of.
//!
//! - [`Config`]: everything that determines a run, as a value and as TOML;
//! - [`Run`]: a run directory; [`Run::create`] or [`Run::resume`], then [`Run::execute`];
//! - [`select`]: what a configuration reaches on validation people, for choosing between configurations;
//! - [`baseline`]: hand-made features with classifiers, which every network is shown beside;
//! - [`evaluate`]: a saved model on subjects it was not trained on;
//! - [`metrics`]: figures with intervals; [`record`]: what is written down.
//!
//! Training and choosing take [`ambulo_data::Partition`]s for training and validation; the windows of test subjects
//! come out once, after every choice has been made.

pub mod baseline;
mod config;
mod directory;
mod error;
mod evaluation;
pub mod metrics;
mod protocol;
pub mod record;
mod run;
pub mod tensorboard;
mod training;

pub use ambulo_data::Protocol;
pub use ambulo_signal::Orientation;
pub use config::{
    Augmentation, ClassWeighting, Config, Keep, ModelKind, NetworkConfig, TrainingConfig, ValidationConfig,
};
pub use directory::files::{CONFIG, EVALUATIONS, FOLDS, METRICS, MODEL, RunFiles};
pub use error::TrainError;
pub use evaluation::compare::{Pair, compare};
pub use evaluation::export::export_reference;
pub use evaluation::predictions;
pub use evaluation::unseen::{Evaluation, NamedModel, evaluate};
pub use evaluation::wearing::Wearing;
pub use protocol::select::{Selection, select};
pub use run::{Outcome, Run};
pub use training::observer::{Observer, Progress, Silent};
