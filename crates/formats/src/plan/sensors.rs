//! Which columns are the axes of which sensor.

use super::{Sample, SensorPlan, resolve, twice};
use crate::dialects::{self, Holds};
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

/// A sensor that the names tell of.
struct Candidate {
    sensor: Sensor,
    group: String,
    gravity_free: bool,
    /// Columns that are called x, y, z.
    axes: [Vec<usize>; 3],
    units: Vec<Option<Unit>>,
}

pub(super) fn choose(
    sample: &Sample,
    point: Point,
    options: &ReadOptions,
    findings: &mut Vec<Finding>,
) -> Result<Chosen, Fault> {
    let chosen = if let Some(columns) = options.columns.as_ref().filter(|c| !c.sensors.is_empty()) {
        declared(sample, columns, findings)?
    } else if sample.names.is_some() {
        named(sample, options, findings)?
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
        sensors.push(SensorPlan { info: info(sample, *sensor, &places, &units, None), columns: places });
    }
    Ok(Chosen { sensors, time: None })
}

fn meaning(sample: &Sample, column: usize) -> Meaning {
    sample.names.as_ref().and_then(|names| names.get(column)).map_or(Meaning::Other, |name| names::read(name))
}

fn info(
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
const RECORD_TOTAL: &str = "record the accelerometer itself (\"acceleration with g\", \"total acceleration\", \"raw \
                            accelerometer\"), or gravity beside it";

fn gravity_free(place: &str, advice: &str) -> Finding {
    let text = format!("{place} says that gravity was taken out of the acceleration: {advice}");
    Finding::new(FindingKind::GravityRemoved, Severity::Refusal, text)
        .at(Place::sensor(Sensor::Accelerometer))
}

/// Whether an acceleration whose columns do not say so is without gravity.
fn gravity_free_otherwise(sample: &Sample) -> Result<Option<Finding>, Fault> {
    let quoted = crate::error::quoted(sample.file_name.as_bytes());
    let dialect = dialects::dialect(sample.names.as_deref().unwrap_or_default(), &sample.file_name);
    match dialect.map(|dialect| (dialect, dialect.holds)) {
        Some((dialect, Holds::GravityAlone)) => Err(Fault::Unsupported {
            what: format!("gravity alone, as {} writes it", dialect.app),
            hint: dialect.advice.to_owned(),
        }),
        Some((dialect, Holds::GravityFree)) => {
            Ok(Some(gravity_free(&format!("{quoted}, a file of {},", dialect.app), dialect.advice)))
        }
        None if sample.file_name.to_lowercase().contains("linear") => {
            Ok(Some(gravity_free(&format!("the file's name {quoted}"), RECORD_TOTAL)))
        }
        None => Ok(None),
    }
}

fn named(sample: &Sample, options: &ReadOptions, findings: &mut Vec<Finding>) -> Result<Chosen, Fault> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for column in 0..sample.names.as_ref().map_or(0, Vec::len) {
        let Meaning::Axis { sensor, axis, group, gravity_free, unit } = meaning(sample, column) else {
            continue;
        };
        let same = |c: &Candidate| c.sensor == sensor && c.group == group && c.gravity_free == gravity_free;
        let at = candidates.iter().position(same).unwrap_or_else(|| {
            candidates.push(Candidate {
                sensor,
                group,
                gravity_free,
                axes: Default::default(),
                units: Vec::new(),
            });
            candidates.len() - 1
        });
        candidates[at].axes[axis].push(column);
        candidates[at].units.push(unit);
    }
    candidates.retain(|candidate| candidate.axes.iter().all(|columns| !columns.is_empty()));
    if let Some(device) = &options.device {
        only_device(&mut candidates, device)?;
    }
    let mut sensors: Vec<SensorPlan> = Vec::new();
    let mut group: Option<String> = None;
    for sensor in Sensor::ALL {
        let of_sensor: Vec<&Candidate> =
            candidates.iter().filter(|c| c.sensor == sensor && !c.gravity_free).collect();
        let free: Vec<&Candidate> =
            candidates.iter().filter(|c| c.sensor == sensor && c.gravity_free).collect();
        let from = if of_sensor.is_empty() { &free } else { &of_sensor };
        let one = match from.as_slice() {
            [] => continue,
            [one] => *one,
            several => {
                let same = several.iter().find(|c| Some(&c.group) == group.as_ref());
                match same {
                    Some(same) => *same,
                    None if sensor == Sensor::Magnetometer => continue,
                    None => return Err(several_devices(sensor, several)),
                }
            }
        };
        let mut columns = [0; 3];
        for (place, found) in columns.iter_mut().zip(&one.axes) {
            *place = match found.as_slice() {
                [column] => *column,
                several => return Err(ambiguous(sample, sensor, several)),
            };
        }
        if one.gravity_free {
            findings.push(gravity_free(&format!("column {}", sample.name(columns[0])), RECORD_TOTAL));
        } else if sensor == Sensor::Accelerometer {
            findings.extend(gravity_free_otherwise(sample)?);
        }
        let placement = (from.len() > 1 || options.device.is_some()).then(|| one.group.clone());
        let placement = placement.filter(|placement| !placement.is_empty());
        sensors.push(SensorPlan { info: info(sample, sensor, &columns, &one.units, placement), columns });
        group.get_or_insert(one.group.clone());
    }
    if sensors.is_empty() {
        return Err(Fault::needs(
            Need::Columns,
            format!(
                "no columns of acceleration x, y, z are recognised among {}\nhint: state the columns",
                sample.list()
            ),
        ));
    }
    Ok(Chosen { sensors, time: None })
}

fn only_device(candidates: &mut Vec<Candidate>, device: &str) -> Result<(), Fault> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let groups: Vec<String> = candidates.iter().map(|c| c.group.clone()).collect();
    if !groups.iter().any(|group| plain(group) == plain(device)) {
        let text = format!(
            "there is no device {}; there are {}",
            crate::error::quoted(device.as_bytes()),
            list(&groups)
        );
        return Err(Fault::needs(Need::Device, text));
    }
    candidates.retain(|c| plain(&c.group) == plain(device));
    Ok(())
}

fn list(groups: &[String]) -> String {
    let mut names: Vec<String> = groups
        .iter()
        .map(|group| if group.is_empty() { "one without a name".to_owned() } else { format!("`{group}`") })
        .collect();
    names.dedup();
    names.join(", ")
}

fn several_devices(sensor: Sensor, several: &[&Candidate]) -> Fault {
    let groups: Vec<String> = several.iter().map(|c| c.group.clone()).collect();
    Fault::needs(
        Need::Device,
        format!(
            "{} columns of {} stand side by side: {}\nhint: say which device or placement is meant",
            3 * several.len(),
            sensor.quantity(),
            list(&groups)
        ),
    )
}

fn ambiguous(sample: &Sample, sensor: Sensor, columns: &[usize]) -> Fault {
    let names = sample.names.as_deref().unwrap_or_default();
    if columns.iter().all(|&c| names[c] == names[columns[0]]) {
        return Fault::needs(Need::Columns, twice(&names[columns[0]], columns));
    }
    let shown: Vec<String> =
        columns.iter().map(|&c| format!("{} (column {})", sample.name(c), c + 1)).collect();
    Fault::needs(
        Need::Columns,
        format!(
            "several columns could be one axis of {}: {}\nhint: state the columns",
            sensor.quantity(),
            shown.join(", ")
        ),
    )
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
    Ok(Chosen { sensors: vec![SensorPlan { info, columns: axes }], time: Some(time.into_iter().collect()) })
}
