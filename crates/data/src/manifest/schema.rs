//! What a manifest holds.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A manifest as it is written; what it means together with its files is checked elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// Version of the layout of manifests, [`Manifest::FORMAT`].
    pub manifest: u32,
    /// Short name, as on the command line: lower case, digits and `-`.
    pub name: String,
    /// Full title.
    pub title: String,
    /// The group of people recorded, where other data sets recorded them too; the data set's own name if absent. People of one
    /// cohort with one name are one person, in whichever data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// The terms, all of them, in words.
    pub licence: String,
    /// What to cite.
    #[serde(default)]
    pub citation: String,
    /// Where it was published: a page for people.
    #[serde(default)]
    pub source: String,
    /// Where the archive lies, if it has a plain address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archive: Vec<Archive>,
    /// On what this manifest was tried.
    pub verified: Verified,
    /// What nobody could tell from the documents, one sentence each. If it keeps the data from being read, it stands in `refused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_questions: Vec<String>,
    /// Why the data set cannot be read by this manifest, if it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What a complete copy holds.
    #[serde(default)]
    pub expect: Expect,
    /// What holds for all entries of `files` that do not say otherwise.
    #[serde(default)]
    pub defaults: FilesEntry,
    /// The files.
    pub files: Vec<FilesEntry>,
    /// What the words and numbers of the labels mean.
    pub labels: LabelWords,
    /// Files that are passed over, as patterns with `*` and `**`, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leave_out_files: BTreeMap<String, String>,
    /// People who are passed over, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leave_out_people: BTreeMap<String, String>,
    /// Groups of people, e.g. by age: a pattern of people's names with `*`, or one name, to the group's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, String>,
    /// A table with a person in each row from which groups are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages: Option<AgeOf>,
    /// The test people of the published split, if there is one that keeps people apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test_people: Vec<String>,
    /// SHA-256 of the content as Ambulo reckons it, of a complete copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Manifest {
    /// The layout that is read and written.
    pub const FORMAT: u32 = 1;

    /// Whether the data set was published as windows, which a reader of its own reads.
    pub(super) fn holds_windows(&self) -> bool {
        self.files.iter().any(|entry| entry.format.as_deref() == Some("uci-har-windows"))
    }
}

/// An archive to download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Archive {
    /// Its address.
    pub url: String,
    /// Name under which it is kept; the last part of the address if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its length in bytes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of the archive, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Archives inside it that are unpacked as well, as patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<String>,
}

/// On what a manifest was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Verified {
    /// `real` for files as published, `layout` for a small folder that was written in exactly the published layout.
    pub on: VerifiedOn,
    /// Which files, in words.
    pub what: String,
}

/// See [`Verified`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifiedOn {
    /// Files as published.
    Real,
    /// A folder written in the published layout.
    Layout,
    /// Nothing but the eyes of whoever wrote it.
    Nothing,
}

/// What a complete copy of a data set holds; a copy that holds less is read with a warning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Number of people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// Number of files that the patterns find.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<usize>,
}

/// Files of one kind: one device worn at one place. Every key may also stand in `defaults`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FilesEntry {
    /// Paths below the data set's folder, with `/` between parts. `*` stands for anything within a part, `**` for any number
    /// of parts, `{person}` for anything within a part that is then known under this name, `{person:SA\d+}` for what the
    /// regular expression finds. `{person}`, `{trial}`, `{activity}`, `{placement}`, `{device}`, `{condition}` and `{group}`
    /// have meanings, other names are the manifest's own. The same name twice must find the same text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// A known format (`cwa`, `gt3x`, …), `table`, or the dialect of a table; found by content if absent. `uci-har-windows`, for the
    /// files of UCI HAR alone, whose windows lie one in a row of nine files: no other key says how they are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The variable of a MATLAB file that holds the samples, where it holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// Columns of a table, as on the command line: `time=1,acc=2-4,gyro=5-7`, `time=timestamp,ax=x,ay=y,az=z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
    /// Units, as on the command line: `acc=m/s2,gyro=deg/s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// Factors from what stands in the files to `units`: counts, or a sign.
    #[serde(skip_serializing_if = "Scale::is_empty")]
    pub scale: Scale,
    /// Columns (x, y, z) that are added to those of the accelerometer: gravity that was kept apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_columns: Option<String>,
    /// Whether acceleration contains gravity, which it must in the end; `included` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gravity: Option<Gravity>,
    /// Samples per second as published, in Hz; needed where there are no times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How times are written, as on the command line: `s`, `ms`, `ns`, `dd/mm/yyyy`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Whether the times of the files are not to be believed: samples are taken to be `rate` apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_times: Option<bool>,
    /// How the device's axes become those of the project: `-y,x,z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axes: Option<String>,
    /// The direction, in the project's axes, that points up while the wearer stands, where it is known: `x`, `-y`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<String>,
    /// Columns by whose text a table is divided into people and recordings.
    #[serde(skip_serializing_if = "SplitBy::is_empty")]
    pub split: SplitBy,
    /// Which device of a long table or of several placements in one file; all of them, each a recording, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// Files that belong to the same recording, found by the same captures: a gyroscope beside its accelerometer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<With>,
    /// Where the labels are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelFrom>,
    /// Where the device was worn, unless it is captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// Who was recorded, where neither captures nor columns say so: a data set of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The device, unless it is captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// What captured or read words of placements, devices, conditions and groups are called:
    /// `rename.placement = { RIGHTPOCKET = "pocket" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, BTreeMap<String, String>>,
    /// Seconds that are cut off at the beginning and at the end of each recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trim: Option<[f64; 2]>,
    /// Whether a file (or part of one that `split` makes) without the columns or sensors is passed over with a remark instead of
    /// being an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// Whether acceleration contains gravity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// It does, or does once `add-columns` are added.
    #[default]
    Included,
    /// It was taken out, and nothing gives it back: such recordings are refused.
    Removed,
}

/// Factors for each sensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// Of the accelerometer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acc: Option<Number>,
    /// Of the gyroscope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gyro: Option<Number>,
}

impl Scale {
    /// Whether there is no factor.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A number, or a quotient of two: `-1`, `0.0039`, `"32/8192"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// As it is.
    Value(f64),
    /// `"32/8192"`.
    Quotient(String),
}

/// Columns of a table that tell people and recordings apart, by name, or by number from 1 (as text: `"1"`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitBy {
    /// Who was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Which recording of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<String>,
    /// Which device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Where it was worn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
}

impl SplitBy {
    /// Whether a file is one recording.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Files beside the main ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct With {
    /// As [`FilesEntry::pattern`]; names that both have must have found the same text.
    pub pattern: String,
    /// As [`FilesEntry::columns`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
    /// Whether a recording may lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// Where the labels of files are: one of these keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum LabelFrom {
    /// The text captured under this name: a folder or a part of the file's name.
    Capture(String),
    /// A column of the table, by name, or by number from 1 as text: a label in each row.
    Column(String),
    /// One label for all files of the entry.
    Always(String),
    /// A table of intervals.
    Table(LabelTable),
    /// A column as above, whose texts another table explains: the column's name there, its `file`, the column of texts in it and
    /// the column of labels.
    Dictionary {
        /// Column of the recordings' table.
        column: String,
        /// The table that explains, below the data set's folder.
        file: String,
        /// Its column of texts.
        text: String,
        /// Its column of labels.
        label: String,
    },
}

/// A table with an interval in each row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LabelTable {
    /// The file below the data set's folder; captures may stand in it: `labels/{person}_{trial}.csv`.
    pub file: String,
    /// Columns that say to which recording a row belongs: name of a capture to the column, by name or by number from 1. Numbers are
    /// compared as numbers: `07` is `7`.
    #[serde(default)]
    pub of: BTreeMap<String, String>,
    /// Column of the label.
    pub label: String,
    /// Column of the beginning.
    pub start: String,
    /// Column of the end; absent where an interval lasts until the next begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What beginning and end count.
    pub unit: LabelUnit,
    /// The number of the first row, for `unit = "rows"`: 0 or 1.
    #[serde(default)]
    pub first_row: u8,
    /// Whether the end belongs to the interval, for `unit = "rows"`.
    #[serde(default)]
    pub end_included: bool,
}

/// What the columns of a [`LabelTable`] count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelUnit {
    /// Rows of the recording.
    Rows,
    /// Seconds from the recording's start.
    Seconds,
    /// Milliseconds from the recording's start.
    Milliseconds,
    /// The same clock as the recording's own times, written the same way.
    Times,
}

/// What the words and numbers of labels mean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LabelWords {
    /// Word or number in the files to the name of an activity: of the common vocabulary, or one of `own`. `unlabelled` for what
    /// says nothing.
    pub map: BTreeMap<String, String>,
    /// Names that the common vocabulary does not have, each with the one above it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, String>,
    /// Activities of which files or stretches also hold the waiting before, between and after: only the seconds in which the
    /// wearer moves count (the length of acceleration deviates by more than 0.05 g; pauses of up to 2 s are bridged), the others
    /// carry no label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub while_moving: Vec<String>,
    /// Words whose stretches are left out of everything, each with the reason: what mixes activities, what is labelled wrongly.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub leave_out: BTreeMap<String, String>,
}

/// A table that tells people's ages or groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgeOf {
    /// The file below the data set's folder.
    pub file: String,
    /// Its column of people.
    pub person: String,
    /// Its column of ages in years, or of groups.
    pub column: String,
    /// Ages at which a new group begins, ascending: `[30, 60]` makes `below 30`, `30 to 59`, `60 and above`. Without them the column's
    /// words are the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<f64>,
}
