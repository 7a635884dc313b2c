//! The protocols by which people are divided, and how test people came to be.

use super::{Split, folds, subjects};
use crate::{DataError, Dataset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How people are divided into those to develop on and those for the final evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Protocol {
    /// The split published with UCI HAR: the nine test people [`OFFICIAL_TEST_SUBJECTS`](super::OFFICIAL_TEST_SUBJECTS), the
    /// other 21 for development.
    #[default]
    Official,
    /// The test people that the data set itself names ([`Dataset::published_test`]); of several joined, those of each that names
    /// some, and everyone else, also of those that name none, for development.
    Published,
    /// This many folds, each of which tests one group of people and develops on everyone else. Ten groups of the 30 people of UCI
    /// HAR are [`GROUPS10`](super::GROUPS10); otherwise people are dealt out, so that each group has its share of every data set
    /// and every group of people, by a draw that is the same each time.
    Groups(u16),
    /// Leave one subject out: a fold for each person of any data set, in their order.
    Loso,
    /// A fold for each of several data sets that were joined, which tests everyone in it and develops on the others. Data sets
    /// of one cohort are left out together.
    LeaveOneDatasetOut,
}

impl Protocol {
    /// Ten groups of three of the people of UCI HAR and HAPT.
    pub const GROUPS10: Self = Self::Groups(10);
    /// All of them, with ten groups.
    pub const ALL: [Self; 5] =
        [Self::Official, Self::Published, Self::Groups(10), Self::Loso, Self::LeaveOneDatasetOut];
    /// Most groups: beyond, each person would nearly be one.
    const MOST_GROUPS: u16 = 1000;

    /// Its name, as configurations and records write it.
    pub fn name(self) -> String {
        match self {
            Self::Official => "official".to_owned(),
            Self::Published => "published".to_owned(),
            Self::Groups(count) => format!("groups{count}"),
            Self::Loso => "loso".to_owned(),
            Self::LeaveOneDatasetOut => "leave-one-dataset-out".to_owned(),
        }
    }

    /// The names of all of them, with ten groups.
    pub fn names() -> [String; 5] {
        Self::ALL.map(Self::name)
    }

    /// Whether it divides people more than once.
    pub const fn has_folds(self) -> bool {
        match self {
            Self::Official | Self::Published => false,
            Self::Groups(_) | Self::Loso | Self::LeaveOneDatasetOut => true,
        }
    }

    /// How many folds it has on a data set; 1 where it has none.
    pub fn folds(self, dataset: &Dataset) -> usize {
        match self {
            Self::Official | Self::Published => 1,
            Self::Groups(count) => usize::from(count),
            Self::Loso => dataset.subjects().len(),
            Self::LeaveOneDatasetOut => folds::prefixes(dataset).len(),
        }
    }

    /// The people of one fold, counted from 1; a protocol without folds has one.
    ///
    /// # Errors
    /// [`DataError::WrongSubjects`] unless the data set has exactly the subjects 1 to 30 that `official` is
    /// defined on: figures on fewer people would not be those of the protocol ([`with_test_subjects`](super::with_test_subjects)
    /// splits any data set). [`DataError::PublishedPartitionDiffers`] where windows were published in other partitions than
    /// those of `official`. [`DataError::ProtocolUnfit`] for fewer people than groups, no published test people, or one data set
    /// alone where one is to be left out. [`DataError::NoFold`] for a fold that there is not; [`DataError::SplitSize`] for
    /// leaving out the only person.
    pub fn split(self, dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
        match self {
            Self::Official => subjects::official(dataset, fold),
            Self::Published => subjects::published(dataset, fold),
            Self::Groups(count) => folds::groups(dataset, count, fold),
            Self::Loso => folds::loso(dataset, fold),
            Self::LeaveOneDatasetOut => folds::leave_one_dataset_out(dataset, fold),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl FromStr for Protocol {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        let groups = |name: &str| {
            let count = name.strip_prefix("groups")?.parse().ok()?;
            // Only as it is written back: `groups05` would be another name of the same.
            (2..=Self::MOST_GROUPS).contains(&count).then_some(Self::Groups(count))
        };
        let known = Self::ALL.into_iter().find(|protocol| protocol.name() == name);
        known.or_else(|| groups(name).filter(|protocol| protocol.name() == name)).ok_or_else(|| {
            let choices = format!("{} (or another number of groups)", Self::names().join(", "));
            DataError::UnknownProtocol { found: name.to_owned(), choices }
        })
    }
}

impl TryFrom<String> for Protocol {
    type Error = DataError;

    fn try_from(name: String) -> Result<Self, DataError> {
        name.parse()
    }
}

impl From<Protocol> for String {
    fn from(protocol: Protocol) -> Self {
        protocol.name()
    }
}

/// How the people of a split came to be its test people, and with them those for development.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// By a protocol.
    Protocol(Protocol),
    /// They are all those whom a saved model has not seen.
    Unseen,
    /// They are everyone of data sets that were named to be tested on.
    DataSets,
    /// Whoever evaluates named them.
    Name,
}

impl ChosenBy {
    /// The protocol's name, `unseen`, `other-data-sets` or `chosen`: what logs and records say under `protocol`.
    pub fn name(self) -> String {
        match self {
            Self::Protocol(protocol) => protocol.name(),
            Self::Unseen => "unseen".to_owned(),
            Self::DataSets => "other-data-sets".to_owned(),
            Self::Name => "chosen".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Protocol;

    #[test]
    fn names_are_read_as_they_are_written() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.name().parse::<Protocol>().unwrap(), protocol);
            let json = serde_json::to_string(&protocol).unwrap();
            assert_eq!(json, format!("\"{protocol}\""));
            assert_eq!(serde_json::from_str::<Protocol>(&json).unwrap(), protocol);
        }
        let message = "random".parse::<Protocol>().unwrap_err().to_string();
        assert_eq!(
            message,
            "unknown protocol `random`, expected one of: official, published, groups10, loso, \
             leave-one-dataset-out (or another number of groups)"
        );
        assert_eq!("groups3".parse::<Protocol>().unwrap(), Protocol::Groups(3));
        for wrong in ["groups1", "groups", "groups03", "groups99999", "groups-3"] {
            assert!(wrong.parse::<Protocol>().is_err(), "{wrong}");
        }
    }
}
