//! A prior over time from answers about unseen people.

use super::novelty::Ratio;
use super::{Unseen, truths};
use crate::metrics::{ConfusionMatrix, expected_calibration_error, negative_log_likelihood, reliability};
use crate::{Config, TrainError};
use ambulo_model::smoothing::{Prior, Smoother, smooth};
use ambulo_record::LabelSet;
use serde::Serialize;

/// What is tried: phases of the dwell times, and how much a second of windows counts.
const PHASES: [usize; 3] = [1, 2, 3];
const EVIDENCE_PER_S: [f64; 9] = [0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0];
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
    /// Share of right answers among all labels and `unknown`.
    pub accuracy: f64,
    /// Mean negative logarithm of the probability of what is true.
    pub negative_log_likelihood: f64,
    /// Expected calibration error.
    pub calibration_error: f64,
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

/// Steps in nanoseconds and labels of each recording.
struct Sequence<'a> {
    probabilities: &'a [f32],
    unknown: Vec<f32>,
    /// Class of each step; none where it is not scored.
    truth: Vec<Option<u8>>,
}

/// Chooses phases and evidence by the likelihood of what is true; dwell times are the means of the labelled intervals, and what
/// follows on what is left to the postures ([`Prior::usual`]), as in a laboratory it is the order of the protocol.
pub(super) fn fit(
    labels: &LabelSet,
    unseen: &[Unseen],
    ratio: &Ratio,
    config: &Config,
    step: usize,
) -> Result<(Prior, PriorFigures), TrainError> {
    let p = &config.preprocessing;
    let window_ns = p.nanoseconds(p.window);
    let step_s = p.nanoseconds(step) as f64 / 1e9;
    let scored = |label: &str| labels.index_of(label).filter(|_| !label.contains("_to_"));
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
        let lengths = unseen.iter().flat_map(|one| &one.recording.labels).filter(|i| *i.label == *name);
        let lengths: Vec<f64> = lengths.map(|i| (i.end_ns - i.start_ns) as f64 / 1e9).collect();
        if !lengths.is_empty() {
            *dwell = lengths.iter().sum::<f64>() / lengths.len() as f64;
        }
    }
    let mut best: Option<(f64, Prior)> = None;
    for phases in PHASES {
        for evidence_per_s in EVIDENCE_PER_S {
            let tried = Prior { phases: vec![phases; prior.states()], evidence_per_s, ..prior.clone() };
            let figures = score(labels, &sequences, &|s| whole(&tried, step_s, s), None, None)?;
            if best.as_ref().is_none_or(|(nll, _)| figures.negative_log_likelihood < *nll) {
                best = Some((figures.negative_log_likelihood, tried));
            }
        }
    }
    let Some((_, mut prior)) = best else { unreachable!("something is tried") };
    let mut ways = vec![
        score(labels, &sequences, &alone, None, None)?,
        score(labels, &sequences, &|s| whole(&prior, step_s, s), None, Some(prior.evidence_per_s))?,
    ];
    let window_s = window_ns as f64 / 1e9;
    let mut by_delay = Vec::new();
    for delay_s in DELAYS_S {
        // As a timeline reckons it: half a window has to pass before anything is known of its middle.
        let lag = ((delay_s - window_s / 2.0) / step_s + 1e-3).floor() as i64;
        let mut best: Option<WayFigures> = None;
        for evidence_per_s in EVIDENCE_PER_S {
            let tried = Prior { evidence_per_s, ..prior.clone() };
            let figures = score(
                labels,
                &sequences,
                &|s| causal(&tried, step_s, lag, s),
                Some(delay_s),
                Some(evidence_per_s),
            )?;
            if best.is_none_or(|b| figures.negative_log_likelihood < b.negative_log_likelihood) {
                best = Some(figures);
            }
        }
        if let Some(best) = best {
            by_delay.extend(best.evidence_per_s.map(|evidence| (delay_s, evidence)));
            ways.push(best);
        }
    }
    prior.evidence_by_delay = by_delay;
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
    let states = prior.states();
    let labels = states - 1;
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

fn score(
    labels: &LabelSet,
    sequences: &[Sequence<'_>],
    answer: &dyn Fn(&Sequence<'_>) -> Vec<f32>,
    delay_s: Option<f64>,
    evidence_per_s: Option<f64>,
) -> Result<WayFigures, TrainError> {
    let states = labels.len() + 1;
    let (mut truth, mut rows) = (Vec::new(), Vec::new());
    for sequence in sequences {
        let answers = answer(sequence);
        for (row, &class) in answers.chunks_exact(states).zip(&sequence.truth) {
            if let Some(class) = class {
                truth.push(class);
                rows.extend_from_slice(row);
            }
        }
    }
    let activities: Vec<usize> =
        labels.names().enumerate().filter(|(_, name)| !name.contains("_to_")).map(|(i, _)| i).collect();
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
    })
}
