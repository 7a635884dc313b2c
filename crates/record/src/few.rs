//! `few.json`: what models reach that were trained on few labels.

use crate::files::FEW;
use crate::run_records::read_record;
use crate::{AncestorRecord, Estimate, PersonId, RecordError, SourceRecord, SubjectLists};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the layout of [`FewLabels`]; readers refuse a larger one.
pub const FEW_FORMAT: u32 = 1;

/// The whole of `few.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FewLabels {
    /// [`FEW_FORMAT`].
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
    /// Name of the protocol, e.g. `official`.
    pub protocol: String,
    /// Name of the model, e.g. `cnn`.
    pub model: String,
    /// One line that describes the architecture.
    #[serde(default)]
    pub architecture: String,
    /// Activity names.
    pub labels: Vec<String>,
    /// The model that trainings began with, beside those from scratch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AncestorRecord>,
    /// Seeds of each draw's trainings; figures of a draw are means over them.
    pub seeds: Vec<u64>,
    /// Draws of each amount of labels.
    pub draws: u64,
    /// Least optimiser steps of an epoch.
    pub least_steps: usize,
    /// The people that were drawn from, those that were chosen on, and those tested on.
    pub subjects: SubjectLists,
    /// The amounts of labels, in the order asked for.
    pub points: Vec<FewPoint>,
    /// The shell command that repeats it.
    #[serde(default)]
    pub command: String,
}

/// One amount of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewPoint {
    /// What was counted: `people`, `windows` (of each class) or `all`.
    pub by: String,
    /// How many; of `all` the number of people.
    pub count: usize,
    /// Macro-F1 from scratch: mean and standard deviation over draws, interval over test people.
    pub scratch: Estimate,
    /// Macro-F1 of trainings that began with the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Estimate>,
    /// The one less the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<FewGain>,
    /// Each draw.
    pub draws: Vec<FewDraw>,
}

impl FewPoint {
    /// As it is asked for: `people=2`, `windows=5` or `all`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.by == "all" { self.by.clone() } else { format!("{}={}", self.by, self.count) }
    }
}

/// What beginning with a model gave over beginning from scratch on the same draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewGain {
    /// Difference of macro-F1, mean over draws.
    pub macro_f1: f64,
    /// 95 % percentile interval of a paired bootstrap over test people.
    pub ci95: [f64; 2],
    /// The difference in each draw.
    pub by_draw: Vec<f64>,
    /// Difference of macro-F1 of each test person, over the activities they performed, mean over draws.
    pub by_person: BTreeMap<PersonId, f64>,
    /// Test people with whom it was better, and worse.
    pub better_worse: [usize; 2],
}

/// One draw of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewDraw {
    /// Its seed.
    pub draw: u64,
    /// Whose labels were trained on.
    pub people: Vec<PersonId>,
    /// Windows trained on.
    pub windows: usize,
    /// From scratch.
    pub scratch: FewFigures,
    /// Begun with the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FewFigures>,
}

/// Figures of one draw on the test people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FewFigures {
    /// Share of windows classified correctly.
    pub accuracy: f64,
    /// Mean F1 over the classes.
    pub macro_f1: f64,
    /// Mean F1 of each test person over the activities they performed.
    pub by_person: BTreeMap<PersonId, f64>,
    /// Seconds of training.
    pub train_seconds: f64,
}

impl FewLabels {
    /// Reads `few.json` in a directory.
    ///
    /// # Errors
    /// [`RecordError`]: a file that is not there, cannot be read, is not what it should be, was written by a newer version, or
    /// contradicts itself in the number of draws.
    pub fn read(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(FEW);
        let few: Self = read_record(&path, "it is written when all draws have been trained on", FEW_FORMAT)?;
        for (number, point) in few.points.iter().enumerate() {
            let Some(gain) = &point.gain else { continue };
            let (found, expected) = (gain.by_draw.len(), point.draws.len());
            if found != expected {
                let what = format!("points[{number}].gain.by_draw");
                return Err(RecordError::Inconsistent { path, what, expected, found });
            }
        }
        Ok(few)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written_or_refused_by_name() {
        let of = |mean| Estimate { mean, sd: 0.1, ci95: [mean, mean] };
        let draw =
            FewDraw { draw: 1, people: Vec::new(), windows: 30, scratch: FewFigures::default(), from: None };
        let gain = FewGain {
            macro_f1: 0.1,
            ci95: [0.0, 0.2],
            by_draw: vec![0.1],
            by_person: BTreeMap::new(),
            better_worse: [1, 0],
        };
        let (by, from) = ("windows".into(), Some(of(0.8)));
        let point = FewPoint { by, count: 5, scratch: of(0.7), from, gain: Some(gain), draws: vec![draw] };
        assert_eq!(point.name(), "windows=5");
        let few = FewLabels { format: FEW_FORMAT, points: vec![point], ..FewLabels::default() };
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(dir.path().join(FEW), text).unwrap();
        let message = || FewLabels::read(dir.path()).unwrap_err().to_string();
        assert!(message().contains("few.json is missing"));
        let text = serde_json::to_string(&few).unwrap();
        write(&text);
        assert_eq!(FewLabels::read(dir.path()).unwrap(), few);
        write(&text.replacen("\"format\":1", "\"format\":2", 1));
        assert!(message().contains("has format 2"), "{}", message());
        write(&text.replacen("\"by_draw\":[0.1]", "\"by_draw\":[]", 1));
        assert!(message().contains("points[0].gain.by_draw has 0 entries, expected 1"), "{}", message());
    }
}
