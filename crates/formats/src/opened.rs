//! A file that was recognised and can be pulled.

use crate::error::{Fault, FormatError};
use crate::options::{Format, ReadOptions};
use crate::plan::Plan;
use crate::recognise::{self, Content};
use crate::table::TableReader;
use crate::{parquet_file, table};
use ambulo_signal::{Chunk, Header, Source, SourceError};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A recording in a file, to be pulled in chunks: memory does not grow with its length.
///
/// When all chunks have been read once, the header's findings also hold what was noticed on the way.
pub struct Opened {
    path: PathBuf,
    header: Header,
    format: Format,
    because: String,
    reader: Reader,
    /// Findings of the header before anything was read.
    known: usize,
}

enum Reader {
    Table(Box<TableReader>),
    Parquet(Box<parquet_file::ParquetReader>),
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("path", &self.path)
            .field("format", &self.format)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Recognises a file by its content and opens the recordings in it.
///
/// # Errors
/// [`FormatError`]; its [`kind`](FormatError::kind) says whether something has to be declared first.
pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
    let path = path.as_ref();
    open_file(path, options).map(|opened| vec![opened])
}

fn open_file(path: &Path, options: &ReadOptions) -> Result<Opened, FormatError> {
    let io = |source| FormatError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(io)?.is_dir() {
        return Err(FormatError::Folder { path: path.to_owned() });
    }
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(recognise::LOOK as u64).read_to_end(&mut head)).map_err(io)?;
    let content = match (options.format, head.is_empty()) {
        (Some(format), false) => Ok(Content::Known(format)),
        _ => recognise::recognise(&head),
    };
    let format = match content.map_err(|fault| fault.of(path))? {
        Content::Empty => return Err(FormatError::Empty { path: path.to_owned() }),
        Content::Known(format) => format,
        Content::Foreign { what, hint, results } => {
            let (path, what, hint) = (path.to_owned(), what.to_owned(), hint.to_owned());
            return Err(if results {
                FormatError::NotARecording { path, what, hint }
            } else {
                FormatError::Unsupported { path, what, hint }
            });
        }
    };
    let (plan, reader, because) = match format {
        Format::Table => {
            let table = table::open(path, options).map_err(|fault| fault.of(path))?;
            (table.plan, Reader::Table(Box::new(table.reader)), table.because)
        }
        Format::Parquet => {
            let (plan, reader) = parquet_file::open(path, options).map_err(|fault| fault.of(path))?;
            (plan, Reader::Parquet(Box::new(reader)), "it begins with PAR1".to_owned())
        }
    };
    let header = header(path, plan);
    let known = header.findings.len();
    Ok(Opened { path: path.to_owned(), header, format, because, reader, known })
}

fn header(path: &Path, plan: Plan) -> Header {
    Header {
        origin: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        start: plan.start,
        sensors: plan.sensors.into_iter().map(|sensor| sensor.info).collect(),
        conversions: plan.conversions,
        findings: plan.findings,
        ..Header::default()
    }
}

impl Opened {
    /// The format as which it is read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Why it was recognised as that.
    pub fn because(&self) -> &str {
        &self.because
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
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
        let (result, findings) = match &mut self.reader {
            Reader::Table(table) => {
                let result = table.read(chunk);
                (result, table.ended().then(|| table.findings()))
            }
            Reader::Parquet(parquet) => {
                let result = parquet.read(chunk);
                (result, parquet.ended().then(|| parquet.findings()))
            }
        };
        if let Some(findings) = findings {
            self.header.findings.truncate(self.known);
            self.header.findings.extend(findings);
        }
        result.map_err(|fault| self.failed(fault))
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        let result = match &mut self.reader {
            Reader::Table(table) => table.rewind(),
            Reader::Parquet(parquet) => parquet.rewind(),
        };
        result.map_err(|fault| self.failed(fault))
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
