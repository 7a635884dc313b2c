//! `ambulo compare`

use crate::support::records::named;
use crate::support::{PEOPLE, Sandbox, WINDOWS, tiny};
use serde_json::Value;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// With a finished run, and another of another width.
fn with_two_runs() -> Sandbox {
    let sandbox = Sandbox::with_finished_run();
    sandbox
        .run(&["train", "--config", "tiny.toml", "--hidden", "2", "--epochs", "1", "--out", "runs/other"])
        .expect(0);
    sandbox
}

fn compared(sandbox: &Sandbox, runs: &[&str]) -> Value {
    let done = sandbox.run(&[&["compare", "--json"], runs].concat()).expect(0);
    assert_eq!(done.stderr, "");
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn runs_are_compared_person_by_person() {
    let sandbox = with_two_runs();
    let found = compared(&sandbox, &["runs/done", "runs/other"]);
    let both = ["runs/done", "runs/other"].map(|run| sandbox.json(format!("{run}/metrics.json")));
    assert_eq!(found["runs"], serde_json::json!(both));
    let [pair] = found["pairs"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((&pair["base"], &pair["other"]), (&"done".into(), &"other".into()));
    let people = pair["subjects"].as_array().unwrap();
    assert_eq!(people.len(), 9);
    let of = |run: usize, person: &Value| {
        number(&both[run]["test"]["per_subject"][person.as_str().unwrap()]["accuracy"])
    };
    let differences: Vec<f64> = people.iter().map(|p| of(1, p) - of(0, p)).collect();
    let mean = differences.iter().sum::<f64>() / 9.0;
    assert!(mean.abs() > 0.01, "the two runs are too much alike to tell anything: {differences:?}");
    assert!((number(&pair["difference"]) - mean).abs() < 1e-9, "{pair}: {differences:?}");
    let counted =
        |better: bool| differences.iter().filter(|d| if better { **d > 1e-9 } else { **d < -1e-9 }).count();
    assert_eq!(pair["better_worse"], serde_json::json!([counted(true), counted(false)]));
    let (low, high) = (number(&pair["ci95"][0]), number(&pair["ci95"][1]));
    assert!(low < mean && mean < high, "{pair}");
    assert!((0.0..1.0).contains(&number(&pair["p"])), "{pair}");

    // The other way round the sign is the other, and nothing else.
    let back = &compared(&sandbox, &["runs/other", "runs/done"])["pairs"][0];
    assert!((number(&back["difference"]) + mean).abs() < 1e-9, "{back}");
    assert_eq!((&back["p"], &back["better_worse"][0]), (&pair["p"], &pair["better_worse"][1]));
    let same = &compared(&sandbox, &["runs/done", "runs/done"])["pairs"][0];
    assert_eq!((number(&same["difference"]), number(&same["p"])), (0.0, 1.0));
    assert_eq!(same["ci95"], serde_json::json!([0.0, 0.0]));
}

#[test]
fn the_table_has_a_row_for_each_run_and_a_line_for_each_pair() {
    let sandbox = with_two_runs();
    let done = sandbox.run(&["compare", "runs/done", "runs/other/", "runs/done"]).expect(0);
    assert_eq!(done.stderr, "");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert!(lines[0].starts_with("run ") && lines[0].contains("worst person"), "{}", done.stdout);
    for (line, run) in lines[1..4].iter().zip(["done", "other", "done"]) {
        let test = &sandbox.json(format!("runs/{run}/metrics.json"))["test"];
        let share = |v: &Value| format!("{:.2}", 100.0 * number(v));
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[..4], [run, "official", "lstm", "fixed"]);
        for figure in [
            share(&test["accuracy"]["mean"]),
            format!("{:.4}", number(&test["macro_f1"]["mean"])),
            share(&test["wearings"][0]["accuracy"]["mean"]),
            share(&test["subject_accuracy"]["min"]),
        ] {
            assert!(words.contains(&figure.as_str()), "{figure}: {line}");
        }
        // Rows stand under their heads.
        assert_eq!(line.chars().count(), lines[0].chars().count(), "{}", done.stdout);
    }
    assert!(lines[5].starts_with("other against done: "), "{}", done.stdout);
    assert!(lines[6].starts_with("done against done: +0.00 points"), "{}", done.stdout);
    assert!(done.stdout.contains("of 9 people; p = "), "{}", done.stdout);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let sandbox = Sandbox::with_finished_run();
    let refused = |runs: &[&str], words: &[&str]| {
        let done = sandbox.run(&[&["compare"], runs].concat()).expect(2).silent();
        done.says(words);
    };
    refused(&["runs/done"], &["<RUNS>"]);
    refused(&["runs/done", "nope"], &["nope is no run directory", "metrics.json"]);
    std::fs::create_dir(sandbox.path("begun")).unwrap();
    refused(&["begun", "runs/done"], &["begun is no run directory", "metrics.json"]);

    sandbox.add_published_windows();
    sandbox.write(
        "windows.toml",
        &tiny(&[("window = 32", "window = 128"), (PEOPLE, WINDOWS), ("epochs = 3", "epochs = 1")]),
    );
    sandbox.run(&["train", "--config", "windows.toml", "--out", "windows"]).expect(0);
    refused(
        &["runs/done", "windows"],
        &["runs/done and windows cannot be compared", "hapt and uci-har differ"],
    );

    let data = "data = \"HAPT Data Set\"";
    let loso = |fold: usize| format!("{data}\nprotocol = \"loso\"\nfold = {fold}");
    for fold in [1, 2] {
        sandbox.write("fold.toml", &tiny(&[(data, &loso(fold)), ("epochs = 3", "epochs = 1")]));
        sandbox.run(&["train", "--config", "fold.toml", "--out", &format!("fold-{fold}")]).expect(0);
    }
    refused(&["fold-1", "fold-2"], &["no person was tested in both"]);
    // Person 2 is a test person of both protocols.
    assert_eq!(compared(&sandbox, &["runs/done", "fold-2"])["pairs"][0]["subjects"], named(&[2]));

    sandbox.label_transitions();
    sandbox
        .run(&["train", "--config", "tiny.toml", "--labels", "12", "--epochs", "1", "--out", "twelve"])
        .expect(0);
    refused(&["runs/done", "twelve"], &["6 activities and 12"]);
}
