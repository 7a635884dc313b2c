//! One vector type per instruction set, behind a trait that the kernel bodies are generic over.
//!
//! Everything is `#[inline(always)]`: a body becomes part of the `#[target_feature]` function that `kernel!`
//! wraps around it, and only there do the intrinsics turn into single instructions.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(super) use avx2::Avx2Fma;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(super) use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub(super) use neon::Neon;
pub(super) use portable::Portable;
#[cfg(test)]
pub(super) use portable::Wide;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use wasm::Simd128;

/// The widest vector of any instruction set, for buffers on the stack.
pub(super) const MAX_LANES: usize = 16;

/// Arithmetic on vectors of f32.
///
/// # Safety
/// Every function may only run on a processor that has the instruction set, which the caller of a kernel body has
/// detected; `load` and `store` read and write [`Simd::LANES`] values from their pointer on, aligned as f32 is.
pub(super) trait Simd: Copy {
    /// Values in a vector.
    const LANES: usize;
    /// Rows of the tiles with four vectors a row (the gates of recurrent cells).
    const GATE_ROWS: usize;
    /// Rows of the tiles with three vectors a row (the gates of a GRU).
    const THREE_ROWS: usize;
    /// Rows of the tiles with two vectors a row (all other products).
    const ROWS: usize;
    type V: Copy;

    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, v: Self::V);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sqrt(x: Self::V) -> Self::V;
    /// `a * b + c`, fused where the instruction set has it.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `-(a * b) + c`, fused where the instruction set has it.
    unsafe fn nfma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `x` within `±limit`; NaN stays NaN, so that a diverged network shows.
    unsafe fn clamp(x: Self::V, limit: f32) -> Self::V;
    /// `x` where `a <= b`, else `y`; NaN is not less or equal.
    unsafe fn select_le(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// `x` where `a == b`, else `y`; NaN is not equal.
    unsafe fn select_eq(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;

    /// The larger of the two, NaN if either is, so that a diverged network shows.
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the caller's processor has the instruction set.
        unsafe { Self::select_eq(b, b, Self::select_le(a, b, b, a), b) }
    }

    /// The sum of all values, in one fixed order.
    #[inline(always)]
    unsafe fn sum(v: Self::V) -> f32 {
        let mut values = [0f32; MAX_LANES];
        // SAFETY: `values` holds the widest vector.
        unsafe { Self::store(values.as_mut_ptr(), v) };
        let mut n = Self::LANES;
        while n > 1 {
            n /= 2;
            for i in 0..n {
                values[i] += values[i + n];
            }
        }
        values[0]
    }

    /// The first `n` values, zeros behind them.
    #[inline(always)]
    unsafe fn load_part(from: *const f32, n: usize) -> Self::V {
        let mut copy = [0f32; MAX_LANES];
        // SAFETY: the caller says that `n` values can be read; `n` is at most a vector's length.
        unsafe {
            core::ptr::copy_nonoverlapping(from, copy.as_mut_ptr(), n.min(Self::LANES));
            Self::load(copy.as_ptr())
        }
    }

    /// Stores the first `n` values.
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, v: Self::V, n: usize) {
        let mut copy = [0f32; MAX_LANES];
        // SAFETY: the caller says that `n` values can be written; `n` is at most a vector's length.
        unsafe {
            Self::store(copy.as_mut_ptr(), v);
            core::ptr::copy_nonoverlapping(copy.as_ptr(), to, n.min(Self::LANES));
        }
    }

    /// A vector, or what there is of it when only `left` values are: masked loads and stores are slow, so that they are
    /// kept to where they are needed.
    #[inline(always)]
    unsafe fn load_up_to(from: *const f32, left: usize) -> Self::V {
        // SAFETY: the caller says that `left` values can be read.
        unsafe { if left >= Self::LANES { Self::load(from) } else { Self::load_part(from, left) } }
    }

    /// Stores a vector, or its first `left` values.
    #[inline(always)]
    unsafe fn store_up_to(to: *mut f32, v: Self::V, left: usize) {
        // SAFETY: the caller says that `left` values can be written.
        unsafe { if left >= Self::LANES { Self::store(to, v) } else { Self::store_part(to, v, left) } }
    }
}
