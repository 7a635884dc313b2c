//! Event files that TensorBoard reads, with scalars only.
//!
//! An event file is a sequence of `TFRecords` (length, checksum, payload, checksum), each payload an `Event`
//! message in Protocol Buffers encoding. A run that is resumed goes on in the file it began: what was written
//! after the point it resumes from, or only in part, is taken out first, so that no step appears twice.

mod crc32c;
mod event;
mod record;
#[cfg(test)]
mod tests;

use ambulo_record::atomic;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What TensorBoard looks for in a file name.
const PREFIX: &str = "events.out.tfevents.";
/// Stands where TensorFlow writes the host name, which is nobody's business.
const SUFFIX: &str = ".ambulo";

/// Why an event file could not be written or continued.
#[derive(Debug, thiserror::Error)]
pub enum EventFileError {
    /// The file could not be written; the message names it.
    #[error("cannot write {0}")]
    Write(#[source] io::Error),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it answered.
        source: io::Error,
    },
    /// A file of that name is there.
    #[error(
        "{}: the event file exists\nhint: resume the run to continue it, or choose another directory",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file to continue is something else.
    #[error(
        "{}: not a TensorBoard event file (it does not begin with a record of the file version)\n\
         hint: move it out of the run directory and resume again",
        path.display()
    )]
    NotAnEventFile {
        /// The file.
        path: PathBuf,
    },
}

/// Appends scalars to an event file.
///
/// Writing is buffered: call [`EventWriter::flush`] when a point is reached that others should see.
#[derive(Debug)]
pub struct EventWriter {
    file: BufWriter<File>,
    path: PathBuf,
}

impl EventWriter {
    /// Begins `events.out.tfevents.<seconds>.ambulo` in `dir`, which must exist. `unix_seconds` is the time
    /// now, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// The file exists, or the file system refuses.
    pub fn create(dir: &Path, unix_seconds: f64) -> Result<Self, EventFileError> {
        // Ten digits, as TensorFlow does: names then sort by time.
        let path = dir.join(format!("{PREFIX}{:010}{SUFFIX}", unix_seconds as u64));
        let file = match File::create_new(&path) {
            Ok(file) => file,
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                return Err(EventFileError::Exists { path });
            }
            Err(source) => return Err(EventFileError::Io { path, source }),
        };
        let mut writer = Self { file: BufWriter::new(file), path };
        writer.append(&event::version(unix_seconds))?;
        writer.flush()?;
        Ok(writer)
    }

    /// The event file of a run directory: of several the one begun last, `None` if there is none.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn find(dir: &Path) -> Result<Option<PathBuf>, EventFileError> {
        let fault = |source| EventFileError::Io { path: dir.to_owned(), source };
        let mut last = None;
        for entry in fs::read_dir(dir).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let fits = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
            if fits {
                last = last.max(Some(entry.path()));
            }
        }
        Ok(last)
    }

    /// Continues an event file as it was when step `last_step` was complete: events of later steps and a
    /// damaged tail are removed.
    ///
    /// # Errors
    /// As [`EventWriter::open_retaining`].
    pub fn open_truncated(path: &Path, last_step: u64) -> Result<Self, EventFileError> {
        Self::open_retaining(path, |step, _| step <= last_step)
    }

    /// Continues an event file with those events for which `keep(step, tag)` holds; for files in which steps
    /// start anew under other tags. The version event always stays; from the first damaged record on, nothing
    /// does.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no event file; it is left as it was then.
    pub fn open_retaining(
        path: &Path,
        mut keep: impl FnMut(u64, &str) -> bool,
    ) -> Result<Self, EventFileError> {
        let io = |source| EventFileError::Io { path: path.to_owned(), source };
        let bytes = fs::read(path).map_err(io)?;
        let mut kept = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(record) = record::first(rest) {
            let (framed, after) = rest.split_at(record.framed_len);
            let head = event::head(record.payload);
            if kept.is_empty() && !head.version {
                return Err(EventFileError::NotAnEventFile { path: path.to_owned() });
            }
            if head.version || keep(head.step, head.tag) {
                kept.extend_from_slice(framed);
            }
            rest = after;
        }
        if kept.is_empty() {
            // Stopped while the very first record was being written?
            if !record::may_be_cut_short(rest) {
                return Err(EventFileError::NotAnEventFile { path: path.to_owned() });
            }
            kept = record::frame(&event::version(seconds_in_name(path)));
        }
        if kept != bytes {
            atomic::write(path, &kept).map_err(EventFileError::Write)?;
        }
        let file = OpenOptions::new().append(true).open(path).map_err(io)?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Appends one value. `tag` names the curve (`/` groups curves in TensorBoard), `wall_time` is in seconds
    /// since 1970 UTC.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f32, wall_time: f64) -> Result<(), EventFileError> {
        self.append(&event::scalar(tag, step, value, wall_time))
    }

    /// Hands everything written so far to the operating system: from then on it survives the end of the
    /// process.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn flush(&mut self) -> Result<(), EventFileError> {
        self.file.flush().map_err(|source| EventFileError::Io { path: self.path.clone(), source })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn append(&mut self, event: &[u8]) -> Result<(), EventFileError> {
        self.file
            .write_all(&record::frame(event))
            .map_err(|source| EventFileError::Io { path: self.path.clone(), source })
    }
}

/// When a file was begun, by its name; 0 where the name does not say.
fn seconds_in_name(path: &Path) -> f64 {
    path.file_name()
        .and_then(|name| name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok())
        .unwrap_or(0.0)
}
