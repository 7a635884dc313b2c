//! What training promises: the same bits for any thread count, learning, honest failure.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::{AdamW, AdamWConfig};
use ambulo_nn::train::{Engine, EngineOptions, Examples, Pace};
use ambulo_nn::{
    Architecture, InstructionSet, LayerSpec, Network, NnError, Pooling, Random, Shape, WindowPooling,
};

const SHAPE: Shape = Shape { time: 12, channels: 3 };

fn architecture(dropout: f32) -> Architecture {
    Architecture {
        layers: vec![
            LayerSpec::Lstm { hidden: 8, layers: 2, dropout, bidirectional: false },
            LayerSpec::Pool { kind: Pooling::Last },
            LayerSpec::Dropout { p: dropout },
            LayerSpec::Linear { out: 2 },
        ],
    }
}

fn engine(threads: usize, dropout: f32, batch: usize) -> Engine {
    engine_of(Network::new(&architecture(dropout), SHAPE).unwrap(), threads, batch)
}

fn engine_of(network: Network, threads: usize, batch: usize) -> Engine {
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

/// Two classes that differ only in whether the second half repeats the sign of the first: needs memory.
fn examples(count: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = Random::new(11, 0);
    let (mut x, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let signs = [random.below(2), random.below(2)];
        for t in 0..SHAPE.time {
            let sign = 2.0 * signs[2 * t / SHAPE.time] as f32 - 1.0;
            x.extend((0..SHAPE.channels).map(|_| 0.5 * sign + 0.3 * random.normal()));
        }
        labels.push(u8::from(signs[0] == signs[1]));
    }
    (x, labels)
}

#[test]
fn same_bits_for_any_number_of_threads() {
    let (x, labels) = examples(200);
    let run = |threads| {
        let mut engine = engine(threads, 0.3, 150);
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
fn same_bits_for_any_number_of_threads_with_gru_and_both_directions() {
    let (x, labels) = examples(100);
    let architecture = Architecture {
        layers: vec![
            LayerSpec::Lstm { hidden: 9, layers: 2, dropout: 0.2, bidirectional: true },
            LayerSpec::Gru { hidden: 7, layers: 2, dropout: 0.2, bidirectional: false },
            LayerSpec::Pool { kind: Pooling::Mean },
            LayerSpec::Linear { out: 2 },
        ],
    };
    let run = |threads| {
        let mut engine = engine_of(Network::new(&architecture, SHAPE).unwrap(), threads, 100);
        let batch: Vec<usize> = (0..100).collect();
        for _ in 0..4 {
            engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
        }
        engine.weights().iter().map(|w| w.to_bits()).collect::<Vec<u32>>()
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn learns_what_needs_memory() {
    let (x, labels) = examples(512);
    let mut engine = engine(1, 0.0, 64);
    let batches: Vec<Vec<usize>> = (0..8).map(|b| (b * 64..(b + 1) * 64).collect()).collect();
    let mut correct = 0;
    for _ in 0..40 {
        correct = batches
            .iter()
            .map(|b| engine.step(Examples { x: &x, labels: &labels }, b, 0.01).unwrap().correct)
            .sum();
    }
    assert!(correct > 500, "{correct} of 512 after 40 epochs");
}

#[test]
fn the_optimiser_runs_on_the_instruction_set_of_the_network() {
    let (x, labels) = examples(64);
    let batch: Vec<usize> = (0..64).collect();
    for isa in InstructionSet::available() {
        let network = Network::with_instruction_set(&architecture(0.0), SHAPE, isa).unwrap();
        let roles: Vec<_> = network.parameters().into_iter().map(|p| (p.range, p.role)).collect();
        let mut engine = engine_of(network, 1, 64);
        let mut expected = engine.weights().to_vec();
        let mut optimiser = AdamW::new(AdamWConfig::default(), expected.len(), isa).unwrap();
        for _ in 0..3 {
            engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
            optimiser.update(&mut expected, engine.gradient(), 0.01, &roles);
            assert_eq!(engine.weights(), expected, "{isa:?}");
        }
    }
}

#[test]
fn inference_packs_only_what_the_forward_pass_reads() {
    let network = Network::new(&architecture(0.0), SHAPE).unwrap();
    let weights = network.initial_weights(3);
    let mut inference = vec![f32::NAN; network.packed_len()];
    network.pack(&weights, &mut inference);
    let mut training = vec![f32::NAN; network.training_packed_len()];
    network.pack_for_training(&weights, &mut training);
    assert_eq!(inference, training[..inference.len()]);
    assert!(training.iter().all(|w| w.is_finite()), "all of it is written");
    assert!(3 * inference.len() < 2 * training.len(), "{} of {}", inference.len(), training.len());
}

#[test]
fn dropout_differs_between_steps_and_leaves_inference_alone() {
    let (x, labels) = examples(64);
    let batch: Vec<usize> = (0..64).collect();
    let mut engine = engine(1, 0.5, 64);
    let before = engine.infer(&x).unwrap();
    // Without a learning rate the weights stay, so only the masks can move the loss.
    let loss =
        |engine: &mut Engine| engine.step(Examples { x: &x, labels: &labels }, &batch, 0.0).unwrap().loss;
    let (first, second) = (loss(&mut engine), loss(&mut engine));
    assert!((first - second).abs() > 1e-6, "{first} {second}");
    assert_eq!(before, engine.infer(&x).unwrap());
}

#[test]
fn inference_does_not_depend_on_the_company_a_window_keeps() {
    let (x, _) = examples(70);
    let engine = engine(2, 0.0, 64);
    let together = engine.infer(&x).unwrap();
    for (i, one) in x.chunks(SHAPE.len()).enumerate() {
        assert_eq!(engine.infer(one).unwrap(), together[2 * i..2 * i + 2], "window {i}");
    }
}

#[test]
fn a_restored_engine_goes_on_as_if_nothing_had_happened() {
    let (x, labels) = examples(64);
    let batch: Vec<usize> = (0..64).collect();
    let mut whole = engine(1, 0.3, 64);
    for _ in 0..4 {
        whole.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
    }
    let mut second = engine(1, 0.3, 64);
    let saved = whole.optimiser().clone();
    second.restore(whole.weights(), saved.step, &saved.mean, &saved.square).unwrap();
    for e in [&mut whole, &mut second] {
        e.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
    }
    assert_eq!(whole.weights(), second.weights());
    let short = second.restore(&[1.0], 1, &[], &[]).unwrap_err();
    assert!(matches!(short, NnError::Length { what: "weights", found: 1, .. }), "{short}");
}

#[test]
fn a_value_that_is_not_a_number_stops_training_and_leaves_the_weights() {
    let (mut x, labels) = examples(64);
    x[100] = f32::NAN;
    let mut engine = engine(1, 0.0, 64);
    let before = engine.weights().to_vec();
    let batch: Vec<usize> = (0..64).collect();
    let error = engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap_err();
    assert!(matches!(error, NnError::Diverged { step: 1, .. }), "{error}");
    assert_eq!(before, engine.weights());
}

#[test]
fn a_label_that_is_no_class_is_not_trained_on() {
    let (x, mut labels) = examples(64);
    labels[7] = 2;
    let batch: Vec<usize> = (0..64).collect();
    let mut engine = engine(1, 0.0, 64);
    let before = engine.weights().to_vec();
    let error = engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap_err();
    assert_eq!(error, NnError::Label { label: 2, classes: 2, groups: 0 });
    assert_eq!(before, engine.weights());
}

fn conv(out: usize, kernel: usize, stride: usize, padding: usize, depthwise: bool) -> LayerSpec {
    LayerSpec::Conv { out, kernel, stride, padding, depthwise, bias: true }
}

#[test]
fn wrong_architectures_are_refused_with_layer_and_value() {
    let cases = [
        (vec![], "the architecture has no layers"),
        (
            vec![LayerSpec::Lstm { hidden: 0, layers: 1, dropout: 0.0, bidirectional: false }],
            "layer 0 (lstm): hidden is 0, expected from 1 to 8192",
        ),
        (
            vec![LayerSpec::Linear { out: 3 }, LayerSpec::Dropout { p: 1.0 }],
            "layer 1 (dropout): p is 1, expected at least 0 and below 1",
        ),
        (
            vec![LayerSpec::Dropout { p: f32::NAN }],
            "layer 0 (dropout): p is NaN, expected at least 0 and below 1",
        ),
        (vec![conv(4, 0, 1, 0, false)], "layer 0 (conv): kernel is 0, expected from 1 to 1024"),
        (vec![conv(4, 3, 0, 0, false)], "layer 0 (conv): stride is 0, expected from 1 to 1024"),
        (vec![conv(4, 3, 1, 3, false)], "layer 0 (conv): padding is 3, expected fewer than the kernel"),
        (
            vec![conv(4, 15, 1, 1, false)],
            "layer 0 (conv): a kernel of 15 with padding 1 needs at least 13 time steps, but its input is [time 12, channels 3]",
        ),
        (
            vec![LayerSpec::Linear { out: 4 }, conv(6, 3, 1, 0, true)],
            "layer 1 (conv): depthwise, out must be a multiple of the channels and is 6, but its input is [time 12, channels 4]",
        ),
        (
            vec![LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.0 }],
            "layer 0 (batch-norm): momentum is 0, expected above 0 and at most 1",
        ),
        (
            vec![LayerSpec::LayerNorm { epsilon: f32::NAN }],
            "layer 0 (layer-norm): epsilon is NaN, expected a positive number",
        ),
        (
            vec![LayerSpec::WindowPool { kind: WindowPooling::Max, kernel: 3, stride: None, padding: 2 }],
            "layer 0 (window-pool): padding is 2, expected at most half the kernel",
        ),
        (
            vec![LayerSpec::WindowPool {
                kind: WindowPooling::Mean,
                kernel: 13,
                stride: Some(1),
                padding: 0,
            }],
            "layer 0 (window-pool): a kernel of 13 needs at least 13 time steps, but its input is [time 12, channels 3]",
        ),
        (
            vec![LayerSpec::AttentionPool { hidden: 0 }],
            "layer 0 (attention-pool): hidden is 0, expected from 1 to 8192",
        ),
    ];
    for (layers, message) in cases {
        let error = Network::new(&Architecture { layers }, SHAPE).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let none = Network::new(&architecture(0.0), Shape { time: 0, channels: 3 }).unwrap_err();
    assert!(none.to_string().contains("[time 0, channels 3]"), "{none}");
}

#[test]
fn any_number_of_windows_is_answered_alike() {
    let (x, _) = examples(70);
    for threads in [1, 2, 3] {
        let engine = engine(threads, 0.0, 64);
        let all = engine.infer(&x).unwrap();
        for count in [1, 2, 3, 5, 32, 33, 34, 65, 67] {
            let some = engine.infer(&x[..count * SHAPE.len()]).unwrap();
            assert_eq!(some, all[..count * 2], "{count} windows on {threads} threads");
        }
    }
}

/// A network with running statistics, then a recurrent layer; its parameters by name.
fn paced(paces: &[(&str, f64, u64)]) -> Engine {
    let layers = vec![
        LayerSpec::Conv { out: 5, kernel: 3, stride: 1, padding: 1, depthwise: false, bias: false },
        LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 },
        LayerSpec::Lstm { hidden: 6, layers: 1, dropout: 0.0, bidirectional: false },
        LayerSpec::Pool { kind: Pooling::Last },
        LayerSpec::Dropout { p: 0.2 },
        LayerSpec::Linear { out: 2 },
    ];
    let mut engine = engine_of(Network::new(&Architecture { layers }, SHAPE).unwrap(), 1, 64);
    let ranges: Vec<_> = engine.network().parameters().into_iter().map(|p| (p.name, p.range)).collect();
    let named = |prefix: &str| ranges.iter().filter(|(name, _)| name.starts_with(prefix)).collect::<Vec<_>>();
    let paces: Vec<Pace> = paces
        .iter()
        .map(|&(prefix, scale, frozen_steps)| {
            let own = named(prefix);
            let weights = own[0].1.start..own[own.len() - 1].1.end;
            Pace { weights, scale, frozen_steps }
        })
        .collect();
    engine.set_paces(&paces).unwrap();
    engine
}

fn train(engine: &mut Engine, steps: usize) {
    let (x, labels) = examples(96);
    for step in 0..steps {
        let batch: Vec<usize> = (0..64).map(|i| (i * 5 + step * 31) % 96).collect();
        engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn frozen_weights_and_their_statistics_keep_their_bits_and_the_rest_learns() {
    let mut engine = paced(&[("0.", 0.0, 0), ("1.", 0.0, 0)]);
    let start = engine.weights().to_vec();
    train(&mut engine, 5);
    for p in engine.network().parameters() {
        let (old, new) = (bits(&start[p.range.clone()]), bits(&engine.weights()[p.range.clone()]));
        let frozen = p.name.starts_with("0.") || p.name.starts_with("1.");
        assert_eq!(old == new, frozen, "{}", p.name);
        assert_eq!(
            engine.optimiser().square[p.range.clone()].iter().all(|v| *v == 0.0),
            frozen,
            "{}",
            p.name
        );
        assert!(!frozen || engine.gradient()[p.range].iter().all(|g| *g == 0.0));
    }
}

#[test]
fn a_frozen_normalisation_answers_in_training_as_in_inference() {
    let (x, labels) = examples(64);
    let batch: Vec<usize> = (0..64).collect();
    let loss_of = |freeze: &[(&str, f64, u64)]| {
        let mut engine = paced(freeze);
        // Statistics that the examples do not have: dropout is the same, so only these can make a difference.
        let mut weights = engine.weights().to_vec();
        for p in engine.network().parameters().iter().filter(|p| p.name == "1.running_mean") {
            weights[p.range.clone()].fill(2.0);
        }
        engine.begin_with(&weights).unwrap();
        assert_eq!(bits(engine.weights()), bits(&weights));
        engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap().loss
    };
    let frozen = loss_of(&[("0.", 0.0, 0), ("1.", 0.0, 0), ("2.", 0.0, 0)]);
    let free = loss_of(&[]);
    assert!((frozen - free).abs() > 1e-4, "{frozen} {free}");
}

#[test]
fn a_pace_of_one_gives_the_bits_of_before_and_a_lower_one_smaller_steps() {
    let (mut plain, mut one) = (paced(&[]), paced(&[("0.", 1.0, 0), ("5.", 1.0, 0)]));
    train(&mut plain, 6);
    train(&mut one, 6);
    assert_eq!(bits(plain.weights()), bits(one.weights()));
    let moved = |scale: f64| {
        let mut engine = paced(&[("2.", scale, 0)]);
        let start = engine.weights().to_vec();
        train(&mut engine, 1);
        let range =
            engine.network().parameters().iter().find(|p| p.name.starts_with("2.")).unwrap().range.clone();
        range.map(|i| f64::from((engine.weights()[i] - start[i]).abs())).sum::<f64>()
    };
    let (whole, half) = (moved(1.0), moved(0.5));
    assert!((half / whole - 0.5).abs() < 0.01, "{half} of {whole}");
}

#[test]
fn what_is_frozen_at_first_begins_as_if_that_were_the_first_step() {
    // As large as a first step of Adam is, which is the rate: not what moments of zero would give a later one.
    let mut engine = paced(&[("0.", 1.0, 3)]);
    let range = engine.network().parameters()[0].range.clone();
    let start = engine.weights()[range.clone()].to_vec();
    train(&mut engine, 3);
    assert_eq!(bits(&start), bits(&engine.weights()[range.clone()]));
    train(&mut engine, 1);
    let steps = engine.weights()[range].iter().zip(&start).map(|(a, b)| (a - b).abs());
    let largest = steps.fold(0.0, f32::max);
    assert!((0.009..0.0102).contains(&largest), "{largest}");
}

#[test]
fn paces_that_mean_nothing_are_refused() {
    let mut engine = paced(&[]);
    let all = engine.weights().len();
    for (weights, scale) in [(0..3, 0.5), (0..all, f64::NAN), (0..all, -1.0), (0..all + 1, 1.0)] {
        assert!(engine.set_paces(&[Pace { weights, scale, frozen_steps: 0 }]).is_err());
    }
    assert!(engine.begin_with(&[0.0; 3]).is_err());
}

#[test]
fn a_settled_engine_learns_as_it_answers_and_keeps_statistics() {
    let (x, labels) = examples(64);
    let batch: Vec<usize> = (0..64).collect();
    // Dropout would change the loss, and so would the statistics of the batch.
    let mut layers = vec![conv(6, 3, 1, 1, false), LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 }];
    layers.push(LayerSpec::Pool { kind: Pooling::Mean });
    layers.extend([LayerSpec::Dropout { p: 0.5 }, LayerSpec::Linear { out: 2 }]);
    let mut engine = engine_of(Network::new(&Architecture { layers }, SHAPE).unwrap(), 2, 64);
    let head = engine.network().layer_ranges().last().unwrap();
    let conv = engine.network().layer_ranges().next().unwrap();
    let still = [conv, head].map(|weights| Pace { weights, scale: 0.0, frozen_steps: 0 });
    engine.set_paces(&still).unwrap();
    engine.settle();
    let before = engine.weights().to_vec();
    let loss_of = |engine: &Engine| {
        let loss = CrossEntropy::new(2, 0.05, &[]).unwrap();
        let mut rows = engine.infer(&x).unwrap();
        let of = |(row, &label): (&mut [f32], &u8)| loss.apply(row, label, 1.0).0;
        rows.chunks_exact_mut(2).zip(&labels).map(of).sum::<f64>() / 64.0
    };
    let first = loss_of(&engine);
    for step in 0..30 {
        let report = engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
        assert!(step > 0 || (report.loss - first).abs() < 1e-5, "{} {first}", report.loss);
    }
    assert!(loss_of(&engine) < first - 1e-3, "{} {first}", loss_of(&engine));
    for p in engine.network().parameters() {
        let same = bits(&before[p.range.clone()]) == bits(&engine.weights()[p.range]);
        assert_eq!(same, !(p.name == "1.weight" || p.name == "1.bias"), "{}", p.name);
    }
}

#[test]
fn a_pull_is_a_spring_to_where_it_was_set() {
    let (x, labels) = examples(32);
    let batch: Vec<usize> = (0..32).collect();
    let away = |strength: f64| {
        let mut engine = engine(1, 0.0, 32);
        engine.pull_to_here(strength).unwrap();
        let from = engine.weights().to_vec();
        for _ in 0..20 {
            engine.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
        }
        let to = engine.weights().to_vec();
        // Of a loss that is nothing, only the pull is left.
        let nothing = |_: &[usize], rows: &mut [f32]| {
            rows.fill(0.0);
            0.0
        };
        let report = engine.step_on(&x, &batch, 0.0, &nothing).unwrap();
        let square: f64 = from.iter().zip(&to).map(|(a, b)| f64::from(b - a).powi(2)).sum();
        assert!((report.loss - strength * square / 2.0).abs() < 1e-6 * (1.0 + report.loss));
        let norm = strength * square.sqrt();
        assert!((report.gradient_norm - norm).abs() < 1e-5 * (1.0 + norm), "{} {norm}", report.gradient_norm);
        square
    };
    let (free, held) = (away(0.0), away(3.0));
    assert!(held < 0.5 * free, "{held} {free}");
    let mut engine = engine(1, 0.0, 32);
    assert!(engine.pull_to_here(f64::NAN).is_err() && engine.pull_to_here(-1.0).is_err());
}

/// A convolution with batch normalisation behind it, twice.
fn normalised() -> Network {
    let norm = || LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 };
    let layers = vec![
        conv(6, 3, 1, 1, false),
        norm(),
        conv(5, 3, 1, 1, false),
        norm(),
        LayerSpec::Pool { kind: Pooling::Mean },
        LayerSpec::Linear { out: 2 },
    ];
    Network::new(&Architecture { layers }, SHAPE).unwrap()
}

#[test]
fn statistics_of_other_examples_are_mixed_in_by_their_share_and_nothing_else_moves() {
    let network = normalised();
    let weights = network.initial_weights(3);
    let (x, _) = examples(70);
    let own = network.mix_statistics(&weights, &x, 1.0).unwrap();
    let half = network.mix_statistics(&weights, &x, 0.5).unwrap();
    for p in network.parameters() {
        let range = p.range.clone();
        if !p.name.contains("running") {
            assert_eq!(bits(&weights[range.clone()]), bits(&own[range]), "{}", p.name);
        } else if p.name.starts_with("1.") {
            for ((old, own), half) in weights[range.clone()].iter().zip(&own[range.clone()]).zip(&half[range])
            {
                assert!((0.5 * (old + own) - half).abs() < 1e-5 && (old - own).abs() > 1e-4, "{}", p.name);
            }
        }
    }
    // By its own statistics each feature has mean 0 and variance 1, the second layer's behind the first's: known from a network that
    // ends there.
    for end in [2, 4] {
        let mut layers = vec![conv(6, 3, 1, 1, false), LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 }];
        layers.extend([conv(5, 3, 1, 1, false), LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 }]);
        layers.truncate(end);
        let part = Network::new(&Architecture { layers }, SHAPE).unwrap();
        let channels = part.output().channels;
        let out = part.infer(&own[..part.weights_len()], &x).unwrap();
        let rows = (out.len() / channels) as f64;
        for c in 0..channels {
            let values = || out.iter().skip(c).step_by(channels).map(|&v| f64::from(v));
            let mean = values().sum::<f64>() / rows;
            let variance = values().map(|v| (v - mean).powi(2)).sum::<f64>() / (rows - 1.0);
            assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{end} {c}: {mean} {variance}");
        }
    }
    let threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        bits(&pool.install(|| network.mix_statistics(&weights, &x, 0.3).unwrap()))
    };
    assert_eq!(threads(1), threads(3));
    assert_eq!(bits(&network.mix_statistics(&weights, &x, 0.0).unwrap()), bits(&weights));
    for (x, share) in [(&x[..], 1.5), (&x[..], f64::NAN), (&[][..], 0.5), (&x[..7], 0.5)] {
        assert!(network.mix_statistics(&weights, x, share).is_err(), "{share}");
    }
}
