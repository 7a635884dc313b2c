//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod folds;
pub(crate) mod sample;
pub(crate) mod wellformed;

use ambulo_report::{RunRecords, html};
use std::path::Path;
use wellformed::{check_picture, elements, pictures};

/// Writes `records` as a run directory.
pub(crate) fn write_run(dir: &Path, records: &RunRecords) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("metrics.json"), serde_json::to_string_pretty(&records.metrics)?)?;
    // A run over folds has no epochs of its own, and then no file for them.
    if records.metrics.folds.is_empty() {
        let mut lines = String::new();
        for epoch in &records.epochs {
            lines.push_str(&serde_json::to_string(epoch)?);
            lines.push('\n');
        }
        std::fs::write(dir.join("metrics.jsonl"), lines)?;
    }
    if let Some(mistakes) = &records.mistakes {
        std::fs::write(dir.join("mistakes.json"), serde_json::to_string(mistakes)?)?;
    }
    std::fs::write(dir.join("config.toml"), &records.config)
}

/// The page, after holding all of it and each picture against the rules.
#[allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]
pub(crate) fn checked(records: &RunRecords) -> String {
    let page = html(records);
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    elements(&format!("{before}{after}")).unwrap();
    for picture in pictures(&page) {
        check_picture(picture).unwrap_or_else(|e| panic!("{e}\n{picture}"));
    }
    page
}
