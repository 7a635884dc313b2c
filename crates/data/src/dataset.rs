//! What a reader returns.

use crate::DatasetInfo;
use ambulo_record::PersonId;
use ambulo_signal::{Clock, Finding, InertialSignals, Recording, Sensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a person did for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelInterval {
    /// Where it begins, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Where it is over: the first nanosecond that is no part of it.
    pub end_ns: i64,
    /// The activity: a name of the common vocabulary or of the data set's own, in its one spelling
    /// ([`canonical`](ambulo_record::vocabulary::canonical)).
    pub label: Arc<str>,
}

/// One recording of one person, with what the person did.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRecording {
    /// Who wore the device.
    pub person: PersonId,
    /// Name of the recording within the data set, unique there.
    pub name: String,
    /// What the sensors measured.
    pub recording: Recording,
    /// Labels, in the order of time; they do not overlap. What lies between them has no label.
    pub labels: Vec<LabelInterval>,
}

impl LabelledRecording {
    /// The label at a time in nanoseconds from the recording's zero; none where nobody said what was done.
    pub fn label_at(&self, time_ns: i64) -> Option<&Arc<str>> {
        let next = self.labels.partition_point(|interval| interval.end_ns <= time_ns);
        self.labels.get(next).filter(|interval| interval.start_ns <= time_ns).map(|interval| &interval.label)
    }

    /// The label of each sample of the accelerometer.
    pub fn sample_labels(&self) -> impl Iterator<Item = Option<&Arc<str>>> {
        let acceleration = self.recording.sensor(Sensor::Accelerometer);
        acceleration.into_iter().flat_map(move |series| {
            (0..series.values.len()).map(move |i| self.label_at(series.clock.time_ns(i)))
        })
    }

    /// Samples of acceleration x, y, z; none without an accelerometer.
    pub fn acceleration(&self) -> &[[f32; 3]] {
        self.recording.sensor(Sensor::Accelerometer).map_or(&[], |series| &series.values)
    }

    /// Samples per second of the accelerometer as its clock says, in Hz; none where samples have stamps of their own.
    pub fn rate_hz(&self) -> Option<f64> {
        match self.recording.sensor(Sensor::Accelerometer)?.clock {
            Clock::Uniform { rate_hz, .. } => Some(rate_hz),
            Clock::Stamps(_) => None,
        }
    }
}

/// The partition a published window was shipped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishedPartition {
    /// The folder `train`.
    Train,
    /// The folder `test`.
    Test,
}

/// A data set that was published as windows, already filtered and split into gravity and body acceleration.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowedData {
    /// Samples per second, in Hz.
    pub rate_hz: f64,
    /// Rows per window.
    pub time: usize,
    /// Window after window, `time` rows each, in g and rad/s.
    pub signals: InertialSignals,
    /// Label of each window.
    pub labels: Vec<Arc<str>>,
    /// Person of each window.
    pub people: Vec<PersonId>,
    /// Partition each window was shipped in.
    pub published: Vec<PublishedPartition>,
}

impl WindowedData {
    /// The rows of window `i`, shape `[time, width]` of the signals' layout.
    ///
    /// # Panics
    /// If there are not so many windows.
    pub fn window(&self, i: usize) -> &[f32] {
        self.signals.rows(i * self.time, self.time)
    }
}

/// Recordings, or windows where only those were published.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Whole recordings.
    Recordings(Vec<LabelledRecording>),
    /// Windows as published.
    Windows(WindowedData),
}

/// Something that was noticed while reading.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFinding {
    /// The file.
    pub file: String,
    /// What was noticed.
    pub finding: Finding,
}

/// A data set in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What it is and where it comes from.
    pub info: DatasetInfo,
    /// SHA-256 of its content, in hexadecimal, as its reader computes it.
    pub sha256: String,
    /// The signals.
    pub content: Content,
    /// What the reader converted on the way in, one sentence each.
    pub conversions: Vec<String>,
    /// What the intake warned of while files were read.
    pub findings: Vec<FileFinding>,
}

impl Dataset {
    /// Everyone in the data set.
    pub fn subjects(&self) -> BTreeSet<PersonId> {
        match &self.content {
            Content::Recordings(recordings) => recordings.iter().map(|r| r.person.clone()).collect(),
            Content::Windows(windows) => windows.people.iter().cloned().collect(),
        }
    }

    /// Samples per second, in Hz.
    pub fn rate_hz(&self) -> f64 {
        match &self.content {
            Content::Recordings(recordings) => {
                recordings.first().and_then(LabelledRecording::rate_hz).unwrap_or(self.info.rate_hz)
            }
            Content::Windows(windows) => windows.rate_hz,
        }
    }
}
