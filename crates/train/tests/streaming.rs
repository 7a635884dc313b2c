//! A causal model answers the same, to the bit, whether a recording comes as a whole or sample by sample.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_data::Content;
use ambulo_model::{
    Calibration, FORMAT, Live, LiveAnswer, Metadata, Model, Predictor, Provenance, RequiredOrientation,
    Smoothing, Stream, TimelineOptions,
};
use ambulo_nn::Network;
use ambulo_signal::intake::Declared;
use ambulo_signal::{Normalisation, Phase};
use ambulo_train::{Config, ModelKind, Orientation};

/// A small model with weights as they are drawn: what it answers does not matter here.
fn predictor(orientation: Orientation) -> Predictor {
    let mut config = Config::of(ModelKind::Tiny, orientation);
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
        orientation: RequiredOrientation::new(orientation, [1.0, 0.0, 0.0]),
        calibration: Calibration::default(),
        smoothing: None,
        unknown: None,
        lowest_rate_hz: None,
        pretext: None,
        adaptations: Vec::new(),
        provenance: Provenance {
            ambulo_version: "0.0.0".into(),
            dataset: "none".into(),
            cohort: None,
            sources: Vec::new(),
            dataset_sha256: String::new(),
            protocol: "official".into(),
            seed: 1,
            epochs: 0,
            validation_macro_f1: 0.0,
            trained_on: Vec::new(),
            chosen_on: Vec::new(),
            instruction_set: String::new(),
            from: None,
        },
    };
    Predictor::new(Model::new(metadata, network.initial_weights(1)).unwrap())
}

#[test]
fn all_61_recordings_stream_with_the_bits_of_the_whole() {
    let predictor = predictor(Orientation::AnyFacing);
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    assert_eq!(recordings.len(), 61);
    let mut windows = 0;
    for labelled in &recordings {
        let recording = labelled.recording.in_memory().unwrap();
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

#[test]
fn all_61_recordings_have_the_same_timeline_live_and_as_a_whole() {
    let predictor = predictor(Orientation::Levelled);
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    // Declared slanted, so that there is something to turn.
    let declared = Declared { up: Some([0.9, 0.3, -0.2]), ..Declared::default() };
    for (number, labelled) in recordings.iter().enumerate() {
        let recording = labelled.recording.in_memory().unwrap();
        let delay_s = [0.0, 2.0, 5.0][number % 3];
        let options = TimelineOptions { smoothing: Smoothing::Causal { delay_s }, every_step: true };
        let whole = predictor.timeline(&mut recording.source(), &declared, &options).unwrap().steps;
        let begin = || Live::new(&predictor, recording.header(), &declared, Some(delay_s)).unwrap();
        let mut live = begin();
        let mut found: Vec<LiveAnswer> = Vec::new();
        let rows = recording.series()[0].values.len();
        for i in 0..rows {
            if i == rows / 2 {
                // Stopped, saved and gone on with.
                let state = live.save().unwrap();
                live = begin();
                live.restore(&state).unwrap();
            }
            for series in recording.series() {
                found.extend(live.push(series.info.sensor, series.clock.time_ns(i), series.values[i]));
            }
        }
        found.extend(live.finish());
        assert_eq!(found.len(), whole.len(), "recording {}", labelled.name);
        for (i, answer) in found.iter().enumerate() {
            assert_eq!(answer.start_ns, whole.start_ns[i], "recording {}, step {i}", labelled.name);
            assert_eq!(answer.probabilities, whole.row(i, 6), "recording {}, step {i}", labelled.name);
            assert_eq!(answer.unknown.to_bits(), whole.unknown[i].to_bits());
            assert!(answer.vertical);
        }
    }
}

#[test]
fn a_stream_finds_which_way_is_up() {
    let predictor = predictor(Orientation::Levelled);
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    let recording = recordings[0].recording.in_memory().unwrap();
    let mut live = Live::new(&predictor, recording.header(), &Declared::default(), None).unwrap();
    let mut found = Vec::new();
    for i in 0..recording.series()[0].values.len() {
        for series in recording.series() {
            found.extend(live.push(series.info.sensor, series.clock.time_ns(i), series.values[i]));
        }
    }
    let known = found.iter().position(|answer| answer.vertical).unwrap();
    assert!(known > 0 && found[known..].iter().all(|answer| answer.vertical));
    // Before that, what only the vertical tells apart has equal shares.
    assert!(found[..known].iter().all(|answer| answer.probabilities[3] == answer.probabilities[5]));
    assert!(found[known..].iter().any(|answer| answer.probabilities[3] != answer.probabilities[5]));
}

#[test]
fn a_slower_recording_is_levelled_too() {
    let predictor = predictor(Orientation::Levelled);
    let metadata = predictor.model().metadata().clone();
    let model = Model::new(metadata, predictor.model().weights().to_vec()).unwrap();
    let predictor = Predictor::new(model.with_lowest_rate(20.0).unwrap());
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    let every_second = |series: &ambulo_signal::SensorSeries| -> Vec<[f32; 3]> {
        series.values.iter().step_by(2).copied().collect()
    };
    let [acceleration, turning] =
        [0, 1].map(|i| every_second(&recordings[0].recording.in_memory().unwrap().series()[i]));
    let slow = ambulo_signal::Recording::uniform(25.0, acceleration, Some(turning));
    let answers =
        predictor.timeline(&mut slow.source(), &Declared::default(), &TimelineOptions::default()).unwrap();
    assert_eq!(answers.flags, [ambulo_record::timeline::Flag::LowRate]);
    let up = answers.wearing.unwrap()[0].period.vertical;
    let whole =
        ambulo_signal::levelling::first_pass(&mut recordings[0].recording.source(), &Declared::default());
    let expected = whole.unwrap().wearing.unwrap()[0].period.vertical;
    let cosine: f32 = up.iter().zip(expected).map(|(a, b)| a * b).sum();
    assert!(cosine > 0.998, "{up:?} {expected:?}");
}
