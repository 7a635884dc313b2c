//! Figures of a test divided by what is known of its windows, and at each depth of the vocabulary.

use crate::{CoarseMetrics, Estimate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a test can be divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakdownBy {
    /// The data set.
    Dataset,
    /// Where the device was worn.
    Placement,
    /// The device.
    Device,
    /// The group of people that the person belongs to, as by age.
    Group,
    /// The condition of the recording.
    Condition,
}

impl BreakdownBy {
    /// All of them, in the order of records.
    pub const ALL: [Self; 5] = [Self::Dataset, Self::Placement, Self::Device, Self::Group, Self::Condition];

    /// Its name in records, and of the column of `predictions.parquet`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Placement => "placement",
            Self::Device => "device",
            Self::Group => "group",
            Self::Condition => "condition",
        }
    }

    /// The one of this name; `None` for a name that a later version may have given.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

impl fmt::Display for BreakdownBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The figures of a test, divided by one thing that is known of its windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Name of a [`BreakdownBy`], or one that a later version gave.
    pub by: String,
    /// One entry for each value, in the order of the alphabet; windows of which it is not known come last. At least two.
    pub parts: Vec<PartMetrics>,
}

/// The figures of the windows that have one value of a [`Breakdown`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartMetrics {
    /// The value, in the data set's own words; `None` where the data do not say.
    pub value: Option<String>,
    /// People with such windows.
    pub people: u64,
    /// Windows that carry a class (of one seed).
    pub windows: u64,
    /// Share of them classified correctly; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<Estimate>,
    /// Mean F1 over the classes that these windows carry; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<Estimate>,
    /// Recall of each class that these windows carry, in the order of the classes.
    pub recalls: Vec<LabelRecall>,
    /// Windows that are labelled above the classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coarse: Vec<CoarseMetrics>,
}

/// How much of one label is found, pooled over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelRecall {
    /// Name of the activity.
    pub label: String,
    /// Windows with this label (of one seed).
    pub windows: u64,
    /// Share of them for which it is the answer.
    pub recall: f64,
}

/// The test with the tree of activities cut at one depth: the classes beneath each activity of that depth are taken as one,
/// and the answer is the activity with the largest sum of probabilities.
///
/// Windows with a coarse label take part at the depths that they know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepthConfusion {
    /// Steps below the root of the vocabulary, from 1.
    pub depth: usize,
    /// Names of the activities of this depth, and of the classes that lie higher.
    pub labels: Vec<String>,
    /// Windows that take part (of one seed).
    pub windows: u64,
    /// Share of windows for which the activity is right.
    pub accuracy: Estimate,
    /// Mean F1 over the activities that occur in truth or answers.
    pub macro_f1: Estimate,
    /// `confusion[truth][answer]`, counts summed over seeds.
    pub confusion: Vec<Vec<u64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for by in BreakdownBy::ALL {
            assert_eq!(BreakdownBy::from_name(by.name()), Some(by));
        }
        assert_eq!(BreakdownBy::from_name("weather"), None);
    }
}
