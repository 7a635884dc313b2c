//! Pooling over time by attention.

use super::{BackwardPass, Initial, Layer, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, DenseGradient, Product, Start};
use crate::{InstructionSet, Shape};
use alloc::vec;
use alloc::vec::Vec;

/// `y = Σ_t a_t x_t` with `a = softmax over time of context · tanh(weight x_t + bias)` (Yang et al. 2016):
/// `[time, channels]` to `[1, channels]`.
///
/// Parameters: `weight [hidden, channels]`, `bias [hidden]`, `context [hidden]`.
#[derive(Debug)]
pub(crate) struct AttentionPool {
    input: Shape,
    hidden: usize,
    isa: InstructionSet,
}

/// The parts of the workspace.
struct Parts<'a> {
    /// Weights of the time steps `[time, batch]`.
    weights: &'a mut [f32],
    /// After tanh, `[time, batch, hidden]`.
    hidden: &'a mut [f32],
    /// Gradients of the scores, `[time, batch]`, and of `weight`, packed; empty where no backward pass follows.
    d_scores: &'a mut [f32],
    d_weight: &'a mut [f32],
}

impl AttentionPool {
    pub(crate) fn new(input: Shape, hidden: usize, isa: InstructionSet) -> Self {
        Self { input, hidden, isa }
    }

    fn weight_len(&self) -> usize {
        self.hidden * self.input.channels
    }

    fn parts<'a>(&self, pass: &Pass, workspace: &'a mut [f32]) -> Parts<'a> {
        let rows = self.input.time * pass.batch;
        let (weights, rest) = workspace.split_at_mut(rows);
        let (hidden, rest) = rest.split_at_mut(rows * self.hidden);
        let (d_scores, rest) = rest.split_at_mut(if pass.keep { rows } else { 0 });
        Parts {
            weights,
            hidden,
            d_scores,
            d_weight: &mut rest[..if pass.keep { self.packed_len() } else { 0 }],
        }
    }

    /// `hidden = tanh(weight x + bias)` and its product with the context.
    fn scores(&self, w: Weights<'_>, x: &[f32], hidden: &mut [f32], scores: &mut [f32]) {
        let (bias, context) = w.plain[self.weight_len()..].split_at(self.hidden);
        let shape = (scores.len(), self.input.channels, self.hidden);
        let product = Product::plain(shape, x, w.packed, Start::Bias(bias));
        kernel::multiply(self.isa, &product, hidden);
        kernel::attention_scores(self.isa, context, hidden, scores);
    }
}

/// Softmax over the steps of each column of `scores [time, batch]`, from the largest so that nothing overflows.
fn softmax_over_time(batch: usize, scores: &mut [f32]) {
    for column in 0..batch {
        let mut largest = f32::NEG_INFINITY;
        for score in scores[column..].iter().step_by(batch) {
            largest = largest.max(*score);
        }
        let mut sum = 0.0;
        for score in scores[column..].iter_mut().step_by(batch) {
            *score = libm::expf(*score - largest);
            sum += *score;
        }
        for score in scores[column..].iter_mut().step_by(batch) {
            *score /= sum;
        }
    }
}

impl Layer for AttentionPool {
    fn output(&self) -> Shape {
        Shape { time: 1, channels: self.input.channels }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let (fan_in, hidden) = (self.input.channels, self.hidden);
        let parameter =
            |name: &str, shape, initial, role| ParameterSpec { name: name.into(), shape, initial, role };
        let weight = Initial::GlorotUniform { fan_in, fan_out: hidden };
        let context = Initial::GlorotUniform { fan_in: hidden, fan_out: 1 };
        vec![
            parameter("weight", vec![hidden, fan_in], weight, Role::Weight),
            parameter("bias", vec![hidden], Initial::Zero, Role::Bias),
            parameter("context", vec![hidden], context, Role::Weight),
        ]
    }

    fn packed_len(&self) -> usize {
        kernel::packed_len(self.isa, self.input.channels, self.hidden)
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, weight) = (self.input.channels, &w[..self.weight_len()]);
        kernel::pack(self.isa, (channels, self.hidden), weight, (1, channels), packed);
    }

    fn packed_backward_len(&self) -> usize {
        kernel::packed_len(self.isa, self.hidden, self.input.channels)
    }

    fn pack_backward(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, weight) = (self.input.channels, &w[..self.weight_len()]);
        kernel::pack(self.isa, (self.hidden, channels), weight, (channels, 1), packed);
    }

    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        let rows = self.input.time * batch;
        rows * (1 + self.hidden) + if keep { rows + self.packed_len() } else { 0 }
    }

    fn attention_len(&self) -> usize {
        self.input.time
    }

    fn attention<'a>(&self, batch: usize, workspace: &'a [f32]) -> &'a [f32] {
        &workspace[..self.input.time * batch]
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        let Parts { weights, hidden, .. } = self.parts(pass, workspace);
        self.scores(w, x, hidden, weights);
        softmax_over_time(pass.batch, weights);
        kernel::weighted_sum(self.isa, self.input.channels, weights, x, y);
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let (rows, channels) = (self.input.time * pass.batch, self.input.channels);
        let Parts { weights, hidden, d_scores, d_weight } = self.parts(pass, workspace);
        let (dw_weight, rest) = dw.split_at_mut(self.weight_len());
        let (dw_bias, dw_context) = rest.split_at_mut(self.hidden);
        kernel::weighted_sum_back(self.isa, channels, weights, x, dy, d_scores, dx);
        // Through the softmax: a (d - Σ a d).
        for column in 0..pass.batch {
            let mut mean = 0.0;
            for row in (column..rows).step_by(pass.batch) {
                mean += weights[row] * d_scores[row];
            }
            for row in (column..rows).step_by(pass.batch) {
                d_scores[row] = weights[row] * (d_scores[row] - mean);
            }
        }
        let context = &w.plain[self.weight_len() + self.hidden..];
        kernel::attention_scores_back(self.isa, context, d_scores, hidden, dw_context);
        kernel::add_column_sums(self.isa, hidden, dw_bias);
        d_weight.fill(0.0);
        let gradient = DenseGradient::plain((rows, channels, self.hidden), x, hidden);
        kernel::dense_weight_gradient(self.isa, &gradient, d_weight);
        kernel::unpack_add(self.isa, (channels, self.hidden), d_weight, dw_weight, (1, channels));
        if !dx.is_empty() {
            let shape = (rows, self.hidden, channels);
            let product = Product::plain(shape, hidden, w.packed_backward, Start::Add);
            kernel::multiply(self.isa, &product, dx);
        }
    }
}
