//! Non-linearities, value by value.

use super::{BackwardPass, Layer, Pass, Weights};
use crate::kernel::{self, Map};
use crate::{Activation, InstructionSet, Shape};

/// One function for all values.
#[derive(Debug)]
pub(crate) struct Elementwise {
    input: Shape,
    kind: Activation,
    isa: InstructionSet,
}

impl Elementwise {
    pub(crate) fn new(input: Shape, kind: Activation, isa: InstructionSet) -> Self {
        Self { input, kind, isa }
    }

    fn apply(&self, x: &[f32], y: &mut [f32]) {
        let f = match self.kind {
            Activation::Relu => Map::Relu,
            Activation::Tanh => Map::Tanh,
            Activation::Sigmoid => Map::Sigmoid,
        };
        kernel::map(self.isa, f, x, x, y);
    }
}

impl Layer for Elementwise {
    fn output(&self) -> Shape {
        self.input
    }

    fn forward(&self, _pass: &Pass, _w: Weights<'_>, x: &[f32], y: &mut [f32], _workspace: &mut [f32]) {
        self.apply(x, y);
    }

    fn backward(&self, _pass: &Pass, _w: Weights<'_>, back: BackwardPass<'_>) {
        let BackwardPass { y, dy, dx, .. } = back;
        if dx.is_empty() {
            return;
        }
        let f = match self.kind {
            Activation::Relu => Map::ReluBack,
            Activation::Tanh => Map::TanhBack,
            Activation::Sigmoid => Map::SigmoidBack,
        };
        kernel::map(self.isa, f, y, dy, dx);
    }
}
