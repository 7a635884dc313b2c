//! Texts of columns beside the samples, kept where they change.

use crate::opened::TextRun;
use std::collections::VecDeque;
use std::sync::Arc;

/// From which row of a piece on the texts are these.
pub(crate) type RowTexts = (usize, Vec<Arc<str>>);

/// The texts of some columns while rows are read one by one: a row like the one before costs a comparison and no memory.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Bytes of the row before, and the same as text.
    last: Vec<Vec<u8>>,
    texts: Vec<Arc<str>>,
    changed: bool,
    runs: Vec<RowTexts>,
}

impl Changes {
    /// Of so many columns.
    pub(crate) fn new(columns: usize) -> Self {
        let (last, texts) = (vec![Vec::new(); columns], vec![Arc::from(""); columns]);
        Self { last, texts, changed: true, runs: Vec::new() }
    }

    /// Takes up what stands in one of the columns, by its place among them.
    pub(crate) fn see(&mut self, place: usize, cell: &[u8], decode: impl FnOnce(&[u8]) -> String) {
        let (Some(last), Some(text)) = (self.last.get_mut(place), self.texts.get_mut(place)) else { return };
        if last.as_slice() != cell {
            last.clear();
            last.extend_from_slice(cell);
            *text = decode(cell).into();
            self.changed = true;
        }
    }

    /// What was seen is of this row.
    pub(crate) fn end_row(&mut self, row: usize) {
        if std::mem::take(&mut self.changed) {
            self.runs.push((row, self.texts.clone()));
        }
    }

    /// Where the texts changed; the first from the first row on.
    pub(crate) fn into_runs(self) -> Vec<RowTexts> {
        self.runs
    }
}

/// Texts of all rows on their way to whoever asks for them.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    rows: u64,
    last: Option<Vec<Arc<str>>>,
    waiting: VecDeque<TextRun>,
}

impl Runs {
    /// Takes up the next rows of the recording and the texts that change among them.
    pub(crate) fn add(&mut self, rows: usize, changes: Vec<RowTexts>) {
        for (row, texts) in changes.into_iter().filter(|change| change.0 < rows) {
            // Where pieces begin, says nothing of the texts.
            if self.last.as_ref() != Some(&texts) {
                self.waiting.push_back(TextRun { sample: self.rows + row as u64, texts: texts.clone() });
                self.last = Some(texts);
            }
        }
        self.rows += rows as u64;
    }

    /// Those of the first so many samples that were not taken yet.
    pub(crate) fn take(&mut self, given: u64) -> Vec<TextRun> {
        let n = self.waiting.partition_point(|run| run.sample < given);
        self.waiting.drain(..n).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_however_the_rows_come(rows in proptest::collection::vec(0u8..3, 1..40), piece in 1usize..9) {
            let mut runs = Runs::default();
            for piece in rows.chunks(piece) {
                let mut changes = Changes::new(1);
                for (row, value) in piece.iter().enumerate() {
                    changes.see(0, &vec![b'a'; usize::from(*value)], |text| String::from_utf8_lossy(text).into_owned());
                    changes.end_row(row);
                }
                runs.add(piece.len(), changes.into_runs());
            }
            let some = runs.take(7);
            prop_assert!(some.iter().all(|run| run.sample < 7));
            let all: Vec<TextRun> = some.into_iter().chain(runs.take(u64::MAX)).collect();
            let begins: Vec<u64> =
                (0..rows.len()).filter(|&i| i == 0 || rows[i] != rows[i - 1]).map(|i| i as u64).collect();
            prop_assert_eq!(all.iter().map(|run| run.sample).collect::<Vec<_>>(), begins);
            for run in all {
                prop_assert_eq!(run.texts[0].len(), usize::from(rows[run.sample as usize]));
            }
        }
    }
}
