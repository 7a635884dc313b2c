//! People as a model sees them.

use super::{Content, Dataset, LabelledRecording, MOVEMENT, Model, PersonId, Predictor, Random, answer};
use ambulo_record::vocabulary::is_transition;
use ambulo_signal::intake::Declared;
use ambulo_train::metrics::auroc;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// Rows between windows.
const STEP: usize = 32;
/// Windows of what strangers do that stand for the unknown, at most.
const STRANGE: usize = 400;

/// A window that lies within one label.
pub(super) struct Window {
    pub(super) label: String,
    recording: usize,
    pub(super) start_ns: i64,
    pub(super) embedding: Vec<f32>,
    pub(super) movement: Vec<f32>,
    pub(super) logits: Vec<f32>,
}

/// Part of a recording.
pub(super) struct Stretch {
    recording: usize,
    pub(super) start_ns: i64,
    end_ns: i64,
}

impl Stretch {
    pub(super) fn seconds(&self) -> f64 {
        (self.end_ns - self.start_ns) as f64 / 1e9
    }
}

pub(super) struct Person {
    pub(super) name: PersonId,
    pub(super) dataset: String,
    pub(super) window_ns: i64,
    pub(super) step_ns: i64,
    windows: Vec<Window>,
    /// What others do that the model was not taught.
    pub(super) strange: Vec<Window>,
}

/// The people whom a model has not seen, with the windows of activities that it knows, and of `new`.
pub(super) fn people_of(
    model: &Model,
    dataset: &Dataset,
    new: Option<&str>,
) -> Result<Vec<Person>, Box<dyn Error>> {
    let Content::Recordings(recordings) = &dataset.content else { return Err("no recordings".into()) };
    let provenance = &model.metadata().provenance;
    let names = |people: &[PersonId]| people.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let (trained, held_out) = (names(&provenance.trained_on), names(&provenance.chosen_on));
    // Of a fold those it was held back from, of a finished model everyone else.
    let is_fold = held_out.is_disjoint(&trained);
    let taught = |dataset: &str| {
        dataset == provenance.dataset || provenance.sources.iter().any(|source| source.dataset == dataset)
    };
    let predictor =
        Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec())?.with_step(STEP)?);
    let p = &predictor.model().metadata().preprocessing;
    let (window_ns, step_ns) = (p.nanoseconds(p.window), p.nanoseconds(STEP));
    let mut people: BTreeMap<PersonId, Person> = BTreeMap::new();
    let mut strange = Vec::new();
    let labels = &model.metadata().labels;
    for (number, recording) in recordings.iter().enumerate() {
        let name = recording.person.to_string();
        // A model of one data set names its people without the set.
        let prefix = format!("{}/", provenance.dataset);
        let alone = provenance.sources.is_empty();
        let own = if alone { name.strip_prefix(&prefix).unwrap_or(&name) } else { &name };
        let strangers = is_fold && !taught(&recording.facts.dataset);
        let unseen = if is_fold { held_out.contains(own) } else { !trained.contains(own) };
        if !(unseen || strangers && new.is_some()) {
            continue;
        }
        let windows = windows_of(&predictor, recording, number, window_ns);
        let known = |window: &Window| {
            !is_transition(&window.label)
                && (labels.target(&window.label).is_some() || Some(window.label.as_str()) == new)
        };
        if strangers {
            strange.extend(windows.into_iter().filter(|window| labels.target(&window.label).is_none()));
            continue;
        }
        let person = people.entry(recording.person.clone()).or_insert_with(|| Person {
            name: recording.person.clone(),
            dataset: recording.facts.dataset.to_string(),
            window_ns,
            step_ns,
            windows: Vec::new(),
            strange: Vec::new(),
        });
        person.windows.extend(windows.into_iter().filter(known));
    }
    let every = strange.len().div_ceil(STRANGE).max(1);
    let mut people: Vec<Person> = people.into_values().collect();
    if let Some(first) = people.first_mut() {
        first.strange = strange.into_iter().step_by(every).collect();
    }
    Ok(people)
}

fn windows_of(
    predictor: &Predictor,
    one: &LabelledRecording,
    recording: usize,
    window_ns: i64,
) -> Vec<Window> {
    let (labels, width) =
        (predictor.model().metadata().labels.len(), predictor.model().network().embedding().len());
    let mut all = Vec::new();
    let mut source = one.recording.source();
    // A recording that cannot be levelled at all is passed over, as in training.
    let _ = predictor.each_placed(&mut source, &Declared::default(), &mut |raw, _| {
        for (i, &start_ns) in raw.start_ns.iter().enumerate() {
            let within = (one.labels.iter())
                .find(|label| label.start_ns <= start_ns && start_ns + window_ns <= label.end_ns);
            let Some(within) = within else { continue };
            all.push(Window {
                label: within.label.to_string(),
                recording,
                start_ns,
                embedding: raw.embeddings[i * width..][..width].to_vec(),
                movement: raw.movement[i * MOVEMENT..][..MOVEMENT].to_vec(),
                logits: raw.logits[i * labels..][..labels].to_vec(),
            });
        }
    });
    all
}

impl Person {
    pub(super) fn activities(&self) -> BTreeSet<&str> {
        self.windows.iter().map(|window| window.label.as_str()).collect()
    }

    /// The same for the same name.
    pub(super) fn stream(&self) -> u64 {
        self.name.to_string().bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
    }

    /// A stretch of an activity that begins with any of its windows, as long as asked for or as the label lasts.
    pub(super) fn draw(&self, activity: &str, seconds: f64, random: &mut Random) -> Stretch {
        let length_ns = (seconds * 1e9) as i64;
        let own: Vec<&Window> = self.windows.iter().filter(|window| window.label == activity).collect();
        // Windows of one label follow each other without a pause.
        let reaches = |from: &Window| {
            let mut end_ns = from.start_ns + self.window_ns;
            for window in own.iter().filter(|w| w.recording == from.recording && w.start_ns > from.start_ns) {
                if window.start_ns > end_ns - self.window_ns + self.step_ns + 1_000_000 {
                    break;
                }
                end_ns = window.start_ns + self.window_ns;
            }
            end_ns
        };
        let ends: Vec<i64> = own.iter().map(|window| reaches(window)).collect();
        let long = |&i: &usize| ends[i] >= own[i].start_ns + length_ns - self.step_ns;
        let mut choices: Vec<usize> = (0..own.len()).filter(long).collect();
        if choices.is_empty() {
            let longest = (0..own.len()).max_by_key(|&i| ends[i] - own[i].start_ns);
            choices.extend(longest);
        }
        let chosen = choices[random.below(choices.len() as u32) as usize];
        let start_ns = own[chosen].start_ns;
        Stretch {
            recording: own[chosen].recording,
            start_ns,
            end_ns: (start_ns + length_ns).max(start_ns + self.window_ns),
        }
    }

    /// Windows that lie in a stretch, or hang over its end by less than a step.
    pub(super) fn within<'a>(
        &'a self,
        stretch: &'a Stretch,
        activity: &'a str,
    ) -> impl Iterator<Item = &'a Window> {
        self.windows.iter().filter(move |window| {
            window.recording == stretch.recording
                && window.label == activity
                && window.start_ns >= stretch.start_ns
                && window.start_ns + self.window_ns <= stretch.end_ns
        })
    }

    /// Windows that share no sample with any of the stretches.
    pub(super) fn rest<'a>(&'a self, taken: &'a [Stretch]) -> impl Iterator<Item = &'a Window> {
        let apart = move |window: &&Window| {
            taken.iter().all(|stretch| {
                window.recording != stretch.recording
                    || window.start_ns + self.window_ns <= stretch.start_ns
                    || window.start_ns >= stretch.end_ns
            })
        };
        self.windows.iter().filter(apart)
    }

    /// How well what is strange is told from what this person does and the model knew from the beginning.
    pub(super) fn auroc(&self, model: &Model, new: Option<&str>) -> f64 {
        let Some(novelty) = &model.metadata().unknown else { return 0.5 };
        let score = |window: &Window| {
            novelty.score(&window.embedding, &window.movement, &answer(model, &window.embedding))
        };
        let known: Vec<f32> =
            self.windows.iter().filter(|w| Some(w.label.as_str()) != new).map(score).collect();
        let strange: Vec<f32> = self.strange.iter().map(score).collect();
        auroc(&known, &strange)
    }
}
