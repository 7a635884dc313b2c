//! Training on few labels.

use crate::TrainError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Few of the training people or of their windows: the section `[few]`. Validation people are taken out first, and none of theirs is
/// drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FewConfig {
    /// So many people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// So many windows of each class, spread over people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<usize>,
    /// Seed of the draw.
    pub draw: u64,
}

impl FewConfig {
    pub(super) fn validate(self, refit: bool) -> Result<(), TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        match (self.people, self.windows) {
            (Some(0), None) => return setting("few.people", "0".into(), "at least 1"),
            (None, Some(0)) => return setting("few.windows", "0".into(), "at least 1"),
            (Some(_), None) | (None, Some(_)) => {}
            (both, _) => {
                let found = if both.is_some() { "people and windows" } else { "neither people nor windows" };
                return setting("few", found.into(), "a number of people or of windows");
            }
        }
        if i64::try_from(self.draw).is_err() {
            return setting("few.draw", self.draw.to_string(), "at most 9223372036854775807");
        }
        if refit {
            return setting(
                "training.refit",
                "true".into(),
                "false with few labels: a refit trains on validation people",
            );
        }
        Ok(())
    }
}

/// An amount of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FewAmount {
    /// So many people with all their windows.
    People(usize),
    /// So many windows of each class.
    Windows(usize),
    /// All training people: the point of reference.
    All,
}

impl FewAmount {
    /// The section of a configuration for one draw; none for everything.
    pub(crate) fn of_draw(self, draw: u64) -> Option<FewConfig> {
        match self {
            Self::People(people) => Some(FewConfig { people: Some(people), windows: None, draw }),
            Self::Windows(windows) => Some(FewConfig { people: None, windows: Some(windows), draw }),
            Self::All => None,
        }
    }

    /// What is counted, as records write it.
    pub(crate) const fn by(self) -> &'static str {
        match self {
            Self::People(_) => "people",
            Self::Windows(_) => "windows",
            Self::All => "all",
        }
    }
}

impl fmt::Display for FewAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::People(count) | Self::Windows(count) => write!(f, "{}={count}", self.by()),
            Self::All => f.pad("all"),
        }
    }
}

/// Amounts as a person types them: `people=1,2,5,all` or `windows=5,25`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FewAmounts(pub Vec<FewAmount>);

impl FromStr for FewAmounts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected people=N,N,… or windows=N,N,…, with `all` at the end for all labels";
        let mut of: Option<fn(usize) -> FewAmount> = None;
        let mut all = Vec::new();
        for word in text.split(',') {
            let number = match word.split_once('=') {
                Some(("people", number)) => {
                    of = Some(FewAmount::People);
                    number
                }
                Some(("windows", number)) => {
                    of = Some(FewAmount::Windows);
                    number
                }
                Some((other, _)) => return Err(format!("`{other}` cannot be counted, {expected}")),
                None => word,
            };
            let amount = match (number, of, number.parse()) {
                ("all", ..) => FewAmount::All,
                (_, Some(of), Ok(count @ 1..)) => of(count),
                _ => return Err(format!("`{word}` is no amount of labels, {expected}")),
            };
            if !all.contains(&amount) {
                all.push(amount);
            }
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_typed_and_written_as_they_are_read() {
        let read = |text: &str| text.parse::<FewAmounts>().map(|all| all.0);
        assert_eq!(
            read("people=1,2,windows=5,25,all,5").unwrap(),
            [
                FewAmount::People(1),
                FewAmount::People(2),
                FewAmount::Windows(5),
                FewAmount::Windows(25),
                FewAmount::All
            ]
        );
        assert_eq!(FewAmount::Windows(5).to_string(), "windows=5");
        for wrong in ["", "2", "people=0", "people=x", "hours=3", "people=1,,2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
