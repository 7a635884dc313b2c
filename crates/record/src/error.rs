//! What can be wrong with the files of a run.

use std::io;
use std::path::PathBuf;

/// Why the records of a run could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The path given as run directory is not a directory.
    #[error("{} is not a directory\nhint: give the directory of a run, e.g. runs/NAME", path.display())]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// A file every finished run has is not there.
    #[error("{} is missing\nhint: {hint}", path.display())]
    Missing {
        /// The missing file.
        path: PathBuf,
        /// What to do about it.
        hint: &'static str,
    },
    /// A file could not be read, or is not UTF-8.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file holds something other than the record it should.
    #[error(
        "{}, line {line}, column {column}: {message}\n\
         hint: the file was cut short or edited; restore it, or repeat the run with the command in its \
         config.toml", path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1; 0 at the end of input.
        column: usize,
        /// What the parser found instead.
        message: String,
    },
    /// The records were written by a newer Ambulo.
    #[error(
        "{} has format {found}; this version of Ambulo reads up to {known}\n\
         hint: read the run with the version that wrote it, or a later one", path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Format number in the file.
        found: u64,
        /// Largest format number this version reads.
        known: u32,
    },
    /// Two parts of one record do not fit together.
    #[error(
        "{}: {what} has {found} entries, expected {expected}\n\
         hint: the file was edited or mixes two runs; restore it or repeat the run", path.display()
    )]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The part, by its name in the file.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
}

impl RecordError {
    /// Whether the directory is no finished run's, as opposed to one that is broken or cannot be read.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotADirectory { .. } | Self::Missing { .. })
    }
}
