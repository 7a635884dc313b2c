//! One time step of a recurrent layer: product, gates and state in one pass over groups of hidden units.
//!
//! A *group* is as many hidden units as a vector has lanes. Each unit has four *slots*: an LSTM's gates i, f, g, o, or
//! a GRU's n (input's part), r, z, n (state's part). Inputs contribute to the first `N` slots, states to the last `N`:
//! all four of an LSTM, three of a GRU. Weights of a group lie as `[4 slots][lane]` of bias, `[channels][N slots][lane]`
//! of inputs, `[hidden][N slots][lane]` of states. While a group's slots are in L1, the cell runs over them. The
//! pre-activations of sigmoids are halved in the packed weights (see [`super::math::sigmoid_of_twice`]). Lanes beyond
//! the width hold zeros throughout.

use super::simd::Simd;
use super::tile::{self, tiles};

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
    let mut i = 0;
    while i < groups {
        let group = order(i);
        // SAFETY: `check` has found all groups and rows within the buffers, and groups apart when the stride is not 0.
        unsafe {
            let base = s.slots.as_mut_ptr();
            let slots = base.add(group * s.slots_stride);
            // One row alone waits for its own sums: two groups at a time hide that.
            if s.rows == 1 && i + 2 <= groups && s.slots_stride > 0 {
                let other = order(i + 1);
                multiply_pair::<S, N>(s, [group, other], base);
                C::run(s, group, slots);
                C::run(s, other, base.add(other * s.slots_stride));
                i += 2;
                continue;
            }
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
        i += 1;
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
    /// Weights, packed by [`super::GateLayout`].
    pub packed: &'a [f32],
    /// Inputs `[rows, channels]`.
    pub x: &'a [f32],
    /// Result `[group][row][slot][lane]`.
    pub slots: &'a mut [f32],
}

impl Projection<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, lanes: usize) {
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

/// The body of [`super::recurrent_project`].
///
/// # Safety
/// [`Projection::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn project<S: Simd>(p: &mut Projection<'_>) {
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
    pub(super) fn check(&self, lanes: usize) {
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

/// The body of [`super::recurrent_weight_gradient`].
///
/// # Safety
/// [`GateGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn weight_gradient<S: Simd>(g: &mut GateGradient<'_>) {
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
