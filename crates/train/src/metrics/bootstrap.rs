//! Intervals by resampling people.
//!
//! Windows of one person resemble each other, so resampling windows would promise far too narrow intervals;
//! the unit that varies when a study is repeated is the person (Field and Welsh, "Bootstrapping clustered
//! data", JRSS B 2007).

use super::confusion::{ClassSums, accuracy, balanced_accuracy, macro_f1};
use super::statistics::interval95;
use super::{ConfusionMatrix, MetricsError, check_length};
use ambulo_record::PersonId;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// Replicates of the bootstrap in a run's figures.
pub const BOOTSTRAP_REPLICATES: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// Seed of the bootstrap in a run's figures; fixed, so that the same predictions always get the same
/// interval.
pub const BOOTSTRAP_SEED: u64 = 2013;

/// 95 % percentile intervals, each `[lower, upper]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervals {
    /// Of the share of windows classified correctly.
    pub accuracy: [f64; 2],
    /// Of the mean per-class recall.
    pub balanced_accuracy: [f64; 2],
    /// Of the mean per-class F1.
    pub macro_f1: [f64; 2],
}

/// 95 % percentile bootstrap over subjects.
///
/// Each replicate draws as many subjects as there are, with replacement, pools their windows, computes each
/// figure per run (one run per seed, the same draw for all) and averages over runs. The interval runs from
/// the 2.5th to the 97.5th percentile of the replicates, interpolated linearly. With one subject it has no
/// width: nothing is known about other people then.
///
/// `runs`: for each run the confusion matrices by subject, as [`super::confusion_by_subject`] makes them.
///
/// # Errors
/// No runs, no subjects, or runs that differ in subjects or classes.
pub fn bootstrap(
    runs: &[BTreeMap<PersonId, ConfusionMatrix>],
    replicates: NonZeroUsize,
    seed: u64,
) -> Result<Intervals, MetricsError> {
    let figures = [accuracy, balanced_accuracy, macro_f1];
    let [accuracy, balanced_accuracy, macro_f1] = bootstrap_of(runs, replicates, seed, figures)?;
    Ok(Intervals { accuracy, balanced_accuracy, macro_f1 })
}

/// As [`bootstrap`], of any figures of the sums of classes: for each its interval.
pub(super) fn bootstrap_of<const FIGURES: usize>(
    runs: &[BTreeMap<PersonId, ConfusionMatrix>],
    replicates: NonZeroUsize,
    seed: u64,
    figures: [fn(&[ClassSums]) -> f64; FIGURES],
) -> Result<[[f64; 2]; FIGURES], MetricsError> {
    Ok(replicates_of(runs, replicates, seed, figures)?.map(interval95))
}

/// 95 % interval of the difference of macro-F1, each a mean over runs, between runs that answered the same people: a paired
/// bootstrap, which draws the same people for both.
///
/// # Errors
/// As [`bootstrap`], and runs of other people.
pub(crate) fn paired_macro_f1(
    base: &[BTreeMap<PersonId, ConfusionMatrix>],
    other: &[BTreeMap<PersonId, ConfusionMatrix>],
) -> Result<[f64; 2], MetricsError> {
    let people = |runs: &[BTreeMap<PersonId, ConfusionMatrix>]| {
        runs.first().map(|run| run.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let (expected, found) = (people(base), people(other));
    if expected != found {
        let what = "subjects of the runs compared (the same in all)";
        return Err(MetricsError::Length { what, expected: expected.len(), found: found.len() });
    }
    // The draws depend on the seed and the number of people alone.
    let of = |runs| replicates_of(runs, BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, [macro_f1]);
    let ([base], [other]) = (of(base)?, of(other)?);
    Ok(interval95(other.iter().zip(&base).map(|(other, base)| other - base).collect()))
}

/// The figures of all replicates, in the order of the draws.
fn replicates_of<const FIGURES: usize>(
    runs: &[BTreeMap<PersonId, ConfusionMatrix>],
    replicates: NonZeroUsize,
    seed: u64,
    figures: [fn(&[ClassSums]) -> f64; FIGURES],
) -> Result<[Vec<f64>; FIGURES], MetricsError> {
    let first = runs.first().ok_or(MetricsError::NoRuns)?;
    let classes = first.values().next().ok_or(MetricsError::NoWindows)?.classes();
    for run in runs {
        if !run.keys().eq(first.keys()) {
            return Err(MetricsError::Length {
                what: "subjects of a run (the same in all runs)",
                expected: first.len(),
                found: run.keys().filter(|subject| first.contains_key(subject)).count(),
            });
        }
        for matrix in run.values() {
            check_length("confusion matrix classes", classes, matrix.classes())?;
        }
    }
    let sums: Vec<Vec<Vec<ClassSums>>> =
        runs.iter().map(|run| run.values().map(ConfusionMatrix::class_sums).collect()).collect();
    let subjects = first.len();

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut pooled = vec![ClassSums::default(); classes];
    let mut draw = vec![0; subjects];
    let mut replicated = [const { Vec::new() }; FIGURES];
    for _ in 0..replicates.get() {
        draw.fill_with(|| below(&mut rng, subjects));
        let mut over_runs = [0.0; FIGURES];
        for run in &sums {
            pooled.fill(ClassSums::default());
            for &subject in &draw {
                for (total, &class) in pooled.iter_mut().zip(&run[subject]) {
                    *total += class;
                }
            }
            for (sum, figure) in over_runs.iter_mut().zip(figures) {
                *sum += figure(&pooled);
            }
        }
        for (values, sum) in replicated.iter_mut().zip(over_runs) {
            values.push(sum / runs.len() as f64);
        }
    }
    Ok(replicated)
}

/// Uniform index below `bound` by multiplication and shift (Lemire 2019, without its rejection step: the bias
/// is below `bound / 2^64`).
fn below(rng: &mut impl Rng, bound: usize) -> usize {
    ((u128::from(rng.next_u64()) * bound as u128) >> 64) as usize
}
