//! From weights to a model that says where it comes from.

use crate::directory::checkpoint::Best;
use crate::training::prepared::Prepared;
use crate::{Config, TrainError};
use ambulo_data::{Dataset, Part};
use ambulo_model::{Calibration, FORMAT, Metadata, Model, Provenance, SourceData};
use ambulo_record::{LabelSet, PersonId};

/// Where weights come from, besides the configuration.
pub(crate) struct Origin<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) seed: u64,
    pub(crate) instruction_set: &'a str,
}

fn source(part: &Part) -> SourceData {
    SourceData {
        dataset: part.info.name.clone(),
        cohort: part.info.cohort.clone(),
        sha256: part.sha256.clone(),
        prefix: part.prefix.clone(),
    }
}

/// What is known of weights by their data alone; nobody shaped them yet.
pub(crate) fn provenance(dataset: &Dataset, seed: u64, instruction_set: &str) -> Provenance {
    let info = &dataset.info;
    Provenance {
        ambulo_version: env!("CARGO_PKG_VERSION").into(),
        dataset: info.name.clone(),
        cohort: Some(info.cohort.clone()).filter(|cohort| !cohort.is_empty()),
        dataset_sha256: dataset.sha256.clone(),
        sources: dataset.parts.iter().map(source).collect(),
        protocol: String::new(),
        seed,
        epochs: 0,
        validation_macro_f1: 0.0,
        trained_on: Vec::new(),
        chosen_on: Vec::new(),
        instruction_set: instruction_set.into(),
        from: None,
    }
}

/// The model of trained weights.
pub(crate) fn assemble(
    config: &Config,
    labels: &LabelSet,
    prepared: &Prepared,
    best: Best,
    chosen_on: Vec<PersonId>,
    weights: Vec<f32>,
    origin: &Origin<'_>,
) -> Result<Model, TrainError> {
    let metadata = Metadata {
        format: FORMAT,
        model: config.model.name().into(),
        architecture: config.architecture(labels.len())?,
        preprocessing: prepared.preprocessing.clone(),
        labels: labels.clone(),
        orientation: prepared.orientation,
        calibration: Calibration { temperature: best.temperature },
        smoothing: None,
        unknown: None,
        lowest_rate_hz: None,
        pretext: None,
        adaptations: Vec::new(),
        provenance: Provenance {
            protocol: config.protocol_name(),
            epochs: best.epoch,
            validation_macro_f1: best.macro_f1,
            trained_on: prepared.subjects.clone(),
            chosen_on,
            from: prepared.beginning.as_ref().map(|beginning| beginning.ancestor.clone()),
            ..provenance(origin.dataset, origin.seed, origin.instruction_set)
        },
    };
    Ok(Model::new(metadata, weights)?)
}
