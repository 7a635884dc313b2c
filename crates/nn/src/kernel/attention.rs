//! Additive attention over time (Bahdanau et al. 2015; as pooling, Yang et al. 2016).

use super::math::tanh;
use super::simd::Simd;

/// The body of [`super::attention_scores`].
///
/// # Safety
/// `hidden` has a row as long as `context` for each score, and the processor has S.
#[inline(always)]
pub(super) unsafe fn scores<S: Simd>(context: &[f32], hidden: &mut [f32], scores: &mut [f32]) {
    let width = context.len();
    for (row, score) in scores.iter_mut().enumerate() {
        // SAFETY: `at + n` is at most the length of a row.
        unsafe {
            let u = hidden.as_mut_ptr().add(row * width);
            let mut sum = S::splat(0.0);
            let mut at = 0;
            while at < width {
                let n = (width - at).min(S::LANES);
                let value = tanh::<S>(S::load_up_to(u.add(at), n));
                S::store_up_to(u.add(at), value, n);
                sum = S::fma(value, S::load_up_to(context.as_ptr().add(at), n), sum);
                at += n;
            }
            *score = S::sum(sum);
        }
    }
}

/// The body of [`super::weighted_sum`].
///
/// # Safety
/// `x` is as many steps of the length of `y` as there are rows of weights, one weight for each row of `channels` values;
/// the processor has S.
#[inline(always)]
pub(super) unsafe fn weighted_sum<S: Simd>(channels: usize, weights: &[f32], x: &[f32], y: &mut [f32]) {
    let batch = y.len() / channels;
    for b in 0..batch {
        let mut at = 0;
        while at < channels {
            let n = (channels - at).min(S::LANES);
            // SAFETY: `at + n` is at most the length of a row, and there are as many rows as weights.
            unsafe {
                let mut sum = S::splat(0.0);
                let mut row = b;
                while row < weights.len() {
                    let x = S::load_up_to(x.as_ptr().add(row * channels + at), n);
                    sum = S::fma(S::splat(*weights.get_unchecked(row)), x, sum);
                    row += batch;
                }
                S::store_up_to(y.as_mut_ptr().add(b * channels + at), sum, n);
            }
            at += n;
        }
    }
}

/// The body of [`super::weighted_sum_back`]: the gradients of the weights, `d_weights[row] = x[row] · dy[row mod batch]`,
/// and unless it is empty `dx[row] = weights[row] * dy[row mod batch]`.
///
/// # Safety
/// As [`weighted_sum`], with `dy` for `y`; `dx` is empty or as long as `x`.
#[inline(always)]
pub(super) unsafe fn weighted_sum_back<S: Simd>(
    channels: usize,
    weights: &[f32],
    x: &[f32],
    dy: &[f32],
    d_weights: &mut [f32],
    dx: &mut [f32],
) {
    let batch = dy.len() / channels;
    for (row, (weight, d_weight)) in weights.iter().zip(d_weights).enumerate() {
        // SAFETY: `at + n` is at most the length of a row, and there are as many rows as weights.
        unsafe {
            let x = x.as_ptr().add(row * channels);
            let dy = dy.as_ptr().add(row % batch * channels);
            let to = if dx.is_empty() { None } else { Some(dx.as_mut_ptr().add(row * channels)) };
            let (weight, mut sum) = (S::splat(*weight), S::splat(0.0));
            let mut at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                let d = S::load_up_to(dy.add(at), n);
                sum = S::fma(d, S::load_up_to(x.add(at), n), sum);
                if let Some(to) = to {
                    S::store_up_to(to.add(at), S::mul(weight, d), n);
                }
                at += n;
            }
            *d_weight = S::sum(sum);
        }
    }
}

/// The body of [`super::attention_scores_back`].
///
/// # Safety
/// As [`scores`], and `d_context` is as long as `context`.
#[inline(always)]
pub(super) unsafe fn scores_back<S: Simd>(
    context: &[f32],
    d_scores: &[f32],
    hidden: &mut [f32],
    d_context: &mut [f32],
) {
    let width = context.len();
    let mut at = 0;
    while at < width {
        let n = (width - at).min(S::LANES);
        // SAFETY: `at + n` is at most the length of a row, and there are as many rows as scores.
        unsafe {
            let c = S::load_up_to(context.as_ptr().add(at), n);
            let mut sum = S::load_up_to(d_context.as_ptr().add(at), n);
            for (row, d_score) in d_scores.iter().enumerate() {
                let u = hidden.as_mut_ptr().add(row * width + at);
                let (value, d) = (S::load_up_to(u, n), S::splat(*d_score));
                sum = S::fma(d, value, sum);
                S::store_up_to(u, S::mul(S::mul(d, c), S::nfma(value, value, S::splat(1.0))), n);
            }
            S::store_up_to(d_context.as_mut_ptr().add(at), sum, n);
        }
        at += n;
    }
}
