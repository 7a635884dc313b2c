//! Recordings in JSON: Sensor Logger's export and messages, Movesense, and objects whose names are columns.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod lines;
mod movesense;
mod push;
mod sensor_logger;
mod truth;

use ambulo_formats::{ErrorKind, FormatError, Opened, ReadOptions, open};
use ambulo_signal::FindingKind;
use common::{Whole, bytes};

/// 2024-03-05 09:00 UTC, in ns.
pub(crate) const NINE: i64 = 1_709_629_200_000_000_000;
pub(crate) const MS: i64 = 1_000_000;

pub(crate) fn plain(content: &str) -> Whole {
    bytes(content.as_bytes(), &ReadOptions::default()).unwrap()
}

pub(crate) fn all(content: &str, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, content).unwrap();
    open(&path, options)
}

pub(crate) fn fails(content: &str, options: &ReadOptions, kind: ErrorKind, words: &[&str]) {
    let error = all(content, options).err().unwrap_or_else(|| panic!("{content:.200} is read"));
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

pub(crate) fn says(whole: &Whole, kind: FindingKind, words: &[&str]) -> u64 {
    let findings = &whole.header.findings;
    let found = findings.iter().find(|f| f.kind == kind && words.iter().all(|word| f.text.contains(word)));
    found.unwrap_or_else(|| panic!("{findings:?} says nothing of {words:?}")).count
}
