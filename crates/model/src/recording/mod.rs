//! Answers for whole recordings of any length, in bounded memory.

mod pipeline;
mod windows;

use crate::movement::{MOVEMENT, movement};
use crate::{ModelError, Prediction, Predictor};
use ambulo_nn::{Buffers, SHARD};
use ambulo_signal::intake::{Declared, Intake, Report, survey};
use ambulo_signal::levelling::Stretches;
use ambulo_signal::{Level, Recording, Rotation, Source};
use pipeline::{Event, each_group};
use rayon::prelude::*;
use windows::Windows;

pub(crate) use windows::Turn;

/// What a network says of windows before anything is calibrated or smoothed: columns in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawWindows {
    /// Time of each window's first row, in nanoseconds from the recording's zero.
    pub start_ns: Vec<i64>,
    /// `[window, label]`.
    pub logits: Vec<f32>,
    /// How much likelier each window is under `unknown` than under the labels, as a logarithm.
    pub unknown: Vec<f32>,
    /// What the last layer was given, `[window, ..]` of [`ambulo_nn::Network::embedding`]; empty where nobody asked for it.
    pub embeddings: Vec<f32>,
    /// [`movement`](crate::movement) of each window, `[window, MOVEMENT]`; likewise.
    pub movement: Vec<f32>,
    /// Where the network looked, `[window, ..]` of [`ambulo_nn::Network::attention`]; empty for networks without attention.
    pub attention: Vec<f32>,
    /// What the network was given, `[window, time, channel]`; empty where nobody asked for it.
    pub inputs: Vec<f32>,
}

/// What is kept of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What a timeline needs.
    Answers,
    /// Also how the network and its movement describe each.
    Everything,
    /// Also what the network was given.
    Inputs,
}

impl Predictor {
    /// The windows of a whole recording in order of time, with what was found about it. Empty if no stretch without gaps is as
    /// long as a window.
    ///
    /// # Errors
    /// A source that fails, or a recording that does not fit the model, with the reason.
    pub fn recording(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
    ) -> Result<(Vec<Prediction>, Report), ModelError> {
        let mut all = Vec::new();
        let report = self.each_window(source, declared, &mut |prediction| all.push(prediction))?;
        Ok((all, report))
    }

    /// The same for a recording in memory of which nothing has to be declared.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    pub fn recording_in_memory(&self, recording: &Recording) -> Result<Vec<Prediction>, ModelError> {
        Ok(self.recording(&mut recording.source(), &Declared::default())?.0)
    }

    /// Hands every window's answer to `sink`, in order of time; memory does not grow with the recording's length, but for the
    /// summaries that levelling needs, 20 MB a week. The source
    /// is read twice, and a third time if the model levels recordings and no vertical is declared. Runs on the current rayon pool;
    /// the bits do not depend on its size.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    pub fn each_window(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(Prediction),
    ) -> Result<Report, ModelError> {
        let length_ns = self.window_ns();
        let labels = self.model().metadata().labels.len();
        self.each_raw(source, declared, &mut |mut raw| {
            self.calibrate(&mut raw.logits);
            for (&start_ns, row) in raw.start_ns.iter().zip(raw.logits.chunks_exact(labels)) {
                sink(Prediction::new(start_ns, length_ns, row));
            }
        })
    }

    /// As [`each_window`](Self::each_window), but what the network says before calibration, group by group.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    pub fn each_raw(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(RawWindows),
    ) -> Result<Report, ModelError> {
        let p = &self.model().metadata().preprocessing;
        let report = survey(source, declared).map_err(ambulo_signal::SignalError::from)?;
        let intake = p.intake(&report, declared)?;
        let turns = match declared.up {
            Some(_) => self.declared_turns(declared)?,
            None => self.found_turns(source, intake.clone())?,
        };
        self.turned(source, intake, &turns, (p.step, Keep::Everything), sink)?;
        Ok(report)
    }

    /// The windows of a recording that is rotated so.
    pub(crate) fn turned(
        &self,
        source: &mut dyn Source,
        intake: Intake,
        turns: &[Turn],
        (step, keep): (usize, Keep),
        sink: &mut dyn FnMut(RawWindows),
    ) -> Result<(), ModelError> {
        let p = &self.model().metadata().preprocessing;
        let mut windows = Windows::new(p, turns, step);
        let mut classify = |events: Vec<Event>| {
            events.into_iter().for_each(|event| windows.take(event));
            self.answer(&mut windows, keep)
        };
        each_group(p, intake, source, &mut classify, sink)
    }

    /// The rotation of a whole recording whose vertical is declared; none where nothing is.
    pub(crate) fn declared_turns(&self, declared: &Declared) -> Result<Vec<Turn>, ModelError> {
        let rotation = self.declared_rotation(declared)?;
        Ok(rotation.into_iter().map(|rotation| Turn { start_ns: i64::MIN, rotation }).collect())
    }

    /// The rotations that a model which levels recordings finds in one; the source is read once.
    fn found_turns(&self, source: &mut dyn Source, intake: Intake) -> Result<Vec<Turn>, ModelError> {
        let p = &self.model().metadata().preprocessing;
        if p.level == Level::AsWorn {
            return Ok(Vec::new());
        }
        let mut stretches = Stretches::new(p.rate_hz, p.layout());
        let mut starts = Vec::new();
        let mut summarise = |events: Vec<Event>| {
            for event in events {
                match event {
                    Event::Begin(start_ns) => starts.push(start_ns),
                    Event::Rows(rows) => stretches.push(rows.values()),
                    Event::End => stretches.end_segment(),
                }
            }
        };
        each_group(p, intake, source, &mut summarise, &mut |()| {})?;
        let turn = |(period, rotation): (ambulo_signal::levelling::WearingPeriod, Rotation)| Turn {
            start_ns: starts
                .get(period.segment)
                .map_or(0, |&start_ns: &i64| start_ns.saturating_add(p.nanoseconds(period.row))),
            rotation,
        };
        Ok(p.wearing(&stretches)?.into_iter().map(turn).collect())
    }

    /// What the network says of the windows that are complete.
    fn answer(&self, windows: &mut Windows<'_>, keep: Keep) -> RawWindows {
        let network = self.model().network();
        let output = network.output().len();
        let embedding = network.embedding().len();
        let (p, rows) = (windows.preprocessing, &windows.rows);
        let values = p.window * p.layout().width();
        let up = self.model().up().unwrap_or_default();
        let of_shard = |(buffers, x): &mut (Buffers, Vec<f32>), starts: &[(i64, usize)]| {
            let count = starts.len();
            let x = &mut x[..count * network.input().len()];
            let mut raw = RawWindows {
                start_ns: starts.iter().map(|&(start_ns, _)| start_ns).collect(),
                logits: vec![0.0; count * output],
                unknown: Vec::with_capacity(count),
                embeddings: vec![0.0; count * embedding],
                movement: Vec::with_capacity(count * MOVEMENT),
                attention: vec![0.0; count * network.attention_len()],
                inputs: Vec::new(),
            };
            for (&(_, offset), x) in starts.iter().zip(x.chunks_exact_mut(network.input().len())) {
                let window = &rows[offset..offset + values];
                p.window_input(window, x);
                raw.movement.extend(movement(window, p.layout(), up));
            }
            self.infer(x, &mut raw.logits, buffers);
            network.embeddings(count, buffers, &mut raw.embeddings);
            network.attention(count, buffers, &mut raw.attention);
            let described = raw.embeddings.chunks_exact(embedding).zip(raw.movement.chunks_exact(MOVEMENT));
            let described = described.zip(raw.logits.chunks_exact(output));
            raw.unknown.extend(described.map(|((e, m), logits)| self.unknown_log_ratio(e, m, logits)));
            if keep == Keep::Answers {
                (raw.embeddings, raw.movement) = (Vec::new(), Vec::new());
            }
            if keep == Keep::Inputs {
                raw.inputs.extend_from_slice(x);
            }
            raw
        };
        let begin = || (network.buffers(SHARD, false), vec![0.0f32; SHARD * network.input().len()]);
        let shards: Vec<RawWindows> = windows.complete.par_chunks(SHARD).map_init(begin, of_shard).collect();
        let mut all = RawWindows::default();
        for shard in shards {
            all.start_ns.extend(shard.start_ns);
            all.logits.extend(shard.logits);
            all.unknown.extend(shard.unknown);
            all.embeddings.extend(shard.embeddings);
            all.movement.extend(shard.movement);
            all.attention.extend(shard.attention);
            all.inputs.extend(shard.inputs);
        }
        windows.complete.clear();
        windows.forget();
        all
    }
}
