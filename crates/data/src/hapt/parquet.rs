//! Reads `hapt.parquet`: the HAPT recordings as whole counts.

use super::content_hash::{acceleration, angular_velocity, content_hash};
use super::{NAME, Raw, codes};
use crate::split::official_test_subjects;
use crate::{Content, DataError, Dataset, LabelledRecording, lookup};
use bytes::Bytes;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::Int32Type;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::path::Path;

/// Columns in the order of the file.
const COLUMNS: [&str; 9] =
    ["subject", "experiment", "acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z", "activity"];

/// What the file must say of itself, so that counts are never read with the wrong scale.
const FACTS: [(&str, &str); 5] = [
    ("rate_hz", "50"),
    ("acc_unit", "g"),
    ("acc_scale", "1/720"),
    ("gyro_unit", "rad/s"),
    ("gyro_scale", "0.00030543261909900764"),
];

/// Reads a `hapt.parquet` file, as `datasets/hapt/convert.py` writes it.
///
/// The content may differ from the published recordings; [`crate::verify`] tells.
///
/// # Errors
/// [`DataError::Io`] and [`DataError::Parquet`].
pub fn read_hapt_parquet(path: &Path) -> Result<Dataset, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    decode(Bytes::from(bytes), &path.display().to_string())
}

/// Decodes the file; `origin` names it in messages.
pub(crate) fn decode(bytes: Bytes, origin: &str) -> Result<Dataset, DataError> {
    let damaged = |detail: String| DataError::Parquet { origin: origin.to_owned(), detail };
    let reader = SerializedFileReader::new(bytes).map_err(|e| damaged(e.to_string()))?;
    check_schema(reader.metadata()).map_err(damaged)?;

    let mut recordings: Vec<Raw> = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|e| damaged(e.to_string()))?;
        let mut columns = Vec::with_capacity(COLUMNS.len());
        for (index, name) in COLUMNS.into_iter().enumerate() {
            let column = match group.get_column_reader(index) {
                Ok(ColumnReader::Int32ColumnReader(column)) => column,
                Ok(_) => return Err(damaged(format!("column {name} does not hold INT32"))),
                Err(e) => return Err(damaged(format!("column {name}: {e}"))),
            };
            columns.push(read_column(column).map_err(|e| damaged(format!("column {name}: {e}")))?);
        }
        append(&mut recordings, &columns).map_err(damaged)?;
    }
    if recordings.is_empty() {
        return Err(damaged("it has no rows".to_owned()));
    }
    let recordings: Vec<LabelledRecording> = recordings.into_iter().map(Raw::labelled).collect();
    let sha256 = content_hash(&recordings).map_err(|e| damaged(e.to_string()))?;
    Ok(Dataset {
        published_test: Some(official_test_subjects()),
        conversions: vec![
            "acceleration: counts x 1/720 to g".to_owned(),
            "angular velocity: counts x 0.000305432619 to rad/s (17.5 thousandths of a degree per second)"
                .to_owned(),
        ],
        ..Dataset::new(lookup(NAME)?, sha256, Content::Recordings(recordings))
    })
}

fn check_schema(metadata: &ParquetMetaData) -> Result<(), String> {
    let file = metadata.file_metadata();
    let schema = file.schema_descr();
    let found: Vec<&str> = schema.columns().iter().map(|c| c.name()).collect();
    if found != COLUMNS {
        return Err(format!("expected the columns {}, found {}", COLUMNS.join(", "), found.join(", ")));
    }
    for column in schema.columns() {
        if column.max_def_level() != 0 || column.max_rep_level() != 0 {
            return Err(format!(
                "column {} may hold nulls or lists; expected required values",
                column.name()
            ));
        }
    }
    for (key, expected) in FACTS {
        let value = file.key_value_metadata().into_iter().flatten().find(|kv| kv.key == key);
        let found = value.and_then(|kv| kv.value.as_deref()).unwrap_or("nothing");
        if found != expected {
            return Err(format!("its metadata `{key}` should be `{expected}`, found `{found}`"));
        }
    }
    Ok(())
}

fn read_column(mut column: ColumnReaderImpl<Int32Type>) -> Result<Vec<i16>, String> {
    // Read in pieces, so that a damaged row count cannot ask for more memory than the pages hold.
    const PIECE: usize = 1 << 16;
    let mut values = Vec::new();
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let (records, ..) = column.read_records(PIECE, None, None, &mut piece).map_err(|e| e.to_string())?;
        if records == 0 {
            return Ok(values);
        }
        for &value in &piece {
            values.push(i16::try_from(value).map_err(|_| format!("{value} is no 16-bit count"))?);
        }
    }
}

/// Adds the rows of one row group; a recording may continue from the one before.
fn append(recordings: &mut Vec<Raw>, columns: &[Vec<i16>]) -> Result<(), String> {
    let [subjects, experiments, counts @ .., activities] = columns else {
        return Err("columns are missing".to_owned());
    };
    if let Some((name, other)) = COLUMNS.iter().zip(columns).find(|(_, c)| c.len() != subjects.len()) {
        return Err(format!("column {name} has {} values, column subject {}", other.len(), subjects.len()));
    }
    for row in 0..subjects.len() {
        let number = |value: i16| u16::try_from(value).ok().filter(|&v| v > 0);
        let (Some(user), Some(experiment)) = (number(subjects[row]), number(experiments[row])) else {
            return Err(format!(
                "subject {}, experiment {}: both count from 1",
                subjects[row], experiments[row]
            ));
        };
        let activity = u8::try_from(activities[row]).ok().filter(|&code| code <= codes::LAST);
        let activity = activity.ok_or_else(|| format!("{} is no activity", activities[row]))?;
        let continues = recordings.last().is_some_and(|r| (r.user, r.experiment) == (user, experiment));
        if !continues {
            if recordings.iter().any(|r| r.experiment == experiment) {
                return Err(format!("the rows of experiment {experiment} do not follow one another"));
            }
            let (acceleration, angular_velocity, activities) = (Vec::new(), Vec::new(), Vec::new());
            recordings.push(Raw { user, experiment, acceleration, angular_velocity, activities });
        }
        if let Some(last) = recordings.last_mut() {
            last.acceleration.push(acceleration([0, 1, 2].map(|c| counts[c][row])));
            last.angular_velocity.push(angular_velocity([3, 4, 5].map(|c| counts[c][row])));
            last.activities.push(activity);
        }
    }
    Ok(())
}
