//! The non-linearities of the cells, on vectors.

use super::simd::Simd;

/// Beyond this tanh is 1 to within 3.4e-7, and the rational function below would leave its range.
const TANH_LIMIT: f32 = 7.8;

/// tanh as `x p(x²) / q(x²)`, absolute error below 4.5e-7 (the largest over all f32, without fused
/// multiply-add, is 4.42e-7 at 7.405), never outside `[-1, 1]`, odd, NaN stays NaN.
///
/// Degrees 3 and 4 are the smallest whose minimax error on `±TANH_LIMIT` (1.04e-7, fitted by iteratively reweighted
/// least squares on Chebyshev points) lies below what rounding to f32 adds.
#[inline(always)]
pub(super) unsafe fn tanh<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller runs on S's instruction set.
    unsafe {
        let x = S::clamp(x, TANH_LIMIT);
        let x2 = S::mul(x, x);
        let p = S::fma(x2, S::splat(1.151_963_6e-5), S::splat(2.958_162_2e-3));
        let p = S::fma(x2, p, S::splat(0.129_316_7));
        let p = S::mul(x, S::fma(x2, p, S::splat(0.999_999_46)));
        let q = S::fma(x2, S::splat(2.491_004_8e-7), S::splat(2.397_623_6e-4));
        let q = S::fma(x2, q, S::splat(2.384_297_5e-2));
        let q = S::fma(x2, q, S::splat(0.462_648_12));
        let q = S::fma(x2, q, S::splat(1.0));
        S::div(p, q)
    }
}

/// Logistic sigmoid of **twice** `half_x`: `(1 + tanh(x / 2)) / 2`, absolute error below 3e-7, never outside `[0, 1]`.
///
/// The packed weights of gates hold the factor one half (exact in binary), which saves a multiplication per gate.
#[inline(always)]
pub(super) unsafe fn sigmoid_of_twice<S: Simd>(half_x: S::V) -> S::V {
    // SAFETY: the caller runs on S's instruction set.
    unsafe { S::fma(tanh::<S>(half_x), S::splat(0.5), S::splat(0.5)) }
}
