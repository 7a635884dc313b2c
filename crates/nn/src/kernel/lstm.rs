//! One time step of an LSTM layer: product, gates and state in one pass over groups of hidden units.
//!
//! A *group* is as many hidden units as a vector has lanes. Weights lie as `[group][1 + k][4 gates][lane]`: first the
//! bias, then the rows of the input, then those of the state. While a group's gates are in L1, the cell runs over
//! them. The pre-activations of the gates i, f, o are halved in the packed weights (see
//! [`super::math::sigmoid_of_twice`]). Lanes beyond the width hold zeros throughout.

use super::math::{sigmoid_of_twice, tanh};
use super::product::{WeightGradient, gradient_tile};
use super::simd::Simd;
use super::tile::{self, tiles};

/// Gates of an LSTM.
pub(crate) const GATES: usize = 4;

/// What the weights contribute to the gates before the state does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FromBelow<'a> {
    /// Inputs `[rows, channels]`: their product is part of the step.
    Input(&'a [f32]),
    /// Bias and inputs are in the gates already ([`super::lstm_project`]).
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
    /// Weights, packed by [`super::pack_lstm`].
    pub packed: &'a [f32],
    /// Input of this step.
    pub below: FromBelow<'a>,
    /// Output of the step before, from its first row on; `None` for the zero state.
    pub h_before: Option<&'a [f32]>,
    /// Gates: activations are left here as `[group][row][gate][lane]`.
    pub gates: &'a mut [f32],
    /// Distance between groups in `gates`; 0 when nobody needs them afterwards.
    pub gates_stride: usize,
    /// Cell state before, `[group][row][lane]`; `None` when `c` holds it.
    pub c_before: Option<&'a [f32]>,
    /// Cell state after.
    pub c: &'a mut [f32],
    /// tanh of the cell state, when `backward` will need it.
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

impl Step<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        assert!(self.rows > 0 && self.hidden > 0 && self.channels > 0, "an empty step");
        let gate_panel = self.rows * GATES * lanes;
        assert_eq!(
            self.packed.len(),
            groups * GATES * lanes * (1 + self.channels + self.hidden),
            "packed weights"
        );
        let last = (groups - 1).checked_mul(self.gates_stride).and_then(|g| g.checked_add(gate_panel));
        assert!(last.is_some_and(|l| l <= self.gates.len()), "gates");
        match self.below {
            FromBelow::Input(x) => assert_eq!(x.len(), self.rows * self.channels, "input"),
            FromBelow::Projected => assert!(self.gates_stride >= gate_panel, "projected gates of each group"),
        }
        if let Some(h) = self.h_before {
            check_rows("state before", self.rows, self.h_stride, self.hidden, h.len());
        }
        check_rows("state", self.rows, self.h_stride, self.hidden, self.h.len());
        let state = groups * self.rows * lanes;
        assert_eq!(self.c.len(), state, "cell state");
        assert!(self.c_before.is_none_or(|c| c.len() == state), "cell state before");
        assert!(self.tanh_c.as_ref().is_none_or(|t| t.len() == state), "tanh of the cell state");
    }
}

/// The body of [`super::lstm_forward`].
///
/// # Safety
/// [`Step::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd>(s: &mut Step<'_>) {
    let groups = s.hidden.div_ceil(S::LANES);
    let panel = GATES * S::LANES;
    let split = s.h_before.is_some() && panel * (s.channels + s.hidden) > SPLIT;
    let mut group = 0;
    while group < groups {
        // SAFETY: `check` has found all groups and rows within the buffers. Gates of two groups lie apart when the
        // stride is not 0, and one row of one group needs no more than the scratch space of two rows otherwise.
        unsafe {
            let gates = s.gates.as_mut_ptr().add(group * s.gates_stride);
            // One row alone waits for its own sums: two groups at a time hide that.
            if s.rows == 1 && group + 2 <= groups && s.gates_stride > 0 {
                multiply_pair::<S>(s, group, gates);
                cell::<S>(s, group, gates);
                cell::<S>(s, group + 1, gates.add(s.gates_stride));
                group += 2;
                continue;
            }
            if split && matches!(s.below, FromBelow::Input(_)) {
                tiles!(S::GATE_ROWS, s.rows, |row, R| {
                    multiply_rows::<S, R>(s, group, row, gates.add(row * panel), (true, false));
                });
                tiles!(S::GATE_ROWS, s.rows, |row, R| {
                    multiply_rows::<S, R>(s, group, row, gates.add(row * panel), (false, true));
                });
            } else {
                tiles!(S::GATE_ROWS, s.rows, |row, R| {
                    multiply_rows::<S, R>(s, group, row, gates.add(row * panel), (true, true));
                });
            }
            cell::<S>(s, group, gates);
        }
        group += 1;
    }
}

/// Values of a group's weights from which on input and state are multiplied one after the other for all rows: together
/// they would not stay in L1.
const SPLIT: usize = 5120;

/// Pre-activations of one group for `R` rows, from input, state or both.
#[inline(always)]
unsafe fn multiply_rows<S: Simd, const R: usize>(
    s: &Step<'_>,
    group: usize,
    row: usize,
    gates: *mut f32,
    (input, state): (bool, bool),
) {
    let panel = GATES * S::LANES;
    // SAFETY: as in `forward`.
    unsafe {
        let packed = s.packed.as_ptr().add(group * panel * (1 + s.channels + s.hidden));
        let mut sum = [[S::splat(0.0); GATES]; R];
        match s.below {
            FromBelow::Input(x) if input => {
                for v in 0..GATES {
                    let bias = S::load(packed.add(v * S::LANES));
                    for r in 0..R {
                        sum[r][v] = bias;
                    }
                }
                let x = x.as_ptr().add(row * s.channels);
                tile::multiply::<S, R, GATES>(&mut sum, x, s.channels, s.channels, packed.add(panel));
            }
            _ => {
                for r in 0..R {
                    for v in 0..GATES {
                        sum[r][v] = S::load(gates.add(r * panel + v * S::LANES));
                    }
                }
            }
        }
        if let Some(h) = s.h_before.filter(|_| state) {
            let h = h.as_ptr().add(row * s.h_stride);
            let packed = packed.add(panel * (1 + s.channels));
            tile::multiply::<S, R, GATES>(&mut sum, h, s.h_stride, s.hidden, packed);
        }
        for r in 0..R {
            for v in 0..GATES {
                S::store(gates.add(r * panel + v * S::LANES), sum[r][v]);
            }
        }
    }
}

/// Pre-activations of two groups for a single row, in the same order of sums as [`multiply_rows`].
#[inline(always)]
unsafe fn multiply_pair<S: Simd>(s: &Step<'_>, group: usize, gates: *mut f32) {
    let panel = GATES * S::LANES;
    let group_len = panel * (1 + s.channels + s.hidden);
    // SAFETY: as in `forward`.
    unsafe {
        let first = s.packed.as_ptr().add(group * group_len);
        let packed = [first, first.add(group_len)];
        let mut sum = [[S::splat(0.0); GATES]; 2];
        for g in 0..2 {
            let from = match s.below {
                FromBelow::Input(_) => packed[g],
                FromBelow::Projected => gates.add(g * s.gates_stride).cast_const(),
            };
            for v in 0..GATES {
                sum[g][v] = S::load(from.add(v * S::LANES));
            }
        }
        if let FromBelow::Input(x) = s.below {
            pair::<S>(&mut sum, x.as_ptr(), s.channels, packed[0].add(panel), packed[1].add(panel));
        }
        if let Some(h) = s.h_before {
            let skip = panel * (1 + s.channels);
            pair::<S>(&mut sum, h.as_ptr(), s.hidden, packed[0].add(skip), packed[1].add(skip));
        }
        for g in 0..2 {
            for v in 0..GATES {
                S::store(gates.add(g * s.gates_stride + v * S::LANES), sum[g][v]);
            }
        }
    }
}

#[inline(always)]
unsafe fn pair<S: Simd>(
    sum: &mut [[S::V; GATES]; 2],
    a: *const f32,
    inner: usize,
    b0: *const f32,
    b1: *const f32,
) {
    // SAFETY: the caller vouches for `inner` values of `a` and `inner` rows of both panels.
    unsafe {
        let mut local = *sum;
        for k in 0..inner {
            let x = S::splat(*a.add(k));
            let at = k * GATES * S::LANES;
            for v in 0..GATES {
                local[0][v] = S::fma(x, S::load(b0.add(at + v * S::LANES)), local[0][v]);
                local[1][v] = S::fma(x, S::load(b1.add(at + v * S::LANES)), local[1][v]);
            }
        }
        *sum = local;
    }
}

/// Gates, cell state and output of one group from its pre-activations.
#[inline(always)]
unsafe fn cell<S: Simd>(s: &mut Step<'_>, group: usize, gates: *mut f32) {
    // SAFETY: as in `forward`.
    unsafe {
        let at = group * s.rows * S::LANES;
        let c = s.c.as_mut_ptr().add(at);
        let c_before = s.c_before.map_or(c.cast_const(), |c| c.as_ptr().add(at));
        let tanh_c = match &mut s.tanh_c {
            Some(t) => t.as_mut_ptr().add(at),
            None => core::ptr::null_mut(),
        };
        let h = s.h.as_mut_ptr().add(group * S::LANES);
        let left = s.hidden - group * S::LANES;
        for row in 0..s.rows {
            let z = gates.add(row * GATES * S::LANES);
            let i = sigmoid_of_twice::<S>(S::load(z));
            let f = sigmoid_of_twice::<S>(S::load(z.add(S::LANES)));
            let g = tanh::<S>(S::load(z.add(2 * S::LANES)));
            let o = sigmoid_of_twice::<S>(S::load(z.add(3 * S::LANES)));
            let new = S::fma(f, S::load(c_before.add(row * S::LANES)), S::mul(i, g));
            let t = tanh::<S>(new);
            S::store(c.add(row * S::LANES), new);
            if !tanh_c.is_null() {
                S::store(tanh_c.add(row * S::LANES), t);
                S::store(z, i);
                S::store(z.add(S::LANES), f);
                S::store(z.add(2 * S::LANES), g);
                S::store(z.add(3 * S::LANES), o);
            }
            let out = S::mul(o, t);
            if left >= S::LANES {
                S::store(h.add(row * s.h_stride), out);
            } else {
                S::store_part(h.add(row * s.h_stride), out, left);
            }
        }
    }
}

/// Bias and inputs' share of the gates of `rows` rows (any time steps), before the recurrent product.
#[derive(Debug)]
pub(crate) struct Projection<'a> {
    /// Rows: batch times time steps.
    pub rows: usize,
    /// Width of a row of the input.
    pub channels: usize,
    /// Width of the layer.
    pub hidden: usize,
    /// Weights, packed by [`super::pack_lstm`].
    pub packed: &'a [f32],
    /// Inputs `[rows, channels]`.
    pub x: &'a [f32],
    /// Result `[group][row][gate][lane]`.
    pub gates: &'a mut [f32],
}

impl Projection<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        let panel = GATES * lanes;
        assert_eq!(self.packed.len(), groups * panel * (1 + self.channels + self.hidden), "packed weights");
        assert_eq!(self.x.len(), self.rows * self.channels, "input");
        assert_eq!(self.gates.len(), groups * self.rows * panel, "gates");
    }
}

/// The body of [`super::lstm_project`].
///
/// # Safety
/// [`Projection::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn project<S: Simd>(p: &mut Projection<'_>) {
    let panel = GATES * S::LANES;
    for group in 0..p.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers.
        unsafe {
            let packed = p.packed.as_ptr().add(group * panel * (1 + p.channels + p.hidden));
            let gates = p.gates.as_mut_ptr().add(group * p.rows * panel);
            tiles!(S::GATE_ROWS, p.rows, |row, R| {
                let mut sum = [[S::splat(0.0); GATES]; R];
                for v in 0..GATES {
                    let bias = S::load(packed.add(v * S::LANES));
                    for r in 0..R {
                        sum[r][v] = bias;
                    }
                }
                let x = p.x.as_ptr().add(row * p.channels);
                tile::multiply::<S, R, GATES>(&mut sum, x, p.channels, p.channels, packed.add(panel));
                for r in 0..R {
                    for v in 0..GATES {
                        S::store(gates.add((row + r) * panel + v * S::LANES), sum[r][v]);
                    }
                }
            });
        }
    }
}

/// One time step backwards through the cell.
#[derive(Debug)]
pub(crate) struct StepBack<'a> {
    /// Rows of the batch.
    pub rows: usize,
    /// Width of the layer.
    pub hidden: usize,
    /// Activations as [`Step`] left them; replaced by the gradient of the pre-activations.
    pub gates: &'a mut [f32],
    /// Cell state before the step, `[group][row][lane]`.
    pub c_before: &'a [f32],
    /// tanh of the cell state after the step.
    pub tanh_c: &'a [f32],
    /// Gradient of the output, from its first row on.
    pub dh: &'a [f32],
    /// Distance between rows of `dh`.
    pub dh_stride: usize,
    /// Gradient of the cell state, carried from step to step.
    pub dc: &'a mut [f32],
    /// Sum of the gradient of the pre-activations, `[group][gate][lane]`: that of the bias.
    pub d_bias: &'a mut [f32],
}

impl StepBack<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        assert!(self.rows > 0 && self.hidden > 0, "an empty step");
        let state = groups * self.rows * lanes;
        assert_eq!(self.gates.len(), GATES * state, "gates");
        assert_eq!(
            [self.c_before.len(), self.tanh_c.len(), self.dc.len()],
            [state; 3],
            "cell state, its tanh and its gradient"
        );
        check_rows("gradient of the state", self.rows, self.dh_stride, self.hidden, self.dh.len());
        assert_eq!(self.d_bias.len(), groups * GATES * lanes, "gradient of the bias");
    }
}

/// The body of [`super::lstm_backward`].
///
/// # Safety
/// [`StepBack::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn backward<S: Simd>(s: &mut StepBack<'_>) {
    let panel = GATES * S::LANES;
    for group in 0..s.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers.
        unsafe {
            let at = group * s.rows * S::LANES;
            let gates = s.gates.as_mut_ptr().add(group * s.rows * panel);
            let (c_before, tanh_c) = (s.c_before.as_ptr().add(at), s.tanh_c.as_ptr().add(at));
            let dc = s.dc.as_mut_ptr().add(at);
            let dh = s.dh.as_ptr().add(group * S::LANES);
            let left = s.hidden - group * S::LANES;
            let d_bias = s.d_bias.as_mut_ptr().add(group * panel);
            let mut bias = [S::splat(0.0); GATES];
            for v in 0..GATES {
                bias[v] = S::load(d_bias.add(v * S::LANES));
            }
            let one = S::splat(1.0);
            for row in 0..s.rows {
                let z = gates.add(row * panel);
                let (i, f) = (S::load(z), S::load(z.add(S::LANES)));
                let (g, o) = (S::load(z.add(2 * S::LANES)), S::load(z.add(3 * S::LANES)));
                let t = S::load(tanh_c.add(row * S::LANES));
                let dh = dh.add(row * s.dh_stride);
                let dh = if left >= S::LANES { S::load(dh) } else { S::load_part(dh, left) };
                let carried = S::load(dc.add(row * S::LANES));
                let d_cell = S::fma(S::mul(dh, o), S::nfma(t, t, one), carried);
                S::store(dc.add(row * S::LANES), S::mul(d_cell, f));
                let dz = [
                    // i - i² and so on: the derivative of the sigmoid.
                    S::mul(S::mul(d_cell, g), S::nfma(i, i, i)),
                    S::mul(S::mul(d_cell, S::load(c_before.add(row * S::LANES))), S::nfma(f, f, f)),
                    S::mul(S::mul(d_cell, i), S::nfma(g, g, one)),
                    S::mul(S::mul(dh, t), S::nfma(o, o, o)),
                ];
                for v in 0..GATES {
                    S::store(z.add(v * S::LANES), dz[v]);
                    bias[v] = S::add(bias[v], dz[v]);
                }
            }
            for v in 0..GATES {
                S::store(d_bias.add(v * S::LANES), bias[v]);
            }
        }
    }
}

/// Gradient of the input or recurrent weights from several time steps.
#[derive(Debug)]
pub(crate) struct GateGradient<'a> {
    /// Rows of the batch.
    pub rows: usize,
    /// Time steps.
    pub steps: usize,
    /// Values in a row of `a`: inputs or the state before.
    pub inner: usize,
    /// Inputs or states, from the first step's first row on.
    pub a: &'a [f32],
    /// Distance between rows of `a`.
    pub a_row: usize,
    /// Distance between steps of `a`.
    pub a_step: usize,
    /// Gradients of the pre-activations `[step][group][row][gate][lane]`.
    pub dz: &'a [f32],
    /// Gradient of the weights `[group][k][gate][lane]`, added to.
    pub dw: &'a mut [f32],
    /// Width of the layer.
    pub hidden: usize,
}

impl GateGradient<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self, lanes: usize) {
        let groups = self.hidden.div_ceil(lanes);
        let panel = GATES * lanes;
        assert_eq!(self.dz.len(), self.steps * groups * self.rows * panel, "gradients of the gates");
        assert_eq!(self.dw.len(), groups * self.inner * panel, "gradient of the weights");
        let rows = self.rows.saturating_sub(1).checked_mul(self.a_row);
        let steps = self.steps.saturating_sub(1).checked_mul(self.a_step);
        let reach = rows.zip(steps).and_then(|(r, s)| r.checked_add(s)?.checked_add(self.inner));
        assert!(reach.is_some_and(|r| r <= self.a.len()), "inputs: {reach:?} in {}", self.a.len());
    }
}

/// The body of [`super::lstm_weight_gradient`].
///
/// # Safety
/// [`GateGradient::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn weight_gradient<S: Simd>(g: &mut GateGradient<'_>) {
    let panel = GATES * S::LANES;
    let groups = g.hidden.div_ceil(S::LANES);
    let w = WeightGradient {
        rows: g.rows,
        steps: g.steps,
        inner: g.inner,
        columns: panel,
        a: g.a,
        a_row: g.a_row,
        a_step: g.a_step,
        b: g.dz,
        b_row: panel,
        b_step: groups * g.rows * panel,
    };
    for group in 0..groups {
        // SAFETY: `check` has found all groups, steps and rows within the buffers.
        unsafe {
            let dz = g.dz.as_ptr().add(group * g.rows * panel);
            let dw = g.dw.as_mut_ptr().add(group * g.inner * panel);
            tiles!(S::GATE_ROWS, g.inner, |k, R| {
                gradient_tile::<S, R, GATES>(&w, g.a.as_ptr().add(k), dz, dw.add(k * panel));
            });
        }
    }
}
