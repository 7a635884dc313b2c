//! What can go wrong between a configuration and a finished run.

use crate::evaluation::predictions::PredictionsError;
use crate::metrics::MetricsError;
use crate::tensorboard::EventFileError;
use ambulo_data::DataError;
use ambulo_model::ModelError;
use ambulo_model::adapt::AdaptError;
use ambulo_nn::NnError;
use ambulo_record::LabelSetError;
use ambulo_record::Stage;
use ambulo_signal::SignalError;
use std::fmt;
use std::path::PathBuf;

/// One thing in which a model is not what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub what: String,
    /// As it is asked for.
    pub asked: String,
    /// As the model has it.
    pub found: String,
}

/// Everything in which a model is not what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differences(pub Vec<Difference>);

impl From<Vec<Difference>> for Differences {
    fn from(all: Vec<Difference>) -> Self {
        Self(all)
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Difference { what, asked, found }) in self.0.iter().enumerate() {
            let between = if i == 0 { "" } else { "; " };
            write!(f, "{between}{what} asked for is {asked}, the file has {found}")?;
        }
        Ok(())
    }
}

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A name that is none of the choices.
    #[error("unknown {what} `{found}`, expected one of: {choices}")]
    Unknown {
        /// What was named.
        what: &'static str,
        /// The name.
        found: String,
        /// What there is.
        choices: String,
    },
    /// A value of the configuration out of range.
    #[error("{setting} is {found}, expected {expected}")]
    Setting {
        /// The setting as configuration files name it.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// One fold of a protocol failed.
    #[error("fold {fold}: {source}")]
    Fold {
        /// Its number, from 1.
        fold: usize,
        /// What went wrong.
        source: Box<TrainError>,
    },
    /// Runs that cannot be compared.
    #[error("{} and {} cannot be compared: {reason}", base.display(), other.display())]
    Incomparable {
        /// The run compared with.
        base: PathBuf,
        /// The other.
        other: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The model that a training begins with is not what is asked for.
    #[error(
        "a training that begins with {} takes its layers and preprocessing: {differences}\n\
         hint: leave these out, or begin with a model that has them", path.display()
    )]
    AncestorDiffers {
        /// The file.
        path: PathBuf,
        /// What differs.
        differences: Differences,
    },
    /// The model that a training begins with has changed.
    #[error(
        "{} is not the model that the training began with: its SHA-256 is {found}, expected {expected}", path.display()
    )]
    OtherAncestor {
        /// The file.
        path: PathBuf,
        /// Hash in the configuration.
        expected: String,
        /// Hash of the file.
        found: String,
    },
    /// A model that no training can begin with.
    #[error("{} cannot be trained on: {reason}", path.display())]
    UnfitAncestor {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// People whom the model that a training begins with has seen.
    #[error(
        "the model in {} was shaped by people of {dataset} who would be {role}: {people}\n\
         hint: begin with a model that has not seen them, or choose another protocol, fold or validation draw", path.display()
    )]
    SeenByAncestor {
        /// The file.
        path: PathBuf,
        /// Name of the data set.
        dataset: String,
        /// What they would be for.
        role: &'static str,
        /// The people.
        people: String,
    },
    /// A setting of another model.
    #[error(
        "{setting} is given, but the model {model} has no such size\nhint: leave it out, or choose a model that has it"
    )]
    ForeignSetting {
        /// The setting.
        setting: &'static str,
        /// The model.
        model: String,
    },
    /// A configuration file that is not what it should be.
    #[error("{}: {source}", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A configuration that cannot be written.
    #[error("the configuration cannot be written as TOML: {0}")]
    ConfigText(#[from] toml::ser::Error),
    /// Too few windows to say what training windows are like.
    #[error("{found} training windows are too few, or all alike, to describe them in {dimension} dimensions")]
    TooFewWindows {
        /// Windows there are.
        found: usize,
        /// Values that describe each.
        dimension: usize,
    },
    /// The file system's answer.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be written; the message names it.
    #[error("cannot write {0}")]
    Write(#[source] std::io::Error),
    /// The directory for a new run has something in it.
    #[error(
        "{} exists already and is not empty\nhint: name another directory, or resume the run in it",
        path.display()
    )]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// A directory to be resumed that holds no run.
    #[error("{} is no run directory: it has no {missing}", path.display())]
    NoRun {
        /// The directory.
        path: PathBuf,
        /// The file that is missing.
        missing: &'static str,
    },
    /// The run is over already.
    #[error(
        "the run in {} is finished; there is nothing to resume", path.display()
    )]
    Finished {
        /// The directory.
        path: PathBuf,
    },
    /// Another process works on the run.
    #[error("another process is training in {}", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// A record that cannot be read back.
    #[error("{}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The data set is not the one the run was begun with.
    #[error("the run was begun on data with SHA-256 {expected}, this is {found}")]
    OtherData {
        /// Hash in the run.
        expected: String,
        /// Hash of the data given now.
        found: String,
    },
    /// `config.toml` is not what the run was begun with.
    #[error(
        "{} was changed after the run was begun; only `threads` and `data` may be\n\
         hint: undo the change, or start a new run with it", path.display()
    )]
    OtherConfiguration {
        /// The file.
        path: PathBuf,
    },
    /// `config.toml` does not say everything that a run needs.
    #[error(
        "{} is incomplete: it has no `{missing}`, so it is not what the run was begun with\n\
         hint: restore it, or start a new run with it", path.display()
    )]
    IncompleteConfiguration {
        /// The file.
        path: PathBuf,
        /// The first key that is missing.
        missing: String,
    },
    /// The kernels are not those the run was begun with.
    #[error(
        "the run was begun on a processor with {expected}, this one has {found}: the result would be another\n\
         hint: resume on the same kind of processor, or start a new run"
    )]
    OtherInstructionSet {
        /// Instruction set in the run.
        expected: String,
        /// Instruction set here.
        found: String,
    },
    /// A number that is not finite during training.
    #[error("training diverged (seed {seed}, {}, epoch {epoch}): {source}", match stage {
        Stage::Select => "choosing the epoch",
        Stage::Refit => "refit",
    })]
    Diverged {
        /// The seed.
        seed: u64,
        /// Choice or refit.
        stage: Stage,
        /// The epoch, from 1.
        epoch: usize,
        /// What was not finite.
        source: NnError,
    },
    /// A data set without the people a model was trained on.
    #[error(
        "{dataset} has no window of the people the model was trained on\nhint: take the data it was trained on"
    )]
    NoReference {
        /// Name of the data set.
        dataset: String,
    },
    /// Labels in the data that cannot be classes.
    #[error(
        "the activities that training people of {dataset} did for at least a window are [{found}]: {source}"
    )]
    LabelsOfData {
        /// Name of the data set.
        dataset: String,
        /// The activities.
        found: String,
        /// What is wrong with them.
        source: ambulo_record::LabelSetError,
    },
    /// A class without a training window.
    #[error("no training window has the label {label}: it cannot be learned")]
    EmptyClass {
        /// The label.
        label: String,
    },
    /// A label set that cannot be.
    #[error(transparent)]
    Labels(#[from] LabelSetError),
    /// Models that were not trained for the same input and labels.
    #[error("{first} and {other} are no models of one run: their preprocessing or labels differ")]
    DifferentModels {
        /// Name of the first.
        first: String,
        /// Name of one that differs from it.
        other: String,
    },
    /// A whole recording that could not be answered or scored.
    #[error("recording {recording} of person {person}: {source}")]
    Recording {
        /// Who wore the device.
        person: ambulo_record::PersonId,
        /// Name of the recording.
        recording: String,
        /// What went wrong.
        source: Box<TrainError>,
    },
    /// A person with whom a model could not be adapted or scored.
    #[error("person {person}: {source}")]
    Person {
        /// Who.
        person: ambulo_record::PersonId,
        /// What went wrong.
        source: Box<TrainError>,
    },
    /// No person of a data set of whom anything could be measured.
    #[error("there is nobody in {dataset} to ask about: {reason}\nhint: {hint}")]
    NobodyToAsk {
        /// Name of the data set.
        dataset: String,
        /// Why not.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// An activity that is to be new and is not.
    #[error(
        "{model} knows {activity} already, or activities above or beneath it\n\
         hint: name one that it does not know, or leave out --new to measure what the model knows"
    )]
    KnownActivity {
        /// Name of the model.
        model: String,
        /// The activity.
        activity: String,
    },
    /// Recordings from which nothing can be learned.
    #[error("there is nothing to learn from: {found}\nhint: {hint}")]
    NothingToLearn {
        /// What there is.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// People who are for testing only.
    #[error(
        "{people} of {dataset} are test people, whom nothing may be learned from\n\
         hint: --all-people takes them in nevertheless; the model can then not be tested on them any more"
    )]
    TestPeople {
        /// Name of the data set.
        dataset: String,
        /// Who.
        people: String,
    },
    /// A pre-training whose numbers are no numbers any more.
    #[error(
        "pre-training diverged in epoch {epoch}: {source}\nhint: try a lower learning rate or another seed"
    )]
    PretextDiverged {
        /// Epoch, from 1.
        epoch: usize,
        /// What was found.
        source: NnError,
    },
    /// Windows, subjects or splits.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Examples that make no personal model.
    #[error(transparent)]
    Adapt(#[from] AdaptError),
    /// The model or its file.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The network or an optimiser's option.
    #[error(transparent)]
    Network(#[from] NnError),
    /// The preprocessing.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// Figures.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The table of predictions.
    #[error(transparent)]
    Predictions(#[from] PredictionsError),
    /// TensorBoard's event file.
    #[error(transparent)]
    Events(#[from] EventFileError),
}

impl TrainError {
    /// Whether the user asked for something that does not exist or cannot be, as opposed to something that failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Unknown { .. }
                | Self::Setting { .. }
                | Self::ForeignSetting { .. }
                | Self::Incomparable { .. }
                | Self::ConfigFile { .. }
                | Self::Exists { .. }
                | Self::NoRun { .. }
                | Self::ConfigText(_)
                | Self::OtherConfiguration { .. }
                | Self::IncompleteConfiguration { .. }
                | Self::Finished { .. }
                | Self::AncestorDiffers { .. }
                | Self::OtherAncestor { .. }
                | Self::UnfitAncestor { .. }
                | Self::SeenByAncestor { .. }
                | Self::TestPeople { .. }
                | Self::NobodyToAsk { .. }
                | Self::KnownActivity { .. }
        ) || matches!(
            self,
            Self::Network(
                NnError::Option { .. } | NnError::Shape { .. } | NnError::Setting { .. } | NnError::Empty
            )
        ) || matches!(self, Self::Signal(SignalError::Setting { .. }))
            // Transparent variants do not appear in the chain of causes.
            || matches!(self, Self::Data(data) if data.is_usage())
            || matches!(self, Self::Fold { source, .. } if source.is_usage())
    }
}
