//! Statistics that make each channel zero mean and unit variance.

use crate::SignalError;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Mean and standard deviation of each channel, fitted on training windows only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// Mean of each channel, in the channel's unit.
    pub mean: Vec<f32>,
    /// Standard deviation of each channel, in the channel's unit; above 0.
    pub standard_deviation: Vec<f32>,
}

impl Normalisation {
    /// Fits the statistics on `x`, shape `[.., channels]`: mean, then deviations from it (divided by n), both
    /// in f64.
    ///
    /// A constant channel (deviation below the resolution of f32 at its values) gets a standard deviation of
    /// 1, so that it normalises to 0 rather than to magnified rounding errors.
    ///
    /// # Errors
    /// [`SignalError::FitShape`] if there are no channels, no rows or a broken row;
    /// [`SignalError::FitNonFinite`] with the place of a NaN or infinity.
    pub fn fit(x: &[f32], channels: usize) -> Result<Self, SignalError> {
        Self::fit_in_parts(channels, |take| take(x))
    }

    /// The same, with the same bits, where `x` comes in parts of whole rows: `pass` gives all of them in order to what it is
    /// handed, and is called twice.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and those of `pass`.
    pub fn fit_in_parts<E: From<SignalError>>(
        channels: usize,
        mut pass: impl FnMut(&mut dyn FnMut(&[f32]) -> Result<(), E>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut values = 0;
        let mut mean = vec![0.0f64; channels];
        let mut largest = vec![0.0f32; channels];
        pass(&mut |x| {
            if channels == 0 || !x.len().is_multiple_of(channels) {
                return Err(SignalError::FitShape { values: x.len(), channels }.into());
            }
            if let Some(i) = x.iter().position(|v| !v.is_finite()) {
                let row = (values + i) / channels;
                return Err(SignalError::FitNonFinite { row, channel: i % channels, value: x[i] }.into());
            }
            values += x.len();
            for row in x.chunks_exact(channels) {
                for ((mean, largest), &v) in mean.iter_mut().zip(&mut largest).zip(row) {
                    *mean += f64::from(v);
                    *largest = largest.max(v.abs());
                }
            }
            Ok(())
        })?;
        if values == 0 {
            return Err(SignalError::FitShape { values, channels }.into());
        }
        let rows = (values / channels) as f64;
        mean.iter_mut().for_each(|m| *m /= rows);
        let mut variance = vec![0.0f64; channels];
        pass(&mut |x| {
            for row in x.chunks_exact(channels) {
                for ((variance, &mean), &v) in variance.iter_mut().zip(&mean).zip(row) {
                    let d = f64::from(v) - mean;
                    *variance += d * d;
                }
            }
            Ok(())
        })?;
        let deviation = |(sum, largest): (&f64, &f32)| {
            let deviation = libm::sqrt(sum / rows) as f32;
            let resolution = (f32::EPSILON * largest).max(f32::MIN_POSITIVE);
            if deviation > resolution { deviation } else { 1.0 }
        };
        let standard_deviation = variance.iter().zip(&largest).map(deviation).collect();
        Ok(Self { mean: mean.iter().map(|&m| m as f32).collect(), standard_deviation })
    }

    /// Normalises `[.., channel]` in place; values after the last whole row are left alone.
    pub(crate) fn apply(&self, x: &mut [f32]) {
        // At least 1, as there are no chunks of nothing.
        for row in x.chunks_exact_mut(self.mean.len().max(1)) {
            for ((v, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.standard_deviation) {
                *v = (*v - mean) / deviation;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn statistics_of_a_known_table() {
        let x = [1.0, 10.0, 3.0, 10.0, 5.0, 10.0, 7.0, 10.0];
        let fitted = Normalisation::fit(&x, 2).unwrap();
        assert_eq!(fitted.mean, [4.0, 10.0]);
        assert_eq!(fitted.standard_deviation, [5.0f32.sqrt(), 1.0]);
        let mut y = x;
        fitted.apply(&mut y);
        assert!(y.iter().skip(1).step_by(2).all(|&v| v == 0.0), "a constant channel normalises to 0");
    }

    #[test]
    fn a_constant_channel_far_from_zero_is_still_constant() {
        let x = [1e6f32 + 0.1; 1001];
        assert_eq!(Normalisation::fit(&x, 1).unwrap().standard_deviation, [1.0]);
    }

    #[test]
    fn a_small_spread_on_a_large_mean_is_not_lost() {
        // A one-pass sum of squares in f32 gives nonsense here.
        let x: Vec<f32> = (0..1000).map(|i| 4096.0 + if i % 2 == 0 { 0.25 } else { -0.25 }).collect();
        assert_eq!(Normalisation::fit(&x, 1).unwrap().standard_deviation, [0.25]);
    }

    #[test]
    fn broken_input_is_refused_with_its_place() {
        assert!(matches!(Normalisation::fit(&[], 3), Err(SignalError::FitShape { .. })));
        assert!(matches!(Normalisation::fit(&[1.0], 0), Err(SignalError::FitShape { .. })));
        assert!(matches!(Normalisation::fit(&[1.0; 4], 3), Err(SignalError::FitShape { .. })));
        let error = Normalisation::fit(&[1.0, 2.0, 3.0, f32::NAN], 2).unwrap_err();
        assert!(matches!(error, SignalError::FitNonFinite { row: 1, channel: 1, .. }), "{error}");
    }

    proptest! {
        #[test]
        fn parts_have_the_bits_of_the_whole(x in prop::collection::vec(-100.0f32..100.0, 60), step in 1usize..9) {
            let fitted = Normalisation::fit_in_parts(3, |take| x.chunks(3 * step).try_for_each(take));
            let fitted: Result<_, SignalError> = fitted;
            prop_assert_eq!(fitted.unwrap(), Normalisation::fit(&x, 3).unwrap());
        }

        #[test]
        fn fitted_data_becomes_zero_mean_and_unit_variance(x in prop::collection::vec(-100.0f32..100.0, 60)) {
            let fitted = Normalisation::fit(&x, 3).unwrap();
            let mut y = x;
            fitted.apply(&mut y);
            for c in 0..3 {
                let column: Vec<f64> = y.iter().skip(c).step_by(3).map(|&v| f64::from(v)).collect();
                let mean = column.iter().sum::<f64>() / 20.0;
                let variance = column.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 20.0;
                prop_assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
            }
        }
    }
}
