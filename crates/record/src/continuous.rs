//! `continuous.json`: figures of whole recordings, answered from their first to their last step.
//!
//! What is scored and how is defined in docs/CONTINUOUS.md; events are those of Ward, Lukowicz and Gellersen, "Performance
//! metrics for activity recognition", ACM TIST 2(1), 2011.

use crate::{Estimate, PersonId, ReliabilityBin, Spread};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Version of the layout of [`ContinuousMetrics`]; readers refuse a larger one.
pub const CONTINUOUS_FORMAT: u32 = 1;

/// The whole of `continuous.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContinuousMetrics {
    /// [`CONTINUOUS_FORMAT`].
    pub format: u32,
    /// Version of Ambulo that wrote it.
    pub ambulo_version: String,
    /// Name of the model.
    pub model: String,
    /// Seeds of the models; shares are means over them, counts and seconds of answers are sums over them.
    pub seeds: Vec<u64>,
    /// Name of the data set, or of the file with the truth.
    pub dataset: String,
    /// SHA-256 of its content; absent where the truth is of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_sha256: Option<String>,
    /// How the people were chosen: a protocol, `unseen`, `chosen`; `files` where the truth is of files.
    pub protocol: String,
    /// Names of the classes, in the order of all per-class lists.
    pub labels: Vec<String>,
    /// The people, none of whom the model was trained on; of files, where nobody says who wore the device, the recordings.
    pub subjects: Vec<PersonId>,
    /// Number of recordings.
    pub recordings: usize,
    /// Seconds that carry a class: what frame figures are of.
    pub scored_s: f64,
    /// Seconds that carry an activity above classes, scored at its depth.
    pub coarse_s: f64,
    /// Seconds that carry labels which say nothing about the classes, and are not scored; by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_scored_s: BTreeMap<String, f64>,
    /// Figures by how answers were smoothed.
    pub variants: Vec<ContinuousVariant>,
}

impl ContinuousMetrics {
    /// The figures of a way of smoothing, of recordings as they are; the first if there are several.
    #[must_use]
    pub fn variant(&self, name: &str) -> Option<&ContinuousVariant> {
        self.variants.iter().find(|variant| variant.variant == name && !variant.turned)
    }
}

/// Answers one by one, as the network gives them.
pub const UNSMOOTHED: &str = "unsmoothed";
/// Smoothed with what follows within a delay alone, as in a stream.
pub const CAUSAL: &str = "causal";
/// Smoothed over the whole recording.
pub const WHOLE_FILE: &str = "whole-file";

/// Figures of answers smoothed in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContinuousVariant {
    /// [`UNSMOOTHED`], [`CAUSAL`] or [`WHOLE_FILE`].
    pub variant: String,
    /// Seconds by which a causal answer waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<f64>,
    /// Whether every recording was turned at random in space.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub turned: bool,
    /// Share of the time with a class that was answered with it.
    pub accuracy: Estimate,
    /// Mean of recalls, by time.
    pub balanced_accuracy: Estimate,
    /// Mean of F1 scores, by time.
    pub macro_f1: Estimate,
    /// The same for each seed, in the order of `seeds`.
    pub per_seed: Vec<SeedTime>,
    /// By class.
    pub per_class: Vec<ClassTime>,
    /// Time that is labelled above the classes; it is in no other figure of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coarse: Vec<CoarseTime>,
    /// `confusion_s[truth][answer]` in seconds, summed over seeds; the last answer is none.
    pub confusion_s: Vec<Vec<f64>>,
    /// Expected calibration error over time steps, whose truth is that at their middle.
    pub ece: f64,
    /// Reliability bins of time steps.
    pub reliability: Vec<ReliabilityBin>,
    /// What was answered where answers may back off; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Answered>,
    /// Events of all classes, summed over classes and seeds.
    pub events: EventCounts,
    /// Stretches of error of all classes, summed over classes and seeds.
    pub errors: ErrorStretches,
    /// Events by class, and then by activity above classes where there are such labels.
    pub per_class_events: Vec<ClassEvents>,
    /// How late activities were found.
    pub onset: Onsets,
    /// By person.
    pub per_person: BTreeMap<PersonId, PersonTime>,
}

/// Figures of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedTime {
    /// The seed.
    pub seed: u64,
    /// Share of time answered correctly.
    pub accuracy: f64,
    /// Mean of F1 scores, by time.
    pub macro_f1: f64,
}

/// Figures of the time of one class, pooled over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassTime {
    /// Name of the activity.
    pub label: String,
    /// Share of the time answered with it that carries it; 0 where it was never answered.
    pub precision: f64,
    /// Share of the time that carries it that was answered with it; 0 where there is none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Seconds that carry it (of one seed).
    pub seconds: f64,
}

/// Figures of the time that carries an activity above classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoarseTime {
    /// Name of the activity.
    pub label: String,
    /// Seconds that carry it (of one seed).
    pub seconds: f64,
    /// Share of them for which the classes beneath it, taken as one, are the likeliest answer.
    pub recall: f64,
}

/// What is answered where the answer may be an activity above classes, or `unknown`: shares of the scored time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Answered with a class.
    pub class: f64,
    /// Share of that which is right.
    pub class_right: f64,
    /// Answered with an activity above classes.
    pub above: f64,
    /// Share of that which is right: the label is beneath the answer.
    pub above_right: f64,
    /// Answered with `unknown`.
    pub unknown: f64,
    /// Not answered, or said not to be worn.
    pub none: f64,
}

/// Events after Ward et al. 2011: each event of the truth is one of the first five, each of the answers one of the last five;
/// correct ones are paired one to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCounts {
    /// D: nothing of it was found.
    pub deleted: u64,
    /// F: found in several pieces.
    pub fragmented: u64,
    /// FM: found in several pieces, at least one of which holds other events too.
    pub fragmented_merged: u64,
    /// M: found in one piece, which holds other events too.
    pub merged: u64,
    /// C: one event of the truth, one of the answers.
    pub correct: u64,
    /// M': answers that hold several events.
    pub merging: u64,
    /// FM': answers that hold several events, at least one of which is found in several pieces.
    pub fragmenting_merging: u64,
    /// F': answers that are one of several pieces of an event.
    pub fragmenting: u64,
    /// I': answers where there was nothing.
    pub inserted: u64,
}

impl EventCounts {
    /// Events of the truth.
    #[must_use]
    pub fn truth(&self) -> u64 {
        self.deleted + self.fragmented + self.fragmented_merged + self.merged + self.correct
    }

    /// Events of the answers.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.correct + self.merging + self.fragmenting_merging + self.fragmenting + self.inserted
    }

    /// The counts in the order of the diagram: D, F, FM, M, C, M', FM', F', I'.
    #[must_use]
    pub fn diagram(&self) -> [(&'static str, u64); 9] {
        [
            ("D", self.deleted),
            ("F", self.fragmented),
            ("FM", self.fragmented_merged),
            ("M", self.merged),
            ("C", self.correct),
            ("M'", self.merging),
            ("FM'", self.fragmenting_merging),
            ("F'", self.fragmenting),
            ("I'", self.inserted),
        ]
    }
}

impl AddAssign for EventCounts {
    fn add_assign(&mut self, other: Self) {
        self.deleted += other.deleted;
        self.fragmented += other.fragmented;
        self.fragmented_merged += other.fragmented_merged;
        self.merged += other.merged;
        self.correct += other.correct;
        self.merging += other.merging;
        self.fragmenting_merging += other.fragmenting_merging;
        self.fragmenting += other.fragmenting;
        self.inserted += other.inserted;
    }
}

/// Stretches of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stretches {
    /// How many.
    pub count: u64,
    /// How long together, in seconds.
    pub seconds: f64,
}

impl AddAssign for Stretches {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.seconds += other.seconds;
    }
}

/// Stretches in which truth and answer are constant, after Ward et al. 2011 (`α` at the start of an event, `ω` at its end).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorStretches {
    /// TP: the activity, and answered.
    pub true_positive: Stretches,
    /// TN: not the activity, and not answered.
    pub true_negative: Stretches,
    /// I: answered, apart from any event.
    pub insertion: Stretches,
    /// M: answered between two events, which become one.
    pub merge: Stretches,
    /// Oα: answered too early.
    pub overfill_start: Stretches,
    /// Oω: answered too long.
    pub overfill_end: Stretches,
    /// D: an event that was not found at all.
    pub deletion: Stretches,
    /// F: a hole in an event, between two stretches that were found.
    pub fragmentation: Stretches,
    /// Uα: found too late.
    pub underfill_start: Stretches,
    /// Uω: lost too early.
    pub underfill_end: Stretches,
}

impl ErrorStretches {
    /// Seconds of the activity: what deletion, fragmentation and underfill are shares of.
    #[must_use]
    pub fn positive_s(&self) -> f64 {
        [self.true_positive, self.deletion, self.fragmentation, self.underfill_start, self.underfill_end]
            .map(|stretches| stretches.seconds)
            .iter()
            .sum()
    }

    /// Seconds of anything else: what insertion, merge and overfill are shares of.
    #[must_use]
    pub fn negative_s(&self) -> f64 {
        [self.true_negative, self.insertion, self.merge, self.overfill_start, self.overfill_end]
            .map(|stretches| stretches.seconds)
            .iter()
            .sum()
    }
}

impl AddAssign for ErrorStretches {
    fn add_assign(&mut self, other: Self) {
        self.true_positive += other.true_positive;
        self.true_negative += other.true_negative;
        self.insertion += other.insertion;
        self.merge += other.merge;
        self.overfill_start += other.overfill_start;
        self.overfill_end += other.overfill_end;
        self.deletion += other.deletion;
        self.fragmentation += other.fragmentation;
        self.underfill_start += other.underfill_start;
        self.underfill_end += other.underfill_end;
    }
}

/// Events of one activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassEvents {
    /// Name of the activity.
    pub label: String,
    /// Whether it is above classes; its events are then in no sum.
    #[serde(default)]
    pub coarse: bool,
    /// Events.
    pub events: EventCounts,
    /// Stretches of error.
    pub errors: ErrorStretches,
    /// Events that were found.
    pub found: u64,
    /// How late, in seconds from their start.
    pub delay_s: Spread,
}

/// How late the events of the truth were found; early is negative.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Onsets {
    /// Events that were found.
    pub found: u64,
    /// Events that were never found: the deletions.
    pub missed: u64,
    /// Delay of those found, in seconds.
    pub delay_s: Spread,
    /// The 0th to 100th percentile of the delay, in seconds; none where nothing was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub percentiles_s: Vec<f64>,
}

/// Figures of one person; shares are means over seeds, counts sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonTime {
    /// Seconds that carry a class.
    pub seconds: f64,
    /// Share answered correctly.
    pub accuracy: f64,
    /// Mean F1 over the classes that this person performed, by time.
    pub macro_f1: f64,
    /// Events of all classes.
    pub events: EventCounts,
    /// Holes in events: F of the stretches of error.
    pub fragmentations: u64,
    /// Median delay of the events that were found, in seconds; none where none was found.
    pub median_delay_s: Option<f64>,
}
