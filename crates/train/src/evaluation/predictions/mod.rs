//! `predictions.parquet`: every test window of every seed with truth, answer, probabilities and logits.
//!
//! | column | type | content |
//! |---|---|---|
//! | `seed` | int64 | seed of the run |
//! | `subject`, `recording` | string | names of person and recording |
//! | `start` | int64 | first sample of the window in its recording, from 0 |
//! | `label`, `predicted` | string | names of the true activity, which may lie above classes, and of the most probable class |
//! | `dataset`, `placement`, `device`, `group`, `condition` | string | what else is known, in the data set's words, empty where it does not say; each absent where it is known of no window |
//! | `p_<label>` | float | probability of each class |
//! | `logit_<label>` | float | what the probabilities were computed from; absent where there is none |
//!
//! One row group for each seed, windows in the order of the test set. The file's key-value metadata holds
//! `ambulo.version`, `ambulo.protocol` and `ambulo.dataset`. No compression: any reader opens it.

mod read;

pub use read::{StoredPredictions, StoredSeed, read_predictions};

use crate::metrics::{MetricsError, SeedPredictions, fact, group_name, predicted};
use ambulo_data::LabelledWindows;
use ambulo_record::{BreakdownBy, LabelSet, atomic};
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
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
    /// The classes.
    pub labels: &'a LabelSet,
    /// Origins and labels of the windows.
    pub windows: &'a LabelledWindows,
    /// One entry per seed, probabilities `[windows, classes]`.
    pub runs: &'a [SeedPredictions],
}

/// Why predictions could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PredictionsError {
    /// Arrays that do not fit each other, or values that are not probabilities.
    #[error(transparent)]
    Input(#[from] MetricsError),
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
/// Arrays that do not fit each other, values that are not probabilities, numbers out of range, or the file system refuses.
pub fn write_predictions(path: &Path, predictions: &Predictions) -> Result<(), PredictionsError> {
    let known = |by: &BreakdownBy| {
        predictions.windows.origins.iter().any(|window| fact(&window.facts, *by).is_some())
    };
    let facts: Vec<BreakdownBy> = BreakdownBy::ALL.into_iter().filter(known).collect();
    let mut columns = class_columns("p", predictions.labels);
    // All seeds have them or none: a table has one schema.
    let with_logits = predictions.runs.iter().all(|run| run.logits.is_some());
    if with_logits {
        columns.extend(class_columns("logit", predictions.labels));
    }
    let tables = predictions
        .runs
        .iter()
        .map(|run| SeedTable::new(predictions, run, &facts, with_logits))
        .collect::<Result<Vec<_>, PredictionsError>>()?;
    let bytes = encode(predictions, &facts, &columns, &tables)
        .map_err(|source| PredictionsError::Parquet { path: path.to_owned(), source })?;
    Ok(atomic::write(path, &bytes)?)
}

/// Columns that every file has, before those of facts and of classes.
const FIXED_COLUMNS: [&str; 6] = ["seed", "subject", "recording", "start", "label", "predicted"];

/// Names of a column for each class.
fn class_columns(prefix: &str, labels: &LabelSet) -> Vec<String> {
    labels.names().map(|label| format!("{prefix}_{label}")).collect()
}

fn text(value: impl Into<String>) -> ByteArray {
    ByteArray::from(value.into().into_bytes())
}

/// The columns of one row group.
struct SeedTable {
    seed: Vec<i64>,
    subject: Vec<ByteArray>,
    recording: Vec<ByteArray>,
    start: Vec<i64>,
    label: Vec<ByteArray>,
    predicted: Vec<ByteArray>,
    /// One column for each thing that is known of some window.
    facts: Vec<Vec<ByteArray>>,
    /// One column per class of probabilities, then of logits.
    figures: Vec<Vec<f32>>,
}

impl SeedTable {
    fn new(
        all: &Predictions,
        run: &SeedPredictions,
        facts: &[BreakdownBy],
        with_logits: bool,
    ) -> Result<Self, PredictionsError> {
        let (windows, classes) = (all.windows.origins.len(), all.labels.len());
        let in_run = |source| MetricsError::Run { seed: run.seed, source: Box::new(source) };
        let length = |what, expected: usize, found: usize| {
            if expected == found { Ok(()) } else { Err(MetricsError::Length { what, expected, found }) }
        };
        length("labels", windows, all.windows.labels.len())?;
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
            .origins
            .iter()
            .map(|window| {
                i64::try_from(window.start).map_err(|_| PredictionsError::Range {
                    what: "first sample of a window",
                    value: window.start,
                    max: i64::MAX as u64,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let groups = all.windows.groups.iter().map(|group| group_name(all.labels, group));
        let names: Vec<ByteArray> = all.labels.names().map(str::to_owned).chain(groups).map(text).collect();
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
            subject: all.windows.origins.iter().map(|window| text(window.person.as_str())).collect(),
            recording: all.windows.origins.iter().map(|window| text(&*window.recording)).collect(),
            start,
            label: named(&all.windows.labels)?,
            predicted: named(&answers)?,
            facts: facts
                .iter()
                .map(|&by| {
                    let own = all.windows.origins.iter().map(|window| fact(&window.facts, by));
                    own.map(|fact| text(fact.unwrap_or_default())).collect()
                })
                .collect(),
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
        write_column::<ByteArrayType>(group, &self.subject)?;
        write_column::<ByteArrayType>(group, &self.recording)?;
        write_column::<Int64Type>(group, &self.start)?;
        write_column::<ByteArrayType>(group, &self.label)?;
        write_column::<ByteArrayType>(group, &self.predicted)?;
        self.facts.iter().try_for_each(|column| write_column::<ByteArrayType>(group, column))?;
        self.figures.iter().try_for_each(|column| write_column::<FloatType>(group, column))
    }
}

fn encode(
    all: &Predictions,
    facts: &[BreakdownBy],
    columns: &[String],
    tables: &[SeedTable],
) -> Result<Vec<u8>, ParquetError> {
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
    let mut file =
        SerializedFileWriter::new(&mut bytes, schema(facts, columns)?, Arc::new(properties.build()))?;
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

fn schema(facts: &[BreakdownBy], class_columns: &[String]) -> Result<TypePtr, ParquetError> {
    let column = |name: &str, physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let mut fields = Vec::with_capacity(FIXED_COLUMNS.len() + facts.len() + class_columns.len());
    for name in FIXED_COLUMNS.into_iter().chain(facts.iter().map(|by| by.name())) {
        fields.push(match name {
            "seed" | "start" => column(name, PhysicalType::INT64, None)?,
            _ => column(name, PhysicalType::BYTE_ARRAY, Some(LogicalType::String))?,
        });
    }
    for name in class_columns {
        fields.push(column(name, PhysicalType::FLOAT, None)?);
    }
    Type::group_type_builder("predictions").with_fields(fields).build().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_data::{Facts, WindowOrigin};
    use ambulo_record::PersonId;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use std::fs::{self, File};

    fn labels() -> LabelSet {
        LabelSet::new(["walking", "walking_upstairs", "sitting"]).unwrap()
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

    fn windows() -> LabelledWindows {
        let origin = |person: &str, recording: &str, start| WindowOrigin {
            person: PersonId::new(person).unwrap(),
            recording: recording.into(),
            facts: std::sync::Arc::default(),
            start,
        };
        LabelledWindows {
            labels: vec![1, 3],
            classes: 3,
            groups: vec![vec![0, 1]],
            origins: vec![origin("2", "3", 1_122_772), origin("SA 07", "", 1 << 40)],
            ..LabelledWindows::default()
        }
    }

    fn predictions<'a>(
        labels: &'a LabelSet,
        windows: &'a LabelledWindows,
        runs: &'a [SeedPredictions],
    ) -> Predictions<'a> {
        Predictions { protocol: "official", dataset: "hapt", labels, windows, runs }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let (labels, windows) = (labels(), windows());
        let runs =
            [run(7, &[0.125, 0.5, 0.375, 0.75, 0.25, 0.0]), run(1 << 40, &[0.0, 1.0, 0.0, 0.25, 0.25, 0.5])];
        write_predictions(&path, &predictions(&labels, &windows, &runs)).unwrap();

        let back = read_predictions(&path, &labels).unwrap();
        assert_eq!(back.windows, windows);
        let stored = |runs: &[SeedPredictions]| -> Vec<StoredSeed> {
            let seed = |r: &SeedPredictions| StoredSeed {
                seed: r.seed,
                probabilities: r.probabilities.clone(),
                logits: r.logits.clone(),
            };
            runs.iter().map(seed).collect()
        };
        assert_eq!(back.seeds, stored(&runs));
        let two = LabelSet::new(["walking", "walking_upstairs"]).unwrap();
        let other = read_predictions(&path, &two).unwrap_err().to_string();
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
        let row = |seed, window: &WindowOrigin, label: &str, predicted: &str, p: [f32; 3]| {
            vec![
                ("seed".to_owned(), Field::Long(seed)),
                ("subject".to_owned(), text(window.person.as_str())),
                ("recording".to_owned(), text(&window.recording)),
                ("start".to_owned(), Field::Long(window.start as i64)),
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
        let [first, second] = [&windows.origins[0], &windows.origins[1]];
        assert_eq!(
            rows,
            [
                row(7, first, "walking_upstairs", "walking_upstairs", [0.125, 0.5, 0.375]),
                row(7, second, "moving", "walking", [0.75, 0.25, 0.0]),
                row(1 << 40, first, "walking_upstairs", "walking_upstairs", [0.0, 1.0, 0.0]),
                row(1 << 40, second, "moving", "sitting", [0.25, 0.25, 0.5]),
            ]
        );
    }

    #[test]
    fn what_is_known_of_windows_is_kept_where_something_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let (labels, mut windows) = (labels(), windows());
        windows.origins[0].facts = Arc::new(Facts {
            dataset: "sp-sw".into(),
            placement: Some("wrist".into()),
            condition: Some("at home".into()),
            ..Facts::default()
        });
        let mut logits = run(7, &[0.125, 0.5, 0.375, 0.75, 0.25, 0.0]);
        for run in [logits.clone(), {
            logits.logits = Some(vec![0.5; 6]);
            logits
        }] {
            write_predictions(&path, &predictions(&labels, &windows, std::slice::from_ref(&run))).unwrap();
            let back = read_predictions(&path, &labels).unwrap();
            assert_eq!(back.windows, windows);
            assert_eq!(back.seeds[0].probabilities, run.probabilities);
            assert_eq!(back.seeds[0].logits, run.logits);
            let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
            let schema = reader.metadata().file_metadata().schema_descr();
            let names: Vec<&str> = schema.columns().iter().map(|c| c.name()).collect();
            assert_eq!(names[5..10], ["predicted", "dataset", "placement", "condition", "p_walking"]);
        }
    }

    #[test]
    fn logits_are_kept_to_the_bit_where_every_seed_has_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let (labels, windows) = (labels(), windows());
        let mut runs =
            [run(7, &[0.125, 0.5, 0.375, 0.75, 0.25, 0.0]), run(8, &[0.0, 1.0, 0.0, 0.25, 0.25, 0.5])];
        runs[0].logits = Some(vec![-3.1, 2.7, 0.1 + 0.2, 1e-30, 88.0, -0.0]);
        write_predictions(&path, &predictions(&labels, &windows, &runs)).unwrap();
        let back = read_predictions(&path, &labels).unwrap();
        assert!(back.seeds.iter().all(|seed| seed.logits.is_none()), "one of two has logits");
        runs[1].logits = Some(vec![0.5; 6]);
        write_predictions(&path, &predictions(&labels, &windows, &runs)).unwrap();
        let back = read_predictions(&path, &labels).unwrap();
        for (seed, run) in back.seeds.iter().zip(&runs) {
            assert_eq!((&seed.probabilities, &seed.logits), (&run.probabilities, &run.logits));
        }
        runs[1].logits = Some(vec![0.5; 5]);
        let short = write_predictions(&path, &predictions(&labels, &windows, &runs)).unwrap_err().to_string();
        assert!(short.contains("seed 8: logits: expected 6 values, found 5"), "{short}");
    }

    #[test]
    fn faulty_input_is_named_and_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        fs::write(&path, "old").unwrap();
        let good = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let (labels, windows) = (labels(), windows());
        let message = |windows: &LabelledWindows, runs: &[SeedPredictions]| {
            write_predictions(&path, &predictions(&labels, windows, runs)).unwrap_err().to_string()
        };
        let short = message(&windows, &[run(5, &good[..3])]);
        assert!(short.contains("seed 5: probabilities: expected 6 values, found 3"), "{short}");
        let foreign = LabelledWindows { labels: vec![1, 4], ..windows.clone() };
        let index = message(&foreign, &[run(1, &good)]);
        assert!(index.contains("window 1: class index 4"), "{index}");
        let seed = message(&windows, &[run(u64::MAX, &good)]);
        assert!(seed.contains("seed 18446744073709551615 is too large"), "{seed}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
