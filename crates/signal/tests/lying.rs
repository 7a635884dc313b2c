//! What a device that lies still tells: non-wear, and how to calibrate it, from the survey to the frames of the intake.
#![allow(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::{Autocalibrate, Calibration, Declared, Intake, Piece, Report, survey};
use ambulo_signal::{
    Chunk, Clock, FindingKind, Header, Recording, Sensor, SensorInfo, SensorSeries, Severity, Source, Unit,
};
use common::{accelerometer, walking};

const ACC: [Sensor; 1] = [Sensor::Accelerometer];
const RATE: f64 = 10.0;
const HOUR: usize = 36_000;
const SCALE: [f64; 3] = [0.96, 1.05, 1.02];
const OFFSET: [f64; 3] = [0.04, -0.03, 0.05];

/// A device that lies another way every five minutes, off by scale and offset, with a little noise.
fn lies_around(samples: usize, scale: [f64; 3], offset: [f64; 3]) -> Vec<[f32; 3]> {
    let value = |i: usize| {
        let place = i / 3000;
        let z = 1.0 - 2.0 * ((0.618 * place as f64 + 0.1) % 1.0);
        let (sin, cos) = (2.399_963 * place as f64).sin_cos();
        let r = (1.0 - z * z).sqrt();
        let on = [r * cos, r * sin, z];
        let noise = 0.003 * (1.7 * i as f64).sin();
        std::array::from_fn(|axis| (on[axis] / scale[axis] - offset[axis] + noise) as f32)
    };
    (0..samples).map(value).collect()
}

fn device(autocalibrate: bool, unit: Option<Unit>, values: Vec<[f32; 3]>) -> Recording {
    let factor = unit.map_or(1.0, Unit::factor);
    let values = values.into_iter().map(|v| v.map(|v| (f64::from(v) / factor) as f32)).collect();
    let series = SensorSeries {
        info: SensorInfo { unit, ..SensorInfo::new(Sensor::Accelerometer) },
        clock: Clock::Uniform { start_ns: 0, rate_hz: RATE },
        values,
    };
    Recording::new(Header { autocalibrate, ..Header::default() }, vec![series])
}

fn surveyed(recording: &Recording, autocalibrate: Autocalibrate) -> Report {
    let declared = Declared { autocalibrate, ..Declared::default() };
    survey(&mut recording.source(), &declared).unwrap()
}

fn said(report: &Report, kind: FindingKind) -> Vec<(Severity, String)> {
    let of = report.findings.iter().filter(|f| f.kind == kind);
    of.map(|f| (f.severity, f.text.clone())).collect()
}

fn check(calibration: &Calibration) {
    assert!(calibration.applied, "{}", calibration.reason);
    for axis in 0..3 {
        assert!((calibration.scale[axis] - SCALE[axis]).abs() < 8e-3, "{calibration:?}");
        assert!((calibration.offset[axis] - OFFSET[axis]).abs() < 8e-3, "{calibration:?}");
    }
    assert!(calibration.error_before_g > 0.02 && calibration.error_after_g < 0.003, "{calibration:?}");
}

#[test]
fn a_device_of_a_day_is_calibrated_from_the_survey_to_the_frames() {
    let values = lies_around(24 * HOUR, SCALE, OFFSET);
    for unit in [Some(Unit::G), Some(Unit::MetresPerSecondSquared), None] {
        let recording = device(true, unit, values.clone());
        let declared = Declared { axes: "-y,x,z".parse().unwrap(), ..Declared::default() };
        let report = survey(&mut recording.source(), &declared).unwrap();
        let calibration = report.calibration.clone().unwrap();
        check(&calibration);
        assert!(calibration.points > 5000 && calibration.points <= 8640);
        let text = said(&report, FindingKind::Calibration);
        assert_eq!((text.len(), text[0].0), (1, Severity::Note));
        assert!(text[0].1.contains("calibrated to 1 g at rest"), "{text:?}");
        assert!((report.sensors[0].at_rest_g.unwrap() - 1.0).abs() < 0.002);
        // As recorded, in the declared axes.
        let [x, y, z] = values[0];
        let first = report.sensors[0].first.unwrap();
        assert!(first.iter().zip([-y, x, z]).all(|(a, b)| (a - b).abs() < 1e-5));

        let mut intake = Intake::new(&report, &ACC, RATE, &declared).unwrap();
        let (mut frames, mut chunk, mut source) = (Vec::new(), Chunk::default(), recording.source());
        let mut sink = |piece: Piece<'_>| {
            if let Piece::Frames(some) = piece {
                frames.extend(some.chunks(3).map(|f| [f[0], f[1], f[2]]));
            }
        };
        while source.read(&mut chunk).unwrap() {
            intake.push(&chunk, &mut sink);
        }
        intake.finish(&mut sink);
        assert_eq!(frames.len(), values.len());
        for (frame, value) in frames.iter().zip(&values).step_by(1000) {
            let [x, y, z] = calibration.apply(*value);
            assert!(frame.iter().zip([-y, x, z]).all(|(a, b)| (a - b).abs() < 1e-5), "{frame:?}");
            let length = frame.iter().map(|v| v * v).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 0.015, "{length}");
        }
        let saved: Intake = serde_json::from_str(&serde_json::to_string(&intake).unwrap()).unwrap();
        assert!(saved.is_like(&intake));
        let plain = Declared { autocalibrate: Autocalibrate::Off, ..declared };
        let other = survey(&mut recording.source(), &plain).unwrap();
        assert!(!Intake::new(&other, &ACC, RATE, &plain).unwrap().is_like(&intake));
    }
}

#[test]
fn it_is_calibrated_by_itself_only_where_the_device_and_a_day_say_so() {
    let values = lies_around(24 * HOUR, SCALE, OFFSET);
    let day = device(true, Some(Unit::G), values.clone());
    assert_eq!(surveyed(&day, Autocalibrate::Off).calibration, None);
    assert!(said(&surveyed(&day, Autocalibrate::Off), FindingKind::Calibration).is_empty());
    let phone = device(false, Some(Unit::G), values.clone());
    assert_eq!(surveyed(&phone, Autocalibrate::Auto).calibration, None);
    check(&surveyed(&phone, Autocalibrate::On).calibration.unwrap());
    let short = device(true, Some(Unit::G), values[..23 * HOUR].to_vec());
    assert_eq!(surveyed(&short, Autocalibrate::Auto).calibration, None);
    check(&surveyed(&short, Autocalibrate::On).calibration.unwrap());
}

#[test]
fn what_cannot_be_calibrated_is_said_and_left_as_it_is() {
    // All on one side of x.
    let values: Vec<[f32; 3]> =
        lies_around(24 * HOUR, SCALE, OFFSET).into_iter().map(|[x, y, z]| [x.abs(), y, z]).collect();
    let recording = device(true, Some(Unit::G), values);
    for (how, severity) in [(Autocalibrate::Auto, Severity::Note), (Autocalibrate::On, Severity::Warning)] {
        let report = surveyed(&recording, how);
        let calibration = report.calibration.as_ref().unwrap();
        assert!(!calibration.applied && calibration.reason.contains("axis x"), "{}", calibration.reason);
        let text = said(&report, FindingKind::Calibration);
        assert_eq!((text.len(), text[0].0), (1, severity));
        assert!(text[0].1.contains("not calibrated"), "{text:?}");
        assert!(report.is_usable());
    }
}

#[test]
fn a_sensor_too_far_off_to_be_believed_is_believed_once_calibrated() {
    let recording = device(true, Some(Unit::G), lies_around(24 * HOUR, [0.75; 3], [0.0; 3]));
    let without = surveyed(&recording, Autocalibrate::Off);
    assert!(!without.is_usable());
    let with = surveyed(&recording, Autocalibrate::Auto);
    assert!(with.is_usable(), "{:?}", with.findings);
    assert!((with.sensors[0].at_rest_g.unwrap() - 1.0).abs() < 0.003);
    // Another unit is no calibration.
    let metres = device(true, Some(Unit::G), lies_around(24 * HOUR, [1.0 / 9.81; 3], [0.0; 3]));
    assert!(!surveyed(&metres, Autocalibrate::Auto).is_usable());
}

#[test]
fn non_wear_is_listed_and_said() {
    let worn = |hours: std::ops::Range<f64>| {
        let lies = move |i: usize| hours.contains(&(i as f64 / HOUR as f64));
        let value =
            move |i: usize| if lies(i) { [0.6, 0.0, 0.8 + 0.002 * (i % 3) as f32] } else { walking(5 * i) };
        surveyed(&device(false, Some(Unit::G), (0..4 * HOUR).map(value).collect()), Autocalibrate::Auto)
    };
    let report = worn(1.0..2.0);
    let [stretch] = report.sensors[0].non_wear[..] else { panic!("{:?}", report.sensors[0].non_wear) };
    assert!(
        (stretch.start_s - 3600.0).abs() <= 10.0 && (stretch.length_s - 3600.0).abs() <= 20.0,
        "{stretch:?}"
    );
    let finding = report.findings.iter().find(|f| f.kind == FindingKind::NonWear).unwrap();
    assert_eq!((finding.severity, finding.count), (Severity::Note, 1));
    assert_eq!(finding.first_place.time_s, Some(stretch.start_s));
    assert!(
        finding.text.contains("1 stretch of 30 minutes") && finding.text.contains("60.0 min together, 25.0%"),
        "{}",
        finding.text
    );
    assert!(report.is_usable());

    let report = worn(1.0..3.5);
    let finding = report.findings.iter().find(|f| f.kind == FindingKind::NonWear).unwrap();
    assert_eq!(finding.severity, Severity::Warning, "most of it");
    assert!(worn(1.0..1.45).sensors[0].non_wear.is_empty());
    assert!(said(&worn(1.0..1.45), FindingKind::NonWear).is_empty());
}

#[test]
fn reports_without_the_newer_fields_are_read() {
    let report = surveyed(&accelerometer(Some(Unit::G), vec![[0.0, 0.0, 1.0]; 3000]), Autocalibrate::On);
    let mut value = serde_json::to_value(&report).unwrap();
    assert_eq!(serde_json::from_value::<Report>(value.clone()).unwrap(), report);
    value.as_object_mut().unwrap().remove("calibration").unwrap();
    value["sensors"][0].as_object_mut().unwrap().remove("non_wear").unwrap();
    let old: Report = serde_json::from_value(value).unwrap();
    assert_eq!((old.calibration, old.findings), (None, report.findings));
    let declared: Declared =
        serde_json::from_str(r#"{"autocalibrate": "off", "clock_back": "summer_time"}"#).unwrap();
    assert_eq!(declared.autocalibrate, Autocalibrate::Off);
    assert_eq!(serde_json::from_str::<Declared>("{}").unwrap(), Declared::default());
}
