//! What the benchmarks need to put figures beside the limits of the machine.

use crate::kernel::{self, Product, Start, WeightGradient};
use crate::{Aligned, InstructionSet};

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
        let gradient = WeightGradient::plain(self.shape, &self.a, &self.c);
        kernel::accumulate_weight_gradient(self.isa, &gradient, &mut self.packed);
    }
}

fn filled(len: usize, value: f32) -> Aligned {
    let mut buffer = Aligned::zeros(len);
    buffer.fill(value);
    buffer
}
