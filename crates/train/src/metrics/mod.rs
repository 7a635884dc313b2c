//! Figures of merit of a classifier: pure functions of truth, probabilities and subjects.
//!
//! Conventions, the same in every function:
//! - `truth` holds one class index per window, `probabilities` is row-major `[windows, classes]`, `subjects`
//!   holds one person per window.
//! - The predicted class is the one with the largest probability; of equals, the one with the lowest index.
//! - Definitions agree with scikit-learn (`zero_division=0`); the tests hold them against its figures.

mod auroc;
mod bootstrap;
mod breakdown;
mod calibration;
mod coarse;
mod confusion;
pub mod continuous;
mod depths;
mod score;
pub(crate) mod statistics;
mod summary;
mod temperature;
#[cfg(test)]
mod tests;

pub use auroc::auroc;
pub(crate) use bootstrap::paired_macro_f1;
pub use bootstrap::{BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, Intervals, bootstrap};
pub(crate) use breakdown::{breakdowns, fact};
pub use calibration::{RELIABILITY_BINS, expected_calibration_error, negative_log_likelihood, reliability};
pub(crate) use coarse::{coarse_metrics, group_name, only_classes};
pub use confusion::{ClassScores, ConfusionMatrix, confusion_by_subject};
pub(crate) use depths::depth_confusions;
pub(crate) use score::{Over, Score, score};
pub use summary::{SeedPredictions, most_confident_mistakes, test_metrics};
pub use temperature::fit_temperature;

/// How far the probabilities of one window may be from a sum of 1: the rounding of a few hundred `f32`
/// additions, but not the difference between probabilities and logits.
const SUM_TOLERANCE: f64 = 1e-3;

/// Why figures could not be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricsError {
    /// There is nothing to evaluate.
    #[error("no windows to evaluate\nhint: check that the chosen subjects have labelled recordings")]
    NoWindows,
    /// There is no run to summarise.
    #[error("no runs to summarise\nhint: pass the predictions of at least one seed")]
    NoRuns,
    /// A number of classes that a class index (`u8`) cannot address.
    #[error("{classes} classes, expected 1 to 256")]
    Classes {
        /// Number of classes asked for.
        classes: usize,
    },
    /// Two arrays that belong together have different lengths.
    #[error("{what}: expected {expected} values, found {found}")]
    Length {
        /// Which array.
        what: &'static str,
        /// Length that fits the other arrays.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// A class index with no class.
    #[error("window {window}: class index {index}, expected one of 0 to {}", classes - 1)]
    ClassIndex {
        /// Window, counted from 0.
        window: usize,
        /// The index found.
        index: u8,
        /// Number of classes.
        classes: usize,
    },
    /// A value that is not a probability: not finite, negative or above 1.
    #[error(
        "window {window}, class {class}: {value} is not a probability\n\
         hint: a NaN here means the training diverged; values outside 0 to 1 are probably logits"
    )]
    NotAProbability {
        /// Window, counted from 0.
        window: usize,
        /// Class, counted from 0.
        class: usize,
        /// The value found.
        value: f32,
    },
    /// Probabilities of a window that do not add up to 1.
    #[error(
        "window {window}: the probabilities add up to {sum}, expected 1\nhint: apply softmax to logits first"
    )]
    Sum {
        /// Window, counted from 0.
        window: usize,
        /// The sum found.
        sum: f64,
    },
    /// One of several runs is at fault.
    #[error("seed {seed}: {source}")]
    Run {
        /// Seed of the run.
        seed: u64,
        /// What is wrong with it.
        source: Box<MetricsError>,
    },
}

/// The predicted class of each window: the largest probability, of equals the lowest index.
///
/// `probabilities`: `[windows, classes]`, row-major. Returns `[windows]`.
///
/// # Errors
/// No windows, a number of classes outside 1 to 256, a length that is not a multiple of it, a value that is
/// not a probability, or a row that does not add up to 1.
pub fn predicted(probabilities: &[f32], classes: usize) -> Result<Vec<u8>, MetricsError> {
    check_classes(classes)?;
    if probabilities.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    let windows = probabilities.len() / classes;
    check_length("probabilities", windows * classes, probabilities.len())?;
    probabilities
        .chunks_exact(classes)
        .enumerate()
        .map(|(window, row)| check_row(window, row).map(|()| ambulo_nn::argmax(row) as u8))
        .collect()
}

fn check_row(window: usize, row: &[f32]) -> Result<(), MetricsError> {
    let mut sum = 0.0;
    for (class, &value) in row.iter().enumerate() {
        // Softmax may round to slightly more than 1.
        if !(0.0..=1.0 + SUM_TOLERANCE).contains(&f64::from(value)) {
            return Err(MetricsError::NotAProbability { window, class, value });
        }
        sum += f64::from(value);
    }
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(MetricsError::Sum { window, sum });
    }
    Ok(())
}

fn check_classes(classes: usize) -> Result<(), MetricsError> {
    if (1..=256).contains(&classes) { Ok(()) } else { Err(MetricsError::Classes { classes }) }
}

pub(crate) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), MetricsError> {
    if expected == found { Ok(()) } else { Err(MetricsError::Length { what, expected, found }) }
}

fn check_indices(indices: &[u8], classes: usize) -> Result<(), MetricsError> {
    match indices.iter().position(|&index| usize::from(index) >= classes) {
        Some(window) => Err(MetricsError::ClassIndex { window, index: indices[window], classes }),
        None => Ok(()),
    }
}
