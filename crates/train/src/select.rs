//! Choosing without a test set in reach: what a configuration reaches on validation people.

use crate::checkpoint::Position;
use crate::plan::{Prepared, hold_out_people};
use crate::record::{EpochRecord, Stage};
use crate::trainer::{StagePlan, StageRun};
use crate::{Config, Observer, TrainError};
use ambulo_data::Dataset;
use std::sync::atomic::AtomicBool;

/// Trains each seed of a configuration on its training people and returns every epoch's record, validation figures
/// included. Test windows are not even cut: this is what learning rates and widths are compared with.
///
/// Stops early, with the records so far, when `stop` is set.
///
/// # Errors
/// Data that do not fit the configuration, or training that diverges.
pub fn select(
    config: &Config,
    dataset: &Dataset,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Vec<EpochRecord>, TrainError> {
    config.validate()?;
    let labels = config.label_set();
    let (training, validation) = hold_out_people(dataset, config, &labels)?;
    let prepared = Prepared::fit(&training, config, &labels)?;
    drop(training);
    let mut records = Vec::new();
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
        run.run(stop, observer, &mut |record, _| {
            records.push(record.clone());
            Ok(())
        })?;
    }
    Ok(records)
}
