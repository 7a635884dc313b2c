//! Convolution over time, every channel with every other.

use super::conv_parameters;
use super::{BackwardPass, Layer, ParameterSpec, Pass, Weights};
use crate::kernel::{self, DenseGradient, Product, Start};
use crate::{InstructionSet, Shape};
use alloc::vec::Vec;

/// Kernel, stride and padding of a convolution or a pooling over windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Time steps that one result is made of.
    pub kernel: usize,
    /// Time steps between two results.
    pub stride: usize,
    /// Steps of padding before the first and after the last, fewer than the kernel.
    pub padding: usize,
}

/// Neighbouring results that are made of the same taps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// First result and number of results.
    pub steps: (usize, usize),
    /// First tap that lies on the input and number of taps.
    pub taps: (usize, usize),
}

impl Window {
    /// Results for an input of `time` steps; 0 when it is too short.
    pub(crate) fn results(self, time: usize) -> usize {
        (time + 2 * self.padding).checked_sub(self.kernel).map_or(0, |rest| rest / self.stride + 1)
    }

    /// Input step of a tap of a result; the tap lies on the input.
    pub(super) fn input(self, step: usize, tap: usize) -> usize {
        step * self.stride + tap - self.padding
    }

    /// Taps of a result that lie on an input of `time` steps: the first and their number.
    pub(super) fn taps(self, time: usize, step: usize) -> (usize, usize) {
        let start = step * self.stride;
        let first = self.padding.saturating_sub(start);
        (first, self.kernel.min(time + self.padding - start) - first)
    }

    /// All results, those with the same taps together.
    pub(super) fn runs(self, time: usize) -> impl Iterator<Item = Run> {
        group(0..self.results(time), move |step| self.taps(time, step))
    }
}

/// Neighbours for which `taps` is the same.
fn group(
    steps: core::ops::Range<usize>,
    taps: impl Fn(usize) -> (usize, usize),
) -> impl Iterator<Item = Run> {
    let mut next = steps.start;
    core::iter::from_fn(move || {
        let first = next;
        let same = (first < steps.end).then(|| taps(first))?;
        next += 1;
        while next < steps.end && taps(next) == same {
            next += 1;
        }
        Some(Run { steps: (first, next - first), taps: same })
    })
}

/// `y[t] = bias + Σ_k weight[.., k] x[t * stride + k - padding]`, zeros outside the input.
///
/// Parameters as in PyTorch's `Conv1d`: `weight [out, channels, kernel]`, `bias [out]`. Arrays are time-major, so taps are
/// segments of the rows of a product, and with stride 1 all steps that lie within the input are one product. Backwards,
/// an input step has gets its gradient from the taps of one residue class modulo the stride; the weights of each class
/// are packed in the order in which the results' gradients follow each other.
#[derive(Debug)]
pub(crate) struct Conv {
    input: Shape,
    out: usize,
    window: Window,
    bias: bool,
    isa: InstructionSet,
}

impl Conv {
    pub(crate) fn new(input: Shape, out: usize, window: Window, bias: bool, isa: InstructionSet) -> Self {
        Self { input, out, window, bias, isa }
    }

    fn weight_len(&self) -> usize {
        self.out * self.input.channels * self.window.kernel
    }

    /// Inner length of the forward product.
    fn inner(&self) -> usize {
        self.window.kernel * self.input.channels
    }

    /// Taps whose number is `class` modulo the stride.
    fn class_taps(&self, class: usize) -> usize {
        self.window.kernel.saturating_sub(class).div_ceil(self.window.stride)
    }

    /// For each class that has taps: itself, their number and the length of its packed weights.
    fn classes(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.window.stride.min(self.window.kernel)).map(|class| {
            let taps = self.class_taps(class);
            (class, taps, kernel::packed_len(self.isa, taps * self.out, self.input.channels))
        })
    }

    /// Products of `steps` times `batch` rows: `a` and `c` are the first step's, with the distances of their steps.
    fn multiply(
        &self,
        (steps, batch): (usize, usize),
        product: Product<'_>,
        a_step: usize,
        c: &mut [f32],
        c_step: usize,
    ) {
        let Product { a, row_stride, result_stride, .. } = product;
        let run = |rows, a, row_stride, result_stride, c: &mut [f32]| {
            let product = Product { rows, a, row_stride, result_stride, ..product };
            kernel::multiply(self.isa, &product, c);
        };
        if a_step == batch * row_stride && c_step == batch * result_stride {
            run(steps * batch, a, row_stride, result_stride, c);
        } else if batch >= steps {
            for step in 0..steps {
                run(batch, &a[step * a_step..], row_stride, result_stride, &mut c[step * c_step..]);
            }
        } else {
            for row in 0..batch {
                run(steps, &a[row * row_stride..], a_step, c_step, &mut c[row * result_stride..]);
            }
        }
    }

    fn input_gradient(&self, batch: usize, packed: &[f32], dy: &[f32], dx: &mut [f32]) {
        let Window { kernel, stride, padding } = self.window;
        let (channels, out) = (self.input.channels, self.out);
        let (time, results) = (self.input.time, self.output().time);
        let row = batch * channels;
        let mut rest = packed;
        for (class, taps, len) in self.classes() {
            let (packed, others) = rest.split_at(len);
            rest = others;
            // The input steps `m * stride + class - padding`. Counted from the last one, the taps of a step meet the
            // results `m + 1 - taps..=m`.
            let start = padding.saturating_sub(class).div_ceil(stride);
            let end = (time + padding).saturating_sub(class).div_ceil(stride);
            let met = |m: usize| {
                let first = (taps - 1).saturating_sub(m);
                (first, taps.min((results + taps - 1).saturating_sub(m)).saturating_sub(first))
            };
            for Run { steps: (m, steps), taps: (first, count) } in group(start..end, met) {
                let to = &mut dx[(m * stride + class - padding) * row..];
                if count == 0 {
                    (0..steps).for_each(|step| to[step * stride * row..][..row].fill(0.0));
                    continue;
                }
                let product = Product {
                    rows: 0,
                    columns: channels,
                    a: &dy[(m + first + 1 - taps) * batch * out..],
                    row_stride: out,
                    segments: count,
                    segment_stride: batch * out,
                    inner: out,
                    packed,
                    packed_inner: taps * out,
                    first: first * out,
                    result_stride: channels,
                    start: Start::Zero,
                };
                self.multiply((steps, batch), product, batch * out, to, stride * row);
            }
        }
        // With a stride beyond the kernel some inputs are not looked at.
        if stride > kernel {
            for (step, dx) in dx.chunks_exact_mut(row).enumerate() {
                if (step + padding) % stride >= kernel {
                    dx.fill(0.0);
                }
            }
        }
    }
}

impl Layer for Conv {
    fn output(&self) -> Shape {
        Shape { time: self.window.results(self.input.time), channels: self.out }
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        conv_parameters((self.out, self.out, self.input.channels), self.window.kernel, self.bias)
    }

    fn packed_len(&self) -> usize {
        kernel::packed_len(self.isa, self.inner(), self.out)
    }

    fn pack(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, out, kernel) = (self.input.channels, self.out, self.window.kernel);
        let strides = (kernel, channels * kernel);
        for tap in 0..kernel {
            let at = (self.inner(), tap * channels);
            kernel::pack_tap(self.isa, at, (channels, out), &w[tap..], strides, packed);
        }
    }

    fn packed_backward_len(&self) -> usize {
        self.classes().map(|(_, _, len)| len).sum()
    }

    fn pack_backward(&self, w: &[f32], packed: &mut [f32]) {
        let (channels, out, kernel) = (self.input.channels, self.out, self.window.kernel);
        let mut rest = packed;
        for (class, taps, len) in self.classes() {
            let (packed, others) = rest.split_at_mut(len);
            rest = others;
            for place in 0..taps {
                let tap = class + (taps - 1 - place) * self.window.stride;
                let at = (taps * out, place * out);
                let strides = (channels * kernel, kernel);
                kernel::pack_tap(self.isa, at, (out, channels), &w[tap..], strides, packed);
            }
        }
    }

    fn workspace_len(&self, _batch: usize, keep: bool) -> usize {
        // The gradient of the weights, packed.
        if keep { self.packed_len() } else { 0 }
    }

    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        let (batch, channels, out) = (pass.batch, self.input.channels, self.out);
        let bias = &w.plain[self.weight_len()..];
        for Run { steps: (step, steps), taps: (first, taps) } in self.window.runs(self.input.time) {
            let product = Product {
                rows: 0,
                columns: out,
                a: &x[self.window.input(step, first) * batch * channels..],
                row_stride: channels,
                segments: taps,
                segment_stride: batch * channels,
                inner: channels,
                packed: w.packed,
                packed_inner: self.inner(),
                first: first * channels,
                result_stride: out,
                start: if self.bias { Start::Bias(bias) } else { Start::Zero },
            };
            let to = &mut y[step * batch * out..];
            let a_step = self.window.stride * batch * channels;
            self.multiply((steps, batch), product, a_step, to, batch * out);
        }
    }

    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, dy, dx, dw, workspace, .. } = back;
        let (batch, channels, out) = (pass.batch, self.input.channels, self.out);
        let Window { kernel, stride, .. } = self.window;
        let (d_weight, d_bias) = dw.split_at_mut(self.weight_len());
        workspace.fill(0.0);
        for Run { steps: (step, steps), taps: (first, taps) } in self.window.runs(self.input.time) {
            let gradient = DenseGradient {
                rows: batch,
                steps,
                taps,
                inner: channels,
                columns: out,
                a: &x[self.window.input(step, first) * batch * channels..],
                a_tap: batch * channels,
                a_step: stride * batch * channels,
                b: &dy[step * batch * out..],
                packed_inner: self.inner(),
                first: first * channels,
            };
            kernel::dense_weight_gradient(self.isa, &gradient, workspace);
        }
        for tap in 0..kernel {
            let (at, strides) = ((self.inner(), tap * channels), (kernel, channels * kernel));
            let shape = (channels, out);
            kernel::unpack_tap_add(self.isa, at, shape, workspace, &mut d_weight[tap..], strides);
        }
        if self.bias {
            kernel::add_column_sums(self.isa, dy, d_bias);
        }
        if !dx.is_empty() {
            self.input_gradient(batch, w.packed_backward, dy, dx);
        }
    }
}
