//! Stacked recurrent layers, LSTM or GRU, one or both directions.
//!
//! Forwards, each time step is one fused kernel: products of input and state, gates, cell. Backwards, each step is
//! the cell, then the product back to the state before; every few steps, while the gradients of their gates are in
//! cache, come the product back to the inputs and the gradients of the weights.

mod backward;
mod buffers;
mod forward;

use super::dropout::{apply, draw_mask};
use super::{BackwardPass, Initial, Layer, Mode, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, GateLayout, Side};
use crate::{InstructionSet, Shape};
use alloc::format;
use alloc::vec::Vec;
use buffers::{Between, take};

/// The kind of cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// Gates i, f, g, o and a cell state.
    Lstm,
    /// Gates r, z, n.
    Gru,
}

/// `layers` layers of width `hidden`, zero initial state, dropout between the layers.
///
/// Parameters per layer, as in PyTorch, gates in the order i, f, g, o or r, z, n:
/// `weight_ih_l{k} [gates * hidden, in]`, `weight_hh_l{k} [gates * hidden, hidden]`, `bias_ih_l{k} [gates * hidden]`,
/// `bias_hh_l{k} [gates * hidden]`, and the same with `_reverse` for the other direction. The output of both directions
/// is `[forward, reverse]`.
#[derive(Debug)]
pub(crate) struct Recurrent {
    kind: CellKind,
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
    packed_backward: usize,
}

impl Recurrent {
    pub(crate) fn new(
        kind: CellKind,
        input: Shape,
        (hidden, layers): (usize, usize),
        dropout: f32,
        bidirectional: bool,
        isa: InstructionSet,
    ) -> Self {
        let directions = if bidirectional { 2 } else { 1 };
        let layout = match kind {
            CellKind::Lstm => &kernel::LSTM,
            CellKind::Gru => &kernel::GRU,
        };
        let gates = GateLayout::new(layout, isa, hidden);
        let mut cells: Vec<Cell> = Vec::with_capacity(layers * directions);
        let (mut weights, mut packed, mut packed_backward) = (0, 0, 0);
        for layer in 0..layers {
            let channels = if layer == 0 { input.channels } else { directions * hidden };
            for direction in 0..directions {
                cells.push(Cell { channels, reverse: direction == 1, weights, packed, packed_backward });
                weights += gates.gates() * hidden * (channels + hidden + 2);
                packed += gates.forward_len(channels);
                packed_backward += backward_lens(isa, gates, channels).iter().sum::<usize>();
            }
        }
        Self { kind, time: input.time, hidden, dropout, directions, cells, gates, isa }
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

    /// The time step that comes `step`th.
    fn at(&self, cell: &Cell, step: usize) -> usize {
        if cell.reverse { self.time - 1 - step } else { step }
    }

    /// First channel of a cell in its layer's output.
    fn offset(&self, cell: &Cell) -> usize {
        if cell.reverse { self.hidden } else { 0 }
    }

    /// The cell's rows of the layer's output (or of its gradient) `[time, batch, width]` at a step, and those of the
    /// step before.
    fn rows<'a>(&self, cell: &Cell, batch: usize, h: &'a mut [f32], step: usize) -> Rows<'a> {
        let (len, offset) = (batch * self.width(), self.offset(cell));
        let at = self.at(cell, step);
        if step == 0 {
            return Rows { before: None, now: &mut h[at * len..][offset..len] };
        }
        let (first, second) = h.split_at_mut(at.max(self.at(cell, step - 1)) * len);
        let last = first.len() - len;
        let (earlier, later) = (&mut first[last..][offset..len], &mut second[..len][offset..len]);
        if cell.reverse {
            Rows { before: Some(later), now: earlier }
        } else {
            Rows { before: Some(earlier), now: later }
        }
    }

    /// A cell's parameters one after the other: input and recurrent weights, both biases.
    fn split<'a>(&self, cell: &Cell, w: &'a [f32]) -> [&'a [f32]; 4] {
        let gates = self.gates.gates() * self.hidden;
        let (w_ih, rest) = w[cell.weights..].split_at(gates * cell.channels);
        let (w_hh, rest) = rest.split_at(gates * self.hidden);
        let (bias_ih, rest) = rest.split_at(gates);
        [w_ih, w_hh, bias_ih, &rest[..gates]]
    }

    /// A cell's weights as the forward pass reads them.
    fn forward_weights<'a>(&self, cell: &Cell, w: Weights<'a>) -> &'a [f32] {
        &w.packed[cell.packed..][..self.gates.forward_len(cell.channels)]
    }

    fn backward_weights<'a>(&self, cell: &Cell, w: Weights<'a>) -> BackwardWeights<'a> {
        let [input_len, recurrent_len] = backward_lens(self.isa, self.gates, cell.channels);
        let (input, rest) = w.packed_backward[cell.packed_backward..].split_at(input_len);
        BackwardWeights { input, recurrent: &rest[..recurrent_len] }
    }
}

/// Rows of a layer's output.
struct Rows<'a> {
    before: Option<&'a mut [f32]>,
    now: &'a mut [f32],
}

/// Lengths of a cell's input and recurrent weights, packed for the backward pass.
fn backward_lens(isa: InstructionSet, gates: GateLayout, channels: usize) -> [usize; 2] {
    [channels, gates.hidden].map(|columns| kernel::packed_len(isa, gates.reached(), columns))
}

/// The weights of one cell, packed for the backward pass.
struct BackwardWeights<'a> {
    input: &'a [f32],
    recurrent: &'a [f32],
}

impl Layer for Recurrent {
    fn output(&self) -> Shape {
        Shape { time: self.time, channels: self.width() }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let gates = self.gates.gates() * self.hidden;
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
            let bias = match self.kind {
                CellKind::Lstm => Initial::ForgetGateOne { hidden: self.hidden },
                CellKind::Gru => Initial::Zero,
            };
            add("bias_ih", &[gates], bias);
            add("bias_hh", &[gates], Initial::Zero);
        }
        specs
    }

    fn packed_len(&self) -> usize {
        self.cells.iter().map(|c| self.gates.forward_len(c.channels)).sum()
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        for cell in &self.cells {
            let len = self.gates.forward_len(cell.channels);
            self.gates.pack(cell.channels, self.split(cell, w), &mut packed[cell.packed..][..len]);
        }
    }

    fn packed_backward_len(&self) -> usize {
        let lens = self.cells.iter().flat_map(|c| backward_lens(self.isa, self.gates, c.channels));
        lens.sum()
    }

    fn pack_backward(&self, w: &[f32], packed: &mut [f32]) {
        for cell in &self.cells {
            let [w_ih, w_hh, ..] = self.split(cell, w);
            let [input_len, recurrent_len] = backward_lens(self.isa, self.gates, cell.channels);
            let (input, rest) = packed[cell.packed_backward..].split_at_mut(input_len);
            self.gates.pack_back(Side::Input, w_ih, cell.channels, input);
            self.gates.pack_back(Side::State, w_hh, self.hidden, &mut rest[..recurrent_len]);
        }
    }

    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        // Passes of fewer examples run in it too, and a single one needs more slots than a few.
        let [several, one] = [batch, 1].map(|b| self.forward_lens(b).iter().sum::<usize>());
        let forward = several.max(one);
        if keep {
            let backward = self.backward_lens(batch).iter().sum();
            return self.kept_start(batch, self.layers()) + forward.max(backward);
        }
        let between = (0..self.layers()).map(|layer| self.between_lens(batch, layer).iter().sum::<usize>());
        between.sum::<usize>() + forward
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
                let saved = pass.keep.then(|| self.take_saved(pass.batch, &mut rest));
                let [slots, c] = self.forward_lens(pass.batch);
                // At the end of the workspace, where every layer finds it.
                let scratch = rest.len() - slots - c;
                let (slots, c) = rest[scratch..].split_at_mut(slots);
                self.forward_cell(pass.batch, cell, w, below, out, saved, [slots, c]);
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

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, y, dy, dx, dw, workspace } = back;
        let (batch, layers) = (pass.batch, self.layers());
        let (kept, mut rest) = workspace.split_at_mut(self.kept_start(batch, layers));
        let kept = |layer| self.kept(batch, layer, kept);
        let lens = self.backward_lens(batch);
        let gradient = take(&mut rest, lens[0]);
        let mut scratch = buffers::Scratch::new(&lens[1..], &mut rest);
        // Gradients of neighbouring layers' outputs alternate between `dy` and the workspace.
        let (mut upper, mut lower): (&mut [f32], &mut [f32]) = (dy, gradient);
        for layer in (0..layers).rev() {
            let dropped = layer > 0 && self.drops(layer - 1) && pass.mode != Mode::Inference;
            let x: &[f32] = match layer {
                0 => x,
                _ if dropped => kept(layer - 1).dropped,
                _ => kept(layer - 1).h,
            };
            let own = kept(layer);
            let h: &[f32] = if layer + 1 == layers { y } else { own.h };
            let dx: &mut [f32] = if layer == 0 { &mut *dx } else { &mut *lower };
            for direction in 0..self.directions {
                let cell = &self.cells[layer * self.directions + direction];
                let through = backward::Through { batch, x, h, saved: own.saved(self, batch, direction) };
                self.backward_cell(cell, w, &through, upper, dx, dw, &mut scratch);
            }
            if dropped {
                lower.iter_mut().zip(kept(layer - 1).mask).for_each(|(d, m)| *d *= m);
            }
            core::mem::swap(&mut upper, &mut lower);
        }
    }
}
