//! `metrics.jsonl`: learning curves, a line for each epoch.

use serde::{Deserialize, Serialize};

/// Which of the two trainings of a run an epoch belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Training on the training subjects, watched on the validation subjects.
    Select,
    /// Training anew on both for the chosen number of epochs.
    Refit,
}

/// One line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Seed of this training.
    pub seed: u64,
    /// Choice or refit.
    pub stage: Stage,
    /// Counted from 1.
    pub epoch: usize,
    /// Optimiser steps taken so far.
    pub step: u64,
    /// Learning rate at the end of the epoch.
    pub learning_rate: f64,
    /// Mean training loss over the epoch (with dropout, label smoothing and class weights as configured).
    pub train_loss: f64,
    /// Share of training windows classified correctly during the epoch, as the weights moved.
    pub train_accuracy: f64,
    /// Mean negative log-likelihood on validation windows; absent in a refit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub validation_loss: Option<f64>,
    /// Accuracy on validation windows; absent in a refit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub validation_accuracy: Option<f64>,
    /// Macro-F1 on validation windows; absent in a refit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub validation_macro_f1: Option<f64>,
    /// Seconds since this training began, over interruptions.
    pub seconds: f64,
}
