//! One time step of a recurrent layer: product, gates and state in one pass over groups of hidden units.
//!
//! A *group* is as many hidden units as a vector has lanes. Each unit has four *slots*: an LSTM's gates i, f, g, o, or
//! a GRU's n (input's part), r, z, n (state's part). Inputs contribute to the first `N` slots, states to the last `N`:
//! all four of an LSTM, three of a GRU. Weights of a group lie as `[4 slots][lane]` of bias, `[channels][N slots][lane]`
//! of inputs, `[hidden][N slots][lane]` of states. While a group's slots are in L1, the cell runs over them. The
//! pre-activations of sigmoids are halved in the packed weights (see [`super::math::sigmoid_of_twice`]). Lanes beyond
//! the width hold zeros throughout.

mod gradient;
mod project;

use super::simd::Simd;
use super::tile::{self, tiles};
pub(super) use gradient::weight_gradient;
pub(crate) use gradient::{GateGradient, transposed_len};
pub(crate) use project::Projection;
pub(super) use project::project;

/// Slots of a hidden unit.
pub(crate) const SLOTS: usize = 4;

/// What the weights contribute to the slots before the state does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FromBelow<'a> {
    /// Inputs `[rows, channels]`: their product is part of the step.
    Input(&'a [f32]),
    /// Bias and inputs are in the slots already ([`super::recurrent_project`]).
    Projected,
}

/// One time step forwards.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// Rows of the batch.
    pub rows: usize,
    /// Width of a row of the input.
    pub channels: usize,
    /// Width of the layer.
    pub hidden: usize,
    /// Weights, packed by [`super::GateLayout`].
    pub packed: &'a [f32],
    /// Input of this step.
    pub below: FromBelow<'a>,
    /// Output of the step before, from its first row on; `None` for the zero state.
    pub h_before: Option<&'a [f32]>,
    /// Pre-activations of one group after the other: scratch space, or what was projected.
    pub slots: &'a mut [f32],
    /// Distance between groups in `slots`; 0 when they share one place.
    pub slots_stride: usize,
    /// Whether the groups are taken last to first. Steps that take turns find the weights they used last in the cache.
    pub backwards: bool,
    /// Activations `[group][row][slot][lane]`, when `backward` will need them.
    pub saved: Option<&'a mut [f32]>,
    /// LSTM: cell state before, `[group][row][lane]`; `None` when `c` holds it.
    pub c_before: Option<&'a [f32]>,
    /// LSTM: cell state after. Empty for a GRU.
    pub c: &'a mut [f32],
    /// LSTM: tanh of the cell state, with `saved`.
    pub tanh_c: Option<&'a mut [f32]>,
    /// Output from its first row on.
    pub h: &'a mut [f32],
    /// Distance between rows of `h` and `h_before`.
    pub h_stride: usize,
}

/// Panics unless `rows` rows of `width` values, `stride` apart, lie in `len` values.
fn check_rows(what: &str, rows: usize, stride: usize, width: usize, len: usize) {
    let reach = rows.checked_sub(1).and_then(|r| r.checked_mul(stride)?.checked_add(width));
    assert!(
        reach.is_some_and(|r| r <= len) && stride >= width,
        "{what}: {rows} rows of {width} in {len} values"
    );
}

/// Values of one group's packed weights.
pub(super) fn group_len(n: usize, lanes: usize, channels: usize, hidden: usize) -> usize {
    lanes * (SLOTS + n * (channels + hidden))
}

impl Step<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, n: usize, memory: bool, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        assert!(self.rows > 0 && self.hidden > 0 && self.channels > 0, "an empty step");
        let panel = self.rows * SLOTS * lanes;
        assert_eq!(
            self.packed.len(),
            groups * group_len(n, lanes, self.channels, self.hidden),
            "packed weights"
        );
        let last = (groups - 1).checked_mul(self.slots_stride).and_then(|g| g.checked_add(panel));
        assert!(last.is_some_and(|l| l <= self.slots.len()), "slots");
        assert!(self.slots_stride == 0 || self.slots_stride >= panel, "slots of two groups overlap");
        match self.below {
            FromBelow::Input(x) => assert_eq!(x.len(), self.rows * self.channels, "input"),
            FromBelow::Projected => assert!(self.slots_stride > 0, "projected slots of each group"),
        }
        if let Some(h) = self.h_before {
            check_rows("state before", self.rows, self.h_stride, self.hidden, h.len());
        }
        check_rows("state", self.rows, self.h_stride, self.hidden, self.h.len());
        let state = groups * self.rows * lanes;
        assert!(self.saved.as_ref().is_none_or(|s| s.len() == SLOTS * state), "saved activations");
        if memory {
            assert_eq!(self.c.len(), state, "cell state");
            assert!(self.c_before.is_none_or(|c| c.len() == state), "cell state before");
            assert!(self.tanh_c.as_ref().is_none_or(|t| t.len() == state), "tanh of the cell state");
            assert_eq!(self.tanh_c.is_some(), self.saved.is_some(), "activations and tanh of the cell state");
        }
    }
}

/// What runs over a group's slots.
///
/// # Safety
/// As [`forward`]; `slots` holds the group's pre-activations `[row][slot][lane]`.
pub(super) trait Cell<S: Simd> {
    unsafe fn run(s: &mut Step<'_>, group: usize, slots: *mut f32);
}

/// Values of a group's weights from which on input and state are multiplied one after the other for all rows: together
/// they and the rows would not stay in L1.
const SPLIT: usize = 5120;

/// The body of a time step.
///
/// # Safety
/// [`Step::check`] has passed for S's lanes and `N`, and the processor has S.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd, C: Cell<S>, const N: usize>(s: &mut Step<'_>) {
    let groups = s.hidden.div_ceil(S::LANES);
    let panel = SLOTS * S::LANES;
    let split = N * S::LANES * (s.channels + s.hidden) > SPLIT;
    let backwards = s.backwards;
    let order = |i: usize| if backwards { groups - 1 - i } else { i };
    if s.rows == 1 && s.slots_stride > 0 {
        // SAFETY: as below.
        return unsafe { forward_one::<S, C, N>(s, groups, order) };
    }
    for group in (0..groups).map(order) {
        // SAFETY: `check` has found all groups and rows within the buffers, and groups apart when the stride is not 0.
        unsafe {
            let slots = s.slots.as_mut_ptr().add(group * s.slots_stride);
            if N == SLOTS && !split {
                tiles!(rows_of::<S, N>(), s.rows, |row, R| {
                    multiply_rows::<S, R, N>(s, group, row, slots.add(row * panel), (true, true));
                });
            } else {
                tiles!(rows_of::<S, N>(), s.rows, |row, R| {
                    multiply_rows::<S, R, N>(s, group, row, slots.add(row * panel), (true, false));
                });
                if s.h_before.is_some() {
                    tiles!(rows_of::<S, N>(), s.rows, |row, R| {
                        multiply_rows::<S, R, N>(s, group, row, slots.add(row * panel), (false, true));
                    });
                }
            }
            C::run(s, group, slots);
        }
    }
}

/// One row alone waits for its own sums, and a cell for itself: two groups at a time hide the one, all cells after all
/// products the other.
#[inline(always)]
unsafe fn forward_one<S: Simd, C: Cell<S>, const N: usize>(
    s: &mut Step<'_>,
    groups: usize,
    order: impl Fn(usize) -> usize,
) {
    // SAFETY: as in `forward`; each group has a place of its own.
    unsafe {
        let base = s.slots.as_mut_ptr();
        let mut i = 0;
        while i + 2 <= groups {
            multiply_pair::<S, N>(s, [order(i), order(i + 1)], base);
            i += 2;
        }
        if i < groups {
            let (group, slots) = (order(i), base.add(order(i) * s.slots_stride));
            multiply_rows::<S, 1, N>(s, group, 0, slots, (true, N == SLOTS));
            if N < SLOTS && s.h_before.is_some() {
                multiply_rows::<S, 1, N>(s, group, 0, slots, (false, true));
            }
        }
        for group in 0..groups {
            C::run(s, group, base.add(group * s.slots_stride));
        }
    }
}

/// Rows of a tile of `N` vectors.
#[inline(always)]
fn rows_of<S: Simd, const N: usize>() -> usize {
    if N == SLOTS { S::GATE_ROWS } else { S::THREE_ROWS }
}

/// Pre-activations of one group for `R` rows, from input, state or, where both reach the same slots, both.
#[inline(always)]
unsafe fn multiply_rows<S: Simd, const R: usize, const N: usize>(
    s: &Step<'_>,
    group: usize,
    row: usize,
    slots: *mut f32,
    (input, state): (bool, bool),
) {
    let panel = SLOTS * S::LANES;
    // SAFETY: as in `forward`.
    unsafe {
        let packed = s.packed.as_ptr().add(group * group_len(N, S::LANES, s.channels, s.hidden));
        let from_input = packed.add(panel);
        let mut sum = [[S::splat(0.0); N]; R];
        let first = if input { 0 } else { SLOTS - N };
        match s.below {
            FromBelow::Input(x) if input => {
                start_with_bias::<S, R, N>(&mut sum, packed, slots);
                let x = x.as_ptr().add(row * s.channels);
                tile::multiply::<S, R, N>(&mut sum, x, s.channels, s.channels, from_input);
            }
            _ => {
                for r in 0..R {
                    for v in 0..N {
                        sum[r][v] = S::load(slots.add(r * panel + (first + v) * S::LANES));
                    }
                }
            }
        }
        if let Some(h) = s.h_before.filter(|_| state) {
            let h = h.as_ptr().add(row * s.h_stride);
            let from_state = from_input.add(N * S::LANES * s.channels);
            tile::multiply::<S, R, N>(&mut sum, h, s.h_stride, s.hidden, from_state);
        }
        for r in 0..R {
            for v in 0..N {
                S::store(slots.add(r * panel + (first + v) * S::LANES), sum[r][v]);
            }
        }
    }
}

/// Sums of the first `N` slots begin with the bias; the slots that only states reach are stored at once.
#[inline(always)]
unsafe fn start_with_bias<S: Simd, const R: usize, const N: usize>(
    sum: &mut [[S::V; N]; R],
    bias: *const f32,
    slots: *mut f32,
) {
    // SAFETY: the caller vouches for a panel of bias and `R` panels of slots.
    unsafe {
        for v in 0..SLOTS {
            let bias = S::load(bias.add(v * S::LANES));
            for r in 0..R {
                if v < N {
                    sum[r][v] = bias;
                } else {
                    S::store(slots.add((r * SLOTS + v) * S::LANES), bias);
                }
            }
        }
    }
}

/// Pre-activations of two groups for a single row, in the same order of sums as [`multiply_rows`].
#[inline(always)]
unsafe fn multiply_pair<S: Simd, const N: usize>(s: &Step<'_>, groups: [usize; 2], base: *mut f32) {
    let len = group_len(N, S::LANES, s.channels, s.hidden);
    // SAFETY: as in `forward`.
    unsafe {
        let packed = groups.map(|g| s.packed.as_ptr().add(g * len));
        let slots = groups.map(|g| base.add(g * s.slots_stride));
        let skip = SLOTS * S::LANES;
        if let FromBelow::Input(x) = s.below {
            let mut sum = [[S::splat(0.0); N]; 2];
            for g in 0..2 {
                let mut one = [[S::splat(0.0); N]; 1];
                start_with_bias::<S, 1, N>(&mut one, packed[g], slots[g]);
                sum[g] = one[0];
            }
            pair::<S, N>(&mut sum, x.as_ptr(), s.channels, [packed[0].add(skip), packed[1].add(skip)]);
            for g in 0..2 {
                for v in 0..N {
                    S::store(slots[g].add(v * S::LANES), sum[g][v]);
                }
            }
        }
        if let Some(h) = s.h_before {
            let first = SLOTS - N;
            let mut sum = [[S::splat(0.0); N]; 2];
            for g in 0..2 {
                for v in 0..N {
                    sum[g][v] = S::load(slots[g].add((first + v) * S::LANES));
                }
            }
            let skip = skip + N * S::LANES * s.channels;
            pair::<S, N>(&mut sum, h.as_ptr(), s.hidden, [packed[0].add(skip), packed[1].add(skip)]);
            for g in 0..2 {
                for v in 0..N {
                    S::store(slots[g].add((first + v) * S::LANES), sum[g][v]);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn pair<S: Simd, const N: usize>(
    sum: &mut [[S::V; N]; 2],
    a: *const f32,
    inner: usize,
    b: [*const f32; 2],
) {
    // SAFETY: the caller vouches for `inner` values of `a` and `inner` rows of both panels.
    unsafe {
        let mut local = *sum;
        for k in 0..inner {
            let x = S::splat(*a.add(k));
            let at = k * N * S::LANES;
            for v in 0..N {
                local[0][v] = S::fma(x, S::load(b[0].add(at + v * S::LANES)), local[0][v]);
                local[1][v] = S::fma(x, S::load(b[1].add(at + v * S::LANES)), local[1][v]);
            }
        }
        *sum = local;
    }
}

/// One time step backwards through the cells.
#[derive(Debug)]
pub(crate) struct StepBack<'a> {
    /// Rows of the batch.
    pub rows: usize,
    /// Width of the layer.
    pub hidden: usize,
    /// Activations as [`Step`] left them, `[group][row][slot][lane]`.
    pub saved: &'a [f32],
    /// Gradient of the pre-activations, `[row][slot][lane]` of one group after the other.
    pub d_slots: &'a mut [f32],
    /// Distance between groups in `d_slots`.
    pub d_slots_stride: usize,
    /// LSTM: cell state before the step, `[group][row][lane]`. Empty for a GRU, like the next two.
    pub c_before: &'a [f32],
    /// LSTM: tanh of the cell state after the step.
    pub tanh_c: &'a [f32],
    /// LSTM: gradient of the cell state, carried from step to step.
    pub dc: &'a mut [f32],
    /// GRU: output of the step before, from its first row on; `None` for the zero state.
    pub h_before: Option<&'a [f32]>,
    /// GRU: gradient of that output, added to.
    pub dh_before: Option<&'a mut [f32]>,
    /// Gradient of the output, from its first row on.
    pub dh: &'a [f32],
    /// Distance between rows of `dh`, `h_before` and `dh_before`.
    pub dh_stride: usize,
    /// Sum of the gradient of the pre-activations, `[group][slot][lane]`: that of the bias.
    pub d_bias: &'a mut [f32],
}

impl StepBack<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, memory: bool, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        assert!(self.rows > 0 && self.hidden > 0, "an empty step");
        let state = groups * self.rows * lanes;
        let panel = self.rows * SLOTS * lanes;
        assert_eq!(self.saved.len(), SLOTS * state, "saved activations");
        let last = (groups - 1).checked_mul(self.d_slots_stride).and_then(|g| g.checked_add(panel));
        assert!(last.is_some_and(|l| l <= self.d_slots.len()), "gradients of the slots");
        check_rows("gradient of the state", self.rows, self.dh_stride, self.hidden, self.dh.len());
        assert_eq!(self.d_bias.len(), groups * SLOTS * lanes, "gradient of the bias");
        if memory {
            assert_eq!(
                [self.c_before.len(), self.tanh_c.len(), self.dc.len()],
                [state; 3],
                "cell state, its tanh and its gradient"
            );
        } else {
            assert_eq!(self.h_before.is_some(), self.dh_before.is_some(), "state before and its gradient");
            for len in
                self.h_before.map(<[f32]>::len).into_iter().chain(self.dh_before.as_ref().map(|d| d.len()))
            {
                check_rows("state before", self.rows, self.dh_stride, self.hidden, len);
            }
        }
    }
}
