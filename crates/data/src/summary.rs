//! What is in a data set: counts per person and activity, and whether it is the published content.

use crate::windows::{runs, unreadable};
use crate::{Content, DataError, Dataset, hapt};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::UNLABELLED;
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
    /// By person, then by label; [`UNLABELLED`] is what carries none.
    pub subjects: BTreeMap<PersonId, BTreeMap<String, Counts>>,
}

impl Summary {
    /// Counts by label, over everyone.
    pub fn activities(&self) -> BTreeMap<String, Counts> {
        let mut activities: BTreeMap<String, Counts> = BTreeMap::new();
        for (activity, &counts) in self.subjects.values().flatten() {
            *activities.entry(activity.clone()).or_default() += counts;
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

/// Counts what is there, in samples of the accelerometer; windows as they would be cut with this window and step at the
/// recording's own rate.
///
/// Windows of what carries no label are not counted. Where windows were published, `window` and `step`
/// are ignored and the summary has the published length.
///
/// # Errors
/// A recording that cannot be loaded.
pub fn summarise(dataset: &Dataset, window: usize, step: usize) -> Result<Summary, DataError> {
    let mut summary = Summary { window, step, ..Summary::default() };
    match &dataset.content {
        Content::Recordings(recordings) => {
            summary.recordings = recordings.len();
            for recording in recordings {
                let person = summary.subjects.entry(recording.person.clone()).or_default();
                let rate_hz = recording.rate_hz().unwrap_or(dataset.info.rate_hz);
                let loaded = recording.recording.load().map_err(|source| unreadable(recording, source))?;
                for (label, run) in runs(recording.sample_labels(&loaded)) {
                    let windows = label.map_or(0, |_| window_starts(run.len(), window, step).count());
                    let name = label.map_or(UNLABELLED, |label| label);
                    *person.entry(name.to_owned()).or_default() += Counts {
                        samples: run.len() as u64,
                        seconds: run.len() as f64 / rate_hz,
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
            for (person, label) in published.people.iter().zip(&published.labels) {
                let person = summary.subjects.entry(person.clone()).or_default();
                *person.entry(label.to_string()).or_default() += counts;
            }
        }
    }
    Ok(summary)
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
/// For HAPT's recordings the hash is computed anew from the samples in memory.
///
/// # Errors
/// A recording that cannot be loaded.
pub fn verify(dataset: &Dataset) -> std::io::Result<Verification> {
    let found = match &dataset.content {
        Content::Recordings(recordings) if dataset.info.name == hapt::NAME => hapt::content_hash(recordings)?,
        _ => dataset.sha256.clone(),
    };
    Ok(Verification { dataset: dataset.info.name.clone(), expected: dataset.info.sha256.clone(), found })
}
