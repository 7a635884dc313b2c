//! Data sets of labelled motion recordings: the catalogue, readers of published folders, the bundled HAPT
//! recordings, windows, and splits by subject that keep test people out of training by type.
//!
//! The usual way through the crate:
//!
//! 1. a [`Dataset`] from [`hapt`] (bundled) or [`open_folder`] (a folder the user has);
//! 2. [`Protocol::split`] cuts its people into development and test subjects, and
//!    [`DevelopmentSubjects::hold_out_validation`] the former into training and validation subjects;
//! 3. each of the three is cut into a [`Partition`] of windows with an
//!    [`ambulo_signal::Preprocessing`] and an [`ambulo_record::LabelSet`];
//! 4. the windows of a `Partition<Test>` come out once, by [`Partition::open`], which logs the evaluation.

mod catalogue;
mod check;
mod dataset;
mod detect;
mod duplicates;
mod error;
mod examine;
mod hapt;
pub mod hash;
mod intervals;
mod join;
mod loose;
pub mod manifest;
mod moving;
mod split;
mod spool;
mod stored;
mod summary;
mod table;
mod text;
mod uci_har;
mod windows;

pub use catalogue::{
    Availability, DatasetInfo, ShippedManifest, catalogue, lookup, shipped, shipped_manifest,
};
pub use dataset::{
    Content, Dataset, Facts, FileFinding, LabelInterval, LabelledRecording, Part, PublishedPartition,
    WindowedData,
};
pub use detect::open_folder;
pub use duplicates::{
    Duplicate, FEWEST_DISTINCT, Occurrence, RepeatedSignal, SHORTEST_DUPLICATE_S, check_duplicates,
    duplicates,
};
pub use error::DataError;
pub use examine::{ExamineOptions, FileFaults, examine};
#[cfg(feature = "bundled-data")]
pub use hapt::hapt;
pub use hapt::{ACCELERATION_SCALE, ANGULAR_VELOCITY_SCALE, HAPT_SHA256, content_hash, read_hapt_parquet};
pub use intervals::{IntervalsError, read_intervals};
pub use loose::LooseRecordings;
pub use split::{
    ChosenBy, DevelopmentSubjects, EvaluationEntry, EvaluationLog, GROUPS10, OFFICIAL_TEST_SUBJECTS,
    Partition, Protocol, Purpose, Split, Subjects, Test, TestSubjects, Training, TrainingSubjects,
    Validation, ValidationSubjects, WholeRecordings, subjects_for_evaluation, subjects_trained_on,
    with_test_sets, with_test_subjects,
};
pub use spool::{DiskRecording, DiskSource, MemorySettingError, Rows, Spool};
pub use stored::{SeriesFacts, Stored, StoredSource, Timing};
pub use summary::{Counts, Summary, Verification, summarise, verify};
pub use windows::{LabelledWindows, NoWindows, PassedOver, Place, Series, WindowOrigin};
