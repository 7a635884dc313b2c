//! Plain arrays: what every target can run, without fused multiply-add.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the contract is that of the trait, the same for every line"
)]

use super::Simd;

/// Four values, which SSE2 and its like hold in one register.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Portable;

impl Simd for Portable {
    const LANES: usize = 4;
    const GATE_ROWS: usize = 2;
    const THREE_ROWS: usize = 3;
    const ROWS: usize = 4;
    type V = [f32; 4];

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        [x; 4]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        unsafe { from.cast::<[f32; 4]>().read() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        unsafe { to.cast::<[f32; 4]>().write(v) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = a[i] + b[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = a[i] - b[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = a[i] * b[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = a[i] / b[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn sqrt(a: Self::V) -> Self::V {
        a.map(libm::sqrtf)
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = a[i] * b[i] + c[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn nfma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        let mut out = [0.0; 4];
        for i in 0..4 {
            out[i] = c[i] - a[i] * b[i];
        }
        out
    }

    #[inline(always)]
    unsafe fn clamp(x: Self::V, limit: f32) -> Self::V {
        let mut out = x;
        for v in &mut out {
            // Comparisons and not `clamp`: that would turn NaN into a number.
            *v = if *v > limit { limit } else { *v };
            *v = if *v < -limit { -limit } else { *v };
        }
        out
    }

    #[inline(always)]
    unsafe fn select_le(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        let mut out = y;
        for i in 0..4 {
            out[i] = if a[i] <= b[i] { x[i] } else { y[i] };
        }
        out
    }

    #[inline(always)]
    unsafe fn select_eq(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        let mut out = y;
        for i in 0..4 {
            out[i] = if a[i] == b[i] { x[i] } else { y[i] };
        }
        out
    }
}
