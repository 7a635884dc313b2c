//! Stacked LSTM.
//!
//! Per layer: one product `x * weight_ihᵀ` for all time steps, then a recurrent product and the cell per step.
//! Backwards: the cell and one recurrent product per step, then one product each for `d weight_ih`,
//! `d weight_hh` and `dx`. The gradient of the gates overwrites the saved gates.

use super::dropout::{apply, draw_mask};
use super::{Initial, Layer, Mode, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, Product};
use crate::{InstructionSet, Shape};
use alloc::format;
use alloc::vec::Vec;

/// `layers` LSTM layers of width `hidden`, zero initial state, dropout between the layers.
///
/// Parameters per layer, as in PyTorch, gates in the order i, f, g, o: `weight_ih_l{k} [4 hidden, in]`,
/// `weight_hh_l{k} [4 hidden, hidden]`, `bias_ih_l{k} [4 hidden]`, `bias_hh_l{k} [4 hidden]`.
#[derive(Debug)]
pub(crate) struct Lstm {
    time: usize,
    hidden: usize,
    dropout: f32,
    levels: Vec<Level>,
    isa: InstructionSet,
}

/// Where one layer of the stack finds its parts in the shared slices.
#[derive(Debug)]
struct Level {
    channels: usize,
    weights: usize,
    packed: usize,
}

/// The workspace of one layer of the stack.
struct Saved<'a> {
    gates: &'a mut [f32],
    c: &'a mut [f32],
    tanh_c: &'a mut [f32],
    /// Output of this layer, input of the next (the last layer writes to `y`).
    h: &'a mut [f32],
    /// Dropout mask and dropped output, when there is dropout between layers.
    mask: &'a mut [f32],
    dropped: &'a mut [f32],
}

impl Lstm {
    pub(crate) fn new(input: Shape, hidden: usize, layers: usize, dropout: f32, isa: InstructionSet) -> Self {
        let mut levels: Vec<Level> = Vec::with_capacity(layers);
        let (mut weights, mut packed) = (0, 0);
        for k in 0..layers {
            let channels = if k == 0 { input.channels } else { hidden };
            levels.push(Level { channels, weights, packed });
            weights += 4 * hidden * (channels + hidden + 2);
            packed += packed_lens(channels, hidden).iter().sum::<usize>();
        }
        Self { time: input.time, hidden, dropout, levels, isa }
    }

    fn drops(&self, k: usize) -> bool {
        self.dropout > 0.0 && k + 1 < self.levels.len()
    }

    fn level_workspace(&self, batch: usize, k: usize) -> usize {
        let sequence = self.time * batch * self.hidden;
        let between = if k + 1 < self.levels.len() { sequence } else { 0 };
        let dropped = if self.drops(k) { 2 * sequence } else { 0 };
        // gates, then cell states with a zero state before the first, then tanh(c).
        4 * sequence + (sequence + batch * self.hidden) + sequence + between + dropped
    }

    fn save<'a>(&self, batch: usize, k: usize, workspace: &mut &'a mut [f32]) -> Saved<'a> {
        let sequence = self.time * batch * self.hidden;
        let between = if k + 1 < self.levels.len() { sequence } else { 0 };
        let dropped = if self.drops(k) { sequence } else { 0 };
        let mut take = |n: usize| {
            let (head, tail) = core::mem::take(workspace).split_at_mut(n);
            *workspace = tail;
            head
        };
        Saved {
            gates: take(4 * sequence),
            c: take(sequence + batch * self.hidden),
            tanh_c: take(sequence),
            h: take(between),
            mask: take(dropped),
            dropped: take(dropped),
        }
    }

    fn forward_level(
        &self,
        pass: &Pass,
        k: usize,
        w: Weights<'_>,
        x: &[f32],
        h: &mut [f32],
        saved: (&mut [f32], &mut [f32], &mut [f32]),
    ) {
        let (gates, c, tanh_c) = saved;
        let (hidden, level) = (self.hidden, &self.levels[k]);
        let (state, step) = (pass.batch * hidden, pass.batch * 4 * hidden);
        let parts = Parts::of(level, hidden, w);
        for row in gates.chunks_exact_mut(4 * hidden) {
            for (j, value) in row.iter_mut().enumerate() {
                *value = parts.bias_ih[j] + parts.bias_hh[j];
            }
        }
        let product = Product {
            rows: self.time * pass.batch,
            inner: level.channels,
            columns: 4 * hidden,
            a: x,
            packed: parts.input,
            accumulate: true,
        };
        kernel::multiply(self.isa, &product, gates);
        c[..state].fill(0.0);
        for t in 0..self.time {
            let gates = &mut gates[t * step..(t + 1) * step];
            let (h_before, h) = h.split_at_mut(t * state);
            if t > 0 {
                let product = Product {
                    rows: pass.batch,
                    inner: hidden,
                    columns: 4 * hidden,
                    a: &h_before[(t - 1) * state..],
                    packed: parts.recurrent,
                    accumulate: true,
                };
                kernel::multiply(self.isa, &product, gates);
            }
            let (c_before, c) = c.split_at_mut((t + 1) * state);
            kernel::lstm_cell_forward(
                self.isa,
                hidden,
                gates,
                &c_before[t * state..],
                &mut c[..state],
                &mut tanh_c[t * state..(t + 1) * state],
                &mut h[..state],
            );
        }
    }

    /// `dh` is the gradient of this layer's output at every step and is overwritten; `carry` is `[batch, hidden]`.
    #[allow(clippy::too_many_arguments)]
    fn backward_level(
        &self,
        pass: &Pass,
        k: usize,
        w: Weights<'_>,
        x: &[f32],
        h: &[f32],
        saved: &mut Saved<'_>,
        dh: &mut [f32],
        dx: &mut [f32],
        dw: &mut [f32],
        carry: &mut [f32],
    ) {
        let (hidden, level) = (self.hidden, &self.levels[k]);
        let (state, step) = (pass.batch * hidden, pass.batch * 4 * hidden);
        let parts = Parts::of(level, hidden, w);
        carry.fill(0.0);
        for t in (0..self.time).rev() {
            let gates = &mut saved.gates[t * step..(t + 1) * step];
            let (earlier, now) = dh.split_at_mut(t * state);
            kernel::lstm_cell_backward(
                self.isa,
                hidden,
                gates,
                &saved.c[t * state..(t + 1) * state],
                &saved.tanh_c[t * state..(t + 1) * state],
                &now[..state],
                carry,
            );
            if t > 0 {
                let product = Product {
                    rows: pass.batch,
                    inner: 4 * hidden,
                    columns: hidden,
                    a: gates,
                    packed: parts.recurrent_back,
                    accumulate: true,
                };
                kernel::multiply(self.isa, &product, &mut earlier[(t - 1) * state..]);
            }
        }
        let dz = &*saved.gates;
        let rows = self.time * pass.batch;
        let (d_input, rest) =
            dw[level.weights..level.weights + level.len(hidden)].split_at_mut(4 * hidden * level.channels);
        let (d_recurrent, rest) = rest.split_at_mut(4 * hidden * hidden);
        let (d_bias_ih, d_bias_hh) = rest.split_at_mut(4 * hidden);
        kernel::accumulate_weight_gradient(rows, 4 * hidden, level.channels, dz, x, d_input);
        let later = rows - pass.batch;
        kernel::accumulate_weight_gradient(
            later,
            4 * hidden,
            hidden,
            &dz[step..],
            &h[..later * hidden],
            d_recurrent,
        );
        // The two biases always have the same gradient; both are kept because PyTorch keeps both.
        kernel::add_column_sums(dz, d_bias_ih);
        kernel::add_column_sums(dz, d_bias_hh);
        if !dx.is_empty() {
            let product = Product {
                rows,
                inner: 4 * hidden,
                columns: level.channels,
                a: dz,
                packed: parts.input_back,
                accumulate: false,
            };
            kernel::multiply(self.isa, &product, dx);
        }
    }
}

impl Level {
    fn len(&self, hidden: usize) -> usize {
        4 * hidden * (self.channels + hidden + 2)
    }
}

/// Packed lengths: input weights and recurrent weights for the forward pass, then both for the backward pass.
fn packed_lens(channels: usize, hidden: usize) -> [usize; 4] {
    [
        kernel::packed_len(channels, 4 * hidden),
        kernel::packed_len(hidden, 4 * hidden),
        kernel::packed_len(4 * hidden, channels),
        kernel::packed_len(4 * hidden, hidden),
    ]
}

/// The weights of one layer of the stack, as the kernels read them.
struct Parts<'a> {
    input: &'a [f32],
    recurrent: &'a [f32],
    input_back: &'a [f32],
    recurrent_back: &'a [f32],
    bias_ih: &'a [f32],
    bias_hh: &'a [f32],
}

impl<'a> Parts<'a> {
    fn of(level: &Level, hidden: usize, w: Weights<'a>) -> Self {
        let [a, b, c, d] = packed_lens(level.channels, hidden);
        let (input, rest) = w.packed[level.packed..].split_at(a);
        let (recurrent, rest) = rest.split_at(b);
        let (input_back, rest) = rest.split_at(c);
        let biases = &w.plain[level.weights + 4 * hidden * (level.channels + hidden)..];
        let (bias_ih, biases) = biases.split_at(4 * hidden);
        Self {
            input,
            recurrent,
            input_back,
            recurrent_back: &rest[..d],
            bias_ih,
            bias_hh: &biases[..4 * hidden],
        }
    }
}

impl Layer for Lstm {
    fn output(&self) -> Shape {
        Shape { time: self.time, channels: self.hidden }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let gates = 4 * self.hidden;
        let mut specs = Vec::with_capacity(4 * self.levels.len());
        for (k, level) in self.levels.iter().enumerate() {
            let mut add = |name: &str, shape: &[usize], initial| {
                specs.push(ParameterSpec {
                    name: format!("{name}_l{k}"),
                    shape: shape.to_vec(),
                    initial,
                    role: if shape.len() > 1 { Role::Weight } else { Role::Bias },
                });
            };
            let glorot = Initial::GlorotUniform { fan_in: level.channels, fan_out: gates };
            add("weight_ih", &[gates, level.channels], glorot);
            add("weight_hh", &[gates, self.hidden], Initial::OrthogonalBlocks { size: self.hidden });
            add("bias_ih", &[gates], Initial::ForgetGateOne { hidden: self.hidden });
            add("bias_hh", &[gates], Initial::Zero);
        }
        specs
    }

    fn packed_len(&self) -> usize {
        self.levels.iter().map(|l| packed_lens(l.channels, self.hidden).iter().sum::<usize>()).sum()
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (hidden, gates) = (self.hidden, 4 * self.hidden);
        for level in &self.levels {
            let channels = level.channels;
            let (w_ih, w_hh) = w[level.weights..].split_at(gates * channels);
            let w_hh = &w_hh[..gates * hidden];
            let [a, b, c, d] = packed_lens(channels, hidden);
            let (input, rest) = packed[level.packed..].split_at_mut(a);
            let (recurrent, rest) = rest.split_at_mut(b);
            let (input_back, rest) = rest.split_at_mut(c);
            kernel::pack(channels, gates, w_ih, 1, channels, input);
            kernel::pack(hidden, gates, w_hh, 1, hidden, recurrent);
            kernel::pack(gates, channels, w_ih, channels, 1, input_back);
            kernel::pack(gates, hidden, w_hh, hidden, 1, &mut rest[..d]);
        }
    }

    fn workspace_len(&self, batch: usize, _keep: bool) -> usize {
        let levels: usize = (0..self.levels.len()).map(|k| self.level_workspace(batch, k)).sum();
        // Backward: the carried dc, and the gradient between two layers.
        let gradient = if self.levels.len() > 1 { self.time * batch * self.hidden } else { 0 };
        levels + batch * self.hidden + gradient
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        let mut rest = workspace;
        let mut random = pass.mode.random(pass.index as u64);
        let mut below: &[f32] = x;
        for k in 0..self.levels.len() {
            let Saved { gates, c, tanh_c, h, mask, dropped } = self.save(pass.batch, k, &mut rest);
            let last = k + 1 == self.levels.len();
            self.forward_level(pass, k, w, below, if last { &mut *y } else { &mut *h }, (gates, c, tanh_c));
            below = match &mut random {
                _ if last => return,
                Some(random) if self.drops(k) => {
                    draw_mask(random, self.dropout, mask);
                    apply(h, mask, dropped);
                    dropped
                }
                _ => h,
            };
        }
    }

    fn backward(
        &self,
        pass: &Pass,
        w: Weights<'_>,
        x: &[f32],
        y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
        dw: &mut [f32],
        workspace: &mut [f32],
    ) {
        let levels = self.levels.len();
        let mut rest = workspace;
        let mut saved: Vec<Saved<'_>> = (0..levels).map(|k| self.save(pass.batch, k, &mut rest)).collect();
        let (carry, gradient) = rest.split_at_mut(pass.batch * self.hidden);
        let sequence = self.time * pass.batch * self.hidden;
        // Gradients of neighbouring layers' outputs alternate between `dy` and the workspace.
        let (mut upper, mut lower): (&mut [f32], &mut [f32]) =
            (dy, if levels > 1 { &mut gradient[..sequence] } else { &mut [] });
        for k in (0..levels).rev() {
            let (below, own) = saved.split_at_mut(k);
            let own = &mut own[0];
            let dropped = k > 0 && self.drops(k - 1) && pass.mode != Mode::Inference;
            let input: &[f32] = match below.last() {
                None => x,
                Some(level) if dropped => level.dropped,
                Some(level) => level.h,
            };
            let h: &[f32] = if k + 1 == levels { y } else { &*own.h };
            // `h` lies in the same struct as the gates that are overwritten: hand the parts over one by one.
            let mut parts = Saved {
                gates: &mut *own.gates,
                c: &mut *own.c,
                tanh_c: &mut *own.tanh_c,
                h: &mut [],
                mask: &mut [],
                dropped: &mut [],
            };
            let d_input: &mut [f32] = if k == 0 { &mut *dx } else { &mut *lower };
            self.backward_level(pass, k, w, input, h, &mut parts, upper, d_input, dw, carry);
            if dropped && let Some(level) = below.last() {
                lower.iter_mut().zip(level.mask.iter()).for_each(|(d, m)| *d *= m);
            }
            core::mem::swap(&mut upper, &mut lower);
        }
    }
}
