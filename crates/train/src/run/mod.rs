//! A run directory: begun, resumed, executed.

pub(crate) mod folds;
pub(crate) mod learner;
mod single;

use crate::directory::files::RunFiles;
use crate::protocol::people::check_split;
use crate::{Config, Observer, TrainError};
use ambulo_data::Dataset;
use ambulo_record::Metrics;
use single::Execution;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A run directory that this process works on.
#[derive(Debug)]
pub struct Run {
    files: RunFiles,
    config: Config,
    /// Begun by this process, not resumed.
    fresh: bool,
    /// Held until the run is dropped.
    _lock: File,
}

/// How [`Run::execute`] ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything is written.
    Finished(Box<Metrics>),
    /// It was asked to stop; [`Run::resume`] goes on.
    Interrupted,
}

impl Run {
    /// Begins a run in `directory`, which must not exist or be empty, and writes its configuration there.
    ///
    /// # Errors
    /// A configuration out of range or that does not fit the data set, or a directory that holds something; nothing
    /// is created then.
    pub fn create(directory: &Path, config: Config, dataset: &Dataset) -> Result<Self, TrainError> {
        config.validate()?;
        check_split(dataset, &config)?;
        // Before anything is created: whether it can be written as text at all.
        let text = config.to_toml()?;
        let (files, lock) = RunFiles::begin(directory, &text)?;
        Ok(Self { files, config, fresh: true, _lock: lock })
    }

    /// Goes on with an interrupted run; `threads` may differ from before, nothing else.
    ///
    /// # Errors
    /// A directory that holds no run, a finished one, or one that another process works on.
    pub fn resume(directory: &Path, threads: Option<usize>) -> Result<Self, TrainError> {
        let (files, config, lock) = RunFiles::reopen(directory, threads)?;
        Ok(Self { files, config, fresh: false, _lock: lock })
    }

    /// The effective configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The run's files.
    #[must_use]
    pub fn files(&self) -> &RunFiles {
        &self.files
    }

    /// Trains all seeds, evaluates once, and writes the records. `command` is what a person types to repeat the run.
    ///
    /// When `stop` is set, the step in progress is finished and the state saved.
    ///
    /// # Errors
    /// Data that do not fit the configuration, training that diverges, or the file system.
    pub fn execute(
        self,
        dataset: &Dataset,
        command: &str,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let done = Execution::new(&self.files, &self.config, dataset)
            .and_then(|execution| execution.run(command, stop, observer));
        // A run that cannot even begin (a window longer than any recording) must not block its own correction.
        if self.fresh && matches!(&done, Err(e) if !matches!(e, TrainError::Diverged { .. })) {
            self.files.discard_if_nothing_learned();
        }
        done
    }
}
