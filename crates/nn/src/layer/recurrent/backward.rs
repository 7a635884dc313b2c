//! Back through time.

use super::buffers::Scratch;
use super::{BackwardWeights, Cell, CellKind, Recurrent};
use crate::kernel::recurrent::{GateGradient, StepBack, transposed_len};
use crate::kernel::{self, Product, Side, Start};
use crate::layer::Weights;

/// What a cell's forward pass read and left.
pub(super) struct Through<'a> {
    pub batch: usize,
    /// Input `[time, batch, channels]`.
    pub x: &'a [f32],
    /// The layer's output `[time, batch, width]`.
    pub h: &'a [f32],
    /// Activations, cell states and their tanh.
    pub saved: [&'a [f32]; 3],
}

/// Some steps of a cell, whose gradients of the slots have been collected in the order of time.
struct Chunk {
    from: usize,
    end: usize,
    /// Distance between groups.
    stride: usize,
}

impl Recurrent {
    /// From the gradient `dh` of the layer's output: adds to `dw`; writes `dx` (adds to it in reverse, which comes
    /// second) unless it is empty.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn backward_cell(
        &self,
        cell: &Cell,
        w: Weights<'_>,
        through: &Through<'_>,
        dh: &mut [f32],
        dx: &mut [f32],
        dw: &mut [f32],
        scratch: &mut Scratch<'_>,
    ) {
        let weights = self.backward_weights(cell, w);
        let (batch, panel) = (through.batch, self.gates.panel());
        let d_input_len = self.gates.reached() * cell.channels;
        scratch.dc.fill(0.0);
        scratch.d_bias.fill(0.0);
        scratch.d_recurrent.fill(0.0);
        scratch.d_input[..d_input_len].fill(0.0);
        let mut end = self.time;
        while end > 0 {
            let from = end - self.chunk(batch).min(end);
            let chunk = Chunk { from, end, stride: (end - from) * batch * panel };
            for step in (from..end).rev() {
                self.step_back(cell, &weights, through, &chunk, step, dh, scratch);
            }
            self.input_gradient(cell, &weights, &chunk, batch, scratch.d_slots, dx);
            self.weight_gradients(cell, &chunk, through, scratch);
            end = from;
        }
        let gates = self.gates.gates() * self.hidden;
        let (dw_ih, rest) = dw[cell.weights..].split_at_mut(gates * cell.channels);
        let (dw_hh, rest) = rest.split_at_mut(gates * self.hidden);
        let (d_bias_ih, rest) = rest.split_at_mut(gates);
        self.gates.unpack_add(Side::Input, &scratch.d_input[..d_input_len], cell.channels, dw_ih);
        self.gates.unpack_add(Side::State, scratch.d_recurrent, self.hidden, dw_hh);
        self.gates.unpack_bias(scratch.d_bias, [d_bias_ih, &mut rest[..gates]]);
    }

    /// Where a step's gradients lie in its chunk: in the order of time.
    fn place(cell: &Cell, chunk: &Chunk, step: usize) -> usize {
        if cell.reverse { chunk.end - 1 - step } else { step - chunk.from }
    }

    /// The product of slot gradients with the weights of one side.
    fn back<'a>(
        &self,
        side: Side,
        (rows, columns, result_stride): (usize, usize, usize),
        (d_slots, segment_stride): (&'a [f32], usize),
        packed: &'a [f32],
        start: Start<'a>,
    ) -> Product<'a> {
        Product {
            rows,
            columns,
            a: &d_slots[self.first_slot(side) * self.gates.lanes..],
            row_stride: self.gates.panel(),
            segments: self.gates.groups(),
            segment_stride,
            inner: self.gates.kind.vectors * self.gates.lanes,
            packed,
            packed_inner: self.gates.reached(),
            first: 0,
            result_stride,
            start,
        }
    }

    fn first_slot(&self, side: Side) -> usize {
        match side {
            Side::Input => 0,
            Side::State => self.gates.kind.first_of_state,
        }
    }

    /// Through the cells of one time step, and to the state before.
    #[allow(clippy::too_many_arguments)]
    fn step_back(
        &self,
        cell: &Cell,
        weights: &BackwardWeights<'_>,
        through: &Through<'_>,
        chunk: &Chunk,
        step: usize,
        dh: &mut [f32],
        scratch: &mut Scratch<'_>,
    ) {
        let (batch, width, [slots, c, tanh_c]) = (through.batch, self.width(), through.saved);
        let (state, row) = (scratch.dc.len(), batch * self.gates.row());
        let d_slots = &mut scratch.d_slots[Self::place(cell, chunk, step) * batch * self.gates.panel()..];
        let mut rows = self.rows(cell, batch, dh, step);
        let mut back = StepBack {
            rows: batch,
            hidden: self.hidden,
            saved: &slots[step * row..][..row],
            d_slots,
            d_slots_stride: chunk.stride,
            c_before: &c[step * state..][..state],
            tanh_c: &tanh_c[step * state..][..state],
            dc: &mut *scratch.dc,
            h_before: None,
            dh_before: None,
            dh: rows.now,
            dh_stride: width,
            d_bias: &mut *scratch.d_bias,
        };
        match self.kind {
            CellKind::Lstm => kernel::lstm_backward(self.isa, &mut back),
            CellKind::Gru => {
                if step > 0 {
                    let (len, before) = (batch * width, self.at(cell, step - 1));
                    back.h_before = Some(&through.h[before * len..][self.offset(cell)..len]);
                    back.dh_before = rows.before.as_deref_mut();
                }
                kernel::gru_backward(self.isa, &mut back);
            }
        }
        if let Some(before) = rows.before {
            let shape = (batch, self.hidden, width);
            let product =
                self.back(Side::State, shape, (d_slots, chunk.stride), weights.recurrent, Start::Add);
            kernel::multiply(self.isa, &product, before);
        }
    }

    fn input_gradient(
        &self,
        cell: &Cell,
        weights: &BackwardWeights<'_>,
        chunk: &Chunk,
        batch: usize,
        d_slots: &[f32],
        dx: &mut [f32],
    ) {
        if dx.is_empty() {
            return;
        }
        let (rows, channels) = ((chunk.end - chunk.from) * batch, cell.channels);
        let start = if cell.reverse { Start::Add } else { Start::Zero };
        let dx = &mut dx[self.first_time(cell, chunk) * batch * channels..][..rows * channels];
        let shape = (rows, channels, channels);
        let product = self.back(Side::Input, shape, (d_slots, chunk.stride), weights.input, start);
        kernel::multiply(self.isa, &product, dx);
    }

    fn first_time(&self, cell: &Cell, chunk: &Chunk) -> usize {
        if cell.reverse { self.time - chunk.end } else { chunk.from }
    }

    /// Adds the gradients of the weights from a chunk.
    fn weight_gradients(&self, cell: &Cell, chunk: &Chunk, through: &Through<'_>, scratch: &mut Scratch<'_>) {
        let (batch, channels, hidden, width) = (through.batch, cell.channels, self.hidden, self.width());
        let (steps, time) = (chunk.end - chunk.from, self.first_time(cell, chunk));
        let vectors = self.gates.kind.vectors;
        let mut add = |side, steps, a: &[f32], (inner, a_row), d_slots: &[f32], dw: &mut [f32]| {
            let rows = steps * batch;
            let transposed = &mut scratch.transposed[..transposed_len(rows, inner)];
            let gradient = &mut GateGradient {
                rows,
                inner,
                a,
                a_row,
                d_slots,
                d_slots_stride: chunk.stride,
                slots: (self.first_slot(side), vectors),
                dw,
                hidden,
                transposed,
            };
            kernel::recurrent_weight_gradient(self.isa, gradient);
        };
        let d_input = &mut scratch.d_input[..self.gates.reached() * channels];
        let x = &through.x[time * batch * channels..];
        add(Side::Input, steps, x, (channels, channels), scratch.d_slots, d_input);
        // The first step has no state before it. In the order of time it is the first place, or the last in reverse.
        let skipped = usize::from(chunk.from == 0);
        if steps > skipped {
            let (place, state) = if cell.reverse { (0, time + 1) } else { (skipped, time + skipped - 1) };
            let h = &through.h[state * batch * width + self.offset(cell)..];
            let d_slots = &scratch.d_slots[place * batch * self.gates.panel()..];
            add(Side::State, steps - skipped, h, (hidden, width), d_slots, scratch.d_recurrent);
        }
    }
}
