//! Normalisation: sums over the rows of a matrix for each channel, and affine maps of the channels.
//!
//! Batch normalisation reads a matrix `[rows, channels]` as rows of a *period*, the least common multiple of channels
//! and lanes: whole vectors for any number of channels, with parameters repeated over the period. Where the channels
//! fill whole vectors a period is one row. What is left behind the last whole period is less than one.

use super::simd::Simd;

/// Periods summed in f32 before the sums go on in f64.
///
/// The moments of a block are taken about its first value, which lies within `√(n - 1)` standard deviations (of the
/// block) of the block's mean: whatever the data, `Σd²` is at most n times what is left of it after `(Σd)² / n` has been
/// taken off, so that the variance keeps its digits however far its channel is from zero.
pub(crate) const BLOCK: usize = 64;

/// Vectors of a row that are summed together.
const GROUP: usize = 4;

/// The body of [`super::column_moments`].
///
/// # Safety
/// `x` has whole periods, `partial` three for each block of them, a period is whole vectors, and the processor has S.
#[inline(always)]
pub(super) unsafe fn moments<S: Simd>(x: &[f32], period: usize, partial: &mut [f32]) {
    let periods = x.len() / period;
    // SAFETY: offsets stay within what the caller vouches for.
    unsafe {
        for block in 0..periods.div_ceil(BLOCK) {
            let rows = (periods - block * BLOCK).min(BLOCK);
            let x = x.as_ptr().add(block * BLOCK * period);
            let out = partial.as_mut_ptr().add(block * 3 * period);
            let mut at = 0;
            while at + GROUP * S::LANES <= period {
                moments_of::<S, GROUP>(x.add(at), period, rows, out.add(at));
                at += GROUP * S::LANES;
            }
            while at < period {
                moments_of::<S, 1>(x.add(at), period, rows, out.add(at));
                at += S::LANES;
            }
        }
    }
}

#[inline(always)]
unsafe fn moments_of<S: Simd, const N: usize>(x: *const f32, period: usize, rows: usize, out: *mut f32) {
    // SAFETY: as the caller vouches.
    unsafe {
        let zero = S::splat(0.0);
        let (mut first, mut sum, mut squares) = ([zero; N], [zero; N], [zero; N]);
        for v in 0..N {
            first[v] = S::load(x.add(v * S::LANES));
        }
        let mut x = x;
        for _ in 1..rows {
            x = x.add(period);
            for v in 0..N {
                let d = S::sub(S::load(x.add(v * S::LANES)), first[v]);
                sum[v] = S::add(sum[v], d);
                squares[v] = S::fma(d, d, squares[v]);
            }
        }
        for v in 0..N {
            S::store(out.add(v * S::LANES), first[v]);
            S::store(out.add(period + v * S::LANES), sum[v]);
            S::store(out.add(2 * period + v * S::LANES), squares[v]);
        }
    }
}

/// The body of [`super::column_dots`].
///
/// # Safety
/// `dy` and `x` are equally long and have whole periods, `partial` two for each block of them, `mean` one; a period is
/// whole vectors, and the processor has S.
#[inline(always)]
pub(super) unsafe fn dots<S: Simd>(dy: &[f32], x: &[f32], mean: &[f32], partial: &mut [f32]) {
    let period = mean.len();
    let periods = x.len() / period;
    // SAFETY: offsets stay within what the caller vouches for.
    unsafe {
        for block in 0..periods.div_ceil(BLOCK) {
            let rows = (periods - block * BLOCK).min(BLOCK);
            let start = block * BLOCK * period;
            let (dy, x) = (dy.as_ptr().add(start), x.as_ptr().add(start));
            let out = partial.as_mut_ptr().add(block * 2 * period);
            let mut at = 0;
            while at + GROUP * S::LANES <= period {
                dots_of::<S, GROUP>(dy.add(at), x.add(at), mean.as_ptr().add(at), period, rows, out.add(at));
                at += GROUP * S::LANES;
            }
            while at < period {
                dots_of::<S, 1>(dy.add(at), x.add(at), mean.as_ptr().add(at), period, rows, out.add(at));
                at += S::LANES;
            }
        }
    }
}

#[inline(always)]
unsafe fn dots_of<S: Simd, const N: usize>(
    dy: *const f32,
    x: *const f32,
    mean: *const f32,
    period: usize,
    rows: usize,
    out: *mut f32,
) {
    // SAFETY: as the caller vouches.
    unsafe {
        let zero = S::splat(0.0);
        let (mut centre, mut sum, mut dot) = ([zero; N], [zero; N], [zero; N]);
        for v in 0..N {
            centre[v] = S::load(mean.add(v * S::LANES));
        }
        for row in 0..rows {
            for v in 0..N {
                let at = row * period + v * S::LANES;
                let g = S::load(dy.add(at));
                sum[v] = S::add(sum[v], g);
                dot[v] = S::fma(g, S::sub(S::load(x.add(at)), centre[v]), dot[v]);
            }
        }
        for v in 0..N {
            S::store(out.add(v * S::LANES), sum[v]);
            S::store(out.add(period + v * S::LANES), dot[v]);
        }
    }
}

/// The body of [`super::add_column_sums`].
///
/// # Safety
/// `x` is whole rows as long as `sums`, and the processor has S.
#[inline(always)]
pub(super) unsafe fn column_sums<S: Simd>(x: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    let mut at = 0;
    // SAFETY: `at + n` is at most the length of a row.
    unsafe {
        while at + GROUP * S::LANES <= columns {
            column_sums_of::<S, GROUP>(x, at, S::LANES, sums);
            at += GROUP * S::LANES;
        }
        while at < columns {
            let n = (columns - at).min(S::LANES);
            column_sums_of::<S, 1>(x, at, n, sums);
            at += n;
        }
    }
}

/// `N` vectors of columns, the last of which has `n`.
#[inline(always)]
unsafe fn column_sums_of<S: Simd, const N: usize>(x: &[f32], at: usize, n: usize, sums: &mut [f32]) {
    let columns = sums.len();
    // SAFETY: as the caller vouches.
    unsafe {
        let to = sums.as_mut_ptr().add(at);
        let mut sum = [S::splat(0.0); N];
        for v in 0..N {
            sum[v] = S::load_up_to(to.add(v * S::LANES), n);
        }
        for row in 0..x.len() / columns {
            let x = x.as_ptr().add(row * columns + at);
            for v in 0..N {
                sum[v] = S::add(sum[v], S::load_up_to(x.add(v * S::LANES), n));
            }
        }
        for v in 0..N {
            S::store_up_to(to.add(v * S::LANES), sum[v], n);
        }
    }
}

/// `y = (x - mean) * scale + shift`, the parameters repeated over periods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine<'a> {
    /// Subtracted first, which keeps the digits of a channel far from zero.
    pub mean: &'a [f32],
    /// Factor.
    pub scale: &'a [f32],
    /// Added last.
    pub shift: &'a [f32],
}

/// The body of [`super::affine`].
///
/// # Safety
/// `x` and `y` are equally long, the parameters a period of whole vectors, and the processor has S.
#[inline(always)]
pub(super) unsafe fn affine<S: Simd>(p: &Affine<'_>, x: &[f32], y: &mut [f32]) {
    let (len, period) = (x.len(), p.mean.len());
    let (mean, scale, shift) = (p.mean.as_ptr(), p.scale.as_ptr(), p.shift.as_ptr());
    let mut start = 0;
    while start < len {
        let count = period.min(len - start);
        // SAFETY: `start + at` stays below the length, `at` below the period.
        unsafe {
            let (x, y) = (x.as_ptr().add(start), y.as_mut_ptr().add(start));
            let mut at = 0;
            while at + S::LANES <= count {
                let centred = S::sub(S::load(x.add(at)), S::load(mean.add(at)));
                S::store(y.add(at), S::fma(centred, S::load(scale.add(at)), S::load(shift.add(at))));
                at += S::LANES;
            }
            if at < count {
                let centred = S::sub(S::load_up_to(x.add(at), count - at), S::load(mean.add(at)));
                let value = S::fma(centred, S::load(scale.add(at)), S::load(shift.add(at)));
                S::store_up_to(y.add(at), value, count - at);
            }
        }
        start += period;
    }
}

/// `dx = dy * scale + ((x - mean) * slope + offset)`, the parameters repeated over periods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AffineBack<'a> {
    /// Subtracted from x.
    pub mean: &'a [f32],
    /// Factor of the gradient.
    pub scale: &'a [f32],
    /// Factor of the centred x.
    pub slope: &'a [f32],
    /// Added.
    pub offset: &'a [f32],
}

/// The body of [`super::affine_back`].
///
/// # Safety
/// `x`, `dy` and `dx` are equally long, the parameters a period of whole vectors, and the processor has S.
#[inline(always)]
pub(super) unsafe fn affine_back<S: Simd>(p: &AffineBack<'_>, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let (len, period) = (x.len(), p.mean.len());
    let (mean, scale) = (p.mean.as_ptr(), p.scale.as_ptr());
    let (slope, offset) = (p.slope.as_ptr(), p.offset.as_ptr());
    let mut start = 0;
    while start < len {
        let count = period.min(len - start);
        let mut at = 0;
        while at < count {
            let n = (count - at).min(S::LANES);
            // SAFETY: `start + at + n` is at most the length, `at` below the period.
            unsafe {
                let (x, dy) = (x.as_ptr().add(start + at), dy.as_ptr().add(start + at));
                let to = dx.as_mut_ptr().add(start + at);
                let (x, dy) = (S::load_up_to(x, n), S::load_up_to(dy, n));
                let centred = S::sub(x, S::load(mean.add(at)));
                let rest = S::fma(centred, S::load(slope.add(at)), S::load(offset.add(at)));
                let value = S::fma(dy, S::load(scale.add(at)), rest);
                S::store_up_to(to, value, n);
            }
            at += n;
        }
        start += period;
    }
}
