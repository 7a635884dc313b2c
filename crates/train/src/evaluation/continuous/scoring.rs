//! One model on one recording, and sums over all of them.

use super::sources::{Timed, Turned};
use super::{ContinuousOptions, Trial};
use crate::TrainError;
use crate::metrics::MetricsError;
use crate::metrics::continuous::{Answers, SeedTally, Tally, Truth, continuous_variant};
use ambulo_data::LabelInterval;
use ambulo_model::{ModelError, Predictor};
use ambulo_record::continuous::{CONTINUOUS_FORMAT, ContinuousMetrics, ContinuousVariant};
use ambulo_record::{LabelSet, PersonId, Target};
use ambulo_signal::{SignalError, Source};
use std::collections::BTreeMap;

/// One model on one recording.
pub(super) struct One<'a> {
    pub(super) labels: &'a LabelSet,
    pub(super) model: &'a Predictor,
    pub(super) options: &'a ContinuousOptions<'a>,
}

/// What came of it: sums by trial, and the truth.
pub(super) struct Scored {
    tallies: Vec<Tally>,
    truth: Truth,
}

impl One<'_> {
    pub(super) fn score(
        &self,
        source: &mut dyn Source,
        labels: &[LabelInterval],
    ) -> Result<Scored, TrainError> {
        let trials = self.options.trials();
        let mut tallies = Vec::with_capacity(trials.len());
        let mut truth = Truth::default();
        for (number, trial) in trials.into_iter().enumerate() {
            let rewound = if number == 0 { Ok(()) } else { source.rewind() };
            rewound.map_err(|e| ModelError::from(SignalError::from(e)))?;
            let mut timed = Timed::new(&mut *source);
            let answers = if trial.turned {
                (self.options.answering)(self.model, &mut Turned::at_random(&mut timed), trial.way)?
            } else {
                (self.options.answering)(self.model, &mut timed, trial.way)?
            };
            if number == 0 {
                truth = Truth::new(self.labels, labels, timed.extent());
            }
            let mut tally = Tally::new(self.labels.len())?;
            let answers = Answers { steps: &answers.steps, segments: answers.segments.as_deref() };
            tally.add(self.labels, &truth, answers)?;
            tallies.push(tally);
        }
        Ok(Scored { tallies, truth })
    }
}

/// Sums over all recordings.
pub(super) struct All {
    /// By trial and seed.
    runs: Vec<(Trial, Vec<SeedTally>)>,
    scored_ns: u64,
    coarse_ns: u64,
    not_scored_ns: BTreeMap<String, u64>,
}

impl All {
    pub(super) fn new(seeds: &[u64], labels: &LabelSet, trials: Vec<Trial>) -> Result<Self, TrainError> {
        Tally::new(labels.len())?;
        let nobody: Vec<SeedTally> =
            seeds.iter().map(|&seed| SeedTally { seed, people: BTreeMap::new() }).collect();
        Ok(Self {
            runs: trials.into_iter().map(|trial| (trial, nobody.clone())).collect(),
            scored_ns: 0,
            coarse_ns: 0,
            not_scored_ns: BTreeMap::new(),
        })
    }

    pub(super) fn add(&mut self, model: usize, person: &PersonId, scored: Scored) -> Result<(), TrainError> {
        for ((_, seeds), tally) in self.runs.iter_mut().zip(scored.tallies) {
            match seeds[model].people.get_mut(person) {
                Some(own) => own.merge(&tally)?,
                None => {
                    seeds[model].people.insert(person.clone(), tally);
                }
            }
        }
        // The truth is the same for all models.
        if model == 0 {
            for stretch in &scored.truth.stretches {
                match stretch.target {
                    Target::Class(_) => self.scored_ns += stretch.time.length_ns(),
                    Target::Group(_) => self.coarse_ns += stretch.time.length_ns(),
                }
            }
            for (label, ns) in scored.truth.not_scored_ns {
                *self.not_scored_ns.entry(label).or_default() += ns;
            }
        }
        Ok(())
    }

    pub(super) fn metrics(
        &self,
        labels: &LabelSet,
        recordings: usize,
    ) -> Result<ContinuousMetrics, MetricsError> {
        let variants = self.runs.iter().map(|(trial, seeds)| {
            let variant = continuous_variant(labels, trial.way.name(), trial.way.delay_s(), seeds)?;
            Ok(ContinuousVariant { turned: trial.turned, ..variant })
        });
        let seconds = |ns: u64| ns as f64 / 1e9;
        Ok(ContinuousMetrics {
            format: CONTINUOUS_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").to_owned(),
            seeds: self
                .runs
                .first()
                .map(|(_, seeds)| seeds.iter().map(|s| s.seed).collect())
                .unwrap_or_default(),
            labels: labels.names().map(str::to_owned).collect(),
            recordings,
            scored_s: seconds(self.scored_ns),
            coarse_s: seconds(self.coarse_ns),
            not_scored_s: self.not_scored_ns.iter().map(|(l, &ns)| (l.clone(), seconds(ns))).collect(),
            variants: variants.collect::<Result<_, _>>()?,
            ..ContinuousMetrics::default()
        })
    }
}
