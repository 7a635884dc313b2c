//! Training and batched inference over threads.
//!
//! A batch is cut into shards of [`SHARD`] examples whatever the number of threads; each shard has buffers and a
//! gradient of its own, and the gradients are added in the order of the shards. The same data, seed and
//! instruction set therefore give the same bits for any number of threads.

mod pace;
mod pull;

use crate::loss::CrossEntropy;
use crate::network::{Buffers, Gradients, SHARD, batch_major, time_major};
use crate::optim::{AdamW, AdamWConfig, Rates, clip_global_norm, update_block};
use crate::{Aligned, Mode, Network, NnError, Role};
pub use pace::Pace;
use pace::Paces;
use pull::Pull;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Labelled examples: `x [count, time, channel]` and one label each.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// Inputs, row-major.
    pub x: &'a [f32],
    /// Classes, or groups of classes, as the loss counts them.
    pub labels: &'a [u8],
}

/// What one optimiser step saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss of the batch.
    pub loss: f64,
    /// Examples that were answered rightly, each at the depth of its label ([`CrossEntropy::apply`]).
    pub correct: usize,
    /// Norm of the gradient before clipping.
    pub gradient_norm: f64,
}

struct Shard {
    gradient: Vec<f32>,
    loss: f64,
    correct: usize,
}

/// Loss and right answers of a shard, from the engine's own loss, the shard's numbers, its outputs and where their gradient goes.
type ShardLoss<'a> = dyn Fn(&CrossEntropy, &[usize], &[f32], &mut [f32]) -> (f64, usize) + Sync + 'a;

fn check_classes(network: &Network, loss: &CrossEntropy) -> Result<(), NnError> {
    let (expected, found) = (loss.classes(), network.output().len());
    if expected == found {
        return Ok(());
    }
    Err(NnError::Length { what: "the network's output", expected, found })
}

/// Weights, optimiser state and buffers of one training.
pub struct Engine {
    network: Network,
    pool: rayon::ThreadPool,
    weights: Vec<f32>,
    /// For training, and for inference as far as its first values.
    packed: Aligned,
    gradient: Vec<f32>,
    optimiser: AdamW,
    paces: Paces,
    pull: Option<Pull>,
    /// Whether passes are those of inference.
    settled: bool,
    /// What the step in progress does with each range; kept for its memory.
    parts: Vec<(Range<usize>, Role, Rates)>,
    /// New values of running statistics, until the step is known to be finite.
    statistics: Vec<(usize, f32)>,
    loss: CrossEntropy,
    clip: Option<f64>,
    seed: u64,
    shards: Vec<Shard>,
    /// One for each thread: memory grows with threads, not with the batch. No thread waits for another's.
    buffers: Vec<Mutex<Buffers>>,
}

/// Options of an [`Engine`] besides its network.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Options of the optimiser.
    pub optimiser: AdamWConfig,
    /// The loss.
    pub loss: CrossEntropy,
    /// Largest gradient norm; `None` does not clip.
    pub clip: Option<f64>,
    /// Seed of initial weights and dropout.
    pub seed: u64,
    /// Threads; 0 for as many as there are cores.
    pub threads: usize,
    /// Largest batch.
    pub batch: usize,
}

impl Engine {
    /// An engine with fresh weights.
    ///
    /// # Errors
    /// Options out of range, or an output that is not one row of the loss's classes.
    pub fn new(network: Network, options: EngineOptions) -> Result<Self, NnError> {
        check_classes(&network, &options.loss)?;
        Self::for_objective(network, options)
    }

    /// As [`Engine::new`] for a loss of the caller's ([`Engine::step_on`]): the output has any shape, and that of the options serves
    /// [`Engine::step`] alone.
    ///
    /// # Errors
    /// Options out of range.
    pub fn for_objective(network: Network, options: EngineOptions) -> Result<Self, NnError> {
        let setting = |option, found: String, expected| NnError::Setting { option, found, expected };
        if options.batch == 0 {
            return Err(setting("batch", "0".into(), "at least 1"));
        }
        if let Some(c) = options.clip.filter(|c| !(c.is_finite() && *c > 0.0)) {
            return Err(setting("clip", c.to_string(), "a positive number"));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().map_err(|e| {
            setting("threads", format!("{} ({e})", options.threads), "a number this system can start")
        })?;
        let weights = network.initial_weights(options.seed);
        let mut packed = Aligned::zeros(network.training_packed_len());
        network.pack_for_training(&weights, &mut packed);
        let shards = (0..options.batch.div_ceil(SHARD))
            .map(|_| Shard { gradient: vec![0.0; weights.len()], loss: 0.0, correct: 0 })
            .collect();
        let buffers = (0..pool.current_num_threads())
            .map(|_| Mutex::new(network.buffers(SHARD.min(options.batch), true)))
            .collect();
        Ok(Self {
            buffers,
            optimiser: AdamW::new(options.optimiser, weights.len(), network.instruction_set())?,
            paces: Paces::new(&network),
            pull: None,
            settled: false,
            parts: Vec::new(),
            gradient: vec![0.0; weights.len()],
            statistics: Vec::new(),
            packed,
            weights,
            pool,
            loss: options.loss,
            clip: options.clip,
            seed: options.seed,
            shards,
            network,
        })
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The weights as they are now.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The optimiser as it is now.
    #[must_use]
    pub fn optimiser(&self) -> &AdamW {
        &self.optimiser
    }

    /// The gradient of the last step, after clipping.
    #[must_use]
    pub fn gradient(&self) -> &[f32] {
        &self.gradient
    }

    /// Begins with these weights instead of fresh ones.
    ///
    /// # Errors
    /// When their number is not that of this network.
    pub fn begin_with(&mut self, weights: &[f32]) -> Result<(), NnError> {
        let nothing = vec![0.0; self.weights.len()];
        self.restore(weights, 0, &nothing, &nothing)
    }

    /// Says how fast which weights learn; those that none of `paces` names learn at the rate of the step. Replaces what was said
    /// before.
    ///
    /// A frozen range keeps its bits: no gradient, no weight decay, no running statistics, and it does not count in the
    /// gradient's norm. A layer all of whose weights are frozen answers as in inference (batch normalisation by its running statistics, no
    /// dropout within it), and nothing is computed backwards below the first layer that learns.
    ///
    /// # Errors
    /// A scale that is not finite or below 0, or a range that does not begin and end where parameters do
    /// ([`Network::parameters`]).
    pub fn set_paces(&mut self, paces: &[Pace]) -> Result<(), NnError> {
        self.paces.set(&self.network, paces)
    }

    /// Pulls the weights that learn towards where they are now from the next step on: `strength / 2 · |w - w₀|²` is added to the loss of
    /// each step ("L2-SP", Li et al. 2018). Replaces what was said before.
    ///
    /// # Errors
    /// A strength that is not finite or below 0.
    pub fn pull_to_here(&mut self, strength: f64) -> Result<(), NnError> {
        self.pull = Some(Pull::new(strength, &self.weights)?);
        Ok(())
    }

    /// From the next step on all layers answer as in inference, and learn so: batch normalisation by its running statistics, which keep
    /// their bits, while scale and shift learn; no dropout. For a few examples, whose own statistics say little.
    pub fn settle(&mut self) {
        self.settled = true;
    }

    /// Continues from saved weights and optimiser state.
    ///
    /// # Errors
    /// When their lengths are not those of this network.
    pub fn restore(
        &mut self,
        weights: &[f32],
        step: u64,
        mean: &[f32],
        square: &[f32],
    ) -> Result<(), NnError> {
        let expected = self.weights.len();
        for (what, values) in [("weights", weights), ("optimiser mean", mean), ("optimiser square", square)] {
            if values.len() != expected {
                return Err(NnError::Length { what, expected, found: values.len() });
            }
        }
        self.weights.copy_from_slice(weights);
        self.optimiser.step = step;
        self.optimiser.mean.copy_from_slice(mean);
        self.optimiser.square.copy_from_slice(square);
        self.network.pack_for_training(&self.weights, &mut self.packed);
        Ok(())
    }

    /// One optimiser step on the examples with these indices.
    ///
    /// # Errors
    /// A label that the loss does not know, or a loss or gradient that is not finite; the weights are then as before the
    /// step.
    ///
    /// # Panics
    /// When an index is out of range, or there are no indices or more than the largest batch.
    pub fn step(
        &mut self,
        examples: Examples<'_>,
        batch: &[usize],
        rate: f64,
    ) -> Result<StepReport, NnError> {
        check_classes(&self.network, &self.loss)?;
        let weights = batch.iter().map(|&i| self.loss.weight(examples.labels[i]).map(f64::from));
        let total = weights.sum::<Result<f64, _>>()?;
        let scale = (1.0 / total) as f32;
        self.pass(examples.x, batch, &|loss, indices, _, gradient| {
            let (mut sum, mut correct) = (0.0, 0);
            for (row, &i) in gradient.chunks_exact_mut(loss.classes()).zip(indices) {
                let (value, right) = loss.apply(row, examples.labels[i], scale);
                sum += value;
                correct += usize::from(right);
            }
            (sum, correct)
        });
        self.finish_step(batch, total, rate)
    }

    /// One optimiser step on a loss of the caller's: `x [count, time, channel]`, of which `batch` has the numbers.
    ///
    /// The batch is cut into shards of [`SHARD`] examples in its order, and `objective` is asked once for each, on some thread:
    /// of the numbers in the shard and the network's outputs, `[shard, time, channel]` row-major, which it overwrites with the
    /// gradient of the loss; it returns its part of the loss. Losses and gradients of shards are added, so a mean over the
    /// batch is for the objective to divide by. It must depend on nothing but what it is given: then the bits are the same for any number of
    /// threads.
    ///
    /// # Errors
    /// A loss or gradient that is not finite; the weights are then as before the step.
    ///
    /// # Panics
    /// When an index is out of range, or there are no indices or more than the largest batch.
    pub fn step_on(
        &mut self,
        x: &[f32],
        batch: &[usize],
        rate: f64,
        objective: &(dyn Fn(&[usize], &mut [f32]) -> f64 + Sync),
    ) -> Result<StepReport, NnError> {
        let shape = self.network.output();
        self.pass(x, batch, &|_, indices, outputs, gradient| {
            if shape.time == 1 {
                // One time step is laid out alike both ways.
                return (objective(indices, gradient), 0);
            }
            let size = indices.len();
            let mut rows = vec![0.0; outputs.len()];
            batch_major(shape, size, outputs, &mut rows);
            let loss = objective(indices, &mut rows);
            time_major(shape, size, &rows, gradient);
            (loss, 0)
        });
        self.finish_step(batch, 1.0, rate)
    }

    /// Forward and backward over the shards of a batch. `loss` is given numbers, outputs and a copy of these to be overwritten with
    /// their gradient, both time-major.
    fn pass(&mut self, x: &[f32], batch: &[usize], loss: &ShardLoss<'_>) {
        let step = self.optimiser.step;
        let input = self.network.input();
        let count = batch.len().div_ceil(SHARD);
        assert!(
            count > 0 && count <= self.shards.len(),
            "batch of {} in an engine for {} shards",
            batch.len(),
            self.shards.len()
        );
        let (network, weights, packed, own_loss, seed) =
            (&self.network, &self.weights, &self.packed, &self.loss, self.seed);
        let (shards, buffers) = (&mut self.shards[..count], &self.buffers);
        self.paces.begin(step);
        let (frozen, settled) = (self.paces.frozen_layers(), self.settled);
        self.pool.install(|| {
            shards.par_iter_mut().zip(batch.par_chunks(SHARD)).enumerate().for_each(
                |(n, (shard, indices))| {
                    let size = indices.len();
                    let thread = rayon::current_thread_index().unwrap_or(0);
                    // A poisoned lock is a panic of another shard, which ends the step anyway.
                    let mut own = buffers[thread].lock().unwrap_or_else(PoisonError::into_inner);
                    let own = &mut *own;
                    let windows = indices.iter().map(|&i| &x[i * input.len()..(i + 1) * input.len()]);
                    own.load(input, size, windows);
                    // Up to 2^16 shards a step: each (step, shard) has a stream of its own.
                    let stream = (step << 16) | n as u64;
                    let mode = if settled { Mode::Inference } else { Mode::Training { seed, stream } };
                    network.forward_partly(weights, packed, size, (mode, frozen), own);
                    let (outputs, gradient) = network.result_and_gradient(size, own);
                    gradient.copy_from_slice(outputs);
                    (shard.loss, shard.correct) = loss(own_loss, indices, outputs, gradient);
                    shard.gradient.fill(0.0);
                    let gradients = Gradients { weights: &mut shard.gradient, input: &mut [] };
                    network.backward_partly(weights, packed, size, (mode, frozen), own, gradients);
                },
            );
        });
    }

    /// From the gradients and losses of the shards to new weights; the loss is divided by `total`.
    fn finish_step(&mut self, batch: &[usize], total: f64, rate: f64) -> Result<StepReport, NnError> {
        let step = self.optimiser.step;
        let shards = &self.shards[..batch.len().div_ceil(SHARD)];
        self.gradient.copy_from_slice(&shards[0].gradient);
        for shard in &shards[1..] {
            self.gradient.iter_mut().zip(&shard.gradient).for_each(|(sum, g)| *sum += g);
        }
        // Running statistics ride in the gradient and must not count in its norm.
        self.statistics.clear();
        for (range, role, scale) in self.paces.now() {
            if scale == 0.0 {
                self.gradient[range.clone()].fill(0.0);
            } else if let Role::Statistic { momentum } = role {
                if self.settled {
                    continue;
                }
                let weight = momentum / batch.len() as f32;
                for i in range.clone() {
                    let new = (1.0 - momentum) * self.weights[i] + weight * self.gradient[i];
                    self.statistics.push((i, new));
                    self.gradient[i] = 0.0;
                }
            }
        }
        let mut loss = shards.iter().map(|s| s.loss).sum::<f64>() / total;
        if let Some(pull) = &self.pull {
            loss += pull.add(&self.weights, &mut self.gradient, self.paces.now());
        }
        let correct = shards.iter().map(|s| s.correct).sum();
        let gradient_norm = clip_global_norm(&mut self.gradient, self.clip.unwrap_or(f64::INFINITY));
        for (what, found) in [("the loss", loss), ("the gradient's norm", gradient_norm)] {
            if !found.is_finite() {
                return Err(NnError::Diverged { what, found, step: step + 1 });
            }
        }
        self.update(rate);
        for &(i, value) in &self.statistics {
            self.weights[i] = value;
        }
        self.network.pack_for_training(&self.weights, &mut self.packed);
        Ok(StepReport { loss, correct, gradient_norm })
    }

    /// The optimiser's step, in blocks over the threads where that pays.
    fn update(&mut self, rate: f64) {
        const BLOCK: usize = 1 << 14;
        let all = self.optimiser.begin(rate);
        let (paces, optimiser) = (&self.paces, &mut self.optimiser);
        paces.parts(
            |scale, before| {
                if (scale, before) == (1.0, 0) { all } else { optimiser.rates(rate * scale, before) }
            },
            &mut self.parts,
        );
        let parts = &self.parts;
        if self.weights.len() <= 2 * BLOCK {
            let values = [&mut self.weights[..], &mut optimiser.mean, &mut optimiser.square];
            return update_block(0, values, &self.gradient, parts);
        }
        let moments = optimiser.mean.par_chunks_mut(BLOCK).zip(optimiser.square.par_chunks_mut(BLOCK));
        let values = self.weights.par_chunks_mut(BLOCK).zip(self.gradient.par_chunks(BLOCK)).zip(moments);
        self.pool.install(|| {
            values.enumerate().for_each(|(n, ((weights, gradient), (mean, square)))| {
                update_block(n * BLOCK, [weights, mean, square], gradient, parts);
            });
        });
    }

    /// Runs something else on the engine's threads.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// Inference over all threads with other weights of the same network: `x [count, time, channel]` to logits
    /// `[count, classes]`.
    ///
    /// # Errors
    /// When `x` is not whole examples or the weights are not of this network's length.
    pub fn infer_with(&self, weights: &[f32], x: &[f32]) -> Result<Vec<f32>, NnError> {
        let (expected, found) = (self.weights.len(), weights.len());
        if expected != found {
            return Err(NnError::Length { what: "weights", expected, found });
        }
        let mut packed = Aligned::zeros(self.network.packed_len());
        self.network.pack(weights, &mut packed);
        self.pool.install(|| infer_parallel(&self.network, weights, &packed, x))
    }

    /// Inference over all threads with the weights as they are: `x [count, time, channel]` to logits
    /// `[count, classes]`.
    ///
    /// # Errors
    /// When `x` is not whole examples.
    pub fn infer(&self, x: &[f32]) -> Result<Vec<f32>, NnError> {
        let packed = &self.packed[..self.network.packed_len()];
        self.pool.install(|| infer_parallel(&self.network, &self.weights, packed, x))
    }
}

/// Inference over the current rayon pool: `x [count, time, channel]` to `[count, time, channel]` of the output shape.
///
/// # Errors
/// When `x` is not whole examples.
///
/// # Panics
/// When `weights` or `packed` do not have the network's length.
pub fn infer_parallel(
    network: &Network,
    weights: &[f32],
    packed: &[f32],
    x: &[f32],
) -> Result<Vec<f32>, NnError> {
    let count = network.count_examples(x)?;
    let mut out = vec![0.0; count * network.output().len()];
    // Few windows are shared out evenly: a window has the same bits in any company.
    let shard = count.div_ceil(rayon::current_num_threads()).clamp(1, SHARD);
    x.par_chunks(shard * network.input().len())
        .zip(out.par_chunks_mut(shard * network.output().len()))
        .for_each_init(
            || network.buffers(shard, false),
            |buffers, (x, out)| network.infer_shard(weights, packed, x, out, buffers),
        );
    Ok(out)
}
