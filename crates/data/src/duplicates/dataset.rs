//! Copies in a data set that would spoil it: under two people, or under two labels.

use super::search;
use crate::windows::unreadable;
use crate::{Content, DataError, Dataset, LabelledRecording, WindowedData};
use ambulo_record::PersonId;
use ambulo_signal::{Clock, Sensor};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One place of a stretch that occurs twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// Who is said to have been recorded.
    pub person: PersonId,
    /// Name of the recording; `window 7` (from 0) where windows were published without it.
    pub recording: String,
    /// Where it begins there, in seconds.
    pub start_s: f64,
    /// What is said to have been done: where labels differ, the first that does.
    pub label: Option<Arc<str>>,
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { person, recording, start_s, label } = self;
        write!(f, "person {person}, recording {recording}, from {start_s:.2} s")?;
        label.as_ref().map_or(Ok(()), |label| write!(f, " ({label})"))
    }
}

/// A stretch of signal that occurs twice, bit for bit, under two people or two labels.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatedSignal {
    /// Where it is first, in the order of the data set.
    pub first: Occurrence,
    /// Where it is again.
    pub second: Occurrence,
    /// Its length in seconds.
    pub seconds: f64,
}

impl Dataset {
    /// Stretches of acceleration of [`SHORTEST_DUPLICATE_S`](super::SHORTEST_DUPLICATE_S) or more that occur bit for bit
    /// twice, under two people or two labels: as [`duplicates`](super::duplicates) finds them. What carries no label has no other one. Of
    /// recordings outside of memory no more than two are held at a time.
    ///
    /// # Errors
    /// A recording that cannot be loaded.
    pub fn duplicates(&self) -> Result<Vec<RepeatedSignal>, DataError> {
        match &self.content {
            Content::Recordings(recordings) => {
                repeated(recordings.iter().map(|r| Track::recorded(r, self.info.rate_hz)))
            }
            Content::Windows(windows) => repeated(published(windows)),
        }
    }
}

/// Refuses a data set in which a stretch of signal occurs twice under two people or two labels.
///
/// # Errors
/// [`DataError::Duplicate`] for the first.
pub fn check_duplicates(dataset: &Dataset) -> Result<(), DataError> {
    match dataset.duplicates()?.into_iter().next() {
        None => Ok(()),
        Some(RepeatedSignal { first, second, seconds }) => {
            Err(DataError::Duplicate { first: Box::new(first), second: Box::new(second), seconds })
        }
    }
}

/// Acceleration of one person, with what is said about each sample.
struct Track<'a> {
    person: &'a PersonId,
    rate_hz: f64,
    samples: Samples<'a>,
}

enum Samples<'a> {
    Recorded(&'a LabelledRecording),
    /// Windows one after the other, by their number, with their acceleration.
    Published(&'a WindowedData, Vec<usize>, Vec<[f32; 3]>),
}

/// A track with the times of its samples, where they have any.
struct Timed<'a> {
    track: &'a Track<'a>,
    clock: Option<Cow<'a, Clock>>,
}

impl<'a> Track<'a> {
    fn recorded(recording: &'a LabelledRecording, usual_hz: f64) -> Self {
        let rate_hz = recording.rate_hz().unwrap_or(usual_hz);
        Self { person: &recording.person, rate_hz, samples: Samples::Recorded(recording) }
    }

    fn acceleration(&self) -> Result<Cow<'_, [[f32; 3]]>, DataError> {
        match &self.samples {
            Samples::Recorded(recording) => {
                recording.recording.values(Sensor::Accelerometer).map_err(|e| unreadable(recording, e))
            }
            Samples::Published(_, _, acceleration) => Ok(Cow::Borrowed(acceleration)),
        }
    }

    fn timed(&self) -> Result<Timed<'_>, DataError> {
        let clock = match &self.samples {
            Samples::Recorded(recording) => {
                recording.recording.clock(Sensor::Accelerometer).map_err(|e| unreadable(recording, e))?
            }
            Samples::Published(..) => None,
        };
        Ok(Timed { track: self, clock })
    }
}

impl Timed<'_> {
    fn label(&self, sample: usize) -> Option<&Arc<str>> {
        match &self.track.samples {
            Samples::Recorded(recording) => recording.label_at(self.clock.as_ref()?.time_ns(sample)),
            Samples::Published(windows, numbers, _) => {
                numbers.get(sample / windows.time).map(|&number| &windows.labels[number])
            }
        }
    }

    fn occurrence(&self, start: usize, label: Option<&Arc<str>>) -> Occurrence {
        let (recording, start_s) = match &self.track.samples {
            Samples::Recorded(recording) => {
                (recording.name.clone(), self.clock.as_ref().map_or(0.0, |c| c.time_ns(start) as f64 / 1e9))
            }
            Samples::Published(windows, numbers, _) => {
                let number = numbers.get(start / windows.time).copied().unwrap_or_default();
                (format!("window {number}"), (start % windows.time) as f64 / self.track.rate_hz)
            }
        };
        Occurrence { person: self.track.person.clone(), recording, start_s, label: label.cloned() }
    }
}

/// The windows of each person in a row.
fn published(windows: &WindowedData) -> impl Iterator<Item = Track<'_>> {
    let mut people: Vec<(&PersonId, Vec<usize>)> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for (number, person) in windows.people.iter().enumerate() {
        let index = *known.entry(person).or_insert_with(|| {
            people.push((person, Vec::new()));
            people.len() - 1
        });
        people[index].1.push(number);
    }
    let width = windows.signals.layout().width();
    people.into_iter().map(move |(person, numbers)| {
        // A row begins with total acceleration.
        let rows = numbers.iter().flat_map(|&number| windows.window(number).chunks_exact(width));
        let acceleration = rows.map(|row| [row[0], row[1], row[2]]).collect();
        Track {
            person,
            rate_hz: windows.rate_hz,
            samples: Samples::Published(windows, numbers, acceleration),
        }
    })
}

fn repeated<'a>(tracks: impl Iterator<Item = Track<'a>>) -> Result<Vec<RepeatedSignal>, DataError> {
    let tracks: Vec<Track<'_>> = tracks.collect();
    let rates: Vec<f64> = tracks.iter().map(|track| track.rate_hz).collect();
    let mut repeated = Vec::new();
    for found in search(&rates, &|i: usize| tracks[i].acceleration())? {
        let (first, second) = (tracks[found.first].timed()?, tracks[found.second].timed()?);
        let labels = |k| (first.label(found.first_start + k), second.label(found.second_start + k));
        let differ = |&(a, b): &(Option<&Arc<str>>, Option<&Arc<str>>)| a.is_some() && b.is_some() && a != b;
        let differing = (0..found.length).map(labels).find(differ);
        if first.track.person == second.track.person && differing.is_none() {
            continue;
        }
        let (a, b) = differing.unwrap_or_else(|| labels(0));
        repeated.push(RepeatedSignal {
            first: first.occurrence(found.first_start, a),
            second: second.occurrence(found.second_start, b),
            seconds: found.length as f64 / second.track.rate_hz,
        });
    }
    Ok(repeated)
}
