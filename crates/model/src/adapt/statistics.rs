//! A person's own statistics, from recordings without labels.
//!
//! A network's batch normalisation subtracts from each feature the mean, and divides by the deviation, that it had in training; those of a
//! person who wears a device differ. They are had from recordings of which nobody said what was done in them (`AdaBN`, Li et al. 2016), a
//! share of them, and from as many windows of each activity as the model answers: statistics of an hour of sitting are those of sitting,
//! not of a person, and mixed in they do harm (docs/PERSONAL.md).

use super::collect::{Collected, doubts};
use super::{AdaptError, Adapted, MOSTLY, Unlabelled};
use crate::{Model, ModelError, Predictor};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::Adaptation;
use ambulo_signal::Source;
use ambulo_signal::intake::Declared;

/// Share of a person's own statistics. Of .1, .2, .3 and .5 the largest with which nobody of the 21 people of HAPT to develop on lost more
/// than a point, whether recordings held everything they did, only what is still, or only what moves.
pub const STATISTICS_SHARE: f64 = 0.2;
/// Windows of an activity that are kept, at most.
const MOST: usize = 100;
/// An activity of fewer windows does not count: with 20, recordings of a minute did harm.
const LEAST: usize = 40;
/// Fewer activities than so many tell of activities, not of a person.
const ACTIVITIES: usize = 3;

/// Windows of recordings without labels, spread over the activities that a model answers; memory does not grow with length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnlabelledInputs {
    /// By label.
    kept: Vec<Kept>,
    /// Windows that were left out, likelier none of the labels than any.
    strange: usize,
}

/// Windows of one answer, evenly spread.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    seen: usize,
    /// Every so many-th is kept, in powers of 2.
    every: usize,
    /// `[window, time, channel]`.
    inputs: Vec<Vec<f32>>,
}

impl Kept {
    fn take(&mut self, input: &[f32]) {
        self.every = self.every.max(1);
        if self.seen.is_multiple_of(self.every) {
            self.inputs.push(input.to_vec());
        }
        self.seen += 1;
        if self.inputs.len() >= 2 * MOST {
            let mut number = 0;
            self.inputs.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.every *= 2;
        }
    }

    /// So many of them, evenly spread.
    fn spread(&self, count: usize) -> impl Iterator<Item = &[f32]> {
        let have = self.inputs.len();
        (0..count.min(have)).map(move |i| &self.inputs[i * have / count.min(have)][..])
    }
}

impl UnlabelledInputs {
    /// Adds a window: what a model's last layer says of it, how much likelier it is under `unknown` than under the labels, as a logarithm, and
    /// what the network was given, `[time, channel]`. One that is likelier unknown tells nothing of what the model knows and is only
    /// counted.
    pub fn push(&mut self, logits: &[f32], unknown: f32, input: &[f32]) {
        if unknown > 0.0 {
            self.strange += 1;
        } else {
            self.keep(ambulo_nn::argmax(logits), input);
        }
    }

    /// Keeps a window that a model answers with a label of this number.
    fn keep(&mut self, label: usize, input: &[f32]) {
        if self.kept.len() <= label {
            self.kept.resize(label + 1, Kept::default());
        }
        self.kept[label].take(input);
    }

    /// Windows that were seen.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.strange + self.kept.iter().map(|kept| kept.seen).sum::<usize>()
    }

    /// Labels of which there is enough.
    fn enough(&self) -> impl Iterator<Item = (usize, &Kept)> {
        self.kept.iter().enumerate().filter(|(_, kept)| kept.inputs.len() >= LEAST)
    }

    /// How many windows of each of these are taken: as many of one as of another.
    fn of_each(&self) -> usize {
        self.enough().map(|(_, kept)| kept.inputs.len()).min().unwrap_or(0).min(MOST)
    }
}

impl Predictor {
    /// Adds the windows of a recording of which nobody said what was done in it, but for those that are likelier
    /// [unknown](crate::novelty::Novelty) than any of the labels. A recording in which it is not known which way was up, where that matters to the
    /// model, is refused.
    ///
    /// # Errors
    /// A source that fails, or a recording that does not fit the model or tells no vertical. Nothing is added then.
    pub fn collect_unlabelled_inputs(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        windows: &mut UnlabelledInputs,
    ) -> Result<Collected, AdaptError> {
        let (labels, input) = (self.model().metadata().labels.len(), self.model().network().input().len());
        let mut own = windows.clone();
        let looked = self.each_placed_with_inputs(source, declared, &mut |raw, _| {
            let rows = raw.logits.chunks_exact(labels).zip(raw.inputs.chunks_exact(input));
            for ((logits, input), unknown) in rows.zip(&raw.unknown) {
                own.push(logits, *unknown, input);
            }
        })?;
        if !looked.vertical {
            return Err(AdaptError::NoVertical);
        }
        let added = own.seen() - windows.seen();
        *windows = own;
        Ok(Collected {
            vertical: true,
            windows: added,
            findings: doubts(looked.first.report.findings),
            without_window: Vec::new(),
        })
    }
}

/// A model with a share of the statistics of these windows mixed into those of its normalisation; all else is as it was.
///
/// # Errors
/// As [`adapt_statistics`].
pub fn mix_statistics(model: &Model, windows: &UnlabelledInputs, share: f64) -> Result<Model, AdaptError> {
    if !(share > 0.0 && share <= 1.0) {
        return Err(AdaptError::Tuning { what: "a share", found: share });
    }
    let (metadata, network) = (model.metadata(), model.network());
    let is_statistic = |p: &ambulo_nn::Parameter| matches!(p.role, ambulo_nn::Role::Statistic { .. });
    if !network.parameters().iter().any(is_statistic) {
        return Err(AdaptError::NoStatistics);
    }
    if windows.kept.len() > metadata.labels.len() {
        return Err(AdaptError::OtherModel);
    }
    let (seen, strange) = (windows.seen(), windows.strange);
    if strange as f64 > MOSTLY * seen as f64 {
        return Err(AdaptError::NothingKnown { windows: seen, strange, lost: 0 });
    }
    let found = windows.enough().count();
    if found < ACTIVITIES {
        return Err(AdaptError::TooUniform { found, needed: ACTIVITIES, windows: LEAST });
    }
    let mut x = vec![];
    for input in windows.enough().flat_map(|(_, kept)| kept.spread(windows.of_each())) {
        if input.len() != network.input().len() {
            return Err(AdaptError::OtherModel);
        }
        x.extend_from_slice(input);
    }
    if !x.iter().all(|v| v.is_finite()) {
        return Err(AdaptError::NotFinite);
    }
    let weights = network.mix_statistics(model.weights(), &x, share).map_err(ModelError::from)?;
    Ok(Model::new(metadata.clone(), weights)?)
}

/// A personal model of which the running statistics of normalisation alone were moved, by a [share](STATISTICS_SHARE) of those of
/// unlabelled windows. `base` says in the result which file was adapted; `look` gives the recordings as a predictor sees them
/// ([`Predictor::collect_unlabelled`]) and is asked before and after, for what became of the answers.
///
/// # Errors
/// Windows of too few activities to tell a person by, or nearly all strange to the model, a network without batch normalisation, a share
/// that is none, and what `look` says.
pub fn adapt_statistics(
    model: &Model,
    windows: &UnlabelledInputs,
    share: f64,
    base: &str,
    look: &mut dyn FnMut(&Predictor) -> Result<Unlabelled, AdaptError>,
) -> Result<Adapted, AdaptError> {
    let own = Arc::new(mix_statistics(model, windows, share)?);
    let mut seen = |predictor: Predictor| -> Result<_, AdaptError> {
        let rest = look(&predictor)?;
        rest.check(model.network().embedding().len())?;
        let answers = rest.answers(predictor.model())?;
        Ok((rest, answers))
    };
    let (rest, before) =
        seen(Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec())?))?;
    let (again, after) = seen(Predictor::new(Arc::clone(&own)))?;
    if rest.len() != again.len() {
        return Err(AdaptError::OtherModel);
    }
    let used: Vec<usize> = windows.enough().map(|(label, _)| label).collect();
    let chosen: Vec<_> =
        used.iter().flat_map(|&label| core::iter::repeat_n((0, label, 0.0), windows.of_each())).collect();
    let names: Vec<&str> = model.metadata().labels.names().collect();
    let mut told = rest.tell(&chosen, &names, [&before, &before, &after]);
    told.left_out = windows.strange;
    let adaptation = Adaptation {
        method: "statistics".into(),
        base: base.into(),
        share: Some(share),
        unlabelled: Some(told),
        ..Adaptation::default()
    };
    let mut metadata = own.metadata().clone();
    metadata.adaptations.push(adaptation.clone());
    Ok(Adapted { model: Model::new(metadata, own.weights().to_vec())?, adaptation })
}

#[cfg(test)]
mod tests;
