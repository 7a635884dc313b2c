//! Normalisation moved by gradient.

use crate::adapt::AdaptError;
use crate::adapt::head::softmax;
use crate::{Model, ModelError};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Pace};
use ambulo_nn::{LayerSpec, Network, NnError, Parameter, Random};
use ambulo_record::{Target, Tuning};

/// Windows of a step, at most: as many as sixty seconds of recording and more.
const BATCH: usize = 96;
/// Of the order in which many windows are taken.
const SEED: u64 = 1;

/// What is learned from.
pub(super) struct Lesson<'a> {
    /// `[window, time, channel]`.
    pub(super) inputs: &'a [f32],
    /// Which of them.
    pub(super) windows: &'a [usize],
    /// Of each window of `inputs`.
    pub(super) targets: Vec<&'a Target>,
    /// How much each of them counts.
    pub(super) weights: Vec<f64>,
}

/// Scale and shift of the layers that normalise.
pub(super) fn moves(model: &Model) -> Vec<Parameter> {
    let layers = model.metadata().architecture.layers.iter().enumerate();
    let normalises = |l: &LayerSpec| matches!(l, LayerSpec::BatchNorm { .. } | LayerSpec::LayerNorm { .. });
    let names: Vec<_> = layers
        .filter(|(_, layer)| normalises(layer))
        .flat_map(|(i, _)| [format!("{i}.weight"), format!("{i}.bias")])
        .collect();
    model.network().parameters().into_iter().filter(|p| names.contains(&p.name)).collect()
}

/// Refuses settings that are none and models in which there is nothing to move.
pub(super) fn check(model: &Model, tuning: &Tuning) -> Result<(), AdaptError> {
    let settings = [("a learning rate", tuning.rate), ("a strength", tuning.strength)];
    if let Some(&(what, found)) = settings.iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
        return Err(AdaptError::Tuning { what, found });
    }
    if moves(model).is_empty() { Err(AdaptError::NoNormalisation) } else { Ok(()) }
}

/// The weights behind a descent of `Σ wᵢ (-log p(tᵢ)) + strength / 2 · |θ - θ₀|²` over scale and shift `θ` of normalisation, by AdamW
/// (Loshchilov and Hutter 2019) without decay. Layers answer as in inference. The same bits for any number of threads.
pub(super) fn tune(model: &Model, lesson: &Lesson<'_>, tuning: &Tuning) -> Result<Vec<f32>, AdaptError> {
    descend(model, lesson, tuning).map_err(|error| match error {
        NnError::Diverged { .. } => AdaptError::NotFinite,
        other => ModelError::from(other).into(),
    })
}

fn descend(model: &Model, lesson: &Lesson<'_>, tuning: &Tuning) -> Result<Vec<f32>, NnError> {
    let (metadata, mut order) = (model.metadata(), lesson.windows.to_vec());
    let (classes, batch) = (metadata.labels.len(), order.len().min(BATCH));
    if batch == 0 {
        return Ok(model.weights().to_vec());
    }
    let network = Network::new(&metadata.architecture, metadata.input())?;
    let learns = moves(model);
    let still = network.parameters().into_iter().filter(|p| learns.iter().all(|own| own.name != p.name));
    let paces: Vec<Pace> = still.map(|p| Pace { weights: p.range, scale: 0.0, frozen_steps: 0 }).collect();
    let options = EngineOptions {
        optimiser: AdamWConfig { weight_decay: 0.0, ..AdamWConfig::default() },
        // Never asked: steps are on a loss of our own.
        loss: CrossEntropy::new(classes, 0.0, &[])?,
        clip: None,
        seed: SEED,
        // Turns share out the threads.
        threads: 1,
        batch,
    };
    let mut engine = Engine::for_objective(network, options)?;
    engine.begin_with(model.weights())?;
    engine.set_paces(&paces)?;
    engine.pull_to_here(tuning.strength)?;
    engine.settle();
    // A batch stands for all windows.
    let part = order.len() as f64 / batch as f64;
    let objective = |indices: &[usize], rows: &mut [f32]| {
        let rows = rows.chunks_exact_mut(classes).zip(indices);
        rows.map(|(row, &i)| cross_entropy(row, lesson.targets[i], part * lesson.weights[i])).sum()
    };
    let mut at = order.len();
    for step in 0..tuning.steps {
        if at + batch > order.len() {
            at = 0;
            if batch < order.len() {
                Random::new(SEED, step as u64).shuffle(&mut order);
            }
        }
        let rate = tuning.rate * (1.0 - step as f64 / tuning.steps as f64);
        engine.step_on(lesson.inputs, &order[at..at + batch], rate, &objective)?;
        at += batch;
    }
    Ok(engine.weights().to_vec())
}

/// `-weight · log Σ p` over the classes that a label means; the row of logits becomes its gradient.
pub(super) fn cross_entropy(row: &mut [f32], target: &Target, weight: f64) -> f64 {
    let mut p: Vec<f64> = row.iter().map(|&z| f64::from(z)).collect();
    softmax(&mut p);
    let mut shares = vec![0.0; p.len()];
    target.classes().iter().for_each(|&c| shares[usize::from(c)] = p[usize::from(c)]);
    let sum: f64 = shares.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    for ((gradient, p), share) in row.iter_mut().zip(&p).zip(&shares) {
        *gradient = (weight * (p - share / sum)) as f32;
    }
    -weight * libm::log(sum)
}
