//! `predictions.parquet`, read back.

use super::PredictionsError;
use ambulo_data::{SubjectId, WindowOrigin};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::fs::File;
use std::path::Path;

/// What a `predictions.parquet` holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredPredictions {
    /// `[windows]`.
    pub windows: Vec<WindowOrigin>,
    /// True class indices, `[windows]`.
    pub truth: Vec<u8>,
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
    pub(crate) fn join(&mut self, fold: Self) {
        let first = self.windows.is_empty();
        self.windows.extend(fold.windows);
        self.truth.extend(fold.truth);
        if first {
            self.seeds = fold.seeds;
            return;
        }
        for (all, own) in self.seeds.iter_mut().zip(fold.seeds) {
            all.probabilities.extend(own.probabilities);
            // Known of all windows or of none.
            all.logits = all.logits.take().zip(own.logits).map(|(mut all, own)| {
                all.extend(own);
                all
            });
        }
    }
}

/// Reads a file of these labels, as [`super::write_predictions`] made it.
///
/// # Errors
/// A file that is not there, is damaged, or has other labels.
pub fn read_predictions(path: &Path, labels: &[String]) -> Result<StoredPredictions, PredictionsError> {
    let file =
        File::open(path).map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
    decode(file, labels).map_err(|source| PredictionsError::Parquet { path: path.to_owned(), source })
}

fn decode(file: File, labels: &[String]) -> Result<StoredPredictions, ParquetError> {
    let fail = |text: String| ParquetError::General(text);
    let reader = SerializedFileReader::new(file)?;
    let names: Vec<String> = {
        let schema = reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|c| c.name().to_owned()).collect()
    };
    let fixed = ["seed", "subject", "experiment", "start", "label", "predicted"].map(String::from);
    let own =
        |prefix: &'static str| labels.iter().map(move |label| format!("{prefix}_{}", label.to_lowercase()));
    let expected: Vec<String> = fixed.into_iter().chain(own("p")).collect();
    let with_logits: Vec<String> = expected.iter().cloned().chain(own("logit")).collect();
    if names != expected && names != with_logits {
        return Err(fail(format!(
            "expected the columns {}, found {}",
            expected.join(", "),
            names.join(", ")
        )));
    }
    let mut all = StoredPredictions::default();
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        let group = group.as_ref();
        let seeds = column::<Int64Type>(group, 0)?;
        let windows = seeds.len();
        let seed = seeds.first().copied().and_then(|s| u64::try_from(s).ok());
        let seed = seed.ok_or_else(|| fail(format!("row group {number} has no seed")))?;
        if number == 0 {
            let [subject, experiment, start] = [1, 2, 3].map(|index| column::<Int32Type>(group, index));
            let (subject, experiment, start) = (subject?, experiment?, start?);
            for ((&subject, &experiment), &start) in subject.iter().zip(&experiment).zip(&start) {
                let range =
                    |_| fail(format!("window at {start} of experiment {experiment}: a number out of range"));
                all.windows.push(WindowOrigin {
                    subject: SubjectId(u16::try_from(subject).map_err(range)?),
                    experiment: u16::try_from(experiment).map_err(range)?,
                    start: u32::try_from(start).map_err(range)?,
                });
            }
            for name in column::<ByteArrayType>(group, 4)? {
                let index = labels.iter().position(|label| label.as_bytes() == name.data());
                let index = index.ok_or_else(|| fail("a label that is none of the classes".into()))?;
                all.truth.push(index as u8);
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
        let logits = if names == with_logits { Some(rows(6 + classes)?) } else { None };
        all.seeds.push(StoredSeed { seed, probabilities: rows(6)?, logits });
    }
    Ok(all)
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
