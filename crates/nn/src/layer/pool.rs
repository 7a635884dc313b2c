//! Pooling over time.

use super::{Layer, Pass, Weights};
use crate::{Pooling, Shape};

/// `[time, batch, channels]` to `[1, batch, channels]`.
#[derive(Debug)]
pub(crate) struct Pool {
    input: Shape,
    kind: Pooling,
}

impl Pool {
    pub(crate) fn new(input: Shape, kind: Pooling) -> Self {
        Self { input, kind }
    }
}

impl Layer for Pool {
    fn output(&self) -> Shape {
        Shape { time: 1, channels: self.input.channels }
    }

    /// The result over the steps so far. State: their number, then their sum.
    fn stream_len(&self) -> Option<usize> {
        Some(1 + self.input.channels)
    }

    fn stream(&self, _w: Weights<'_>, x: &[f32], y: &mut [f32], state: &mut [f32]) {
        match self.kind {
            Pooling::Last => y.copy_from_slice(x),
            Pooling::Mean => {
                let (count, sums) = state.split_at_mut(1);
                count[0] += 1.0;
                for ((y, sum), x) in y.iter_mut().zip(sums).zip(x) {
                    *sum += x;
                    *y = *sum * (1.0 / count[0]);
                }
            }
        }
    }

    fn forward(&self, _pass: &Pass, _w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        match self.kind {
            Pooling::Last => y.copy_from_slice(&x[x.len() - y.len()..]),
            Pooling::Mean => {
                y.fill(0.0);
                for step in x.chunks_exact(y.len()) {
                    for (sum, value) in y.iter_mut().zip(step) {
                        *sum += value;
                    }
                }
                let scale = 1.0 / self.input.time as f32;
                y.iter_mut().for_each(|v| *v *= scale);
            }
        }
    }

    fn backward(
        &self,
        _pass: &Pass,
        _w: Weights<'_>,
        _x: &[f32],
        _y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
        _dw: &mut [f32],
        _workspace: &mut [f32],
    ) {
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
                    for (d, g) in step.iter_mut().zip(dy.iter()) {
                        *d = g * scale;
                    }
                }
            }
        }
    }
}
