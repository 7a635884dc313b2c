//! What is said of the shared samples of plain tables and their traps, in detail; `truth.rs` holds all of them against the truth.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, FormatError, Need, Opened, ReadOptions, open};
use ambulo_signal::{Finding, Source as _, Start, Unit};
use common::{Whole, read_on, samples, shared};

/// Files whose formats or containers have readers of their own.
const NOT_PLAIN: [&str; 6] = [
    "trap-date-dotted.csv",
    "trap-date-order-conflict.csv",
    "trap-date-order.csv",
    "trap-idle-sleep.csv",
    "trap-zip-named.csv",
    "trap-word-in-time.csv",
];

/// Files of apps and devices that are plain tables too.
const ALIKE: [&str; 7] = [
    "axivity-omgui.csv",
    "axivity.csv",
    "garmin-acc.csv",
    "matlab-timetable.csv",
    "mhealth.csv",
    "physics-toolbox-android.csv",
    "physics-toolbox-android-linear.csv",
];

fn read(mut opened: Opened) -> Whole {
    let whole = read_on(&mut opened).unwrap();
    opened.rewind().unwrap();
    let again = read_on(&mut opened).unwrap();
    assert!(again.parts[0].times_ns == whole.parts[0].times_ns, "read twice, two answers");
    whole
}

fn says(name: &str, findings: &[Finding], words: &[&str]) {
    let found = findings.iter().any(|finding| words.iter().all(|word| finding.text.contains(word)));
    assert!(found, "{name}: {findings:?} says nothing of {words:?}");
}

fn fails(name: &str, result: Result<Vec<Opened>, FormatError>, kind: ErrorKind, words: &[&str]) {
    let error = result.err().unwrap_or_else(|| panic!("{name} is read"));
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{name}: {text}");
    assert!(words.iter().all(|word| text.contains(word)) && !text.contains("--"), "{name}: {text}");
}

#[test]
fn plain_tables_and_traps() {
    let Some((folder, truth)) = samples() else { return };
    let mut checked = 0;
    for name in truth.keys() {
        let lower = name.to_lowercase();
        let plain = (lower.starts_with("plain-") || lower.starts_with("trap-")) && lower.ends_with(".csv")
            || lower.starts_with("phyphox-") && lower.ends_with(".csv")
            || ALIKE.contains(&name.as_str());
        if !plain || NOT_PLAIN.contains(&name.as_str()) {
            continue;
        }
        checked += 1;
        let result = open(folder.join(name), &ReadOptions::default());
        let needs = |need| ErrorKind::Needs(need);
        match name.as_str() {
            "trap-empty.csv" => fails(name, result, ErrorKind::Empty, &["empty"]),
            "trap-header-only.csv" => fails(name, result, ErrorKind::Empty, &["no rows"]),
            "trap-axes-missing.csv" => fails(name, result, ErrorKind::Damaged, &["row", "4", "1"]),
            "trap-comma-both.csv" => fails(name, result, ErrorKind::Damaged, &["4", "8", "decimal comma"]),
            "trap-mixed-dates.csv" => {
                fails(name, result, ErrorKind::Damaged, &["row 2", "02/13/2024 10:00:00.020"]);
            }
            "trap-unknown-time.csv" => fails(name, result, needs(Need::TimeFormat), &["10h00", "row 1"]),
            "trap-repeated-headers.csv" => {
                fails(name, result, needs(Need::Columns), &["x", "twice", "2 and 5"]);
            }
            "trap-limb-nan.csv" => {
                fails(name, result, needs(Need::Device), &["left_arm", "right_arm"]);
                let options = ReadOptions { device: Some("Right arm".to_owned()), ..ReadOptions::default() };
                let whole = read(open(folder.join(name), &options).unwrap().remove(0));
                assert_eq!(whole.parts[0].values[0], [-0.3139, -0.9931, 0.0986]);
                assert_eq!(whole.header.sensors[0].placement.as_deref(), Some("right_arm"));
            }
            "trap-no-rate.csv" => {
                fails(name, result, needs(Need::Rate), &["rate"]);
                let options = ReadOptions { rate_hz: Some(50.0), ..ReadOptions::default() };
                read(open(folder.join(name), &options).unwrap().remove(0));
            }
            _ => {
                let mut all = result.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(all.len(), 1);
                let whole = read(all.remove(0));
                let findings = &whole.header.findings;
                match name.as_str() {
                    "trap-header-repeated.csv" => says(name, findings, &["line 152"]),
                    "trap-no-header.csv" => says(name, findings, &["no header"]),
                    "trap-truncated-row.csv" => says(name, findings, &["last line"]),
                    "trap-dst.csv" => says(name, findings, &["+02:00", "+01:00"]),
                    "trap-midnight.csv" => says(name, findings, &["midnight"]),
                    "trap-time-only-tail.csv" => says(name, findings, &["13"]),
                    "trap-latin1-header.csv" => says(name, findings, &["Latin-1"]),
                    "phyphox-without-g.csv" | "physics-toolbox-android-linear.csv" => {
                        says(name, findings, &["gravity"]);
                    }
                    "axivity.csv" | "garmin-acc.csv" => says(name, findings, &["no header"]),
                    // What is assumed of an app's tables is said.
                    "trap-sign-unknown.csv" => says(name, findings, &["sign convention"]),
                    "physics-toolbox-android.csv"
                    | "mhealth.csv"
                    | "axivity-omgui.csv"
                    | "matlab-timetable.csv" => {
                        assert!(findings.is_empty(), "{name}: {findings:?}");
                    }
                    _ if name.starts_with("plain-") => assert!(findings.is_empty(), "{name}: {findings:?}"),
                    _ => {}
                }
            }
        }
    }
    assert!(checked > 70, "{checked} files");
}

#[test]
fn times_that_are_words() {
    let Some(folder) = shared("formats") else { return };
    let name = "trap-word-in-time.csv";
    let whole = read(open(folder.join(name), &ReadOptions::default()).unwrap().remove(0));
    says(name, &whole.header.findings, &["28 rows have no time"]);
    assert_eq!(whole.parts[0].len(), 800);
    for (row, time) in whole.parts[0].times_ns.iter().enumerate() {
        assert_eq!(*time, row as i64 * 10_000_000, "row {row}");
    }
    // Signs of iOS, turned.
    assert_eq!(whole.parts[0].values[0], [0.993, -0.314, 0.099]);
}

#[test]
fn every_shared_file_is_answered() {
    let Some(folder) = shared("formats") else { return };
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            match open(&path, &ReadOptions::default()) {
                Ok(all) => {
                    for opened in all {
                        read(opened);
                    }
                }
                Err(error) => {
                    assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()));
                }
            }
        }
    }
}

#[test]
fn declared_columns_read_published_data() {
    let Some(folder) = shared("formats") else { return };
    let phone = folder.join("../sp-sw/s11/s11_03_sp.csv");
    if phone.is_file() {
        let whole = read(open(&phone, &ReadOptions::default()).unwrap().remove(0));
        assert!(whole.parts.len() == 2 && matches!(whole.header.start, Start::Utc { .. }));
        assert_eq!(whole.parts[0].values[0], [-8.271_090_5, -2.080_858_5, -5.097_908_5]);
        let units: Vec<Option<Unit>> = whole.header.sensors.iter().map(|sensor| sensor.unit).collect();
        assert_eq!(units, [None, None]);
    }
    let belt = folder.join("../sisfall/SE05/D08_SE05_R02.txt");
    if belt.is_file() {
        let options = ReadOptions {
            columns: Some("acc=1-3,gyro=4-6".parse().unwrap()),
            rate_hz: Some(200.0),
            ..ReadOptions::default()
        };
        let whole = read(open(&belt, &options).unwrap().remove(0));
        assert_eq!(whole.parts[0].values[1], [37.0, -259.0, -55.0]);
        assert_eq!(whole.parts[1].values[1], [-61.0, -3.0, -7.0]);
        assert_eq!(whole.parts[0].times_ns[1], 5_000_000);
        let last: ReadOptions = ReadOptions {
            columns: Some("7,8,9".parse().unwrap()),
            rate_hz: Some(200.0),
            ..ReadOptions::default()
        };
        let whole = read(open(&belt, &last).unwrap().remove(0));
        assert_eq!(whole.parts[0].values[0], [56.0, -998.0, -65.0]);
    }
}
