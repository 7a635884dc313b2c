use super::*;
use crate::{Content, Dataset};
use std::fs;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Two activities of a few seconds with times and names of columns, in m/s².
fn table(label: bool) -> String {
    let mut text = format!("time,acc_x,acc_y,acc_z{}\n", if label { ",activity" } else { "" });
    for i in 0..600 {
        let word = if i < 300 { "sit" } else { "Walking" };
        let _ = write!(text, "{:.2},{:.3},0.12,9.79", 0.02 * f64::from(i), 0.01 * f64::from(i % 9));
        text.push_str(&if label { format!(",{word}\n") } else { "\n".into() });
    }
    text
}

fn read(root: &Path) -> (Manifest, Dataset, String) {
    let text = propose(root).unwrap();
    let manifest = parsed(&text);
    let dataset = manifest.read_dataset(root, &mut |_| {}).unwrap_or_else(|error| panic!("{error}\n{text}"));
    (manifest, dataset, text)
}

#[test]
fn labels_in_a_column() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("My Study (2024)");
    for person in 1..=3 {
        for trial in 1..=2 {
            write(&root, &format!("s{person:02}/s{person:02}_{trial}_wrist.csv"), &table(true));
        }
    }
    write(&root, "readme.txt", "Recorded in 2024.\n");
    let (manifest, dataset, text) = read(&root);
    assert_eq!(manifest.name, "my-study-2024");
    assert_eq!(manifest.licence, "to be stated");
    assert_eq!(dataset.subjects().len(), 3, "{text}");
    let Content::Recordings(recordings) = &dataset.content else { panic!() };
    assert_eq!(recordings.len(), 6);
    let labels: Vec<&str> = recordings[0].labels.iter().map(|interval| &*interval.label).collect();
    assert_eq!(labels, ["sitting", "walking"], "{text}");
}

#[test]
fn labels_in_folders_and_words_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    for activity in ["walking", "sitting", "frobnicating"] {
        for person in [3, 7] {
            write(folder.path(), &format!("{activity}/subject_{person}.csv"), &table(false));
        }
    }
    let (_, dataset, text) = read(folder.path());
    assert!(text.contains("label = { capture = \"activity\" }"), "{text}");
    assert!(text.contains("frobnicating\" = \"unlabelled\"  # CHECK"), "{text}");
    assert_eq!(dataset.subjects().len(), 2, "{text}");
}

#[test]
fn tables_without_names_or_times_are_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    for (person, code) in [("SA01", "D01"), ("SA02", "D02")] {
        let rows = "  -1,-253,  -6,  58,  20,   1, -13,-1020,  -2;\n".repeat(300);
        write(folder.path(), &format!("{person}/{code}_{person}_R01.txt"), &rows);
    }
    let text = propose(folder.path()).unwrap();
    let manifest = parsed(&text);
    let entry = &manifest.files[0];
    assert_eq!(entry.columns.as_deref(), Some("acc=1-3,gyro=4-6"), "{text}");
    for asked in ["how many samples", "9 columns", "is {activity} (D01, D02)", "the unit of acceleration"] {
        assert!(
            text.lines().any(|line| line.starts_with("# CHECK") && line.contains(asked)),
            "{asked}\n{text}"
        );
    }
}

#[test]
fn hopeless_folders_say_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(propose(&folder.path().join("none")), Err(DataError::NoFolder { .. })));
    write(folder.path(), "readme.txt", "Nothing here.\n");
    assert!(propose(folder.path()).unwrap_err().to_string().contains("none of which"));
}

#[test]
fn names_that_are_hard_to_write_are_written() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a'b\"c/s1 {x}*.csv", "a'b\"c/s2 {x}*.csv", "plain/s3.csv"] {
        write(folder.path(), name, &table(true));
    }
    parsed(&propose(folder.path()).unwrap());
}
