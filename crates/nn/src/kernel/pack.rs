//! Weights as the kernels read them, and gradients back in PyTorch's layout.

use super::InstructionSet;
use super::gru::GRU_VECTORS;
use super::product::VECTORS;
use super::recurrent::{SLOTS, group_len};

/// Values a matrix `[inner, columns]` takes when packed by [`pack`].
#[must_use]
pub(crate) fn packed_len(isa: InstructionSet, inner: usize, columns: usize) -> usize {
    let panel = VECTORS * isa.lanes();
    columns.div_ceil(panel) * panel * inner
}

/// Packs `b [inner, columns]`, whose element `(k, j)` is `b[k * row_stride + j * column_stride]`, into panels of two
/// vectors of columns, the last filled up with zeros; transposes are a matter of strides.
///
/// # Panics
/// When `packed` is not [`packed_len`] long or `b` is too short.
pub(crate) fn pack(
    isa: InstructionSet,
    (inner, columns): (usize, usize),
    b: &[f32],
    (row_stride, column_stride): (usize, usize),
    packed: &mut [f32],
) {
    assert_eq!(packed.len(), packed_len(isa, inner, columns), "packed buffer");
    let panel = VECTORS * isa.lanes();
    if inner == 0 {
        return;
    }
    for (packed, first) in packed.chunks_exact_mut(inner * panel).zip((0..columns).step_by(panel)) {
        let width = panel.min(columns - first);
        for (k, row) in packed.chunks_exact_mut(panel).enumerate() {
            let from = &b[k * row_stride + first * column_stride..];
            if column_stride == 1 {
                row[..width].copy_from_slice(&from[..width]);
            } else {
                for (j, value) in row[..width].iter_mut().enumerate() {
                    *value = from[j * column_stride];
                }
            }
            row[width..].fill(0.0);
        }
    }
}

/// Adds a packed gradient of `b [inner, columns]` to one whose element `(k, j)` is
/// `b[k * row_stride + j * column_stride]`.
///
/// # Panics
/// When `packed` is not [`packed_len`] long or `b` is too short.
pub(crate) fn unpack_add(
    isa: InstructionSet,
    (inner, columns): (usize, usize),
    packed: &[f32],
    b: &mut [f32],
    (row_stride, column_stride): (usize, usize),
) {
    assert_eq!(packed.len(), packed_len(isa, inner, columns), "packed buffer");
    let panel = VECTORS * isa.lanes();
    if inner == 0 {
        return;
    }
    for (packed, first) in packed.chunks_exact(inner * panel).zip((0..columns).step_by(panel)) {
        let width = panel.min(columns - first);
        for (k, row) in packed.chunks_exact(panel).enumerate() {
            for (j, value) in row[..width].iter().enumerate() {
                b[k * row_stride + (first + j) * column_stride] += value;
            }
        }
    }
}

/// How the gates of a kind of cell, in PyTorch's order, lie in the slots of the kernels.
#[derive(Debug)]
pub(crate) struct GateKind {
    /// Vectors of slots that inputs reach, and that states reach.
    pub(crate) vectors: usize,
    /// First slot that states reach; inputs begin with slot 0.
    pub(crate) first_of_state: usize,
    /// Slot of each gate for inputs.
    pub(crate) of_input: &'static [usize],
    /// Slot of each gate for states.
    pub(crate) of_state: &'static [usize],
    /// Factor of each gate: sigmoid is computed from the tanh of half its argument.
    pub(crate) factors: &'static [f32],
}

/// i, f, g, o.
pub(crate) static LSTM: GateKind = GateKind {
    vectors: SLOTS,
    first_of_state: 0,
    of_input: &[0, 1, 2, 3],
    of_state: &[0, 1, 2, 3],
    factors: &[0.5, 0.5, 1.0, 0.5],
};

/// r, z, n; the two parts of n stay apart.
pub(crate) static GRU: GateKind = GateKind {
    vectors: GRU_VECTORS,
    first_of_state: 1,
    of_input: &[1, 2, 0],
    of_state: &[1, 2, 3],
    factors: &[0.5, 0.5, 1.0],
};

/// Whose weights: those of inputs or those of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    State,
}

/// Recurrent weights in PyTorch's layout `[gate, hidden, k]`, and where they lie in groups of lanes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GateLayout {
    pub(crate) kind: &'static GateKind,
    pub(crate) hidden: usize,
    pub(crate) lanes: usize,
}

impl GateLayout {
    pub(crate) fn new(kind: &'static GateKind, isa: InstructionSet, hidden: usize) -> Self {
        Self { kind, hidden, lanes: isa.lanes() }
    }

    /// Gates of a unit, as PyTorch counts.
    pub(crate) fn gates(self) -> usize {
        self.kind.factors.len()
    }

    /// Groups of hidden units.
    pub(crate) fn groups(self) -> usize {
        self.hidden.div_ceil(self.lanes)
    }

    /// Values of all slots of a group.
    pub(crate) fn panel(self) -> usize {
        SLOTS * self.lanes
    }

    /// Values of one row of slots, padding included.
    pub(crate) fn row(self) -> usize {
        self.groups() * self.panel()
    }

    /// Values of one state, padding included.
    pub(crate) fn state(self) -> usize {
        self.groups() * self.lanes
    }

    /// Values of a row of slots that one side reaches, padding included.
    pub(crate) fn reached(self) -> usize {
        self.groups() * self.kind.vectors * self.lanes
    }

    /// Values of all packed weights for the forward pass.
    pub(crate) fn forward_len(self, channels: usize) -> usize {
        self.groups() * group_len(self.kind.vectors, self.lanes, channels, self.hidden)
    }

    /// Slot of each gate on one side, counted within the vectors that the side reaches.
    fn slots(self, side: Side) -> impl Iterator<Item = (usize, usize, f32)> {
        let (slots, first) = match side {
            Side::Input => (self.kind.of_input, 0),
            Side::State => (self.kind.of_state, self.kind.first_of_state),
        };
        let gates = slots.iter().zip(self.kind.factors).enumerate();
        gates.map(move |(gate, (slot, factor))| (gate, slot - first, *factor))
    }

    /// All weights for the forward pass: bias, input, state.
    pub(crate) fn pack(
        self,
        channels: usize,
        [w_ih, w_hh, bias_ih, bias_hh]: [&[f32]; 4],
        packed: &mut [f32],
    ) {
        let len = group_len(self.kind.vectors, self.lanes, channels, self.hidden);
        for (group, packed) in packed.chunks_exact_mut(len).enumerate() {
            let (bias, rest) = packed.split_at_mut(self.panel());
            let (input, state) = rest.split_at_mut(self.kind.vectors * self.lanes * channels);
            self.pack_bias(group, [bias_ih, bias_hh], bias);
            self.pack_side(group, Side::Input, (w_ih, channels), input);
            self.pack_side(group, Side::State, (w_hh, self.hidden), state);
        }
    }

    fn pack_bias(self, group: usize, biases: [&[f32]; 2], packed: &mut [f32]) {
        packed.fill(0.0);
        let (first, lanes) = (group * self.lanes, self.lanes.min(self.hidden - group * self.lanes));
        for (bias, slots) in biases.into_iter().zip([self.kind.of_input, self.kind.of_state]) {
            for ((gate, slot), factor) in slots.iter().enumerate().zip(self.kind.factors) {
                let from = &bias[gate * self.hidden + first..][..lanes];
                packed[slot * self.lanes..].iter_mut().zip(from).for_each(|(to, b)| *to += factor * b);
            }
        }
    }

    fn pack_side(self, group: usize, side: Side, (w, inner): (&[f32], usize), packed: &mut [f32]) {
        let width = self.kind.vectors * self.lanes;
        for (gate, slot, factor) in self.slots(side) {
            for lane in 0..self.lanes {
                let to = packed[slot * self.lanes + lane..].iter_mut().step_by(width);
                let unit = group * self.lanes + lane;
                if unit < self.hidden {
                    let from = &w[(gate * self.hidden + unit) * inner..][..inner];
                    to.zip(from).for_each(|(to, from)| *to = factor * from);
                } else {
                    to.for_each(|to| *to = 0.0);
                }
            }
        }
    }

    /// Packs `w [gates * hidden, columns]` as the right factor of a product with the slots that one side reaches: the
    /// way back to `columns`. The kernels' factors are not in it.
    pub(crate) fn pack_back(self, side: Side, w: &[f32], columns: usize, packed: &mut [f32]) {
        let (panel, inner, width) = (VECTORS * self.lanes, self.reached(), self.kind.vectors * self.lanes);
        for (packed, first) in packed.chunks_exact_mut(inner * panel).zip((0..columns).step_by(panel)) {
            let filled = panel.min(columns - first);
            for (gate, slot, _) in self.slots(side) {
                for unit in 0..self.state() {
                    let k = unit / self.lanes * width + slot * self.lanes + unit % self.lanes;
                    let row = &mut packed[k * panel..][..panel];
                    row.fill(0.0);
                    if unit < self.hidden {
                        let from = &w[(gate * self.hidden + unit) * columns + first..];
                        row[..filled].copy_from_slice(&from[..filled]);
                    }
                }
            }
        }
    }

    /// Adds a gradient `packed [group][inner][slot][lane]` of one side to `w [gates * hidden, inner]`.
    pub(crate) fn unpack_add(self, side: Side, packed: &[f32], inner: usize, w: &mut [f32]) {
        let width = self.kind.vectors * self.lanes;
        for (group, packed) in packed.chunks_exact(inner * width).enumerate() {
            for (gate, slot, _) in self.slots(side) {
                for lane in 0..self.lanes.min(self.hidden - group * self.lanes) {
                    let unit = group * self.lanes + lane;
                    let from = packed[slot * self.lanes + lane..].iter().step_by(width);
                    let to = &mut w[(gate * self.hidden + unit) * inner..][..inner];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
            }
        }
    }

    /// Adds a gradient `packed [group][slot][lane]` of the bias to both biases `[gates * hidden]`.
    pub(crate) fn unpack_bias(self, packed: &[f32], biases: [&mut [f32]; 2]) {
        for (bias, slots) in biases.into_iter().zip([self.kind.of_input, self.kind.of_state]) {
            for (gate, slot) in slots.iter().enumerate() {
                for (unit, to) in bias[gate * self.hidden..][..self.hidden].iter_mut().enumerate() {
                    *to += packed[(unit / self.lanes * SLOTS + slot) * self.lanes + unit % self.lanes];
                }
            }
        }
    }
}
