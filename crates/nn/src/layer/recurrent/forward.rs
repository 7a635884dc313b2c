//! Through time, window by window or sample by sample.

use super::buffers::Saved;
use super::{Cell, CellKind, Recurrent};
use crate::kernel;
use crate::kernel::recurrent::{FromBelow, Projection, Step};
use crate::layer::Weights;

impl Recurrent {
    fn step(&self, step: &mut Step<'_>) {
        match self.kind {
            CellKind::Lstm => kernel::lstm_forward(self.isa, step),
            CellKind::Gru => kernel::gru_forward(self.isa, step),
        }
    }

    /// Forward pass of a cell; `h` is the layer's output `[time, batch, width]`. What `backward` needs is left in
    /// `saved`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn forward_cell(
        &self,
        batch: usize,
        cell: &Cell,
        w: Weights<'_>,
        x: &[f32],
        h: &mut [f32],
        mut saved: Option<Saved<'_>>,
        [slots, c]: [&mut [f32]; 2],
    ) {
        let packed = self.forward_weights(cell, w);
        let (channels, hidden, panel) = (cell.channels, self.hidden, self.gates.panel());
        let (state, row) = (c.len(), batch * self.gates.row());
        match &mut saved {
            Some(saved) => saved.c[..state].fill(0.0),
            None => c.fill(0.0),
        }
        if batch == 1 {
            let vectors = self.gates.kind.vectors;
            let projection =
                &mut Projection { rows: self.time, channels, hidden, vectors, packed, x, slots: &mut *slots };
            kernel::recurrent_project(self.isa, projection);
        }
        for step in 0..self.time {
            let at = self.at(cell, step);
            let rows = self.rows(cell, batch, h, step);
            let (below, slots, slots_stride) = match batch {
                1 => (FromBelow::Projected, &mut slots[at * panel..], self.time * panel),
                _ => {
                    let len = batch * channels;
                    (FromBelow::Input(&x[at * len..][..len]), &mut *slots, 0)
                }
            };
            let (saved, c_before, c, tanh_c) = match &mut saved {
                Some(Saved { slots, c, tanh_c }) => {
                    let slots = &mut slots[step * row..][..row];
                    let tanh_c = &mut tanh_c[step * state..][..state];
                    // A GRU has no such state: the slices are empty.
                    let (before, now) = c.split_at_mut(if state == 0 { 0 } else { (step + 1) * state });
                    let before = &before[before.len() - state..];
                    (Some(slots), Some(before), &mut now[..state], Some(tanh_c))
                }
                None => (None, None, &mut *c, None),
            };
            self.step(&mut Step {
                rows: batch,
                channels,
                hidden,
                packed,
                below,
                h_before: rows.before.map(|h| &*h),
                slots,
                slots_stride,
                backwards: step % 2 == 1,
                saved,
                c_before,
                c,
                tanh_c,
                h: rows.now,
                h_stride: self.width(),
            });
        }
    }
}
