//! The inputs' share of many time steps at once.

use super::{SLOTS, group_len, rows_of, start_with_bias};
use crate::kernel::simd::Simd;
use crate::kernel::tile::{self, tiles};

/// Bias and inputs' share of the slots of `rows` rows (any time steps), before the product with the state.
#[derive(Debug)]
pub(crate) struct Projection<'a> {
    /// Rows: batch times time steps.
    pub rows: usize,
    /// Width of a row of the input.
    pub channels: usize,
    /// Width of the layer.
    pub hidden: usize,
    /// Slots that inputs reach, 3 or 4.
    pub vectors: usize,
    /// Weights, packed by [`crate::kernel::GateLayout`].
    pub packed: &'a [f32],
    /// Inputs `[rows, channels]`.
    pub x: &'a [f32],
    /// Result `[group][row][slot][lane]`.
    pub slots: &'a mut [f32],
}

impl Projection<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(in crate::kernel) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        assert!(matches!(self.vectors, 3 | SLOTS), "{} vectors", self.vectors);
        assert_eq!(
            self.packed.len(),
            groups * group_len(self.vectors, lanes, self.channels, self.hidden),
            "packed weights"
        );
        assert_eq!(self.x.len(), self.rows * self.channels, "input");
        assert_eq!(self.slots.len(), groups * self.rows * SLOTS * lanes, "slots");
    }
}

/// The body of [`crate::kernel::recurrent_project`].
///
/// # Safety
/// [`Projection::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(in crate::kernel) unsafe fn project<S: Simd>(p: &mut Projection<'_>) {
    // SAFETY: the caller's promise.
    unsafe { if p.vectors == SLOTS { project_to::<S, SLOTS>(p) } else { project_to::<S, 3>(p) } }
}

#[inline(always)]
unsafe fn project_to<S: Simd, const N: usize>(p: &mut Projection<'_>) {
    let panel = SLOTS * S::LANES;
    for group in 0..p.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers.
        unsafe {
            let packed = p.packed.as_ptr().add(group * group_len(N, S::LANES, p.channels, p.hidden));
            let slots = p.slots.as_mut_ptr().add(group * p.rows * panel);
            tiles!(rows_of::<S, N>(), p.rows, |row, R| {
                let slots = slots.add(row * panel);
                let mut sum = [[S::splat(0.0); N]; R];
                start_with_bias::<S, R, N>(&mut sum, packed, slots);
                let x = p.x.as_ptr().add(row * p.channels);
                tile::multiply::<S, R, N>(&mut sum, x, p.channels, p.channels, packed.add(panel));
                for r in 0..R {
                    for v in 0..N {
                        S::store(slots.add(r * panel + v * S::LANES), sum[r][v]);
                    }
                }
            });
        }
    }
}
