//! A causal model answers the same, to the bit, whether a recording comes as a whole or sample by sample.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_data::Content;
use ambulo_model::{
    Calibration, FORMAT, Metadata, Model, Predictor, Provenance, RequiredOrientation, Stream,
};
use ambulo_nn::Network;
use ambulo_signal::intake::Declared;
use ambulo_signal::{Normalisation, Phase};
use ambulo_train::{Config, ModelKind, Orientation};

/// A small model with weights as they are drawn: what it answers does not matter here.
fn predictor() -> Predictor {
    let mut config = Config::of(ModelKind::Tiny, Orientation::AnyFacing);
    config.preprocessing.phase = Phase::Causal;
    let labels = config.label_set();
    let architecture = config.architecture(labels.len()).unwrap();
    let network = Network::new(&architecture, config.input()).unwrap();
    let n = config.preprocessing.channels.len();
    let normalisation = Normalisation { mean: vec![0.1; n], standard_deviation: vec![0.5; n] };
    config.preprocessing.normalisation = Some(normalisation);
    let metadata = Metadata {
        format: FORMAT,
        model: "tiny".into(),
        architecture,
        preprocessing: config.preprocessing,
        labels,
        orientation: RequiredOrientation::new(Orientation::AnyFacing, [1.0, 0.0, 0.0]),
        calibration: Calibration::default(),
        smoothing: None,
        lowest_rate_hz: None,
        provenance: Provenance {
            ambulo_version: "0.0.0".into(),
            dataset: "none".into(),
            cohort: None,
            dataset_sha256: String::new(),
            protocol: "official".into(),
            seed: 1,
            epochs: 0,
            validation_macro_f1: 0.0,
            trained_on: Vec::new(),
            chosen_on: Vec::new(),
            instruction_set: String::new(),
        },
    };
    Predictor::new(Model::new(metadata, network.initial_weights(1)).unwrap())
}

#[test]
fn all_61_recordings_stream_with_the_bits_of_the_whole() {
    let predictor = predictor();
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    assert_eq!(recordings.len(), 61);
    let mut windows = 0;
    for labelled in &recordings {
        let recording = &labelled.recording;
        let expected = predictor.recording_in_memory(recording).unwrap();
        let mut stream = Stream::new(&predictor, recording.header(), &Declared::default()).unwrap();
        let mut found = Vec::new();
        for i in 0..recording.series()[0].values.len() {
            for series in recording.series() {
                found.extend(stream.push(series.info.sensor, series.clock.time_ns(i), series.values[i]));
            }
        }
        found.extend(stream.finish());
        assert_eq!(found, expected, "recording {}", labelled.name);
        windows += found.len();
    }
    assert_eq!(windows, 17_453);
}
