//! A prior over time from answers about unseen people.

use super::novelty::{self, LeftOut, Ratio};
use super::{Unseen, truths};
use crate::metrics::{ConfusionMatrix, expected_calibration_error, negative_log_likelihood, reliability};
use crate::{Config, TrainError};
use ambulo_data::LabelInterval;
use ambulo_model::lag_of;
use ambulo_model::smoothing::{AfterDelay, Prior, Smoother, UnknownPrior, smooth};
use ambulo_record::LabelSet;
use ambulo_record::vocabulary::is_transition;
use serde::Serialize;

/// What is tried: phases of the dwell times, and how much a second of windows counts.
const PHASES: [usize; 3] = [1, 2, 3];
const EVIDENCE_PER_S: [f64; 10] = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0];
/// Delays in seconds for which evidence is chosen besides whole files.
const DELAYS_S: [f64; 5] = [0.0, 1.0, 2.0, 3.5, 5.0];

/// How good one way of answering is, by time step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WayFigures {
    /// Seconds after a step at which its answer is given; none for whole files.
    pub delay_s: Option<f64>,
    /// Evidence of a second that was chosen; none without smoothing.
    pub evidence_per_s: Option<f64>,
    /// Macro-F1 over the labels that are no changes of posture, among them.
    pub macro_f1: f64,
    /// Share of right answers among all labels.
    pub accuracy: f64,
    /// Mean negative logarithm of the probability of what is true, if it is a label.
    pub negative_log_likelihood: f64,
    /// Expected calibration error, likewise.
    pub calibration_error: f64,
    /// Share of steps of known activities at which `unknown` is more likely than all labels together.
    pub taken_for_unknown: f64,
}

/// What a prior over time does to answers about unseen people.
#[derive(Clone, Debug, Serialize)]
pub struct PriorFigures {
    /// Steps of labelled activities.
    pub steps: usize,
    /// Phases of dwell times that were chosen.
    pub phases: usize,
    /// Without smoothing, for whole files, and by delay.
    pub ways: Vec<WayFigures>,
}

/// What is tried for `unknown`; its share of time is left at what people may expect, as a laboratory says nothing about it.
const UNKNOWN_DWELL_S: [f64; 3] = [15.0, 30.0, 60.0];
const UNKNOWN_EVIDENCE_PER_S: [f64; 6] = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5];

/// Answers and labels of each recording.
struct Sequence<'a> {
    probabilities: &'a [f32],
    unknown: Vec<f32>,
    /// Class of each step; none where it is not scored.
    truth: Vec<Option<u8>>,
}

/// Whether labels cover more than a minute: how long something lasts in a shorter recording its protocol decides.
fn lasts(labels: &[LabelInterval]) -> bool {
    const LEAST_NS: i64 = 60_000_000_000;
    match (labels.first(), labels.last()) {
        (Some(first), Some(last)) => last.end_ns - first.start_ns > LEAST_NS,
        _ => false,
    }
}

/// Chooses phases and evidence by the likelihood of what is true; dwell times are the means of the labelled intervals, and what
/// follows on what is left to the postures ([`Prior::usual`]), as in a laboratory it is the order of the protocol.
pub(super) fn fit(
    labels: &LabelSet,
    unseen: &[Unseen],
    ratio: &Ratio,
    left_out: &[&LeftOut],
    config: &Config,
    step: usize,
) -> Result<(Prior, PriorFigures), TrainError> {
    let p = &config.preprocessing;
    let window_ns = p.nanoseconds(p.window);
    let step_s = p.nanoseconds(step) as f64 / 1e9;
    let scored = |label: &str| labels.index_of(label).filter(|_| !is_transition(label));
    let sequences: Vec<Sequence<'_>> = unseen
        .iter()
        .map(|one| Sequence {
            probabilities: &one.probabilities,
            unknown: one.scores.iter().map(|scores| ratio.log_ratio(scores.both())).collect(),
            truth: truths(one, window_ns).map(|(_, middle)| middle.and_then(scored)).collect(),
        })
        .collect();
    let mut prior = Prior::usual(labels);
    for (name, dwell) in labels.names().zip(&mut prior.dwell_s) {
        let long = unseen.iter().map(|one| &one.recording.labels).filter(|labels| lasts(labels));
        let lengths = long.flatten().filter(|i| *i.label == *name);
        let lengths: Vec<f64> = lengths.map(|i| (i.end_ns - i.start_ns) as f64 / 1e9).collect();
        if !lengths.is_empty() {
            *dwell = lengths.iter().sum::<f64>() / lengths.len() as f64;
        }
    }
    let mut best: Option<(f64, Prior)> = None;
    for phases in PHASES {
        for evidence_per_s in EVIDENCE_PER_S {
            let tried = Prior { phases: vec![phases; prior.labels()], evidence_per_s, ..prior.clone() };
            let figures = score(labels, &sequences, &|s| whole(&tried, step_s, s), None, None)?;
            if best.as_ref().is_none_or(|(nll, _)| figures.negative_log_likelihood < *nll) {
                best = Some((figures.negative_log_likelihood, tried));
            }
        }
    }
    let Some((_, mut prior)) = best else { unreachable!("something is tried") };
    prior.unknown = unknown(&prior, step_s, ratio, unseen, left_out, window_ns);
    let mut ways = vec![
        score(labels, &sequences, &alone, None, None)?,
        score(labels, &sequences, &|s| whole(&prior, step_s, s), None, Some(prior.evidence_per_s))?,
    ];
    let mut by_delay = Vec::new();
    for delay_s in DELAYS_S {
        let lag = lag_of(delay_s, p, step);
        let mut best: Option<(WayFigures, AfterDelay)> = None;
        for phases in PHASES {
            for evidence_per_s in EVIDENCE_PER_S {
                let after = AfterDelay { delay_s, evidence_per_s, phases };
                let tried = Prior { by_delay: vec![after], ..prior.clone() }.after(delay_s);
                let answer = |s: &Sequence<'_>| causal(&tried, step_s, lag, s);
                let figures = score(labels, &sequences, &answer, Some(delay_s), Some(evidence_per_s))?;
                let nll = figures.negative_log_likelihood;
                if best.is_none_or(|(b, _)| nll < b.negative_log_likelihood) {
                    best = Some((figures, after));
                }
            }
        }
        if let Some((figures, after)) = best {
            by_delay.push(after);
            ways.push(figures);
        }
    }
    prior.by_delay = by_delay;
    let steps = sequences.iter().flat_map(|s| &s.truth).flatten().count();
    Ok((prior.clone(), PriorFigures { steps, phases: prior.phases[0], ways }))
}

fn alone(s: &Sequence<'_>) -> Vec<f32> {
    let labels = s.probabilities.len() / s.unknown.len().max(1);
    let rows = s.probabilities.chunks_exact(labels.max(1)).zip(&s.unknown);
    rows.flat_map(|(row, &unknown)| ambulo_model::smoothing::alone(row, f64::from(unknown))).collect()
}

fn whole(prior: &Prior, step_s: f64, s: &Sequence<'_>) -> Vec<f32> {
    let numbers: Vec<i64> = (0..s.unknown.len() as i64).collect();
    smooth(prior, step_s, &numbers, s.probabilities, &s.unknown)
}

fn causal(prior: &Prior, step_s: f64, lag: i64, s: &Sequence<'_>) -> Vec<f32> {
    let labels = prior.labels();
    let states = labels + 1;
    let mut smoother = Smoother::new(prior, step_s, lag);
    // Before the first answer nothing is known.
    let mut out = vec![1.0 / states as f32; s.unknown.len() * states];
    let mut take = |answers: Vec<(i64, Vec<f32>)>| {
        for (number, row) in answers {
            let at = usize::try_from(number).ok().map(|n| n * states);
            if let Some(slot) = at.and_then(|at| out.get_mut(at..at + states)) {
                slot.copy_from_slice(&row);
            }
        }
    };
    for (i, &unknown) in s.unknown.iter().enumerate() {
        let row = &s.probabilities[i * labels..(i + 1) * labels];
        take(smoother.push(i as i64, row, f64::from(unknown)));
    }
    take(smoother.finish());
    out
}

/// Chooses how `unknown` lasts and how much a second of windows counts for it, by the likelihood of known and unknown time, each of
/// which has half of the weight.
fn unknown(
    prior: &Prior,
    step_s: f64,
    ratio: &Ratio,
    unseen: &[Unseen],
    left_out: &[&LeftOut],
    window_ns: i64,
) -> UnknownPrior {
    let known = unseen.iter().map(|one| {
        let scores: Vec<f32> = one.scores.iter().map(|scores| scores.both()).collect();
        let truth = truths(one, window_ns).map(|(whole, _)| whole.map(|_| false)).collect();
        (scores, truth)
    });
    let sequences: Vec<novelty::Strange> =
        known.chain(left_out.iter().flat_map(|one| one.sequences.iter().cloned())).collect();
    let mut best = (f64::INFINITY, prior.unknown);
    for dwell_s in UNKNOWN_DWELL_S {
        for evidence_per_s in UNKNOWN_EVIDENCE_PER_S {
            let tried = UnknownPrior { dwell_s, evidence_per_s, ..prior.unknown };
            let prior = Prior { unknown: tried, ..Prior::even(2, 20.0, 1.0) };
            // Sums and numbers of known and of unknown steps.
            let mut sums = [(0.0, 0.0f64); 2];
            for (scores, truth) in &sequences {
                let numbers: Vec<i64> = (0..scores.len() as i64).collect();
                let ratios: Vec<f32> = scores.iter().map(|&s| ratio.log_ratio(s)).collect();
                let rows = smooth(&prior, step_s, &numbers, &vec![0.5; 2 * scores.len()], &ratios);
                for (row, truth) in rows.chunks_exact(3).zip(truth) {
                    let Some(truth) = *truth else { continue };
                    let p = if truth { row[2] } else { 1.0 - row[2] };
                    let (sum, count) = &mut sums[usize::from(truth)];
                    *sum -= f64::from(p.max(1e-4)).ln();
                    *count += 1.0;
                }
            }
            let loss = sums.iter().map(|(sum, count)| sum / count.max(1.0)).sum();
            if loss < best.0 {
                best = (loss, tried);
            }
        }
    }
    best.1
}

fn score(
    labels: &LabelSet,
    sequences: &[Sequence<'_>],
    answer: &dyn Fn(&Sequence<'_>) -> Vec<f32>,
    delay_s: Option<f64>,
    evidence_per_s: Option<f64>,
) -> Result<WayFigures, TrainError> {
    let states = labels.len();
    let (mut truth, mut rows) = (Vec::new(), Vec::new());
    let mut strange = 0usize;
    for sequence in sequences {
        let answers = answer(sequence);
        for (row, &class) in answers.chunks_exact(states + 1).zip(&sequence.truth) {
            if let Some(class) = class {
                truth.push(class);
                strange += usize::from(row[states] > 0.5);
                let known = (1.0 - row[states]).max(f32::MIN_POSITIVE);
                rows.extend(row[..states].iter().map(|p| (p / known).min(1.0)));
            }
        }
    }
    let activities: Vec<usize> =
        labels.names().enumerate().filter(|(_, name)| !is_transition(name)).map(|(i, _)| i).collect();
    let among = |row: &[f32]| {
        let best = activities.iter().copied().max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a)));
        best.unwrap_or(0) as u8
    };
    let predicted: Vec<u8> = rows.chunks_exact(states).map(among).collect();
    let matrix = ConfusionMatrix::from_indices(&truth, &predicted, states)?;
    let all = ConfusionMatrix::from_probabilities(&truth, &rows, states)?;
    Ok(WayFigures {
        delay_s,
        evidence_per_s,
        macro_f1: matrix.macro_f1(),
        accuracy: all.accuracy(),
        negative_log_likelihood: negative_log_likelihood(&truth, &rows, states)?,
        calibration_error: expected_calibration_error(&reliability(&truth, &rows, states)?),
        taken_for_unknown: strange as f64 / truth.len().max(1) as f64,
    })
}
