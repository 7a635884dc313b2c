//! Which of the known data sets a folder is.

use crate::manifest::Manifest;
use crate::{DataError, Dataset, read_hapt_parquet, shipped};
use std::path::{Path, PathBuf};

/// Entries of an unknown folder that the message names.
const NAMED: usize = 6;

/// Opens a published folder that the names of its files tell, as their manifests say: `UCI HAR Dataset`, `HAPT Data Set` or its
/// `RawData`; a folder with `hapt.parquet`; or the folder that contains one of them.
///
/// # Errors
/// [`DataError::NoFolder`], [`DataError::UnknownFolder`] or [`DataError::AmbiguousFolder`] where it is not clear what to read, and
/// whatever the reader finds wrong.
pub fn open_folder(path: &Path) -> Result<Dataset, DataError> {
    if !path.is_dir() {
        return Err(DataError::NoFolder { path: path.to_owned() });
    }
    let entries = entries(path)?;
    if let Some(known) = recognise(path) {
        return known.read(path);
    }
    let inner: Vec<(&PathBuf, Known)> =
        entries.iter().filter_map(|entry| recognise(entry).map(|known| (entry, known))).collect();
    match inner.as_slice() {
        [(folder, known)] => known.read(folder),
        [] => Err(DataError::UnknownFolder { path: path.to_owned(), found: describe(&entries) }),
        several => {
            let found = several.iter().filter_map(|(folder, _)| name(folder)).collect::<Vec<_>>().join(", ");
            Err(DataError::AmbiguousFolder { path: path.to_owned(), found })
        }
    }
}

/// A data set that a folder was found to be.
enum Known {
    /// One of the shipped manifests.
    Described(&'static Manifest),
    /// The recordings of HAPT as they are bundled.
    Packed(PathBuf),
}

impl Known {
    fn read(&self, folder: &Path) -> Result<Dataset, DataError> {
        match self {
            Self::Described(manifest) => manifest.read_dataset(folder, &mut |_| {}),
            Self::Packed(path) => read_hapt_parquet(path),
        }
    }
}

fn recognise(path: &Path) -> Option<Known> {
    // Archives packed on a Mac carry a folder of the same layout, without the data.
    if !path.is_dir() || path.file_name().is_some_and(|name| name == "__MACOSX") {
        return None;
    }
    let packed = path.join("hapt.parquet");
    let described = shipped().iter().find(|shipped| shipped.manifest.is_known_by_its_files(path));
    match described {
        Some(shipped) => Some(Known::Described(&shipped.manifest)),
        None => packed.is_file().then_some(Known::Packed(packed)),
    }
}

/// Folders of data sets that are known by the names of their files.
pub(crate) fn known_folders() -> String {
    let folders = shipped().iter().filter_map(|shipped| shipped.manifest.folder.as_ref());
    folders.map(|folder| format!("`{folder}`")).collect::<Vec<_>>().join(", ")
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    let io = |source| DataError::Io { path: path.to_owned(), source };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        entries.push(entry.map_err(io)?.path());
    }
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

fn describe(entries: &[PathBuf]) -> String {
    if entries.is_empty() {
        return "it is empty".to_owned();
    }
    let names: Vec<String> = entries.iter().take(NAMED).filter_map(|entry| name(entry)).collect();
    let rest = entries.len().saturating_sub(NAMED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("it contains {}{more}", names.join(", "))
}
