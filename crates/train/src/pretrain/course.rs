//! The epochs of a pre-training.

use super::task::{Asked, Task};
use super::{PretextEpoch, PretrainConfig, PretrainObserver, order_of};
use crate::TrainError;
use crate::training::augment::Scratch;
use crate::training::average::move_average;
use crate::training::balance::Shares;
use ambulo_data::LabelledWindows;
use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::{AdamWConfig, Schedule};
use ambulo_nn::train::{Engine, EngineOptions};
use ambulo_nn::{Network, NnError, SHARD};
use ambulo_signal::Preprocessing;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Decay of the moving average of the weights over steps, which is what is kept.
const AVERAGE: f64 = 0.99;
/// Draw of what people held out are asked: the same after every epoch. Epochs draw from 1 on.
const HELD_OUT_DRAW: u64 = 0;
/// Windows that are asked together of people held out.
const TOGETHER: usize = 32 * SHARD;

pub(super) struct Course<'a> {
    pub(super) task: &'a Task,
    pub(super) options: &'a PretrainConfig,
    /// With statistics.
    pub(super) preprocessing: &'a Preprocessing,
    pub(super) shares: &'a Shares,
}

pub(super) struct Done {
    pub(super) weights: Vec<f32>,
    pub(super) epochs: Vec<PretextEpoch>,
}

impl Course<'_> {
    /// All epochs; `None` if it was stopped.
    pub(super) fn run(
        &self,
        learned: &LabelledWindows,
        held: &LabelledWindows,
        stop: &AtomicBool,
        observer: &mut dyn PretrainObserver,
    ) -> Result<Option<Done>, TrainError> {
        let o = self.options;
        let batch = o.batch.min(learned.len());
        let steps = learned.len().div_ceil(batch);
        let total = (o.epochs * steps) as u64;
        let mut engine = self.engine(batch)?;
        let schedule = Schedule::one_cycle();
        let mut average = engine.weights().to_vec();
        let (mut order, mut room, mut epochs) = (Vec::new(), Room::default(), Vec::new());
        let began = Instant::now();
        for epoch in 1..=o.epochs {
            self.shares.epoch(learned.len(), &mut order_of(o.seed, epoch), &mut order);
            let mut sum = 0.0;
            let diverged = |source| TrainError::PretextDiverged { epoch, source };
            for (n, indices) in order.chunks(batch).enumerate() {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let rate = schedule.rate(o.learning_rate, engine.optimiser().step, total);
                let examples = self.fill(&engine, learned, indices, (o.seed, epoch as u64), &mut room)?;
                let loss =
                    |own: &[usize], outputs: &mut [f32]| self.score(own, outputs, &room, examples.len());
                let report = engine.step_on(&room.x, &examples, rate, &loss).map_err(diverged)?;
                sum += report.loss;
                move_average(&mut average, engine.weights(), engine.optimiser().step, AVERAGE);
                observer.step(epoch, n + 1, steps, sum / (n + 1) as f64);
            }
            if let Some(&found) = average.iter().find(|w| !w.is_finite()) {
                let step = engine.optimiser().step;
                return Err(diverged(NnError::Diverged { what: "a weight", found: f64::from(found), step }));
            }
            let record = PretextEpoch {
                epoch,
                train_loss: sum / steps as f64,
                validation_loss: self.held_out_loss(&engine, &average, held)?,
                seconds: began.elapsed().as_secs_f64(),
            };
            observer.epoch(&record);
            epochs.push(record);
        }
        Ok(Some(Done { weights: average, epochs }))
    }

    fn engine(&self, batch: usize) -> Result<Engine, TrainError> {
        let config = &self.options.config;
        let network = Network::new(&self.task.architecture, config.input())?;
        let options = EngineOptions {
            optimiser: AdamWConfig { weight_decay: 0.01, ..AdamWConfig::default() },
            // Steps are taken on the task's loss.
            loss: CrossEntropy::new(1, 0.0, &[])?,
            clip: Some(1.0),
            seed: self.options.seed,
            threads: config.threads,
            batch: batch * self.task.views(),
        };
        Ok(Engine::for_objective(network, options)?)
    }

    /// Makes the examples of some windows; their numbers.
    fn fill(
        &self,
        engine: &Engine,
        windows: &LabelledWindows,
        indices: &[usize],
        address: (u64, u64),
        room: &mut Room,
    ) -> Result<Vec<usize>, TrainError> {
        let (task, p) = (self.task, self.preprocessing);
        let (size, asked) = (self.options.config.input().len() * task.views(), task.truth_len());
        room.x.resize(indices.len() * size, 0.0);
        // A place that is not used keeps the chunks in step where nothing is held against the answers.
        room.truth.resize(indices.len() * asked.max(1), 0.0);
        let Room { x, truth } = room;
        engine.install(|| {
            x.par_chunks_mut(size)
                .zip(truth.par_chunks_mut(asked.max(1)))
                .zip(indices.par_iter())
                .try_for_each_init(Scratch::default, |scratch, ((x, truth), &i)| {
                    task.ask(windows, i, address, p, scratch, &mut Asked { x, truth })
                })
        })?;
        Ok((0..indices.len() * task.views()).collect())
    }

    /// Loss of the examples `own`, which follow each other, among `all`.
    fn score(&self, own: &[usize], outputs: &mut [f32], room: &Room, all: usize) -> f64 {
        let asked = self.task.truth_len();
        let truth = match own.first() {
            Some(&first) if asked > 0 => &room.truth[first * asked..(first + own.len()) * asked],
            _ => &[],
        };
        self.task.loss(outputs, truth, 1.0 / all as f64)
    }

    fn held_out_loss(
        &self,
        engine: &Engine,
        weights: &[f32],
        windows: &LabelledWindows,
    ) -> Result<Option<f64>, TrainError> {
        if windows.is_empty() {
            return Ok(None);
        }
        // In an order of its own, the same every time: neighbours are alike, and hard to tell apart for that alone.
        let mut all: Vec<usize> = (0..windows.len()).collect();
        order_of(self.options.seed, 0).shuffle(&mut all);
        let (mut room, mut sum) = (Room::default(), 0.0);
        for indices in all.chunks(TOGETHER) {
            let address = (self.options.seed, HELD_OUT_DRAW);
            let examples = self.fill(engine, windows, indices, address, &mut room)?;
            let mut outputs = engine.infer_with(weights, &room.x)?;
            let one = outputs.len() / examples.len();
            // In shards as in training: views are told from as many others.
            for (own, outputs) in examples.chunks(SHARD).zip(outputs.chunks_mut(SHARD * one)) {
                sum += self.score(own, outputs, &room, all.len() * self.task.views());
            }
        }
        Ok(Some(sum))
    }
}

/// Examples of a batch.
#[derive(Default)]
struct Room {
    x: Vec<f32>,
    truth: Vec<f32>,
}
