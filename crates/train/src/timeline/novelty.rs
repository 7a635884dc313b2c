//! How well the unknown is told from the known.

use super::{Unseen, is_or_is_under, truths};
use crate::TrainError;
use crate::metrics::auroc;
use ambulo_record::LabelSet;
use ambulo_record::vocabulary::is_transition;
use serde::Serialize;

/// By how much walking of people with another device scores higher. Of 0, 0.2, 0.4, 0.6 and 0.8 the one at which ten people of
/// SisFall (those with odd numbers) were rightly answered most often, walking and jogging together (docs/RESULTS.md).
const STRANGERS: f32 = 0.4;

/// A kind of score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// One less the largest probability (Hendrycks and Gimpel 2017).
    LargestProbability,
    /// Negative logarithm of the sum of the exponentials of all logits (Liu et al. 2020).
    Energy,
    /// Logarithm of the distance by embedding.
    Embedding,
    /// Logarithm of the distance by movement.
    Movement,
    /// Both distances and the free energy, as models use them.
    Both,
}

impl ScoreKind {
    const ALL: [Self; 5] =
        [Self::LargestProbability, Self::Energy, Self::Embedding, Self::Movement, Self::Both];
}

/// How strange a window is, by each kind of score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scores([f32; ScoreKind::ALL.len()]);

impl Scores {
    /// With the weights of the distance by movement and of the free energy.
    pub(super) fn new(
        logits: &[f32],
        (embedding, movement): (f32, f32),
        (by_movement, by_energy): (f32, f32),
    ) -> Self {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|z| (z - largest).exp()).sum();
        let (embedding, movement) = (embedding.max(1e-6).ln(), movement.max(1e-6).ln());
        let energy = ambulo_model::novelty::energy(logits);
        let all = embedding + by_movement * movement + by_energy * energy;
        Self([-1.0 / sum, energy, embedding, movement, all])
    }

    pub(super) fn both(self) -> f32 {
        self.0[4]
    }
}

/// How well one activity is told from the others when no network has learned it.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// The activity.
    pub activity: String,
    /// Windows of it, and of the activities that the networks knew.
    pub windows: [usize; 2],
    /// Area under the receiver operating characteristic, for each kind of score.
    pub auroc: Vec<(ScoreKind, f64)>,
    /// Share of its windows with a score above 95 % of the known ones', by both distances.
    pub found_at_95: f64,
    /// Its scores, by both distances.
    #[serde(skip)]
    pub(super) unknown: Vec<f32>,
    /// The same in order of time, recording by recording.
    #[serde(skip)]
    pub(super) sequences: Vec<Strange>,
}

/// Scores of the windows of a recording, and whether each is unknown; none where nobody says what was done.
pub(super) type Strange = (Vec<f32>, Vec<Option<bool>>);

impl LeftOut {
    /// `labels` are those that the networks knew.
    pub(super) fn measure(
        activity: &str,
        labels: &LabelSet,
        unseen: &[Unseen],
        window_ns: i64,
    ) -> Result<Self, TrainError> {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        let mut sequences = Vec::with_capacity(unseen.len());
        for one in unseen {
            let strange = truths(one, window_ns).map(|(whole, _)| {
                whole
                    .filter(|label| is_or_is_under(label, activity) || says_something(labels, label))
                    .map(|label| is_or_is_under(label, activity))
            });
            sequences.push((one.scores.iter().map(|s| s.both()).collect(), strange.collect()));
            for ((whole, _), &scores) in truths(one, window_ns).zip(&one.scores) {
                match whole {
                    Some(label) if is_or_is_under(label, activity) => unknown.push(scores),
                    Some(label) if is_known(labels, label) => known.push(scores),
                    _ => {}
                }
            }
        }
        let pick =
            |all: &[Scores], kind: usize| all.iter().map(|scores| scores.0[kind]).collect::<Vec<f32>>();
        let of_kind =
            |(kind, &name): (usize, &ScoreKind)| (name, auroc(&pick(&known, kind), &pick(&unknown, kind)));
        let both: Vec<f32> = known.iter().map(|scores| scores.both()).collect();
        let unknown_both: Vec<f32> = unknown.iter().map(|scores| scores.both()).collect();
        Ok(Self {
            activity: activity.into(),
            windows: [unknown.len(), known.len()],
            auroc: ScoreKind::ALL.iter().enumerate().map(of_kind).collect(),
            found_at_95: share_above(&unknown_both, quantile(&both, 0.95)),
            unknown: unknown_both,
            sequences,
        })
    }
}

/// Whether networks of these labels can know what a label says.
fn says_something(labels: &LabelSet, label: &str) -> bool {
    labels.target(label).is_some()
}

/// The same of what is done for longer than a change of posture.
fn is_known(labels: &LabelSet, label: &str) -> bool {
    !is_transition(label) && says_something(labels, label)
}

/// Scores of all windows of known activities.
pub(super) fn known_scores(labels: &LabelSet, unseen: &[Unseen], window_ns: i64) -> Vec<f32> {
    let of = |one: &Unseen| -> Vec<f32> {
        let rows = truths(one, window_ns).zip(&one.scores);
        rows.filter(|((whole, _), _)| whole.is_some_and(|label| is_known(labels, label)))
            .map(|(_, s)| s.both())
            .collect()
    };
    unseen.iter().flat_map(of).collect()
}

/// The share of values above a bound.
pub(super) fn share_above(values: &[f32], bound: f32) -> f64 {
    values.iter().filter(|&&v| v > bound).count() as f64 / values.len().max(1) as f64
}

fn quantile(values: &[f32], share: f64) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

/// A line through the logarithm of how much likelier a score is under `unknown`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    pub(super) even_score: f32,
    pub(super) slope: f32,
    pub(super) known_95: f32,
}

impl Ratio {
    /// The same line, moved so that 95 % of the windows of known activities speak for the labels even where another device or another
    /// way of moving makes all of them stranger by [`STRANGERS`].
    pub(super) fn keeping_known(self) -> Self {
        Self { even_score: self.even_score.max(self.known_95 + STRANGERS), ..self }
    }

    pub(super) fn log_ratio(self, score: f32) -> f32 {
        self.slope * (score - self.even_score)
    }
}

/// Logistic regression of unknown against known on the score, all known windows together as heavy as all unknown ones, and each
/// unknown activity as heavy as another; by Newton's method.
pub(super) fn fit_ratio(known: &[f32], left_out: &[&LeftOut]) -> Ratio {
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    let weight = 1.0 / known.len().max(1) as f64;
    points.extend(known.iter().map(|&s| (f64::from(s), 0.0, weight)));
    for one in left_out {
        let weight = 1.0 / (left_out.len() * one.unknown.len().max(1)) as f64;
        points.extend(one.unknown.iter().map(|&s| (f64::from(s), 1.0, weight)));
    }
    let (mut offset, mut slope) = (0.0f64, 1.0f64);
    for _ in 0..50 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for &(score, unknown, weight) in &points {
            let p = 1.0 / (1.0 + (-(offset + slope * score)).exp());
            let (gradient, curvature) = (weight * (unknown - p), weight * p * (1.0 - p));
            g0 += gradient;
            g1 += gradient * score;
            h00 += curvature;
            h01 += curvature * score;
            h11 += curvature * score * score;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant.abs() < 1e-18 {
            break;
        }
        offset += (h11 * g0 - h01 * g1) / determinant;
        slope += (h00 * g1 - h01 * g0) / determinant;
    }
    let slope = slope.max(1e-3);
    Ratio { even_score: (-offset / slope) as f32, slope: slope as f32, known_95: quantile(known, 0.95) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_even_where_both_are_as_likely() {
        // Normal around 0 and around 2, both of width 1: even at 1, with a slope of 2.
        let normal = |middle: f32| -> Vec<f32> {
            (0..2000)
                .map(|i| {
                    let (u, v) = ((i as f32 + 0.5) / 2000.0, (i as f32 * 0.618_034).fract());
                    middle + (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
                })
                .collect()
        };
        let left_out = LeftOut {
            activity: String::new(),
            windows: [0, 0],
            auroc: Vec::new(),
            found_at_95: 0.0,
            unknown: normal(2.0),
            sequences: Vec::new(),
        };
        let ratio = fit_ratio(&normal(0.0), &[&left_out]);
        assert!((ratio.even_score - 1.0).abs() < 0.05 && (ratio.slope - 2.0).abs() < 0.15, "{ratio:?}");
        assert!(ratio.log_ratio(3.0) > 3.0 && (ratio.known_95 - 1.645).abs() < 0.1);
    }
}
