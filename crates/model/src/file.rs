//! A model and its file.

use crate::novelty::Novelty;
use crate::smoothing::Prior;
use crate::{FORMAT, Metadata, ModelError, tensors};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use ambulo_nn::Network;
use ambulo_signal::Level;
use ambulo_signal::rotation::unit;
use serde::Deserialize;
#[cfg(feature = "std")]
use std::path::Path;

/// A trained model: metadata, layers and weights that fit together.
#[derive(Debug)]
pub struct Model {
    metadata: Metadata,
    network: Network,
    weights: Vec<f32>,
}

/// Only the version, readable in any layout.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Model {
    /// Puts a model together.
    ///
    /// `weights` holds all parameters in the order of [`Network::parameters`].
    ///
    /// # Errors
    /// When architecture, preprocessing, labels, calibration and weights do not fit together.
    pub fn new(metadata: Metadata, weights: Vec<f32>) -> Result<Self, ModelError> {
        let network = Self::network_of(&metadata)?;
        Self::assemble(metadata, network, weights)
    }

    fn network_of(metadata: &Metadata) -> Result<Network, ModelError> {
        metadata.preprocessing.validate()?;
        Ok(Network::new(&metadata.architecture, metadata.input())?)
    }

    fn assemble(metadata: Metadata, network: Network, weights: Vec<f32>) -> Result<Self, ModelError> {
        let inconsistent =
            |what, expected: String, found: String| Err(ModelError::Inconsistent { what, expected, found });
        if metadata.preprocessing.normalisation.is_none() {
            return inconsistent(
                "normalisation",
                "statistics of the training windows".into(),
                "absent".into(),
            );
        }
        // Whether it was taught every facing, no file says.
        if metadata.orientation.kind.check(&metadata.preprocessing, true).is_err() {
            let levels = metadata.preprocessing.level != Level::AsWorn;
            let [kind, other] =
                if levels { ["levelled", "another"] } else { ["fixed or any-facing", "levelled"] };
            return inconsistent(
                "the orientation",
                format!("{kind}, as preprocessing.level says"),
                other.into(),
            );
        }
        if network.output().len() != metadata.labels.len() {
            let expected = format!("{} labels", network.output().len());
            return inconsistent("the number of labels", expected, metadata.labels.len().to_string());
        }
        let temperature = metadata.calibration.temperature;
        if !(temperature.is_finite() && temperature > 0.0) {
            return inconsistent("the temperature", "a positive number".into(), temperature.to_string());
        }
        if let Some(prior) = &metadata.smoothing {
            prior.validate(metadata.labels.len())?;
        }
        if let Some(novelty) = &metadata.unknown {
            novelty.validate(network.embedding().len())?;
        }
        if metadata.lowest_rate_hz.is_some_and(|lowest| !(lowest > 0.0 && lowest.is_finite())) {
            return inconsistent("the lowest rate", "a positive number of Hz".into(), "another".into());
        }
        if weights.len() != network.weights_len() {
            let expected = network.weights_len().to_string();
            return inconsistent("the number of weights", expected, weights.len().to_string());
        }
        Ok(Self { metadata, network, weights })
    }

    /// Everything but the weights.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The direction of the network's axes that points up while the wearer stands, where recordings may be rotated to it: none
    /// for a model of one way of wearing alone.
    #[must_use]
    pub fn up(&self) -> Option<[f32; 3]> {
        self.metadata.preprocessing.up().and_then(unit)
    }

    /// The same model with a window every `step` rows: what it says of a window stays, how often it is asked changes.
    ///
    /// # Errors
    /// A step of 0, or longer than a window.
    pub fn with_step(mut self, step: usize) -> Result<Self, ModelError> {
        self.metadata.preprocessing.step = step;
        self.metadata.preprocessing.validate()?;
        Ok(self)
    }

    /// The same model with a prior over time, and what tells known from unknown.
    ///
    /// # Errors
    /// What does not fit the model.
    pub fn with_timeline(mut self, prior: Prior, novelty: Novelty) -> Result<Self, ModelError> {
        prior.validate(self.metadata.labels.len())?;
        novelty.validate(self.network.embedding().len())?;
        (self.metadata.smoothing, self.metadata.unknown) = (Some(prior), Some(novelty));
        Ok(self)
    }

    /// The same model, which takes recordings down to this rate in Hz.
    ///
    /// # Errors
    /// A rate that is none.
    pub fn with_lowest_rate(mut self, lowest_hz: f64) -> Result<Self, ModelError> {
        self.metadata.lowest_rate_hz = Some(lowest_hz);
        Self::assemble(self.metadata, self.network, self.weights)
    }

    /// The layers.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// All parameters in the order of [`Network::parameters`].
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The file's bytes: equal models give equal bytes.
    ///
    /// # Errors
    /// When the metadata cannot be written as JSON (a number that is not finite).
    #[cfg(feature = "std")]
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let json = serde_json::to_string(&self.metadata)
            .map_err(|source| ModelError::Metadata { file: "the new file".into(), source })?;
        let parameters: Vec<_> = self
            .network
            .parameters()
            .into_iter()
            .map(|p| (p.name, p.shape, &self.weights[p.range]))
            .collect();
        tensors::to_bytes(json, &parameters)
    }

    /// Reads a model from bytes; `file` names them in errors.
    ///
    /// # Errors
    /// A damaged, foreign, newer or inconsistent file, named with what is wrong.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let (tensors, json) = tensors::open(file, bytes)?;
        let unreadable = |source| ModelError::Metadata { file: file.to_owned(), source };
        let Version { format } = serde_json::from_str(&json).map_err(unreadable)?;
        if format > FORMAT {
            return Err(ModelError::Newer { file: file.to_owned(), found: format, supported: FORMAT });
        }
        let metadata: Metadata = serde_json::from_str(&json).map_err(unreadable)?;
        // A header can claim any size; the shapes are checked against the tensors before anything is allocated.
        let network = Self::network_of(&metadata)?;
        let mut weights = Vec::new();
        for p in network.parameters() {
            weights.extend(tensors::read(file, &tensors, &p.name, &p.shape)?);
        }
        Self::assemble(metadata, network, weights)
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// As [`Model::from_bytes`], and what the file system says.
    #[cfg(feature = "std")]
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes =
            std::fs::read(path).map_err(|source| ModelError::Read { path: path.to_owned(), source })?;
        Self::from_bytes(&path.display().to_string(), &bytes)
    }

    /// Writes a model file, whole or not at all.
    ///
    /// # Errors
    /// What the file system says.
    #[cfg(feature = "std")]
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        ambulo_record::atomic::write(path, &self.to_bytes()?).map_err(ModelError::Write)
    }
}
