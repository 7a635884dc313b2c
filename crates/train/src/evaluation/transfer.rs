//! What models trained on some data reach on a data set with labels of its own, of other depths.

use crate::metrics::{
    MetricsError, Over, Score, check_length, confusion_by_subject, group_name, predicted, score,
};
use ambulo_data::LabelledWindows;
use ambulo_record::vocabulary::Parents;
use ambulo_record::{
    CommonLabels, LabelSet, LeftOutLabel, PersonId, TransferCell, TransferScore, common_labels,
};
use std::collections::BTreeSet;

/// What models of one kind, one for each seed, answered to the windows of test people.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// Classes of the models.
    pub model: &'a LabelSet,
    /// The windows; their signals are not needed.
    pub windows: &'a LabelledWindows,
    /// Classes that the windows were cut with: what the data label, whether the models know it or not.
    pub labels: &'a LabelSet,
    /// For each seed the probabilities, `[windows, classes of the models]`.
    pub runs: &'a [(u64, &'a [f32])],
}

/// Which cell of a matrix is filled.
#[derive(Clone, Copy, Debug)]
pub struct CellName<'a> {
    /// Name of the row.
    pub trained_on: &'a str,
    /// Name of the column: the data set tested on.
    pub tested_on: &'a str,
    /// The data sets that the models were trained on.
    pub datasets: &'a [String],
}

/// Fills one cell of a transfer matrix: what models answered to the windows of a data set, compared at the finest activities
/// that both know ([`common_labels`]). `parents` are the places of the data set's own names.
///
/// `in_set` is what models answered that were trained on other people of the data set tested on; their classes take part in
/// finding what can be compared, so that both figures are about the same activities.
///
/// Answers are the activities compared, with the sum of their classes' probabilities, and each further class of the models;
/// the most probable counts. Macro-F1 is over the activities compared. Intervals are over people.
///
/// # Errors
/// No runs, lengths that do not fit, or values that are no probabilities.
pub fn transfer_cell(
    name: CellName<'_>,
    parents: &Parents,
    across: &Answers<'_>,
    in_set: Option<&Answers<'_>>,
) -> Result<TransferCell, MetricsError> {
    let mut count = vec![0_u64; across.labels.len() + across.windows.groups.len()];
    for (window, &code) in across.windows.labels.iter().enumerate() {
        let classes = count.len();
        let unknown = MetricsError::ClassIndex { window, index: code, classes };
        *count.get_mut(usize::from(code)).ok_or(unknown)? += 1;
    }
    let names = names(across);
    let present = || names.iter().zip(&count).filter(|(_, n)| **n > 0);
    let models: Vec<&LabelSet> =
        std::iter::once(across.model).chain(in_set.map(|answers| answers.model)).collect();
    let common = common_labels(&models, present().map(|(name, _)| name), parents);

    let mut cell = TransferCell {
        trained_on: name.trained_on.to_owned(),
        tested_on: name.tested_on.to_owned(),
        datasets: name.datasets.to_vec(),
        seeds: across.runs.iter().map(|(seed, _)| *seed).collect(),
        left_out: present()
            .filter(|(name, _)| common.node_of(name).is_none())
            .map(|(name, &windows)| LeftOutLabel { label: name.clone(), windows })
            .collect(),
        ..TransferCell::default()
    };
    let Some((figures, found)) = compare(across, &common, 0)? else { return Ok(cell) };
    cell.labels = common.nodes.iter().map(|node| node.name.clone()).collect();
    cell.score = Some(figures);
    cell.recalls = found.confusion.class_scores().iter().map(|class| class.recall).collect();
    cell.confusion = found.confusion.rows();
    // Classes that the data never have are true of no window.
    cell.recalls.truncate(cell.labels.len());
    cell.confusion.truncate(cell.labels.len());
    if let Some(in_set) = in_set {
        cell.in_set = compare(in_set, &common, 1)?.map(|(figures, _)| figures);
    }
    Ok(cell)
}

/// The label of each code of the windows.
fn names(answers: &Answers<'_>) -> Vec<String> {
    let groups = answers.windows.groups.iter().map(|group| group_name(answers.labels, group));
    answers.labels.names().map(str::to_owned).chain(groups).collect()
}

/// The figures of the windows whose label is compared; `None` where there are none. The last class of the matrix stands for
/// all classes of the models that the data never have.
fn compare(
    answers: &Answers<'_>,
    common: &CommonLabels,
    model: usize,
) -> Result<Option<(TransferScore, Score)>, MetricsError> {
    let never = common.nodes.len();
    let nodes: Vec<Option<usize>> = names(answers).iter().map(|name| common.node_of(name)).collect();
    let compared: Vec<(usize, u8)> = (answers.windows.labels.iter().enumerate())
        .filter_map(|(i, &code)| Some((i, nodes.get(usize::from(code)).copied().flatten()? as u8)))
        .collect();
    if compared.is_empty() {
        return Ok(None);
    }
    check_length("windows", answers.windows.len(), answers.windows.origins.len())?;
    let truth: Vec<u8> = compared.iter().map(|&(_, node)| node).collect();
    let people: Vec<PersonId> =
        compared.iter().map(|&(i, _)| answers.windows.origins[i].person.clone()).collect();
    let classes = answers.model.len();
    let matrices = answers.runs.iter().map(|&(seed, probabilities)| {
        let in_run = |source| MetricsError::Run { seed, source: Box::new(source) };
        check_length("probabilities", answers.windows.len() * classes, probabilities.len())
            .map_err(in_run)?;
        // That they are probabilities; the most probable class is not asked for.
        predicted(probabilities, classes).map_err(in_run)?;
        let row = |i: usize| &probabilities[i * classes..(i + 1) * classes];
        let answer = |&(i, _): &(usize, u8)| common.answer(model, row(i)).unwrap_or(never) as u8;
        let answers: Vec<u8> = compared.iter().map(answer).collect();
        confusion_by_subject(&truth, &answers, &people, never + 1)
    });
    let found = score(&matrices.collect::<Result<Vec<_>, _>>()?, Over::True)?;
    let figures = TransferScore {
        people: people.iter().collect::<BTreeSet<_>>().len() as u64,
        windows: compared.len() as u64,
        accuracy: found.accuracy,
        macro_f1: found.macro_f1,
    };
    Ok(Some((figures, found)))
}

#[cfg(test)]
mod tests;
