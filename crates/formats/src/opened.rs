//! A recording that was recognised and can be pulled.

use crate::error::Fault;
use crate::options::Format;
use crate::reader::{Found, Reader};
use ambulo_signal::{Chunk, Header, Source, SourceError};
use std::path::{Path, PathBuf};

/// From which sample on the texts of some columns are these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRun {
    /// Number of the first sample, from 0 at the beginning of the recording, as the samples of each sensor come out.
    pub sample: u64,
    /// The text of each column that was asked for, without blanks around it and without quotes.
    pub texts: Vec<std::sync::Arc<str>>,
}

/// A recording in a file, to be pulled in chunks: memory does not grow with its length.
///
/// When all chunks have been read once, the header's findings also hold what was noticed on the way.
pub struct Opened {
    path: PathBuf,
    header: Header,
    format: Format,
    dialect: Option<String>,
    because: String,
    reader: Box<dyn Reader>,
    /// Findings of the header before anything was read.
    known: usize,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("path", &self.path)
            .field("format", &self.format_name())
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Opened {
    pub(crate) fn new(path: &Path, found: Found) -> Self {
        let Found { format, dialect, because, mut header, reader } = found;
        if header.origin.is_empty() {
            header.origin =
                path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        }
        let known = header.findings.len();
        Self { path: path.to_owned(), header, format, dialect, because, reader, known }
    }

    /// The format as which it is read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The format's name; of a table of a known app or device that one's.
    pub fn format_name(&self) -> &str {
        self.dialect.as_deref().unwrap_or(self.format.name())
    }

    /// Why it was recognised as that.
    pub fn because(&self) -> &str {
        &self.because
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The texts of the columns that were asked for ([`ReadOptions::texts`](crate::ReadOptions::texts)), of the samples read since
    /// this was last asked: an entry where any of them changes, in the order of samples, the first at sample 0. Empty for formats that
    /// have no columns. They are kept until they are taken: to be asked after each read.
    pub fn take_texts(&mut self) -> Vec<TextRun> {
        self.reader.take_texts()
    }

    /// What the clock of a table says at the recording's zero, in nanoseconds of its own count ([`TimeFormat::count_ns`](crate::TimeFormat::count_ns)):
    /// two files of one device are told apart in time by it although nobody knows when it began. None for other formats, and for tables
    /// without times.
    pub fn origin_ns(&self) -> Option<i64> {
        self.reader.origin_ns()
    }

    fn failed(&self, fault: Fault) -> SourceError {
        SourceError::new(fault.of(&self.path))
    }
}

impl Source for Opened {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.reader.read(chunk).map_err(|fault| self.failed(fault))?;
        if !more {
            self.header.findings.truncate(self.known);
            self.header.findings.extend(self.reader.findings());
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.reader.rewind().map_err(|fault| self.failed(fault))
    }
}

#[cfg(test)]
mod tests {
    use super::Opened;

    #[test]
    fn recordings_can_be_sent_to_another_thread() {
        fn check<T: Send>() {}
        check::<Opened>();
    }
}
