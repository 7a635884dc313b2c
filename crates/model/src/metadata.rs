//! Everything about a model that is not a weight.

use alloc::string::String;
use alloc::vec::Vec;
use ambulo_nn::{Architecture, Shape};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::Preprocessing;
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
    pub orientation: Orientation,
    /// What turns logits into probabilities.
    pub calibration: Calibration,
    /// Where the weights come from.
    pub provenance: Provenance,
}

impl Metadata {
    /// Shape of one input of the network.
    #[must_use]
    pub fn input(&self) -> Shape {
        Shape { time: self.preprocessing.window, channels: self.preprocessing.channels.len() }
    }
}

/// Which way the device must be worn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Orientation {
    /// As in the training data: another facing or another way up gives wrong answers with high confidence.
    Fixed {
        /// Mean total acceleration, in g and in the device's axes, over the training windows of walking and
        /// standing: the direction that must point up when the wearer stands. Zeros when it was not measured.
        up: [f32; 3],
    },
    /// Any way that the device may be turned about `up`; another direction up gives wrong answers with high confidence.
    AnyFacing {
        /// As for [`Orientation::Fixed`].
        up: [f32; 3],
    },
    /// Any way at all: the preprocessing finds the vertical of each recording, whose wearer has to move about for a while.
    Levelled,
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
}
