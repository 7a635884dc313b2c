//! `ambulo train --few`

use crate::documentation::{fields, page};
use crate::finetuning::{MODEL, sandbox};
use crate::support::records::lines;
use serde_json::Value;
use std::collections::BTreeSet;

const SPLIT: &str = "labels = [\"sitting\", \"walking\"]\nprotocol = \"loso\"\nfold = 1\n[validation]\nsubjects = 1\n[training]\nleast_steps = 2\n";

#[test]
fn each_draw_is_tested_on_once_and_gone_on_with() {
    let sandbox = sandbox();
    sandbox.write("split.toml", SPLIT);
    let words = format!(
        "train --data two --config split.toml --from {MODEL} --epochs 1 --few people=1,windows=3,all --draws 2 --threads 2 --out f --json"
    );
    let words: Vec<&str> = words.split(' ').collect();
    let done = sandbox.run(&words).expect(0);
    let few: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(few, sandbox.json("f/few.json"));
    let points = few["points"].as_array().unwrap();
    let seen: Vec<(&str, u64, usize)> = points
        .iter()
        .map(|p| {
            (p["by"].as_str().unwrap(), p["count"].as_u64().unwrap(), p["draws"].as_array().unwrap().len())
        })
        .collect();
    assert_eq!(seen, [("people", 1, 2), ("windows", 3, 2), ("all", 2, 1)]);
    let [train, validation, test] =
        ["train", "validation", "test"].map(|of| few["subjects"][of].as_array().unwrap().clone());
    assert_eq!((train.len(), validation.len(), test.len()), (2, 1, 1));
    for point in points {
        for draw in point["draws"].as_array().unwrap() {
            let people = draw["people"].as_array().unwrap();
            assert!(people.iter().all(|p| train.contains(p) && !validation.contains(p) && !test.contains(p)));
            let difference =
                draw["from"]["macro_f1"].as_f64().unwrap() - draw["scratch"]["macro_f1"].as_f64().unwrap();
            let number = draw["draw"].as_u64().unwrap() as usize - 1;
            assert!((point["gain"]["by_draw"][number].as_f64().unwrap() - difference).abs() < 1e-12);
        }
        assert!(point["gain"]["ci95"].is_array() && point["gain"]["by_person"].is_object());
    }
    assert_eq!(points[1]["draws"][0]["windows"], 6, "three of each activity");

    // The ordinary way of a run: one logged look at the test people, the same draw and layers for both ways.
    for way in ["scratch", "from"] {
        let directory = format!("f/people-1/02/{way}");
        assert_eq!(lines(&sandbox, format!("{directory}/evaluations.jsonl")).len(), 1);
        let config = sandbox.text(format!("{directory}/config.toml"));
        assert!(
            config.contains("[few]\npeople = 1\ndraw = 2") && config.contains("least_steps = 2"),
            "{config}"
        );
        assert!(config.contains("refit = false"), "nobody but those drawn is trained on: {config}");
        assert_eq!(config.contains("[from]"), way == "from");
    }
    let epochs = lines(&sandbox, "f/windows-3/01/from/metrics.jsonl");
    assert_eq!(epochs[0]["step"], 2);
    let html = sandbox.text("f/few.html");
    assert!(
        html.contains("By number of labelled people") && html.contains("By labelled windows"),
        "no curve"
    );

    // What is there is not trained again; what is missing is, to the same figures.
    std::fs::remove_file(sandbox.path("f/few.json")).unwrap();
    std::fs::remove_dir_all(sandbox.path("f/people-1/01/from")).unwrap();
    let again = sandbox.run(&words).expect(0);
    assert_eq!(again.stderr.matches("macro-F1").count(), 1, "{}", again.stderr);
    let mut second: Value = serde_json::from_str(&again.stdout).unwrap();
    let first = &few["points"];
    second["points"][0]["draws"][0]["from"]["train_seconds"] =
        first[0]["draws"][0]["from"]["train_seconds"].clone();
    assert_eq!(second["points"], *first);

    let other = sandbox.run(&words.iter().map(|w| if *w == "1" { "2" } else { w }).collect::<Vec<_>>());
    assert_eq!(other.code, Some(2), "another configuration in the same directory: {}", other.stderr);

    let mut found = BTreeSet::new();
    fields(&few, &mut found);
    let known = page("FINETUNING.md");
    let words: BTreeSet<&str> = known.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    // Names of people are no fields.
    let missing: Vec<&String> =
        found.iter().filter(|key| !words.contains(key.as_str()) && !key.starts_with('p')).collect();
    assert!(missing.is_empty(), "{missing:?} are not in FINETUNING.md");
}

#[test]
fn without_a_model_there_is_one_curve_and_amounts_that_cannot_be_are_refused() {
    let sandbox = sandbox();
    sandbox.write("split.toml", SPLIT);
    let run = |more: &str| {
        let words = format!(
            "train --data two --config split.toml --model tiny --orientation levelled --sensors acceleration --epochs 1 --threads 1 {more}"
        );
        sandbox.run(&words.split(' ').collect::<Vec<_>>())
    };
    let done = run("--few people=2 --draws 1 --out f").expect(0);
    assert!(done.stdout.contains("people=2") && !done.stdout.contains("begun with"), "{}", done.stdout);
    assert!(sandbox.json("f/few.json")["points"][0].get("gain").is_none());
    let many = run("--few people=3 --draws 1 --out g").expect(2);
    assert!(many.stderr.contains("of 2 training people of two no 3"), "{}", many.stderr);
    run("--few hours=3 --out g").expect(2);
    run("--draws 3 --out g").expect(2);
    let folds = sandbox.run(&["train", "--data", "two", "--few", "people=1", "--out", "g"]).expect(2);
    assert!(folds.stderr.contains("protocol is loso"), "{}", folds.stderr);
    assert!(!sandbox.path("g").exists());
}
