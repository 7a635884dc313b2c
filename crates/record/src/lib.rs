//! Plain values that everyone shares: the vocabulary of activities and label sets, people, and what a run leaves behind.
//!
//! Vocabulary, label sets and people build with `no_std` + `alloc` (`default-features = false`).
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;
