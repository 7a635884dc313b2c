use std::io;
use std::path::PathBuf;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
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
         hint: make the report with the version that wrote the run, or a later one", path.display()
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
    /// The result could not be written.
    #[error("cannot write {source}")]
    Write {
        /// What the operating system said; names the file.
        source: io::Error,
    },
}
