//! A person's own model from a few seconds of each activity.
//!
//! People differ from those a model learned from, and little of a person tells how: ten seconds of each activity are some fifty
//! windows. So nothing is learned anew. The network stays as it is, and only its last layer moves, from where it was towards where
//! the examples were more probable: it is the maximum of a posterior whose prior is a Gaussian around the layer there was, in the
//! space in which the classes of the training data are round ([`Clouds`](crate::novelty::Clouds)). Windows drawn from those clouds,
//! with what the model said of them, stand for what nobody gave examples of ("pseudo-rehearsal", Robins 1995), so that nothing is
//! forgotten. A new activity is a further row, about which the prior says next to nothing.
//!
//! The result is an ordinary model: timelines, streams, calibration, `unknown` and backing off work as before.

#[cfg(feature = "std")]
mod collect;
mod error;
mod examples;
mod extend;
mod head;
mod held_out;
#[cfg(feature = "std")]
mod network;
mod own_answers;
mod space;
#[cfg(feature = "std")]
mod statistics;
mod unlabelled;

use crate::{Metadata, Model};
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::LayerSpec;
use ambulo_record::vocabulary::Parents;
use ambulo_record::{Adaptation, AdaptedActivity, HeldOut, LabelSet, Target};
use head::{PointTarget, Points, STEPS, most_probable};
use space::Space;

#[cfg(feature = "std")]
pub use collect::{Collected, SaidInterval};
pub use error::AdaptError;
pub(crate) use examples::activity_name;
pub use examples::{Examples, Seen, Segment};
#[cfg(feature = "std")]
pub use network::{InputExamples, TUNING, adapt_network, move_network};
pub use own_answers::{adapt_also, adapt_unlabelled};
#[cfg(feature = "std")]
pub use statistics::{STATISTICS_SHARE, UnlabelledInputs, adapt_statistics, mix_statistics};
pub use unlabelled::Unlabelled;

/// Precision of the prior around the rows that a model has. Of 30, 100 and 300, tried by a prototype on the 21 people of HAPT to develop on, 100 gained
/// most with 3 s of each activity and 300 with 10 s.
pub const SHRINKAGE: f64 = 200.0;
/// The same of rows that it does not have: of 3, 10 and 30 the one with which most of a left out activity was found.
const SHRINKAGE_OF_NEW: f64 = 3.0;
/// Windows that are drawn for each class that a model knows.
const REHEARSED: usize = 8;
/// How much each of them counts beside a window of a person's own: of classes without examples, and of classes with.
const REHEARSAL_WEIGHT: [f64; 2] = [1.0, 0.25];
/// Share of windows without labels that are strange to a model, from which on nothing is learned at all.
const MOSTLY: f64 = 0.75;
/// The constant for the bias beside embeddings whose standard deviation is 1.
const BIAS: f64 = 4.0;

/// A model made a person's own.
#[derive(Debug)]
pub struct Adapted {
    /// The model; its metadata say what was done.
    pub model: Model,
    /// The same.
    pub adaptation: Adaptation,
}

/// What examples mean to a model.
struct Plan {
    labels: LabelSet,
    /// Of each activity of the examples.
    targets: Vec<Target>,
    new: Vec<bool>,
}

/// A personal model from examples that this model has looked at. `base` says in the result which file was adapted.
///
/// # Errors
/// Examples from which nothing can be learned, with the reason.
pub fn adapt(model: &Model, examples: &Examples, shrinkage: f64, base: &str) -> Result<Adapted, AdaptError> {
    let (examples, plan) = prepared(model, examples, shrinkage)?;
    let space = Space::of(model, &examples);
    let all: Vec<usize> = (0..examples.windows.len()).collect();
    let added = fit(model, &examples, &plan, &space, &all, shrinkage)?;
    let mut held_out = held_out::Count::new(&examples, &plan);
    for turn in held_out::turns(&examples) {
        let added = fit(model, &examples, &plan, &space, &turn.kept, shrinkage)?;
        held_out.take(&turn.asked, &answers(&examples, &plan, &space, &added, &turn.asked));
    }
    let adaptation = Adaptation {
        method: "head".into(),
        base: base.into(),
        shrinkage,
        tuning: None,
        share: None,
        activities: activities(&examples, &plan, &held_out.of_activities),
        unlabelled: None,
    };
    let model = assemble(model, &examples, &plan, &space, &added, Some(&adaptation))?;
    Ok(Adapted { model, adaptation })
}

/// The model that [`adapt`] gives, for many adaptations one after the other: nothing is held out, and nothing recorded in the model.
///
/// # Errors
/// As [`adapt`].
pub fn move_head(model: &Model, examples: &Examples, shrinkage: f64) -> Result<Model, AdaptError> {
    let (examples, plan) = prepared(model, examples, shrinkage)?;
    let space = Space::of(model, &examples);
    let all: Vec<usize> = (0..examples.windows.len()).collect();
    let added = fit(model, &examples, &plan, &space, &all, shrinkage)?;
    assemble(model, &examples, &plan, &space, &added, None)
}

/// Examples without activities that have none, and what they mean to the model; or why nothing can be learned from them.
fn prepared(model: &Model, examples: &Examples, shrinkage: f64) -> Result<(Examples, Plan), AdaptError> {
    check_shrinkage(shrinkage)?;
    let p = &model.metadata().preprocessing;
    let examples = examples.without_empty();
    if examples.is_empty() {
        return Err(AdaptError::Nothing { seconds: p.nanoseconds(p.window) as f64 / 1e9 });
    }
    examples.check(model.network().embedding().len(), model.metadata().labels.len())?;
    let plan = plan(model, &examples)?;
    Ok((examples, plan))
}

/// What is recorded of what was given.
fn activities(examples: &Examples, plan: &Plan, held_out: &[Option<HeldOut>]) -> Vec<AdaptedActivity> {
    let one = |(i, said): (usize, &examples::Said)| AdaptedActivity {
        name: said.name.clone(),
        new: plan.new[i],
        seconds: said.seconds,
        segments: said.segments,
        windows: examples.windows.iter().filter(|window| window.activity == i).count(),
        held_out: held_out[i],
    };
    examples.activities.iter().enumerate().map(one).collect()
}

/// What a layer to which so much is added says of windows, `[window, class]`.
fn answers(examples: &Examples, plan: &Plan, space: &Space, added: &[f64], windows: &[usize]) -> Vec<f64> {
    let classes = plan.labels.len();
    let (mut all, mut point) = (Vec::with_capacity(windows.len() * classes), Vec::new());
    for &i in windows {
        let window = &examples.windows[i];
        point.clear();
        space.place(&window.embedding, &mut point);
        let before = window.logits.iter().map(|&z| f64::from(z)).chain(core::iter::repeat(0.0)).take(classes);
        all.extend(before.enumerate().map(|(c, z)| {
            z + point.iter().zip(added.chunks_exact(classes)).map(|(v, row)| v * row[c]).sum::<f64>()
        }));
    }
    all
}

fn check_shrinkage(found: f64) -> Result<(), AdaptError> {
    if found.is_finite() && found > 0.0 { Ok(()) } else { Err(AdaptError::Shrinkage { found }) }
}

fn plan(model: &Model, examples: &Examples) -> Result<Plan, AdaptError> {
    let own = &model.metadata().labels;
    let is_new = |name: &&str| own.target(name).is_none();
    // A label above all others says nothing, and is nothing new.
    if let Some(name) = examples.activities().find(|name| own.beneath(name).len() == own.len()) {
        return Err(AdaptError::SaysNothing { name: name.into() });
    }
    let further: Vec<&str> = examples.activities().filter(is_new).collect();
    if further.is_empty()
        && let [only] = &examples.activities[..]
    {
        return Err(AdaptError::OneActivity { activity: only.name.clone() });
    }
    let labels = own.extended(&further, &Parents::new())?;
    let target =
        |name: &str| labels.target(name).ok_or_else(|| AdaptError::SaysNothing { name: name.into() });
    let targets = examples.activities().map(target).collect::<Result<_, _>>()?;
    let new = examples.activities().map(|name| is_new(&name)).collect();
    Ok(Plan { labels, targets, new })
}

/// What is added to the layer, `[dimension, class]`, from the windows of these numbers.
fn fit(
    model: &Model,
    examples: &Examples,
    plan: &Plan,
    space: &Space,
    windows: &[usize],
    shrinkage: f64,
) -> Result<Vec<f64>, AdaptError> {
    let (own, classes) = (model.metadata().labels.len(), plan.labels.len());
    let mut points = Points {
        x: Vec::new(),
        dimension: space.dimension(),
        offsets: Vec::new(),
        classes,
        targets: Vec::new(),
        weights: Vec::new(),
    };
    // What is not known yet begins as likely as a class of logit 0.
    let offsets = |logits: &mut dyn Iterator<Item = f64>, out: &mut Vec<f64>| {
        out.extend(logits);
        out.extend(core::iter::repeat_n(0.0, classes - own));
    };
    let mut given = vec![false; classes];
    for &i in windows {
        let window = &examples.windows[i];
        let target = plan.targets[window.activity].classes();
        target.iter().for_each(|&class| given[usize::from(class)] = true);
        space.place(&window.embedding, &mut points.x);
        offsets(&mut window.logits.iter().map(|&z| f64::from(z)), &mut points.offsets);
        points.targets.push(PointTarget::OneOf(target.to_vec()));
        points.weights.push(window.weight);
    }
    for rehearsed in space.rehearse(model, REHEARSED) {
        space.place(&rehearsed.embedding, &mut points.x);
        let from = points.offsets.len();
        offsets(&mut rehearsed.logits.iter().copied(), &mut points.offsets);
        let mut shares = points.offsets[from..][..own].to_vec();
        head::softmax(&mut shares);
        let likeliest =
            (0..own).fold(0, |best, class| if shares[class] > shares[best] { class } else { best });
        shares.resize(classes, 0.0);
        points.targets.push(PointTarget::Shares(shares));
        points.weights.push(REHEARSAL_WEIGHT[usize::from(given[likeliest])]);
    }
    let precisions: Vec<f64> =
        (0..classes).map(|class| if class < own { shrinkage } else { SHRINKAGE_OF_NEW }).collect();
    most_probable(&points, &precisions, STEPS)
}

/// The model whose last layer says what the one there was says, and what is added.
fn assemble(
    model: &Model,
    examples: &Examples,
    plan: &Plan,
    space: &Space,
    added: &[f64],
    adaptation: Option<&Adaptation>,
) -> Result<Model, AdaptError> {
    let (own, classes) = (model.metadata().labels.len(), plan.labels.len());
    let width = model.network().embedding().len();
    let mut metadata: Metadata = model.metadata().clone();
    match metadata.architecture.layers.last_mut() {
        Some(LayerSpec::Linear { out }) => *out = classes,
        _ => return Err(AdaptError::NoHead),
    }
    let (weight, bias) = space::layer(model).ok_or(AdaptError::NoHead)?;
    let (more_weight, more_bias) = space.unplace(added, classes);
    let sum = |there: Option<&f32>, more: f64| (there.map_or(0.0, |&v| f64::from(v)) + more) as f32;
    let new_weight: Vec<f32> = (0..classes * width)
        .map(|i| sum(weight.get(i).filter(|_| i < own * width), more_weight[i]))
        .collect();
    let new_bias: Vec<f32> =
        (0..classes).map(|c| sum(bias.get(c).filter(|_| c < own), more_bias[c])).collect();
    let mut weights = Vec::new();
    let last = space::last_layer(model);
    for parameter in model.network().parameters() {
        let own = parameter.name.strip_prefix(&*last);
        match own {
            Some("weight") => weights.extend_from_slice(&new_weight),
            Some("bias") => weights.extend_from_slice(&new_bias),
            _ => weights.extend_from_slice(&model.weights()[parameter.range]),
        }
    }
    metadata.labels = plan.labels.clone();
    metadata.smoothing = metadata.smoothing.map(|prior| prior.extended(classes - own));
    if let Some(novelty) = &mut metadata.unknown {
        // Of what the model knew as well: a person's own way of doing it is not to be strange.
        for activity in 0..examples.activities.len() {
            let of_activity = examples.windows.iter().filter(|window| window.activity == activity);
            novelty.push(of_activity.map(|window| (&window.embedding[..], &window.movement[..])));
        }
    }
    metadata.adaptations.extend(adaptation.cloned());
    Ok(Model::new(metadata, weights)?)
}

/// Whether an answer is right: the likeliest class is one that the label means.
fn is_right(logits: impl Iterator<Item = f64>, target: &Target) -> bool {
    let mut best = (0u8, f64::NEG_INFINITY);
    for (class, value) in logits.enumerate() {
        if value > best.1 {
            best = (class as u8, value);
        }
    }
    target.classes().contains(&best.0)
}

#[cfg(test)]
mod tests;
