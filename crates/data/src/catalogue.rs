//! The data sets Ambulo knows: what they are, under which terms, and where they are.

use crate::{Activity, DataError};
use serde::{Deserialize, Serialize};

/// SHA-256 of the complete HAPT recordings, as [`crate::content_hash`] computes it.
pub const HAPT_SHA256: &str = "ec9b1e489db290339a6d6159f006401bae6a9715e769d7ca491b344a5593a2d2";

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
}

/// What a data set is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// Short name, as on the command line.
    pub name: String,
    /// Full title.
    pub title: String,
    /// The group of people recorded. Data sets with one cohort share people and subject numbers: they are
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
    /// Names of the labelled activities.
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

// Both data sets come from one archive with the same terms.
const LICENCE: &str = "CC BY 4.0 on the archive's page; the readme of the original release asks to cite the authors \
                       and excludes commercial use";
const COHORT: &str = "UCI smartphone volunteers, 2012";
const DEVICE: &str = "Samsung Galaxy S II";

fn activities(last: u8) -> Vec<String> {
    (1..=last).filter_map(Activity::new).map(|a| a.name().to_owned()).collect()
}

fn hapt() -> DatasetInfo {
    DatasetInfo {
        name: "hapt".into(),
        title: "Smartphone-Based Recognition of Human Activities and Postural Transitions (HAPT), raw \
                recordings"
            .into(),
        cohort: COHORT.into(),
        licence: LICENCE.into(),
        citation: "J.-L. Reyes-Ortiz, L. Oneto, A. Samà, X. Parra, D. Anguita: Transition-Aware Human Activity \
                   Recognition Using Smartphones. Neurocomputing 171, 2016. Data: UCI Machine Learning Repository, \
                   2015, doi:10.24432/C54G7M"
            .into(),
        people: 30,
        rate_hz: 50.0,
        device: DEVICE.into(),
        placement: "waist".into(),
        activities: activities(12),
        channels: vec!["acceleration x, y, z in g, with gravity".into(), "angular velocity x, y, z in rad/s".into()],
        source: "https://archive.ics.uci.edu/dataset/341".into(),
        availability: if cfg!(feature = "bundled-data") {
            Availability::Bundled
        } else {
            Availability::Folder {
                url: "https://archive.ics.uci.edu/dataset/341".into(),
                folder: "HAPT Data Set".into(),
            }
        },
        sha256: Some(HAPT_SHA256.into()),
    }
}

fn uci_har() -> DatasetInfo {
    DatasetInfo {
        name: "uci-har".into(),
        title: "Human Activity Recognition Using Smartphones (UCI HAR), inertial signals in windows of 128".into(),
        cohort: COHORT.into(),
        licence: LICENCE.into(),
        citation: "D. Anguita, A. Ghio, L. Oneto, X. Parra, J. L. Reyes-Ortiz: A Public Domain Dataset for Human \
                   Activity Recognition Using Smartphones. ESANN 2013. Data: UCI Machine Learning Repository, \
                   2013, doi:10.24432/C54S4K"
            .into(),
        people: 30,
        rate_hz: 50.0,
        device: DEVICE.into(),
        placement: "waist".into(),
        activities: activities(6),
        channels: vec![
            "total acceleration x, y, z in g, with gravity".into(),
            "body acceleration x, y, z in g".into(),
            "angular velocity x, y, z in rad/s".into(),
        ],
        source: "https://archive.ics.uci.edu/dataset/240".into(),
        availability: Availability::Folder {
            url: "https://archive.ics.uci.edu/dataset/240".into(),
            folder: "UCI HAR Dataset".into(),
        },
        sha256: None,
    }
}

/// Every data set there is a reader for.
pub fn catalogue() -> Vec<DatasetInfo> {
    vec![hapt(), uci_har()]
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
