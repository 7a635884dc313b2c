//! Whole recordings: `evaluate --continuous`, of test people and of files with labels in a table.

use crate::documentation::{fields, page};
use crate::support::records::{TEST_PEOPLE, lines, named};
use crate::support::{PEOPLE, Sandbox};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const MODEL: &str = "runs/done/model.safetensors";
const LOG: &str = "runs/done/evaluations.jsonl";

/// Writes a person's recording as a table, and the labels as another.
fn write_table(sandbox: &Sandbox, person: u64) {
    let file = |sensor| sandbox.text(format!("{PEOPLE}/RawData/{sensor}_exp{person:02}_user{person:02}.txt"));
    let (acc, gyro) = (file("acc"), file("gyro"));
    let mut table =
        "time (s),acc x (g),acc y (g),acc z (g),gyro x (rad/s),gyro y (rad/s),gyro z (rad/s)\n".to_owned();
    for (i, (a, g)) in acc.lines().zip(gyro.lines()).enumerate() {
        let row: Vec<&str> = a.split_whitespace().chain(g.split_whitespace()).collect();
        writeln!(table, "{:.2},{}", i as f64 / 50.0, row.join(",")).unwrap();
    }
    sandbox.write("walk.csv", &table);
    let names = ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];
    let mut truth = "recording,start_s,end_s,label\n".to_owned();
    for line in sandbox.text(format!("{PEOPLE}/RawData/labels.txt")).lines() {
        let numbers: Vec<u64> = line.split_whitespace().map(|n| n.parse().unwrap()).collect();
        if numbers[1] == person {
            let [start, end] = [numbers[3] - 1, numbers[4]].map(|sample| sample as f64 / 50.0);
            writeln!(truth, "walk,{start},{end},{}", names[numbers[2] as usize - 1]).unwrap();
        }
    }
    sandbox.write("truth.csv", &truth);
}

#[test]
fn test_people_are_scored_over_time_once_and_logged() {
    let sandbox = Sandbox::with_finished_run();
    let arguments = ["evaluate", MODEL, "--data", PEOPLE, "--continuous", "--json", "--out", "scored"];
    let done = sandbox.run(&arguments).expect(0).says(&["logged in", "scored/continuous.html"]);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found["subjects"], named(&TEST_PEOPLE));
    assert_eq!((&found["protocol"], &found["recordings"]), (&"official".into(), &9.into()));
    // Six activities of 160 samples for each of nine people.
    assert!((found["scored_s"].as_f64().unwrap() - 9.0 * 6.0 * 3.2).abs() < 1e-6, "{}", found["scored_s"]);
    let variants: Vec<&str> =
        found["variants"].as_array().unwrap().iter().map(|v| v["variant"].as_str().unwrap()).collect();
    assert_eq!(variants, ["unsmoothed", "causal", "whole-file"]);
    assert_eq!(found["variants"][1]["delay_s"], 2.0);
    for v in found["variants"].as_array().unwrap() {
        let events = &v["events"];
        let truth: u64 = ["deleted", "fragmented", "fragmented_merged", "merged", "correct"]
            .iter()
            .map(|kind| events[kind].as_u64().unwrap())
            .sum();
        assert_eq!(truth, 54, "each activity of each person is an event: {events}");
        let shares = ["class", "above", "unknown", "none"].map(|kind| v["answered"][kind].as_f64().unwrap());
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
        assert_eq!(v["per_person"].as_object().unwrap().len(), 9);
    }
    assert_eq!(sandbox.json("scored/continuous.json"), found);
    assert!(sandbox.text("scored/continuous.html").contains("9\u{a0}whole recordings"));
    let mut keys = BTreeSet::new();
    fields(&found, &mut keys);
    let page = page("CONTINUOUS.md");
    let words: BTreeSet<&str> = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let missing: Vec<&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(
        missing.is_empty() && keys.contains("fragmenting_merging"),
        "{missing:?} are not in CONTINUOUS.md"
    );
    let log = lines(&sandbox, LOG);
    assert_eq!((log.len(), &log[1]["recordings"], &log[1]["windows"]), (2, &9.into(), &0.into()));

    // Turned recordings are looked at along with the others: one evaluation, one entry.
    let turned = sandbox.run(&["evaluate", MODEL, "--data", PEOPLE, "--continuous", "--turned", "--json"]);
    let turned: Value = serde_json::from_str(&turned.expect(0).stdout).unwrap();
    assert_eq!(turned["variants"].as_array().unwrap()[..3], found["variants"].as_array().unwrap()[..]);
    let also = &turned["variants"].as_array().unwrap()[3..];
    assert!(also.len() == 3 && also.iter().all(|v| v["turned"] == true));
    // The model is for one way of wearing alone, so that turning must be felt.
    assert_ne!(also[0]["confusion_s"], found["variants"][0]["confusion_s"]);
    assert_eq!(lines(&sandbox, LOG).len(), 3);

    // Whatever the number of threads, to the bit.
    let again =
        sandbox.run(&["evaluate", "runs/done", "--data", PEOPLE, "--continuous", "--json", "--threads", "3"]);
    assert_eq!(again.expect(0).stdout, done.stdout);

    let words = sandbox.run(&[
        "evaluate",
        MODEL,
        "--data",
        PEOPLE,
        "--continuous",
        "--subjects",
        "4,20",
        "--delay",
        "0.5",
    ]);
    let words = words.expect(0);
    for word in [
        "2 whole recordings of 2 people (chosen)",
        "causal 0.5 s",
        "whole-file",
        "\nevents ",
        "walking_upstairs",
    ] {
        assert!(words.stdout.contains(word), "{word}: {}", words.stdout);
    }
}

#[test]
fn people_the_model_has_seen_are_refused_over_time_too() {
    let sandbox = Sandbox::with_finished_run();
    sandbox
        .run(&["evaluate", MODEL, "--data", PEOPLE, "--continuous", "--subjects", "1,2"])
        .expect(2)
        .silent()
        .says(&["cannot be evaluated on the subjects `1` of hapt"]);
    assert_eq!(lines(&sandbox, LOG).len(), 1);
}

#[test]
fn a_file_with_its_labels_has_the_figures_of_the_same_recording_in_a_data_set() {
    let sandbox = Sandbox::with_finished_run();
    write_table(&sandbox, 2);
    let data =
        sandbox.run(&["evaluate", MODEL, "--data", PEOPLE, "--continuous", "--subjects", "2", "--json"]);
    let data: Value = serde_json::from_str(&data.expect(0).stdout).unwrap();
    let logged = lines(&sandbox, LOG).len();
    let file =
        sandbox.run(&["evaluate", MODEL, "--continuous", "--truth", "truth.csv", "walk.csv", "--json"]);
    let file: Value = serde_json::from_str(&file.expect(0).stdout).unwrap();
    assert_eq!((&file["dataset"], &file["protocol"]), (&"truth.csv".into(), &"files".into()));
    assert_eq!(file["subjects"], serde_json::json!(["walk.csv"]));
    assert_eq!((&file["scored_s"], &file["labels"]), (&data["scored_s"], &data["labels"]));
    for (a, b) in data["variants"].as_array().unwrap().iter().zip(file["variants"].as_array().unwrap()) {
        for key in ["accuracy", "macro_f1", "events", "errors", "onset", "per_class"] {
            assert_eq!(a[key], b[key], "{key}");
        }
    }
    assert_eq!(lines(&sandbox, LOG).len(), logged, "nobody was looked at whom the protocol keeps apart");
}

#[test]
fn labels_of_any_depth_are_scored_and_others_are_named() {
    let sandbox = Sandbox::with_finished_run();
    write_table(&sandbox, 2);
    let truth = sandbox.text("truth.csv").replace("walking_upstairs", "stairs").replace("lying", "juggling");
    sandbox.write("truth.csv", &truth);
    let done = sandbox
        .run(&["evaluate", MODEL, "--continuous", "--truth", "truth.csv", "walk.csv", "--json"])
        .expect(0)
        .says(&["note: `juggling` says nothing about the labels of the model: 3.2 s are not scored"]);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&found["coarse_s"], &found["not_scored_s"]["juggling"]), (&3.2.into(), &3.2.into()));
    assert_eq!(found["variants"][0]["coarse"][0]["label"], "stairs");
}

#[test]
fn what_is_wrong_with_a_table_of_labels_is_said_with_its_line() {
    let sandbox = Sandbox::with_finished_run();
    write_table(&sandbox, 2);
    let run = |truth: &str, files: &[&str]| {
        sandbox.write("wrong.csv", truth);
        sandbox.run(&[&["evaluate", MODEL, "--continuous", "--truth", "wrong.csv"], files].concat())
    };
    let one = &["walk.csv"][..];
    run("start_s,end_s,label\n0,5,walking\n4,9,sitting\n", one)
        .expect(1)
        .silent()
        .says(&["wrong.csv: the intervals of lines 2 and 3 overlap", "hint: "]);
    run("start_s,end_s,label\n5,4,walking\n", one)
        .expect(1)
        .silent()
        .says(&["wrong.csv, line 2: the interval ends at 4 s"]);
    run("start_s,label\n", one).expect(1).silent().says(&["no column `end_s`"]);
    run("recording,start_s,end_s,label\nrun,0,5,walking\n", one)
        .expect(2)
        .silent()
        .says(&["labels for `run`, which is none of the files: walk.csv"]);
    run("start_s,end_s,label\n900,901,walking\n", one).expect(1).silent();
    run("start_s,end_s,label\n0,5,walking\n", &["nowhere.csv"]).expect(1).silent().says(&["nowhere.csv"]);
}

#[test]
fn options_that_belong_together_are_asked_for_together() {
    let sandbox = Sandbox::with_finished_run();
    for (arguments, says) in [
        (&["walk.csv"][..], "--truth"),
        (&["--truth", "truth.csv", "walk.csv"], "--continuous"),
        (&["--continuous", "--truth", "truth.csv"], "FILE"),
        (&["--out", "scored"], "--continuous"),
        (&["--continuous", "--delay", "9"], "--delay is 9, expected 0 to 5 seconds"),
        (&["--continuous", "--truth", "truth.csv", "walk.csv", "--data", PEOPLE], "cannot be used with"),
    ] {
        sandbox.run(&[&["evaluate", MODEL], arguments].concat()).expect(2).silent().says(&[says]);
    }
    assert_eq!(lines(&sandbox, LOG).len(), 1);
}
