//! What a model file promises: nothing lost, damage named, batch and stream alike.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_model::{
    Calibration, FORMAT, Metadata, Model, ModelError, Predictor, Provenance, RequiredOrientation, Stream,
    tensors,
};
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Random};
use ambulo_signal::{Facing, Level, Normalisation, Orientation, Phase, Preprocessing, Recording, Sample};
use proptest::prelude::*;

fn metadata(phase: Phase) -> Metadata {
    let mut preprocessing = Preprocessing { phase, ..Preprocessing::hapt() };
    let n = preprocessing.channels.len();
    preprocessing.normalisation =
        Some(Normalisation { mean: vec![0.05; n], standard_deviation: vec![0.4; n] });
    Metadata {
        format: FORMAT,
        model: "lstm".into(),
        architecture: Architecture {
            layers: vec![
                LayerSpec::Lstm { hidden: 6, layers: 2, dropout: 0.1, bidirectional: false },
                LayerSpec::Pool { kind: Pooling::Last },
                LayerSpec::Linear { out: 3 },
            ],
        },
        preprocessing,
        labels: vec!["WALKING".into(), "SITTING".into(), "LAYING".into()],
        orientation: RequiredOrientation::new(Orientation::Fixed, UP),
        calibration: Calibration { temperature: 1.25 },
        provenance: Provenance {
            ambulo_version: "0.0.0".into(),
            dataset: "made up".into(),
            dataset_sha256: "00".into(),
            protocol: "official".into(),
            seed: 3,
            epochs: 2,
            validation_macro_f1: 0.9,
            trained_on: vec![1, 3],
            chosen_on: vec![3],
            instruction_set: "scalar".into(),
        },
    }
}

const UP: [f32; 3] = [1.0, 0.0, 0.0];
const LEVEL: Level = Level::Recording { up: UP };

fn model(phase: Phase) -> Model {
    let metadata = metadata(phase);
    let network = Network::new(&metadata.architecture, metadata.input()).unwrap();
    Model::new(metadata, network.initial_weights(3)).unwrap()
}

fn recording(seed: u64, length: usize) -> Recording {
    let mut random = Random::new(seed, 0);
    let samples = (0..length)
        .map(|_| Sample {
            acceleration: [1.0 + 0.2 * random.normal(), 0.2 * random.normal(), 0.2 * random.normal()],
            angular_velocity: [random.normal(), random.normal(), random.normal()],
        })
        .collect();
    Recording { rate_hz: 50.0, samples }
}

#[test]
fn a_saved_model_comes_back_whole_and_saves_to_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let before = model(Phase::Zero);
    before.save(&path).unwrap();
    let after = Model::load(&path).unwrap();
    assert_eq!(before.metadata(), after.metadata());
    assert_eq!(before.weights(), after.weights());
    assert_eq!(before.to_bytes().unwrap(), after.to_bytes().unwrap());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = model(Phase::Zero).to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(97) {
        let error = Model::from_bytes("cut.safetensors", &bytes[..length]).unwrap_err();
        assert!(error.to_string().contains("cut.safetensors"), "{length} bytes: {error}");
    }
}

#[test]
fn foreign_newer_and_damaged_files_are_named() {
    let text = |json: &str, weights: &[(String, Vec<usize>, &[f32])]| {
        Model::from_bytes("m", &tensors::to_bytes(json.into(), weights).unwrap()).unwrap_err().to_string()
    };
    assert!(text("{}", &[]).contains("missing field `format`"), "{}", text("{}", &[]));
    assert!(text(r#"{"format": 99}"#, &[]).contains("format 99, this version reads up to 1"));
    let good = model(Phase::Zero);
    let json = serde_json::to_string(good.metadata()).unwrap();
    assert!(
        text(&json, &[]).contains("no tensor `0.weight_ih_l0` of shape [24, 15]"),
        "{}",
        text(&json, &[])
    );
    let mut all: Vec<_> = good
        .network()
        .parameters()
        .into_iter()
        .map(|p| (p.name, p.shape, good.weights()[p.range].to_vec()))
        .collect();
    fn borrowed(all: &[(String, Vec<usize>, Vec<f32>)]) -> Vec<(String, Vec<usize>, &[f32])> {
        all.iter().map(|(n, s, v)| (n.clone(), s.clone(), v.as_slice())).collect()
    }
    all[2].2[5] = f32::NAN;
    let nan = text(&json, &borrowed(&all));
    assert!(nan.contains("`0.bias_ih_l0`") && nan.contains("NaN at position 5"), "{nan}");
    all[2].1 = vec![1, 24];
    let shape = text(&json, &borrowed(&all));
    assert!(shape.contains("F32 [1, 24], expected F32 [24]"), "{shape}");
}

#[test]
fn an_orientation_is_written_as_it_always_was() {
    for (kind, json) in [
        (Orientation::Fixed, r#"{"kind":"fixed","up":[0.98,-0.01,0.2]}"#),
        (Orientation::AnyFacing, r#"{"kind":"any-facing","up":[0.98,-0.01,0.2]}"#),
        (Orientation::Levelled, r#"{"kind":"levelled"}"#),
    ] {
        let required = RequiredOrientation::new(kind, [0.98, -0.01, 0.2]);
        assert_eq!(serde_json::to_string(&required).unwrap(), json);
        assert_eq!(serde_json::from_str::<RequiredOrientation>(json).unwrap(), required);
    }
    for (json, wanted) in [
        (r#"{"kind":"fixed"}"#, "missing field `up`"),
        (r#"{"kind":"levelled","up":[1,0,0]}"#, "no field `up`"),
        (r#"{"kind":"worn"}"#, "unknown variant `worn`"),
        (r#"{"kind":"fixed","up":[1,0,0],"down":1}"#, "unknown field `down`"),
    ] {
        let error = serde_json::from_str::<RequiredOrientation>(json).unwrap_err().to_string();
        assert!(error.contains(wanted), "{json}: {error}");
    }
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let fail = |change: fn(&mut Metadata), wanted: &str| {
        let mut metadata = metadata(Phase::Zero);
        let weights = model(Phase::Zero).weights().to_vec();
        change(&mut metadata);
        let error = Model::new(metadata, weights).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    fail(|m| m.labels.truncate(2), "number of labels is 2, expected 3 labels");
    fail(|m| m.calibration.temperature = 0.0, "temperature is 0, expected a positive number");
    fail(|m| m.preprocessing.normalisation = None, "normalisation is absent");
    fail(|m| m.architecture.layers[0] = LayerSpec::Linear { out: 2 }, "number of weights");
    fail(|m| m.preprocessing.window = 0, "window");
    fail(
        |m| m.orientation = RequiredOrientation::new(Orientation::Levelled, UP),
        "orientation is levelled, expected fixed or any-facing",
    );
    fail(|m| m.preprocessing.level = LEVEL, "orientation is another, expected levelled");
}

#[test]
fn a_recording_at_another_rate_is_refused_with_both_rates() {
    let model = model(Phase::Zero);
    let slow = Recording { rate_hz: 20.0, ..recording(1, 400) };
    let error = Predictor::new(&model).recording(&slow).unwrap_err();
    assert!(matches!(error, ModelError::Signal(_)));
    assert!(error.to_string().contains("20") && error.to_string().contains("50"), "{error}");
    assert!(
        Predictor::new(&model).recording(&recording(1, 100)).unwrap().is_empty(),
        "shorter than a window"
    );
}

#[test]
fn a_levelled_model_answers_the_same_however_the_device_is_worn() {
    let mut metadata = metadata(Phase::Zero);
    metadata.orientation = RequiredOrientation::new(Orientation::Levelled, UP);
    metadata.preprocessing.level = LEVEL;
    metadata.preprocessing.facing = Facing::Canonical { up: [1.0, 0.0, 0.0] };
    // A median knows axes, so with it answers are close and not the same.
    metadata.preprocessing.noise.as_mut().unwrap().median_width = 1;
    let network = Network::new(&metadata.architecture, metadata.input()).unwrap();
    let model = Model::new(metadata, network.initial_weights(3)).unwrap();
    let saved = Model::from_bytes("m", &model.to_bytes().unwrap()).unwrap();
    let answers = |recording: &Recording| -> Vec<f32> {
        let windows = Predictor::new(&saved).recording(recording).unwrap();
        windows.into_iter().flat_map(|p| p.probabilities).collect()
    };
    let straight = recording(5, 1500);
    let expected = answers(&straight);
    assert_eq!(expected.len(), 3 * 22);
    for (axis, angle) in [([1.0, 0.0, 0.0], 2.0), ([0.0, 0.0, 1.0], 3.2), ([0.3, -0.5, 0.8], 1.1)] {
        let turn = ambulo_signal::Rotation::about(axis, angle);
        let mut worn = straight.clone();
        for sample in &mut worn.samples {
            sample.acceleration = turn.apply(sample.acceleration);
            sample.angular_velocity = turn.apply(sample.angular_velocity);
        }
        let found = answers(&worn);
        let apart = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(found.len() == expected.len() && apart < 1e-3, "{axis:?}, {angle}: {apart}");
    }
    let still = vec![Sample { acceleration: [0.0, 1.0, 0.0], angular_velocity: [0.0; 3] }; 1500];
    let error = Predictor::new(&saved).recording(&Recording { rate_hz: 50.0, samples: still }).unwrap_err();
    assert!(error.to_string().contains("which way is up cannot be found"), "{error}");
    let error = Stream::new(&saved).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("levels each recording as a whole"), "{error}");
}

#[test]
fn windows_of_a_resampled_recording_start_where_they_do_in_the_recording_given() {
    let mut resampling = metadata(Phase::Zero);
    resampling.preprocessing.resampling = ambulo_signal::Resampling::Linear;
    let network = Network::new(&resampling.architecture, resampling.input()).unwrap();
    let model = Model::new(resampling, network.initial_weights(3)).unwrap();
    let fast = Recording { rate_hz: 100.0, ..recording(1, 1000) };
    let starts: Vec<usize> =
        Predictor::new(&model).recording(&fast).unwrap().iter().map(|p| p.start).collect();
    assert_eq!(&starts[..3], [0, 128, 256], "64 samples at 50 Hz are 128 at 100 Hz");
    assert!(starts.last().unwrap() + 256 <= 1000);
}

#[test]
fn a_zero_phase_model_does_not_stream_and_says_why() {
    let zero = model(Phase::Zero);
    let error = Stream::new(&zero).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("causal"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn stream_and_batch_give_the_same_bits(seed: u64, length in 0usize..700, canonical: bool) {
        let mut metadata = metadata(Phase::Causal);
        if canonical {
            metadata.preprocessing.facing = Facing::Canonical { up: [0.9, -0.1, 0.2] };
        }
        let network = Network::new(&metadata.architecture, metadata.input()).unwrap();
        let model = Model::new(metadata, network.initial_weights(3)).unwrap();
        let recording = recording(seed, length);
        let batch = Predictor::new(&model).recording(&recording).unwrap();
        let mut stream = Stream::new(&model).unwrap();
        for _ in 0..2 {
            let streamed: Vec<_> = recording.samples.iter().filter_map(|s| stream.push(s)).collect();
            prop_assert_eq!(&batch, &streamed);
            stream.reset();
        }
        for p in batch {
            prop_assert!((p.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), length in 0u64..400) {
        prop_assert!(Model::from_bytes("noise", &bytes).is_err());
        let with_header = [&length.to_le_bytes()[..], &bytes].concat();
        prop_assert!(Model::from_bytes("noise", &with_header).is_err());
    }
}

#[test]
fn a_model_with_a_canonical_facing_answers_the_same_whichever_way_it_faces() {
    let up = [0.6, 0.8, 0.0];
    let mut metadata = metadata(Phase::Causal);
    metadata.preprocessing.facing = Facing::Canonical { up };
    let network = Network::new(&metadata.architecture, metadata.input()).unwrap();
    let model = Model::new(metadata, network.initial_weights(3)).unwrap();
    let saved = Model::from_bytes("m", &model.to_bytes().unwrap()).unwrap();
    // Leaning, so that there is a horizontal direction to find; no median, which knows axes.
    let mut straight = recording(5, 400);
    straight.samples.iter_mut().for_each(|s| s.acceleration[2] += 0.7);
    let turn = ambulo_signal::Rotation::about(up, 2.0);
    let mut turned = straight.clone();
    for sample in &mut turned.samples {
        sample.acceleration = turn.apply(sample.acceleration);
        sample.angular_velocity = turn.apply(sample.angular_velocity);
    }
    let answers = |model: &Model, recording: &Recording| -> Vec<Vec<f32>> {
        Predictor::new(model).recording(recording).unwrap().into_iter().map(|p| p.probabilities).collect()
    };
    let without_median = |model: &Model| {
        let mut metadata = model.metadata().clone();
        metadata.preprocessing.noise.as_mut().unwrap().median_width = 1;
        Model::new(metadata, model.weights().to_vec()).unwrap()
    };
    let model = without_median(&saved);
    let (a, b) = (answers(&model, &straight), answers(&model, &turned));
    assert_eq!((a.len(), b.len()), (5, 5));
    let apart = |a: &[Vec<f32>], b: &[Vec<f32>]| {
        a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    assert!(apart(&a, &b) < 1e-3, "{a:?}\n{b:?}");
    let mut as_worn = model.metadata().clone();
    as_worn.preprocessing.facing = Facing::AsWorn;
    let as_worn = Model::new(as_worn, model.weights().to_vec()).unwrap();
    assert!(apart(&answers(&as_worn, &straight), &answers(&as_worn, &turned)) > 1e-2);
}
