//! 64-bit ARM: 32 registers of 4 values.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the contract is that of the trait, the same for every line"
)]

use super::Simd;
use core::arch::aarch64::*;

/// 6 x 4 or 12 x 2 accumulators leave eight registers for the factors.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Neon;

impl Simd for Neon {
    const LANES: usize = 4;
    const GATE_ROWS: usize = 6;
    const THREE_ROWS: usize = 8;
    const ROWS: usize = 12;
    type V = float32x4_t;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        unsafe { vdupq_n_f32(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        unsafe { vst1q_f32(to, v) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        unsafe { vsubq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V {
        unsafe { vdivq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn sqrt(x: Self::V) -> Self::V {
        unsafe { vsqrtq_f32(x) }
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    unsafe fn nfma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { vfmsq_f32(c, a, b) }
    }

    #[inline(always)]
    unsafe fn clamp(x: Self::V, limit: f32) -> Self::V {
        // FMIN and FMAX give NaN for NaN.
        unsafe { vmaxq_f32(vdupq_n_f32(-limit), vminq_f32(vdupq_n_f32(limit), x)) }
    }

    #[inline(always)]
    unsafe fn select_le(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe { vbslq_f32(vcleq_f32(a, b), x, y) }
    }

    #[inline(always)]
    unsafe fn select_eq(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        unsafe { vbslq_f32(vceqq_f32(a, b), x, y) }
    }
}
