//! Activities, and the ordered choice of them that a model tells apart.

use crate::DataError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names of the activities 0 to 12, spelt as the published `activity_labels.txt` does.
const NAMES: [&str; 13] = [
    "UNLABELLED",
    "WALKING",
    "WALKING_UPSTAIRS",
    "WALKING_DOWNSTAIRS",
    "SITTING",
    "STANDING",
    "LAYING",
    "STAND_TO_SIT",
    "SIT_TO_STAND",
    "SIT_TO_LIE",
    "LIE_TO_SIT",
    "STAND_TO_LIE",
    "LIE_TO_STAND",
];

/// An activity by its number: 1 to 6 as in UCI HAR, 7 to 12 the postural transitions of HAPT, 0 unlabelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Activity(u8);

impl Activity {
    /// No activity recorded.
    pub const UNLABELLED: Self = Self(0);
    /// Level walking.
    pub const WALKING: Self = Self(1);
    /// Walking up a staircase.
    pub const WALKING_UPSTAIRS: Self = Self(2);
    /// Walking down a staircase.
    pub const WALKING_DOWNSTAIRS: Self = Self(3);
    /// Sitting.
    pub const SITTING: Self = Self(4);
    /// Standing.
    pub const STANDING: Self = Self(5);
    /// Lying.
    pub const LAYING: Self = Self(6);

    /// The activity with this number, 0 to 12.
    pub fn new(code: u8) -> Option<Self> {
        (usize::from(code) < NAMES.len()).then_some(Self(code))
    }

    /// The activity of this name, e.g. `WALKING`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|activity| activity.name().eq_ignore_ascii_case(name))
    }

    /// All thirteen, unlabelled first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=12).map(Self)
    }

    /// Its number, 0 to 12.
    pub fn code(self) -> u8 {
        self.0
    }

    /// Whether it is one of the postural transitions, 7 to 12.
    pub fn is_transition(self) -> bool {
        self.0 >= 7
    }

    /// Its name, e.g. `WALKING`.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<Activity> for u8 {
    fn from(activity: Activity) -> Self {
        activity.0
    }
}

impl TryFrom<u8> for Activity {
    type Error = DataError;
    fn try_from(code: u8) -> Result<Self, DataError> {
        Self::new(code).ok_or(DataError::UnknownActivity { found: code.to_string(), known: names() })
    }
}

fn names() -> String {
    Activity::all().map(|a| format!("{} {a}", a.code())).collect::<Vec<_>>().join(", ")
}

/// The activities a model tells apart, in the order of its outputs: class index `i` is the `i`-th of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Activity>", into = "Vec<Activity>")]
pub struct LabelSet(Vec<Activity>);

impl LabelSet {
    /// A set from activities in the order of class indices.
    ///
    /// # Errors
    /// With fewer than two activities, one twice, or the unlabelled one among them.
    pub fn new(activities: Vec<Activity>) -> Result<Self, DataError> {
        let repeated = activities.iter().enumerate().any(|(i, a)| activities[..i].contains(a));
        if activities.len() < 2 || repeated || activities.contains(&Activity::UNLABELLED) {
            let found = activities.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ");
            return Err(DataError::InvalidLabelSet { found });
        }
        Ok(Self(activities))
    }

    /// The six activities of UCI HAR: walking, upstairs, downstairs, sitting, standing, laying.
    pub fn six() -> Self {
        Self((1..=6).map(Activity).collect())
    }

    /// The six activities followed by the six postural transitions, as in HAPT.
    pub fn twelve() -> Self {
        Self((1..=12).map(Activity).collect())
    }

    /// Number of classes.
    #[allow(clippy::len_without_is_empty)] // never empty, by construction
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The activities, in the order of class indices.
    pub fn activities(&self) -> &[Activity] {
        &self.0
    }

    /// Their names, in the order of class indices.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|a| a.name()).collect()
    }

    /// Class index of an activity number; `None` where it is not among the classes.
    pub fn index_of(&self, code: u8) -> Option<u8> {
        // At most twelve activities exist, so the position fits.
        self.0.iter().position(|a| a.code() == code).map(|i| i as u8)
    }

    /// Activity of a class index; `None` from [`Self::len`] on.
    pub fn activity(&self, index: u8) -> Option<Activity> {
        self.0.get(usize::from(index)).copied()
    }
}

impl From<LabelSet> for Vec<Activity> {
    fn from(labels: LabelSet) -> Self {
        labels.0
    }
}

impl TryFrom<Vec<Activity>> for LabelSet {
    type Error = DataError;
    fn try_from(activities: Vec<Activity>) -> Result<Self, DataError> {
        Self::new(activities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_published_label_file() {
        assert_eq!(Activity::from_name("walking_downstairs"), Some(Activity::WALKING_DOWNSTAIRS));
        assert_eq!(Activity::new(6).unwrap().name(), "LAYING");
        assert_eq!(Activity::new(12).unwrap().name(), "LIE_TO_STAND");
        assert_eq!(Activity::new(13), None);
    }

    #[test]
    fn class_index_and_activity_are_inverse() {
        let labels = LabelSet::new(vec![Activity::LAYING, Activity::WALKING]).unwrap();
        assert_eq!(labels.index_of(6), Some(0));
        assert_eq!(labels.index_of(1), Some(1));
        assert_eq!(labels.index_of(2), None);
        assert_eq!(labels.activity(1), Some(Activity::WALKING));
        assert_eq!(labels.activity(2), None);
        assert_eq!(LabelSet::six().names()[4], "STANDING");
    }

    #[test]
    fn a_label_set_refuses_repeats_and_the_unlabelled() {
        assert!(LabelSet::new(vec![Activity::WALKING]).is_err());
        assert!(LabelSet::new(vec![Activity::WALKING, Activity::WALKING]).is_err());
        assert!(LabelSet::new(vec![Activity::WALKING, Activity::UNLABELLED]).is_err());
    }
}
