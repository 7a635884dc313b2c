//! A run directory that this process holds.

use crate::directory::files::RunFiles;
use crate::{Config, TrainError};
use ambulo_record::Metrics;
use std::fs::File;
use std::path::Path;

/// A run directory that no other process works on.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) files: RunFiles,
    pub(super) config: Config,
    /// Begun by this process, not resumed.
    pub(super) fresh: bool,
    /// Held until this is dropped.
    _lock: File,
}

impl Opened {
    /// Makes a directory, which must not exist or be empty, with its configuration.
    pub(super) fn begin(directory: &Path, config: Config) -> Result<Self, TrainError> {
        // Before anything is created: whether it can be written as text at all.
        let text = config.to_toml()?;
        let (files, lock) = RunFiles::begin(directory, &text)?;
        Ok(Self { files, config, fresh: true, _lock: lock })
    }

    /// Opens the directory of an interrupted run.
    pub(super) fn again(directory: &Path, threads: Option<usize>) -> Result<Self, TrainError> {
        let (files, config, lock) = RunFiles::reopen(directory, threads)?;
        Ok(Self { files, config, fresh: false, _lock: lock })
    }
}

/// How [`Run::execute`](super::Run::execute) ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything is written.
    Finished(Box<Metrics>),
    /// It was asked to stop; [`Run::resume`](super::Run::resume) goes on.
    Interrupted,
}
