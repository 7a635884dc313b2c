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

#[test]
fn an_hour_back_is_asked_for() {
    let sandbox = Sandbox::empty();
    let text = table();
    let (first, second): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| !line.contains(" 10:00:4"));
    let rest: Vec<String> = second.iter().map(|line| line.replace(" 10:", " 09:")).collect();
    let before: Vec<&str> = first.into_iter().filter(|line| !line.contains(" 10:00:5")).collect();
    sandbox.write("autumn.csv", &format!("{}\n{}\n", before.join("\n"), rest.join("\n")));
    let arguments = ["convert", "autumn.csv", "--out", "out"];
    sandbox.run(&arguments).expect(1).silent().says(&["goes back by 1 h", "--clock-back"]);
    assert!(sandbox.files("out").is_empty());
    let declared = [&arguments[..], &["--clock-back", "summer-time"]].concat();
    sandbox.run(&declared).expect(0);
    let names: Vec<String> = sandbox.files("out").iter().map(|path| path.display().to_string()).collect();
    assert_eq!(names, ["autumn.parquet"]);
}

#[test]
fn a_closed_pipe_stops_nothing() {
    let sandbox = Sandbox::empty();
    for name in ["a", "b", "c"] {
        sandbox.write(format!("{name}.csv"), &table());
    }
    // The end that reads is gone before anything is written.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sandbox.command(&["convert", "a.csv", "b.csv", "c.csv", "--out", "out"]);
    let output = command.stdout(writer).stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(sandbox.files("out").len(), 3);
}

/// A long table of several sensors, of which each was worn elsewhere.
fn placements() -> String {
    let mut text = String::from(
        "% A walk\n%a; 0; RIGHTPOCKET; Phone\n%b; 1; WRIST; SensorTag\n\
         % TimeStamp; Sample No; X-Axis; Y-Axis; Z-Axis; Sensor Type; Sensor ID\n",
    );
    for i in 0..1000u32 {
        let (t, noise) = (f64::from(i) / 50.0, 0.002 * (f64::from(i) * 2.7).sin());
        let step = 0.3 * (12.0 * t).sin();
        for device in 0..2 {
            writeln!(text, "{};{i};{noise:.4};{:.4};{:.4};0;{device}", i * 20, 1.0 + step, 0.1 + noise)
                .unwrap();
        }
    }
    text
}

#[test]
fn recordings_of_one_file_are_told_apart_by_placement() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path("all/p01")).unwrap();
    sandbox.write("all/p01/fall.csv", &placements());
    let done = sandbox.run(&["convert", "all", "--out", "out"]).expect(0);
    let done = done.says(&["recording 2 of 2"]);
    let names: Vec<String> = sandbox.files("out").iter().map(|path| path.display().to_string()).collect();
    assert_eq!(names.len(), 2);
    assert!(
        names.iter().any(|name| name.starts_with("fall-") && name.contains("wrist")),
        "{names:?} {}",
        done.stderr
    );
    let inspected = sandbox.run(&["inspect", "--json", &format!("out/{}", names[0])]).expect(0).stdout;
    assert!(inspected.contains("from p01/fall.csv"), "{inspected}");
    let page = ["inspect", "all/p01/fall.csv", "--html", "page.html"];
    assert!(sandbox.run(&page).expect(0).stdout.to_lowercase().contains("recording 2 of 2, wrist"));
    assert!(sandbox.text("page.html").to_lowercase().contains("fall.csv, recording 2 of 2, wrist"));
}
