//! Records written as a run writes them.

use ambulo_record::RunRecords;
use std::path::Path;

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
