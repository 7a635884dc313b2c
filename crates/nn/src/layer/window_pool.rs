//! Pooling over windows of time.

use super::conv::Window;
use super::{BackwardPass, Layer, Pass, Weights};
use crate::kernel::{self, Map};
use crate::{InstructionSet, Shape, WindowPooling};

/// As PyTorch's `MaxPool1d` (padding counts for nothing, the gradient goes to the first of equal values) and `AvgPool1d`
/// (padding counts as zeros).
#[derive(Debug)]
pub(crate) struct WindowPool {
    input: Shape,
    kind: WindowPooling,
    window: Window,
    isa: InstructionSet,
}

impl WindowPool {
    /// The padding is at most half the kernel, so that every window has a time step.
    pub(crate) fn new(input: Shape, kind: WindowPooling, window: Window, isa: InstructionSet) -> Self {
        Self { input, kind, window, isa }
    }
}

impl Layer for WindowPool {
    fn output(&self) -> Shape {
        Shape { time: self.window.results(self.input.time), channels: self.input.channels }
    }

    /// What is left of a step's gradient while its maximum is looked for.
    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        if keep { batch * self.input.channels } else { 0 }
    }

    fn forward(&self, pass: &Pass, _w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        let row = pass.batch * self.input.channels;
        let scale = 1.0 / self.window.kernel as f32;
        for (step, y) in y.chunks_exact_mut(row).enumerate() {
            let (first, taps) = self.window.taps(self.input.time, step);
            let x = &x[self.window.input(step, first) * row..][..taps * row];
            let (start, rest) = x.split_at(row);
            match self.kind {
                WindowPooling::Max => {
                    y.copy_from_slice(start);
                    rest.chunks_exact(row).for_each(|x| kernel::update(self.isa, Map::Max, x, y));
                }
                WindowPooling::Mean => {
                    kernel::scale(self.isa, scale, start, y);
                    rest.chunks_exact(row).for_each(|x| kernel::add_scaled(self.isa, scale, x, y));
                }
            }
        }
    }

    fn backward(&self, pass: &Pass, _w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, y, dy, dx, workspace, .. } = back;
        if dx.is_empty() {
            return;
        }
        dx.fill(0.0);
        let row = pass.batch * self.input.channels;
        let scale = 1.0 / self.window.kernel as f32;
        let left = &mut workspace[..row];
        for (step, (y, dy)) in y.chunks_exact(row).zip(dy.chunks_exact(row)).enumerate() {
            let (first, taps) = self.window.taps(self.input.time, step);
            let at = self.window.input(step, first) * row;
            let (x, dx) = (&x[at..][..taps * row], &mut dx[at..][..taps * row]);
            left.copy_from_slice(dy);
            for (x, dx) in x.chunks_exact(row).zip(dx.chunks_exact_mut(row)) {
                match self.kind {
                    WindowPooling::Max => kernel::max_back(self.isa, x, y, left, dx),
                    WindowPooling::Mean => kernel::add_scaled(self.isa, scale, dy, dx),
                }
            }
        }
    }
}
