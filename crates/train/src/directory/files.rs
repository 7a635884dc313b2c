//! Names of the files of a run directory, and the small things that are written there.

use crate::tensorboard::EventWriter;
use crate::{Config, TrainError};
use ambulo_data::{EvaluationEntry, EvaluationLog};
use ambulo_record::atomic;
use ambulo_record::files::{CONFIG, EPOCHS, FOLDS, METRICS, MODEL, WEARINGS};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) const CHECKPOINT: &str = "checkpoint.safetensors";
pub(crate) const LOCK: &str = ".lock";
/// Where the models of further seeds lie.
const FURTHER_MODELS: &str = "models";

/// The files of one run directory.
#[derive(Clone, Debug)]
pub struct RunFiles {
    directory: PathBuf,
}

impl RunFiles {
    /// The files in this directory, which need not exist.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The run's name: the directory's.
    #[must_use]
    pub fn name(&self) -> String {
        let absolute = std::path::absolute(&self.directory).unwrap_or_else(|_| self.directory.clone());
        absolute.file_name().map_or_else(|| "run".into(), |n| n.to_string_lossy().into_owned())
    }

    /// A file of the run.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The model of a seed: the first seed's is the run's model, the others lie in `models/`.
    #[must_use]
    pub fn model(&self, seeds: &[u64], seed: u64) -> PathBuf {
        if seeds.first() == Some(&seed) {
            self.path(MODEL)
        } else {
            self.path(FURTHER_MODELS).join(format!("seed-{seed}.safetensors"))
        }
    }

    /// Makes and locks a directory that must not exist or be empty, and writes its configuration.
    pub(crate) fn begin(directory: &Path, config: &str) -> Result<(Self, File), TrainError> {
        let files = Self::new(directory);
        files.refuse_unless_empty()?;
        files.create_directory(directory)?;
        let lock = files.lock()?;
        files.write(CONFIG, config.as_bytes())?;
        Ok((files, lock))
    }

    /// Refuses a directory that holds anything but the lock of a run that could not be begun, or what a kill left of its
    /// first file.
    fn refuse_unless_empty(&self) -> Result<(), TrainError> {
        let directory = self.directory();
        let is_empty = match std::fs::read_dir(directory) {
            Ok(entries) => entries
                .flatten()
                .map(|entry| entry.file_name())
                .all(|name| name == LOCK || name.to_string_lossy().starts_with(atomic::TEMPORARY)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
            Err(source) => return Err(TrainError::Io { path: directory.to_owned(), source }),
        };
        if is_empty { Ok(()) } else { Err(TrainError::Exists { path: directory.to_owned() }) }
    }

    /// The files, configuration and lock of an interrupted run.
    pub(crate) fn reopen(
        directory: &Path,
        threads: Option<usize>,
    ) -> Result<(Self, Config, File), TrainError> {
        let files = Self::new(directory);
        if !files.path(CONFIG).is_file() {
            return Err(TrainError::NoRun { path: directory.to_owned(), missing: CONFIG });
        }
        let lock = files.lock()?;
        // Under the lock: another process may just have finished it.
        if files.path(METRICS).is_file() {
            files.clean_up();
            return Err(TrainError::Finished { path: directory.to_owned() });
        }
        let mut config = Config::read_whole(&files.path(CONFIG))?;
        config.threads = threads.unwrap_or(config.threads);
        config.validate()?;
        Ok((files, config, lock))
    }

    pub(crate) fn create_directory(&self, directory: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(directory)
            .map_err(|source| TrainError::Io { path: directory.to_owned(), source })
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TrainError> {
        let path = self.path(name);
        atomic::write(&path, bytes).map_err(TrainError::Write)
    }

    pub(crate) fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), TrainError> {
        let path = self.path(name);
        // Counts by the thousand are for programs.
        let text =
            if name == WEARINGS { serde_json::to_vec(value) } else { serde_json::to_vec_pretty(value) };
        let mut text = text.map_err(|source| TrainError::Record { path: path.clone(), source })?;
        text.push(b'\n');
        self.write(name, &text)
    }

    pub(crate) fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, TrainError> {
        let path = self.path(name);
        let text = std::fs::read(&path).map_err(|source| TrainError::Io { path: path.clone(), source })?;
        serde_json::from_slice(&text).map_err(|source| TrainError::Record { path, source })
    }

    pub(crate) fn append_line(&self, name: &str, value: &impl Serialize) -> Result<(), TrainError> {
        let path = self.path(name);
        let mut line =
            serde_json::to_vec(value).map_err(|source| TrainError::Record { path: path.clone(), source })?;
        line.push(b'\n');
        let append = || File::options().create(true).append(true).open(&path)?.write_all(&line);
        append().map_err(|source| TrainError::Io { path: path.clone(), source })
    }

    /// The lines of a JSONL file; a last line that a kill cut short is left out.
    pub(crate) fn read_lines<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, TrainError> {
        let path = self.path(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(TrainError::Io { path, source }),
        };
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| {
                serde_json::from_str(line).map_err(|source| TrainError::Record { path: path.clone(), source })
            })
            .collect()
    }

    /// Keeps other processes away until the returned file is closed, also by a kill.
    pub(crate) fn lock(&self) -> Result<File, TrainError> {
        let path = self.path(LOCK);
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| TrainError::Io { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(TrainError::Busy { path: self.directory.clone() }),
            Err(TryLockError::Error(source)) => Err(TrainError::Io { path, source }),
        }
    }

    /// Removes a run of which no epoch was recorded, and its directory if nothing else is in it.
    pub(crate) fn discard_if_nothing_learned(&self) {
        let recorded = std::fs::metadata(self.path(EPOCHS)).map_or(0, |m| m.len());
        if recorded > 0 || self.path(MODEL).exists() {
            return;
        }
        // Whatever cannot be removed is in the way of nothing but a run in the same directory, which will say so.
        if let Ok(Some(events)) = EventWriter::find(&self.directory) {
            let _ = std::fs::remove_file(events);
        }
        for name in [CONFIG, EPOCHS] {
            let _ = std::fs::remove_file(self.path(name));
        }
        self.clean_up();
        let _ = std::fs::remove_dir(&self.directory);
    }

    /// Removes a run over folds of which none is left, and its directory if nothing else is in it.
    pub(crate) fn discard_if_without_folds(&self) {
        // Only an empty directory can be removed.
        if std::fs::remove_dir(self.path(FOLDS)).is_ok() {
            let _ = std::fs::remove_file(self.path(CONFIG));
            self.clean_up();
            let _ = std::fs::remove_dir(&self.directory);
        }
    }

    /// Removes what only an unfinished run needs, and what a kill left of files that were being written.
    pub(crate) fn clean_up(&self) {
        // Nothing depends on their absence: a leftover costs space, not correctness.
        for name in [CHECKPOINT, LOCK] {
            let _ = std::fs::remove_file(self.path(name));
        }
        for directory in [self.directory.clone(), self.path(FURTHER_MODELS)] {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(atomic::TEMPORARY) {
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
    }
}

/// The log of evaluations beside the model: one line each, never rewritten.
pub(crate) struct EvaluationFile {
    pub(crate) path: PathBuf,
    pub(crate) models: Vec<String>,
}

#[derive(Serialize)]
struct EvaluationLine<'a> {
    at: String,
    #[serde(flatten)]
    entry: &'a EvaluationEntry,
    models: &'a [String],
}

impl EvaluationLog for EvaluationFile {
    fn record(&mut self, entry: &EvaluationEntry) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&EvaluationLine { at: now(), entry, models: &self.models })?;
        line.push(b'\n');
        let append = || -> std::io::Result<()> {
            let mut file = File::options().create(true).append(true).open(&self.path)?;
            file.write_all(&line)?;
            file.sync_all()
        };
        append().map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", self.path.display())))
    }
}

/// The time now, ISO 8601 UTC.
pub(crate) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Seconds since 1970 UTC.
pub(crate) fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
