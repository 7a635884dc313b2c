//! `HAPT Data Set` as published: read to the same samples, and every damage named with its place.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{DataError, LabelledRecording, content_hash, open_folder};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{FindingKind, Preprocessing};
use common::{bundled, change_row, codes, cut, recordings, swaying, with_samples, write_hapt_folder};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[test]
fn three_experiments_come_back_as_the_same_samples() {
    let all = recordings(bundled());
    let chosen: Vec<&LabelledRecording> = [0, 1, 59].into_iter().map(|i| &all[i]).collect();
    let root = TempDir::new().unwrap();
    write_hapt_folder(root.path(), &chosen);
    // The folder itself, the one that contains it, and the one with the files.
    let folder = root.path().join("HAPT Data Set");
    for path in [folder.clone(), root.path().to_owned(), folder.join("RawData")] {
        let dataset = open_folder(&path).unwrap();
        let found = recordings(&dataset);
        assert_eq!(found.len(), 3);
        assert!(found.iter().zip(&chosen).all(|(found, chosen)| found == *chosen));
        assert_eq!(
            dataset.sha256,
            content_hash(&chosen.iter().map(|&r| r.clone()).collect::<Vec<_>>()).unwrap()
        );
        assert_eq!(dataset.info.name, "hapt");
        assert!(!dataset.conversions.is_empty());
    }
}

/// Two short recordings in the published layout, and the folder `RawData`.
fn small() -> (TempDir, PathBuf) {
    let root = TempDir::new().unwrap();
    let first = swaying(1, 1, [vec![5; 20], vec![0; 10], vec![1; 20]].concat());
    let second = swaying(2, 3, [vec![0; 10], vec![7; 30]].concat());
    write_hapt_folder(root.path(), &[&first, &second]);
    let raw = root.path().join("HAPT Data Set/RawData");
    (root, raw)
}

fn message(root: &Path) -> String {
    open_folder(root).unwrap_err().to_string()
}

/// Message after one row of one file was changed.
fn after(file: &str, row: usize, change: impl Fn(&str) -> Option<String>) -> String {
    let (root, raw) = small();
    change_row(&raw.join(file), row, change);
    let message = message(root.path());
    assert!(message.contains(file) || message.contains("gyro_exp01_user01.txt"), "{message}");
    message
}

#[test]
fn the_small_folder_is_sound() {
    let (root, _) = small();
    assert_eq!(codes(&recordings(&open_folder(root.path()).unwrap())[1])[9..11], [0, 7]);
}

#[test]
fn a_damaged_number_is_named_with_row_and_column() {
    let acc = "acc_exp01_user01.txt";
    let replace = |value: &'static str| {
        move |line: &str| {
            let mut fields: Vec<&str> = line.split(' ').collect();
            fields[1] = value;
            Some(fields.join(" "))
        }
    };
    assert!(after(acc, 7, replace("0,97")).contains("row 7, column 2: expected a number, found `0,97`"));
    assert!(after(acc, 7, replace("NaN")).contains("row 7, column 2: expected a finite number, found NaN"));
    assert!(after(acc, 7, replace("-inf")).contains("row 7, column 2: expected a finite number, found -inf"));
    assert!(after(acc, 7, replace("")).contains("row 7: expected 3 numbers, found 2"));
    assert!(after(acc, 7, replace("1 1")).contains("row 7: expected 3 numbers, found 4"));
    assert!(after("gyro_exp03_user02.txt", 2, replace("x")).contains("row 2, column 2"));
}

#[test]
fn files_of_unequal_length_are_refused() {
    let message = after("acc_exp01_user01.txt", 50, |_| None);
    assert!(message.contains("gyro_exp01_user01.txt has 50 rows") && message.contains("has 49"), "{message}");
}

#[test]
fn labels_that_do_not_fit_the_recordings_are_refused() {
    let labels = |row: usize, line: &'static str| after("labels.txt", row, move |_| Some(line.to_owned()));
    let text = labels(2, "1 1 1 31 51");
    assert!(
        text.contains("row 2, column 5: expected a sample from 31 to 50") && text.contains("found 51"),
        "{text}"
    );
    assert!(labels(1, "1 1 5 0 20").contains("row 1, column 4: expected a sample from 1 to 50"));
    assert!(labels(1, "1 1 5 10 9").contains("row 1, column 5: expected a sample from 10 to 50"));
    assert!(
        labels(1, "1 1 13 1 20").contains("row 1, column 3: expected an activity from 1 to 12, found 13")
    );
    assert!(labels(1, "1 1 0 1 20").contains("row 1, column 3"));
    assert!(labels(1, "-1 1 5 1 20").contains("row 1, column 1"));
    assert!(labels(1, "1 1 5 1").contains("row 1: expected 5 numbers, found 4"));
    assert!(labels(1, "1 1 5 1 20.5").contains("row 1, column 5: expected a whole number, found `20.5`"));
    let text = labels(3, "9 2 7 11 40");
    assert!(
        text.contains("row 3: labels experiment 9 of user 2") && text.contains("acc_exp09_user02"),
        "{text}"
    );
    // The experiment is there, but of another user.
    assert!(labels(3, "3 1 7 11 40").contains("acc_exp03_user01"));
    let text = labels(2, "1 1 1 20 50");
    assert!(text.contains("row 2: gives sample 20 of experiment 1 the activity walking"), "{text}");
    assert!(text.contains("standing"), "{text}");
}

#[test]
fn overlapping_rows_of_one_activity_are_accepted() {
    let (root, raw) = small();
    change_row(&raw.join("labels.txt"), 1, |line| Some(format!("{line}\n1 1 5 10 25")));
    assert_eq!(codes(&recordings(&open_folder(root.path()).unwrap())[0])[24..26], [5, 0]);
}

#[test]
fn a_missing_file_is_named() {
    for file in ["labels.txt", "gyro_exp03_user02.txt", "acc_exp01_user01.txt"] {
        let (root, raw) = small();
        std::fs::remove_file(raw.join(file)).unwrap();
        let message = message(root.path());
        assert!(message.contains(file) && message.contains("is missing"), "{message}");
    }
    let (root, raw) = small();
    for entry in std::fs::read_dir(raw).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert!(message(root.path()).contains("acc_exp01_user01.txt is missing"));
}

#[test]
fn one_experiment_number_for_two_people_is_refused() {
    let (root, raw) = small();
    for sensor in ["acc", "gyro"] {
        let name = |user: &str| raw.join(format!("{sensor}_exp01_user{user}.txt"));
        std::fs::copy(name("01"), name("05")).unwrap();
    }
    assert!(message(root.path()).contains("experiment 1 appears twice"));
}

#[test]
fn an_empty_file_is_refused() {
    let (root, raw) = small();
    std::fs::write(raw.join("acc_exp01_user01.txt"), "\n").unwrap();
    assert!(message(root.path()).contains("acc_exp01_user01.txt is empty"));
}

/// What reading says about one recording whose samples were changed.
fn after_change(change: impl FnOnce(&mut Vec<[f32; 3]>, &mut Vec<[f32; 3]>)) -> String {
    let root = TempDir::new().unwrap();
    write_hapt_folder(root.path(), &[&with_samples(&swaying(1, 1, vec![5; 500]), change)]);
    let error = open_folder(root.path()).unwrap_err();
    assert!(matches!(error, DataError::Refused { .. }), "{error}");
    error.to_string()
}

#[test]
fn values_in_another_unit_are_recognised() {
    for (factor, hint) in [
        (9.806_65, "looks like m/s2"),
        (0.01, "gravity looks removed"),
        (1000.0, "looks like mg"),
        (3.0, "another unit"),
        (0.0, "every value of the accelerometer is 0"),
    ] {
        let text = after_change(|acceleration, _| {
            acceleration.iter_mut().flatten().for_each(|v| *v *= factor);
        });
        assert!(text.contains("acc_exp01_user01.txt") && text.contains(hint), "{text}");
    }
    // A wearer who moves, in deg/s.
    let text = after_change(|_, turning| {
        turning.iter_mut().enumerate().for_each(|(i, w)| *w = [0.0, 55.0 * (i as f32 / 8.0).sin(), 0.0]);
    });
    assert!(text.contains("gyro_exp01_user01.txt") && text.contains("looks like deg/s"), "{text}");
}

#[test]
fn no_window_holds_a_value_beyond_any_sensor() {
    let codes = vec![5; 1000];
    let spoilt =
        with_samples(&swaying(1, 1, codes.clone()), |acceleration, _| acceleration[500] = [2e7, 0.0, 0.0]);
    let root = TempDir::new().unwrap();
    write_hapt_folder(root.path(), &[&spoilt, &swaying(2, 2, codes)]);
    let dataset = open_folder(root.path()).unwrap();
    let noted: Vec<_> =
        dataset.findings.iter().filter(|noted| noted.finding.kind == FindingKind::Impossible).collect();
    assert_eq!((noted.len(), noted[0].file.as_str()), (1, "acc_exp01_user01.txt"));
    assert_eq!(noted[0].finding.first_place.sample, Some(500));

    let p = Preprocessing::default();
    let windows = cut(&dataset, &p, &LabelSet::six(), &BTreeSet::from([PersonId::from(1)])).unwrap();
    let starts: Vec<u64> = windows.origins.iter().map(|origin| origin.start).collect();
    assert_eq!(starts, [0, 64, 128, 192, 256, 320, 501, 565, 629, 693, 757, 821]);
    assert!(windows.input(&p).unwrap().iter().all(|v| v.abs() < 10.0));
}

#[test]
fn every_bundled_recording_passes_the_checks() {
    for r in recordings(bundled()) {
        let report = survey(&mut r.recording.source(), &Declared::default()).unwrap();
        assert!(report.is_usable(), "{}: {:?}", r.name, report.findings);
        assert!((0.99..1.06).contains(&report.sensors[0].at_rest_g.unwrap()), "{}", r.name);
    }
}
