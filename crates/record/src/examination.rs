//! What an examination of a labelled data set found: how much there is of what, and what is wrong or strange.

use crate::PersonId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Version of the layout of [`Examination`].
pub const EXAMINATION_FORMAT: u32 = 1;

/// How much there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// Seconds of signal.
    pub seconds: f64,
    /// Windows that can be cut of it.
    pub windows: u64,
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.windows += other.windows;
    }
}

/// A person of the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExaminedPerson {
    /// Who.
    pub person: PersonId,
    /// Number of recordings; 0 where windows were published without them.
    pub recordings: usize,
    /// By label; [`UNLABELLED`](crate::vocabulary::UNLABELLED) is what carries none.
    pub activities: BTreeMap<String, Amount>,
}

/// An activity of the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExaminedActivity {
    /// Its label.
    pub label: String,
    /// People who did it.
    pub people: usize,
    /// How much there is of it.
    pub amount: Amount,
}

/// Rates of one person's recordings with one device at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExaminedRate {
    /// Who.
    pub person: PersonId,
    /// Where the device was worn, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// The device, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The rate that is stated, in Hz.
    pub stated_hz: f64,
    /// Lowest, median and highest rate that the times of recordings show, in Hz; none where no recording has times, or enough of them.
    pub found_hz: Option<[f64; 3]>,
    /// Recordings of which the rate was found.
    pub checked: usize,
    /// All recordings.
    pub recordings: usize,
}

/// What is wrong or strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file or recording that cannot be read.
    Unreadable,
    /// A recording without a sample.
    Empty,
    /// The same signal under two people.
    CopyOfPerson,
    /// The same signal under two labels.
    CopyOfLabel,
    /// Values that are a unit off.
    Unit,
    /// Acceleration at rest that is not 1 g.
    AtRest,
    /// Axes that point elsewhere than other people's.
    Axes,
    /// Accelerometer and gyroscope that do not share their axes.
    AxesBetweenSensors,
    /// A rate that is not the stated one.
    Rate,
    /// Labels that come too early or too late.
    LabelsShifted,
    /// A person whose activity looks like another one of everyone else.
    StrangePerson,
    /// A short stretch that looks like what surrounds it.
    StrangeLabel,
    /// A recording that carries no label.
    Unlabelled,
    /// A label that is in neither the common vocabulary nor placed in it.
    UnknownLabel,
    /// Much less or much more of a person or an activity than of the others.
    Imbalance,
    /// What was noticed while files were read.
    Reading,
}

impl ProblemKind {
    /// Its name as in JSON, e.g. `labels_shifted`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Empty => "empty",
            Self::CopyOfPerson => "copy_of_person",
            Self::CopyOfLabel => "copy_of_label",
            Self::Unit => "unit",
            Self::AtRest => "at_rest",
            Self::Axes => "axes",
            Self::AxesBetweenSensors => "axes_between_sensors",
            Self::Rate => "rate",
            Self::LabelsShifted => "labels_shifted",
            Self::StrangePerson => "strange_person",
            Self::StrangeLabel => "strange_label",
            Self::Unlabelled => "unlabelled",
            Self::UnknownLabel => "unknown_label",
            Self::Imbalance => "imbalance",
            Self::Reading => "reading",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure it is that something has to be done, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemWeight {
    /// It is wrong, and what is trained or tested on it will be.
    Fault,
    /// It looks wrong: somebody has to look.
    Suspicion,
    /// Worth knowing.
    Note,
}

impl ProblemWeight {
    /// Its name as in JSON, e.g. `fault`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Suspicion => "suspicion",
            Self::Note => "note",
        }
    }
}

/// Where a problem is. What is absent holds for the whole data set, person or recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProblemPlace {
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Recordings or files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recordings: Vec<String>,
    /// Where it begins, in seconds from the recording's zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_s: Option<f64>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_s: Option<f64>,
}

/// Something that is wrong or strange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// How sure.
    pub weight: ProblemWeight,
    /// Where.
    pub place: ProblemPlace,
    /// A sentence with what was found and what was expected.
    pub text: String,
    /// What to do.
    pub advice: String,
}

impl Problem {
    /// A problem of the data set as a whole.
    #[must_use]
    pub fn new(kind: ProblemKind, weight: ProblemWeight, text: impl Into<String>, advice: &str) -> Self {
        let place = ProblemPlace::default();
        Self { kind, weight, place, text: text.into(), advice: advice.into() }
    }

    /// The same of a person.
    #[must_use]
    pub fn of(mut self, person: &PersonId) -> Self {
        self.place.person = Some(person.clone());
        self
    }

    /// The same in these recordings or files.
    #[must_use]
    pub fn within<T: Into<String>>(mut self, recordings: impl IntoIterator<Item = T>) -> Self {
        self.place.recordings = recordings.into_iter().map(Into::into).collect();
        self
    }

    /// The same in a stretch of time, in seconds from the recording's zero.
    #[must_use]
    pub fn between(mut self, start_s: f64, end_s: f64) -> Self {
        (self.place.start_s, self.place.end_s) = (Some(start_s), Some(end_s));
        self
    }
}

/// What an examination of a labelled data set found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Examination {
    /// Version of this layout, [`EXAMINATION_FORMAT`].
    pub format: u32,
    /// Version of Ambulo that examined it.
    pub ambulo_version: String,
    /// Short name of the data set.
    pub dataset: String,
    /// Its title.
    pub title: String,
    /// Its terms.
    pub licence: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Length of a window in seconds, by which windows are counted.
    pub window_s: f64,
    /// Seconds from one window to the next.
    pub step_s: f64,
    /// Number of recordings; 0 where windows were published without them.
    pub recordings: usize,
    /// Everything, with and without label.
    pub total: Amount,
    /// What is wrong or strange, the gravest first.
    pub problems: Vec<Problem>,
    /// What could not be looked at, and why, a sentence each.
    pub not_checked: Vec<String>,
    /// Everyone, in order.
    pub people: Vec<ExaminedPerson>,
    /// The labels, those with most time first, without what carries none.
    pub activities: Vec<ExaminedActivity>,
    /// By where the device was worn.
    pub placements: BTreeMap<String, Amount>,
    /// By device.
    pub devices: BTreeMap<String, Amount>,
    /// By group of people.
    pub groups: BTreeMap<String, Amount>,
    /// By condition.
    pub conditions: BTreeMap<String, Amount>,
    /// Rates found against stated.
    pub rates: Vec<ExaminedRate>,
}

impl Examination {
    /// Number of problems of a weight.
    #[must_use]
    pub fn count(&self, weight: ProblemWeight) -> usize {
        self.problems.iter().filter(|problem| problem.weight == weight).count()
    }
}
