//! Choosing without a test set in reach: what a configuration reaches on validation people.

use crate::checkpoint::Position;
use crate::metrics::ConfusionMatrix;
use crate::plan::{Prepared, hold_out_people};
use crate::record::{EpochRecord, Stage};
use crate::trainer::{StagePlan, StageRun};
use crate::wearing::Wearing;
use crate::{Config, Observer, TrainError};
use ambulo_data::Dataset;
use std::sync::atomic::AtomicBool;

/// What one seed of a configuration reached on validation people.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Every epoch's record, validation figures included.
    pub epochs: Vec<EpochRecord>,
    /// Macro-F1 of the kept epoch with each validation recording turned about the vertical by a random angle.
    pub turned_macro_f1: f64,
    /// The same, tilted by up to 15 degrees instead.
    pub tilted_macro_f1: f64,
}

/// Trains each seed of a configuration on its training people and returns what it reached on validation people. Test
/// windows are not even cut: this is what learning rates and widths are compared with.
///
/// Stops early, with the seeds and epochs so far, when `stop` is set.
///
/// # Errors
/// Data that do not fit the configuration, or training that diverges.
pub fn select(
    config: &Config,
    dataset: &Dataset,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Vec<Selection>, TrainError> {
    config.validate()?;
    let labels = config.label_set();
    let (training, validation) = hold_out_people(dataset, config, &labels)?;
    let prepared = Prepared::fit(&training, config, &labels)?;
    drop(training);
    let mut selections = Vec::new();
    for (i, &seed) in config.seeds.iter().enumerate() {
        let plan = StagePlan {
            config,
            prepared: &prepared,
            validation: Some(&validation),
            epochs: config.training.epochs,
            classes: labels.len(),
            seed_number: (i + 1, config.seeds.len()),
        };
        let mut run = StageRun::new(plan, Position::start(seed, Stage::Select), None)?;
        let mut epochs = Vec::new();
        run.run(stop, observer, &mut |record, _| {
            epochs.push(record.clone());
            Ok(())
        })?;
        let worn = |wearing: Wearing| -> Result<f64, TrainError> {
            let windows = wearing.apply(validation.windows(), seed);
            let mut answers = run.engine.infer_with(&run.best, &windows.input(&prepared.preprocessing))?;
            answers.chunks_exact_mut(labels.len()).for_each(ambulo_nn::softmax);
            Ok(ConfusionMatrix::from_probabilities(&windows.labels, &answers, labels.len())?.macro_f1())
        };
        if !run.best.is_empty() {
            let (turned, tilted) = (worn(Wearing::Turned)?, worn(Wearing::Tilted(15))?);
            selections.push(Selection { epochs, turned_macro_f1: turned, tilted_macro_f1: tilted });
        }
    }
    Ok(selections)
}
