//! Finished runs beside each other, on the people they share.

use crate::TrainError;
use crate::directory::files::RunFiles;
use crate::metrics::statistics::{interval95, mean};
use crate::metrics::{BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED};
use ambulo_nn::Random;
use ambulo_record::files::METRICS;
use ambulo_record::vocabulary::canonical;
use ambulo_record::{Metrics, PersonId};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// People up to which the signed-rank distribution is enumerated; beyond, it is approximated by a normal one.
const EXACT: usize = 25;

/// Two runs on the same people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the run that is compared with.
    pub base: String,
    /// Name of the other.
    pub other: String,
    /// People in both tests.
    pub subjects: Vec<PersonId>,
    /// Mean over people of the accuracy of the other run less that of the base, each a mean over seeds.
    pub difference: f64,
    /// 95 % percentile interval of a bootstrap over people.
    pub ci95: [f64; 2],
    /// People with whom the other run is better, and worse.
    pub better_worse: [usize; 2],
    /// Two-sided p value of Wilcoxon's signed-rank test over people; people without difference are left out.
    pub p: f64,
}

/// Reads the figures of finished runs and compares the first with each other one.
///
/// # Errors
/// A directory without a finished run, other labels, or no people in common.
pub fn compare(runs: &[PathBuf]) -> Result<(Vec<Metrics>, Vec<Pair>), TrainError> {
    let all = runs.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let Some((base, others)) = all.split_first() else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut pairs = Vec::with_capacity(others.len());
    for (other, path) in others.iter().zip(&runs[1..]) {
        let incomparable = |reason: String| {
            Err(TrainError::Incomparable { base: runs[0].clone(), other: path.clone(), reason })
        };
        if !same_labels(&base.labels, &other.labels) {
            return incomparable(format!("{} activities and {}", base.labels.len(), other.labels.len()));
        }
        if base.dataset_sha256 != other.dataset_sha256 {
            return incomparable(format!("the data sets {} and {} differ", base.dataset, other.dataset));
        }
        let both: Vec<(&PersonId, f64)> = base
            .test
            .per_subject
            .iter()
            .filter_map(|(s, a)| other.test.per_subject.get(s).map(|b| (s, whole(b.accuracy - a.accuracy))))
            .collect();
        if both.is_empty() {
            return incomparable("no person was tested in both".into());
        }
        let differences: Vec<f64> = both.iter().map(|(_, d)| *d).collect();
        let count =
            |better: bool| differences.iter().filter(|d| if better { **d > 0.0 } else { **d < 0.0 }).count();
        pairs.push(Pair {
            base: base.run.clone(),
            other: other.run.clone(),
            subjects: both.iter().map(|(s, _)| (*s).clone()).collect(),
            difference: mean(differences.iter().copied()),
            ci95: interval(&differences),
            better_worse: [count(true), count(false)],
            p: wilcoxon(&differences),
        });
    }
    Ok((all, pairs))
}

/// Whether labels are the same, in the spelling of any format of records.
fn same_labels(a: &[String], b: &[String]) -> bool {
    let spelt = |label: &String| canonical(label).unwrap_or_else(|_| label.clone());
    a.iter().map(spelt).eq(b.iter().map(spelt))
}

fn read(path: &Path) -> Result<Metrics, TrainError> {
    let files = RunFiles::new(path);
    if !files.path(METRICS).is_file() {
        return Err(TrainError::NoRun { path: path.to_owned(), missing: METRICS });
    }
    files.read_json(METRICS)
}

/// A difference without the rounding of its making, so that equal people are equal and ties are ties.
fn whole(difference: f64) -> f64 {
    (difference * 1e9).round() / 1e9
}

fn interval(differences: &[f64]) -> [f64; 2] {
    let n = differences.len();
    let replicates = BOOTSTRAP_REPLICATES.get();
    let mut random = Random::new(BOOTSTRAP_SEED, 0);
    let means = (0..replicates)
        .map(|_| (0..n).map(|_| differences[random.below(n as u32) as usize]).sum::<f64>() / n as f64)
        .collect();
    interval95(means)
}

/// Two-sided p value of Wilcoxon's signed-rank test (Wilcoxon 1945), zeros left out, tied sizes with their mean rank.
///
/// Up to 25 differences the distribution is enumerated, with the ranks as they are tied (doubled, to be whole); beyond, it
/// is normal with the variance corrected for ties and without correction for continuity.
fn wilcoxon(differences: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    sizes.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = sizes.len();
    if n == 0 {
        return 1.0;
    }
    // Twice the rank is whole.
    let mut ranks = vec![0usize; n];
    let mut first = 0;
    let mut ties = 0.0;
    for run in sizes.chunk_by(|a, b| a.abs() == b.abs()) {
        let last = first + run.len();
        ranks[first..last].fill(first + 1 + last);
        let t = run.len() as f64;
        ties += t * t * t - t;
        first = last;
    }
    let positive: usize = sizes.iter().zip(&ranks).filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    let total: usize = ranks.iter().sum();
    let smaller = positive.min(total - positive);
    if n <= EXACT {
        let mut ways = vec![0f64; total + 1];
        ways[0] = 1.0;
        for &rank in &ranks {
            for sum in (rank..=total).rev() {
                ways[sum] += ways[sum - rank];
            }
        }
        let tail: f64 = ways[..=smaller].iter().sum();
        return (2.0 * tail / ways.iter().sum::<f64>()).min(1.0);
    }
    let m = n as f64;
    let variance = m * (m + 1.0) * (2.0 * m + 1.0) / 24.0 - ties / 48.0;
    let z = (smaller as f64 / 2.0 - m * (m + 1.0) / 4.0) / variance.sqrt();
    libm::erfc(-z / std::f64::consts::SQRT_2).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/fixtures/make_wilcoxon.py` made it.
    const SCIPY: &str = include_str!("../../tests/fixtures/wilcoxon.json");

    #[derive(serde::Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        method: String,
        differences: Vec<f64>,
        p: f64,
    }

    #[test]
    fn p_values_are_those_of_scipy() {
        let Fixture { cases } = serde_json::from_str(SCIPY).unwrap();
        for Case { name, method, differences, p } in &cases {
            let found = wilcoxon(differences);
            assert!((found - p).abs() < 1e-12 * p.max(1e-3), "{name} ({method}): {found}, {p} expected");
            // Nothing but the sizes' order and the signs count, and the question has two sides.
            let turned: Vec<f64> = differences.iter().rev().map(|d| -3.0 * d).collect();
            assert!((wilcoxon(&turned) - found).abs() < 1e-15, "{name}");
        }
        let of = |wanted: &str| cases.iter().filter(|case| case.method == wanted).count();
        assert!(of("scipy exact") > 5 && of("scipy approx") > 5 && of("scipy permutation") > 4);
    }

    #[test]
    fn ties_and_equals_are_not_told_apart_by_rounding() {
        // Three windows of thirty each time.
        let tied = [whole(0.9 - 0.8), whole(0.8 - 0.7), whole(0.3 - 0.4)];
        assert!((0.9f64 - 0.8).to_bits() != (0.8f64 - 0.7).to_bits(), "nothing to even out");
        // Ranks 2, 2 and 2 of one negative and two positive: P(W <= 2) = 4 / 8.
        assert!((wilcoxon(&tied) - 1.0).abs() < 1e-12, "{}", wilcoxon(&tied));
        assert_eq!(whole((0.1 + 0.2) - 0.3), 0.0);
    }

    #[test]
    fn the_interval_holds_the_mean_and_has_no_width_for_equals() {
        assert_eq!(interval(&[0.25; 5]), [0.25, 0.25]);
        let [low, high] = interval(&[-0.1, 0.0, 0.3, 0.4]);
        assert!(low < 0.15 && high > 0.15 && low >= -0.1 && high <= 0.4);
    }
}
