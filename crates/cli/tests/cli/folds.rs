//! Protocols with folds: everyone is tested once, by a model that has not seen them.

use crate::support::records::{Row, assert_same_results, figures, lines, numbers as people, predictions};
use crate::support::{PEOPLE, Sandbox, tiny};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The groups of `groups10`: figures on record are those of these groups.
const GROUPS: [[u64; 3]; 10] = [
    [8, 18, 23],
    [5, 10, 21],
    [3, 13, 28],
    [20, 24, 25],
    [4, 12, 26],
    [11, 17, 22],
    [6, 9, 29],
    [7, 15, 27],
    [1, 16, 30],
    [2, 14, 19],
];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A run over ten groups by two seeds, for all tests that compare with it.
fn with_groups() -> Sandbox {
    static RUN: OnceLock<Sandbox> = OnceLock::new();
    let whole = RUN.get_or_init(|| {
        let sandbox = Sandbox::new();
        sandbox.write("groups.toml", &groups());
        sandbox.run(&["train", "--config", "groups.toml", "--out", "runs/done"]).expect(0);
        sandbox
    });
    let sandbox = Sandbox::new();
    sandbox.write("groups.toml", &groups());
    for file in whole.files("runs/done") {
        let path = sandbox.path("runs/done").join(&file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, whole.read(Path::new("runs/done").join(file))).unwrap();
    }
    sandbox
}

fn groups() -> String {
    let protocol = "protocol = \"groups10\"\ndata = \"HAPT Data Set\"";
    tiny(&[("data = \"HAPT Data Set\"", protocol), ("epochs = 3", "epochs = 2"), ("[5]", "[5, 6]")])
}

#[test]
fn every_fold_is_a_run_of_its_own_and_everyone_is_tested_once() {
    let sandbox = with_groups();
    let metrics = sandbox.json("runs/done/metrics.json");
    assert_eq!(metrics["protocol"], "groups10");
    let folds = metrics["folds"].as_array().unwrap();
    assert_eq!(folds.len(), 10);
    for (fold, group) in folds.iter().zip(GROUPS) {
        let part = format!("runs/done/folds/{:02}", fold["fold"].as_u64().unwrap());
        let own = sandbox.json(format!("{part}/metrics.json"));
        assert_eq!(people(&own["subjects"]["test"]), group);
        for key in ["subjects", "windows", "train_seconds"] {
            assert_eq!(fold[key], own[key], "{key} of {part}");
        }
        for key in ["accuracy", "macro_f1"] {
            assert_eq!(fold[key], own["test"][key]["mean"], "{key} of {part}");
        }
        let mut everyone = ["train", "validation", "test"].map(|p| people(&own["subjects"][p])).concat();
        everyone.sort_unstable();
        assert!(everyone.iter().copied().eq(1..=30), "{part}: {everyone:?}");
        let log = lines(&sandbox, format!("{part}/evaluations.jsonl"));
        assert_eq!(log.len(), 1);
        assert_eq!(people(&log[0]["subjects"]), group);
        for file in ["model.safetensors", "models/seed-6.safetensors", "predictions.parquet", "config.toml"] {
            assert!(sandbox.path(&part).join(file).is_file(), "{part}/{file}");
        }
    }
    let top: BTreeSet<String> = sandbox
        .files("runs/done")
        .iter()
        .filter(|p| p.parent() == Some(Path::new("")))
        .map(|p| p.to_str().unwrap().to_owned())
        .collect();
    let expected = [
        "MODEL_CARD.md",
        "config.toml",
        "metrics.json",
        "mistakes.json",
        "predictions.parquet",
        "report.html",
        "wearings.json",
    ];
    assert!(top.iter().map(String::as_str).eq(expected), "{top:?}");
}

/// Expected calibration error of the softmax of the logits, in 15 bins of equal width.
fn calibration_error(rows: &[&Row]) -> f64 {
    let mut bins = [(0.0, 0.0); 15];
    for row in rows {
        let exponentials: Vec<f64> = row.logits.iter().map(|&z| f64::from(z).exp()).collect();
        let confidence = exponentials.iter().copied().fold(0.0, f64::max) / exponentials.iter().sum::<f64>();
        let bin = ((15.0 * confidence).ceil() as usize).clamp(1, 15) - 1;
        bins[bin].0 += confidence;
        bins[bin].1 += f64::from(u8::from(row.label == row.predicted));
    }
    bins.iter().map(|(confidence, right)| (confidence - right).abs()).sum::<f64>() / rows.len() as f64
}

#[test]
fn figures_are_pooled_over_everyone() {
    let sandbox = with_groups();
    let metrics = sandbox.json("runs/done/metrics.json");
    let test = &metrics["test"];
    let rows = predictions(&sandbox, "runs/done");
    // Thirty windows of each person and seed.
    assert_eq!(rows.len(), 2 * 900);
    for (i, seed) in [5, 6].into_iter().enumerate() {
        let own: Vec<_> = rows.iter().filter(|r| r.seed == seed).collect();
        let windows: BTreeSet<_> =
            own.iter().map(|r| (r.subject.clone(), r.recording.clone(), r.start)).collect();
        assert_eq!((own.len(), windows.len()), (900, 900), "seed {seed}");
        let right = own.iter().filter(|r| r.label == r.predicted).count();
        let accuracy = number(&test["per_seed"][i]["accuracy"]);
        assert!((accuracy - right as f64 / 900.0).abs() < 1e-12, "seed {seed}: {accuracy}");
        // Every fold has a temperature of its own; what was before it is in the logits.
        let before = number(&test["per_seed"][i]["ece_uncalibrated"]);
        let expected = calibration_error(&own);
        assert!((before - expected).abs() < 1e-6, "seed {seed}: {before}, {expected} expected");
    }
    assert_eq!(people(&metrics["subjects"]["test"]), (1..=30).collect::<Vec<_>>());
    assert_eq!(metrics["windows"]["test"], 900);
    let row = |row: &Value| row.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum::<u64>();
    let confusion: u64 = test["confusion"].as_array().unwrap().iter().map(row).sum();
    assert_eq!(confusion, 2 * 900);
    assert_eq!(test["per_subject"].as_object().unwrap().len(), 30);
    for fold in metrics["folds"].as_array().unwrap() {
        let own = sandbox.json(format!("runs/done/folds/{:02}/metrics.json", fold["fold"].as_u64().unwrap()));
        for (person, figures) in own["test"]["per_subject"].as_object().unwrap() {
            assert_eq!(test["per_subject"][person], *figures, "person {person}");
        }
    }
    // What each wearing was answered, too: means of the folds, which have equally many windows.
    for (i, worn) in test["wearings"].as_array().unwrap().iter().enumerate() {
        let mean = (1..=10)
            .map(|fold| sandbox.json(format!("runs/done/folds/{fold:02}/metrics.json")))
            .map(|own| number(&own["test"]["wearings"][i]["accuracy"]["mean"]))
            .sum::<f64>()
            / 10.0;
        assert!((number(&worn["accuracy"]["mean"]) - mean).abs() < 1e-12, "{worn}: {mean}");
    }
    let page = sandbox.text("runs/done/report.html");
    let accuracy = 100.0 * number(&test["accuracy"]["mean"]);
    assert!(page.contains(&format!("{accuracy:.1}")), "the accuracy {accuracy} is not in the report");
}

#[test]
fn the_number_of_threads_does_not_change_a_bit_of_any_fold() {
    let sandbox = with_groups();
    let run = ["train", "--config", "groups.toml", "--threads", "2", "--out", "two", "--json"];
    let done = sandbox.run(&run).expect(0).says(&["10 folds, 2 at a time"]);
    assert_eq!(done.stdout, sandbox.text("two/metrics.json"));
    // The number of threads is part of the configuration.
    let config = sandbox.text("two/config.toml");
    sandbox.write("two/config.toml", &config.replace("threads = 2", "threads = 1"));
    assert_same_results((&sandbox, "runs/done"), (&sandbox, "two"));
}

/// The folds that are finished, with the moment at which each was.
fn finished(sandbox: &Sandbox) -> BTreeMap<usize, SystemTime> {
    let moment = |fold: usize| {
        let metrics = std::fs::metadata(sandbox.path(format!("run/folds/{fold:02}/metrics.json"))).ok()?;
        Some((fold, metrics.modified().unwrap()))
    };
    (1..=10).filter_map(moment).collect()
}

#[test]
#[cfg(unix)]
fn a_run_stopped_within_a_fold_and_killed_in_another_ends_as_if_it_had_not_been() {
    let sandbox = with_groups();
    let train = ["train", "--config", "groups.toml", "--out", "run"];
    let resume = ["train", "--resume", "run"];
    let mut started = sandbox.start(&train, "fold 3: 690 training");
    // In the middle of its first training.
    let records = sandbox.path("run/folds/03/metrics.jsonl");
    started.until(|| std::fs::metadata(&records).is_ok_and(|m| m.len() > 0));
    let stopped = started.interrupt().expect(130).silent();
    let first = finished(&sandbox);
    assert!(first.contains_key(&2) && first.len() < 5, "{first:?}\n{}", stopped.stderr);
    stopped.says(&["hint: go on with: ambulo train --resume run\n"]);
    assert!(!sandbox.path("run/metrics.json").exists());

    let killed = sandbox.start(&resume, "fold 6: 690 training").kill();
    assert_eq!(killed.code, None, "it ended before it was killed:\n{}", killed.stderr);
    let second = finished(&sandbox);
    assert!(second.contains_key(&5) && second.len() < 10, "{second:?}\n{}", killed.stderr);

    let done = sandbox.run(&resume).expect(0);
    let third = finished(&sandbox);
    assert_eq!(third.len(), 10);
    // Finished folds are left alone.
    for (before, after, said) in [(&first, &second, &killed.stderr), (&second, &third, &done.stderr)] {
        for (fold, moment) in before {
            assert_eq!(after.get(fold), Some(moment), "fold {fold} was written again");
            assert!(!said.contains(&format!("fold {fold}:")), "{said}");
        }
    }
    for fold in 1..=10 {
        assert_eq!(lines(&sandbox, format!("run/folds/{fold:02}/evaluations.jsonl")).len(), 1, "fold {fold}");
    }
    assert_same_results((&sandbox, "runs/done"), (&sandbox, "run"));
    sandbox.run(&resume).expect(2).silent().says(&["the run in run is finished"]);
}

#[test]
fn leaving_one_person_out_has_a_fold_for_each() {
    let sandbox = Sandbox::new();
    sandbox.remove_people(&(1..=30).filter(|p| ![3, 4, 11, 27].contains(p)).collect::<Vec<u64>>());
    sandbox.write("c.toml", &tiny(&[("subjects = 4", "subjects = 1"), ("epochs = 3", "epochs = 1")]));
    let run = ["train", "--config", "c.toml", "--protocol", "loso", "--threads", "2", "--out", "run"];
    let done = sandbox.run(&run).expect(0);
    assert!(done.stdout.contains("protocol loso: 120 windows of 4 people"), "{}", done.stdout);
    assert!(!done.stdout.contains("model.safetensors"), "there is no one model:\n{}", done.stdout);
    let metrics = sandbox.json("run/metrics.json");
    let tested: Vec<_> =
        metrics["folds"].as_array().unwrap().iter().map(|f| people(&f["subjects"]["test"])).collect();
    assert_eq!(tested, [[3], [4], [11], [27]]);
    assert_eq!(metrics["windows"], json!({"train": 240, "validation": 120, "test": 120}));
    // A fold is a run like any other: it can be repeated, and its model evaluated on its person.
    let repeat = ["train", "--config", "run/folds/03/config.toml", "--data", PEOPLE, "--out", "again"];
    sandbox.run(&repeat).expect(0);
    assert_eq!(figures(&sandbox, "again"), figures(&sandbox, "run/folds/03"));
    let done = sandbox.run(&["evaluate", "run/folds/03", "--data", PEOPLE, "--json"]).expect(0);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(people(&found["subjects"]), [11]);
    assert_eq!(found["test"]["confusion"], sandbox.json("again/metrics.json")["test"]["confusion"]);
}

#[test]
fn folds_that_there_are_not_and_people_who_do_not_fit_leave_no_run() {
    let sandbox = Sandbox::new();
    let refused = |config: &str, words: &[&str]| {
        sandbox.write("c.toml", config);
        let run = ["train", "--config", "c.toml", "--out", "run"];
        let done = sandbox.run(&run).silent().says(words);
        assert!(matches!(done.code, Some(1 | 2)), "{done:?}");
        assert!(!sandbox.path("run").exists(), "a run directory was left behind");
    };
    let data = "data = \"HAPT Data Set\"";
    let of =
        |protocol: &str, fold: &str| tiny(&[(data, &format!("{data}\nprotocol = \"{protocol}\"\n{fold}"))]);
    refused(&of("groups10", "fold = 11"), &["11", "groups10", "10"]);
    refused(&of("loso", "fold = 31"), &["31", "loso", "30"]);
    refused(&of("loso", "fold = 0"), &["fold is 0"]);
    refused(&of("loso", "").replace("subjects = 4", "subjects = 29"), &["29"]);
    refused(
        &of("groups10", "").replace("window = 32", "window = 161"),
        &["fold 1", "no window of 161 samples"],
    );
    refused(&of("groups40", ""), &["groups40", "it has 30 people"]);
    sandbox.remove_people(&[30]);
    refused(&of("official", ""), &["official", "subjects 1 to 30", "28, 29\n"]);
}
