//! Which of the known data sets a folder is.

use crate::{DataError, Dataset, hapt, uci_har};
use std::path::{Path, PathBuf};

/// Entries of an unknown folder that the message names.
const NAMED: usize = 6;

/// Opens a published folder: `UCI HAR Dataset`, `HAPT Data Set` or its `RawData`, a folder with
/// `hapt.parquet`, or the folder that contains one of them.
///
/// # Errors
/// [`DataError::NoFolder`], [`DataError::UnknownFolder`] or [`DataError::AmbiguousFolder`] where it is not clear what to read, and
/// whatever the reader finds wrong.
pub fn open_folder(path: &Path) -> Result<Dataset, DataError> {
    if !path.is_dir() {
        return Err(DataError::NoFolder { path: path.to_owned() });
    }
    let entries = entries(path)?;
    if let Some(reader) = recognise(path) {
        return reader(path);
    }
    let inner: Vec<(&PathBuf, Reader)> =
        entries.iter().filter_map(|entry| recognise(entry).map(|reader| (entry, reader))).collect();
    match inner.as_slice() {
        [(folder, reader)] => reader(folder),
        [] => Err(DataError::UnknownFolder { path: path.to_owned(), found: describe(&entries) }),
        several => {
            let found = several.iter().filter_map(|(folder, _)| name(folder)).collect::<Vec<_>>().join(", ");
            Err(DataError::AmbiguousFolder { path: path.to_owned(), found })
        }
    }
}

type Reader = fn(&Path) -> Result<Dataset, DataError>;

fn recognise(path: &Path) -> Option<Reader> {
    // Archives packed on a Mac carry a folder of the same layout, without the data.
    if path.file_name().is_some_and(|name| name == "__MACOSX") {
        return None;
    }
    if ["train", "test"].iter().any(|part| path.join(part).join("Inertial Signals").is_dir()) {
        Some(uci_har::read)
    } else if path.join("RawData").is_dir() {
        Some(|path| hapt::read_folder(&path.join("RawData")))
    } else if path.join("labels.txt").is_file() && path.join("acc_exp01_user01.txt").is_file() {
        Some(hapt::read_folder)
    } else if path.join("hapt.parquet").is_file() {
        Some(|path| hapt::read_hapt_parquet(&path.join("hapt.parquet")))
    } else {
        None
    }
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
