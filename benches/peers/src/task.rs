//! The work of one case, through the public interface of `ambulo-nn`.

use crate::{Case, Kind};
use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Aligned, Buffers, Network, Random, Shape};
use anyhow::Result;
use std::hint::black_box;

/// Small enough that weights hardly move however long a case runs: all sides use this one.
const LEARNING_RATE: f64 = 1e-5;

/// A case that is ready to run.
pub(crate) struct Task {
    /// What the work reads: `[windows, time, channels]`, or `[time, channels]` for one window.
    x: Vec<f32>,
    work: Work,
}

// There is one value at a time: its size matters to nobody.
#[allow(clippy::large_enum_variant)]
enum Work {
    Train { engine: Engine, labels: Vec<u8>, batch: Vec<usize> },
    Infer { engine: Engine },
    Window { network: Network, weights: Vec<f32>, packed: Aligned, buffers: Buffers, out: Vec<f32> },
}

impl Task {
    pub(crate) fn new(case: &Case) -> Result<Self> {
        let network = Network::new(&case.architecture, Shape { time: case.time, channels: case.channels })?;
        let mut random = Random::new(1, 0);
        let windows = case.windows.max(case.batch);
        let x = (0..windows * network.input().len()).map(|_| random.normal()).collect();
        let engine = |network| {
            let options = EngineOptions {
                optimiser: AdamWConfig::default(),
                loss: CrossEntropy::new(case.classes, 0.0, &[])?,
                clip: None,
                seed: 1,
                threads: case.threads,
                batch: case.batch,
            };
            anyhow::Ok(Engine::new(network, options)?)
        };
        let work = match case.kind {
            Kind::Train => Work::Train {
                engine: engine(network)?,
                labels: (0..windows).map(|i| (i % case.classes) as u8).collect(),
                batch: (0..case.batch).collect(),
            },
            Kind::Infer => Work::Infer { engine: engine(network)? },
            Kind::Window => {
                let weights = network.initial_weights(1);
                let mut packed = Aligned::zeros(network.packed_len());
                network.pack(&weights, &mut packed);
                let buffers = network.buffers(1, false);
                let out = vec![0.0; network.output().len()];
                Work::Window { network, weights, packed, buffers, out }
            }
        };
        Ok(Self { x, work })
    }

    pub(crate) fn network(&self) -> &Network {
        match &self.work {
            Work::Train { engine, .. } | Work::Infer { engine } => engine.network(),
            Work::Window { network, .. } => network,
        }
    }

    /// One iteration.
    pub(crate) fn run(&mut self) -> Result<()> {
        match &mut self.work {
            Work::Train { engine, labels, batch } => {
                black_box(engine.step(Examples { x: &self.x, labels }, batch, LEARNING_RATE)?);
                let (shift, windows) = (batch.len(), labels.len());
                batch.iter_mut().for_each(|i| *i = (*i + shift) % windows);
            }
            Work::Infer { engine } => {
                black_box(engine.infer(&self.x)?);
            }
            Work::Window { network, weights, packed, buffers, out } => {
                network.infer_shard(weights, packed, black_box(&self.x), out, buffers);
                black_box(out);
            }
        }
        Ok(())
    }

    /// The weights before any training, the input, and the result for it.
    pub(crate) fn outputs(&self) -> Result<(Vec<f32>, &[f32], Vec<f32>)> {
        let network = self.network();
        let weights = network.initial_weights(1);
        let y = network.infer(&weights, &self.x)?;
        Ok((weights, &self.x, y))
    }
}
