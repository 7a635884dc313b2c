//! Which columns are the axes of which sensor.

use super::{Sample, SensorPlan, named, of_dialect, resolve};
use crate::dialects::Dialect;
use crate::error::{Fault, Need};
use crate::names::{self, Meaning};
use crate::number::{self, Point};
use crate::options::ReadOptions;
use crate::time::{DateOrder, TimeFormat, TimeReader};
use ambulo_signal::{Finding, FindingKind, Place, Sensor, SensorInfo, Severity, Unit};

/// What was chosen; the times only where something is known of them already: the columns that may hold them.
pub(super) struct Chosen {
    pub(super) sensors: Vec<SensorPlan>,
    pub(super) time: Option<Vec<usize>>,
}

pub(super) fn choose(
    sample: &Sample,
    point: Point,
    options: &ReadOptions,
    dialect: Option<&Dialect>,
    findings: &mut Vec<Finding>,
) -> Result<Chosen, Fault> {
    let chosen = if let Some(columns) = options.columns.as_ref().filter(|c| !c.sensors.is_empty()) {
        declared(sample, columns, findings)?
    } else if sample.names.is_some() || dialect.is_some_and(Dialect::names_columns) {
        let mut sensors = dialect.map_or(Ok(Vec::new()), |dialect| of_dialect::sensors(sample, dialect))?;
        named::named(sample, options, &mut sensors, findings)?;
        Chosen { sensors, time: None }
    } else {
        unnamed(sample, point, findings)?
    };
    let declared_time = options.columns.as_ref().and_then(|c| c.time.as_ref());
    let time = match declared_time {
        Some(column) => Some(vec![resolve(sample, column)?]),
        // Columns without a time, but a rate: that is what is meant.
        None if options.columns.is_some() && options.rate_hz.is_some() => Some(Vec::new()),
        None => chosen.time,
    };
    with_values(sample, Chosen { time, ..chosen }, findings)
}

/// Leaves out sensors that have no value anywhere.
fn with_values(sample: &Sample, mut chosen: Chosen, findings: &mut Vec<Finding>) -> Result<Chosen, Fault> {
    let has = |sensor: &SensorPlan| {
        let filled = |&column: &usize| sample.rows.iter().any(|row| !number::is_missing(row.cell(column)));
        sensor.columns.iter().any(filled)
    };
    let (full, empty): (Vec<_>, Vec<_>) = chosen.sensors.into_iter().partition(has);
    if let ([], Some(first)) = (full.as_slice(), empty.first()) {
        let columns: Vec<String> = first.columns.iter().map(|&c| sample.name(c)).collect();
        return Err(Fault::NoRows(format!("columns {} hold no values", columns.join(", "))));
    }
    for sensor in empty {
        let columns: Vec<String> = sensor.columns.iter().map(|&c| sample.name(c)).collect();
        let text = format!("columns {} hold no values: no {}", columns.join(", "), sensor.info.sensor);
        findings.push(
            Finding::new(FindingKind::SensorMissing, Severity::Note, text)
                .at(Place::sensor(sensor.info.sensor)),
        );
    }
    chosen.sensors = full;
    Ok(chosen)
}

fn declared(
    sample: &Sample,
    columns: &crate::columns::Columns,
    findings: &mut Vec<Finding>,
) -> Result<Chosen, Fault> {
    let mut sensors = Vec::new();
    let mut taken = Vec::new();
    for (sensor, axes) in &columns.sensors {
        let mut places = [0; 3];
        for (place, column) in places.iter_mut().zip(axes) {
            *place = resolve(sample, column)?;
            if taken.contains(place) {
                let text = format!("column {} is declared for two axes", sample.name(*place));
                return Err(Fault::needs(Need::Columns, text));
            }
            taken.push(*place);
        }
        let meanings: Vec<Meaning> = places.iter().map(|&c| meaning(sample, c)).collect();
        let units: Vec<Option<Unit>> = meanings
            .iter()
            .map(|meaning| match meaning {
                Meaning::Axis { unit, .. } => unit.filter(|unit| unit.sensor() == *sensor),
                _ => None,
            })
            .collect();
        let free = |m: &Meaning| matches!(m, Meaning::Axis { gravity_free: true, .. });
        if *sensor == Sensor::Accelerometer && meanings.iter().any(free) {
            findings.push(gravity_free(&format!("column {}", sample.name(places[0])), RECORD_TOTAL));
        }
        sensors.push(SensorPlan::new(info(sample, *sensor, &places, &units, None), places));
    }
    Ok(Chosen { sensors, time: None })
}

pub(super) fn meaning(sample: &Sample, column: usize) -> Meaning {
    sample.names.as_ref().and_then(|names| names.get(column)).map_or(Meaning::Other, |name| names::read(name))
}

pub(super) fn info(
    sample: &Sample,
    sensor: Sensor,
    columns: &[usize; 3],
    units: &[Option<Unit>],
    placement: Option<String>,
) -> SensorInfo {
    let unit =
        units.first().copied().flatten().filter(|unit| units.iter().all(|other| *other == Some(*unit)));
    let because = unit.map(|_| format!("column {}", sample.name(columns[0]))).unwrap_or_default();
    SensorInfo { unit, unit_because: because, placement, ..SensorInfo::new(sensor) }
}

/// What to do about acceleration without gravity, where nothing is known of the app.
pub(super) const RECORD_TOTAL: &str = "record the accelerometer itself (\"acceleration with g\", \"total acceleration\", \"raw \
                            accelerometer\"), or gravity beside it";

pub(super) fn gravity_free(place: &str, advice: &str) -> Finding {
    let text = format!("{place} says that the acceleration is gravity-free: {advice}");
    Finding::new(FindingKind::GravityRemoved, Severity::Refusal, text)
        .at(Place::sensor(Sensor::Accelerometer))
}

/// Whether an acceleration whose columns do not say so is without gravity, by the file's name.
pub(super) fn gravity_free_by_name(sample: &Sample) -> Option<Finding> {
    let quoted = crate::error::quoted(sample.file_name.as_bytes());
    let linear = sample.file_name.to_lowercase().contains("linear");
    linear.then(|| gravity_free(&format!("the file's name {quoted}"), RECORD_TOTAL))
}

/// Columns without names: a rising one or dates is the time, the three that vary behind it the acceleration.
fn unnamed(sample: &Sample, point: Point, findings: &mut Vec<Finding>) -> Result<Chosen, Fault> {
    let rows = &sample.rows[..sample.head];
    let values = |column: usize| -> Vec<f64> {
        let cells = rows.iter().map(|row| number::whole(row.cell(column), point));
        cells.flatten().map(number::Decimal::to_f64).collect()
    };
    let mostly = |n: usize| n * 2 > rows.len();
    let text = TimeReader::new(TimeFormat::Text(DateOrder::DayMonthYear), point);
    let text_us = TimeReader::new(TimeFormat::Text(DateOrder::MonthDayYear), point);
    let dates = |column: usize| {
        let is = |cell: &[u8]| text.read(cell).is_ok() || text_us.read(cell).is_ok();
        mostly(rows.iter().filter(|row| is(row.cell(column))).count())
    };
    let rising = |column: usize| {
        let values = values(column);
        let backwards = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        mostly(values.len()) && backwards * 100 <= values.len() && values.last() > values.first()
    };
    let time = (0..sample.columns).find(|&c| dates(c)).or((0..sample.columns.min(1)).find(|&c| rising(c)));
    let numeric: Vec<usize> =
        (0..sample.columns).filter(|&c| Some(c) != time && mostly(values(c).len())).collect();
    let varies = |column: &usize| {
        let values = values(*column);
        values.iter().any(|value| *value != values[0])
    };
    let varying: Vec<usize> = numeric.iter().copied().filter(varies).collect();
    let axes = match (varying.as_slice(), numeric.as_slice()) {
        (&[x, y, z] | &[x, y, z, _, _, _], _) | (_, &[x, y, z]) if z == x + 2 => [x, y, z],
        _ => {
            return Err(Fault::needs(
                Need::Columns,
                format!(
                    "there is no header, and which of its {} columns are acceleration x, y, z cannot be told ({} hold varying \
                     numbers)\nhint: state the columns by number",
                    sample.columns,
                    varying.len()
                ),
            ));
        }
    };
    let first = axes[0] + 1;
    let of_time = time.map(|c| format!("column {} is taken as time, ", c + 1)).unwrap_or_default();
    let others = if varying.len() == 6 { "; columns behind them are left out" } else { "" };
    findings.push(Finding::new(
        FindingKind::File,
        Severity::Warning,
        format!("no header: {of_time}columns {first} to {} as acceleration x, y, z{others}", first + 2),
    ));
    let units = [None; 3];
    let info = info(sample, Sensor::Accelerometer, &axes, &units, None);
    Ok(Chosen { sensors: vec![SensorPlan::new(info, axes)], time: Some(time.into_iter().collect()) })
}
