//! Classes that follow from the data: the activities that people did, at most at a depth of the vocabulary.

use super::people::{developed_at, fold_count, training_people};
use crate::{Config, Labels, TrainError};
use ambulo_data::{Content, Dataset};
use ambulo_record::vocabulary::{self, is_reserved, is_transition};
use ambulo_record::{LabelSet, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Which activities to tell apart, as far as it can be said before the data are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelChoice {
    /// These.
    Named(Labels),
    /// Those in the data, with everything deeper than `depth` taken for what lies above it there; none for as deep as the data
    /// have them.
    OfData {
        /// Number of activities above a class at most, the root included: `still` has depth 1, `sitting` depth 2.
        depth: Option<usize>,
    },
}

/// The classes that were found for a [`LabelChoice`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLabels {
    /// The classes.
    pub labels: Labels,
    /// Labels in the data that are neither a class nor beneath or above one: too few people did them for long enough.
    pub left_out: Vec<String>,
}

impl Default for LabelChoice {
    fn default() -> Self {
        Self::Named(Labels::default())
    }
}

impl FromStr for LabelChoice {
    type Err = String;

    /// `leaves`, `depth=2`, or what [`Labels`] reads.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "leaves" {
            return Ok(Self::OfData { depth: None });
        }
        match text.strip_prefix("depth=") {
            None => text.parse().map(Self::Named),
            Some(depth) => match depth.parse() {
                Ok(depth @ 1..) => Ok(Self::OfData { depth: Some(depth) }),
                _ => {
                    Err(format!("depth is `{depth}`, expected a number of at least 1; `leaves` has no bound"))
                }
            },
        }
    }
}

impl LabelChoice {
    /// The classes for these data under the protocol of `config`.
    ///
    /// Each class was done for at least a window by somebody among the training people of every fold, validation people apart; an
    /// activity of which this is not true is taken for the one above it, if that is no class's ancestor. What lies above
    /// classes, in data that say no more, is no class but a coarse label. Classes are in the order of the vocabulary, a data set's
    /// own names after them.
    ///
    /// # Errors
    /// Data that cannot be split, or that leave fewer than two classes, or too many.
    pub fn resolve(&self, dataset: &Dataset, config: &Config) -> Result<FoundLabels, TrainError> {
        let depth = match self {
            Self::Named(labels) => {
                return Ok(FoundLabels { labels: labels.clone(), left_out: Vec::new() });
            }
            Self::OfData { depth } => *depth,
        };
        let folds = if config.is_over_folds() { fold_count(dataset, config)? } else { 1 };
        let of_fold = |fold| {
            let fold = if config.is_over_folds() { Some(fold) } else { config.fold };
            training_people(dataset, &Config { fold, ..config.clone() })
        };
        let training = (1..=folds).map(of_fold).collect::<Result<Vec<_>, _>>()?;
        let done = done_by(dataset, config);
        let in_every_fold = |name: &str| {
            let beneath = |own: &BTreeSet<&str>| {
                own.iter().any(|label| dataset.parents.lineage(label).any(|above| above == name))
            };
            training.iter().all(|people| people.iter().any(|id| done.get(id).is_some_and(beneath)))
        };
        let everything: BTreeSet<&str> = done.values().flatten().copied().collect();
        let root = vocabulary::root().name();
        let mut classes: BTreeSet<&str> = BTreeSet::new();
        for label in &everything {
            let class = dataset.parents.lineage(label).find(|name| in_every_fold(name));
            classes.extend(class.filter(|name| *name != root));
        }
        let labels = LabelSet::finest(&classes, &dataset.parents, depth).map_err(|source| {
            let found = classes.iter().copied().collect::<Vec<_>>().join(", ");
            TrainError::LabelsOfData { dataset: dataset.info.name.clone(), found, source }
        })?;
        let unused = |label: &&str| labels.target_with(label, &dataset.parents).is_none();
        let left_out = everything.into_iter().filter(unused).map(str::to_owned).collect();
        Ok(FoundLabels { labels: labels.into(), left_out })
    }
}

/// What each person did for at least a window, as far as labels tell without the signals.
fn done_by<'a>(dataset: &'a Dataset, config: &Config) -> BTreeMap<&'a PersonId, BTreeSet<&'a str>> {
    let mut done: BTreeMap<&PersonId, BTreeSet<&str>> = BTreeMap::new();
    let mut add = |person, label: &'a str| {
        if !is_reserved(label) {
            done.entry(person).or_default().insert(label);
        }
    };
    match &dataset.content {
        Content::Recordings(recordings) => {
            let p = &config.preprocessing;
            let places = developed_at(config);
            let counts = |worn_at: &str| places.is_empty() || places.iter().any(|place| place == worn_at);
            for recording in recordings.iter().filter(|recording| counts(recording.facts.worn_at())) {
                for interval in &recording.labels {
                    let seconds = (interval.end_ns.saturating_sub(interval.start_ns)) as f64 / 1e9;
                    // A change of posture needs half a window.
                    let share = if is_transition(&interval.label) { 0.5 } else { 1.0 };
                    // Room for the rounding of times to nanoseconds.
                    if seconds * p.rate_hz + 1e-3 >= share * p.window as f64 {
                        add(&recording.person, &interval.label);
                    }
                }
            }
        }
        Content::Windows(windows) => {
            for (person, label) in windows.people.iter().zip(&windows.labels) {
                add(person, label);
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelKind, Orientation, Protocol};
    use ambulo_data::{LabelInterval, LabelledRecording, lookup};
    use ambulo_record::vocabulary::Parents;
    use ambulo_signal::Recording;

    /// People who did something for ten seconds each, or for as long as is said.
    fn dataset(people: &[&[(&str, f64)]]) -> Dataset {
        let recordings = people.iter().enumerate().map(|(i, did)| {
            let mut end_ns = 0;
            let mut labels = Vec::new();
            for (label, seconds) in *did {
                let start_ns = end_ns;
                end_ns += (seconds * 1e9) as i64;
                labels.push(LabelInterval { start_ns, end_ns, label: (*label).into() });
            }
            LabelledRecording {
                person: PersonId::new(format!("P{i}")).unwrap(),
                name: i.to_string(),
                recording: Recording::uniform(50.0, vec![[0.0, 0.0, 1.0]; 10], None).into(),
                facts: std::sync::Arc::default(),
                up: None,
                labels,
            }
        });
        let mut parents = Parents::new();
        parents.insert("skipping", "running").unwrap();
        let content = Content::Recordings(recordings.collect());
        Dataset { parents, ..Dataset::new(lookup("hapt").unwrap(), String::new(), content) }
    }

    fn found(choice: &str, people: &[&[(&str, f64)]]) -> Result<(String, String), TrainError> {
        let mut config = Config::of(ModelKind::Tiny, Orientation::Fixed);
        (config.protocol, config.validation.subjects) = (Protocol::Loso, 1);
        let found = choice.parse::<LabelChoice>().unwrap().resolve(&dataset(people), &config)?;
        Ok((found.labels.names().collect::<Vec<_>>().join(" "), found.left_out.join(" ")))
    }

    const ALL: &[(&str, f64)] = &[
        ("sitting", 10.0),
        ("walking", 10.0),
        ("walking_downstairs", 10.0),
        ("walking_upstairs", 10.0),
        ("skipping", 10.0),
        ("unlabelled", 10.0),
        ("skating", 10.0),
    ];

    #[test]
    fn classes_are_as_deep_as_is_asked_for() {
        let names = |choice| found(choice, &[ALL; 4]).unwrap().0;
        let leaves = "sitting walking walking_upstairs walking_downstairs skating skipping";
        assert_eq!(names("leaves"), leaves);
        assert_eq!(names("depth=9"), leaves);
        assert_eq!(names("depth=3"), leaves);
        assert_eq!(names("depth=2"), "sitting walking stairs running skating");
        assert_eq!(names("depth=1"), "still moving skating");
        for wrong in ["depth=0", "depth=", "depth=-1", "leaf"] {
            assert!(wrong.parse::<LabelChoice>().is_err(), "{wrong}");
        }
        assert_eq!("12".parse(), Ok(LabelChoice::Named(Labels::of_count(12).unwrap())));
    }

    #[test]
    fn coarse_labels_are_no_classes_beside_finer_ones() {
        let coarse: &[(&str, f64)] = &[("sitting", 10.0), ("stairs", 10.0), ("moving", 10.0)];
        let (names, left_out) = found("leaves", &[ALL, ALL, ALL, coarse]).unwrap();
        assert_eq!(names, "sitting walking walking_upstairs walking_downstairs skating skipping");
        assert_eq!(left_out, "");
    }

    #[test]
    fn what_training_people_may_lack_is_taken_for_what_is_above_it() {
        let few: &[(&str, f64)] = &[("sitting", 10.0), ("stairs", 10.0), ("walking_upstairs", 1.0)];
        // With one person for testing and one for validation, two must know a class to be never without.
        let (names, left_out) = found("leaves", &[few, few, few, ALL]).unwrap();
        assert_eq!((names.as_str(), left_out.as_str()), ("sitting stairs", "skating skipping walking"));
        let (names, _) = found("leaves", &[few, few, ALL, ALL, ALL]).unwrap();
        assert_eq!(names, "sitting walking walking_upstairs walking_downstairs skating skipping");
        let error = found("leaves", &[&[("walking", 10.0)], &[("walking", 10.0)], &[("walking", 10.0)]]);
        assert!(error.unwrap_err().to_string().contains("walking"));
    }
}
