//! `metrics.json`: every figure of a finished run.

use crate::{AncestorRecord, Breakdown, DepthConfusion, PersonId, SourceRecord, Wearing};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the layout of [`Metrics`]; readers refuse a larger one. Format 1 named people by numbers and labels in capitals;
/// it is read as well.
pub const METRICS_FORMAT: u32 = 2;

/// A figure over seeds, with the interval that a paper would print.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean over seeds, in `[0, 1]`.
    pub mean: f64,
    /// Sample standard deviation over seeds (n - 1); 0 with one seed.
    pub sd: f64,
    /// 95 % percentile interval from a bootstrap over test subjects, each replicate averaged over seeds.
    pub ci95: [f64; 2],
}

/// How many windows each partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowCounts {
    /// Windows of the subjects the choice was trained on (validation subjects not among them).
    pub train: usize,
    /// Windows of the validation subjects.
    pub validation: usize,
    /// Windows of the test subjects.
    pub test: usize,
}

/// Which people are in which partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectLists {
    /// Subjects the choice was trained on.
    pub train: Vec<PersonId>,
    /// Subjects on whom the choice (epoch) was made; one list, the same for all seeds of a run.
    pub validation: Vec<PersonId>,
    /// Subjects of the final evaluation.
    pub test: Vec<PersonId>,
}

/// Final figures of one seed. What a method does not have is absent: one that is fitted at once has no epochs, no figures
/// of validation people, no temperature and no calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedMetrics {
    /// Seed of initial weights, order of batches and dropout.
    pub seed: u64,
    /// Epoch with the best validation macro-F1, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    /// Validation macro-F1 at that epoch. Where the last epoch is kept and refitted, only the first seed is watched on
    /// validation people; the others carry its figure and temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_macro_f1: Option<f64>,
    /// Whether the evaluated weights were trained anew on training and validation subjects together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refit: Option<bool>,
    /// Share of test windows classified correctly.
    pub accuracy: f64,
    /// Mean of the per-class recalls.
    pub balanced_accuracy: f64,
    /// Mean of the per-class F1 scores.
    pub macro_f1: f64,
    /// Expected calibration error, 15 equal-width bins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
    /// Mean negative log-likelihood, in nats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nll: Option<f64>,
    /// Temperature that was fitted on validation windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Expected calibration error of the same answers at temperature 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece_uncalibrated: Option<f64>,
}

/// Figures of one class, pooled over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Name of the activity, e.g. `walking`.
    pub label: String,
    /// Precision; 0 where nothing was predicted as this class.
    pub precision: f64,
    /// Recall; 0 where the class has no test window.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Test windows of this class (of one seed).
    pub support: u64,
}

/// Figures of the windows that carry one coarse label, an activity above classes, pooled over seeds. They are in no other
/// figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoarseMetrics {
    /// Name of the activity, e.g. `stairs`.
    pub label: String,
    /// Test windows with this label (of one seed).
    pub windows: u64,
    /// Share of them for which the classes beneath the label, taken as one, are the likeliest answer.
    pub recall: f64,
}

/// Figures of one test subject, averaged over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectMetrics {
    /// Test windows of this subject.
    pub windows: u64,
    /// Share classified correctly.
    pub accuracy: f64,
    /// Mean F1 over the classes this subject performed.
    pub macro_f1: f64,
}

/// How a figure spreads over test subjects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Lowest.
    pub min: f64,
    /// First quartile, interpolated linearly between subjects.
    pub q1: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub q3: f64,
    /// Highest.
    pub max: f64,
}

/// The same test with the device worn another way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WearingMetrics {
    /// Name of a [`Wearing`], e.g. `facing-90`, or one that a later version gave.
    pub wearing: String,
    /// Share of windows classified correctly.
    pub accuracy: Estimate,
    /// Mean of per-class F1 scores.
    pub macro_f1: Estimate,
}

impl WearingMetrics {
    /// The way of wearing; `None` for one that a later version measured.
    #[must_use]
    pub fn way(&self) -> Option<Wearing> {
        Wearing::from_name(&self.wearing)
    }
}

/// One fold of a protocol that has folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldMetrics {
    /// Number, from 1.
    pub fold: usize,
    /// Its people.
    pub subjects: SubjectLists,
    /// Its windows.
    pub windows: WindowCounts,
    /// Accuracy on its test people, mean over seeds.
    pub accuracy: f64,
    /// Macro-F1 on its test people, mean over seeds.
    pub macro_f1: f64,
    /// Seconds of training.
    pub train_seconds: f64,
}

/// One bin of the reliability diagram, pooled over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower edge of the bin, on the confidence of the predicted class.
    pub lower: f64,
    /// Upper edge of the bin.
    pub upper: f64,
    /// Mean confidence in the bin; 0 where empty.
    pub confidence: f64,
    /// Share correct in the bin; 0 where empty.
    pub accuracy: f64,
    /// Predictions in the bin.
    pub count: u64,
}

/// The final evaluation on test subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestMetrics {
    /// Share of windows classified correctly.
    pub accuracy: Estimate,
    /// Mean of per-class recalls.
    pub balanced_accuracy: Estimate,
    /// Mean of per-class F1 scores.
    pub macro_f1: Estimate,
    /// One entry per seed, in the order of `Metrics::seeds`.
    pub per_seed: Vec<SeedMetrics>,
    /// One entry per class, in the order of `Metrics::labels`.
    pub per_class: Vec<ClassMetrics>,
    /// By person.
    pub per_subject: BTreeMap<PersonId, SubjectMetrics>,
    /// `confusion[truth][predicted]`, counts summed over seeds.
    pub confusion: Vec<Vec<u64>>,
    /// Reliability bins from confidence 0 to 1; none of a method whose answers are no probabilities, as are the figures of
    /// calibration that follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliability: Vec<ReliabilityBin>,
    /// Expected calibration error, mean over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
    /// Mean negative log-likelihood in nats, mean over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nll: Option<f64>,
    /// Reliability bins of the same answers at temperature 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliability_uncalibrated: Vec<ReliabilityBin>,
    /// Expected calibration error at temperature 1, mean over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece_uncalibrated: Option<f64>,
    /// Spread of the accuracy over subjects.
    #[serde(default)]
    pub subject_accuracy: Spread,
    /// Windows that are labelled above the classes; all other figures are of windows that carry a class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coarse: Vec<CoarseMetrics>,
    /// The figures by data set, by where the device was worn and the like: of each, where the test has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breakdowns: Vec<Breakdown>,
    /// The test at each depth of the vocabulary above that of the classes, the coarsest first; only where windows are labelled
    /// above the classes, or where there are `breakdowns`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depths: Vec<DepthConfusion>,
    /// The same test with the device worn other ways.
    #[serde(default)]
    pub wearings: Vec<WearingMetrics>,
}

impl TestMetrics {
    /// The figures of a way of wearing.
    #[must_use]
    pub fn wearing(&self, way: Wearing) -> Option<&WearingMetrics> {
        self.wearings.iter().find(|w| w.way() == Some(way))
    }

    /// Without what a method that is fitted once does not have: epochs, validation people, a temperature, and the calibration
    /// of answers that are no probabilities.
    #[must_use]
    pub fn of_one_fit(mut self) -> Self {
        for fit in &mut self.per_seed {
            (fit.best_epoch, fit.validation_macro_f1, fit.refit) = (None, None, None);
            (fit.temperature, fit.ece, fit.ece_uncalibrated, fit.nll) = (None, None, None, None);
        }
        (self.ece, self.ece_uncalibrated, self.nll) = (None, None, None);
        self.reliability.clear();
        self.reliability_uncalibrated.clear();
        self
    }

    /// The facing with the lowest accuracy; the first of several.
    #[must_use]
    pub fn worst_facing(&self) -> Option<&WearingMetrics> {
        let facings = self.wearings.iter().filter(|w| matches!(w.way(), Some(Wearing::Facing(_))));
        facings
            .filter(|w| w.accuracy.mean.is_finite())
            .min_by(|a, b| a.accuracy.mean.total_cmp(&b.accuracy.mean))
    }
}

/// The whole of `metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// [`METRICS_FORMAT`].
    pub format: u32,
    /// Version of Ambulo that wrote it.
    pub ambulo_version: String,
    /// Name of the run.
    pub run: String,
    /// When the run finished, ISO 8601 UTC.
    pub finished: String,
    /// Name of the data set, e.g. `hapt`.
    pub dataset: String,
    /// SHA-256 of the data set's content.
    pub dataset_sha256: String,
    /// The data sets that it was joined from, with their terms; of one alone that one, or none where it is
    /// [well known](SourceRecord::WELL_KNOWN).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRecord>,
    /// Name of the protocol, e.g. `official`.
    pub protocol: String,
    /// Name of the model, e.g. `lstm`.
    pub model: String,
    /// Ways of wearing the model is for: `any-facing`, `levelled` or `fixed`.
    #[serde(default)]
    pub orientation: String,
    /// Sensors the model uses, e.g. `accelerometer`; empty in records of versions that knew only both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensors: Vec<String>,
    /// One line that describes the architecture, e.g. `LSTM 2 x 64, last step, linear 6`.
    pub architecture: String,
    /// Number of trainable parameters; absent of a method without (0 in old records).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<usize>,
    /// Activity names, in the order of all per-class lists.
    pub labels: Vec<String>,
    /// Seeds, in the order they were run. A method that draws nothing at random has one, under which its predictions stand.
    pub seeds: Vec<u64>,
    /// Which epoch was kept; absent of a method without epochs, and in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// Seconds of training over all seeds, choice and refit together, without the final evaluation.
    pub train_seconds: f64,
    /// Threads used (results do not depend on it).
    pub threads: usize,
    /// The kernel's instruction set, e.g. `avx2+fma` (results may differ in the last bits between instruction sets); absent of
    /// a method that does not use the kernels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction_set: Option<String>,
    /// Windows per partition.
    pub windows: WindowCounts,
    /// Subjects per partition.
    pub subjects: SubjectLists,
    /// The folds, where the protocol has them; `windows` are then sums over folds, and `subjects` names the test people only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<FoldMetrics>,
    /// The model whose weights the training began with; absent where they were drawn at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AncestorRecord>,
    /// The shell command that repeats the run.
    pub command: String,
    /// The final evaluation.
    pub test: TestMetrics,
}

impl Metrics {
    /// The sensors the model uses; records of versions that do not say used both.
    #[must_use]
    pub fn sensor_names(&self) -> Vec<&str> {
        if self.sensors.is_empty() {
            return vec!["accelerometer", "gyroscope"];
        }
        self.sensors.iter().map(String::as_str).collect()
    }

    /// The same without the epoch 0, the temperature 1 and the like that early versions wrote of methods without them.
    #[must_use]
    pub(crate) fn without_placeholders(self) -> Self {
        if self.parameters != Some(0) {
            return self;
        }
        Self { parameters: None, instruction_set: None, test: self.test.of_one_fit(), ..self }
    }

    /// Whether the models learned over epochs, as networks do, rather than in one fit.
    #[must_use]
    pub fn has_epochs(&self) -> bool {
        self.parameters.is_some_and(|n| n > 0)
    }
}

/// Which epoch of a training is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The one with the best macro-F1 on validation people.
    Best,
    /// The last: validation people then choose nothing but the temperature.
    Last,
}
