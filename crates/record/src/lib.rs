//! Plain values that everyone shares: the vocabulary of activities and label sets, people, and what a run leaves behind.
//!
//! Vocabulary, label sets and people build with `no_std` + `alloc` (`default-features = false`).
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod label_set;
mod person;
pub mod vocabulary;

pub use label_set::{Answer, LabelSet, LabelSetError, Level, Target, Targets, TooManyGroups};
pub use person::{PersonId, PersonIdError};
