//! Plain values that everyone shares: the vocabulary of activities and label sets, people, and what a run leaves behind.
//!
//! Vocabulary, label sets and people build with `no_std` + `alloc` (`default-features = false`). What a run leaves behind
//! needs `std`: the contract between the trainer and everything that reads a run directory (the report, `--json`,
//! comparison tools). A run directory holds [`METRICS`](files::METRICS) ([`Metrics`]), [`EPOCHS`](files::EPOCHS) (one
//! [`EpochRecord`] a line), [`MISTAKES`](files::MISTAKES) (a list of [`Mistake`]) and the other [`files`];
//! [`RunRecords::read`] reads it.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod adaptation;
#[cfg(feature = "std")]
mod ancestor;
#[cfg(feature = "std")]
pub mod atomic;
#[cfg(feature = "std")]
mod breakdown;
#[cfg(feature = "std")]
pub mod continuous;
#[cfg(feature = "std")]
mod epochs;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "std")]
pub mod examination;
#[cfg(feature = "std")]
mod few;
pub mod files;
#[cfg(feature = "std")]
mod metrics;
#[cfg(feature = "std")]
mod mistakes;
pub mod overview;
#[cfg(feature = "std")]
mod personal;
#[cfg(feature = "std")]
mod run_records;
#[cfg(feature = "std")]
mod source;
pub mod timeline;
#[cfg(feature = "std")]
mod transfer;
#[cfg(feature = "std")]
mod wearing;

pub use adaptation::{Adaptation, AdaptedActivity, HeldOut, Tuning, UnlabelledActivity, UnlabelledUse};
#[cfg(feature = "std")]
pub use ancestor::AncestorRecord;
#[cfg(feature = "std")]
pub use breakdown::{Breakdown, BreakdownBy, DepthConfusion, LabelRecall, PartMetrics};
#[cfg(feature = "std")]
pub use epochs::{EpochRecord, Stage};
#[cfg(feature = "std")]
pub use error::RecordError;
#[cfg(feature = "std")]
pub use few::{FEW_FORMAT, FewDraw, FewFigures, FewGain, FewLabels, FewPoint};
#[cfg(feature = "std")]
pub use metrics::{
    ClassMetrics, CoarseMetrics, Estimate, FoldMetrics, Keep, METRICS_FORMAT, Metrics, ReliabilityBin,
    SeedMetrics, Spread, SubjectLists, SubjectMetrics, TestMetrics, WearingMetrics, WindowCounts,
};
#[cfg(feature = "std")]
pub use mistakes::Mistake;
#[cfg(feature = "std")]
pub use personal::{
    LeftOutPerson, MUCH_WORSE, MeanOverPeople, MistakesOverTime, NewActivity, PERSONAL_FORMAT,
    PersonalFigures, PersonalModel, PersonalPoint, PersonalScore, PersonalSummary, PersonalWay,
    RecallBeforeAfter,
};
#[cfg(feature = "std")]
pub use run_records::RunRecords;
#[cfg(feature = "std")]
pub use source::SourceRecord;
#[cfg(feature = "std")]
pub use transfer::{
    LeftOutLabel, TRANSFER_FORMAT, TransferBetween, TransferCell, TransferMatrix, TransferScore,
};
#[cfg(feature = "std")]
pub use wearing::Wearing;

mod label_set;
mod person;
pub mod vocabulary;

pub use label_set::{
    Answer, CommonLabels, CommonNode, LabelSet, LabelSetError, Level, Target, Targets, TooManyGroups,
    common_labels,
};
pub use person::{PersonId, PersonIdError};
