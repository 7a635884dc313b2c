//! Convolution, normalisation, windows and attention in f64, one example at a time.

use crate::kernel::reference::sigmoid;
use crate::{Activation, LayerSpec, Shape, WindowPooling};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// One layer on `x [time, channels]`; `get` finds a parameter of the layer by name.
///
/// # Panics
/// When the layer is one of those of the module above.
pub(super) fn forward(
    spec: &LayerSpec,
    shape: Shape,
    get: &dyn Fn(String) -> Vec<f64>,
    x: &[f64],
) -> (Shape, Vec<f64>) {
    let Shape { time, channels } = shape;
    match *spec {
        LayerSpec::Conv { out, kernel, stride, padding, depthwise, bias } => {
            let (w, b) = (get("weight".into()), if bias { get("bias".into()) } else { vec![0.0; out] });
            let inputs = if depthwise { 1 } else { channels };
            let results = (time + 2 * padding - kernel) / stride + 1;
            let mut y = Vec::new();
            for t in 0..results {
                for o in 0..out {
                    let mut sum = b[o];
                    for i in 0..inputs {
                        let channel = if depthwise { o / (out / channels) } else { i };
                        for k in 0..kernel {
                            let at = t * stride + k;
                            if at >= padding && at < time + padding {
                                sum +=
                                    w[(o * inputs + i) * kernel + k] * x[(at - padding) * channels + channel];
                            }
                        }
                    }
                    y.push(sum);
                }
            }
            (Shape { time: results, channels: out }, y)
        }
        LayerSpec::BatchNorm { epsilon, .. } => {
            let (mean, variance) = (get("running_mean".into()), get("running_var".into()));
            (shape, normalise((&get("weight".into()), &get("bias".into())), (&mean, &variance), epsilon, x))
        }
        LayerSpec::LayerNorm { epsilon } => {
            let (w, b) = (get("weight".into()), get("bias".into()));
            let mut y = Vec::new();
            for row in x.chunks(channels) {
                let (mean, variance) = moments(row.iter().copied());
                let scale = 1.0 / libm::sqrt(variance + f64::from(epsilon));
                y.extend((0..channels).map(|c| (row[c] - mean) * scale * w[c] + b[c]));
            }
            (shape, y)
        }
        LayerSpec::Activation { kind } => {
            let f = |x: f64| match kind {
                Activation::Relu => x.max(0.0),
                Activation::Tanh => libm::tanh(x),
                Activation::Sigmoid => sigmoid(x),
            };
            (shape, x.iter().map(|&x| f(x)).collect())
        }
        LayerSpec::WindowPool { kind, kernel, stride, padding } => {
            let stride = stride.unwrap_or(kernel);
            let results = (time + 2 * padding - kernel) / stride + 1;
            let mut y = Vec::new();
            for t in 0..results {
                for c in 0..channels {
                    let inside =
                        (t * stride..t * stride + kernel).filter(|&at| at >= padding && at < time + padding);
                    let values = inside.map(|at| x[(at - padding) * channels + c]);
                    y.push(match kind {
                        WindowPooling::Max => values.fold(f64::NEG_INFINITY, f64::max),
                        WindowPooling::Mean => values.sum::<f64>() / kernel as f64,
                    });
                }
            }
            (Shape { time: results, channels }, y)
        }
        LayerSpec::AttentionPool { hidden } => {
            let weights = attention_weights(hidden, channels, get, x);
            let mut y = vec![0.0; channels];
            for (row, weight) in x.chunks(channels).zip(&weights) {
                (0..channels).for_each(|c| y[c] += weight * row[c]);
            }
            (Shape { time: 1, channels }, y)
        }
        _ => unreachable!("{spec:?} is not of this module"),
    }
}

/// The weight of each step of `x [time, channels]`.
pub(super) fn attention_weights(
    hidden: usize,
    channels: usize,
    get: &dyn Fn(String) -> Vec<f64>,
    x: &[f64],
) -> Vec<f64> {
    let (w, b, context) = (get("weight".into()), get("bias".into()), get("context".into()));
    let score = |row: &[f64]| -> f64 {
        let unit = |j: usize| b[j] + (0..channels).map(|c| w[j * channels + c] * row[c]).sum::<f64>();
        (0..hidden).map(|j| context[j] * libm::tanh(unit(j))).sum()
    };
    let weights: Vec<f64> = x.chunks(channels).map(|row| libm::exp(score(row))).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Mean and biased variance.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (mean, values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n)
}

/// Mean and biased variance of each channel over all rows of all examples.
pub(super) fn channel_moments(examples: &[Vec<f64>], channels: usize) -> (Vec<f64>, Vec<f64>) {
    (0..channels)
        .map(|c| moments(examples.iter().flat_map(|x| x.iter().skip(c).step_by(channels)).copied()))
        .unzip()
}

/// `(x - mean) / √(variance + epsilon) * weight + bias` for each channel.
pub(super) fn normalise(
    (weight, bias): (&[f64], &[f64]),
    (mean, variance): (&[f64], &[f64]),
    epsilon: f32,
    x: &[f64],
) -> Vec<f64> {
    let value = |(i, x): (usize, &f64)| {
        let c = i % mean.len();
        (x - mean[c]) / libm::sqrt(variance[c] + f64::from(epsilon)) * weight[c] + bias[c]
    };
    x.iter().enumerate().map(value).collect()
}
