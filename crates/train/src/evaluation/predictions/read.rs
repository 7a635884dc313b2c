//! `predictions.parquet`, read back.

use super::{FIXED_COLUMNS, PredictionsError, class_columns};
use ambulo_data::{DataError, Facts, LabelledWindows, WindowOrigin};
use ambulo_record::{BreakdownBy, LabelSet, PersonId, Targets};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What a `predictions.parquet` holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredPredictions {
    /// Origins and labels of the windows, without their signals.
    pub windows: LabelledWindows,
    /// What each seed's model answered.
    pub seeds: Vec<StoredSeed>,
}

/// The answers of one seed's model.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSeed {
    /// The seed.
    pub seed: u64,
    /// `[windows, classes]`.
    pub probabilities: Vec<f32>,
    /// Likewise; none in a file without them.
    pub logits: Option<Vec<f32>>,
}

impl StoredPredictions {
    /// Puts the windows of another fold, answered by models of the same seeds, behind these.
    ///
    /// # Errors
    /// Windows of other classes.
    pub(crate) fn join(&mut self, fold: Self) -> Result<(), DataError> {
        if self.windows.is_empty() {
            *self = fold;
            return Ok(());
        }
        self.windows = std::mem::take(&mut self.windows).concat(&fold.windows)?;
        for (all, own) in self.seeds.iter_mut().zip(fold.seeds) {
            all.probabilities.extend(own.probabilities);
            // Known of all windows or of none.
            all.logits = all.logits.take().zip(own.logits).map(|(mut all, own)| {
                all.extend(own);
                all
            });
        }
        Ok(())
    }
}

/// Reads a file of these labels, as [`super::write_predictions`] made it.
///
/// # Errors
/// A file that is not there, is damaged, or has other labels.
pub fn read_predictions(path: &Path, labels: &LabelSet) -> Result<StoredPredictions, PredictionsError> {
    let file =
        File::open(path).map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
    decode(file, labels).map_err(|source| PredictionsError::Parquet { path: path.to_owned(), source })
}

fn decode(file: File, labels: &LabelSet) -> Result<StoredPredictions, ParquetError> {
    let fail = |text: String| ParquetError::General(text);
    let reader = SerializedFileReader::new(file)?;
    let names: Vec<String> = {
        let schema = reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|c| c.name().to_owned()).collect()
    };
    let facts = BreakdownBy::ALL.into_iter().filter(|by| names.iter().any(|name| name == by.name()));
    let facts: Vec<BreakdownBy> = facts.collect();
    let fixed = FIXED_COLUMNS.into_iter().chain(facts.iter().map(|by| by.name()));
    let first_class = FIXED_COLUMNS.len() + facts.len();
    let expected: Vec<String> = fixed.map(str::to_owned).chain(class_columns("p", labels)).collect();
    let with_logits: Vec<String> = expected.iter().cloned().chain(class_columns("logit", labels)).collect();
    if names != expected && names != with_logits {
        return Err(fail(format!(
            "expected the columns {}, found {}",
            expected.join(", "),
            names.join(", ")
        )));
    }
    let mut all = StoredPredictions::default();
    all.windows.classes = labels.len();
    let mut targets = Targets::new(labels);
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        let group = group.as_ref();
        let seeds = column::<Int64Type>(group, 0)?;
        let windows = seeds.len();
        let seed = seeds.first().copied().and_then(|s| u64::try_from(s).ok());
        let seed = seed.ok_or_else(|| fail(format!("row group {number} has no seed")))?;
        if number == 0 {
            let [people, recordings, names] = [1, 2, 4].map(|index| column::<ByteArrayType>(group, index));
            let starts = column::<Int64Type>(group, 3)?;
            let mut known = read_facts(group, &facts, windows)?.into_iter();
            for ((person, recording), start) in people?.iter().zip(recordings?).zip(starts) {
                let person = PersonId::new(person.as_utf8()?).map_err(|e| fail(e.to_string()))?;
                let start = u64::try_from(start);
                let start = start.map_err(|_| fail(format!("a window of {person} starts before 0")))?;
                all.windows.origins.push(WindowOrigin {
                    person,
                    recording: recording.as_utf8()?.into(),
                    facts: known.next().unwrap_or_default(),
                    start,
                });
            }
            for name in names? {
                let foreign = || fail("a label that says nothing about the classes".into());
                let target = labels.target(name.as_utf8()?).ok_or_else(foreign)?;
                all.windows.labels.push(targets.code(&target).map_err(|e| fail(e.to_string()))?);
            }
        }
        if windows != all.windows.len() {
            return Err(fail(format!(
                "{} windows for one seed and {windows} for another",
                all.windows.len()
            )));
        }
        let classes = labels.len();
        let rows = |first: usize| -> Result<Vec<f32>, ParquetError> {
            let mut rows = vec![0.0; windows * classes];
            for class in 0..classes {
                let values = column::<FloatType>(group, first + class)?;
                if values.len() != windows {
                    return Err(fail(format!("{windows} windows and {} values of a class", values.len())));
                }
                for (window, value) in values.into_iter().enumerate() {
                    rows[window * classes + class] = value;
                }
            }
            Ok(rows)
        };
        let logits = if names == with_logits { Some(rows(first_class + classes)?) } else { None };
        all.seeds.push(StoredSeed { seed, probabilities: rows(first_class)?, logits });
    }
    all.windows.groups = targets.groups().to_vec();
    Ok(all)
}

/// What is known of each window, from the columns of these; windows of which the same is known share it.
fn read_facts(
    group: &dyn RowGroupReader,
    columns: &[BreakdownBy],
    windows: usize,
) -> Result<Vec<Arc<Facts>>, ParquetError> {
    let mut all = vec![Facts::default(); windows];
    let mut texts: BTreeSet<Arc<str>> = BTreeSet::new();
    for (index, by) in columns.iter().enumerate() {
        let values = column::<ByteArrayType>(group, FIXED_COLUMNS.len() + index)?;
        for (facts, value) in all.iter_mut().zip(values) {
            let value = value.as_utf8()?;
            if value.is_empty() {
                continue;
            }
            let text = texts.get(value).cloned().unwrap_or_else(|| value.into());
            texts.insert(Arc::clone(&text));
            match by {
                BreakdownBy::Dataset => facts.dataset = text,
                BreakdownBy::Placement => facts.placement = Some(text),
                BreakdownBy::Device => facts.device = Some(text),
                BreakdownBy::Group => facts.group = Some(text),
                BreakdownBy::Condition => facts.condition = Some(text),
            }
        }
    }
    let mut shared: BTreeSet<Arc<Facts>> = BTreeSet::new();
    let share = |facts: Facts| {
        let own = shared.get(&facts).cloned().unwrap_or_else(|| Arc::new(facts));
        shared.insert(Arc::clone(&own));
        own
    };
    Ok(all.into_iter().map(share).collect())
}

fn column<T: DataType>(group: &dyn RowGroupReader, index: usize) -> Result<Vec<T::T>, ParquetError> {
    // In pieces: a damaged count of rows cannot ask for more memory than the pages hold.
    const PIECE: usize = 1 << 16;
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let (mut values, mut piece) = (Vec::new(), Vec::new());
    loop {
        piece.clear();
        let (records, ..) = reader.read_records(PIECE, None, None, &mut piece)?;
        if records == 0 {
            return Ok(values);
        }
        values.append(&mut piece);
    }
}
