//! The other way to a personal model: more than the last layer moves.
//!
//! Scale and shift of a network's normalisation are a few hundred numbers that say how much of each feature there is; they move by
//! gradient, towards what makes the labels of a person's own windows more probable, held near where they were. The closed form then
//! finds the last layer on what the network makes of the windows now. Everything else keeps its bits, running statistics too.
//!
//! The order is first the closed form, so that the normalisation is told nothing that the last layer can say by itself and new activities
//! have a row; then the normalisation below that layer; then the closed form again, from the layer that the model had.

mod inputs;
mod tune;

use super::space::{Space, last_layer};
use super::{AdaptError, Adapted, Examples, Plan, activities, answers, assemble, fit, held_out, prepared};
use crate::{Model, Predictor};
use alloc::vec::Vec;
use ambulo_record::{Adaptation, Tuning};
use rayon::prelude::*;

pub use inputs::InputExamples;
use tune::{Lesson, tune};

/// Chosen on the 21 people of HAPT to develop on (docs/PERSONAL.md).
pub const TUNING: Tuning = Tuning { steps: 40, rate: 0.003, strength: 300.0 };
/// Descents for what is held out, at most: each is as long as that of the model itself.
const MOST_TURNS: usize = 30;

/// A personal model of which normalisation and last layer were moved, from examples that this model has looked at. `base` says in the
/// result which file was adapted. Runs on the current rayon pool; the bits do not depend on its size.
///
/// # Errors
/// Examples from which nothing can be learned, a network without normalisation, or settings that are none, with the reason.
pub fn adapt_network(
    model: &Model,
    examples: &InputExamples,
    shrinkage: f64,
    tuning: &Tuning,
    base: &str,
) -> Result<Adapted, AdaptError> {
    tune::check(model, tuning)?;
    let (own, plan) = prepared(model, &examples.examples, shrinkage)?;
    examples.check(model)?;
    let way = Way { model, examples: &own, inputs: &examples.inputs, plan: &plan, shrinkage, tuning };
    let turns = held_out::in_folds(held_out::turns(&own), MOST_TURNS);
    // Collected in the order of the turns, whichever is done first.
    let said: Vec<Vec<f64>> =
        turns.par_iter().map(|turn| way.answers(&turn.kept, &turn.asked)).collect::<Result<_, _>>()?;
    let mut held_out = held_out::Count::new(&own, &plan);
    for (turn, said) in turns.iter().zip(&said) {
        held_out.take(&turn.asked, said);
    }
    let adaptation = Adaptation {
        method: "network".into(),
        base: base.into(),
        shrinkage,
        tuning: Some(*tuning),
        share: None,
        activities: activities(&own, &plan, &held_out.of_activities),
        unlabelled: None,
    };
    let model = way.model(Some(&adaptation))?;
    Ok(Adapted { model, adaptation })
}

/// The model that [`adapt_network`] gives, for many adaptations one after the other: nothing is held out, which is most of the work, and
/// nothing recorded in the model.
///
/// # Errors
/// As [`adapt_network`].
pub fn move_network(
    model: &Model,
    examples: &InputExamples,
    shrinkage: f64,
    tuning: &Tuning,
) -> Result<Model, AdaptError> {
    tune::check(model, tuning)?;
    let (own, plan) = prepared(model, &examples.examples, shrinkage)?;
    examples.check(model)?;
    Way { model, examples: &own, inputs: &examples.inputs, plan: &plan, shrinkage, tuning }.model(None)
}

/// What does not change from turn to turn.
struct Way<'a> {
    model: &'a Model,
    examples: &'a Examples,
    inputs: &'a [f32],
    plan: &'a Plan,
    shrinkage: f64,
    tuning: &'a Tuning,
}

impl Way<'_> {
    /// The model adapted to all windows.
    fn model(&self, adaptation: Option<&Adaptation>) -> Result<Model, AdaptError> {
        let all: Vec<usize> = (0..self.examples.windows.len()).collect();
        let (moved, seen) = self.moved(&all)?;
        let space = Space::of(&moved, &seen);
        let added = fit(&moved, &seen, self.plan, &space, &all, self.shrinkage)?;
        assemble(&moved, &seen, self.plan, &space, &added, adaptation)
    }

    /// What a model adapted to windows says of others.
    fn answers(&self, kept: &[usize], asked: &[usize]) -> Result<Vec<f64>, AdaptError> {
        let (moved, seen) = self.moved(kept)?;
        let space = Space::of(&moved, &seen);
        let added = fit(&moved, &seen, self.plan, &space, kept, self.shrinkage)?;
        Ok(answers(&seen, self.plan, &space, &added, asked))
    }

    /// The model with its own last layer above the normalisation that those windows move, and all examples as it sees them.
    fn moved(&self, windows: &[usize]) -> Result<(Model, Examples), AdaptError> {
        let (model, examples, plan) = (self.model, self.examples, self.plan);
        let space = Space::of(model, examples);
        let added = fit(model, examples, plan, &space, windows, self.shrinkage)?;
        let first = assemble(model, examples, plan, &space, &added, None)?;
        let lesson = Lesson {
            inputs: self.inputs,
            windows,
            targets: examples.windows.iter().map(|window| &plan.targets[window.activity]).collect(),
            weights: examples.windows.iter().map(|window| window.weight).collect(),
        };
        let weights = tune(&first, &lesson, self.tuning)?;
        let moved = below(model, &first, &weights)?;
        seen_by(examples, self.inputs, moved)
    }
}

/// A model with the weights of another below its own last layer.
fn below(model: &Model, other: &Model, weights: &[f32]) -> Result<Model, AdaptError> {
    let (mut all, last) = (model.weights().to_vec(), last_layer(model));
    for (own, other) in model.network().parameters().into_iter().zip(other.network().parameters()) {
        if !own.name.starts_with(&*last) {
            all[own.range].copy_from_slice(&weights[other.range]);
        }
    }
    Ok(Model::new(model.metadata().clone(), all)?)
}

/// The same windows as another model with the same input sees them.
fn seen_by(examples: &Examples, inputs: &[f32], model: Model) -> Result<(Model, Examples), AdaptError> {
    let mut seen = examples.clone();
    let model = alloc::sync::Arc::new(model);
    let predictor = Predictor::new(alloc::sync::Arc::clone(&model));
    let (logits, embeddings) = predictor.logits_and_embeddings(inputs)?;
    drop(predictor);
    let (labels, width) = (model.metadata().labels.len(), model.network().embedding().len());
    let rows = logits.chunks_exact(labels).zip(embeddings.chunks_exact(width));
    for (window, (logits, embedding)) in seen.windows.iter_mut().zip(rows) {
        window.logits.copy_from_slice(logits);
        window.embedding.copy_from_slice(embedding);
    }
    let finite = seen.windows.iter().all(|w| w.logits.iter().chain(&w.embedding).all(|v| v.is_finite()));
    if !finite {
        return Err(AdaptError::NotFinite);
    }
    alloc::sync::Arc::into_inner(model).map(|model| (model, seen)).ok_or(AdaptError::OtherModel)
}

#[cfg(test)]
mod tests;
