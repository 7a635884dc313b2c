//! One module for each command.

pub(crate) mod adapt;
pub(crate) mod baseline;
pub(crate) mod classify;
pub(crate) mod compare;
pub(crate) mod convert;
mod data;
pub(crate) mod datasets;
pub(crate) mod evaluate;
mod few;
pub(crate) mod inspect;
pub(crate) mod models;
mod output;
pub(crate) mod personal;
pub(crate) mod pretrain;
mod reading;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod shell;
pub(crate) mod stream;
pub(crate) mod train;
pub(crate) mod transfer;

use crate::failure::Usage;
use ambulo_model::Model;
use ambulo_model::shipped::Shipped;
use data::open_data;
use std::path::{Path, PathBuf};

/// Loads a model that tells activities apart; a run directory stands for the model of its first seed.
fn load_model(path: &Path) -> anyhow::Result<Model> {
    Ok(load_any_model(path)?.refuse_encoder(&path.display().to_string())?)
}

/// The same, or an encoder.
fn load_any_model(path: &Path) -> anyhow::Result<Model> {
    let shipped = path.to_str().and_then(Shipped::named).filter(|_| !path.exists());
    if let Some(shipped) = shipped {
        return Ok(shipped.model()?);
    }
    let file = if path.is_dir() { path.join(ambulo_record::files::MODEL) } else { path.to_owned() };
    if !file.exists() {
        if path.join(ambulo_record::files::CONFIG).is_file() {
            let run = path.display();
            return Err(Usage(format!(
                "the run in {run} is not finished\nhint: ambulo train --resume {run}"
            ))
            .into());
        }
        return Err(Usage(missing(&file, "model", ambulo_record::files::MODEL)).into());
    }
    Ok(Model::load(&file)?)
}

/// What to say of a file that is not there: the runs below `runs/` that have one.
fn missing(path: &Path, what: &str, name: &str) -> String {
    let mut choices: Vec<PathBuf> = std::fs::read_dir("runs")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join(name))
        .filter(|file| file.is_file())
        .collect();
    choices.sort();
    let hint = if choices.is_empty() {
        format!("there is no runs/*/{name} here; `ambulo train` makes one")
    } else {
        let list: Vec<String> = choices.iter().map(|c| c.display().to_string()).collect();
        format!("there are: {}", list.join(", "))
    };
    format!("there is no {what} {}\nhint: {hint}", path.display())
}

/// `123456` as `123,456`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap_or_default()).collect();
    groups.join(",")
}
