//! The one evaluation of a run on test people, and what is written of it.

use crate::directory::checkpoint::State;
use crate::directory::files::{RunFiles, now};
use crate::evaluation::predictions::{Predictions, write_predictions};
use crate::evaluation::sources::sources_of;
use crate::evaluation::wearing::{WearingCounts, people_of, wear};
use crate::metrics::{
    SeedPredictions, breakdowns, coarse_metrics, depth_confusions, most_confident_mistakes, only_classes,
    test_metrics,
};
use crate::training::inputs::answers;
use crate::{Config, TrainError};
use ambulo_data::{Dataset, LabelledWindows};
use ambulo_model::{Model, Predictor};
use ambulo_nn::Network;
use ambulo_record::files::{PREDICTIONS, WEARINGS};
use ambulo_record::{
    AncestorRecord, LabelSet, METRICS_FORMAT, Metrics, Mistake, SubjectLists, TestMetrics, Wearing,
    WindowCounts,
};
use ambulo_signal::{Preprocessing, Signal};

/// Mistakes that are kept with their signals.
const MISTAKES_KEPT: usize = 12;

/// A run whose models are all trained.
pub(crate) struct FinalEvaluation<'a> {
    pub(crate) files: &'a RunFiles,
    pub(crate) config: &'a Config,
    pub(crate) dataset: &'a Dataset,
    pub(crate) labels: &'a LabelSet,
    pub(crate) state: &'a State,
    /// The model that the training began with.
    pub(crate) from: Option<AncestorRecord>,
}

impl FinalEvaluation<'_> {
    /// Predicts with the model of every seed, writes `predictions.parquet`, and returns the figures and the most
    /// confident mistakes of the first seed.
    pub(crate) fn evaluate(
        &self,
        windows: &LabelledWindows,
        command: &str,
        counts: WindowCounts,
        subjects: SubjectLists,
    ) -> Result<(Metrics, Vec<Mistake>), TrainError> {
        let labels = self.labels;
        let mut runs = Vec::with_capacity(self.state.finished.len());
        let mut models = Vec::with_capacity(self.state.finished.len());
        for finished in &self.state.finished {
            let model = Predictor::new(Model::load(&self.files.model(&self.config.seeds, finished.seed))?);
            let (logits, probabilities) = predict(&model, windows, self.config.threads)?;
            runs.push(SeedPredictions {
                seed: finished.seed,
                best_epoch: finished.best_epoch,
                validation_macro_f1: finished.validation_macro_f1,
                refit: self.config.training.refit,
                temperature: model.model().metadata().calibration.temperature,
                probabilities,
                logits: Some(logits),
            });
            models.push((finished.seed, model));
        }
        let seeded: Vec<(u64, &Predictor)> = models.iter().map(|(seed, model)| (*seed, model)).collect();
        let wearings = count_wearings(&seeded, windows, self.config.threads)?;
        let test = summarise(labels, windows, &runs, &wearings)?;
        self.files.write_json(WEARINGS, &wearings)?;
        write_predictions(
            &self.files.path(PREDICTIONS),
            &Predictions {
                protocol: &self.config.protocol_name(),
                dataset: &self.dataset.info.name,
                labels,
                windows,
                runs: &runs,
            },
        )?;
        let architecture = self.config.architecture(labels.len())?;
        let network = Network::new(&architecture, self.config.input())?;
        let threads = pool(self.config.threads)?.current_num_threads();
        let rate = self.config.preprocessing.rate_hz;
        let looked = |i: usize| match models.first() {
            Some((_, model)) => looked_at(model, windows, i),
            None => Ok(None),
        };
        let mistakes = mistakes_of(labels, windows, &runs[0].probabilities, rate, &looked)?;
        let metrics = Metrics {
            format: METRICS_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").into(),
            run: self.files.name(),
            finished: now(),
            dataset: self.dataset.info.name.clone(),
            dataset_sha256: self.dataset.sha256.clone(),
            sources: sources_of(self.dataset),
            protocol: self.config.protocol_name(),
            model: self.config.model.name().into(),
            orientation: self.config.orientation.name().into(),
            sensors: sensor_names(&self.config.preprocessing),
            architecture: architecture.describe(),
            parameters: Some(network.trainable_len()),
            labels: labels.names().map(str::to_owned).collect(),
            seeds: self.config.seeds.clone(),
            keep: Some(self.config.training.keep),
            train_seconds: self.state.earlier_seconds,
            threads,
            instruction_set: Some(self.state.instruction_set.clone()),
            windows: counts,
            subjects,
            folds: Vec::new(),
            from: self.from.clone(),
            command: command.into(),
            test,
        };
        Ok((metrics, mistakes))
    }
}

/// The sensors that a preprocessing needs, as records write them.
pub(crate) fn sensor_names(p: &Preprocessing) -> Vec<String> {
    p.sensors().iter().map(|sensor| sensor.name().to_owned()).collect()
}

/// Where a model looked in a window, if it has attention: weights that divide the window evenly and add up to 1.
fn looked_at(
    model: &Predictor,
    windows: &LabelledWindows,
    window: usize,
) -> Result<Option<Vec<f32>>, TrainError> {
    let mut x = vec![0.0; model.model().network().input().len()];
    model.model().metadata().preprocessing.window_input(&windows.window(window)?, &mut x);
    let weights = model.attention(&x)?;
    Ok((!weights.is_empty()).then_some(weights))
}

/// The most confident mistakes, with their signals; `looked` says where in a window the model looked, if it can be told.
pub(crate) fn mistakes_of(
    labels: &LabelSet,
    windows: &LabelledWindows,
    probabilities: &[f32],
    rate_hz: f64,
    looked: &dyn Fn(usize) -> Result<Option<Vec<f32>>, TrainError>,
) -> Result<Vec<Mistake>, TrainError> {
    let classes = labels.len();
    let worst = most_confident_mistakes(&windows.labels, probabilities, classes, MISTAKES_KEPT);
    let name = |class: usize| labels.names().nth(class).unwrap_or_default().to_owned();
    let curves = |i: usize, rows: &[f32], signal| {
        let layout = windows.series_of(i).layout();
        let rows = rows.chunks_exact(layout.width());
        let offset = layout.offset(signal)?;
        Some([0, 1, 2].map(|axis| rows.clone().map(|row| row[offset + axis]).collect::<Vec<f32>>()))
    };
    let mistake = |i: usize| {
        let row = &probabilities[i * classes..(i + 1) * classes];
        let predicted = ambulo_nn::argmax(row);
        let truth = usize::from(windows.labels[i]);
        let origin = &windows.origins[i];
        let window = windows.window(i)?;
        Ok(Mistake {
            subject: origin.person.clone(),
            recording: origin.recording.to_string(),
            start: origin.start,
            rate_hz,
            truth: name(truth),
            predicted: name(predicted),
            confidence: f64::from(row[predicted]),
            truth_probability: f64::from(row[truth]),
            acceleration: curves(i, &window, Signal::TotalAcceleration).unwrap_or_default(),
            angular_velocity: curves(i, &window, Signal::AngularVelocity),
            attention: looked(i)?,
        })
    };
    worst.into_iter().map(mistake).collect()
}

/// Logits and calibrated probabilities, each `[window, class]`, on a pool of this many threads.
pub(crate) fn predict(
    model: &Predictor,
    windows: &LabelledWindows,
    threads: usize,
) -> Result<(Vec<f32>, Vec<f32>), TrainError> {
    let pool = pool(threads)?;
    let p = &model.model().metadata().preprocessing;
    let logits = pool.install(|| answers(windows, p, |x| Ok(model.logits(x)?)))?;
    let mut probabilities = logits.clone();
    model.calibrate(&mut probabilities);
    Ok((logits, probabilities))
}

/// The answers of each seed's model to the test windows worn every other way.
pub(crate) fn count_wearings(
    models: &[(u64, &Predictor)],
    windows: &LabelledWindows,
    threads: usize,
) -> Result<Vec<WearingCounts>, TrainError> {
    let pool = pool(threads)?;
    Wearing::ALL
        .into_iter()
        .map(|wearing| {
            let mut counts = WearingCounts::new(wearing);
            for &(seed, model) in models {
                let metadata = model.model().metadata();
                let p = &metadata.preprocessing;
                let worn = wear(wearing, windows, p, seed)?;
                let probabilities = pool.install(|| answers(&worn, p, |x| Ok(model.probabilities(x)?)))?;
                counts.push(&worn, &probabilities, metadata.labels.len())?;
            }
            Ok(counts)
        })
        .collect()
}

/// The figures of all seeds, of windows that carry a class and of those with coarse labels, divided by what is known of them,
/// with those of every other way of wearing that was counted.
pub(crate) fn summarise(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
    wearings: &[WearingCounts],
) -> Result<TestMetrics, TrainError> {
    let (names, classes) = (labels.names().map(str::to_owned).collect::<Vec<_>>(), labels.len());
    let people = people_of(windows);
    let coarse = coarse_metrics(labels, windows, runs, None)?;
    let mut test = if coarse.is_empty() {
        test_metrics(&names, &windows.labels, &people, runs)?
    } else {
        let rows = |values: &[f32]| only_classes(&windows.labels, classes, values, classes).into_owned();
        let own = |run: &SeedPredictions| SeedPredictions {
            probabilities: rows(&run.probabilities),
            logits: run.logits.as_deref().map(rows),
            ..run.clone()
        };
        let runs: Vec<SeedPredictions> = runs.iter().map(own).collect();
        let truth = only_classes(&windows.labels, classes, &windows.labels, 1);
        test_metrics(&names, &truth, &only_classes(&windows.labels, classes, &people, 1), &runs)?
    };
    test.coarse = coarse;
    test.breakdowns = breakdowns(labels, windows, runs)?;
    // Of one data set that labels everything as deep as the classes the matrix of classes says enough.
    if !test.coarse.is_empty() || !test.breakdowns.is_empty() {
        test.depths = depth_confusions(labels, windows, runs)?;
    }
    for counts in wearings {
        test.wearings.push(counts.metrics()?);
    }
    Ok(test)
}

/// Of mistakes found in several places, as many as one place keeps.
pub(crate) fn keep_most_confident(mistakes: &mut Vec<Mistake>) {
    mistakes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    mistakes.truncate(MISTAKES_KEPT);
}

/// A pool of this many threads, 0 for as many as rayon finds right.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, TrainError> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| TrainError::Setting {
        setting: "threads",
        found: format!("{threads} ({e})"),
        expected: "a number this system can start",
    })
}
