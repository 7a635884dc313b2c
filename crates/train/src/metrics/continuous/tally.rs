//! Sums over recordings, from which all figures follow.

use super::intervals::{Interval, overlaps, union};
use super::truth::{TrueStretch, Truth};
use super::ward::Activity;
use crate::metrics::calibration::ReliabilitySums;
use crate::metrics::{ConfusionMatrix, MetricsError, check_length};
use ambulo_record::continuous::{ErrorStretches, EventCounts};
use ambulo_record::timeline::{Segment, Steps};
use ambulo_record::vocabulary::UNKNOWN;
use ambulo_record::{Answer, LabelSet, Target};
use std::collections::BTreeMap;

/// What was answered for a recording.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// Step by step.
    pub steps: &'a Steps,
    /// As it is given to users, where answers may back off; none where that is not known.
    pub segments: Option<&'a [Segment]>,
}

/// Sums over the recordings of a person, or of everyone.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Nanoseconds by class and most probable class.
    pub(super) frames: ConfusionMatrix,
    /// For each group of classes nanoseconds that carry it, and how many of them were answered rightly.
    pub(super) coarse: BTreeMap<Vec<u8>, (u64, u64)>,
    pub(super) reliability: ReliabilitySums,
    /// By class.
    pub(super) classes: Vec<ActivityTally>,
    /// By group of classes.
    pub(super) groups: BTreeMap<Vec<u8>, ActivityTally>,
    /// None as soon as one recording came without.
    pub(super) depths: Option<Depths>,
}

/// Sums of one activity.
#[derive(Clone, Debug, Default)]
pub(super) struct ActivityTally {
    pub(super) events: EventCounts,
    pub(super) errors: ErrorStretches,
    /// How late each event that was found was found.
    pub(super) delays_ns: Vec<i64>,
}

/// Nanoseconds by what kind of answer was given, and how much of that was right.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Depths {
    pub(super) total: u64,
    pub(super) class: [u64; 2],
    pub(super) above: [u64; 2],
    pub(super) unknown: u64,
}

impl Tally {
    /// Nothing of so many classes yet.
    ///
    /// # Errors
    /// A number of classes outside 1 to 256.
    pub fn new(classes: usize) -> Result<Self, MetricsError> {
        Ok(Self {
            frames: ConfusionMatrix::new(classes)?,
            coarse: BTreeMap::new(),
            reliability: ReliabilitySums::default(),
            classes: vec![ActivityTally::default(); classes],
            groups: BTreeMap::new(),
            depths: Some(Depths::default()),
        })
    }

    /// Adds one recording.
    ///
    /// # Errors
    /// Steps whose columns have different lengths, or probabilities that are none.
    pub fn add(
        &mut self,
        labels: &LabelSet,
        truth: &Truth,
        answers: Answers<'_>,
    ) -> Result<(), MetricsError> {
        let steps = answers.steps;
        let width = labels.len();
        check_length("probabilities of steps", steps.len() * width, steps.probabilities.len())?;
        let (times, best) = most_probable(steps, width);
        let when = |is: &dyn Fn(usize) -> bool| union((0..times.len()).filter(|&i| is(i)).map(|i| times[i]));

        self.count_frames(truth, &times, &best);
        for (class, tally) in (0..=u8::MAX).zip(&mut self.classes) {
            let answered = when(&|i| best[i] == class);
            tally.add(truth, &[class], answered);
        }
        for group in truth.groups() {
            let target = Target::Group(group.clone());
            let answered = when(&|i| target.answer(steps.row(i, width)) == Answer::Target);
            self.count_coarse(&target, truth, &answered);
            self.groups.entry(group).or_default().add(truth, target.classes(), answered);
        }
        self.add_reliability(truth, steps, &times, width)?;
        match (&mut self.depths, answers.segments) {
            (Some(depths), Some(segments)) => depths.add(labels, truth, segments),
            (depths, _) => *depths = None,
        }
        Ok(())
    }

    fn count_frames(&mut self, truth: &Truth, times: &[Interval], best: &[u8]) {
        let stretches: Vec<Interval> = truth.stretches.iter().map(|stretch| stretch.time).collect();
        for TrueStretch { time, target } in &truth.stretches {
            if let Target::Class(class) = target {
                self.frames.count_amount(*class, None, time.length_ns());
            }
        }
        for (stretch, step, both) in overlaps(&stretches, times) {
            if let Target::Class(class) = truth.stretches[stretch].target {
                self.frames.answer_amount(class, best[step], both.length_ns());
            }
        }
    }

    fn count_coarse(&mut self, target: &Target, truth: &Truth, answered: &[Interval]) {
        let own: Vec<Interval> =
            truth.stretches.iter().filter(|s| s.target == *target).map(|s| s.time).collect();
        let (all, right) = self.coarse.entry(target.classes().to_vec()).or_default();
        *all += own.iter().map(|time| time.length_ns()).sum::<u64>();
        *right += overlaps(&own, answered).map(|(_, _, both)| both.length_ns()).sum::<u64>();
    }

    /// Steps whose middle carries a class, their probabilities taken as if it were one of the labels.
    fn add_reliability(
        &mut self,
        truth: &Truth,
        steps: &Steps,
        times: &[Interval],
        width: usize,
    ) -> Result<(), MetricsError> {
        let (mut classes, mut probabilities) = (Vec::new(), Vec::new());
        let mut stretches = truth.stretches.iter().peekable();
        for (i, time) in times.iter().enumerate() {
            let middle = time.start_ns.saturating_add_unsigned(time.length_ns() / 2);
            while stretches.next_if(|stretch| stretch.time.end_ns <= middle).is_some() {}
            let Some(stretch) = stretches.peek().filter(|s| s.time.start_ns <= middle) else { continue };
            let Target::Class(class) = stretch.target else { continue };
            let row = steps.row(i, width);
            let sum: f32 = row.iter().sum();
            // Where all of it is `unknown`, nothing is said about the labels; what is no number is an error further on.
            if sum != 0.0 {
                classes.push(class);
                probabilities.extend(row.iter().map(|p| p / sum));
            }
        }
        if classes.is_empty() { Ok(()) } else { self.reliability.add(&classes, &probabilities, width) }
    }

    /// Adds the sums of others.
    ///
    /// # Errors
    /// Different numbers of classes.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricsError> {
        self.frames.add(&other.frames)?;
        for (group, &(all, right)) in &other.coarse {
            let own = self.coarse.entry(group.clone()).or_default();
            *own = (own.0 + all, own.1 + right);
        }
        self.reliability.merge(&other.reliability);
        for (own, other) in self.classes.iter_mut().zip(&other.classes) {
            own.merge(other);
        }
        for (group, other) in &other.groups {
            self.groups.entry(group.clone()).or_default().merge(other);
        }
        self.depths = self.depths.zip(other.depths).map(|(own, other)| own.plus(other));
        Ok(())
    }
}

/// When each step is, and its most probable class.
fn most_probable(steps: &Steps, width: usize) -> (Vec<Interval>, Vec<u8>) {
    let all = 0..steps.len();
    let times = all.clone().map(|i| Interval::new(steps.start_ns[i], steps.end_ns(i))).collect();
    (times, all.map(|i| ambulo_nn::argmax(steps.row(i, width)) as u8).collect())
}

impl ActivityTally {
    fn add(&mut self, truth: &Truth, classes: &[u8], answers: Vec<Interval>) {
        let (scored, events) = truth.of(classes);
        let score = Activity { scored, truth: events, answers }.score();
        self.events += score.events;
        self.errors += score.errors;
        self.delays_ns.extend(score.onsets_ns.into_iter().flatten());
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.events += other.events;
        self.errors += other.errors;
        self.delays_ns.extend(&other.delays_ns);
    }
}

impl Depths {
    fn add(&mut self, labels: &LabelSet, truth: &Truth, segments: &[Segment]) {
        let stretches: Vec<Interval> = truth.stretches.iter().map(|stretch| stretch.time).collect();
        let times: Vec<Interval> = segments.iter().map(|s| Interval::new(s.start_ns, s.end_ns)).collect();
        self.total += stretches.iter().map(|time| time.length_ns()).sum::<u64>();
        for (stretch, segment, both) in overlaps(&stretches, &times) {
            let (activity, length) = (segments[segment].activity.as_str(), both.length_ns());
            let answer = labels.beneath(activity);
            if answer.is_empty() {
                self.unknown += if activity == UNKNOWN { length } else { 0 };
                continue;
            }
            let true_classes = truth.stretches[stretch].target.classes();
            let within = |a: &[u8], b: &[u8]| a.iter().all(|class| b.contains(class));
            let right = within(&answer, true_classes) || within(true_classes, &answer);
            let of = if labels.index_of(activity).is_some() { &mut self.class } else { &mut self.above };
            of[0] += length;
            of[1] += if right { length } else { 0 };
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            class: [0, 1].map(|i| self.class[i] + other.class[i]),
            above: [0, 1].map(|i| self.above[i] + other.above[i]),
            unknown: self.unknown + other.unknown,
        }
    }
}
