//! `predictions.parquet`: every test window of every seed with truth, answer, probabilities and logits.
//!
//! | column | type | content |
//! |---|---|---|
//! | `seed` | int64 | seed of the run |
//! | `subject`, `experiment` | int32 | numbers of person and recording |
//! | `start` | int32 | first sample of the window in its recording, from 0 |
//! | `label`, `predicted` | string | names of the true and of the most probable class |
//! | `p_<label>` | float | probability of each class, label in lower case |
//! | `logit_<label>` | float | what the probabilities were computed from; absent where there is none |
//!
//! One row group for each seed, windows in the order of the test set. The file's key-value metadata holds
//! `ambulo.version`, `ambulo.protocol` and `ambulo.dataset`. No compression: any reader opens it.

mod read;

pub use read::{StoredPredictions, StoredSeed, read_predictions};

use crate::metrics::{MetricsError, SeedPredictions, predicted};
use ambulo_data::WindowOrigin;
use ambulo_record::atomic;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What goes into the file.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    /// Name of the protocol, e.g. `official`.
    pub protocol: &'a str,
    /// Name of the data set, e.g. `hapt`.
    pub dataset: &'a str,
    /// Class names, `[classes]`.
    pub labels: &'a [String],
    /// `[windows]`.
    pub windows: &'a [WindowOrigin],
    /// True class indices, `[windows]`.
    pub truth: &'a [u8],
    /// One entry per seed, probabilities `[windows, classes]`.
    pub runs: &'a [SeedPredictions],
}

/// Why predictions could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PredictionsError {
    /// Arrays that do not fit each other, or values that are not probabilities.
    #[error(transparent)]
    Input(#[from] MetricsError),
    /// Two labels that would share a column.
    #[error("labels `{first}` and `{second}` both ask for column `{column}`\nhint: rename one of them")]
    LabelClash {
        /// The earlier label.
        first: String,
        /// The later label.
        second: String,
        /// The column.
        column: String,
    },
    /// A number the column's type cannot hold.
    #[error("{what} {value} is too large for the file, which holds at most {max}")]
    Range {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The largest that fits.
        max: u64,
    },
    /// The content could not be encoded.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        source: ParquetError,
    },
    /// The file system refused; the message names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes `predictions.parquet` to `path`, whole or not at all.
///
/// # Errors
/// Arrays that do not fit each other, values that are not probabilities, labels that differ only in case,
/// numbers out of range, or the file system refuses.
pub fn write_predictions(path: &Path, predictions: &Predictions) -> Result<(), PredictionsError> {
    let mut columns = class_columns("p", predictions.labels)?;
    // All seeds have them or none: a table has one schema.
    let with_logits = predictions.runs.iter().all(|run| run.logits.is_some());
    if with_logits {
        columns.extend(class_columns("logit", predictions.labels)?);
    }
    let tables = predictions
        .runs
        .iter()
        .map(|run| SeedTable::new(predictions, run, with_logits))
        .collect::<Result<Vec<_>, PredictionsError>>()?;
    let bytes = encode(predictions, &columns, &tables)
        .map_err(|source| PredictionsError::Parquet { path: path.to_owned(), source })?;
    Ok(atomic::write(path, &bytes)?)
}

/// Names of a column for each class.
fn class_columns(prefix: &str, labels: &[String]) -> Result<Vec<String>, PredictionsError> {
    let mut taken = BTreeMap::new();
    labels
        .iter()
        .map(|label| {
            let column = format!("{prefix}_{}", label.to_lowercase());
            match taken.insert(column.clone(), label) {
                None => Ok(column),
                Some(first) => {
                    Err(PredictionsError::LabelClash { first: first.clone(), second: label.clone(), column })
                }
            }
        })
        .collect()
}

/// The columns of one row group.
struct SeedTable {
    seed: Vec<i64>,
    subject: Vec<i32>,
    experiment: Vec<i32>,
    start: Vec<i32>,
    label: Vec<ByteArray>,
    predicted: Vec<ByteArray>,
    /// One column per class of probabilities, then of logits.
    figures: Vec<Vec<f32>>,
}

impl SeedTable {
    fn new(all: &Predictions, run: &SeedPredictions, with_logits: bool) -> Result<Self, PredictionsError> {
        let (windows, classes) = (all.windows.len(), all.labels.len());
        let in_run = |source| MetricsError::Run { seed: run.seed, source: Box::new(source) };
        let length = |what, expected: usize, found: usize| {
            if expected == found { Ok(()) } else { Err(MetricsError::Length { what, expected, found }) }
        };
        length("true classes", windows, all.truth.len())?;
        length("probabilities", windows * classes, run.probabilities.len()).map_err(in_run)?;
        let logits = run.logits.as_deref().filter(|_| with_logits);
        if let Some(logits) = logits {
            length("logits", windows * classes, logits.len()).map_err(in_run)?;
        }
        let answers = predicted(&run.probabilities, classes).map_err(in_run)?;

        let seed = i64::try_from(run.seed).map_err(|_| PredictionsError::Range {
            what: "seed",
            value: run.seed,
            max: i64::MAX as u64,
        })?;
        let start = all
            .windows
            .iter()
            .map(|window| {
                i32::try_from(window.start).map_err(|_| PredictionsError::Range {
                    what: "first sample of a window",
                    value: u64::from(window.start),
                    max: i32::MAX as u64,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<ByteArray> = all.labels.iter().map(|label| ByteArray::from(label.as_str())).collect();
        let named = |indices: &[u8]| {
            let name = |(window, &index): (usize, &u8)| {
                names.get(usize::from(index)).cloned().ok_or(MetricsError::ClassIndex {
                    window,
                    index,
                    classes,
                })
            };
            indices.iter().enumerate().map(name).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            seed: vec![seed; windows],
            subject: all.windows.iter().map(|window| i32::from(window.subject.0)).collect(),
            experiment: all.windows.iter().map(|window| i32::from(window.experiment)).collect(),
            start,
            label: named(all.truth)?,
            predicted: named(&answers)?,
            figures: [Some(run.probabilities.as_slice()), logits]
                .into_iter()
                .flatten()
                .flat_map(|rows| (0..classes).map(|class| rows.iter().skip(class).step_by(classes)))
                .map(|column| column.copied().collect())
                .collect(),
        })
    }

    /// Writes the columns in the order of [`schema`].
    fn write(&self, group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>) -> Result<(), ParquetError> {
        write_column::<Int64Type>(group, &self.seed)?;
        write_column::<Int32Type>(group, &self.subject)?;
        write_column::<Int32Type>(group, &self.experiment)?;
        write_column::<Int32Type>(group, &self.start)?;
        write_column::<ByteArrayType>(group, &self.label)?;
        write_column::<ByteArrayType>(group, &self.predicted)?;
        self.figures.iter().try_for_each(|column| write_column::<FloatType>(group, column))
    }
}

fn encode(all: &Predictions, columns: &[String], tables: &[SeedTable]) -> Result<Vec<u8>, ParquetError> {
    let entry = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        // Page indices would be larger than what they help to skip.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![
            entry("ambulo.version", env!("CARGO_PKG_VERSION")),
            entry("ambulo.protocol", all.protocol),
            entry("ambulo.dataset", all.dataset),
        ]));
    for column in columns {
        // Hardly any probability or logit occurs twice.
        properties = properties.set_column_dictionary_enabled(ColumnPath::new(vec![column.clone()]), false);
    }
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema(columns)?, Arc::new(properties.build()))?;
    for table in tables {
        let mut group = file.next_row_group()?;
        table.write(&mut group)?;
        group.close()?;
    }
    file.close()?;
    Ok(bytes)
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let mut column = group
        .next_column()?
        .ok_or_else(|| ParquetError::General("more columns than the schema names".into()))?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn schema(class_columns: &[String]) -> Result<TypePtr, ParquetError> {
    let column = |name: &str, physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let mut fields = vec![column("seed", PhysicalType::INT64, None)?];
    for name in ["subject", "experiment", "start"] {
        fields.push(column(name, PhysicalType::INT32, None)?);
    }
    for name in ["label", "predicted"] {
        fields.push(column(name, PhysicalType::BYTE_ARRAY, Some(LogicalType::String))?);
    }
    for name in class_columns {
        fields.push(column(name, PhysicalType::FLOAT, None)?);
    }
    Type::group_type_builder("predictions").with_fields(fields).build().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_data::SubjectId;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use std::fs::{self, File};

    fn labels() -> Vec<String> {
        ["WALKING", "WALKING_UPSTAIRS", "SITTING"].map(String::from).to_vec()
    }

    fn run(seed: u64, probabilities: &[f32]) -> SeedPredictions {
        SeedPredictions {
            seed,
            best_epoch: 1,
            validation_macro_f1: 0.5,
            refit: false,
            temperature: 1.0,
            probabilities: probabilities.to_vec(),
            logits: None,
        }
    }

    const WINDOWS: [WindowOrigin; 2] = [
        WindowOrigin { subject: SubjectId(2), experiment: 3, start: 1_122_772 },
        WindowOrigin { subject: SubjectId(65_535), experiment: 61, start: 0 },
    ];

    fn predictions<'a>(labels: &'a [String], runs: &'a [SeedPredictions]) -> Predictions<'a> {
        Predictions { protocol: "official", dataset: "hapt", labels, windows: &WINDOWS, truth: &[1, 2], runs }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let labels = labels();
        let runs =
            [run(7, &[0.125, 0.5, 0.375, 0.75, 0.25, 0.0]), run(1 << 40, &[0.0, 1.0, 0.0, 0.25, 0.25, 0.5])];
        write_predictions(&path, &predictions(&labels, &runs)).unwrap();

        let back = read_predictions(&path, &labels).unwrap();
        assert_eq!((back.windows.as_slice(), back.truth.as_slice()), (&WINDOWS[..], &[1, 2][..]));
        let stored = |runs: &[SeedPredictions]| -> Vec<StoredSeed> {
            let seed = |r: &SeedPredictions| StoredSeed {
                seed: r.seed,
                probabilities: r.probabilities.clone(),
                logits: r.logits.clone(),
            };
            runs.iter().map(seed).collect()
        };
        assert_eq!(back.seeds, stored(&runs));
        let other = read_predictions(&path, &labels[..2]).unwrap_err().to_string();
        assert!(other.contains("expected the columns seed") && other.contains("p_sitting"), "{other}");

        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata();
        let value = |key: &str| {
            let pairs = metadata.key_value_metadata().unwrap();
            pairs.iter().find(|pair| pair.key == key).unwrap().value.clone().unwrap()
        };
        assert_eq!(value("ambulo.version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(value("ambulo.protocol"), "official");
        assert_eq!(value("ambulo.dataset"), "hapt");

        let text = |value: &str| Field::Str(value.into());
        let row = |seed, window: WindowOrigin, label: &str, predicted: &str, p: [f32; 3]| {
            vec![
                ("seed".to_owned(), Field::Long(seed)),
                ("subject".to_owned(), Field::Int(i32::from(window.subject.0))),
                ("experiment".to_owned(), Field::Int(i32::from(window.experiment))),
                ("start".to_owned(), Field::Int(window.start as i32)),
                ("label".to_owned(), text(label)),
                ("predicted".to_owned(), text(predicted)),
                ("p_walking".to_owned(), Field::Float(p[0])),
                ("p_walking_upstairs".to_owned(), Field::Float(p[1])),
                ("p_sitting".to_owned(), Field::Float(p[2])),
            ]
        };
        let rows: Vec<Vec<(String, Field)>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(n, f)| (n.clone(), f.clone())).collect())
            .collect();
        let [first, second] = WINDOWS;
        assert_eq!(
            rows,
            [
                row(7, first, "WALKING_UPSTAIRS", "WALKING_UPSTAIRS", [0.125, 0.5, 0.375]),
                row(7, second, "SITTING", "WALKING", [0.75, 0.25, 0.0]),
                row(1 << 40, first, "WALKING_UPSTAIRS", "WALKING_UPSTAIRS", [0.0, 1.0, 0.0]),
                row(1 << 40, second, "SITTING", "SITTING", [0.25, 0.25, 0.5]),
            ]
        );
    }

    #[test]
    fn logits_are_kept_to_the_bit_where_every_seed_has_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let labels = labels();
        let mut runs =
            [run(7, &[0.125, 0.5, 0.375, 0.75, 0.25, 0.0]), run(8, &[0.0, 1.0, 0.0, 0.25, 0.25, 0.5])];
        runs[0].logits = Some(vec![-3.1, 2.7, 0.1 + 0.2, 1e-30, 88.0, -0.0]);
        write_predictions(&path, &predictions(&labels, &runs)).unwrap();
        let back = read_predictions(&path, &labels).unwrap();
        assert!(back.seeds.iter().all(|seed| seed.logits.is_none()), "one of two has logits");
        runs[1].logits = Some(vec![0.5; 6]);
        write_predictions(&path, &predictions(&labels, &runs)).unwrap();
        let back = read_predictions(&path, &labels).unwrap();
        for (seed, run) in back.seeds.iter().zip(&runs) {
            assert_eq!((&seed.probabilities, &seed.logits), (&run.probabilities, &run.logits));
        }
        runs[1].logits = Some(vec![0.5; 5]);
        let short = write_predictions(&path, &predictions(&labels, &runs)).unwrap_err().to_string();
        assert!(short.contains("seed 8: logits: expected 6 values, found 5"), "{short}");
    }

    #[test]
    fn faulty_input_is_named_and_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        fs::write(&path, "old").unwrap();
        let good = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let message = |labels: &[String], runs: &[SeedPredictions]| {
            write_predictions(&path, &predictions(labels, runs)).unwrap_err().to_string()
        };
        let clash = message(&["Sit".into(), "x".into(), "SIT".into()], &[run(1, &good)]);
        assert!(clash.contains("`Sit` and `SIT` both ask for column `p_sit`"), "{clash}");
        let short = message(&labels(), &[run(5, &good[..3])]);
        assert!(short.contains("seed 5: probabilities: expected 6 values, found 3"), "{short}");
        let index = message(&labels()[..2], &[run(1, &[1.0, 0.0, 1.0, 0.0])]);
        assert!(index.contains("window 1: class index 2"), "{index}");
        let seed = message(&labels(), &[run(u64::MAX, &good)]);
        assert!(seed.contains("seed 18446744073709551615 is too large"), "{seed}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
