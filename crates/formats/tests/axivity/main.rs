//! Axivity's files: written here, damaged, and real ones beside the truth.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod cwa;
mod damaged;
mod truth;
mod wav;
mod writer;
