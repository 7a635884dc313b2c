//! Features to mean 0 and standard deviation 1, with the statistics of training windows.

use crate::BaselineError;

/// A standard deviation below this share of the largest magnitude is rounding: features are f32 (a step of 6e-8).
const ROUNDING: f64 = 1e-9;

/// Mean and standard deviation (the population's) of each feature over training windows.
#[derive(Clone, Debug)]
pub(super) struct Standardisation {
    means: Vec<f64>,
    /// One over the standard deviation; 0 for a feature that is constant in training, so that it takes no part.
    scales: Vec<f64>,
}

impl Standardisation {
    /// Of `x`, `[windows, features]`, checked by [`check`].
    pub(super) fn fit(x: &[f32], features: usize) -> Self {
        let windows = (x.len() / features) as f64;
        let mut means = vec![0.0; features];
        let mut largest = vec![0f64; features];
        for row in x.chunks_exact(features) {
            for (f, v) in row.iter().enumerate() {
                means[f] += f64::from(*v);
                largest[f] = largest[f].max(f64::from(v.abs()));
            }
        }
        means.iter_mut().for_each(|m| *m /= windows);
        let mut squares = vec![0.0; features];
        for row in x.chunks_exact(features) {
            for (f, v) in row.iter().enumerate() {
                squares[f] += (f64::from(*v) - means[f]).powi(2);
            }
        }
        let scales = squares
            .iter()
            .zip(&largest)
            .map(|(s, largest)| {
                let deviation = (s / windows).sqrt();
                if deviation > ROUNDING * largest { 1.0 / deviation } else { 0.0 }
            })
            .collect();
        Self { means, scales }
    }

    pub(super) fn features(&self) -> usize {
        self.means.len()
    }

    /// `x` standardised, `[windows, features]`.
    pub(super) fn apply(&self, x: &[f32]) -> Vec<f64> {
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(self.features()) {
            let statistics = self.means.iter().zip(&self.scales);
            out.extend(row.iter().zip(statistics).map(|(v, (m, s))| (f64::from(*v) - m) * s));
        }
        out
    }
}

/// Whether `x` is `[windows, features]` without infinity or NaN; returns the number of windows.
pub(super) fn check(x: &[f32], features: usize) -> Result<usize, BaselineError> {
    if features == 0 || !x.len().is_multiple_of(features) {
        return Err(BaselineError::FeatureShape { values: x.len(), features });
    }
    if let Some(i) = x.iter().position(|v| !v.is_finite()) {
        return Err(BaselineError::FeatureNotFinite {
            window: i / features,
            feature: i % features,
            value: x[i],
        });
    }
    Ok(x.len() / features)
}
