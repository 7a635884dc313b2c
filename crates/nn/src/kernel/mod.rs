//! The numeric kernels, all called through [`dispatch`]: every product and every gate of every layer passes through here,
//! and all unsafe code of the project lives below this module.
//!
//! Which instruction set runs is found once, at run time ([`InstructionSet::detect`]); results are the same bits
//! for one instruction set and may differ in the last bits between two. The safe functions there check every length,
//! so that the bodies behind them, which are generic over [`simd::Simd`], need no bounds checks in their loops.

// Vector loads and stores through pointers, and calls into functions that need a processor feature; each block
// states why it holds.
#![allow(unsafe_code)]

mod adamw;
mod aligned;
mod attention;
mod dense;
mod depthwise;
mod dispatch;
mod elementwise;
mod gru;
mod layernorm;
mod lstm;
mod math;
mod norm;
mod pack;
#[cfg(feature = "measure")]
mod peak;
mod product;
pub(crate) mod recurrent;
pub(crate) mod reference;
mod simd;
mod tile;

pub(crate) use adamw::{AdamWRates, AdamWStep};
pub use aligned::Aligned;
pub(crate) use dense::{DenseGradient, pack_tap, unpack_tap_add};
pub(crate) use depthwise::{DepthwiseGradient, DepthwiseSum};
pub(crate) use dispatch::*;
pub(crate) use elementwise::Map;
pub(crate) use layernorm::LayerNormBack;
pub(crate) use norm::{Affine, AffineBack, BLOCK as MOMENT_BLOCK};
pub(crate) use pack::{GRU, GateLayout, LSTM, Side, pack, packed_len, unpack_add};
#[cfg(feature = "measure")]
pub(crate) use peak::CHAINS as PEAK_CHAINS;
pub(crate) use product::{Product, Start};

/// The instruction set that kernels run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// What the compilation target guarantees, without fused multiply-add.
    Scalar,
    /// x86-64 with AVX2 and FMA.
    Avx2Fma,
    /// x86-64 with AVX-512F.
    Avx512,
    /// 64-bit ARM, whose baseline has NEON and fused multiply-add.
    Neon,
    /// WebAssembly, compiled with `simd128`.
    Simd128,
    /// The lanes and tiles of AVX-512 in plain arrays, for tests on processors that lack it.
    #[cfg(test)]
    Wide,
}

impl InstructionSet {
    /// All of them, the best last.
    const ALL: &[Self] = &[
        #[cfg(test)]
        Self::Wide,
        Self::Scalar,
        Self::Simd128,
        Self::Neon,
        Self::Avx2Fma,
        Self::Avx512,
    ];

    /// The best this processor and build can do.
    #[must_use]
    pub fn detect() -> Self {
        Self::ALL.iter().copied().rev().find(|isa| isa.is_available()).unwrap_or(Self::Scalar)
    }

    /// All that this processor and build can do, the best last.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|isa| isa.is_available())
    }

    /// Whether this processor and build can do it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Self::Avx2Fma => std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma"),
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Self::Avx512 => std::is_x86_feature_detected!("avx512f"),
            #[cfg(not(all(feature = "std", target_arch = "x86_64")))]
            Self::Avx2Fma | Self::Avx512 => false,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            #[cfg(test)]
            Self::Wide => true,
        }
    }

    /// Name as it stands in run records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2Fma => "avx2+fma",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
            #[cfg(test)]
            Self::Wide => "wide",
        }
    }

    /// Values of f32 in a vector.
    #[must_use]
    pub fn lanes(self) -> usize {
        match self {
            Self::Scalar | Self::Neon | Self::Simd128 => 4,
            Self::Avx2Fma => 8,
            Self::Avx512 => 16,
            #[cfg(test)]
            Self::Wide => 16,
        }
    }
}

/// Index of the largest value, the first of equals; 0 for an empty row.
pub fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, &value) in row.iter().enumerate() {
        if value > row[best] {
            best = index;
        }
    }
    best
}

/// Softmax of one row in place, computed from the largest value so that nothing overflows.
pub fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        let e = libm::exp(f64::from(*x) - f64::from(largest));
        sum += e;
        *x = e as f32;
    }
    for x in row.iter_mut() {
        *x = (f64::from(*x) / sum) as f32;
    }
}

#[cfg(test)]
mod tests;
