//! The most probable last layer, given examples and a Gaussian prior around the one there is.

use super::AdaptError;
use crate::cholesky::{factor, solve};
use alloc::vec;
use alloc::vec::Vec;

/// Steps of the ascent; each is the solution of a ridge regression. After so many the layer of the tests' problem is within 0.005 of where
/// it ends.
pub(super) const STEPS: usize = 25;

/// Examples in the space in which the prior is as wide in all directions.
pub(super) struct Points {
    /// `[point, dimension]`, the last of them a constant for the bias.
    pub(super) x: Vec<f64>,
    pub(super) dimension: usize,
    /// What the layer says already, `[point, class]`, as it was trained: not calibrated.
    pub(super) offsets: Vec<f64>,
    pub(super) classes: usize,
    /// What each point is.
    pub(super) targets: Vec<PointTarget>,
    /// How much each counts.
    pub(super) weights: Vec<f64>,
}

/// What is known of a point.
pub(super) enum PointTarget {
    /// It is of one of these classes.
    OneOf(Vec<u8>),
    /// These are the probabilities of all classes.
    Shares(Vec<f64>),
}

/// Adds to the layer: `[dimension, class]`, the maximum of the log posterior
/// `Σ wᵢ log p(tᵢ | offsetᵢ + xᵢ D) − Σ precision_c |D_c|² / 2`.
///
/// By Böhning and Lindsay's bound (1988), `I/2 ⊗ XᵀWX` for the curvature, each step is one ridge regression of what is not explained
/// yet, whose matrix is factorised once; Nesterov's momentum saves most of the steps.
pub(super) fn most_probable(
    points: &Points,
    precisions: &[f64],
    steps: usize,
) -> Result<Vec<f64>, AdaptError> {
    let (n, k) = (points.dimension, points.classes);
    let half = half_curvature(points);
    // Few different precisions, so few factors.
    let mut factors: Vec<(f64, Vec<f64>)> = Vec::new();
    for &precision in precisions {
        if factors.iter().all(|(known, _)| known.to_bits() != precision.to_bits()) {
            let mut matrix = half.clone();
            (0..n).for_each(|i| matrix[i * n + i] += precision);
            factors.push((precision, factor(&matrix, n).ok_or(AdaptError::NotFinite)?));
        }
    }
    let (mut at, mut ahead) = (vec![0.0; n * k], vec![0.0; n * k]);
    let mut momentum = 1.0f64;
    for _ in 0..steps {
        let mut gradient = gradient(points, &ahead);
        for (row, ahead) in gradient.chunks_exact_mut(k).zip(ahead.chunks_exact(k)) {
            for ((g, d), precision) in row.iter_mut().zip(ahead).zip(precisions) {
                *g += precision * d;
            }
        }
        let next_momentum = f64::midpoint(1.0, libm::sqrt(1.0 + 4.0 * momentum * momentum));
        let carry = (momentum - 1.0) / next_momentum;
        momentum = next_momentum;
        let mut column = vec![0.0; n];
        for (c, precision) in precisions.iter().enumerate() {
            (0..n).for_each(|i| column[i] = gradient[i * k + c]);
            if let Some((_, factor)) = factors.iter().find(|(own, _)| own.to_bits() == precision.to_bits()) {
                solve(factor, &mut column);
            }
            for i in 0..n {
                let new = ahead[i * k + c] - column[i];
                ahead[i * k + c] = new + carry * (new - at[i * k + c]);
                at[i * k + c] = new;
            }
        }
    }
    if at.iter().all(|v| v.is_finite()) { Ok(at) } else { Err(AdaptError::NotFinite) }
}

/// Gradient of the negative log likelihood with respect to what is added, `[dimension, class]`.
pub(super) fn gradient(points: &Points, added: &[f64]) -> Vec<f64> {
    let (n, k) = (points.dimension, points.classes);
    let mut gradient = vec![0.0; n * k];
    let mut p = vec![0.0; k];
    let rows = points.x.chunks_exact(n).zip(points.offsets.chunks_exact(k));
    for ((x, offset), (target, weight)) in rows.zip(points.targets.iter().zip(&points.weights)) {
        p.copy_from_slice(offset);
        for (v, row) in x.iter().zip(added.chunks_exact(k)) {
            p.iter_mut().zip(row).for_each(|(p, d)| *p += v * d);
        }
        softmax(&mut p);
        match target {
            PointTarget::Shares(shares) => p.iter_mut().zip(shares).for_each(|(p, share)| *p -= share),
            PointTarget::OneOf(classes) => {
                let sum: f64 = classes.iter().map(|&c| p[usize::from(c)]).sum();
                let even = 1.0 / classes.len() as f64;
                for &c in classes {
                    let own = &mut p[usize::from(c)];
                    *own -= if sum > 0.0 { *own / sum } else { even };
                }
            }
        }
        for (v, row) in x.iter().zip(gradient.chunks_exact_mut(k)) {
            row.iter_mut().zip(&p).for_each(|(g, p)| *g += weight * v * p);
        }
    }
    gradient
}

pub(super) fn softmax(z: &mut [f64]) {
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    z.iter_mut().for_each(|z| *z = libm::exp(*z - largest));
    let sum: f64 = z.iter().sum();
    z.iter_mut().for_each(|z| *z /= sum);
}

/// `XᵀWX / 2`, `[dimension, dimension]`.
fn half_curvature(points: &Points) -> Vec<f64> {
    let n = points.dimension;
    let mut half = vec![0.0; n * n];
    for (x, weight) in points.x.chunks_exact(n).zip(&points.weights) {
        for (i, a) in x.iter().enumerate() {
            let scaled = 0.5 * weight * a;
            for (sum, b) in half[i * n..][..n].iter_mut().zip(x) {
                *sum += scaled * b;
            }
        }
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_nn::Random;

    fn problem(seed: u64) -> (Points, Vec<f64>) {
        let mut random = Random::new(seed, 0);
        let (count, dimension, classes) = (40, 6, 4);
        let mut normal = |n: usize| (0..n).map(|_| f64::from(random.normal())).collect::<Vec<f64>>();
        let x = normal(count * dimension);
        let offsets = normal(count * classes);
        let targets = (0..count)
            .map(|i| match i % 5 {
                0 => PointTarget::OneOf([0, 2].into()),
                1 => PointTarget::Shares([0.1, 0.2, 0.3, 0.4].into()),
                other => PointTarget::OneOf([(other % 4) as u8].into()),
            })
            .collect();
        let weights = (0..count).map(|i| 0.25 + (i % 3) as f64).collect();
        (Points { x, dimension, offsets, classes, targets, weights }, [3.0, 30.0, 3.0, 1.0].into())
    }

    /// The negative log posterior, as its definition says.
    fn loss(points: &Points, added: &[f64], precisions: &[f64]) -> f64 {
        let (n, k) = (points.dimension, points.classes);
        let mut sum = 0.0;
        for (i, target) in points.targets.iter().enumerate() {
            let mut z: Vec<f64> = (0..k)
                .map(|c| {
                    points.offsets[i * k + c]
                        + (0..n).map(|d| points.x[i * n + d] * added[d * k + c]).sum::<f64>()
                })
                .collect();
            softmax(&mut z);
            let log = match target {
                PointTarget::OneOf(classes) => classes.iter().map(|&c| z[usize::from(c)]).sum::<f64>().ln(),
                PointTarget::Shares(shares) => shares.iter().zip(&z).map(|(s, p)| s * p.ln()).sum(),
            };
            sum -= points.weights[i] * log;
        }
        let of = |(i, d): (usize, &f64)| precisions[i % k] * d * d / 2.0;
        sum + added.iter().enumerate().map(of).sum::<f64>()
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (points, _) = problem(1);
        let size = points.dimension * points.classes;
        let added: Vec<f64> = (0..size).map(|i| ((i * 7) % 11) as f64 / 20.0 - 0.2).collect();
        let gradient = gradient(&points, &added);
        for i in 0..size {
            let at = |by: f64| {
                let mut moved = added.clone();
                moved[i] += by;
                loss(&points, &moved, &[0.0; 4])
            };
            let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((numeric - gradient[i]).abs() < 1e-6, "{i}: {numeric} and {}", gradient[i]);
        }
    }

    #[test]
    fn a_slow_descent_ends_in_the_same_place() {
        let (points, precisions) = problem(2);
        let fast = most_probable(&points, &precisions, 200).unwrap();
        let k = points.classes;
        let mut slow = vec![0.0; fast.len()];
        for _ in 0..20_000 {
            let gradient = gradient(&points, &slow);
            for (i, value) in slow.iter_mut().enumerate() {
                *value -= 0.005 * (gradient[i] + precisions[i % k] * *value);
            }
        }
        for (fast, slow) in fast.iter().zip(&slow) {
            assert!((fast - slow).abs() < 1e-6, "{fast} and {slow}");
        }
        let few = most_probable(&points, &precisions, STEPS).unwrap();
        let far = few.iter().zip(&slow).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far < 5e-3, "after {STEPS} steps {far} away");
        assert!(loss(&points, &few, &precisions) < loss(&points, &vec![0.0; few.len()], &precisions));
    }

    #[test]
    fn the_first_step_is_a_ridge_regression_of_the_residuals() {
        let (mut points, _) = problem(3);
        points.targets = (0..40).map(|i| PointTarget::OneOf([(i % 4) as u8].into())).collect();
        let one = most_probable(&points, &[5.0; 4], 1).unwrap();
        // (XᵀWX/2 + 5) D = XᵀW (Y - P), whose right side is the gradient at nothing.
        let (n, k) = (points.dimension, points.classes);
        let residual = gradient(&points, &vec![0.0; n * k]);
        let half = half_curvature(&points);
        for i in 0..n {
            for c in 0..k {
                let left: f64 = (0..n).map(|j| half[i * n + j] * one[j * k + c]).sum();
                assert!((left + 5.0 * one[i * k + c] + residual[i * k + c]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        let (mut points, precisions) = problem(4);
        points.x[3] = f64::NAN;
        assert!(matches!(most_probable(&points, &precisions, 5), Err(AdaptError::NotFinite)));
    }
}
