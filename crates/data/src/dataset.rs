//! What a reader returns.

use crate::{DatasetInfo, Stored};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::Parents;
use ambulo_signal::{Finding, InertialSignals, Recording, Sensor};
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

/// What is known of a recording besides who wore the device, what was measured and what was done. The words are the data
/// set's own; what it does not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facts {
    /// Name of the data set, e.g. `hapt`.
    pub dataset: Arc<str>,
    /// Where the device was worn, e.g. `waist`.
    pub placement: Option<Arc<str>>,
    /// The device, e.g. `Samsung Galaxy S II`.
    pub device: Option<Arc<str>>,
    /// The group of people that the person belongs to, e.g. `60 to 75 years`.
    pub group: Option<Arc<str>>,
    /// Under which condition it was recorded, e.g. `displaced by the wearer`.
    pub condition: Option<Arc<str>>,
}

impl Facts {
    /// Where the device was worn, as one chooses by it.
    pub fn worn_at(&self) -> &str {
        self.placement.as_deref().unwrap_or("unknown")
    }
}

/// One recording of one person, with what the person did.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRecording {
    /// Who wore the device.
    pub person: PersonId,
    /// Name of the recording within the data set, unique there.
    pub name: String,
    /// What else is known.
    pub facts: Arc<Facts>,
    /// The direction, in the device's axes, that pointed up while the wearer stood, where whoever described the data set knows
    /// it; used where none can be found in the recording.
    pub up: Option<[f32; 3]>,
    /// What the sensors measured.
    pub recording: Stored,
    /// Labels, in the order of time; they do not overlap. What lies between them has no label.
    pub labels: Vec<LabelInterval>,
}

impl LabelledRecording {
    /// The label at a time in nanoseconds from the recording's zero; none where nobody said what was done.
    pub fn label_at(&self, time_ns: i64) -> Option<&Arc<str>> {
        let next = self.labels.partition_point(|interval| interval.end_ns <= time_ns);
        self.labels.get(next).filter(|interval| interval.start_ns <= time_ns).map(|interval| &interval.label)
    }

    /// The label of each sample of the accelerometer of `recording`, which is this one [loaded](Stored::load).
    pub fn sample_labels<'a>(
        &'a self,
        recording: &'a Recording,
    ) -> impl Iterator<Item = Option<&'a Arc<str>>> {
        let acceleration = recording.sensor(Sensor::Accelerometer);
        acceleration.into_iter().flat_map(move |series| {
            (0..series.values.len()).map(move |i| self.label_at(series.clock.time_ns(i)))
        })
    }

    /// Samples per second of the accelerometer as its clock says, in Hz; none where samples have stamps of their own.
    pub fn rate_hz(&self) -> Option<f64> {
        self.recording.series(Sensor::Accelerometer)?.clock.rate_hz()
    }

    /// Samples of the accelerometer.
    pub fn len(&self) -> u64 {
        self.recording.series(Sensor::Accelerometer).map_or(0, |series| series.samples)
    }

    /// Whether the accelerometer has no sample, or there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
    /// What else is known of all of them.
    pub facts: Arc<Facts>,
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

/// One of the data sets that were joined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What it is and where it comes from.
    pub info: DatasetInfo,
    /// SHA-256 of its content.
    pub sha256: String,
    /// What the names of its people begin with, before a `/`: the name of the first data set of its cohort.
    pub prefix: String,
}

/// A data set that was read; several that were joined are one ([`Dataset::join`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What it is and where it comes from.
    pub info: DatasetInfo,
    /// The data sets it was joined from; empty for one alone.
    pub parts: Vec<Part>,
    /// Test people as published, or as whoever described the data set divides them; none if nobody did.
    pub published_test: Option<BTreeSet<PersonId>>,
    /// Where the data set's own names of activities belong in the common vocabulary.
    pub parents: Parents,
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
    /// A data set alone, of which no more is known: nobody divided its people, its names are those of the vocabulary, and
    /// reading it changed nothing and gave no warning.
    pub fn new(info: DatasetInfo, sha256: String, content: Content) -> Self {
        Self {
            info,
            parts: Vec::new(),
            published_test: None,
            parents: Parents::new(),
            sha256,
            content,
            conversions: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Everyone in the data set.
    pub fn subjects(&self) -> BTreeSet<PersonId> {
        match &self.content {
            Content::Recordings(recordings) => recordings.iter().map(|r| r.person.clone()).collect(),
            Content::Windows(windows) => windows.people.iter().cloned().collect(),
        }
    }

    /// Where devices were worn, as the data set says; `unknown` where it says nothing.
    pub fn placements(&self) -> BTreeSet<&str> {
        match &self.content {
            Content::Recordings(recordings) => recordings.iter().map(|r| r.facts.worn_at()).collect(),
            Content::Windows(windows) => BTreeSet::from([windows.facts.worn_at()]),
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
