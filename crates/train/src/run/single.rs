//! From data and configuration to a finished run: seeds one after the other, choice and refit, one final evaluation.

use super::opened::{Opened, Outcome};
use crate::directory::checkpoint::{Best, FinishedSeed, Position, State, Tensors};
use crate::directory::files::{EvaluationFile, RunFiles};
use crate::directory::journal::{rewind_records, write_events};
use crate::evaluation::final_evaluation::{FinalEvaluation, pool};
use crate::protocol::people::{Partitions, hold_out_people};
use crate::tensorboard::EventWriter;
use crate::training::ancestor::Beginning;
use crate::training::assemble::{Origin, assemble};
use crate::training::prepared::Prepared;
use crate::training::stage::{Ended, StagePlan, StageRun};
use crate::{Config, Observer, TrainError};
use ambulo_data::{Dataset, Partition, Validation};
use ambulo_nn::InstructionSet;
use ambulo_record::files::{CONFIG, EPOCHS, EVALUATIONS, METRICS, MISTAKES};
use ambulo_record::{Keep, LabelSet, PersonId, Stage, SubjectLists, WindowCounts};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

/// Trains all seeds of a run, evaluates once, and writes the records.
pub(super) fn execute(
    run: &Opened,
    dataset: &Dataset,
    command: &str,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    let done = Single::new(&run.files, &run.config, dataset)
        .and_then(|single| single.execute(command, stop, observer));
    // A run that cannot even begin (a window longer than any recording) must not block its own correction.
    if run.fresh && matches!(&done, Err(e) if !matches!(e, TrainError::Diverged { .. })) {
        run.files.discard_if_nothing_learned();
    }
    done
}

/// A run of one training with its data.
struct Single<'a> {
    files: &'a RunFiles,
    config: &'a Config,
    dataset: &'a Dataset,
    labels: LabelSet,
    state: State,
    saved: Option<Tensors>,
    events: EventWriter,
}

impl<'a> Single<'a> {
    fn new(files: &'a RunFiles, config: &'a Config, dataset: &'a Dataset) -> Result<Self, TrainError> {
        let isa = InstructionSet::detect().name();
        let (state, saved) = match State::load(files)? {
            None => {
                let state = State::new(dataset.sha256.clone(), isa.into(), config.identity()?);
                // At once, so that a run killed in its first epoch knows what it was begun with.
                state.save(files, &Tensors::default())?;
                (state, None)
            }
            Some((state, tensors)) => (state, Some(tensors)),
        };
        if state.dataset_sha256 != dataset.sha256 {
            let (expected, found) = (state.dataset_sha256, dataset.sha256.clone());
            return Err(TrainError::OtherData { expected, found });
        }
        if state.instruction_set != isa {
            let (expected, found) = (state.instruction_set, isa.into());
            return Err(TrainError::OtherInstructionSet { expected, found });
        }
        if state.configuration != config.identity()? {
            return Err(TrainError::OtherConfiguration { path: files.path(CONFIG) });
        }
        let events = rewind_records(files, &state)?;
        Ok(Self { files, config, dataset, labels: config.label_set(), state, saved, events })
    }

    fn execute(
        mut self,
        command: &str,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let threads = pool(self.config.threads)?;
        let Partitions { training, validation, test } =
            threads.install(|| Partitions::cut(self.dataset, self.config, &self.labels))?;
        let ids = |people: &BTreeSet<PersonId>| people.iter().cloned().collect::<Vec<_>>();
        let windows = WindowCounts { train: training.len(), validation: validation.len(), test: test.len() };
        let subjects = SubjectLists {
            train: ids(training.subjects()),
            validation: ids(validation.subjects()),
            test: ids(test.subjects()),
        };
        observer.message(&format!(
            "{} training, {} validation and {} test windows of {}, {} and {} people",
            windows.train,
            windows.validation,
            windows.test,
            subjects.train.len(),
            subjects.validation.len(),
            subjects.test.len()
        ));
        let select = threads.install(|| Prepared::fit(&training, self.config, &self.labels))?;
        let from = select.beginning.as_ref().map(Beginning::record);
        drop((training, threads));
        let mut refit = None;
        for seed in self.config.seeds.clone() {
            if self.state.finished.iter().any(|f| f.seed == seed) {
                continue;
            }
            let ended = self.train_seed(seed, &select, &validation, &mut refit, stop, observer)?;
            if ended == Ended::Stopped {
                return Ok(Outcome::Interrupted);
            }
        }
        drop((select, refit));
        observer.message("final evaluation on the test people");
        let mut log = EvaluationFile {
            path: self.files.path(EVALUATIONS),
            models: self
                .config
                .seeds
                .iter()
                .map(|&s| {
                    let path = self.files.model(&self.config.seeds, s);
                    path.strip_prefix(self.files.directory()).unwrap_or(&path).display().to_string()
                })
                .collect(),
        };
        let opened = test.open(&mut log)?;
        let last = FinalEvaluation {
            files: self.files,
            config: self.config,
            dataset: self.dataset,
            labels: &self.labels,
            state: &self.state,
            from,
        };
        let (metrics, mistakes) = last.evaluate(&opened, command, windows, subjects)?;
        self.files.write_json(MISTAKES, &mistakes)?;
        // Last: a run is finished when its metrics are there.
        self.files.write_json(METRICS, &metrics)?;
        self.files.clean_up();
        Ok(Outcome::Finished(Box::new(metrics)))
    }

    fn train_seed(
        &mut self,
        seed: u64,
        select: &Prepared,
        validation: &Partition<Validation>,
        refit: &mut Option<Prepared>,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Ended, TrainError> {
        let position = match self.state.position.take() {
            Some(position) => position,
            None => self.start(seed),
        };
        let mut saved = self.saved.take().filter(|t| !t.weights.is_empty());
        let mut chosen = position.clone();
        let mut weights = saved.as_ref().map(|t| t.best.clone()).unwrap_or_default();
        if position.stage == Stage::Select {
            let epochs = self.config.training.epochs;
            let tensors = saved.take();
            let Some((end, best)) =
                self.stage(select, Some(validation), position, tensors, epochs, stop, observer)?
            else {
                return Ok(Ended::Stopped);
            };
            (chosen, weights) = (end, best);
            self.next_stage(&chosen);
        }
        let Some(best) = chosen.best else {
            unreachable!("every configuration has at least one epoch, and every epoch is validated")
        };
        let mut prepared = select;
        if self.config.training.refit {
            let position = match chosen.stage {
                Stage::Refit => chosen,
                Stage::Select => Position { best: Some(best), ..Position::start(seed, Stage::Refit) },
            };
            prepared = match refit {
                Some(prepared) => prepared,
                None => refit.insert(self.prepare_refit()?),
            };
            let Some((end, last)) =
                self.stage(prepared, None, position, saved, best.epoch, stop, observer)?
            else {
                return Ok(Ended::Stopped);
            };
            weights = last;
            self.next_stage(&end);
        }
        let chosen_on = validation.subjects().iter().cloned().collect();
        self.save_model(seed, prepared, best, chosen_on, weights)?;
        self.state.finished.push(FinishedSeed {
            seed,
            best_epoch: best.epoch,
            validation_macro_f1: best.macro_f1,
            validation_loss: best.loss,
            temperature: best.temperature,
        });
        self.state.save(self.files, &Tensors::default())?;
        Ok(Ended::Complete)
    }

    /// Where a seed begins. Where the last epoch is kept and everyone is trained on anew, validation people decide nothing
    /// but the temperature: the first seed's serves all, and the others go straight to the last training.
    fn start(&self, seed: u64) -> Position {
        let t = &self.config.training;
        match self.state.finished.first() {
            Some(first) if t.refit && t.keep == Keep::Last => {
                let best = Best {
                    epoch: first.best_epoch,
                    macro_f1: first.validation_macro_f1,
                    loss: first.validation_loss,
                    temperature: first.temperature,
                };
                Position { best: Some(best), ..Position::start(seed, Stage::Refit) }
            }
            _ => Position::start(seed, Stage::Select),
        }
    }

    /// Runs one stage to its end: the final position and the weights it leaves (the best epoch's where there is
    /// validation, else the last). `None` when it was stopped; the state is saved then.
    #[allow(clippy::too_many_arguments)]
    fn stage(
        &mut self,
        prepared: &Prepared,
        validation: Option<&Partition<Validation>>,
        position: Position,
        saved: Option<Tensors>,
        epochs: usize,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<(Position, Vec<f32>)>, TrainError> {
        let seeds = &self.config.seeds;
        let number = seeds.iter().position(|&s| s == position.seed).map_or(1, |i| i + 1);
        let plan = StagePlan {
            config: self.config,
            prepared,
            validation,
            epochs,
            classes: self.labels.len(),
            seed_number: (number, seeds.len()),
        };
        let step = self.state.step;
        let mut run = StageRun::new(plan, position, saved.map(|t| (t, step)))?;
        let (files, state, events) = (self.files, &mut self.state, &mut self.events);
        let save = |state: &mut State, run: &StageRun<'_>| {
            state.position = Some(run.position.clone());
            state.step = run.engine.optimiser().step;
            state.save(files, &run.tensors())
        };
        let ended = run.run(stop, observer, &mut |record, run| {
            files.append_line(EPOCHS, record)?;
            write_events(events, record, state.earlier_steps)?;
            // After the records: on resuming, records that the checkpoint does not know are dropped.
            save(state, run)
        })?;
        if ended == Ended::Stopped {
            save(&mut self.state, &run)?;
            return Ok(None);
        }
        let weights = if validation.is_some() { run.best } else { run.weights().to_vec() };
        Ok(Some((run.position, weights)))
    }

    /// Counts a finished stage; the next begins without a step.
    fn next_stage(&mut self, end: &Position) {
        self.state.earlier_steps += self.state.step;
        self.state.earlier_seconds += end.seconds;
        self.state.step = 0;
        self.state.position = None;
    }

    fn prepare_refit(&self) -> Result<Prepared, TrainError> {
        pool(self.config.threads)?.install(|| {
            let (training, validation) = hold_out_people(self.dataset, self.config, &self.labels)?;
            Prepared::fit(&training.with_validation(validation)?, self.config, &self.labels)
        })
    }

    fn save_model(
        &self,
        seed: u64,
        prepared: &Prepared,
        best: Best,
        chosen_on: Vec<PersonId>,
        weights: Vec<f32>,
    ) -> Result<(), TrainError> {
        let origin = Origin { dataset: self.dataset, seed, instruction_set: &self.state.instruction_set };
        let model = assemble(self.config, &self.labels, prepared, best, chosen_on, weights, &origin)?;
        let path = self.files.model(&self.config.seeds, seed);
        if let Some(directory) = path.parent() {
            self.files.create_directory(directory)?;
        }
        Ok(model.save(&path)?)
    }
}
