//! The obvious forms of the kernels, in f64: slow, trusted, and what the fast ones are tested against.

use alloc::vec;
use alloc::vec::Vec;

/// `a[rows, inner] * b[inner, columns]`, row-major.
#[must_use]
pub(crate) fn multiply(rows: usize, inner: usize, columns: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut c = vec![0.0; rows * columns];
    for r in 0..rows {
        for j in 0..columns {
            for k in 0..inner {
                c[r * columns + j] += a[r * inner + k] * b[k * columns + j];
            }
        }
    }
    c
}

/// Logistic sigmoid `1 / (1 + e^-x)`.
#[must_use]
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// One LSTM cell (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) from the gates'
/// pre-activations i, f, g, o and the cell state before: `(c, h)`.
#[must_use]
pub(crate) fn lstm_cell(z: [f64; 4], c_before: f64) -> (f64, f64) {
    let [i, f, g, o] = [sigmoid(z[0]), sigmoid(z[1]), libm::tanh(z[2]), sigmoid(z[3])];
    let c = f * c_before + i * g;
    (c, o * libm::tanh(c))
}

/// One GRU cell (Cho et al. 2014) in PyTorch's form from the pre-activations of r and z, the two parts of n, and the
/// state before: the state after.
#[must_use]
pub(crate) fn gru_cell([r, z]: [f64; 2], [n_x, n_h]: [f64; 2], h_before: f64) -> f64 {
    let (r, z) = (sigmoid(r), sigmoid(z));
    let n = libm::tanh(n_x + r * n_h);
    (1.0 - z) * n + z * h_before
}
