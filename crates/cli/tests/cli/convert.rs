//! `ambulo convert`, and what `ambulo inspect` says of what it wrote.

use crate::support::Sandbox;
use serde_json::Value;
use std::fmt::Write as _;

/// A minute at 50 Hz in m/s², with local times.
fn table() -> String {
    let mut text = String::from("time,ax (m/s²),ay (m/s²),az (m/s²)\n");
    for i in 0..3000u32 {
        let t = f64::from(i) / 50.0;
        let step = if i < 1500 { (12.0 * t).sin() } else { 0.0 };
        let (minute, second, ms) = (i / 3000, i / 50 % 60, i % 50 * 20);
        // Noise, without which it looks broken.
        let noise = 0.01 * (f64::from(i) * 2.7).sin();
        let [x, y, z] = [0.3 * step + noise, 9.80665 + 3.4 * step + noise, 1.0 + noise];
        writeln!(text, "2024-03-05 10:{minute:02}:{second:02}.{ms:03},{x:.5},{y:.5},{z:.5}").unwrap();
    }
    text
}

fn values(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_written_is_what_was_read() {
    let sandbox = Sandbox::empty();
    sandbox.write("walk.csv", &table());
    let done = sandbox.run(&["convert", "walk.csv", "--out", "out"]).expect(0);
    assert_eq!(done.stdout.trim().replace('\\', "/"), "out/walk.parquet");
    let done = done.says(&["walk.csv: 3,000 rows"]);
    assert!(!done.stderr.contains("error"), "{}", done.stderr);
    let inspected =
        values(&sandbox.run(&["inspect", "--json", "walk.csv", "out/walk.parquet"]).expect(0).stdout);
    let [before, after] = [&inspected[0]["recordings"][0], &inspected[1]["recordings"][0]];
    assert_eq!(before["start"], "2024-03-05T10:00:00.000");
    for key in ["start", "duration_s", "ranges"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    for key in ["samples", "rate_hz", "first", "last", "gravity"] {
        assert_eq!(before["sensors"][0][key], after["sensors"][0][key], "{key}");
    }
    // Computed from values that were rounded once more.
    let rest = |recording: &Value| recording["sensors"][0]["at_rest_g"].as_f64().unwrap();
    assert!((rest(before) - rest(after)).abs() < 1e-6);
    assert_eq!(after["sensors"][0]["unit_found"], "g");
    let conversions = after["conversions"].to_string();
    assert!(conversions.contains("from m/s2") && conversions.contains("walk.csv"), "{conversions}");
}

#[test]
fn files_that_are_there_stay_unless_forced() {
    let sandbox = Sandbox::empty();
    sandbox.write("walk.csv", &table());
    sandbox.run(&["convert", "walk.csv", "--out", "out"]).expect(0);
    let before = sandbox.read("out/walk.parquet");
    sandbox.write("walk.csv", &table().replace("9.8", "9.7"));
    sandbox
        .run(&["convert", "walk.csv", "--out", "out"])
        .expect(1)
        .silent()
        .says(&["exists already", "--force"]);
    assert_eq!(sandbox.read("out/walk.parquet"), before);
    sandbox.run(&["convert", "walk.csv", "--out", "out", "--force"]).expect(0);
    assert_ne!(sandbox.read("out/walk.parquet"), before);
    assert_eq!(sandbox.files("out").len(), 1);
}

#[test]
fn a_unit_in_doubt_is_asked_for_and_the_others_are_written() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path("all/b")).unwrap();
    sandbox.write("all/walk.csv", &table());
    sandbox.write("all/b/walk.txt", &table().replace("10:", "11:"));
    sandbox.write("all/wrong.csv", &table().replace("m/s²", "g"));
    let done = sandbox.run(&["convert", "all", "--out", "out", "--json"]).expect(1);
    let done = done.says(&["wrong.csv", "--units", "1 of 3 files could not be converted"]);
    let values = values(&done.stdout);
    let written: Vec<&str> = values.iter().filter_map(|v| v["written"][0].as_str()).collect();
    assert_eq!(written.len(), 2);
    let names: Vec<String> = sandbox.files("out").iter().map(|path| path.display().to_string()).collect();
    assert_eq!(names, ["walk-2.parquet", "walk.parquet"]);
    let failed = values.iter().find(|value| value["error"].is_object()).unwrap();
    assert_eq!(failed["error"]["kind"], "refused");
    let declared = ["convert", "all/wrong.csv", "--out", "out", "--units", "m/s2"];
    sandbox.run(&declared).expect(0);
}

#[test]
fn a_clock_that_begins_anew_gives_files_that_do_not_go_back() {
    let sandbox = Sandbox::empty();
    let row = |i: u32| {
        let t = f64::from(i) / 50.0;
        let (step, noise) = ((12.0 * t).sin(), 0.002 * (f64::from(i) * 2.7).sin());
        format!("{t:.2},{:.4},{:.4},{:.4}\n", 0.2 * step, noise, 1.0 + 0.3 * step)
    };
    let half: String = (0..400).map(row).collect();
    sandbox.write("twice.csv", &format!("time (s),ax (g),ay (g),az (g)\n{half}{half}"));
    let done = sandbox.run(&["convert", "twice.csv", "--out", "out"]).expect(0);
    assert_eq!(done.stdout.lines().count(), 2);
    let names: Vec<String> = sandbox.files("out").iter().map(|path| path.display().to_string()).collect();
    assert_eq!(names, ["twice.1.parquet", "twice.2.parquet"]);
    for name in names {
        let name = format!("out/{name}");
        let value = values(&sandbox.run(&["inspect", "--json", &name]).expect(0).stdout).remove(0);
        assert_eq!(value["recordings"][0]["sensors"][0]["samples"], 400);
        let findings = value["recordings"][0]["findings"].to_string();
        assert!(!findings.contains("clock_reset"), "{findings}");
    }
}
