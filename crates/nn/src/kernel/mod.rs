//! The numeric kernels behind one narrow door: every product and every gate of every layer passes through here,
//! and all unsafe code of the project lives below this module.
//!
//! Which instruction set runs is found once, at run time ([`InstructionSet::detect`]); results are the same bits
//! for one instruction set and may differ in the last bits between two. The safe functions here check every length,
//! so that the bodies behind them, which are generic over [`simd::Simd`], need no bounds checks in their loops.

// Vector loads and stores through pointers, and calls into functions that need a processor feature; each block
// states why it holds.
#![allow(unsafe_code)]

mod adamw;
mod aligned;
mod attention;
mod depthwise;
mod elementwise;
mod gru;
mod layernorm;
mod lstm;
mod math;
mod norm;
mod pack;
mod peak;
mod product;
pub(crate) mod recurrent;
pub(crate) mod reference;
mod simd;
mod taps;
mod tile;

pub(crate) use adamw::{AdamWRates, AdamWStep};
pub use aligned::Aligned;
pub(crate) use depthwise::{Taps, TapsGradient};
pub(crate) use elementwise::Map;
pub(crate) use layernorm::LayerNormBack;
pub(crate) use norm::{Affine, AffineBack, BLOCK as MOMENT_BLOCK};
pub(crate) use pack::{GRU, GateLayout, LSTM, Side, pack, packed_len, unpack_add};
pub(crate) use peak::CHAINS as PEAK_CHAINS;
pub(crate) use product::{Product, Start};
pub(crate) use taps::{TapGradient, pack_tap, unpack_tap_add};

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

/// A safe function that checks its argument and runs a body on the instruction set.
///
/// A value of [`InstructionSet`] is no proof that the processor has it (anybody can write the variant down), so
/// it is asked again; the answer is cached by the standard library.
macro_rules! kernel {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) = $module:ident::$body:ident after |$isa:ident| $check:expr) => {
        $(#[$doc])*
        pub(crate) fn $name($isa: InstructionSet, $($arg: $ty),*) {
            assert!($isa.is_available(), "{:?} is not available here", $isa);
            $check;
            match $isa {
                #[cfg(all(feature = "std", target_arch = "x86_64"))]
                InstructionSet::Avx2Fma => {
                    #[target_feature(enable = "avx2,fma")]
                    fn avx2($($arg: $ty),*) {
                        // SAFETY: the arguments have been checked, and this function has the features.
                        unsafe { $module::$body::<simd::Avx2Fma>($($arg),*) }
                    }
                    // SAFETY: the processor has AVX2 and FMA, as just asserted.
                    unsafe { avx2($($arg),*) }
                }
                #[cfg(all(feature = "std", target_arch = "x86_64"))]
                InstructionSet::Avx512 => {
                    #[target_feature(enable = "avx512f")]
                    fn avx512($($arg: $ty),*) {
                        // SAFETY: the arguments have been checked, and this function has the feature.
                        unsafe { $module::$body::<simd::Avx512>($($arg),*) }
                    }
                    // SAFETY: the processor has AVX-512F, as just asserted.
                    unsafe { avx512($($arg),*) }
                }
                #[cfg(target_arch = "aarch64")]
                // SAFETY: the arguments have been checked; NEON is the baseline of this target.
                InstructionSet::Neon => unsafe { $module::$body::<simd::Neon>($($arg),*) },
                #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                // SAFETY: the arguments have been checked; simd128 was enabled for this build.
                InstructionSet::Simd128 => unsafe { $module::$body::<simd::Simd128>($($arg),*) },
                #[cfg(test)]
                // SAFETY: the arguments have been checked, and plain arrays run everywhere.
                InstructionSet::Wide => unsafe { $module::$body::<simd::Wide>($($arg),*) },
                // SAFETY: the arguments have been checked, and plain arrays run everywhere.
                _ => unsafe { $module::$body::<simd::Portable>($($arg),*) },
            }
        }
    };
}

// Behind the macro, which it uses.
mod doors;
pub(crate) use doors::*;

kernel! {
    /// `c = start + a * b`; `c` is `[rows, columns]`, `result_stride` apart.
    ///
    /// Each element is one sum over segments and inner length in rising order, so a row's result does not depend on
    /// the other rows.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn multiply(product: &Product<'_>, c: &mut [f32]) = product::multiply after |isa| product.check(isa.lanes(), c)
}

kernel! {
    /// One time step of an LSTM layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn lstm_forward(step: &mut recurrent::Step<'_>) = lstm::forward
        after |isa| step.check(LSTM.vectors, true, isa.lanes())
}

kernel! {
    /// One time step back through the cells of an LSTM layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn lstm_backward(step: &mut recurrent::StepBack<'_>) = lstm::backward after |isa| step.check(true, isa.lanes())
}

kernel! {
    /// One time step of a GRU layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn gru_forward(step: &mut recurrent::Step<'_>) = gru::forward
        after |isa| step.check(GRU.vectors, false, isa.lanes())
}

kernel! {
    /// One time step back through the cells of a GRU layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn gru_backward(step: &mut recurrent::StepBack<'_>) = gru::backward after |isa| step.check(false, isa.lanes())
}

kernel! {
    /// Bias and inputs' share of a recurrent layer's slots for many time steps at once.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn recurrent_project(projection: &mut recurrent::Projection<'_>) = recurrent::project
        after |isa| projection.check(isa.lanes())
}

kernel! {
    /// Gradient of a recurrent layer's input or recurrent weights from several time steps.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn recurrent_weight_gradient(gradient: &mut recurrent::GateGradient<'_>) = recurrent::weight_gradient
        after |isa| gradient.check(isa.lanes())
}

kernel! {
    /// One AdamW step over a run of weights.
    ///
    /// # Panics
    /// When the runs differ in length, or the processor lacks `isa`.
    fn adamw(step: &mut AdamWStep<'_>) = adamw::update after |_isa| step.check()
}

kernel! {
    /// Chains of multiply-adds in registers, to measure the peak of a core.
    ///
    /// # Panics
    /// When the processor lacks `isa`.
    fn multiply_adds(iterations: usize, out: &mut [f32; 16]) = peak::multiply_adds
        after |isa| assert!(isa.lanes() <= out.len(), "a vector")
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
