//! Accuracy and macro-F1 of several seeds with intervals over people, of whatever was compared.

use super::bootstrap::bootstrap_of;
use super::confusion::{accuracy, macro_f1, macro_f1_performed};
use super::statistics::estimate;
use super::{BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, ConfusionMatrix, MetricsError};
use ambulo_record::{Estimate, PersonId};
use std::collections::BTreeMap;

/// Which classes a mean of F1 is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Those that occur in truth or answers.
    Occurring,
    /// Those that occur in truth: what a part of a test does not hold is no class of it, though answering it is a mistake.
    True,
}

/// What several seeds reach together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) accuracy: Estimate,
    pub(crate) macro_f1: Estimate,
    /// Counts summed over people and seeds.
    pub(crate) confusion: ConfusionMatrix,
}

/// The figures of runs, one for each seed: for each the confusion matrices by person, of the same people in all of them.
///
/// # Errors
/// No runs, nobody, or runs that differ in people or classes.
pub(crate) fn score(runs: &[BTreeMap<PersonId, ConfusionMatrix>], over: Over) -> Result<Score, MetricsError> {
    let figure = match over {
        Over::Occurring => macro_f1,
        Over::True => macro_f1_performed,
    };
    let intervals = bootstrap_of(runs, BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, [accuracy, figure])?;
    let classes = runs[0].values().next().ok_or(MetricsError::NoWindows)?.classes();
    let mut confusion = ConfusionMatrix::new(classes)?;
    let mut totals = Vec::with_capacity(runs.len());
    for run in runs {
        let mut total = ConfusionMatrix::new(classes)?;
        run.values().try_for_each(|matrix| total.add(matrix))?;
        confusion.add(&total)?;
        totals.push(total);
    }
    Ok(Score {
        accuracy: estimate(totals.iter().map(ConfusionMatrix::accuracy), intervals[0]),
        macro_f1: estimate(totals.iter().map(|total| figure(&total.class_sums())), intervals[1]),
        confusion,
    })
}
