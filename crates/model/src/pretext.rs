//! What an encoder learned without labels.

use crate::{Model, ModelError};
use serde::{Deserialize, Serialize};

/// What a network is asked while nobody tells it any activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Was the window cut into pieces and these put together in another order, and did its time run evenly?
    #[default]
    Discriminative,
    /// What was there before spans of the window were hidden?
    Masked,
    /// Which two of many windows are views of the same?
    Contrastive,
}

impl Objective {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Discriminative, Self::Masked, Self::Contrastive];

    /// Its name, as options and files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discriminative => "discriminative",
            Self::Masked => "masked",
            Self::Contrastive => "contrastive",
        }
    }

    /// The names of all of them.
    #[must_use]
    pub fn names() -> [&'static str; 3] {
        Self::ALL.map(Self::name)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|objective| objective.name() == name)
    }
}

impl core::fmt::Display for Objective {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

/// How an encoder came about. A file that has one knows no activity: its last layer is zeros over labels that hold a
/// place, so that every answer would be the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pretext {
    /// What it was asked.
    pub objective: Objective,
    /// Windows it saw, each once in an epoch on average.
    pub windows: usize,
    /// Layers that were trained, from the first; those behind them have their initial weights, and the last zeros.
    pub layers: usize,
    /// The pretext's loss on people held out, after the last epoch; none where nobody was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
}

impl Model {
    /// The model, if it tells activities apart.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] for an encoder, which does not yet; `file` names it.
    pub fn refuse_encoder(self, file: &str) -> Result<Self, ModelError> {
        match &self.metadata().pretext {
            Some(pretext) => {
                Err(ModelError::Encoder { file: file.into(), objective: pretext.objective.name() })
            }
            None => Ok(self),
        }
    }

    /// Whether the file is an encoder: learned without labels, to be taught activities.
    #[must_use]
    pub fn is_encoder(&self) -> bool {
        self.metadata().pretext.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_have_the_names_that_files_write() {
        for objective in Objective::ALL {
            assert_eq!(Objective::named(objective.name()), Some(objective));
            assert_eq!(serde_json::to_string(&objective).unwrap(), format!("\"{objective}\""));
        }
        assert_eq!(Objective::named("scaling").map(Objective::name), None);
    }
}
