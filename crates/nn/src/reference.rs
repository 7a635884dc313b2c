//! Layers in f64 as the textbooks write them: slow, obvious, and what the engine is tested against.
//!
//! Parameters are looked up by the names that [`crate::Network::parameters`] gives.

mod layers;

use crate::kernel::reference::{gru_cell, lstm_cell, multiply};
use crate::{Architecture, LayerSpec, Pooling, Shape};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Logits of one example `x [time, channel]`; `parameter` finds a parameter's values by name.
///
/// Dropout is the identity and batch normalisation uses its running statistics, as in inference.
pub fn forward(
    architecture: &Architecture,
    input: Shape,
    parameter: &dyn Fn(&str) -> Vec<f64>,
    x: &[f64],
) -> Vec<f64> {
    run(architecture, input, parameter, x).1
}

/// Weights of the steps of time in the last layer with attention for one example, which add up to 1; empty without such a layer.
pub fn attention(
    architecture: &Architecture,
    input: Shape,
    parameter: &dyn Fn(&str) -> Vec<f64>,
    x: &[f64],
) -> Vec<f64> {
    let hidden = |spec: &LayerSpec| match *spec {
        LayerSpec::AttentionPool { hidden } => Some(hidden),
        _ => None,
    };
    let last = architecture.layers.iter().enumerate().rev().find_map(|(i, spec)| Some((i, hidden(spec)?)));
    let Some((index, hidden)) = last else { return Vec::new() };
    let before = Architecture { layers: architecture.layers[..index].to_vec() };
    let (shape, x) = run(&before, input, parameter, x);
    let get = |name: String| parameter(&format!("{index}.{name}"));
    layers::attention_weights(hidden, shape.channels, &get, &x)
}

/// Logits of each of the examples `[time, channel]`, as in training without dropout: batch normalisation uses the statistics
/// of the examples given.
pub fn forward_training(
    architecture: &Architecture,
    input: Shape,
    parameter: &dyn Fn(&str) -> Vec<f64>,
    examples: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let (mut shape, mut examples) = (input, examples.to_vec());
    for (index, spec) in architecture.layers.iter().enumerate() {
        if let LayerSpec::BatchNorm { epsilon, .. } = *spec {
            let get = |name: &str| parameter(&format!("{index}.{name}"));
            let (mean, variance) = layers::channel_moments(&examples, shape.channels);
            for x in &mut examples {
                *x = layers::normalise((&get("weight"), &get("bias")), (&mean, &variance), epsilon, x);
            }
            continue;
        }
        let alone = Architecture { layers: vec![spec.clone()] };
        let get = |name: &str| parameter(&name.replacen('0', &format!("{index}"), 1));
        let results: Vec<_> = examples.iter().map(|x| run(&alone, shape, &get, x)).collect();
        shape = results.first().map_or(shape, |(shape, _)| *shape);
        examples = results.into_iter().map(|(_, x)| x).collect();
    }
    examples
}

fn run(
    architecture: &Architecture,
    input: Shape,
    parameter: &dyn Fn(&str) -> Vec<f64>,
    x: &[f64],
) -> (Shape, Vec<f64>) {
    let (mut shape, mut x) = (input, x.to_vec());
    for (index, spec) in architecture.layers.iter().enumerate() {
        let get = |name: String| parameter(&format!("{index}.{name}"));
        match *spec {
            LayerSpec::Lstm { hidden, layers, bidirectional, .. }
            | LayerSpec::Gru { hidden, layers, bidirectional, .. } => {
                let gated = matches!(spec, LayerSpec::Gru { .. });
                for k in 0..layers {
                    let forward = recurrent(gated, hidden, &format!("l{k}"), shape, &x, &get);
                    shape.channels = hidden;
                    if bidirectional {
                        let reversed = reverse(&x, x.len() / shape.time);
                        let input = Shape { channels: x.len() / shape.time, ..shape };
                        let back = recurrent(gated, hidden, &format!("l{k}_reverse"), input, &reversed, &get);
                        let back = reverse(&back, hidden);
                        let both = forward.chunks(hidden).zip(back.chunks(hidden));
                        x = both.flat_map(|(f, b)| [f, b].concat()).collect();
                        shape.channels = 2 * hidden;
                    } else {
                        x = forward;
                    }
                }
            }
            LayerSpec::Pool { kind } => {
                let steps = x.chunks(shape.channels);
                x = match kind {
                    Pooling::Last => steps.last().unwrap_or_default().to_vec(),
                    Pooling::Mean => (0..shape.channels)
                        .map(|c| steps.clone().map(|s| s[c]).sum::<f64>() / shape.time as f64)
                        .collect(),
                    Pooling::Max => (0..shape.channels)
                        .map(|c| steps.clone().map(|s| s[c]).fold(f64::NEG_INFINITY, f64::max))
                        .collect(),
                };
                shape.time = 1;
            }
            LayerSpec::Dropout { .. } => {}
            LayerSpec::Linear { out } => {
                let (w, b) = (get("weight".into()), get("bias".into()));
                let w = transpose(out, shape.channels, &w);
                x = x
                    .chunks(shape.channels)
                    .flat_map(|row| {
                        let y = multiply(1, shape.channels, out, row, &w);
                        y.into_iter().zip(&b).map(|(y, b)| y + b).collect::<Vec<_>>()
                    })
                    .collect();
                shape.channels = out;
            }
            _ => (shape, x) = layers::forward(spec, shape, &get, &x),
        }
    }
    (shape, x)
}

/// One direction of one layer of an LSTM or GRU over `x [time, channel]`, from the zero state.
fn recurrent(
    gated: bool,
    hidden: usize,
    suffix: &str,
    input: Shape,
    x: &[f64],
    get: &dyn Fn(String) -> Vec<f64>,
) -> Vec<f64> {
    let gates = if gated { 3 } else { 4 } * hidden;
    let w_ih = transpose(gates, input.channels, &get(format!("weight_ih_{suffix}")));
    let w_hh = transpose(gates, hidden, &get(format!("weight_hh_{suffix}")));
    let (b_ih, b_hh) = (get(format!("bias_ih_{suffix}")), get(format!("bias_hh_{suffix}")));
    let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
    let mut out = Vec::new();
    for x in x.chunks(input.channels) {
        let from_x = multiply(1, input.channels, gates, x, &w_ih);
        let from_h = multiply(1, hidden, gates, &h, &w_hh);
        let (z_x, z_h) = (|j: usize| from_x[j] + b_ih[j], |j: usize| from_h[j] + b_hh[j]);
        let z = |j: usize| z_x(j) + z_h(j);
        for j in 0..hidden {
            if gated {
                let n = 2 * hidden + j;
                h[j] = gru_cell([z(j), z(hidden + j)], [z_x(n), z_h(n)], h[j]);
            } else {
                let gates = [z(j), z(hidden + j), z(2 * hidden + j), z(3 * hidden + j)];
                (c[j], h[j]) = lstm_cell(gates, c[j]);
            }
        }
        out.extend_from_slice(&h);
    }
    out
}

/// The rows of `x`, each of `width` values, last to first.
fn reverse(x: &[f64], width: usize) -> Vec<f64> {
    x.chunks(width).rev().flatten().copied().collect()
}

fn transpose(rows: usize, columns: usize, m: &[f64]) -> Vec<f64> {
    (0..rows * columns).map(|i| m[(i % rows) * columns + i / rows]).collect()
}

/// Softmax cross-entropy of one example as [`crate::loss::CrossEntropy`] defines it, without the batch's mean; `label` is a
/// single class or the classes of a group.
#[must_use]
pub fn cross_entropy(logits: &[f64], label: &[usize], smoothing: f64, weights: &[f64]) -> f64 {
    let sum: f64 = logits.iter().map(|&z| libm::exp(z)).sum();
    let minus_log = |c: usize| libm::log(sum) - logits[c];
    let spread: f64 = (0..logits.len()).map(|c| weights[c] * minus_log(c)).sum::<f64>() / logits.len() as f64;
    let weight = label.iter().map(|&c| weights[c]).sum::<f64>() / label.len() as f64;
    let of_label: f64 = label.iter().map(|&c| libm::exp(logits[c])).sum();
    (1.0 - smoothing) * weight * (libm::log(sum) - libm::log(of_label)) + smoothing * spread
}
