//! Affine map of the channels.

use super::{BackwardPass, Initial, Layer, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, DenseGradient, Product, Start};
use crate::{InstructionSet, Shape};
use alloc::vec;
use alloc::vec::Vec;

/// `y = x * weightᵀ + bias` at each time step; `weight [out, in]` and `bias [out]` as in PyTorch.
#[derive(Debug)]
pub(crate) struct Linear {
    input: Shape,
    out: usize,
    isa: InstructionSet,
}

impl Linear {
    pub(crate) fn new(input: Shape, out: usize, isa: InstructionSet) -> Self {
        Self { input, out, isa }
    }

    fn weight_len(&self) -> usize {
        self.out * self.input.channels
    }

    fn apply(&self, rows: usize, w: Weights<'_>, x: &[f32], y: &mut [f32]) {
        let bias = &w.plain[self.weight_len()..];
        let shape = (rows, self.input.channels, self.out);
        let product = Product::plain(shape, x, w.packed, Start::Bias(bias));
        kernel::multiply(self.isa, &product, y);
    }
}

impl Layer for Linear {
    fn output(&self) -> Shape {
        Shape { time: self.input.time, channels: self.out }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let (fan_in, fan_out) = (self.input.channels, self.out);
        vec![
            ParameterSpec {
                name: "weight".into(),
                shape: vec![fan_out, fan_in],
                initial: Initial::GlorotUniform { fan_in, fan_out },
                role: Role::Weight,
            },
            ParameterSpec {
                name: "bias".into(),
                shape: vec![fan_out],
                initial: Initial::Zero,
                role: Role::Bias,
            },
        ]
    }

    fn packed_len(&self) -> usize {
        kernel::packed_len(self.isa, self.input.channels, self.out)
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, weight) = (self.input.channels, &w[..self.weight_len()]);
        kernel::pack(self.isa, (channels, self.out), weight, (1, channels), packed);
    }

    fn packed_backward_len(&self) -> usize {
        kernel::packed_len(self.isa, self.out, self.input.channels)
    }

    fn pack_backward(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, weight) = (self.input.channels, &w[..self.weight_len()]);
        kernel::pack(self.isa, (self.out, channels), weight, (channels, 1), packed);
    }

    fn workspace_len(&self, _batch: usize, keep: bool) -> usize {
        // The gradient of the weights, packed.
        if keep { self.packed_len() } else { 0 }
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        self.apply(self.input.time * pass.batch, w, x, y);
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let (rows, channels) = (self.input.time * pass.batch, self.input.channels);
        let (d_weight, d_bias) = dw.split_at_mut(self.weight_len());
        workspace.fill(0.0);
        let gradient = DenseGradient::plain((rows, channels, self.out), x, dy);
        kernel::dense_weight_gradient(self.isa, &gradient, workspace);
        kernel::unpack_add(self.isa, (channels, self.out), workspace, d_weight, (1, channels));
        kernel::add_column_sums(self.isa, dy, d_bias);
        if !dx.is_empty() {
            let shape = (rows, self.out, channels);
            kernel::multiply(self.isa, &Product::plain(shape, dy, w.packed_backward, Start::Zero), dx);
        }
    }
}
