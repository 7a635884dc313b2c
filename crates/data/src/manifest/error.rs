//! What can be wrong with a manifest, and with the data it describes.

use crate::DataError;
use ambulo_formats::{FormatError, OptionError};
use ambulo_record::PersonIdError;
use ambulo_record::vocabulary::{NameError, ParentError};
use ambulo_signal::{Finding, Sensor, SignalError, SourceError};
use std::fmt;
use std::path::PathBuf;

/// Where in a manifest something is: line 12 of `my.toml`, the key `files[0].columns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlace {
    /// The manifest: a path or a name.
    pub file: String,
    /// The line, from 1; 0 where there is no text.
    pub line: usize,
    /// The key with those above it; empty where there is none.
    pub key: String,
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if self.key.is_empty() { Ok(()) } else { write!(f, ", `{}`", self.key) }
    }
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is larger than any manifest.
    #[error("{} has more than {most} bytes, too many for a manifest", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that are read.
        most: u64,
    },
    /// Something at a key.
    #[error("{place}: {problem}")]
    At {
        /// Where.
        place: KeyPlace,
        /// What.
        problem: Box<Problem>,
    },
}

/// What is wrong at a key of a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No TOML, or a value of another type.
    #[error("{text}")]
    Toml {
        /// What the reader of TOML says.
        text: String,
    },
    /// A key or a choice that does not exist.
    #[error("unknown {what} `{found}`{}", meant(nearest, known))]
    Unknown {
        /// `key` or `choice`.
        what: &'static str,
        /// What is there.
        found: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// All that exist.
        known: String,
    },
    /// Another version.
    #[error("manifests have the layout {expected}, this one has {found}\nhint: a newer Ambulo may read it")]
    Version {
        /// What is read.
        expected: u32,
        /// What is there.
        found: u32,
    },
    /// A name that cannot be typed.
    #[error(
        "`{found}` is no name of a data set\nhint: lower-case letters, digits and `-`, e.g. `my-study-2`"
    )]
    Name {
        /// What is there.
        found: String,
    },
    /// Something that is needed and not there.
    #[error("{what} is missing\nhint: {hint}")]
    Missing {
        /// What.
        what: &'static str,
        /// What to write.
        hint: &'static str,
    },
    /// Two statements that exclude each other.
    #[error("{what}\nhint: {hint}")]
    Contradiction {
        /// Which.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A pattern of paths that cannot be understood.
    #[error(
        "{found} in the pattern `{pattern}`\nhint: `{{name}}` or `{{name:regular expression}}`, `*` within a part, `**` for any number of parts"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        found: String,
    },
    /// Columns, units, a time or a format.
    #[error(transparent)]
    Setting(#[from] OptionError),
    /// Axes.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// A number that is none, or out of range.
    #[error("`{found}` is not {expected}")]
    Number {
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// An activity that nobody knows.
    #[error(
        "`{found}` is no activity of the common vocabulary, and `labels.own` does not place it{}",
        meant(nearest, "")
    )]
    Activity {
        /// What is there.
        found: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// No name of an activity at all.
    #[error(transparent)]
    ActivityName(#[from] NameError),
    /// An own name that has no place.
    #[error(transparent)]
    Parent(#[from] ParentError),
    /// No name of a person.
    #[error(transparent)]
    Person(#[from] PersonIdError),
}

fn meant(nearest: &Option<String>, known: &str) -> String {
    match (nearest, known) {
        (Some(word), _) => format!("\nhint: did you mean `{word}`?"),
        (None, "") => String::new(),
        (None, known) => format!("\nhint: there are {known}"),
    }
}

/// What is wrong with the files that a manifest describes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribedError {
    /// The manifest itself says that it cannot be read.
    #[error("{name} is not read: {reason}")]
    NotReadable {
        /// Name of the data set.
        name: String,
        /// Why.
        reason: String,
    },
    /// A pattern without files.
    #[error("the pattern `{pattern}` of {name} matches none of the {files} files in {}{}", root.display(), first_file(first))]
    NoMatch {
        /// Name of the data set.
        name: String,
        /// The pattern.
        pattern: String,
        /// The folder.
        root: PathBuf,
        /// Files in it.
        files: usize,
        /// The one that is most like the pattern.
        first: Option<String>,
    },
    /// A file that belongs to another and is not there.
    #[error(
        "{file} has no companion: no file matches `{pattern}` with the same captures{}\n\
         hint: restore the file, or say `optional = true` in `with`",
        first_file(nearest)
    )]
    NoCompanion {
        /// The file.
        file: String,
        /// Pattern of what is missing.
        pattern: String,
        /// The file that is most like it.
        nearest: Option<String>,
    },
    /// Several files that could belong to another.
    #[error(
        "{file} has several companions that match `{pattern}`: {first} and {second}\nhint: capture what tells them apart"
    )]
    Companions {
        /// The file.
        file: String,
        /// The pattern.
        pattern: String,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// The file cannot be read as described.
    #[error("{entry}: {source}")]
    Format {
        /// Which entry of the manifest.
        entry: String,
        /// Why.
        source: FormatError,
    },
    /// The file has no samples of the accelerometer.
    #[error("{file} has no sample of acceleration\nhint: name its columns, or say `optional = true`")]
    NoSamples {
        /// The file.
        file: String,
    },
    /// A sensor whose unit nobody states.
    #[error(
        "{file}: the unit of the {sensor} is stated neither there nor in the manifest\nhint: `units = \"acc=m/s2,gyro=deg/s\"`"
    )]
    NoUnit {
        /// The file.
        file: String,
        /// The sensor.
        sensor: Sensor,
    },
    /// The file cannot be read to its end.
    #[error("{source}")]
    Source {
        /// The file.
        file: String,
        /// Why; it names the file.
        source: SourceError,
    },
    /// Acceleration without gravity.
    #[error(
        "{file} has acceleration from which gravity was taken, as the manifest says\nhint: `add-columns` gives back gravity that was kept apart"
    )]
    GravityRemoved {
        /// The file.
        file: String,
    },
    /// A table that cannot be divided by people or labelled by rows.
    #[error("{file} has no labels or people in its rows: {why}")]
    NotDivided {
        /// The file.
        file: String,
        /// Why.
        why: &'static str,
    },
    /// A recording that its own values speak against.
    #[error("{file}: {}\nhint: see `units`, `scale` and `columns`, or leave the file out with the reason", finding.text)]
    Refused {
        /// The file.
        file: String,
        /// What was found.
        finding: Box<Finding>,
    },
    /// No name of a person.
    #[error("{file}: {source}")]
    Person {
        /// The file.
        file: String,
        /// Why.
        source: PersonIdError,
    },
    /// A label that the manifest does not explain.
    #[error(
        "{file}{}: the label `{word}` is not explained\n\
         hint: put it into `[labels.map]`, or into `[labels.leave-out]` with the reason; known are {known}",
        at(*row)
    )]
    Word {
        /// The file.
        file: String,
        /// The row, from 1, where the file has rows.
        row: Option<u64>,
        /// What is there.
        word: String,
        /// What the manifest explains.
        known: String,
    },
    /// A table beside the recordings that cannot be read.
    #[error("{}{}: {found}\nhint: {hint}", path.display(), at(*line))]
    Table {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: Option<u64>,
        /// What is wrong.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// Two labels at one time.
    #[error("{}: lines {first} and {second} give one moment of {recording} two labels, `{a}` and `{b}`", path.display())]
    Overlap {
        /// The file.
        path: PathBuf,
        /// Line of the one.
        first: u64,
        /// Line of the other.
        second: u64,
        /// The recording.
        recording: String,
        /// Label of the one.
        a: String,
        /// Label of the other.
        b: String,
    },
}

fn at(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", row {line}"))
}

fn first_file(first: &Option<String>) -> String {
    first.as_ref().map_or_else(String::new, |first| format!("; the nearest is {first}"))
}

impl DescribedError {
    /// Whether it is about what a file holds, so that an optional one can be passed over.
    pub(super) fn is_of_the_file(&self) -> bool {
        matches!(
            self,
            Self::Format { .. }
                | Self::Source { .. }
                | Self::NoSamples { .. }
                | Self::NoUnit { .. }
                | Self::NotDivided { .. }
                | Self::GravityRemoved { .. }
                | Self::Refused { .. }
        )
    }
}

impl From<DescribedError> for DataError {
    fn from(error: DescribedError) -> Self {
        Self::Described { source: Box::new(error) }
    }
}
