//! Everything about a model that is not a weight.

use crate::novelty::Novelty;
use crate::pretext::Pretext;
use crate::smoothing::Prior;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use ambulo_nn::{Architecture, Shape};
use ambulo_record::{Adaptation, LabelSet, PersonId};
use ambulo_signal::{Orientation, Preprocessing};
use serde::{Deserialize, Serialize};

/// Version of the layout of [`Metadata`]; readers refuse a larger one. Format 1 named labels in capitals, people by numbers,
/// and no cohort; it is read as format 2.
pub const FORMAT: u32 = 2;

/// The JSON in the `safetensors` header under the key `ambulo`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// [`FORMAT`].
    pub format: u32,
    /// The model's name, e.g. `lstm`.
    pub model: String,
    /// The layers.
    pub architecture: Architecture,
    /// Units, rate, filters, window, channels and normalisation: what turns a recording into the network's input.
    pub preprocessing: Preprocessing,
    /// Activities in the order of the network's outputs.
    pub labels: LabelSet,
    /// The way of wearing that the model needs.
    pub orientation: RequiredOrientation,
    /// What turns logits into probabilities.
    pub calibration: Calibration,
    /// What is known of activities over time; none for models that were not fitted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smoothing: Option<Prior>,
    /// What tells known activities from unknown ones; none for models that take everything for one of their labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Novelty>,
    /// The lowest rate of a recording, in Hz, at which answers were found to hold; none for that of the preprocessing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_rate_hz: Option<f64>,
    /// How it was learned without labels; none for models that tell activities apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretext: Option<Pretext>,
    /// How it was made a person's own, in turn; empty for models as they were trained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adaptations: Vec<Adaptation>,
    /// Where the weights come from.
    pub provenance: Provenance,
}

impl Metadata {
    /// The lowest rate of a recording that is accepted, in Hz.
    #[must_use]
    pub fn lowest_hz(&self) -> f64 {
        self.lowest_rate_hz.unwrap_or(self.preprocessing.rate_hz)
    }

    /// Shape of one input of the network.
    #[must_use]
    pub fn input(&self) -> Shape {
        Shape { time: self.preprocessing.window, channels: self.preprocessing.channels.len() }
    }
}

/// Which way the device must be worn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stated")]
pub struct RequiredOrientation {
    /// The ways of wearing that the model is for.
    pub kind: Orientation,
    /// The direction that must point up when the wearer stands: mean total acceleration in the device's axes over the
    /// training windows of walking and standing, of length 1. Zeros when it was not measured; none for a levelled model, which
    /// finds the vertical of each recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<[f32; 3]>,
}

impl RequiredOrientation {
    /// For an orientation, in axes of which `up` pointed up in the training data.
    #[must_use]
    pub fn new(kind: Orientation, up: [f32; 3]) -> Self {
        Self { kind, up: (kind != Orientation::Levelled).then_some(up) }
    }
}

/// What a file says, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    kind: Orientation,
    up: Option<[f32; 3]>,
}

impl TryFrom<Stated> for RequiredOrientation {
    type Error = &'static str;

    fn try_from(Stated { kind, up }: Stated) -> Result<Self, &'static str> {
        match (kind, up) {
            (Orientation::Levelled, Some(_)) => Err("a levelled orientation has no field `up`"),
            (Orientation::AnyFacing | Orientation::Fixed, None) => Err("missing field `up`"),
            _ => Ok(Self { kind, up }),
        }
    }
}

/// Calibration of the probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Logits are divided by this before the softmax (Guo et al. 2017); 1 leaves them alone.
    pub temperature: f32,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { temperature: 1.0 }
    }
}

/// One of several data sets that weights come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceData {
    /// Name of the data set.
    pub dataset: String,
    /// The group of people it recorded.
    pub cohort: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// What the names of its people begin with, before a `/`.
    pub prefix: String,
}

/// Where the weights come from.
///
/// Holds nothing that differs between two runs of the same training (no date, path or thread count): the same seed
/// gives the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of Ambulo that trained it.
    pub ambulo_version: String,
    /// Name of the data set, e.g. `hapt`.
    pub dataset: String,
    /// The group of people it recorded, which other data sets may share: people of one cohort are never strangers. None if it
    /// does not say, or in a file of format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// SHA-256 of its content.
    pub dataset_sha256: String,
    /// Where several data sets were joined: each of them. People are then named after them, as in `sisfall/SA03`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceData>,
    /// Protocol, e.g. `official`.
    pub protocol: String,
    /// Seed of initial weights, batches and dropout.
    pub seed: u64,
    /// Epochs the weights were trained for.
    pub epochs: usize,
    /// Best macro-F1 on the validation subjects, by which the number of epochs was chosen.
    pub validation_macro_f1: f64,
    /// Subjects whose windows the weights saw: never to be evaluated on.
    pub trained_on: Vec<PersonId>,
    /// Subjects on whom a choice (the epoch) was made; among `trained_on` after a refit.
    pub chosen_on: Vec<PersonId>,
    /// Instruction set of the kernels.
    pub instruction_set: String,
    /// The model whose weights the training began with; none where they were drawn at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Ancestor>,
}

/// A model whose weights another one's training began with, and its people: whoever shaped it, with labels or without, is known to
/// its descendants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// Name of its file, without the folder.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// As [`Provenance::dataset`].
    pub dataset: String,
    /// As [`Provenance::cohort`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// As [`Provenance::sources`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceData>,
    /// As [`Provenance::trained_on`].
    pub trained_on: Vec<PersonId>,
    /// As [`Provenance::chosen_on`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen_on: Vec<PersonId>,
    /// The model that its own training began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<Ancestor>>,
}

impl Ancestor {
    /// What descendants must know of the model in a file of this name and hash.
    #[must_use]
    pub fn of(name: &str, sha256: &str, provenance: &Provenance) -> Self {
        Self {
            name: name.into(),
            sha256: sha256.into(),
            dataset: provenance.dataset.clone(),
            cohort: provenance.cohort.clone(),
            sources: provenance.sources.clone(),
            trained_on: provenance.trained_on.clone(),
            chosen_on: provenance.chosen_on.clone(),
            from: provenance.from.clone().map(Box::new),
        }
    }

    /// This one and those before it.
    pub fn line(&self) -> impl Iterator<Item = &Self> {
        core::iter::successors(Some(self), |ancestor| ancestor.from.as_deref())
    }
}
