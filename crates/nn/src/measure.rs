//! What the benchmarks need to put figures beside the limits of the machine: no part of the library, so it is there only with
//! the feature `measure`.

use crate::kernel::{self, DenseGradient, Product, Start};
use crate::layer::{BackwardPass, Layer, Pass, Weights};
use crate::{Aligned, InstructionSet, LayerSpec, Mode, NnError, Random, Shape};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Floating-point operations of one call of [`multiply_adds`] per iteration.
#[must_use]
pub fn multiply_add_flops(isa: InstructionSet, iterations: usize) -> f64 {
    2.0 * (kernel::PEAK_CHAINS * isa.lanes() * iterations) as f64
}

/// Independent chains of multiply-adds in registers, nothing else: the time of a call gives the peak of one core.
///
/// # Panics
/// When the processor lacks `isa`.
#[must_use]
pub fn multiply_adds(isa: InstructionSet, iterations: usize) -> f32 {
    let mut out = [0.0; 16];
    kernel::multiply_adds(isa, iterations, &mut out);
    out.iter().sum()
}

/// The product and the weight gradient behind linear layers and convolutions, on buffers of their own.
#[derive(Debug)]
pub struct Products {
    isa: InstructionSet,
    shape: (usize, usize, usize),
    a: Aligned,
    packed: Aligned,
    c: Aligned,
}

impl Products {
    /// Buffers for `[rows, inner] * [inner, columns]`.
    #[must_use]
    pub fn new(isa: InstructionSet, (rows, inner, columns): (usize, usize, usize)) -> Self {
        Self {
            isa,
            shape: (rows, inner, columns),
            a: filled(rows * inner, 0.5),
            packed: filled(kernel::packed_len(isa, inner, columns), 1e-3),
            c: Aligned::zeros(rows * columns),
        }
    }

    /// Floating-point operations of one run.
    #[must_use]
    pub fn flops(&self) -> f64 {
        2.0 * self.shape.0 as f64 * self.shape.1 as f64 * self.shape.2 as f64
    }

    /// `c = a * b`.
    pub fn product(&mut self) {
        let product = Product::plain(self.shape, &self.a, &self.packed, Start::Zero);
        kernel::multiply(self.isa, &product, &mut self.c);
    }

    /// `b += aᵀ c`.
    pub fn weight_gradient(&mut self) {
        let gradient = DenseGradient::plain(self.shape, &self.a, &self.c);
        kernel::dense_weight_gradient(self.isa, &gradient, &mut self.packed);
    }
}

fn filled(len: usize, value: f32) -> Aligned {
    let mut buffer = Aligned::zeros(len);
    buffer.fill(value);
    buffer
}

/// One layer alone, with inputs, gradients and workspace of its own.
#[derive(Debug)]
pub struct LayerRun {
    layer: Box<dyn Layer>,
    pass: Pass,
    weights: Vec<f32>,
    packed: Aligned,
    packed_backward: Aligned,
    x: Aligned,
    y: Aligned,
    dy: Aligned,
    dx: Aligned,
    gradient: Vec<f32>,
    workspace: Aligned,
}

impl LayerRun {
    /// A layer for `batch` examples of shape `input`.
    ///
    /// # Errors
    /// When options or input do not fit.
    pub fn new(spec: &LayerSpec, input: Shape, batch: usize, isa: InstructionSet) -> Result<Self, NnError> {
        let layer = spec.build(0, input, isa)?;
        let weights = crate::initial::all(layer.parameters().iter(), 1);
        let (x, y) = (random(batch * input.len(), 2), random(batch * layer.output().len(), 3));
        let mut run = Self {
            pass: Pass { batch, mode: Mode::Training { seed: 1, stream: 0 }, keep: true, index: 0 },
            gradient: vec![0.0; weights.len()],
            workspace: Aligned::zeros(layer.workspace_len(batch, true)),
            dx: Aligned::zeros(x.len()),
            dy: random(y.len(), 4),
            packed: Aligned::zeros(layer.packed_len()),
            packed_backward: Aligned::zeros(layer.packed_backward_len()),
            weights,
            x,
            y,
            layer,
        };
        run.pack();
        Ok(run)
    }

    /// Values of the input and of the result.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.x.len(), self.y.len())
    }

    /// The weights as the kernels read them, forwards and backwards.
    pub fn pack(&mut self) {
        self.layer.pack(&self.weights, &mut self.packed);
        self.layer.pack_backward(&self.weights, &mut self.packed_backward);
    }

    /// The forward pass.
    pub fn forward(&mut self) {
        let w = weights(&self.weights, &self.packed, &self.packed_backward);
        self.layer.forward(&self.pass, w, &self.x, &mut self.y, &mut self.workspace);
    }

    /// The backward pass, with the gradient of the input or without.
    pub fn backward(&mut self, with_input: bool) {
        let w = weights(&self.weights, &self.packed, &self.packed_backward);
        let back = BackwardPass {
            x: &self.x,
            y: &self.y,
            dy: &mut self.dy,
            dx: if with_input { &mut self.dx } else { &mut [] },
            dw: &mut self.gradient,
            workspace: &mut self.workspace,
        };
        self.layer.backward(&self.pass, w, back);
    }
}

fn weights<'a>(plain: &'a [f32], packed: &'a [f32], packed_backward: &'a [f32]) -> Weights<'a> {
    Weights { plain, packed, packed_backward }
}

fn random(len: usize, stream: u64) -> Aligned {
    let (mut buffer, mut random) = (Aligned::zeros(len), Random::new(1, stream));
    buffer.iter_mut().for_each(|v| *v = random.normal());
    buffer
}
