//! What a model needs for timelines besides its network: a prior over time, and what tells known from unknown. Both are fitted to
//! answers about people to develop on whom a network has not seen; test people are never touched.

mod novelty;
mod prior;

use crate::protocol::out_of_fold::{OutOfFold, out_of_fold};
use crate::training::inputs::answers;
use crate::{Config, Labels, Observer, Silent, TrainError};
use ambulo_data::{Dataset, LabelledRecording, subjects_trained_on};
use ambulo_model::novelty::{Clouds, Novelty};
use ambulo_model::smoothing::Prior;
use ambulo_model::{MOVEMENT, Model, Predictor, movement};
use ambulo_record::LabelSet;
use ambulo_record::vocabulary::Parents;
use ambulo_signal::Preprocessing;
use ambulo_signal::intake::Declared;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use novelty::Ratio;
pub use novelty::{LeftOut, ScoreKind};
pub use prior::PriorFigures;

/// Activities that are left out of training in turn to learn what the unknown looks like; sitting and standing, of which each looks
/// like the other, are measured but not fitted to.
const LEFT_OUT: [&str; 4] = ["walking", "walking_upstairs", "walking_downstairs", "lying"];
/// The same of models that know running, whose data may say no more than `stairs`.
const LEFT_OUT_OF_MORE: [&str; 4] = ["walking", "stairs", "lying", "running"];
/// These are only measured, of models of the former kind.
const MEASURED: [&str; 2] = ["sitting", "standing"];
/// Groups of people while an activity is left out, for models of either kind: with more data fewer do.
const GROUPS: [usize; 2] = [3, 2];
/// Weight of the distance by movement: the larger, the less another device looks unknown, and the less does an activity whose
/// movement is ordinary. Chosen on people to develop on as the largest of 0, 1/4, 1/2, 1 and 2 with a mean AUROC above .96.
const MOVEMENT_WEIGHT: f32 = 0.5;
/// Weight of the free energy beside the distances, for models of either kind. Of 0, 0.15, 0.3 and 0.6 on people to develop on: 0.6 gains a
/// thousandth of mean AUROC and loses a hundredth of running's (docs/RESULTS.md). `waist` was made without.
const ENERGY_WEIGHT: [f32; 2] = [0.0, 0.3];
/// Windows that a class needs to have a place of its own among the clouds.
const LEAST: usize = 20;
/// Width that is added to every direction of a cloud, as a share of the mean width.
const RIDGE: f64 = 0.02;

/// How good what was fitted is, on people to develop on whom the networks had not seen.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineFigures {
    /// Rows from one answer to the next.
    pub step: usize,
    /// What the prior over time does.
    pub smoothing: PriorFigures,
    /// How well activities that were left out of training are told from known ones, by each kind of score.
    pub left_out: Vec<LeftOut>,
    /// Score below which 95 % of the windows of known activities are.
    pub known_95: f32,
    /// Share of windows of known activities for which `unknown` is more likely than all labels together.
    pub known_taken_for_unknown: f64,
}

/// What a fold's model says of one recording of a person it has not seen, at even steps.
struct Unseen {
    recording: LabelledRecording,
    start_ns: Vec<i64>,
    /// `[step, label]`, calibrated.
    probabilities: Vec<f32>,
    /// How strange each window is, by each kind of score.
    scores: Vec<novelty::Scores>,
}

/// Fits what a model needs for timelines, by training networks of its configuration on parts of the people to develop on, and
/// gives it to `model`, which was trained on all of them. Answers come every `step` rows from then on. The networks are kept in
/// `directory`, which must be one of this configuration, and not trained again where they are there.
///
/// # Errors
/// Those of training, and a model of another configuration.
pub fn fit_timeline(
    config: &Config,
    dataset: &Dataset,
    model: Model,
    step: usize,
    directory: &Path,
    observer: &mut dyn Observer,
) -> Result<(Model, TimelineFigures), TrainError> {
    let labels = config.label_set();
    let window_ns = config.preprocessing.nanoseconds(config.preprocessing.window);
    observer.message("networks for people they have not seen");
    let everyone = unseen(config, dataset, step, &directory.join("all"))?;
    let people = everyone.iter().map(|one| &one.recording.person).collect::<BTreeSet<_>>().len();
    let more = knows_more(&labels);
    let fitted_to = if more { LEFT_OUT_OF_MORE } else { LEFT_OUT };
    let mut left_out = Vec::new();
    for name in fitted_to.into_iter().chain(MEASURED.into_iter().filter(|_| !more)) {
        if !labels.names().any(|label| is_or_is_under(label, name)) {
            continue;
        }
        observer.message(&format!("networks that do not know {name}"));
        let mut without = config.clone();
        without.labels = Labels::from(without_activity(&labels, name)?);
        without.validation.subjects = people.div_ceil(GROUPS[usize::from(more)]);
        let directory = directory.join(format!("without-{name}"));
        let answers = unseen(&without, dataset, step, &directory)?;
        left_out.push(LeftOut::measure(name, &without.labels, &answers, window_ns)?);
    }
    let known = novelty::known_scores(&labels, &everyone, window_ns);
    let fitted: Vec<&LeftOut> =
        left_out.iter().filter(|one| fitted_to.contains(&one.activity.as_str())).collect();
    let ratio = novelty::fit_ratio(&known, &fitted).keeping_known();
    let novelty = remembered(&model, dataset, &ratio)?;
    observer.message("a prior over time");
    let (prior, smoothing) = prior::fit(&labels, &everyone, &ratio, &fitted, config, step)?;
    let figures = TimelineFigures {
        step,
        smoothing,
        known_95: ratio.known_95,
        known_taken_for_unknown: novelty::share_above(&known, ratio.even_score),
        left_out,
    };
    let model = model.with_step(step)?.with_timeline(prior, novelty)?;
    Ok((model, figures))
}

/// The answers of the models of all folds about the people that they have not seen.
fn unseen(
    config: &Config,
    dataset: &Dataset,
    step: usize,
    directory: &Path,
) -> Result<Vec<Unseen>, TrainError> {
    let io = |source| TrainError::Io { path: directory.to_owned(), source };
    let file = |fold: usize| directory.join(format!("{fold}.safetensors"));
    let complete = directory.join("complete");
    std::fs::create_dir_all(directory).map_err(io)?;
    if !complete.exists() {
        let mut folds = 0;
        out_of_fold(config, dataset, &AtomicBool::new(false), &mut Silent, &mut |fold| {
            fold.model.save(&file(folds))?;
            folds += 1;
            Ok(())
        })?;
        ambulo_record::atomic::write(&complete, folds.to_string().as_bytes()).map_err(TrainError::Write)?;
    }
    let folds = std::fs::read_to_string(&complete).map_err(io)?;
    let mut all = Vec::new();
    for fold in 0..folds.trim().parse().unwrap_or(0) {
        let model = Model::load(&file(fold))?;
        let people = model.metadata().provenance.chosen_on.iter().cloned().collect();
        all.extend(of_fold(OutOfFold { model, people }, dataset, step)?);
    }
    Ok(all)
}

/// The weight of the free energy for models of these labels: more of it where they are many and some data say no more than a
/// coarse one.
fn energy_weight(labels: &LabelSet) -> f32 {
    ENERGY_WEIGHT[usize::from(knows_more(labels))]
}

/// Whether a model learns from more than the bundled recordings.
fn knows_more(labels: &LabelSet) -> bool {
    ["running", "jumping"].into_iter().any(|name| labels.index_of(name).is_some())
}

fn of_fold(fold: OutOfFold, dataset: &Dataset, step: usize) -> Result<Vec<Unseen>, TrainError> {
    let recordings: Vec<LabelledRecording> = fold.recordings(dataset).cloned().collect();
    let (embedding, by_movement) = clouds(&fold.model, dataset)?;
    let predictor = Predictor::new(fold.model.with_step(step)?);
    let energy = energy_weight(&predictor.model().metadata().labels);
    let width = predictor.model().network().embedding().len();
    let labels = predictor.model().metadata().labels.len();
    let mut all = Vec::with_capacity(recordings.len());
    for recording in recordings {
        let mut one =
            Unseen { start_ns: Vec::new(), probabilities: Vec::new(), scores: Vec::new(), recording };
        let mut source = one.recording.recording.source();
        let (start_ns, probabilities, scores) = (&mut one.start_ns, &mut one.probabilities, &mut one.scores);
        predictor.each_placed(&mut source, &Declared::default(), &mut |raw, _| {
            let rows = raw.embeddings.chunks_exact(width).zip(raw.movement.chunks_exact(MOVEMENT));
            for (logits, (embedded, moved)) in raw.logits.chunks_exact(labels).zip(rows) {
                let distances = (embedding.distance(embedded), by_movement.distance(moved));
                scores.push(novelty::Scores::new(logits, distances, (MOVEMENT_WEIGHT, energy)));
            }
            start_ns.extend(raw.start_ns);
            let mut calibrated = raw.logits;
            predictor.calibrate(&mut calibrated);
            probabilities.extend(calibrated);
        })?;
        drop(source);
        all.push(one);
    }
    Ok(all)
}

/// The windows that a model was trained on as clouds, by embedding and by movement.
fn clouds(model: &Model, dataset: &Dataset) -> Result<(Clouds, Clouds), TrainError> {
    let metadata = model.metadata();
    // As densely as in training, however often the model answers.
    let p = Preprocessing { step: metadata.preprocessing.window / 2, ..metadata.preprocessing.clone() };
    let people = metadata.provenance.trained_on.iter().cloned().collect();
    let cut = subjects_trained_on(people).cut(dataset, &p, &metadata.labels)?;
    let windows = cut.windows();
    let predictor = Predictor::new(Model::new(metadata.clone(), model.weights().to_vec())?);
    let embeddings = answers(windows, &p, |x| Ok(predictor.logits_and_embeddings(x)?.1))?;
    let up = model.up().unwrap_or_default();
    let mut moved: Vec<f32> = Vec::with_capacity(windows.len() * MOVEMENT);
    for i in 0..windows.len() {
        moved.extend(movement(&windows.window(i)?, p.layout(), up));
    }
    // A coarse label is no cloud: it would lie over what it does not tell apart, and over what its files hold besides.
    let codes: Vec<usize> = windows.labels.iter().map(|&label| usize::from(label)).collect();
    let of_class: Vec<usize> = (0..windows.len()).filter(|&i| codes[i] < windows.classes).collect();
    let classes: Vec<usize> = of_class.iter().map(|&i| codes[i]).collect();
    let of = |points: &[f32], dimension: usize| {
        let own = |&i: &usize| &points[i * dimension..(i + 1) * dimension];
        let points: Vec<f32> = of_class.iter().flat_map(own).copied().collect();
        let clouds = Clouds::fit(&points, &classes, dimension, LEAST, RIDGE);
        clouds.ok_or(TrainError::TooFewWindows { found: windows.len(), dimension })
    };
    Ok((of(&embeddings, model.network().embedding().len())?, of(&moved, MOVEMENT)?))
}

/// The model with what it remembers of its training: its windows as clouds, by which [`ambulo_model::adapt`] moves its last layer and
/// by which known is told from unknown, on no scale yet: nothing is taken for unknown; and with a prior that says nothing. `dataset` is that of its training.
///
/// # Errors
/// Windows that cannot be cut, or are too few.
pub fn with_memory(model: Model, dataset: &Dataset) -> Result<Model, TrainError> {
    let prior = Prior::usual(&model.metadata().labels);
    // A logarithm of -30 whatever the score, as of a model that remembers nothing.
    let never = Ratio { even_score: 3e7, slope: 1e-6, known_95: 0.0 };
    let novelty = remembered(&model, dataset, &never)?;
    Ok(model.with_timeline(prior, novelty)?)
}

/// What tells known from unknown: the windows of the model's training as clouds, and how a score is to be read.
fn remembered(model: &Model, dataset: &Dataset, ratio: &Ratio) -> Result<Novelty, TrainError> {
    let (embedding, movement) = clouds(model, dataset)?;
    Ok(Novelty {
        embedding,
        movement,
        movement_weight: MOVEMENT_WEIGHT,
        energy_weight: energy_weight(&model.metadata().labels),
        even_score: ratio.even_score,
        slope: ratio.slope,
        known_95: ratio.known_95,
    })
}

/// Whether a name of the vocabulary is this activity or a kind of it.
fn is_or_is_under(label: &str, activity: &str) -> bool {
    Parents::new().lineage(label).any(|name| name == activity)
}

/// The labels without an activity, and without the changes of posture from and to it.
fn without_activity(labels: &LabelSet, activity: &str) -> Result<LabelSet, TrainError> {
    let stem = match activity {
        "sitting" => "sit",
        "standing" => "stand",
        "lying" => "lie",
        _ => "",
    };
    let concerns = |label: &str| {
        let (from, to) = label.split_once("_to_").unwrap_or_default();
        is_or_is_under(label, activity) || (!stem.is_empty() && (from == stem || to == stem))
    };
    LabelSet::new(labels.names().filter(|label| !concerns(label))).map_err(|error| TrainError::Setting {
        setting: "labels",
        found: format!("{error}"),
        expected: "at least two activities besides any that is left out",
    })
}

/// Labels of a recording at the middles of its windows, where the whole window has one; and at the middles alone.
fn truths(one: &Unseen, window_ns: i64) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
    one.start_ns.iter().map(move |&start_ns| {
        let at = |time_ns| one.recording.label_at(time_ns).map(|label| &**label);
        let middle = at(start_ns + window_ns / 2);
        let whole = one
            .recording
            .labels
            .iter()
            .any(|interval| interval.start_ns <= start_ns && start_ns + window_ns <= interval.end_ns);
        (middle.filter(|_| whole), middle)
    })
}
