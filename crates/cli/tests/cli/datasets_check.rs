//! `ambulo datasets init` and `ambulo datasets check`

use crate::support::Sandbox;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

/// Half a minute at 50 Hz of rest, then of something like steps, as a table with names and times.
fn table(seed: u32) -> String {
    let mut text = "time,acc_x,acc_y,acc_z,activity\n".to_owned();
    for i in 0..1500u32 {
        let noise = 0.02 * f64::from((i * (7 + seed)) % 13);
        let (label, step) =
            if i < 750 { ("seated", 0.0) } else { ("Walk", 3.0 * (0.25 * f64::from(i)).sin()) };
        let _ = writeln!(
            text,
            "{:.2},{:.4},{:.4},{:.4},{label}",
            0.02 * f64::from(i),
            9.8 + step,
            noise,
            0.4 - noise
        );
    }
    text
}

fn study(folder: &Path) {
    for person in 1..=4 {
        let folder = folder.join(format!("s{person:02}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("s{person:02}_1.csv")), table(person)).unwrap();
    }
}

#[test]
fn a_folder_is_described_then_checked_and_its_faults_are_named() {
    let sandbox = Sandbox::empty();
    study(&sandbox.path("study"));
    let words = sandbox.run(&["datasets", "init", "study"]).expect(0).stdout;
    assert!(words.contains("\"seated\" = \"sitting\"") && words.contains("# CHECK: "), "{words}");
    let done = sandbox.run(&["datasets", "init", "study", "--out", "my.toml"]).expect(0);
    assert!(done.stderr.contains("datasets check my.toml=study"), "{}", done.stderr);
    sandbox.run(&["datasets", "init", "study", "--out", "my.toml"]).expect(2);

    let clean = sandbox.run(&["datasets", "check", "my.toml=study", "--html", "page.html"]).expect(0);
    for word in ["4 people, 4 recordings", "sitting", "walking", "0 faults"] {
        assert!(clean.stdout.contains(word), "{word}: {}", clean.stdout);
    }
    let page = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    assert!(page.contains("Ambulo data check") && page.contains("s04"), "{page:.300}");

    // An empty file, one that breaks off in the middle of a number's place, and a copy.
    let study = sandbox.path("study");
    std::fs::write(study.join("s01/s01_1.csv"), "").unwrap();
    std::fs::write(study.join("s02/s02_1.csv"), table(2).replacen("9.8000", "9.8.000", 1)).unwrap();
    std::fs::copy(study.join("s03/s03_1.csv"), study.join("s04/s04_1.csv")).unwrap();
    let done = sandbox.run(&["datasets", "check", "my.toml=study", "--json"]).expect(1);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    let problems: Vec<(String, String)> = (found["problems"].as_array().unwrap().iter())
        .filter(|problem| problem["weight"] == "fault")
        .map(|problem| (problem["kind"].as_str().unwrap().to_owned(), problem["place"].to_string()))
        .collect();
    let named = |kind: &str, place: &str| problems.iter().any(|(k, p)| k == kind && p.contains(place));
    assert!(named("unreadable", "s01_1.csv") || named("empty", "s01_1.csv"), "{problems:#?}");
    assert!(named("copy_of_person", "s04"), "{problems:#?}");
    assert!((2..=3).contains(&found["recordings"].as_u64().unwrap()), "{problems:#?}");
    let words = sandbox.run(&["datasets", "check", "my.toml=study"]).expect(1).stdout;
    assert!(
        words.contains("s01/s01_1.csv") && words.contains("fault: copy of person (person s04"),
        "{words}"
    );
}

#[test]
fn what_is_not_there_is_wrong_usage() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["datasets", "init", "nowhere"]).expect(2);
    sandbox.run(&["datasets", "check", "nowhere.toml"]).expect(2);
    sandbox.run(&["datasets", "check", "hapt", "--window", "0"]).expect(2);
}

#[test]
#[cfg(feature = "bundled-data")]
fn of_the_bundled_recordings_one_person_is_named() {
    let done = Sandbox::empty().run(&["datasets", "check", "hapt"]).expect(0);
    let weighty: Vec<&str> = done
        .stdout
        .lines()
        .filter(|line| line.starts_with("suspicion") || line.starts_with("fault"))
        .collect();
    assert_eq!(weighty.len(), 1, "{}", done.stdout);
    assert!(weighty[0].starts_with("suspicion: strange person (person 9;"), "{}", weighty[0]);
}
