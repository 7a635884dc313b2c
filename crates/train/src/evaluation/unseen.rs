//! A saved model on people it was not trained on.

use crate::TrainError;
use crate::directory::files::EvaluationFile;
use crate::evaluation::final_evaluation::{count_wearings, predict, summarise};
use crate::metrics::{MetricsError, SeedPredictions};
use ambulo_data::{Activity, Dataset, LabelSet, SubjectId, lookup, subjects_for_evaluation};
use ambulo_model::Model;
use ambulo_record::TestMetrics;
use ambulo_signal::Preprocessing;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// What [`evaluate`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Name of the model.
    pub model: String,
    /// Seeds of the models; figures are means over them.
    pub seeds: Vec<u64>,
    /// Name of the data set.
    pub dataset: String,
    /// SHA-256 of its content.
    pub dataset_sha256: String,
    /// How the subjects were chosen.
    pub protocol: String,
    /// Activity names, in the order of all per-class lists.
    pub labels: Vec<String>,
    /// The subjects, none of whom the model was trained on.
    pub subjects: Vec<u16>,
    /// Number of windows.
    pub windows: usize,
    /// The figures.
    pub test: TestMetrics,
}

/// A saved model and the name the log gives it.
pub type NamedModel = (String, Model);

/// Evaluates the models of one run (one per seed) on the subjects of a data set that none of them was trained on, or only
/// on those of them whom `only` names, and logs that in `log`.
///
/// # Errors
/// Models of different runs, a data set all of whose people the models know, people named whom they know or who are not
/// there, data that do not fit the preprocessing, or a label that the data set does not have.
pub fn evaluate(
    models: &[NamedModel],
    dataset: &Dataset,
    only: Option<&BTreeSet<SubjectId>>,
    threads: usize,
    log: &Path,
) -> Result<Evaluation, TrainError> {
    let (_, first) = models.first().ok_or(MetricsError::NoRuns)?;
    let metadata = first.metadata();
    // Only the statistics of the normalisation may differ between the seeds of a run.
    let comparable = |model: &Model| {
        let m = model.metadata();
        (m.labels.clone(), Preprocessing { normalisation: None, ..m.preprocessing.clone() })
    };
    if let Some((name, _)) = models.iter().find(|(_, m)| comparable(m) != comparable(first)) {
        return Err(TrainError::DifferentModels { first: models[0].0.clone(), other: name.clone() });
    }
    let labels = label_set(&metadata.labels)?;
    let seen = models.iter().flat_map(|(_, model)| seen_subjects(model, dataset)).collect();
    let mut subjects = subjects_for_evaluation(dataset, &seen)?;
    if let Some(only) = only {
        subjects = subjects.only(only, dataset)?;
    }
    let protocol = subjects.chosen_by().name().to_owned();
    let ids = subjects.ids().iter().map(|s| s.0).collect();
    let partition = subjects.cut(dataset, &metadata.preprocessing, &labels)?;
    let names = models.iter().map(|(name, _)| name.clone()).collect();
    let windows = partition.open(&mut EvaluationFile { path: log.to_owned(), models: names })?;
    let runs = models
        .iter()
        .map(|(_, model)| {
            let provenance = &model.metadata().provenance;
            let (logits, probabilities) = predict(model, &windows, threads)?;
            Ok(SeedPredictions {
                seed: provenance.seed,
                best_epoch: provenance.epochs,
                validation_macro_f1: provenance.validation_macro_f1,
                refit: provenance.chosen_on.iter().all(|s| provenance.trained_on.contains(s)),
                temperature: model.metadata().calibration.temperature,
                probabilities,
                logits: Some(logits),
            })
        })
        .collect::<Result<Vec<_>, TrainError>>()?;
    let seeded: Vec<(u64, &Model)> =
        models.iter().map(|(_, model)| (model.metadata().provenance.seed, model)).collect();
    let wearings = count_wearings(&seeded, &windows, threads)?;
    let test = summarise(&metadata.labels, &windows, &runs, &wearings)?;
    Ok(Evaluation {
        model: metadata.model.clone(),
        seeds: runs.iter().map(|run| run.seed).collect(),
        dataset: dataset.info.name.clone(),
        dataset_sha256: dataset.sha256.clone(),
        protocol,
        labels: metadata.labels.clone(),
        subjects: ids,
        windows: windows.len(),
        test,
    })
}

/// The people of this data set who shaped the model: none where it was trained on other people altogether.
fn seen_subjects(model: &Model, dataset: &Dataset) -> BTreeSet<SubjectId> {
    let provenance = &model.metadata().provenance;
    // A data set that is not in the catalogue may hold the same people under any name: the numbers count then.
    let strangers = lookup(&provenance.dataset).is_ok_and(|info| info.cohort != dataset.info.cohort);
    if strangers {
        return BTreeSet::new();
    }
    provenance.trained_on.iter().chain(&provenance.chosen_on).map(|&s| SubjectId(s)).collect()
}

pub(crate) fn label_set(names: &[String]) -> Result<LabelSet, TrainError> {
    let activities = names
        .iter()
        .map(|n| Activity::from_name(n).ok_or_else(|| TrainError::ForeignLabel { label: n.clone() }))
        .collect::<Result<_, _>>()?;
    Ok(LabelSet::new(activities)?)
}
