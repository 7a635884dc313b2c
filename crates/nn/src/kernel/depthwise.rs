//! Depthwise convolution over time: sums over taps, value by value.

use super::simd::Simd;

/// A sum over taps, value by value: `y[i] = bias[i] + Σ_tap weights[first + tap * step][i] * x[tap * x_tap + i]`, with
/// weights and bias repeated over a period of whole vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DepthwiseSum<'a> {
    /// Number of taps.
    pub count: usize,
    /// Values, from the first tap's on.
    pub x: &'a [f32],
    /// Distance between taps in `x`.
    pub x_tap: usize,
    /// `[tap][period]`.
    pub weights: &'a [f32],
    /// The first tap's place in `weights`.
    pub first: usize,
    /// Distance between taps in `weights`.
    pub step: isize,
    /// Where the sum starts, a period; zero when there is none.
    pub bias: Option<&'a [f32]>,
    /// Length of a period.
    pub period: usize,
}

impl DepthwiseSum<'_> {
    /// Panics unless every element the strides reach lies within the buffers.
    pub(super) fn check(&self, lanes: usize, y: &[f32]) {
        assert!(self.period > 0 && self.period.is_multiple_of(lanes), "a period of whole vectors");
        assert!(self.bias.is_none_or(|b| b.len() == self.period), "bias");
        let Some(last) = self.count.checked_sub(1) else { return };
        let x = last.checked_mul(self.x_tap).and_then(|n| n.checked_add(y.len()));
        assert!(x.is_some_and(|x| x <= self.x.len()), "values of {} taps", self.count);
        let taps = self.weights.len() / self.period;
        let end = isize::try_from(last).ok().and_then(|n| n.checked_mul(self.step));
        let end = end.and_then(|n| self.first.checked_add_signed(n));
        assert!(self.first < taps && end.is_some_and(|e| e < taps), "weights of {} taps", self.count);
    }
}

/// Vectors of different rows that are summed side by side.
const SIDE: usize = 4;

/// The body of [`super::depthwise_sum`].
///
/// # Safety
/// [`DepthwiseSum::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn sum<S: Simd>(t: &DepthwiseSum<'_>, y: &mut [f32]) {
    let mut start = 0;
    while start < t.period.min(y.len()) {
        let mut at = start;
        // SAFETY: `at + n` is at most the length of the result.
        unsafe {
            while at + (SIDE - 1) * t.period + S::LANES <= y.len() {
                let mut sums = [initial::<S>(t, start); SIDE];
                for tap in 0..t.count {
                    let w = weight::<S>(t, tap, start);
                    let x = t.x.as_ptr().add(tap * t.x_tap + at);
                    for r in 0..SIDE {
                        sums[r] = S::fma(w, S::load(x.add(r * t.period)), sums[r]);
                    }
                }
                for r in 0..SIDE {
                    S::store(y.as_mut_ptr().add(at + r * t.period), sums[r]);
                }
                at += SIDE * t.period;
            }
            while at < y.len() {
                let n = (y.len() - at).min(S::LANES);
                let mut sum = initial::<S>(t, start);
                for tap in 0..t.count {
                    let x = S::load_up_to(t.x.as_ptr().add(tap * t.x_tap + at), n);
                    sum = S::fma(weight::<S>(t, tap, start), x, sum);
                }
                S::store_up_to(y.as_mut_ptr().add(at), sum, n);
                at += t.period;
            }
        }
        start += S::LANES;
    }
}

#[inline(always)]
unsafe fn initial<S: Simd>(t: &DepthwiseSum<'_>, at: usize) -> S::V {
    // SAFETY: `check` has found the bias as long as a period, and `at` is one of its vectors.
    unsafe { t.bias.map_or(S::splat(0.0), |b| S::load(b.as_ptr().add(at))) }
}

#[inline(always)]
unsafe fn weight<S: Simd>(t: &DepthwiseSum<'_>, tap: usize, at: usize) -> S::V {
    let tap = t.first.wrapping_add_signed(tap as isize * t.step);
    // SAFETY: `check` has found all taps within the weights, and `at` is one of a period's vectors.
    unsafe { S::load(t.weights.as_ptr().add(tap * t.period + at)) }
}

/// Weight gradient of a depthwise convolution, each channel by itself: that of [`DepthwiseSum`] from several steps, of which each has `len` values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DepthwiseGradient<'a> {
    /// Number of taps.
    pub count: usize,
    /// Steps.
    pub steps: usize,
    /// Values of a step.
    pub len: usize,
    /// Gradients of the results, steps one after the other.
    pub dy: &'a [f32],
    /// Values, from those of the first step's first tap on.
    pub x: &'a [f32],
    /// Distance between taps in `x`.
    pub x_tap: usize,
    /// Distance between steps in `x`.
    pub x_step: usize,
    /// Length of a period.
    pub period: usize,
}

impl DepthwiseGradient<'_> {
    /// Panics unless every element the strides reach lies within the buffers.
    pub(super) fn check(&self, lanes: usize, dw: &[f32]) {
        assert!(self.period > 0 && self.period.is_multiple_of(lanes), "a period of whole vectors");
        assert!(
            self.count.checked_mul(self.period).is_some_and(|n| n <= dw.len()),
            "gradient of the weights"
        );
        if self.count == 0 || self.steps == 0 {
            return;
        }
        assert!(self.steps.checked_mul(self.len).is_some_and(|n| n <= self.dy.len()), "gradients");
        let reach = || {
            let steps = (self.steps - 1).checked_mul(self.x_step)?;
            let taps = (self.count - 1).checked_mul(self.x_tap)?;
            steps.checked_add(taps)?.checked_add(self.len)
        };
        assert!(reach().is_some_and(|r| r <= self.x.len()), "values");
    }
}

/// The body of [`super::depthwise_weight_gradient`]; `dw` is `[tap][period]`.
///
/// # Safety
/// [`DepthwiseGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn gradient<S: Simd>(g: &DepthwiseGradient<'_>, dw: &mut [f32]) {
    let mut tap = 0;
    while tap < g.count {
        let mut at = 0;
        while at < g.period {
            let to = dw.as_mut_ptr();
            // SAFETY: taps and vectors stay below those that `check` has found within the buffers.
            unsafe {
                match g.count - tap {
                    1 => gradient_of::<S, 1>(g, tap, at, to),
                    2 => gradient_of::<S, 2>(g, tap, at, to),
                    3 => gradient_of::<S, 3>(g, tap, at, to),
                    _ => gradient_of::<S, 4>(g, tap, at, to),
                }
            }
            at += S::LANES;
        }
        tap += 4;
    }
}

#[inline(always)]
unsafe fn gradient_of<S: Simd, const N: usize>(
    g: &DepthwiseGradient<'_>,
    tap: usize,
    start: usize,
    dw: *mut f32,
) {
    // SAFETY: as the caller vouches; `at + n` is at most the length of a step.
    unsafe {
        let mut sums = [S::splat(0.0); N];
        for i in 0..N {
            sums[i] = S::load(dw.add((tap + i) * g.period + start));
        }
        for step in 0..g.steps {
            let dy = g.dy.as_ptr().add(step * g.len);
            let x = g.x.as_ptr().add(step * g.x_step + tap * g.x_tap);
            let mut at = start;
            while at + S::LANES <= g.len {
                let d = S::load(dy.add(at));
                for i in 0..N {
                    sums[i] = S::fma(d, S::load(x.add(i * g.x_tap + at)), sums[i]);
                }
                at += g.period;
            }
            if at < g.len {
                let n = g.len - at;
                let d = S::load_part(dy.add(at), n);
                for i in 0..N {
                    sums[i] = S::fma(d, S::load_part(x.add(i * g.x_tap + at), n), sums[i]);
                }
            }
        }
        for i in 0..N {
            S::store(dw.add((tap + i) * g.period + start), sums[i]);
        }
    }
}
