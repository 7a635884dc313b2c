//! People as a model sees them.

use super::asked::PersonalSource;
use super::way::Way;
use crate::TrainError;
use ambulo_data::{Dataset, LabelInterval, LabelledRecording};
use ambulo_model::{MOVEMENT, Model, ModelError, Predictor, RawWindows};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::is_transition;
use ambulo_signal::intake::Declared;
use std::collections::{BTreeMap, BTreeSet};
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
    /// What the network was given, `[time, channel]`; empty where no way of adapting asks for it.
    pub input: Arc<[f32]>,
}

/// A whole recording, at the model's own step, whatever was done in it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Whether it is known which way was up, or does not matter to the model.
    pub vertical: bool,
    /// From one window to the next, in nanoseconds.
    pub step_ns: i64,
    /// Time of the first row of each window, in nanoseconds from the recording's zero.
    pub start_ns: Vec<i64>,
    /// What was done in it, where that is one activity that is asked about.
    pub labels: Vec<Option<Arc<str>>>,
    /// What the last layer was given, `[window, ..]`.
    pub embeddings: Vec<f32>,
    /// [`movement`](ambulo_model::movement) of each window, `[window, MOVEMENT]`.
    pub movement: Vec<f32>,
    /// What the network was given, `[window, time, channel]`; empty where no way of adapting asks for it.
    pub inputs: Arc<[f32]>,
}

impl Whole {
    /// When each window begins, what the last layer was given and its movement.
    pub(super) fn windows(&self) -> impl Iterator<Item = (i64, &[f32], &[f32])> {
        let width = (self.embeddings.len() / self.start_ns.len().max(1)).max(1);
        let rows = self.embeddings.chunks_exact(width).zip(self.movement.chunks_exact(MOVEMENT));
        self.start_ns
            .iter()
            .zip(rows)
            .map(|(start_ns, (embedding, movement))| (*start_ns, embedding, movement))
    }
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
    /// Whole recordings by their index; without those that do not fit the model.
    pub recordings: BTreeMap<usize, Whole>,
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
        let recordings = BTreeMap::new();
        Self { name, dataset, window_ns, step_ns, windows, recordings, reach_ns, unfit: None }
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

/// The person of these recordings, who is one, with what a way of adapting asks for.
pub(super) fn asked_person(
    predictor: &Predictor,
    recordings: &[&LabelledRecording],
    new: Option<&str>,
    (source, way): (&Model, &Way),
) -> Result<Person, TrainError> {
    let p = &predictor.model().metadata().preprocessing;
    let labels = &predictor.model().metadata().labels;
    let is_asked =
        |label: &str| !is_transition(label) && (labels.target(label).is_some() || Some(label) == new);
    let (mut windows, mut unfit) = (Vec::new(), None);
    for (number, recording) in recordings.iter().enumerate() {
        // A recording that cannot be levelled at all, or is slower than the model, is passed over, as in training.
        let wanted = Wanted { label: &is_asked, inputs: way.moves_network() };
        if let Err(error) = windows_of(predictor, recording, number, &wanted, &mut windows) {
            unfit = Some(error.to_string());
        }
    }
    let (name, dataset) = recordings.first().map_or_else(
        || (PersonId::from(0), String::new()),
        |one| (one.person.clone(), one.facts.dataset.to_string()),
    );
    let lengths = (p.nanoseconds(p.window), p.nanoseconds(p.step));
    let mut person = Person { unfit, ..Person::new(name, dataset, lengths, windows) };
    person.recordings = wholes(source, recordings, &is_asked, way)?;
    Ok(person)
}

/// Whole recordings as a model itself sees them.
fn wholes(
    model: &Model,
    recordings: &[&LabelledRecording],
    is_asked: &dyn Fn(&str) -> bool,
    way: &Way,
) -> Result<BTreeMap<usize, Whole>, TrainError> {
    let predictor = Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec())?);
    let p = &model.metadata().preprocessing;
    let window_ns = p.nanoseconds(p.window);
    let mut all = BTreeMap::new();
    for (number, one) in recordings.iter().enumerate() {
        let mut raw = RawWindows::default();
        let mut is_vertical = false;
        let mut sink = |part: RawWindows, vertical: bool| {
            is_vertical = vertical;
            raw.start_ns.extend(part.start_ns);
            raw.embeddings.extend(part.embeddings);
            raw.movement.extend(part.movement);
            raw.inputs.extend(part.inputs);
        };
        let (mut source, declared) = (one.recording.source(), Declared::default());
        let looked = if way.moves_network() {
            predictor.each_placed_with_inputs(&mut source, &declared, &mut sink)
        } else {
            predictor.each_placed(&mut source, &declared, &mut sink)
        };
        if looked.is_ok() {
            let label = |&start_ns: &i64| {
                let within = label_within(one, start_ns, window_ns);
                within.filter(|label| is_asked(label)).cloned()
            };
            let whole = Whole {
                vertical: is_vertical,
                step_ns: p.nanoseconds(p.step),
                labels: raw.start_ns.iter().map(label).collect(),
                start_ns: raw.start_ns,
                embeddings: raw.embeddings,
                movement: raw.movement,
                inputs: raw.inputs.into(),
            };
            all.insert(number, whole);
        }
    }
    Ok(all)
}

/// Windows of activities that a model does not know and of which it is not to learn, by people of data sets that it has not learned from:
/// what is unknown to it and to every personal model.
pub(super) fn strangers(
    predictor: &Predictor,
    model: &Model,
    dataset: &Dataset,
    recordings: &[LabelledRecording],
    (new, way): (Option<&str>, &Way),
) -> Vec<Window> {
    let provenance = &model.metadata().provenance;
    let is_taught = |name: &str| {
        name == provenance.dataset || provenance.sources.iter().any(|source| source.dataset == name)
    };
    let seen = PersonalSource::seen(model, dataset);
    let labels = &model.metadata().labels;
    let is_strange = |label: &str| Some(label) != new && labels.target(label).is_none();
    let wanted = Wanted { label: &is_strange, inputs: way.moves_network() };
    let mut all = Vec::new();
    for (number, one) in recordings.iter().enumerate() {
        if !is_taught(&one.facts.dataset) && !seen.contains(&one.person) {
            // What does not fit the model is passed over here as well.
            let _ = windows_of(predictor, one, number, &wanted, &mut all);
        }
    }
    let every = all.len().div_ceil(STRANGE).max(1);
    all.into_iter().step_by(every).collect()
}

/// The label that a window lies within.
fn label_within(one: &LabelledRecording, start_ns: i64, window_ns: i64) -> Option<&Arc<str>> {
    let within = |label: &&LabelInterval| label.start_ns <= start_ns && start_ns + window_ns <= label.end_ns;
    one.labels.iter().find(within).map(|interval| &interval.label)
}

/// Which windows, and what of them.
struct Wanted<'a> {
    label: &'a dyn Fn(&str) -> bool,
    inputs: bool,
}

/// Appends the windows of a recording that lie within a label of these.
fn windows_of(
    predictor: &Predictor,
    one: &LabelledRecording,
    recording: usize,
    wanted: &Wanted<'_>,
    all: &mut Vec<Window>,
) -> Result<(), ModelError> {
    let labels = predictor.model().metadata().labels.len();
    let width = predictor.model().network().embedding().len();
    let p = &predictor.model().metadata().preprocessing;
    let window_ns = p.nanoseconds(p.window);
    if !one.labels.iter().any(|label| (wanted.label)(&label.label)) {
        return Ok(());
    }
    let mut source = one.recording.source();
    let length = predictor.model().network().input().len();
    let mut sink = |raw: RawWindows, _: bool| {
        for (i, &start_ns) in raw.start_ns.iter().enumerate() {
            let within = label_within(one, start_ns, window_ns);
            let Some(within) = within.filter(|within| (wanted.label)(within)) else { continue };
            all.push(Window {
                label: within.clone(),
                recording,
                start_ns,
                embedding: raw.embeddings[i * width..][..width].to_vec(),
                movement: raw.movement[i * MOVEMENT..][..MOVEMENT].to_vec(),
                logits: raw.logits[i * labels..][..labels].to_vec(),
                input: raw.inputs.get(i * length..(i + 1) * length).unwrap_or_default().into(),
            });
        }
    };
    if wanted.inputs {
        predictor.each_placed_with_inputs(&mut source, &Declared::default(), &mut sink)?;
    } else {
        predictor.each_placed(&mut source, &Declared::default(), &mut sink)?;
    }
    Ok(())
}
