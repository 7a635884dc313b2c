//! Means, shares and quantiles, the same for every figure, and never NaN for want of values.

use ambulo_record::{Estimate, Spread};

/// Part of a whole; 0 where there is nothing of either.
pub(crate) fn share(part: f64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}

/// Mean; 0 of no values.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    share(sum, count)
}

/// Quantile of sorted values with linear interpolation (Hyndman and Fan's type 7, NumPy's default); 0 of no values.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = q * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// Interval from the 2.5th to the 97.5th percentile of bootstrap replicates.
pub(crate) fn interval95(mut replicates: Vec<f64>) -> [f64; 2] {
    replicates.sort_unstable_by(f64::total_cmp);
    [quantile(&replicates, 0.025), quantile(&replicates, 0.975)]
}

/// Minimum, quartiles and maximum, interpolated linearly; zeros of no values.
pub(crate) fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return Spread::default();
    }
    let at = |share| quantile(&sorted, share);
    Spread { min: at(0.0), q1: at(0.25), median: at(0.5), q3: at(0.75), max: at(1.0) }
}

/// Mean and sample standard deviation (n - 1; 0 for one value, as is the mean of none) with a given interval.
pub(crate) fn estimate(values: impl ExactSizeIterator<Item = f64> + Clone, ci95: [f64; 2]) -> Estimate {
    if values.len() == 0 {
        return Estimate { mean: 0.0, sd: 0.0, ci95 };
    }
    let n = values.len() as f64;
    // Measured from the first value: equal values then have exactly that mean and no deviation.
    let first = values.clone().next().unwrap_or_default();
    let shift = values.clone().map(|value| value - first).sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - first - shift).powi(2)).sum();
    Estimate { mean: first + shift, sd: if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 }, ci95 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.975, 1])
        let values = [1.0, 2.0, 4.0, 8.0];
        for (q, expected) in [(0.0, 1.0), (0.025, 1.075), (0.5, 3.0), (0.975, 7.7), (1.0, 8.0)] {
            assert!((quantile(&values, q) - expected).abs() < 1e-12, "{q}");
        }
        assert_eq!(quantile(&[3.0], 0.975), 3.0);
    }

    #[test]
    fn no_values_give_no_nan() {
        assert_eq!((mean([].into_iter()), share(0.0, 0), quantile(&[], 0.5)), (0.0, 0.0, 0.0));
        assert_eq!(spread([].into_iter()), Spread::default());
        assert_eq!(estimate([].into_iter(), [0.0; 2]), Estimate { mean: 0.0, sd: 0.0, ci95: [0.0; 2] });
    }
}
