//! Why there is no personal model.

use super::SHRINKAGE;
use crate::ModelError;
use alloc::string::String;
use ambulo_record::LabelSetError;
use ambulo_record::vocabulary::NameError;

/// Why examples make no personal model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdaptError {
    /// Nothing that is long enough.
    #[error("there is no window of any activity\nhint: give at least {seconds:.1} s of each without a pause")]
    Nothing {
        /// Length of a window.
        seconds: f64,
    },
    /// One that the model knows already, and nothing else.
    #[error(
        "all examples are of `{activity}`, which the model knows: one activity does not tell how it is told from others\n\
         hint: give a few seconds of at least one more"
    )]
    OneActivity {
        /// Its name.
        activity: String,
    },
    /// No name of an activity.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A word that stands for no activity.
    #[error("`{name}` is a reserved word and no activity")]
    Reserved {
        /// The word.
        name: String,
    },
    /// A label that says nothing to the model.
    #[error(
        "`{name}` stands above all activities of the model, so that it tells none of them apart\nhint: name what was done more exactly"
    )]
    SaysNothing {
        /// The label.
        name: String,
    },
    /// The same windows twice.
    #[error("the same windows are given as `{first}` and as `{second}`\nhint: leave out what is wrong")]
    Contradiction {
        /// One of the names.
        first: String,
        /// The other.
        second: String,
    },
    /// A new name that cannot stand beside those there are.
    #[error(transparent)]
    Labels(#[from] LabelSetError),
    /// Windows that another network looked at.
    #[error(
        "the examples are of another model\nhint: collect them again with the model that is to be adapted"
    )]
    OtherModel,
    /// A network whose last layer is none that can be moved so.
    #[error(
        "the network does not end in a linear layer on one vector for each window, so it cannot be adapted"
    )]
    NoHead,
    /// A network in which there is nothing but the last layer to move.
    #[error(
        "the network has no normalisation whose scale and shift could be moved\nhint: move the last layer alone"
    )]
    NoNormalisation,
    /// A network without running statistics.
    #[error(
        "the network has no batch normalisation, whose statistics could be a person's own\nhint: --without-labels clusters moves the last layer"
    )]
    NoStatistics,
    /// Recordings of hardly anything.
    #[error(
        "the recordings hold {windows} windows or more of {found} activities, of which it takes {needed}: what they have in common is \
         what was done, not who did it\nhint: give recordings in which more is done"
    )]
    TooUniform {
        /// Activities of enough windows.
        found: usize,
        /// How many it takes.
        needed: usize,
        /// How many windows are enough.
        windows: usize,
    },
    /// A recording without labels of which it is not known how the device was worn.
    #[error(
        "it is not known which way was up, because nobody walks about in the recording\nhint: say which axis points up \
         (--axes x=up), or leave the recording out"
    )]
    NoVertical,
    /// Settings of a descent that are none.
    #[error("{what} of {found} is none\nhint: give a positive number")]
    Tuning {
        /// Which.
        what: &'static str,
        /// What was given.
        found: f64,
    },
    /// A value that is none.
    #[error("a value of the examples or of the model is not finite")]
    NotFinite,
    /// Recordings of which nobody said what was done, and of which the model knows little.
    #[error(
        "of {windows} windows {strange} are strange to the model, and of {lost} it is not known which way was up: what it makes of them is no \
         ground to learn from\n\
         hint: look whether sensor, place and unit are those of the model, say which way is up (--axes x=up), or label a few seconds of each \
         activity (--labels)"
    )]
    NothingKnown {
        /// Windows.
        windows: usize,
        /// Like nothing that it was taught.
        strange: usize,
        /// Of recordings in which nobody walks and no vertical is declared.
        lost: usize,
    },
    /// Recordings of which nobody said what was done, and in which no two activities are told apart that could be mistaken for each
    /// other.
    #[error(
        "of {windows} windows without labels there is none to learn from: it takes {seconds:.0} s each of two activities that are like each \
         other and that the model is sure of\n\
         hint: give more of the same person, some minutes of a usual day, or label a few seconds of each activity (--labels)"
    )]
    NothingSure {
        /// Windows.
        windows: usize,
        /// How much it takes, in seconds.
        seconds: f64,
    },
    /// A shrinkage that is none.
    #[error("a shrinkage of {found} is none\nhint: give a positive number, {SHRINKAGE} is usual")]
    Shrinkage {
        /// What was given.
        found: f64,
    },
    /// The adapted model's parts.
    #[error(transparent)]
    Model(#[from] ModelError),
}
