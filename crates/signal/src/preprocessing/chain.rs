//! From a sensor's samples to inertial signals: the one definition of the filters, for streams and whole recordings.

use super::Preprocessing;
use crate::filter::{Lanes, Phase, Stage, TriadFilter, TriadMedian, lanes};
use crate::{InertialSignals, Layout, Sensor, SignalError};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The filters of one preprocessing with their state; causal filters begin as if the first sample had always been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FilterChain {
    layout: Layout,
    phase: Phase,
    /// The noise filters of each sensor, in the layout's order.
    noise: Vec<Option<NoiseStages>>,
    gravity: TriadFilter,
    /// Samples of one sensor on their way, and their gravity; empty at the beginning of a segment.
    #[serde(skip)]
    work: [Vec<Lanes>; 2],
}

/// Median and low-pass of one sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NoiseStages {
    median: TriadMedian,
    low_pass: TriadFilter,
}

fn apply(stage: &mut impl Stage, phase: Phase, x: &mut [Lanes]) {
    match phase {
        Phase::Causal => stage.causal(x),
        Phase::Zero => stage.zero_phase(x),
    }
}

impl FilterChain {
    pub(crate) fn new(p: &Preprocessing) -> Result<Self, SignalError> {
        let layout = p.layout();
        let noise = match &p.noise {
            None => None,
            Some(noise) => Some(NoiseStages {
                median: TriadMedian::new(noise.median_width)?,
                low_pass: TriadFilter::new(&noise.design(p.rate_hz)?),
            }),
        };
        Ok(Self {
            layout,
            phase: p.phase,
            noise: layout.sensors().iter().map(|_| noise.clone()).collect(),
            gravity: TriadFilter::new(&p.gravity.design(p.rate_hz)?),
            work: Default::default(),
        })
    }

    /// Filters frames `[time, 3 · sensors]` at the rate of the preprocessing, in g and rad/s, and adds the rows of inertial
    /// signals to `out`. Causal filters go on from the frames before; with zero phase the frames are a whole signal.
    pub(crate) fn run(&mut self, frames: &[f32], out: &mut InertialSignals) {
        let sensors = self.layout.sensors();
        let triples = frames.as_chunks::<3>().0;
        let count = triples.len() / sensors.len();
        let width = self.layout.width();
        let rows = out.grow(count);
        let mut set = |offset: usize, x: &[Lanes]| {
            for (row, v) in rows.chunks_exact_mut(width).zip(x) {
                for axis in 0..3 {
                    row[offset + axis] = v[axis] as f32;
                }
            }
        };
        let [x, gravity] = &mut self.work;
        for (number, (&sensor, noise)) in sensors.iter().zip(&mut self.noise).enumerate() {
            x.clear();
            x.extend(triples.iter().skip(number).step_by(sensors.len()).take(count).map(|v| lanes(*v)));
            if let Some(NoiseStages { median, low_pass }) = noise {
                apply(median, self.phase, x);
                apply(low_pass, self.phase, x);
            }
            if sensor == Sensor::Accelerometer {
                set(0, x);
                gravity.clone_from(x);
                apply(&mut self.gravity, self.phase, gravity);
                for (x, g) in x.iter_mut().zip(gravity.iter()) {
                    *x = core::array::from_fn(|i| x[i] - g[i]);
                }
                set(3, x);
            } else {
                set(6, x);
            }
        }
    }

    pub(crate) fn reset(&mut self) {
        for NoiseStages { median, low_pass } in self.noise.iter_mut().flatten() {
            median.reset();
            low_pass.reset();
        }
        self.gravity.reset();
        self.work.iter_mut().for_each(Vec::clear);
    }

    /// Whether another has the same filters, and a saved state is sound.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let medians = |chain: &Self| chain.noise.iter().flatten().all(|noise| noise.median.is_sound());
        let beginning = |chain: &Self| {
            let mut chain = chain.clone();
            chain.reset();
            chain
        };
        medians(self) && beginning(self) == beginning(other)
    }

    /// Samples on either side beyond which a frame has no influence any more.
    pub(crate) fn memory(&self) -> usize {
        let noise = self.noise.iter().flatten().map(|n| n.median.memory() + n.low_pass.memory()).max();
        noise.unwrap_or(0) + self.gravity.memory()
    }
}
