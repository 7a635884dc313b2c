//! Copies in a data set that would spoil it: under two people, or under two labels.

use super::{Duplicate, duplicates};
use crate::windows::unreadable;
use crate::{Content, DataError, Dataset, LabelledRecording, WindowedData};
use ambulo_record::PersonId;
use ambulo_signal::{Recording, Sensor, SensorSeries};
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
    /// twice, under two people or two labels: as [`duplicates`] finds them. What carries no label has no other one.
    ///
    /// # Errors
    /// A recording that cannot be loaded.
    pub fn duplicates(&self) -> Result<Vec<RepeatedSignal>, DataError> {
        match &self.content {
            Content::Recordings(recordings) => {
                let mut loaded: Vec<Cow<'_, Recording>> = Vec::with_capacity(recordings.len());
                for recording in recordings {
                    loaded.push(recording.recording.load().map_err(|e| unreadable(recording, e))?);
                }
                let tracks = recordings.iter().zip(&loaded);
                Ok(repeated(tracks.map(|(r, loaded)| Track::recorded(r, loaded, self.info.rate_hz))))
            }
            Content::Windows(windows) => Ok(repeated(published(windows))),
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
    Recorded(&'a LabelledRecording, Option<&'a SensorSeries>),
    /// Windows one after the other, by their number, with their acceleration.
    Published(&'a WindowedData, Vec<usize>, Vec<[f32; 3]>),
}

impl<'a> Track<'a> {
    fn recorded(recording: &'a LabelledRecording, loaded: &'a Recording, usual_hz: f64) -> Self {
        let series = loaded.sensor(Sensor::Accelerometer);
        let rate_hz = recording.rate_hz().unwrap_or(usual_hz);
        Self { person: &recording.person, rate_hz, samples: Samples::Recorded(recording, series) }
    }

    fn acceleration(&self) -> &[[f32; 3]] {
        match &self.samples {
            Samples::Recorded(_, series) => series.map_or(&[], |series| &series.values),
            Samples::Published(_, _, acceleration) => acceleration,
        }
    }

    fn label(&self, sample: usize) -> Option<&'a Arc<str>> {
        match &self.samples {
            Samples::Recorded(recording, series) => {
                recording.label_at(series.as_ref()?.clock.time_ns(sample))
            }
            Samples::Published(windows, numbers, _) => {
                numbers.get(sample / windows.time).map(|&number| &windows.labels[number])
            }
        }
    }

    fn occurrence(&self, start: usize, label: Option<&Arc<str>>) -> Occurrence {
        let (recording, start_s) = match &self.samples {
            Samples::Recorded(recording, series) => {
                (recording.name.clone(), series.map_or(0.0, |s| s.clock.time_ns(start) as f64 / 1e9))
            }
            Samples::Published(windows, numbers, _) => {
                let number = numbers.get(start / windows.time).copied().unwrap_or_default();
                (format!("window {number}"), (start % windows.time) as f64 / self.rate_hz)
            }
        };
        Occurrence { person: self.person.clone(), recording, start_s, label: label.cloned() }
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

fn repeated<'a>(tracks: impl Iterator<Item = Track<'a>>) -> Vec<RepeatedSignal> {
    let tracks: Vec<Track<'_>> = tracks.collect();
    let signals: Vec<(usize, f64, &[[f32; 3]])> =
        tracks.iter().enumerate().map(|(i, track)| (i, track.rate_hz, track.acceleration())).collect();
    let spoils = |found: Duplicate<usize>| {
        let (first, second) = (&tracks[found.first], &tracks[found.second]);
        let labels = |k| (first.label(found.first_start + k), second.label(found.second_start + k));
        let differ = |&(a, b): &(Option<&Arc<str>>, Option<&Arc<str>>)| a.is_some() && b.is_some() && a != b;
        let differing = (0..found.length).map(labels).find(differ);
        if first.person == second.person && differing.is_none() {
            return None;
        }
        let (a, b) = differing.unwrap_or_else(|| labels(0));
        Some(RepeatedSignal {
            first: first.occurrence(found.first_start, a),
            second: second.occurrence(found.second_start, b),
            seconds: found.length as f64 / second.rate_hz,
        })
    };
    duplicates(&signals).into_iter().filter_map(spoils).collect()
}
