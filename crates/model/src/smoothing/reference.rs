//! The same sums, slowly and obviously.

use super::chain::Chain;
use super::{Prior, together, unknown_evidence};
use alloc::vec;
use alloc::vec::Vec;

/// What [`smooth`](super::smooth) gives, by whole matrices and without any shortcut: for tests.
///
/// # Panics
/// If the slices do not have one entry for each step.
#[must_use]
pub fn smooth_slowly(
    prior: &Prior,
    step_s: f64,
    numbers: &[i64],
    probabilities: &[f32],
    unknown: &[f32],
) -> Vec<f32> {
    let labels = prior.labels();
    let of_labels = slowly(&Chain::new(prior, step_s), numbers, &|i| {
        probabilities[i * labels..(i + 1) * labels].iter().map(|&p| f64::from(p)).collect()
    });
    let of_unknown =
        slowly(&prior.unknown.chain(step_s), numbers, &|i| unknown_evidence(f64::from(unknown[i])).to_vec());
    let rows = of_labels.chunks_exact(labels).zip(of_unknown.chunks_exact(2));
    rows.flat_map(|(row, unknown)| together(row, unknown[1])).collect()
}

fn slowly(chain: &Chain, numbers: &[i64], seen: &dyn Fn(usize) -> Vec<f64>) -> Vec<f32> {
    let (matrix, states, all) = (chain.matrix(), chain.states(), chain.len());
    let likelihood = |i: usize| {
        let mut here = seen(i);
        chain.temper(&mut here);
        (0..all).map(|phase| here[chain.state_of(phase)]).collect::<Vec<f64>>()
    };
    let steps = |i: usize| (numbers[i] - numbers[i - 1]).max(1);
    let mut forward = vec![chain.start()];
    let mut backward = vec![vec![1.0; all]];
    for i in 0..numbers.len() {
        if i > 0 {
            let mut belief = forward[i - 1].clone();
            for _ in 0..steps(i) {
                belief =
                    (0..all).map(|to| (0..all).map(|from| belief[from] * matrix[from][to]).sum()).collect();
            }
            forward.push(belief);
        }
        for (value, l) in forward[i].iter_mut().zip(likelihood(i)) {
            *value *= l;
        }
    }
    for i in (1..numbers.len()).rev() {
        let mut belief: Vec<f64> =
            backward[numbers.len() - 1 - i].iter().zip(likelihood(i)).map(|(b, l)| b * l).collect();
        for _ in 0..steps(i) {
            belief = (0..all).map(|from| (0..all).map(|to| matrix[from][to] * belief[to]).sum()).collect();
        }
        backward.push(belief);
    }
    backward.reverse();
    let mut out = Vec::with_capacity(numbers.len() * states);
    for (forward, backward) in forward.iter().zip(&backward).take(numbers.len()) {
        let mut sums = vec![0.0; states];
        for phase in 0..all {
            sums[chain.state_of(phase)] += forward[phase] * backward[phase];
        }
        let total: f64 = sums.iter().sum();
        out.extend(sums.iter().map(|sum| (sum / total) as f32));
    }
    out
}
