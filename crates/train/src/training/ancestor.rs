//! The model whose weights a training begins with.

use crate::config::{Freeze, FromConfig};
use crate::{Config, TrainError};
use ambulo_model::{Ancestor, Model};
use ambulo_nn::train::Pace;
use ambulo_nn::{LayerSpec, Network};
use ambulo_record::{AncestorRecord, LabelSet};
use ambulo_signal::Normalisation;
use std::collections::BTreeSet;
use std::ops::Range;

/// The model that a configuration begins with.
#[derive(Debug)]
pub(crate) struct Beginning {
    from: FromConfig,
    model: Model,
    pub(crate) ancestor: Ancestor,
}

impl Beginning {
    /// The model of a configuration, if it begins with one.
    ///
    /// # Errors
    /// A file that cannot be read, is another than the configuration was made with, or has other layers.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, TrainError> {
        let Some(mut from) = config.from.clone() else { return Ok(None) };
        let model = from.open()?;
        let ancestor = Ancestor::of(&from.name(), &from.sha256, &model.metadata().provenance);
        let unfit =
            |reason: &str| Err(TrainError::UnfitAncestor { path: from.file.clone(), reason: reason.into() });
        let Some((LayerSpec::Linear { .. }, body)) = model.metadata().architecture.layers.split_last() else {
            return unfit("its last layer is not linear, so it has no head that could be replaced");
        };
        if body != config.network.stack || model.metadata().input() != config.input() {
            return unfit("its layers or its input are not those of the configuration");
        }
        Ok(Some(Self { from, model, ancestor }))
    }

    /// Mean and standard deviation of each channel, as the layers know them.
    pub(crate) fn normalisation(&self) -> Option<Normalisation> {
        self.model.metadata().preprocessing.normalisation.clone()
    }

    /// Whether it was learned without labels.
    pub(crate) fn is_encoder(&self) -> bool {
        self.model.is_encoder()
    }

    /// What records say of it.
    pub(crate) fn record(&self) -> AncestorRecord {
        let mut datasets: Vec<String> = Vec::new();
        let mut people = BTreeSet::new();
        for ancestor in self.ancestor.line() {
            let own = if ancestor.sources.is_empty() {
                vec![&ancestor.dataset]
            } else {
                ancestor.sources.iter().map(|source| &source.dataset).collect()
            };
            for name in own {
                if !datasets.contains(name) {
                    datasets.push(name.clone());
                }
            }
            people.extend(ancestor.trained_on.iter().chain(&ancestor.chosen_on));
        }
        AncestorRecord {
            name: self.ancestor.name.clone(),
            sha256: self.ancestor.sha256.clone(),
            datasets,
            people: people.len(),
        }
    }

    /// The weights to begin with: the model's in all layers but the head, and there in the rows of labels that both have; the others as
    /// `fresh` has them.
    pub(crate) fn weights(&self, network: &Network, labels: &LabelSet, fresh: &[f32]) -> Vec<f32> {
        let mut weights = fresh.to_vec();
        let mut own = self.model.network().parameters().into_iter();
        let head = self.model.metadata().architecture.layers.len().saturating_sub(1);
        for new in network.parameters() {
            let Some(old) = own.next() else { continue };
            let values = &self.model.weights()[old.range.clone()];
            if new.shape == old.shape && !old.name.starts_with(&format!("{head}.")) {
                weights[new.range].copy_from_slice(values);
            } else if !self.model.is_encoder() {
                // Weight and bias alike: one row for each label.
                let width = old.shape.get(1).copied().unwrap_or(1);
                for (row, label) in labels.names().enumerate() {
                    if let Some(before) = self.model.metadata().labels.index_of(label) {
                        let before = usize::from(before) * width;
                        let at = new.range.start + row * width;
                        weights[at..at + width].copy_from_slice(&values[before..before + width]);
                    }
                }
            }
        }
        weights
    }

    /// How fast the layers learn, with so many steps to an epoch.
    pub(crate) fn paces(&self, network: &Network, steps: usize) -> Vec<Pace> {
        let layers = layers(network, &self.model.metadata().architecture.layers);
        let Some((_, body)) = layers.split_last() else { return Vec::new() };
        let frozen = match self.from.freeze {
            Freeze::First(layers) => layers,
            Freeze::All => body.len(),
        };
        let pace = |(i, weights): (usize, &Range<usize>)| Pace {
            weights: weights.clone(),
            scale: if i < frozen { 0.0 } else { self.from.decay.powi((body.len() - i) as i32) },
            frozen_steps: (self.from.warmup * steps) as u64,
        };
        body.iter().enumerate().map(pace).collect()
    }
}

/// The weights of each layer that has any, the head's last; a normalisation goes with the layer before it.
fn layers(network: &Network, specs: &[LayerSpec]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for (own, spec) in network.layer_ranges().zip(specs).filter(|(own, _)| !own.is_empty()) {
        let normalises = matches!(spec, LayerSpec::BatchNorm { .. } | LayerSpec::LayerNorm { .. });
        match all.last_mut().filter(|_| normalises) {
            Some(before) => before.end = own.end,
            None => all.push(own),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelKind, Orientation};
    use ambulo_model::{Calibration, FORMAT, Metadata, Objective, Pretext, Provenance, RequiredOrientation};

    /// A `cnn` of these labels with the weights of a seed.
    fn model(labels: &LabelSet, seed: u64) -> (Config, Model) {
        let mut config = Config::of(ModelKind::Cnn, Orientation::Levelled);
        let architecture = config.architecture(labels.len()).unwrap();
        let network = Network::new(&architecture, config.input()).unwrap();
        let channels = config.preprocessing.channels.len();
        let (mean, standard_deviation) = (vec![0.0; channels], vec![1.0; channels]);
        let mut preprocessing = config.preprocessing.clone();
        preprocessing.normalisation = Some(Normalisation { mean, standard_deviation });
        config.network.stack = architecture.layers[..architecture.layers.len() - 1].to_vec();
        let metadata = Metadata {
            format: FORMAT,
            model: "cnn".into(),
            architecture,
            preprocessing,
            labels: labels.clone(),
            orientation: RequiredOrientation::new(Orientation::Levelled, [1.0, 0.0, 0.0]),
            calibration: Calibration::default(),
            smoothing: None,
            unknown: None,
            lowest_rate_hz: None,
            adaptations: Vec::new(),
            pretext: None,
            provenance: Provenance {
                ambulo_version: String::new(),
                dataset: "made-up".into(),
                cohort: None,
                dataset_sha256: String::new(),
                sources: Vec::new(),
                protocol: String::new(),
                seed,
                epochs: 1,
                validation_macro_f1: 0.0,
                trained_on: vec!["a".parse().unwrap()],
                chosen_on: vec!["b".parse().unwrap(), "a".parse().unwrap()],
                instruction_set: String::new(),
                from: None,
            },
        };
        (config, Model::new(metadata, network.initial_weights(seed)).unwrap())
    }

    fn beginning(labels: &LabelSet, freeze: Freeze, warmup: usize) -> Beginning {
        let (_, model) = model(labels, 3);
        let ancestor = Ancestor::of("m", "0", &model.metadata().provenance);
        let from = FromConfig { freeze, warmup, ..FromConfig::of(std::path::Path::new("m")) };
        Beginning { from, model, ancestor }
    }

    #[test]
    fn the_body_is_the_models_and_of_the_head_the_rows_of_labels_in_common() {
        let own = LabelSet::new(["walking", "sitting", "lying"]).unwrap();
        let new = LabelSet::new(["running", "lying", "walking", "standing"]).unwrap();
        let (_, fresh) = model(&new, 8);
        let weights =
            |own: &LabelSet| beginning(own, Freeze::All, 0).weights(fresh.network(), &new, fresh.weights());
        let (_, old) = model(&own, 3);
        let found = weights(&own);
        let head = old.network().weights_len() - 3 * 65;
        assert_eq!(found[..head], old.weights()[..head]);
        let row = |weights: &[f32], row: usize| weights[head + row * 64..head + (row + 1) * 64].to_vec();
        for (at, before) in [(0, None), (1, Some(2)), (2, Some(0)), (3, None)] {
            let expected =
                before.map_or_else(|| row(fresh.weights(), at), |before| row(old.weights(), before));
            assert_eq!(row(&found, at), expected, "row {at}");
        }
        // An encoder's answers mean nothing here, even where a name is the same.
        let mut encoder = beginning(&own, Freeze::All, 0);
        let mut metadata = encoder.model.metadata().clone();
        metadata.pretext =
            Some(Pretext { objective: Objective::Masked, windows: 9, layers: 9, validation_loss: None });
        encoder.model = Model::new(metadata, encoder.model.weights().to_vec()).unwrap();
        let found = encoder.weights(fresh.network(), &new, fresh.weights());
        assert_eq!(found[..head], old.weights()[..head]);
        assert_eq!(found[head..], fresh.weights()[head..]);
    }

    #[test]
    fn layers_are_counted_with_their_normalisation_and_slow_down_towards_the_input() {
        let labels = LabelSet::six();
        let (_, model) = model(&labels, 3);
        let scales = |freeze, warmup| {
            let paces = beginning(&labels, freeze, warmup).paces(model.network(), 7);
            assert!(paces.windows(2).all(|pair| pair[0].weights.end == pair[1].weights.start));
            assert_eq!(paces[0].weights.start, 0);
            assert!(paces.iter().all(|pace| pace.frozen_steps == 7 * warmup as u64));
            paces.iter().map(|pace| (100.0 * pace.scale).round()).collect::<Vec<_>>()
        };
        assert_eq!(scales(Freeze::First(0), 2), [34.0, 49.0, 70.0]);
        assert_eq!(scales(Freeze::First(2), 0), [0.0, 0.0, 70.0]);
        assert_eq!(scales(Freeze::All, 1), [0.0; 3]);
        assert_eq!(scales(Freeze::First(9), 1), [0.0; 3]);
        assert_eq!(beginning(&labels, Freeze::All, 1).record().people, 2);
    }
}
