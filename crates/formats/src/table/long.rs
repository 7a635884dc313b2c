//! Long tables: one row holds a sample of one sensor of one device, and columns say of which.

use crate::columns::{ColumnRef, Columns};
use crate::dialects::{self, Dialect, Kind};
use crate::error::{Fault, Need, quoted};
use crate::options::{ReadOptions, Units};
use crate::plan::{Sample, SensorPlan};
use crate::reader::Reader;
use crate::time::TimeFormat;
use ambulo_signal::{Chunk, Finding, Sensor, SensorInfo, Unit};

/// In place of a column that is not there.
pub(super) const NO_COLUMN: usize = usize::MAX;
/// Devices and kinds of sensors of a table, as far as they are believed.
const MOST: usize = 256;

/// What makes a table long.
#[derive(Clone, Debug)]
pub(super) struct Long {
    /// Times and axes, to be read as those of one sensor.
    pub(super) columns: Columns,
    kind: Option<usize>,
    device: Option<usize>,
    kinds: Vec<Kind>,
    /// Number of a device and where it was worn.
    names: Vec<(i64, String)>,
    pub(super) dialect: Option<(String, String)>,
    /// How times are written, if that is known.
    pub(super) time: Option<TimeFormat>,
    /// What the user declared of sensors and devices.
    pub(super) units: Units,
    pub(super) wanted: Option<String>,
}

/// A device of a table: its number, and its sensors by their codes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    device: Option<i64>,
    pub(super) sensors: Vec<(i64, SensorInfo)>,
    pub(super) placement: Option<String>,
}

/// Whether a table is long: by its dialect, or as declared.
///
/// # Errors
/// Columns that were declared and are not there.
pub(super) fn of(sample: &Sample, options: &ReadOptions) -> Result<Option<Long>, Fault> {
    if let Some(columns) = options.columns.as_ref().filter(|c| c.kind.is_some() || c.device.is_some()) {
        let place = |column: &Option<ColumnRef>| {
            column.as_ref().map(|column| crate::plan::resolve(sample, column)).transpose()
        };
        return Ok(Some(Long {
            kind: place(&columns.kind)?,
            device: place(&columns.device)?,
            columns: Columns { kind: None, device: None, ..columns.clone() },
            kinds: Kind::usual(),
            names: Vec::new(),
            dialect: None,
            time: None,
            units: options.units.clone(),
            wanted: options.device.clone(),
        }));
    }
    let dialect = crate::plan::dialect(sample, options)?.filter(|dialect| dialect.is_long());
    let (Some(dialect), Some(names)) = (dialect, sample.names.as_deref()) else { return Ok(None) };
    let place = |wanted: &Option<String>| wanted.as_ref().and_then(|wanted| dialects::column(names, wanted));
    let number = |wanted: &String| dialects::column(names, wanted).map(|i| ColumnRef::Number(i + 1));
    let axes = dialect.accelerometer.as_ref().and_then(|of| of.columns.as_ref());
    let axes = axes.and_then(|[x, y, z]| Some([number(x)?, number(y)?, number(z)?]));
    let Some(axes) = axes else { return Ok(None) };
    Ok(Some(Long {
        columns: Columns {
            time: dialect.time.as_ref().and_then(number),
            sensors: vec![(Sensor::Accelerometer, axes)],
            ..Columns::default()
        },
        kind: place(&dialect.kind),
        device: place(&dialect.device),
        kinds: if dialect.kinds.is_empty() { Kind::usual() } else { dialect.kinds.clone() },
        names: device_names(sample, dialect),
        dialect: Some((dialect.name.clone(), dialect.because())),
        time: dialect.time_format,
        units: options.units.clone(),
        wanted: options.device.clone(),
    }))
}

/// Where devices were worn, as lines before the header say: `…; 3; WRIST; …`.
fn device_names(sample: &Sample, dialect: &Dialect) -> Vec<(i64, String)> {
    let Some([number, name]) = dialect.device_lines else { return Vec::new() };
    let named = |line: &String| {
        let cells: Vec<&str> = line.split([';', ',', '\t']).map(str::trim).collect();
        let number = cells.get(number.checked_sub(1)?)?.parse().ok()?;
        let name = cells.get(name.checked_sub(1)?)?.to_lowercase();
        (!name.is_empty()).then_some((number, name))
    };
    sample.preamble.iter().filter_map(named).take(MOST).collect()
}

impl Long {
    /// The columns that say whose sample a row is, read as if they were a sensor's.
    pub(super) fn tags(&self) -> SensorPlan {
        let columns = [self.kind.unwrap_or(NO_COLUMN), self.device.unwrap_or(NO_COLUMN), NO_COLUMN];
        SensorPlan::new(SensorInfo::new(Sensor::Accelerometer), columns)
    }

    /// Reads a table to its end for the devices in it; `wanted` is one of them, by its number or where it was worn.
    ///
    /// # Errors
    /// A table without samples of a known kind; one that is wanted and not there.
    pub(super) fn parts(
        &self,
        reader: &mut dyn Reader,
        units: &Units,
        wanted: Option<&str>,
    ) -> Result<Vec<Part>, Fault> {
        let mut found: Vec<(Option<i64>, i64)> = Vec::new();
        let mut chunk = Chunk::default();
        while reader.read(&mut chunk)? {
            let [_, tags] = chunk.parts.as_slice() else { continue };
            for value in &tags.values {
                let Some(tag) = self.tag(*value) else { continue };
                // Neighbours are mostly of one sensor, or of few.
                if !found.contains(&tag) && found.len() < MOST {
                    found.push(tag);
                }
            }
        }
        found.sort_unstable();
        let mut parts: Vec<Part> = Vec::new();
        for (device, code) in found {
            let Some(kind) = self.kinds.iter().find(|kind| kind.code == code) else { continue };
            let unit = units.of(kind.sensor);
            let info = SensorInfo {
                unit: unit.or(kind.unit),
                unit_because: match (unit, kind.unit) {
                    (Some(_), _) => "declared".to_owned(),
                    (None, Some(_)) => "as its tables are written".to_owned(),
                    (None, None) => String::new(),
                },
                ..SensorInfo::new(kind.sensor)
            };
            match parts.last_mut().filter(|part| part.device == device) {
                Some(part) => part.sensors.push((code, info)),
                None => {
                    let name =
                        |number: i64| self.names.iter().find(|name| name.0 == number).map(|n| n.1.clone());
                    let placement = device.and_then(|number| name(number).or(Some(number.to_string())));
                    parts.push(Part { device, sensors: vec![(code, info)], placement });
                }
            }
        }
        if parts.is_empty() {
            return Err(Fault::NoRows("no row is of a kind of sensor that is known".to_owned()));
        }
        let Some(wanted) = wanted else { return Ok(parts) };
        let is = |part: &Part| part.placement.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let all: Vec<String> = parts.iter().filter_map(|part| part.placement.clone()).collect();
        let parts: Vec<Part> = parts.into_iter().filter(is).collect();
        if parts.is_empty() {
            let text =
                format!("there is no device {}; there are {}", quoted(wanted.as_bytes()), all.join(", "));
            return Err(Fault::needs(Need::Device, text));
        }
        Ok(parts)
    }

    /// Device and code of a row; none where they are missing.
    fn tag(&self, [kind, device, _]: [f32; 3]) -> Option<(Option<i64>, i64)> {
        let whole = |v: f32| (v.is_finite() && v.fract() == 0.0 && v.abs() < 1e6).then_some(v as i64);
        let device = match self.device {
            Some(_) => Some(whole(device)?),
            None => None,
        };
        Some((device, if self.kind.is_some() { whole(kind)? } else { 0 }))
    }
}

/// The samples of one device of a long table.
pub(super) struct LongReader {
    reader: Box<dyn Reader>,
    long: Long,
    part: Part,
    chunk: Chunk,
}

impl LongReader {
    pub(super) fn new(reader: Box<dyn Reader>, long: Long, part: Part) -> Self {
        Self { reader, long, part, chunk: Chunk::default() }
    }
}

impl Reader for LongReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.part.sensors.len());
        let more = self.reader.read(&mut self.chunk)?;
        let [values, tags] = self.chunk.parts.as_slice() else { return Ok(more) };
        for ((&time_ns, &value), &tag) in values.times_ns.iter().zip(&values.values).zip(&tags.values) {
            let Some((_, code)) = self.long.tag(tag).filter(|tag| tag.0 == self.part.device) else {
                continue;
            };
            if let Some(at) = self.part.sensors.iter().position(|sensor| sensor.0 == code) {
                chunk.parts[at].push(time_ns, value);
            }
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.reader.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        self.reader.findings()
    }
}

impl Kind {
    /// Codes where nothing else is said: those of Android's order.
    fn usual() -> Vec<Self> {
        let kind = |(code, sensor): (i64, Sensor)| Self { code, sensor, unit: None::<Unit> };
        [(0, Sensor::Accelerometer), (1, Sensor::Gyroscope), (2, Sensor::Magnetometer)].map(kind).to_vec()
    }
}
