//! One training stage of one seed: epochs of shuffled batches, watched on validation windows or not at all.

use crate::directory::checkpoint::{Best, Position, Tensors};
use crate::metrics::{ConfusionMatrix, fit_temperature, negative_log_likelihood, only_classes};
use crate::training::augment::Scratch;
use crate::training::average::move_average;
use crate::training::inputs::answers;
use crate::training::prepared::Prepared;
use crate::{Config, Observer, Progress, TrainError};
use ambulo_data::{LabelledWindows, Partition, Validation};
use ambulo_nn::train::{Engine, Examples, StepReport};
use ambulo_nn::{NnError, Random};
use ambulo_record::{EpochRecord, Keep, Stage};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Offset of the streams that shuffle, away from those that draw weights.
const SHUFFLE: u64 = 1 << 40;

/// What is fixed during a stage.
pub(crate) struct StagePlan<'a> {
    pub(crate) config: &'a Config,
    pub(crate) prepared: &'a Prepared,
    /// Present in the choice, absent in a refit.
    pub(crate) validation: Option<&'a Partition<Validation>>,
    /// Epochs after which the stage ends.
    pub(crate) epochs: usize,
    pub(crate) classes: usize,
    /// Place of the seed and number of seeds.
    pub(crate) seed_number: (usize, usize),
}

impl StagePlan<'_> {
    /// Windows in a step.
    fn batch(&self) -> usize {
        self.config.training.batch.min(self.prepared.windows.len())
    }

    /// Steps in an epoch.
    fn batches(&self) -> usize {
        self.prepared.windows.len().div_ceil(self.batch()).max(self.config.training.least_steps)
    }
}

/// Why a stage returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It is done.
    Complete,
    /// It was asked to stop between two steps.
    Stopped,
}

/// A stage in progress.
pub(crate) struct StageRun<'a> {
    plan: StagePlan<'a>,
    pub(crate) engine: Engine,
    pub(crate) position: Position,
    /// Weights of the epoch that is kept so far.
    pub(crate) best: Vec<f32>,
    /// Moving average of the weights, where one is kept.
    average: Option<Vec<f32>>,
    /// Augmented windows of a batch.
    batch: Vec<f32>,
    validation: Option<&'a LabelledWindows>,
    began: Instant,
    seconds_before: f64,
}

/// What happens after every epoch, besides telling the observer: records and checkpoint.
pub(crate) type AfterEpoch<'a> = dyn FnMut(&EpochRecord, &StageRun<'_>) -> Result<(), TrainError> + 'a;

impl Position {
    pub(crate) fn start(seed: u64, stage: Stage) -> Self {
        Self { seed, stage, epoch: 1, batch: 0, loss_sum: 0.0, correct: 0, seen: 0, best: None, seconds: 0.0 }
    }
}

impl<'a> StageRun<'a> {
    /// A stage at `position`; with `saved` tensors it goes on from them.
    pub(crate) fn new(
        plan: StagePlan<'a>,
        position: Position,
        saved: Option<(Tensors, u64)>,
    ) -> Result<Self, TrainError> {
        let network = ambulo_nn::Network::new(&plan.config.architecture(plan.classes)?, plan.config.input())?;
        let options = plan.prepared.engine_options(plan.config, plan.classes, position.seed)?;
        let mut engine = Engine::new(network, options)?;
        if let Some(beginning) = &plan.prepared.beginning {
            let weights = beginning.weights(engine.network(), &plan.config.label_set(), engine.weights());
            let paces = beginning.paces(engine.network(), plan.batches());
            engine.begin_with(&weights)?;
            engine.set_paces(&paces)?;
        }
        let mut best = Vec::new();
        let averaged = plan.config.training.weight_average > 0.0;
        let mut average = averaged.then(|| engine.weights().to_vec());
        if let Some((tensors, step)) = saved {
            engine.restore(&tensors.weights, step, &tensors.mean, &tensors.square)?;
            best = tensors.best;
            average = averaged.then_some(tensors.average);
        }
        let validation = plan.validation.map(Partition::<Validation>::windows);
        let seconds_before = position.seconds;
        Ok(Self {
            plan,
            engine,
            position,
            best,
            average,
            batch: Vec::new(),
            validation,
            began: Instant::now(),
            seconds_before,
        })
    }

    /// The state to be saved.
    pub(crate) fn tensors(&self) -> Tensors {
        Tensors {
            weights: self.engine.weights().to_vec(),
            mean: self.engine.optimiser().mean.clone(),
            square: self.engine.optimiser().square.clone(),
            best: self.best.clone(),
            average: self.average.clone().unwrap_or_default(),
        }
    }

    /// The weights to be evaluated and saved: their moving average, where one is kept.
    pub(crate) fn weights(&self) -> &[f32] {
        self.average.as_deref().unwrap_or_else(|| self.engine.weights())
    }

    /// Trains until the stage is over or `stop` is set, which is looked at after every step.
    pub(crate) fn run(
        &mut self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
        after_epoch: &mut AfterEpoch<'_>,
    ) -> Result<Ended, TrainError> {
        let windows = self.plan.prepared.windows.len();
        let (batch, batches) = (self.plan.batch(), self.plan.batches());
        let least = self.plan.config.training.least_steps;
        let t = &self.plan.config.training;
        // The schedule spans the configured epochs in the refit too: the chosen epoch is reached at the same rate.
        let total = (t.epochs * batches) as u64;
        let mut order: Vec<usize> = Vec::with_capacity(windows);
        while !self.is_over() {
            let stream =
                SHUFFLE + 2 * self.position.epoch as u64 + u64::from(self.position.stage == Stage::Refit);
            let mut random = Random::new(self.position.seed, stream);
            self.plan.prepared.shares.epochs(windows, least * batch, &mut random, &mut order);
            for indices in order.chunks(batch).skip(self.position.batch) {
                if stop.load(Ordering::Relaxed) {
                    self.position.seconds = self.seconds();
                    return Ok(Ended::Stopped);
                }
                let rate = t.schedule.rate(t.learning_rate, self.engine.optimiser().step, total);
                let report = self.step(indices, rate)?;
                let p = &mut self.position;
                p.batch += 1;
                p.loss_sum += report.loss * indices.len() as f64;
                p.correct += report.correct;
                p.seen += indices.len();
                observer.step(&self.progress(batches));
            }
            let rate =
                t.schedule.rate(t.learning_rate, self.engine.optimiser().step.saturating_sub(1), total);
            let record = self.end_epoch(rate)?;
            after_epoch(&record, self)?;
            observer.epoch(&record);
        }
        self.position.seconds = self.seconds();
        Ok(Ended::Complete)
    }

    fn step(&mut self, indices: &[usize], rate: f64) -> Result<StepReport, TrainError> {
        let prepared = self.plan.prepared;
        let size = self.plan.config.input().len();
        self.batch.resize(indices.len() * size, 0.0);
        // Draw 0 fitted the normalisation; choice and refit alternate from 2 on.
        let draw = 2 * self.position.epoch as u64 + u64::from(self.position.stage == Stage::Refit);
        let address = (self.position.seed, draw);
        let batch = &mut self.batch;
        self.engine.install(|| {
            batch.par_chunks_mut(size).zip(indices.par_iter()).try_for_each_init(
                Scratch::default,
                |scratch, (out, &i)| {
                    let p = &prepared.preprocessing;
                    prepared.augmenter.input(&prepared.windows, i, address, p, scratch, out)
                },
            )
        })?;
        let labels = &prepared.windows.labels;
        let own: Vec<u8> = indices.iter().map(|&i| labels[i % labels.len()]).collect();
        let all: Vec<usize> = (0..own.len()).collect();
        let examples = Examples { x: &self.batch, labels: &own };
        let report = match self.engine.step(examples, &all, rate) {
            Ok(report) => report,
            Err(error) => return Err(self.locate(error)),
        };
        if let Some(average) = &mut self.average {
            let most = self.plan.config.training.weight_average;
            move_average(average, self.engine.weights(), self.engine.optimiser().step, most);
        }
        Ok(report)
    }

    fn is_over(&self) -> bool {
        let done = self.position.epoch - 1;
        let patience = self.plan.config.training.patience;
        let tired = patience > 0 && self.position.best.is_some_and(|b| done >= b.epoch + patience);
        done >= self.plan.epochs || tired
    }

    fn end_epoch(&mut self, learning_rate: f64) -> Result<EpochRecord, TrainError> {
        let epoch = self.position.epoch;
        let finite = |what, values: &[f32]| match values.iter().find(|v| !v.is_finite()) {
            None => Ok(()),
            Some(&found) => {
                let step = self.engine.optimiser().step;
                Err(self.locate(NnError::Diverged { what, found: f64::from(found), step }))
            }
        };
        // The last step of an epoch may have done it, which no later step would find.
        finite("a weight", self.engine.weights())?;
        let (mut loss, mut accuracy, mut macro_f1) = (None, None, None);
        if let Some(windows) = self.validation {
            let logits = self.engine.install(|| {
                let infer = |x: &[f32]| Ok(self.engine.infer_with(self.weights(), x)?);
                answers(windows, &self.plan.prepared.preprocessing, infer)
            })?;
            finite("an output on the validation windows", &logits)?;
            let classes = self.plan.classes;
            let truth = only_classes(&windows.labels, classes, &windows.labels, 1);
            let mut logits = only_classes(&windows.labels, classes, &logits, classes).into_owned();
            let temperature = fit_temperature(&truth, &logits, classes)?;
            logits.chunks_exact_mut(classes).for_each(ambulo_nn::softmax);
            let probabilities = logits;
            let confusion = ConfusionMatrix::from_probabilities(&truth, &probabilities, classes)?;
            let now = Best {
                epoch,
                macro_f1: confusion.macro_f1(),
                loss: negative_log_likelihood(&truth, &probabilities, classes)?,
                temperature,
            };
            (loss, accuracy, macro_f1) = (Some(now.loss), Some(confusion.accuracy()), Some(now.macro_f1));
            let last = self.plan.config.training.keep == Keep::Last;
            let better = self.position.best.is_none_or(|best| {
                last || now.macro_f1 > best.macro_f1
                    || (now.macro_f1 == best.macro_f1 && now.loss < best.loss)
            });
            if better {
                self.position.best = Some(now);
                self.best = self.weights().to_vec();
            }
        }
        let seconds = self.seconds();
        let p = &mut self.position;
        let record = EpochRecord {
            seed: p.seed,
            stage: p.stage,
            epoch,
            step: self.engine.optimiser().step,
            learning_rate,
            train_loss: p.loss_sum / p.seen as f64,
            train_accuracy: p.correct as f64 / p.seen as f64,
            validation_loss: loss,
            validation_accuracy: accuracy,
            validation_macro_f1: macro_f1,
            seconds,
        };
        *p =
            Position { epoch: epoch + 1, batch: 0, loss_sum: 0.0, correct: 0, seen: 0, seconds, ..p.clone() };
        Ok(record)
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }

    fn progress(&self, batches: usize) -> Progress {
        let p = &self.position;
        Progress {
            seed: p.seed,
            seed_number: self.plan.seed_number.0,
            seeds: self.plan.seed_number.1,
            stage: p.stage,
            epoch: p.epoch,
            epochs: self.plan.epochs,
            batch: p.batch,
            batches,
            loss: p.loss_sum / p.seen as f64,
            best_macro_f1: p.best.map(|b| b.macro_f1),
        }
    }

    fn locate(&self, source: NnError) -> TrainError {
        let Position { seed, stage, epoch, .. } = self.position;
        TrainError::Diverged { seed, stage, epoch, source }
    }
}
