//! What is wrong with a manifest, with its line and its key; and the reference of keys is complete.

use crate::folder::HEAD;
use ambulo_data::manifest::{Manifest, ManifestError, Problem};
use proptest::prelude::*;

const GOOD: &str = r#"manifest = 1
name = "small"
title = "A small set"
licence = "CC0"
verified = { on = "nothing", what = "" }
test-people = ["a"]
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

[[archive]]
url = "https://example.org/a.zip"
inner = ["*.zip"]

[defaults]
units = "acc=m/s2,gyro=deg/s"
axes = "-y,x,z"

[[files]]
pattern = "{person}/{activity}_{trial:\\d+}.csv"
columns = "time=1,acc=2-4"
format = "table"
time = "ms"
rate = 50
up = "-y"
scale = { acc = "32/8192", gyro = 2 }
rename.placement = { P = "pocket" }
trim = [1, 2.5]
label = { capture = "activity" }
with = [{ pattern = "gyro/{person}_{trial}.csv", columns = "gyro=1-3" }]

[labels.map]
W = "walking"
S = "skating"
[labels.own]
skating = "exercise"
[labels.leave-out]
X = "mixes"

[leave-out-files]
"**/x*" = "broken"

[ages]
file = "people.csv"
person = "id"
column = "age"
from = [30, 60]
"#;

#[test]
fn the_good_one_is_good_and_comes_back_the_same() {
    let manifest = Manifest::parse(GOOD, "good.toml").unwrap_or_else(|error| panic!("{error}"));
    let text = toml::to_string(&manifest).unwrap();
    assert_eq!(Manifest::parse(&text, "again").unwrap_or_else(|error| panic!("{error}\n{text}")), manifest);
}

#[test]
fn the_shipped_ones_are_good() {
    for shipped in ambulo_data::shipped() {
        Manifest::parse(shipped.text, shipped.name).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_fault_is_named_with_line_and_key() {
    for (good, bad, line, key, says) in [
        // What TOML says.
        ("rate = 50", "rate = ", 22, "", ""),
        ("rate = 50", "rate = \"50\"", 22, "files[0].rate", "invalid type"),
        ("axes =", "axis =", 15, "defaults.axis", "unknown key `axis`\nhint: did you mean `axes`?"),
        ("trim =", "Trimming =", 26, "files[0].Trimming", "unknown key"),
        (
            "on = \"nothing\"",
            "on = \"reel\"",
            5,
            "verified.on",
            "unknown choice `reel`\nhint: did you mean `real`?",
        ),
        (
            "capture = \"activity\"",
            "captured = \"activity\"",
            27,
            "files[0].label.captured",
            "did you mean `capture`",
        ),
        ("title = \"A small set\"", "", 1, "", "missing field `title`"),
        // What it means.
        ("manifest = 1", "manifest = 2", 1, "manifest", "layout 1, this one has 2"),
        ("\"small\"", "\"Small set\"", 2, "name", "`Small set` is no name"),
        ("\"CC0\"", "\" \"", 4, "licence", "missing"),
        ("[\"a\"]", "[\"a\", \"\"]", 6, "test-people[1]", "empty"),
        ("\"0123456789a", "\"X123456789a", 7, "sha256", "SHA-256"),
        ("https://", "", 10, "archive[0].url", "address"),
        ("acc=m/s2", "acc=ms", 14, "defaults.units", "`acc=ms` is no unit"),
        ("-y,x,z", "-y,y,z", 15, "defaults.axes", "-y,y,z"),
        ("{person}/", "{person/", 18, "files[0].pattern", "a `{` without its `}`"),
        ("{trial:\\\\d+}", "{trial:(}", 18, "files[0].pattern", "`(`"),
        ("{activity}", "{activity}}", 18, "files[0].pattern", "a `}` without its `{`"),
        ("{person}/", "{who}/", 18, "files[0].pattern", "who was recorded is missing"),
        ("acc=2-4", "acc=2-5", 19, "files[0].columns", "list of columns"),
        ("\"table\"", "\"tabel\"", 20, "files[0].format", "dialect"),
        ("\"ms\"", "\"fortnights\"", 21, "files[0].time", "time format"),
        ("rate = 50", "rate = 0", 22, "files[0].rate", "`0` is not a rate in Hz"),
        ("\"-y\"", "\"up\"", 23, "files[0].up", "`up` is not an axis"),
        ("32/8192", "32/0", 24, "files[0].scale.acc", "a factor"),
        (
            "rename.placement",
            "rename.place",
            25,
            "files[0].rename.place",
            "there are placement, device, condition, group",
        ),
        ("trim = [1, 2.5]", "trim = [-1, 0]", 26, "files[0].trim", "two lengths of time"),
        ("capture = \"activity\"", "capture = \"act\"", 27, "files[0].label.capture", "captures no `act`"),
        (
            "capture = \"activity\"",
            "always = \"fly\"",
            27,
            "files[0].label.always",
            "`fly` is not in `labels.map`",
        ),
        ("label = { capture = \"activity\" }", "", 17, "files[0].label", "where the labels are is missing"),
        ("gyro/{person}_{trial}", "gyro/{id}", 28, "files[0].with[0].pattern", "shares with the main one"),
        ("gyro=1-3", "gyro=1", 28, "files[0].with[0].columns", "list of columns"),
        ("\"walking\"", "\"wlaking\"", 31, "labels.map.W", "did you mean `walking`?"),
        ("skating = \"exercise\"", "skating = \"sports\"", 34, "labels.own.skating", "no place itself"),
        ("X = \"mixes\"", "W = \"mixes\"", 36, "labels.leave-out.W", "two meanings"),
        ("\"**/x*\"", "\"**/{x*\"", 39, "leave-out-files.**/{x*", "a `{` without its `}`"),
        ("[30, 60]", "[60, 30]", 45, "ages.from", "ascending"),
        ("up = \"-y\"", "ignore-times = true", 23, "", ""),
    ] {
        assert_eq!(GOOD.matches(good).count(), 1, "{good}");
        match Manifest::parse(&GOOD.replace(good, bad), "bad.toml") {
            Err(ManifestError::At { place, problem }) => {
                let text = format!("{place}: {problem}");
                assert_eq!(
                    (place.line, place.key.as_str(), place.file.as_str()),
                    (line, key, "bad.toml"),
                    "{bad}: {text}"
                );
                assert!(text.contains(says), "{bad}: {text}");
            }
            Err(error) => panic!("{bad}: {error}"),
            Ok(_) => assert_eq!(bad, "ignore-times = true"),
        }
    }
    let text = GOOD.replace("rate = 50", "ignore-times = true");
    assert!(
        Manifest::parse(&text, "x")
            .unwrap_err()
            .to_string()
            .contains("line 22, `files[0].ignore-times`: the rate")
    );
}

/// The keys that a place of the manifest knows, by asking for one that it does not.
fn keys(text: &str) -> Vec<String> {
    match Manifest::parse(text, "x") {
        Err(ManifestError::At { problem, .. }) => match *problem {
            Problem::Unknown { known, .. } => known.split(", ").map(str::to_owned).collect(),
            other => panic!("{text}: {other}"),
        },
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_reference_has_every_key() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MANIFEST.md")).unwrap();
    let mut all = 0;
    for place in [
        "zzzzzzzz = 1",
        "verified = { zzzzzzzz = 1 }",
        "verified = { on = \"zzzzzzzz\", what = \"\" }",
        "[expect]\nzzzzzzzz = 1",
        "[[archive]]\nzzzzzzzz = 1",
        "[defaults]\nzzzzzzzz = 1",
        "[defaults]\ngravity = \"zzzzzzzz\"",
        "[defaults]\nscale = { zzzzzzzz = 1 }",
        "[defaults]\nsplit = { zzzzzzzz = 1 }",
        "[defaults]\nwith = [{ zzzzzzzz = 1 }]",
        "[defaults]\nlabel = { zzzzzzzz = 1 }",
        "[defaults]\nlabel = { table = { zzzzzzzz = 1 } }",
        "[defaults]\nlabel = { table = { unit = \"zzzzzzzz\" } }",
        "[defaults]\nlabel = { dictionary = { zzzzzzzz = 1 } }",
        "[labels]\nzzzzzzzz = 1",
        "[ages]\nzzzzzzzz = 1",
    ] {
        for key in keys(place) {
            assert!(
                page.contains(&format!("`{key}`")),
                "docs/MANIFEST.md does not explain `{key}` ({place})"
            );
            all += 1;
        }
    }
    assert!(all > 80, "{all}");
}

#[test]
fn the_examples_of_the_reference_are_manifests() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MANIFEST.md")).unwrap();
    let examples: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 3);
    for example in examples {
        if example.contains("manifest = 1") {
            Manifest::parse(example, "example").unwrap_or_else(|error| panic!("{error}\n{example}"));
        } else {
            toml::from_str::<toml::Table>(example).unwrap_or_else(|error| panic!("{error}\n{example}"));
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = Manifest::parse(&text, "x");
        let _ = Manifest::parse(&format!("{HEAD}{text}"), "x");
    }

    #[test]
    fn no_damage_panics(at in 0..1100usize, insert in "[\\[\\]{}=\"\n.a0*-]{0,4}", cut in 0..6usize) {
        let at = (0..=at.min(GOOD.len())).rev().find(|&at| GOOD.is_char_boundary(at)).unwrap_or(0);
        let rest: String = GOOD[at..].chars().skip(cut).collect();
        let text = format!("{}{insert}{rest}", &GOOD[..at]);
        if let Err(error) = Manifest::parse(&text, "x") {
            prop_assert!(error.to_string().starts_with("x, line "), "{}", error);
        }
    }
}
