//! The protocols by which people are divided, and how test people came to be.

use super::{Split, folds, subjects};
use crate::{DataError, Dataset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How people are divided into those to develop on and those for the final evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Protocol {
    /// The split published with UCI HAR: the nine test people [`OFFICIAL_TEST_SUBJECTS`](super::OFFICIAL_TEST_SUBJECTS), the
    /// other 21 for development.
    #[default]
    Official,
    /// Ten folds, each of which tests one of the groups [`GROUPS10`](super::GROUPS10) and develops on everyone else.
    Groups10,
    /// Leave one subject out: a fold for each person of any data set, in their order.
    Loso,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Official, Self::Groups10, Self::Loso];

    /// Its name, as configurations and records write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Groups10 => "groups10",
            Self::Loso => "loso",
        }
    }

    /// The names of all of them.
    pub fn names() -> [&'static str; 3] {
        Self::ALL.map(Self::name)
    }

    /// Whether it divides people more than once.
    pub const fn has_folds(self) -> bool {
        match self {
            Self::Official => false,
            Self::Groups10 | Self::Loso => true,
        }
    }

    /// How many folds it has on a data set; 1 where it has none.
    pub fn folds(self, dataset: &Dataset) -> usize {
        match self {
            Self::Official => 1,
            Self::Groups10 => folds::GROUPS10.len(),
            Self::Loso => dataset.subjects().len(),
        }
    }

    /// The people of one fold, counted from 1; a protocol without folds has one.
    ///
    /// # Errors
    /// [`DataError::WrongSubjects`] unless the data set has exactly the subjects 1 to 30 that `official` and `groups10` are
    /// defined on: figures on fewer people would not be those of the protocol ([`with_test_subjects`](super::with_test_subjects)
    /// splits any data set). [`DataError::PublishedPartitionDiffers`] where windows were published in other partitions than
    /// those of `official`. [`DataError::NoFold`] for a fold that there is not; [`DataError::SplitSize`] for leaving out the
    /// only person.
    pub fn split(self, dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
        match self {
            Self::Official => subjects::official(dataset, fold),
            Self::Groups10 => folds::groups10(dataset, fold),
            Self::Loso => folds::loso(dataset, fold),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Protocol {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name).ok_or_else(|| {
            DataError::UnknownProtocol { found: name.to_owned(), choices: Self::names().join(", ") }
        })
    }
}

impl TryFrom<String> for Protocol {
    type Error = DataError;

    fn try_from(name: String) -> Result<Self, DataError> {
        name.parse()
    }
}

impl From<Protocol> for &'static str {
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
    /// Whoever evaluates named them.
    Name,
}

impl ChosenBy {
    /// The protocol's name, `unseen` or `chosen`: what logs and records say under `protocol`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protocol(protocol) => protocol.name(),
            Self::Unseen => "unseen",
            Self::Name => "chosen",
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
        assert_eq!(message, "unknown protocol `random`, expected one of: official, groups10, loso");
    }
}
