//! What training, inference and streams promise for convolutional networks with batch statistics and attention.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Architecture, LayerSpec, Network, Random, Shape};

const SHAPE: Shape = Shape { time: 12, channels: 3 };

/// Two classes whose windows are noise around another level.
fn examples(count: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = Random::new(11, 0);
    let labels: Vec<u8> = (0..count).map(|_| random.below(2) as u8).collect();
    let mut window =
        |label: &u8| (0..SHAPE.len()).map(|_| f32::from(*label) + random.normal()).collect::<Vec<_>>();
    let x = labels.iter().flat_map(&mut window).collect();
    (x, labels)
}

/// Convolutions of all kinds, normalisation, attention.
const CONVOLUTIONAL: &str = r#"{"layers": [
    {"type":"conv","out":10,"kernel":3,"padding":1}, {"type":"batch-norm"}, {"type":"activation","kind":"relu"},
    {"type":"conv","out":10,"kernel":5,"stride":2,"padding":2,"depthwise":true},
    {"type":"conv","out":12,"kernel":1,"bias":false}, {"type":"layer-norm"}, {"type":"activation","kind":"tanh"},
    {"type":"dropout","p":0.2}, {"type":"attention-pool","hidden":5}, {"type":"linear","out":2}
]}"#;

fn convolutional_engine(threads: usize, batch: usize) -> Engine {
    let network = Network::new(&serde_json::from_str(CONVOLUTIONAL).unwrap(), SHAPE).unwrap();
    let options = EngineOptions {
        optimiser: AdamWConfig::default(),
        loss: CrossEntropy::new(2, 0.05, &[]).unwrap(),
        clip: Some(1.0),
        seed: 7,
        threads,
        batch,
    };
    Engine::new(network, options).unwrap()
}

#[test]
fn same_bits_for_any_number_of_threads_with_batch_statistics() {
    let (x, labels) = examples(200);
    let run = |threads| {
        let mut engine = convolutional_engine(threads, 150);
        for step in 0..8 {
            let batch: Vec<usize> = (0..150).map(|i| (i * 7 + step * 31) % 200).collect();
            engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
        }
        let bits: Vec<u32> = engine.weights().iter().map(|w| w.to_bits()).collect();
        let out: Vec<u32> = engine.infer(&x).unwrap().iter().map(|w| w.to_bits()).collect();
        (bits, out)
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn running_statistics_become_those_of_the_data() {
    let (x, labels) = examples(96);
    let mut engine = convolutional_engine(1, 96);
    let batch: Vec<usize> = (0..96).collect();
    // Without a learning rate the statistics are all that moves.
    for _ in 0..80 {
        engine.step(Examples { x: &x, labels: &labels }, &batch, 0.0).unwrap();
    }
    let network = engine.network();
    let of = |name: &str| {
        let p = network.parameters().into_iter().find(|p| p.name == name).unwrap();
        engine.weights()[p.range].to_vec()
    };
    let (w, mean, variance) = (of("0.weight"), of("1.running_mean"), of("1.running_var"));
    let (time, channels) = (SHAPE.time, SHAPE.channels);
    for o in 0..10 {
        // The biases begin as zeros.
        let value = |b: usize, t: usize| -> f64 {
            let taps = (0..3).filter(|k| (1..=time).contains(&(t + k)));
            let tap = |k: usize| -> f64 {
                let row = &x[(b * time + t + k - 1) * channels..];
                (0..channels).map(|c| f64::from(w[(o * channels + c) * 3 + k]) * f64::from(row[c])).sum()
            };
            taps.map(tap).sum()
        };
        // Shards of 32, whose statistics are averaged.
        let (mut mean_of_means, mut mean_of_variances) = (0.0, 0.0);
        for shard in 0..3 {
            let all: Vec<f64> = (0..32 * time).map(|i| value(32 * shard + i / time, i % time)).collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            mean_of_means += mean / 3.0;
            mean_of_variances +=
                all.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (all.len() - 1) as f64 / 3.0;
        }
        // What is left of the initial 0 and 1 after 80 steps: 0.9^80 = 2e-4.
        let got = (f64::from(mean[o]), f64::from(variance[o]));
        assert!((got.0 - mean_of_means).abs() < 1e-3, "{got:?} {mean_of_means}");
        assert!((got.1 - mean_of_variances).abs() < 1e-3, "{got:?} {mean_of_variances}");
    }
}

#[test]
fn a_convolution_does_not_depend_on_the_company_a_window_keeps() {
    let (x, _) = examples(70);
    let engine = convolutional_engine(2, 64);
    let together = engine.infer(&x).unwrap();
    for (i, one) in x.chunks(SHAPE.len()).enumerate() {
        assert_eq!(engine.infer(one).unwrap(), together[2 * i..2 * i + 2], "window {i}");
    }
    for (i, few) in x.chunks(3 * SHAPE.len()).enumerate() {
        let got = engine.infer(few).unwrap();
        assert_eq!(got, together[6 * i..6 * i + got.len()], "windows from {i}");
    }
}

#[test]
fn layers_are_described_and_written_as_they_are_read() {
    let architecture: Architecture = serde_json::from_str(CONVOLUTIONAL).unwrap();
    assert_eq!(
        architecture.describe(),
        "conv 10 x 3, batch norm, ReLU, depthwise conv 10 x 5 every 2, conv 12 x 1, layer norm, tanh, dropout 0.2, \
         attention 5, linear 2"
    );
    let json = serde_json::to_string(&architecture).unwrap();
    assert_eq!(serde_json::from_str::<Architecture>(&json).unwrap(), architecture);
    let unknown =
        serde_json::from_str::<LayerSpec>(r#"{"type":"conv","out":4,"kernel":3,"groups":2}"#).unwrap_err();
    assert!(unknown.to_string().contains("groups"), "{unknown}");
}
