//! Inverted dropout (Srivastava et al. 2014).

use super::{BackwardPass, Layer, Mode, Pass, Weights};
use crate::{Random, Shape};

/// Drops values in training, the identity in inference.
#[derive(Debug)]
pub(crate) struct Dropout {
    input: Shape,
    p: f32,
}

impl Dropout {
    pub(crate) fn new(input: Shape, p: f32) -> Self {
        Self { input, p }
    }
}

/// Fills `mask` with 0 (probability `p`, to 1/65536) and `1 / (1 - p)`.
pub(super) fn draw_mask(random: &mut Random, p: f32, mask: &mut [f32]) {
    let threshold = (p * 65_536.0) as u32;
    let keep = 1.0 / (1.0 - p);
    for pair in mask.chunks_mut(2) {
        let bits = random.bits();
        for (value, half) in pair.iter_mut().zip([bits & 0xFFFF, bits >> 16]) {
            *value = if half < threshold { 0.0 } else { keep };
        }
    }
}

/// `out = x * mask`, element by element.
pub(super) fn apply(x: &[f32], mask: &[f32], out: &mut [f32]) {
    for ((out, x), m) in out.iter_mut().zip(x).zip(mask) {
        *out = x * m;
    }
}

impl Layer for Dropout {
    fn output(&self) -> Shape {
        self.input
    }

    fn workspace_len(&self, batch: usize, _keep: bool) -> usize {
        self.input.len() * batch
    }

    fn forward(&self, pass: &Pass, _w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]) {
        match pass.mode.random(pass.index as u64) {
            Some(mut random) if self.p > 0.0 => {
                let mask = &mut workspace[..x.len()];
                draw_mask(&mut random, self.p, mask);
                apply(x, mask, y);
            }
            _ => y.copy_from_slice(x),
        }
    }

    fn backward(&self, pass: &Pass, _w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { dy, dx, workspace, .. } = back;
        if dx.is_empty() {
            return;
        }
        if pass.mode == Mode::Inference || self.p == 0.0 {
            dx.copy_from_slice(dy);
        } else {
            apply(dy, workspace, dx);
        }
    }
}
