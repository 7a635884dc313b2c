//! From a recording to answers at even steps: what the network says of windows, brought together over time.
//!
//! A window's answer stands for the step in its middle. Steps at the two ends of a stretch without gaps, which are in the middle of
//! no window, have the answer of the nearest one.

mod grid;
mod looked_at;
mod placing;

use crate::predictor::Alike;
use crate::recording::Keep;
use crate::smoothing::{Smoother, smooth};
use crate::steps::{check_delay, lag_of};
use crate::{ModelError, Predictor, RawWindows};
use ambulo_record::timeline::{Flag, Steps};
use ambulo_signal::intake::{Declared, Report};
use ambulo_signal::levelling::{FirstPass, Worn, first_pass};
use ambulo_signal::{Sensor, SignalError, Source};
use placing::Placed;

use grid::Grid;
use looked_at::LookedAt;

/// How answers are brought together over time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Smoothing {
    /// Each window for itself.
    Off,
    /// As a stream answers: from what is known so many seconds after each step.
    Causal {
        /// Seconds from the middle of a step to its answer, 0 to 5.
        delay_s: f64,
    },
    /// From the whole recording.
    #[default]
    WholeFile,
}

/// What is asked of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelineOptions {
    /// How answers are brought together over time.
    pub smoothing: Smoothing,
    /// Whether the model's step holds for a recording of any length; otherwise whole files of more than [`LONG_S`] are answered half
    /// as often, in half of the time.
    pub every_step: bool,
}

/// Length in seconds of a recording from which on it is answered half as often, a day: on people to develop on that costs .0005 of
/// macro-F1 (docs/RESULTS.md).
pub const LONG_S: f64 = 86_400.0;

/// The answers for a whole recording.
#[derive(Clone, Debug)]
pub struct Answers {
    /// What was found about it.
    pub report: Report,
    /// How the device was worn, or why that could not be found.
    pub wearing: Result<Vec<Worn>, SignalError>,
    /// Answers step by step.
    pub steps: Steps,
    /// What has to be known about all of them.
    pub flags: Vec<Flag>,
}

/// What was found about a recording before it was classified.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Everything that one pass tells.
    pub first: FirstPass,
    /// Whether it is known which way was up.
    pub vertical: bool,
    /// Whether it has fewer samples a second than the model's windows.
    pub slower: bool,
}

/// What the network says at the steps of a recording, before smoothing.
#[derive(Debug, Default)]
struct Evidence {
    /// `[step, label]`, calibrated.
    probabilities: Vec<f32>,
    /// How much likelier what was seen is under `unknown` than under the labels, as a logarithm.
    unknown: Vec<f32>,
}

impl Predictor {
    /// The timeline of a recording. The source is read twice; memory grows by some 50 bytes a step.
    ///
    /// Which way is up is declared, or found for each period of wearing; where it cannot be found, the answers say no more than
    /// whether the wearer was still or moving ([`Flag::NoVertical`]). A recording with more samples a second than the model's is
    /// decimated, one with fewer is accepted down to the rate that the model states ([`Flag::LowRate`]).
    ///
    /// # Errors
    /// A source that fails, or a recording that does not fit the model, with the reason.
    pub fn timeline(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        options: &TimelineOptions,
    ) -> Result<Answers, ModelError> {
        if let Smoothing::Causal { delay_s } = options.smoothing {
            check_delay(delay_s)?;
        }
        let labels = &self.model().metadata().labels;
        let alike = Alike::of(labels);
        let mut grid: Option<Grid> = None;
        let mut evidence = Evidence::default();
        let p = &self.model().metadata().preprocessing;
        let step_of = |report: &Report| {
            let long = report.duration_s > LONG_S && options.smoothing == Smoothing::WholeFile;
            if long && !options.every_step {
                (2 * p.step).min(p.window.div_ceil(2)).max(p.step)
            } else {
                p.step
            }
        };
        let attention = self.model().network().attention_len();
        let mut looked_at = LookedAt::default();
        let looked = self.placed(source, declared, Keep::Answers, &step_of, &mut |raw, vertical, step| {
            let grid = grid.get_or_insert_with(|| Grid::new(p, step));
            self.evidence(&raw, vertical, &alike, &mut evidence);
            for (i, &start_ns) in raw.start_ns.iter().enumerate() {
                grid.push(start_ns);
                if attention > 0 {
                    looked_at.take(grid, &raw.attention[i * attention..][..attention]);
                }
            }
        })?;
        let grid = grid.unwrap_or_else(|| Grid::new(p, p.step));
        let Looked { first: FirstPass { report, wearing, .. }, vertical, slower } = looked;
        let mut flags = Vec::new();
        flags.extend((!vertical).then_some(Flag::NoVertical));
        flags.extend(slower.then_some(Flag::LowRate));
        let end_ns = report.sensor(Sensor::Accelerometer).map_or(0.0, |(_, found)| found.end_s) * 1e9;
        let mut steps = self.bring_together(&grid, &evidence, options.smoothing, end_ns as i64);
        steps.attention = looked_at.of(&steps.start_ns);
        // What is left over at the end fills no window: it has the weight of the step before, as it has its answer.
        if let (false, [.., before, last]) =
            (matches!(options.smoothing, Smoothing::Causal { .. }), &mut steps.attention[..])
            && last.is_nan()
        {
            *last = *before;
        }
        Ok(Answers { report, wearing, steps, flags })
    }

    /// What the network says of the windows of a recording that is turned and brought to the model's rate as for a timeline, group
    /// by group, with whether it is known which way was up.
    ///
    /// # Errors
    /// As [`timeline`](Self::timeline).
    pub fn each_placed(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(RawWindows, bool),
    ) -> Result<Looked, ModelError> {
        let step = self.model().metadata().preprocessing.step;
        self.each_placed_every((step, Keep::Everything), source, declared, sink)
    }

    /// As [`each_placed`](Self::each_placed), also with what the network was given.
    ///
    /// # Errors
    /// As [`timeline`](Self::timeline).
    pub fn each_placed_with_inputs(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(RawWindows, bool),
    ) -> Result<Looked, ModelError> {
        let step = self.model().metadata().preprocessing.step;
        self.each_placed_every((step, Keep::Inputs), source, declared, sink)
    }

    /// As [`each_placed`](Self::each_placed), with a window every `step` rows, of which so much is kept.
    pub(crate) fn each_placed_every(
        &self,
        (step, keep): (usize, Keep),
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(RawWindows, bool),
    ) -> Result<Looked, ModelError> {
        let step_of = |_: &Report| step;
        self.placed(source, declared, keep, &step_of, &mut |raw, vertical, _| sink(raw, vertical))
    }

    fn placed(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        keep: Keep,
        step_of: &dyn Fn(&Report) -> usize,
        sink: &mut dyn FnMut(RawWindows, bool, usize),
    ) -> Result<Looked, ModelError> {
        let metadata = self.model().metadata();
        let first = first_pass(source, declared).map_err(SignalError::from)?;
        let p = &metadata.preprocessing;
        let (intake, slower) = p.intake_from(&first.report, declared, metadata.lowest_hz())?;
        let Placed { turns, vertical } = self.place(&first, declared)?;
        let step = step_of(&first.report);
        self.turned(source, intake, &turns, (step, keep), &mut |raw| sink(raw, vertical, step))?;
        Ok(Looked { first, vertical, slower })
    }

    /// What the network says of windows, as evidence; without a vertical, labels that only it tells apart share what they have.
    fn evidence(&self, raw: &RawWindows, vertical: bool, alike: &Alike, out: &mut Evidence) {
        let labels = self.model().metadata().labels.len();
        let from = out.probabilities.len();
        out.probabilities.extend_from_slice(&raw.logits);
        let rows = out.probabilities[from..].chunks_exact_mut(labels).zip(&raw.unknown);
        let alike = (!vertical).then_some(alike);
        out.unknown.extend(rows.map(|(row, &unknown)| self.as_evidence(row, unknown, alike)));
    }

    /// Smoothed answers at the steps of the grid.
    fn bring_together(&self, grid: &Grid, evidence: &Evidence, smoothing: Smoothing, end_ns: i64) -> Steps {
        let labels = self.model().metadata().labels.len();
        let prior = self.prior();
        let p = &self.model().metadata().preprocessing;
        let step_s = grid.step_s();
        let mut steps = Steps { step_ns: grid.step_ns(), ..Steps::default() };
        let mut take = |start_ns: i64, row: &[f32]| {
            steps.start_ns.push(start_ns);
            steps.probabilities.extend_from_slice(&row[..labels]);
            steps.unknown.push(row[labels]);
        };
        match smoothing {
            Smoothing::Off => {
                for (i, row) in evidence.probabilities.chunks_exact(labels).enumerate() {
                    let row = crate::smoothing::alone(row, f64::from(evidence.unknown[i]));
                    grid.spread(i, end_ns, &mut |start_ns| take(start_ns, &row));
                }
            }
            Smoothing::WholeFile => {
                let rows = smooth(&prior, step_s, grid.numbers(), &evidence.probabilities, &evidence.unknown);
                for (i, row) in rows.chunks_exact(labels + 1).enumerate() {
                    grid.spread(i, end_ns, &mut |start_ns| take(start_ns, row));
                }
            }
            Smoothing::Causal { delay_s } => {
                let mut smoother = Smoother::new(&prior.after(delay_s), step_s, lag_of(delay_s, p, p.step));
                let rows = evidence.probabilities.chunks_exact(labels).zip(&evidence.unknown);
                for (&number, (row, &unknown)) in grid.numbers().iter().zip(rows) {
                    for (answered, row) in smoother.push(number, row, f64::from(unknown)) {
                        take(grid.start_of(answered), &row);
                    }
                }
                for (answered, row) in smoother.finish() {
                    take(grid.start_of(answered), &row);
                }
            }
        }
        steps
    }
}
