//! Data sets of labelled motion recordings: the catalogue, readers of published folders, the bundled HAPT
//! recordings, windows, and splits by subject that keep test people out of training by type.
//!
//! The usual way through the crate:
//!
//! 1. a [`Dataset`] from [`hapt`] (bundled) or [`open_folder`] (a folder the user has);
//! 2. [`Protocol::split`] cuts its people into development and test subjects, and
//!    [`DevelopmentSubjects::hold_out_validation`] the former into training and validation subjects;
//! 3. each of the three is cut into a [`Partition`] of windows with an
//!    [`ambulo_signal::Preprocessing`] and a [`LabelSet`];
//! 4. the windows of a `Partition<Test>` come out once, by [`Partition::open`], which logs the evaluation.

#[cfg(feature = "bundled-data")]
mod bundled;
mod catalogue;
mod content_hash;
mod dataset;
mod detect;
mod duplicates;
mod error;
mod hapt_folder;
mod hapt_parquet;
mod labels;
mod split;
mod subject;
mod summary;
mod table;
mod text;
mod uci_har;
mod units;
mod windows;

#[cfg(feature = "bundled-data")]
pub use bundled::hapt;
pub use catalogue::{Availability, DatasetInfo, HAPT_SHA256, catalogue, lookup};
pub use content_hash::{ACCELERATION_SCALE, ANGULAR_VELOCITY_SCALE, content_hash};
pub use dataset::{Content, Dataset, LabelledRecording, PublishedPartition, WindowedData};
pub use detect::open_folder;
pub use duplicates::{Duplicate, FEWEST_DISTINCT, SHORTEST_DUPLICATE_S, duplicates};
pub use error::DataError;
pub use hapt_parquet::read_hapt_parquet;
pub use labels::{Activity, LabelSet};
pub use split::{
    ChosenBy, DevelopmentSubjects, EvaluationEntry, EvaluationLog, GROUPS10, OFFICIAL_TEST_SUBJECTS,
    Partition, Protocol, Purpose, Split, Subjects, Test, TestSubjects, Training, TrainingSubjects,
    Validation, ValidationSubjects, subjects_for_evaluation, subjects_trained_on, with_test_subjects,
};
pub use subject::SubjectId;
pub use summary::{Counts, Summary, Verification, summarise, verify};
pub use windows::{LabelledWindows, Place, Series, WindowOrigin};
