//! The files below a folder that a manifest speaks of.

use super::DescribedError;
use super::pattern::Captures;
use super::plan::{Entry, Label, Plan};
use super::tables::filled;
use crate::DataError;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A file and what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Number of its entry.
    pub(super) entry: usize,
    pub(super) path: PathBuf,
    /// Its path below the data set's folder, with `/` between parts.
    pub(super) relative: String,
    pub(super) captures: Captures,
    /// One for each `with` of the entry.
    pub(super) companions: Vec<Option<PathBuf>>,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) base: Base,
    /// By entry, then by path.
    pub(super) found: Vec<Found>,
    /// Entries without files that may lack them.
    pub(super) without: Vec<usize>,
    /// Files that a reason leaves out.
    pub(super) left_out: usize,
}

/// Where paths of a manifest begin: users point at the data set's folder, at one above it, or at one inside.
#[derive(Clone, Debug)]
pub(super) struct Base {
    folder: PathBuf,
    /// Folders that the manifest's paths begin with and that lie above `folder`.
    above: Vec<String>,
}

impl Base {
    /// A path of the manifest as one of the system.
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        let mut rest = relative;
        for folder in &self.above {
            match rest.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        rest.split('/').fold(self.folder.clone(), |path, part| path.join(part))
    }

    fn named(&self, below: &str) -> String {
        self.above.iter().map(|folder| format!("{folder}/")).collect::<String>() + below
    }
}

/// Folders below the one that was named in which the data set's folder is looked for.
const DEPTH: usize = 2;

/// Finds all files of a plan.
///
/// # Errors
/// A folder that cannot be read, patterns that match nothing, companions that are missing or not clear.
pub(super) fn find(plan: &Plan, root: &Path) -> Result<Files, DataError> {
    if !root.is_dir() {
        return Err(DataError::NoFolder { path: root.to_owned() });
    }
    let all = walk(root)?;
    let (base, below) = base(plan, root, &all);
    let named: Vec<(String, PathBuf)> = below
        .iter()
        .map(|below| {
            let path = below.split('/').fold(base.folder.clone(), |path, part| path.join(part));
            (base.named(below), path)
        })
        .collect();
    let before = named.len();
    let named: Vec<(String, PathBuf)> = named
        .into_iter()
        .filter(|(name, _)| !plan.leave_out_files.iter().any(|pattern| pattern.matches(name).is_some()))
        .collect();
    let mut files = Files { base, found: Vec::new(), without: Vec::new(), left_out: before - named.len() };
    for (index, entry) in plan.entries.iter().enumerate() {
        let first = files.found.len();
        for (name, path) in &named {
            let Some(captures) = entry.pattern.matches(name) else { continue };
            let (relative, path) = (name.clone(), path.clone());
            files.found.push(Found { entry: index, path, relative, captures, companions: Vec::new() });
        }
        // A table of labels is no recording, although a wide pattern may match it.
        if let Label::Table(table) = &entry.label {
            let tables: HashSet<String> =
                files.found[first..].iter().map(|found| filled(&table.file, &found.captures)).collect();
            let all = files.found.split_off(first);
            files.found.extend(all.into_iter().filter(|found| !tables.contains(&found.relative)));
        }
        if files.found.len() == first {
            if !entry.optional {
                return Err(no_match(plan, entry, root, &named));
            }
            files.without.push(index);
        }
        companions(entry, &named, &mut files.found[first..])?;
    }
    Ok(files)
}

/// All files below a folder, but what systems put there; relative, with `/` between parts, in order.
pub(super) fn walk(root: &Path) -> Result<Vec<String>, DataError> {
    let ours = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name == "__MACOSX" || name == ".DS_Store" || name.starts_with("._"))
    };
    let mut all = Vec::new();
    for entry in walkdir::WalkDir::new(root).follow_links(true).into_iter().filter_entry(ours) {
        let entry = entry.map_err(|error| DataError::Io {
            path: error.path().unwrap_or(root).to_owned(),
            source: error.into(),
        })?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        all.push(parts.join("/"));
    }
    all.sort_unstable();
    Ok(all)
}

/// Where the paths of the manifest begin, and the files below it.
fn base(plan: &Plan, root: &Path, all: &[String]) -> (Base, Vec<String>) {
    let folders = common_folders(plan);
    for inner in inner_folders(all) {
        let below: Vec<&str> = all.iter().filter_map(|file| file.strip_prefix(inner.as_str())).collect();
        for above in 0..=folders.len() {
            let folder = inner
                .split('/')
                .filter(|part| !part.is_empty())
                .fold(root.to_owned(), |path, part| path.join(part));
            let base = Base { folder, above: folders[..above].to_vec() };
            let matched = |below: &&str| {
                let name = base.named(below);
                plan.entries.iter().any(|entry| entry.pattern.matches(&name).is_some())
            };
            if below.iter().any(matched) {
                let below = below.into_iter().map(str::to_owned).collect();
                return (base, below);
            }
        }
    }
    (Base { folder: root.to_owned(), above: Vec::new() }, all.to_vec())
}

/// Literal folders with which the patterns of all entries begin.
fn common_folders(plan: &Plan) -> Vec<String> {
    let mut entries = plan.entries.iter().map(|entry| entry.pattern.folders());
    let mut common = entries.next().unwrap_or_default();
    for folders in entries {
        let same = common.iter().zip(&folders).take_while(|(a, b)| a == b).count();
        common.truncate(same);
    }
    common.into_iter().map(str::to_owned).collect()
}

/// The folder itself and those just below it, each with a `/` at its end, but the folder itself as nothing.
fn inner_folders(all: &[String]) -> Vec<String> {
    let mut folders = vec![String::new()];
    for file in all {
        let ends = file.match_indices('/').take(DEPTH).map(|(at, _)| &file[..=at]);
        for folder in ends {
            if folders.iter().rev().all(|known| known != folder) {
                folders.push(folder.to_owned());
            }
        }
        // More are no data set's wrapping.
        if folders.len() > 200 {
            break;
        }
    }
    folders.sort_by_key(|folder| folder.matches('/').count());
    folders
}

fn no_match(plan: &Plan, entry: &Entry, root: &Path, named: &[(String, PathBuf)]) -> DataError {
    DescribedError::NoMatch {
        name: plan.name.clone(),
        pattern: entry.pattern.text().to_owned(),
        root: root.to_owned(),
        files: named.len(),
        first: most_like(entry.pattern.text(), named.iter().map(|(name, _)| name.as_str())),
    }
    .into()
}

/// The file that has most in common with a pattern at its beginning and its end.
fn most_like<'a>(pattern: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let common = |name: &str| {
        let from_start = name.bytes().zip(pattern.bytes()).take_while(|(a, b)| a == b).count();
        let from_end = name.bytes().rev().zip(pattern.bytes().rev()).take_while(|(a, b)| a == b).count();
        from_start + from_end
    };
    // The first of those that are equally like it.
    names
        .map(|name| (common(name), name))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, name)| name.to_owned())
}

/// Finds the files that belong to others.
fn companions(entry: &Entry, named: &[(String, PathBuf)], found: &mut [Found]) -> Result<(), DescribedError> {
    for with in &entry.with {
        let shared: Vec<&str> = {
            let of_main: Vec<&str> = entry.pattern.names().collect();
            let mut shared: Vec<&str> = with.pattern.names().filter(|name| of_main.contains(name)).collect();
            shared.sort_unstable();
            shared.dedup();
            shared
        };
        let key = |captures: &Captures| -> Vec<String> {
            shared.iter().map(|&name| captures.get(name).cloned().unwrap_or_default()).collect()
        };
        let mut by_key: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (at, (name, _)) in named.iter().enumerate() {
            if let Some(captures) = with.pattern.matches(name) {
                by_key.entry(key(&captures)).or_default().push(at);
            }
        }
        for main in &mut *found {
            let companion = match by_key.get(&key(&main.captures)).map(Vec::as_slice) {
                Some([one]) => Some(named[*one].1.clone()),
                Some([first, second, ..]) => {
                    return Err(DescribedError::Companions {
                        file: main.relative.clone(),
                        pattern: with.pattern.text().to_owned(),
                        first: named[*first].0.clone(),
                        second: named[*second].0.clone(),
                    });
                }
                _ if with.optional => None,
                _ => {
                    return Err(DescribedError::NoCompanion {
                        file: main.relative.clone(),
                        pattern: with.pattern.text().to_owned(),
                        nearest: most_like(with.pattern.text(), named.iter().map(|(name, _)| name.as_str())),
                    });
                }
            };
            main.companions.push(companion);
        }
    }
    Ok(())
}
