//! The fastest thing a core can do with multiply-adds.

use super::simd::Simd;

/// Independent chains: twice as many as any core here has multiply-adds in flight.
pub(crate) const CHAINS: usize = 12;

/// The body of [`super::multiply_adds`].
///
/// # Safety
/// The processor has S.
#[inline(always)]
pub(super) unsafe fn multiply_adds<S: Simd>(iterations: usize, out: &mut [f32; 16]) {
    // SAFETY: `out` holds the widest vector.
    unsafe {
        let (x, y) = (S::splat(core::hint::black_box(0.999)), S::splat(core::hint::black_box(1e-3)));
        let mut sum = [y; CHAINS];
        for _ in 0..iterations {
            for i in 0..CHAINS {
                sum[i] = S::fma(sum[i], x, y);
            }
        }
        let mut total = y;
        for i in 0..CHAINS {
            total = S::add(total, sum[i]);
        }
        S::store(out.as_mut_ptr(), total);
    }
}
