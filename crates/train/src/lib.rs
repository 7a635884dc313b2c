//! From a data set to a run directory: training with the choice on validation subjects, one final evaluation on
//! test subjects, and the records that a report or a paper is made of.
//!
//! - [`Config`]: everything that determines a run, as a value and as TOML;
//! - [`Run`]: a run directory; [`Run::create`] or [`Run::resume`], then [`Run::execute`];
//! - [`select`]: what a configuration reaches on validation people, for choosing between configurations;
//! - [`baseline`]: hand-made features with classifiers, which every network is shown beside;
//! - [`evaluate`]: a saved model on subjects it was not trained on;
//! - [`metrics`]: figures with intervals; what is written down are the values of [`ambulo_record`].
//!
//! Training and choosing take [`ambulo_data::Partition`]s of the training and validation role; the windows of test
//! subjects come out once, after every choice has been made.

mod augment;
pub mod baseline;
mod checkpoint;
mod compare;
mod config;
mod cross_validation;
mod error;
mod evaluate;
mod execution;
mod export;
mod files;
mod final_evaluation;
mod journal;
pub mod metrics;
mod models;
mod observer;
mod plan;
pub mod predictions;
mod run;
mod select;
pub mod tensorboard;
mod trainer;
mod wearing;

pub use augment::Augmentation;
pub use compare::{Pair, compare};
pub use config::{
    ClassWeighting, Config, DEFAULT_MODEL, Keep, NetworkConfig, ORIENTATIONS, Orientedness, PROTOCOLS,
    TrainingConfig, ValidationConfig,
};
pub use cross_validation::CrossValidation;
pub use error::TrainError;
pub use evaluate::{Evaluation, NamedModel, evaluate};
pub use export::export_reference;
pub use files::RunFiles;
pub use models::{MODELS, default_network, describe};
pub use observer::{Observer, Progress, Silent};
pub use run::{Outcome, Run};
pub use select::{Selection, select};
