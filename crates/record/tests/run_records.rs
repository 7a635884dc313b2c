//! Broken run directories: every error names the file, the place and what to do.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::{RecordError, RunRecords};
use std::fs;
use std::path::Path;
use support::folds::fold_records;
use support::sample::records;
use support::write_run;
use tempfile::TempDir;

fn run() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path(), &records(2)).unwrap();
    dir
}

fn message(dir: &Path) -> String {
    RunRecords::read(dir).expect_err("reads").to_string()
}

/// Replaces `from` by `to`, once, in one of the run's files.
fn edit(dir: &Path, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(dir.join(file)).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(dir.join(file), text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_whole_run_reads_back_as_it_was_written() {
    assert_eq!(RunRecords::read(run().path()).unwrap(), records(2));
}

#[test]
fn a_directory_that_is_none_is_refused() {
    let dir = run();
    let error = RunRecords::read(&dir.path().join("metrics.json")).unwrap_err();
    assert!(matches!(error, RecordError::NotADirectory { .. }));
    assert!(message(&dir.path().join("nowhere")).contains("nowhere is not a directory\nhint:"));
}

#[test]
fn missing_files_are_named_with_what_to_do() {
    for (file, hint) in [
        ("metrics.json", "interrupted"),
        ("metrics.jsonl", "learning curves"),
        ("config.toml", "repeat the run"),
    ] {
        let dir = run();
        fs::remove_file(dir.path().join(file)).unwrap();
        let message = message(dir.path());
        assert!(message.contains(&format!("{file} is missing")) && message.contains(hint), "{message}");
    }
}

#[test]
fn a_run_over_folds_needs_no_epochs_but_everything_else() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path(), &fold_records(3)).unwrap();
    assert!(!dir.path().join("metrics.jsonl").exists());
    assert_eq!(RunRecords::read(dir.path()).unwrap(), fold_records(3));
    fs::write(dir.path().join("metrics.jsonl"), "{").unwrap();
    assert!(message(dir.path()).contains("metrics.jsonl, line 1"), "what is there must be whole");
    fs::remove_file(dir.path().join("metrics.jsonl")).unwrap();
    fs::remove_file(dir.path().join("config.toml")).unwrap();
    assert!(message(dir.path()).contains("config.toml is missing"));
}

#[test]
fn mistakes_may_be_absent_but_not_broken() {
    let dir = run();
    fs::remove_file(dir.path().join("mistakes.json")).unwrap();
    assert_eq!(RunRecords::read(dir.path()).unwrap().mistakes, None);
    fs::write(dir.path().join("mistakes.json"), "[\n{\"subject\": 70000}]").unwrap();
    let message = message(dir.path());
    assert!(message.contains("mistakes.json, line 2, column"), "{message}");
}

#[test]
fn a_newer_format_is_refused_before_anything_else_is_read() {
    let dir = run();
    fs::write(dir.path().join("metrics.json"), "{\"format\": 2, \"everything\": \"else\"}").unwrap();
    let error = RunRecords::read(dir.path()).unwrap_err();
    assert!(matches!(error, RecordError::NewerFormat { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn a_bad_line_of_epochs_is_found_by_its_number_in_the_file() {
    let dir = run();
    let path = dir.path().join("metrics.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(4, "");
    lines[7] = "{\"seed\": 1, \"stage\": \"select\", \"epoch\": \"seven\"}";
    fs::write(&path, lines.join("\n")).unwrap();
    let message = message(dir.path());
    assert!(message.contains("metrics.jsonl, line 8, column"), "{message}");
    assert!(message.contains("seven") && message.contains("hint:"), "{message}");
    assert!(!message.contains(" at line "), "the place is stated once: {message}");
}

#[test]
fn a_record_cut_short_is_found() {
    let dir = run();
    let path = dir.path().join("metrics.json");
    let text = fs::read_to_string(&path).unwrap();
    let half = &text[..text.len() / 2];
    fs::write(&path, half).unwrap();
    let message = message(dir.path());
    assert!(message.contains(&format!("metrics.json, line {}", half.lines().count())), "{message}");
}

#[test]
fn records_that_contradict_themselves_are_refused() {
    let dir = run();
    edit(dir.path(), "metrics.json", "\"labels\": [", "\"labels\": [ \"FLYING\",");
    let message_ = message(dir.path());
    assert!(message_.contains("test.per_class has 6 entries, expected 7"), "{message_}");

    let dir = run();
    edit(dir.path(), "metrics.json", "1811,", "");
    let message_ = message(dir.path());
    assert!(message_.contains("test.confusion[1] has 5 entries, expected 6"), "{message_}");
}

#[test]
fn text_that_is_not_utf8_is_an_error_with_the_file() {
    let dir = run();
    fs::write(dir.path().join("config.toml"), [0xff, 0xfe]).unwrap();
    let message = message(dir.path());
    assert!(message.contains("cannot read") && message.contains("config.toml"), "{message}");
}

/// The records that the project publishes, some of early versions.
#[test]
fn published_records_are_read_and_those_of_baselines_without_placeholders() {
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/results");
    let mut baselines = 0;
    for entry in fs::read_dir(published).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let dir = run();
        fs::copy(&path, dir.path().join("metrics.json")).unwrap();
        let metrics = RunRecords::read(dir.path()).unwrap().metrics;
        let fit = &metrics.test.per_seed[0];
        if metrics.model.starts_with("features-") {
            baselines += 1;
            assert_eq!((fit.best_epoch, fit.temperature, metrics.instruction_set), (None, None, None));
        } else {
            assert!(fit.best_epoch.is_some() && fit.temperature.is_some(), "{}", path.display());
        }
    }
    assert!(baselines > 1, "{baselines}");
}
