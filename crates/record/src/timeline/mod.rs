//! What a classified recording leaves behind: answers step by step, segments of one activity, days.

mod days;
mod moment;
mod segments;
#[cfg(feature = "std")]
mod summary;
#[cfg(feature = "std")]
mod table;

pub use days::{days, totals};
pub use moment::civil;
pub use segments::{Answered, BackOff, Flagged, segments};
#[cfg(feature = "std")]
pub use summary::{
    ActivitySummary, DaySummary, Fact, Input, MISSING, SUMMARY_FORMAT, Summary, SummaryTable, Transition,
    UsedModel, WrittenFile,
};
#[cfg(feature = "std")]
pub use table::{AnsweredStep, ProbabilityTable, SEGMENT_COLUMNS, SegmentTable, StepTable, TableFormat};

use crate::overview::Overview;
use alloc::string::String;
use alloc::vec::Vec;

/// What a segment is called in which nobody wore the device; never a class of a model.
pub const NOT_WORN: &str = "not_worn";

/// When a recording's zero was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zero {
    /// Nobody knows.
    #[default]
    Unknown,
    /// The clock of a place that is not named: no instant.
    Local {
        /// Nanoseconds from 1970-01-01 00:00 of that clock.
        local_ns: i64,
    },
    /// An instant.
    Utc {
        /// Nanoseconds since 1970-01-01 00:00 UTC.
        utc_ns: i64,
        /// Seconds by which the local clock was ahead of UTC, where it is known.
        offset_s: Option<i32>,
    },
}

/// What has to be known about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The vertical of the recording was not found, so that postures cannot be told apart.
    NoVertical,
    /// The recording has fewer samples a second than the model was trained with.
    LowRate,
    /// Leaves of the vocabulary could not be told apart at the confidence asked for.
    BackedOff,
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NoVertical, Self::LowRate, Self::BackedOff];

    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoVertical => "no_vertical",
            Self::LowRate => "low_rate",
            Self::BackedOff => "backed_off",
        }
    }
}

/// Answers at even steps, in order of time; between two of them there may be a gap. Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// Length of a step in nanoseconds: what an answer stands for, from its start.
    pub step_ns: i64,
    /// Where each step begins, in nanoseconds from the recording's zero.
    pub start_ns: Vec<i64>,
    /// Probability of each label, `[step, label]`; with that of `unknown` they add up to 1.
    pub probabilities: Vec<f32>,
    /// Probability that it is none of the labels.
    pub unknown: Vec<f32>,
    /// Where the network looked, for models with attention: mean weight of each step over the windows that hold it, relative to
    /// even weights (1), not a number where no window holds it; empty for others.
    pub attention: Vec<f32>,
}

impl Steps {
    /// Number of steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start_ns.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start_ns.is_empty()
    }

    /// Where step `i` ends: a step later, or where the next one begins if that is earlier.
    ///
    /// # Panics
    /// If there is no such step.
    #[must_use]
    pub fn end_ns(&self, i: usize) -> i64 {
        let end = self.start_ns[i].saturating_add(self.step_ns);
        self.start_ns.get(i + 1).map_or(end, |&next| end.min(next))
    }

    /// Probabilities of the labels in step `i`, of `labels` labels.
    ///
    /// # Panics
    /// If there is no such step.
    #[must_use]
    pub fn row(&self, i: usize, labels: usize) -> &[f32] {
        &self.probabilities[i * labels..][..labels]
    }
}

/// A stretch of one activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Where it begins, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Where it is over.
    pub end_ns: i64,
    /// The activity: a label, something above labels in the vocabulary, `unknown`, or [`NOT_WORN`].
    pub activity: String,
    /// Mean probability of it over the segment; 1 for [`NOT_WORN`].
    pub confidence: f32,
    /// What has to be known about it.
    pub flags: Vec<Flag>,
}

impl Segment {
    /// Its length in seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.end_ns.saturating_sub(self.start_ns) as f64 / 1e9
    }
}

/// Upper bounds of the lengths by which bouts are counted, in seconds; a last class has all longer ones.
pub const BOUT_BOUNDS_S: [f64; 5] = [10.0, 60.0, 300.0, 600.0, 1800.0];

/// One activity in a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DayActivity {
    /// The activity, as segments name it.
    pub activity: String,
    /// Minutes of it.
    pub minutes: f64,
    /// Uninterrupted bouts by length: up to each of [`BOUT_BOUNDS_S`], and longer. A bout over midnight counts in the day in which it
    /// begins, with its whole length.
    pub bouts: [u32; BOUT_BOUNDS_S.len() + 1],
}

/// A day of a recording, from midnight to midnight of the local clock; the whole recording where the time of day is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    /// `2026-05-01`; none where the date is not known.
    pub date: Option<String>,
    /// Where it begins, in nanoseconds from the recording's zero: the first segment's start, or midnight.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
    /// Minutes in which the device was worn and there are answers.
    pub worn_minutes: f64,
    /// Minutes in which it was not worn.
    pub not_worn_minutes: f64,
    /// Minutes without samples.
    pub missing_minutes: f64,
    /// The activities, the longest first.
    pub activities: Vec<DayActivity>,
    /// Changes from one activity straight to another, less than [`LONGEST_BREAK_NS`] apart: from, to, how often.
    pub transitions: Vec<(String, String, u32)>,
}

/// Longest pause over which two segments follow on each other, in nanoseconds.
pub const LONGEST_BREAK_NS: i64 = 5_000_000_000;

/// A classified recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Name of the recording, as results give it.
    pub recording: String,
    /// When its zero was.
    pub zero: Zero,
    /// Its facts, findings, pauses and signals zoomed out.
    pub overview: Overview,
    /// Names of the labels, in the order of the probabilities.
    pub labels: Vec<String>,
    /// The confidence that was asked for.
    pub confidence: f32,
    /// Answers step by step.
    pub steps: Steps,
    /// Segments in order of time; what lies between them has no samples.
    pub segments: Vec<Segment>,
    /// Days in order of time.
    pub days: Vec<Day>,
    /// The model in short: names and values in the order in which they are shown.
    pub card: Vec<(String, String)>,
}
