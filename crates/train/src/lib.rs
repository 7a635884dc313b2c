//! From a data set to a run directory: training with the choice on validation subjects, one final evaluation on
//! test subjects, and the records that a report or a paper is made of.
//!
//! - [`Config`]: everything that determines a run, as a value and as TOML;
//! - [`Run`]: a run directory; [`Run::create`] or [`Run::resume`], then [`Run::execute`];
//! - [`select`]: what a configuration reaches on validation people, for choosing between configurations;
//! - [`run_learner`]: any other method in the same protocols, with the same records;
//! - [`evaluate`]: a saved model on subjects it was not trained on; [`evaluate_continuous`]: on their whole recordings;
//! - [`personal`]: what a little of their own is worth to people whom a model has not seen;
//! - [`metrics`]: figures with intervals; what is written down are the values of [`ambulo_record`].
//!
//! Training and choosing take [`ambulo_data::Partition`]s for training and validation; the windows of test subjects
//! come out once, after every choice has been made.

mod config;
mod directory;
mod error;
mod evaluation;
pub mod metrics;
pub mod personal;
mod pretrain;
mod protocol;
mod run;
pub mod tensorboard;
mod timeline;
mod training;

pub use ambulo_data::Protocol;
pub use ambulo_signal::Orientation;
pub use config::{
    Asked, AskedFrom, Augmentation, Balance, ClassWeighting, Config, FewAmount, FewAmounts, FewConfig,
    Freeze, FromConfig, Labels, Length, ModelKind, NetworkConfig, PerLayer, TrainingConfig, ValidationConfig,
};
pub use directory::files::RunFiles;
pub use error::{Difference, Differences, TrainError};
pub use evaluation::compare::{Pair, compare};
pub use evaluation::continuous::{
    Answering, ContinuousOptions, TimedAnswers, TrueFile, Way, by_timeline, evaluate_continuous,
    evaluate_files, score_recordings,
};
pub use evaluation::export::export_reference;
pub use evaluation::predictions;
pub use evaluation::sources::sources_of;
pub use evaluation::transfer;
pub use evaluation::unseen::{Evaluation, NamedModel, evaluate};
pub use pretrain::{
    Material, PretextEpoch, PretrainConfig, PretrainObserver, PretrainPeople, Pretrained, pretrain,
};
pub use protocol::labels_of_data::{FoundLabels, LabelChoice};
pub use protocol::out_of_fold::{OutOfFold, out_of_fold};
pub use protocol::select::{Selection, select};
pub use run::few::{Few, LEAST_STEPS};
pub use run::learner::{Learner, LearnerRun, run_learner};
pub use run::transfer::{OTHERS, Transfer};
pub use run::{Outcome, Run};
pub use timeline::{LeftOut, PriorFigures, ScoreKind, TimelineFigures, fit_timeline, with_memory};
pub use training::observer::{Observer, Progress, Silent};
