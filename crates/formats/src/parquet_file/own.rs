//! Parquet as it is written here: what the metadata says needs no guessing, and a row without a sensor's sample is not a missing one.

use super::column::{self, Kind};
use super::guarded;
use super::write::{SensorFacts, VERSION_KEY, keys};
use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, SensorInfo, Start, Unit};
use parquet::column::reader::ColumnReader;
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{FileReader, SerializedFileReader};

/// The layout that is read.
const LAYOUT: &str = "1";
/// Sensors of a recording, as far as they are believed.
const MOST_SENSORS: usize = 64;
/// Rows of a chunk.
const PIECE: usize = 1 << 14;

struct OwnReader {
    file: SerializedFileReader<Bytes>,
    raw: Bytes,
    /// The column of times and three of each sensor.
    columns: Vec<(usize, Kind)>,
    sensors: usize,
    group: usize,
    open: Vec<ColumnReader>,
    ended: bool,
}

/// Opens such a file; nothing where it is another Parquet file.
pub(super) fn open(input: &Input, options: &ReadOptions) -> Result<Option<Found>, Fault> {
    let raw = input.bytes.clone();
    let file = guarded("footer", || SerializedFileReader::new(raw.clone()))?;
    let facts = file.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let (Some(version), Some(layout)) = (value(&facts, VERSION_KEY), value(&facts, keys::LAYOUT)) else {
        return Ok(None);
    };
    if layout != LAYOUT {
        return Err(Fault::Unsupported {
            what: format!("a recording that Ambulo {version} wrote, in layout {}", quoted(layout.as_bytes())),
            hint: "read it with that version or a later one".to_owned(),
        });
    }
    let sensors: Vec<SensorFacts> = json(&facts, keys::SENSORS)?;
    if sensors.len() > MOST_SENSORS {
        return Err(wrong(keys::SENSORS, format!("{} sensors", sensors.len())));
    }
    let header = header(&facts, &sensors, version, options)?;
    let schema = file.metadata().file_metadata().schema_descr();
    let find = |name: &str, wanted: Kind| {
        let index = (0..schema.num_columns()).find(|&index| schema.column(index).path().string() == name);
        match index.map(|index| (index, Kind::of(&schema.column(index)))) {
            Some((index, kind)) if kind == wanted => Ok((index, kind)),
            Some((_, kind)) => Err(wrong(name, format!("a column of {kind:?}"))),
            None => Err(wrong(name, "no such column".to_owned())),
        }
    };
    let mut columns = vec![find("time_ns", Kind::Whole)?];
    for sensor in &sensors {
        for axis in ["x", "y", "z"] {
            columns.push(find(&format!("{}_{axis}", sensor.columns), Kind::Float)?);
        }
    }
    let because = format!("it begins with PAR1 and says that Ambulo {version} wrote it");
    let reader =
        OwnReader { raw, columns, sensors: sensors.len(), group: 0, open: Vec::new(), ended: false, file };
    Ok(Some(Found { format: Format::Parquet, dialect: None, because, header, reader: Box::new(reader) }))
}

fn value<'a>(facts: &'a [KeyValue], key: &str) -> Option<&'a str> {
    facts.iter().find(|fact| fact.key == key).and_then(|fact| fact.value.as_deref())
}

fn wrong(key: &str, found: String) -> Fault {
    Fault::damaged(format!("metadata of the file, {key}"), found, "what Ambulo writes there")
}

fn json<T: serde::de::DeserializeOwned + Default>(facts: &[KeyValue], key: &str) -> Result<T, Fault> {
    let Some(text) = value(facts, key) else { return Ok(T::default()) };
    serde_json::from_str(text).map_err(|error| wrong(key, quoted(error.to_string().as_bytes())))
}

fn number<T: std::str::FromStr>(facts: &[KeyValue], key: &str) -> Result<Option<T>, Fault> {
    let parse = |text: &str| text.parse().map_err(|_| wrong(key, quoted(text.as_bytes())));
    value(facts, key).map(parse).transpose()
}

fn header(
    facts: &[KeyValue],
    sensors: &[SensorFacts],
    version: &str,
    options: &ReadOptions,
) -> Result<Header, Fault> {
    let start = match (number(facts, keys::START_UTC_NS)?, number(facts, keys::START_LOCAL_NS)?) {
        (Some(utc_ns), _) => Start::Utc { utc_ns, offset_s: number(facts, keys::OFFSET_S)? },
        (None, Some(local_ns)) => Start::Local { local_ns },
        (None, None) => Start::Unknown,
    };
    let text = |key: &str| value(facts, key).map(str::to_owned);
    let mut conversions: Vec<String> = json(facts, keys::CONVERSIONS)?;
    let mut infos = Vec::with_capacity(sensors.len());
    for sensor in sensors {
        let unit: Option<Unit> = sensor.unit.parse().ok();
        let kind = sensor.sensor;
        if let Some(source) = sensor.unit_of_source.as_ref().filter(|source| **source != sensor.unit) {
            let because = if sensor.unit_because.is_empty() {
                String::new()
            } else {
                format!(" ({})", sensor.unit_because)
            };
            conversions.push(format!("{} from {source}{because} to {}", kind.quantity(), sensor.unit));
        }
        let declared = options.units.of(kind);
        infos.push(SensorInfo {
            placement: sensor.placement.clone(),
            unit: declared.or(unit.filter(|unit| unit.sensor() == kind)),
            unit_because: if declared.is_some() { "declared" } else { "the file's metadata" }.to_owned(),
            ..SensorInfo::new(kind)
        });
    }
    let origin = text(keys::ORIGIN).unwrap_or_default();
    let format = value(facts, keys::FORMAT).unwrap_or("file");
    conversions.push(format!("written as Parquet by Ambulo {version}, from {origin} ({format})"));
    // What only the reader of the source could know; the rest a survey finds again.
    let findings: Vec<Finding> = json(facts, keys::FINDINGS)?;
    let kept = |finding: &Finding| {
        matches!(
            finding.kind,
            FindingKind::File | FindingKind::Filled | FindingKind::Axes | FindingKind::GravityRemoved
        )
    };
    Ok(Header {
        origin,
        device: text(keys::DEVICE),
        placement: text(keys::PLACEMENT),
        start,
        autocalibrate: value(facts, keys::AUTOCALIBRATE) == Some("true"),
        sensors: infos,
        conversions,
        findings: findings.into_iter().filter(kept).collect(),
        ..Header::default()
    })
}

impl OwnReader {
    /// The next rows of the row group that is open; how many there were.
    fn piece(&mut self, chunk: &mut Chunk) -> Result<usize, Fault> {
        let Self { file, columns, open, group, .. } = self;
        let schema = file.metadata().file_metadata().schema_descr();
        let mut times: Vec<i64> = Vec::with_capacity(PIECE);
        let mut row: [Vec<Option<f32>>; 3] = Default::default();
        for (number, (&(index, kind), reader)) in columns.iter().zip(open.iter_mut()).enumerate() {
            let place = || format!("row group {group}, column {}", index + 1);
            let levels = schema.column(index).max_def_level();
            if number == 0 {
                guarded(&place(), || {
                    column::read(reader, kind, PIECE, levels, |value| {
                        times.push(match value {
                            Some(column::Value::Whole(ns)) => ns,
                            _ => 0,
                        });
                    })
                })?;
                continue;
            }
            let axis = (number - 1) % 3;
            row[axis].clear();
            guarded(&place(), || {
                column::read(reader, kind, PIECE, levels, |value| {
                    row[axis].push(value.map(|value| value.number()));
                })
            })?;
            if row[axis].len() != times.len() {
                let found = format!("{} values beside {} times", row[axis].len(), times.len());
                return Err(Fault::damaged(place(), found, "as many values as rows"));
            }
            if axis == 2 {
                let Some(part) = chunk.parts.get_mut((number - 1) / 3) else { continue };
                for (i, &time_ns) in times.iter().enumerate() {
                    let value = [row[0][i], row[1][i], row[2][i]];
                    // None of the axes: the row belongs to other sensors.
                    if value.iter().any(Option::is_some) {
                        part.push(time_ns, value.map(|v| v.unwrap_or(f32::NAN)));
                    }
                }
            }
        }
        Ok(times.len())
    }
}

impl Reader for OwnReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors);
        while !self.ended {
            if self.open.is_empty() {
                if self.group == self.file.num_row_groups() {
                    self.ended = true;
                    break;
                }
                for &(index, kind) in &self.columns {
                    self.open.push(super::column(&self.file, &self.raw, self.group, index, kind)?);
                }
            }
            if self.piece(chunk)? > 0 {
                return Ok(true);
            }
            self.open.clear();
            self.group += 1;
        }
        Ok(false)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        (self.group, self.ended) = (0, false);
        self.open.clear();
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}
