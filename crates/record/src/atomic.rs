//! Files that are either whole or absent: written under a temporary name, flushed to disk, then renamed.

use std::io::{self, Write};
use std::path::Path;

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
    let name = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    let directory = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // Temporary files are private by default; results are shared as far as the user's umask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory).map_err(name)?;
    fill(file.as_file_mut()).map_err(name)?;
    file.as_file().sync_all().map_err(name)?;
    file.persist(path).map_err(|e| name(e.error))?;
    Ok(())
}
