//! Stacked LSTM, one or both directions.
//!
//! Forwards, each time step is one fused kernel: products of input and state, gates, cell. Backwards, each step is
//! the cell, then the products back to state and input; the gradient of the gates overwrites the saved gates, and the
//! weight gradients are added up every few steps, while gates and inputs are still in cache.

use super::dropout::{apply, draw_mask};
use super::{Initial, Layer, Mode, ParameterSpec, Pass, Role, Weights};
use crate::kernel::lstm::{FromBelow, GateGradient, Projection, Step, StepBack};
use crate::kernel::{self, GateLayout, Product, Start};
use crate::{InstructionSet, Shape};
use alloc::format;
use alloc::vec::Vec;

/// Rows times time steps that a weight gradient is taken over: their gates of one group stay in L1, and the
/// gradient's own traffic is spread over as many sums.
const GRADIENT_ROWS: usize = 64;
/// The pre-activations of i, f, o are halved: sigmoid is computed from the tanh of half its argument.
const FACTORS: [f32; 4] = [0.5, 0.5, 1.0, 0.5];

/// `layers` LSTM layers of width `hidden`, zero initial state, dropout between the layers.
///
/// Parameters per layer, as in PyTorch, gates in the order i, f, g, o: `weight_ih_l{k} [4 hidden, in]`,
/// `weight_hh_l{k} [4 hidden, hidden]`, `bias_ih_l{k} [4 hidden]`, `bias_hh_l{k} [4 hidden]`, and the same with
/// `_reverse` for the other direction. The output of both directions is `[forward, reverse]`.
#[derive(Debug)]
pub(crate) struct Lstm {
    time: usize,
    hidden: usize,
    dropout: f32,
    directions: usize,
    /// One for each layer and direction: layer 0 forward, layer 0 reverse, layer 1 forward, …
    cells: Vec<Cell>,
    gates: GateLayout,
    isa: InstructionSet,
}

/// One direction of one layer: its shape, and where it finds its parts in the shared slices.
#[derive(Debug)]
struct Cell {
    channels: usize,
    reverse: bool,
    weights: usize,
    packed: usize,
}

/// What one cell keeps for `backward`.
struct Saved<'a> {
    gates: &'a mut [f32],
    c: &'a mut [f32],
    tanh_c: &'a mut [f32],
}

/// A layer's output before and after dropout, when another layer follows.
struct Between<'a> {
    h: &'a mut [f32],
    mask: &'a mut [f32],
    dropped: &'a mut [f32],
}

/// Scratch space of a backward pass.
struct Scratch<'a> {
    /// Carried gradient of the cell state.
    dc: &'a mut [f32],
    /// Gradients of bias, input and recurrent weights, packed.
    d_bias: &'a mut [f32],
    d_input: &'a mut [f32],
    d_recurrent: &'a mut [f32],
}

fn take<'a>(rest: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    let (head, tail) = core::mem::take(rest).split_at_mut(n);
    *rest = tail;
    head
}

impl Lstm {
    pub(crate) fn new(
        input: Shape,
        (hidden, layers): (usize, usize),
        dropout: f32,
        bidirectional: bool,
        isa: InstructionSet,
    ) -> Self {
        let directions = if bidirectional { 2 } else { 1 };
        let gates = GateLayout::lstm(isa, hidden);
        let mut cells: Vec<Cell> = Vec::with_capacity(layers * directions);
        let (mut weights, mut packed) = (0, 0);
        for layer in 0..layers {
            let channels = if layer == 0 { input.channels } else { directions * hidden };
            for direction in 0..directions {
                cells.push(Cell { channels, reverse: direction == 1, weights, packed });
                weights += 4 * hidden * (channels + hidden + 2);
                packed += packed_lens(isa, gates, channels).iter().sum::<usize>();
            }
        }
        Self { time: input.time, hidden, dropout, directions, cells, gates, isa }
    }

    fn layers(&self) -> usize {
        self.cells.len() / self.directions
    }

    /// Channels of a layer's output.
    fn width(&self) -> usize {
        self.directions * self.hidden
    }

    fn drops(&self, layer: usize) -> bool {
        self.dropout > 0.0 && layer + 1 < self.layers()
    }

    /// Gates, cell states with a zero state before the first, tanh of the cell states.
    fn saved_lens(&self, batch: usize) -> [usize; 3] {
        let state = batch * self.gates.state();
        [4 * self.time * state, (self.time + 1) * state, self.time * state]
    }

    /// Output, mask and dropped output between two layers.
    fn between_lens(&self, batch: usize, layer: usize) -> [usize; 3] {
        let sequence = self.time * batch * self.width();
        let dropped = if self.drops(layer) { sequence } else { 0 };
        [if layer + 1 < self.layers() { sequence } else { 0 }, dropped, dropped]
    }

    fn take_saved<'a>(&self, batch: usize, rest: &mut &'a mut [f32]) -> Saved<'a> {
        let [gates, c, tanh_c] = self.saved_lens(batch);
        Saved { gates: take(rest, gates), c: take(rest, c), tanh_c: take(rest, tanh_c) }
    }

    fn take_between<'a>(&self, batch: usize, layer: usize, rest: &mut &'a mut [f32]) -> Between<'a> {
        let [h, mask, dropped] = self.between_lens(batch, layer);
        Between { h: take(rest, h), mask: take(rest, mask), dropped: take(rest, dropped) }
    }

    /// Gates and cell state of a pass that keeps nothing. One row alone has its inputs projected for all steps.
    fn scratch_lens(&self, batch: usize) -> [usize; 2] {
        let gates = if batch == 1 { self.time * self.gates.row() } else { batch * self.gates.panel() };
        [gates, batch * self.gates.state()]
    }

    /// The time step that comes `step`th.
    fn at(&self, cell: &Cell, step: usize) -> usize {
        if cell.reverse { self.time - 1 - step } else { step }
    }

    /// Forward pass of a cell that keeps gates and states; `h` is the layer's output `[time, batch, width]`.
    fn forward_saving(
        &self,
        batch: usize,
        cell: &Cell,
        w: Weights<'_>,
        x: &[f32],
        h: &mut [f32],
        saved: &mut Saved<'_>,
    ) {
        let parts = Parts::of(self, cell, w);
        let (state, gates) = (batch * self.gates.state(), batch * self.gates.row());
        saved.c[..state].fill(0.0);
        for step in 0..self.time {
            let (c_before, c) = saved.c.split_at_mut((step + 1) * state);
            let gates = &mut saved.gates[step * gates..(step + 1) * gates];
            let rows = self.rows(cell, batch, h, step);
            kernel::lstm_forward(
                self.isa,
                &mut Step {
                    rows: batch,
                    channels: cell.channels,
                    hidden: self.hidden,
                    packed: parts.forward,
                    below: FromBelow::Input(self.input(cell, batch, x, step)),
                    h_before: rows.before,
                    gates_stride: batch * self.gates.panel(),
                    gates,
                    c_before: Some(&c_before[step * state..]),
                    c: &mut c[..state],
                    tanh_c: Some(&mut saved.tanh_c[step * state..(step + 1) * state]),
                    h: rows.now,
                    h_stride: self.width(),
                },
            );
        }
    }

    /// Forward pass of a cell that keeps nothing but its output.
    fn forward_only(
        &self,
        batch: usize,
        cell: &Cell,
        w: Weights<'_>,
        x: &[f32],
        h: &mut [f32],
        scratch: [&mut [f32]; 2],
    ) {
        let parts = Parts::of(self, cell, w);
        let [gates, c] = scratch;
        c.fill(0.0);
        let panel = self.gates.panel();
        if batch == 1 {
            let (rows, channels, hidden) = (self.time, cell.channels, self.hidden);
            let projection = &mut Projection { rows, channels, hidden, packed: parts.forward, x, gates };
            kernel::lstm_project(self.isa, projection);
        }
        for step in 0..self.time {
            let at = self.at(cell, step);
            let rows = self.rows(cell, batch, h, step);
            let (below, gates, gates_stride) = match batch {
                1 => (FromBelow::Projected, &mut gates[at * panel..], self.time * panel),
                _ => (FromBelow::Input(self.input(cell, batch, x, step)), &mut *gates, 0),
            };
            kernel::lstm_forward(
                self.isa,
                &mut Step {
                    rows: batch,
                    channels: cell.channels,
                    hidden: self.hidden,
                    packed: parts.forward,
                    below,
                    h_before: rows.before,
                    gates,
                    gates_stride,
                    c_before: None,
                    c,
                    tanh_c: None,
                    h: rows.now,
                    h_stride: self.width(),
                },
            );
        }
    }

    fn input<'a>(&self, cell: &Cell, batch: usize, x: &'a [f32], step: usize) -> &'a [f32] {
        let len = batch * cell.channels;
        &x[self.at(cell, step) * len..][..len]
    }

    /// The cell's rows of the layer's output `[time, batch, width]` at a step and the one before it.
    fn rows<'a>(&self, cell: &Cell, batch: usize, h: &'a mut [f32], step: usize) -> Rows<'a> {
        let (len, offset) = (batch * self.width(), if cell.reverse { self.hidden } else { 0 });
        let at = self.at(cell, step);
        if step == 0 {
            return Rows { before: None, now: &mut h[at * len..][offset..len] };
        }
        if cell.reverse {
            let (now, before) = h.split_at_mut((at + 1) * len);
            Rows { before: Some(&before[offset..len]), now: &mut now[at * len + offset..] }
        } else {
            let (before, now) = h.split_at_mut(at * len);
            Rows { before: Some(&before[(at - 1) * len + offset..]), now: &mut now[offset..len] }
        }
    }

    /// `dh` is the gradient of the layer's output at every step; the part of this cell is overwritten.
    #[allow(clippy::too_many_arguments)]
    fn backward_cell(
        &self,
        batch: usize,
        cell: &Cell,
        w: Weights<'_>,
        x: &[f32],
        h: &[f32],
        saved: &mut Saved<'_>,
        dh: &mut [f32],
        dx: &mut [f32],
        dw: &mut [f32],
        scratch: &mut Scratch<'_>,
    ) {
        let parts = Parts::of(self, cell, w);
        let (state, row) = (batch * self.gates.state(), batch * self.gates.row());
        let (width, hidden, channels) = (self.width(), self.hidden, cell.channels);
        let panel = self.gates.panel();
        let d_input = &mut scratch.d_input[..self.gates.row() * channels];
        scratch.dc.fill(0.0);
        scratch.d_bias.fill(0.0);
        scratch.d_recurrent.fill(0.0);
        d_input.fill(0.0);
        let chunk = (GRADIENT_ROWS / batch).max(1);
        let mut end = self.time;
        for step in (0..self.time).rev() {
            let gates = &mut saved.gates[step * row..(step + 1) * row];
            let rows = self.rows(cell, batch, dh, step);
            kernel::lstm_backward(
                self.isa,
                &mut StepBack {
                    rows: batch,
                    hidden,
                    gates,
                    c_before: &saved.c[step * state..(step + 1) * state],
                    tanh_c: &saved.tanh_c[step * state..(step + 1) * state],
                    dh: rows.now,
                    dh_stride: width,
                    dc: scratch.dc,
                    d_bias: scratch.d_bias,
                },
            );
            let back = |columns, packed, result_stride, start| Product {
                rows: batch,
                columns,
                a: gates,
                row_stride: panel,
                segments: self.gates.groups(),
                segment_stride: batch * panel,
                inner: panel,
                packed,
                packed_inner: self.gates.row(),
                first: 0,
                result_stride,
                start,
            };
            if step > 0 {
                let (len, offset) = (batch * width, if cell.reverse { hidden } else { 0 });
                let before = &mut dh[self.at(cell, step - 1) * len..][offset..len];
                kernel::multiply(self.isa, &back(hidden, parts.recurrent_back, width, Start::Add), before);
            }
            if !dx.is_empty() {
                // The forward direction comes first and replaces what was there.
                let start = if cell.reverse { Start::Add } else { Start::Zero };
                let dx = &mut dx[self.at(cell, step) * batch * channels..][..batch * channels];
                kernel::multiply(self.isa, &back(channels, parts.input_back, channels, start), dx);
            }
            if end - step == chunk || step == 0 {
                let all = &saved.gates[step * row..end * row];
                self.weight_gradients(batch, cell, x, h, (step, end), all, d_input, scratch.d_recurrent);
                end = step;
            }
        }
        let dw = &mut dw[cell.weights..][..4 * hidden * (channels + hidden + 2)];
        let (dw_ih, rest) = dw.split_at_mut(4 * hidden * channels);
        let (dw_hh, rest) = rest.split_at_mut(4 * hidden * hidden);
        let (d_bias_ih, d_bias_hh) = rest.split_at_mut(4 * hidden);
        self.gates.unpack_add(d_input, channels, dw_ih);
        self.gates.unpack_add(scratch.d_recurrent, hidden, dw_hh);
        // The two biases always have the same gradient; both are kept because PyTorch keeps both.
        self.gates.unpack_add(scratch.d_bias, 1, d_bias_ih);
        self.gates.unpack_add(scratch.d_bias, 1, d_bias_hh);
    }

    /// Adds the weight gradients of the steps `from..end`, whose gates' gradients are `dz`.
    #[allow(clippy::too_many_arguments)]
    fn weight_gradients(
        &self,
        batch: usize,
        cell: &Cell,
        x: &[f32],
        h: &[f32],
        (from, end): (usize, usize),
        dz: &[f32],
        d_input: &mut [f32],
        d_recurrent: &mut [f32],
    ) {
        let (channels, hidden, width) = (cell.channels, self.hidden, self.width());
        let add =
            |inner: usize, a: &[f32], a_row: usize, (first, steps): (usize, usize), dz, dw: &mut [f32]| {
                // In reverse, time runs against the steps: one by one.
                let (calls, steps) = if cell.reverse { (steps, 1) } else { (1, steps) };
                let row = batch * self.gates.row();
                let dz: &[f32] = dz;
                for call in 0..calls {
                    let at = self.at(cell, first + call);
                    let a = &a[at * batch * a_row..];
                    let dz = &dz[call * row..(call + steps) * row];
                    let gradient = &mut GateGradient {
                        rows: batch,
                        steps,
                        inner,
                        a,
                        a_row,
                        a_step: batch * a_row,
                        dz,
                        dw,
                        hidden,
                    };
                    kernel::lstm_weight_gradient(self.isa, gradient);
                }
            };
        add(channels, x, channels, (from, end - from), dz, d_input);
        // The first step has no state before it.
        let first = from.max(1);
        if first < end {
            let offset = if cell.reverse { hidden } else { 0 };
            let dz = &dz[(first - from) * batch * self.gates.row()..];
            add(hidden, &h[offset..], width, (first - 1, end - first), dz, d_recurrent);
        }
    }
}

/// Rows of a layer's output.
struct Rows<'a> {
    before: Option<&'a [f32]>,
    now: &'a mut [f32],
}

/// Packed lengths: all weights for the forward pass, input and recurrent weights for the backward pass.
fn packed_lens(isa: InstructionSet, gates: GateLayout, channels: usize) -> [usize; 3] {
    [
        gates.row() * (1 + channels + gates.hidden),
        kernel::packed_len(isa, gates.row(), channels),
        kernel::packed_len(isa, gates.row(), gates.hidden),
    ]
}

/// The weights of one cell, as the kernels read them.
struct Parts<'a> {
    forward: &'a [f32],
    input_back: &'a [f32],
    recurrent_back: &'a [f32],
}

impl<'a> Parts<'a> {
    fn of(lstm: &Lstm, cell: &Cell, w: Weights<'a>) -> Self {
        let [a, b, c] = packed_lens(lstm.isa, lstm.gates, cell.channels);
        let (forward, rest) = w.packed[cell.packed..].split_at(a);
        let (input_back, rest) = rest.split_at(b);
        Self { forward, input_back, recurrent_back: &rest[..c] }
    }
}

impl Layer for Lstm {
    fn output(&self) -> Shape {
        Shape { time: self.time, channels: self.width() }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let gates = 4 * self.hidden;
        let mut specs = Vec::with_capacity(4 * self.cells.len());
        for (index, cell) in self.cells.iter().enumerate() {
            let layer = index / self.directions;
            let suffix = if cell.reverse { "_reverse" } else { "" };
            let mut add = |name: &str, shape: &[usize], initial| {
                specs.push(ParameterSpec {
                    name: format!("{name}_l{layer}{suffix}"),
                    shape: shape.to_vec(),
                    initial,
                    role: if shape.len() > 1 { Role::Weight } else { Role::Bias },
                });
            };
            let glorot = Initial::GlorotUniform { fan_in: cell.channels, fan_out: gates };
            add("weight_ih", &[gates, cell.channels], glorot);
            add("weight_hh", &[gates, self.hidden], Initial::OrthogonalBlocks { size: self.hidden });
            add("bias_ih", &[gates], Initial::ForgetGateOne { hidden: self.hidden });
            add("bias_hh", &[gates], Initial::Zero);
        }
        specs
    }

    fn packed_len(&self) -> usize {
        self.cells.iter().map(|c| packed_lens(self.isa, self.gates, c.channels).iter().sum::<usize>()).sum()
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (hidden, gates) = (self.hidden, 4 * self.hidden);
        for cell in &self.cells {
            let channels = cell.channels;
            let rows = 1 + channels + hidden;
            let (w_ih, rest) = w[cell.weights..].split_at(gates * channels);
            let (w_hh, rest) = rest.split_at(gates * hidden);
            let (bias_ih, bias_hh) = rest[..2 * gates].split_at(gates);
            let [a, b, c] = packed_lens(self.isa, self.gates, channels);
            let (forward, rest) = packed[cell.packed..].split_at_mut(a);
            let (input_back, rest) = rest.split_at_mut(b);
            let layout = self.gates;
            layout.pack(bias_ih, 1, forward, (rows, 0), &FACTORS);
            layout.pack_add(bias_hh, forward, rows, &FACTORS);
            layout.pack(w_ih, channels, forward, (rows, 1), &FACTORS);
            layout.pack(w_hh, hidden, forward, (rows, 1 + channels), &FACTORS);
            layout.pack_back(w_ih, channels, input_back);
            layout.pack_back(w_hh, hidden, &mut rest[..c]);
        }
    }

    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        let between: usize =
            (0..self.layers()).map(|layer| self.between_lens(batch, layer).iter().sum::<usize>()).sum();
        if !keep {
            return between + self.scratch_lens(batch).iter().sum::<usize>();
        }
        let saved = self.cells.len() * self.saved_lens(batch).iter().sum::<usize>();
        let gradient = if self.layers() > 1 { self.time * batch * self.width() } else { 0 };
        let widest = self.cells.iter().map(|c| c.channels).max().unwrap_or(0);
        let scratch = batch * self.gates.state() + self.gates.row() * (1 + widest + self.hidden);
        between + saved + gradient + scratch
    }

    /// Gates as scratch space, then for each layer its state before, its state and its cell state.
    fn stream_len(&self) -> Option<usize> {
        let layer = 2 * self.hidden + self.gates.state();
        (self.directions == 1).then_some(self.gates.row() + self.cells.len() * layer)
    }

    fn stream(&self, w: Weights<'_>, x: &[f32], y: &mut [f32], state: &mut [f32]) {
        let (gates, mut states) = state.split_at_mut(self.gates.row());
        let mut below = x;
        for cell in &self.cells {
            let (h_before, rest) = core::mem::take(&mut states).split_at_mut(self.hidden);
            let (h, rest) = rest.split_at_mut(self.hidden);
            let (c, rest) = rest.split_at_mut(self.gates.state());
            states = rest;
            h_before.copy_from_slice(h);
            kernel::lstm_forward(
                self.isa,
                &mut Step {
                    rows: 1,
                    channels: cell.channels,
                    hidden: self.hidden,
                    packed: Parts::of(self, cell, w).forward,
                    below: FromBelow::Input(below),
                    h_before: Some(h_before),
                    gates_stride: self.gates.panel(),
                    gates,
                    c_before: None,
                    c,
                    tanh_c: None,
                    h: &mut *h,
                    h_stride: self.hidden,
                },
            );
            below = h;
        }
        y.copy_from_slice(below);
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        let mut rest = workspace;
        let mut random = pass.mode.random(pass.index as u64);
        let mut below: &[f32] = x;
        for (layer, cells) in self.cells.chunks_exact(self.directions).enumerate() {
            let Between { h, mask, dropped } = self.take_between(pass.batch, layer, &mut rest);
            let last = layer + 1 == self.layers();
            let out = if last { &mut *y } else { &mut *h };
            for cell in cells {
                if pass.keep {
                    let mut saved = self.take_saved(pass.batch, &mut rest);
                    self.forward_saving(pass.batch, cell, w, below, out, &mut saved);
                } else {
                    let [gates, c] = self.scratch_lens(pass.batch);
                    // At the end of the workspace, where every layer finds it.
                    let start = rest.len() - gates - c;
                    let (gates, c) = rest[start..].split_at_mut(gates);
                    self.forward_only(pass.batch, cell, w, below, out, [gates, c]);
                }
            }
            below = match &mut random {
                _ if last => return,
                Some(random) if self.drops(layer) => {
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
        let (batch, layers) = (pass.batch, self.layers());
        let mut rest = workspace;
        let mut between = Vec::with_capacity(layers);
        let mut saved = Vec::with_capacity(self.cells.len());
        for layer in 0..layers {
            between.push(self.take_between(batch, layer, &mut rest));
            saved.extend((0..self.directions).map(|_| self.take_saved(batch, &mut rest)));
        }
        let gradient = if layers > 1 { take(&mut rest, self.time * batch * self.width()) } else { &mut [] };
        let widest = self.cells.iter().map(|c| c.channels).max().unwrap_or(0);
        let mut scratch = Scratch {
            dc: take(&mut rest, batch * self.gates.state()),
            d_bias: take(&mut rest, self.gates.row()),
            d_recurrent: take(&mut rest, self.gates.row() * self.hidden),
            d_input: take(&mut rest, self.gates.row() * widest),
        };
        // Gradients of neighbouring layers' outputs alternate between `dy` and the workspace.
        let (mut upper, mut lower): (&mut [f32], &mut [f32]) = (dy, gradient);
        for layer in (0..layers).rev() {
            let dropped = layer > 0 && self.drops(layer - 1) && pass.mode != Mode::Inference;
            let input: &[f32] = match layer {
                0 => x,
                _ if dropped => between[layer - 1].dropped,
                _ => between[layer - 1].h,
            };
            let h: &[f32] = if layer + 1 == layers { y } else { between[layer].h };
            let d_input: &mut [f32] = if layer == 0 { &mut *dx } else { &mut *lower };
            for direction in 0..self.directions {
                let index = layer * self.directions + direction;
                let (cell, saved) = (&self.cells[index], &mut saved[index]);
                self.backward_cell(batch, cell, w, input, h, saved, upper, d_input, dw, &mut scratch);
            }
            if dropped {
                lower.iter_mut().zip(between[layer - 1].mask.iter()).for_each(|(d, m)| *d *= m);
            }
            core::mem::swap(&mut upper, &mut lower);
        }
    }
}
