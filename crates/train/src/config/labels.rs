//! Which activities a configuration asks for.

use ambulo_record::LabelSet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The activities to tell apart: written as a list of names, or as 6 or 12 for those of UCI HAR without and with HAPT's
/// changes of posture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels(LabelSet);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Count(i64),
    Names(toml::Value),
}

impl Labels {
    /// Those of UCI HAR, which are 6, or 12 with HAPT's changes of posture; `None` for other numbers.
    #[must_use]
    pub fn of_count(count: usize) -> Option<Self> {
        match count {
            6 => Some(Self(LabelSet::six())),
            12 => Some(Self(LabelSet::twelve())),
            _ => None,
        }
    }

    /// As a person types them: 6, 12, or names separated by commas.
    #[must_use]
    pub fn words(&self) -> String {
        match self.count() {
            Some(count) => count.to_string(),
            None => self.names().collect::<Vec<_>>().join(","),
        }
    }

    /// 6 or 12 if they are what these stand for.
    fn count(&self) -> Option<usize> {
        [6, 12].into_iter().find(|&count| Self::of_count(count).as_ref() == Some(self))
    }
}

impl Default for Labels {
    /// The six of UCI HAR.
    fn default() -> Self {
        Self(LabelSet::six())
    }
}

impl From<LabelSet> for Labels {
    fn from(labels: LabelSet) -> Self {
        Self(labels)
    }
}

impl From<Labels> for LabelSet {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}

impl Deref for Labels {
    type Target = LabelSet;

    fn deref(&self) -> &LabelSet {
        &self.0
    }
}

impl FromStr for Labels {
    type Err = String;

    /// A number as above, or names separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(count) = text.parse() {
            return Self::of_count(count).ok_or_else(|| unknown_count(text));
        }
        LabelSet::new(text.split(',')).map(Self).map_err(|error| error.to_string())
    }
}

fn unknown_count(found: impl fmt::Display) -> String {
    format!("labels is {found}, expected 6, or 12 with the postural transitions, or a list of activities")
}

/// As a TOML value: `6`, `12` or a list of names.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        toml::Value::try_from(self).map_err(|_| fmt::Error)?.fmt(f)
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.count() {
            Some(count) => count.serialize(to),
            None => self.0.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Written::deserialize(from)? {
            Written::Count(count) => {
                let labels = usize::try_from(count).ok().and_then(Self::of_count);
                labels.ok_or_else(|| D::Error::custom(unknown_count(count)))
            }
            Written::Names(names) => LabelSet::deserialize(names).map(Self).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Table {
        labels: Labels,
    }

    #[test]
    fn labels_are_a_number_or_names() {
        for (text, count) in [("labels = 6", 6), ("labels = 12", 12)] {
            let table: Table = toml::from_str(text).unwrap();
            assert_eq!((table.labels.len(), toml::to_string(&table).unwrap().trim()), (count, text));
        }
        let own = r#"labels = ["sitting", "stairs", { name = "skipping", under = ["running"] }]"#;
        let table: Table = toml::from_str(own).unwrap();
        assert_eq!(table.labels.names().collect::<Vec<_>>(), ["sitting", "stairs", "skipping"]);
        assert_eq!(toml::from_str::<Table>(&toml::to_string(&table).unwrap()).unwrap(), table);
        assert_eq!(toml::from_str::<Table>(&format!("labels = {}", table.labels)).unwrap(), table);
        let six = r#"labels = ["WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING"]"#;
        assert_eq!(toml::from_str::<Table>(six).unwrap().labels, Labels::default());
        assert_eq!("12".parse(), Ok(Labels::from(LabelSet::twelve())));
        assert_eq!(
            "sitting, Stairs".parse(),
            Ok(Labels::from(LabelSet::new(["sitting", "stairs"]).unwrap()))
        );
        for wrong in ["7", "walking", "", "walking,walking"] {
            assert!(wrong.parse::<Labels>().is_err(), "{wrong}");
        }
        for (text, wanted) in [
            ("labels = 7", "labels is 7, expected 6, or 12"),
            ("labels = -6", "labels is -6"),
            ("labels = ['walking']", "cannot classify [walking]"),
            ("labels = ['walking', 'moving']", "`walking` is a kind of `moving`"),
        ] {
            let error = toml::from_str::<Table>(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
