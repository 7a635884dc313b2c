//! The register tile: a few rows times a few vectors of columns, summed over the inner dimension in rising order.
//!
//! The order of the sums is the same in every tile, so a row's result does not depend on how many rows are computed
//! together: one window gives the same bits alone, in a batch and in a stream.

use super::simd::Simd;

/// `sum[r][v] += Σ_k a[r * row_stride + k] * b[k * NV * LANES ..]`.
///
/// # Safety
/// `R` rows of `inner` values can be read from `a`, `inner * NV * LANES` values from `b`; the processor has S.
#[inline(always)]
pub(super) unsafe fn multiply<S: Simd, const R: usize, const NV: usize>(
    sum: &mut [[S::V; NV]; R],
    a: *const f32,
    row_stride: usize,
    inner: usize,
    b: *const f32,
) {
    // SAFETY: all offsets lie within what the caller vouches for.
    unsafe {
        // A local copy has no address outside, so that it stays in registers.
        let mut local = *sum;
        let mut b = b;
        for k in 0..inner {
            outer::<S, R, NV>(&mut local, a.add(k), row_stride, b);
            b = b.add(NV * S::LANES);
        }
        *sum = local;
    }
}

/// One step of the inner dimension: `sum[r][v] += a[r * stride] * b[v]`.
///
/// The smaller of the two sides is kept in registers and the other streamed past it: all accumulators, the smaller
/// side and one more value are as many registers as there are.
///
/// # Safety
/// `R` values `stride` apart can be read from `a`, `NV` vectors from `b`; the processor has S.
#[inline(always)]
pub(super) unsafe fn outer<S: Simd, const R: usize, const NV: usize>(
    sum: &mut [[S::V; NV]; R],
    a: *const f32,
    stride: usize,
    b: *const f32,
) {
    // SAFETY: as the caller vouches.
    unsafe {
        if R <= NV {
            let mut x = [S::splat(0.0); R];
            for r in 0..R {
                x[r] = S::splat(*a.add(r * stride));
            }
            for v in 0..NV {
                let y = S::load(b.add(v * S::LANES));
                for r in 0..R {
                    sum[r][v] = S::fma(x[r], y, sum[r][v]);
                }
            }
        } else {
            let mut y = [S::splat(0.0); NV];
            for v in 0..NV {
                y[v] = S::load(b.add(v * S::LANES));
            }
            for r in 0..R {
                let x = S::splat(*a.add(r * stride));
                for v in 0..NV {
                    sum[r][v] = S::fma(x, y[v], sum[r][v]);
                }
            }
        }
    }
}

/// `R` rows of a gradient `to [R][NV][lane]`: `to[r][v] += Σ_row a[row * a_row + r] * b[row * b_row + v]`.
///
/// # Safety
/// `R` values can be read from each of `rows` rows of `a`, `NV` vectors from those of `b`; `to` holds `R * NV` vectors;
/// the processor has S.
#[inline(always)]
pub(super) unsafe fn accumulate<S: Simd, const R: usize, const NV: usize>(
    to: *mut f32,
    rows: usize,
    a: *const f32,
    a_row: usize,
    b: *const f32,
    b_row: usize,
) {
    // SAFETY: as the caller vouches; the pointers beyond the last row are not read.
    unsafe {
        let mut sum = [[S::splat(0.0); NV]; R];
        for r in 0..R {
            for v in 0..NV {
                sum[r][v] = S::load(to.add((r * NV + v) * S::LANES));
            }
        }
        let (mut a, mut b) = (a, b);
        for _ in 0..rows {
            outer::<S, R, NV>(&mut sum, a, 1, b);
            a = a.wrapping_add(a_row);
            b = b.wrapping_add(b_row);
        }
        for r in 0..R {
            for v in 0..NV {
                S::store(to.add((r * NV + v) * S::LANES), sum[r][v]);
            }
        }
    }
}

/// Runs `$body` with the constant `$R` for as many rows as fit, then for the rest: `tiles!(max, rows, |row, R| …)`.
///
/// The last rows are shared out evenly over two tiles, since a tile of one or two rows waits for its own sums.
macro_rules! tiles {
    ($max:expr, $rows:expr, |$row:ident, $R:ident| $body:block) => {{
        let (mut $row, rows): (usize, usize) = (0, $rows);
        while $row < rows {
            let left = rows - $row;
            let max: usize = $max;
            let take = if left >= 2 * max || left <= max { left.min(max) } else { left.div_ceil(2) };
            match take {
                1 => {
                    const $R: usize = 1;
                    $body
                }
                2 => {
                    const $R: usize = 2;
                    $body
                }
                3 => {
                    const $R: usize = 3;
                    $body
                }
                4 if max >= 4 => {
                    const $R: usize = 4;
                    $body
                }
                5 if max >= 5 => {
                    const $R: usize = 5;
                    $body
                }
                6 if max >= 6 => {
                    const $R: usize = 6;
                    $body
                }
                7 if max >= 7 => {
                    const $R: usize = 7;
                    $body
                }
                8 if max >= 8 => {
                    const $R: usize = 8;
                    $body
                }
                9 if max >= 9 => {
                    const $R: usize = 9;
                    $body
                }
                10 if max >= 10 => {
                    const $R: usize = 10;
                    $body
                }
                11 if max >= 11 => {
                    const $R: usize = 11;
                    $body
                }
                12 if max >= 12 => {
                    const $R: usize = 12;
                    $body
                }
                _ => unreachable!("tiles have at most 12 rows"),
            }
            $row += take;
        }
    }};
}
pub(super) use tiles;
