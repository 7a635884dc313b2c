//! WebAssembly with `simd128`, when built for it.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the contract is that of the trait, the same for every line"
)]

use super::Simd;
use core::arch::wasm32::*;

/// Engines run on hosts with 16 registers: as for AVX2.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Simd128;

impl Simd for Simd128 {
    const LANES: usize = 4;
    const GATE_ROWS: usize = 3;
    const THREE_ROWS: usize = 4;
    const ROWS: usize = 6;
    type V = v128;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        f32x4_splat(x)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        unsafe { v128_store(to.cast(), v) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        f32x4_add(a, b)
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        f32x4_sub(a, b)
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        f32x4_mul(a, b)
    }

    #[inline(always)]
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V {
        f32x4_div(a, b)
    }

    #[inline(always)]
    unsafe fn sqrt(x: Self::V) -> Self::V {
        f32x4_sqrt(x)
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        f32x4_add(f32x4_mul(a, b), c)
    }

    #[inline(always)]
    unsafe fn nfma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        f32x4_sub(c, f32x4_mul(a, b))
    }

    #[inline(always)]
    unsafe fn clamp(x: Self::V, limit: f32) -> Self::V {
        // `f32x4.min` and `max` give NaN for NaN.
        f32x4_max(f32x4_splat(-limit), f32x4_min(f32x4_splat(limit), x))
    }

    #[inline(always)]
    unsafe fn select_le(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        v128_bitselect(x, y, f32x4_le(a, b))
    }

    #[inline(always)]
    unsafe fn select_eq(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        v128_bitselect(x, y, f32x4_eq(a, b))
    }
}
