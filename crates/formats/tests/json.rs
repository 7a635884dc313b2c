//! Recordings in JSON: Sensor Logger's export and messages, Movesense, and objects whose names are columns.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, FormatError, Need, Opened, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Severity, Source, Start, Unit};
use common::{Random, Whole, bytes, damage, read, write_new};
use serde_json::Value;
use std::path::Path;

/// 2024-03-05 09:00 UTC, in ns.
const NINE: i64 = 1_709_629_200_000_000_000;
const MS: i64 = 1_000_000;

fn plain(content: &str) -> Whole {
    bytes(content.as_bytes(), &ReadOptions::default()).unwrap()
}

fn all(content: &str, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, content).unwrap();
    open(&path, options)
}

fn fails(content: &str, options: &ReadOptions, kind: ErrorKind, words: &[&str]) {
    let error = all(content, options).err().unwrap_or_else(|| panic!("{content:.200} is read"));
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

fn says(whole: &Whole, kind: FindingKind, words: &[&str]) -> u64 {
    let findings = &whole.header.findings;
    let found = findings.iter().find(|f| f.kind == kind && words.iter().all(|word| f.text.contains(word)));
    found.unwrap_or_else(|| panic!("{findings:?} says nothing of {words:?}")).count
}

/// An object of Sensor Logger's export.
fn exported(sensor: &str, time_ns: i64, xyz: [f32; 3]) -> String {
    let [x, y, z] = xyz;
    format!(
        r#"{{"sensor":"{sensor}","time":"{time_ns}","seconds_elapsed":"0.5","z":"{z}","y":"{y}","x":"{x}"}}"#
    )
}

fn metadata(platform: &str, standardised: &str) -> String {
    format!(
        r#"{{"sensor":"Metadata","version":"3","device name":"Pixel 7","device id":"secret","platform":"{platform}","appVersion":"1.60.1","sensors":"Accelerometer|Gravity|Gyroscope","sampleRateMs":"20|20|10","standardisation":"{standardised}"}}"#
    )
}

/// Sensors one behind the other, the metadata last.
fn export(platform: &str, standardised: &str, sensors: &[(&str, i64, i64, [f32; 3])]) -> String {
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

/// A message with ten samples of acceleration and of angular velocity.
fn message(session: &str, number: i64) -> String {
    let item = |name: &str, i: i64, xyz: &str| {
        format!(
            r#"{{"name":"{name}","time":{},"values":{{{xyz}}},"accuracy":3}}"#,
            NINE + (number * 10 + i) * 20 * MS + 1
        )
    };
    let items: Vec<String> = (0..10)
        .flat_map(|i| {
            [
                item("totalacceleration", i, &format!(r#""z":9.75,"y":0,"x":{number}"#)),
                item("gyroscope", i, r#""z":1,"y":2,"x":3"#),
            ]
        })
        .collect();
    format!(
        r#"{{"messageId":{number},"sessionId":"{session}","deviceId":"d","payload":[{}]}}"#,
        items.join(",")
    )
}

#[test]
fn messages_out_of_order_and_twice() {
    let numbers = [2, 0, 1, 1, 3, 6, 0, 5];
    let messages: Vec<String> = numbers.iter().map(|&n| message("a", n)).collect();
    let pretty = messages
        .iter()
        .map(|text| serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap());
    let documents =
        [messages.join("\n"), format!("[{}]", messages.join(", ")), pretty.collect::<Vec<_>>().join("\n")];
    for text in documents {
        let whole = plain(&text);
        assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (60, 60));
        let order: Vec<f32> = whole.parts[0].values.iter().step_by(10).map(|value| value[0]).collect();
        assert_eq!(order, [0.0, 1.0, 2.0, 3.0, 5.0, 6.0]);
        assert!(whole.parts[0].times_ns.is_sorted() && whole.parts[0].times_ns[1] == 20 * MS);
        assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE + 1, offset_s: None });
        assert_eq!(says(&whole, FindingKind::File, &["again"]), 2);
        assert_eq!(says(&whole, FindingKind::File, &["missing"]), 1);
        says(&whole, FindingKind::File, &["late"]);
        assert!(whole.header.identity.is_empty());
    }
}

#[test]
fn each_session_is_a_recording() {
    let text = [message("a", 0), message("b", 0), message("a", 1), message("b", 1)].join("\n");
    let mut found = all(&text, &ReadOptions { identity: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(found.len(), 2);
    for (opened, session) in found.drain(..).zip(["a", "b"]) {
        assert_eq!(opened.format(), Format::SensorLoggerPush);
        let whole = read(opened).unwrap();
        assert_eq!(whole.parts[0].len(), 20);
        assert_eq!(whole.header.identity, [("session id".to_owned(), session.to_owned())]);
        says(&whole, FindingKind::File, &["of 2"]);
    }
}

/// Groups of four samples at 52 Hz, stamped to the millisecond.
fn groups(n: usize, lists: &[&str]) -> Vec<String> {
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

#[test]
fn objects_whose_names_are_columns() {
    let rows = |row: &dyn Fn(i64) -> String| (0..100).map(|i| row(i) + "\n").collect::<String>();
    let flat = rows(&|i| {
        format!(
            r#"{{"timestamp":{},"acc_x (m/s\u00b2)":{i}.5,"acc_y (m/s²)":-1e-1,"acc_z (m/s²)":9.8,"note":"a"}}"#,
            NINE + i * 20 * MS + 1
        )
    });
    let whole = plain(&flat);
    assert_eq!(whole.header.sensors[0].unit, Some(Unit::MetresPerSecondSquared));
    assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE + 1, offset_s: None }, "beyond 2^53");
    assert_eq!((whole.parts[0].len(), whole.parts[0].values[99]), (100, [99.5, -0.1, 9.8]));
    assert_eq!(whole.parts[0].times_ns[99], 99 * 20 * MS);

    let nested = rows(&|i| {
        format!(
            r#"{{"time":"2024-03-05T10:00:{:02}.{:03}+01:00","acc":{{"x":0.1,"y":0.2,"z":0.9}},"gyro":[1,2,{i}]}}"#,
            i / 50,
            i % 50 * 20
        )
    });
    for text in
        [nested.clone(), format!("[{}]", nested.trim().replace('\n', ",\n")), nested.replace('\n', " ")]
    {
        let whole = plain(&text);
        assert_eq!(whole.parts[0].values[0], [0.1, 0.2, 0.9]);
        assert_eq!(whole.parts[1].values[99], [1.0, 2.0, 99.0]);
        assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE, offset_s: Some(3600) });
        assert_eq!(whole.parts[0].times_ns[99], 1980 * MS);
    }

    let gaps = rows(&|i| match i {
        5 => r#"{"t":100,"x":NaN,"z":3}"#.to_owned(),
        6 => r#"{"x":1,"y":2,"z":3}"#.to_owned(),
        7 => r#"{"event":"button"}"#.to_owned(),
        8 => r#"{"t":160,"x":"one","y":2,"z":3}"#.to_owned(),
        9 => r#"{"t":180,"x":1,"y":2"#.to_owned(),
        i => format!(r#"{{"t":{},"z":3,"y":2,"x":1}}"#, i * 20),
    });
    let whole = plain(&gaps);
    let part = &whole.parts[0];
    assert_eq!(
        (part.len(), part.times_ns[6], part.times_ns[7], part.times_ns[8]),
        (98, 130 * MS, 160 * MS, 200 * MS)
    );
    assert!(part.values[5][0].is_nan() && part.values[5][1].is_nan() && part.values[5][2] == 3.0);
    assert_eq!(says(&whole, FindingKind::File, &["none of the names", "line 8", "button"]), 1);
    assert_eq!(says(&whole, FindingKind::Missing, &["`one`", "line 9"]), 1);
    assert_eq!(says(&whole, FindingKind::File, &["no whole object", "line 10"]), 1);
    assert_eq!(says(&whole, FindingKind::Clock, &["no time", "line 7"]), 1);
}

#[test]
fn other_json_is_named() {
    let options = ReadOptions::default();
    fails(r#"{"name":"x","version":"1.0"}"#, &options, ErrorKind::NoTable, &["JSON", "`name`", "`version`"]);
    fails(r#"{"acc_x":1,"acc_y"#, &options, ErrorKind::Damaged, &["line 1"]);
    let long: String = (0..60)
        .map(|i| format!("{{\"t\":{i},\"sensor\":\"{}\",\"x\":1,\"y\":2,\"z\":3}}\n", ["acc", "gyro"][i % 2]))
        .collect();
    fails(&long, &options, ErrorKind::Unsupported, &["several sensors", "`acc`", "`gyro`"]);
    let no_time: String = (0..60).map(|i| format!("{{\"x\":{i},\"y\":2,\"z\":3}}\n")).collect();
    fails(&no_time, &options, ErrorKind::Needs(Need::Rate), &["rate"]);
    let rate = ReadOptions { rate_hz: Some(50.0), ..ReadOptions::default() };
    assert_eq!(bytes(no_time.as_bytes(), &rate).unwrap().parts[0].times_ns[59], 59 * 20 * MS);
}

#[test]
fn some_thousand_damaged_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let sensors =
        [("Accelerometer", 40, 20, [0.1; 3]), ("Gravity", 40, 20, [9.0; 3]), ("Gyroscope", 40, 20, [1.0; 3])];
    let columns: String = (0..60)
        .map(|i| format!("{{\"t\":{i}.5,\"acc\":{{\"x\":1.5,\"y\":2,\"z\":3}},\"gyro\":[1,2,3]}}\n"))
        .collect();
    let documents = [
        export("ios", "false", &sensors),
        [message("a", 0), message("a", 1), message("b", 0)].join("\n"),
        format!(r#"{{"Meas":{{"IMU6":[{}]}}}}"#, groups(20, &["ArrayAcc", "ArrayGyro"]).join(",")),
        columns,
    ];
    let pieces: [&[u8]; 9] = [
        b"{",
        b"[",
        b"}",
        b"\"",
        b"\\",
        b"99999999999999999999999999999",
        b"-1e999999999999",
        b"\\ud800",
        b"\n",
    ];
    let mut random = Random(7);
    let (mut answered, mut refused) = (0, 0);
    for document in documents {
        for round in 0..900 {
            let mut content = damage(document.as_bytes(), &mut random);
            if round % 3 == 0 {
                let at = random.below(content.len() + 1);
                let piece = pieces[random.below(pieces.len())];
                let piece = piece.repeat(if piece.len() == 1 { 1 + random.below(300) } else { 1 });
                content.splice(at..at, piece);
            }
            write_new(&path, &content);
            match open(&path, &ReadOptions::default()) {
                Ok(found) => {
                    for opened in found {
                        match read(opened) {
                            Ok(_) => answered += 1,
                            Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
                        }
                    }
                }
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(answered > 2000 && refused > 30, "{answered} answered, {refused} refused");
}

#[test]
fn damage_costs_little() {
    let sensors = [("TotalAcceleration", 400, 20, [0.1; 3])];
    let whole = export("android", "false", &sensors);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flipped");
    let mut random = Random(11);
    for _ in 0..300 {
        let mut content = whole.clone().into_bytes();
        let at = 2000 + random.below(40_000);
        content[at] ^= 1 << random.below(7);
        write_new(&path, &content);
        let found = read(open(&path, &ReadOptions::default()).unwrap().remove(0)).unwrap();
        assert!(found.parts[0].len() >= 397, "byte {at}: {} samples", found.parts[0].len());
    }
}

#[expect(clippy::print_stdout, reason = "says why nothing was tested")]
fn shared() -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/formats");
    let there = folder.join("truth.json").is_file();
    if !there {
        println!("skipped: the shared samples are not here");
    }
    there.then_some(folder)
}

#[test]
fn shared_samples_are_read_as_their_truth_says() {
    let Some(folder) = shared() else { return };
    let truth = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    let truth = &serde_json::from_str::<Value>(&truth).unwrap()["files"];
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
