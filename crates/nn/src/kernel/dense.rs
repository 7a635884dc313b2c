//! Weights of a dense convolution over time or of a linear layer, packed, and their gradient.
//!
//! The products of a dense convolution are those of [`super::Product`], whose segments are the taps.

use super::product::{VECTORS, load_row};
use super::simd::{MAX_LANES, Simd};
use super::tile::{self, tiles};
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

/// Weight gradient of a dense convolution, every channel with every other: for each tap
/// `dw[first + tap * inner.., columns] += Σ_step Σ_row a[step, row, tap]ᵀ * b[step, row]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DenseGradient<'a> {
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

impl<'a> DenseGradient<'a> {
    /// `dw [inner, columns] += aᵀ b` with contiguous `a [rows, inner]` and `b [rows, columns]`.
    pub(crate) fn plain((rows, inner, columns): (usize, usize, usize), a: &'a [f32], b: &'a [f32]) -> Self {
        let (taps, steps, packed_inner) = (1, 1, inner);
        Self { rows, steps, taps, inner, columns, a, a_tap: 0, a_step: 0, b, packed_inner, first: 0 }
    }

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

/// The body of [`super::dense_weight_gradient`].
///
/// # Safety
/// [`DenseGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn gradient<S: Simd>(g: &DenseGradient<'_>, dw: &mut [f32]) {
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
    g: &DenseGradient<'_>,
    (step, steps): (usize, usize),
    (row, rows): (usize, usize),
    dw: &mut [f32],
) {
    let width = VECTORS * S::LANES;
    // A panel of the outputs' gradients, one row after the other: rows as far apart as in `b` would share a few sets of
    // the cache.
    let mut panel = [0f32; ROWS * VECTORS * MAX_LANES];
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
                    gradient_tile::<S, R>(g, (steps, rows), a.add(k), panel.as_ptr(), to.add(k * width));
                });
            }
        }
        column += width;
    }
}

/// `R` rows of a packed gradient: `to[r][v] += Σ a[.. + r] * b[..][v]`, where `b` is packed.
#[inline(always)]
unsafe fn gradient_tile<S: Simd, const R: usize>(
    g: &DenseGradient<'_>,
    (steps, rows): (usize, usize),
    a: *const f32,
    b: *const f32,
    to: *mut f32,
) {
    // SAFETY: `R` values can be read from each row of `a`, as many vectors as there are rows from `b`, and `to` has `R`.
    unsafe {
        let mut sum = [[S::splat(0.0); VECTORS]; R];
        for r in 0..R {
            for v in 0..VECTORS {
                sum[r][v] = S::load(to.add((r * VECTORS + v) * S::LANES));
            }
        }
        let mut b = b;
        for step in 0..steps {
            let mut a = a.add(step * g.a_step);
            for _ in 0..rows {
                tile::outer::<S, R, VECTORS>(&mut sum, a, 1, b);
                a = a.wrapping_add(g.inner);
                b = b.wrapping_add(VECTORS * S::LANES);
            }
        }
        for r in 0..R {
            for v in 0..VECTORS {
                S::store(to.add((r * VECTORS + v) * S::LANES), sum[r][v]);
            }
        }
    }
}
