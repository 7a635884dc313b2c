//! Files that are either whole or absent: written under a temporary name, flushed to disk, then renamed.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How the names of temporary files begin: where nobody is writing, such a file was left by a kill.
pub const TEMPORARY: &str = ".ambulo-";

/// Writes `bytes` to `path` so that a reader, or a crash, sees the old content or the new, never a part.
///
/// The temporary file lies in the same directory (a rename across file systems would copy).
///
/// # Errors
/// Whatever the file system answers; the message names `path`.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// As [`write()`], for content that is produced piece by piece.
///
/// # Errors
/// What `fill` or the file system answers; nothing is left behind then.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut pending = Pending::create(path)?;
    fill(pending.file.as_file_mut()).map_err(|error| pending.named(&error))?;
    pending.finish()
}

/// A file that is being written; dropped before [`finish`](Self::finish), nothing of it is left.
#[derive(Debug)]
pub struct Pending {
    file: NamedTempFile<File>,
    path: PathBuf,
}

impl Pending {
    /// Begins a file that will be called `path`.
    ///
    /// # Errors
    /// Whatever the file system answers; the message names `path`.
    pub fn create(path: &Path) -> io::Result<Self> {
        let directory = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY);
        // Temporary files are private by default; results are shared as far as the user's umask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(directory).map_err(|error| named(path, &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// As [`create`](Self::create); a file that had the name stays then.
    pub fn finish(self) -> io::Result<()> {
        let Self { file, path } = self;
        file.as_file().sync_all().map_err(|error| named(&path, &error))?;
        file.persist(&path).map_err(|error| named(&path, &error.error))?;
        Ok(())
    }

    fn named(&self, error: &io::Error) -> io::Error {
        named(&self.path, error)
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| self.named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| self.named(&error))
    }
}
