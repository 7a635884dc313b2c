//! Names of the files of a run directory, which whoever writes and whoever reads them share.

/// The effective configuration, complete.
pub const CONFIG: &str = "config.toml";
/// The final figures, a [`Metrics`](crate::Metrics); a run is finished when it is there.
pub const METRICS: &str = "metrics.json";
/// The learning curves, one [`EpochRecord`](crate::EpochRecord) a line.
pub const EPOCHS: &str = "metrics.jsonl";
/// The most confident mistakes, a list of [`Mistake`](crate::Mistake).
pub const MISTAKES: &str = "mistakes.json";
/// Every test window of every seed.
pub const PREDICTIONS: &str = "predictions.parquet";
/// The counts behind `wearings` of the metrics: for each way of wearing, seed and person the confusion matrix.
pub const WEARINGS: &str = "wearings.json";
/// The model of the first seed.
pub const MODEL: &str = "model.safetensors";
/// One line per evaluation on test subjects.
pub const EVALUATIONS: &str = "evaluations.jsonl";
/// Where the runs of a protocol's folds lie, each in a directory of its number.
pub const FOLDS: &str = "folds";
/// The report.
pub const REPORT: &str = "report.html";
/// The model card.
pub const MODEL_CARD: &str = "MODEL_CARD.md";
/// Figures of whole recordings, a `ContinuousMetrics`.
pub const CONTINUOUS: &str = "continuous.json";
/// The page that draws them.
pub const CONTINUOUS_PAGE: &str = "continuous.html";
/// How models trained on some data sets do on others, a `TransferMatrix`.
pub const TRANSFER: &str = "transfer.json";
/// The page that draws it.
pub const TRANSFER_PAGE: &str = "transfer.html";
/// What models reach that were trained on few labels, a `FewLabels`.
pub const FEW: &str = "few.json";
/// The page that draws it.
pub const FEW_PAGE: &str = "few.html";
/// What a little of their own is worth to people whom a model has not seen, a `PersonalFigures`.
pub const PERSONAL: &str = "personal.json";
/// The page that draws it.
pub const PERSONAL_PAGE: &str = "personal.html";
