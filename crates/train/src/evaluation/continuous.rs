//! Saved models on whole recordings of people they were not trained on, or of files whose truth somebody wrote down.

use crate::TrainError;
use crate::directory::files::EvaluationFile;
use crate::evaluation::final_evaluation::pool;
use crate::evaluation::unseen::{NamedModel, comparable, unseen_people};
use crate::metrics::MetricsError;
use crate::metrics::continuous::{Answers, Interval, SeedTally, Tally, Truth, continuous_variant};
use ambulo_data::{Dataset, LabelInterval, LabelledRecording};
use ambulo_model::{ModelError, Predictor, Smoothing, TimelineOptions};
use ambulo_record::continuous::{CAUSAL, CONTINUOUS_FORMAT, ContinuousMetrics, UNSMOOTHED, WHOLE_FILE};
use ambulo_record::timeline::{Segment, Steps};
use ambulo_record::{LabelSet, PersonId, Target};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Chunk, Header, Source, SourceError};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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

/// Answers by [`Predictor::timeline`], with what is declared about the recordings.
pub fn by_timeline(
    declared: Declared,
) -> impl Fn(&Predictor, &mut dyn Source, Way) -> Result<TimedAnswers, ModelError> + Sync {
    move |model, source, way| {
        let smoothing = match way {
            Way::Unsmoothed => Smoothing::Off,
            Way::Causal { delay_s } => Smoothing::Causal { delay_s },
            Way::WholeFile => Smoothing::WholeFile,
        };
        let answers = model.timeline(source, &declared, &TimelineOptions { smoothing })?;
        Ok(TimedAnswers { steps: answers.steps, segments: None })
    }
}

/// How [`evaluate_continuous`] goes about it.
pub struct ContinuousOptions<'a> {
    /// The ways of smoothing, each of which is evaluated.
    pub ways: &'a [Way],
    /// What answers.
    pub answering: &'a Answering<'a>,
    /// Threads; 0 for as many as there are cores.
    pub threads: usize,
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
    let labels = &comparable(models)?.labels;
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
    let mut all = All::new(&seeds(models), labels, options.ways)?;
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
    let labels = &first.labels;
    if let Some((other, _)) = pairs.iter().find(|(model, _)| model.model().metadata().labels != *labels) {
        let name = |model: &ambulo_model::Metadata| model.model.clone();
        return Err(TrainError::DifferentModels {
            first: name(first),
            other: name(other.model().metadata()),
        });
    }
    let scored = all_of(pairs, labels, options)?;
    let mut all = All::new(&[first.provenance.seed], labels, options.ways)?;
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
    let labels = &comparable(models)?.labels;
    let mut all = All::new(&seeds(models), labels, options.ways)?;
    let mut people = BTreeSet::new();
    for file in files.iter_mut() {
        let name = |error| TrainError::Recording {
            person: file.person.clone(),
            recording: file.name.clone(),
            source: Box::new(error),
        };
        people.insert(file.person.clone());
        for (number, (_, model)) in models.iter().enumerate() {
            let again =
                file.source.rewind().map_err(|e| ModelError::from(ambulo_signal::SignalError::from(e)));
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

/// One model on one recording.
struct One<'a> {
    labels: &'a LabelSet,
    model: &'a Predictor,
    options: &'a ContinuousOptions<'a>,
}

/// What came of it: sums by way of smoothing, and the truth.
struct Scored {
    tallies: Vec<Tally>,
    truth: Truth,
}

impl One<'_> {
    fn score(&self, source: &mut dyn Source, labels: &[LabelInterval]) -> Result<Scored, TrainError> {
        let mut tallies = Vec::with_capacity(self.options.ways.len());
        let mut truth = Truth::default();
        for (number, &way) in self.options.ways.iter().enumerate() {
            let rewound = if number == 0 { Ok(()) } else { source.rewind() };
            rewound.map_err(|e| ModelError::from(ambulo_signal::SignalError::from(e)))?;
            let mut timed =
                Timed { source: &mut *source, first: i64::MAX, last: i64::MIN, samples: 0, most: 0 };
            let answers = (self.options.answering)(self.model, &mut timed, way)?;
            if number == 0 {
                truth = Truth::new(self.labels, labels, timed.extent());
            }
            let mut tally = Tally::new(self.labels.len())?;
            let answers = Answers { steps: &answers.steps, segments: answers.segments.as_deref() };
            tally.add(self.labels, &truth, answers)?;
            tallies.push(tally);
        }
        Ok(Scored { tallies, truth })
    }
}

/// Sums over all recordings.
struct All {
    /// By way of smoothing and seed.
    runs: Vec<(Way, Vec<SeedTally>)>,
    scored_ns: u64,
    coarse_ns: u64,
    not_scored_ns: BTreeMap<String, u64>,
}

impl All {
    fn new(seeds: &[u64], labels: &LabelSet, ways: &[Way]) -> Result<Self, TrainError> {
        Tally::new(labels.len())?;
        let nobody: Vec<SeedTally> =
            seeds.iter().map(|&seed| SeedTally { seed, people: BTreeMap::new() }).collect();
        Ok(Self {
            runs: ways.iter().map(|&way| (way, nobody.clone())).collect(),
            scored_ns: 0,
            coarse_ns: 0,
            not_scored_ns: BTreeMap::new(),
        })
    }

    fn add(&mut self, model: usize, person: &PersonId, scored: Scored) -> Result<(), TrainError> {
        for ((_, seeds), tally) in self.runs.iter_mut().zip(scored.tallies) {
            match seeds[model].people.get_mut(person) {
                Some(own) => own.merge(&tally)?,
                None => {
                    seeds[model].people.insert(person.clone(), tally);
                }
            }
        }
        // The truth is the same for all models.
        if model == 0 {
            for stretch in &scored.truth.stretches {
                match stretch.target {
                    Target::Class(_) => self.scored_ns += stretch.time.length_ns(),
                    Target::Group(_) => self.coarse_ns += stretch.time.length_ns(),
                }
            }
            for (label, ns) in scored.truth.not_scored_ns {
                *self.not_scored_ns.entry(label).or_default() += ns;
            }
        }
        Ok(())
    }

    fn metrics(&self, labels: &LabelSet, recordings: usize) -> Result<ContinuousMetrics, MetricsError> {
        let variants =
            self.runs.iter().map(|(way, seeds)| continuous_variant(labels, way.name(), way.delay_s(), seeds));
        let seconds = |ns: u64| ns as f64 / 1e9;
        Ok(ContinuousMetrics {
            format: CONTINUOUS_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").to_owned(),
            seeds: self
                .runs
                .first()
                .map(|(_, seeds)| seeds.iter().map(|s| s.seed).collect())
                .unwrap_or_default(),
            labels: labels.names().map(str::to_owned).collect(),
            recordings,
            scored_s: seconds(self.scored_ns),
            coarse_s: seconds(self.coarse_ns),
            not_scored_s: self.not_scored_ns.iter().map(|(l, &ns)| (l.clone(), seconds(ns))).collect(),
            variants: variants.collect::<Result<_, _>>()?,
            ..ContinuousMetrics::default()
        })
    }
}

/// A source that notes from when to when it has samples.
struct Timed<'a> {
    source: &'a mut dyn Source,
    first: i64,
    last: i64,
    /// Of the sensor with most of them, since the last rewind.
    samples: u64,
    /// The same where most was read.
    most: u64,
}

impl Timed<'_> {
    /// From the first sample to the end of the last, which is a mean step long.
    fn extent(&self) -> Interval {
        if self.first >= self.last || self.most < 2 {
            return Interval::new(0, 0);
        }
        let length = Interval::new(self.first, self.last).length_ns();
        Interval::new(self.first, self.last.saturating_add_unsigned(length.div_ceil(self.most - 1)))
    }
}

impl Source for Timed<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        for time in chunk.parts.iter().flat_map(|part| &part.times_ns) {
            self.first = self.first.min(*time);
            self.last = self.last.max(*time);
        }
        self.samples += chunk.parts.iter().map(|part| part.len() as u64).max().unwrap_or(0);
        self.most = self.most.max(self.samples);
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.samples = 0;
        self.source.rewind()
    }
}
