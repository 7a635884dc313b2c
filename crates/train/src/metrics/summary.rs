//! From the predictions of several seeds to the record of a final evaluation.

use super::calibration::ReliabilitySums;
use super::statistics::{estimate, mean, spread};
use super::{
    BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, ClassScores, ConfusionMatrix, MetricsError, bootstrap,
    check_classes, check_indices, check_length, confusion_by_subject, expected_calibration_error,
    negative_log_likelihood, predicted, reliability,
};
use ambulo_record::{ClassMetrics, PersonId, SeedMetrics, SubjectMetrics, TestMetrics};
use std::collections::BTreeMap;

/// What the model of one seed says about the test windows, and how that model was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedPredictions {
    /// Seed of initial weights, order of batches and dropout.
    pub seed: u64,
    /// Epoch with the best validation macro-F1, counted from 1.
    pub best_epoch: usize,
    /// Validation macro-F1 at that epoch.
    pub validation_macro_f1: f64,
    /// Whether the weights were trained anew on training and validation subjects together.
    pub refit: bool,
    /// Temperature of the probabilities.
    pub temperature: f32,
    /// `[windows, classes]`, row-major, in the order of the truth.
    pub probabilities: Vec<f32>,
    /// What the probabilities were computed from, likewise; none for answers that are not made of logits.
    pub logits: Option<Vec<f32>>,
}

/// What one run contributes to the summary.
struct RunFigures {
    metrics: SeedMetrics,
    confusion: ConfusionMatrix,
    by_subject: BTreeMap<PersonId, ConfusionMatrix>,
}

/// Assembles the final evaluation from the predictions of one or more seeds.
///
/// `labels`: class names, `[classes]`; `truth` and `subjects`: `[windows]`. Intervals come from
/// [`bootstrap`] with [`BOOTSTRAP_REPLICATES`] and [`BOOTSTRAP_SEED`]. Calibration at temperature 1 is known where every
/// run has logits; else its bins are absent and its errors 0.
///
/// # Errors
/// No runs or windows, lengths that do not fit, an index without a class, values that are not probabilities;
/// faults of one run name its seed.
pub fn test_metrics(
    labels: &[String],
    truth: &[u8],
    subjects: &[PersonId],
    runs: &[SeedPredictions],
) -> Result<TestMetrics, MetricsError> {
    let classes = labels.len();
    check_classes(classes)?;
    if truth.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    if runs.is_empty() {
        return Err(MetricsError::NoRuns);
    }
    check_length("subjects", truth.len(), subjects.len())?;
    check_indices(truth, classes)?;

    let mut sums = ReliabilitySums::default();
    let mut uncalibrated = ReliabilitySums::default();
    let mut all_have_logits = true;
    let mut figures = Vec::with_capacity(runs.len());
    for run in runs {
        let in_run = |source| MetricsError::Run { seed: run.seed, source: Box::new(source) };
        let raw = run.logits.as_ref().map(|logits| softmax(logits, classes));
        figures.push(run_figures(truth, subjects, run, raw.as_deref(), classes).map_err(in_run)?);
        sums.add(truth, &run.probabilities, classes).map_err(in_run)?;
        match raw {
            Some(raw) => uncalibrated.add(truth, &raw, classes).map_err(in_run)?,
            None => all_have_logits = false,
        }
    }

    let mut confusion = ConfusionMatrix::new(classes)?;
    for run in &figures {
        confusion.add(&run.confusion)?;
    }
    let (per_seed, by_subject): (Vec<SeedMetrics>, Vec<_>) =
        figures.into_iter().map(|run| (run.metrics, run.by_subject)).unzip();
    let intervals = bootstrap(&by_subject, BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED)?;
    let over_seeds = |figure: fn(&SeedMetrics) -> f64, ci95| estimate(per_seed.iter().map(figure), ci95);
    let mean_over_seeds = |figure: fn(&SeedMetrics) -> Option<f64>| mean(per_seed.iter().filter_map(figure));
    let per_subject = per_subject(&by_subject);
    Ok(TestMetrics {
        subject_accuracy: spread(per_subject.values().map(|s| s.accuracy)),
        accuracy: over_seeds(|m| m.accuracy, intervals.accuracy),
        balanced_accuracy: over_seeds(|m| m.balanced_accuracy, intervals.balanced_accuracy),
        macro_f1: over_seeds(|m| m.macro_f1, intervals.macro_f1),
        per_class: per_class(labels, &confusion, runs.len() as u64),
        per_subject,
        confusion: confusion.rows(),
        reliability: sums.bins(),
        ece: Some(mean_over_seeds(|m| m.ece)),
        nll: Some(mean_over_seeds(|m| m.nll)),
        reliability_uncalibrated: if all_have_logits { uncalibrated.bins() } else { Vec::new() },
        ece_uncalibrated: all_have_logits.then(|| mean_over_seeds(|m| m.ece_uncalibrated)),
        coarse: Vec::new(),
        breakdowns: Vec::new(),
        depths: Vec::new(),
        wearings: Vec::new(),
        per_seed,
    })
}

fn run_figures(
    truth: &[u8],
    subjects: &[PersonId],
    run: &SeedPredictions,
    raw: Option<&[f32]>,
    classes: usize,
) -> Result<RunFigures, MetricsError> {
    check_length("probabilities", truth.len() * classes, run.probabilities.len())?;
    if let Some(logits) = &run.logits {
        check_length("logits", truth.len() * classes, logits.len())?;
    }
    let predicted = predicted(&run.probabilities, classes)?;
    let confusion = ConfusionMatrix::from_indices(truth, &predicted, classes)?;
    let metrics = SeedMetrics {
        seed: run.seed,
        best_epoch: Some(run.best_epoch),
        validation_macro_f1: Some(run.validation_macro_f1),
        refit: Some(run.refit),
        accuracy: confusion.accuracy(),
        balanced_accuracy: confusion.balanced_accuracy(),
        macro_f1: confusion.macro_f1(),
        ece: Some(expected_calibration_error(&reliability(truth, &run.probabilities, classes)?)),
        nll: Some(negative_log_likelihood(truth, &run.probabilities, classes)?),
        temperature: Some(f64::from(run.temperature)),
        ece_uncalibrated: match raw {
            Some(raw) => Some(expected_calibration_error(&reliability(truth, raw, classes)?)),
            None => None,
        },
    };
    Ok(RunFigures {
        metrics,
        confusion,
        by_subject: confusion_by_subject(truth, &predicted, subjects, classes)?,
    })
}

/// The softmax of logits at temperature 1, `[windows, classes]`.
fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    let mut probabilities = logits.to_vec();
    probabilities.chunks_exact_mut(classes).for_each(ambulo_nn::softmax);
    probabilities
}

fn per_class(labels: &[String], confusion: &ConfusionMatrix, runs: u64) -> Vec<ClassMetrics> {
    let class = |(label, scores): (&String, ClassScores)| ClassMetrics {
        label: label.clone(),
        precision: scores.precision,
        recall: scores.recall,
        f1: scores.f1,
        // Every run saw the same windows.
        support: scores.support / runs,
    };
    labels.iter().zip(confusion.class_scores()).map(class).collect()
}

fn per_subject(runs: &[BTreeMap<PersonId, ConfusionMatrix>]) -> BTreeMap<PersonId, SubjectMetrics> {
    let mut subjects = BTreeMap::new();
    for (subject, matrix) in runs.iter().flatten() {
        let entry = subjects.entry(subject.clone()).or_insert(SubjectMetrics {
            windows: 0,
            accuracy: 0.0,
            macro_f1: 0.0,
        });
        entry.windows = matrix.total();
        entry.accuracy += matrix.accuracy() / runs.len() as f64;
        entry.macro_f1 += matrix.macro_f1_performed() / runs.len() as f64;
    }
    subjects
}

/// Indices of at most `count` wrongly classified windows, the most confident first, of equals the earlier.
///
/// `truth`: `[windows]`; `probabilities`: `[windows, classes]`. Windows without probabilities are passed
/// over.
pub fn most_confident_mistakes(
    truth: &[u8],
    probabilities: &[f32],
    classes: usize,
    count: usize,
) -> Vec<usize> {
    if classes == 0 {
        return Vec::new();
    }
    let mut mistakes: Vec<(usize, f32)> = truth
        .iter()
        .zip(probabilities.chunks_exact(classes))
        .enumerate()
        .filter_map(|(window, (&t, row))| {
            let predicted = ambulo_nn::argmax(row);
            // Those with a coarse label are judged elsewhere.
            (usize::from(t) < classes && predicted != usize::from(t)).then(|| (window, row[predicted]))
        })
        .collect();
    mistakes.sort_by(|a, b| b.1.total_cmp(&a.1));
    mistakes.truncate(count);
    mistakes.into_iter().map(|(window, _)| window).collect()
}
