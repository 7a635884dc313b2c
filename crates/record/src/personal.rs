//! `personal.json`: what a little of their own is worth to people whom a model has not seen.

use crate::files::PERSONAL;
use crate::run_records::read_record;
use crate::{PersonId, RecordError, SourceRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the layout of [`PersonalFigures`]; readers refuse a larger one.
pub const PERSONAL_FORMAT: u32 = 1;

/// People who are worse off by more than this share of their windows are counted.
pub const MUCH_WORSE: f64 = 0.01;

/// The whole of `personal.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonalFigures {
    /// [`PERSONAL_FORMAT`].
    pub format: u32,
    /// Version of Ambulo that wrote it.
    pub ambulo_version: String,
    /// When it was finished, ISO 8601 UTC.
    pub finished: String,
    /// Name of the data set.
    pub dataset: String,
    /// SHA-256 of its content.
    pub dataset_sha256: String,
    /// The data sets that it was joined from, with their terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRecord>,
    /// The models with the people each of them answered.
    pub models: Vec<PersonalModel>,
    /// How models were adapted.
    pub way: PersonalWay,
    /// The activity that the models do not know; none where people gave what the models know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<NewActivity>,
    /// Whether all that was given came from one recording of a person, each in turn, and the others were scored.
    #[serde(default, skip_serializing_if = "is_false")]
    pub across: bool,
    /// Whose prior over time and scale of `unknown` models had that were fitted none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<String>,
    /// Pieces into which the seconds of an activity were divided, as asked for.
    pub pieces: usize,
    /// Draws of each person and amount, as asked for; figures of a person are means over them. Of recordings without labels there are as
    /// many as tell something: one, or with `across` one for each recording.
    pub draws: u64,
    /// For each number of seconds asked for, in that order.
    pub points: Vec<PersonalPoint>,
    /// People who could have been asked and of whom there is no figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutPerson>,
    /// The shell command that repeats it.
    #[serde(default)]
    pub command: String,
}

/// A model that was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonalModel {
    /// Its file, run or name, as it was given.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Whom it was asked about: nobody of them had shaped it.
    pub people: Vec<PersonId>,
    /// Whether what it remembers of its training, by which the layer is moved, was made from the data set, because the file holds none.
    #[serde(default)]
    pub memory_added: bool,
}

/// How models were adapted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonalWay {
    /// Steps one after the other, with a comma between: `head` (the last layer moves, in closed form), `network` (normalisation by gradient
    /// beneath it), `also-unlabelled` (`head`, also from what recordings hold besides labelled seconds); without labels `clusters` (the last
    /// layer) and `statistics` (those of normalisation).
    pub method: String,
    /// How little examples move what a model knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrinkage: Option<f64>,
}

impl PersonalWay {
    /// Its steps.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.method.split(", ")
    }

    /// Whether people gave whole recordings, of which nothing or not all was labelled.
    #[must_use]
    pub fn takes_recordings(&self) -> bool {
        self.steps().any(|step| ["also-unlabelled", "clusters", "statistics"].contains(&step))
    }
}

/// An activity that models do not know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewActivity {
    /// Its name.
    pub activity: String,
    /// Whether it was given alone, without seconds of the activities that the models know.
    pub alone: bool,
}

impl PersonalPoint {
    /// Whether people gave recordings without any label.
    #[must_use]
    pub fn without_labels(&self) -> bool {
        self.seconds == 0.0
    }
}

/// What so many seconds of each activity are worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonalPoint {
    /// Seconds asked for of each activity; 0 where people gave recordings without labels.
    pub seconds: f64,
    /// Pieces they were divided into: fewer than asked for where a piece would be shorter than a window, 0 of nothing.
    pub pieces: usize,
    /// Figures over people, for each data set.
    pub summaries: Vec<PersonalSummary>,
    /// Everyone, in the order of names within data sets.
    pub people: Vec<PersonalScore>,
}

/// A mean over people, and how far it would move with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeanOverPeople {
    /// The mean.
    pub mean: f64,
    /// 95 % percentile interval of a bootstrap over people.
    pub ci95: [f64; 2],
}

/// Mistakes of answers brought together over time, in windows that lie within one activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MistakesOverTime {
    /// Of the model as it was.
    pub mistakes_before: MeanOverPeople,
    /// Of each person's own.
    pub mistakes_after: MeanOverPeople,
    /// The one less the other, paired by person.
    pub gain: MeanOverPeople,
    /// People who lose more than [`MUCH_WORSE`].
    pub much_worse: usize,
    /// The most that anybody loses; 0 where nobody does.
    pub largest_loss: f64,
}

/// Means over the people of one data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonalSummary {
    /// The data set.
    pub dataset: String,
    /// Its people.
    pub people: usize,
    /// Share of windows answered wrongly by the model as it was. Windows of a new activity are not among them.
    pub mistakes_before: MeanOverPeople,
    /// The same of each person's own model.
    pub mistakes_after: MeanOverPeople,
    /// The one less the other, paired by person.
    pub gain: MeanOverPeople,
    /// The same figures of answers brought together over time, as a timeline has them; none where nothing was scored so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_time: Option<MistakesOverTime>,
    /// The five people with the most mistakes before, or all where there are fewer: mistakes before and after.
    pub worst_five: [f64; 2],
    /// People with fewer mistakes after, and with more.
    pub better_worse: [usize; 2],
    /// People who lose more than [`MUCH_WORSE`].
    pub much_worse: usize,
    /// The most that anybody loses, as a share of windows; 0 where nobody does.
    pub largest_loss: f64,
    /// Draws of these people in which a step was left out, because what was given taught it nothing, and all draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<[usize; 2]>,
    /// Of each activity.
    pub recalls: BTreeMap<String, RecallBeforeAfter>,
    /// Share of the windows of the new activity that is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<MeanOverPeople>,
    /// How well what strangers do, and the models do not know, is told from what the models know, before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_auroc: Option<[f64; 2]>,
}

impl PersonalSummary {
    /// The share of mistakes that is gone; none where there were none.
    #[must_use]
    pub fn fewer(&self) -> Option<f64> {
        fewer(self.mistakes_before.mean, self.mistakes_after.mean)
    }

    /// The same of the worst five.
    #[must_use]
    pub fn fewer_of_worst(&self) -> Option<f64> {
        fewer(self.worst_five[0], self.worst_five[1])
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls them
fn is_false(flag: &bool) -> bool {
    !flag
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn fewer(before: f64, after: f64) -> Option<f64> {
    (before > 0.0).then(|| 1.0 - after / before)
}

/// Share of the windows of an activity that was found, mean over the people who did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecallBeforeAfter {
    /// Those people.
    pub people: usize,
    /// By the model as it was.
    pub before: f64,
    /// By each person's own.
    pub after: f64,
}

/// A person before and after, means over draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonalScore {
    /// Who.
    pub person: PersonId,
    /// The data set.
    pub dataset: String,
    /// Index of the model asked, in `models`.
    pub model: usize,
    /// Windows that shared no sample with what was given, mean over draws; those of a new activity not among them.
    pub windows: f64,
    /// Share of them answered wrongly by the model as it was.
    pub mistakes_before: f64,
    /// The same of the person's own model.
    pub mistakes_after: f64,
    /// Of answers brought together over time the shares that are wrong, before and after; none where nothing was scored so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_time: Option<[f64; 2]>,
    /// The two shares of single windows of each draw; none where nothing was left to be scored.
    pub by_draw: Vec<Option<[f64; 2]>>,
    /// Draws in which a step was left out, because what was given taught it nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: usize,
    /// Seconds of each activity that windows were given of, mean over draws: fewer than asked for where the person never did it for so
    /// long.
    pub given_s: BTreeMap<String, f64>,
    /// Share found of each activity, before and after.
    pub recalls: BTreeMap<String, [f64; 2]>,
    /// As in [`PersonalSummary`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_auroc: Option<[f64; 2]>,
}

impl PersonalScore {
    /// Mistakes before less mistakes after.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.mistakes_before - self.mistakes_after
    }
}

/// Somebody of whom there is no figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOutPerson {
    /// Who.
    pub person: PersonId,
    /// Why, in words.
    pub reason: String,
}

impl PersonalFigures {
    /// Whether people gave recordings without any label.
    #[must_use]
    pub fn without_labels(&self) -> bool {
        self.points.iter().any(PersonalPoint::without_labels)
    }

    /// Reads `personal.json` in a directory.
    ///
    /// # Errors
    /// [`RecordError`]: a file that is not there, cannot be read, is not what it should be, was written by a newer version, or
    /// names a model that it does not list.
    pub fn read(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(PERSONAL);
        let figures: Self = read_record(&path, "`ambulo personal --out` writes it", PERSONAL_FORMAT)?;
        for (number, point) in figures.points.iter().enumerate() {
            if let Some(score) = point.people.iter().find(|score| score.model >= figures.models.len()) {
                let what = format!("points[{number}].people names models[{}], and models", score.model);
                let (expected, found) = (score.model + 1, figures.models.len());
                return Err(RecordError::Inconsistent { path, what, expected, found });
            }
        }
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written_or_refused_by_name() {
        let score = PersonalScore {
            person: PersonId::from(3),
            dataset: "hapt".into(),
            model: 0,
            windows: 500.5,
            mistakes_before: 0.05,
            mistakes_after: 0.02,
            over_time: None,
            by_draw: vec![Some([0.05, 0.02]), None],
            refused: 1,
            given_s: BTreeMap::from([("walking".into(), 10.24)]),
            recalls: BTreeMap::from([("walking".into(), [0.9, 1.0])]),
            unknown_auroc: None,
        };
        assert!((score.gain() - 0.03).abs() < 1e-12);
        let point = PersonalPoint { seconds: 10.0, pieces: 1, people: vec![score], ..Default::default() };
        let figures = PersonalFigures {
            format: PERSONAL_FORMAT,
            models: vec![PersonalModel { name: "waist".into(), ..PersonalModel::default() }],
            points: vec![point],
            ..PersonalFigures::default()
        };
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(dir.path().join(PERSONAL), text).unwrap();
        let message = || PersonalFigures::read(dir.path()).unwrap_err().to_string();
        assert!(message().contains("personal.json is missing"));
        let text = serde_json::to_string(&figures).unwrap();
        write(&text);
        assert_eq!(PersonalFigures::read(dir.path()).unwrap(), figures);
        write(&text.replacen("\"format\":1", "\"format\":2", 1));
        assert!(message().contains("has format 2"), "{}", message());
        write(&text.replacen("\"model\":0", "\"model\":1", 1));
        assert!(message().contains("models[1]") && message().contains("expected 2"), "{}", message());
    }

    #[test]
    fn shares_of_no_mistakes_are_none() {
        let of = |mean| MeanOverPeople { mean, ci95: [mean; 2] };
        let mut summary = PersonalSummary {
            mistakes_before: of(0.04),
            mistakes_after: of(0.03),
            worst_five: [0.0, 0.0],
            ..PersonalSummary::default()
        };
        assert!((summary.fewer().unwrap() - 0.25).abs() < 1e-12);
        assert_eq!(summary.fewer_of_worst(), None);
        summary.worst_five = [0.1, 0.2];
        assert_eq!(summary.fewer_of_worst(), Some(-1.0));
    }
}
