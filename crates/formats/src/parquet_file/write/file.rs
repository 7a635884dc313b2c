//! One Parquet file: schema, metadata and row groups.

use super::ConvertError;
use ambulo_signal::intake::Report;
use ambulo_signal::{Header, Sensor, Start};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::data_type::{DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows of a row group: what readers take at a time, and what is kept in memory while writing, 8 bytes of time and 12 of each
/// sensor.
const GROUP: usize = 1 << 20;
/// Values that are encoded at a time.
const PIECE: usize = 1 << 14;

/// The key by which such a file is known.
pub(crate) const VERSION_KEY: &str = "ambulo.version";

/// Keys of the metadata.
pub(crate) mod keys {
    /// Version of this layout.
    pub(crate) const LAYOUT: &str = "ambulo.layout";
    pub(crate) const ORIGIN: &str = "ambulo.origin";
    pub(crate) const FORMAT: &str = "ambulo.format";
    pub(crate) const DEVICE: &str = "ambulo.device";
    pub(crate) const PLACEMENT: &str = "ambulo.placement";
    /// Nanoseconds since 1970 at the recording's zero: of UTC, or of a local clock.
    pub(crate) const START_UTC_NS: &str = "ambulo.start_utc_ns";
    pub(crate) const START_LOCAL_NS: &str = "ambulo.start_local_ns";
    pub(crate) const OFFSET_S: &str = "ambulo.offset_s";
    pub(crate) const CONVERSIONS: &str = "ambulo.conversions";
    pub(crate) const FINDINGS: &str = "ambulo.findings";
    pub(crate) const SENSORS: &str = "ambulo.sensors";
    pub(crate) const AUTOCALIBRATE: &str = "ambulo.autocalibrate";
}

/// A sensor as the metadata describes it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SensorFacts {
    pub(crate) sensor: Sensor,
    /// How the names of its columns begin, e.g. `acc`.
    pub(crate) columns: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) placement: Option<String>,
    /// The unit of the columns.
    pub(crate) unit: String,
    /// The true rate in Hz.
    pub(crate) rate_hz: Option<f64>,
    /// What the unit of the source was, and how it was known.
    pub(crate) unit_of_source: Option<String>,
    pub(crate) unit_because: String,
}

/// What all files of a recording say.
#[derive(Debug)]
pub(super) struct Facts {
    start: Start,
    sensors: Vec<SensorFacts>,
    metadata: Vec<KeyValue>,
}

impl Facts {
    pub(super) fn new(header: &Header, format: &str, report: &Report) -> Self {
        let mut sensors: Vec<SensorFacts> = Vec::new();
        for found in &report.sensors {
            let stem = match found.kind {
                Sensor::Accelerometer => "acc",
                Sensor::Gyroscope => "gyro",
                Sensor::Magnetometer => "mag",
            };
            // A second one of a kind has a number.
            let same = sensors.iter().filter(|other| other.sensor == found.kind).count();
            sensors.push(SensorFacts {
                sensor: found.kind,
                columns: if same == 0 { stem.to_owned() } else { format!("{stem}{}", same + 1) },
                placement: found.placement.clone(),
                unit: found.kind.unit().name().to_owned(),
                rate_hz: found.rate_hz,
                unit_of_source: found.unit_found.map(|unit| unit.name().to_owned()),
                unit_because: found.unit_because.clone(),
            });
        }
        let mut metadata = Vec::new();
        let mut add = |key: &str, value: String| metadata.push(KeyValue::new(key.to_owned(), value));
        add(VERSION_KEY, env!("CARGO_PKG_VERSION").to_owned());
        add(keys::LAYOUT, "1".to_owned());
        add(keys::ORIGIN, header.origin.clone());
        add(keys::FORMAT, format.to_owned());
        for (key, value) in [(keys::DEVICE, &header.device), (keys::PLACEMENT, &header.placement)] {
            if let Some(value) = value {
                add(key, value.clone());
            }
        }
        match header.start {
            Start::Unknown => {}
            Start::Local { local_ns } => add(keys::START_LOCAL_NS, local_ns.to_string()),
            Start::Utc { utc_ns, offset_s } => {
                add(keys::START_UTC_NS, utc_ns.to_string());
                if let Some(offset_s) = offset_s {
                    add(keys::OFFSET_S, offset_s.to_string());
                }
            }
        }
        if header.autocalibrate {
            add(keys::AUTOCALIBRATE, "true".to_owned());
        }
        // Plain strings and numbers: serialising them cannot fail.
        add(keys::CONVERSIONS, serde_json::to_string(&header.conversions).unwrap_or_default());
        add(keys::FINDINGS, serde_json::to_string(&report.findings).unwrap_or_default());
        add(keys::SENSORS, serde_json::to_string(&sensors).unwrap_or_default());
        Self { start: header.start, sensors, metadata }
    }

    pub(super) fn sensors(&self) -> &[SensorFacts] {
        &self.sensors
    }

    /// What time 0 is in the column `time`, and whether that is UTC.
    fn zero(&self) -> Option<(i64, bool)> {
        match self.start {
            Start::Unknown => None,
            Start::Local { local_ns } => Some((local_ns, false)),
            Start::Utc { utc_ns, .. } => Some((utc_ns, true)),
        }
    }

    fn schema(&self) -> Result<TypePtr, ParquetError> {
        let column = |name: &str, physical, repetition, logical: Option<LogicalType>| {
            Type::primitive_type_builder(name, physical)
                .with_repetition(repetition)
                .with_logical_type(logical)
                .build()
                .map(Arc::new)
        };
        let mut fields = vec![column("time_ns", PhysicalType::INT64, Repetition::REQUIRED, None)?];
        if let Some((_, utc)) = self.zero() {
            let timestamp = LogicalType::timestamp(utc, TimeUnit::NANOS);
            fields.push(column("time", PhysicalType::INT64, Repetition::REQUIRED, Some(timestamp))?);
        }
        for sensor in &self.sensors {
            for axis in ["x", "y", "z"] {
                let name = format!("{}_{axis}", sensor.columns);
                fields.push(column(&name, PhysicalType::FLOAT, Repetition::OPTIONAL, None)?);
            }
        }
        Type::group_type_builder("recording").with_fields(fields).build().map(Arc::new)
    }
}

/// A sensor's values in the rows of a group.
#[derive(Debug, Default)]
struct Columns {
    /// Whether the sensor has a sample in the row.
    here: Vec<bool>,
    axes: [Vec<f32>; 3],
}

/// A file that is being written.
pub(super) struct Part {
    writer: SerializedFileWriter<File>,
    file: NamedTempFile,
    named: PathBuf,
    zero: Option<(i64, bool)>,
    times: Vec<i64>,
    sensors: Vec<Columns>,
}

impl Part {
    pub(super) fn new(facts: &Facts, folder: &Path, named: &Path) -> Result<Self, ConvertError> {
        let failed = |message: String| ConvertError::Write { path: named.to_owned(), message };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ambulo-");
        // Temporary files are private by default; results are shared as far as the user's umask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| failed(error.to_string()))?;
        let time_ns = ColumnPath::new(vec!["time_ns".to_owned()]);
        let time = ColumnPath::new(vec!["time".to_owned()]);
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(facts.metadata.clone()));
        // No time occurs twice, and the steps between them are short numbers.
        for path in [time_ns, time] {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
        let handle = file.reopen().map_err(|error| failed(error.to_string()))?;
        let writer = facts
            .schema()
            .and_then(|schema| SerializedFileWriter::new(handle, schema, Arc::new(properties.build())))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            writer,
            file,
            named: named.to_owned(),
            zero: facts.zero(),
            times: Vec::new(),
            sensors: facts.sensors.iter().map(|_| Columns::default()).collect(),
        })
    }

    /// A row: each sensor's sample, if it has one at this time.
    pub(super) fn push(&mut self, time_ns: i64, row: &[Option<[f32; 3]>]) -> Result<(), ConvertError> {
        self.times.push(time_ns);
        for (columns, value) in self.sensors.iter_mut().zip(row) {
            columns.here.push(value.is_some());
            if let Some(value) = value {
                columns.axes.iter_mut().zip(value).for_each(|(axis, &v)| axis.push(v));
            }
        }
        if self.times.len() == GROUP { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> Result<(), ConvertError> {
        let Self { writer, named, zero, times, sensors, .. } = self;
        let failed =
            |error: ParquetError| ConvertError::Write { path: named.clone(), message: error.to_string() };
        let mut write = || -> Result<(), ParquetError> {
            let mut group = writer.next_row_group()?;
            let mut next =
                |fill: &mut dyn FnMut(&mut SerializedColumnWriter<'_>) -> Result<(), ParquetError>| {
                    let mut column = group
                        .next_column()?
                        .ok_or_else(|| ParquetError::General("more columns than the schema names".into()))?;
                    fill(&mut column)?;
                    column.close()
                };
            next(&mut |column| put::<Int64Type>(column, times, None))?;
            if let Some((zero_ns, _)) = *zero {
                next(&mut |column| {
                    for piece in times.chunks(PIECE) {
                        let piece: Vec<i64> = piece.iter().map(|ns| ns.saturating_add(zero_ns)).collect();
                        put::<Int64Type>(column, &piece, None)?;
                    }
                    Ok(())
                })?;
            }
            for Columns { here, axes } in sensors.iter() {
                for axis in axes {
                    next(&mut |column| put::<FloatType>(column, axis, Some(here)))?;
                }
            }
            group.close()?;
            Ok(())
        };
        write().map_err(failed)?;
        times.clear();
        for Columns { here, axes } in sensors {
            here.clear();
            axes.iter_mut().for_each(Vec::clear);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<NamedTempFile, ConvertError> {
        if !self.times.is_empty() {
            self.group()?;
        }
        let failed = |error: ParquetError| ConvertError::Write {
            path: self.named.clone(),
            message: error.to_string(),
        };
        self.writer.finish().map_err(failed)?;
        drop(self.writer);
        Ok(self.file)
    }
}

/// Writes values piece by piece; where `here` is false there is none.
fn put<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    values: &[T::T],
    here: Option<&Vec<bool>>,
) -> Result<(), ParquetError> {
    let typed = column.typed::<T>();
    let Some(here) = here else {
        for piece in values.chunks(PIECE) {
            typed.write_batch(piece, None, None)?;
        }
        return Ok(());
    };
    let mut from = 0;
    for piece in here.chunks(PIECE) {
        let levels: Vec<i16> = piece.iter().map(|&here| i16::from(here)).collect();
        let to = from + piece.iter().filter(|&&here| here).count();
        let own = values.get(from..to).unwrap_or_default();
        typed.write_batch(own, Some(&levels), None)?;
        from = to;
    }
    Ok(())
}
