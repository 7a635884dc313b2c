//! Products with packed right factors.

use super::simd::Simd;
use super::tile::{self, tiles};

/// Vectors in a row of a packed panel.
pub(super) const VECTORS: usize = 2;

/// What the result starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'a> {
    /// Replace the result's old content.
    Zero,
    /// Add to the result's old content.
    Add,
    /// The same row of `columns` values for every row.
    Bias(&'a [f32]),
}

/// A product `a * b` with `b [inner of all segments, columns]` packed by [`super::pack`].
///
/// The rows of `a` need not be contiguous: element `(row, segment, k)` lies at
/// `row * row_stride + segment * segment_stride + k`. One segment with `row_stride = inner` is an ordinary matrix; the
/// taps of a convolution are segments that overlap those of the next row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product<'a> {
    /// Rows of the result.
    pub rows: usize,
    /// Columns of the result.
    pub columns: usize,
    /// Left factor, from the first element of the first row and segment on.
    pub a: &'a [f32],
    /// Distance between rows in `a`.
    pub row_stride: usize,
    /// Number of segments.
    pub segments: usize,
    /// Distance between segments in `a`.
    pub segment_stride: usize,
    /// Values in a segment.
    pub inner: usize,
    /// Right factor, packed.
    pub packed: &'a [f32],
    /// Inner length `b` was packed with; may be more than this product uses.
    pub packed_inner: usize,
    /// First row of `b` that this product uses.
    pub first: usize,
    /// Distance between rows of the result.
    pub result_stride: usize,
    /// What the result starts from.
    pub start: Start<'a>,
}

impl<'a> Product<'a> {
    /// `a [rows, inner] * b [inner, columns]`, both and the result contiguous.
    pub(crate) fn plain(
        (rows, inner, columns): (usize, usize, usize),
        a: &'a [f32],
        packed: &'a [f32],
        start: Start<'a>,
    ) -> Self {
        Self {
            rows,
            columns,
            a,
            row_stride: inner,
            segments: 1,
            segment_stride: 0,
            inner,
            packed,
            packed_inner: inner,
            first: 0,
            result_stride: columns,
            start,
        }
    }

    /// Panics unless every element the strides reach lies within the buffers.
    pub(super) fn check(&self, lanes: usize, result: &[f32]) {
        let panel = VECTORS * lanes;
        if self.rows == 0 {
            return;
        }
        let reach = |count: usize, stride: usize| count.saturating_sub(1).checked_mul(stride);
        let a = reach(self.rows, self.row_stride)
            .zip(reach(self.segments, self.segment_stride))
            .and_then(|(r, s)| r.checked_add(s)?.checked_add(self.inner));
        assert!(
            a.is_some_and(|a| a <= self.a.len()),
            "left factor: {} rows {} apart, {} segments of {} values {} apart, in {} values",
            self.rows,
            self.row_stride,
            self.segments,
            self.inner,
            self.segment_stride,
            self.a.len()
        );
        let packed =
            self.columns.div_ceil(panel).checked_mul(panel).and_then(|c| c.checked_mul(self.packed_inner));
        assert_eq!(packed, Some(self.packed.len()), "right factor");
        let used = self.segments.checked_mul(self.inner).and_then(|n| n.checked_add(self.first));
        assert!(
            used.is_some_and(|n| n <= self.packed_inner),
            "inner length: {used:?} of {}",
            self.packed_inner
        );
        let c = reach(self.rows, self.result_stride).and_then(|r| r.checked_add(self.columns));
        assert!(c.is_some_and(|c| c <= result.len()) && self.result_stride >= self.columns, "result");
        if let Start::Bias(bias) = self.start {
            assert_eq!(bias.len(), self.columns, "bias");
        }
    }
}

/// Rows of a block, whose left factors stay in L1 while all panels pass over them.
const BLOCK: usize = 48;
/// Inner length of a block: 8 KiB of a panel with eight lanes, which leaves L1 room for the rows.
const INNER_BLOCK: usize = 128;

/// The body of [`super::multiply`].
///
/// # Safety
/// [`Product::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn multiply<S: Simd>(p: &Product<'_>, c: &mut [f32]) {
    let width = VECTORS * S::LANES;
    let segments = (INNER_BLOCK / p.inner.max(1)).max(1);
    let mut block = 0;
    while block < p.rows {
        let count = (p.rows - block).min(BLOCK);
        let mut segment = 0;
        loop {
            let part = Part { segment, segments: segments.min(p.segments - segment) };
            let mut column = 0;
            while column < p.columns {
                // SAFETY: rows, columns and segments stay below those that `check` has found within the buffers.
                unsafe {
                    let panel = p.packed.as_ptr().add(column * p.packed_inner + p.first * width);
                    tiles!(S::ROWS, count, |row, R| {
                        multiply_tile::<S, R>(p, part, block + row, column, panel, c.as_mut_ptr());
                    });
                }
                column += width;
            }
            segment += part.segments;
            if segment >= p.segments {
                break;
            }
        }
        block += count;
    }
}

/// The segments of a block.
#[derive(Clone, Copy)]
struct Part {
    segment: usize,
    segments: usize,
}

#[inline(always)]
unsafe fn multiply_tile<S: Simd, const R: usize>(
    p: &Product<'_>,
    part: Part,
    row: usize,
    column: usize,
    panel: *const f32,
    c: *mut f32,
) {
    let width = VECTORS * S::LANES;
    let left = p.columns - column;
    // SAFETY: as in `multiply`.
    unsafe {
        let c = c.add(row * p.result_stride + column);
        let mut sum = [[S::splat(0.0); VECTORS]; R];
        match p.start {
            // A later block goes on from what the one before has stored.
            Start::Zero if part.segment == 0 => {}
            Start::Bias(bias) if part.segment == 0 => {
                sum = [load_row::<S>(bias.as_ptr().add(column), left); R];
            }
            _ => {
                for r in 0..R {
                    sum[r] = load_row::<S>(c.add(r * p.result_stride), left);
                }
            }
        }
        for segment in part.segment..part.segment + part.segments {
            let a = p.a.as_ptr().add(row * p.row_stride + segment * p.segment_stride);
            let b = panel.add(segment * p.inner * width);
            tile::multiply::<S, R, VECTORS>(&mut sum, a, p.row_stride, p.inner, b);
        }
        for r in 0..R {
            store_row::<S>(c.add(r * p.result_stride), sum[r], left);
        }
    }
}

/// A panel's row of which `left` values exist.
#[inline(always)]
pub(super) unsafe fn load_row<S: Simd>(from: *const f32, left: usize) -> [S::V; VECTORS] {
    // SAFETY: the caller vouches for `left` values.
    unsafe {
        if left >= VECTORS * S::LANES {
            [S::load(from), S::load(from.add(S::LANES))]
        } else if left >= S::LANES {
            [S::load(from), S::load_part(from.add(S::LANES), left - S::LANES)]
        } else {
            [S::load_part(from, left), S::splat(0.0)]
        }
    }
}

#[inline(always)]
pub(super) unsafe fn store_row<S: Simd>(to: *mut f32, v: [S::V; VECTORS], left: usize) {
    // SAFETY: the caller vouches for `left` values.
    unsafe {
        if left >= VECTORS * S::LANES {
            S::store(to, v[0]);
            S::store(to.add(S::LANES), v[1]);
        } else if left >= S::LANES {
            S::store(to, v[0]);
            S::store_part(to.add(S::LANES), v[1], left - S::LANES);
        } else {
            S::store_part(to, v[0], left);
        }
    }
}
