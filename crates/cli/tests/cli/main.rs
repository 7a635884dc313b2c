//! Drives the real binary, as a person or a script does.
//!
//! Runs are made small by their configuration, on thirty made-up people in the published layout; no test depends on
//! the defaults of a training or on how good it is.

#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod adapt;
mod baseline;
mod classify;
mod compare;
mod continuous;
mod convert;
mod datasets;
mod datasets_check;
mod datasets_get;
mod documentation;
mod evaluate;
mod few;
mod finetuning;
mod folds;
mod inspect;
mod models;
mod personal;
mod pretrain;
mod resume;
mod stream;
mod support;
mod train;
mod transfer;
mod trouble;
mod usage;
mod wearing;
