//! Plain arrays: what every target can run, without fused multiply-add.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "the contract is that of the trait, the same for every line"
)]

use super::Simd;

/// `LANES` values, and the tiles' rows for four, three and two vectors.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Plain<
    const LANES: usize,
    const GATE_ROWS: usize,
    const THREE_ROWS: usize,
    const ROWS: usize,
>;

/// Four values, which SSE2 and its like hold in one register.
pub(in crate::kernel) type Portable = Plain<4, 2, 3, 4>;

/// The lanes and tiles of AVX-512, for tests on processors that lack it.
#[cfg(test)]
pub(in crate::kernel) type Wide = Plain<16, 6, 8, 12>;

/// One operation, value by value.
#[inline(always)]
fn each<const N: usize>(operation: impl Fn(usize) -> f32) -> [f32; N] {
    let mut out = [0.0; N];
    for (i, value) in out.iter_mut().enumerate() {
        *value = operation(i);
    }
    out
}

impl<const LANES: usize, const GATE_ROWS: usize, const THREE_ROWS: usize, const ROWS: usize> Simd
    for Plain<LANES, GATE_ROWS, THREE_ROWS, ROWS>
{
    const LANES: usize = LANES;
    const GATE_ROWS: usize = GATE_ROWS;
    const THREE_ROWS: usize = THREE_ROWS;
    const ROWS: usize = ROWS;
    type V = [f32; LANES];

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        [x; LANES]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        unsafe { from.cast::<Self::V>().read() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, v: Self::V) {
        unsafe { to.cast::<Self::V>().write(v) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] + b[i])
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] - b[i])
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] * b[i])
    }

    #[inline(always)]
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] / b[i])
    }

    #[inline(always)]
    unsafe fn sqrt(x: Self::V) -> Self::V {
        each(|i| libm::sqrtf(x[i]))
    }

    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| a[i] * b[i] + c[i])
    }

    #[inline(always)]
    unsafe fn nfma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| c[i] - a[i] * b[i])
    }

    #[inline(always)]
    unsafe fn clamp(x: Self::V, limit: f32) -> Self::V {
        // Comparisons and not `clamp`: that would turn NaN into a number.
        each(|i| {
            let low = if x[i] < -limit { -limit } else { x[i] };
            if low > limit { limit } else { low }
        })
    }

    #[inline(always)]
    unsafe fn select_le(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        each(|i| if a[i] <= b[i] { x[i] } else { y[i] })
    }

    #[inline(always)]
    unsafe fn select_eq(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        each(|i| if a[i] == b[i] { x[i] } else { y[i] })
    }
}
