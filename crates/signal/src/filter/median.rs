//! Median filters: they remove single outliers and keep edges.

use crate::SignalError;
use alloc::vec::Vec;

/// Widest median accepted, in samples.
pub const MAX_MEDIAN_WIDTH: usize = 1023;

/// Median of an odd number of values, which it reorders. By total order, so that any bits have a median.
fn median(values: &mut [f64]) -> f64 {
    if let [a, b, c] = *values {
        // The common width, in three comparisons.
        let (low, high) = if a.total_cmp(&b).is_le() { (a, b) } else { (b, a) };
        return match c {
            c if c.total_cmp(&low).is_le() => low,
            c if c.total_cmp(&high).is_ge() => high,
            c => c,
        };
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

pub(super) fn check_width(width: usize) -> Result<(), SignalError> {
    if width.is_multiple_of(2) || width > MAX_MEDIAN_WIDTH {
        Err(SignalError::MedianWidth { width })
    } else {
        Ok(())
    }
}

/// Median of the `width` samples centred on each; beyond the edges the first and last sample are repeated, as
/// `scipy.ndimage.median_filter(x, width, mode="nearest")`. Same length.
///
/// # Errors
/// [`SignalError::MedianWidth`] unless the width is odd and at most [`MAX_MEDIAN_WIDTH`].
pub fn median_filter(x: &[f64], width: usize) -> Result<Vec<f64>, SignalError> {
    check_width(width)?;
    let half = width / 2;
    let Some(last) = x.len().checked_sub(1) else { return Ok(Vec::new()) };
    let mut scratch = Vec::with_capacity(width);
    let at = |centre: usize| {
        scratch.clear();
        scratch.extend((0..width).map(|k| x[(centre + k).saturating_sub(half).min(last)]));
        median(&mut scratch)
    };
    Ok((0..x.len()).map(at).collect())
}

/// Median of the last `width` samples up to each, the first sample repeated before the beginning: what
/// [`MedianFilter`] does sample by sample, with the same bits. It lags the centred filter by half the width.
///
/// # Errors
/// [`SignalError::MedianWidth`] unless the width is odd and at most [`MAX_MEDIAN_WIDTH`].
pub fn median_filter_causal(x: &[f64], width: usize) -> Result<Vec<f64>, SignalError> {
    let mut filter = MedianFilter::new(width)?;
    Ok(x.iter().map(|&x| filter.push(x)).collect())
}

/// Median of the last `width` samples of a stream; before its beginning, the first sample counts as repeated.
#[derive(Clone, Debug)]
pub struct MedianFilter {
    width: usize,
    /// The last `width` samples in a ring; empty before the first sample.
    ring: Vec<f64>,
    oldest: usize,
    scratch: Vec<f64>,
}

impl MedianFilter {
    /// A filter that has seen nothing.
    ///
    /// # Errors
    /// [`SignalError::MedianWidth`] unless the width is odd and at most [`MAX_MEDIAN_WIDTH`].
    pub fn new(width: usize) -> Result<Self, SignalError> {
        check_width(width)?;
        let empty = || Vec::with_capacity(width);
        Ok(Self { width, ring: empty(), oldest: 0, scratch: empty() })
    }

    /// Takes one sample, returns the median of the last `width`.
    pub fn push(&mut self, x: f64) -> f64 {
        if self.ring.is_empty() {
            self.ring.resize(self.width, x);
        }
        self.ring[self.oldest] = x;
        self.oldest = (self.oldest + 1) % self.width;
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.ring);
        median(&mut self.scratch)
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.ring.clear();
        self.oldest = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn even_and_zero_widths_are_refused() {
        for width in [0, 2, 4, 1025, usize::MAX] {
            assert_eq!(median_filter(&[1.0], width), Err(SignalError::MedianWidth { width }));
            assert!(MedianFilter::new(width).is_err() && median_filter_causal(&[1.0], width).is_err());
        }
    }

    #[test]
    fn a_single_outlier_vanishes_and_an_edge_stays() {
        let x = [1.0, 1.0, 9.0, 1.0, 1.0, 5.0, 5.0, 5.0];
        assert_eq!(median_filter(&x, 3).unwrap(), [1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 5.0, 5.0]);
        assert_eq!(median_filter_causal(&x, 3).unwrap(), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 5.0]);
    }

    proptest! {
        #[test]
        fn equals_sorting_and_lags_by_half(
            x in prop::collection::vec(prop::num::f64::ANY, 0..40), half in 0usize..6
        ) {
            let width = 2 * half + 1;
            let centred = median_filter(&x, width).unwrap();
            let causal = median_filter_causal(&x, width).unwrap();
            for i in 0..x.len() {
                let at = |k: isize| x[k.clamp(0, x.len() as isize - 1) as usize];
                let (i, half) = (i as isize, half as isize);
                for (from, got) in [(i - half, centred[i as usize]), (i - 2 * half, causal[i as usize])] {
                    let mut window: Vec<f64> = (from..=from + 2 * half).map(at).collect();
                    window.sort_by(f64::total_cmp);
                    prop_assert_eq!(window[half as usize].to_bits(), got.to_bits());
                }
            }
        }
    }
}
