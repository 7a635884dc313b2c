//! `ambulo adapt`

use crate::classify::table;
use crate::support::Sandbox;

/// Three minutes of walking, standing and lying, in which a few seconds of each are labelled, standing as rowing.
fn sandbox(labels: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("me.csv", &table(3, "10:00:00", 1));
    sandbox.write("labels.csv", &format!("start_s,end_s,label\n{labels}"));
    sandbox
}

const LABELS: &str = "5,20,walking\n30,40,walking\n90,105,rowing\n130,150,lying\n";
const ADAPT: [&str; 7] = ["adapt", "general", "me.csv", "--labels", "labels.csv", "--out", "me.safetensors"];

#[test]
fn a_personal_model_knows_what_was_named_and_says_how_well() {
    let sandbox = sandbox(LABELS);
    let done = sandbox.run(&ADAPT).expect(0).says(&["me.safetensors", "me.md"]);
    for words in ["walking", "rowing", "new", "lying"] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    let json = sandbox.run(&[&ADAPT[..], &["--json"]].concat()).expect(0).stdout;
    let said: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(said["base"], "general");
    let rowing = &said["activities"][1];
    assert_eq!((rowing["name"].as_str(), rowing["new"].as_bool()), (Some("rowing"), Some(true)));
    assert!(rowing["held_out"]["right_after"].as_u64() > Some(5), "{rowing}");
    let card = sandbox.text("me.md");
    assert!(
        card.starts_with("# me\n") && card.contains("| rowing |") && card.contains("`general`"),
        "{card}"
    );
    // Whatever takes a model takes this one.
    let run = sandbox.run(&["classify", "me.csv", "--model", "me.safetensors", "--no-smoothing"]).expect(0);
    assert!(run.stdout.contains("rowing"), "{}", run.stdout);
    let stream = sandbox.text("me.csv").lines().take(600).collect::<Vec<_>>().join("\n");
    sandbox.write("part.csv", &stream);
    // And it can be taught again, under another name.
    let again = ["adapt", "me.safetensors", "me.csv", "--labels", "labels.csv", "--out", "me2.safetensors"];
    let twice = sandbox.run(&again).expect(0);
    assert!(!twice.stdout.contains("new"), "{}", twice.stdout);
    let same = [&again[..6], &["me.safetensors"]].concat();
    sandbox.run(&same).expect(2).says(&["stays as it is"]);
}

#[test]
fn a_recording_for_each_activity_does_without_a_table() {
    let sandbox = sandbox(LABELS);
    let rows = sandbox.text("me.csv");
    let lines: Vec<&str> = rows.lines().collect();
    let part = |from: usize| [&lines[..1], &lines[from..from + 800]].concat().join("\n");
    sandbox.write("walk.csv", &part(200));
    sandbox.write("bed.csv", &part(6200));
    let words = [
        "adapt",
        "general",
        "walking=walk.csv",
        "lying=bed.csv",
        "--axes",
        "x=up",
        "--out",
        "me.safetensors",
    ];
    let done = sandbox.run(&words).expect(0);
    assert!(done.stdout.contains("walking") && done.stdout.contains("lying"), "{}", done.stdout);
    // Nobody walks in bed: which way is up has to be said, or is a guess that is told.
    let words = [&words[..4], &words[6..]].concat();
    sandbox.run(&words).expect(0).says(&["bed.csv", "--axes"]);
}

#[test]
fn what_cannot_be_learned_from_is_said_and_nothing_is_written() {
    for (labels, code, words) in [
        ("5,20,walking\n", 2, &["walking", "at least one more"][..]),
        ("5,6,walking\n60,61,lying\n", 2, &["no window"]),
        ("5,20,walking\n90,105,activity\n", 2, &["activity", "more exactly"]),
        ("5,20,walking\n10,15,lying\n", 1, &["labels.csv", "overlap"]),
        ("900,920,walking\n940,960,lying\n", 2, &["no window"]),
    ] {
        let sandbox = sandbox(labels);
        sandbox.run(&ADAPT).expect(code).silent().says(words);
        assert!(!sandbox.path("me.safetensors").exists() && !sandbox.path("me.md").exists(), "{labels}");
    }
    let sandbox = sandbox(LABELS);
    let unlabelled = ["adapt", "general", "me.csv", "--out", "me.safetensors"];
    sandbox.run(&unlabelled).expect(2).silent().says(&["it is not said what was done", "--labels"]);
    sandbox.run(&[&ADAPT[..], &["--shrinkage", "0"]].concat()).expect(2).silent().says(&["shrinkage of 0"]);
    // The same windows under two names.
    let words = ["adapt", "general", "walking=me.csv", "lying=me.csv", "--out", "me.safetensors"];
    sandbox.run(&words).expect(2).silent().says(&["walking", "lying", "the same windows"]);
    // Ten samples a second are too few.
    let rows = sandbox.text("me.csv");
    let slow: Vec<&str> =
        rows.lines().enumerate().filter(|(i, _)| *i == 0 || i % 5 == 1).map(|(_, l)| l).collect();
    sandbox.write("me.csv", &slow.join("\n"));
    sandbox.run(&ADAPT).expect(1).silent().says(&["me.csv", "Hz"]);
    assert!(!sandbox.path("me.safetensors").exists());
}
