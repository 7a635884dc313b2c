//! The labelled data that a command is to work on, as they are named on the command line.

use crate::failure::Usage;
use crate::talk::say;
use ambulo_data::manifest::Manifest;
use ambulo_data::{Content, Dataset, FileFinding};
use ambulo_signal::Sensor;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Findings of each data set that are told; of many files the first few tell enough.
const NAMED: usize = 3;

/// The data sets of these words as one; the bundled recordings if there is no word.
///
/// A word is a manifest, whose data lie beside it; `MANIFEST=FOLDER`, whose data lie there; `NAME=FOLDER` with the name of a data set
/// that `ambulo datasets` lists; the folder of a published data set, or of a manifest and its data; or `hapt` for the
/// bundled recordings.
pub(super) fn open_data(words: &[PathBuf]) -> anyhow::Result<Dataset> {
    if words.is_empty() {
        return bundled();
    }
    Ok(Dataset::join(open_each(words)?)?)
}

/// The data set of each word.
pub(super) fn open_each(words: &[PathBuf]) -> anyhow::Result<Vec<Dataset>> {
    words.iter().map(|word| open(word)).collect()
}

/// The data set of one word.
fn open(word: &Path) -> anyhow::Result<Dataset> {
    let dataset = match described(word)? {
        Some((manifest, root)) => manifest.read_dataset(&root, &mut |_| {})?,
        None if word.as_os_str() == "hapt" && !word.exists() => return bundled(),
        None => ambulo_data::open_folder(word)?,
    };
    // What was converted in the user's own files is news; how the bundled file stores its counts is not.
    for conversion in &dataset.conversions {
        say!("note: {conversion}");
    }
    for FileFinding { file, finding } in dataset.findings.iter().take(NAMED) {
        say!("warning: {file}: {}", finding.text);
    }
    if let further @ 1.. = dataset.findings.len().saturating_sub(NAMED) {
        say!("warning: {further} more warnings about files of {}", word.display());
    }
    Ok(dataset)
}

/// The manifest that a word names, and the folder of its data; none where it names no manifest.
pub(super) fn described(word: &Path) -> anyhow::Result<Option<(Manifest, PathBuf)>> {
    if let Some((manifest, root)) =
        word.to_str().filter(|_| !word.exists()).and_then(|text| text.split_once('='))
    {
        let root = PathBuf::from(root);
        if !root.is_dir() {
            let text = format!(
                "there is no folder {}\nhint: NAME=FOLDER names where a data set lies",
                root.display()
            );
            return Err(Usage(text).into());
        }
        let path = Path::new(manifest);
        let found = if path.is_file() {
            Manifest::read(path)?
        } else {
            ambulo_data::shipped_manifest(manifest)?.manifest.clone()
        };
        return Ok(Some((found, root)));
    }
    let folder = |path: &Path| {
        path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    };
    if word.is_file() {
        return Ok(Some((Manifest::read(word)?, folder(word))));
    }
    if word.is_dir() {
        let own = manifests_in(word)?;
        return match own.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some((Manifest::read(only)?, word.to_owned()))),
            several => {
                let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
                Err(Usage(format!(
                    "{} has several manifests\nhint: name one of {}",
                    word.display(),
                    names.join(", ")
                ))
                .into())
            }
        };
    }
    let name = word.to_str().unwrap_or_default();
    if ambulo_data::lookup(name).is_ok_and(|info| info.name != "hapt") {
        let text = format!(
            "{name} is not bundled\nhint: `ambulo datasets get {name}` fetches it, or says where it is; then name its folder: {name}=FOLDER"
        );
        return Err(Usage(text).into());
    }
    Ok(None)
}

/// Files in a folder that say they are manifests.
fn manifests_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let cannot = || format!("cannot read {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let says_so = |text: String| text.lines().any(|line| line.trim_start().starts_with("manifest"));
        if is_toml && std::fs::read_to_string(&path).is_ok_and(says_so) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether every recording has this sensor.
pub(super) fn everyone_has(dataset: &Dataset, sensor: Sensor) -> bool {
    match &dataset.content {
        Content::Recordings(all) => all.iter().all(|r| r.recording.series(sensor).is_some()),
        Content::Windows(windows) => windows.signals.layout().sensors().contains(&sensor),
    }
}

#[cfg(feature = "bundled-data")]
fn bundled() -> anyhow::Result<Dataset> {
    Ok(ambulo_data::hapt()?)
}

#[cfg(not(feature = "bundled-data"))]
fn bundled() -> anyhow::Result<Dataset> {
    Err(Usage("this build has no bundled recordings\nhint: name data with --data".into()).into())
}
