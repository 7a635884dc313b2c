//! What a dialect adds to what the names say.

use super::sensors::{gravity_free, info, meaning};
use super::{Plan, Sample, SensorPlan, TimePlan};
use crate::dialects::{self, Dialect, Holds, Signs};
use crate::error::{Fault, Need, quoted};
use crate::names::Meaning;
use crate::number::Point;
use crate::options::ReadOptions;
use crate::time::{DateOrder, TimeFormat, TimeReader};
use ambulo_signal::{Finding, FindingKind, Place, Sensor, Severity, Start};

/// The dialect of a table, unless its columns were declared.
pub(super) fn find<'a>(sample: &Sample, options: &'a ReadOptions) -> Result<Option<&'a Dialect>, Fault> {
    if let Some(name) = &options.dialect {
        let dialect = options.dialects.named(name);
        return dialect.map(Some).ok_or_else(|| Fault::Unsupported {
            what: format!("asked for as {}, which is no known dialect", quoted(name.as_bytes())),
            hint: format!("there are {}", options.dialects.names().collect::<Vec<_>>().join(", ")),
        });
    }
    if options.columns.as_ref().is_some_and(|columns| !columns.sensors.is_empty()) {
        return Ok(None);
    }
    Ok(options.dialects.of(sample.names.as_deref(), &sample.first_row, &sample.file_name))
}

/// The column of times, and how they are written.
pub(super) fn time(
    sample: &Sample,
    options: &ReadOptions,
    dialect: Option<&Dialect>,
) -> (Option<Vec<usize>>, Option<TimeFormat>) {
    let Some(dialect) = dialect.filter(|_| options.columns.is_none()) else { return (None, None) };
    let names = sample.names.as_deref().unwrap_or_default();
    let column = dialect.time.as_ref().and_then(|wanted| dialects::column(names, wanted));
    (column.map(|column| vec![column]), dialect.time_format)
}

/// The sensors whose columns a dialect names.
pub(super) fn sensors(sample: &Sample, dialect: &Dialect) -> Result<Vec<SensorPlan>, Fault> {
    let names = sample.names.as_deref().unwrap_or_default();
    let mut all = Vec::new();
    for sensor in Sensor::ALL {
        let Some(of) = dialect.sensor(sensor) else { continue };
        let column =
            |wanted: &String| dialects::column(names, wanted).filter(|&column| column < sample.columns);
        let find = |wanted: &[String; 3]| -> Option<[usize; 3]> {
            let [x, y, z] = wanted.each_ref().map(column);
            Some([x?, y?, z?])
        };
        let Some(columns) = of.columns.as_ref() else { continue };
        let Some(places) = find(columns) else {
            // What makes the dialect is there; a sensor that the device does not have need not be.
            if sensor == Sensor::Accelerometer && dialect.gyroscope.is_none() {
                let text =
                    format!("there are no columns {} in a table of {}", columns.join(", "), dialect.title);
                return Err(Fault::needs(Need::Columns, text));
            }
            continue;
        };
        let plus = of.plus.as_ref().map(|wanted| {
            find(wanted).ok_or_else(|| {
                let text =
                    format!("there are no columns {} in a table of {}", wanted.join(", "), dialect.title);
                Fault::needs(Need::Columns, text)
            })
        });
        let units = places.map(|column| match meaning(sample, column) {
            Meaning::Axis { unit, .. } => unit.filter(|unit| unit.sensor() == sensor),
            _ => None,
        });
        let info = info(sample, sensor, &places, &units, None);
        all.push(SensorPlan { plus: plus.transpose()?, ..SensorPlan::new(info, places) });
    }
    Ok(all)
}

/// Units, signs, gravity, counters and the start.
pub(super) fn apply(sample: &Sample, dialect: &Dialect, plan: &mut Plan) -> Result<(), Fault> {
    plan.dialect = Some((dialect.name.clone(), dialect.because()));
    for sensor in &mut plan.sensors {
        let kind = sensor.info.sensor;
        let Some(of) = dialect.sensor(kind) else { continue };
        if let (None, Some(unit)) = (sensor.info.unit, of.unit) {
            sensor.info.unit = Some(unit);
            sensor.info.unit_because = format!("as {} writes it", dialect.title);
        }
        let advice = dialect.hint.as_deref().unwrap_or_default();
        match of.holds {
            Some(Holds::GravityAlone) => {
                return Err(Fault::Unsupported {
                    what: format!("gravity alone ({})", dialect.title),
                    hint: advice.to_owned(),
                });
            }
            Some(Holds::GravityFree) => {
                plan.findings.retain(|finding| finding.kind != FindingKind::GravityRemoved);
                let place = format!("{}, in {}, which", dialect.title, quoted(sample.file_name.as_bytes()));
                plan.findings.push(gravity_free(&place, advice));
            }
            None => {}
        }
        if sensor.plus.is_some() {
            let text = format!("{}: total acceleration is acceleration plus gravity", dialect.title);
            plan.conversions.push(text);
        }
        match of.signs {
            Some(Signs::Ios) => {
                sensor.negate = true;
                let text =
                    format!("{}: signs of acceleration turned from those of iOS to Android's", dialect.title);
                plan.conversions.push(text);
            }
            Some(Signs::Unknown) => {
                let text = "sign convention unknown: iOS has acceleration with the opposite signs of Android, and \
                            nothing here says which wrote it; signs are as in the file";
                let finding = Finding::new(FindingKind::Axes, Severity::Warning, text);
                plan.findings.push(finding.at(Place::sensor(kind)));
            }
            None => {}
        }
    }
    if sample.names.is_none() {
        // What the columns are is known.
        for finding in plan.findings.iter_mut().filter(|finding| finding.kind == FindingKind::File) {
            finding.severity = Severity::Note;
        }
    }
    if let Some(text) = &dialect.assumes {
        plan.findings.push(Finding::new(FindingKind::Axes, Severity::Warning, text.clone()));
    }
    if let (Some(bits), TimePlan::Column { reader, .. }) = (dialect.counter_bits, &plan.time) {
        let tick_ns = reader.tick_ns.unwrap_or(1);
        plan.wraps_ns =
            1u64.checked_shl(bits).and_then(|n| n.checked_mul(tick_ns)).and_then(|n| i64::try_from(n).ok());
    }
    if let (Some(begins), Start::Unknown) = (&dialect.start, plan.start) {
        plan.start = start(sample, begins).unwrap_or_default();
    }
    Ok(())
}

/// The start as a line before the header states it: `StartTime: ,2024-03-05_10:00:00_000 CET`. A zone that is only a name claims no
/// offset.
fn start(sample: &Sample, begins: &str) -> Option<Start> {
    let line = sample.preamble.iter().find_map(|line| line.trim_start().strip_prefix(begins))?;
    let text = line.trim_matches(|c: char| c.is_whitespace() || ",;:\"".contains(c));
    let (date, rest) = text.split_once(['_', 'T', ' '])?;
    let time: String = rest.chars().take_while(|c| c.is_ascii_digit() || ":._".contains(*c)).collect();
    let text = format!("{date} {}", time.replace('_', "."));
    let reader = TimeReader::new(TimeFormat::Text(DateOrder::YearMonthDay), Point::DOT);
    let stamp = reader.read(text.as_bytes()).ok().filter(|stamp| !stamp.of_day)?;
    Some(Start::Local { local_ns: stamp.ns })
}
