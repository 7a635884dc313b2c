//! The manifests that ship, each on a small folder in exactly the published layout, with the traps of its set; and on the files as
//! published, where they are at hand.

#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod body;
mod check;
#[path = "../common/mod.rs"]
mod common;
mod documents;
mod free_living;
mod mat;
mod phones;
mod real;
mod refused;
mod units;
