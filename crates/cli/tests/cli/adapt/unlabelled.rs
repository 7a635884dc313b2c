//! Without labels.

use super::{ADAPT, LABELS, sandbox};
use crate::support::Sandbox;
use ambulo_data::Content;
use ambulo_signal::Sensor;
use std::fmt::Write as _;

/// Eight minutes of one of the people of HAPT, and a few of their labels.
fn person() -> Sandbox {
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    let one = recordings.iter().find(|one| one.person.to_string() == "17").unwrap();
    let recording = one.recording.load().unwrap();
    let [acc, gyro] =
        [Sensor::Accelerometer, Sensor::Gyroscope].map(|sensor| recording.sensor(sensor).unwrap());
    let mut text = String::from("time_s,ax (g),ay (g),az (g),gx (rad/s),gy (rad/s),gz (rad/s)\n");
    for (i, ([ax, ay, az], [gx, gy, gz])) in acc.values.iter().zip(&gyro.values).enumerate() {
        let t = i as f64 / 50.0;
        writeln!(text, "{t:.2},{ax:.5},{ay:.5},{az:.5},{gx:.5},{gy:.5},{gz:.5}").unwrap();
    }
    let sandbox = Sandbox::empty();
    sandbox.write("me.csv", &text);
    let mut labels = String::from("start_s,end_s,label\n");
    for activity in ["walking", "sitting", "standing", "lying"] {
        let label = one.labels.iter().find(|label| &*label.label == activity).unwrap();
        let start = label.start_ns as f64 / 1e9 + 1.0;
        writeln!(labels, "{start:.2},{:.2},{activity}", start + 6.0).unwrap();
    }
    sandbox.write("labels.csv", &labels);
    sandbox
}

const CLUSTERS: [&str; 7] =
    ["adapt", "waist", "me.csv", "--without-labels", "clusters", "--out", "me.safetensors"];

#[test]
fn some_minutes_without_labels_make_an_ordinary_model() {
    let sandbox = person();
    let done = sandbox.run(&CLUSTERS).expect(0).says(&["me.safetensors", "me.md"]);
    for words in
        ["learned from", "sitting", "left out as strange", "answers changed", "Nobody said which are right"]
    {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    let first = sandbox.read("me.safetensors");
    let json = sandbox.run(&[&CLUSTERS[..], &["--json"]].concat()).expect(0).stdout;
    assert_eq!(sandbox.read("me.safetensors"), first, "the same bits again");
    let said: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((said["method"].as_str(), said["base"].as_str()), (Some("clusters"), Some("waist")));
    let used = &said["unlabelled"];
    let count = |name: &str| used[name].as_u64().unwrap();
    assert!(count("windows") > 500 && count("used") > 100, "{used}");
    assert!(count("used") + count("left_out") <= count("windows"), "{used}");
    assert!(used["seconds"].as_f64() > Some(300.0) && said["activities"].as_array().unwrap().is_empty());
    let card = sandbox.text("me.md");
    assert!(card.contains("without any label") && card.contains("is not known"), "{card}");
    assert!(!card.contains("held out"), "{card}");
    // Whatever takes a model takes this one, smoothing and backing off included.
    let run = sandbox.run(&["classify", "me.csv", "--model", "me.safetensors"]).expect(0);
    assert!(run.stdout.contains("sitting") && run.stdout.contains("walking"), "{}", run.stdout);
    // It can be taught with labels, and says when it is to learn from itself once more.
    let labels = ["adapt", "me.safetensors", "me.csv", "--labels", "labels.csv", "--out", "me2.safetensors"];
    sandbox.run(&labels).expect(0);
    let mut again = CLUSTERS;
    (again[1], again[6]) = ("me.safetensors", "me3.safetensors");
    sandbox.run(&again).expect(0).says(&["learned from its own answers before", "hint:"]);
}

#[test]
fn one_activity_alone_is_refused() {
    let sandbox = person();
    let labels = sandbox.text("labels.csv");
    let walking: Vec<f64> =
        labels.lines().nth(1).unwrap().split(',').take(2).map(|cell| cell.parse().unwrap()).collect();
    let rows = sandbox.text("me.csv");
    let lines: Vec<&str> = rows.lines().collect();
    let part = &lines[(walking[0] * 50.0) as usize..(walking[1] * 50.0) as usize];
    sandbox.write("walk.csv", &[&lines[..1], part].concat().join("\n"));
    let mut words = [&CLUSTERS[..], &["--axes", "x=up"]].concat();
    words[2] = "walk.csv";
    sandbox.run(&words).expect(2).silent().says(&["there is none to learn from", "hint:"]);
    assert!(!sandbox.path("me.safetensors").exists() && !sandbox.path("me.md").exists());
}

#[test]
fn what_is_not_labelled_counts_beside_what_is() {
    let sandbox = person();
    let with = [
        "adapt",
        "waist",
        "me.csv",
        "--labels",
        "labels.csv",
        "--also-unlabelled",
        "--out",
        "me.safetensors",
    ];
    let done = sandbox.run(&with).expect(0);
    for words in ["held out", "all", "learned from", "without labels"] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    let card = sandbox.text("me.md");
    assert!(card.contains("## Examples") && card.contains("## Without labels"), "{card}");
    let both = sandbox.read("me.safetensors");
    sandbox.run(&[&with[..5], &with[6..]].concat()).expect(0);
    assert_ne!(sandbox.read("me.safetensors"), both);
}

#[test]
fn what_tells_a_model_nothing_is_refused_and_nothing_is_written() {
    let sandbox = sandbox(LABELS);
    let mut words = CLUSTERS;
    let rows = sandbox.text("me.csv");
    let lines: Vec<&str> = rows.lines().collect();
    let refused = |words: &[&str], code: i32, said: &[&str]| {
        sandbox.run(words).expect(code).silent().says(said);
        assert!(!sandbox.path("me.safetensors").exists() && !sandbox.path("me.md").exists(), "{words:?}");
    };
    // Too little for a window.
    sandbox.write("short.csv", &lines[..100].join("\n"));
    words[2] = "short.csv";
    refused(&words, 2, &["no window"]);
    // Nobody walks in bed, so that nobody knows which way was up.
    sandbox.write("bed.csv", &[&lines[..1], &lines[6200..7800]].concat().join("\n"));
    words[2] = "bed.csv";
    refused(&words, 2, &["bed.csv", "nobody walks", "--axes"]);
    // A walk of sines, which no model was taught.
    sandbox.write("sines.csv", &lines[..3000].join("\n"));
    words[2] = "sines.csv";
    refused(&[&words[..], &["--axes", "x=up"]].concat(), 2, &["strange to the model"]);
    // Five samples of ten a second, and no gyroscope.
    let slow: Vec<&str> =
        lines.iter().enumerate().filter(|(i, _)| *i == 0 || i % 5 == 1).map(|(_, l)| *l).collect();
    sandbox.write("slow.csv", &slow.join("\n"));
    words[2] = "slow.csv";
    refused(&words, 1, &["slow.csv", "samples per second"]);
    let alone: Vec<String> =
        lines.iter().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    sandbox.write("alone.csv", &alone.join("\n"));
    words[2] = "alone.csv";
    refused(&words, 1, &["alone.csv", "gyroscope"]);
    // Words that contradict each other.
    words[2] = "walking=me.csv";
    refused(&words, 2, &["walking=me.csv", "--without-labels"]);
    refused(&[&CLUSTERS[..], &["--labels", "labels.csv"]].concat(), 2, &["--labels"]);
    refused(&[&ADAPT[..3], &["--also-unlabelled", "--out", "me.safetensors"]].concat(), 2, &["--labels"]);
}

const STATISTICS: [&str; 7] =
    ["adapt", "waist", "me.csv", "--without-labels", "statistics", "--out", "own.safetensors"];

#[test]
fn a_share_of_a_persons_own_statistics_is_mixed_in() {
    let sandbox = person();
    let done = sandbox.run(&STATISTICS).expect(0).says(&["own.safetensors", "own.md"]);
    for words in ["learned from", "sitting", "answers changed", "Nobody said which are right"] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    let first = sandbox.read("own.safetensors");
    let json = sandbox.run(&[&STATISTICS[..], &["--json"]].concat()).expect(0).stdout;
    assert_eq!(sandbox.read("own.safetensors"), first, "the same bits again");
    let said: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((said["method"].as_str(), said["share"].as_f64()), (Some("statistics"), Some(0.2)));
    let used = &said["unlabelled"];
    let of = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap();
    let learned: Vec<u64> = used["activities"].as_array().unwrap().iter().map(|a| of(a, "used")).collect();
    let most = *learned.iter().max().unwrap();
    assert!((40..=100).contains(&most) && learned.iter().all(|&n| n == 0 || n == most), "{used}");
    assert_eq!(of(used, "used"), learned.iter().sum::<u64>());
    assert!(of(used, "windows") > 500 && of(used, "changed") < 100, "{used}");
    let card = sandbox.text("own.md");
    for words in ["20 % of the running statistics", "gave their statistics", "is not known"] {
        assert!(card.contains(words), "{words}: {card}");
    }
    assert!(!card.contains("shrinkage") && !card.contains("became examples"), "{card}");
    sandbox.run(&["classify", "me.csv", "--model", "own.safetensors"]).expect(0);
    // Its own answers, or labels, move the last layer of the result.
    let clusters =
        ["adapt", "own.safetensors", "me.csv", "--without-labels", "clusters", "--out", "both.safetensors"];
    let both = sandbox.run(&clusters).expect(0);
    assert!(!both.stderr.contains("learned from its own answers before"), "{}", both.stderr);
    let labels =
        ["adapt", "both.safetensors", "me.csv", "--labels", "labels.csv", "--out", "all.safetensors"];
    sandbox.run(&labels).expect(0);
    let mut again = STATISTICS;
    (again[1], again[6]) = ("both.safetensors", "again.safetensors");
    sandbox.run(&again).expect(0).says(&["own statistics already", "hint:"]);
}

#[test]
fn statistics_of_what_is_done_and_not_of_who_does_it_are_refused() {
    let sandbox = person();
    let rows = sandbox.text("me.csv");
    let lines: Vec<&str> = rows.lines().collect();
    let refused = |words: &[&str], code: i32, said: &[&str]| {
        sandbox.run(words).expect(code).silent().says(said);
        assert!(!sandbox.path("own.safetensors").exists() && !sandbox.path("own.md").exists(), "{words:?}");
    };
    let mut words = STATISTICS;
    words[2] = "minute.csv";
    sandbox.write("minute.csv", &lines[..3000].join("\n"));
    let up = ["--axes", "x=up"];
    refused(&[&words[..], &up].concat(), 2, &["what was done, not who did it", "hint: give recordings"]);
    words[2] = "bed.csv";
    sandbox.write("bed.csv", &[&lines[..1], &lines[1..2500]].concat().join("\n"));
    refused(&words, 2, &["bed.csv", "nobody walks", "--axes"]);
    words[2] = "short.csv";
    sandbox.write("short.csv", &lines[..100].join("\n"));
    refused(&[&words[..], &up].concat(), 2, &["activities"]);
    refused(&[&STATISTICS[..], &["--shrinkage", "100"]].concat(), 2, &["--shrinkage", "hint: leave it out"]);
    words[2] = "walking=me.csv";
    refused(&words, 2, &["walking=me.csv", "--without-labels"]);
}
