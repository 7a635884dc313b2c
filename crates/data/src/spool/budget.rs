//! How much may stay in memory, and the file for the rest.

use super::file::SpoolFile;
use super::recording::DiskRecording;
use crate::{DataError, LabelledRecording, Stored};
use ambulo_signal::{Clock, Recording};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What stays in memory unless [`MEMORY`] says otherwise, in bytes.
const USUAL_BUDGET: u64 = 512 << 20;

/// Environment variable: what samples may take in memory.
const MEMORY: &str = "AMBULO_MEMORY";

/// Environment variable: the directory of the temporary file.
const CACHE: &str = "AMBULO_CACHE";

/// Keeps samples in memory up to a budget, and beyond it in a temporary file: one that has no name where the system allows
/// it, and is gone with the process.
///
/// Clones share budget and file.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: u64,
    used: AtomicU64,
    directory: PathBuf,
    /// Made when it is first needed.
    file: Mutex<Option<Arc<SpoolFile>>>,
}

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    spool: Spool,
    bytes: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.spool.0.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A setting of the environment that says no amount of memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MEMORY} is `{found}`, expected an amount of memory\nhint: say it as 512M or 2G")]
pub struct MemorySettingError {
    /// What it says.
    pub found: String,
}

impl Spool {
    /// Keeps up to `budget` bytes of samples in memory and the others in a file in `directory`, which is made when the first
    /// do not fit.
    pub fn new(budget: u64, directory: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            budget,
            used: AtomicU64::new(0),
            directory: directory.into(),
            file: Mutex::new(None),
        }))
    }

    /// The one of this process: 512 MB, or as much as `AMBULO_MEMORY` says (`300M`, `2G`); files go to the directory `AMBULO_CACHE`,
    /// or the system's for temporary files.
    ///
    /// # Errors
    /// A setting that says no amount of memory.
    pub fn shared() -> Result<Self, MemorySettingError> {
        static SHARED: OnceLock<Result<Spool, MemorySettingError>> = OnceLock::new();
        let make = || {
            let budget = match std::env::var_os(MEMORY) {
                None => USUAL_BUDGET,
                Some(text) => bytes_of(&text.to_string_lossy())?,
            };
            let directory = std::env::var_os(CACHE).map_or_else(std::env::temp_dir, PathBuf::from);
            Ok(Self::new(budget, directory))
        };
        SHARED.get_or_init(make).clone()
    }

    /// Takes a recording: in memory, or in the file if it does not fit any more. What is kept in memory counts for good.
    ///
    /// # Errors
    /// The file system's.
    pub fn store(&self, recording: Recording) -> io::Result<Stored> {
        self.store_shared(recording.into())
    }

    fn store_shared(&self, recording: Arc<Recording>) -> io::Result<Stored> {
        if self.claim(size_of_recording(&recording)) {
            Ok(Stored::Memory(recording))
        } else {
            Ok(Stored::Disk(DiskRecording::write(self.file()?, &recording)?.into()))
        }
    }

    /// The same for a recording with its labels; one that is in a file already stays there.
    ///
    /// # Errors
    /// [`DataError::Spool`].
    pub fn keep(&self, labelled: LabelledRecording) -> Result<LabelledRecording, DataError> {
        let recording = match labelled.recording {
            Stored::Memory(recording) => {
                self.store_shared(recording).map_err(|source| DataError::Spool { source })?
            }
            stored @ Stored::Disk(_) => stored,
        };
        Ok(LabelledRecording { recording, ..labelled })
    }

    /// So much of the budget, if it is left.
    pub(crate) fn lease(&self, bytes: u64) -> Option<Lease> {
        self.claim(bytes).then(|| Lease { spool: self.clone(), bytes })
    }

    fn claim(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|&used| used <= self.0.budget);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    pub(super) fn file(&self) -> io::Result<Arc<SpoolFile>> {
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        match &*file {
            Some(file) => Ok(Arc::clone(file)),
            None => Ok(Arc::clone(file.insert(Arc::new(SpoolFile::create(&self.0.directory)?)))),
        }
    }
}

/// What the samples of a recording take, in bytes.
fn size_of_recording(recording: &Recording) -> u64 {
    let size = |series: &ambulo_signal::SensorSeries| {
        let stamp = match series.clock {
            Clock::Uniform { .. } => 0,
            Clock::Stamps(_) => size_of::<i64>(),
        };
        (series.values.len() * (size_of::<[f32; 3]>() + stamp)) as u64
    };
    recording.series().iter().map(size).sum()
}

/// `512M`, `2G`, `100K`, or a number of bytes; units are powers of 1024.
fn bytes_of(text: &str) -> Result<u64, MemorySettingError> {
    let text = text.trim();
    let shift = match text.chars().last().map(|unit| unit.to_ascii_uppercase()) {
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        _ => 0,
    };
    let digits = if shift == 0 { text } else { &text[..text.len() - 1] };
    let number = digits.trim().parse::<u64>().ok();
    let bytes = number.and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| MemorySettingError { found: text.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory_are_read_with_their_unit() {
        for (text, bytes) in [("512M", 512 << 20), ("2G", 2 << 30), ("7k", 7 << 10), ("12", 12), ("0", 0)] {
            assert_eq!(bytes_of(text), Ok(bytes));
        }
        for wrong in ["", "M", "-1", "1T", "1.5G", "99999999999G"] {
            assert!(bytes_of(wrong).unwrap_err().to_string().contains("512M or 2G"), "{wrong}");
        }
    }

    #[test]
    fn a_lease_is_given_back() {
        let spool = Spool::new(100, std::env::temp_dir());
        let first = spool.lease(60).unwrap();
        assert!(spool.lease(60).is_none());
        let second = spool.clone().lease(40).unwrap();
        drop(first);
        assert!(spool.lease(61).is_none() && spool.lease(60).is_some());
        drop(second);
        assert!(spool.lease(100).is_some() && spool.lease(101).is_none());
    }
}
