//! What a reader returns.

use crate::{DatasetInfo, SubjectId};
use ambulo_signal::Recording;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One recording of one person, with an activity for every sample.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRecording {
    /// Who wore the device.
    pub subject: SubjectId,
    /// Number of the recording within the data set.
    pub experiment: u16,
    /// Acceleration in g and angular velocity in rad/s.
    pub recording: Recording,
    /// Activity number of each sample, 0 where unlabelled; as long as `recording.samples`.
    pub labels: Vec<u8>,
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
    /// Samples per window.
    pub time: usize,
    /// Window after window, `time` instants each: total acceleration x, y, z and body acceleration x, y, z in
    /// g, angular velocity x, y, z in rad/s.
    pub ordinary: Vec<[f32; 9]>,
    /// Activity number of each window.
    pub labels: Vec<u8>,
    /// Person of each window.
    pub subjects: Vec<SubjectId>,
    /// Partition each window was shipped in.
    pub published: Vec<PublishedPartition>,
}

/// Recordings, or windows where only those were published.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Whole recordings.
    Recordings(Vec<LabelledRecording>),
    /// Windows as published.
    Windows(WindowedData),
}

/// A data set in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What it is and where it comes from.
    pub info: DatasetInfo,
    /// SHA-256 of its content, in hexadecimal: [`crate::content_hash`] for recordings; for windows, over the
    /// nine ordinary channels as little-endian f32, then activity numbers as bytes and subjects as
    /// little-endian u16.
    pub sha256: String,
    /// The signals.
    pub content: Content,
    /// What the reader converted on the way in, one sentence each.
    pub conversions: Vec<String>,
}

impl Dataset {
    /// Everyone in the data set.
    pub fn subjects(&self) -> BTreeSet<SubjectId> {
        match &self.content {
            Content::Recordings(recordings) => recordings.iter().map(|r| r.subject).collect(),
            Content::Windows(windows) => windows.subjects.iter().copied().collect(),
        }
    }

    /// Samples per second, in Hz.
    pub fn rate_hz(&self) -> f64 {
        match &self.content {
            Content::Recordings(recordings) => {
                recordings.first().map_or(self.info.rate_hz, |r| r.recording.rate_hz)
            }
            Content::Windows(windows) => windows.rate_hz,
        }
    }
}
