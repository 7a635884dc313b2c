//! What can be wrong with a file, each with the facts and what to do about it.

use ambulo_signal::Sensor;
use std::path::PathBuf;

/// What has to be said before a recording can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Need {
    /// Which columns hold the time and the axes.
    Columns,
    /// The unit of a sensor.
    Unit(Sensor),
    /// Samples per second, where the file has no time.
    Rate,
    /// How the times are to be read.
    TimeFormat,
    /// Which of several devices or placements is meant.
    Device,
    /// Which variable of a file holds the samples.
    Variable,
}

/// What kind of error it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system could not open or read the file.
    Io,
    /// Text without a table, as any note has it.
    NoTable,
    /// Nothing in it.
    Empty,
    /// The file was recognised, or is binary, and no reader for it exists.
    Unsupported,
    /// The file is no recording of raw samples.
    NotARecording,
    /// Its content contradicts itself, or cannot be read.
    Damaged,
    /// Not enough is known: someone has to say.
    Needs(Need),
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The operating system's answer.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder or an archive without a file that could be a recording.
    #[error("there is no file that could be a recording in {}", path.display())]
    Nothing {
        /// The folder or archive.
        path: PathBuf,
    },
    /// Text, and no table in it: a note, a page, a program.
    #[error("{} is text without a table: {found}", path.display())]
    NoTable {
        /// The file.
        path: PathBuf,
        /// What was looked for and not found.
        found: String,
    },
    /// A file of no bytes.
    #[error("{} is empty (0 bytes)", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A header and nothing more.
    #[error("{} has no rows of data: {found}", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
        /// What it has instead.
        found: String,
    },
    /// Known or at least distinguishable, but not readable.
    #[error("{} cannot be read: it is {what}\nhint: {hint}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
        /// What to do.
        hint: String,
    },
    /// Summaries, events, results: no samples.
    #[error("{} is no recording of raw samples: it is {what}\nhint: {hint}", path.display())]
    NotARecording {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A place in the file that cannot be right.
    #[error("{}, {place}: {found}; expected {expected}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, e.g. `line 3 (row 2)` or `row group 0, column "x"`.
        place: String,
        /// What is there; text of the file is quoted, shortened and escaped.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// Not enough is known.
    #[error("{}: {text}", path.display())]
    Needs {
        /// The file.
        path: PathBuf,
        /// What has to be said.
        need: Need,
        /// What was found and what is missing.
        text: String,
    },
}

impl FormatError {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { .. } => ErrorKind::Io,
            Self::Empty { .. } | Self::NoRows { .. } | Self::Nothing { .. } => ErrorKind::Empty,
            Self::NoTable { .. } => ErrorKind::NoTable,
            Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::NotARecording { .. } => ErrorKind::NotARecording,
            Self::Damaged { .. } => ErrorKind::Damaged,
            Self::Needs { need, .. } => ErrorKind::Needs(*need),
        }
    }
}

/// An error without its file, as the inner layers know it.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(std::io::Error),
    Empty,
    NoRows(String),
    NoTable(String),
    NotARecording { what: String, hint: String },
    Unsupported { what: String, hint: String },
    Damaged { place: String, found: String, expected: String },
    Needs { need: Need, text: String },
}

impl Fault {
    pub(crate) fn needs(need: Need, text: impl Into<String>) -> Self {
        Self::Needs { need, text: text.into() }
    }

    pub(crate) fn damaged(
        place: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Damaged { place: place.into(), found: found.into(), expected: expected.into() }
    }

    /// The same with the member of an archive or folder in which it was found.
    pub(crate) fn in_member(self, member: &str) -> Self {
        match self {
            Self::Empty => Self::NoRows(format!("{member} has 0 bytes")),
            Self::NoRows(found) => Self::NoRows(format!("{member}: {found}")),
            Self::NoTable(found) => Self::NoTable(format!("{member}: {found}")),
            Self::NotARecording { what, hint } => {
                Self::NotARecording { what: format!("{what} ({member})"), hint }
            }
            Self::Unsupported { what, hint } => {
                Self::Unsupported { what: format!("{what} ({member})"), hint }
            }
            Self::Damaged { place, found, expected } => {
                Self::Damaged { place: format!("{member}, {place}"), found, expected }
            }
            Self::Needs { need, text } => Self::Needs { need, text: format!("{member}: {text}") },
            Self::Io(error) => Self::Io(error),
        }
    }

    /// The same with its file.
    pub(crate) fn of(self, path: &std::path::Path) -> FormatError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => FormatError::Io { path, source },
            Self::Empty => FormatError::Empty { path },
            Self::NoRows(found) => FormatError::NoRows { path, found },
            Self::NoTable(found) => FormatError::NoTable { path, found },
            Self::NotARecording { what, hint } => FormatError::NotARecording { path, what, hint },
            Self::Unsupported { what, hint } => FormatError::Unsupported { path, what, hint },
            Self::Damaged { place, found, expected } => FormatError::Damaged { path, place, found, expected },
            Self::Needs { need, text } => FormatError::Needs { path, need, text },
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(source: std::io::Error) -> Self {
        Self::Io(source)
    }
}

/// A declaration that cannot be understood: columns, units, a time or a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {what}\nhint: {expected}")]
pub struct OptionError {
    /// What was to be declared, e.g. `list of columns`.
    pub what: &'static str,
    /// What was given.
    pub found: String,
    /// What is understood.
    pub expected: String,
}

/// Text of a file for a message: in quotes, without control characters, at most 40 characters.
pub(crate) fn quoted(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(&text[..text.len().min(8 * LONGEST)]);
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| if matches!(c, '"' | '\'') { vec![c] } else { c.escape_debug().collect() })
        .collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short_and_clean() {
        assert_eq!(quoted(b"10h00'00\""), "`10h00'00\"`");
        assert_eq!(quoted(b"a\tb\x1b[2J\0"), "`a\\tb\\u{1b}[2J\\0`");
        let long = quoted(&[b'x'; 5000]);
        assert!(long.chars().count() == 43, "{long}");
    }
}
