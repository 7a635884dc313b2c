//! One person before and after.

use super::draw::{Amount, Draw};
use super::people::{Person, Window};
use super::{Question, way::Way};
use crate::TrainError;
use crate::metrics::auroc;
use ambulo_model::Model;
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
    by_draw: Vec<Option<[f64; 2]>>,
    given_s: BTreeMap<String, f64>,
    auroc: [f64; 2],
    /// Draws that had anything to tell apart.
    auroc_draws: f64,
}

impl Asked<'_> {
    /// The person's figures; none where all is given away.
    pub(super) fn score(&self, person: &Person, amount: Amount) -> Result<Option<PersonalScore>, TrainError> {
        let new = self.question.new.as_ref();
        let only = new.filter(|new| new.alone).map(|new| new.activity.as_str());
        let before = self.answers(self.model, person);
        let mut sums = Sums::default();
        for number in 0..self.question.draws {
            let draw = person.draw(number, amount, only);
            for piece in &draw.given {
                *sums.given_s.entry(piece.activity.clone()).or_default() += piece.covered_s(person);
            }
            let own = self.question.way.adapt(self.model, person, &draw)?;
            let after = self.answers(&own, person);
            self.add(&mut sums, person, &draw, [&before, &after]);
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
        let draws = self.question.draws as f64;
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
            by_draw: sums.by_draw,
            given_s: sums.given_s.into_iter().map(|(name, s)| (name, s / draws)).collect(),
            recalls: (sums.by_activity.into_iter())
                .map(|(name, [n, was, is])| (name, [was / n, is / n]))
                .collect(),
            unknown_auroc: (sums.auroc_draws > 0.0).then(|| sums.auroc.map(|sum| sum / sums.auroc_draws)),
        })
    }

    fn answers(&self, model: &Model, person: &Person) -> Answers {
        let way = self.question.way;
        let logits = way.logits(model, person.windows.iter());
        let labels = &model.metadata().labels;
        let targets: BTreeMap<&str, Option<Target>> =
            person.activities().into_iter().map(|label| (label, labels.target(label))).collect();
        let is_right = |(window, logits): (&Window, &[f32])| {
            let best = ambulo_nn::argmax(logits) as u8;
            targets[&*window.label].as_ref().is_some_and(|target| target.classes().contains(&best))
        };
        let rows = person.windows.iter().zip(logits.chunks_exact(labels.len()));
        let is_right = rows.map(is_right).collect();
        let (known, strange) = if self.strange.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            (strangeness(model, &person.windows, way), strangeness(model, self.strange, way))
        };
        Answers { is_right, known, strange }
    }
}

/// How strange each window is to a model; nothing where it does not tell known from unknown.
fn strangeness(model: &Model, windows: &[Window], way: Way) -> Vec<f32> {
    let Some(novelty) = &model.metadata().unknown else { return Vec::new() };
    let logits = way.logits(model, windows.iter());
    let rows = windows.iter().zip(logits.chunks_exact(model.metadata().labels.len()));
    rows.map(|(window, logits)| novelty.score(&window.embedding, &window.movement, logits)).collect()
}
