//! Every layer on any shape and every instruction set against its f64 textbook form.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::{
    Activation, Architecture, InstructionSet, LayerSpec, Mode, Network, Pooling, Random, Shape,
    WindowPooling, reference,
};
use proptest::prelude::*;

/// Results of one layer by the engine, `[batch, time, channels]`, and by the reference, for weights that are not those of
/// the beginning.
fn both(
    spec: &LayerSpec,
    shape: Shape,
    x: &[f32],
    training: bool,
    isa: InstructionSet,
    seed: u64,
) -> (Vec<f32>, Vec<f64>) {
    let architecture = Architecture { layers: vec![spec.clone()] };
    let network = Network::with_instruction_set(&architecture, shape, isa).unwrap();
    let mut random = Random::new(seed, 5);
    // Above zero: a variance among them.
    let weights: Vec<f32> =
        network.initial_weights(seed).iter().map(|w| w + 0.2 + random.uniform()).collect();
    let batch = x.len() / shape.len();
    let out = if training {
        let mut packed = vec![0.0; network.packed_len()];
        network.pack(&weights, &mut packed);
        let mut buffers = network.buffers(batch, true);
        buffers.load(shape, batch, x.chunks(shape.len()));
        let mode = Mode::Training { seed: 0, stream: 0 };
        let y = network.forward(&weights, &packed, batch, mode, &mut buffers);
        let Shape { time, channels } = network.output();
        let place = |b: usize, t: usize| (t * batch + b) * channels;
        (0..batch)
            .flat_map(|b| (0..time).flat_map(move |t| place(b, t)..place(b, t) + channels))
            .map(|i| y[i])
            .collect()
    } else {
        network.infer(&weights, x).unwrap()
    };
    let parameter = |name: &str| {
        let p = network.parameters().into_iter().find(|p| p.name == name).unwrap();
        weights[p.range].iter().map(|&w| f64::from(w)).collect()
    };
    let wide = |x: &[f32]| -> Vec<f64> { x.iter().map(|&v| f64::from(v)).collect() };
    let examples: Vec<Vec<f64>> = x.chunks(shape.len()).map(wide).collect();
    let want = if training {
        reference::forward_training(&architecture, shape, &parameter, &examples).concat()
    } else {
        examples.iter().flat_map(|x| reference::forward(&architecture, shape, &parameter, x)).collect()
    };
    (out, want)
}

fn check(spec: &LayerSpec, shape: Shape, x: &[f32], training: bool, seed: u64, bound: f64) {
    for isa in InstructionSet::available() {
        let (got, want) = both(spec, shape, x, training, isa, seed);
        assert_eq!(got.len(), want.len(), "{spec:?}");
        let scale = want.iter().fold(1f64, |m, v| m.max(v.abs()));
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            let error = (f64::from(*got) - want).abs();
            assert!(
                error <= bound * scale,
                "{isa:?} {spec:?} {shape:?} [{i}]: {got}, {want}, largest {scale}"
            );
        }
    }
}

fn normals(seed: u64, len: usize, scale: f32, offset: f32) -> Vec<f32> {
    let mut random = Random::new(seed, 9);
    (0..len).map(|_| offset + scale * random.normal()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn convolution(out in 1usize..40, kernel in 1usize..8, stride in 1usize..6, padding in 0usize..7, channels in 1usize..20, extra in 0usize..12, batch in 1usize..36, bias: bool, seed: u64) {
        let padding = padding.min(kernel - 1);
        let shape = Shape { time: kernel + extra, channels };
        let x = normals(seed, batch * shape.len(), 1.0, 0.0);
        let spec = LayerSpec::Conv { out, kernel, stride, padding, depthwise: false, bias };
        check(&spec, shape, &x, false, seed, 3e-6);
        let spec = LayerSpec::Conv { out: channels * (1 + out % 3), kernel, stride, padding, depthwise: true, bias };
        check(&spec, shape, &x, false, seed, 3e-6);
    }

    #[test]
    fn normalisation(channels in 1usize..40, time in 1usize..20, batch in 1usize..36, scale in prop::sample::select(vec![1e-2f32, 1.0, 1e4]), seed: u64) {
        let shape = Shape { time, channels };
        let x = normals(seed, batch * shape.len(), scale, 0.0);
        let spec = LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 };
        check(&spec, shape, &x, false, seed, 1e-6);
        // Two values for a channel may lie as close as one likes; their difference has what digits they have.
        check(&spec, shape, &x, true, seed, if batch * time > 3 { 1e-5 } else { 1e-3 });
        check(&LayerSpec::LayerNorm { epsilon: 1e-5 }, shape, &x, false, seed, if channels > 3 { 1e-5 } else { 1e-3 });
    }

    /// A hundred standard deviations from zero: rounding of the input costs two digits, the kernels no more.
    #[test]
    fn normalisation_far_from_zero(channels in 4usize..40, time in 2usize..150, batch in 2usize..36, seed: u64) {
        let shape = Shape { time, channels };
        let x = normals(seed, batch * shape.len(), 1.0, 100.0);
        check(&LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 }, shape, &x, true, seed, 5e-5);
        check(&LayerSpec::LayerNorm { epsilon: 1e-5 }, shape, &x, false, seed, 5e-5);
    }

    #[test]
    fn windows_activations_and_attention(channels in 1usize..40, kernel in 1usize..6, stride in 1usize..5, extra in 0usize..9, batch in 1usize..36, scale in prop::sample::select(vec![1.0f32, 30.0]), seed: u64) {
        let shape = Shape { time: kernel + extra, channels };
        let x = normals(seed, batch * shape.len(), scale, 0.0);
        for kind in [WindowPooling::Max, WindowPooling::Mean] {
            let spec = LayerSpec::WindowPool { kind, kernel, stride: Some(stride), padding: kernel / 2 };
            check(&spec, shape, &x, false, seed, 1e-6);
        }
        for kind in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            check(&LayerSpec::Activation { kind }, shape, &x, false, seed, 5e-7);
        }
        check(&LayerSpec::Pool { kind: Pooling::Max }, shape, &x, false, seed, 0.0);
        // Scores are tanh of large sums; a context as long as this turns their rounding into that of the weights.
        check(&LayerSpec::AttentionPool { hidden: 1 + kernel * 7 }, shape, &x, false, seed, 1e-4);
    }
}

/// Where a network with attention looked, against the textbook: in inference and in training, for fewer examples than the buffers
/// hold, with layers before and behind.
#[test]
fn attention_is_told() {
    let layers = r#"{"layers":[{"type":"conv","out":5,"kernel":3,"stride":2,"padding":1},{"type":"activation","kind":"tanh"},
        {"type":"attention-pool","hidden":7},{"type":"linear","out":4}]}"#;
    let architecture: Architecture = serde_json::from_str(layers).unwrap();
    let shape = Shape { time: 21, channels: 3 };
    let (batch, room) = (5, 9);
    let mut random = Random::new(3, 1);
    let x: Vec<f32> = (0..batch * shape.len()).map(|_| 4.0 * random.uniform() - 2.0).collect();
    for isa in InstructionSet::available() {
        let network = Network::with_instruction_set(&architecture, shape, isa).unwrap();
        assert_eq!(network.attention_len(), 11);
        let weights: Vec<f32> = network.initial_weights(1).iter().map(|w| 2.0 * w).collect();
        let mut packed = vec![0.0; network.packed_len()];
        network.pack(&weights, &mut packed);
        let parameter = |name: &str| {
            let p = network.parameters().into_iter().find(|p| p.name == name).unwrap();
            weights[p.range].iter().map(|&w| f64::from(w)).collect()
        };
        for training in [false, true] {
            let mut buffers = network.buffers(room, training);
            let mut out = vec![0.0; batch * network.output().len()];
            let mut looked = vec![0.0; batch * 11];
            network.infer_shard(&weights, &packed, &x, &mut out, &mut buffers);
            network.attention(batch, &buffers, &mut looked);
            for (x, looked) in x.chunks(shape.len()).zip(looked.chunks(11)) {
                let wide: Vec<f64> = x.iter().map(|&v| f64::from(v)).collect();
                let want = reference::attention(&architecture, shape, &parameter, &wide);
                let (least, most) = want.iter().fold((1f64, 0f64), |(a, b), &w| (a.min(w), b.max(w)));
                assert!(most > 1.5 * least, "too even to tell: {want:?}");
                for (got, want) in looked.iter().zip(&want) {
                    assert!((f64::from(*got) - want).abs() < 1e-5, "{isa:?} {looked:?} {want:?}");
                }
                assert!((looked.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }
    }
    let plain =
        Network::new(&serde_json::from_str(r#"{"layers":[{"type":"linear","out":2}]}"#).unwrap(), shape)
            .unwrap();
    assert_eq!(plain.attention_len(), 0);
    plain.attention(1, &plain.buffers(1, false), &mut []);
}
