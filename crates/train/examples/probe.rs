//! What encoders know of activities that nobody told them: a linear head on their embeddings, fitted on two labelled people.
//!
//! `cargo run --release --example probe -- ENCODER…` prints the macro-F1 on other people, the mean over draws of people, beside that of
//! the same network with its initial weights. All people are among HAPT's official training people; the test people are not looked at.
#![allow(clippy::print_stdout)] // the table

use ambulo_data::{Dataset, LabelledWindows, Protocol, subjects_trained_on};
use ambulo_model::Model;
use ambulo_nn::{Network, Random, SHARD};
use ambulo_record::{LabelSet, PersonId};
use ambulo_train::metrics::ConfusionMatrix;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

/// Draws of people.
const DRAWS: u64 = 10;
/// People with labels.
const LABELLED: usize = 2;
/// People who are scored.
const SCORED: usize = 5;
/// Ridge penalty on standardised features, by window.
const RIDGE: f64 = 0.01;

fn main() -> Result<(), Box<dyn Error>> {
    let dataset = ambulo_data::hapt()?;
    let (development, _) = Protocol::Official.split(&dataset, 1)?.into_parts();
    let people: Vec<PersonId> = development.ids().iter().cloned().collect();
    println!("{:40} {:>8} {:>8} {:>8}", "encoder", "macro-F1", "sd", "initial");
    for file in std::env::args().skip(1) {
        let model = Model::load(Path::new(&file))?;
        let learned = scores(&dataset, &people, &model, model.weights())?;
        let initial = scores(&dataset, &people, &model, &model.network().initial_weights(1))?;
        let (mean, sd) = mean_sd(&learned);
        println!("{file:40} {mean:8.4} {sd:8.4} {:8.4}", mean_sd(&initial).0);
    }
    Ok(())
}

fn mean_sd(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    (mean, (square / (values.len() - 1) as f64).sqrt())
}

/// Macro-F1 of each draw.
fn scores(
    dataset: &Dataset,
    people: &[PersonId],
    model: &Model,
    weights: &[f32],
) -> Result<Vec<f64>, Box<dyn Error>> {
    let labels = LabelSet::six();
    let p = &model.metadata().preprocessing;
    let all = subjects_trained_on(people.iter().cloned().collect()).cut(dataset, p, &labels)?;
    let windows = all.windows();
    let x = embeddings(model.network(), weights, windows, &windows.input(p)?)?;
    let mut scores = Vec::new();
    for draw in 0..DRAWS {
        let mut order = people.to_vec();
        Random::new(draw, 1).shuffle(&mut order);
        let [known, others] =
            [&order[..LABELLED], &order[LABELLED..LABELLED + SCORED]].map(|part| of(windows, part));
        let head = Head::fit(&x, &known, &windows.labels, labels.len());
        let truth: Vec<u8> = others.iter().map(|&i| windows.labels[i]).collect();
        let answers: Vec<f32> = others.iter().flat_map(|&i| head.answer(&x[i])).collect();
        scores.push(ConfusionMatrix::from_probabilities(&truth, &answers, labels.len())?.macro_f1());
    }
    Ok(scores)
}

fn of(windows: &LabelledWindows, people: &[PersonId]) -> Vec<usize> {
    let people: BTreeSet<&PersonId> = people.iter().collect();
    (0..windows.len()).filter(|&i| people.contains(&windows.origins[i].person)).collect()
}

fn embeddings(
    network: &Network,
    weights: &[f32],
    windows: &LabelledWindows,
    input: &[f32],
) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let (size, width) = (network.input().len(), network.embedding().len());
    let mut packed = vec![0.0; network.packed_len()];
    network.pack(weights, &mut packed);
    let mut buffers = network.buffers(SHARD, false);
    let mut all = Vec::with_capacity(windows.len());
    for x in input.chunks(SHARD * size) {
        let count = x.len() / size;
        let (mut out, mut room) = (vec![0.0; count * network.output().len()], vec![0.0; count * width]);
        network.infer_shard(weights, &packed, x, &mut out, &mut buffers);
        network.embeddings(count, &buffers, &mut room);
        all.extend(room.chunks_exact(width).map(|row| row.iter().map(|&v| f64::from(v)).collect::<Vec<_>>()));
    }
    Ok(all)
}

/// Ridge regression on indicators of the classes, over standardised features.
struct Head {
    mean: Vec<f64>,
    scale: Vec<f64>,
    /// `[class][feature]`, the constant last.
    weights: Vec<Vec<f64>>,
}

impl Head {
    fn fit(x: &[Vec<f64>], known: &[usize], labels: &[u8], classes: usize) -> Self {
        let (n, width) = (known.len() as f64, x[0].len());
        let moment = |f: &dyn Fn(f64, usize) -> f64| -> Vec<f64> {
            (0..width).map(|j| known.iter().map(|&i| f(x[i][j], j)).sum::<f64>() / n).collect()
        };
        let mean = moment(&|v, _| v);
        let scale: Vec<f64> =
            moment(&|v, j| (v - mean[j]).powi(2)).into_iter().map(|v| 1.0 / v.sqrt().max(1e-6)).collect();
        let mut head = Self { mean, scale, weights: Vec::new() };
        let rows: Vec<Vec<f64>> = known.iter().map(|&i| head.features(&x[i])).collect();
        let mut gram = vec![vec![0.0; width + 1]; width + 1];
        let mut right = vec![vec![0.0; width + 1]; classes];
        for (row, &i) in rows.iter().zip(known) {
            for (a, line) in row.iter().zip(&mut gram) {
                line.iter_mut().zip(row).for_each(|(g, b)| *g += a * b / n);
            }
            right[usize::from(labels[i])].iter_mut().zip(row).for_each(|(r, v)| *r += v / n);
        }
        (0..width).for_each(|j| gram[j][j] += RIDGE);
        head.weights = right.into_iter().map(|b| solve(&gram, b)).collect();
        head
    }

    fn features(&self, x: &[f64]) -> Vec<f64> {
        let own = x.iter().zip(&self.mean).zip(&self.scale).map(|((v, m), s)| (v - m) * s);
        own.chain([1.0]).collect()
    }

    /// 1 for the class of the largest answer, 0 for the others.
    fn answer(&self, x: &[f64]) -> Vec<f32> {
        let x = self.features(x);
        let answer = |w: &Vec<f64>| w.iter().zip(&x).map(|(a, b)| a * b).sum::<f64>() as f32;
        let answers: Vec<f32> = self.weights.iter().map(answer).collect();
        let best = ambulo_nn::argmax(&answers);
        (0..answers.len()).map(|class| f32::from(u8::from(class == best))).collect()
    }
}

/// Gaussian elimination of a positive definite system.
fn solve(matrix: &[Vec<f64>], mut b: Vec<f64>) -> Vec<f64> {
    let mut a = matrix.to_vec();
    let n = b.len();
    for k in 0..n {
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            let (above, below) = a.split_at_mut(i);
            below[0][k..].iter_mut().zip(&above[k][k..]).for_each(|(v, u)| *v -= factor * u);
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}
