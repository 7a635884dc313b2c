//! Events and stretches of error of one activity, after Ward, Lukowicz and Gellersen, "Performance metrics for activity
//! recognition", ACM TIST 2(1), 2011.
//!
//! Stretches ("segments" there) are the longest intervals in which neither the truth nor the answer changes: true or false,
//! positive or negative. A false negative is a deletion, a fragmentation (between two true positives) or an underfill (next to
//! one); a false positive is an insertion, a merge or an overfill likewise. As in an event of the truth true positives and
//! false negatives take turns, and in one of the answers true and false positives, what is next to what is asked within events.
//!
//! What is not scored lies between the scored stretches of time. An event of the answers goes on through it, but for one case:
//! where the scored time on both sides is true positive. To join these would be a merge that nobody can confirm, so it is two.

use super::intervals::{Interval, difference, overlaps};
use ambulo_record::continuous::{ErrorStretches, EventCounts, Stretches};

/// One activity in one recording: sets of intervals in order that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    /// The time of which it is known whether it is the activity.
    pub scored: Vec<Interval>,
    /// The events of the truth; all of their time is scored.
    pub truth: Vec<Interval>,
    /// The events of the answers, scored or not.
    pub answers: Vec<Interval>,
}

/// What [`Activity::score`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityScore {
    /// Events.
    pub events: EventCounts,
    /// Stretches of error.
    pub errors: ErrorStretches,
    /// For each event of the truth how late the first answer came that overlaps it, in nanoseconds; early is negative, back
    /// to the end of the event before at most. None where it was not found.
    pub onsets_ns: Vec<Option<i64>>,
}

/// A stretch within an event.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    time: Interval,
    positive: bool,
    /// Number of the other side's event where it is true positive.
    other: usize,
}

impl Activity {
    /// Counts events and stretches of error.
    #[must_use]
    pub fn score(&self) -> ActivityScore {
        let mut score = ActivityScore::default();
        let answers = self.answer_events();

        let mut errors = ErrorStretches::default();
        let mut merges = vec![0_usize; answers.len()];
        for (event, stretches) in answers.iter().enumerate() {
            let found = stretches.iter().filter(|stretch| stretch.positive);
            merges[event] = distinct(found.map(|stretch| stretch.other));
            let first = stretches.iter().position(|s| s.positive);
            let last = stretches.iter().rposition(|s| s.positive);
            for (number, stretch) in stretches.iter().enumerate().filter(|(_, s)| !s.positive) {
                let before = first.is_some_and(|first| first < number);
                let after = last.is_some_and(|last| last > number);
                add(
                    stretch.time,
                    match (before, after) {
                        (true, true) => &mut errors.merge,
                        (true, false) => &mut errors.overfill_end,
                        (false, true) => &mut errors.overfill_start,
                        (false, false) => &mut errors.insertion,
                    },
                );
            }
        }

        // True positives by the event of the truth that they are of: which answers, and where.
        let mut pieces: Vec<Vec<(usize, Interval)>> = vec![Vec::new(); self.truth.len()];
        for (event, stretches) in answers.iter().enumerate() {
            for stretch in stretches.iter().filter(|stretch| stretch.positive) {
                pieces[stretch.other].push((event, stretch.time));
                add(stretch.time, &mut errors.true_positive);
            }
        }
        let mut fragmenting = vec![false; answers.len()];
        for (&event, pieces) in self.truth.iter().zip(&pieces) {
            let found: Vec<Interval> = pieces.iter().map(|&(_, time)| time).collect();
            for missed in difference(&[event], &found) {
                let before = found.first().is_some_and(|first| first.start_ns < missed.start_ns);
                let after = found.last().is_some_and(|last| last.start_ns > missed.start_ns);
                add(
                    missed,
                    match (before, after) {
                        (true, true) => &mut errors.fragmentation,
                        (true, false) => &mut errors.underfill_end,
                        (false, true) => &mut errors.underfill_start,
                        (false, false) => &mut errors.deletion,
                    },
                );
            }
            let fragmented = pieces.len() > 1;
            let merged = pieces.iter().any(|&(answer, _)| merges[answer] > 1);
            for &(answer, _) in pieces {
                fragmenting[answer] |= fragmented;
            }
            let count = match (pieces.is_empty(), fragmented, merged) {
                (true, ..) => &mut score.events.deleted,
                (_, true, true) => &mut score.events.fragmented_merged,
                (_, true, false) => &mut score.events.fragmented,
                (_, false, true) => &mut score.events.merged,
                (_, false, false) => &mut score.events.correct,
            };
            *count += 1;
        }
        for (&merges, &fragmenting) in merges.iter().zip(&fragmenting) {
            match (merges, fragmenting) {
                (0, _) => score.events.inserted += 1,
                (1, true) => score.events.fragmenting += 1,
                (1, false) => {} // counted as correct with its event
                (_, true) => score.events.fragmenting_merging += 1,
                (_, false) => score.events.merging += 1,
            }
        }
        let positive = super::intervals::union(self.truth.iter().chain(&self.answers).copied());
        for rest in difference(&self.scored, &positive) {
            add(rest, &mut errors.true_negative);
        }
        score.errors = errors;
        score.onsets_ns = self.onsets();
        score
    }

    /// The scored stretches of each event of the answers, in order; events that are not scored at all are left out.
    fn answer_events(&self) -> Vec<Vec<Stretch>> {
        let mut events: Vec<Vec<Stretch>> = Vec::new();
        let mut current = None;
        for (answer, _, time) in overlaps(&self.answers, &self.scored) {
            let next = self.truth.partition_point(|event| event.end_ns <= time.start_ns);
            let found: Vec<(usize, Interval)> =
                overlaps(&[time], &self.truth[next..]).map(|(_, event, both)| (next + event, both)).collect();
            let mut stretches: Vec<Stretch> =
                found.iter().map(|&(other, time)| Stretch { time, positive: true, other }).collect();
            let hits: Vec<Interval> = found.iter().map(|&(_, time)| time).collect();
            let wrong = difference(&[time], &hits);
            stretches.extend(wrong.into_iter().map(|time| Stretch { time, positive: false, other: 0 }));
            stretches.sort_unstable_by_key(|stretch| stretch.time);
            match events.last_mut() {
                Some(last) if current == Some(answer) && !both_positive(last, &stretches) => {
                    last.append(&mut stretches);
                }
                _ => events.push(stretches),
            }
            current = Some(answer);
        }
        events
    }

    /// How late the first answer came that overlaps each event of the truth.
    fn onsets(&self) -> Vec<Option<i64>> {
        let mut onsets = vec![None; self.truth.len()];
        for (event, answer, _) in overlaps(&self.truth, &self.answers) {
            if onsets[event].is_none() {
                let before = event.checked_sub(1).map_or(i64::MIN, |before| self.truth[before].end_ns);
                let from = self.answers[answer].start_ns.max(before);
                onsets[event] = Some(from.saturating_sub(self.truth[event].start_ns));
            }
        }
        onsets
    }
}

/// Whether two runs of stretches on the two sides of time that is not scored would only become a merge.
fn both_positive(before: &[Stretch], after: &[Stretch]) -> bool {
    before.last().is_some_and(|s| s.positive) && after.first().is_some_and(|s| s.positive)
}

/// Number of different values; equal ones follow on each other.
fn distinct(values: impl Iterator<Item = usize>) -> usize {
    let mut last = None;
    values.filter(|&value| last.replace(value) != Some(value)).count()
}

fn add(time: Interval, to: &mut Stretches) {
    *to += Stretches { count: 1, seconds: time.length_ns() as f64 / 1e9 };
}
