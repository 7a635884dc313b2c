//! `UCI HAR Dataset` as published: read to the same samples, and every damage named with its place.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{
    Content, DataError, Dataset, Protocol, PublishedPartition, WindowedData, check_duplicates, open_folder,
    summarise,
};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::{Channel, Level, Preprocessing};
use common::{
    NAMES, PublishedWindow, bundled, change_row, cut, recordings, thirty_people, write_hapt_folder,
    write_uci_har_folder,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn inertial_only() -> Preprocessing {
    Preprocessing { channels: Channel::INERTIAL.to_vec(), ..Preprocessing::default() }
}

/// The first windows of each person in `dataset`, in the published layout.
fn published(dataset: &Dataset, each: usize) -> Vec<PublishedWindow> {
    let p = inertial_only();
    let mut published = Vec::new();
    for person in dataset.subjects() {
        let windows = cut(dataset, &p, &LabelSet::six(), &BTreeSet::from([person.clone()])).unwrap();
        let subject = person.as_str().parse().unwrap();
        for i in (0..windows.len()).step_by(windows.len().div_ceil(each)) {
            let rows = windows.window(i).unwrap().into_owned();
            published.push(PublishedWindow { subject, label: windows.labels[i] + 1, rows });
        }
    }
    published
}

fn windows(dataset: &Dataset) -> &WindowedData {
    match &dataset.content {
        Content::Windows(windows) => windows,
        Content::Recordings(_) => panic!("recordings instead of windows"),
    }
}

#[test]
fn windows_of_real_people_come_back_as_the_same_samples() {
    let people = recordings(bundled())
        .iter()
        .filter(|r| ["1", "2", "30"].contains(&r.person.as_str()))
        .cloned()
        .collect();
    let written = published(&common::dataset(people), 6);
    let root = TempDir::new().unwrap();
    write_uci_har_folder(root.path(), &written);
    let dataset = open_folder(root.path()).unwrap();
    let found = windows(&dataset);
    assert_eq!((found.time, found.rate_hz, found.labels.len()), (128, 50.0, written.len()));
    // Shipped as train first, then test; subject 2 is the only one in test.
    let (test, train): (Vec<_>, Vec<_>) = written.iter().partition(|w| w.subject == 2);
    for (i, window) in train.iter().chain(&test).enumerate() {
        assert_eq!(found.people[i], PersonId::from(window.subject));
        assert_eq!(&*found.labels[i], NAMES[usize::from(window.label) - 1]);
        assert_eq!(found.window(i), window.rows);
        assert_eq!(found.published[i] == PublishedPartition::Test, window.subject == 2);
    }
}

fn small() -> (TempDir, PathBuf) {
    let root = TempDir::new().unwrap();
    write_uci_har_folder(root.path(), &published(&thirty_people(), 2));
    let folder = root.path().join("UCI HAR Dataset");
    (root, folder)
}

#[test]
fn the_published_partition_is_the_official_one() {
    let (root, _) = small();
    let dataset = open_folder(root.path()).unwrap();
    let (development, test) = Protocol::Official.split(&dataset, 1).unwrap().into_parts();
    assert_eq!((development.ids().len(), test.ids().len()), (21, 9));
    let p = Preprocessing::default();
    let partition = test.cut(&dataset, &p, &LabelSet::six()).unwrap();
    assert_eq!(partition.len(), 18);
    let opened = partition.open(&mut Vec::new()).unwrap();
    // Fifteen channels: the nine as published, then the companded ones.
    let first = windows(&dataset).published.iter().position(|&p| p == PublishedPartition::Test).unwrap();
    assert_eq!(&*opened.window(0).unwrap(), windows(&dataset).window(first));
    let x = opened.input(&p).unwrap();
    assert_eq!(x[..9], windows(&dataset).window(first)[..9]);
    let body_x = windows(&dataset).window(first)[3];
    assert!((x[9] - (body_x / 0.01).asinh()).abs() < 1e-5);
    assert_eq!(opened.origins[0].start as usize, first);
    assert_eq!(summarise(&dataset, 1, 1).unwrap().total().windows, 60);
}

#[test]
fn models_of_acceleration_take_its_part_of_the_windows() {
    let (root, _) = small();
    let dataset = open_folder(root.path()).unwrap();
    let six = Preprocessing { channels: Channel::INERTIAL[..6].to_vec(), ..Preprocessing::default() };
    let cut = |p| cut(&dataset, p, &LabelSet::six(), &BTreeSet::from([PersonId::from(5)])).unwrap();
    let (alone, all) = (cut(&six), cut(&inertial_only()));
    assert_eq!((alone.len(), alone.window(0).unwrap().len()), (2, 128 * 6));
    let all = all.window(1).unwrap();
    let rows = all.chunks_exact(9).map(|row| &row[..6]);
    assert!(alone.window(1).unwrap().chunks_exact(6).eq(rows));
}

#[test]
fn a_copy_under_two_people_is_found_in_windows_too() {
    let (root, folder) = small();
    for (from, to) in [(1, 3), (2, 4)] {
        for signal in ["total_acc", "body_acc", "body_gyro"] {
            for axis in ["x", "y", "z"] {
                let path = folder.join(format!("train/Inertial Signals/{signal}_{axis}_train.txt"));
                let text = std::fs::read_to_string(&path).unwrap();
                let line = text.lines().nth(from - 1).unwrap().to_owned();
                change_row(&path, to, |_| Some(line.clone()));
            }
        }
    }
    // Rows 3 and 4 are those of the second person who is not in the test part.
    let text = check_duplicates(&open_folder(root.path()).unwrap()).unwrap_err().to_string();
    assert!(
        text.contains("person 1, recording window 0") && text.contains("person 3, recording window 2"),
        "{text}"
    );
}

#[test]
fn a_subject_moved_between_partitions_is_noticed() {
    let (root, folder) = small();
    change_row(&folder.join("train/subject_train.txt"), 1, |_| Some("2".to_owned()));
    let error = Protocol::Official.split(&open_folder(root.path()).unwrap(), 1).unwrap_err();
    assert!(error.to_string().contains("subject 2 is in the published train"), "{error}");
}

#[test]
fn published_windows_cannot_be_cut_anew() {
    let (root, _) = small();
    let dataset = open_folder(root.path()).unwrap();
    let try_cut = |p: &Preprocessing| cut(&dataset, p, &LabelSet::six(), &dataset.subjects());
    let longer = Preprocessing { window: 256, ..Preprocessing::default() };
    assert!(try_cut(&longer).unwrap_err().to_string().contains("windows of 128 samples"));
    let faster = Preprocessing { rate_hz: 100.0, ..Preprocessing::default() };
    assert!(matches!(try_cut(&faster), Err(DataError::PreprocessingMismatch { .. })));
    let level = Level::Recording { up: [1.0, 0.0, 0.0] };
    let levelled = try_cut(&Preprocessing { level, ..Preprocessing::default() }).unwrap_err().to_string();
    assert!(levelled.contains("windows without their recordings"), "{levelled}");
}

#[track_caller]
fn message(root: &Path) -> String {
    open_folder(root).unwrap_err().to_string()
}

#[test]
fn damage_is_named_with_file_row_and_column() {
    let signal = "test/Inertial Signals/body_gyro_y_test.txt";
    let value = |column: usize, value: &'static str| {
        move |line: &str| {
            let mut fields: Vec<&str> = line.split_whitespace().collect();
            fields[column - 1] = value;
            Some(fields.join("  "))
        }
    };
    let after = |file: &str, row: usize, change: &dyn Fn(&str) -> Option<String>| {
        let (root, folder) = small();
        change_row(&folder.join(file), row, change);
        let message = message(root.path());
        assert!(message.contains(file.rsplit('/').next().unwrap()), "{message}");
        message
    };
    assert!(after(signal, 3, &value(77, "?")).contains("row 3, column 77: expected a number, found `?`"));
    assert!(after(signal, 3, &value(77, "nan")).contains("row 3, column 77: expected a finite number"));
    assert!(after(signal, 3, &value(77, "")).contains("row 3: expected 128 numbers, found 127"));
    assert!(after(signal, 3, &|_| None).contains("has 17 rows"));
    assert!(after("train/subject_train.txt", 42, &|_| None).contains("has 41 rows"));
    assert!(
        after("train/subject_train.txt", 2, &|_| Some("0".into()))
            .contains("row 2, column 1: expected the number")
    );
    assert!(
        after("test/y_test.txt", 2, &|_| Some("7".into()))
            .contains("row 2, column 1: expected an activity from 1 to 6")
    );
}

#[test]
fn a_missing_file_is_named() {
    for file in ["train/y_train.txt", "test/subject_test.txt", "train/Inertial Signals/total_acc_z_train.txt"]
    {
        let (root, folder) = small();
        std::fs::remove_file(folder.join(file)).unwrap();
        let message = message(root.path());
        assert!(
            message.contains(file.rsplit('/').next().unwrap()) && message.contains("missing"),
            "{message}"
        );
    }
    let (root, folder) = small();
    std::fs::remove_dir_all(folder.join("test")).unwrap();
    assert!(message(root.path()).contains("y_test.txt is missing"));
}

#[test]
fn total_acceleration_without_gravity_is_refused() {
    let (root, folder) = small();
    for part in ["train", "test"] {
        for axis in ["x", "y", "z"] {
            let name =
                |signal: &str| folder.join(format!("{part}/Inertial Signals/{signal}_{axis}_{part}.txt"));
            std::fs::copy(name("body_acc"), name("total_acc")).unwrap();
        }
    }
    assert!(message(root.path()).contains("gravity looks removed"));
}

#[test]
fn a_folder_that_is_neither_says_what_it_holds() {
    let root = TempDir::new().unwrap();
    assert!(message(root.path()).contains("it is empty"));
    std::fs::write(root.path().join("holiday.jpg"), "").unwrap();
    let text = message(root.path());
    assert!(
        text.contains("holiday.jpg") && text.contains("UCI HAR Dataset") && text.contains("HAPT Data Set"),
        "{text}"
    );
    assert!(matches!(open_folder(&root.path().join("nowhere")), Err(DataError::NoFolder { .. })));
}

#[test]
fn two_data_sets_in_one_folder_are_not_guessed_between() {
    let (root, _) = small();
    write_hapt_folder(root.path(), &[&common::swaying(1, 1, vec![5; 50])]);
    let text = message(root.path());
    assert!(text.contains("HAPT Data Set, UCI HAR Dataset"), "{text}");
}
