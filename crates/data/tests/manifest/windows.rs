//! Windows that were published as such.

use crate::folder::{Folder, HEAD, MAP, sway};
use ambulo_data::{Content, PublishedPartition, WindowedData};
use std::fmt::Write as _;

const FILES: &str = r#"
test-people = ["b"]
[[files]]
pattern = "{part}/ax.txt"
units = "acc=m/s2"
rate = 20
placement = "wrist"
[files.windows]
length = 40
total-acceleration = ["{part}/ax.txt", "{part}/ay.txt", "{part}/az.txt"]
body-acceleration = ["{part}/bx.txt", "{part}/by.txt", "{part}/bz.txt"]
labels = "{part}/label.txt"
people = "{part}/who.txt"
"#;

/// Three windows of 40 samples in m/s², of two people.
fn folder() -> Folder {
    let mut folder = Folder::new();
    for (signal, gravity) in [("a", 1.0), ("b", 0.0)] {
        for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
            let mut text = String::new();
            for window in 0..3 {
                for i in 0..40 {
                    let mut v = sway(40 * window + i);
                    v[1] *= gravity;
                    write!(text, " {}", v[axis] * 9.806_65).unwrap();
                }
                text.push('\n');
            }
            folder = folder.with(&format!("all/{signal}{letter}.txt"), text);
        }
    }
    folder.with("all/label.txt", "walk\n0\nsit\n").with("all/who.txt", "a\na\nb\n")
}

fn manifest(change: impl Fn(String) -> String) -> String {
    change(format!("{HEAD}{FILES}{MAP}"))
}

fn windows(folder: &Folder, manifest: &str) -> WindowedData {
    match folder.read_as(manifest).unwrap_or_else(|error| panic!("{error}")).content {
        Content::Windows(windows) => windows,
        Content::Recordings(_) => panic!("recordings instead of windows"),
    }
}

#[test]
fn windows_without_a_label_are_left_out_and_units_are_converted() {
    let folder = folder();
    let found = windows(&folder, &manifest(|text| text));
    assert_eq!((found.time, found.rate_hz, found.labels.len()), (40, 20.0, 2));
    assert_eq!(found.labels.iter().map(|label| &**label).collect::<Vec<_>>(), ["walking", "sitting"]);
    assert_eq!(found.people.iter().map(|person| person.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    // The test people tell where nothing else does.
    assert_eq!(found.published, [PublishedPartition::Train, PublishedPartition::Test]);
    assert_eq!(found.facts.placement.as_deref(), Some("wrist"));
    let row = &found.window(1)[6 * 7..][..6];
    let [x, y, z] = sway(2 * 40 + 7);
    for (found, expected) in row.iter().zip([x, y, z, x, 0.0, z]) {
        assert!((found - expected).abs() < 1e-6, "{row:?}");
    }
}

#[test]
fn faults_of_windows_name_their_place() {
    let error = |from: &str, to: &str| {
        folder().read_as(&manifest(|text| text.replace(from, to))).unwrap_err().to_string()
    };
    assert!(error("length = 40", "length = 41").contains("ax.txt, row 1: expected 41 numbers, found 40"));
    assert!(error("length = 40", "length = 0").contains("`files[0].windows.length`"));
    assert!(error("rate = 20\n", "").contains("`files[0]"));
    assert!(error("units = \"acc=m/s2\"\n", "").contains("the unit of the accelerometer"));
    assert!(error("{part}/who.txt", "{who}/who.txt").contains("`files[0].windows.people`"));
    assert!(error("acc=m/s2", "acc=g").contains("looks like m/s2"));
    let text =
        folder().with("all/who.txt", "a\nb\n").read_as(&manifest(|text| text)).unwrap_err().to_string();
    assert!(text.contains("who.txt has 2 rows") && text.contains("label.txt has 3"), "{text}");
    let text =
        folder().with("all/label.txt", "walk\nfly\n0\n").read_as(&manifest(|t| t)).unwrap_err().to_string();
    assert!(text.contains("label.txt, row 2: the label `fly`"), "{text}");
    // Nothing but windows of one kind.
    let beside = "\n[[files]]\npattern = \"{person}.csv\"\nlabel = { always = \"walk\" }\n[labels.map]";
    assert!(error("\n[labels.map]", beside).contains("`files[1]`: published windows of several kinds"));
}
