//! `transfer.json`: how well models trained on some data sets do on others.

use crate::files::TRANSFER;
use crate::run_records::read_record;
use crate::{AncestorRecord, Estimate, RecordError, SourceRecord};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the layout of [`TransferMatrix`]; readers refuse a larger one.
pub const TRANSFER_FORMAT: u32 = 1;

/// The whole of `transfer.json`: rows are what models were trained on, columns what they were tested on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransferMatrix {
    /// [`TRANSFER_FORMAT`].
    pub format: u32,
    /// Version of Ambulo that wrote it.
    pub ambulo_version: String,
    /// When it was finished, ISO 8601 UTC.
    pub finished: String,
    /// What rows and columns are.
    #[serde(default, skip_serializing_if = "TransferBetween::is_usual")]
    pub between: TransferBetween,
    /// How people and data sets were divided, e.g. `leave-one-dataset-out`.
    pub protocol: String,
    /// Name of the model, e.g. `lstm`.
    pub model: String,
    /// One line that describes the architecture.
    #[serde(default)]
    pub architecture: String,
    /// The model that the rows called `…, from NAME` began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AncestorRecord>,
    /// Names of the rows, from above: data sets, or what stands for several; or placements.
    pub trained_on: Vec<String>,
    /// Names of the columns: data sets, or placements.
    pub tested_on: Vec<String>,
    /// The cells that there are, in any order.
    pub cells: Vec<TransferCell>,
    /// The data sets with their terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRecord>,
    /// The shell command that repeats it.
    #[serde(default)]
    pub command: String,
}

/// What rows and columns of a [`TransferMatrix`] are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferBetween {
    /// Data sets.
    #[default]
    DataSets,
    /// Where devices were worn.
    Placements,
}

impl TransferBetween {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Models trained on one thing and tested on one data set, on people they have never seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransferCell {
    /// Name of the row.
    pub trained_on: String,
    /// Name of the column.
    pub tested_on: String,
    /// The data sets, or the placement, that the models were trained on. Where the one tested on is among them, people were kept apart within it.
    pub datasets: Vec<String>,
    /// Seeds of the models; figures are means over them.
    pub seeds: Vec<u64>,
    /// The activities at which both sides can be compared, those that the data have; in the order of rows of `confusion`.
    pub labels: Vec<String>,
    /// The figures; absent where no activity can be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<TransferScore>,
    /// Share of the windows of each of `labels` that was found, pooled over seeds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalls: Vec<f64>,
    /// `confusion[truth][answer]`, counts summed over seeds: a row for each of `labels`, a column for each of them and a last one
    /// for classes of the model that the data never have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confusion: Vec<Vec<u64>>,
    /// Labels of the data that the models have no class for, and their windows, which are in no figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutLabel>,
    /// What models of the same kind reach that were trained on other people of the data set tested on, at the same activities;
    /// absent where there are none, and in a cell whose models are such themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_set: Option<TransferScore>,
}

/// Figures at the activities of a [`TransferCell`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferScore {
    /// People tested.
    pub people: u64,
    /// Windows compared (of one seed).
    pub windows: u64,
    /// Share of them answered correctly.
    pub accuracy: Estimate,
    /// Mean F1 over the activities compared.
    pub macro_f1: Estimate,
}

/// A label that was left out of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutLabel {
    /// Its name.
    pub label: String,
    /// Windows with it.
    pub windows: u64,
}

impl TransferCell {
    /// Whether the models have learned from other people of the data set they are tested on.
    #[must_use]
    pub fn is_in_set(&self) -> bool {
        self.datasets.contains(&self.tested_on)
    }

    /// Macro-F1 as a share of what models reach that have learned from other people of the data set, at the same activities;
    /// `None` where one of the two is not known or the latter is 0.
    #[must_use]
    pub fn kept(&self) -> Option<f64> {
        let kept = self.score?.macro_f1.mean / self.in_set?.macro_f1.mean;
        kept.is_finite().then_some(kept)
    }
}

impl TransferMatrix {
    /// The cell of a row and a column.
    #[must_use]
    pub fn cell(&self, trained_on: &str, tested_on: &str) -> Option<&TransferCell> {
        self.cells.iter().find(|cell| cell.trained_on == trained_on && cell.tested_on == tested_on)
    }

    /// Mean of [`TransferCell::kept`] over the cells tested on a data set that the models have not learned from, each
    /// counting alike, and the number of these cells; `None` where there is none.
    #[must_use]
    pub fn mean_kept(&self) -> Option<(f64, usize)> {
        let across = self.cells.iter().filter(|cell| !cell.is_in_set());
        let kept: Vec<f64> = across.filter_map(TransferCell::kept).collect();
        (!kept.is_empty()).then(|| (kept.iter().sum::<f64>() / kept.len() as f64, kept.len()))
    }

    /// Reads `transfer.json` in a directory.
    ///
    /// # Errors
    /// [`RecordError`]: a file that is not there, cannot be read, is not what it should be, was written by a newer version, or
    /// contradicts itself in the number of activities.
    pub fn read(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(TRANSFER);
        let hint = "it is written when all data sets have been tested on";
        let matrix: Self = read_record(&path, hint, TRANSFER_FORMAT)?;
        for (number, cell) in matrix.cells.iter().enumerate() {
            let check = |what: String, found: usize, expected: usize| {
                if found == expected {
                    return Ok(());
                }
                Err(RecordError::Inconsistent { path: path.clone(), what, expected, found })
            };
            if cell.score.is_none() {
                continue;
            }
            let labels = cell.labels.len();
            check(format!("cells[{number}].recalls"), cell.recalls.len(), labels)?;
            check(format!("cells[{number}].confusion"), cell.confusion.len(), labels)?;
            for (row, counts) in cell.confusion.iter().enumerate() {
                check(format!("cells[{number}].confusion[{row}]"), counts.len(), labels + 1)?;
            }
        }
        Ok(matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(macro_f1: f64) -> TransferScore {
        let of = |mean| Estimate { mean, sd: 0.0, ci95: [mean, mean] };
        TransferScore { people: 3, windows: 10, accuracy: of(0.5), macro_f1: of(macro_f1) }
    }

    fn cell(from: &str, to: &str, own: f64, in_set: Option<f64>) -> TransferCell {
        TransferCell {
            trained_on: from.into(),
            tested_on: to.into(),
            datasets: vec![from.into()],
            labels: vec!["walking".into(), "stairs".into()],
            score: Some(score(own)),
            recalls: vec![0.5; 2],
            confusion: vec![vec![1, 0, 1]; 2],
            in_set: in_set.map(score),
            ..TransferCell::default()
        }
    }

    fn matrix() -> TransferMatrix {
        let cells = vec![
            cell("a", "a", 0.9, None),
            cell("a", "b", 0.6, Some(0.8)),
            cell("b", "a", 0.9, Some(0.9)),
            cell("b", "c", 0.9, Some(0.0)),
            TransferCell { score: None, ..cell("c", "a", 0.1, None) },
        ];
        TransferMatrix { format: TRANSFER_FORMAT, cells, ..TransferMatrix::default() }
    }

    #[test]
    fn what_is_kept_is_the_mean_over_data_sets_never_learned_from() {
        let matrix = matrix();
        let (kept, cells) = matrix.mean_kept().unwrap();
        assert!((kept - (0.75 + 1.0) / 2.0).abs() < 1e-12 && cells == 2);
        assert!(matrix.cell("a", "a").unwrap().is_in_set() && !matrix.cell("b", "a").unwrap().is_in_set());
        assert_eq!(TransferMatrix::default().mean_kept(), None);
    }

    #[test]
    fn a_file_is_read_as_it_was_written_or_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(dir.path().join(TRANSFER), text).unwrap();
        let message = || TransferMatrix::read(dir.path()).unwrap_err().to_string();
        assert!(message().contains("transfer.json is missing"));
        let text = serde_json::to_string(&matrix()).unwrap();
        write(&text);
        assert_eq!(TransferMatrix::read(dir.path()).unwrap(), matrix());
        write(&text.replacen("\"format\":1", "\"format\":2", 1));
        assert!(message().contains("has format 2; this version of Ambulo reads up to 1"), "{}", message());
        write(&text.replacen("[1,0,1]", "[1,0]", 1));
        assert!(message().contains("cells[0].confusion[0] has 2 entries, expected 3"), "{}", message());
        write(&text[..40]);
        assert!(message().contains("line 1"), "{}", message());
    }
}
