//! A small model and recordings for the tests.

use ambulo_model::{Calibration, FORMAT, Metadata, Model, Provenance, RequiredOrientation};
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Random};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::{Channel, Normalisation, Orientation, Phase, Preprocessing, Recording, Rotation};

pub(crate) fn metadata(phase: Phase) -> Metadata {
    let mut preprocessing = Preprocessing { phase, ..Preprocessing::default() };
    normalise(&mut preprocessing);
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
        labels: LabelSet::new(["walking", "sitting", "lying"]).unwrap(),
        orientation: RequiredOrientation::new(Orientation::Fixed, [1.0, 0.0, 0.0]),
        calibration: Calibration { temperature: 1.25 },
        smoothing: None,
        unknown: None,
        lowest_rate_hz: None,
        pretext: None,
        adaptations: Vec::new(),
        provenance: Provenance {
            ambulo_version: "0.0.0".into(),
            dataset: "made up".into(),
            cohort: Some("nobody".into()),
            sources: Vec::new(),
            dataset_sha256: "00".into(),
            protocol: "official".into(),
            seed: 3,
            epochs: 2,
            validation_macro_f1: 0.9,
            trained_on: vec![PersonId::from(1), PersonId::from(3)],
            chosen_on: vec![PersonId::from(3)],
            instruction_set: "scalar".into(),
            from: None,
        },
    }
}

/// Statistics for however many channels there are.
pub(crate) fn normalise(preprocessing: &mut Preprocessing) {
    let n = preprocessing.channels.len();
    preprocessing.normalisation =
        Some(Normalisation { mean: vec![0.05; n], standard_deviation: vec![0.4; n] });
}

/// The channels of acceleration alone.
pub(crate) fn acceleration_only(metadata: &mut Metadata) {
    let is = |c: &Channel| c.sensor() == ambulo_signal::Sensor::Accelerometer;
    metadata.preprocessing.channels.retain(is);
    normalise(&mut metadata.preprocessing);
}

pub(crate) fn build(metadata: Metadata) -> Model {
    let network = Network::new(&metadata.architecture, metadata.input()).unwrap();
    Model::new(metadata, network.initial_weights(3)).unwrap()
}

pub(crate) fn model(phase: Phase) -> Model {
    build(metadata(phase))
}

/// Noise about 1 g along x, at 50 Hz.
pub(crate) fn samples(seed: u64, length: usize) -> (Vec<[f32; 3]>, Vec<[f32; 3]>) {
    let mut random = Random::new(seed, 0);
    (0..length)
        .map(|_| {
            let a = [1.0 + 0.2 * random.normal(), 0.2 * random.normal(), 0.2 * random.normal()];
            (a, [random.normal(), random.normal(), random.normal()])
        })
        .unzip()
}

pub(crate) fn recording(seed: u64, length: usize) -> Recording {
    let (acceleration, angular_velocity) = samples(seed, length);
    Recording::uniform(50.0, acceleration, Some(angular_velocity))
}

/// A device worn otherwise.
pub(crate) fn turned(samples: &[[f32; 3]], by: Rotation) -> Vec<[f32; 3]> {
    samples.iter().map(|v| by.apply(*v)).collect()
}
