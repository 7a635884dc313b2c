//! Initial weights.

use crate::Random;
use crate::layer::{Initial, ParameterSpec};
use alloc::vec;
use alloc::vec::Vec;

/// Fills `values` (row-major, `spec.shape`) from `random`.
pub(crate) fn fill(spec: &ParameterSpec, random: &mut Random, values: &mut [f32]) {
    match spec.initial {
        Initial::Zero => values.fill(0.0),
        Initial::One => values.fill(1.0),
        Initial::ForgetGateOne { hidden } => {
            values.fill(0.0);
            values[hidden..2 * hidden].fill(1.0);
        }
        Initial::GlorotUniform { fan_in, fan_out } => {
            let bound = libm::sqrtf(6.0 / (fan_in + fan_out) as f32);
            values.iter_mut().for_each(|v| *v = bound * (2.0 * random.uniform() - 1.0));
        }
        Initial::OrthogonalBlocks { size } => {
            for block in values.chunks_exact_mut(size * size) {
                orthogonal(size, random, block);
            }
        }
    }
}

/// A random orthogonal matrix: Gram–Schmidt on rows of normals, twice, which is enough for full precision
/// (Giraud et al. 2005).
fn orthogonal(size: usize, random: &mut Random, out: &mut [f32]) {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(size);
    while rows.len() < size {
        let mut row: Vec<f64> = (0..size).map(|_| f64::from(random.normal())).collect();
        for _ in 0..2 {
            for other in &rows {
                let dot: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
            }
        }
        let norm = libm::sqrt(row.iter().map(|a| a * a).sum());
        // A row that was all but in the span of the others is drawn again.
        if norm > 1e-6 {
            row.iter_mut().for_each(|a| *a /= norm);
            rows.push(row);
        }
    }
    for (out, value) in out.iter_mut().zip(rows.iter().flatten()) {
        *out = *value as f32;
    }
}

/// Initial values of all parameters, one after the other; each parameter has a stream of its own, so that adding a
/// layer does not change the others.
pub(crate) fn all<'a>(specs: impl Iterator<Item = &'a ParameterSpec>, seed: u64) -> Vec<f32> {
    let mut values = Vec::new();
    for (stream, spec) in specs.enumerate() {
        let mut part = vec![0.0; spec.len()];
        fill(spec, &mut Random::new(seed, stream as u64), &mut part);
        values.extend(part);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthogonal_blocks_have_orthonormal_rows() {
        let n = 33;
        let mut m = vec![0.0; n * n];
        orthogonal(n, &mut Random::new(5, 0), &mut m);
        for a in 0..n {
            for b in 0..n {
                let dot: f32 = (0..n).map(|k| m[a * n + k] * m[b * n + k]).sum();
                assert!((dot - f32::from(u8::from(a == b))).abs() < 1e-5, "rows {a} and {b}: {dot}");
            }
        }
    }
}
