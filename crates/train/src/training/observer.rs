//! What a training tells whoever watches it.

use ambulo_record::{EpochRecord, Stage};

/// Where a run stands after an optimiser step.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The seed in training.
    pub seed: u64,
    /// Its place among the seeds, from 1.
    pub seed_number: usize,
    /// Number of seeds.
    pub seeds: usize,
    /// Choice or refit.
    pub stage: Stage,
    /// Epoch, from 1.
    pub epoch: usize,
    /// Most epochs of this stage.
    pub epochs: usize,
    /// Batches of this epoch done.
    pub batch: usize,
    /// Batches of an epoch.
    pub batches: usize,
    /// Mean training loss of this epoch so far.
    pub loss: f64,
    /// Best validation macro-F1 of this seed so far.
    pub best_macro_f1: Option<f64>,
}

/// Watches a run.
pub trait Observer {
    /// After every optimiser step.
    fn step(&mut self, progress: &Progress);
    /// After every epoch.
    fn epoch(&mut self, record: &EpochRecord);
    /// Something worth a line.
    fn message(&mut self, text: &str);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn step(&mut self, _progress: &Progress) {}
    fn epoch(&mut self, _record: &EpochRecord) {}
    fn message(&mut self, _text: &str) {}
}
