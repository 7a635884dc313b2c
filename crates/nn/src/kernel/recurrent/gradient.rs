//! Gradients of the weights of a recurrent layer.

use super::{SLOTS, check_rows, rows_of};
use crate::kernel::simd::Simd;
use crate::kernel::tile::{self, tiles};

/// Gradient of the input or recurrent weights from several rows (of one or more time steps).
#[derive(Debug)]
pub(crate) struct GateGradient<'a> {
    /// Rows: batch times time steps.
    pub rows: usize,
    /// Values in a row of `a`: inputs or the states before.
    pub inner: usize,
    /// Inputs or states, from the first row on.
    pub a: &'a [f32],
    /// Distance between rows of `a`.
    pub a_row: usize,
    /// Gradients of the slots `[group][row][slot][lane]`, from the first row on.
    pub d_slots: &'a [f32],
    /// Distance between groups in `d_slots`.
    pub d_slots_stride: usize,
    /// First slot, and number of slots, that the weights reach.
    pub slots: (usize, usize),
    /// Gradient of the weights `[group][k][slot][lane]`, added to.
    pub dw: &'a mut [f32],
    /// Width of the layer.
    pub hidden: usize,
    /// Scratch space of `inner * rows` values and one tile more.
    pub transposed: &'a mut [f32],
}

/// Scratch space of a [`GateGradient`].
pub(crate) fn transposed_len(rows: usize, inner: usize) -> usize {
    // The last tile is filled up; no tile has more than 16 rows.
    rows * (inner + 16)
}

impl GateGradient<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(in crate::kernel) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        let (first, vectors) = self.slots;
        assert!(matches!(vectors, 3 | SLOTS) && first + vectors <= SLOTS, "slots {:?}", self.slots);
        let panel = self.rows * SLOTS * lanes;
        let last = (groups - 1).checked_mul(self.d_slots_stride).and_then(|g| g.checked_add(panel));
        assert!(last.is_some_and(|l| l <= self.d_slots.len()), "gradients of the slots");
        assert_eq!(self.dw.len(), groups * self.inner * vectors * lanes, "gradient of the weights");
        check_rows("inputs", self.rows, self.a_row, self.inner, self.a.len());
        assert!(self.transposed.len() >= transposed_len(self.rows, self.inner), "scratch space");
    }
}

/// The body of [`crate::kernel::recurrent_weight_gradient`].
///
/// # Safety
/// [`GateGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(in crate::kernel) unsafe fn weight_gradient<S: Simd>(g: &mut GateGradient<'_>) {
    // SAFETY: the caller's promise.
    unsafe { if g.slots.1 == SLOTS { gradient_of::<S, SLOTS>(g) } else { gradient_of::<S, 3>(g) } }
}

/// Inputs wider than this are transposed first: their rows, read a few columns at a time, share few sets of L1.
const TRANSPOSE: usize = 96;

#[inline(always)]
unsafe fn gradient_of<S: Simd, const N: usize>(g: &mut GateGradient<'_>) {
    let max = rows_of::<S, N>();
    let panel = SLOTS * S::LANES;
    let transpose = g.inner > TRANSPOSE;
    if transpose {
        transpose_tiles(g, max);
    }
    for group in 0..g.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers; the tiles of the scratch space are whole.
        unsafe {
            let b = g.d_slots.as_ptr().add(group * g.d_slots_stride + g.slots.0 * S::LANES);
            let dw = g.dw.as_mut_ptr().add(group * g.inner * N * S::LANES);
            if transpose {
                let a = g.transposed.as_ptr();
                let mut k = 0;
                while k < g.inner {
                    let a = a.add(k * g.rows);
                    tiles!(max, max.min(g.inner - k), |row, R| {
                        let to = dw.add((k + row) * N * S::LANES);
                        tile::accumulate::<S, R, N>(to, g.rows, a.add(row), max, b, panel);
                    });
                    k += max;
                }
            } else {
                let a = g.a.as_ptr();
                tiles!(max, g.inner, |k, R| {
                    tile::accumulate::<S, R, N>(
                        dw.add(k * N * S::LANES),
                        g.rows,
                        a.add(k),
                        g.a_row,
                        b,
                        panel,
                    );
                });
            }
        }
    }
}

/// Inputs as `[tile][row][column of the tile]`.
#[inline(always)]
fn transpose_tiles(g: &mut GateGradient<'_>, width: usize) {
    for (tile, to) in g.transposed.chunks_exact_mut(width * g.rows).take(g.inner.div_ceil(width)).enumerate()
    {
        let (from, count) = (tile * width, width.min(g.inner - tile * width));
        for (row, to) in to.chunks_exact_mut(width).enumerate() {
            to[..count].copy_from_slice(&g.a[row * g.a_row + from..][..count]);
        }
    }
}
