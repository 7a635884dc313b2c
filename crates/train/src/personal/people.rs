//! People as a model sees them.

use super::asked::PersonalSource;
use crate::TrainError;
use ambulo_data::{Dataset, LabelledRecording};
use ambulo_model::{MOVEMENT, Model, ModelError, Predictor};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::is_transition;
use ambulo_signal::intake::Declared;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Windows begin so many times in the time of one.
const OVERLAP: usize = 4;
/// Windows of what strangers do that stand for the unknown, at most.
const STRANGE: usize = 400;

/// A window that lies within one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// What was done.
    pub label: Arc<str>,
    /// Index of the recording among those of the person.
    pub recording: usize,
    /// Time of its first row, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// What the last layer was given.
    pub embedding: Vec<f32>,
    /// [`movement`](ambulo_model::movement) of the window.
    pub movement: Vec<f32>,
    /// What the last layer said, not calibrated.
    pub logits: Vec<f32>,
}

/// A person whom a model has not seen, with all windows of activities that it knows, and of the new one.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub name: PersonId,
    /// The data set.
    pub dataset: String,
    /// Length of a window in nanoseconds.
    pub window_ns: i64,
    /// From one window to the next.
    pub step_ns: i64,
    /// Recording by recording, in the order of time.
    pub windows: Vec<Window>,
    /// For each window where the windows of its label that follow it without a pause end.
    pub(super) reach_ns: Vec<i64>,
    /// Why a recording has no window, of the last that fits the model not at all.
    pub(super) unfit: Option<String>,
}

impl Person {
    pub(super) fn new(
        name: PersonId,
        dataset: String,
        (window_ns, step_ns): (i64, i64),
        windows: Vec<Window>,
    ) -> Self {
        let mut reach_ns: Vec<i64> = windows.iter().map(|window| window.start_ns + window_ns).collect();
        for i in (1..windows.len()).rev() {
            let (before, next) = (&windows[i - 1], &windows[i]);
            // A millisecond of grace for clocks that are not even.
            if before.recording == next.recording
                && before.label == next.label
                && next.start_ns <= before.start_ns + step_ns + 1_000_000
            {
                reach_ns[i - 1] = reach_ns[i];
            }
        }
        Self { name, dataset, window_ns, step_ns, windows, reach_ns, unfit: None }
    }

    /// What this person did for at least a window.
    #[must_use]
    pub fn activities(&self) -> BTreeSet<&str> {
        self.windows.iter().map(|window| &*window.label).collect()
    }
}

/// A predictor that looks at windows a quarter of a window apart.
pub(super) fn stepping(model: &Model) -> Result<Predictor, TrainError> {
    let step = (model.metadata().preprocessing.window / OVERLAP).max(1);
    let own = Model::new(model.metadata().clone(), model.weights().to_vec())?;
    Ok(Predictor::new(own.with_step(step)?))
}

/// Length of a window in seconds.
pub(super) fn window_s(model: &Model) -> f64 {
    let p = &model.metadata().preprocessing;
    p.nanoseconds(p.window) as f64 / 1e9
}

/// The person of these recordings, who is one.
pub(super) fn asked_person(
    predictor: &Predictor,
    recordings: &[&LabelledRecording],
    new: Option<&str>,
) -> Person {
    let p = &predictor.model().metadata().preprocessing;
    let labels = &predictor.model().metadata().labels;
    let is_asked =
        |label: &str| !is_transition(label) && (labels.target(label).is_some() || Some(label) == new);
    let (mut windows, mut unfit) = (Vec::new(), None);
    for (number, recording) in recordings.iter().enumerate() {
        // A recording that cannot be levelled at all, or is slower than the model, is passed over, as in training.
        if let Err(error) = windows_of(predictor, recording, number, &is_asked, &mut windows) {
            unfit = Some(error.to_string());
        }
    }
    let (name, dataset) = recordings.first().map_or_else(
        || (PersonId::from(0), String::new()),
        |one| (one.person.clone(), one.facts.dataset.to_string()),
    );
    let lengths = (p.nanoseconds(p.window), p.nanoseconds(p.step));
    Person { unfit, ..Person::new(name, dataset, lengths, windows) }
}

/// Windows of activities that a model does not know and of which it is not to learn, by people of data sets that it has not learned from:
/// what is unknown to it and to every personal model.
pub(super) fn strangers(
    predictor: &Predictor,
    model: &Model,
    dataset: &Dataset,
    recordings: &[LabelledRecording],
    new: &str,
) -> Vec<Window> {
    let provenance = &model.metadata().provenance;
    let is_taught = |name: &str| {
        name == provenance.dataset || provenance.sources.iter().any(|source| source.dataset == name)
    };
    let seen = PersonalSource::seen(model, dataset);
    let labels = &model.metadata().labels;
    let is_strange = |label: &str| label != new && labels.target(label).is_none();
    let mut all = Vec::new();
    for (number, one) in recordings.iter().enumerate() {
        if !is_taught(&one.facts.dataset) && !seen.contains(&one.person) {
            // What does not fit the model is passed over here as well.
            let _ = windows_of(predictor, one, number, &is_strange, &mut all);
        }
    }
    let every = all.len().div_ceil(STRANGE).max(1);
    all.into_iter().step_by(every).collect()
}

/// Appends the windows of a recording that lie within a label of these.
fn windows_of(
    predictor: &Predictor,
    one: &LabelledRecording,
    recording: usize,
    wanted: &dyn Fn(&str) -> bool,
    all: &mut Vec<Window>,
) -> Result<(), ModelError> {
    let labels = predictor.model().metadata().labels.len();
    let width = predictor.model().network().embedding().len();
    let p = &predictor.model().metadata().preprocessing;
    let window_ns = p.nanoseconds(p.window);
    if !one.labels.iter().any(|label| wanted(&label.label)) {
        return Ok(());
    }
    let mut source = one.recording.source();
    predictor.each_placed(&mut source, &Declared::default(), &mut |raw, _| {
        for (i, &start_ns) in raw.start_ns.iter().enumerate() {
            let within = one
                .labels
                .iter()
                .find(|label| label.start_ns <= start_ns && start_ns + window_ns <= label.end_ns);
            let Some(within) = within.filter(|within| wanted(&within.label)) else { continue };
            all.push(Window {
                label: within.label.clone(),
                recording,
                start_ns,
                embedding: raw.embeddings[i * width..][..width].to_vec(),
                movement: raw.movement[i * MOVEMENT..][..MOVEMENT].to_vec(),
                logits: raw.logits[i * labels..][..labels].to_vec(),
            });
        }
    })?;
    Ok(())
}
