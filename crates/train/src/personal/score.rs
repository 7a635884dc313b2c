//! One person before and after.

use super::draw::{Draw, Drawn};
use super::people::{Person, Window};
use super::way::recordings;
use super::{Question, seen};
use crate::TrainError;
use crate::metrics::auroc;
use ambulo_model::Model;
use ambulo_record::{PersonalScore, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Recording, begin and label of each window of whole recordings that is asked about, and whether it is answered rightly once answers are
    /// brought together over time.
    over_time: Vec<OverTime>,
    /// How strange each window is to it, and each of the strange ones; empty where nobody asks.
    known: Vec<f32>,
    strange: Vec<f32>,
}

struct OverTime {
    recording: usize,
    start_ns: i64,
    label: Arc<str>,
    is_right: bool,
}

/// Probability of `unknown` from which on a window is answered so, as in timelines.
const UNKNOWN: f64 = 0.5;

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
        let before = self.answers(self.model, person, self.strange)?;
        let mut sums = Sums::default();
        for number in 0..person.draws(self.question.draws, drawn) {
            let draw = person.draw(number, drawn);
            for piece in &draw.given {
                *sums.given_s.entry(piece.activity.clone()).or_default() += piece.covered_s(person);
            }
            let own = self.question.way.adapt(self.model, person, self.strange, &draw)?;
            sums.refused += usize::from(own.refused > 0);
            let after = own.model.map(|model| {
                let strange = own.strange.as_deref().unwrap_or(self.strange);
                self.answers(&model, own.person.as_ref().unwrap_or(person), strange)
            });
            let after = after.transpose()?;
            self.add(&mut sums, person, &draw, [&before, after.as_ref().unwrap_or(&before)]);
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
        for (was, is) in before.over_time.iter().zip(&after.over_time) {
            let is_new = self.question.new_activity().is_some_and(|new| *was.label == *new);
            if !is_new && draw.is_apart(was.recording, was.start_ns, person.window_ns) {
                let one = [1.0, f64::from(was.is_right), f64::from(is.is_right)];
                sums.over_time.iter_mut().zip(one).for_each(|(sum, v)| *sum += v);
            }
        }
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

    fn answers(&self, model: &Model, person: &Person, strange: &[Window]) -> Result<Answers, TrainError> {
        let logits = seen::logits(model, person.windows.iter());
        let labels = &model.metadata().labels;
        let targets: BTreeMap<&str, Option<Target>> =
            person.activities().into_iter().map(|label| (label, labels.target(label))).collect();
        let is_answer = |label: &str, best: usize| {
            let target = targets.get(label).and_then(Option::as_ref);
            target.is_some_and(|target| target.classes().contains(&(best as u8)))
        };
        let rows = person.windows.iter().zip(logits.chunks_exact(labels.len()));
        let is_right =
            rows.map(|(window, logits)| is_answer(&window.label, ambulo_nn::argmax(logits))).collect();
        let numbers: Vec<usize> = person.recordings.keys().copied().collect();
        let together = recordings(person, &numbers, &[]).over_time(model)?;
        let asked = person.recordings.iter().flat_map(|(&number, whole)| {
            whole.start_ns.iter().zip(&whole.labels).map(move |(start_ns, label)| (number, *start_ns, label))
        });
        let over_time = asked.zip(together).filter_map(|((recording, start_ns, label), (best, unknown))| {
            let label = label.clone()?;
            let is_right = unknown < UNKNOWN && is_answer(&label, best);
            Some(OverTime { recording, start_ns, label, is_right })
        });
        let over_time = over_time.collect();
        let (known, strange) = if strange.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            (strangeness(model, &person.windows), strangeness(model, strange))
        };
        Ok(Answers { is_right, over_time, known, strange })
    }
}

/// How strange each window is to a model; nothing where it does not tell known from unknown.
fn strangeness(model: &Model, windows: &[Window]) -> Vec<f32> {
    let Some(novelty) = &model.metadata().unknown else { return Vec::new() };
    let logits = seen::logits(model, windows.iter());
    let rows = windows.iter().zip(logits.chunks_exact(model.metadata().labels.len()));
    rows.map(|(window, logits)| novelty.score(&window.embedding, &window.movement, logits)).collect()
}
