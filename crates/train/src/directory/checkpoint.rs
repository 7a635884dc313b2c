//! The state from which an interrupted run goes on to the same bits.
//!
//! Written after every epoch and on request between two steps, under a temporary name first: a kill at any moment
//! leaves a whole checkpoint. Random numbers need no state, as every draw is addressed by seed, epoch and step.

use crate::TrainError;
use crate::directory::files::{CHECKPOINT, RunFiles};
use ambulo_model::{ModelError, tensors};
use ambulo_record::Stage;
use serde::{Deserialize, Serialize};

/// Version of the layout.
const FORMAT: u32 = 1;

/// A seed whose model is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FinishedSeed {
    pub(crate) seed: u64,
    pub(crate) best_epoch: usize,
    pub(crate) validation_macro_f1: f64,
    pub(crate) validation_loss: f64,
    pub(crate) temperature: f32,
}

/// The epoch that is kept so far: the one with the best validation macro-F1, or the last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Best {
    pub(crate) epoch: usize,
    pub(crate) macro_f1: f64,
    /// Breaks ties: of two epochs with equal macro-F1 the one with the lower validation loss is better.
    pub(crate) loss: f64,
    /// The temperature that makes the validation windows most likely.
    pub(crate) temperature: f32,
}

/// Where the training of one seed and stage stands, before its next batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) seed: u64,
    pub(crate) stage: Stage,
    /// Epoch in progress, from 1.
    pub(crate) epoch: usize,
    /// Batches of it that are done.
    pub(crate) batch: usize,
    /// Sum over its batches of loss times windows, windows classified correctly, and windows.
    pub(crate) loss_sum: f64,
    pub(crate) correct: usize,
    pub(crate) seen: usize,
    /// Choice of the stage [`Stage::Select`].
    pub(crate) best: Option<Best>,
    /// Seconds of this stage so far.
    pub(crate) seconds: f64,
}

/// The whole state besides tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) format: u32,
    pub(crate) dataset_sha256: String,
    pub(crate) instruction_set: String,
    /// What the run was begun with ([`Config::identity`](crate::Config)): an edited file must not go unnoticed.
    pub(crate) configuration: String,
    pub(crate) finished: Vec<FinishedSeed>,
    pub(crate) position: Option<Position>,
    /// Optimiser steps of the current stage.
    pub(crate) step: u64,
    /// Optimiser steps of all earlier stages of the run: TensorBoard's axis.
    pub(crate) earlier_steps: u64,
    /// Seconds of training in all earlier stages of the run.
    pub(crate) earlier_seconds: f64,
}

/// Weights and moments of the stage in progress; empty between stages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tensors {
    pub(crate) weights: Vec<f32>,
    pub(crate) mean: Vec<f32>,
    pub(crate) square: Vec<f32>,
    /// Weights of the epoch that is kept so far.
    pub(crate) best: Vec<f32>,
    /// Moving average of the weights.
    pub(crate) average: Vec<f32>,
}

impl State {
    pub(crate) fn new(dataset_sha256: String, instruction_set: String, configuration: String) -> Self {
        Self {
            format: FORMAT,
            dataset_sha256,
            instruction_set,
            configuration,
            finished: Vec::new(),
            position: None,
            step: 0,
            earlier_steps: 0,
            earlier_seconds: 0.0,
        }
    }

    pub(crate) fn save(&self, files: &RunFiles, t: &Tensors) -> Result<(), TrainError> {
        let path = files.path(CHECKPOINT);
        let json = serde_json::to_string(self).map_err(|source| TrainError::Record { path, source })?;
        let named = [
            ("weights", &t.weights),
            ("mean", &t.mean),
            ("square", &t.square),
            ("best", &t.best),
            ("average", &t.average),
        ];
        let list: Vec<_> =
            named.iter().map(|(n, v)| ((*n).to_owned(), vec![v.len()], v.as_slice())).collect();
        files.write(CHECKPOINT, &tensors::to_bytes(json, &list)?)
    }

    pub(crate) fn load(files: &RunFiles) -> Result<Option<(Self, Tensors)>, TrainError> {
        let path = files.path(CHECKPOINT);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(TrainError::Io { path, source }),
        };
        let file = path.display().to_string();
        let (views, json) = tensors::open(&file, &bytes)?;
        let state: Self =
            serde_json::from_str(&json).map_err(|source| TrainError::Record { path, source })?;
        if state.format > FORMAT {
            let (found, supported) = (state.format, FORMAT);
            return Err(ModelError::Newer { file, found, supported }.into());
        }
        let read = |name: &str| {
            let len = views.tensor(name).map_or(0, |t| t.shape().iter().product());
            tensors::read(&file, &views, name, &[len])
        };
        let t = Tensors {
            weights: read("weights")?,
            mean: read("mean")?,
            square: read("square")?,
            best: read("best")?,
            average: read("average")?,
        };
        Ok(Some((state, t)))
    }
}
