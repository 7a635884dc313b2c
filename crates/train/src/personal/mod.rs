//! What a little of their own is worth to people whom a model has not seen, on any data set.
//!
//! Of each person stretches of every activity are drawn at random, the model is adapted to them, and both are scored on all windows of the
//! same person that share no sample with what was given; means over draws, intervals over people. With a [new activity](Question::new)
//! the same is asked of an activity that the model does not know. People may also give whole recordings without labels, and what was given
//! may come from [another recording](Question::across) than what is scored.
//!
//! - who is asked by which model: [`PersonalSource`], `asked.rs`;
//! - what a person did, as a model sees it: [`Person`], [`Window`];
//! - what is given and what is left: [`Person::draw`];
//! - how a model is adapted: [`Way`], of [`Step`]s; another one is a variant there. How a personal model sees the same windows: `seen.rs`.

mod asked;
mod draw;
mod people;
mod score;
mod seen;
mod summary;
mod way;

pub use asked::PersonalSource;
pub use draw::{Amount, Draw, Drawn, Piece};
pub use people::{Person, Whole, Window};
pub use way::{Own, Step, Way};

use crate::directory::files::now;
use crate::evaluation::final_evaluation::pool;
use crate::evaluation::sources::sources_of;
use crate::{TrainError, with_memory};
use ambulo_data::{Content, Dataset, LabelledRecording};
use ambulo_model::{Model, Predictor};
use ambulo_record::vocabulary::canonical;
use ambulo_record::{
    LeftOutPerson, NewActivity, PERSONAL_FORMAT, PersonId, PersonalFigures, PersonalModel, PersonalPoint,
    PersonalScore,
};
use people::{asked_person, strangers};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Seconds of each activity, one figure after the other; none where people give recordings without labels.
    pub seconds: Vec<f64>,
    /// Stretches into which these are divided, each of at least a window, from different places.
    pub pieces: usize,
    /// Draws of each person.
    pub draws: u64,
    /// An activity that the models do not know.
    pub new: Option<NewActivity>,
    /// How models are adapted.
    pub way: Way,
    /// Whether all that is given comes from one recording, each in turn, and the person's others are scored; otherwise it comes from any, and
    /// all windows are scored that share no sample with labelled seconds.
    pub across: bool,
}

impl Question {
    /// The question with its activity in the one spelling.
    fn checked(&self) -> Result<Self, TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        self.way.check()?;
        let with_labels = self.way.takes_labels();
        if with_labels && self.seconds.is_empty() {
            return setting("seconds", "empty".into(), "at least one number");
        }
        if !with_labels && !self.seconds.is_empty() {
            return setting(
                "seconds",
                format!("{:?}", self.seconds),
                "none: this way learns from recordings without labels",
            );
        }
        if self.across && self.new.is_some() {
            return setting("across", "with a new activity".into(), "without: a recording may not hold it");
        }
        if !with_labels && self.new.is_some() {
            return setting("new", "an activity".into(), "none: a new activity takes labelled seconds");
        }
        if let Some(seconds) = self.seconds.iter().find(|s| !(s.is_finite() && **s > 0.0 && **s <= 1e6)) {
            return setting("seconds", seconds.to_string(), "numbers above 0, at most 1000000");
        }
        if !(1..=1000).contains(&self.pieces) {
            return setting("pieces", self.pieces.to_string(), "from 1 to 1000");
        }
        if !(1..=10_000).contains(&self.draws) {
            return setting("draws", self.draws.to_string(), "from 1 to 10000");
        }
        if !with_labels && self.pieces != 1 {
            return setting(
                "pieces",
                self.pieces.to_string(),
                "1: this way learns from recordings without labels",
            );
        }
        let mut checked = self.clone();
        if let Some(new) = &mut checked.new {
            match canonical(&new.activity) {
                Ok(name) => new.activity = name,
                Err(error) => return setting("new", error.to_string(), "the name of an activity"),
            }
        }
        Ok(checked)
    }

    fn new_activity(&self) -> Option<&str> {
        self.new.as_ref().map(|new| new.activity.as_str())
    }

    /// What is asked one after the other: seconds, or nothing but recordings.
    fn amounts(&self) -> Vec<Option<f64>> {
        if self.seconds.is_empty() { vec![None] } else { self.seconds.iter().copied().map(Some).collect() }
    }
}

/// Models, data and a question.
#[derive(Debug)]
pub struct Personal<'a> {
    /// The models; a person whom several could answer is answered by the first.
    pub models: Vec<PersonalSource>,
    /// The data set, of recordings.
    pub dataset: &'a Dataset,
    /// Data that models may have been trained on, with people named as models of them name them. A model whose file does not remember its
    /// training, as those that `ambulo train` writes, gets its memory from there; without, it is measured as it is.
    pub trained_on: &'a [Dataset],
    /// Whose prior over time and scale of `unknown`, with its name, a model takes that was fitted none; it has to have the same labels. A
    /// model without takes nothing for unknown.
    pub timeline: Option<(&'a str, &'a Model)>,
    /// What is asked.
    pub question: Question,
    /// Threads, 0 for all cores; the figures are the same for any number.
    pub threads: usize,
    /// What a person types to repeat it.
    pub command: &'a str,
}

/// A person to be asked about, and by which model.
struct Task<'a> {
    model: usize,
    person: PersonId,
    recordings: Vec<&'a LabelledRecording>,
}

/// What came of a person: a score for each number of seconds, or why there is none.
type Answer = Result<Vec<PersonalScore>, LeftOutPerson>;

impl Personal<'_> {
    /// Measures. `say` is told what happens, from any thread.
    ///
    /// # Errors
    /// A question that is none, windows instead of recordings, models that know the new activity, and [`TrainError::NobodyToAsk`] where no
    /// person is left whom a model has not seen, or who did what is asked about.
    pub fn measure(self, say: &(dyn Fn(&str) + Sync)) -> Result<PersonalFigures, TrainError> {
        let question = self.question.checked()?;
        let Content::Recordings(recordings) = &self.dataset.content else {
            let found = format!("{} holds windows that were cut out before", self.dataset.info.name);
            let hint = "take a data set of whole recordings: seconds in a row are drawn from them";
            return Err(TrainError::NothingToLearn { found, hint });
        };
        for source in &self.models {
            source.refuse_known(question.new_activity())?;
        }
        let asked = asked::assign(&self.models, self.dataset, say)?;
        let threads = pool(self.threads)?;
        let mut timeline_taken = false;
        let mut models = Vec::with_capacity(self.models.len());
        let mut records = Vec::with_capacity(self.models.len());
        let mut tasks = Vec::new();
        for (number, (source, people)) in self.models.into_iter().zip(asked).enumerate() {
            let sha256 = ambulo_data::hash::sha256(&source.model.to_bytes()?);
            let mut record = PersonalModel { name: source.name, sha256, ..PersonalModel::default() };
            let mut model = source.model;
            if model.metadata().unknown.is_none() && !people.is_empty() {
                (model, record.memory_added) =
                    threads.install(|| remembering(model, self.dataset, self.trained_on))?;
                if let Some(other) = self.timeline.filter(|_| record.memory_added) {
                    model = with_timeline_of(model, other)?;
                    timeline_taken = true;
                }
                say(&match record.memory_added {
                    true => format!("{}: what it was trained on is looked at again", record.name),
                    false => format!(
                        "note: {} holds nothing of its training, and the data it was trained on are not at hand: measured without",
                        record.name
                    ),
                });
            }
            models.push(model);
            records.push(record);
            for person in people {
                let recordings = recordings.iter().filter(|one| one.person == person).collect();
                tasks.push(Task { model: number, person, recordings });
            }
        }
        if let Some((name, _)) = self.timeline.filter(|_| !timeline_taken) {
            say(&format!(
                "note: no model takes the prior over time of {name}: they have one, or remember nothing"
            ));
        }
        let work = Work { models: &models, dataset: self.dataset, question: &question };
        let answers = threads.install(|| work.answers(recordings, &tasks, say))?;
        let mut figures = PersonalFigures {
            format: PERSONAL_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").into(),
            finished: now(),
            dataset: self.dataset.info.name.clone(),
            dataset_sha256: self.dataset.sha256.clone(),
            sources: sources_of(self.dataset),
            models: records,
            way: question.way.record(),
            new: question.new.clone(),
            pieces: question.pieces,
            draws: question.draws,
            across: question.across,
            timeline: self.timeline.filter(|_| timeline_taken).map(|(name, _)| name.to_owned()),
            command: self.command.into(),
            ..PersonalFigures::default()
        };
        work.put_together(&mut figures, answers)?;
        Ok(figures)
    }
}

/// What all threads share.
struct Work<'a> {
    models: &'a [Model],
    dataset: &'a Dataset,
    question: &'a Question,
}

impl Work<'_> {
    fn answers(
        &self,
        recordings: &[LabelledRecording],
        tasks: &[Task<'_>],
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<Answer>, TrainError> {
        let predictors = self.models.iter().map(people::stepping).collect::<Result<Vec<_>, _>>()?;
        let has_people: BTreeSet<usize> = tasks.iter().map(|task| task.model).collect();
        let strange = |(number, predictor): (usize, &Predictor)| {
            let asked = (self.question.new_activity(), &self.question.way);
            if !has_people.contains(&number) {
                return Vec::new();
            }
            strangers(predictor, &self.models[number], self.dataset, recordings, asked)
        };
        let strange: Vec<Vec<Window>> = predictors.par_iter().enumerate().map(strange).collect();
        let one = |task: &Task<'_>| {
            let predictor = &predictors[task.model];
            let own = (&self.models[task.model], &self.question.way);
            let person = asked_person(predictor, &task.recordings, self.question.new_activity(), own)?;
            let answer = self.person(task, &person, &strange[task.model])?;
            say(&match &answer {
                Ok(scores) => told(&scores[0]),
                Err(left_out) => format!("{} is left out: {}", left_out.person, left_out.reason),
            });
            Ok(answer)
        };
        // In the order of the tasks, whichever thread was first; so is the error that is told.
        tasks.par_iter().map(one).collect::<Vec<_>>().into_iter().collect()
    }

    fn person(&self, task: &Task<'_>, person: &Person, strange: &[Window]) -> Result<Answer, TrainError> {
        let left_out = |reason: String| Ok(Err(LeftOutPerson { person: task.person.clone(), reason }));
        let activities = person.activities();
        if let Some(unfit) = person.unfit.as_ref().filter(|_| activities.is_empty()) {
            return left_out(unfit.lines().next().unwrap_or_default().to_owned());
        }
        if let Some(new) = self.question.new_activity()
            && !activities.contains(&new)
        {
            return left_out(format!("no window of {new}"));
        }
        if activities.len() < 2 {
            return left_out(match activities.first() {
                Some(only) => format!("windows of {only} alone"),
                None => "no window of an activity that the model knows".into(),
            });
        }
        let only = self.question.new.as_ref().filter(|new| new.alone).map(|new| new.activity.as_str());
        let mut scores = Vec::new();
        for seconds in self.question.amounts() {
            let amount = seconds.map(|seconds| Amount::new(seconds, self.question.pieces, person));
            let drawn = Drawn { amount, only, across: self.question.across };
            if person.draws(self.question.draws, drawn) == 0 {
                return left_out("one recording alone, and another one is to be scored".into());
            }
            let one = score::Asked {
                model: &self.models[task.model],
                number: task.model,
                question: self.question,
                strange,
            };
            let wrap = |source| TrainError::Person { person: task.person.clone(), source: Box::new(source) };
            match (one.score(person, drawn).map_err(wrap)?, seconds) {
                (Some(score), _) => scores.push(score),
                (None, Some(seconds)) => {
                    return left_out(format!("with {seconds} s of each activity given nothing is left"));
                }
                (None, None) => return left_out("nothing is left to be scored".into()),
            }
        }
        Ok(Ok(scores))
    }

    fn put_together(&self, figures: &mut PersonalFigures, answers: Vec<Answer>) -> Result<(), TrainError> {
        let amounts = self.question.amounts();
        let mut by_seconds: Vec<Vec<PersonalScore>> = vec![Vec::new(); amounts.len()];
        for answer in answers {
            match answer {
                Ok(scores) => by_seconds.iter_mut().zip(scores).for_each(|(all, one)| all.push(one)),
                Err(left_out) => figures.left_out.push(left_out),
            }
        }
        for score in by_seconds.first().into_iter().flatten() {
            figures.models[score.model].people.push(score.person.clone());
        }
        figures.models.iter_mut().for_each(|model| model.people.sort());
        figures.left_out.sort_by(|a, b| a.person.cmp(&b.person));
        if by_seconds.iter().any(Vec::is_empty) {
            let reasons: BTreeSet<&str> = figures.left_out.iter().map(|one| one.reason.as_str()).collect();
            let reasons: Vec<&str> = reasons.into_iter().collect();
            let count = figures.left_out.len();
            let (people, verb) = if count == 1 { ("person", "is") } else { ("people", "are") };
            return Err(TrainError::NobodyToAsk {
                dataset: figures.dataset.clone(),
                reason: format!(
                    "{count} {people} whom no model has seen {verb} left out: {}",
                    reasons.join("; ")
                ),
                hint: "give data in which a person does at least two activities that the model knows (and the new one), longer than a window and \
                       longer than the seconds that are given away",
            });
        }
        let window_s = self.models.iter().map(people::window_s).fold(f64::INFINITY, f64::min);
        for (seconds, mut people) in amounts.into_iter().zip(by_seconds) {
            people.sort_by(|a, b| (&a.dataset, &a.person).cmp(&(&b.dataset, &b.person)));
            let summaries = summary::summaries(&people, self.question.new_activity());
            let pieces = seconds.map_or(0, |s| draw::pieces(s, self.question.pieces, window_s));
            let seconds = seconds.unwrap_or(0.0);
            figures.points.push(PersonalPoint { seconds, pieces, summaries, people });
        }
        Ok(())
    }
}

fn told(score: &PersonalScore) -> String {
    let [before, after] = [score.mistakes_before, score.mistakes_after].map(|share| 100.0 * share);
    format!("{}: mistakes {before:.2} -> {after:.2} %", score.person)
}

/// A model that was fitted none with the prior over time and the scale of `unknown` of another one.
fn with_timeline_of(model: Model, (name, other): (&str, &Model)) -> Result<Model, TrainError> {
    let refused = |found: &str, expected| {
        Err(TrainError::Setting { setting: "timeline", found: format!("{name}, which {found}"), expected })
    };
    let (own, other) = (model.metadata(), other.metadata());
    let Some((prior, known)) = other.smoothing.as_ref().zip(other.unknown.as_ref()) else {
        return refused("was fitted no prior over time", "a model that was, e.g. waist");
    };
    if !own.labels.names().eq(other.labels.names()) {
        return refused(
            "knows other activities than the models",
            "a model with the same labels in the same order",
        );
    }
    let Some(mut novelty) = own.unknown.clone() else { return Ok(model) };
    (novelty.even_score, novelty.slope, novelty.known_95) = (known.even_score, known.slope, known.known_95);
    Ok(model.with_timeline(prior.clone(), novelty)?)
}

/// The model with what it remembers of its training, if the data of its training are there.
fn remembering(model: Model, dataset: &Dataset, trained_on: &[Dataset]) -> Result<(Model, bool), TrainError> {
    let provenance = &model.metadata().provenance;
    let wanted: BTreeSet<&PersonId> = provenance.trained_on.iter().collect();
    let has = |set: &&Dataset| {
        let same = if provenance.sources.is_empty() {
            set.info.name == provenance.dataset && set.parts.is_empty()
        } else {
            provenance.sources.iter().all(|s| set.parts.iter().any(|p| p.prefix == s.prefix))
        };
        let there = set.subjects();
        same && matches!(set.content, Content::Recordings(_))
            && wanted.iter().all(|person| there.contains(*person))
    };
    match std::iter::once(dataset).chain(trained_on).find(has) {
        Some(set) => Ok((with_memory(model, set)?, true)),
        None => Ok((model, false)),
    }
}

#[cfg(test)]
mod tests;
