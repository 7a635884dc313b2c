//! Hand-derived gradients against finite differences of the f64 reference.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Architecture, InstructionSet, LayerSpec, Network, Pooling, Random, SHARD, Shape, reference};
use proptest::prelude::*;

/// The gradient of the batch's mean loss at the initial weights, by the engine and by central differences.
fn compare(
    architecture: &Architecture,
    shape: Shape,
    batch: usize,
    smoothing: f32,
    seed: u64,
    isa: InstructionSet,
) {
    compare_groups(architecture, shape, batch, smoothing, seed, isa, &[]);
}

/// The same with labels that stand for groups of classes as well.
fn compare_groups(
    architecture: &Architecture,
    shape: Shape,
    batch: usize,
    smoothing: f32,
    seed: u64,
    isa: InstructionSet,
    groups: &[Vec<u8>],
) {
    let classes = match architecture.layers.last() {
        Some(LayerSpec::Linear { out }) => *out,
        other => panic!("the last layer is {other:?}"),
    };
    let mut random = Random::new(seed, 99);
    let x: Vec<f32> = (0..batch * shape.len()).map(|_| random.normal()).collect();
    let labels: Vec<u8> = (0..batch).map(|_| random.below((classes + groups.len()) as u32) as u8).collect();
    let class_weights: Vec<f32> = (0..classes).map(|_| 0.5 + random.uniform()).collect();
    let network = Network::with_instruction_set(architecture, shape, isa).unwrap();
    let parameters = network.parameters();
    let loss = CrossEntropy::new(classes, smoothing, &class_weights).unwrap().with_groups(groups).unwrap();
    let options = EngineOptions {
        optimiser: ambulo_nn::optim::AdamWConfig::default(),
        loss,
        clip: None,
        seed,
        threads: 1,
        batch,
    };
    let mut engine = Engine::new(network, options).unwrap();
    let weights: Vec<f64> = engine.weights().iter().map(|&w| f64::from(w)).collect();
    let batch_indices: Vec<usize> = (0..batch).collect();
    let report = engine.step(Examples { x: &x, labels: &labels }, &batch_indices, 1e-3).unwrap();

    let weight_of: Vec<f64> = class_weights.iter().map(|&w| f64::from(w)).collect();
    let mean_loss = |weights: &[f64]| {
        let parameter = |name: &str| {
            let p = parameters.iter().find(|p| p.name == name).unwrap();
            weights[p.range.clone()].to_vec()
        };
        let (mut sum, mut total) = (0.0, 0.0);
        let wide = |x: &[f32]| x.iter().map(|&v| f64::from(v)).collect();
        // Batch normalisation sees one shard at a time.
        for (x, labels) in x.chunks(SHARD * shape.len()).zip(labels.chunks(SHARD)) {
            let examples: Vec<Vec<f64>> = x.chunks(shape.len()).map(wide).collect();
            let logits = reference::forward_training(architecture, shape, &parameter, &examples);
            for (logits, &label) in logits.iter().zip(labels) {
                let leaves = match usize::from(label).checked_sub(classes) {
                    None => vec![usize::from(label)],
                    Some(group) => groups[group].iter().map(|&c| usize::from(c)).collect(),
                };
                sum += reference::cross_entropy(logits, &leaves, f64::from(smoothing), &weight_of);
                total += leaves.iter().map(|&c| weight_of[c]).sum::<f64>() / leaves.len() as f64;
            }
        }
        sum / total
    };
    let exact = mean_loss(&weights);
    assert!((report.loss - exact).abs() < 1e-5 * exact, "loss {} against {exact}", report.loss);
    let scale = engine.gradient().iter().fold(0f32, |m, g| m.max(g.abs()));
    for p in &parameters {
        // A dozen elements of each parameter: the reference is slow, and an error in a formula hits them all.
        let stride = (p.range.len() / 12).max(1);
        for i in p.range.clone().step_by(stride) {
            let mut moved = weights.clone();
            let h = 1e-5;
            moved[i] += h;
            let above = mean_loss(&moved);
            moved[i] -= 2.0 * h;
            let difference = (above - mean_loss(&moved)) / (2.0 * h);
            let got = f64::from(engine.gradient()[i]);
            let bound = 1e-4 * f64::from(scale).max(difference.abs());
            assert!(
                (got - difference).abs() < bound,
                "{} [{i}]: {got}, difference quotient {difference}",
                p.name
            );
        }
    }
}

#[test]
fn default_network_in_small() {
    for isa in [InstructionSet::Scalar, InstructionSet::detect()] {
        for kind in [Pooling::Last, Pooling::Mean] {
            let architecture = Architecture {
                layers: vec![
                    LayerSpec::Lstm { hidden: 10, layers: 3, dropout: 0.0, bidirectional: false },
                    LayerSpec::Pool { kind },
                    LayerSpec::Dropout { p: 0.0 },
                    LayerSpec::Linear { out: 6 },
                ],
            };
            compare(&architecture, Shape { time: 9, channels: 5 }, 5, 0.1, 3, isa);
        }
    }
}

#[test]
fn labels_that_stand_for_several_classes() {
    let architecture = Architecture {
        layers: vec![
            LayerSpec::Lstm { hidden: 6, layers: 1, dropout: 0.0, bidirectional: false },
            LayerSpec::Pool { kind: Pooling::Last },
            LayerSpec::Linear { out: 5 },
        ],
    };
    let groups = [vec![1, 2], vec![0, 3, 4], vec![4]];
    for smoothing in [0.0, 0.2] {
        for isa in InstructionSet::available() {
            compare_groups(&architecture, Shape { time: 6, channels: 3 }, 40, smoothing, 5, isa, &groups);
        }
    }
}

/// Layers from JSON, as configuration files have them.
fn architecture(layers: &str) -> Architecture {
    serde_json::from_str(&format!(r#"{{"layers": [{layers}]}}"#)).unwrap()
}

/// Every layer in the middle of a network, with odd sizes; seeds that keep maxima and rectifiers clear of their kinks.
#[test]
fn convolution_normalisation_and_attention() {
    let networks = [
        // Shards of 32 and 5: batch normalisation has statistics of its own in each.
        r#"{"type":"conv","out":9,"kernel":5,"padding":2},{"type":"batch-norm"},{"type":"activation","kind":"relu"},
           {"type":"conv","out":17,"kernel":3,"stride":2},{"type":"batch-norm","momentum":0.3},
           {"type":"pool","kind":"mean"},{"type":"linear","out":4}"#,
        r#"{"type":"linear","out":6},
           {"type":"conv","out":6,"kernel":4,"stride":3,"padding":3,"depthwise":true},{"type":"layer-norm"},
           {"type":"activation","kind":"tanh"},{"type":"attention-pool","hidden":7},{"type":"linear","out":4}"#,
        r#"{"type":"conv","out":10,"kernel":2,"stride":3,"bias":false},{"type":"layer-norm","epsilon":0.01},
           {"type":"conv","out":20,"kernel":3,"padding":1,"depthwise":true,"bias":false},
           {"type":"activation","kind":"sigmoid"},{"type":"pool","kind":"max"},{"type":"linear","out":3}"#,
        r#"{"type":"conv","out":8,"kernel":1},
           {"type":"window-pool","kind":"max","kernel":3,"stride":2,"padding":1},
           {"type":"window-pool","kind":"mean","kernel":2},{"type":"lstm","hidden":5,"layers":1},
           {"type":"attention-pool","hidden":33},{"type":"linear","out":3}"#,
        r#"{"type":"batch-norm"},{"type":"conv","out":5,"kernel":5,"stride":5,"padding":4,"depthwise":true},
           {"type":"pool","kind":"last"},{"type":"batch-norm"},{"type":"linear","out":3}"#,
    ];
    for (seed, layers) in networks.into_iter().enumerate() {
        for isa in InstructionSet::available() {
            for batch in [4, 37] {
                let shape = Shape { time: 14, channels: 5 };
                compare(&architecture(layers), shape, batch, 0.1, 10 + seed as u64, isa);
            }
        }
    }
}

/// Long enough that gradients are collected over several chunks of steps, wide enough that inputs are transposed.
#[test]
fn recurrent_layers_of_every_kind() {
    let (dropout, layers) = (0.0, 2);
    for (gru, bidirectional, hidden, time) in [
        (true, false, 11, 9),
        (true, true, 6, 7),
        (false, true, 9, 8),
        (true, false, 4, 67),
        (false, false, 101, 3),
    ] {
        let recurrent = match gru {
            true => LayerSpec::Gru { hidden, layers, dropout, bidirectional },
            false => LayerSpec::Lstm { hidden, layers, dropout, bidirectional },
        };
        let architecture = Architecture {
            layers: vec![recurrent, LayerSpec::Pool { kind: Pooling::Mean }, LayerSpec::Linear { out: 3 }],
        };
        for isa in [InstructionSet::Scalar, InstructionSet::detect()] {
            compare(&architecture, Shape { time, channels: 5 }, if hidden > 50 { 3 } else { 5 }, 0.0, 8, isa);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// No kinks: the difference quotient holds everywhere.
    #[test]
    fn any_small_convolution(out in 1usize..20, kernel in 1usize..6, stride in 1usize..5, padding in 0usize..5, channels in 1usize..9, extra in 0usize..9, multiplier in 1usize..4, batch in 1usize..36, seed: u64) {
        let padding = padding.min(kernel - 1);
        let conv = |out, depthwise| LayerSpec::Conv { out, kernel, stride, padding, depthwise, bias: true };
        let time = (stride + 1) * kernel + extra;
        let architecture = Architecture {
            layers: vec![
                conv(multiplier * channels, true),
                conv(out, false),
                LayerSpec::AttentionPool { hidden: 3 },
                LayerSpec::Linear { out: 3 },
            ],
        };
        compare(&architecture, Shape { time, channels }, batch, 0.1, seed, InstructionSet::detect());
    }

    #[test]
    fn any_small_network(hidden in 1usize..12, layers in 1usize..4, gru: bool, bidirectional: bool, channels in 1usize..7, time in 1usize..8, batch in 1usize..40, smooth in 0f32..0.5, seed: u64) {
        let architecture = Architecture {
            layers: vec![
                if gru {
                    LayerSpec::Gru { hidden, layers, dropout: 0.0, bidirectional }
                } else {
                    LayerSpec::Lstm { hidden, layers, dropout: 0.0, bidirectional }
                },
                LayerSpec::Linear { out: 4 },
                LayerSpec::Pool { kind: Pooling::Mean },
                LayerSpec::Linear { out: 3 },
            ],
        };
        compare(&architecture, Shape { time, channels }, batch, smooth, seed, InstructionSet::detect());
    }
}
