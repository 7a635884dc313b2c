//! A saved model on people it was not trained on.

use crate::TrainError;
use crate::directory::files::EvaluationFile;
use crate::evaluation::final_evaluation::{count_wearings, predict, summarise};
use crate::metrics::{MetricsError, SeedPredictions};
use ambulo_data::{Dataset, TestSubjects, lookup, subjects_for_evaluation};
use ambulo_model::{Ancestor, Metadata, Model, Predictor};
use ambulo_record::{LabelSet, PersonId, TestMetrics};
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
    pub labels: LabelSet,
    /// The subjects, none of whom the model was trained on.
    pub subjects: Vec<PersonId>,
    /// Number of windows.
    pub windows: usize,
    /// The figures.
    pub test: TestMetrics,
}

/// A saved model and the name the log gives it.
pub type NamedModel = (String, Predictor);

/// Evaluates the models of one run (one per seed) on the subjects of a data set that none of them was trained on, or only
/// on those of them whom `only` names, and logs that in `log`.
///
/// # Errors
/// Models of different runs, a data set all of whose people the models know, people named whom they know or who are not
/// there, or data that do not fit the preprocessing.
pub fn evaluate(
    models: &[NamedModel],
    dataset: &Dataset,
    only: Option<&BTreeSet<PersonId>>,
    threads: usize,
    log: &Path,
) -> Result<Evaluation, TrainError> {
    let metadata = comparable(models)?;
    let labels = &metadata.labels;
    let subjects = unseen_people(models, dataset, only)?;
    let protocol = subjects.chosen_by().name();
    let ids = subjects.ids().iter().cloned().collect();
    let partition = subjects.cut(dataset, &metadata.preprocessing, labels)?;
    let names = models.iter().map(|(name, _)| name.clone()).collect();
    let windows = partition.open(&mut EvaluationFile { path: log.to_owned(), models: names })?;
    let runs = models
        .iter()
        .map(|(_, model)| {
            let metadata = model.model().metadata();
            let provenance = &metadata.provenance;
            let (logits, probabilities) = predict(model, &windows, threads)?;
            Ok(SeedPredictions {
                seed: provenance.seed,
                best_epoch: provenance.epochs,
                validation_macro_f1: provenance.validation_macro_f1,
                refit: provenance.chosen_on.iter().all(|s| provenance.trained_on.contains(s)),
                temperature: metadata.calibration.temperature,
                probabilities,
                logits: Some(logits),
            })
        })
        .collect::<Result<Vec<_>, TrainError>>()?;
    let seeded: Vec<(u64, &Predictor)> =
        models.iter().map(|(_, model)| (model.model().metadata().provenance.seed, model)).collect();
    let wearings = count_wearings(&seeded, &windows, threads)?;
    let test = summarise(labels, &windows, &runs, &wearings)?;
    Ok(Evaluation {
        model: metadata.model.clone(),
        seeds: runs.iter().map(|run| run.seed).collect(),
        dataset: dataset.info.name.clone(),
        dataset_sha256: dataset.sha256.clone(),
        protocol,
        labels: labels.clone(),
        subjects: ids,
        windows: windows.len(),
        test,
    })
}

/// What the models of one run have in common: what the first says of itself.
///
/// # Errors
/// No models, or such of different runs.
pub(crate) fn comparable(models: &[NamedModel]) -> Result<&Metadata, TrainError> {
    let (first_name, first) = models.first().ok_or(MetricsError::NoRuns)?;
    // Only the statistics of the normalisation may differ between the seeds of a run.
    let comparable = |model: &Model| {
        let m = model.metadata();
        (m.labels.clone(), Preprocessing { normalisation: None, ..m.preprocessing.clone() })
    };
    if let Some((name, _)) = models.iter().find(|(_, m)| comparable(m.model()) != comparable(first.model())) {
        return Err(TrainError::DifferentModels { first: first_name.clone(), other: name.clone() });
    }
    Ok(first.model().metadata())
}

/// The people of a data set on whom all of these models may be evaluated, or those of them whom `only` names.
///
/// # Errors
/// Nobody is left, or somebody is named on whom a model was trained or who is not there.
pub(crate) fn unseen_people(
    models: &[NamedModel],
    dataset: &Dataset,
    only: Option<&BTreeSet<PersonId>>,
) -> Result<TestSubjects, TrainError> {
    let seen = models.iter().flat_map(|(_, model)| seen_people(model.model(), dataset)).collect();
    let subjects = subjects_for_evaluation(dataset, &seen)?;
    Ok(match only {
        Some(only) => subjects.only(only, dataset)?,
        None => subjects,
    })
}

/// The people of this data set who shaped the model, or one of those that it comes from: none where it was trained on other people altogether.
///
/// Equal names mean the same person within one cohort alone; where nobody knows the cohort they are taken to.
fn seen_people(model: &Model, dataset: &Dataset) -> BTreeSet<PersonId> {
    people_known_to(&Ancestor::of("", "", &model.metadata().provenance), dataset)
}

/// The people of this data set who shaped a model or one of those that it comes from, with labels or without.
pub(crate) fn people_known_to(model: &Ancestor, dataset: &Dataset) -> BTreeSet<PersonId> {
    model.line().flat_map(|ancestor| people_who_shaped(ancestor, dataset)).collect()
}

fn people_who_shaped(model: &Ancestor, dataset: &Dataset) -> BTreeSet<PersonId> {
    people_named(model.trained_on.iter().chain(&model.chosen_on), model, dataset)
}

/// The people of this data set whom a model means by these names.
pub(crate) fn people_named<'a>(
    names: impl IntoIterator<Item = &'a PersonId>,
    model: &Ancestor,
    dataset: &Dataset,
) -> BTreeSet<PersonId> {
    // Files of format 1 name the data set alone.
    let named = || lookup(&model.dataset).ok().map(|info| info.cohort);
    let alone = model.cohort.clone().or_else(named);
    let sources: Vec<(&str, &str)> =
        model.sources.iter().map(|s| (s.prefix.as_str(), s.cohort.as_str())).collect();
    let seen: Vec<Known<'_>> =
        names.into_iter().map(|person| Known::of(person, &sources, alone.as_deref())).collect();
    let parts: Vec<(&str, &str)> =
        dataset.parts.iter().map(|part| (part.prefix.as_str(), part.info.cohort.as_str())).collect();
    let own = Some(dataset.info.cohort.as_str());
    let is_seen = |person: &PersonId| seen.contains(&Known::of(person, &parts, own));
    dataset.subjects().into_iter().filter(is_seen).collect()
}

/// A person by cohort, if it is known, and name within it.
struct Known<'a> {
    cohort: Option<&'a str>,
    name: &'a str,
}

impl<'a> Known<'a> {
    /// Of several data sets, which are given with what their people's names begin with, or of one alone.
    fn of(person: &'a PersonId, parts: &[(&str, &'a str)], alone: Option<&'a str>) -> Self {
        let of_part = |&(prefix, cohort): &(&str, &'a str)| {
            let name = person.as_str().strip_prefix(prefix)?.strip_prefix('/')?;
            Some((Some(cohort), name))
        };
        let found = parts.iter().find_map(of_part);
        let (cohort, name) = found.unwrap_or((alone, person.as_str()));
        Self { cohort: cohort.filter(|cohort| !cohort.is_empty()), name }
    }
}

impl PartialEq for Known<'_> {
    fn eq(&self, other: &Self) -> bool {
        let one_cohort = self.cohort.zip(other.cohort).is_none_or(|(a, b)| a == b);
        one_cohort && self.name == other.name
    }
}
