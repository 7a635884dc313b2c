//! The preprocessing as a model uses it: refusals, saving, and a stream that equals the batch.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

use ambulo_signal::{
    Channel, Companding, Facing, Level, Normalisation, Phase, Preprocessing, Recording, Resampling, Sample,
    SignalError, window_starts,
};
use proptest::prelude::*;

fn causal() -> Preprocessing {
    Preprocessing { phase: Phase::Causal, ..Preprocessing::hapt() }
}

fn sample() -> impl Strategy<Value = Sample> {
    let axes = || prop::array::uniform3(-4.0f32..4.0);
    (axes(), axes()).prop_map(|(acceleration, angular_velocity)| Sample { acceleration, angular_velocity })
}

fn still(seconds: usize, gravity: f32) -> Recording {
    let sample = Sample { acceleration: [0.0, gravity, 0.0], angular_velocity: [0.01; 3] };
    Recording { rate_hz: 50.0, samples: vec![sample; 50 * seconds] }
}

/// The normalised windows of the batch, shape `[window][time, channel]`.
fn batch_windows(preprocessing: &Preprocessing, recording: &Recording) -> Vec<Vec<f32>> {
    let mut series = preprocessing.series(recording).unwrap();
    preprocessing.normalise(&mut series);
    let channels = preprocessing.channels.len();
    window_starts(recording.samples.len(), preprocessing.window, preprocessing.step)
        .map(|s| series[s * channels..(s + preprocessing.window) * channels].to_vec())
        .collect()
}

fn bits(windows: &[Vec<f32>]) -> Vec<Vec<u32>> {
    windows.iter().map(|w| w.iter().map(|v| v.to_bits()).collect()).collect()
}

/// A stream of the recording gives these windows, to the bit.
fn check_stream(
    preprocessing: &Preprocessing,
    recording: &Recording,
    expected: &[Vec<f32>],
) -> Result<(), TestCaseError> {
    let mut stream = preprocessing.stream().unwrap();
    // Twice: what a reset leaves behind would show in the second pass.
    for _ in 0..2 {
        let got: Vec<Vec<f32>> =
            recording.samples.iter().filter_map(|s| stream.push(s).map(<[f32]>::to_vec)).collect();
        prop_assert_eq!(bits(&got), bits(expected));
        stream.reset();
    }
    Ok(())
}

proptest! {
    #[test]
    fn stream_and_causal_batch_give_the_same_bits(
        samples in prop::collection::vec(sample(), 0..200),
        (window, step) in (1usize..40, 1usize..60),
        with_noise in any::<bool>(),
        mean in prop::collection::vec(-1.0f32..1.0, 15),
    ) {
        let mut preprocessing = Preprocessing { window, step, ..causal() };
        preprocessing.normalisation = Some(Normalisation { mean, standard_deviation: vec![0.37; 15] });
        if !with_noise {
            preprocessing.noise = None;
        }
        let recording = Recording { rate_hz: 50.0, samples };
        let expected = batch_windows(&preprocessing, &recording);
        check_stream(&preprocessing, &recording, &expected)?;
    }

    #[test]
    fn with_a_canonical_facing_too(
        samples in prop::collection::vec(sample(), 0..150),
        (window, step) in (1usize..40, 1usize..60),
        up in prop::array::uniform3(-1.0f32..1.0),
        mean in prop::collection::vec(-1.0f32..1.0, 15),
    ) {
        let mut preprocessing = Preprocessing { window, step, facing: Facing::Canonical { up }, ..causal() };
        preprocessing.normalisation = Some(Normalisation { mean, standard_deviation: vec![0.37; 15] });
        let recording = Recording { rate_hz: 50.0, samples };
        let rows = preprocessing.ordinary(&recording).unwrap();
        let input = |start: usize| {
            let mut out = vec![f32::NAN; window * 15];
            preprocessing.window_input(&rows[start..start + window], &mut out);
            out
        };
        let expected: Vec<Vec<f32>> = window_starts(rows.len(), window, step).map(input).collect();
        check_stream(&preprocessing, &recording, &expected)?;
    }

    #[test]
    fn no_recording_makes_it_panic(
        values in prop::collection::vec(prop::array::uniform6(prop::num::f32::ANY), 0..60),
        rate_hz in prop_oneof![Just(50.0), prop::num::f64::ANY],
        linear in any::<bool>(),
        zero_phase in any::<bool>(),
    ) {
        let samples: Vec<Sample> = values
            .iter()
            .map(|v| Sample { acceleration: [v[0], v[1], v[2]], angular_velocity: [v[3], v[4], v[5]] })
            .collect();
        let mut preprocessing = Preprocessing { window: 7, step: 3, ..Preprocessing::hapt() };
        preprocessing.resampling = if linear { Resampling::Linear } else { Resampling::Refuse };
        preprocessing.phase = if zero_phase { Phase::Zero } else { Phase::Causal };
        let recording = Recording { rate_hz, samples };
        let series = preprocessing.series(&recording);
        if recording.samples.iter().any(|s| !s.is_finite()) {
            prop_assert!(series.is_err());
        }
        preprocessing.phase = Phase::Causal;
        let mut stream = preprocessing.stream().unwrap();
        for sample in &recording.samples {
            if let Some(window) = stream.push(sample) {
                prop_assert_eq!(window.len(), 7 * 15);
            }
        }
    }

    #[test]
    fn no_setting_makes_it_panic(
        numbers in prop::collection::vec(prop_oneof![4 => 0.0f64..100.0, 1 => prop::num::f64::ANY], 5),
        counts in prop::collection::vec(prop_oneof![9 => 0usize..12, 1 => any::<usize>()], 4),
    ) {
        let mut preprocessing = causal();
        preprocessing.rate_hz = numbers[0];
        preprocessing.gravity.cutoff_hz = numbers[1];
        preprocessing.companding = Companding { acceleration_g: numbers[2], angular_velocity_rad_s: numbers[3] };
        (preprocessing.window, preprocessing.step) = (counts[0], counts[1]);
        if let Some(noise) = &mut preprocessing.noise {
            (noise.cutoff_hz, noise.order, noise.median_width) = (numbers[4], counts[2], counts[3]);
        }
        // Whatever is accepted also works.
        if preprocessing.validate().is_ok() {
            let mut stream = preprocessing.stream().unwrap();
            for sample in still(1, 1.0).samples {
                prop_assert!(stream.push(&sample).is_none_or(|w| w.iter().all(|v| v.is_finite())));
            }
        }
    }
}

#[test]
fn a_window_never_spans_a_sample_that_is_not_finite() {
    let preprocessing = Preprocessing { window: 10, step: 5, ..causal() };
    let recording = still(1, 1.0);
    let mut stream = preprocessing.stream().unwrap();
    let nan = Sample { acceleration: [0.0, f32::NAN, 0.0], ..Sample::default() };
    assert_eq!(recording.samples[..9].iter().filter(|s| stream.push(s).is_some()).count(), 0);
    assert!(stream.push(&nan).is_none());
    assert_eq!(stream.rejected(), 1);
    assert_eq!(recording.samples[..9].iter().filter(|s| stream.push(s).is_some()).count(), 0);
    let window = stream.push(&recording.samples[9]).unwrap();
    assert!(window.iter().all(|v| v.is_finite()));
}

#[test]
fn a_still_device_has_gravity_and_no_body_acceleration() {
    let noisy = Preprocessing::hapt();
    for preprocessing in [causal(), Preprocessing { noise: None, ..causal() }, noisy] {
        for row in preprocessing.ordinary(&still(4, 1.0)).unwrap() {
            assert!((row[1] - 1.0).abs() < 1e-6, "total acceleration {row:?}");
            assert!(row[3..6].iter().all(|v| v.abs() < 1e-6), "body acceleration {row:?}");
            assert!(row[6..].iter().all(|w| (w - 0.01).abs() < 1e-7), "angular velocity {row:?}");
        }
    }
}

/// Twenty seconds of walking and ten of leaning back, on a device whose z is up and whose y is the front.
fn walk() -> Recording {
    let samples = (0..1500).map(|i| {
        let t = i as f32 / 50.0;
        let step = (std::f32::consts::TAU * 1.9 * t).sin();
        let acceleration =
            if i < 1000 { [0.2 * step, 0.1 * step, 1.0 + 0.4 * step] } else { [0.0, 0.34, 0.94] };
        Sample { acceleration, angular_velocity: [0.0, 0.3 * step, 0.0] }
    });
    Recording { rate_hz: 50.0, samples: samples.collect() }
}

#[test]
fn a_levelled_recording_has_up_where_it_was_asked_for() {
    let level = Level::Recording { up: [2.0, 0.0, 0.0] };
    let rows = Preprocessing { level, ..Preprocessing::hapt() }.ordinary(&walk()).unwrap();
    let mean = |from: usize, to: usize, c: usize| {
        rows[from..to].iter().map(|r| f64::from(r[c])).sum::<f64>() / (to - from) as f64
    };
    assert!((mean(100, 900, 0) - 1.0).abs() < 0.01, "{}", mean(100, 900, 0));
    // Leaning back, up goes down; in which direction is a matter of the facing.
    let back = [0, 1, 2].map(|c| mean(1100, 1400, c));
    assert!((back[0] - 0.94).abs() < 0.02 && (back[1].hypot(back[2]) - 0.34).abs() < 0.02, "{back:?}");
    let plain = Preprocessing::hapt().ordinary(&walk()).unwrap();
    let length = |row: &[f32; 9], i: usize| row[i..i + 3].iter().map(|v| v * v).sum::<f32>().sqrt();
    for (a, b) in rows.iter().zip(&plain) {
        assert!((0..3).all(|i| (length(a, 3 * i) - length(b, 3 * i)).abs() < 1e-5));
    }
}

#[test]
fn what_cannot_be_levelled_is_refused() {
    let level = Level::Recording { up: [1.0, 0.0, 0.0] };
    let refused = |p: Preprocessing, recording: &Recording| p.ordinary(recording).unwrap_err();
    let error = refused(Preprocessing { level, ..Preprocessing::hapt() }, &still(60, 1.0));
    assert!(error.to_string().contains("cannot be found: the wearer moves about in 0 stretches"), "{error}");
    let error = refused(Preprocessing { level, ..causal() }, &walk());
    assert!(matches!(error, SignalError::Setting { field: "level.type", .. }), "{error}");
    assert_eq!(Preprocessing { level, ..causal() }.stream().err(), Some(SignalError::LevelledStream));
    assert_eq!(
        Preprocessing { level, ..Preprocessing::hapt() }.stream().err(),
        Some(SignalError::LevelledStream)
    );
    let other = Facing::Canonical { up: [0.0, 1.0, 0.0] };
    let error = refused(Preprocessing { level, facing: other, ..Preprocessing::hapt() }, &walk());
    assert!(matches!(error, SignalError::Setting { field: "facing.up", .. }), "{error}");
    let nowhere = Level::Recording { up: [0.0; 3] };
    let error = refused(Preprocessing { level: nowhere, ..Preprocessing::hapt() }, &walk());
    assert!(matches!(error, SignalError::Setting { field: "level.up", .. }), "{error}");
}

#[test]
fn each_axis_goes_to_its_own_channel() {
    // One axis at a time carries a 2 Hz tone, which passes the noise filter and is no gravity.
    for axis in 0..6 {
        let tone = |i: usize| (2.0 * std::f32::consts::PI * 2.0 * i as f32 / 50.0).sin();
        let samples = (0..500)
            .map(|i| {
                let mut v = [0.0; 6];
                v[axis] = tone(i);
                Sample { acceleration: [v[0], v[1], v[2]], angular_velocity: [v[3], v[4], v[5]] }
            })
            .collect();
        // The stream has no check for gravity; the tone alone is no plausible acceleration.
        let recording = Recording { rate_hz: 50.0, samples };
        let mut stream =
            Preprocessing { window: 500, channels: Channel::ORDINARY.to_vec(), ..causal() }.stream().unwrap();
        let window = recording.samples.iter().find_map(|s| stream.push(s).map(<[f32]>::to_vec)).unwrap();
        let energy = |c: usize| window.chunks(9).map(|row| row[c] * row[c]).sum::<f32>() / 500.0;
        let loud: Vec<usize> = (0..9).filter(|&c| energy(c) > 0.3).collect();
        let expected = if axis < 3 { vec![axis, axis + 3] } else { vec![axis + 3] };
        assert_eq!(loud, expected, "axis {axis}");
        assert!((0..9).filter(|c| !expected.contains(c)).all(|c| energy(c) == 0.0));
    }
}

#[test]
fn companding_is_asinh_of_the_stated_scale() {
    let mut preprocessing = Preprocessing::hapt();
    let ordinary = [0.1, -0.9, 0.3, 0.02, -0.5, 0.0, 2.0, -0.03, 0.001];
    let mut out = [0.0; 15];
    preprocessing.expand(&ordinary, &mut out);
    assert_eq!(out[..9], ordinary);
    for axis in 0..6 {
        let scale = if axis < 3 { 0.01 } else { 0.02 };
        let expected = (f64::from(ordinary[3 + axis]) / scale).asinh();
        assert!((f64::from(out[9 + axis]) - expected).abs() < 1e-6 * expected.abs().max(1.0), "axis {axis}");
    }
    preprocessing.channels = vec![Channel::GyroZ, Channel::TotalAccX];
    let mut two = [0.0; 2];
    preprocessing.expand(&ordinary, &mut two);
    assert_eq!(two, [0.001, 0.1]);
}

#[test]
fn saved_and_read_again_it_is_the_same() {
    let mut preprocessing = Preprocessing::hapt();
    preprocessing.normalisation =
        Some(Normalisation { mean: vec![0.1; 15], standard_deviation: vec![1.0 / 3.0; 15] });
    let json = serde_json::to_string(&preprocessing).unwrap();
    assert_eq!(serde_json::from_str::<Preprocessing>(&json).unwrap(), preprocessing);
    assert!(json.contains(r#""units":{"acceleration":"g","angular_velocity":"rad/s"}"#), "{json}");
    assert!(json.contains(r#""phase":"zero""#) && json.contains(r#""resampling":"refuse""#), "{json}");
    let misspelt = json.replace("\"step\"", "\"stride\"");
    assert!(serde_json::from_str::<Preprocessing>(&misspelt).unwrap_err().to_string().contains("stride"));
}

/// The field that `validate` names after a change to the HAPT preprocessing.
fn refused_field(change: impl FnOnce(&mut Preprocessing)) -> &'static str {
    let mut preprocessing = Preprocessing::hapt();
    preprocessing.validate().unwrap();
    change(&mut preprocessing);
    match preprocessing.validate() {
        Err(SignalError::Setting { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nonsense_settings_are_refused_by_name() {
    assert_eq!(refused_field(|p| p.rate_hz = 0.0), "rate_hz");
    assert_eq!(refused_field(|p| p.rate_hz = f64::NAN), "rate_hz");
    assert_eq!(refused_field(|p| p.window = 0), "window");
    assert_eq!(refused_field(|p| p.window = usize::MAX), "window");
    assert_eq!(refused_field(|p| p.step = 0), "step");
    assert_eq!(refused_field(|p| p.units.acceleration = "m/s2".parse().unwrap()), "units");
    assert_eq!(refused_field(|p| p.noise.as_mut().unwrap().cutoff_hz = 25.0), "noise.cutoff_hz");
    assert_eq!(refused_field(|p| p.noise.as_mut().unwrap().median_width = 4), "noise.median_width");
    assert_eq!(refused_field(|p| p.noise.as_mut().unwrap().order = 0), "noise.order");
    assert_eq!(refused_field(|p| p.gravity.cutoff_hz = -0.3), "gravity.cutoff_hz");
    assert_eq!(refused_field(|p| p.gravity.order = 99), "gravity.order");
    assert_eq!(refused_field(|p| p.channels.clear()), "channels");
    assert_eq!(refused_field(|p| p.channels.push(Channel::GyroX)), "channels");
    assert_eq!(refused_field(|p| p.companding.acceleration_g = 0.0), "companding.acceleration_g");
    let with = |mean: f32, sd: f32, n: usize| {
        move |p: &mut Preprocessing| {
            p.normalisation = Some(Normalisation { mean: vec![mean; n], standard_deviation: vec![sd; 15] });
        }
    };
    assert_eq!(refused_field(with(0.0, 1.0, 14)), "normalisation.mean");
    assert_eq!(refused_field(with(f32::INFINITY, 1.0, 15)), "normalisation.mean");
    assert_eq!(refused_field(with(0.0, 0.0, 15)), "normalisation.standard_deviation");
    assert_eq!(refused_field(with(0.0, f32::NAN, 15)), "normalisation.standard_deviation");
}

#[test]
fn a_recording_that_does_not_fit_is_refused_with_the_reason() {
    let preprocessing = Preprocessing::hapt();
    preprocessing.check(&still(5, 1.0)).unwrap();

    let reason = |recording: &Recording| preprocessing.series(recording).unwrap_err().to_string();
    assert!(reason(&still(5, 9.81)).contains("looks like m/s²"));
    assert!(reason(&still(5, 0.0)).contains("gravity looks removed"));
    assert!(reason(&still(5, 2.0)).contains("measures 2.000"));
    assert!(reason(&Recording { rate_hz: 51.0, ..still(5, 1.0) }).contains("51 samples per second"));
    assert!(reason(&Recording { rate_hz: f64::NAN, ..still(5, 1.0) }).contains("NaN"));
    assert!(reason(&Recording { rate_hz: 50.0, samples: vec![Sample::default(); 12] }).contains("too short"));
    let mut broken = still(5, 1.0);
    broken.samples[7].angular_velocity[2] = f32::INFINITY;
    let message = reason(&broken);
    assert!(message.contains("sample 7") && message.contains("angular velocity z"), "{message}");
    preprocessing.check(&Recording { rate_hz: 50.4, ..still(5, 1.0) }).unwrap();
}

#[test]
fn zero_phase_does_not_stream_and_says_what_to_do() {
    let message = Preprocessing::hapt().stream().unwrap_err().to_string();
    assert!(message.contains("zero phase") && message.contains("phase = \"causal\""), "{message}");
}

#[test]
fn another_rate_is_resampled_if_allowed() {
    let recording = Recording { rate_hz: 100.0, ..still(8, 1.0) };
    for phase in [Phase::Zero, Phase::Causal] {
        let preprocessing = Preprocessing { resampling: Resampling::Linear, phase, ..Preprocessing::hapt() };
        let rows = preprocessing.ordinary(&recording).unwrap();
        assert_eq!(rows.len(), 200, "four seconds at 50 Hz");
        assert!(rows.iter().all(|row| (row[1] - 1.0).abs() < 1e-6));
    }
}
