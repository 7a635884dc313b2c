//! Data sets that manifests describe: small folders of every layout, every fault with its place, public sets where they are at hand.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;
#[path = "manifest/faults.rs"]
mod faults;
#[path = "manifest/folder.rs"]
mod folder;
#[path = "manifest/hapt.rs"]
mod hapt;
#[path = "manifest/labels.rs"]
mod labels;
#[path = "manifest/layouts.rs"]
mod layouts;
#[path = "manifest/real.rs"]
mod real;
