//! `ambulo datasets`

use crate::support::{PEOPLE, Sandbox};
use serde_json::Value;

#[test]
fn the_list_says_what_each_is_and_where_to_get_it() {
    let done = Sandbox::empty().run(&["datasets"]).expect(0);
    for word in ["hapt", "uci-har", "CC BY 4.0", "30", "50 Hz", "waist", "acc, gyro", "real", "layout"] {
        assert!(done.stdout.contains(word), "{word}: {}", done.stdout);
    }
    for line in ["ambulo datasets get pamap2", "by hand: doi:10.3390/s17010198", "not read: its acceleration"]
    {
        assert!(done.stdout.contains(&format!("    {line}")), "{line}: {}", done.stdout);
    }
    #[cfg(feature = "bundled-data")]
    assert!(done.stdout.contains("bundled"), "{}", done.stdout);
    assert_eq!(done.stderr, "");
}

#[test]
fn the_list_as_json_has_everything_of_each() {
    let done = Sandbox::empty().run(&["datasets", "--json"]).expect(0);
    let list: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    let names: Vec<&str> = list.iter().map(|d| d["name"].as_str().unwrap()).collect();
    assert_eq!(names[..2], ["hapt", "uci-har"]);
    for name in ["pamap2", "sisfall", "sp-sw", "umafall", "wisdm-2019-phone", "wisdm-2019-watch", "wear"] {
        assert!(names.contains(&name), "{name}");
    }
    for entry in &list {
        for key in ["title", "licence", "citation", "placement", "source"] {
            assert!(entry[key].as_str().is_some_and(|s| !s.is_empty()), "{key} of {entry}");
        }
        let manifest = &entry["manifest"];
        assert_eq!((&manifest["name"], &manifest["manifest"]), (&entry["name"], &1.into()));
        assert!(
            manifest["labels"]["map"].is_object() && manifest["verified"]["on"].is_string(),
            "{manifest}"
        );
    }
    assert_eq!((&list[0]["people"], &list[0]["rate_hz"]), (&30.into(), &50.0.into()));
}

#[test]
fn a_manifest_is_shown_as_it_is_written() {
    let sandbox = Sandbox::empty();
    let text = sandbox.run(&["datasets", "show", "sisfall"]).expect(0).stdout;
    assert_eq!(text, include_str!("../../../../datasets/sisfall.toml"));
    sandbox.run(&["datasets", "show", "sysfall"]).expect(2).silent().says(&["`sysfall`", "hint: known"]);
}

#[test]
fn without_data_what_is_known_is_shown() {
    let sandbox = Sandbox::empty();
    let words = sandbox.run(&["datasets", "info", "pamap2"]).expect(0).stdout;
    for word in
        ["wrist, chest, ankle", "walking_variant", "left out    0: transients", "verified    layout: "]
    {
        assert!(words.contains(word), "{word}: {words}");
    }
    let json = sandbox.run(&["datasets", "info", "pamap2", "--json"]).expect(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["manifest"]["labels"]["map"]["24"], "rope_jumping");
    let words = sandbox.run(&["datasets", "info", "ku-har"]).expect(0).stdout;
    assert!(words.contains("not read    its acceleration"), "{words}");
}

#[test]
#[cfg(feature = "bundled-data")]
fn the_bundled_recordings_have_the_counts_they_are_known_for() {
    let sandbox = Sandbox::empty();
    let done = sandbox.run(&["datasets", "info", "hapt", "--json"]).expect(0);
    let info: Value = serde_json::from_str(&done.stdout).unwrap();
    let summary = &info["summary"];
    assert_eq!(summary["recordings"], 61);
    let people = summary["subjects"].as_object().unwrap();
    assert_eq!(people.len(), 30);
    let names: Vec<&str> =
        info["info"]["activities"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let sum = |activity: &str, what: &str| -> u64 {
        people.values().filter_map(|p| p.get(activity)).map(|c| c[what].as_u64().unwrap()).sum()
    };
    let samples: Vec<u64> = names.iter().map(|a| sum(a, "samples")).collect();
    assert_eq!(
        samples,
        [122091, 116707, 107961, 126677, 138105, 136865, 10316, 8029, 12428, 11150, 14418, 10867]
    );
    assert_eq!(samples.iter().sum::<u64>() + sum("unlabelled", "samples"), 1_122_772);
    let windows: u64 = names[..6].iter().map(|a| sum(a, "windows")).sum();
    assert_eq!(windows, 7_415 + 2_996);

    let words = sandbox.run(&["datasets", "info", "hapt"]).expect(0).stdout;
    for word in ["30 people, 61 recordings, 1,122,772 samples", "stand_to_sit", " 122091 ", "unlabelled"] {
        assert!(words.contains(word), "{word}: {words}");
    }
}

#[test]
fn a_folder_is_counted_as_the_bundled_recordings_are() {
    let done = Sandbox::new().run(&["datasets", "info", "hapt", "--data", PEOPLE, "--json"]).expect(0);
    let info: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(info["summary"]["recordings"], 30);
    assert_eq!(info["summary"]["subjects"]["17"]["lying"]["samples"], 160);
    assert_eq!(info["summary"]["subjects"]["17"]["unlabelled"]["samples"], 300);
}

#[test]
fn an_unknown_name_is_answered_with_the_choices() {
    let sandbox = Sandbox::empty();
    for command in ["info", "verify"] {
        let known = "hint: known data sets are hapt, uci-har";
        sandbox.run(&["datasets", command, "wisdm"]).expect(2).silent().says(&["`wisdm`", known]);
    }
}

#[test]
fn what_is_not_bundled_needs_its_folder() {
    let sandbox = Sandbox::new();
    sandbox.run(&["datasets", "verify", "uci-har"]).expect(2).silent().says(&["not bundled", "hint: --data"]);
    let words = sandbox.run(&["datasets", "info", "uci-har"]).expect(0).stdout;
    assert!(words.contains("https://archive.ics.uci.edu/static/public/240/"), "{words}");
    sandbox
        .run(&["datasets", "info", "uci-har", "--data", PEOPLE])
        .expect(2)
        .silent()
        .says(&["HAPT Data Set holds hapt, not uci-har"]);
}

#[test]
#[cfg(feature = "bundled-data")]
fn the_bundled_recordings_are_as_published() {
    let sandbox = Sandbox::empty();
    let hash = "ec9b1e489db290339a6d6159f006401bae6a9715e769d7ca491b344a5593a2d2";
    let words = sandbox.run(&["datasets", "verify"]).expect(0).stdout;
    assert!(words.contains("as published") && words.contains(hash), "{words}");
    let json = sandbox.run(&["datasets", "verify", "hapt", "--json"]).expect(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["found"], &json["expected"]), (&hash.into(), &hash.into()));
}

#[test]
fn changed_content_fails_verification() {
    let done = Sandbox::new().run(&["datasets", "verify", "hapt", "--data", PEOPLE, "--json"]);
    let done = done.expect(1).says(&["the content of hapt has changed", "hint: "]);
    // A program that reads the JSON sees both hashes.
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_ne!(json["found"], json["expected"]);
}
