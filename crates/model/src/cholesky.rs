//! Cholesky's factor of a small symmetric matrix.

use alloc::vec::Vec;

/// The lower factor of the matrix `[n, n]` of which the lower triangle is given; above it zeros. None if the matrix is not positive.
pub(crate) fn factor(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut root = alloc::vec![0f64; n * n];
    for i in 0..n {
        for j in 0..=i {
            let mut sum = matrix[i * n + j];
            for k in 0..j {
                sum -= root[i * n + k] * root[j * n + k];
            }
            if i == j {
                if !(sum > 0.0 && sum.is_finite()) {
                    return None;
                }
                root[i * n + i] = libm::sqrt(sum);
            } else {
                root[i * n + j] = sum / root[j * n + j];
            }
        }
    }
    Some(root)
}

/// Solves `L x = b` in place, for as many rows of `L` as `b` has.
pub(crate) fn solve_lower(lower: &[f64], n: usize, b: &mut [f64]) {
    for i in 0..b.len() {
        let mut sum = b[i];
        for k in 0..i {
            sum -= lower[i * n + k] * b[k];
        }
        b[i] = sum / lower[i * n + i];
    }
}

/// Solves `L Lᵀ x = b` in place.
pub(crate) fn solve(lower: &[f64], b: &mut [f64]) {
    let n = b.len();
    solve_lower(lower, n, b);
    for i in (0..n).rev() {
        let mut sum = b[i];
        for k in i + 1..n {
            sum -= lower[k * n + i] * b[k];
        }
        b[i] = sum / lower[i * n + i];
    }
}
