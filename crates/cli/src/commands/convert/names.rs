//! What the written files are called, and where they say that they come from.

use ambulo_formats::Opened;
use ambulo_signal::Source as _;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Names of files that were given out.
#[derive(Default)]
pub(in crate::commands) struct Names(BTreeSet<String>);

impl Names {
    /// A new one, from the name of a file or folder on the disk: never from that of an archive's member, which anybody may have
    /// written. `placement` tells it apart from others of its file.
    pub(in crate::commands) fn choose(&mut self, path: &Path, placement: Option<&str>) -> String {
        let mut base = base(path);
        if let Some(placement) = placement {
            base = format!("{base}-{placement}");
        }
        let taken = |name: &String| !self.0.contains(&name.to_lowercase());
        let numbered = (2..).map(|n: u64| format!("{base}-{n}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(taken).unwrap_or(base.clone());
        self.0.insert(name.to_lowercase());
        name
    }
}

fn base(path: &Path) -> String {
    let there = path.ancestors().find(|path| !path.as_os_str().is_empty() && path.exists());
    let there: PathBuf = there.map_or_else(|| path.to_owned(), Path::to_owned);
    // `.` and `..` have no name of their own.
    let named = if there.file_name().is_some() {
        there.clone()
    } else {
        there.canonicalize().unwrap_or(there.clone())
    };
    let name =
        named.file_name().map_or_else(|| "recording".to_owned(), |name| name.to_string_lossy().into_owned());
    if there.is_dir() {
        return plain(&name);
    }
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".GZ")).unwrap_or(&name);
    plain(name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem }))
}

/// Without a number behind a point, which is how parts of one recording are told apart, and without what steers a terminal.
fn plain(name: &str) -> String {
    let name = name.replace(char::is_control, "-");
    match name.rsplit_once('.') {
        Some((stem, end)) if !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{stem}-{end}")
        }
        _ => name.to_owned(),
    }
}

/// What tells the recordings of a file apart in names, of each that a placement tells from all others.
pub(in crate::commands) fn placements(opened: &[Opened]) -> Vec<Option<String>> {
    let of = |opened: &Opened| opened.header().placement.as_deref().and_then(word);
    distinct(&opened.iter().map(of).collect::<Vec<_>>())
}

fn distinct(words: &[Option<String>]) -> Vec<Option<String>> {
    let alone = |word: &String| words.iter().flatten().filter(|other| *other == word).count() == 1;
    let several = words.len() > 1;
    words.iter().map(|word| word.clone().filter(|word| several && alone(word))).collect()
}

/// A placement as part of a file's name: letters and digits in small, and one `-` for all else between them.
fn word(placement: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let parts = placement.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let word: String = parts.collect::<Vec<_>>().join("-").to_lowercase().chars().take(LONGEST).collect();
    (!word.is_empty()).then_some(word)
}

/// The way from a folder or archive that was given to a file in it, with `/`; nothing for what was named itself.
pub(in crate::commands) fn origin(file: &Path, given: &Path) -> Option<String> {
    let below = file.strip_prefix(given).ok()?;
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_disk_and_are_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["Walk.csv", "walk.txt", "a.zip", "b.csv.gz", "part.1.csv"] {
            std::fs::write(path(name), "").unwrap();
        }
        let mut names = Names::default();
        assert_eq!(names.choose(&path("Walk.csv"), None), "Walk");
        assert_eq!(names.choose(&path("walk.txt"), None), "walk-2");
        assert_eq!(names.choose(&path("a.zip/../../etc/passwd"), None), "a");
        assert_eq!(names.choose(&path("a.zip/b.csv"), None), "a-2");
        assert_eq!(names.choose(&path("b.csv.gz"), None), "b");
        assert_eq!(names.choose(&path("part.1.csv"), None), "part-1");
    }

    #[test]
    fn placements_tell_recordings_apart_where_they_can() {
        let words = |of: &[&str]| distinct(&of.iter().map(|&text| word(text)).collect::<Vec<_>>());
        assert_eq!(words(&["Right Pocket", "ankle"]), [Some("right-pocket".into()), Some("ankle".into())]);
        assert_eq!(words(&["wrist", "Wrist", "../x", ""]), [None, None, Some("x".into()), None]);
        assert_eq!(words(&["wrist"]), [None]);
        let mut names = Names::default();
        assert_eq!(names.choose(Path::new("nowhere/a.csv"), Some("ankle")), "a-ankle");
        assert_eq!(names.choose(Path::new("nowhere/a.csv"), None), "a");
    }

    #[test]
    fn an_origin_is_the_way_below_what_was_given() {
        assert_eq!(origin(Path::new("./p01/walk.csv"), Path::new(".")).as_deref(), Some("p01/walk.csv"));
        assert_eq!(origin(Path::new("all/p01/walk.csv"), Path::new("all/")).as_deref(), Some("p01/walk.csv"));
        assert_eq!(origin(Path::new("walk.csv"), Path::new("walk.csv")), None);
    }
}
