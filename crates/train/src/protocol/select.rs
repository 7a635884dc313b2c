//! Choosing without a test set in reach: what a configuration reaches on validation people.

use crate::directory::checkpoint::Position;
use crate::evaluation::wearing::{people_of, wear};
use crate::metrics::{ConfusionMatrix, confusion_by_subject, only_classes};
use crate::protocol::people::{hold_out_people, refuse_seen};
use crate::training::inputs;
use crate::training::prepared::Prepared;
use crate::training::stage::{StagePlan, StageRun};
use crate::{Config, Observer, TrainError};
use ambulo_data::{Dataset, LabelledWindows};
use ambulo_record::{EpochRecord, PersonId, Stage, Wearing};
use ambulo_signal::{Level, Preprocessing};
use std::sync::atomic::AtomicBool;

/// What one seed of a configuration reached on validation people.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Every epoch's record, validation figures included.
    pub epochs: Vec<EpochRecord>,
    /// Macro-F1 of the kept epoch with each validation recording turned about the vertical by a random angle; one that is
    /// levelled, after that.
    pub turned_macro_f1: f64,
    /// The same, tilted by up to 15 degrees instead.
    pub tilted_macro_f1: f64,
    /// Of each person the answers of the kept epoch as recorded, to windows that carry a class.
    pub people: Vec<(PersonId, ConfusionMatrix)>,
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
    refuse_seen(dataset, config)?;
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
        let answers = |windows: &LabelledWindows| -> Result<Vec<u8>, TrainError> {
            let infer = |x: &[f32]| Ok(run.engine.infer_with(&run.best, x)?);
            let logits = run.engine.install(|| inputs::answers(windows, &prepared.preprocessing, infer))?;
            Ok(logits.chunks_exact(labels.len()).map(|row| ambulo_nn::argmax(row) as u8).collect())
        };
        // Levelled anew, every recording would end where it was; what is to be known is what a wrong levelling costs.
        let once = Preprocessing { level: Level::AsWorn, ..prepared.preprocessing.clone() };
        let worn = |wearing: Wearing| -> Result<f64, TrainError> {
            let windows = wear(wearing, validation.windows(), &once, seed)?;
            let answers = answers(&windows)?;
            let own = |values| only_classes(&windows.labels, labels.len(), values, 1);
            let matrix = ConfusionMatrix::from_indices(&own(&windows.labels), &own(&answers), labels.len())?;
            Ok(matrix.macro_f1())
        };
        if !run.best.is_empty() {
            let windows = validation.windows();
            let (answers, everyone) = (answers(windows)?, people_of(windows));
            let own = |values| only_classes(&windows.labels, labels.len(), values, 1);
            let of_windows = only_classes(&windows.labels, labels.len(), &everyone, 1);
            let people =
                confusion_by_subject(&own(&windows.labels), &own(&answers), &of_windows, labels.len())?;
            selections.push(Selection {
                epochs,
                turned_macro_f1: worn(Wearing::Turned)?,
                tilted_macro_f1: worn(Wearing::Tilted(15))?,
                people: people.into_iter().collect(),
            });
        }
    }
    Ok(selections)
}
