//! Weights as the kernels read them, and gradients back in PyTorch's layout.

use super::InstructionSet;
use super::lstm::GATES;
use super::product::VECTORS;

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

/// The gates of recurrent weights in PyTorch's layout `[gate, hidden, k]`, and where they lie in groups of lanes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GateLayout {
    pub(crate) gates: usize,
    pub(crate) hidden: usize,
    pub(crate) lanes: usize,
}

impl GateLayout {
    /// The layout of an LSTM.
    pub(crate) fn lstm(isa: InstructionSet, hidden: usize) -> Self {
        Self { gates: GATES, hidden, lanes: isa.lanes() }
    }

    /// Groups of hidden units.
    pub(crate) fn groups(self) -> usize {
        self.hidden.div_ceil(self.lanes)
    }

    /// Values of all gates of a group.
    pub(crate) fn panel(self) -> usize {
        self.gates * self.lanes
    }

    /// Values of one row of gates, padding included.
    pub(crate) fn row(self) -> usize {
        self.groups() * self.panel()
    }

    /// Values of one state, padding included.
    pub(crate) fn state(self) -> usize {
        self.groups() * self.lanes
    }

    /// Copies `w [gates * hidden, inner]` to rows `first..` of each group of `packed [group][rows][gate][lane]`,
    /// each gate times its factor.
    pub(crate) fn pack(
        self,
        w: &[f32],
        inner: usize,
        packed: &mut [f32],
        (rows, first): (usize, usize),
        factors: &[f32],
    ) {
        let panel = self.panel();
        for (group, packed) in packed.chunks_exact_mut(rows * panel).enumerate() {
            let packed = &mut packed[first * panel..(first + inner) * panel];
            for (gate, factor) in factors.iter().enumerate() {
                for lane in 0..self.lanes {
                    let to = packed[gate * self.lanes + lane..].iter_mut().step_by(panel);
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
    }

    /// Adds `bias [gates * hidden]`, each gate times its factor, to the first row of each group of
    /// `packed [group][rows][gate][lane]`.
    pub(crate) fn pack_add(self, bias: &[f32], packed: &mut [f32], rows: usize, factors: &[f32]) {
        for (group, packed) in packed.chunks_exact_mut(rows * self.panel()).enumerate() {
            for (gate, factor) in factors.iter().enumerate() {
                for lane in 0..self.lanes.min(self.hidden - group * self.lanes) {
                    packed[gate * self.lanes + lane] +=
                        factor * bias[gate * self.hidden + group * self.lanes + lane];
                }
            }
        }
    }

    /// Adds a gradient `packed [group][inner][gate][lane]` to `w [gates * hidden, inner]`.
    pub(crate) fn unpack_add(self, packed: &[f32], inner: usize, w: &mut [f32]) {
        let panel = self.panel();
        for (group, packed) in packed.chunks_exact(inner * panel).enumerate() {
            for gate in 0..self.gates {
                for lane in 0..self.lanes.min(self.hidden - group * self.lanes) {
                    let unit = group * self.lanes + lane;
                    let from = packed[gate * self.lanes + lane..].iter().step_by(panel);
                    let to = &mut w[(gate * self.hidden + unit) * inner..][..inner];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
            }
        }
    }

    /// Packs `w [gates * hidden, columns]` as the right factor of a product with rows of gates
    /// `[group][gate][lane]`: the way back to `columns`.
    pub(crate) fn pack_back(self, w: &[f32], columns: usize, packed: &mut [f32]) {
        let (panel, inner) = (VECTORS * self.lanes, self.row());
        for (packed, first) in packed.chunks_exact_mut(inner * panel).zip((0..columns).step_by(panel)) {
            let width = panel.min(columns - first);
            for (k, row) in packed.chunks_exact_mut(panel).enumerate() {
                let (group, gate, lane) = (k / self.panel(), k % self.panel() / self.lanes, k % self.lanes);
                let unit = group * self.lanes + lane;
                if unit < self.hidden {
                    let from = &w[(gate * self.hidden + unit) * columns + first..];
                    row[..width].copy_from_slice(&from[..width]);
                    row[width..].fill(0.0);
                } else {
                    row.fill(0.0);
                }
            }
        }
    }
}
