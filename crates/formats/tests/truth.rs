//! Every file and folder of the shared samples is read, asked about or refused as their `truth.json` says.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{Opened, ReadOptions, search};
use ambulo_signal::intake::{Declared, Report, survey};
use ambulo_signal::{Sensor, Source as _, Start};
use common::{samples, shared};
use serde_json::Value;
use std::path::Path;

/// Entries whose verdict is that of a command that compares files or knows a model: too slow or too short for its window.
const NOT_OF_THE_READER: [&str; 2] = ["trap-2hz.csv", "trap-too-short.csv"];
/// Read and reported, and not to be classified: what an axis that is stuck leaves is no acceleration.
const NOT_CLASSIFIED: [&str; 1] = ["trap-stuck-axis.csv"];
/// Entries with several files of which some are bad on purpose.
const OF_SEVERAL: [&str; 2] = ["trap-batch/", "trap-duplicates/"];

struct Read {
    start: Start,
    report: Report,
    texts: String,
}

/// Everything under a path: recordings, and what is said of the others.
fn read(path: &Path) -> (Vec<Read>, String) {
    let mut all = Vec::new();
    let mut errors = String::new();
    for candidate in search(path).unwrap() {
        let opened: Vec<Opened> = match candidate.open(&ReadOptions::default()) {
            Ok(opened) => opened,
            Err(error) => {
                errors += &format!("{error}\n");
                continue;
            }
        };
        for mut opened in opened {
            match survey(&mut opened, &Declared::default()) {
                Ok(report) => {
                    let header = opened.header();
                    let mut texts: Vec<String> = report.findings.iter().map(|f| f.text.clone()).collect();
                    texts.extend(header.conversions.iter().cloned());
                    texts.extend(
                        report.sensors.iter().map(|s| format!("{:?} {}", s.unit_found, s.unit_because)),
                    );
                    all.push(Read { start: header.start, report, texts: texts.join("\n") });
                }
                Err(error) => errors += &format!("{error}\n"),
            }
        }
    }
    (all, errors)
}

fn near(wrong: &mut Vec<String>, what: &str, found: f64, expected: f64, tolerance: f64) {
    // A rate that is not there is NaN, and near nothing.
    if found.is_nan() || (found - expected).abs() > tolerance {
        wrong.push(format!("{what} is {found}, expected {expected}"));
    }
}

/// Seconds of the day of `2024-03-05T10:00:00.430+01:00`, and whether it states a zone.
fn start(text: &str) -> (f64, Option<f64>) {
    let (_, rest) = text.split_once('T').unwrap();
    let (time, zone) = match rest.find(['Z', '+', ' ']) {
        Some(at) => (&rest[..at], Some(&rest[at..]).filter(|zone| !zone.starts_with(' '))),
        None => (rest, None),
    };
    let parts: Vec<f64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let hours = |zone: &str| zone.get(1..3).map_or(0.0, |hours| hours.parse::<f64>().unwrap());
    (parts[0] * 3600.0 + parts[1] * 60.0 + parts[2], zone.map(|zone| 3600.0 * hours(zone)))
}

fn check_start(wrong: &mut Vec<String>, truth: &Value, found: Start, first_s: f64) {
    let Some(text) = truth["start"].as_str() else {
        // A wall clock is a start, where the truth speaks of another column.
        if !matches!(found, Start::Unknown | Start::Local { .. }) {
            wrong.push(format!("start is {found:?}, the file states none"));
        }
        return;
    };
    let (of_day, zone) = start(text);
    let stated = truth["zone"].as_str().filter(|zone| zone.starts_with('+'));
    let stated = stated.map(|zone| 3600.0 * zone[1..3].parse::<f64>().unwrap());
    // The start of a batch of stamps without fractions is found by whoever spreads them; a tolerance of one sample is met by one.
    let coarse = truth["sensors"][0]["t_last_s"] == 10.6;
    let tolerance =
        if coarse { 1.0 } else { truth["time_tolerance_s"].as_f64().unwrap_or(0.002) + first_s + 1e-6 };
    let zone = zone.or(stated);
    const DAY_NS: i64 = 86_400_000_000_000;
    let seconds = |ns: i64| ns.rem_euclid(DAY_NS) as f64 / 1e9;
    match (found, zone) {
        // Where the clock began before the first sample either is right.
        (Start::Local { local_ns }, None) => near(wrong, "local start", seconds(local_ns), of_day, tolerance),
        (Start::Utc { utc_ns, offset_s }, Some(zone_s)) => {
            // `Z` with a zone beside it is UTC; without a `Z` the time is that of the zone.
            near(wrong, "start", seconds(utc_ns), of_day - zone_s, tolerance);
            if let Some(expected) = stated.filter(|expected| Some(*expected) != offset_s.map(f64::from)) {
                wrong.push(format!("offset is {offset_s:?}, expected {expected}"));
            }
        }
        (Start::Unknown, None) if text.starts_with('T') => {}
        (found, _) => wrong.push(format!("start is {found:?}, expected {text}")),
    }
}

fn check_sensors(wrong: &mut Vec<String>, name: &str, truth: &Value, all: &[Read]) {
    let sensors = truth["sensors"].as_array().unwrap();
    let tolerance_s = truth["time_tolerance_s"].as_f64().unwrap_or(0.002);
    for (role, kind, suffix) in [
        ("total_acceleration", Sensor::Accelerometer, "g"),
        ("angular_velocity", Sensor::Gyroscope, "rad_per_s"),
    ] {
        let of_role: Vec<&Value> = sensors.iter().filter(|sensor| sensor["role"] == role).collect();
        let (Some(first), Some(last)) = (of_role.first(), of_role.last()) else { continue };
        // Several files of one sensor, of which one is to be read, or one file in which the time begins anew.
        let one_file = first["where"].as_str().is_some_and(|place| place.starts_with("rows"));
        let last = if one_file { last } else { first };
        let Some((_, found)) = all.first().and_then(|read| read.report.sensor(kind)) else {
            wrong.push(format!("there is no {kind}"));
            continue;
        };
        let samples: u64 = if one_file {
            of_role.iter().map(|sensor| sensor["samples"].as_u64().unwrap()).sum()
        } else {
            first["samples"].as_u64().unwrap()
        };
        let skipped = first["starts_at_row"].as_u64().map_or(0, |row| row - 1);
        if found.samples != samples + skipped {
            wrong.push(format!("{} samples of the {kind}, expected {samples}", found.samples));
        }
        // Its first and last second are cut short, which stamps without fractions do not tell.
        let coarse = name == "trap-no-fractions.csv";
        if !one_file && skipped == 0 {
            near(wrong, "rate", found.rate_hz.unwrap_or(f64::NAN), first["rate_hz"].as_f64().unwrap(), 0.1);
            let span = first["t_last_s"].as_f64().unwrap() - first["t_first_s"].as_f64().unwrap();
            let estimated = ["trap-three-digits.csv", "trap-jumping-clock.csv"].contains(&name);
            near(
                wrong,
                "length",
                found.end_s - found.start_s,
                span,
                if estimated || coarse { 1.0 } else { tolerance_s },
            );
        }
        // What was asked about or refused has no unit yet: the factor says what it will be.
        let open = truth["expect"] == "ask" || truth["expect"] == "refuse";
        for (what, value, expected) in [
            ("first", found.first, &first[format!("first_{suffix}")]),
            ("last", found.last, &last[format!("last_{suffix}")]),
        ] {
            // What software filled in is no sample.
            let filled = truth["filled"].is_array() && what == "first";
            if skipped > 0 || open || expected.is_null() || filled {
                continue;
            }
            let value = value.unwrap_or([f32::NAN; 3]);
            for axis in 0..3 {
                let expected = expected[axis].as_f64().unwrap();
                near(wrong, what, f64::from(value[axis]), expected, 4e-6 * expected.abs().max(1.0));
            }
        }
    }
    let gaps = truth["gaps"].as_array().map_or(&[][..], Vec::as_slice);
    if let (Some(read), false) = (all.first(), gaps.is_empty()) {
        let found = &read.report.sensors[0].gaps;
        if found.len() != gaps.len() {
            wrong.push(format!("{} gaps, expected {}", found.len(), gaps.len()));
        }
        for (found, expected) in found.iter().zip(gaps) {
            near(
                wrong,
                "gap after",
                found.start_s - read.report.sensors[0].start_s,
                expected["after_s"].as_f64().unwrap(),
                0.05,
            );
            near(wrong, "gap length", found.length_s, expected["length_s"].as_f64().unwrap(), 0.05);
        }
    }
}

#[test]
fn every_sample_is_answered_as_the_truth_says() {
    let Some((folder, truth)) = samples() else { return };
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (name, truth) in &truth {
        if OF_SEVERAL.contains(&name.as_str()) {
            continue;
        }
        checked += 1;
        let (all, errors) = read(&folder.join(name.trim_end_matches('/')));
        let mut here = Vec::new();
        let expect = truth["expect"].as_str().unwrap();
        let usable = errors.is_empty() && !all.is_empty() && all.iter().all(|read| read.report.is_usable());
        let answered = match expect {
            "read" | "warn" => usable != NOT_CLASSIFIED.contains(&name.as_str()),
            _ => !usable || NOT_OF_THE_READER.contains(&name.as_str()),
        };
        let mut said: String = all.iter().map(|read| format!("{}\n", read.texts)).collect();
        said += &errors;
        if !answered {
            here.push(format!("expected {expect}: {said}"));
        }
        if !all.is_empty() {
            check_sensors(&mut here, name, truth, &all);
            let first_s = truth["sensors"][0]["t_first_s"].as_f64().unwrap_or(0.0);
            check_start(&mut here, truth, all[0].start, first_s);
        }
        wrong.extend(here.into_iter().map(|text| format!("{name}: {text}")));
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked >= 140, "{checked} entries");
}

#[test]
fn a_bad_file_does_not_stop_the_others() {
    let Some(folder) = shared("formats") else { return };
    let (all, errors) = read(&folder.join("trap-batch"));
    let good = all.iter().filter(|read| read.report.is_usable()).count();
    assert_eq!((all.len(), good), (3, 2), "{errors}");
    for name in ["03-corrupt.csv", "04-empty.csv", "notes.txt"] {
        assert!(errors.contains(name), "{errors}");
    }
}
