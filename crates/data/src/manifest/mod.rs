//! Manifests: a page of TOML that says what a labelled data set is, where its files lie and how they are to be read.
//!
//! docs/MANIFEST.md is the reference of every key.

mod info;
mod schema;

pub use schema::{
    AgeOf, Archive, Expect, FilesEntry, Gravity, LabelFrom, LabelTable, LabelUnit, LabelWords, Manifest,
    Number, Scale, SplitBy, Verified, VerifiedOn, With,
};
