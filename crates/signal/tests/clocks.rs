//! The intake on clocks as they are: jitter, rounding, batches, drift, resets, gaps, sensors that disagree.

mod common;

use ambulo_signal::intake::{Declared, Intake, Piece};
use ambulo_signal::{FindingKind, Header, Place, Recording, Sensor, SensorInfo, SensorSeries, Severity};
use common::{Pieces, Segments, brief, recording, segments, shape, stamped, surveyed, swaying, through};

const ACC: [Sensor; 1] = [Sensor::Accelerometer];
const BOTH: [Sensor; 2] = [Sensor::Accelerometer, Sensor::Gyroscope];

/// A value that tells its time: the first axis is milliseconds over 1e8, far from any limit.
fn ramp(ms: f64) -> [f32; 3] {
    [(ms / 1e8) as f32, 0.0, 1.0]
}

fn acceleration(samples: impl IntoIterator<Item = (f64, [f32; 3])>) -> Recording {
    recording(vec![stamped(Sensor::Accelerometer, samples)])
}

/// Checks that the frames at 50 Hz of a ramp tell their time, to so many milliseconds.
fn check_times(segments: &Segments, tolerance_ms: f64) {
    for (start, frames) in segments {
        for (i, frame) in frames.iter().enumerate() {
            let (expected, got) = (1e3 * start + 20.0 * i as f64, 1e8 * f64::from(frame[0]));
            assert!((expected - got).abs() < tolerance_ms + 1e-4 * expected, "{expected} ms: {got}");
        }
    }
}

/// Like a coin, the same for everyone: numbers from -1 to 1.
fn noise(i: usize) -> f64 {
    ((i as u64).wrapping_mul(6_364_136_223_846_793_005).rotate_left(29) % 2001) as f64 / 1000.0 - 1.0
}

#[test]
fn a_ramp_stays_a_ramp_whatever_the_jitter() {
    let samples = (0..3000).map(|i| 20.0 * i as f64 + 8.0 * noise(i)).map(|t| (t, ramp(t)));
    let r = acceleration(samples);
    let report = surveyed(&r);
    assert!((report.sensors[0].rate_hz.unwrap() - 50.0).abs() < 0.02);
    let [slow, fast] = report.sensors[0].rate_spread.unwrap();
    assert!(slow < 36.0 && fast > 80.0, "{slow} to {fast}");
    let all = segments(&r, 50.0);
    assert_eq!(all.len(), 1);
    assert!(all[0].1.len().abs_diff(3000) <= 1);
    check_times(&all, 0.01);
}

#[test]
fn stamps_far_from_zero_lose_and_double_nothing() {
    // Nanoseconds since 1970.
    let values: Vec<[f32; 3]> = (0..1000).map(swaying).collect();
    let clock = ambulo_signal::Clock::Uniform { start_ns: 1_760_000_000_000_000_007, rate_hz: 50.0 };
    let info = SensorInfo::new(Sensor::Accelerometer);
    let all = segments(&recording(vec![SensorSeries { info, clock, values: values.clone() }]), 50.0);
    assert_eq!(all.len(), 1);
    assert!(all[0].1.iter().zip(&values).all(|(frame, v)| frame == v));
    assert_eq!(all[0].1.len(), 1000);
}

#[test]
fn a_hundred_and_two_hertz_in_whole_milliseconds_with_repeats() {
    // As SP-SW: jittered, rounded, so that some steps are 0 ms and a few samples come out of order.
    let stamps = (0..10_200).map(|i| (1e3 * i as f64 / 102.0 + 9.0 * noise(i)).max(0.0).round());
    let r = acceleration(stamps.enumerate().map(|(i, t)| (t, ramp(1e3 * i as f64 / 102.0))));
    let (report, all, live) = through(&mut r.source(), &ACC, 50.0);
    let sensor = &report.sensors[0];
    assert!((sensor.rate_hz.unwrap() - 102.0).abs() < 0.1, "{:?}", sensor.rate_hz);
    let repeated = report.findings.iter().find(|f| f.text.contains("to a stamp")).unwrap();
    assert_eq!((repeated.kind, repeated.severity), (FindingKind::Clock, Severity::Note));
    assert!(repeated.count > 100, "{}", repeated.text);
    let back = report.findings.iter().find(|f| f.text.contains("earlier than the one before")).unwrap();
    assert_eq!((back.kind, back.severity), (FindingKind::Clock, Severity::Note));
    // A live stream counts the same.
    assert!(live.iter().all(|f| report.findings.contains(f)), "{live:?}");
    assert_eq!(live.len(), 2);
    assert_eq!(all.len(), 1);
    assert!(all[0].1.len().abs_diff(5000) <= 2, "{}", all[0].1.len());
    // As far as stamps can be trusted: the jitter, and a step where one came out of order.
    check_times(&all, 12.0);
}

#[test]
fn batches_are_spread_over_the_time_they_stand_for() {
    for (each, batch) in [(20.0, 5), (20.0, 50), (10.0, 100)] {
        // Each batch is stamped when its first sample was taken.
        let stamp = |i: usize| each * (i / batch * batch) as f64;
        let r = acceleration((0..6000).map(|i| (stamp(i), ramp(each * i as f64))));
        let (report, all, _) = through(&mut r.source(), &ACC, 50.0);
        assert!((report.sensors[0].rate_hz.unwrap() - 1e3 / each).abs() < 1e-6);
        let expected = (FindingKind::Clock, Severity::Note, 6000 - 6000 / batch as u64, Some(1));
        assert_eq!(brief(&report.findings), [expected], "batches of {batch}");
        let frames = (6000.0 * each / 20.0) as usize;
        assert_eq!(shape(&all), [(0, frames)]);
        check_times(&all, if each < 20.0 { 5.0 } else { 0.01 });
    }
}

#[test]
fn fifty_and_a_tenth_stays_in_time_over_an_hour() {
    let samples = (0..180_360).map(|i| 1e3 * f64::from(i) / 50.1).map(|t| (t, ramp(t)));
    let r = acceleration(samples);
    let report = surveyed(&r);
    assert!((report.sensors[0].rate_hz.unwrap() - 50.1).abs() < 1e-6);
    let all = segments(&r, 50.0);
    assert_eq!(all.len(), 1);
    assert!(all[0].1.len().abs_diff(180_000) <= 1, "{}", all[0].1.len());
    let (_, frames) = &all[0];
    // The last frame is where an hour of true time says, to what an f32 resolves.
    let last = 1e8 * f64::from(frames[frames.len() - 1][0]);
    assert!((last - 20.0 * (frames.len() - 1) as f64).abs() < 0.5, "{last}");
}

#[test]
fn a_stated_rate_that_is_not_the_true_one_is_said_above_two_per_cent() {
    let with = |rate_hz: f64| {
        let mut series = stamped(Sensor::Accelerometer, (0..500).map(|i| (20.0 * i as f64, swaying(i))));
        series.info.rate_hz = Some(rate_hz);
        brief(&surveyed(&recording(vec![series])).findings)
    };
    assert_eq!(with(50.9), []);
    assert_eq!(with(51.1), [(FindingKind::Rate, Severity::Warning, 1, None)]);
    assert_eq!(with(49.1), []);
    assert_eq!(with(f64::NAN), [(FindingKind::Rate, Severity::Warning, 1, None)]);
}

#[test]
fn pauses_are_bridged_up_to_a_fifth_of_a_second() {
    let with_pause = |pause: f64| {
        let time = |i: usize| if i < 100 { 20.0 * i as f64 } else { 20.0 * i as f64 + pause - 20.0 };
        let r = acceleration((0..300).map(|i| (time(i), ramp(time(i)))));
        let (report, all, live) = through(&mut r.source(), &ACC, 50.0);
        assert_eq!(brief(&report.findings), brief(&live));
        check_times(&all, 0.01);
        (brief(&live), shape(&all), report.sensors[0].gaps.clone())
    };
    let (findings, shape, gaps) = with_pause(200.0);
    assert_eq!((findings.len(), shape, gaps.len()), (0, vec![(0, 309)], 0));
    let (findings, shape, gaps) = with_pause(201.0);
    assert_eq!(findings, [(FindingKind::Gap, Severity::Note, 1, Some(100))]);
    assert_eq!(shape, [(0, 100), (2181, 200)]);
    assert!((gaps[0].start_s - 1.98).abs() < 1e-9 && (gaps[0].length_s - 0.201).abs() < 1e-9);
}

#[test]
fn a_clock_that_begins_anew_begins_another_segment_for_all_sensors() {
    let time = |i: usize| 20.0 * (i % 400) as f64;
    let of = |sensor| stamped(sensor, (0..1000).map(|i| (time(i), ramp(time(i)))));
    let r = recording(BOTH.map(of).into());
    for size in [1, 37, usize::MAX] {
        let (report, all, live) = through(&mut Pieces::new(&r, size), &BOTH, 50.0);
        assert_eq!(shape(&all), [(0, 400), (0, 400), (0, 200)], "read by {size}");
        check_times(&all, 0.01);
        let resets: Vec<_> = live.iter().filter(|f| f.kind == FindingKind::ClockReset).collect();
        assert_eq!(resets.len(), 2);
        for (finding, sensor) in resets.iter().zip(BOTH) {
            assert_eq!((finding.severity, finding.count), (Severity::Warning, 2));
            assert_eq!(finding.first_place, Place::sample(sensor, 400, 0));
            assert!(report.findings.contains(finding));
        }
    }
}

#[test]
fn sensors_of_two_rates_and_clocks_meet_where_both_are() {
    let fast = stamped(Sensor::Accelerometer, (0..2000).map(|i| 10.0 * f64::from(i)).map(|t| (t, ramp(t))));
    // Three seconds later, between the other's samples, and over four seconds earlier.
    let slow =
        stamped(Sensor::Gyroscope, (0..650).map(|i| 3003.0 + 20.0 * f64::from(i)).map(|t| (t, ramp(t))));
    let r = recording(vec![fast, slow]);
    for size in [1, 100, usize::MAX] {
        let (report, all, _) = through(&mut Pieces::new(&r, size), &BOTH, 50.0);
        assert_eq!(shape(&all), [(3003, 650)], "read by {size}");
        check_times(&all, 5.0);
        for frame in &all[0].1[20..630] {
            // In step with each other; the filter's edges aside.
            assert!((frame[0] - frame[3]).abs() < 1e-6, "{frame:?}");
        }
        let apart = report.findings.iter().find(|f| f.kind == FindingKind::Alignment).unwrap();
        assert_eq!((apart.severity, &apart.first_place), (Severity::Note, &Place::sensor(Sensor::Gyroscope)));
        assert!(apart.text.contains("begins 3.0 s after") && apart.text.contains("ends 4.0 s before"));
    }
    // The whole of it through a recording's own source.
    assert_eq!(shape(&segments(&r, 50.0)), [(3003, 650)]);
}

#[test]
fn sensors_with_no_time_in_common_are_refused_to_those_who_need_both() {
    let of = |sensor, start: f64| stamped(sensor, (0..300).map(|i| (start + 20.0 * i as f64, swaying(i))));
    let r = recording(vec![of(Sensor::Accelerometer, 0.0), of(Sensor::Gyroscope, 1e9)]);
    let report = surveyed(&r);
    let refusal = report.refusals().next().unwrap();
    assert_eq!((refusal.kind, refusal.count), (FindingKind::Alignment, 1));
    assert!(Intake::new(&report, &BOTH, 50.0, &Declared::default()).is_err());
    Intake::new(&report, &ACC, 50.0, &Declared::default()).unwrap();
    // A second apart is the edge.
    for (start, said) in [(1000.0, 0), (1001.0, 1)] {
        let r = recording(vec![of(Sensor::Accelerometer, 0.0), of(Sensor::Gyroscope, start)]);
        let alignment = |f: &&ambulo_signal::Finding| f.kind == FindingKind::Alignment;
        assert_eq!(surveyed(&r).findings.iter().filter(alignment).count(), said, "{start}");
    }
}

#[test]
fn one_sensor_that_pauses_or_is_damaged_ends_the_segment_of_both_and_the_rest_is_used() {
    let acc = stamped(Sensor::Accelerometer, (0..1000).map(|i| (20.0 * i as f64, swaying(i))));
    let turning = |i: usize| match i {
        300 => [1e6, 0.0, 0.0],
        600..630 => [f32::NAN; 3],
        _ => [0.1, 0.0, 0.0],
    };
    let gyro = stamped(Sensor::Gyroscope, (0..1000).map(|i| (20.0 * i as f64, turning(i))));
    let (report, all, live) = through(&mut recording(vec![acc, gyro]).source(), &BOTH, 50.0);
    assert_eq!(shape(&all), [(0, 300), (6020, 299), (12_600, 370)]);
    for findings in [&report.findings, &live] {
        let brief = brief(findings);
        assert!(brief.contains(&(FindingKind::Impossible, Severity::Warning, 1, Some(300))), "{brief:?}");
        assert!(brief.contains(&(FindingKind::Missing, Severity::Note, 30, Some(600))), "{brief:?}");
    }
}

#[test]
fn a_missing_value_in_a_batch_keeps_its_place() {
    // Five samples to a stamp, the third of the second batch missing.
    let samples = (0..50).map(|i| {
        let value = if i == 7 { [f32::NAN; 3] } else { ramp(20.0 * f64::from(i)) };
        (100.0 * f64::from(i / 5), value)
    });
    let all = segments(&acceleration(samples), 50.0);
    assert_eq!(shape(&all), [(0, 50)]);
    check_times(&all, 0.01);
}

#[test]
fn what_would_alias_vanishes_and_the_rest_passes_without_delay() {
    let tone = |hz: f64| {
        let sine = move |i: usize| (2.0 * std::f64::consts::PI * hz * i as f64 / 100.0).sin() as f32;
        let r =
            acceleration((0..2000).map(|i| (10.0 * i as f64, [sine(i), 0.1 * sine(i), 1.0 + 0.1 * sine(i)])));
        let (_, frames) = segments(&r, 50.0).remove(0);
        assert_eq!(frames.len(), 1000);
        (50..950).map(|k| (frames[k][0], sine(2 * k))).collect::<Vec<_>>()
    };
    let power = |hz| tone(hz).iter().map(|(got, _)| got * got).sum::<f32>() / 900.0;
    // 40 Hz without a low-pass would appear as a full-size 10 Hz tone.
    assert!(power(40.0) < 1e-5 && (power(5.0) - 0.5).abs() < 0.01, "{} {}", power(40.0), power(5.0));
    assert!(tone(5.0).iter().all(|(got, true_one)| (got - true_one).abs() < 0.01));
}

#[test]
fn stamps_that_tell_no_rate_are_refused() {
    let r = acceleration((0..500).map(|i| (7.0, swaying(i))));
    let report = surveyed(&r);
    let refusal = report.refusals().next().unwrap();
    assert_eq!((refusal.kind, refusal.severity), (FindingKind::Rate, Severity::Refusal));
    assert!(Intake::new(&report, &ACC, 50.0, &Declared::default()).is_err());
}

#[test]
fn rates_that_make_no_sense_are_refused() {
    let header = |rate_hz| {
        let sensors = vec![SensorInfo { rate_hz, ..SensorInfo::new(Sensor::Accelerometer) }];
        Header { sensors, ..Header::default() }
    };
    let live = |source, rate| Intake::live(&header(source), &ACC, rate, &Declared::default());
    for rate in [0.0, -50.0, f64::NAN, f64::INFINITY, 1e7, f64::MIN_POSITIVE] {
        assert!(live(Some(50.0), rate).is_err(), "to {rate}");
        assert!(live(Some(rate), 50.0).is_err(), "from {rate}");
    }
    assert!(live(None, 1e6).is_ok() && live(None, 1.1e6).is_err());
    assert!(live(Some(49_000.0), 50.0).is_ok() && live(Some(51_000.0), 50.0).is_err());
    assert!(live(Some(1e6), 1e6).is_ok());
}

#[test]
fn a_live_stream_gives_the_frames_of_the_file_saved_and_restored_on_the_way() {
    let time = |i: usize| 10.0 * i as f64 + 3.0 * noise(i) + if i > 1500 { 700.0 } else { 0.0 };
    let value = |i: usize| if i == 900 { [99.0; 3] } else { swaying(i) };
    let acc = stamped(Sensor::Accelerometer, (0..2500).map(|i| (time(i), value(i))));
    let gyro = stamped(Sensor::Gyroscope, (0..2500).map(|i| (time(i) + 4.0, swaying(i + 9))));
    let r = recording(vec![acc, gyro]);
    let (_, expected, found) = through(&mut r.source(), &BOTH, 50.0);
    let mut header = r.header().clone();
    header.sensors.iter_mut().for_each(|info| info.rate_hz = Some(100.0));
    let mut intake = Intake::live(&header, &BOTH, 50.0, &Declared::default()).unwrap();
    let mut got: Segments = Vec::new();
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Begin { start_ns } => got.push((start_ns as f64 / 1e9, Vec::new())),
        Piece::Frames(frames) => got.last_mut().unwrap().1.extend(frames.chunks(6).map(<[f32]>::to_vec)),
        Piece::End => {}
    };
    for i in 0..2500 {
        for (number, series) in r.series().iter().enumerate() {
            intake.push_sample(number, series.clock.time_ns(i), series.values[i], &mut sink);
        }
        if i % 97 == 0 {
            let saved = serde_json::to_string(&intake).unwrap();
            let restored: Intake = serde_json::from_str(&saved).unwrap();
            assert!(restored.is_like(&intake));
            intake = restored;
        }
    }
    intake.finish(&mut sink);
    assert_eq!(got, expected);
    assert_eq!(intake.findings(), found);
    assert_eq!(intake.rejected(), (0, 1));

    let other = |rate: f64, declared: &Declared| Intake::live(&header, &BOTH, rate, declared).unwrap();
    assert!(other(50.0, &Declared::default()).is_like(&intake));
    assert!(!other(100.0, &Declared::default()).is_like(&intake));
    assert!(!other(50.0, &Declared { max_gap_s: 0.3, ..Declared::default() }).is_like(&intake));
    let turned = Declared { axes: "y,-x,z".parse().unwrap(), ..Declared::default() };
    assert!(!other(50.0, &turned).is_like(&intake));
    assert!(!Intake::live(&header, &ACC, 50.0, &Declared::default()).unwrap().is_like(&intake));
}
