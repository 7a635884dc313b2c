//! Whether a window is like anything that a model was taught.
//!
//! How sure a network is does not tell: it is surest of movements that it has never seen, if they are large. What tells is how far a
//! window lies from all that was seen in training, as the distance of Mahalanobis to the nearest class with a covariance that all
//! classes share (Lee et al. 2018, "A simple unified framework for detecting out-of-distribution samples"), in two spaces: the
//! network's embedding, which tells activities apart but also devices, and the [`movement`](crate::movement) of the window, which
//! is physics and much the same for any device.

use crate::ModelError;
use crate::cholesky::factor;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Classes as a cloud each, of one shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clouds {
    /// Values of a point.
    pub dimension: usize,
    /// `[dimension, dimension]`, lower triangular: points times this have covariance 1 within a class.
    pub whitening: Vec<f32>,
    /// Means of the classes after whitening, `[class, dimension]`.
    pub means: Vec<f32>,
}

/// What tells known from unknown; part of a model's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Novelty {
    /// Training windows as the network embeds them.
    pub embedding: Clouds,
    /// The same by their movement.
    pub movement: Clouds,
    /// Weight of the logarithm of the distance by movement beside that by embedding.
    pub movement_weight: f32,
    /// Weight of the free energy of the network's answer, the negative logarithm of the sum of the exponentials of its logits (Liu
    /// et al. 2020): what lies between known activities is near them, but the network is not sure of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub energy_weight: f32,
    /// Score at which a window is as likely under `unknown` as under the labels.
    pub even_score: f32,
    /// By how much the logarithm of that ratio grows for each unit of the score.
    pub slope: f32,
    /// Score below which 95 % of the windows of known activities of unseen people are.
    pub known_95: f32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
fn is_zero(weight: &f32) -> bool {
    *weight == 0.0
}

/// Free energy of an answer: the negative logarithm of the sum of the exponentials of its logits.
#[must_use]
pub fn energy(logits: &[f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    -(largest + libm::logf(logits.iter().map(|z| libm::expf(z - largest)).sum()))
}

impl Clouds {
    /// From points `[point, dimension]` and their classes; classes with fewer than `least` points are left out. To the common
    /// covariance that of all points together is added, `ridge` times its diagonal, so that no direction is without width.
    ///
    /// None if there are fewer points than dimensions, or a value is not finite.
    #[must_use]
    pub fn fit(
        points: &[f32],
        classes: &[usize],
        dimension: usize,
        least: usize,
        ridge: f64,
    ) -> Option<Self> {
        let count = classes.iter().copied().max()? + 1;
        let mut sizes = vec![0usize; count];
        let mut means = vec![0f64; count * dimension];
        let rows = || points.chunks_exact(dimension).zip(classes);
        for (point, &class) in rows() {
            sizes[class] += 1;
            for (sum, &v) in means[class * dimension..].iter_mut().zip(point) {
                *sum += f64::from(v);
            }
        }
        for (mean, &size) in means.chunks_exact_mut(dimension).zip(&sizes) {
            mean.iter_mut().for_each(|v| *v /= size.max(1) as f64);
        }
        let mut covariance = vec![0f64; dimension * dimension];
        let mut used = 0usize;
        let mut away = vec![0f64; dimension];
        for (point, &class) in rows() {
            if sizes[class] < least {
                continue;
            }
            used += 1;
            let mean = &means[class * dimension..];
            for ((away, &v), mean) in away.iter_mut().zip(point).zip(mean) {
                *away = f64::from(v) - mean;
            }
            for (i, &a) in away.iter().enumerate() {
                for (sum, &b) in covariance[i * dimension..][..=i].iter_mut().zip(&away) {
                    *sum += a * b;
                }
            }
        }
        if used <= dimension {
            return None;
        }
        covariance.iter_mut().for_each(|v| *v /= used as f64);
        let widest = (0..dimension).map(|i| covariance[i * dimension + i]).sum::<f64>() / dimension as f64;
        (0..dimension).for_each(|i| covariance[i * dimension + i] += ridge * widest);
        let whitening = inverse_of_root(&covariance, dimension)?;
        let mut clouds =
            Self { dimension, whitening: whitening.iter().map(|&v| v as f32).collect(), means: Vec::new() };
        for (class, &size) in sizes.iter().enumerate().filter(|&(_, &size)| size >= least) {
            debug_assert!(size > 0);
            let mean: Vec<f32> = means[class * dimension..][..dimension].iter().map(|&v| v as f32).collect();
            let white = clouds.whitened(&mean);
            clouds.means.extend(white);
        }
        clouds.is_sound().then_some(clouds)
    }

    pub(crate) fn whitened(&self, point: &[f32]) -> Vec<f32> {
        let rows = self.whitening.chunks_exact(self.dimension.max(1)).enumerate();
        rows.map(|(i, row)| row[..=i].iter().zip(point).map(|(w, v)| w * v).sum()).collect()
    }

    /// Square of the distance to the nearest class, per dimension: about 1 for a point of a class.
    #[must_use]
    pub fn distance(&self, point: &[f32]) -> f32 {
        let white = self.whitened(point);
        let square = |mean: &[f32]| -> f32 { mean.iter().zip(&white).map(|(m, v)| (v - m) * (v - m)).sum() };
        let nearest =
            self.means.chunks_exact(self.dimension.max(1)).map(square).fold(f32::INFINITY, f32::min);
        nearest / self.dimension as f32
    }

    fn is_sound(&self) -> bool {
        let n = self.dimension;
        n > 0
            && self.whitening.len() == n * n
            && !self.means.is_empty()
            && self.means.len().is_multiple_of(n)
            && self.whitening.iter().chain(&self.means).all(|v| v.is_finite())
    }
}

/// The inverse of the lower Cholesky factor of a covariance of which the lower triangle is given; none if it has no width in some
/// direction.
fn inverse_of_root(covariance: &[f64], n: usize) -> Option<Vec<f64>> {
    let root = factor(covariance, n)?;
    let mut inverse = vec![0f64; n * n];
    for column in 0..n {
        for i in column..n {
            let mut sum = f64::from(u8::from(i == column));
            for k in column..i {
                sum -= root[i * n + k] * inverse[k * n + column];
            }
            inverse[i * n + column] = sum / root[i * n + i];
        }
    }
    Some(inverse)
}

impl Novelty {
    /// How far a window lies from what was taught: larger is stranger. `logits` are the network's, not calibrated.
    #[must_use]
    pub fn score(&self, embedding: &[f32], movement: &[f32], logits: &[f32]) -> f32 {
        let log = |distance: f32| libm::logf(distance.max(1e-6));
        let distance = log(self.embedding.distance(embedding))
            + self.movement_weight * log(self.movement.distance(movement));
        if self.energy_weight == 0.0 { distance } else { distance + self.energy_weight * energy(logits) }
    }

    /// How much likelier a window is under `unknown` than under the labels, as a logarithm.
    #[must_use]
    pub fn log_ratio(&self, embedding: &[f32], movement: &[f32], logits: &[f32]) -> f32 {
        self.slope * (self.score(embedding, movement, logits) - self.even_score)
    }

    /// Refuses what does not fit a network with embeddings of this length.
    ///
    /// # Errors
    /// [`ModelError::Inconsistent`].
    pub fn validate(&self, embedding: usize) -> Result<(), ModelError> {
        let good = self.embedding.is_sound()
            && self.movement.is_sound()
            && self.embedding.dimension == embedding
            && self.movement.dimension == crate::MOVEMENT;
        let numbers = [self.movement_weight, self.energy_weight, self.even_score, self.slope, self.known_95];
        if good && numbers.iter().all(|v| v.is_finite()) && self.slope > 0.0 {
            return Ok(());
        }
        Err(ModelError::Inconsistent {
            what: "what tells known from unknown",
            expected: alloc::format!(
                "classes in {embedding} and {} dimensions, finite numbers",
                crate::MOVEMENT
            ),
            found: self.embedding.dimension.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of two classes around (0, 0) and (10, 0), ten times as wide along the second axis.
    fn points() -> (Vec<f32>, Vec<usize>) {
        let mut points = Vec::new();
        let mut classes = Vec::new();
        for i in 0..400u32 {
            let angle = i as f32 * 0.7;
            let class = (i % 2) as usize;
            points.extend([10.0 * class as f32 + libm::sinf(angle), 10.0 * libm::cosf(angle)]);
            classes.push(class);
        }
        (points, classes)
    }

    #[test]
    fn distances_are_measured_in_widths_of_the_classes() {
        let (points, classes) = points();
        let clouds = Clouds::fit(&points, &classes, 2, 20, 0.0).unwrap();
        // Standard deviations are sqrt(1/2) and 10 sqrt(1/2).
        let distance = |x, y| clouds.distance(&[x, y]);
        assert!((distance(1.0, 0.0) - 1.0).abs() < 0.05, "{}", distance(1.0, 0.0));
        assert!((distance(0.0, 10.0) - 1.0).abs() < 0.05, "{}", distance(0.0, 10.0));
        assert!((distance(11.0, 0.0) - 1.0).abs() < 0.05 && distance(5.0, 0.0) > 20.0);
        let mean = points.chunks_exact(2).map(|p| clouds.distance(p)).sum::<f32>() / 400.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn what_has_no_width_or_no_points_is_refused() {
        let (points, classes) = points();
        assert!(Clouds::fit(&points, &classes, 2, 1000, 0.0).is_none());
        let flat: Vec<f32> = points.chunks_exact(2).flat_map(|p| [p[0], 1.0]).collect();
        assert!(Clouds::fit(&flat, &classes, 2, 20, 0.0).is_none());
        assert!(Clouds::fit(&flat, &classes, 2, 20, 0.01).is_some());
        assert!(Clouds::fit(&[], &[], 2, 20, 0.1).is_none());
        let mut wrong = points.clone();
        wrong[7] = f32::NAN;
        assert!(Clouds::fit(&wrong, &classes, 2, 20, 0.1).is_none());
    }

    #[test]
    fn the_ratio_is_even_at_its_score() {
        let (points, classes) = points();
        let clouds = Clouds::fit(&points, &classes, 2, 20, 0.0).unwrap();
        let movement = Clouds::fit(
            &(0..800).map(|i| libm::sinf(i as f32 * 1.3 * (1 + i % 8) as f32)).collect::<Vec<f32>>(),
            &[0; 100],
            8,
            20,
            0.1,
        )
        .unwrap();
        let novelty = Novelty {
            embedding: clouds,
            movement,
            movement_weight: 0.5,
            energy_weight: 0.0,
            even_score: 0.4,
            slope: 3.0,
            known_95: 0.3,
        };
        novelty.validate(2).unwrap();
        assert!(novelty.validate(3).is_err());
        let (near, far) = ([0.5, 0.0], [5.0, 0.0]);
        let calm = [0.1f32; 8];
        let sure = [9.0, 0.0];
        assert!(novelty.log_ratio(&near, &calm, &sure) < novelty.log_ratio(&far, &calm, &sure));
        let ratio = novelty.log_ratio(&far, &calm, &sure);
        assert!((ratio - 3.0 * (novelty.score(&far, &calm, &sure) - 0.4)).abs() < 1e-5);
        // Where the answer counts, one that is not sure is stranger.
        let unsure = [1.0, 0.9];
        assert_eq!(novelty.score(&near, &calm, &unsure), novelty.score(&near, &calm, &sure));
        let novelty = Novelty { energy_weight: 0.3, ..novelty };
        assert!(novelty.score(&near, &calm, &unsure) > novelty.score(&near, &calm, &sure) + 1.0);
        assert!((energy(&[0.0, 0.0]) + 2f32.ln()).abs() < 1e-6);
    }
}
