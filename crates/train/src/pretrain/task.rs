//! What the network is asked, and how its answers are scored.

use crate::config::Config;
use crate::training::augment::{Augmenter, Scratch, time_warp};
use crate::{Augmentation, TrainError};
use ambulo_data::{DataError, LabelledWindows};
use ambulo_model::Objective;
use ambulo_nn::loss::{binary_tasks, masked_mean_squared, nt_xent};
use ambulo_nn::{Activation, Architecture, LayerSpec, Network, Random, Shape};
use ambulo_signal::Preprocessing;

/// Streams of what is asked lie above those of augmentation.
const STREAM: u64 = 1 << 63;
/// Pieces into which a window is cut for another order.
const PIECES: usize = 4;
/// Standard deviation of the logarithm of speed of a window whose time runs unevenly, and instants at which it is drawn.
const WARP: (f32, usize) = (0.4, 4);
/// Share of the time steps that is hidden, in spans.
const HIDDEN: f32 = 0.4;
/// Spans that make up that share.
const SPANS: usize = 3;
/// Temperature of the similarities.
const TEMPERATURE: f64 = 0.2;
/// Width of the layer before the last of a head, and of the projection that views are compared in.
const HEAD: (usize, usize) = (64, 32);

/// One objective on one network.
pub(crate) struct Task {
    pub(crate) objective: Objective,
    /// Layers of the model that are trained, from the first.
    pub(crate) layers: usize,
    pub(crate) architecture: Architecture,
    /// Shape of the input.
    input: Shape,
    /// Values of one output.
    output: usize,
    augmenter: Augmenter,
}

/// What a window gives goes here.
pub(crate) struct Asked<'a> {
    /// Inputs, as many as there are views of a window.
    pub(crate) x: &'a mut [f32],
    /// What the answer is held against, [`Task::truth_len`] values.
    pub(crate) truth: &'a mut [f32],
}

impl Task {
    pub(crate) fn new(objective: Objective, config: &Config, up: [f32; 3]) -> Result<Self, TrainError> {
        let (architecture, layers) = network_for(objective, config)?;
        let output = Network::new(&architecture, config.input())?.output().len();
        let augmenter = Augmenter::new(&augmentation(objective, config), up);
        Ok(Self { objective, layers, architecture, input: config.input(), output, augmenter })
    }

    /// The steps that every window goes through first.
    pub(crate) fn augmenter(&self) -> &Augmenter {
        &self.augmenter
    }

    /// Examples that one window gives.
    pub(crate) fn views(&self) -> usize {
        match self.objective {
            Objective::Discriminative | Objective::Masked => 1,
            Objective::Contrastive => 2,
        }
    }

    /// Values that the answers about one window are held against.
    pub(crate) fn truth_len(&self) -> usize {
        match self.objective {
            Objective::Discriminative => 2,
            Objective::Masked => self.output,
            Objective::Contrastive => 0,
        }
    }

    /// Makes inputs and truth of window `i`, drawn anew for each `draw`; `p` has statistics.
    pub(crate) fn ask(
        &self,
        windows: &LabelledWindows,
        i: usize,
        (seed, draw): (u64, u64),
        p: &Preprocessing,
        scratch: &mut Scratch,
        asked: &mut Asked<'_>,
    ) -> Result<(), DataError> {
        let mut random = Random::new(seed, STREAM | (draw << 32) | i as u64);
        let i = i % windows.len().max(1);
        let width = windows.series_of(i).layout().width();
        match self.objective {
            Objective::Discriminative => {
                self.augmenter.rows(windows, i, &mut random, scratch)?;
                let [permuted, warped] = [random.uniform() < 0.5, random.uniform() < 0.5];
                let Scratch { rows, warped: room } = scratch;
                if permuted {
                    permute(rows, width, room, &mut random);
                    std::mem::swap(rows, room);
                }
                if warped {
                    time_warp(rows, width, room, WARP.0, WARP.1, &mut random);
                    std::mem::swap(rows, room);
                }
                p.window_input(rows, asked.x);
                asked.truth.copy_from_slice(&[permuted, warped].map(|yes| f32::from(u8::from(yes))));
            }
            Objective::Masked => {
                self.augmenter.rows(windows, i, &mut random, scratch)?;
                p.window_input(&scratch.rows, asked.x);
                hide(asked, self.input, &mut random);
            }
            Objective::Contrastive => {
                for x in asked.x.chunks_exact_mut(self.input.len()) {
                    self.augmenter.rows(windows, i, &mut random, scratch)?;
                    p.window_input(&scratch.rows, x);
                }
            }
        }
        Ok(())
    }

    /// The loss of the outputs of some windows, which are overwritten with its gradient; `share` is the weight of one example in
    /// the batch.
    pub(crate) fn loss(&self, outputs: &mut [f32], truth: &[f32], share: f64) -> f64 {
        match self.objective {
            Objective::Discriminative => binary_tasks(outputs, truth, 2, share).0,
            Objective::Masked => masked_mean_squared(outputs, truth, self.output, share),
            Objective::Contrastive => {
                let views = (outputs.len() / self.output) as f64;
                nt_xent(outputs, self.output, TEMPERATURE, views * share)
            }
        }
    }
}

/// What windows go through: what does not change what was done.
fn augmentation(objective: Objective, config: &Config) -> Vec<Augmentation> {
    let shift = config.preprocessing.window / 4;
    let mut steps = vec![
        Augmentation::Shift { samples: shift.max(1) },
        Augmentation::Turn { degrees: 180.0, p: 1.0 },
        Augmentation::Rotate { degrees: 8.0, p: 1.0 },
        Augmentation::Scale { range: 0.2 },
    ];
    if objective == Objective::Contrastive {
        steps.push(Augmentation::Noise { acceleration_g: 0.005, angular_velocity_rad_s: 0.01 });
        steps.push(Augmentation::TimeWarp { sd: 0.2, knots: 4 });
    }
    steps
}

/// The layers of the model with a head for the objective in place of its own, and how many are the model's.
fn network_for(objective: Objective, config: &Config) -> Result<(Architecture, usize), TrainError> {
    let mut layers = config.architecture(1)?.layers;
    let is_pool = |l: &LayerSpec| matches!(l, LayerSpec::Pool { .. } | LayerSpec::AttentionPool { .. });
    let Some(pool) = layers.iter().position(is_pool).filter(|&at| at > 0) else {
        return Err(TrainError::Setting {
            setting: "network.stack",
            found: "without layers before a pooling over time".into(),
            expected: "some layers, then one that pools over time: that is what is learned without labels",
        });
    };
    match objective {
        Objective::Masked => {
            layers.truncate(pool);
            let body = Architecture { layers };
            let (input, steps) = (config.input(), Network::new(&body, config.input())?.output().time);
            // Each time step of the sequence answers for as many samples as it stands for.
            layers = body.layers;
            layers.push(LayerSpec::Linear { out: input.time.div_ceil(steps) * input.channels });
            Ok((Architecture { layers }, pool))
        }
        Objective::Discriminative | Objective::Contrastive => {
            layers.pop();
            if let Some(LayerSpec::Dropout { .. }) = layers.last() {
                layers.pop();
            }
            let own = layers.len();
            let out = if objective == Objective::Contrastive { HEAD.1 } else { 2 };
            layers.push(LayerSpec::Linear { out: HEAD.0 });
            layers.push(LayerSpec::Activation { kind: Activation::Relu });
            layers.push(LayerSpec::Linear { out });
            Ok((Architecture { layers }, own))
        }
    }
}

/// Puts pieces of random length into an order that is not theirs.
fn permute(rows: &[f32], width: usize, out: &mut Vec<f32>, random: &mut Random) {
    let time = rows.len() / width;
    let pieces = PIECES.min(time);
    let least = (time / (2 * pieces).max(1)).max(1);
    // What is left after each piece has its least is shared out at random.
    let free = time - pieces * least;
    let mut cuts: Vec<usize> = (1..pieces).map(|_| random.below(free as u32 + 1) as usize).collect();
    cuts.sort_unstable();
    let mut borders = vec![0];
    borders.extend(cuts.iter().enumerate().map(|(n, cut)| cut + (n + 1) * least));
    borders.push(time);
    let mut order: Vec<usize> = (0..pieces).collect();
    random.shuffle(&mut order);
    if order.is_sorted() && pieces > 1 {
        order.rotate_left(1);
    }
    out.clear();
    for &piece in &order {
        out.extend_from_slice(&rows[borders[piece] * width..borders[piece + 1] * width]);
    }
}

/// Sets spans of the input to the mean, zero, and asks for what was there; elsewhere the truth asks for nothing.
fn hide(asked: &mut Asked<'_>, input: Shape, random: &mut Random) {
    asked.truth.fill(f32::NAN);
    let span = ((HIDDEN * input.time as f32) as usize / SPANS).clamp(1, input.time);
    for _ in 0..SPANS {
        let start = random.below((input.time - span) as u32 + 1) as usize;
        let hidden = start * input.channels..(start + span) * input.channels;
        // Of spans that overlap the first has seen what was there.
        for at in hidden {
            if asked.truth[at].is_nan() {
                asked.truth[at] = asked.x[at];
                asked.x[at] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests;
