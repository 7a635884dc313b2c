//! The shared samples, held against their truth.

use super::common::{read, samples};
use super::{MS, NINE};
use ambulo_formats::{Format, ReadOptions, open};
use ambulo_signal::{Sensor, Severity, Start, Unit};

#[test]
fn shared_samples_are_read_as_their_truth_says() {
    let Some((folder, truth)) = samples() else { return };
    for (name, format) in [
        ("sensor-logger.json", Format::SensorLoggerJson),
        ("sensor-logger-push.jsonl", Format::SensorLoggerPush),
        ("movesense-acc.json", Format::Movesense),
        ("movesense-imu6.json", Format::Movesense),
    ] {
        let opened = open(folder.join(name), &ReadOptions::default()).unwrap().remove(0);
        assert_eq!(opened.format(), format, "{name}");
        let whole = read(opened).unwrap();
        let sensors = truth[name]["sensors"].as_array().unwrap();
        let mut checked = 0;
        for (role, sensor, suffix) in [
            ("total_acceleration", Sensor::Accelerometer, "g"),
            ("angular_velocity", Sensor::Gyroscope, "rad_per_s"),
        ] {
            let Some(expected) = sensors.iter().find(|sensor| sensor["role"] == role) else { continue };
            let at = whole.header.position(sensor).unwrap();
            let part = &whole.parts[at];
            assert_eq!(part.len() as u64, expected["samples"].as_u64().unwrap(), "{name}");
            let span = (part.times_ns[part.len() - 1] - part.times_ns[0]) as f64 / 1e9;
            let wanted = expected["t_last_s"].as_f64().unwrap() - expected["t_first_s"].as_f64().unwrap();
            assert!((span - wanted).abs() < 0.002, "{name}: {span} s, expected {wanted}");
            let factor = match whole.header.sensors[at].unit.unwrap() {
                Unit::MetresPerSecondSquared => 1.0 / ambulo_signal::STANDARD_GRAVITY,
                Unit::DegreesPerSecond => std::f64::consts::PI / 180.0,
                _ => 1.0,
            };
            for (place, index) in [("first", 0), ("last", part.len() - 1)] {
                let values = expected[format!("{place}_{suffix}")].as_array().unwrap();
                for (found, wanted) in part.values[index].iter().zip(values) {
                    let (found, wanted) = (f64::from(*found) * factor, wanted.as_f64().unwrap());
                    assert!((found - wanted).abs() < 2e-6, "{name}, {place}: {found}, expected {wanted}");
                }
            }
            checked += 1;
        }
        assert!(checked >= if name == "movesense-acc.json" { 1 } else { 2 });
        match truth[name]["start"].as_str() {
            Some(_) => {
                let Start::Utc { utc_ns, offset_s: None } = whole.header.start else {
                    panic!("{name}: {:?}", whole.header.start);
                };
                assert!((utc_ns - NINE - 50 * MS).abs() < MS, "{name}: {utc_ns}");
                assert!(utc_ns % 1_000_000 != 0, "{name}: a time beyond 2^53 lost its last digits");
            }
            None => assert_eq!(whole.header.start, Start::Unknown),
        }
        assert!(
            whole.header.findings.iter().all(|f| f.severity == Severity::Note),
            "{:?}",
            whole.header.findings
        );
    }
}
