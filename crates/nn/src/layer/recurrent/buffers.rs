//! Where a recurrent layer keeps what in its workspace.

use super::{CellKind, Recurrent};
use crate::kernel::recurrent::transposed_len;

/// Rows (batch times time steps) whose gate gradients are collected before they go on to inputs and weights: they stay
/// in L2, one group's in L1, and the traffic of the weights and their gradients is spread over as many sums.
const CHUNK_ROWS: usize = 64;

/// What one cell keeps for `backward`.
pub(super) struct Saved<'a> {
    /// Activations `[time][group][row][slot][lane]`.
    pub slots: &'a mut [f32],
    /// LSTM: cell states, a zero state before the first.
    pub c: &'a mut [f32],
    /// LSTM: tanh of the cell states.
    pub tanh_c: &'a mut [f32],
}

/// What one layer has left for `backward`.
#[derive(Clone, Copy)]
pub(super) struct Kept<'a> {
    pub h: &'a [f32],
    pub mask: &'a [f32],
    pub dropped: &'a [f32],
    /// What each direction has saved.
    directions: &'a [f32],
}

impl<'a> Kept<'a> {
    /// Activations, cell states and their tanh of one direction.
    pub(super) fn saved(self, layer: &Recurrent, batch: usize, direction: usize) -> [&'a [f32]; 3] {
        let lens = layer.saved_lens(batch);
        split(&self.directions[direction * lens.iter().sum::<usize>()..], lens)
    }
}

/// The first values, in parts of these lengths.
fn split<const N: usize>(values: &[f32], lens: [usize; N]) -> [&[f32]; N] {
    let mut at = 0;
    lens.map(|len| {
        at += len;
        &values[at - len..at]
    })
}

/// A layer's output before and after dropout, when another layer follows.
pub(super) struct Between<'a> {
    pub h: &'a mut [f32],
    pub mask: &'a mut [f32],
    pub dropped: &'a mut [f32],
}

/// Scratch space of a backward pass.
pub(super) struct Scratch<'a> {
    /// LSTM: carried gradient of the cell state.
    pub dc: &'a mut [f32],
    /// Gradients of bias, recurrent and input weights, packed.
    pub d_bias: &'a mut [f32],
    pub d_recurrent: &'a mut [f32],
    pub d_input: &'a mut [f32],
    /// Gradients of a chunk's slots `[group][row][slot][lane]`.
    pub d_slots: &'a mut [f32],
    /// For the weight gradients.
    pub transposed: &'a mut [f32],
}

impl<'a> Scratch<'a> {
    /// In the order of [`Recurrent::backward_lens`] behind its first.
    pub(super) fn new(lens: &[usize], rest: &mut &'a mut [f32]) -> Self {
        Self {
            dc: take(rest, lens[0]),
            d_bias: take(rest, lens[1]),
            d_recurrent: take(rest, lens[2]),
            d_input: take(rest, lens[3]),
            d_slots: take(rest, lens[4]),
            transposed: take(rest, lens[5]),
        }
    }
}

pub(super) fn take<'a>(rest: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    let (head, tail) = core::mem::take(rest).split_at_mut(n);
    *rest = tail;
    head
}

impl Recurrent {
    /// Time steps of a chunk of the backward pass.
    pub(super) fn chunk(&self, batch: usize) -> usize {
        (CHUNK_ROWS / batch).clamp(1, self.time)
    }

    fn memory(&self, batch: usize) -> usize {
        match self.kind {
            CellKind::Lstm => batch * self.gates.state(),
            CellKind::Gru => 0,
        }
    }

    /// Activations, cell states, tanh of the cell states.
    pub(super) fn saved_lens(&self, batch: usize) -> [usize; 3] {
        let memory = self.memory(batch);
        let after_zero = if memory == 0 { 0 } else { (self.time + 1) * memory };
        [self.time * batch * self.gates.row(), after_zero, self.time * memory]
    }

    /// Output, mask and dropped output between two layers.
    pub(super) fn between_lens(&self, batch: usize, layer: usize) -> [usize; 3] {
        let sequence = self.time * batch * self.width();
        let dropped = if self.drops(layer) { sequence } else { 0 };
        [if layer + 1 < self.layers() { sequence } else { 0 }, dropped, dropped]
    }

    /// Slots and cell state of a forward pass. One row alone has its inputs projected for all steps.
    pub(super) fn forward_lens(&self, batch: usize) -> [usize; 2] {
        let slots = if batch == 1 { self.time * self.gates.row() } else { batch * self.gates.panel() };
        [slots, self.memory(batch)]
    }

    /// Gradient of the output between two layers, then the parts of [`Scratch`].
    pub(super) fn backward_lens(&self, batch: usize) -> [usize; 7] {
        let widest = self.cells.iter().map(|c| c.channels).max().unwrap_or(0);
        // At least those of a chunk of any smaller batch.
        let rows = CHUNK_ROWS.max(batch).min(self.time * batch);
        [
            if self.layers() > 1 { self.time * batch * self.width() } else { 0 },
            self.memory(batch),
            self.gates.row(),
            self.gates.reached() * self.hidden,
            self.gates.reached() * widest,
            rows * self.gates.row(),
            transposed_len(rows, widest.max(self.hidden)),
        ]
    }

    /// Where in a workspace that keeps what `backward` needs a layer begins.
    pub(super) fn kept_start(&self, batch: usize, layer: usize) -> usize {
        let saved = self.directions * self.saved_lens(batch).iter().sum::<usize>();
        (0..layer).map(|below| self.between_lens(batch, below).iter().sum::<usize>() + saved).sum()
    }

    pub(super) fn kept<'a>(&self, batch: usize, layer: usize, workspace: &'a [f32]) -> Kept<'a> {
        let from = &workspace[self.kept_start(batch, layer)..];
        let lens = self.between_lens(batch, layer);
        let [h, mask, dropped] = split(from, lens);
        Kept { h, mask, dropped, directions: &from[lens.iter().sum()..] }
    }

    pub(super) fn take_saved<'a>(&self, batch: usize, rest: &mut &'a mut [f32]) -> Saved<'a> {
        let [slots, c, tanh_c] = self.saved_lens(batch);
        Saved { slots: take(rest, slots), c: take(rest, c), tanh_c: take(rest, tanh_c) }
    }

    pub(super) fn take_between<'a>(
        &self,
        batch: usize,
        layer: usize,
        rest: &mut &'a mut [f32],
    ) -> Between<'a> {
        let [h, mask, dropped] = self.between_lens(batch, layer);
        Between { h: take(rest, h), mask: take(rest, mask), dropped: take(rest, dropped) }
    }
}
