//! The preprocessing as a model uses it: refusals, saving, and a stream that equals the batch.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::Declared;
use ambulo_signal::{
    Channel, Chunker, Companding, Facing, InertialSignals, Layout, Level, Normalisation, Phase,
    Preprocessing, Recording, Resampling, Sensor, SignalError, window_starts,
};
use common::{brief, recording, stamped};
use proptest::prelude::*;

type Frame = [f32; 6];

fn causal() -> Preprocessing {
    Preprocessing { phase: Phase::Causal, ..Preprocessing::default() }
}

fn frame() -> impl Strategy<Value = Frame> {
    prop::array::uniform6(-4.0f32..4.0)
}

fn at_50_hz(frames: &[Frame]) -> Recording {
    let three = |from: usize| frames.iter().map(|f| [f[from], f[from + 1], f[from + 2]]).collect();
    Recording::uniform(50.0, three(0), Some(three(3)))
}

fn still(seconds: usize, gravity: f32) -> Vec<Frame> {
    vec![[0.0, gravity, 0.0, 0.01, 0.01, 0.01]; 50 * seconds]
}

/// Inertial signals of frames that are a whole segment.
fn signals(p: &Preprocessing, frames: &[Frame]) -> InertialSignals {
    let (mut chunker, mut jobs) = (Chunker::new(p).unwrap(), Vec::new());
    chunker.push(frames.as_flattened(), &mut jobs);
    chunker.end(&mut jobs);
    let mut all = InertialSignals::empty(p.layout());
    jobs.into_iter().for_each(|job| all.extend(chunker.run(job).values()));
    all
}

/// The windows of the batch, shape `[window][time, channel]`.
fn batch_windows(p: &Preprocessing, signals: &InertialSignals) -> Vec<Vec<f32>> {
    let window = |start: usize| {
        let mut out = vec![f32::NAN; p.window * p.channels.len()];
        p.window_input(signals.rows(start, p.window), &mut out);
        out
    };
    window_starts(signals.len(), p.window, p.step).map(window).collect()
}

fn bits(windows: &[Vec<f32>]) -> Vec<Vec<u32>> {
    windows.iter().map(|w| w.iter().map(|v| v.to_bits()).collect()).collect()
}

/// A stream of the frames gives the windows of the batch, to the bit; saved and restored on the way, too.
fn check_stream(p: &Preprocessing, frames: &[Frame], saved_at: usize) -> Result<(), TestCaseError> {
    let expected = bits(&batch_windows(p, &signals(p, frames)));
    let mut stream = p.stream().unwrap();
    // Twice: what a reset leaves behind would show in the second pass.
    for _ in 0..2 {
        let mut got = Vec::new();
        for (i, frame) in frames.iter().enumerate() {
            if i == saved_at {
                let saved = serde_json::to_string(&stream.state()).unwrap();
                stream = p.stream().unwrap();
                stream.restore(&mut serde_json::Deserializer::from_str(&saved)).unwrap();
            }
            got.extend(stream.push(frame).map(<[f32]>::to_vec));
        }
        prop_assert_eq!(bits(&got), expected.clone());
        stream.reset();
    }
    Ok(())
}

proptest! {
    #[test]
    fn stream_and_causal_batch_give_the_same_bits(
        frames in prop::collection::vec(frame(), 0..200),
        (window, step, saved_at) in (1usize..40, 1usize..60, 0usize..200),
        with_noise in any::<bool>(),
        mean in prop::collection::vec(-1.0f32..1.0, 15),
        up in proptest::option::of(prop::array::uniform3(-1.0f32..1.0)),
    ) {
        let mut p = Preprocessing { window, step, ..causal() };
        p.normalisation = Some(Normalisation { mean, standard_deviation: vec![0.37; 15] });
        if let Some(up) = up.filter(|up| up.iter().any(|v| v.abs() > 0.01)) {
            p.facing = Facing::Canonical { up };
        }
        if !with_noise {
            p.noise = None;
        }
        check_stream(&p, &frames, saved_at)?;
    }

    #[test]
    fn no_frame_makes_a_stream_panic(values in prop::collection::vec(prop::collection::vec(prop::num::f32::ANY, 0..9), 0..60)) {
        let mut stream = Preprocessing { window: 7, step: 3, ..causal() }.stream().unwrap();
        for frame in &values {
            if let Some(window) = stream.push(frame) {
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
            for frame in still(1, 1.0) {
                prop_assert!(stream.push(&frame).is_none_or(|w| w.iter().all(|v| v.is_finite())));
            }
        }
    }
}

#[test]
fn a_window_never_spans_a_frame_that_is_not_finite() {
    let p = Preprocessing { window: 10, step: 5, ..causal() };
    let frames = still(1, 1.0);
    let mut stream = p.stream().unwrap();
    let mut windows = |frames: &[Frame]| frames.iter().filter(|f| stream.push(*f).is_some()).count();
    assert_eq!(windows(&frames[..9]), 0);
    assert_eq!(windows(&[[0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0]]), 0);
    assert_eq!(windows(&frames[..9]), 0);
    // Frames of another length do not count.
    assert!(stream.push(&[1.0; 3]).is_none() && stream.push(&[1.0; 12]).is_none());
    assert!(stream.push(&frames[9]).unwrap().iter().all(|v| v.is_finite()));
}

#[test]
fn the_state_of_another_stream_is_refused() {
    let p = Preprocessing { window: 20, step: 10, ..causal() };
    let saved = |p: &Preprocessing| {
        let mut stream = p.stream().unwrap();
        for frame in still(1, 1.0) {
            let _ = stream.push(&frame[..3 * p.sensors().len()]);
        }
        serde_json::to_string(&stream.state()).unwrap()
    };
    let mut stream = p.stream().unwrap();
    let mut restore = |text: &str| stream.restore(&mut serde_json::Deserializer::from_str(text));
    let mut noisy = p.clone();
    noisy.noise.as_mut().unwrap().median_width = 5;
    let mut slow = p.clone();
    slow.gravity.cutoff_hz = 0.2;
    let acceleration = Channel::INERTIAL[..6].to_vec();
    for other in [
        noisy,
        slow,
        Preprocessing { noise: None, ..p.clone() },
        Preprocessing { window: 21, ..p.clone() },
        Preprocessing { step: 9, ..p.clone() },
        Preprocessing { rate_hz: 100.0, ..p.clone() },
        Preprocessing { channels: acceleration, ..p.clone() },
    ] {
        let error = restore(&saved(&other)).unwrap_err().to_string();
        assert!(error.contains("belongs to another preprocessing"), "{error}");
    }
    let own = saved(&p);
    restore(&own).unwrap();
    assert!(restore("{}").is_err() && restore(&own[..own.len() / 2]).is_err());
    // A median that remembers too much is no state of this stream.
    let history = own.find("\"history\":[[").unwrap() + "\"history\":[".len();
    let longer = [&own[..history], "[0.0,0.0,0.0,0.0],", &own[history..]].concat();
    assert!(restore(&longer).is_err());
}

#[test]
fn a_still_device_has_gravity_and_no_body_acceleration() {
    for p in [causal(), Preprocessing { noise: None, ..causal() }, Preprocessing::default()] {
        for row in signals(&p, &still(4, 1.0)).iter() {
            assert!((row[1] - 1.0).abs() < 1e-6, "total acceleration {row:?}");
            assert!(row[3..6].iter().all(|v| v.abs() < 1e-6), "body acceleration {row:?}");
            assert!(row[6..].iter().all(|w| (w - 0.01).abs() < 1e-7), "angular velocity {row:?}");
        }
    }
}

#[test]
fn what_cannot_be_levelled_is_refused() {
    let level = Level::Recording { up: [1.0, 0.0, 0.0] };
    let refused = |p: Preprocessing| {
        p.segments(&mut at_50_hz(&still(60, 1.0)).source(), &Declared::default()).unwrap_err()
    };
    for p in [causal(), Preprocessing::default()] {
        let error = refused(Preprocessing { level, ..p }).to_string();
        assert!(error.contains("cannot be found: the wearer moves about in 0 stretches"), "{error}");
    }
    for p in [causal(), Preprocessing::default()] {
        assert_eq!(Preprocessing { level, ..p }.stream().err(), Some(SignalError::LevelledStream));
    }
    let other = Facing::Canonical { up: [0.0, 1.0, 0.0] };
    let error = refused(Preprocessing { level, facing: other, ..Preprocessing::default() });
    assert!(matches!(error, SignalError::Setting { field: "facing.up", .. }), "{error}");
    let error =
        refused(Preprocessing { level: Level::Recording { up: [0.0; 3] }, ..Preprocessing::default() });
    assert!(matches!(error, SignalError::Setting { field: "level.up", .. }), "{error}");
}

#[test]
fn each_axis_goes_to_its_own_channel() {
    // One axis at a time carries a 2 Hz tone, which passes the noise filter and is no gravity.
    for axis in 0..6 {
        let tone = |i: usize| {
            let mut frame = [0.0; 6];
            frame[axis] = (2.0 * std::f32::consts::PI * 2.0 * i as f32 / 50.0).sin();
            frame
        };
        let p = Preprocessing { window: 500, channels: Channel::INERTIAL.to_vec(), ..causal() };
        let mut stream = p.stream().unwrap();
        let window = (0..500).find_map(|i| stream.push(&tone(i)).map(<[f32]>::to_vec)).unwrap();
        let energy = |c: usize| window.chunks(9).map(|row| row[c] * row[c]).sum::<f32>() / 500.0;
        let loud: Vec<usize> = (0..9).filter(|&c| energy(c) > 0.3).collect();
        let expected = if axis < 3 { vec![axis, axis + 3] } else { vec![axis + 3] };
        assert_eq!(loud, expected, "axis {axis}");
        assert!((0..9).filter(|c| !expected.contains(c)).all(|c| energy(c) == 0.0));
    }
}

#[test]
fn acceleration_alone_needs_no_gyroscope_and_has_the_same_channels() {
    let channels = [&Channel::INERTIAL[..6], &Channel::COMPANDED[..3]].concat();
    let alone = Preprocessing { channels, ..Preprocessing::default() };
    assert_eq!((alone.sensors(), alone.layout()), (&[Sensor::Accelerometer][..], Layout::ACCELERATION));
    let of = |p: &Preprocessing, recording: &Recording| {
        p.segments(&mut recording.source(), &Declared::default()).unwrap().0.remove(0).signals
    };
    let frames: Vec<Frame> = (0..500)
        .map(|i| {
            let (a, w) = (common::walking(i), common::turning(i));
            [a[0], a[1], a[2], w[0], w[1], w[2]]
        })
        .collect();
    let both = at_50_hz(&frames);
    let acceleration = Recording::uniform(50.0, both.series()[0].values.clone(), None);
    let all = of(&Preprocessing::default(), &both);
    for recording in [&acceleration, &both] {
        let six = of(&alone, recording);
        assert!(six.iter().zip(all.iter()).all(|(six, nine)| six == &nine[..6]));
    }
    let error =
        Preprocessing::default().segments(&mut acceleration.source(), &Declared::default()).unwrap_err();
    assert_eq!(error, SignalError::NoSensor { sensor: Sensor::Gyroscope });
}

#[test]
fn companding_is_asinh_of_the_stated_scale() {
    let mut p = Preprocessing { window: 1, ..Preprocessing::default() };
    let row = [0.1, -0.9, 0.3, 0.02, -0.5, 0.0, 2.0, -0.03, 0.001];
    let mut out = [0.0; 15];
    p.window_input(&row, &mut out);
    assert_eq!(out[..9], row);
    for axis in 0..6 {
        let scale = if axis < 3 { 0.01 } else { 0.02 };
        let expected = (f64::from(row[3 + axis]) / scale).asinh();
        assert!((f64::from(out[9 + axis]) - expected).abs() < 1e-6 * expected.abs().max(1.0), "axis {axis}");
    }
    p.channels = vec![Channel::GyroZ, Channel::TotalAccX];
    let mut two = [0.0; 2];
    p.window_input(&row, &mut two);
    assert_eq!(two, [0.001, 0.1]);
}

#[test]
fn saved_and_read_again_it_is_the_same() {
    let statistics = Normalisation { mean: vec![0.1; 15], standard_deviation: vec![1.0 / 3.0; 15] };
    let preprocessing = Preprocessing { normalisation: Some(statistics), ..Preprocessing::default() };
    let json = serde_json::to_string(&preprocessing).unwrap();
    assert_eq!(serde_json::from_str::<Preprocessing>(&json).unwrap(), preprocessing);
    assert!(json.contains(r#""units":{"acceleration":"g","angular_velocity":"rad/s"}"#), "{json}");
    assert!(json.contains(r#""phase":"zero""#) && json.contains(r#""resampling":"refuse""#), "{json}");
    let misspelt = json.replace("\"step\"", "\"stride\"");
    assert!(serde_json::from_str::<Preprocessing>(&misspelt).unwrap_err().to_string().contains("stride"));
}

/// The field that `validate` names after a change to the defaults.
fn refused_field(change: impl FnOnce(&mut Preprocessing)) -> &'static str {
    let mut preprocessing = Preprocessing::default();
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
    let p = Preprocessing::default();
    let of = |recording: &Recording| p.segments(&mut recording.source(), &Declared::default());
    of(&at_50_hz(&still(5, 1.0))).unwrap();
    let reason = |frames: &[Frame]| of(&at_50_hz(frames)).unwrap_err().to_string();
    assert!(reason(&still(5, 9.81)).contains("looks like m/s2"));
    assert!(reason(&still(5, 0.02)).contains("gravity looks removed"));
    assert!(reason(&still(5, 0.0)).contains("every value of the accelerometer is 0"));
    assert!(reason(&still(5, 2.0)).contains("measures 2.000"));
}

#[test]
fn a_missing_value_is_bridged_and_one_that_cannot_be_is_not() {
    let p = Preprocessing::default();
    let mut frames = still(5, 1.0);
    frames[7][5] = f32::INFINITY;
    let (segments, report) = p.segments(&mut at_50_hz(&frames).source(), &Declared::default()).unwrap();
    assert_eq!(segments.iter().map(|s| s.signals.len()).collect::<Vec<_>>(), [250]);
    assert!(report.findings.iter().any(|f| f.text.contains("1 of 250 samples of the gyroscope are missing")));
    frames[100][4] = 1e9;
    let (segments, report) = p.segments(&mut at_50_hz(&frames).source(), &Declared::default()).unwrap();
    let shape: Vec<(i64, usize)> =
        segments.iter().map(|s| (s.start_ns / 1_000_000, s.signals.len())).collect();
    assert_eq!(shape, [(0, 100), (2020, 149)]);
    let brief = brief(&report.findings);
    assert!(brief.iter().any(|f| f.2 == 1 && f.3 == Some(100)), "{brief:?}");
}

#[test]
fn zero_phase_does_not_stream_and_says_what_to_do() {
    let message = Preprocessing::default().stream().unwrap_err().to_string();
    assert!(message.contains("zero phase") && message.contains("phase = \"causal\""), "{message}");
}

#[test]
fn another_rate_is_lowered_if_allowed_and_never_raised() {
    let at = |rate_hz: f64| {
        let samples = (0..(8.0 * rate_hz) as usize).map(|i| (1e3 * i as f64 / rate_hz, [0.0, 1.0, 0.0]));
        let turning = (0..(8.0 * rate_hz) as usize).map(|i| (1e3 * i as f64 / rate_hz, [0.01; 3]));
        recording(vec![stamped(Sensor::Accelerometer, samples), stamped(Sensor::Gyroscope, turning)])
    };
    for phase in [Phase::Zero, Phase::Causal] {
        let refuse = Preprocessing { phase, ..Preprocessing::default() };
        let allow = Preprocessing { resampling: Resampling::Linear, ..refuse.clone() };
        let rows = |p: &Preprocessing, rate_hz| {
            let (segments, _) = p.segments(&mut at(rate_hz).source(), &Declared::default())?;
            assert!(segments[0].signals.iter().all(|row| (row[1] - 1.0).abs() < 1e-6));
            Ok::<_, SignalError>(segments[0].signals.len())
        };
        assert_eq!(rows(&allow, 100.0), Ok(400));
        assert!(rows(&allow, 104.0).unwrap().abs_diff(400) <= 1);
        // One per cent is the edge.
        for rate_hz in [49.6, 50.4] {
            assert!(rows(&refuse, rate_hz).unwrap().abs_diff(400) <= 1, "{rate_hz}");
        }
        for rate_hz in [49.4, 50.6] {
            assert!(matches!(rows(&refuse, rate_hz), Err(SignalError::Rate { .. })), "{rate_hz}");
        }
        assert!(rows(&allow, 50.6).is_ok());
        let message = rows(&allow, 40.0).unwrap_err().to_string();
        assert!(message.contains("40.00 samples per second") && message.contains("lower rate"), "{message}");
    }
}
