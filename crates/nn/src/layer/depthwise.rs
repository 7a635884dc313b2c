//! Convolution over time, each channel by itself.

use super::conv::{Run, Window};
use super::{BackwardPass, Layer, ParameterSpec, Pass, Weights, conv_parameters};
use crate::kernel::{self, DepthwiseGradient, DepthwiseSum};
use crate::{InstructionSet, Shape};
use alloc::vec::Vec;

/// Values of inputs and gradients that the weights' gradients are taken over at a time, so that they stay in L1.
const GRADIENT_VALUES: usize = 2048;

/// As [`super::Conv`] with as many groups as channels (PyTorch's `groups = in_channels`): `weight [out, 1, kernel]`, and
/// result `o` sees channel `o / (out / channels)` alone.
///
/// Weights are repeated over whole vectors, so that rows of any number of channels are read without gaps. With more than
/// one result for a channel the input is repeated first.
#[derive(Debug)]
pub(crate) struct Depthwise {
    input: Shape,
    out: usize,
    window: Window,
    bias: bool,
    isa: InstructionSet,
}

impl Depthwise {
    /// `out` is a multiple of the channels.
    pub(crate) fn new(input: Shape, out: usize, window: Window, bias: bool, isa: InstructionSet) -> Self {
        Self { input, out, window, bias, isa }
    }

    fn weight_len(&self) -> usize {
        self.out * self.window.kernel
    }

    /// Results for each channel.
    fn multiplier(&self) -> usize {
        self.out / self.input.channels
    }

    fn period(&self) -> usize {
        kernel::period(self.isa, self.out)
    }

    /// Values of the repeated input.
    fn repeated_len(&self, batch: usize) -> usize {
        if self.multiplier() > 1 { self.input.time * batch * self.out } else { 0 }
    }
}

impl Layer for Depthwise {
    fn output(&self) -> Shape {
        Shape { time: self.window.results(self.input.time), channels: self.out }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        conv_parameters((self.out, self.multiplier(), 1), self.window.kernel, self.bias)
    }

    /// Weights of each tap, then the bias, each repeated over a period.
    fn packed_len(&self) -> usize {
        (self.window.kernel + 1) * self.period()
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (weight, bias) = w.split_at(self.weight_len());
        let mut rows = packed.chunks_exact_mut(self.period());
        for (tap, row) in rows.by_ref().take(self.window.kernel).enumerate() {
            for (channel, value) in (0..self.out).cycle().zip(row) {
                *value = weight[channel * self.window.kernel + tap];
            }
        }
        if let Some(row) = rows.next().filter(|_| self.bias) {
            kernel::repeat(bias, row);
        }
    }

    /// The repeated input, then one step's gradient before it is added up over a channel, or the gradient of the weights.
    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        let repeated = self.repeated_len(batch);
        let step = if repeated > 0 { batch * self.out } else { 0 };
        repeated + if keep { step.max(self.window.kernel * self.period()) } else { 0 }
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        let (kernel, period, row) = (self.window.kernel, self.period(), pass.batch * self.out);
        let repeated = &mut workspace[..self.repeated_len(pass.batch)];
        if !repeated.is_empty() {
            let multiplier = self.multiplier();
            repeated.chunks_exact_mut(multiplier).zip(x).for_each(|(to, x)| to.fill(*x));
        }
        let x = if repeated.is_empty() { x } else { repeated };
        let (weights, bias) = w.packed.split_at(kernel * period);
        for (step, y) in y.chunks_exact_mut(row).enumerate() {
            let (first, count) = self.window.taps(self.input.time, step);
            let taps = DepthwiseSum {
                count,
                x: &x[self.window.input(step, first) * row..],
                x_tap: row,
                weights,
                first,
                step: 1,
                bias: self.bias.then_some(bias),
                period,
            };
            kernel::depthwise_sum(self.isa, &taps, y);
        }
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let Window { kernel, stride, padding } = self.window;
        let (period, row) = (self.period(), pass.batch * self.out);
        let (repeated, rest) = workspace.split_at_mut(self.repeated_len(pass.batch));
        let x = if repeated.is_empty() { x } else { &*repeated };
        let (d_weight, d_bias) = dw.split_at_mut(self.weight_len());
        let sums = &mut rest[..kernel * period];
        sums.fill(0.0);
        let block = (GRADIENT_VALUES / row).max(1);
        for Run { steps: (step, steps), taps: (first, count) } in self.window.runs(self.input.time) {
            for from in (step..step + steps).step_by(block) {
                let gradient = DepthwiseGradient {
                    count,
                    steps: block.min(step + steps - from),
                    len: row,
                    dy: &dy[from * row..],
                    x: &x[self.window.input(from, first) * row..],
                    x_tap: row,
                    x_step: stride * row,
                    period,
                };
                kernel::depthwise_weight_gradient(self.isa, &gradient, &mut sums[first * period..]);
            }
        }
        for (tap, sums) in sums.chunks_exact(period).enumerate() {
            for (channel, sum) in (0..self.out).cycle().zip(sums) {
                d_weight[channel * kernel + tap] += sum;
            }
        }
        if self.bias {
            kernel::add_column_sums(self.isa, dy, d_bias);
        }
        if dx.is_empty() {
            return;
        }
        let results = self.output().time;
        for (step, dx) in dx.chunks_exact_mut(pass.batch * self.input.channels).enumerate() {
            // The results `t` whose tap `step + padding - t * stride` exists, in rising order.
            let at = step + padding;
            let first = (at + 1).saturating_sub(kernel).div_ceil(stride);
            let count = (at / stride + 1).min(results).saturating_sub(first);
            let taps = DepthwiseSum {
                count,
                x: dy.get(first * row..).unwrap_or_default(),
                x_tap: row,
                weights: &w.packed[..kernel * period],
                first: at.wrapping_sub(first * stride),
                step: -(stride as isize),
                bias: None,
                period,
            };
            if self.multiplier() == 1 {
                kernel::depthwise_sum(self.isa, &taps, dx);
            } else {
                let all = &mut rest[..row];
                kernel::depthwise_sum(self.isa, &taps, all);
                for (d, all) in dx.iter_mut().zip(all.chunks_exact(self.multiplier())) {
                    *d = all.iter().sum();
                }
            }
        }
    }
}
