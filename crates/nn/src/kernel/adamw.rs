//! One optimiser step over a run of weights; see [`crate::optim::AdamW`] for the formula.

use super::simd::Simd;

/// A run of weights that share their options.
#[derive(Debug)]
pub(crate) struct AdamWStep<'a> {
    pub weights: &'a mut [f32],
    pub gradient: &'a [f32],
    /// Running mean of the gradients.
    pub mean: &'a mut [f32],
    /// Running mean of the squared gradients.
    pub square: &'a mut [f32],
    pub rates: AdamWRates,
}

/// What the options come to at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamWRates {
    pub beta1: f32,
    pub beta2: f32,
    /// 1 - beta1 and 1 - beta2, rounded once.
    pub rest1: f32,
    pub rest2: f32,
    /// Factor of the weights: what the decay leaves.
    pub shrink: f32,
    /// Rate over the first bias correction.
    pub size: f32,
    /// One over the root of the second bias correction.
    pub scale: f32,
    pub epsilon: f32,
}

impl AdamWStep<'_> {
    /// Panics unless all runs are equally long.
    pub(super) fn check(&self) {
        let lens = [self.gradient.len(), self.mean.len(), self.square.len()];
        assert_eq!(lens, [self.weights.len(); 3], "gradient, mean and square");
    }
}

/// The body of [`super::adamw`].
///
/// # Safety
/// [`AdamWStep::check`] has passed and the processor has S.
#[inline(always)]
pub(super) unsafe fn update<S: Simd>(s: &mut AdamWStep<'_>) {
    let mut i = 0;
    while i < s.weights.len() {
        let left = s.weights.len() - i;
        // SAFETY: `left` values are there, in all four.
        unsafe {
            let (w, m, v) =
                (s.weights.as_mut_ptr().add(i), s.mean.as_mut_ptr().add(i), s.square.as_mut_ptr().add(i));
            let (g, r) = (S::load_up_to(s.gradient.as_ptr().add(i), left), &s.rates);
            let mean = S::fma(S::splat(r.beta1), S::load_up_to(m, left), S::mul(S::splat(r.rest1), g));
            let squared = S::mul(S::mul(S::splat(r.rest2), g), g);
            let square = S::fma(S::splat(r.beta2), S::load_up_to(v, left), squared);
            let root = S::fma(S::sqrt(square), S::splat(r.scale), S::splat(r.epsilon));
            let step = S::div(S::mul(S::splat(r.size), mean), root);
            let moved = S::nfma(S::splat(1.0), step, S::mul(S::splat(r.shrink), S::load_up_to(w, left)));
            S::store_up_to(m, mean, left);
            S::store_up_to(v, square, left);
            S::store_up_to(w, moved, left);
        }
        i += S::LANES;
    }
}
