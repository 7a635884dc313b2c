//! A baseline in the protocols of the networks, with the same records.

use super::{Baseline, BaselineKind, FEATURES, SvmKernel, features_of};
use crate::directory::files::{
    CONFIG, EVALUATIONS, EvaluationFile, METRICS, MISTAKES, PREDICTIONS, RunFiles, WEARINGS, now,
};
use crate::evaluation::final_evaluation::{mistakes_of, summarise};
use crate::evaluation::pooling::{FoldResult, Pooled, pool};
use crate::evaluation::predictions::{Predictions, StoredPredictions, StoredSeed, write_predictions};
use crate::evaluation::wearing::{Wearing, WearingCounts};
use crate::metrics::SeedPredictions;
use crate::protocol::people::{Partitions, fold_count};
use crate::record::{FoldMetrics, METRICS_FORMAT, Metrics, Mistake, SubjectLists, WindowCounts};
use crate::{Config, ModelKind, Observer, Orientation, Protocol, TrainError};
use ambulo_data::{Dataset, LabelledWindows};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// How the `config.toml` of a baseline begins, which tells it from that of a training.
const KEY: &str = "baseline = ";

/// Whether a directory holds a baseline rather than a training.
#[must_use]
pub fn is_baseline(directory: &Path) -> bool {
    std::fs::read_to_string(directory.join(CONFIG)).is_ok_and(|text| text.starts_with(KEY))
}

/// What a baseline found on one fold.
struct Fold {
    windows: LabelledWindows,
    probabilities: Vec<f32>,
    mistakes: Vec<Mistake>,
    wearings: Vec<WearingCounts>,
    counts: WindowCounts,
    subjects: SubjectLists,
    seconds: f64,
}

/// Fits a baseline on all development people of each fold of a protocol, evaluates it once on the test people, and
/// leaves `metrics.json`, `predictions.parquet`, `wearings.json`, `mistakes.json` and `config.toml` in `directory`, which
/// must not exist or be empty.
///
/// There is nothing to choose, so validation people are fitted on as well. Votes are no probabilities: calibration
/// errors are recorded but mean nothing.
///
/// # Errors
/// As [`crate::Run::create`] and [`crate::Run::execute`].
pub fn run_baseline(
    directory: &Path,
    kind: BaselineKind,
    protocol: Protocol,
    labels: usize,
    dataset: &Dataset,
    command: &str,
    observer: &mut dyn Observer,
) -> Result<Metrics, TrainError> {
    let config = Config { protocol, labels, ..Config::of(ModelKind::default(), Orientation::Fixed) };
    config.validate()?;
    let folds = fold_count(dataset, &config)?;
    let text = format!("{KEY}\"{}\"\nprotocol = \"{protocol}\"\nlabels = {labels}\n", kind.name());
    let (files, _lock) = RunFiles::begin(directory, &text)?;
    let mut parts = Vec::with_capacity(folds);
    for fold in 1..=folds {
        let config = Config { fold: (folds > 1).then_some(fold), ..config.clone() };
        let part = evaluate_fold(&files, kind, &config, dataset)?;
        observer.message(&format!("fold {fold} of {folds}: fitted in {:.0} s", part.seconds));
        parts.push(part);
    }
    let metrics = put_together(&files, kind, &config, dataset, parts, command)?;
    files.write_json(METRICS, &metrics)?;
    files.clean_up();
    Ok(metrics)
}

fn evaluate_fold(
    files: &RunFiles,
    kind: BaselineKind,
    config: &Config,
    dataset: &Dataset,
) -> Result<Fold, TrainError> {
    let labels = config.label_set();
    let rate = config.preprocessing.rate_hz;
    let Partitions { training, validation, test } = Partitions::cut(dataset, config, &labels)?;
    let ids = |s: &BTreeSet<ambulo_data::SubjectId>| s.iter().map(|s| s.0).collect::<Vec<u16>>();
    let tested = ids(test.subjects());
    let development = training.with_validation(validation)?;
    let own = development.windows();
    let began = Instant::now();
    let baseline = Baseline::fit(kind, &rows(own, rate), FEATURES, &own.labels, labels.len())?;
    let seconds = began.elapsed().as_secs_f64();
    let counts = WindowCounts { train: own.len(), validation: 0, test: test.len() };
    let subjects = SubjectLists { train: ids(development.subjects()), validation: Vec::new(), test: tested };
    let mut log = EvaluationFile { path: files.path(EVALUATIONS), models: vec![kind.name().into()] };
    let windows = test.open(&mut log)?;
    let probabilities = baseline.probabilities(&rows(&windows, rate))?;
    let mut wearings = Vec::new();
    for wearing in Wearing::ALL {
        let mut counts = WearingCounts::new(wearing);
        let worn = wearing.apply(&windows, &config.preprocessing, 1)?;
        counts.push(&worn, &baseline.probabilities(&rows(&worn, rate))?, labels.len())?;
        wearings.push(counts);
    }
    let names: Vec<String> = labels.names().into_iter().map(String::from).collect();
    let mistakes = mistakes_of(&names, &windows, &probabilities, rate);
    Ok(Fold { windows, probabilities, mistakes, wearings, counts, subjects, seconds })
}

fn machine(kind: BaselineKind) -> String {
    let setting = kind.setting();
    match setting.kernel {
        SvmKernel::Linear => format!("linear support vector machines, C {}", setting.cost),
        SvmKernel::Rbf { width } => {
            format!("support vector machines with RBF kernel, C {}, gamma {width} / features", setting.cost)
        }
    }
}

fn rows(windows: &LabelledWindows, rate_hz: f64) -> Vec<f32> {
    let all: Vec<&[[f32; 9]]> = (0..windows.len()).map(|i| windows.window(i)).collect();
    features_of(&all, rate_hz)
}

/// Answers of the one machine there is: nothing is drawn, chosen or calibrated.
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

fn put_together(
    files: &RunFiles,
    kind: BaselineKind,
    config: &Config,
    dataset: &Dataset,
    parts: Vec<Fold>,
    command: &str,
) -> Result<Metrics, TrainError> {
    let labels: Vec<String> = config.label_set().names().into_iter().map(String::from).collect();
    let several = parts.len() > 1;
    let mut results = Vec::with_capacity(parts.len());
    for (i, part) in parts.into_iter().enumerate() {
        let test = summarise(&labels, &part.windows, &[answers(part.probabilities.clone())], &[])?;
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
                windows: part.windows.origins,
                truth: part.windows.labels,
                seeds: vec![StoredSeed { seed: 1, probabilities: part.probabilities, logits: None }],
            },
            wearings: part.wearings,
            mistakes: part.mistakes,
        });
    }
    let Pooled { mut folds, windows: counts, train_seconds, test_people, predictions, wearings, mistakes } =
        pool(results);
    let mut subjects = SubjectLists { test: test_people, ..SubjectLists::default() };
    if !several && let Some(only) = folds.pop() {
        subjects = only.subjects;
    }
    let windows = LabelledWindows {
        labels: predictions.truth,
        origins: predictions.windows,
        ..LabelledWindows::default()
    };
    let runs: Vec<SeedPredictions> =
        predictions.seeds.into_iter().map(|seed| answers(seed.probabilities)).collect();
    let test = summarise(&labels, &windows, &runs, &wearings)?;
    write_predictions(
        &files.path(PREDICTIONS),
        &Predictions {
            protocol: config.protocol.name(),
            dataset: &dataset.info.name,
            labels: &labels,
            windows: &windows.origins,
            truth: &windows.labels,
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
        protocol: config.protocol.name().into(),
        model: kind.name().into(),
        orientation: Orientation::Fixed.name().into(),
        architecture: format!("{FEATURES} hand-made features, {}", machine(kind)),
        parameters: 0,
        labels,
        seeds: vec![1],
        train_seconds,
        threads: rayon::current_num_threads(),
        // Features and machines are computed without the engine's kernels.
        instruction_set: "scalar".into(),
        windows: counts,
        subjects,
        folds,
        command: command.into(),
        test,
    })
}
