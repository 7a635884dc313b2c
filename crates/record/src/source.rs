//! Where the data of a run come from.

use serde::{Deserialize, Serialize};

/// A data set of a run, with the terms under which it may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Short name, e.g. `sp-sw`.
    pub name: String,
    /// Full title.
    pub title: String,
    /// The group of people recorded: equal names within it mean the same person.
    #[serde(default)]
    pub cohort: String,
    /// The terms, in words; empty where nobody says.
    #[serde(default)]
    pub licence: String,
    /// What to cite; empty where nobody says.
    #[serde(default)]
    pub citation: String,
    /// Where it was published: a page for people; empty where nobody says.
    #[serde(default)]
    pub source: String,
    /// SHA-256 of its content.
    #[serde(default)]
    pub sha256: String,
    /// People of it that were read.
    #[serde(default)]
    pub people: usize,
}

impl SourceRecord {
    /// Data sets whose device, people and terms the model card tells at length from their name alone: a run on one of them and
    /// no other records no source.
    pub const WELL_KNOWN: [&str; 2] = ["hapt", "uci-har"];
}
