//! Saved models on whole recordings of people they were not trained on, or of files whose truth somebody wrote down.

mod scoring;
mod sources;

use crate::TrainError;
use crate::directory::files::EvaluationFile;
use crate::evaluation::final_evaluation::pool;
use crate::evaluation::unseen::{NamedModel, comparable, unseen_people};
use crate::metrics::MetricsError;
use ambulo_data::{Dataset, LabelInterval, LabelledRecording};
use ambulo_model::{ModelError, Predictor, Smoothing, TimelineOptions};
use ambulo_record::continuous::{CAUSAL, ContinuousMetrics, UNSMOOTHED, WHOLE_FILE};
use ambulo_record::timeline::{Segment, Steps, segments};
use ambulo_record::vocabulary::is_transition;
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::Declared;
use ambulo_signal::{SignalError, Source};
use rayon::prelude::*;
use scoring::{All, One, Scored};
use std::collections::BTreeSet;
use std::path::Path;

/// How answers are smoothed over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// Not at all.
    Unsmoothed,
    /// With what follows within a delay, as in a stream.
    Causal {
        /// The delay in seconds.
        delay_s: f64,
    },
    /// With all of the recording.
    WholeFile,
}

impl Way {
    /// What is evaluated unless something else is asked for.
    pub const USUAL: [Self; 3] = [Self::Unsmoothed, Self::Causal { delay_s: 2.0 }, Self::WholeFile];

    /// Its name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsmoothed => UNSMOOTHED,
            Self::Causal { .. } => CAUSAL,
            Self::WholeFile => WHOLE_FILE,
        }
    }

    /// The delay of a causal one.
    #[must_use]
    pub const fn delay_s(self) -> Option<f64> {
        match self {
            Self::Causal { delay_s } => Some(delay_s),
            Self::Unsmoothed | Self::WholeFile => None,
        }
    }
}

/// What a model answers for a recording over time.
#[derive(Clone, Debug, Default)]
pub struct TimedAnswers {
    /// Step by step, one probability for each label of the model.
    pub steps: Steps,
    /// As users are given it, where answers may back off; none where that is not known.
    pub segments: Option<Vec<Segment>>,
}

/// What answers a recording over time.
pub type Answering<'a> =
    dyn Fn(&Predictor, &mut dyn Source, Way) -> Result<TimedAnswers, ModelError> + Sync + 'a;

/// What is scored of the labels of a model: all of them, or with `activities` none that is a change of posture.
fn scored_labels(labels: &LabelSet, activities: bool) -> LabelSet {
    let some = labels.names().filter(|label| !is_transition(label));
    // As long as two remain.
    let some = if activities { LabelSet::new(some).ok() } else { None };
    some.unwrap_or_else(|| labels.clone())
}

/// Answers for some of the labels of a model alone, which share what all labels have.
fn among(steps: &Steps, all: &LabelSet, some: &LabelSet) -> Steps {
    let places: Vec<usize> = some.names().filter_map(|name| all.index_of(name)).map(usize::from).collect();
    let mut among = Steps { probabilities: Vec::with_capacity(steps.len() * places.len()), ..steps.clone() };
    among.probabilities.clear();
    for (row, unknown) in steps.probabilities.chunks_exact(all.len()).zip(&steps.unknown) {
        let sum: f32 = places.iter().map(|&i| row[i]).sum();
        let factor = if sum > 0.0 { (1.0 - unknown) / sum } else { 0.0 };
        among.probabilities.extend(places.iter().map(|&i| row[i] * factor));
    }
    among
}

/// Answers by [`Predictor::timeline`], with what is declared about the recordings; users are given what reaches the `confidence`. With
/// `activities` among those of the labels that are no changes of posture.
pub fn by_timeline(
    declared: Declared,
    confidence: f32,
    activities: bool,
) -> impl Fn(&Predictor, &mut dyn Source, Way) -> Result<TimedAnswers, ModelError> + Sync {
    move |model, source, way| {
        let smoothing = match way {
            Way::Unsmoothed => Smoothing::Off,
            Way::Causal { delay_s } => Smoothing::Causal { delay_s },
            Way::WholeFile => Smoothing::WholeFile,
        };
        let answers = model.timeline(source, &declared, &TimelineOptions { smoothing, every_step: true })?;
        let labels = &model.model().metadata().labels;
        let scored = scored_labels(labels, activities);
        let steps = if scored == *labels { answers.steps } else { among(&answers.steps, labels, &scored) };
        // Whether the device was worn is no answer of the model: all labelled time is asked for.
        let segments = segments(&steps, &scored, confidence, &[], &[]);
        Ok(TimedAnswers { steps, segments: Some(segments) })
    }
}

/// How [`evaluate_continuous`] goes about it.
pub struct ContinuousOptions<'a> {
    /// The ways of smoothing, each of which is evaluated.
    pub ways: &'a [Way],
    /// Whether each is evaluated once more with every recording turned at random in space, as if the device had been worn any way.
    pub turned: bool,
    /// Whether changes of posture are left out of what is scored; then the answers are expected without them.
    pub activities: bool,
    /// What answers.
    pub answering: &'a Answering<'a>,
    /// Threads; 0 for as many as there are cores.
    pub threads: usize,
}

/// One way of smoothing, of recordings as they are or turned.
#[derive(Clone, Copy, Debug)]
struct Trial {
    way: Way,
    turned: bool,
}

impl ContinuousOptions<'_> {
    /// All that is evaluated, recordings as they are first.
    fn trials(&self) -> Vec<Trial> {
        let turns = if self.turned { &[false, true][..] } else { &[false] };
        turns.iter().flat_map(|&turned| self.ways.iter().map(move |&way| Trial { way, turned })).collect()
    }
}

/// A recording in a file, and what somebody wrote down about it.
pub struct TrueFile<'a> {
    /// What errors call it.
    pub name: String,
    /// Who wore the device; the recording's name where nobody says.
    pub person: PersonId,
    /// What was done, in order of time and without overlaps.
    pub labels: Vec<LabelInterval>,
    /// The samples.
    pub source: &'a mut dyn Source,
}

/// Evaluates the models of one run (one per seed) on the whole recordings of the people of a data set that none of them
/// was trained on, or only on those of them whom `only` names, and logs that in `log`.
///
/// # Errors
/// As [`evaluate`](crate::evaluate); a data set of windows; recordings that cannot be answered.
pub fn evaluate_continuous(
    models: &[NamedModel],
    dataset: &Dataset,
    only: Option<&BTreeSet<PersonId>>,
    options: &ContinuousOptions<'_>,
    log: &Path,
) -> Result<ContinuousMetrics, TrainError> {
    let labels = &scored_labels(&comparable(models)?.labels, options.activities);
    let subjects = unseen_people(models, dataset, only)?;
    let protocol = subjects.chosen_by().name().to_owned();
    let closed = subjects.recordings(dataset)?;
    let people = closed.subjects().iter().cloned().collect();
    let names = models.iter().map(|(name, _)| name.clone()).collect();
    let recordings = closed.open(&mut EvaluationFile { path: log.to_owned(), models: names })?;

    let pairs: Vec<(&Predictor, &LabelledRecording)> = models
        .iter()
        .flat_map(|(_, model)| recordings.iter().map(move |&recording| (model, recording)))
        .collect();
    let scored = all_of(&pairs, labels, options)?;
    let mut all = All::new(&seeds(models), labels, options.trials())?;
    for (number, scored) in scored.into_iter().enumerate() {
        let recording = recordings[number % recordings.len()];
        all.add(number / recordings.len(), &recording.person, scored)?;
    }
    let metrics = all.metrics(labels, recordings.len())?;
    Ok(ContinuousMetrics {
        dataset: dataset.info.name.clone(),
        dataset_sha256: Some(dataset.sha256.clone()),
        model: comparable(models)?.model.clone(),
        protocol,
        subjects: people,
        ..metrics
    })
}

/// Scores recordings each by its own model, all as one: for models of the folds of people to develop on, each of which answers about
/// those whom it has not seen. Who may be answered about is the caller's business, and nothing is logged: never for test people.
///
/// # Errors
/// Models with different labels, and recordings that cannot be answered.
pub fn score_recordings(
    pairs: &[(&Predictor, &LabelledRecording)],
    options: &ContinuousOptions<'_>,
) -> Result<ContinuousMetrics, TrainError> {
    let first = pairs.first().ok_or(MetricsError::NoRuns)?.0.model().metadata();
    let labels = &scored_labels(&first.labels, options.activities);
    if let Some((other, _)) = pairs.iter().find(|(model, _)| model.model().metadata().labels != first.labels)
    {
        let name = |model: &ambulo_model::Metadata| model.model.clone();
        return Err(TrainError::DifferentModels {
            first: name(first),
            other: name(other.model().metadata()),
        });
    }
    let scored = all_of(pairs, labels, options)?;
    let mut all = All::new(&[first.provenance.seed], labels, options.trials())?;
    for ((_, recording), scored) in pairs.iter().zip(scored) {
        all.add(0, &recording.person, scored)?;
    }
    let people: BTreeSet<PersonId> = pairs.iter().map(|(_, recording)| recording.person.clone()).collect();
    let metrics = all.metrics(labels, pairs.len())?;
    Ok(ContinuousMetrics { model: first.model.clone(), subjects: people.into_iter().collect(), ..metrics })
}

/// Scores of recordings, several at a time.
fn all_of(
    pairs: &[(&Predictor, &LabelledRecording)],
    labels: &LabelSet,
    options: &ContinuousOptions<'_>,
) -> Result<Vec<Scored>, TrainError> {
    let score = |&(model, recording): &(&Predictor, &LabelledRecording)| {
        let one = One { labels, model, options };
        one.score(&mut recording.recording.source(), &recording.labels).map_err(|error| {
            TrainError::Recording {
                person: recording.person.clone(),
                recording: recording.name.clone(),
                source: Box::new(error),
            }
        })
    };
    pool(options.threads)?.install(|| pairs.par_iter().map(score).collect())
}

/// Evaluates the models of one run on recordings in files, one after the other. Whether the models have seen who wore the
/// device nobody can tell but who made the files; nothing is logged.
///
/// # Errors
/// Models of different runs, and recordings that cannot be answered.
pub fn evaluate_files(
    models: &[NamedModel],
    truth: &str,
    files: &mut [TrueFile<'_>],
    options: &ContinuousOptions<'_>,
) -> Result<ContinuousMetrics, TrainError> {
    let labels = &scored_labels(&comparable(models)?.labels, options.activities);
    let mut all = All::new(&seeds(models), labels, options.trials())?;
    let mut people = BTreeSet::new();
    for file in files.iter_mut() {
        let name = |error| TrainError::Recording {
            person: file.person.clone(),
            recording: file.name.clone(),
            source: Box::new(error),
        };
        people.insert(file.person.clone());
        for (number, (_, model)) in models.iter().enumerate() {
            let again = file.source.rewind().map_err(|e| ModelError::from(SignalError::from(e)));
            let scored = again
                .map_err(TrainError::from)
                .and_then(|()| One { labels, model, options }.score(&mut *file.source, &file.labels));
            all.add(number, &file.person, scored.map_err(name)?)?;
        }
    }
    let metrics = all.metrics(labels, files.len())?;
    Ok(ContinuousMetrics {
        dataset: truth.to_owned(),
        model: comparable(models)?.model.clone(),
        protocol: "files".to_owned(),
        subjects: people.into_iter().collect(),
        ..metrics
    })
}

fn seeds(models: &[NamedModel]) -> Vec<u64> {
    models.iter().map(|(_, model)| model.model().metadata().provenance.seed).collect()
}
