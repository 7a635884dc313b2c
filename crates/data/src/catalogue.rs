//! The data sets Ambulo knows: what they are, under which terms, and where they are.

use crate::{DataError, hapt, uci_har};
use serde::{Deserialize, Serialize};

/// How to get at a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Availability {
    /// In this binary: nothing to download.
    Bundled,
    /// The user downloads it and points `--data` at the folder.
    Folder {
        /// Page or archive to download it from.
        url: String,
        /// Name of the folder in the archive.
        folder: String,
    },
    /// Made of several that were read.
    Joined,
}

/// What a data set is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// Short name, as on the command line.
    pub name: String,
    /// Full title.
    pub title: String,
    /// The group of people recorded. Data sets with one cohort share people and their names: they are
    /// never independent, and a model trained on one has not been tested by the other.
    pub cohort: String,
    /// The terms, all of them.
    pub licence: String,
    /// What to cite.
    pub citation: String,
    /// Number of people.
    pub people: u16,
    /// Samples per second, in Hz.
    pub rate_hz: f64,
    /// The device.
    pub device: String,
    /// Where the device was worn.
    pub placement: String,
    /// Names of the labelled activities, most of them from the common vocabulary ([`ambulo_record::vocabulary`]).
    pub activities: Vec<String>,
    /// What was measured, with units.
    pub channels: Vec<String>,
    /// Where it was published.
    pub source: String,
    /// How to get at it.
    pub availability: Availability,
    /// SHA-256 of the complete content, where it is known.
    pub sha256: Option<String>,
}

/// Every data set there is a reader for.
pub fn catalogue() -> Vec<DatasetInfo> {
    vec![hapt::info(), uci_har::info()]
}

/// The data set of this name.
///
/// # Errors
/// [`DataError::UnknownDataset`], which lists the names, where there is none.
pub fn lookup(name: &str) -> Result<DatasetInfo, DataError> {
    let all = catalogue();
    let known = all.iter().map(|info| info.name.as_str()).collect::<Vec<_>>().join(", ");
    all.into_iter()
        .find(|info| info.name == name)
        .ok_or(DataError::UnknownDataset { name: name.to_owned(), known })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_lists_the_choices() {
        let message = lookup("wisdm").unwrap_err().to_string();
        assert!(message.contains("wisdm") && message.contains("hapt, uci-har"), "{message}");
        assert_eq!(lookup("uci-har").unwrap().people, 30);
    }
}
