//! Affine map of the channels.

use super::{Initial, Layer, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, Product};
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

    fn forward_len(&self) -> usize {
        kernel::packed_len(self.input.channels, self.out)
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
        self.forward_len() + kernel::packed_len(self.out, self.input.channels)
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, weight) = (self.input.channels, &w[..self.weight_len()]);
        let (forward, backward) = packed.split_at_mut(self.forward_len());
        kernel::pack(channels, self.out, weight, 1, channels, forward);
        kernel::pack(self.out, channels, weight, channels, 1, backward);
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        let bias = &w.plain[self.weight_len()..];
        for row in y.chunks_exact_mut(self.out) {
            row.copy_from_slice(bias);
        }
        let product = Product {
            rows: self.input.time * pass.batch,
            inner: self.input.channels,
            columns: self.out,
            a: x,
            packed: &w.packed[..self.forward_len()],
            accumulate: true,
        };
        kernel::multiply(self.isa, &product, y);
    }

    fn backward(
        &self,
        pass: &Pass,
        w: Weights<'_>,
        x: &[f32],
        _y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
        dw: &mut [f32],
        _workspace: &mut [f32],
    ) {
        let rows = self.input.time * pass.batch;
        let (d_weight, d_bias) = dw.split_at_mut(self.weight_len());
        kernel::accumulate_weight_gradient(rows, self.out, self.input.channels, dy, x, d_weight);
        kernel::add_column_sums(dy, d_bias);
        if !dx.is_empty() {
            let product = Product {
                rows,
                inner: self.out,
                columns: self.input.channels,
                a: dy,
                packed: &w.packed[self.forward_len()..],
                accumulate: false,
            };
            kernel::multiply(self.isa, &product, dx);
        }
    }
}
