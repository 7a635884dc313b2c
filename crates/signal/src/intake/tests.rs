use super::*;
use crate::{Clock, FindingKind, Recording, SensorInfo, SensorSeries};
use alloc::string::ToString;
use alloc::vec;

/// Segments as start in seconds and frames.
fn taken(recording: &Recording, rate_hz: f64) -> Vec<(f64, Vec<f32>)> {
    let declared = Declared::default();
    let report = survey(&mut recording.source(), &declared).unwrap();
    let sensors: Vec<Sensor> = recording.header().sensors.iter().map(|s| s.sensor).collect();
    let mut intake = Intake::new(&report, &sensors, rate_hz, &declared).unwrap();
    let mut segments: Vec<(f64, Vec<f32>)> = Vec::new();
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Begin { start_ns } => segments.push((start_ns as f64 / 1e9, Vec::new())),
        Piece::Frames(frames) => segments.last_mut().unwrap().1.extend_from_slice(frames),
        Piece::End => {}
    };
    let mut chunk = Chunk::default();
    let mut source = recording.source();
    while source.read(&mut chunk).unwrap() {
        intake.push(&chunk, &mut sink);
    }
    intake.finish(&mut sink);
    segments
}

fn swaying(i: usize) -> [f32; 3] {
    [0.02 * libm::sinf(i as f32), 0.01 * libm::cosf(i as f32), 1.0]
}

#[test]
fn a_uniform_recording_keeps_its_bits() {
    let acceleration: Vec<[f32; 3]> = (0..20_000).map(swaying).collect();
    let turning: Vec<[f32; 3]> = (0..20_000).map(|i| [0.3 * libm::sinf(i as f32 / 3.0), 0.0, -0.1]).collect();
    let recording = Recording::uniform(50.0, acceleration.clone(), Some(turning.clone()));
    let segments = taken(&recording, 50.0);
    assert_eq!(segments.len(), 1);
    let expected: Vec<f32> =
        acceleration.iter().zip(&turning).flat_map(|(a, w)| a.iter().chain(w).copied()).collect();
    assert_eq!(segments[0].1, expected);
}

#[test]
fn a_value_beyond_any_sensor_splits_the_recording_there() {
    let mut acceleration: Vec<[f32; 3]> = (0..500).map(swaying).collect();
    acceleration[200] = [2e7, 0.0, 1.0];
    let recording = Recording::uniform(50.0, acceleration, None);
    let report = survey(&mut recording.source(), &Declared::default()).unwrap();
    let finding = report.findings.iter().find(|f| f.kind == FindingKind::Impossible).unwrap();
    assert_eq!((finding.count, finding.first_place.sample), (1, Some(200)));
    let segments = taken(&recording, 50.0);
    let shape: Vec<(f64, usize)> =
        segments.iter().map(|(start, frames)| (*start, frames.len() / 3)).collect();
    assert_eq!(shape, [(0.0, 200), (4.02, 299)]);
}

#[test]
fn two_hundred_samples_a_second_become_fifty() {
    let acceleration: Vec<[f32; 3]> = (0..4000).map(|i| swaying(i / 40)).collect();
    let segments = taken(&Recording::uniform(200.0, acceleration, None), 50.0);
    assert_eq!((segments.len(), segments[0].1.len() / 3), (1, 1000));
}

#[test]
fn metres_per_second_squared_taken_for_g_are_refused_and_declared_ones_are_read() {
    let acceleration = vec![[0.1, 0.0, 9.81]; 1000];
    let recording = Recording::uniform(50.0, acceleration, None);
    let report = survey(&mut recording.source(), &Declared::default()).unwrap();
    assert!(!report.is_usable());
    assert!(report.refusals().next().unwrap().text.contains("looks like m/s2"));
    assert!(Intake::new(&report, &[Sensor::Accelerometer], 50.0, &Declared::default()).is_err());
    let declared = Declared { acceleration: Some(Unit::MetresPerSecondSquared), ..Declared::default() };
    let report = survey(&mut recording.source(), &declared).unwrap();
    assert!(report.is_usable());
    assert!((report.sensors[0].first.unwrap()[2] - 1.000_341).abs() < 1e-5);
}

#[test]
fn an_unstated_unit_is_inferred_at_rest_and_said() {
    let series = |sensor, value: [f32; 3]| SensorSeries {
        info: SensorInfo { unit: None, ..SensorInfo::new(sensor) },
        clock: Clock::Uniform { start_ns: 0, rate_hz: 50.0 },
        values: vec![value; 1000],
    };
    let recording = Recording::new(Header::default(), vec![series(Sensor::Accelerometer, [0.0, 9.7, 0.5])]);
    let report = survey(&mut recording.source(), &Declared::default()).unwrap();
    assert_eq!(report.sensors[0].unit_found, Some(Unit::MetresPerSecondSquared));
    assert!(report.sensors[0].unit_because.contains("inferred"));
    // A gyroscope that says nothing about itself at rest is asked about.
    let both =
        vec![series(Sensor::Accelerometer, [0.0, 1.0, 0.0]), series(Sensor::Gyroscope, [0.01, 0.0, 0.0])];
    let report = survey(&mut Recording::new(Header::default(), both).source(), &Declared::default()).unwrap();
    assert_eq!(report.refusals().map(|f| f.kind).collect::<Vec<_>>(), [FindingKind::UnitUnknown]);
    // Models on acceleration alone do not mind.
    Intake::new(&report, &[Sensor::Accelerometer], 50.0, &Declared::default()).unwrap();
}

#[test]
fn degrees_per_second_taken_for_radians_are_refused() {
    let acceleration: Vec<[f32; 3]> = (0..1000).map(swaying).collect();
    let turning: Vec<[f32; 3]> = (0..1000).map(|i| [120.0 * libm::sinf(i as f32 / 7.0), 0.0, 0.0]).collect();
    let recording = Recording::uniform(50.0, acceleration, Some(turning));
    let report = survey(&mut recording.source(), &Declared::default()).unwrap();
    let refusal = report.refusals().next().unwrap();
    assert_eq!(refusal.first_place.sensor, Some(Sensor::Gyroscope));
    assert!(refusal.text.contains("deg/s"), "{}", refusal.text);
}

#[test]
fn a_sensor_that_is_not_there_is_named() {
    let recording = Recording::uniform(50.0, vec![[0.0, 0.0, 1.0]; 300], None);
    let report = survey(&mut recording.source(), &Declared::default()).unwrap();
    let error = Intake::new(&report, &[Sensor::Accelerometer, Sensor::Gyroscope], 50.0, &Declared::default());
    assert!(error.unwrap_err().to_string().contains("no gyroscope"));
}

#[test]
fn a_saved_intake_goes_on_with_the_same_bits() {
    let recording = Recording::uniform(100.0, (0..1000).map(swaying).collect(), None);
    let header = recording.header().clone();
    let mut whole = Intake::live(&header, &[Sensor::Accelerometer], 50.0, &Declared::default()).unwrap();
    let mut part = whole.clone();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for i in 0..1000 {
        let keep = |out: &mut Vec<f32>, piece: Piece<'_>| {
            if let Piece::Frames(frames) = piece {
                out.extend_from_slice(frames);
            }
        };
        whole.push_sample(0, i * 10_000_000, swaying(i as usize), &mut |p| keep(&mut a, p));
        part.push_sample(0, i * 10_000_000, swaying(i as usize), &mut |p| keep(&mut b, p));
        if i == 333 {
            part = serde_json::from_str(&serde_json::to_string(&part).unwrap()).unwrap();
        }
    }
    assert_eq!(a, b);
    assert!(a.len() > 400 * 3);
}
