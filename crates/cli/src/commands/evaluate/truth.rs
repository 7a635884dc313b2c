//! Which recording each label of a table belongs to.

use crate::commands::reading::{Failure, find};
use crate::failure::Usage;
use crate::talk::{say, shown};
use ambulo_data::{LabelInterval, read_intervals};
use ambulo_formats::{Opened, ReadOptions};
use ambulo_record::PersonId;
use anyhow::{Context as _, anyhow};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A recording and its labels.
pub(in crate::commands) struct Labelled {
    pub(in crate::commands) name: String,
    pub(in crate::commands) person: PersonId,
    pub(in crate::commands) labels: Vec<LabelInterval>,
    pub(in crate::commands) recording: Opened,
}

/// Opens the files for which the table has labels.
pub(in crate::commands) fn open(
    table: &Path,
    files: &[PathBuf],
    options: &ReadOptions,
) -> anyhow::Result<Vec<Labelled>> {
    let mut labels = read_intervals(table)?;
    let items = find(files);
    let mut names = Vec::with_capacity(items.len());
    for item in &items {
        if let Err(failure) = &item.candidate {
            return Err(failed(&item.file, failure));
        }
        names.push(item.file.as_str());
    }
    let mut taken = take(&mut labels, &names, table)?;
    let mut labelled = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let Some(labels) = taken.remove(&number) else {
            say!("note: {} has no labels for {}, which is left out", table.display(), shown(&item.file));
            continue;
        };
        let Ok(candidate) = &item.candidate else { continue };
        let recording = only(candidate.open(options), &item.file, options)?;
        let name = base(&item.file).to_owned();
        let person = PersonId::new(name.as_str())
            .with_context(|| format!("the name of {} cannot stand for a person", item.file))?;
        labelled.push(Labelled { name, person, labels, recording });
    }
    Ok(labelled)
}

fn failed(file: &str, failure: &Failure) -> anyhow::Error {
    let hints: String = failure.hints.iter().map(|hint| format!("\nhint: {hint}")).collect();
    let named = if failure.text.contains(file) { String::new() } else { format!("{file}: ") };
    anyhow!("{named}{}{hints}", failure.text)
}

/// The one recording of a file.
fn only(
    opened: Result<Vec<Opened>, ambulo_formats::FormatError>,
    file: &str,
    options: &ReadOptions,
) -> anyhow::Result<Opened> {
    let mut opened = opened.map_err(|error| failed(file, &Failure::from(&error)))?;
    match (opened.pop(), opened.len()) {
        (Some(one), 0) => Ok(one),
        (None, _) => Err(anyhow!("there is no recording in {file}")),
        (Some(_), others) => {
            let hint = if options.device.is_some() { "" } else { "\nhint: --device NAME says which one" };
            Err(Usage(format!(
                "{file} holds {} recordings, and the labels can be of one alone{hint}",
                others + 1
            ))
            .into())
        }
    }
}

/// The name without the folders.
fn base(file: &str) -> &str {
    Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or(file)
}

/// The one recording of a file that was named by itself.
pub(in crate::commands) fn open_one(file: &Path, options: &ReadOptions) -> anyhow::Result<Opened> {
    let items = find(&[file.to_owned()]);
    let [item] = &items[..] else {
        return Err(Usage(format!(
            "{} holds {} recordings or files, expected one recording\nhint: name the files one by one",
            file.display(),
            items.len()
        ))
        .into());
    };
    match &item.candidate {
        Ok(candidate) => only(candidate.open(options), &item.file, options),
        Err(failure) => Err(failed(&item.file, failure)),
    }
}

/// The labels of each file by its number; a file is named by its path, by its name, or by its name without the ending.
fn take(
    labels: &mut BTreeMap<String, Vec<LabelInterval>>,
    files: &[&str],
    table: &Path,
) -> anyhow::Result<BTreeMap<usize, Vec<LabelInterval>>> {
    let table = table.display();
    let mut taken = BTreeMap::new();
    if let Some(unnamed) = labels.remove("") {
        if files.len() != 1 || !labels.is_empty() {
            return Err(Usage(format!(
                "{table} has labels without a recording, so it cannot be told which of {} files they are of\n\
                 hint: name it in a column `recording`",
                files.len()
            ))
            .into());
        }
        return Ok(BTreeMap::from([(0, unnamed)]));
    }
    for (recording, intervals) in std::mem::take(labels) {
        let stem = |file: &str| Path::new(base(file)).file_stem().and_then(|s| s.to_str()).map(str::to_owned);
        let by_path = |file: &&str| **file == recording;
        let by_name = |file: &&str| base(file) == recording;
        let by_stem = |file: &&str| stem(file).as_deref() == Some(recording.as_str());
        let ways: [&dyn Fn(&&str) -> bool; 3] = [&by_path, &by_name, &by_stem];
        let matching = |is: &dyn Fn(&&str) -> bool| -> Vec<usize> {
            files.iter().enumerate().filter(|(_, file)| is(file)).map(|(number, _)| number).collect()
        };
        let found = ways.iter().map(|is| matching(is)).find(|numbers| !numbers.is_empty());
        match found.as_deref() {
            Some(&[one]) => {
                if taken.insert(one, intervals).is_some() {
                    return Err(Usage(format!(
                        "{table} has labels for {} under two names, one of which is `{recording}`",
                        files[one]
                    ))
                    .into());
                }
            }
            Some(several) => {
                let names: Vec<&str> = several.iter().map(|&number| files[number]).collect();
                return Err(Usage(format!(
                    "the recording `{recording}` of {table} may be any of {}\nhint: write its path in the table",
                    names.join(", ")
                ))
                .into());
            }
            None => {
                return Err(Usage(format!(
                    "{table} has labels for `{recording}`, which is none of the files: {}\n\
                     hint: name the file as in the table, with or without its ending",
                    files.iter().take(5).copied().collect::<Vec<_>>().join(", ")
                ))
                .into());
            }
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], files: &[&str]) -> Result<Vec<usize>, String> {
        let interval = LabelInterval { start_ns: 0, end_ns: 1, label: "walking".into() };
        let mut labels = names.iter().map(|&name| (name.to_owned(), vec![interval.clone()])).collect();
        let taken = take(&mut labels, files, Path::new("truth.csv"));
        taken.map(|taken| taken.into_keys().collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn files_are_named_by_path_name_or_stem() {
        assert_eq!(of(&[""], &["a/x.csv"]), Ok(vec![0]));
        assert_eq!(
            of(&["x", "y.csv", "b/z.csv"], &["b/z.csv", "a/y.csv", "x.csv", "w.csv"]),
            Ok(vec![0, 1, 2])
        );
        // A whole name goes before one without its ending.
        assert_eq!(of(&["x"], &["x", "x.csv"]), Ok(vec![0]));
    }

    #[test]
    fn what_cannot_be_told_is_an_error() {
        assert!(of(&[""], &["a.csv", "b.csv"]).unwrap_err().contains("which of 2 files"));
        assert!(of(&["x.csv"], &["a/x.csv", "b/x.csv"]).unwrap_err().contains("any of a/x.csv, b/x.csv"));
        assert!(of(&["nobody"], &["a.csv"]).unwrap_err().contains("none of the files: a.csv"));
        assert!(of(&["a", "a.csv"], &["a.csv"]).unwrap_err().contains("under two names"));
    }
}
