//! The data sets Ambulo knows: what they are, under which terms, and where they are.

use crate::manifest::Manifest;
use crate::{DataError, hapt, uci_har};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

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
    /// An archive with a plain address, or several.
    Archive {
        /// The addresses.
        urls: Vec<String>,
    },
    /// Only by hand.
    Page {
        /// Where, in words or as an address.
        source: String,
    },
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
    /// Number of people; 0 where nobody said.
    pub people: u16,
    /// Samples per second, in Hz; 0 where recordings differ.
    pub rate_hz: f64,
    /// The device; several with commas between, empty where nobody said.
    pub device: String,
    /// Where the device was worn, likewise.
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

/// A manifest that ships with Ambulo.
#[derive(Clone, Debug, PartialEq)]
pub struct ShippedManifest {
    /// Name of the data set.
    pub name: &'static str,
    /// The manifest as it is written: with comments, to start another from.
    pub text: &'static str,
    /// The same, read.
    pub manifest: Manifest,
}

impl ShippedManifest {
    /// What the data set is and how to get at it.
    pub fn info(&self) -> DatasetInfo {
        match self.name {
            hapt::NAME => hapt::info(self.manifest.info()),
            uci_har::NAME => uci_har::info(self.manifest.info()),
            _ => self.manifest.info(),
        }
    }
}

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../datasets/", $name, ".toml")))),*]
    };
}

/// Names and texts: what is in the binary first.
const TEXTS: &[(&str, &str)] = texts![
    "hapt",
    "uci-har",
    "capture-24",
    "dsads",
    "har70plus",
    "harth",
    "hhar",
    "ku-har",
    "mhealth",
    "motionsense",
    "pamap2",
    "realworld",
    "sisfall",
    "sp-sw",
    "umafall",
    "unimib-shar",
    "usc-had",
    "wear",
    "wisdm-2011",
    "wisdm-2019-phone",
    "wisdm-2019-watch",
];

/// All manifests that ship with Ambulo, read once.
pub fn shipped() -> &'static [ShippedManifest] {
    static SHIPPED: OnceLock<Vec<ShippedManifest>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        // That none is dropped here is tested.
        let read = |&(name, text): &(&'static str, &'static str)| {
            Some(ShippedManifest { name, text, manifest: toml::from_str(text).ok()? })
        };
        TEXTS.iter().filter_map(read).collect()
    })
}

/// The shipped manifest of this name.
///
/// # Errors
/// [`DataError::UnknownDataset`], which lists the names, where there is none.
pub fn shipped_manifest(name: &str) -> Result<&'static ShippedManifest, DataError> {
    shipped().iter().find(|shipped| shipped.name == name).ok_or_else(|| {
        let known = shipped().iter().map(|shipped| shipped.name).collect::<Vec<_>>().join(", ");
        DataError::UnknownDataset { name: name.to_owned(), known }
    })
}

/// Every data set there is a reader or a manifest for.
pub fn catalogue() -> Vec<DatasetInfo> {
    shipped().iter().map(ShippedManifest::info).collect()
}

/// The data set of this name.
///
/// # Errors
/// [`DataError::UnknownDataset`], which lists the names, where there is none.
pub fn lookup(name: &str) -> Result<DatasetInfo, DataError> {
    Ok(shipped_manifest(name)?.info())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::vocabulary::{self, UNLABELLED};

    #[test]
    fn an_unknown_name_lists_the_choices() {
        let message = lookup("wisdm").unwrap_err().to_string();
        assert!(message.contains("wisdm") && message.contains("hapt, uci-har"), "{message}");
        assert_eq!(lookup("uci-har").unwrap().people, 30);
    }

    #[test]
    fn all_manifests_are_read_under_their_names() {
        for (name, text) in TEXTS {
            let manifest: Manifest = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((manifest.name.as_str(), manifest.manifest), (*name, Manifest::FORMAT));
        }
        assert_eq!(shipped().len(), TEXTS.len());
    }

    #[test]
    fn labels_are_of_the_vocabulary_or_placed_in_it() {
        for ShippedManifest { name, manifest, .. } in shipped() {
            let labels = &manifest.labels;
            for label in labels.map.values() {
                let own = labels.own.contains_key(label);
                assert_ne!(
                    own,
                    vocabulary::lookup(label).is_some() || label == UNLABELLED,
                    "{name}: {label}"
                );
            }
            for (own, parent) in &labels.own {
                assert!(vocabulary::lookup(parent).is_some(), "{name}: {own} below {parent}");
                assert!(labels.map.values().any(|label| label == own), "{name}: {own} is used nowhere");
            }
            let both = labels.map.keys().find(|word| labels.leave_out.contains_key(*word));
            assert_eq!(both, None, "{name}: a word with a meaning is left out");
        }
    }

    #[test]
    fn what_the_code_of_a_set_knows_is_what_its_manifest_says() {
        let of = |name| shipped_manifest(name).unwrap().manifest.info();
        let (hapt, uci_har) = (of("hapt"), of("uci-har"));
        assert_eq!(hapt.activities, hapt::activities());
        assert_eq!(uci_har.activities, uci_har::ACTIVITIES);
        for info in [&hapt, &uci_har] {
            assert_eq!((info.people, info.rate_hz, info.placement.as_str()), (30, 50.0, "waist"));
            assert_eq!((info.device.as_str(), info.cohort.as_str()), (hapt::DEVICE, hapt::COHORT));
        }
        let test: Vec<String> = crate::OFFICIAL_TEST_SUBJECTS.iter().map(ToString::to_string).collect();
        assert_eq!(shipped_manifest("hapt").unwrap().manifest.test_people, test);
        assert_eq!(shipped_manifest("uci-har").unwrap().manifest.test_people, test);
    }

    #[test]
    fn what_a_manifest_says_as_a_whole() {
        let of = |name| shipped_manifest(name).unwrap().info();
        let pamap2 = of("pamap2");
        assert_eq!(
            (pamap2.placement.as_str(), pamap2.rate_hz, pamap2.people),
            ("wrist, chest, ankle", 100.0, 9)
        );
        assert_eq!(pamap2.cohort, "pamap2");
        assert_eq!(pamap2.activities[..3], ["lying", "sitting", "standing"]);
        assert!(matches!(pamap2.availability, Availability::Archive { .. }));
        assert_eq!(of("mhealth").channels.len(), 1);
        assert_eq!(of("umafall").channels.len(), 2);
        assert_eq!(of("wisdm-2019-phone").channels.len(), 2);
        assert_eq!(of("sp-sw").placement, "pocket, wrist");
        assert!(!of("mhealth").activities.iter().any(|name| name == UNLABELLED));
        assert_eq!(of("wisdm-2019-phone").cohort, of("wisdm-2019-watch").cohort);
        for info in catalogue() {
            assert!(
                !info.licence.is_empty() && !info.citation.is_empty() && !info.source.is_empty(),
                "{info:?}"
            );
            assert!(info.people > 0 && !info.placement.is_empty() && !info.channels.is_empty(), "{info:?}");
        }
    }
}
