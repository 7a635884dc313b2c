//! `ambulo personal`

use crate::documentation::{fields, page};
use crate::finetuning::{MODEL, sandbox};
use crate::support::{Done, Sandbox};
use serde_json::Value;
use std::collections::BTreeSet;

/// Asks with two draws of four seconds of what people of the data set `one` did.
fn ask(sandbox: &Sandbox, models: &[&str], more: &[&str]) -> Done {
    let mut words = vec!["personal"];
    words.extend(models);
    words.extend(["--draws", "2", "--seconds", "4", "--threads", "1"]);
    words.extend(more);
    sandbox.run(&words)
}

fn json(done: Done) -> Value {
    serde_json::from_str(&done.expect(0).stdout).unwrap()
}

fn people(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|person| person.as_str().unwrap()).collect()
}

#[test]
fn everyone_of_a_run_over_folds_is_asked_of_the_fold_that_tested_them() {
    let sandbox = sandbox();
    let words = "personal a --data one --seconds 6,3 --pieces 2 --draws 3 --out p --json --threads";
    let run = |threads: &str, out: &str| {
        let words: Vec<&str> =
            words.split(' ').map(|word| if word == "p" { out } else { word }).chain([threads]).collect();
        sandbox.run(&words)
    };
    let figures = json(run("1", "p"));
    assert_eq!(figures, sandbox.json("p/personal.json"));
    let asked: Vec<(&str, Vec<&str>)> = (figures["models"].as_array().unwrap().iter())
        .map(|model| (model["name"].as_str().unwrap(), people(&model["people"])))
        .collect();
    let expected = [
        ("a/folds/01", vec!["p1"]),
        ("a/folds/02", vec!["p2"]),
        ("a/folds/03", vec!["p3"]),
        ("a/folds/04", vec!["p4"]),
    ];
    assert_eq!(asked, expected);
    assert!(figures["models"].as_array().unwrap().iter().all(|model| model["memory_added"] == true));
    let points = figures["points"].as_array().unwrap();
    let amounts: Vec<(f64, u64)> =
        points.iter().map(|p| (p["seconds"].as_f64().unwrap(), p["pieces"].as_u64().unwrap())).collect();
    assert_eq!(amounts, [(6.0, 2), (3.0, 1)], "two pieces of three seconds would be shorter than a window");
    for point in points {
        let summary = &point["summaries"][0];
        assert_eq!((summary["dataset"].as_str(), summary["people"].as_u64()), (Some("one"), Some(4)));
        let mut gains = Vec::new();
        for person in point["people"].as_array().unwrap() {
            let number = |key: &str| person[key].as_f64().unwrap();
            let draws = person["by_draw"].as_array().unwrap();
            assert_eq!(draws.len(), 3);
            assert!(number("windows") > 5.0 && number("mistakes_after") <= 1.0);
            gains.push(number("mistakes_before") - number("mistakes_after"));
            let given = person["given_s"].as_object().unwrap();
            assert_eq!(given.keys().collect::<Vec<_>>(), ["sitting", "walking"]);
        }
        let mean = gains.iter().sum::<f64>() / 4.0;
        assert!((summary["gain"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    }

    // The same bits with two threads; the same command makes its files anew, another one does not touch them.
    let mut two = json(run("2", "q"));
    for key in ["finished", "command"] {
        two[key] = figures[key].clone();
    }
    assert_eq!(two, figures);
    run("2", "p").expect(0);
    let other = ask(&sandbox, &["a"], &["--data", "one", "--out", "p"]).expect(2).silent();
    assert!(other.stderr.contains("p/personal.json") && other.stderr.contains("hint: "), "{}", other.stderr);
    assert_eq!(sandbox.json("p/personal.json")["points"], figures["points"]);

    let html = sandbox.text("p/personal.html");
    for words in ["6 s of each activity in 2 pieces", "3 s of each activity", "a/folds/03", ">p4<"] {
        assert!(html.contains(words), "{words}");
    }
    let mut found = BTreeSet::new();
    fields(&figures, &mut found);
    let known = page("FORMATS.md");
    let words: BTreeSet<&str> = known.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let is_activity = |key: &str| ["sitting", "walking"].contains(&key);
    let missing: Vec<&String> =
        found.iter().filter(|key| !words.contains(key.as_str()) && !is_activity(key)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in FORMATS.md");
}

#[test]
fn nobody_whom_a_model_or_its_ancestors_have_seen_is_asked() {
    let sandbox = sandbox();
    // A file of a run has its record beside it; another fold has the same people but one.
    let both = json(ask(&sandbox, &["a/folds/02", MODEL], &["--data", "one", "--json"]));
    assert_eq!(people(&both["models"][0]["people"]), ["p2"]);
    assert_eq!(people(&both["models"][1]["people"]), ["p1"]);
    // People of another data set are new to every fold: the first is asked, and that is said.
    let done = ask(&sandbox, &["a"], &["--data", "two", "--json"]).expect(0);
    assert!(done.stderr.contains("several models have not seen"), "{}", done.stderr);
    let strangers: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(people(&strangers["models"][0]["people"]), ["p1", "p2", "p3", "p4"]);
    assert!(people(&strangers["models"][1]["people"]).is_empty());
    // A child of fold 1 that was trained on the other data set has seen the people of its parent.
    let words = format!("train --from {MODEL} --data two --epochs 1 --threads 1 --out b");
    sandbox.run(&words.split(' ').collect::<Vec<_>>()).expect(0);
    let child = json(ask(&sandbox, &["b/folds/01"], &["--data", "one", "--json"]));
    assert_eq!(people(&child["models"][0]["people"]), ["p1"]);
    let nobody = ask(&sandbox, &[MODEL, "b/folds/02"], &["--data", "one", "--data", "two", "--json"]);
    let of_both = json(nobody);
    assert_eq!(people(&of_both["models"][0]["people"]), ["one/p1", "two/p1", "two/p2", "two/p3", "two/p4"]);
}

#[test]
fn a_new_activity_is_found_by_those_who_gave_it() {
    let sandbox = sandbox();
    let text = sandbox.text("two/two.toml").replace("walk = \"walking\"", "walk = \"running\"");
    sandbox.write("two/two.toml", &text);
    let done = ask(&sandbox, &["a/folds/01"], &["--data", "two", "--new", "running", "--out", "n"]).expect(0);
    for words in ["running is found for", "the others lose"] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    let figures = sandbox.json("n/personal.json");
    assert_eq!(figures["new"]["activity"], "running");
    let score = &figures["points"][0]["people"][0];
    assert_eq!(score["recalls"]["running"][0], 0.0);
    assert!(score["recalls"]["running"][1].as_f64().unwrap() > 0.5, "{score}");
    let windows = score["windows"].as_f64().unwrap();
    assert!(windows > 5.0 && windows < 20.0, "only sitting counts: {score}");
    assert!(sandbox.text("n/personal.html").contains("The new activity"));
    let alone = ["--data", "two", "--new", "Running", "--alone", "--json"];
    let figures = json(ask(&sandbox, &["a/folds/01"], &alone));
    let given = &figures["points"][0]["people"][0]["given_s"];
    assert_eq!(given.as_object().unwrap().keys().collect::<Vec<_>>(), ["running"]);
}

#[test]
fn ways_are_taken_one_after_the_other_and_a_step_that_learns_nothing_is_counted() {
    let sandbox = sandbox();
    // Half a minute of two activities is too little for statistics.
    let more = ["--data", "one", "--way", "statistics,head", "--out", "w"];
    let done = ask(&sandbox, &["a"], &more).expect(0);
    assert!(done.stdout.contains("in 8 of 8 draws what was given taught a step nothing"), "{}", done.stdout);
    assert!(
        done.stdout.contains("4 s of each activity, and recordings without labels, one"),
        "{}",
        done.stdout
    );
    let both = sandbox.json("w/personal.json");
    assert_eq!(both["way"]["method"], "statistics, head");
    assert_eq!(
        both["command"],
        "ambulo personal a --data one --way statistics,head --seconds 4 --pieces 1 --draws 2 --shrinkage 200 --out w"
    );
    let page_text = sandbox.text("w/personal.html");
    for words in
        ["One after the other: a share", "then the network stays", "Nothing to learn from in 8 of 8 draws"]
    {
        assert!(page_text.contains(words), "{words}");
    }
    let head = json(ask(&sandbox, &["a"], &["--data", "one", "--json"]));
    let score = |of: &Value| of["points"][0]["people"][0]["mistakes_after"].clone();
    assert_eq!(score(&both), score(&head));

    let words = ["personal", "a", "--data", "one", "--way", "clusters", "--out", "c", "--json"];
    let alone = json(sandbox.run(&words));
    let point = &alone["points"][0];
    assert_eq!((point["seconds"].as_f64(), point["pieces"].as_u64()), (Some(0.0), Some(0)));
    let person = &point["people"][0];
    assert_eq!(person["by_draw"].as_array().unwrap().len(), 1);
    assert!(person["given_s"].as_object().unwrap().is_empty());
    let page_text = sandbox.text("c/personal.html");
    for words in ["recordings are worth, without labels", "all recordings without labels were given"] {
        assert!(page_text.contains(words), "{words}");
    }
    let mut found = BTreeSet::new();
    fields(&both, &mut found);
    fields(&alone, &mut found);
    let known = page("FORMATS.md");
    let missing: Vec<&String> = found
        .iter()
        .filter(|key| !known.contains(key.as_str()) && !["sitting", "walking"].contains(&key.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are not in FORMATS.md");

    for (more, words) in [
        (&["--way", "clusters", "--seconds", "4"][..], &["seconds is [4"][..]),
        (&["--way", "statistics", "--pieces", "2"], &["pieces is 2"]),
        (&["--way", "clusters", "--new", "rowing"], &["new is an activity"]),
        (&["--way", "head,head"], &["way is head, head"]),
        (&["--way", "magic"], &["magic", "clusters"]),
        (&["--across"], &["there is nobody in one", "one recording alone"]),
        (&["--way", "clusters", "--timeline", "waist"], &["timeline is waist", "other activities"]),
        (&["--way", "clusters", "--timeline", MODEL], &["no prior over time"]),
    ] {
        let given = [&["personal", MODEL, "--data", "one", "--out", "x"], more].concat();
        sandbox.run(&given).expect(2).silent().says(words);
        assert!(!sandbox.path("x").exists(), "{more:?}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_reason_and_nothing_is_written() {
    let sandbox = sandbox();
    for (models, more, words) in [
        (&["nothing"][..], &[][..], &["there is no model"][..]),
        (&[MODEL], &["--new", "sitting"], &["knows sitting already", "--new"]),
        (&[MODEL], &["--new", "rowing"], &["there is nobody in one", "no window of rowing"]),
        (&[MODEL], &["--alone"], &["--new"]),
        (&[MODEL], &["--seconds", "-1"], &["seconds is -1"]),
        (&[MODEL], &["--pieces", "0"], &["pieces is 0"]),
        (&[MODEL], &["--draws", "0"], &["draws is 0"]),
        (&[MODEL], &["--shrinkage", "0"], &["shrinkage is 0"]),
        (&[MODEL], &["--seconds", "400"], &["there is nobody in one", "nothing is left"]),
    ] {
        let mut words_given = vec!["personal"];
        words_given.extend(models);
        words_given.extend(["--data", "one", "--out", "x"]);
        words_given.extend(more);
        sandbox.run(&words_given).expect(2).silent().says(words);
        assert!(!sandbox.path("x").exists(), "{more:?}");
    }
    // All of them are known to a model that was trained on everybody.
    let words = "train --data one --config all.toml --model tiny --orientation levelled --sensors acceleration --epochs 1 --threads 1 --out c";
    sandbox.write(
        "all.toml",
        "labels = [\"sitting\", \"walking\"]\nprotocol = \"loso\"\nfold = 2\n[validation]\nsubjects = 1\n",
    );
    sandbox.run(&words.split(' ').collect::<Vec<_>>()).expect(0);
    std::fs::remove_file(sandbox.path("one/p2-waist.csv")).unwrap();
    ask(&sandbox, &["c"], &["--data", "one"]).expect(2).silent().says(&["all of its 3 people", "hint: "]);
    // A page that somebody else put there stays.
    std::fs::create_dir(sandbox.path("mine")).unwrap();
    sandbox.write("mine/personal.html", "mine");
    let refused = ask(&sandbox, &[MODEL], &["--data", "one", "--out", "mine"]).expect(2).silent();
    assert!(refused.stderr.contains("mine/personal.html"), "{}", refused.stderr);
    assert_eq!(sandbox.text("mine/personal.html"), "mine");
}
