//! What is in a data set: counts per person and activity, and whether it is the published content.

use crate::windows::segments;
use crate::{Activity, Content, DataError, Dataset, SubjectId};
use ambulo_signal::window_starts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Samples; where only overlapping windows were published, the samples in those.
    pub samples: u64,
    /// `samples` over the rate, in seconds.
    pub seconds: f64,
    /// Windows that can be cut.
    pub windows: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.samples += other.samples;
        self.seconds += other.seconds;
        self.windows += other.windows;
    }
}

/// Counts of a whole data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Samples per window the counts of windows are for.
    pub window: usize,
    /// Samples between windows.
    pub step: usize,
    /// Number of recordings; 0 where windows were published without them.
    pub recordings: usize,
    /// By person, then by activity number; activity 0 is what carries no label.
    pub subjects: BTreeMap<SubjectId, BTreeMap<u8, Counts>>,
}

impl Summary {
    /// Counts by activity number, over everyone.
    pub fn activities(&self) -> BTreeMap<u8, Counts> {
        let mut activities: BTreeMap<u8, Counts> = BTreeMap::new();
        for (&activity, &counts) in self.subjects.values().flatten() {
            *activities.entry(activity).or_default() += counts;
        }
        activities
    }

    /// Counts of everything.
    pub fn total(&self) -> Counts {
        self.activities().into_values().fold(Counts::default(), |mut total, counts| {
            total += counts;
            total
        })
    }
}

/// Counts what is there; windows as [`Subjects`](crate::Subjects) would cut them with this window and step.
///
/// Windows of the unlabelled activity 0 are not counted. Where windows were published, `window` and `step`
/// are ignored and the summary has the published length.
pub fn summarise(dataset: &Dataset, window: usize, step: usize) -> Summary {
    let mut summary = Summary { window, step, ..Summary::default() };
    match &dataset.content {
        Content::Recordings(recordings) => {
            summary.recordings = recordings.len();
            for recording in recordings {
                let subject = summary.subjects.entry(recording.subject).or_default();
                for (activity, segment) in segments(&recording.labels) {
                    let labelled = activity != Activity::UNLABELLED.code();
                    let windows =
                        if labelled { window_starts(segment.len(), window, step).count() } else { 0 };
                    *subject.entry(activity).or_default() += Counts {
                        samples: segment.len() as u64,
                        seconds: segment.len() as f64 / recording.recording.rate_hz,
                        windows: windows as u64,
                    };
                }
            }
        }
        Content::Windows(published) => {
            (summary.window, summary.step) = (published.time, published.time);
            let counts = Counts {
                samples: published.time as u64,
                seconds: published.time as f64 / published.rate_hz,
                windows: 1,
            };
            for (&subject, &activity) in published.subjects.iter().zip(&published.labels) {
                *summary.subjects.entry(subject).or_default().entry(activity).or_default() += counts;
            }
        }
    }
    summary
}

/// Result of comparing content with what was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Name of the data set.
    pub dataset: String,
    /// SHA-256 of the published content; `None` where it is not on record.
    pub expected: Option<String>,
    /// SHA-256 of this content.
    pub found: String,
}

impl Verification {
    /// Whether the content is the published one; `None` where that is not on record.
    pub fn matches(&self) -> Option<bool> {
        self.expected.as_ref().map(|expected| *expected == self.found)
    }

    /// The comparison as a result.
    ///
    /// # Errors
    /// [`DataError::HashMismatch`] where the two differ.
    pub fn check(&self) -> Result<(), DataError> {
        match &self.expected {
            Some(expected) if *expected != self.found => Err(DataError::HashMismatch {
                dataset: self.dataset.clone(),
                expected: expected.clone(),
                found: self.found.clone(),
            }),
            _ => Ok(()),
        }
    }
}

/// Compares the content of a data set with the published one.
///
/// For recordings the hash is computed anew from the samples in memory.
pub fn verify(dataset: &Dataset) -> Verification {
    let found = match &dataset.content {
        Content::Recordings(recordings) => crate::content_hash(recordings),
        Content::Windows(_) => dataset.sha256.clone(),
    };
    Verification { dataset: dataset.info.name.clone(), expected: dataset.info.sha256.clone(), found }
}
