//! A run in its directory: begun, resumed, executed. It is one training, or one for each fold of a protocol.

pub(crate) mod few;
mod folds;
pub(crate) mod learner;
mod opened;
mod single;
mod tasks;
pub(crate) mod transfer;

pub use opened::Outcome;

use crate::directory::files::RunFiles;
use crate::protocol::people::{check_split, fold_count, refuse_seen};
use crate::{Config, Observer, TrainError};
use ambulo_data::{Dataset, check_duplicates};
use folds::Folds;
use opened::Opened;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A run directory that this process works on.
///
/// A configuration of a protocol with folds that names none of them is a run over all folds: each is a run of its own in
/// `folds/NN`, and what they found is put together.
#[derive(Debug)]
pub struct Run(Opened);

/// Refuses signals that occur twice, under two people or two labels, unless the configuration allows it. Content known to be
/// the published one has been looked at.
pub(crate) fn refuse_duplicates(dataset: &Dataset, allowed: bool) -> Result<(), TrainError> {
    if allowed || dataset.info.sha256.as_ref() == Some(&dataset.sha256) {
        return Ok(());
    }
    Ok(check_duplicates(dataset)?)
}

impl Run {
    /// Begins a run in `directory`, which must not exist or be empty, and writes its configuration there.
    ///
    /// # Errors
    /// A configuration out of range or that does not fit the data set, data in which a signal occurs twice, or a directory that
    /// holds something; nothing is created then.
    pub fn create(directory: &Path, config: Config, dataset: &Dataset) -> Result<Self, TrainError> {
        config.validate()?;
        if config.is_over_folds() {
            fold_count(dataset, &config)?;
        } else {
            check_split(dataset, &config)?;
        }
        refuse_duplicates(dataset, config.allow_duplicates)?;
        refuse_seen(dataset, &config)?;
        Ok(Self(Opened::begin(directory, config)?))
    }

    /// Goes on with an interrupted run; `threads` may differ from before, nothing else.
    ///
    /// # Errors
    /// A directory that holds no run, a finished one, one whose configuration is not whole, or one that another process
    /// works on.
    pub fn resume(directory: &Path, threads: Option<usize>) -> Result<Self, TrainError> {
        Ok(Self(Opened::again(directory, threads)?))
    }

    /// The effective configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The run's files.
    #[must_use]
    pub fn files(&self) -> &RunFiles {
        &self.0.files
    }

    /// Trains all seeds (of every fold), evaluates once, and writes the records. `command` is what a person types to repeat
    /// the run.
    ///
    /// When `stop` is set, the step in progress is finished and the state saved.
    ///
    /// # Errors
    /// Data that do not fit the configuration, training that diverges, or the file system; of folds the first that fails, by
    /// number, and what others have finished stays.
    pub fn execute(
        self,
        dataset: &Dataset,
        command: &str,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        if self.0.config.is_over_folds() {
            Folds { run: &self.0, dataset }.execute(command, stop, observer)
        } else {
            single::execute(&self.0, dataset, command, stop, observer)
        }
    }
}
