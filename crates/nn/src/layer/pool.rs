//! Pooling over time.

use super::{BackwardPass, Layer, Pass, Weights};
use crate::kernel::{self, Map};
use crate::{InstructionSet, Pooling, Shape};

/// `[time, batch, channels]` to `[1, batch, channels]`.
///
/// A maximum's gradient goes to the first time step that has it.
#[derive(Debug)]
pub(crate) struct Pool {
    input: Shape,
    kind: Pooling,
    isa: InstructionSet,
}

impl Pool {
    pub(crate) fn new(input: Shape, kind: Pooling, isa: InstructionSet) -> Self {
        Self { input, kind, isa }
    }
}

impl Layer for Pool {
    fn output(&self) -> Shape {
        Shape { time: 1, channels: self.input.channels }
    }

    /// What is left of the gradient while the maximum is looked for.
    fn workspace_len(&self, batch: usize, keep: bool) -> usize {
        if keep && self.kind == Pooling::Max { batch * self.input.channels } else { 0 }
    }

    fn forward(&self, _pass: &Pass, _w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        match self.kind {
            Pooling::Last => y.copy_from_slice(&x[x.len() - y.len()..]),
            Pooling::Mean => {
                y.fill(0.0);
                for step in x.chunks_exact(y.len()) {
                    kernel::update(self.isa, Map::Add, step, y);
                }
                let scale = 1.0 / self.input.time as f32;
                y.iter_mut().for_each(|v| *v *= scale);
            }
            Pooling::Max => {
                let (first, rest) = x.split_at(y.len());
                y.copy_from_slice(first);
                for step in rest.chunks_exact(y.len()) {
                    kernel::update(self.isa, Map::Max, step, y);
                }
            }
        }
    }

    fn backward(&self, _pass: &Pass, _w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { x, y, dy, dx, workspace, .. } = back;
        if dx.is_empty() {
            return;
        }
        match self.kind {
            Pooling::Last => {
                let (rest, last) = dx.split_at_mut(dx.len() - dy.len());
                rest.fill(0.0);
                last.copy_from_slice(dy);
            }
            Pooling::Mean => {
                let scale = 1.0 / self.input.time as f32;
                for step in dx.chunks_exact_mut(dy.len()) {
                    kernel::scale(self.isa, scale, dy, step);
                }
            }
            Pooling::Max => {
                let left = &mut workspace[..dy.len()];
                left.copy_from_slice(dy);
                dx.fill(0.0);
                for (x, dx) in x.chunks_exact(dy.len()).zip(dx.chunks_exact_mut(dy.len())) {
                    kernel::max_back(self.isa, x, y, left, dx);
                }
            }
        }
    }
}
