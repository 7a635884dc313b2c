//! From answers step by step to segments of one activity, at the depth at which it can be told.

use super::{Flag, NOT_WORN, Segment, Steps};
use crate::vocabulary::UNKNOWN;
use crate::{LabelSet, Level};
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

/// A stretch in which something has to be known about answers; it concerns the steps that begin in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// Where it begins, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Where it is over.
    pub end_ns: i64,
    /// What has to be known.
    pub flag: Flag,
}

/// What is answered: an activity and how probable it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answered<'a> {
    /// A label, something above labels in the vocabulary, or `unknown`.
    pub activity: &'a str,
    /// Its probability. Of `unknown` that it is none of the labels: low where the labels are known and cannot be told apart.
    pub confidence: f32,
    /// Whether it lies above labels.
    pub backed_off: bool,
}

/// Finds the most exact activity that is probable enough.
#[derive(Clone, Debug)]
pub struct BackOff {
    /// Deepest first, each with whether it is a label; without the root: that it is some activity is no answer.
    levels: Vec<(Level, bool)>,
    confidence: f32,
}

impl BackOff {
    /// For answers over these labels, of at least this probability.
    #[must_use]
    pub fn new(labels: &LabelSet, confidence: f32) -> Self {
        let levels = labels.levels().into_iter().filter(|level| level.depth > 0);
        let labelled = |level: Level| {
            let is_label = labels.names().any(|name| name == level.name);
            (level, is_label)
        };
        Self { levels: levels.map(labelled).collect(), confidence }
    }

    /// The answer to probabilities of the labels and of `unknown`, of one step or in the mean over several: the deepest activity whose
    /// probability (the sum over the labels at and beneath it) is at least the confidence, the more probable one among equally deep.
    /// `unknown` if that is more probable than each label, or if nothing reaches the confidence.
    ///
    /// An activity of half the probability or less is answered only if the most probable label is or lies beneath it, so that a low
    /// confidence gives the most probable label and not a deeper one.
    ///
    /// # Panics
    /// If there are fewer probabilities than labels.
    #[must_use]
    pub fn answer(&self, probabilities: &[f32], unknown: f32) -> Answered<'_> {
        let likeliest = most_probable(probabilities, unknown);
        let mut best: Option<(&Level, bool, f32)> = None;
        for (level, is_label) in &self.levels {
            let Some(likeliest) = likeliest else { break };
            if best.is_some_and(|(other, ..)| other.depth > level.depth) {
                break;
            }
            // The sum may be above 1 by a rounding.
            let probability = (level.probability(probabilities) as f32).min(1.0);
            let holds = level.classes.iter().any(|&class| usize::from(class) == likeliest);
            let enough = probability >= self.confidence && (holds || probability > 0.5);
            if enough && best.is_none_or(|(.., other)| probability > other) {
                best = Some((level, *is_label, probability));
            }
        }
        match best {
            Some((level, is_label, confidence)) => {
                Answered { activity: &level.name, confidence, backed_off: !is_label }
            }
            None => Answered { activity: UNKNOWN, confidence: unknown, backed_off: false },
        }
    }
}

/// Index of the most probable label, the first among equals; none if `unknown` is more probable.
fn most_probable(probabilities: &[f32], unknown: f32) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (label, &probability) in probabilities.iter().enumerate() {
        if best.is_none_or(|(_, most)| probability > most) {
            best = Some((label, probability));
        }
    }
    best.filter(|&(_, most)| most >= unknown).map(|(label, _)| label)
}

/// Segments of one activity, in order of time.
///
/// Neighbouring steps whose most probable state (a label or `unknown`) is the same are a run; a run is answered as
/// [`BackOff::answer`] says, from its mean probabilities over time, and neighbouring runs with the same answer and flags become a
/// segment, with the mean of their confidences over time. No segment goes over a pause between steps. Segments cover the steps
/// exactly, but for the stretches `not_worn` (beginning and end in nanoseconds, in any order), which are segments of their own in
/// whatever lies beneath them.
///
/// # Panics
/// If there are fewer probabilities than steps and labels ask for.
#[must_use]
pub fn segments(
    steps: &Steps,
    labels: &LabelSet,
    confidence: f32,
    not_worn: &[(i64, i64)],
    flags: &[Flagged],
) -> Vec<Segment> {
    let not_worn = united(not_worn);
    let mut runs = Runs { back_off: BackOff::new(labels, confidence), run: None, segments: Vec::new() };
    let mut resting = not_worn.iter().peekable();
    // Whatever begins before this has been covered.
    let mut covered_ns = i64::MIN;
    for i in 0..steps.len() {
        let (mut from, end) = (steps.start_ns[i].max(covered_ns), steps.end_ns(i));
        let (row, unknown) = (steps.row(i, labels.len()), steps.unknown[i]);
        let own = |at: &&Flagged| (at.start_ns..at.end_ns).contains(&steps.start_ns[i]);
        let flags = flags.iter().filter(own).fold(0u8, |set, at| set | bit(at.flag));
        while from < end {
            while resting.next_if(|stretch| stretch.1 <= from).is_some() {}
            let (rest_from, rest_to) = resting.peek().map_or((i64::MAX, i64::MAX), |stretch| **stretch);
            if rest_from > from {
                runs.push((from, end.min(rest_from)), row, unknown, flags);
            }
            from = if rest_from < end { rest_to.max(from) } else { end };
        }
        covered_ns = covered_ns.max(end);
    }
    let mut segments = runs.finish();
    segments.extend(not_worn.iter().map(|&(start_ns, end_ns)| Segment {
        start_ns,
        end_ns,
        activity: NOT_WORN.to_owned(),
        confidence: 1.0,
        flags: Vec::new(),
    }));
    segments.sort_by_key(|segment| segment.start_ns);
    segments
}

fn bit(flag: Flag) -> u8 {
    1 << flag as u8
}

/// Stretches in order, without overlap, those that touch as one.
fn united(stretches: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = stretches.iter().copied().filter(|(from, to)| from < to).collect();
    all.sort_unstable();
    all.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    all
}

/// Neighbouring steps with one most probable state.
struct Run {
    start_ns: i64,
    end_ns: i64,
    state: Option<usize>,
    flags: u8,
    /// Of each label and of `unknown`, times nanoseconds.
    sums: Vec<f64>,
}

struct Runs {
    back_off: BackOff,
    run: Option<Run>,
    segments: Vec<Segment>,
}

impl Runs {
    fn push(&mut self, (from, to): (i64, i64), row: &[f32], unknown: f32, flags: u8) {
        let state = most_probable(row, unknown);
        let goes_on = |run: &Run| run.end_ns == from && run.state == state && run.flags == flags;
        if !self.run.as_ref().is_some_and(goes_on) {
            self.close();
        }
        let run = self.run.get_or_insert_with(|| Run {
            start_ns: from,
            end_ns: from,
            state,
            flags,
            sums: vec![0.0; row.len() + 1],
        });
        let length = to.saturating_sub(from) as f64;
        for (sum, &probability) in run.sums.iter_mut().zip(row.iter().chain([&unknown])) {
            *sum += f64::from(probability) * length;
        }
        run.end_ns = to;
    }

    fn close(&mut self) {
        let Some(run) = self.run.take() else { return };
        let length = run.end_ns.saturating_sub(run.start_ns) as f64;
        let mean: Vec<f32> = run.sums.iter().map(|sum| (sum / length) as f32).collect();
        let Some((&unknown, labels)) = mean.split_last() else { return };
        let answered = self.back_off.answer(labels, unknown);
        let mut flags: Vec<Flag> = Flag::ALL.into_iter().filter(|&flag| run.flags & bit(flag) != 0).collect();
        if answered.backed_off && !flags.contains(&Flag::BackedOff) {
            flags.push(Flag::BackedOff);
        }
        match self.segments.last_mut() {
            Some(last)
                if last.end_ns == run.start_ns
                    && last.activity == answered.activity
                    && last.flags == flags =>
            {
                let before = last.end_ns.saturating_sub(last.start_ns) as f64;
                let weighted = f64::from(last.confidence) * before + f64::from(answered.confidence) * length;
                last.confidence = (weighted / (before + length)) as f32;
                last.end_ns = run.end_ns;
            }
            _ => self.segments.push(Segment {
                start_ns: run.start_ns,
                end_ns: run.end_ns,
                activity: answered.activity.to_owned(),
                confidence: answered.confidence,
                flags,
            }),
        }
    }

    fn finish(mut self) -> Vec<Segment> {
        self.close();
        self.segments
    }
}

#[cfg(test)]
mod tests;
