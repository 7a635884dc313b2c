//! All windows of recordings, whatever was done in them.

use super::cut::{Samples, segments};
use super::{LabelledWindows, Place, Series, WindowOrigin, unreadable};
use crate::{Content, DataError, Dataset, LabelledRecording, Spool};
use ambulo_record::PersonId;
use ambulo_signal::{Preprocessing, Segment, Sensor, SignalError, window_starts};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Why a recording gave no windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoWindows {
    /// No stretch without gaps is as long as a window.
    Short,
    /// It has fewer samples per second than are needed.
    Slow,
    /// It lacks a sensor.
    NoSensor,
    /// Which way is up could not be found in it.
    NoVertical,
    /// The unit of a sensor is not known.
    NoUnit,
    /// Its own values speak against it, or it could not be read to its end.
    Refused,
}

impl NoWindows {
    /// The reason as half a sentence about recordings.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Short => "shorter than a window",
            Self::Slow => "fewer samples per second than needed",
            Self::NoSensor => "without a sensor that is needed",
            Self::NoVertical => "which way is up could not be found",
            Self::NoUnit => "in units that are not known",
            Self::Refused => "refused for their own values",
        }
    }
}

/// A recording that gave no windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Who wore the device.
    pub person: PersonId,
    /// Name of the recording.
    pub recording: String,
    /// Why.
    pub why: NoWindows,
    /// The same in words.
    pub text: String,
}

/// Windows of the stretches of one recording.
type Pieces = Vec<(Series, Vec<Cut>)>;

struct Cut {
    start: usize,
    starts: Range<usize>,
    sample: u64,
}

impl Dataset {
    /// All windows of these people's recordings, whether anyone said what was done in them or not: `p.window` rows every
    /// `p.step` from the beginning of each stretch without gaps. All are of one class, 0, which means nothing. Recordings that `p`
    /// refuses are passed over.
    ///
    /// # Errors
    /// [`DataError::UnknownSubjects`] for people who are not in the data set, [`DataError::NoRecordings`] for windows that were
    /// published without recordings, [`DataError::Spool`] and [`DataError::Unreadable`] for what is kept in a file.
    pub fn unlabelled_windows(
        &self,
        p: &Preprocessing,
        people: &BTreeSet<PersonId>,
    ) -> Result<(LabelledWindows, Vec<PassedOver>), DataError> {
        let known = self.subjects();
        let unknown: Vec<&PersonId> = people.difference(&known).collect();
        if !unknown.is_empty() {
            return Err(DataError::UnknownSubjects {
                dataset: self.info.name.clone(),
                unknown: PersonId::list(unknown),
                known: PersonId::list(&known),
            });
        }
        let Content::Recordings(recordings) = &self.content else {
            return Err(DataError::NoRecordings { dataset: self.info.name.clone() });
        };
        let spool = Spool::shared()?;
        let chosen: Vec<&LabelledRecording> =
            recordings.iter().filter(|r| people.contains(&r.person)).collect();
        let cut: Vec<Result<Result<Pieces, SignalError>, DataError>> =
            chosen.par_iter().map(|recording| pieces(recording, p, &spool)).collect();
        let mut windows = LabelledWindows { time: p.window, classes: 1, ..LabelledWindows::default() };
        let mut passed_over = Vec::new();
        for (recording, pieces) in chosen.into_iter().zip(cut) {
            let (why, text) = match pieces? {
                Ok(pieces) if !pieces.is_empty() => {
                    add(pieces, recording, &mut windows);
                    continue;
                }
                Ok(_) => (NoWindows::Short, NoWindows::Short.reason().to_owned()),
                // Of what is shorter than a window nobody needs to hear that nothing else is found in it.
                Err(_) if recording.len() < p.window as u64 => {
                    (NoWindows::Short, NoWindows::Short.reason().to_owned())
                }
                Err(error) => (why(&error), error.to_string()),
            };
            let (person, recording) = (recording.person.clone(), recording.name.clone());
            passed_over.push(PassedOver { person, recording, why, text });
        }
        Ok((windows, passed_over))
    }
}

fn why(error: &SignalError) -> NoWindows {
    match error {
        SignalError::TooShort { .. } => NoWindows::Short,
        SignalError::Rate { .. } | SignalError::InvalidRate { .. } => NoWindows::Slow,
        SignalError::NoSensor { .. } => NoWindows::NoSensor,
        SignalError::NoVertical { .. } => NoWindows::NoVertical,
        SignalError::NoUnit { .. } => NoWindows::NoUnit,
        _ => NoWindows::Refused,
    }
}

/// What the recording gives; the inner error is the recording's own.
fn pieces(
    labelled: &LabelledRecording,
    p: &Preprocessing,
    spool: &Spool,
) -> Result<Result<Pieces, SignalError>, DataError> {
    let segments = match segments(labelled, p) {
        Ok(segments) => segments,
        Err(error) => return Ok(Err(error)),
    };
    let clock =
        labelled.recording.clock(Sensor::Accelerometer).map_err(|source| unreadable(labelled, source))?;
    let samples = Samples::new(clock.as_deref());
    drop(clock);
    let mut pieces = Vec::new();
    for Segment { start_ns, signals } in segments {
        let cut = |start: usize| Cut {
            start,
            starts: 0..signals.len() - p.window + 1,
            sample: samples.nearest(start_ns + p.nanoseconds(start)),
        };
        let windows: Vec<Cut> = window_starts(signals.len(), p.window, p.step).map(cut).collect();
        if !windows.is_empty() {
            pieces.push((Series::stored(spool, signals, None)?, windows));
        }
    }
    Ok(Ok(pieces))
}

fn add(pieces: Pieces, recording: &LabelledRecording, windows: &mut LabelledWindows) {
    let name: Arc<str> = recording.name.as_str().into();
    for (piece, cuts) in pieces {
        let series = windows.series.len();
        for Cut { start, starts, sample } in cuts {
            let origin = WindowOrigin {
                person: recording.person.clone(),
                recording: Arc::clone(&name),
                facts: Arc::clone(&recording.facts),
                start: sample,
            };
            windows.push(Place { series, start, starts }, 0, origin);
        }
        windows.series.push(Arc::new(piece));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, Stored};
    use ambulo_signal::Recording;

    fn dataset(recordings: Vec<(&str, Recording)>) -> Dataset {
        let labelled = recordings.into_iter().enumerate().map(|(i, (person, recording))| LabelledRecording {
            person: PersonId::new(person).unwrap(),
            name: i.to_string(),
            facts: Arc::new(Facts::default()),
            up: None,
            recording: Stored::Memory(Arc::new(recording)),
            labels: Vec::new(),
        });
        let info = crate::catalogue().into_iter().next().unwrap().clone();
        Dataset::new(info, String::new(), Content::Recordings(labelled.collect()))
    }

    fn still(rate_hz: f64, samples: usize, gyroscope: bool) -> Recording {
        let a: Vec<[f32; 3]> = (0..samples).map(|i| [1.0, 0.01 * (i as f32).sin(), 0.0]).collect();
        Recording::uniform(rate_hz, a, gyroscope.then(|| vec![[0.0, 0.01, 0.0]; samples]))
    }

    #[test]
    fn every_window_of_a_recording_without_labels_is_taken_and_what_does_not_fit_is_passed_over() {
        let set = dataset(vec![
            ("a", still(50.0, 640, true)),
            ("a", still(50.0, 127, true)),
            ("b", still(20.0, 640, true)),
            ("c", still(50.0, 640, false)),
            ("d", still(50.0, 128, true)),
        ]);
        let (windows, passed_over) =
            set.unlabelled_windows(&Preprocessing::default(), &set.subjects()).unwrap();
        assert_eq!(windows.len(), 9 + 1);
        assert_eq!(windows.places[3].start, 192);
        assert_eq!(windows.places[3].starts, 0..513);
        assert_eq!(windows.origins[3].start, 192);
        assert!(windows.labels.iter().all(|&label| label == 0));
        let why: Vec<(&str, NoWindows)> = passed_over.iter().map(|p| (p.recording.as_str(), p.why)).collect();
        assert_eq!(why, [("1", NoWindows::Short), ("2", NoWindows::Slow), ("3", NoWindows::NoSensor)]);
        let only = BTreeSet::from([PersonId::new("d").unwrap()]);
        assert_eq!(set.unlabelled_windows(&Preprocessing::default(), &only).unwrap().0.len(), 1);
        let nobody = BTreeSet::from([PersonId::new("z").unwrap()]);
        assert!(matches!(
            set.unlabelled_windows(&Preprocessing::default(), &nobody),
            Err(DataError::UnknownSubjects { .. })
        ));
    }

    #[cfg(feature = "bundled-data")]
    #[test]
    fn recordings_that_are_labelled_in_part_give_all_their_windows() {
        let set = crate::hapt().unwrap();
        let people: BTreeSet<PersonId> = [1].map(PersonId::from).into();
        let p = Preprocessing::default();
        let (all, passed_over) = set.unlabelled_windows(&p, &people).unwrap();
        let labelled = super::super::cut(&set, &p, &ambulo_record::LabelSet::twelve(), &people).unwrap();
        assert!(passed_over.is_empty());
        assert!(all.len() > labelled.len() + 50, "{} {}", all.len(), labelled.len());
        assert_eq!(all.time, labelled.time);
    }
}
