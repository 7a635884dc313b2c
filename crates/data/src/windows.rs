//! Windows of fixed length with one activity each, cut from labelled recordings.

use crate::{Content, DataError, Dataset, LabelSet, LabelledRecording, SubjectId, WindowedData, subject};
use ambulo_signal::{Preprocessing, window_starts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Where a window comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WindowOrigin {
    /// Who was recorded.
    pub subject: SubjectId,
    /// Number of the recording; 0 where windows were published without it.
    pub experiment: u16,
    /// First sample of the window in its recording, from 0; where windows were published without recordings,
    /// the number of the window in the data set, from 0.
    pub start: u32,
}

/// Windows, their classes and their origins, in equal order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelledWindows {
    /// Samples per window.
    pub time: usize,
    /// Channels per sample.
    pub channels: usize,
    /// Values, shape `[window, time, channel]`, in the units of the channels: not normalised.
    pub x: Vec<f32>,
    /// Class index of each window, into the [`LabelSet`] it was cut with.
    pub labels: Vec<u8>,
    /// Origin of each window.
    pub origins: Vec<WindowOrigin>,
}

impl LabelledWindows {
    /// Number of windows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no window.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Values of window `i`, shape `[time, channel]`.
    ///
    /// # Panics
    /// If `i` is not below [`Self::len`].
    pub fn window(&self, i: usize) -> &[f32] {
        let size = self.time * self.channels;
        &self.x[i * size..(i + 1) * size]
    }

    /// Everyone with at least one window.
    pub fn subjects(&self) -> BTreeSet<SubjectId> {
        self.origins.iter().map(|origin| origin.subject).collect()
    }

    /// The windows of these subjects, in order.
    pub fn filter(&self, subjects: &BTreeSet<SubjectId>) -> Self {
        let mut kept = Self { time: self.time, channels: self.channels, ..Self::default() };
        for (i, origin) in self.origins.iter().enumerate().filter(|(_, o)| subjects.contains(&o.subject)) {
            kept.x.extend_from_slice(self.window(i));
            kept.labels.push(self.labels[i]);
            kept.origins.push(*origin);
        }
        kept
    }

    /// These windows followed by others of the same shape.
    ///
    /// # Errors
    /// [`DataError::Incompatible`] where length or channels differ.
    pub fn concat(mut self, other: &Self) -> Result<Self, DataError> {
        if (self.time, self.channels) != (other.time, other.channels) {
            return Err(DataError::Incompatible {
                reason: format!(
                    "windows of {} samples x {} channels and of {} x {}",
                    self.time, self.channels, other.time, other.channels
                ),
            });
        }
        self.x.extend_from_slice(&other.x);
        self.labels.extend_from_slice(&other.labels);
        self.origins.extend_from_slice(&other.origins);
        Ok(self)
    }

    /// Windows per class, for class indices below `classes`.
    pub fn class_counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }
}

/// Cuts the windows of some subjects.
///
/// Filters run over each whole recording. Windows of `p.window` samples, every `p.step`, start at the
/// beginning of each labelled segment (the longest run of one activity) and lie wholly inside it. Windows
/// published as such are taken as they are: only the channels are chosen, `p`'s filters and step have no
/// effect.
///
/// Recordings at another rate are resampled if `p` allows it; each instant then has the activity of the
/// nearest sample.
///
/// # Errors
/// [`DataError::UnknownSubjects`] for people who are not in the data set, [`DataError::Signal`] for a
/// recording `p` refuses, [`DataError::PreprocessingMismatch`] where published windows have another length or
/// rate.
pub fn cut(
    dataset: &Dataset,
    p: &Preprocessing,
    labels: &LabelSet,
    subjects: &BTreeSet<SubjectId>,
) -> Result<LabelledWindows, DataError> {
    let known = dataset.subjects();
    let unknown: Vec<&SubjectId> = subjects.difference(&known).collect();
    if !unknown.is_empty() {
        return Err(DataError::UnknownSubjects {
            dataset: dataset.info.name.clone(),
            unknown: subject::list(unknown),
            known: subject::list(&known),
        });
    }
    let mut windows =
        LabelledWindows { time: p.window, channels: p.channels.len(), ..LabelledWindows::default() };
    match &dataset.content {
        Content::Recordings(recordings) => {
            for recording in recordings.iter().filter(|r| subjects.contains(&r.subject)) {
                cut_recording(recording, p, labels, &mut windows)?;
            }
        }
        Content::Windows(published) => {
            check_published(dataset, published, p)?;
            take_published(published, p, labels, subjects, &mut windows);
        }
    }
    Ok(windows)
}

fn cut_recording(
    labelled: &LabelledRecording,
    p: &Preprocessing,
    labels: &LabelSet,
    windows: &mut LabelledWindows,
) -> Result<(), DataError> {
    let LabelledRecording { subject, experiment, ref recording, .. } = *labelled;
    let series = p.series(recording).map_err(|source| DataError::Signal { subject, experiment, source })?;
    let channels = windows.channels;
    let instants = series.len() / channels.max(1);
    let source = |instant: usize| p.source_sample(recording.rate_hz, instant);
    let activities: Vec<u8> =
        (0..instants).map(|i| labelled.labels.get(source(i)).copied().unwrap_or(0)).collect();
    for (activity, segment) in segments(&activities) {
        let Some(class) = labels.index_of(activity) else { continue };
        for offset in window_starts(segment.len(), p.window, p.step) {
            let start = segment.start + offset;
            windows.x.extend_from_slice(&series[start * channels..(start + p.window) * channels]);
            windows.labels.push(class);
            // A recording of 2^32 samples would not fit into memory.
            windows.origins.push(WindowOrigin { subject, experiment, start: source(start) as u32 });
        }
    }
    Ok(())
}

/// Longest runs of one activity, unlabelled ones included, in order.
pub(crate) fn segments(activities: &[u8]) -> impl Iterator<Item = (u8, Range<usize>)> {
    let mut start = 0;
    activities.chunk_by(|a, b| a == b).map(move |run| {
        let segment = start..start + run.len();
        start = segment.end;
        (run[0], segment)
    })
}

fn check_published(dataset: &Dataset, published: &WindowedData, p: &Preprocessing) -> Result<(), DataError> {
    let mismatch = |found, expected, hint| {
        Err(DataError::PreprocessingMismatch { dataset: dataset.info.name.clone(), expected, found, hint })
    };
    if published.time != p.window {
        return mismatch(
            format!("windows of {} samples", published.time),
            format!("windows of {}", p.window),
            "published windows cannot be cut anew; set the window to their length, or use the recordings (hapt)",
        );
    }
    // The tolerance of recordings: 1 %.
    if (published.rate_hz - p.rate_hz).abs() > 0.01 * p.rate_hz {
        return mismatch(
            format!("{} samples per second", published.rate_hz),
            format!("{} Hz", p.rate_hz),
            "published windows cannot be resampled; set the rate to theirs, or use the recordings (hapt)",
        );
    }
    Ok(())
}

fn take_published(
    published: &WindowedData,
    p: &Preprocessing,
    labels: &LabelSet,
    subjects: &BTreeSet<SubjectId>,
    windows: &mut LabelledWindows,
) {
    let mut frame = vec![0.0; windows.channels];
    for (i, &subject) in published.subjects.iter().enumerate() {
        let Some(class) = labels.index_of(published.labels[i]).filter(|_| subjects.contains(&subject)) else {
            continue;
        };
        for ordinary in &published.ordinary[i * published.time..(i + 1) * published.time] {
            p.expand(ordinary, &mut frame);
            windows.x.extend_from_slice(&frame);
        }
        windows.labels.push(class);
        windows.origins.push(WindowOrigin { subject, experiment: 0, start: i as u32 });
    }
}
