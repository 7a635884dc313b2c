//! Cuts windows out of labelled recordings.

use super::{LabelledWindows, Place, Series, WindowOrigin, published};
use crate::{Content, DataError, Dataset, LabelledRecording, Spool};
use ambulo_record::vocabulary::{self, Parents};
use ambulo_record::{LabelSet, PersonId, Targets};
use ambulo_signal::intake::{Declared, RATE_TOLERANCE};
use ambulo_signal::levelling::first_pass;
use ambulo_signal::rotation::unit;
use ambulo_signal::{Clock, Preprocessing, Segment, Sensor, SignalError, Source as _, window_starts};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Cuts the windows of some people.
///
/// Filters run over each whole recording, or each stretch of it without gaps. Windows of `p.window` rows, every `p.step`,
/// start at the beginning of each run of one label and lie wholly inside it. Windows published as such are taken as they
/// are: `p`'s filters and step have no effect.
///
/// A change of posture that is shorter than a window but at least half as long gives one window, centred on it, whose
/// borders reach into what was done before and after.
///
/// Recordings at another rate are resampled if `p` allows it; each row has the label of its time.
///
/// # Errors
/// [`DataError::UnknownSubjects`] for people who are not in the data set, [`DataError::Signal`] for a
/// recording `p` refuses, [`DataError::Slow`] if that is for its low rate, [`DataError::PreprocessingMismatch`] where published windows have another length,
/// rate or layout, [`DataError::TooManyGroups`] for labels of too many depths.
pub(crate) fn cut(
    dataset: &Dataset,
    p: &Preprocessing,
    labels: &LabelSet,
    people: &BTreeSet<PersonId>,
) -> Result<LabelledWindows, DataError> {
    cut_into(&Spool::shared()?, dataset, p, labels, people)
}

/// The same with signals in this spool; recordings are cut on all threads of the current rayon pool, which changes nothing.
fn cut_into(
    spool: &Spool,
    dataset: &Dataset,
    p: &Preprocessing,
    labels: &LabelSet,
    people: &BTreeSet<PersonId>,
) -> Result<LabelledWindows, DataError> {
    let known = dataset.subjects();
    let unknown: Vec<&PersonId> = people.difference(&known).collect();
    if !unknown.is_empty() {
        return Err(DataError::UnknownSubjects {
            dataset: dataset.info.name.clone(),
            unknown: PersonId::list(unknown),
            known: PersonId::list(&known),
        });
    }
    let mut windows = LabelledWindows::empty(p.window, labels);
    let mut codes = Codes::new(labels, &dataset.parents);
    match &dataset.content {
        Content::Recordings(recordings) => {
            let chosen: Vec<&LabelledRecording> =
                recordings.iter().filter(|r| people.contains(&r.person)).collect();
            let meaning = |label: &str| labels.target_with(label, &dataset.parents).is_some();
            let cut: Vec<Result<Vec<Piece>, DataError>> =
                chosen.par_iter().map(|recording| cut_recording(recording, p, &meaning, spool)).collect();
            // Codes are given in the order of recordings.
            for (recording, pieces) in chosen.into_iter().zip(cut) {
                let pieces = pieces.map_err(|error| told_of_rate(error, recording, recordings))?;
                add(pieces, recording, &mut codes, &mut windows)?;
            }
        }
        Content::Windows(all) => {
            published::check(dataset, all, p)?;
            published::take(all, p, &mut codes, people, (&mut windows, spool))?;
        }
    }
    windows.groups = codes.targets.groups().to_vec();
    Ok(windows)
}

/// What labels are to the classes.
pub(super) struct Codes<'a> {
    labels: &'a LabelSet,
    parents: &'a Parents,
    targets: Targets,
}

impl<'a> Codes<'a> {
    fn new(labels: &'a LabelSet, parents: &'a Parents) -> Self {
        Self { labels, parents, targets: Targets::new(labels) }
    }

    /// Code of a label; `None` if it says nothing about the classes.
    pub(super) fn code(&mut self, label: &str) -> Result<Option<u8>, DataError> {
        let Some(target) = self.labels.target_with(label, self.parents) else { return Ok(None) };
        self.targets.code(&target).map(Some).map_err(|source| DataError::TooManyGroups { source })
    }
}

/// A stretch of a recording with the windows in it.
struct Piece {
    series: Series,
    windows: Vec<Cut>,
}

/// A window with its label.
struct Cut {
    label: Arc<str>,
    start: usize,
    starts: Range<usize>,
    /// The recording's sample nearest to its first row.
    sample: u64,
}

/// The stretches of a recording that have windows whose labels have a `meaning`.
fn cut_recording(
    labelled: &LabelledRecording,
    p: &Preprocessing,
    meaning: &(dyn Fn(&str) -> bool + Sync),
    spool: &Spool,
) -> Result<Vec<Piece>, DataError> {
    let segments = segments(labelled, p).map_err(|source| DataError::Signal {
        person: labelled.person.clone(),
        recording: labelled.name.clone(),
        source,
    })?;
    let clock =
        labelled.recording.clock(Sensor::Accelerometer).map_err(|source| unreadable(labelled, source))?;
    let samples = Samples::new(clock.as_deref());
    drop(clock);
    let mut pieces = Vec::with_capacity(segments.len());
    for Segment { start_ns, signals } in segments {
        let time = |row| start_ns + p.nanoseconds(row);
        let labels: Vec<Option<&Arc<str>>> =
            (0..signals.len()).map(|row| labelled.label_at(time(row))).collect();
        let mut windows = Vec::new();
        for (label, run) in runs(labels.iter().copied()) {
            let Some(label) = label.filter(|label| meaning(label)) else { continue };
            let mut push = |start, starts| {
                windows.push(Cut {
                    label: Arc::clone(label),
                    start,
                    starts,
                    sample: samples.nearest(time(start)),
                });
            };
            for offset in window_starts(run.len(), p.window, p.step) {
                push(run.start + offset, run.start..run.end - p.window + 1);
            }
            let short = run.len() < p.window && 2 * run.len() >= p.window;
            if short && vocabulary::is_transition(label) && signals.len() >= p.window {
                // All starts from which the window holds the whole transition.
                let starts =
                    (run.end.saturating_sub(p.window))..(run.start.min(signals.len() - p.window) + 1);
                let centred = (run.start + run.len() / 2).saturating_sub(p.window / 2);
                if !starts.is_empty() {
                    push(centred.clamp(starts.start, starts.end - 1), starts);
                }
            }
        }
        // What is too short for a window, or between labels, nobody looks at again.
        if !windows.is_empty() {
            let up = upright(signals.iter().zip(labels));
            pieces.push(Piece { series: Series::stored(spool, signals, up)?, windows });
        }
    }
    Ok(pieces)
}

fn add(
    pieces: Vec<Piece>,
    recording: &LabelledRecording,
    codes: &mut Codes<'_>,
    windows: &mut LabelledWindows,
) -> Result<(), DataError> {
    let name: Arc<str> = recording.name.as_str().into();
    for piece in pieces {
        let series = windows.series.len();
        for Cut { label, start, starts, sample } in piece.windows {
            let Some(code) = codes.code(&label)? else { continue };
            let origin = WindowOrigin {
                person: recording.person.clone(),
                recording: Arc::clone(&name),
                facts: Arc::clone(&recording.facts),
                start: sample,
            };
            windows.push(Place { series, start, starts }, code, origin);
        }
        windows.series.push(Arc::new(piece.series));
    }
    Ok(())
}

/// The segments of a recording; where they are to be levelled and no vertical is found, because nobody walks or the recording
/// is short, by the one that is known of the data set, or by the direction that was up most of the time, as a predictor does.
pub(super) fn segments(labelled: &LabelledRecording, p: &Preprocessing) -> Result<Vec<Segment>, SignalError> {
    let source = &mut labelled.recording.source();
    let declared = Declared::default();
    let refused = match p.segments(source, &declared) {
        Ok((segments, _)) => return Ok(segments),
        Err(refused @ SignalError::NoVertical { .. }) => refused,
        Err(error) => return Err(error),
    };
    source.rewind().map_err(SignalError::from)?;
    let up = match labelled.up {
        Some(up) => Some(up),
        None => first_pass(source, &declared).map_err(SignalError::from)?.typical,
    };
    let Some(up) = up else { return Err(refused) };
    Ok(p.segments(source, &Declared { up: Some(up), ..declared })?.0)
}

/// The error about a rate that is too low, with one that fits all recordings of the same data set.
fn told_of_rate(error: DataError, slow: &LabelledRecording, all: &[LabelledRecording]) -> DataError {
    match error {
        DataError::Signal { person, recording, source: SignalError::Rate { expected_hz, found_hz, .. } }
            if found_hz < expected_hz =>
        {
            let same_set = all.iter().filter(|other| other.facts.dataset == slow.facts.dataset);
            let lowest = same_set.filter_map(LabelledRecording::rate_hz).fold(found_hz, f64::min);
            DataError::Slow {
                dataset: slow.facts.dataset.to_string(),
                person,
                recording,
                found_hz,
                expected_hz,
                fits_hz: (lowest * (1.0 + RATE_TOLERANCE)).floor(),
            }
        }
        other => other,
    }
}

/// A recording that is kept outside of memory and cannot be read.
pub(crate) fn unreadable(labelled: &LabelledRecording, source: std::io::Error) -> DataError {
    DataError::Unreadable { person: labelled.person.clone(), recording: labelled.name.clone(), source }
}

/// Mean direction of acceleration over the rows of walking and standing.
pub(super) fn upright<'a>(rows: impl Iterator<Item = (&'a [f32], Option<&'a Arc<str>>)>) -> Option<[f32; 3]> {
    let mut sum = [0f64; 3];
    for (row, label) in rows {
        if label.is_some_and(|label| ["walking", "standing"].contains(&&**label)) {
            // A row begins with total acceleration.
            for (s, &v) in sum.iter_mut().zip(row) {
                *s += f64::from(v);
            }
        }
    }
    unit(sum.map(|s| s as f32))
}

/// Longest runs of one label, unlabelled ones included, in order.
pub(crate) fn runs<'a>(
    labels: impl Iterator<Item = Option<&'a Arc<str>>>,
) -> impl Iterator<Item = (Option<&'a Arc<str>>, Range<usize>)> {
    let mut labels = labels.enumerate().peekable();
    std::iter::from_fn(move || {
        let (start, label) = labels.next()?;
        let mut end = start + 1;
        while labels.next_if(|(_, next)| same(*next, label)).is_some() {
            end += 1;
        }
        Some((label, start..end))
    })
}

/// Labels of one interval are one value, so that most need no look at their letters.
fn same(a: Option<&Arc<str>>, b: Option<&Arc<str>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        (None, None) => true,
        _ => false,
    }
}

/// The samples of a sensor by their time.
pub(super) enum Samples {
    Uniform {
        start_ns: i64,
        rate_hz: f64,
    },
    /// Time and number of each, in the order of time.
    Stamps(Vec<(i64, u64)>),
}

impl Samples {
    pub(super) fn new(clock: Option<&Clock>) -> Self {
        match clock {
            Some(&Clock::Uniform { start_ns, rate_hz }) => Self::Uniform { start_ns, rate_hz },
            Some(Clock::Stamps(stamps)) => {
                let mut all: Vec<(i64, u64)> = stamps.iter().copied().zip(0..).collect();
                all.sort_unstable();
                Self::Stamps(all)
            }
            None => Self::Stamps(Vec::new()),
        }
    }

    /// The number of the sample nearest in time; of two the earlier.
    pub(super) fn nearest(&self, time_ns: i64) -> u64 {
        match self {
            Self::Uniform { start_ns, rate_hz } => {
                // The cast takes what lies before the first sample for the first.
                ((time_ns - start_ns) as f64 * rate_hz / 1e9).round() as u64
            }
            Self::Stamps(all) => {
                let after = all.partition_point(|&(stamp, _)| stamp < time_ns);
                let around = all[after.saturating_sub(1)..].iter().take(2);
                around.min_by_key(|(stamp, _)| stamp.abs_diff(time_ns)).map_or(0, |&(_, sample)| sample)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_sample_is_found_whatever_the_clock() {
        let of = |clock| Samples::new(Some(&clock));
        let uniform = of(Clock::Uniform { start_ns: 7, rate_hz: 50.0 });
        assert_eq!(
            [0, 7, 10_000_006, 10_000_008, 2_000_000_007].map(|t| uniform.nearest(t)),
            [0, 0, 0, 1, 100]
        );
        let stamps = of(Clock::Stamps(vec![10, 20, 31, 29, 40]));
        assert_eq!([0, 14, 16, 28, 31, 99].map(|t| stamps.nearest(t)), [0, 0, 1, 3, 2, 4]);
        assert_eq!(Samples::new(None).nearest(5), 0);
    }

    #[test]
    fn runs_are_of_equal_names() {
        let [walking, again, sitting]: [Arc<str>; 3] = ["walking", "walking", "sitting"].map(Arc::from);
        let labels = [None, None, Some(&walking), Some(&again), Some(&sitting), None];
        let found: Vec<_> = runs(labels.into_iter()).collect();
        let expected = [(None, 0..2), (Some(&walking), 2..4), (Some(&sitting), 4..5), (None, 5..6)];
        assert_eq!(found, expected);
    }

    #[cfg(feature = "bundled-data")]
    #[test]
    fn windows_are_the_same_in_memory_and_in_a_file_for_any_number_of_threads() {
        let dataset = crate::hapt().unwrap();
        let people: BTreeSet<PersonId> = [2, 7, 11].map(PersonId::from).into();
        let p = Preprocessing {
            level: ambulo_signal::Level::Recording { up: [1.0, 0.0, 0.0] },
            ..Preprocessing::default()
        };
        let cut = |budget, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let spool = Spool::new(budget, std::env::temp_dir());
            pool.install(|| cut_into(&spool, &dataset, &p, &LabelSet::twelve(), &people)).unwrap()
        };
        let all = cut(u64::MAX, 1);
        // Of 2 MB some find room and some do not.
        for found in [cut(0, 1), cut(0, 3), cut(2 << 20, 2)] {
            assert_eq!(found, all);
            for i in [0, all.len() / 2, all.len() - 1] {
                assert_eq!(found.window(i).unwrap(), all.window(i).unwrap());
            }
            assert_eq!(found.input_of(5..9, &p).unwrap(), all.input(&p).unwrap()[5 * 128 * 15..9 * 128 * 15]);
        }
        let turn = ambulo_signal::Rotation::about([0.3, 1.0, 0.2], 0.7);
        let (memory, disk) =
            (all.series[1].turned([turn, turn], None), cut(0, 1).series[1].turned([turn, turn], None));
        let mut signals = all.series[1].signals().unwrap();
        signals.rotate(&turn);
        signals.rotate(&turn);
        assert_eq!(&*memory.rows(7, 100).unwrap(), signals.rows(7, 100));
        assert_eq!(&*disk.rows(7, 100).unwrap(), signals.rows(7, 100));
        let mut rows = vec![1.0; 3];
        disk.read(7, 100, &mut rows).unwrap();
        assert_eq!(rows, signals.rows(7, 100));
        assert!(disk.rows(disk.len(), 1).is_err() && memory.rows(usize::MAX, 2).is_err());
    }
}
