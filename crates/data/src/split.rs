//! Splits by subject, honest by type.
//!
//! People are cut into [`TrainingSubjects`], [`ValidationSubjects`] and [`TestSubjects`] only by functions of
//! this module, which keep the three disjoint; validation subjects are always taken out of those for
//! development. From each, windows are cut into a [`Partition`] that carries what it is for in its type. A function
//! that trains takes `Partition<Training>`, one that chooses takes `Partition<Validation>`; a
//! `Partition<Test>` gives up its windows once, to a caller who logs the evaluation. The same holds of their
//! [`WholeRecordings`], for what is answered over time.

mod evaluation;
mod few;
mod folds;
mod partition;
mod protocol;
mod recordings;
mod subjects;
mod worn;

pub use evaluation::{EvaluationEntry, EvaluationLog};
pub use folds::{GROUPS10, with_test_sets};
pub use partition::Partition;
pub use protocol::{ChosenBy, Protocol};
pub use recordings::WholeRecordings;
pub(crate) use subjects::official_test_subjects;
pub use subjects::{
    DevelopmentSubjects, OFFICIAL_TEST_SUBJECTS, Split, Subjects, TestSubjects, TrainingSubjects,
    ValidationSubjects, subjects_for_evaluation, subjects_trained_on, with_test_subjects,
};

/// What a set of people is for; [`Training`], [`Validation`] or [`Test`], and no other.
pub trait Purpose: sealed::Sealed + 'static {
    /// `training`, `validation` or `test`.
    const NAME: &'static str;
}

/// Weights and normalisation statistics are fitted on these people.
#[derive(Clone, Copy, Debug)]
pub enum Training {}

/// Epochs, widths and thresholds are chosen on these people.
#[derive(Clone, Copy, Debug)]
pub enum Validation {}

/// The final figures are computed on these people, and nothing else ever is.
#[derive(Debug)]
pub enum Test {}

impl Purpose for Training {
    const NAME: &'static str = "training";
}
impl Purpose for Validation {
    const NAME: &'static str = "validation";
}
impl Purpose for Test {
    const NAME: &'static str = "test";
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Training {}
    impl Sealed for super::Validation {}
    impl Sealed for super::Test {}
}
