//! What a predictor and a stream promise: the same answers however samples come, and reasons where there are none.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use ambulo_model::{
    Model, ModelError, Prediction, Predictor, RawWindows, RequiredOrientation, Smoothing, Stream,
    TimelineOptions,
};
use ambulo_nn::LayerSpec;
use ambulo_signal::intake::Declared;
use ambulo_signal::{
    Clock, Facing, Header, Level, Orientation, Phase, Recording, Resampling, Rotation, Sensor, SensorInfo,
    SensorSeries, Unit,
};
use common::{acceleration_only, build, metadata, model, recording, samples, turned};
use proptest::prelude::*;

const LEVEL: Level = Level::Recording { up: [1.0, 0.0, 0.0] };

fn answers(model: Model, recording: &Recording) -> Result<Vec<Prediction>, ModelError> {
    Predictor::new(model).recording_in_memory(recording)
}

/// All samples of a recording through a stream, sensor by sensor as they come.
fn streamed(stream: &mut Stream, recording: &Recording) -> Vec<Prediction> {
    let longest = recording.series().iter().map(|s| s.values.len()).max().unwrap();
    let mut all = Vec::new();
    for i in 0..longest {
        for series in recording.series() {
            if let Some(&value) = series.values.get(i) {
                all.extend(stream.push(series.info.sensor, series.clock.time_ns(i), value));
            }
        }
    }
    all.extend(stream.finish());
    all
}

#[test]
fn one_thread_gives_the_bits_of_many() {
    let predictor = Predictor::new(model(Phase::Zero));
    let size = predictor.model().metadata().input().len();
    let x: Vec<f32> = (0..70 * size).map(|i| (i as f32 * 0.37).sin()).collect();
    assert_eq!(predictor.probabilities(&x).unwrap(), predictor.probabilities_on_this_thread(&x).unwrap());
    assert!(predictor.probabilities_on_this_thread(&x[1..]).is_err());
}

#[test]
fn predictors_are_shared_between_threads() {
    fn check<T: Clone + Send + Sync>() {}
    fn moves<T: Send + Sync>() {}
    check::<Predictor>();
    moves::<Stream>();
}

#[test]
fn a_recording_at_another_rate_is_refused_with_both_rates() {
    let slow = Recording::uniform(20.0, samples(1, 400).0, Some(samples(1, 400).1));
    let error = answers(model(Phase::Zero), &slow).unwrap_err();
    assert!(error.to_string().contains("20.00") && error.to_string().contains("50"), "{error}");
    assert!(answers(model(Phase::Zero), &recording(1, 100)).unwrap().is_empty(), "shorter than a window");
}

#[test]
fn a_higher_rate_is_lowered_where_the_model_allows_it() {
    let (acceleration, angular_velocity) = samples(1, 1000);
    let fast = Recording::uniform(100.0, acceleration, Some(angular_velocity));
    assert!(answers(model(Phase::Zero), &fast).is_err());
    let mut metadata = metadata(Phase::Zero);
    metadata.preprocessing.resampling = Resampling::Linear;
    let found = answers(build(metadata), &fast).unwrap();
    let starts: Vec<f64> = found.iter().map(Prediction::start_s).collect();
    assert_eq!(starts, [0.0, 1.28, 2.56, 3.84, 5.12, 6.4]);
    assert_eq!(found[0].end_s(), 2.56);
}

#[test]
fn a_timeline_says_where_a_network_with_attention_looked() {
    let mut metadata = metadata(Phase::Causal);
    metadata.architecture.layers[1] = LayerSpec::AttentionPool { hidden: 4 };
    let predictor = Predictor::new(build(metadata));
    let recording = recording(5, 1500);
    let (mut windows, mut weights) = (0, Vec::new());
    let sink = &mut |raw: RawWindows| {
        windows += raw.start_ns.len();
        weights.extend(raw.attention);
    };
    predictor.each_raw(&mut recording.source(), &Declared::default(), sink).unwrap();
    assert_eq!((predictor.model().network().attention_len(), weights.len()), (128, windows * 128));
    for of_window in weights.chunks(128) {
        assert!((of_window.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
    for smoothing in [Smoothing::Off, Smoothing::WholeFile, Smoothing::Causal { delay_s: 2.0 }] {
        let options = TimelineOptions { smoothing, every_step: true };
        let timeline = |predictor: &Predictor| {
            predictor.timeline(&mut recording.source(), &Declared::default(), &options).unwrap().steps
        };
        let steps = timeline(&predictor);
        assert_eq!(steps.attention.len(), steps.len());
        assert!(steps.attention.iter().all(|w| *w > 0.0) && steps.attention.windows(2).any(|w| w[0] != w[1]));
        // Windows that overlap by half: a step in the middle of one, all of which lies in that one alone or half in each.
        let p = &predictor.model().metadata().preprocessing;
        assert_eq!((p.window, p.step), (128, 64));
        let own = |window: usize| weights[window * 128..][32..96].iter().sum::<f32>() * 2.0;
        let at = steps.start_ns.iter().position(|&start_ns| start_ns == p.nanoseconds(64 + 32)).unwrap();
        assert!((steps.attention[at] - own(1)).abs() < 1e-4, "{} {}", steps.attention[at], own(1));
        assert!(timeline(&Predictor::new(model(Phase::Causal))).attention.is_empty());
    }
}

#[test]
fn a_levelled_model_answers_the_same_however_the_device_is_worn() {
    let mut metadata = metadata(Phase::Zero);
    metadata.orientation = RequiredOrientation::new(Orientation::Levelled, [1.0, 0.0, 0.0]);
    metadata.preprocessing.level = LEVEL;
    metadata.preprocessing.facing = Facing::Canonical { up: [1.0, 0.0, 0.0] };
    // A median knows axes, so with it answers are close and not the same.
    metadata.preprocessing.noise.as_mut().unwrap().median_width = 1;
    let predictor = Predictor::new(build(metadata));
    let answers = |a: Vec<[f32; 3]>, w: Vec<[f32; 3]>| -> Vec<f32> {
        let windows = predictor.recording_in_memory(&Recording::uniform(50.0, a, Some(w))).unwrap();
        windows.into_iter().flat_map(|p| p.probabilities).collect()
    };
    let (a, w) = samples(5, 1500);
    let expected = answers(a.clone(), w.clone());
    assert_eq!(expected.len(), 3 * 22);
    for (axis, angle) in [([1.0, 0.0, 0.0], 2.0), ([0.0, 0.0, 1.0], 3.2), ([0.3, -0.5, 0.8], 1.1)] {
        let turn = Rotation::about(axis, angle);
        let found = answers(turned(&a, turn), turned(&w, turn));
        let apart = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(found.len() == expected.len() && apart < 1e-3, "{axis:?}, {angle}: {apart}");
    }
    // Put on another way after ten minutes: windows on either side are answered, none across.
    const PART: usize = 31_200;
    const WINDOWS: usize = PART / 64 - 1;
    let (a, w) = samples(5, PART);
    let expected = answers(a.clone(), w.clone());
    let turn = Rotation::about([0.0, 0.0, 1.0], 2.0);
    let both = |v: &[[f32; 3]]| [v.to_vec(), turned(v, turn)].concat();
    let found = answers(both(&a), both(&w));
    assert!(found.len() / 3 >= 2 * WINDOWS - 2 && found.len() / 3 <= 2 * WINDOWS + 2, "{}", found.len());
    // The filters see the change before it comes: what lies a few windows away is as it was.
    let apart =
        expected[..3 * (WINDOWS - 4)].iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-2, "the first wearing: {apart}");

    let still = Recording::uniform(50.0, vec![[0.0, 1.0, 0.0]; 1500], Some(vec![[0.0; 3]; 1500]));
    let error = predictor.recording_in_memory(&still).unwrap_err();
    assert!(error.to_string().contains("which way is up cannot be found"), "{error}");
    let error = Stream::new(&predictor, still.header(), &Declared::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("levels each recording as a whole"), "{error}");
}

#[test]
fn a_zero_phase_model_does_not_stream_and_says_why() {
    let predictor = Predictor::new(model(Phase::Zero));
    let error =
        Stream::new(&predictor, recording(1, 1).header(), &Declared::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("causal"), "{error}");
}

#[test]
fn a_model_on_acceleration_needs_no_gyroscope_and_one_with_it_says_so() {
    let alone = Recording::uniform(50.0, samples(1, 400).0, None);
    let error = answers(model(Phase::Causal), &alone).unwrap_err().to_string();
    assert!(error.contains("no gyroscope"), "{error}");
    let mut metadata = metadata(Phase::Causal);
    acceleration_only(&mut metadata);
    let predictor = Predictor::new(build(metadata));
    let expected = predictor.recording_in_memory(&alone).unwrap();
    assert_eq!(expected.len(), 5);
    // A gyroscope that is there changes nothing.
    assert_eq!(predictor.recording_in_memory(&recording(1, 400)).unwrap().len(), 5);
    let mut stream = Stream::new(&predictor, alone.header(), &Declared::default()).unwrap();
    assert_eq!(streamed(&mut stream, &alone), expected);
}

#[test]
fn no_window_spans_a_gap_and_times_are_those_of_the_recording() {
    let (acceleration, angular_velocity) = samples(3, 600);
    let stamps: Vec<i64> =
        (0..600).map(|i| i * 20_000_000 + if i >= 300 { 5_000_000_000 } else { 0 }).collect();
    let series = |sensor, values| SensorSeries {
        info: SensorInfo::new(sensor),
        clock: Clock::Stamps(stamps.clone()),
        values,
    };
    let both = vec![series(Sensor::Accelerometer, acceleration), series(Sensor::Gyroscope, angular_velocity)];
    let recording = Recording::new(Header::default(), both);
    let predictor = Predictor::new(model(Phase::Causal));
    let batch = predictor.recording_in_memory(&recording).unwrap();
    let starts: Vec<f64> = batch.iter().map(Prediction::start_s).collect();
    assert_eq!(starts, [0.0, 1.28, 2.56, 11.0, 12.28, 13.56]);
    let mut stream = Stream::new(&predictor, recording.header(), &Declared::default()).unwrap();
    assert_eq!(streamed(&mut stream, &recording), batch);
}

#[test]
fn a_saved_stream_goes_on_with_the_same_bits_and_knows_its_model() {
    let predictor = Predictor::new(model(Phase::Causal));
    let recording = recording(9, 900);
    let expected = predictor.recording_in_memory(&recording).unwrap();
    let (a, w) = samples(9, 900);
    let fresh = || Stream::new(&predictor, recording.header(), &Declared::default()).unwrap();
    let mut stream = fresh();
    let mut found = Vec::new();
    for i in 0..900 {
        if i % 101 == 50 {
            let state = stream.save().unwrap();
            stream = fresh();
            stream.restore(&state).unwrap();
        }
        let time_ns = i as i64 * 20_000_000;
        found.extend(stream.push(Sensor::Accelerometer, time_ns, a[i]));
        found.extend(stream.push(Sensor::Gyroscope, time_ns, w[i]));
    }
    found.extend(stream.finish());
    assert_eq!(found, expected);

    let state = stream.save().unwrap();
    let mut other = metadata(Phase::Causal);
    other.preprocessing.gravity.cutoff_hz = 0.2;
    let mut other =
        Stream::new(&Predictor::new(build(other)), recording.header(), &Declared::default()).unwrap();
    assert!(other.restore(&state).unwrap_err().to_string().contains("another preprocessing"));
    assert!(other.restore("{}").is_err());
    let mut other = metadata(Phase::Causal);
    other.calibration.temperature = 2.0;
    let mut weights = predictor.model().weights().to_vec();
    weights[0] += 1.0;
    let other = Predictor::new(Model::new(other, weights).unwrap());
    let mut other = Stream::new(&other, recording.header(), &Declared::default()).unwrap();
    assert!(other.restore(&state).unwrap_err().to_string().contains("another model"));
    let metres = Declared { acceleration: Some(Unit::MetresPerSecondSquared), ..Declared::default() };
    let mut other = Stream::new(&predictor, recording.header(), &metres).unwrap();
    assert!(other.restore(&state).unwrap_err().to_string().contains("other sensors, rates or units"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn stream_and_batch_give_the_same_bits(seed: u64, length in 0usize..700, canonical: bool) {
        let mut metadata = metadata(Phase::Causal);
        if canonical {
            metadata.preprocessing.facing = Facing::Canonical { up: [0.9, -0.1, 0.2] };
        }
        let predictor = Predictor::new(build(metadata));
        let recording = recording(seed, length);
        prop_assume!(length > 0);
        let batch = predictor.recording_in_memory(&recording).unwrap();
        let mut stream = Stream::new(&predictor, recording.header(), &Declared::default()).unwrap();
        prop_assert_eq!(&batch, &streamed(&mut stream, &recording));
        for p in batch {
            prop_assert!((p.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit(seed: u64) {
        let predictor = Predictor::new(model(Phase::Zero));
        let recording = recording(seed, 3000);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| predictor.recording_in_memory(&recording).unwrap())
        };
        prop_assert_eq!(on(1), on(3));
    }
}

#[test]
fn a_model_with_a_canonical_facing_answers_the_same_whichever_way_it_faces() {
    let up = [0.6, 0.8, 0.0];
    let mut canonical = metadata(Phase::Causal);
    canonical.preprocessing.facing = Facing::Canonical { up };
    // No median, which knows axes.
    canonical.preprocessing.noise.as_mut().unwrap().median_width = 1;
    let mut as_worn = canonical.clone();
    as_worn.preprocessing.facing = Facing::AsWorn;
    // Leaning, so that there is a horizontal direction to find.
    let (mut a, w) = samples(5, 400);
    a.iter_mut().for_each(|v| v[2] += 0.7);
    let turn = Rotation::about(up, 2.0);
    let apart = |model: Model| {
        let predictor = Predictor::new(model);
        let answers = |a: Vec<[f32; 3]>, w: Vec<[f32; 3]>| -> Vec<f32> {
            let found = predictor.recording_in_memory(&Recording::uniform(50.0, a, Some(w))).unwrap();
            assert_eq!(found.len(), 5);
            found.into_iter().flat_map(|p| p.probabilities).collect()
        };
        let (straight, turned) = (answers(a.clone(), w.clone()), answers(turned(&a, turn), turned(&w, turn)));
        straight.iter().zip(&turned).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    assert!(apart(build(canonical)) < 1e-3);
    assert!(apart(build(as_worn)) > 1e-2);
}
