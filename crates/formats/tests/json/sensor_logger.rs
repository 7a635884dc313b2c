//! Sensor Logger's JSON export.

use super::common::bytes;
use super::{MS, NINE, fails, plain, says};
use ambulo_formats::{ErrorKind, Format, Need, ReadOptions, open};
use ambulo_signal::{FindingKind, Severity, Source, Start, Unit};

/// An object of Sensor Logger's export.
pub(crate) fn exported(sensor: &str, time_ns: i64, xyz: [f32; 3]) -> String {
    let [x, y, z] = xyz;
    format!(
        r#"{{"sensor":"{sensor}","time":"{time_ns}","seconds_elapsed":"0.5","z":"{z}","y":"{y}","x":"{x}"}}"#
    )
}

pub(crate) fn metadata(platform: &str, standardised: &str) -> String {
    format!(
        r#"{{"sensor":"Metadata","version":"3","device name":"Pixel 7","device id":"secret","platform":"{platform}","appVersion":"1.60.1","sensors":"Accelerometer|Gravity|Gyroscope","sampleRateMs":"20|20|10","standardisation":"{standardised}"}}"#
    )
}

/// Sensors one behind the other, the metadata last.
pub(crate) fn export(platform: &str, standardised: &str, sensors: &[(&str, i64, i64, [f32; 3])]) -> String {
    let mut objects = Vec::new();
    for &(sensor, n, step_ms, xyz) in sensors {
        objects.extend((0..n).map(|i| exported(sensor, NINE + i * step_ms * MS, xyz)));
    }
    if !platform.is_empty() {
        objects.push(metadata(platform, standardised));
    }
    format!("[{}]", objects.join(",\n"))
}

#[test]
fn an_iphone_export_is_summed_and_turned() {
    let sensors = [
        ("Accelerometer", 500, 20, [0.1, 0.2, 0.25]),
        ("Gravity", 500, 20, [0.0, 0.0, -9.75]),
        ("Gyroscope", 1000, 10, [1.0, 2.0, 3.0]),
    ];
    let whole = plain(&export("ios", "false", &sensors));
    assert_eq!(whole.header.sensors.len(), 2);
    let acceleration = &whole.header.sensors[0];
    assert_eq!(acceleration.unit, Some(Unit::MetresPerSecondSquared));
    assert_eq!((acceleration.rate_hz, whole.header.sensors[1].rate_hz), (Some(50.0), Some(100.0)));
    assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE, offset_s: None });
    assert_eq!(whole.header.device.as_deref(), Some("Pixel 7"));
    assert!(whole.header.identity.is_empty());
    assert_eq!(whole.parts[0].len(), 500);
    assert!(whole.parts[0].values.iter().all(|value| *value == [-0.1, -0.2, 9.5]));
    assert_eq!(whole.parts[1].values[999], [1.0, 2.0, 3.0]);
    assert_eq!(whole.parts[0].times_ns[499], 499 * 20 * MS);
    assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    let texts = whole.header.conversions.join("; ");
    assert!(texts.contains("`Gravity`") && texts.contains("negated"), "{texts}");

    let whole = plain(&export("ios", "true", &sensors));
    assert_eq!(whole.parts[0].values[7], [0.1, 0.2, -9.5]);
    let whole = plain(&export("", "", &sensors));
    assert_eq!(whole.parts[0].values[7], [0.1, 0.2, -9.5]);
    says(&whole, FindingKind::Axes, &["sign convention"]);
    let options = ReadOptions { identity: true, ..ReadOptions::default() };
    let whole = bytes(export("ios", "true", &sensors).as_bytes(), &options).unwrap();
    assert!(whole.header.identity.iter().any(|entry| entry.1 == "secret"));
}

#[test]
fn sensors_behind_one_another_advance_together() {
    let sensors = [("TotalAcceleration", 60_000, 10, [0.0, 0.0, 9.8]), ("Gyroscope", 120_000, 5, [0.5; 3])];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.json");
    std::fs::write(&path, export("android", "false", &sensors)).unwrap();
    let mut opened = open(&path, &ReadOptions::default()).unwrap().remove(0);
    assert_eq!(opened.format(), Format::SensorLoggerJson);
    let mut chunk = ambulo_signal::Chunk::default();
    let mut n = [0; 2];
    while opened.read(&mut chunk).unwrap() {
        for (n, part) in n.iter_mut().zip(&chunk.parts) {
            *n += part.len();
            assert!(part.len() < 10_000);
        }
        assert!(n[1].abs_diff(2 * n[0]) <= 2, "{n:?}");
    }
    assert_eq!(n, [60_000, 120_000]);
    opened.rewind().unwrap();
    assert!(opened.read(&mut chunk).unwrap() && chunk.parts[0].times_ns[0] == 0);
}

#[test]
fn gravity_with_its_own_clock_and_without_gravity() {
    let mut objects: Vec<String> =
        (0..100).map(|i| exported("Accelerometer", NINE + i * 20 * MS, [1.0, 0.0, 0.0])).collect();
    // From the 20th sample on, between the others' times, rising by 0.1 each 20 ms.
    objects
        .extend((20..100).map(|i| exported("Gravity", NINE + (i * 20 + 5) * MS, [0.0, 0.0, i as f32 * 0.1])));
    objects.push(metadata("android", "false"));
    let whole = plain(&format!("[{}]", objects.join(",")));
    assert_eq!(whole.parts[0].len(), 100);
    let values = &whole.parts[0].values;
    assert!((values[50][2] - 4.975).abs() < 1e-4 && values[50][0] == 1.0, "{:?}", values[50]);
    assert!(values[10][2].is_nan() && !values[17][2].is_nan());
    assert!(says(&whole, FindingKind::Alignment, &["gravity"]) > 10);

    let whole = plain(&export("android", "false", &[("Accelerometer", 50, 20, [1.0; 3])]));
    let finding = &whole.header.findings[0];
    assert_eq!((finding.kind, finding.severity), (FindingKind::GravityRemoved, Severity::Refusal));
    assert!(finding.text.contains("Total Acceleration"));
}

#[test]
fn phone_and_watch_in_one_export() {
    let mut text = export("ios", "false", &[("AccelerometerUncalibrated", 50, 20, [0.0, 0.0, -1.0])]);
    let wrist = format!(
        r#"{{"sensor":"WristMotion","time":"{NINE}","rotationRateX":"1","rotationRateY":"2","rotationRateZ":"3","gravityX":"0","gravityY":"0.5","gravityZ":"-1","accelerationX":"0.25","accelerationY":"0.25","accelerationZ":"0"}}"#
    );
    text = text.replacen('[', &format!("[{wrist},"), 1);
    fails(&text, &ReadOptions::default(), ErrorKind::Needs(Need::Device), &["phone and watch"]);
    let device = |name: &str| ReadOptions { device: Some(name.to_owned()), ..ReadOptions::default() };
    let watch = bytes(text.as_bytes(), &device("watch")).unwrap();
    assert_eq!(watch.parts[0].values, [[-0.25, -0.75, 1.0]]);
    assert_eq!(
        (watch.parts[1].values[0], watch.header.placement.as_deref()),
        ([1.0, 2.0, 3.0], Some("wrist"))
    );
    let phone = bytes(text.as_bytes(), &device("phone")).unwrap();
    assert_eq!((phone.parts[0].values[0], phone.header.sensors[0].unit), ([0.0, 0.0, 1.0], Some(Unit::G)));
    fails(&text, &device("belt"), ErrorKind::Needs(Need::Device), &["`belt`", "phone and watch"]);
}

#[test]
fn values_and_times_that_are_none() {
    let mut rows: Vec<String> =
        (0..50).map(|i| exported("TotalAcceleration", NINE + i * 20 * MS, [1.0, 2.0, 3.0])).collect();
    rows[3] = rows[3].replace("\"x\":\"1\"", "\"x\":\"oops\"");
    rows[4] = rows[4].replace("\"x\":\"1\"", "\"x\":null");
    rows[5] = rows[5].replace("\"time\":\"", "\"time\":\"t");
    rows[6] = rows[6].replace("\"y\":", "\"y:");
    let text = format!("[\n{}\n]", rows.join(",\n"));
    let whole = plain(&text);
    assert_eq!(whole.parts[0].len(), 48);
    assert!(whole.parts[0].values[3][0].is_nan() && whole.parts[0].values[4][0].is_nan());
    assert_eq!(says(&whole, FindingKind::Missing, &["`oops`", "line 5"]), 1);
    assert_eq!(says(&whole, FindingKind::Clock, &["time", "line 7"]), 1);
    assert_eq!(says(&whole, FindingKind::File, &["no whole object", "line 8"]), 1);
    let whole = plain(&text[..text.len() - 70]);
    assert_eq!(whole.parts[0].len(), 47);
    says(&whole, FindingKind::File, &["cut short"]);
    let ms = text.replace("000000\",\"seconds", "\",\"seconds");
    fails(&ms, &ReadOptions::default(), ErrorKind::Needs(Need::TimeFormat), &["nanoseconds", "epoch-ms"]);
    let options = ReadOptions { time: Some("epoch-ms".parse().unwrap()), ..ReadOptions::default() };
    assert_eq!(
        bytes(ms.as_bytes(), &options).unwrap().header.start,
        Start::Utc { utc_ns: NINE, offset_s: None }
    );
}
