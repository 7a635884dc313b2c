//! `HAPT Data Set` as published: read to the same samples, and every damage named with its place.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{DataError, LabelledRecording, content_hash, open_folder};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{FindingKind, Preprocessing};
use common::{
    bundled, change_row, codes, cut, recordings, samples, swaying, with_samples, write_hapt_folder,
};
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
        for (found, chosen) in found.iter().zip(&chosen) {
            assert_eq!(
                (&found.person, &found.name, &found.facts, &found.labels, found.up),
                (&chosen.person, &chosen.name, &chosen.facts, &chosen.labels, chosen.up)
            );
            // Bit for bit, by the same clocks.
            assert!(samples(found).series() == samples(chosen).series());
        }
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
    let missing = |text: String, place: &str, words: &str| {
        let first = text.lines().next().unwrap();
        assert!(first.contains(place) && first.contains(words), "{text}");
    };
    let no_y = "row 7: expected a finite number for y of the accelerometer";
    missing(after(acc, 7, replace("0,97")), no_y, "line 7: `0,97`");
    missing(after(acc, 7, replace("oops")), no_y, "line 7: `oops`");
    missing(after(acc, 7, replace("NaN")), no_y, "");
    missing(after(acc, 7, replace("-inf")), no_y, "");
    missing(after(acc, 7, replace("")), "row 7: expected a finite number for z of the accelerometer", "");
    missing(after(acc, 7, replace("1 1")), "acc_exp01_user01.txt", "the first in line 7");
    let gyroscope = after("gyro_exp03_user02.txt", 2, replace("x"));
    missing(gyroscope, "row 2: expected a finite number for y of the gyroscope", "line 2: `x`");
}

#[test]
fn files_of_unequal_length_are_refused() {
    let message = after("acc_exp01_user01.txt", 50, |_| None);
    assert!(message.contains("gyro_exp01_user01.txt has 50 rows") && message.contains("has 49"), "{message}");
}

#[test]
fn labels_that_do_not_fit_the_recordings_are_refused() {
    let labels = |row: usize, line: &'static str| after("labels.txt", row, move |_| Some(line.to_owned()));
    let says = |row: usize, line: &'static str, words: &[&str]| {
        let text = labels(row, line);
        let first = text.lines().next().unwrap();
        let place = format!("labels.txt, row {row}: ");
        assert!(first.contains(&place) && words.iter().all(|word| text.contains(word)), "{text}");
    };
    says(2, "1 1 1 31 51", &["1 rows behind the end of", "acc_exp01_user01.txt, which has 50"]);
    says(1, "1 1 5 0 20", &["from `0` to `20`", "rows count from 1"]);
    says(1, "1 1 5 10 9", &["from `10` to `9`"]);
    says(1, "1 1 13 1 20", &["the label `13` is not explained"]);
    says(1, "1 1 0 1 20", &["the label `0` is not explained"]);
    says(1, "-1 1 5 1 20", &["a label of person 1, trial -1, of which there is no recording"]);
    says(1, "1 1 5 1", &["4 cells, expected at least 5"]);
    says(1, "1 1 5 1 20.5", &["`20.5` is no number of a row"]);
    says(3, "9 2 7 11 40", &["a label of person 2, trial 9, of which there is no recording"]);
    // The experiment is there, but of another user.
    says(3, "3 1 7 11 40", &["person 1, trial 3"]);
    let text = labels(2, "1 1 1 20 50");
    assert!(text.contains("lines 1 and 2") && text.contains("acc_exp01_user01"), "{text}");
    assert!(text.contains("`standing`") && text.contains("`walking`"), "{text}");
}

#[test]
fn overlapping_rows_of_one_activity_are_accepted() {
    let (root, raw) = small();
    change_row(&raw.join("labels.txt"), 1, |line| Some(format!("{line}\n1 1 5 10 25")));
    assert_eq!(codes(&recordings(&open_folder(root.path()).unwrap())[0])[24..26], [5, 0]);
}

#[test]
fn a_missing_file_is_named() {
    for (file, named) in [
        ("labels.txt", "labels.txt"),
        ("gyro_exp03_user02.txt", "acc_exp03_user02.txt has no companion"),
        ("acc_exp01_user01.txt", "gyro_exp01_user01.txt belongs to a file"),
    ] {
        let (root, raw) = small();
        std::fs::remove_file(raw.join(file)).unwrap();
        let message = message(root.path());
        assert!(message.contains(named) && message.contains("restore"), "{message}");
    }
    let (root, raw) = small();
    for entry in std::fs::read_dir(raw).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let message = message(root.path());
    assert!(message.contains("is not a data set") && message.contains("HAPT Data Set"), "{message}");
}

#[test]
fn one_experiment_number_for_two_people_is_refused() {
    let (root, raw) = small();
    for sensor in ["acc", "gyro"] {
        let name = |user: &str| raw.join(format!("{sensor}_exp01_user{user}.txt"));
        std::fs::copy(name("01"), name("05")).unwrap();
    }
    // The labels of both are there.
    change_row(&raw.join("labels.txt"), 1, |line| Some(format!("{line}\n1 5 5 1 20")));
    let text = message(root.path());
    assert!(text.contains("acc_exp01_user01.txt and ") && text.contains("acc_exp01_user05.txt"), "{text}");
    assert!(text.contains("both hold the recording `1`"), "{text}");
}

#[test]
fn an_empty_file_is_refused() {
    let (root, raw) = small();
    std::fs::write(raw.join("acc_exp01_user01.txt"), "\n").unwrap();
    let text = message(root.path());
    assert!(text.contains("acc_exp01_user01.txt"), "{text}");
}

/// What reading says about one recording whose samples were changed.
fn after_change(change: impl FnOnce(&mut Vec<[f32; 3]>, &mut Vec<[f32; 3]>)) -> String {
    let root = TempDir::new().unwrap();
    write_hapt_folder(root.path(), &[&with_samples(&swaying(1, 1, vec![5; 500]), change)]);
    let error = open_folder(root.path()).unwrap_err();
    assert!(matches!(error, DataError::Described { .. }), "{error}");
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
    assert_eq!((noted.len(), noted[0].file.as_str()), (1, "RawData/acc_exp01_user01.txt"));
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
