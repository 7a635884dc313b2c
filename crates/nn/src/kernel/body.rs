//! Kernel bodies: plain loops over fixed-size arrays that the compiler vectorises for whichever instruction set
//! the wrapping function enables.
//!
//! Everything here is `#[inline(always)]` and free of closures: a closure inside a `#[target_feature]` function
//! is compiled without the feature and costs a factor of twenty.

use super::math::{fma, sigmoid, tanh};
use super::{PANEL, Product};

/// Rows of a tile: 6 x 16 accumulators are 12 of the 16 vector registers of AVX2.
const TILE: usize = 6;
/// Rows whose inputs stay in L1 while all panels pass over them (a multiple of [`TILE`]).
const BLOCK: usize = 48;

#[inline(always)]
pub(super) fn multiply<const FMA: bool>(p: &Product<'_>, c: &mut [f32]) {
    let mut block = 0;
    while block < p.rows {
        let end = (block + BLOCK).min(p.rows);
        for (panel, columns) in p.packed.chunks_exact(p.inner * PANEL).zip((0..p.columns).step_by(PANEL)) {
            let mut row = block;
            while row + TILE <= end {
                tile::<TILE, FMA>(p, row, panel, columns, c);
                row += TILE;
            }
            match end - row {
                1 => tile::<1, FMA>(p, row, panel, columns, c),
                2 => tile::<2, FMA>(p, row, panel, columns, c),
                3 => tile::<3, FMA>(p, row, panel, columns, c),
                4 => tile::<4, FMA>(p, row, panel, columns, c),
                5 => tile::<5, FMA>(p, row, panel, columns, c),
                _ => {}
            }
        }
        block = end;
    }
}

#[inline(always)]
fn tile<const ROWS: usize, const FMA: bool>(
    p: &Product<'_>,
    row: usize,
    panel: &[f32],
    column: usize,
    c: &mut [f32],
) {
    let mut sum = [[0f32; PANEL]; ROWS];
    let mut a: [&[f32]; ROWS] = [&[]; ROWS];
    for r in 0..ROWS {
        let start = (row + r) * p.inner;
        a[r] = &p.a[start..start + p.inner];
    }
    for (k, b) in panel.as_chunks::<PANEL>().0.iter().enumerate() {
        for r in 0..ROWS {
            // SAFETY: every `a[r]` has `inner` values and `panel` was cut to `inner * PANEL`, so `k < inner`.
            let x = unsafe { *a[r].get_unchecked(k) };
            for j in 0..PANEL {
                sum[r][j] = fma::<FMA>(x, b[j], sum[r][j]);
            }
        }
    }
    let width = PANEL.min(p.columns - column);
    for r in 0..ROWS {
        let start = (row + r) * p.columns + column;
        if let Some(out) = c[start..start + width].as_mut_array::<PANEL>() {
            for j in 0..PANEL {
                out[j] = if p.accumulate { out[j] + sum[r][j] } else { sum[r][j] };
            }
        } else {
            // A copy, so that only it has an address and the accumulators stay in registers.
            let copy = sum[r];
            store_part(&copy, p.accumulate, &mut c[start..start + width]);
        }
    }
}

/// Stores the first values of a row of a tile.
///
/// A function of its own, never inlined, because an index that is not a constant would make the compiler keep the
/// accumulators in memory: one store per multiplication, and less than half the speed.
#[inline(never)]
fn store_part(sum: &[f32; PANEL], accumulate: bool, out: &mut [f32]) {
    for (out, sum) in out.iter_mut().zip(sum) {
        *out = if accumulate { *out + sum } else { *sum };
    }
}

#[inline(always)]
pub(super) fn cell_forward<const FMA: bool>(
    hidden: usize,
    gates: &mut [f32],
    c_before: &[f32],
    c: &mut [f32],
    tanh_c: &mut [f32],
    h: &mut [f32],
) {
    for (row, z) in gates.chunks_exact_mut(4 * hidden).enumerate() {
        let span = row * hidden..(row + 1) * hidden;
        let (zi, z) = z.split_at_mut(hidden);
        let (zf, z) = z.split_at_mut(hidden);
        let (zg, zo) = z.split_at_mut(hidden);
        let zo = &mut zo[..hidden];
        let c_before = &c_before[span.clone()];
        let c = &mut c[span.clone()];
        let tanh_c = &mut tanh_c[span.clone()];
        let h = &mut h[span];
        for j in 0..hidden {
            zi[j] = sigmoid::<FMA>(zi[j]);
            zf[j] = sigmoid::<FMA>(zf[j]);
        }
        for j in 0..hidden {
            zg[j] = tanh::<FMA>(zg[j]);
            zo[j] = sigmoid::<FMA>(zo[j]);
        }
        for j in 0..hidden {
            c[j] = fma::<FMA>(zf[j], c_before[j], zi[j] * zg[j]);
            tanh_c[j] = tanh::<FMA>(c[j]);
            h[j] = zo[j] * tanh_c[j];
        }
    }
}

#[inline(always)]
pub(super) fn cell_backward<const FMA: bool>(
    hidden: usize,
    gates: &mut [f32],
    c_before: &[f32],
    tanh_c: &[f32],
    dh: &[f32],
    dc: &mut [f32],
) {
    for (row, z) in gates.chunks_exact_mut(4 * hidden).enumerate() {
        let span = row * hidden..(row + 1) * hidden;
        let (zi, z) = z.split_at_mut(hidden);
        let (zf, z) = z.split_at_mut(hidden);
        let (zg, zo) = z.split_at_mut(hidden);
        let zo = &mut zo[..hidden];
        let c_before = &c_before[span.clone()];
        let tanh_c = &tanh_c[span.clone()];
        let dh = &dh[span.clone()];
        let dc = &mut dc[span];
        for j in 0..hidden {
            let (i, f, g, o, t) = (zi[j], zf[j], zg[j], zo[j], tanh_c[j]);
            let d_cell = fma::<FMA>(dh[j] * o, fma::<FMA>(-t, t, 1.0), dc[j]);
            zi[j] = d_cell * g * i * (1.0 - i);
            zf[j] = d_cell * c_before[j] * f * (1.0 - f);
            zg[j] = d_cell * i * fma::<FMA>(-g, g, 1.0);
            zo[j] = dh[j] * t * o * (1.0 - o);
            dc[j] = d_cell * f;
        }
    }
}
