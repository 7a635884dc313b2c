//! Support vector machines for several classes: one for each pair (Knerr, Personnaz and Dreyfus 1990), as in LIBSVM.

use crate::BaselineError;
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_svm::Svm;
use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// The kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SvmKernel {
    /// Inner product.
    Linear,
    /// exp(-γ·|x - y|²) with γ = `width` / features: on standardised features the 1 that scikit-learn calls `scale`.
    Rbf {
        /// γ times the number of features.
        width: f64,
    },
}

/// Largest violation of the optimality conditions that ends a fit; LIBSVM's default.
const TOLERANCE: f64 = 1e-3;

/// A coefficient below this is no support vector's: LIBSVM's solver ends at exact zeros, up to rounding.
const SUPPORT: f64 = 1e-12;

/// The decision between two classes: positive for the first.
#[derive(Clone, Debug)]
struct Pair {
    first: usize,
    second: usize,
    /// For the linear kernel the weights of the features; otherwise those of the support vectors at `support`.
    weights: Vec<f64>,
    /// Indices into the machine's support vectors.
    support: Vec<usize>,
    bias: f64,
}

/// A fitted machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    features: usize,
    classes: usize,
    /// γ of the RBF kernel.
    gamma: Option<f64>,
    /// `[vector, feature]`, each once for all pairs.
    vectors: Vec<f64>,
    pairs: Vec<Pair>,
}

impl Machine {
    /// Fits to `x`, `[windows, features]`, standardised; each class of `labels` has a window.
    ///
    /// Pairs are fitted in parallel, each by itself: the result does not depend on the number of threads. The fit of a
    /// pair with n windows holds its kernel matrix, 8·n² bytes, and making it is most of the work.
    pub(super) fn fit(
        kernel: SvmKernel,
        cost: f64,
        x: &[f64],
        features: usize,
        labels: &[u8],
        classes: usize,
    ) -> Result<Self, BaselineError> {
        let gamma = match kernel {
            SvmKernel::Linear => None,
            SvmKernel::Rbf { width } => Some(width / features as f64),
        };
        let pairs: Vec<(usize, usize)> =
            (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b))).collect();
        let mut pairs = pairs
            .into_par_iter()
            .map(|(first, second)| fit_pair((first, second), gamma, cost, x, features, labels))
            .collect::<Result<Vec<Pair>, _>>()?;
        let vectors = if gamma.is_some() { share(&mut pairs, x, features) } else { Vec::new() };
        Ok(Self { features, classes, gamma, vectors, pairs })
    }

    /// A score for each class, of one standardised row: the votes of the pairs, and below one vote the sum of their
    /// decision values, squeezed into ±1/3. This is scikit-learn's `ovr_decision_function`: votes decide, values only
    /// between classes with equal votes.
    pub(super) fn scores(&self, row: &[f64]) -> Vec<f64> {
        let kernels: Vec<f64> = match self.gamma {
            None => Vec::new(),
            Some(gamma) => self
                .vectors
                .chunks_exact(self.features)
                .map(|v| (-gamma * squared_distance(v, row)).exp())
                .collect(),
        };
        let (mut votes, mut values) = (vec![0.0; self.classes], vec![0.0; self.classes]);
        for pair in &self.pairs {
            let sum: f64 = match self.gamma {
                None => pair.weights.iter().zip(row).map(|(w, v)| w * v).sum(),
                Some(_) => pair.weights.iter().zip(&pair.support).map(|(w, s)| w * kernels[*s]).sum(),
            };
            let value = sum + pair.bias;
            votes[if value >= 0.0 { pair.first } else { pair.second }] += 1.0;
            values[pair.first] += value;
            values[pair.second] -= value;
        }
        votes.iter().zip(&values).map(|(n, v)| n + v / (3.0 * (v.abs() + 1.0))).collect()
    }

    /// Number of different support vectors; 0 for the linear kernel, which keeps none.
    #[cfg(test)]
    pub(super) fn support_vectors(&self) -> usize {
        self.vectors.len() / self.features
    }
}

fn fit_pair(
    (first, second): (usize, usize),
    gamma: Option<f64>,
    cost: f64,
    x: &[f64],
    features: usize,
    labels: &[u8],
) -> Result<Pair, BaselineError> {
    let fail = |source: Box<dyn std::error::Error + Send + Sync>| BaselineError::SupportVectors {
        first,
        second,
        source,
    };
    let own: Vec<usize> =
        (0..labels.len()).filter(|i| [first, second].contains(&usize::from(labels[*i]))).collect();
    let rows: Vec<f64> = own.iter().flat_map(|i| &x[i * features..(i + 1) * features]).copied().collect();
    let targets: Vec<bool> = own.iter().map(|i| usize::from(labels[*i]) == first).collect();
    let records = ArrayView2::from_shape((own.len(), features), &rows).map_err(|e| fail(Box::new(e)))?;
    let params = Svm::<f64, bool>::params().pos_neg_weights(cost, cost).eps(TOLERANCE);
    let params = match gamma {
        None => params.linear_kernel(),
        // Theirs is exp(-|x - y|²/eps).
        Some(gamma) => params.gaussian_kernel(1.0 / gamma),
    };
    let fitted = params
        .fit(&DatasetBase::new(records, ArrayView1::from(&targets[..])))
        .map_err(|e| fail(Box::new(e)))?;
    let support = fitted.alpha.iter().zip(&own).filter(|(a, _)| a.abs() > SUPPORT);
    let (coefficients, support): (Vec<f64>, Vec<usize>) = support.map(|(a, i)| (*a, *i)).unzip();
    let pair = Pair { first, second, weights: coefficients, support, bias: -fitted.rho };
    Ok(if gamma.is_some() { pair } else { flatten(&pair, x, features) })
}

/// The linear machine needs no support vectors: their weighted sum says it all.
fn flatten(pair: &Pair, x: &[f64], features: usize) -> Pair {
    let mut weights = vec![0.0; features];
    for (a, i) in pair.weights.iter().zip(&pair.support) {
        for (w, v) in weights.iter_mut().zip(&x[i * features..]) {
            *w += a * v;
        }
    }
    Pair { first: pair.first, second: pair.second, weights, support: Vec::new(), bias: pair.bias }
}

/// The rows that support any pair, in order; from then on the pairs' indices are into these.
fn share(pairs: &mut [Pair], x: &[f64], features: usize) -> Vec<f64> {
    let mut used: Vec<usize> = pairs.iter().flat_map(|p| &p.support).copied().collect();
    used.sort_unstable();
    used.dedup();
    for i in pairs.iter_mut().flat_map(|p| &mut p.support) {
        // Found always: `used` was made of them.
        *i = used.partition_point(|u| u < i);
    }
    used.iter().flat_map(|i| &x[i * features..(i + 1) * features]).copied().collect()
}

/// |a - b|², summed in eight lanes, which the compiler can keep in vector registers.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| (x - y) * (x - y)).sum();
    for (a, b) in a.zip(b) {
        for (lane, (x, y)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += (x - y) * (x - y);
        }
    }
    lanes.iter().sum::<f64>() + rest
}
