//! Windows of fixed length with one activity each, cut from labelled recordings.

use crate::{
    Activity, Content, DataError, Dataset, LabelSet, LabelledRecording, SubjectId, WindowedData, subject,
};
use ambulo_signal::rotation::unit;
use ambulo_signal::{Level, Preprocessing, window_starts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

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

/// The nine ordinary channels of a stretch of time, from which windows are cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Total and body acceleration in g, angular velocity in rad/s, after the filters and levelled where the preprocessing
    /// says so; order of [`ambulo_signal::Channel::ORDINARY`].
    pub rows: Vec<[f32; 9]>,
    /// Mean direction of acceleration while the wearer walked or stood, of length 1, in the axes of `rows`: which way was
    /// up. None where nobody did.
    pub up: Option<[f32; 3]>,
}

/// Where a window lies in a [`Series`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which series.
    pub series: usize,
    /// Its first row.
    pub start: usize,
    /// All first rows from which a window of the same activity could be cut; `start` is among them.
    pub starts: Range<usize>,
}

/// Windows, their classes and their origins, in equal order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelledWindows {
    /// Samples per window.
    pub time: usize,
    /// What the windows are cut from, not normalised; shared between partitions of the same cut.
    pub series: Vec<Arc<Series>>,
    /// Where each window lies.
    pub places: Vec<Place>,
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

    /// The ordinary channels of window `i`, shape `[time, 9]`.
    ///
    /// # Panics
    /// If `i` is not below [`Self::len`].
    pub fn window(&self, i: usize) -> &[[f32; 9]] {
        let place = &self.places[i];
        &self.series[place.series].rows[place.start..place.start + self.time]
    }

    /// The series that window `i` lies in.
    ///
    /// # Panics
    /// If `i` is not below [`Self::len`].
    pub fn series_of(&self, i: usize) -> &Series {
        &self.series[self.places[i].series]
    }

    /// The network's input for all windows, shape `[window, time, channel]`; normalised if `p` has statistics.
    pub fn input(&self, p: &Preprocessing) -> Vec<f32> {
        let size = self.time * p.channels.len();
        let mut x = vec![0.0; self.len() * size];
        for (i, out) in x.chunks_exact_mut(size.max(1)).enumerate() {
            p.window_input(self.window(i), out);
        }
        x
    }

    /// Everyone with at least one window.
    pub fn subjects(&self) -> BTreeSet<SubjectId> {
        self.origins.iter().map(|origin| origin.subject).collect()
    }

    /// The windows of these subjects, in order.
    pub fn filter(&self, subjects: &BTreeSet<SubjectId>) -> Self {
        let mut kept = Self { time: self.time, ..Self::default() };
        let mut number = vec![None; self.series.len()];
        for (i, origin) in self.origins.iter().enumerate().filter(|(_, o)| subjects.contains(&o.subject)) {
            let place = &self.places[i];
            let series = *number[place.series].get_or_insert_with(|| {
                kept.series.push(Arc::clone(&self.series[place.series]));
                kept.series.len() - 1
            });
            kept.places.push(Place { series, ..place.clone() });
            kept.labels.push(self.labels[i]);
            kept.origins.push(*origin);
        }
        kept
    }

    /// These windows followed by others of the same length.
    ///
    /// # Errors
    /// [`DataError::Incompatible`] where the length differs.
    pub fn concat(mut self, other: &Self) -> Result<Self, DataError> {
        if self.time != other.time {
            return Err(DataError::Incompatible {
                reason: format!("windows of {} samples and of {}", self.time, other.time),
            });
        }
        let offset = self.series.len();
        self.series.extend(other.series.iter().cloned());
        self.places.extend(
            other.places.iter().map(|place| Place { series: place.series + offset, ..place.clone() }),
        );
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

    fn push(&mut self, place: Place, label: u8, origin: WindowOrigin) {
        self.places.push(place);
        self.labels.push(label);
        self.origins.push(origin);
    }
}

/// Cuts the windows of some subjects.
///
/// Filters run over each whole recording. Windows of `p.window` samples, every `p.step`, start at the
/// beginning of each labelled segment (the longest run of one activity) and lie wholly inside it. Windows
/// published as such are taken as they are: `p`'s filters and step have no effect.
///
/// A postural transition (activities 7 to 12) that is shorter than a window but at least half as long gives one window,
/// centred on it, whose borders reach into the activities before and after.
///
/// Recordings at another rate are resampled if `p` allows it; each instant then has the activity of the
/// nearest sample.
///
/// # Errors
/// [`DataError::UnknownSubjects`] for people who are not in the data set, [`DataError::Signal`] for a
/// recording `p` refuses, [`DataError::PreprocessingMismatch`] where published windows have another length or
/// rate.
pub(crate) fn cut(
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
    let mut windows = LabelledWindows { time: p.window, ..LabelledWindows::default() };
    match &dataset.content {
        Content::Recordings(recordings) => {
            for recording in recordings.iter().filter(|r| subjects.contains(&r.subject)) {
                cut_recording(recording, p, labels, &mut windows)?;
            }
        }
        Content::Windows(published) => {
            check_published(dataset, published, p)?;
            take_published(published, labels, subjects, &mut windows);
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
    let rows = p.ordinary(recording).map_err(|source| DataError::Signal { subject, experiment, source })?;
    let source = |instant: usize| p.source_sample(recording.rate_hz, instant);
    let activities: Vec<u8> =
        (0..rows.len()).map(|i| labelled.labels.get(source(i)).copied().unwrap_or(0)).collect();
    let series = windows.series.len();
    for (activity, segment) in segments(&activities) {
        let Some(class) = labels.index_of(activity) else { continue };
        // A recording of 2^32 samples would not fit into memory.
        let origin = |start| WindowOrigin { subject, experiment, start: source(start) as u32 };
        for offset in window_starts(segment.len(), p.window, p.step) {
            let start = segment.start + offset;
            let starts = segment.start..segment.end - p.window + 1;
            windows.push(Place { series, start, starts }, class, origin(start));
        }
        let short = segment.len() < p.window && 2 * segment.len() >= p.window;
        if short && Activity::new(activity).is_some_and(Activity::is_transition) {
            // All starts from which the window holds the whole transition.
            let starts = (segment.end.saturating_sub(p.window))
                ..(segment.start.min(rows.len().saturating_sub(p.window)) + 1);
            let centred = (segment.start + segment.len() / 2).saturating_sub(p.window / 2);
            if !starts.is_empty() && rows.len() >= p.window {
                let start = centred.clamp(starts.start, starts.end - 1);
                windows.push(Place { series, start, starts }, class, origin(start));
            }
        }
    }
    let up = upright(rows.iter().zip(activities.iter().copied()));
    windows.series.push(Arc::new(Series { rows, up }));
    Ok(())
}

/// Mean direction of acceleration over the instants of walking and standing.
fn upright<'a>(rows: impl Iterator<Item = (&'a [f32; 9], u8)>) -> Option<[f32; 3]> {
    let mut sum = [0f64; 3];
    for (row, activity) in rows {
        if activity == Activity::WALKING.code() || activity == Activity::STANDING.code() {
            for (s, &v) in sum.iter_mut().zip(row) {
                *s += f64::from(v);
            }
        }
    }
    unit(sum.map(|s| s as f32))
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
    if p.level != Level::AsWorn {
        return mismatch(
            "windows without their recordings".into(),
            "recordings, to be levelled".into(),
            "which way is up is found in whole recordings; use them (hapt), or a model of another orientation",
        );
    }
    if published.time != p.window {
        return mismatch(
            format!("windows of {} samples", published.time),
            format!("windows of {}", p.window),
            "published windows cannot be cut anew; set the window to their length, or use the recordings (hapt)",
        );
    }
    if !p.same_rate(published.rate_hz) {
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
    labels: &LabelSet,
    subjects: &BTreeSet<SubjectId>,
    windows: &mut LabelledWindows,
) {
    // One series for each person, of windows that do not continue each other.
    struct Person {
        series: usize,
        rows: Vec<[f32; 9]>,
        activities: Vec<u8>,
    }
    let mut people: BTreeMap<SubjectId, Person> = BTreeMap::new();
    for (i, &subject) in published.subjects.iter().enumerate() {
        let activity = published.labels[i];
        let Some(class) = labels.index_of(activity).filter(|_| subjects.contains(&subject)) else {
            continue;
        };
        let series = people.len();
        let person = people.entry(subject).or_insert_with(|| Person {
            series,
            rows: Vec::new(),
            activities: Vec::new(),
        });
        let (series, start) = (person.series, person.rows.len());
        person.rows.extend_from_slice(&published.ordinary[i * published.time..(i + 1) * published.time]);
        person.activities.resize(person.rows.len(), activity);
        let origin = WindowOrigin { subject, experiment: 0, start: i as u32 };
        windows.push(Place { series, start, starts: start..start + 1 }, class, origin);
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.sort_by_key(|person| person.series);
    for Person { rows, activities, .. } in people {
        let up = upright(rows.iter().zip(activities));
        windows.series.push(Arc::new(Series { rows, up }));
    }
}
