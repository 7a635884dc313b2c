//! The figures of a test divided by what is known of its windows.

use super::coarse::coarse_metrics;
use super::score::{Over, score};
use super::{ConfusionMatrix, MetricsError, SeedPredictions, check_length, confusion_by_subject, predicted};
use ambulo_data::{Facts, LabelledWindows};
use ambulo_record::{Breakdown, BreakdownBy, LabelRecall, LabelSet, PartMetrics, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a window in one respect; `None` where the data do not say.
pub(crate) fn fact(facts: &Facts, by: BreakdownBy) -> Option<&str> {
    let stated = match by {
        BreakdownBy::Dataset => Some(&facts.dataset),
        BreakdownBy::Placement => facts.placement.as_ref(),
        BreakdownBy::Device => facts.device.as_ref(),
        BreakdownBy::Group => facts.group.as_ref(),
        BreakdownBy::Condition => facts.condition.as_ref(),
    };
    stated.map(|text| &**text).filter(|text| !text.is_empty())
}

/// The test divided by everything of which it has more than one value. Macro-F1 is over the classes that a part holds; the
/// interval is over the people of the part.
///
/// # Errors
/// Probabilities of another number of windows, or values that are none.
pub(crate) fn breakdowns(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
) -> Result<Vec<Breakdown>, MetricsError> {
    let mut answers: Option<Vec<Vec<u8>>> = None;
    let mut all = Vec::new();
    for by in BreakdownBy::ALL {
        // `true` sorts behind `false`: what is not known comes last.
        let mut parts: BTreeMap<(bool, Option<&str>), Vec<usize>> = BTreeMap::new();
        for (window, origin) in windows.origins.iter().enumerate() {
            let value = fact(&origin.facts, by);
            parts.entry((value.is_none(), value)).or_default().push(window);
        }
        if parts.len() < 2 {
            continue;
        }
        let answers = match &mut answers {
            Some(answers) => answers,
            none => none.insert(answers_of(labels, windows, runs)?),
        };
        let part = |((_, value), own): (&(bool, Option<&str>), &Vec<usize>)| {
            part(labels, windows, runs, answers, *value, own)
        };
        all.push(Breakdown {
            by: by.name().to_owned(),
            parts: parts.iter().map(part).collect::<Result<_, _>>()?,
        });
    }
    Ok(all)
}

/// The most probable class of each window, for each run.
fn answers_of(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
) -> Result<Vec<Vec<u8>>, MetricsError> {
    let of = |run: &SeedPredictions| {
        let in_run = |source| MetricsError::Run { seed: run.seed, source: Box::new(source) };
        check_length("probabilities", windows.len() * labels.len(), run.probabilities.len())
            .and_then(|()| predicted(&run.probabilities, labels.len()))
            .map_err(in_run)
    };
    runs.iter().map(of).collect()
}

/// The figures of some windows.
fn part(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
    answers: &[Vec<u8>],
    value: Option<&str>,
    own: &[usize],
) -> Result<PartMetrics, MetricsError> {
    let classes = labels.len();
    let of_class: Vec<usize> =
        own.iter().copied().filter(|&i| usize::from(windows.labels[i]) < classes).collect();
    let people: BTreeSet<&PersonId> = own.iter().map(|&i| &windows.origins[i].person).collect();
    let mut metrics = PartMetrics {
        value: value.map(str::to_owned),
        people: people.len() as u64,
        windows: of_class.len() as u64,
        accuracy: None,
        macro_f1: None,
        recalls: Vec::new(),
        coarse: if of_class.len() == own.len() {
            Vec::new()
        } else {
            coarse_metrics(labels, windows, runs, Some(own))?
        },
    };
    if of_class.is_empty() {
        return Ok(metrics);
    }
    let truth: Vec<u8> = of_class.iter().map(|&i| windows.labels[i]).collect();
    let people: Vec<PersonId> = of_class.iter().map(|&i| windows.origins[i].person.clone()).collect();
    let matrices = answers.iter().map(|answers| {
        let answers: Vec<u8> = of_class.iter().map(|&i| answers[i]).collect();
        confusion_by_subject(&truth, &answers, &people, classes)
    });
    let score = score(&matrices.collect::<Result<Vec<_>, _>>()?, Over::True)?;
    metrics.accuracy = Some(score.accuracy);
    metrics.macro_f1 = Some(score.macro_f1);
    metrics.recalls = recalls(labels.names(), &score.confusion, runs.len() as u64);
    Ok(metrics)
}

/// Recall of each class that has windows, from counts summed over seeds.
fn recalls<'a>(
    names: impl Iterator<Item = &'a str>,
    confusion: &ConfusionMatrix,
    seeds: u64,
) -> Vec<LabelRecall> {
    let scores = names.zip(confusion.class_scores()).filter(|(_, class)| class.support > 0);
    scores
        .map(|(label, class)| LabelRecall {
            label: label.to_owned(),
            // Every seed saw the same windows.
            windows: class.support / seeds,
            recall: class.recall,
        })
        .collect()
}

#[cfg(test)]
mod tests;
