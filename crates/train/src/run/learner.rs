//! Another method than the networks in their protocols, with the same records.

use crate::directory::files::{EvaluationFile, RunFiles, now};
use crate::evaluation::final_evaluation::{mistakes_of, sensor_names, summarise};
use crate::evaluation::pooling::{FoldResult, Pooled, pool};
use crate::evaluation::predictions::{Predictions, StoredPredictions, StoredSeed, write_predictions};
use crate::evaluation::sources::sources_of;
use crate::evaluation::wearing::{WearingCounts, wear};
use crate::metrics::SeedPredictions;
use crate::protocol::people::{Partitions, fold_count};
use crate::run::refuse_duplicates;
use crate::{Config, Labels, ModelKind, Observer, Orientation, Protocol, TrainError};
use ambulo_data::{Dataset, LabelledWindows};
use ambulo_record::files::{EVALUATIONS, METRICS, MISTAKES, PREDICTIONS, WEARINGS};
use ambulo_record::{
    FoldMetrics, METRICS_FORMAT, Metrics, Mistake, PersonId, SubjectLists, Wearing, WindowCounts,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// A method that is fitted once to windows: it draws nothing at random, has no epochs, and chooses nothing on
/// validation people.
pub trait Learner {
    /// What a fit gives.
    type Fitted;
    /// What can go wrong, in a fit or around it.
    type Error: From<TrainError>;

    /// The name, as records write it.
    fn name(&self) -> &str;

    /// One line on what is fitted, where records of networks have the architecture.
    fn description(&self) -> String;

    /// Fits to the windows of people to develop on. Those that carry a class have it in `labels`, below `classes`; others have
    /// a coarse label. `rate_hz` is their samples per second.
    ///
    /// # Errors
    /// Windows that cannot be learned.
    fn fit(
        &self,
        windows: &LabelledWindows,
        rate_hz: f64,
        classes: usize,
    ) -> Result<Self::Fitted, Self::Error>;

    /// How sure it is of each class, `[windows, classes]`: not negative, with a sum of 1 in each window. They rank the
    /// classes and need not be calibrated.
    ///
    /// # Errors
    /// Windows of another shape than those it was fitted to.
    fn confidences(
        &self,
        fitted: &Self::Fitted,
        windows: &LabelledWindows,
        rate_hz: f64,
    ) -> Result<Vec<f32>, Self::Error>;
}

/// In which way a [`Learner`] is to be run.
#[derive(Clone, Copy, Debug)]
pub struct LearnerRun<'a> {
    /// The protocol.
    pub protocol: Protocol,
    /// The activities to tell apart.
    pub labels: &'a Labels,
    /// What `config.toml` shall hold.
    pub config: &'a str,
    /// What a person types to repeat the run.
    pub command: &'a str,
}

/// What came out on one fold.
struct Fold {
    windows: LabelledWindows,
    confidences: Vec<f32>,
    mistakes: Vec<Mistake>,
    wearings: Vec<WearingCounts>,
    counts: WindowCounts,
    subjects: SubjectLists,
    seconds: f64,
}

/// Fits on all development people of each fold of a protocol, evaluates once on the test people, and leaves
/// `metrics.json`, `predictions.parquet`, `wearings.json`, `mistakes.json` and `config.toml` in `directory`, which must not
/// exist or be empty.
///
/// There is nothing to choose, so validation people are fitted on as well, and nothing is recorded of epochs, temperatures
/// or calibration. The windows of test people come out after the fit, as for networks.
///
/// # Errors
/// As [`crate::Run::create`] and [`crate::Run::execute`], and those of the learner.
pub fn run_learner<L: Learner>(
    directory: &Path,
    learner: &L,
    run: LearnerRun<'_>,
    dataset: &Dataset,
    observer: &mut dyn Observer,
) -> Result<Metrics, L::Error> {
    let config = Config {
        protocol: run.protocol,
        labels: run.labels.clone(),
        ..Config::of(ModelKind::default(), Orientation::Fixed)
    };
    config.validate()?;
    let folds = fold_count(dataset, &config)?;
    refuse_duplicates(dataset, config.allow_duplicates)?;
    let (files, _lock) = RunFiles::begin(directory, run.config)?;
    let mut parts = Vec::with_capacity(folds);
    for fold in 1..=folds {
        let config = Config { fold: (folds > 1).then_some(fold), ..config.clone() };
        let part = evaluate_fold(&files, learner, &config, dataset)?;
        observer.message(&format!("fold {fold} of {folds}: fitted in {:.0} s", part.seconds));
        parts.push(part);
    }
    let metrics = put_together(&files, learner, &config, dataset, parts, run.command)?;
    files.write_json(METRICS, &metrics)?;
    files.clean_up();
    Ok(metrics)
}

fn evaluate_fold<L: Learner>(
    files: &RunFiles,
    learner: &L,
    config: &Config,
    dataset: &Dataset,
) -> Result<Fold, L::Error> {
    let labels = config.label_set();
    let rate = config.preprocessing.rate_hz;
    let Partitions { training, validation, test } = Partitions::cut(dataset, config, &labels)?;
    let ids = |people: &BTreeSet<PersonId>| people.iter().cloned().collect::<Vec<_>>();
    let tested = ids(test.subjects());
    let development = training.with_validation(validation).map_err(TrainError::from)?;
    let own = development.windows();
    let began = Instant::now();
    let fitted = learner.fit(own, rate, labels.len())?;
    let seconds = began.elapsed().as_secs_f64();
    let counts = WindowCounts { train: own.len(), validation: 0, test: test.len() };
    let subjects = SubjectLists { train: ids(development.subjects()), validation: Vec::new(), test: tested };
    let mut log = EvaluationFile { path: files.path(EVALUATIONS), models: vec![learner.name().into()] };
    let windows = test.open(&mut log).map_err(TrainError::from)?;
    let confidences = learner.confidences(&fitted, &windows, rate)?;
    let mut wearings = Vec::new();
    for wearing in Wearing::ALL {
        let mut counts = WearingCounts::new(wearing);
        let worn = wear(wearing, &windows, &config.preprocessing, 1)?;
        counts.push(&worn, &learner.confidences(&fitted, &worn, rate)?, labels.len())?;
        wearings.push(counts);
    }
    let mistakes = mistakes_of(&labels, &windows, &confidences, rate, &|_| Ok(None))?;
    Ok(Fold { windows, confidences, mistakes, wearings, counts, subjects, seconds })
}

/// The answers of the one fit there is, as the figures of networks are reckoned from them;
/// [`ambulo_record::TestMetrics::of_one_fit`] takes out again what is true of networks alone.
fn answers(probabilities: Vec<f32>) -> SeedPredictions {
    SeedPredictions {
        seed: 1,
        best_epoch: 0,
        validation_macro_f1: 0.0,
        refit: true,
        temperature: 1.0,
        probabilities,
        logits: None,
    }
}

/// Origins and labels alone.
fn without_signals(windows: LabelledWindows) -> LabelledWindows {
    LabelledWindows { series: Vec::new(), places: Vec::new(), ..windows }
}

fn put_together<L: Learner>(
    files: &RunFiles,
    learner: &L,
    config: &Config,
    dataset: &Dataset,
    parts: Vec<Fold>,
    command: &str,
) -> Result<Metrics, TrainError> {
    let labels = config.label_set();
    let several = parts.len() > 1;
    let mut results = Vec::with_capacity(parts.len());
    for (i, part) in parts.into_iter().enumerate() {
        let test = summarise(&labels, &part.windows, &[answers(part.confidences.clone())], &[])?;
        results.push(FoldResult {
            metrics: FoldMetrics {
                fold: i + 1,
                subjects: part.subjects,
                windows: part.counts,
                accuracy: test.accuracy.mean,
                macro_f1: test.macro_f1.mean,
                train_seconds: part.seconds,
            },
            predictions: StoredPredictions {
                windows: without_signals(part.windows),
                seeds: vec![StoredSeed { seed: 1, probabilities: part.confidences, logits: None }],
            },
            wearings: part.wearings,
            mistakes: part.mistakes,
        });
    }
    let Pooled { mut folds, windows: counts, train_seconds, test_people, predictions, wearings, mistakes } =
        pool(results)?;
    let mut subjects = SubjectLists { test: test_people, ..SubjectLists::default() };
    if !several && let Some(only) = folds.pop() {
        subjects = only.subjects;
    }
    let runs: Vec<SeedPredictions> =
        predictions.seeds.into_iter().map(|seed| answers(seed.probabilities)).collect();
    let windows = predictions.windows;
    let test = summarise(&labels, &windows, &runs, &wearings)?.of_one_fit();
    write_predictions(
        &files.path(PREDICTIONS),
        &Predictions {
            protocol: &config.protocol_name(),
            dataset: &dataset.info.name,
            labels: &labels,
            windows: &windows,
            runs: &runs,
        },
    )?;
    files.write_json(WEARINGS, &wearings)?;
    files.write_json(MISTAKES, &mistakes)?;
    Ok(Metrics {
        format: METRICS_FORMAT,
        ambulo_version: env!("CARGO_PKG_VERSION").into(),
        run: files.name(),
        finished: now(),
        dataset: dataset.info.name.clone(),
        dataset_sha256: dataset.sha256.clone(),
        sources: sources_of(dataset),
        protocol: config.protocol_name(),
        model: learner.name().into(),
        orientation: Orientation::Fixed.name().into(),
        sensors: sensor_names(&config.preprocessing),
        architecture: learner.description(),
        parameters: None,
        labels: labels.names().map(str::to_owned).collect(),
        seeds: vec![1],
        keep: None,
        train_seconds,
        threads: rayon::current_num_threads(),
        instruction_set: None,
        windows: counts,
        subjects,
        folds,
        from: None,
        command: command.into(),
        test,
    })
}
