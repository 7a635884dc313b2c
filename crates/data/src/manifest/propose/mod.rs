//! A first manifest for a folder: what its paths, columns and words say, and what a person must decide.

mod paths;
mod table;
mod words;

#[cfg(test)]
use super::Manifest;
use super::find::walk;
use super::pattern::Pattern;
use crate::DataError;
use ambulo_record::vocabulary::UNLABELLED;
use ambulo_signal::Sensor;
use paths::Proposed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use table::Look;

/// Endings of what may be recordings.
const ENDINGS: [&str; 16] = [
    "csv", "txt", "tsv", "dat", "log", "parquet", "json", "jsonl", "cwa", "gt3x", "bin", "wav", "avro",
    "mat", "gz", "zip",
];
/// Entries of files that are proposed; what is left is counted.
const MOST_ENTRIES: usize = 6;
/// Files of an entry that are looked into.
const LOOKED_INTO: usize = 12;
/// Most labels that are written down.
const MOST_LABELS: usize = 200;

/// Proposes a manifest for the recordings below `root`, as TOML with `# CHECK:` where somebody has to decide.
///
/// What is proposed can be parsed. It is read from paths and files; nothing is known of terms, title and people.
///
/// # Errors
/// [`DataError::NoFolder`]; a folder that cannot be read, or without a file that could be a recording.
pub fn propose(root: &Path) -> Result<String, DataError> {
    if !root.is_dir() {
        return Err(DataError::NoFolder { path: root.to_owned() });
    }
    let all = walk(root)?;
    let mut left: Vec<&str> = all.iter().map(String::as_str).filter(|path| ending(path).is_some()).collect();
    let mut entries = Vec::new();
    let mut people = BTreeSet::new();
    while entries.len() < MOST_ENTRIES {
        let Some(entry) = Entry::next(root, &left) else { break };
        left.retain(|path| !entry.files.contains(path));
        // Lists of people and readmes are no recordings.
        if entry.look.is_some() {
            people.extend(entry.people.iter().cloned());
            entries.push(entry);
        }
    }
    if entries.is_empty() {
        return Err(DataError::UnknownFolder {
            path: root.to_owned(),
            found: format!("{} files, none of which could be read as a recording", all.len()),
        });
    }
    Ok(written(root, &entries, &left, &people))
}

fn ending(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let ending = name.rsplit_once('.')?.1;
    ENDINGS.iter().find(|known| known.eq_ignore_ascii_case(ending)).map(|_| ending)
}

/// Files of one kind.
struct Entry<'a> {
    proposed: Proposed,
    look: Option<Look>,
    files: BTreeSet<&'a str>,
    people: BTreeSet<String>,
    /// Words of labels, from names or columns.
    words: BTreeSet<String>,
    /// Words of places.
    places: BTreeSet<String>,
}

impl<'a> Entry<'a> {
    /// The commonest kind among files of the commonest ending.
    fn next(root: &Path, left: &[&'a str]) -> Option<Self> {
        let mut endings: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
        for path in left {
            endings.entry(ending(path)?).or_default().push(path);
        }
        let paths = endings.into_values().max_by_key(Vec::len)?;
        let system = |path: &str| path.split('/').fold(root.to_owned(), |folder, part| folder.join(part));
        // One of the files tells whether labels stand in them: the largest, which is no table of people.
        let size = |path: &&&str| std::fs::metadata(system(path)).map_or(0, |meta| meta.len());
        let largest = paths.iter().max_by_key(|path| (size(path), std::cmp::Reverse(**path)))?;
        let labelled = table::look(&system(largest)).is_some_and(|look| look.label.is_some());
        let proposed = paths::propose(&paths, labelled)?;
        let pattern = Pattern::new(&proposed.pattern).ok();
        let gyroscope = proposed.gyroscope.as_ref().and_then(|pattern| Pattern::new(pattern).ok());
        let (mut files, mut own) = (BTreeSet::new(), Vec::new());
        let (mut people, mut words, mut places) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for path in &paths {
            if let Some(captures) = pattern.as_ref().and_then(|pattern| pattern.matches(path)) {
                for (name, into) in
                    [("person", &mut people), ("activity", &mut words), ("placement", &mut places)]
                {
                    into.extend(captures.get(name).cloned());
                }
                files.insert(*path);
                own.push(*path);
            } else if gyroscope.as_ref().is_some_and(|pattern| pattern.matches(path).is_some()) {
                files.insert(*path);
            }
        }
        if files.is_empty() {
            // Names that no pattern can say: they must not be found again.
            files.extend(&paths);
        }
        let mut look = None;
        let step = own.len().div_ceil(LOOKED_INTO).max(1);
        for path in own.iter().step_by(step) {
            let Some(found) = table::look(&system(path)) else { continue };
            words.extend(found.words.iter().cloned());
            let known: &mut Look = look.get_or_insert_with(|| found.clone());
            if known.rate_hz.is_none() {
                known.rate_hz = found.rate_hz;
            }
            // A unit that one file does not show, another may.
            if known.units.len() < found.units.len() {
                known.units = found.units;
            }
        }
        let look = look.filter(|look| !look.units.is_empty() || look.columns.is_some());
        Some(Self { proposed, look, files, people, words, places })
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A comment of one line.
fn check(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# CHECK: {line}\n")
}

fn written(root: &Path, entries: &[Entry<'_>], left: &[&str], people: &BTreeSet<String>) -> String {
    let folder = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let folder = folder.file_name().map_or("data".into(), |name| name.to_string_lossy().into_owned());
    let mut name = String::new();
    for c in folder.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = Some(name.trim_matches('-')).filter(|name| !name.is_empty()).unwrap_or("my-data").to_owned();
    let files: usize = entries.iter().map(|entry| entry.files.len()).sum();
    let mut out = format!(
        "# Proposed by `ambulo datasets init` from what the folder holds. Lines with CHECK are for you to decide.\n\
         # Every key: docs/MANIFEST.md. Then: ambulo datasets check THIS.toml=FOLDER\n\
         manifest = 1\nname = {}\n# CHECK: title and terms are not in the files\ntitle = {}\nlicence = \"to be stated\"\n\n\
         [verified]\non = \"nothing\"\nwhat = {}\n",
        quoted(&name),
        quoted(&folder),
        quoted(&format!("proposed from {files} files, and not looked at yet")),
    );
    for entry in entries {
        entry.write(&mut out);
    }
    if let Some(first) = left.first() {
        out.push('\n');
        out.push_str(&check(&format!("{} more files are in no pattern, {first} for example", left.len())));
    }
    labels(entries, &mut out);
    if people.len() > 1 {
        let first: BTreeSet<&str> = people.iter().map(String::as_str).collect();
        let _ = writeln!(out, "\n# {} people: {}", people.len(), paths::examples(&first));
    }
    out
}

impl Entry<'_> {
    fn write(&self, out: &mut String) {
        let Proposed { pattern, gyroscope, checks, captures } = &self.proposed;
        let Some(look) = &self.look else { return };
        let _ = write!(out, "\n# {} files.\n[[files]]\npattern = {}\n", self.files.len(), quoted(pattern));
        for text in checks.iter().chain(&look.checks) {
            out.push_str(&check(text));
        }
        if let Some(gyroscope) = gyroscope {
            let _ = writeln!(out, "with = [{{ pattern = {} }}]", quoted(gyroscope));
        }
        if let Some(format) = &look.format {
            let _ = writeln!(out, "format = {}", quoted(format));
        }
        if let Some(columns) = &look.columns {
            let _ = writeln!(out, "columns = {}", quoted(columns));
        }
        let mut units = Vec::new();
        for (sensor, key) in [(Sensor::Accelerometer, "acc"), (Sensor::Gyroscope, "gyro")] {
            if let Some((_, unit, stated)) = look.units.iter().find(|(kind, ..)| *kind == sensor) {
                units.push((format!("{key}={unit}"), *stated));
            }
        }
        let unstated: Vec<&str> =
            units.iter().filter(|(_, stated)| !stated).map(|(unit, _)| unit.as_str()).collect();
        if !unstated.is_empty() {
            out.push_str(&check(&format!("{} by the values, not stated in the files", unstated.join(", "))));
            let all: Vec<&str> = units.iter().map(|(unit, _)| unit.as_str()).collect();
            let _ = writeln!(out, "units = {}", quoted(&all.join(",")));
        } else if units.is_empty() {
            out.push_str(&check("units = \"acc=g,gyro=deg/s\" or m/s2, rad/s; `scale` for counts"));
        }
        match look.rate_hz.filter(|hz| hz.is_finite() && *hz > 0.0) {
            Some(hz) => {
                let _ = writeln!(out, "# The times of a file show {hz:.2} Hz.\nrate = {:.1}", hz.max(0.1));
            }
            None if !look.timed => {
                out.push_str(&check("there are no times: how many samples are there in a second?"));
                out.push_str("rate = 50.0\n");
            }
            None => {}
        }
        if !captures.contains("person") {
            match &look.person {
                Some(column) => {
                    let _ = writeln!(out, "split = {{ person = {} }}", quoted(column));
                }
                None => {
                    out.push_str(&check("nothing says who was recorded"));
                    out.push_str("person = \"1\"\n");
                }
            }
        }
        if captures.contains("placement") {
            let renamed: Vec<String> = (self.places.iter())
                .map(|word| format!("{} = {}", quoted(word), quoted(words::place(word).unwrap_or(word))))
                .collect();
            out.push_str(&check("where each device was worn"));
            let _ = writeln!(out, "rename.placement = {{ {} }}", renamed.join(", "));
        } else {
            out.push_str(&check("placement = \"waist\", and device = \"…\", if they are known"));
        }
        if captures.contains("activity") {
            out.push_str("label = { capture = \"activity\" }\n");
        } else if let Some(column) = &look.label {
            let _ = writeln!(out, "label = {{ column = {} }}", quoted(column));
        } else {
            out.push_str(&check(
                "nothing was found that says what was done: a `capture`, a `column` or a `table`",
            ));
            out.push_str("label = { always = \"unlabelled\" }\n");
        }
    }
}

fn labels(entries: &[Entry<'_>], out: &mut String) {
    out.push_str("\n[labels.map]\n");
    let mut all: BTreeSet<&String> = entries.iter().flat_map(|entry| &entry.words).collect();
    let unlabelled = UNLABELLED.to_owned();
    if all.is_empty() {
        all.insert(&unlabelled);
    }
    for word in all.iter().take(MOST_LABELS) {
        let key = toml::Value::from(word.as_str()).to_string();
        // What is quoted with three marks is no key.
        if key.starts_with("\"\"\"") || key.starts_with("'''") {
            continue;
        }
        match words::activity(word) {
            Some(name) => {
                let _ = writeln!(out, "{key} = {}", quoted(name));
            }
            None => {
                let _ = writeln!(
                    out,
                    "{key} = \"unlabelled\"  # CHECK: what is it? `ambulo datasets` and docs/VOCABULARY.md have the names"
                );
            }
        }
    }
}

/// Whether a proposal can be parsed, for tests and for those who changed it.
#[cfg(test)]
pub(super) fn parsed(text: &str) -> Manifest {
    Manifest::parse(text, "proposal").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[cfg(test)]
mod tests;
