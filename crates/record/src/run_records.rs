//! The records of a finished run, read from its directory.

use crate::files::{CONFIG, EPOCHS, METRICS, MISTAKES};
use crate::{EpochRecord, METRICS_FORMAT, Metrics, Mistake, RecordError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;

/// The records of one finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecords {
    /// `metrics.json`.
    pub metrics: Metrics,
    /// `metrics.jsonl`, in the order of its lines; empty for a run over folds, each of which has its own.
    pub epochs: Vec<EpochRecord>,
    /// `mistakes.json`, most confident first; `None` where the run left none.
    pub mistakes: Option<Vec<Mistake>>,
    /// `config.toml`, as text.
    pub config: String,
}

impl RunRecords {
    /// Reads `metrics.json`, `metrics.jsonl`, `config.toml` and, if there, `mistakes.json` from run directory
    /// `dir`. A run over folds need not have `metrics.jsonl`.
    ///
    /// # Errors
    /// [`RecordError`] with file and line: a directory or file that is not there, cannot be read, is not what it
    /// should be, was written by a newer version, or contradicts itself in the number of classes or seeds.
    pub fn read(dir: &Path) -> Result<Self, RecordError> {
        if !dir.is_dir() {
            return Err(RecordError::NotADirectory { path: dir.to_path_buf() });
        }
        let metrics_path = dir.join(METRICS);
        let hint = "it is written when a run ends; resume the run if it was interrupted";
        let metrics = read_record::<Metrics>(&metrics_path, hint, METRICS_FORMAT)?.without_placeholders();
        check_shapes(&metrics_path, &metrics)?;

        let epochs_path = dir.join(EPOCHS);
        let text = if metrics.folds.is_empty() && metrics.has_epochs() {
            required(&epochs_path, "the learning curves are drawn from it; copy it from the run")?
        } else {
            optional(&epochs_path)?.unwrap_or_default()
        };
        let mut epochs = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if !line.trim().is_empty() {
                epochs.push(parse(&epochs_path, index, line)?);
            }
        }

        let mistakes_path = dir.join(MISTAKES);
        let mistakes = match optional(&mistakes_path)? {
            Some(text) => Some(parse(&mistakes_path, 0, &text)?),
            None => None,
        };
        let config = required(
            &dir.join(CONFIG),
            "it says how to repeat the run, and no report is made without; copy it from the run",
        )?;
        Ok(Self { metrics, epochs, mistakes, config })
    }
}

fn optional(path: &Path) -> Result<Option<String>, RecordError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RecordError::Read { path: path.to_path_buf(), source }),
    }
}

pub(crate) fn required(path: &Path, hint: &'static str) -> Result<String, RecordError> {
    optional(path)?.ok_or_else(|| RecordError::Missing { path: path.to_path_buf(), hint })
}

/// Reads a file of one record with a format number, of which readers know those up to `known`; `hint` says where it comes from.
pub(crate) fn read_record<T: DeserializeOwned>(
    path: &Path,
    hint: &'static str,
    known: u32,
) -> Result<T, RecordError> {
    let text = required(path, hint)?;
    refuse_newer(path, &text, known)?;
    parse(path, 0, &text)
}

/// Parses `text`, whose first line is line `skipped` (from 0) of the file.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, skipped: usize, text: &str) -> Result<T, RecordError> {
    serde_json::from_str(text).map_err(|e| {
        let message = e.to_string();
        // serde_json ends its message with a place, which the variant states in terms of the file.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(m, _)| m).to_owned();
        RecordError::Malformed {
            path: path.to_path_buf(),
            line: skipped + e.line().max(1),
            column: e.column(),
            message,
        }
    })
}

/// Looks at the format number alone: the rest of a newer layout may not parse, and the reason must not be that.
pub(crate) fn refuse_newer(path: &Path, text: &str, known: u32) -> Result<(), RecordError> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    let Format { format } = parse(path, 0, text)?;
    if format > u64::from(known) {
        return Err(RecordError::NewerFormat { path: path.to_path_buf(), found: format, known });
    }
    Ok(())
}

fn check_shapes(path: &Path, metrics: &Metrics) -> Result<(), RecordError> {
    let check = |what: &str, found: usize, expected: usize| {
        if found == expected {
            return Ok(());
        }
        Err(RecordError::Inconsistent { path: path.to_path_buf(), what: what.to_owned(), expected, found })
    };
    let (classes, seeds) = (metrics.labels.len(), metrics.seeds.len());
    check("test.per_class", metrics.test.per_class.len(), classes)?;
    check("test.per_seed", metrics.test.per_seed.len(), seeds)?;
    check("test.confusion", metrics.test.confusion.len(), classes)?;
    for (index, row) in metrics.test.confusion.iter().enumerate() {
        check(&format!("test.confusion[{index}]"), row.len(), classes)?;
    }
    for (index, depth) in metrics.test.depths.iter().enumerate() {
        let labels = depth.labels.len();
        check(&format!("test.depths[{index}].confusion"), depth.confusion.len(), labels)?;
        for (number, row) in depth.confusion.iter().enumerate() {
            check(&format!("test.depths[{index}].confusion[{number}]"), row.len(), labels)?;
        }
    }
    Ok(())
}
