//! Manifests: a page of TOML that says what a labelled data set is, where its files lie and how they are to be read.
//!
//! docs/MANIFEST.md is the reference of every key.
//!
//! [`Manifest::parse`] and [`Manifest::read`] refuse what cannot be meant, with line and key; [`Manifest::read_dataset`] reads the
//! files: it finds them by their patterns, reads each as the reader of its format does, converts units and axes, divides tables by
//! people and recordings, and makes intervals of the labels, wherever they stand.

mod error;
mod file;
mod find;
mod hash;
mod info;
mod labels;
mod nearest;
mod parse;
mod pattern;
mod place;
mod plan;
mod propose;
mod read;
mod samples;
mod schema;
mod tables;
mod words;

pub(crate) use info::distinct;

pub use error::{DescribedError, KeyPlace, ManifestError, Problem};
pub use propose::propose;
pub use read::Progress;
pub use schema::{
    AgeOf, Archive, Expect, FilesEntry, Gravity, LabelFrom, LabelTable, LabelUnit, LabelWords, Manifest,
    Number, Scale, SplitBy, Verified, VerifiedOn, With,
};
