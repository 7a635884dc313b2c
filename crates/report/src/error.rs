use ambulo_record::RecordError;
use std::io;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The records of the run could not be read.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// The result could not be written.
    #[error("cannot write {source}")]
    Write {
        /// What the operating system said; names the file.
        source: io::Error,
    },
}

impl ReportError {
    /// Whether the directory is no finished run's, as opposed to something that failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Records(records) if records.is_usage())
    }
}
