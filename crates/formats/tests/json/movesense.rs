//! Movesense.

use super::{MS, fails, plain};
use ambulo_formats::{ErrorKind, Need, ReadOptions};
use ambulo_signal::{Sensor, Start, Unit};

/// Groups of four samples at 52 Hz, stamped to the millisecond.
pub(crate) fn groups(n: usize, lists: &[&str]) -> Vec<String> {
    let group = |i: usize| {
        let lists: Vec<String> = lists
            .iter()
            .map(|list| {
                let samples: Vec<String> =
                    (0..4).map(|k| format!(r#"{{"x":{},"y":0.5,"z":-9.75}}"#, i * 4 + k)).collect();
                format!(r#""{list}":[{}]"#, samples.join(","))
            })
            .collect();
        format!(r#"{{"Timestamp":{},{}}}"#, 5000 + i * 4000 / 52, lists.join(","))
    };
    (0..n).map(group).collect()
}

#[test]
fn movesense_in_every_wrapping() {
    let six = groups(50, &["ArrayAcc", "ArrayGyro"]);
    let lines: Vec<String> = six.iter().map(|group| format!(r#"{{"Meas":{{"IMU6":[{group}]}}}}"#)).collect();
    let bare: Vec<String> = six.iter().map(|group| format!(r#"{{"Meas":{{"IMU6":{group}}}}}"#)).collect();
    let documents = [
        format!(r#"{{"Meas":{{"IMU6":[{}]}}}}"#, six.join(",")),
        format!(r#"[ {{"Meas": {{"IMU6": [{}]}}}} ]"#, six.join(" , ")),
        lines.join("\n"),
        format!("[{}]", lines.join(",")),
        bare.join("\r\n"),
    ];
    for text in documents {
        let whole = plain(&text);
        let units: Vec<Option<Unit>> = whole.header.sensors.iter().map(|sensor| sensor.unit).collect();
        assert_eq!(units, [Some(Unit::MetresPerSecondSquared), Some(Unit::DegreesPerSecond)]);
        assert_eq!(whole.header.start, Start::Unknown);
        for part in &whole.parts {
            assert_eq!(part.len(), 200);
            for (i, (time, value)) in part.times_ns.iter().zip(&part.values).enumerate() {
                assert!((time - i as i64 * 1_000_000_000 / 52).abs() < 2 * MS, "{i}: {time}");
                assert_eq!(value[0], i as f32);
            }
        }
        assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    }
}

#[test]
fn movesense_sensors_behind_one_another_and_lost_groups() {
    let mut acc = groups(50, &["ArrayAcc"]);
    acc.remove(20);
    let text = format!(
        r#"{{"Meas":{{"Acc":[{}],"Gyro":[{}]}}}}"#,
        acc.join(","),
        groups(50, &["ArrayGyro"]).join(",")
    );
    let whole = plain(&text);
    assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (196, 200));
    let times = &whole.parts[0].times_ns;
    assert!(times[79] - times[78] < 20 * MS && times[80] - times[79] > 90 * MS, "a lost group is a gap");
    let nine = plain(&format!(
        r#"{{"Meas":{{"IMU9":[{}]}}}}"#,
        groups(9, &["ArrayAcc", "ArrayGyro", "ArrayMagn"]).join(",")
    ));
    assert_eq!(nine.header.sensors[2].sensor, Sensor::Magnetometer);
    let one = format!(r#"{{"Meas":{{"Acc":[{}]}}}}"#, groups(1, &["ArrayAcc"])[0]);
    fails(&one, &ReadOptions::default(), ErrorKind::Needs(Need::Rate), &["one group"]);
    fails(r#"{"Meas":{"HR":[{"average":60}]}}"#, &ReadOptions::default(), ErrorKind::Empty, &["groups"]);
}
