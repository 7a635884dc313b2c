//! Normalisation of channels over the batch, and of time steps over their channels.

use super::{BackwardPass, Initial, Layer, Mode, ParameterSpec, Pass, Role, Weights};
use crate::kernel::{self, Affine, AffineBack, LayerNormBack, MOMENT_BLOCK};
use crate::{InstructionSet, Shape};
use alloc::vec;
use alloc::vec::Vec;

fn parameter(name: &str, channels: usize, initial: Initial, role: Role) -> ParameterSpec {
    ParameterSpec { name: name.into(), shape: vec![channels], initial, role }
}

/// Batch normalisation over examples and time (Ioffe and Szegedy 2015), parameters as in PyTorch's `BatchNorm1d`:
/// `weight`, `bias`, `running_mean` and `running_var`, each `[channels]`.
///
/// In training the statistics are those of the shard, at most [`crate::SHARD`] examples: "ghost" batches, which Hoffer et
/// al. (2017) found to generalise better, and which need no exchange between threads, so that the bits do not depend on
/// their number. The running variance is the unbiased one. With one value for each channel the variance counts as zero.
#[derive(Debug)]
pub(crate) struct BatchNorm {
    input: Shape,
    epsilon: f32,
    momentum: f32,
    isa: InstructionSet,
}

/// Rows of a period at the start of the workspace.
const ROWS: usize = 5;
/// Channels whose blocks are put together side by side.
const SIDE: usize = 8;

/// Mean, factor and shift of each channel, then scratch, each repeated over a period.
fn rows(workspace: &mut [f32], period: usize) -> ([&mut [f32]; ROWS], &mut [f32]) {
    let (head, rest) = workspace.split_at_mut(ROWS * period);
    let mut rows = head.chunks_exact_mut(period);
    (core::array::from_fn(|_| rows.next().unwrap_or_default()), rest)
}

impl BatchNorm {
    pub(crate) fn new(input: Shape, epsilon: f32, momentum: f32, isa: InstructionSet) -> Self {
        Self { input, epsilon, momentum, isa }
    }

    fn period(&self) -> usize {
        kernel::period(self.isa, self.input.channels)
    }

    fn blocks(&self, values: usize) -> usize {
        (values / self.period()).div_ceil(MOMENT_BLOCK)
    }

    fn inverse(&self, variance: f64) -> f64 {
        1.0 / libm::sqrt(variance + f64::from(self.epsilon))
    }

    /// Mean and biased variance of each channel of `x [rows, channels]` to the first values of `mean` and `variance`.
    ///
    /// The kernel sums blocks in f32, each about its first row; blocks, and what is left behind the last whole period, are
    /// put together in f64 in a fixed order (Chan et al. 1983).
    fn statistics(&self, x: &[f32], partial: &mut [f32], mean: &mut [f32], variance: &mut [f32]) {
        let (period, channels) = (self.period(), self.input.channels);
        let whole = x.len() / period * period;
        let partial = &mut partial[..self.blocks(x.len()) * 3 * period];
        kernel::column_moments(self.isa, &x[..whole], period, partial);
        let (count, rest) = ((x.len() / channels) as f64, &x[whole..]);
        let periods = whole / period;
        // A few channels at a time, so that their sums lie side by side.
        for first in (0..channels).step_by(SIDE) {
            let side = SIDE.min(channels - first);
            let (mut centre, mut squares) = ([0.0; SIDE], [0.0; SIDE]);
            for (block, partial) in partial.chunks_exact(3 * period).enumerate() {
                let n = MOMENT_BLOCK.min(periods - block * MOMENT_BLOCK) as f64;
                for at in (first..period).step_by(channels) {
                    for i in 0..side {
                        let (origin, sum) = (f64::from(partial[at + i]), f64::from(partial[period + at + i]));
                        centre[i] += n * origin + sum;
                    }
                }
            }
            for at in (first..rest.len()).step_by(channels) {
                (0..side).for_each(|i| centre[i] += f64::from(rest[at + i]));
            }
            centre.iter_mut().for_each(|c| *c /= count);
            for (block, partial) in partial.chunks_exact(3 * period).enumerate() {
                let n = MOMENT_BLOCK.min(periods - block * MOMENT_BLOCK) as f64;
                for at in (first..period).step_by(channels) {
                    for i in 0..side {
                        let (origin, sum) = (f64::from(partial[at + i]), f64::from(partial[period + at + i]));
                        // Σ(x - centre)² from Σ(x - origin) and Σ(x - origin)².
                        let distance = origin - centre[i];
                        squares[i] +=
                            f64::from(partial[2 * period + at + i]) + distance * (2.0 * sum + n * distance);
                    }
                }
            }
            for at in (first..rest.len()).step_by(channels) {
                for i in 0..side {
                    let distance = f64::from(rest[at + i]) - centre[i];
                    squares[i] += distance * distance;
                }
            }
            for i in 0..side {
                mean[first + i] = centre[i] as f32;
                // Rounding may leave a constant channel a little below zero; NaN stays.
                variance[first + i] = if squares[i] < 0.0 { 0.0 } else { (squares[i] / count) as f32 };
            }
        }
    }
}

impl Layer for BatchNorm {
    fn output(&self) -> Shape {
        self.input
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let channels = self.input.channels;
        let running = Role::Statistic { momentum: self.momentum };
        vec![
            parameter("weight", channels, Initial::One, Role::Bias),
            parameter("bias", channels, Initial::Zero, Role::Bias),
            parameter("running_mean", channels, Initial::Zero, running),
            parameter("running_var", channels, Initial::One, running),
        ]
    }

    /// Inference's mean, factor and shift, each repeated over a period.
    fn packed_len(&self) -> usize {
        3 * self.period()
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let channels = self.input.channels;
        let (weight, rest) = w.split_at(channels);
        let (bias, running) = rest.split_at(channels);
        let mut rows = packed.chunks_exact_mut(self.period());
        let mut next = || rows.next().unwrap_or_default();
        kernel::repeat(&running[..channels], next());
        for (at, scale) in next().iter_mut().enumerate() {
            let (weight, variance) = (weight[at % channels], running[channels + at % channels]);
            *scale = (f64::from(weight) * self.inverse(f64::from(variance))) as f32;
        }
        kernel::repeat(bias, next());
    }

    fn workspace_len(&self, batch: usize, _keep: bool) -> usize {
        ROWS * self.period() + 3 * self.period() * self.blocks(batch * self.input.len())
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        if pass.mode == Mode::Inference {
            kernel::affine(self.isa, &self.running(w), x, y);
            return;
        }
        let (period, channels) = (self.period(), self.input.channels);
        let ([mean, variance, scale, shift, _], partial) = rows(workspace, period);
        self.statistics(x, partial, mean, variance);
        for channel in 0..channels {
            let inverse = self.inverse(f64::from(variance[channel]));
            scale[channel] = (f64::from(w.plain[channel]) * inverse) as f32;
        }
        for at in channels..period {
            mean[at] = mean[at - channels];
            scale[at] = scale[at - channels];
        }
        kernel::repeat(&w.plain[channels..2 * channels], shift);
        kernel::affine(self.isa, &Affine { mean, scale, shift }, x, y);
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let (period, channels) = (self.period(), self.input.channels);
        let training = pass.mode != Mode::Inference;
        let ([mean, variance, scale, slope, offset], partial) = rows(workspace, period);
        if !training {
            mean.copy_from_slice(&w.packed[..period]);
            variance[..channels].copy_from_slice(&w.plain[3 * channels..4 * channels]);
            scale.copy_from_slice(&w.packed[period..2 * period]);
        }
        let (whole, count) = (x.len() / period * period, x.len() / channels);
        let partial = &mut partial[..self.blocks(x.len()) * 2 * period];
        kernel::column_dots(self.isa, &dy[..whole], &x[..whole], mean, partial);
        for first in (0..channels).step_by(SIDE) {
            let side = SIDE.min(channels - first);
            let (mut sums, mut dots) = ([0.0; SIDE], [0.0; SIDE]);
            for partial in partial.chunks_exact(2 * period) {
                for at in (first..period).step_by(channels) {
                    for i in 0..side {
                        sums[i] += f64::from(partial[at + i]);
                        dots[i] += f64::from(partial[period + at + i]);
                    }
                }
            }
            for at in (whole + first..x.len()).step_by(channels) {
                for i in 0..side {
                    let gradient = f64::from(dy[at + i]);
                    sums[i] += gradient;
                    dots[i] += gradient * (f64::from(x[at + i]) - f64::from(mean[first + i]));
                }
            }
            for i in 0..side {
                let channel = first + i;
                let inverse = self.inverse(f64::from(variance[channel]));
                dw[channel] += (dots[i] * inverse) as f32;
                dw[channels + channel] += sums[i] as f32;
                (slope[channel], offset[channel]) = (0.0, 0.0);
                if training {
                    let factor = f64::from(w.plain[channel]) * inverse / count as f64;
                    slope[channel] = (-factor * inverse * inverse * dots[i]) as f32;
                    offset[channel] = (-factor * sums[i]) as f32;
                    // Running statistics ride in the gradient, times the number of examples.
                    let unbiased = f64::from(variance[channel]) * count as f64 / (count - 1).max(1) as f64;
                    dw[2 * channels + channel] += pass.batch as f32 * mean[channel];
                    dw[3 * channels + channel] += (pass.batch as f64 * unbiased) as f32;
                }
            }
        }
        if dx.is_empty() {
            return;
        }
        for at in channels..period {
            slope[at] = slope[at - channels];
            offset[at] = offset[at - channels];
        }
        kernel::affine_back(self.isa, &AffineBack { mean, scale, slope, offset }, x, dy, dx);
    }
}

impl BatchNorm {
    /// The map of inference.
    fn running<'a>(&self, w: Weights<'a>) -> Affine<'a> {
        let (mean, rest) = w.packed.split_at(self.period());
        let (scale, shift) = rest.split_at(self.period());
        Affine { mean, scale, shift }
    }
}

/// Layer normalisation (Ba et al. 2016): each time step to mean zero and variance one over its channels, then `weight` and
/// `bias`, each `[channels]`, as in PyTorch's `LayerNorm`.
#[derive(Debug)]
pub(crate) struct LayerNorm {
    input: Shape,
    epsilon: f32,
    isa: InstructionSet,
}

impl LayerNorm {
    pub(crate) fn new(input: Shape, epsilon: f32, isa: InstructionSet) -> Self {
        Self { input, epsilon, isa }
    }
}

impl Layer for LayerNorm {
    fn output(&self) -> Shape {
        self.input
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        vec![
            parameter("weight", self.input.channels, Initial::One, Role::Bias),
            parameter("bias", self.input.channels, Initial::Zero, Role::Bias),
        ]
    }

    /// Two values of each row for the way back.
    fn workspace_len(&self, batch: usize, _keep: bool) -> usize {
        2 * batch * self.input.time
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        let saved = &mut workspace[..2 * pass.batch * self.input.time];
        kernel::layer_norm(self.isa, w.plain.split_at(self.input.channels), self.epsilon, x, y, saved);
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let (d_weight, d_bias) = dw.split_at_mut(self.input.channels);
        let back = &mut LayerNormBack {
            x,
            dy,
            saved: &workspace[..2 * pass.batch * self.input.time],
            weight: &w.plain[..self.input.channels],
            d_weight,
            d_bias,
            dx,
        };
        kernel::layer_norm_back(self.isa, back);
    }
}
