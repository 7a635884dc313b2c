//! What can be wrong with data, and what to do about it.

use crate::manifest::{DescribedError, ManifestError};
use crate::{Occurrence, Protocol};
use ambulo_record::{PersonId, TooManyGroups};
use ambulo_signal::Finding;
use std::path::PathBuf;

/// Everything this crate refuses. Rows and columns count from 1, as editors show them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// A recording that is kept outside of memory could not be read back.
    #[error("cannot read recording {recording} of person {person} again: {source}")]
    Unreadable {
        /// Who was recorded.
        person: PersonId,
        /// The recording.
        recording: String,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// What does not fit in memory could not be put into a temporary file, or not be read from there.
    #[error(
        "the temporary file for what does not fit in memory: {source}\n\
         hint: AMBULO_CACHE names a directory with room for it, AMBULO_MEMORY says how much may stay in memory"
    )]
    Spool {
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// The environment says no amount of memory.
    #[error(transparent)]
    MemorySetting(#[from] crate::MemorySettingError),
    /// The folder is none of those this crate reads.
    #[error(
        "{} is not a data set Ambulo knows: {found}\n\
         hint: expected `UCI HAR Dataset` (with train/Inertial Signals and test/Inertial Signals) or \
         `HAPT Data Set` (with RawData/labels.txt), a folder with hapt.parquet, or the folder that contains one of them; \
         recordings of other devices are not read yet",
        path.display()
    )]
    UnknownFolder {
        /// The folder.
        path: PathBuf,
        /// What was found there instead.
        found: String,
    },
    /// The folder is not there, or is a file.
    #[error(
        "{} is no folder\nhint: name the folder of a published data set", path.display()
    )]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder holds more than one data set.
    #[error(
        "{} contains more than one data set ({found})\n\
         hint: point at one of them; UCI HAR and HAPT are the same people and must not be mixed",
        path.display()
    )]
    AmbiguousFolder {
        /// The folder.
        path: PathBuf,
        /// The data sets in it.
        found: String,
    },
    /// A file the data set should have is not there.
    #[error(
        "{} is missing from the {dataset} folder\nhint: unpack the published archive again, or restore the file",
        path.display()
    )]
    MissingFile {
        /// The file.
        path: PathBuf,
        /// Title of the data set.
        dataset: &'static str,
    },
    /// A row with too few or too many numbers.
    #[error(
        "{}, row {row}: expected {expected} numbers, found {found}\n\
         hint: the file may be cut off or damaged; unpack it again",
        path.display()
    )]
    RowLength {
        /// The file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Numbers a row must have.
        expected: usize,
        /// Numbers it has.
        found: usize,
    },
    /// Something that is no number where a number should be.
    #[error(
        "{}, row {row}, column {column}: expected {expected}, found `{found}`\n\
         hint: correct the value, or unpack the file again",
        path.display()
    )]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Column, counted in values.
        column: usize,
        /// What should be there.
        expected: &'static str,
        /// The text found (its beginning, where long).
        found: String,
    },
    /// Text that does not keep to the encoding it begins in.
    #[error(
        "{} is {encoding} only up to byte {byte}\nhint: the file may be cut off or damaged; save it again as UTF-8",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// Name of the encoding.
        encoding: &'static str,
        /// Bytes that are in it.
        byte: usize,
    },
    /// NaN or infinity.
    #[error(
        "{}, row {row}, column {column}: expected a finite number, found {found}\n\
         hint: remove or repair the samples without a measurement first; they cannot be filtered",
        path.display()
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Column, counted in values.
        column: usize,
        /// The value found.
        found: f64,
    },
    /// Two files that belong together differ in length.
    #[error(
        "{} has {found} rows, but {} has {expected}\nhint: one of the two is cut off; unpack both again",
        path.display(), other.display()
    )]
    UnequalLength {
        /// The file.
        path: PathBuf,
        /// Rows it has.
        found: usize,
        /// The file it belongs to.
        other: PathBuf,
        /// Rows that one has.
        expected: usize,
    },
    /// A file without a single row.
    #[error("{} is empty\nhint: unpack it again", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A number that is well formed but means nothing here.
    #[error(
        "{}, row {row}, column {column}: expected {expected}, found {found}\n\
         hint: correct the value, or unpack the file again",
        path.display()
    )]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Column, counted in values.
        column: usize,
        /// What is allowed.
        expected: String,
        /// What was found.
        found: i64,
    },
    /// A label for a recording that is not there.
    #[error(
        "{}, row {row}: labels experiment {experiment} of user {user}, but {} is not there\n\
         hint: restore the recording, or remove its rows from the labels",
        path.display(), recording.display()
    )]
    LabelWithoutRecording {
        /// The label file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Experiment of the label.
        experiment: u16,
        /// User of the label.
        user: u16,
        /// The file that should hold it.
        recording: PathBuf,
    },
    /// One sample with two activities.
    #[error(
        "{}, row {row}: gives sample {sample} of experiment {experiment} the activity {found}, but an earlier row \
         gave it {earlier}\nhint: correct the start or end of one of the two rows",
        path.display()
    )]
    OverlappingLabels {
        /// The label file.
        path: PathBuf,
        /// Row.
        row: usize,
        /// Experiment of the label.
        experiment: u16,
        /// First sample in doubt, from 1.
        sample: usize,
        /// Activity of this row.
        found: &'static str,
        /// Activity of the earlier row.
        earlier: &'static str,
    },
    /// Two recordings with one experiment number.
    #[error(
        "experiment {experiment} appears twice: {} and {}\nhint: remove one of the two recordings",
        first.display(), second.display()
    )]
    DuplicateExperiment {
        /// The number.
        experiment: u16,
        /// One file.
        first: PathBuf,
        /// The other file.
        second: PathBuf,
    },
    /// A recording that its own values speak against: in another unit, without gravity, nothing but zeros.
    #[error("{}: {}\nhint: convert the file to g (with gravity) and rad/s", path.display(), finding.text)]
    Refused {
        /// The file.
        path: PathBuf,
        /// What was found.
        finding: Box<Finding>,
    },
    /// A manifest that cannot be used.
    #[error(transparent)]
    Manifest {
        /// What is wrong with it.
        #[from]
        source: ManifestError,
    },
    /// Files that are not as their manifest describes them.
    #[error(transparent)]
    Described {
        /// What is wrong.
        source: Box<DescribedError>,
    },
    /// A stretch of signal that occurs twice, under two people or two labels.
    #[error(
        "{seconds:.1} s of signal occur twice, bit for bit: {first}, and {second}\n\
         hint: leave one of the two out; a model would be tested on what it was trained on, or taught two answers for one signal"
    )]
    Duplicate {
        /// Where it is first.
        first: Box<Occurrence>,
        /// Where it is again.
        second: Box<Occurrence>,
        /// Its length in seconds.
        seconds: f64,
    },
    /// A Parquet file that is damaged or not the expected one.
    #[error(
        "{origin} is not a readable HAPT Parquet file: {detail}\nhint: make it again with datasets/hapt/convert.py"
    )]
    Parquet {
        /// The file, or `the bundled HAPT data`.
        origin: String,
        /// What is wrong.
        detail: String,
    },
    /// Content that differs from what was published.
    #[error(
        "the content of {dataset} has changed: expected SHA-256 {expected}, found {found}\n\
         hint: restore the file (make it again with datasets/hapt/convert.py), or use a fresh copy"
    )]
    HashMismatch {
        /// Name of the data set.
        dataset: String,
        /// The hash of the published content.
        expected: String,
        /// The hash found.
        found: String,
    },
    /// A name the catalogue does not have.
    #[error("unknown data set `{name}`\nhint: known data sets are {known}")]
    UnknownDataset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A name that no protocol has.
    #[error("unknown protocol `{found}`, expected one of: {choices}")]
    UnknownProtocol {
        /// The name.
        found: String,
        /// The protocols there are.
        choices: String,
    },
    /// Labels of more different depths than there is room for.
    #[error(transparent)]
    TooManyGroups {
        /// The numbers.
        source: TooManyGroups,
    },
    /// Subjects that are not in the data set.
    #[error("{dataset} has no subject {unknown}\nhint: its subjects are {known}")]
    UnknownSubjects {
        /// Name of the data set.
        dataset: String,
        /// The subjects asked for that are not there.
        unknown: String,
        /// The subjects there are.
        known: String,
    },
    /// People on whom a model may not be evaluated.
    #[error(
        "the model cannot be evaluated on the subjects `{refused}` of {dataset}: they are unknown, or the model was \
         trained on them, or the protocol does not test on them\nhint: choose among {open}"
    )]
    NotForEvaluation {
        /// Name of the data set.
        dataset: String,
        /// The subjects asked for that are not among those.
        refused: String,
        /// The subjects on whom it may be evaluated.
        open: String,
    },
    /// A fold that the protocol does not have.
    #[error("protocol {protocol} has the folds 1 to {folds}, not {found}")]
    NoFold {
        /// The protocol.
        protocol: crate::Protocol,
        /// Number of folds.
        folds: usize,
        /// The fold asked for.
        found: usize,
    },
    /// A data set without the people a protocol is defined on.
    #[error(
        "the protocol {protocol} is defined on exactly the subjects 1 to 30 of UCI HAR and HAPT; \
         {dataset} has {found}\nhint: use the complete data set"
    )]
    WrongSubjects {
        /// The protocol.
        protocol: crate::Protocol,
        /// Name of the data set.
        dataset: String,
        /// The subjects it has.
        found: String,
    },
    /// A published partition that contradicts the protocol.
    #[error(
        "subject {person} is in the published {published} windows of {dataset}, which contradicts the protocol \
         official (test subjects {expected})\nhint: the folder was changed; unpack the published archive again"
    )]
    PublishedPartitionDiffers {
        /// Name of the data set.
        dataset: String,
        /// The subject.
        person: PersonId,
        /// `train` or `test`.
        published: &'static str,
        /// The official test subjects.
        expected: String,
    },
    /// A split that leaves one side without people.
    #[error("cannot take {asked} subjects out of {available}: at least one must remain on either side")]
    SplitSize {
        /// Subjects asked for.
        asked: usize,
        /// Subjects there are.
        available: usize,
    },
    /// Nobody left to evaluate on.
    #[error(
        "the model was trained on every subject of {dataset} ({overlap}): an evaluation would only show what it \
         remembers\nhint: evaluate on other people, or train with a protocol that keeps test subjects out"
    )]
    NoUnseenSubjects {
        /// Name of the data set.
        dataset: String,
        /// The subjects in both.
        overlap: String,
    },
    /// People of whom no few have all activities.
    #[error(
        "of {available} training people of {dataset} no {count} were found who have all activities between them\n\
         hint: draw more people, or leave rare activities out"
    )]
    NoDraw {
        /// Name of the data set.
        dataset: String,
        /// How many were to be drawn.
        count: usize,
        /// How many there are.
        available: usize,
    },
    /// Partitions that do not belong together.
    #[error("cannot join the two partitions: {reason}")]
    Incompatible {
        /// What differs.
        reason: String,
    },
    /// Preprocessing that does not fit the data set.
    #[error("{dataset} has {found}, but the preprocessing expects {expected}\nhint: {hint}")]
    PreprocessingMismatch {
        /// Name of the data set.
        dataset: String,
        /// What the preprocessing expects.
        expected: String,
        /// What the data has.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// A recording the preprocessing refuses.
    #[error("recording {recording} of person {person}: {source}")]
    Signal {
        /// Person.
        person: PersonId,
        /// Name of the recording.
        recording: String,
        /// The reason.
        source: ambulo_signal::SignalError,
    },
    /// A recording at a lower rate than the windows'.
    #[error(
        "recording {recording} of person {person} of {dataset} has {found_hz:.1} samples per second, windows of {expected_hz} Hz \
         are asked for\n\
         hint: a rate of {fits_hz} Hz fits {dataset}: --rate {fits_hz}; or let what is missing be filled in by straight lines, \
         which adds nothing that was not measured: preprocessing.resampling = \"fill\""
    )]
    Slow {
        /// Name of the data set.
        dataset: String,
        /// Person.
        person: PersonId,
        /// Name of the recording.
        recording: String,
        /// Its rate in Hz.
        found_hz: f64,
        /// The rate of the preprocessing in Hz.
        expected_hz: f64,
        /// Highest whole rate in Hz that no recording of the data set, as far as its clocks tell, falls short of.
        fits_hz: f64,
    },
    /// Not one window.
    #[error(
        "the subjects {subjects} of {dataset} give no window of {window} samples with the chosen activities\n\
         hint: choose a shorter window"
    )]
    NoWindows {
        /// Name of the data set.
        dataset: String,
        /// The subjects.
        subjects: String,
        /// Samples per window.
        window: usize,
    },
    /// Windows where whole recordings are needed.
    #[error(
        "{dataset} was published as windows, so it has no whole recordings\n\
         hint: use the raw recordings, HAPT for example"
    )]
    NoRecordings {
        /// Name of the data set.
        dataset: String,
    },
    /// A placement at which a data set has no recording.
    #[error("{dataset} has no recordings of the placement `{placement}`; it has: {known}")]
    NoSuchPlacement {
        /// Name of the data set.
        dataset: String,
        /// The placement.
        placement: String,
        /// Those there are.
        known: String,
    },
    /// People of whom nobody wore a device where it is to be learned from or tested.
    #[error(
        "nobody of the people {what} of {dataset} wore a device at: {placements}\nhint: divide people into fewer groups, or name other placements"
    )]
    NotWorn {
        /// Name of the data set.
        dataset: String,
        /// What the people are for.
        what: &'static str,
        /// The places.
        placements: String,
    },
    /// A protocol that needs something the data set does not have.
    #[error("the protocol {protocol} does not fit {dataset}: {reason}")]
    ProtocolUnfit {
        /// The protocol.
        protocol: Protocol,
        /// Name of the data set.
        dataset: String,
        /// What is missing, and what to do.
        reason: String,
    },
    /// The evaluation could not be logged, so the test windows stay closed.
    #[error("cannot log the evaluation, so the data of test people stay closed: {source}")]
    EvaluationLog {
        /// The reason the log gave.
        source: std::io::Error,
    },
}

impl DataError {
    /// Whether the user named something that does not exist, as opposed to data that are damaged.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownFolder { .. }
                | Self::UnknownDataset { .. }
                | Self::UnknownProtocol { .. }
                | Self::UnknownSubjects { .. }
                | Self::NoSuchPlacement { .. }
                | Self::NotWorn { .. }
                | Self::ProtocolUnfit { .. }
                | Self::NotForEvaluation { .. }
                | Self::NoFolder { .. }
                | Self::NoFold { .. }
                | Self::SplitSize { .. }
                | Self::NoDraw { .. }
                | Self::AmbiguousFolder { .. }
        )
    }
}
