//! How far probabilities can be believed.

use super::statistics::share;
use super::{MetricsError, check_classes, check_indices, check_length, check_row};
use ambulo_record::ReliabilityBin;

/// Bins of the reliability diagram and of the expected calibration error; the number of Guo et al., "On
/// Calibration of Modern Neural Networks", ICML 2017.
pub const RELIABILITY_BINS: usize = 15;

/// Mean negative log-likelihood of the true classes, in nats.
///
/// Probabilities are clipped from below at `f32::EPSILON` (1.19e-7), as scikit-learn's `log_loss` does for
/// `f32`: a single confident mistake costs at most 15.9 nats instead of infinity.
///
/// `truth`: `[windows]`; `probabilities`: `[windows, classes]`.
///
/// # Errors
/// No windows, lengths that do not fit, an index without a class, values that are not probabilities.
pub fn negative_log_likelihood(
    truth: &[u8],
    probabilities: &[f32],
    classes: usize,
) -> Result<f64, MetricsError> {
    check(truth, probabilities, classes)?;
    let sum: f64 = truth
        .iter()
        .zip(probabilities.chunks_exact(classes))
        .map(|(&t, row)| -f64::from(row[usize::from(t)].clamp(f32::EPSILON, 1.0)).ln())
        .sum();
    Ok(sum / truth.len() as f64)
}

/// Reliability of the predicted class: windows in [`RELIABILITY_BINS`] equal-width bins `(lower, upper]` of
/// confidence, each with mean confidence and share correct (Guo et al. 2017).
///
/// `truth`: `[windows]`; `probabilities`: `[windows, classes]`.
///
/// # Errors
/// As [`negative_log_likelihood`].
pub fn reliability(
    truth: &[u8],
    probabilities: &[f32],
    classes: usize,
) -> Result<Vec<ReliabilityBin>, MetricsError> {
    let mut sums = ReliabilitySums::default();
    sums.add(truth, probabilities, classes)?;
    Ok(sums.bins())
}

/// Expected calibration error: the mean distance between confidence and share correct over the bins, weighted
/// by the predictions in each; 0 without predictions.
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let gaps: f64 = bins.iter().map(|bin| bin.count as f64 * (bin.confidence - bin.accuracy).abs()).sum();
    share(gaps, total)
}

/// Sums from which reliability bins are made, over one run or several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReliabilitySums {
    confidence: [f64; RELIABILITY_BINS],
    correct: [u64; RELIABILITY_BINS],
    count: [u64; RELIABILITY_BINS],
}

impl ReliabilitySums {
    pub(super) fn add(
        &mut self,
        truth: &[u8],
        probabilities: &[f32],
        classes: usize,
    ) -> Result<(), MetricsError> {
        check(truth, probabilities, classes)?;
        for (&t, row) in truth.iter().zip(probabilities.chunks_exact(classes)) {
            let predicted = ambulo_nn::argmax(row);
            let confidence = f64::from(row[predicted]).min(1.0);
            // The bin above index - 1 is the one whose upper edge first reaches the confidence.
            let bin = ((confidence * RELIABILITY_BINS as f64).ceil() as usize).clamp(1, RELIABILITY_BINS) - 1;
            self.confidence[bin] += confidence;
            self.correct[bin] += u64::from(predicted == usize::from(t));
            self.count[bin] += 1;
        }
        Ok(())
    }

    /// Adds the sums of others.
    pub(super) fn merge(&mut self, other: &Self) {
        for bin in 0..RELIABILITY_BINS {
            self.confidence[bin] += other.confidence[bin];
            self.correct[bin] += other.correct[bin];
            self.count[bin] += other.count[bin];
        }
    }

    pub(super) fn bins(&self) -> Vec<ReliabilityBin> {
        (0..RELIABILITY_BINS)
            .map(|bin| ReliabilityBin {
                lower: bin as f64 / RELIABILITY_BINS as f64,
                upper: (bin + 1) as f64 / RELIABILITY_BINS as f64,
                confidence: share(self.confidence[bin], self.count[bin]),
                accuracy: share(self.correct[bin] as f64, self.count[bin]),
                count: self.count[bin],
            })
            .collect()
    }
}

fn check(truth: &[u8], probabilities: &[f32], classes: usize) -> Result<(), MetricsError> {
    check_classes(classes)?;
    if truth.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    check_length("probabilities", truth.len() * classes, probabilities.len())?;
    check_indices(truth, classes)?;
    probabilities.chunks_exact(classes).enumerate().try_for_each(|(window, row)| check_row(window, row))
}
