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
fn normalisation_is_moved_where_that_is_asked_for_and_the_model_stays() {
    let sandbox = sandbox(LABELS);
    let words = [&ADAPT[..], &["--method", "network", "--json"]].concat();
    let json = sandbox.run(&words).expect(0).says(&["me.safetensors", "me.md"]).stdout;
    let said: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((said["method"].as_str(), said["base"].as_str()), (Some("network"), Some("general")));
    assert!(said["tuning"]["steps"].as_u64() > Some(1) && said["tuning"]["strength"].is_number(), "{said}");
    assert!(said["activities"][1]["held_out"]["right_after"].as_u64() > Some(5), "{said}");
    let card = sandbox.text("me.md");
    assert!(
        card.contains("normalisation") && card.contains("steps") && card.contains("| rowing |"),
        "{card}"
    );
    let read = |name: &str| std::fs::read(sandbox.path(name)).unwrap();
    let own = read("me.safetensors");
    // The same for any number of threads, and adapted again it stays as it is.
    let again = [&words[..6], &["again.safetensors", "--method", "network"]].concat();
    let mut command = sandbox.command(&again);
    let done = crate::support::finish(command.env("RAYON_NUM_THREADS", "1").output().unwrap());
    done.expect(0);
    assert_eq!(own, read("again.safetensors"));
    let twice = ["adapt", "me.safetensors", "me.csv", "--labels", "labels.csv", "--method", "network"];
    sandbox.run(&[&twice[..], &["--out", "twice.safetensors"]].concat()).expect(0);
    assert_eq!(own, read("me.safetensors"));
    let run =
        sandbox.run(&["classify", "me.csv", "--model", "twice.safetensors", "--no-smoothing"]).expect(0);
    assert!(run.stdout.contains("rowing"), "{}", run.stdout);
    // What teaches nothing is refused alike, and nothing is written.
    for (labels, words) in [
        ("5,20,walking\n", &["walking", "at least one more"][..]),
        ("5,6,walking\n60,61,lying\n", &["no window"]),
        ("5,20,walking\n90,105,activity\n", &["activity", "more exactly"]),
    ] {
        let sandbox = self::sandbox(labels);
        sandbox.run(&[&ADAPT[..], &["--method", "network"]].concat()).expect(2).silent().says(words);
        assert!(!sandbox.path("me.safetensors").exists() && !sandbox.path("me.md").exists(), "{labels}");
    }
    sandbox.run(&[&ADAPT[..], &["--method", "all"]].concat()).expect(2).says(&["network", "head"]);
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
    // A unit that contradicts what was measured is said, and the tenth of it is not taken silently.
    let small: String = (sandbox.text("me.csv").lines())
        .map(|row| row.replace(" (m/s²)", "").replace(" (rad/s)", "") + "\n")
        .collect();
    sandbox.write("plain.csv", &small);
    let units =
        ["adapt", "general", "plain.csv", "--labels", "labels.csv", "--out", "odd.safetensors", "--units"];
    sandbox.run(&[&units[..], &["acc=g,gyro=rad/s"]].concat()).says(&["plain.csv", "in the declared g"]);
    // Ten samples a second are too few.
    let rows = sandbox.text("me.csv");
    let slow: Vec<&str> =
        rows.lines().enumerate().filter(|(i, _)| *i == 0 || i % 5 == 1).map(|(_, l)| l).collect();
    sandbox.write("me.csv", &slow.join("\n"));
    sandbox.run(&ADAPT).expect(1).silent().says(&["me.csv", "samples per second"]);
    assert!(!sandbox.path("me.safetensors").exists());
}

/// The samples of `me.csv` with what the wearer says before some of them, by number.
fn with_words(sandbox: &Sandbox, words: &[(usize, &str)]) -> String {
    let rows = sandbox.text("me.csv");
    let mut all = String::new();
    for (number, row) in rows.lines().enumerate() {
        for (_, word) in words.iter().filter(|(at, _)| *at == number) {
            all += &format!("{{\"activity\":{word}}}\n");
        }
        all += row;
        all.push('\n');
    }
    all
}

#[test]
fn a_stream_learns_from_what_the_wearer_says_while_it_answers() {
    let sandbox = sandbox(LABELS);
    let words = [
        (500, "\"walking\""),
        (1500, "null"),
        (4600, "\"rowing\""),
        (5300, "\"lying\""),
        (5400, "null"),
        (6100, "\"lying\""),
    ];
    let options = ["stream", "--axes", "x=up", "--teach", "me.safetensors", "--delay", "2"];
    let spoken = with_words(&sandbox, &words);
    let done = sandbox.feed(&options, &spoken).expect(0).says(&["me.safetensors", "me.md"]);
    let silent = sandbox.feed(&options[..3], &with_words(&sandbox, &[])).expect(0);
    assert_eq!(done.stdout, silent.stdout, "what is said changes no answer");
    let card = sandbox.text("me.md");
    assert!(
        card.contains("| rowing |") && card.contains("| walking |") && card.contains("| lying |"),
        "{card}"
    );
    let run = sandbox.run(&["classify", "me.csv", "--axes", "x=up", "--model", "me.safetensors"]).expect(0);
    assert!(run.stdout.contains("rowing"), "{}", run.stdout);
    // The same in two parts, with a state between them.
    let model = sandbox.read("me.safetensors");
    let lines: Vec<&str> = spoken.lines().collect();
    let with_state = [&options[..], &["--state", "state"]].concat();
    let (first, rest) = lines.split_at(4700);
    // Nothing but walking up to there, which teaches nothing by itself: the state is kept all the same.
    sandbox.feed(&with_state, &(first.join("\n") + "\n"));
    sandbox.feed(&with_state, &(rest.join("\n") + "\n")).expect(0);
    assert_eq!(sandbox.read("me.safetensors"), model);
    // Somebody who says nothing gets no model, and is told.
    sandbox.feed(&options, &with_words(&sandbox, &[])).expect(2).says(&["no window"]);
}

mod unlabelled;
