//! The models that people are asked about, as they are named on the command line.

use crate::commands::load_model;
use crate::failure::Usage;
use ambulo_record::files::{CONFIG, FOLDS, METRICS, MODEL};
use ambulo_train::personal::PersonalSource;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The models of these words: of a run over folds that of each fold.
pub(super) fn open(words: &[PathBuf]) -> anyhow::Result<Vec<PersonalSource>> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        if word.join(FOLDS).is_dir() && !word.join(MODEL).exists() {
            for fold in folds(word)? {
                all.push(source(&fold)?);
            }
        } else {
            all.push(source(word)?);
        }
    }
    Ok(all)
}

fn source(path: &Path) -> anyhow::Result<PersonalSource> {
    let model = load_model(path)?;
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let of_run = path.exists()
        && (path.is_dir() || path.file_name().is_some_and(|name| name == MODEL))
        && [CONFIG, METRICS].iter().all(|name| directory.join(name).is_file());
    Ok(PersonalSource { name: path.display().to_string(), model, of_run })
}

/// The directories of the folds of a finished run.
fn folds(run: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !run.join(METRICS).is_file() {
        let run = run.display();
        let text = format!("the run in {run} is not finished\nhint: ambulo train --resume {run}");
        return Err(Usage(text).into());
    }
    let directory = run.join(FOLDS);
    let entries =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut folds: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join(MODEL).is_file()).collect();
    folds.sort();
    Ok(folds)
}
