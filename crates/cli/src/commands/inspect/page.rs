//! Where the page of `--html` goes: never over something that is not such a page.

use crate::failure::Usage;
use ambulo_record::overview::Overview;
use ambulo_report::ReportError;
use anyhow::{Context as _, anyhow};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What stands near the beginning of each page that Ambulo writes.
const SIGN: &str = "<meta name=\"generator\" content=\"Ambulo ";
/// Bytes in which it is looked for.
const HEAD: u64 = 1024;

/// Before anything is read: whether the page may be written, and a folder for it.
///
/// # Errors
/// [`Usage`] if it would replace a recording or another file; what the system says if there cannot be such a folder.
pub(in crate::commands) fn prepare(path: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let refused = |why: &str| Err(Usage(format!("--html {}: {why}", path.display())).into());
    if path.file_name().is_none() {
        return refused("this is no name of a file");
    }
    if files.iter().any(|file| is_same(path, file)) {
        return refused("this is one of the recordings, which the page would replace");
    }
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return refused("this is a directory"),
        Ok(metadata) if !metadata.is_file() => return refused("this is no ordinary file"),
        // Of a file without content nothing is lost.
        Ok(metadata) if metadata.len() > 0 && !is_page(path)? => {
            return refused("this exists and is no page that Ambulo wrote; it stays as it is");
        }
        Ok(_) => {}
        Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the directory {}", folder.display()))?;
            }
        }
    }
    Ok(())
}

/// Writes the page.
///
/// # Errors
/// What the system says.
pub(super) fn write(path: &Path, pages: &[Overview], failed: &[(String, String)]) -> anyhow::Result<()> {
    ambulo_report::write_overviews(path, pages, failed).map(drop).map_err(|error| match error {
        // The system's own words name a temporary file.
        ReportError::Write { source } => anyhow!("cannot write {}: {}", path.display(), source.kind()),
        error => error.into(),
    })
}

/// Whether two paths lead to one file or folder.
pub(in crate::commands) fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

fn is_page(path: &Path) -> anyhow::Result<bool> {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&head).contains(SIGN))
}
