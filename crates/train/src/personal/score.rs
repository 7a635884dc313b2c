//! One person before and after.

use super::draw::{Draw, Drawn};
use super::people::{Person, Window};
use super::{Question, seen};
use crate::TrainError;
use crate::metrics::auroc;
use ambulo_model::Model;
use ambulo_model::adapt::Unlabelled;
use ambulo_record::{PersonalScore, Target};
use std::collections::BTreeMap;

/// A model that is asked about people.
pub(super) struct Asked<'a> {
    pub(super) model: &'a Model,
    /// Its index.
    pub(super) number: usize,
    pub(super) question: &'a Question,
    /// What is unknown to it and stays so.
    pub(super) strange: &'a [Window],
}

/// What a model says of all windows of a person, and of strangers.
struct Answers {
    is_right: Vec<bool>,
    /// How strange each window is to it, and each of the strange ones; empty where nobody asks.
    known: Vec<f32>,
    strange: Vec<f32>,
}

/// Sums over draws.
#[derive(Default)]
struct Sums {
    /// Windows, found before, found after.
    by_activity: BTreeMap<String, [f64; 3]>,
    /// The same three of activities that the model knew.
    known: [f64; 3],
    /// And the same with answers brought together over time.
    over_time: [f64; 3],
    by_draw: Vec<Option<[f64; 2]>>,
    given_s: BTreeMap<String, f64>,
    /// Draws of which nothing, or not all, could be learned.
    refused: usize,
    auroc: [f64; 2],
    /// Draws that had anything to tell apart.
    auroc_draws: f64,
}

impl Asked<'_> {
    /// The person's figures; none where nothing is left to be scored.
    pub(super) fn score(
        &self,
        person: &Person,
        drawn: Drawn<'_>,
    ) -> Result<Option<PersonalScore>, TrainError> {
        let before = self.answers(self.model, person, self.strange);
        let mut sums = Sums::default();
        for number in 0..person.draws(self.question.draws, drawn) {
            let draw = person.draw(number, drawn);
            for piece in &draw.given {
                *sums.given_s.entry(piece.activity.clone()).or_default() += piece.covered_s(person);
            }
            let own = self.question.way.adapt(self.model, person, self.strange, &draw)?;
            sums.refused += usize::from(own.refused > 0);
            let was = self.over_time(self.model, person, &draw)?;
            let (after, is) = match &own.model {
                None => (None, was.clone()),
                Some(model) => {
                    let strange = own.strange.as_deref().unwrap_or(self.strange);
                    let person = own.person.as_ref().unwrap_or(person);
                    (Some(self.answers(model, person, strange)), self.over_time(model, person, &draw)?)
                }
            };
            self.add(&mut sums, person, &draw, [&before, after.as_ref().unwrap_or(&before)]);
            for (was, is) in was.into_iter().zip(is) {
                let one = [1.0, f64::from(was), f64::from(is)];
                sums.over_time.iter_mut().zip(one).for_each(|(sum, v)| *sum += v);
            }
        }
        Ok(self.finish(sums, person))
    }

    fn add(&self, sums: &mut Sums, person: &Person, draw: &Draw, [before, after]: [&Answers; 2]) {
        let mut own = [0.0; 3];
        let is_new =
            |i: &usize| self.question.new_activity().is_some_and(|new| *person.windows[*i].label == *new);
        for i in &draw.scored {
            let one = [1.0, f64::from(before.is_right[*i]), f64::from(after.is_right[*i])];
            let sum = sums.by_activity.entry(person.windows[*i].label.to_string()).or_default();
            sum.iter_mut().zip(one).for_each(|(sum, v)| *sum += v);
            // What the model cannot know before is no mistake before.
            if !is_new(i) {
                own.iter_mut().zip(one).for_each(|(sum, v)| *sum += v);
            }
        }
        sums.known.iter_mut().zip(own).for_each(|(sum, v)| *sum += v);
        let [windows, was, is] = own;
        sums.by_draw.push((windows > 0.0).then(|| [1.0 - was / windows, 1.0 - is / windows]));
        if windows > 0.0 && !before.strange.is_empty() {
            for (sum, answers) in sums.auroc.iter_mut().zip([before, after]) {
                let scored = draw.scored.iter().filter(|i| !is_new(i));
                let known: Vec<f32> = scored.map(|&i| answers.known[i]).collect();
                *sum += auroc(&known, &answers.strange);
            }
            sums.auroc_draws += 1.0;
        }
    }

    fn finish(&self, sums: Sums, person: &Person) -> Option<PersonalScore> {
        let draws = sums.by_draw.len() as f64;
        let [windows, was, is] = sums.known;
        let new_was_scored =
            self.question.new_activity().is_none_or(|new| sums.by_activity.contains_key(new));
        if windows == 0.0 || !new_was_scored {
            return None;
        }
        Some(PersonalScore {
            person: person.name.clone(),
            dataset: person.dataset.clone(),
            model: self.number,
            windows: windows / draws,
            mistakes_before: (windows - was) / windows,
            mistakes_after: (windows - is) / windows,
            over_time: {
                let [windows, was, is] = sums.over_time;
                (windows > 0.0).then(|| [(windows - was) / windows, (windows - is) / windows])
            },
            by_draw: sums.by_draw,
            refused: sums.refused,
            given_s: sums.given_s.into_iter().map(|(name, s)| (name, s / draws)).collect(),
            recalls: (sums.by_activity.into_iter())
                .map(|(name, [n, was, is])| (name, [was / n, is / n]))
                .collect(),
            unknown_auroc: (sums.auroc_draws > 0.0).then(|| sums.auroc.map(|sum| sum / sums.auroc_draws)),
        })
    }

    fn answers(&self, model: &Model, person: &Person, strange: &[Window]) -> Answers {
        let logits = seen::logits(model, person.windows.iter());
        let labels = &model.metadata().labels;
        let targets = Targets::of(model, person);
        let rows = person.windows.iter().zip(logits.chunks_exact(labels.len()));
        let is_right =
            rows.map(|(window, logits)| targets.is_right(&window.label, ambulo_nn::argmax(logits))).collect();
        let (known, strange) = if strange.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            (strangeness(model, &person.windows), strangeness(model, strange))
        };
        Answers { is_right, known, strange }
    }
}

impl Asked<'_> {
    /// Whether each window of whole recordings that lies within an activity, and shares no sample with what was given, is answered rightly
    /// once answers are brought together over time. What was given is no evidence: there the prior alone goes on. Recordings of which
    /// nobody knows which way was up are passed over, as timelines tell less of them.
    fn over_time(&self, model: &Model, person: &Person, draw: &Draw) -> Result<Vec<bool>, TrainError> {
        let targets = Targets::of(model, person);
        let (mut apart, mut labels) = (Unlabelled::default(), Vec::new());
        for (&number, whole) in person.recordings.iter().filter(|(_, whole)| whole.vertical) {
            apart.recording(whole.step_ns, person.window_ns, true);
            for ((start_ns, embedding, movement), label) in whole.windows().zip(&whole.labels) {
                if draw.is_apart(number, start_ns, person.window_ns) {
                    apart.push(start_ns, embedding, movement, None);
                    labels.push(label.as_deref());
                }
            }
        }
        let answers = apart.over_time(model)?.into_iter().zip(labels);
        let right = answers.filter_map(|(best, label)| {
            // Of a new activity nothing was known before.
            let label = label.filter(|label| self.question.new_activity() != Some(*label))?;
            Some(best.is_some_and(|best| targets.is_right(label, best)))
        });
        Ok(right.collect())
    }
}

/// What the labels of a person mean to a model.
struct Targets<'a>(BTreeMap<&'a str, Target>);

impl<'a> Targets<'a> {
    fn of(model: &Model, person: &'a Person) -> Self {
        let target = |label| Some((label, model.metadata().labels.target(label)?));
        Self(person.activities().into_iter().filter_map(target).collect())
    }

    /// Whether a label is what a class says.
    fn is_right(&self, label: &str, class: usize) -> bool {
        self.0.get(label).is_some_and(|target| target.classes().contains(&(class as u8)))
    }
}

/// How strange each window is to a model; nothing where it does not tell known from unknown.
fn strangeness(model: &Model, windows: &[Window]) -> Vec<f32> {
    let Some(novelty) = &model.metadata().unknown else { return Vec::new() };
    let logits = seen::logits(model, windows.iter());
    let rows = windows.iter().zip(logits.chunks_exact(model.metadata().labels.len()));
    rows.map(|(window, logits)| novelty.score(&window.embedding, &window.movement, logits)).collect()
}
