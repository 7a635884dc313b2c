//! Models for people they have not seen, within the people to develop on: what is fitted to answers rather than to signals
//! (smoothing, thresholds, calibration over time) must not be fitted to answers about people a network has learned.

use crate::protocol::people::{hold_out_people, refuse_seen};
use crate::training::assemble::{Origin, assemble};
use crate::training::prepared::Prepared;
use crate::training::stage::{Ended, StagePlan, StageRun};
use crate::{Config, Observer, TrainError};
use ambulo_data::{Content, DataError, Dataset, LabelledRecording};
use ambulo_model::Model;
use ambulo_nn::InstructionSet;
use ambulo_record::{PersonId, Stage};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

/// A model, and people to develop on whom it has not seen.
#[derive(Debug)]
pub struct OutOfFold {
    /// Trained on the other people to develop on, with the first seed of the configuration.
    pub model: Model,
    /// Those it has not seen.
    pub people: BTreeSet<PersonId>,
}

impl OutOfFold {
    /// The recordings of the people whom the model has not seen.
    pub fn recordings<'d>(&self, dataset: &'d Dataset) -> impl Iterator<Item = &'d LabelledRecording> {
        let recordings: &[LabelledRecording] = match &dataset.content {
            Content::Recordings(recordings) => recordings,
            Content::Windows(_) => &[],
        };
        recordings.iter().filter(|recording| self.people.contains(&recording.person))
    }
}

/// Trains one model for each group of `validation.subjects` people to develop on, on all the others, so that everyone is unseen
/// by exactly one of them; gives each to `take` and stops early if that says no more. Test people are never touched.
///
/// # Errors
/// As [`select`](crate::select), and those of `take`.
pub fn out_of_fold(
    config: &Config,
    dataset: &Dataset,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
    take: &mut dyn FnMut(OutOfFold) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    config.validate()?;
    let labels = config.label_set();
    let Some(&seed) = config.seeds.first() else { return Ok(()) };
    for group in 0.. {
        let mut config = config.clone();
        config.validation.group = group;
        let (training, validation) = match hold_out_people(dataset, &config, &labels) {
            Ok(people) => people,
            // Groups are counted until there are no more people.
            Err(TrainError::Data(DataError::SplitSize { .. })) if group > 0 => break,
            Err(error) => return Err(error),
        };
        refuse_seen(dataset, &config)?;
        let prepared = Prepared::fit(&training, &config, &labels)?;
        drop(training);
        let plan = StagePlan {
            config: &config,
            prepared: &prepared,
            validation: Some(&validation),
            epochs: config.training.epochs,
            classes: labels.len(),
            seed_number: (1, 1),
        };
        let position = crate::directory::checkpoint::Position::start(seed, Stage::Select);
        let mut run = StageRun::new(plan, position, None)?;
        if run.run(stop, observer, &mut |_, _| Ok(()))? == Ended::Stopped {
            break;
        }
        let Some(best) = run.position.best else { break };
        let people = validation.subjects().clone();
        let origin = Origin { dataset, seed, instruction_set: InstructionSet::detect().name() };
        let chosen_on = people.iter().cloned().collect();
        let weights = std::mem::take(&mut run.best);
        let model = assemble(&config, &labels, &prepared, best, chosen_on, weights, &origin)?;
        take(OutOfFold { model, people })?;
    }
    Ok(())
}
