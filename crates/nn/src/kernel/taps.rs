//! Convolution over time: the weight gradient of a dense one, and all of a depthwise one.
//!
//! The products of a dense convolution are those of [`super::Product`], whose segments are the taps.

use super::product::{VECTORS, WeightGradient, gradient_tile, load_row};
use super::simd::{MAX_LANES, Simd};
use super::tile::tiles;
use super::{InstructionSet, packed_len};

/// Rows whose inputs (of one tap) and gradients stay in L1 while they are added to all of the weights' gradients.
const ROWS: usize = 64;

/// Copies `b [inner, columns]`, whose element `(k, j)` is `b[k * row_stride + j * column_stride]`, to the rows
/// `first..` of `packed`, which [`super::pack`] would have packed as `[packed_inner, columns]`.
///
/// # Panics
/// When `packed` has another length, the rows are not within it, or `b` is too short.
pub(crate) fn pack_tap(
    isa: InstructionSet,
    (packed_inner, first): (usize, usize),
    (inner, columns): (usize, usize),
    b: &[f32],
    (row_stride, column_stride): (usize, usize),
    packed: &mut [f32],
) {
    assert_eq!(packed.len(), packed_len(isa, packed_inner, columns), "packed buffer");
    let panel = VECTORS * isa.lanes();
    for (packed, column) in packed.chunks_exact_mut(packed_inner * panel).zip((0..columns).step_by(panel)) {
        let width = panel.min(columns - column);
        let rows = packed[first * panel..(first + inner) * panel].chunks_exact_mut(panel);
        for (k, row) in rows.enumerate() {
            let from = b[k * row_stride + column * column_stride..].iter().step_by(column_stride);
            row[..width].iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            row[width..].fill(0.0);
        }
    }
}

/// Adds the rows `first..` of a packed gradient to `b`, the way back of [`pack_tap`].
///
/// # Panics
/// As [`pack_tap`].
pub(crate) fn unpack_tap_add(
    isa: InstructionSet,
    (packed_inner, first): (usize, usize),
    (inner, columns): (usize, usize),
    packed: &[f32],
    b: &mut [f32],
    (row_stride, column_stride): (usize, usize),
) {
    assert_eq!(packed.len(), packed_len(isa, packed_inner, columns), "packed buffer");
    let panel = VECTORS * isa.lanes();
    for (packed, column) in packed.chunks_exact(packed_inner * panel).zip((0..columns).step_by(panel)) {
        let width = panel.min(columns - column);
        let rows = packed[first * panel..(first + inner) * panel].chunks_exact(panel);
        for (k, row) in rows.enumerate() {
            let to = b[k * row_stride + column * column_stride..].iter_mut().step_by(column_stride);
            to.zip(&row[..width]).for_each(|(to, from)| *to += from);
        }
    }
}

/// Weight gradient of a dense convolution: for each tap
/// `dw[first + tap * inner.., columns] += Σ_step Σ_row a[step, row, tap]ᵀ * b[step, row]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TapGradient<'a> {
    /// Rows of a step.
    pub rows: usize,
    /// Steps.
    pub steps: usize,
    /// Taps.
    pub taps: usize,
    /// Values in a row of `a`.
    pub inner: usize,
    /// Values in a row of `b`.
    pub columns: usize,
    /// Inputs, from the first tap of the first step on, rows one after the other.
    pub a: &'a [f32],
    /// Distance between taps in `a`.
    pub a_tap: usize,
    /// Distance between steps in `a`.
    pub a_step: usize,
    /// Gradients of the outputs `[step, row, columns]`.
    pub b: &'a [f32],
    /// Inner length of the packed gradient.
    pub packed_inner: usize,
    /// Row of the packed gradient where the first tap begins.
    pub first: usize,
}

impl TapGradient<'_> {
    /// Panics unless every element the strides reach lies within the buffers.
    pub(super) fn check(&self, packed_len: usize, dw: &[f32]) {
        if self.rows == 0 || self.steps == 0 || self.taps == 0 {
            return;
        }
        let reach = || {
            let steps = (self.steps - 1).checked_mul(self.a_step)?;
            let taps = (self.taps - 1).checked_mul(self.a_tap)?;
            steps.checked_add(taps)?.checked_add(self.rows.checked_mul(self.inner)?)
        };
        assert!(reach().is_some_and(|r| r <= self.a.len()), "inputs");
        let b = self.steps.checked_mul(self.rows).and_then(|n| n.checked_mul(self.columns));
        assert!(b.is_some_and(|b| b <= self.b.len()), "gradients");
        let used = self.taps.checked_mul(self.inner).and_then(|n| n.checked_add(self.first));
        assert!(used.is_some_and(|n| n <= self.packed_inner), "taps within the packed gradient");
        assert_eq!(packed_len, dw.len(), "gradient of the weights");
    }
}

/// The body of [`super::accumulate_tap_gradient`].
///
/// # Safety
/// [`TapGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn gradient<S: Simd>(g: &TapGradient<'_>, dw: &mut [f32]) {
    let (all_steps, all_rows) = if g.taps == 0 { (0, 0) } else { (g.steps, g.rows) };
    let block_steps = (ROWS / all_rows.max(1)).max(1);
    let mut step = 0;
    while step < all_steps {
        let steps = block_steps.min(all_steps - step);
        let mut row = 0;
        while row < all_rows {
            let rows = ROWS.min(all_rows - row);
            // SAFETY: steps and rows stay below those that `check` has found within the buffers.
            unsafe { gradient_block::<S>(g, (step, steps), (row, rows), dw) };
            row += rows;
        }
        step += steps;
    }
}

#[inline(always)]
unsafe fn gradient_block<S: Simd>(
    g: &TapGradient<'_>,
    (step, steps): (usize, usize),
    (row, rows): (usize, usize),
    dw: &mut [f32],
) {
    let width = VECTORS * S::LANES;
    // A panel of the outputs' gradients, one row after the other: rows as far apart as in `b` would share a few sets of
    // the cache.
    let mut panel = [0f32; ROWS * VECTORS * MAX_LANES];
    let w = WeightGradient {
        rows,
        steps,
        inner: g.inner,
        columns: g.columns,
        a: g.a,
        a_row: g.inner,
        a_step: g.a_step,
        b: &[],
        b_row: width,
        b_step: rows * width,
    };
    let mut column = 0;
    while column < g.columns {
        // SAFETY: as in `gradient`; the panel holds at most `ROWS` rows of `width`.
        unsafe {
            let mut to = panel.as_mut_ptr();
            for s in step..step + steps {
                for r in row..row + rows {
                    let from = g.b.as_ptr().add((s * g.rows + r) * g.columns + column);
                    let [x, y] = load_row::<S>(from, g.columns - column);
                    S::store(to, x);
                    S::store(to.add(S::LANES), y);
                    to = to.add(width);
                }
            }
            let to = dw.as_mut_ptr().add(column * g.packed_inner + g.first * width);
            for tap in 0..g.taps {
                let a = g.a.as_ptr().add(tap * g.a_tap + step * g.a_step + row * g.inner);
                let to = to.add(tap * g.inner * width);
                tiles!(S::ROWS, g.inner, |k, R| {
                    gradient_tile::<S, R, VECTORS>(&w, a.add(k), panel.as_ptr(), to.add(k * width));
                });
            }
        }
        column += width;
    }
}

/// A sum over taps, value by value: `y[i] = bias[i] + Σ_tap weights[first + tap * step][i] * x[tap * x_tap + i]`, with
/// weights and bias repeated over a period of whole vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taps<'a> {
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

impl Taps<'_> {
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

/// The body of [`super::sum_taps`].
///
/// # Safety
/// [`Taps::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn sum<S: Simd>(t: &Taps<'_>, y: &mut [f32]) {
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
unsafe fn initial<S: Simd>(t: &Taps<'_>, at: usize) -> S::V {
    // SAFETY: `check` has found the bias as long as a period, and `at` is one of its vectors.
    unsafe { t.bias.map_or(S::splat(0.0), |b| S::load(b.as_ptr().add(at))) }
}

#[inline(always)]
unsafe fn weight<S: Simd>(t: &Taps<'_>, tap: usize, at: usize) -> S::V {
    let tap = t.first.wrapping_add_signed(tap as isize * t.step);
    // SAFETY: `check` has found all taps within the weights, and `at` is one of a period's vectors.
    unsafe { S::load(t.weights.as_ptr().add(tap * t.period + at)) }
}

/// Gradient of the weights of [`Taps`] from several steps, of which each has `len` values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TapsGradient<'a> {
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

impl TapsGradient<'_> {
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

/// The body of [`super::accumulate_taps_gradient`]; `dw` is `[tap][period]`.
///
/// # Safety
/// [`TapsGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn sum_gradient<S: Simd>(g: &TapsGradient<'_>, dw: &mut [f32]) {
    let mut tap = 0;
    while tap < g.count {
        let mut at = 0;
        while at < g.period {
            let to = dw.as_mut_ptr();
            // SAFETY: taps and vectors stay below those that `check` has found within the buffers.
            unsafe {
                match g.count - tap {
                    1 => sum_gradient_of::<S, 1>(g, tap, at, to),
                    2 => sum_gradient_of::<S, 2>(g, tap, at, to),
                    3 => sum_gradient_of::<S, 3>(g, tap, at, to),
                    _ => sum_gradient_of::<S, 4>(g, tap, at, to),
                }
            }
            at += S::LANES;
        }
        tap += 4;
    }
}

#[inline(always)]
unsafe fn sum_gradient_of<S: Simd, const N: usize>(
    g: &TapsGradient<'_>,
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
