//! Sensor Logger: a table for each sensor.

use super::claim::stem;
use super::join::{Table, join};
use super::small_table;
use crate::columns::{ColumnRef, Columns};
use crate::combine::{Mapped, Output, Summed};
use crate::container::Member;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::sensor_logger::{self, Chosen, Facts, Part};
use crate::table;
use ambulo_signal::{Finding, FindingKind, Header, Sensor, SensorInfo, Severity, Start};

pub(super) fn open(members: &[Member], options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let facts = facts(members)?;
    let of_motion = members.iter().filter(|member| sensor_logger::is_of_motion(&stem(member)));
    let (full, empty): (Vec<&Member>, Vec<&Member>) = of_motion.partition(|member| has_rows(member));
    let names: Vec<&str> = full.iter().map(|member| member.split().1).collect();
    let choice = sensor_logger::choose(&names, &facts, options.device.as_deref())?;
    let mut tables = Vec::new();
    let mut without_values = Vec::new();
    for chosen in group(&choice.sensors) {
        let needed = chosen.iter().any(|chosen| chosen.sensor == Sensor::Accelerometer);
        match open_group(&full, &chosen, options) {
            Ok(table) => tables.push(table),
            Err(Fault::NoRows(found)) if !needed => without_values.push(found),
            Err(fault) => return Err(fault),
        }
    }
    let because =
        format!("Sensor Logger: {} begins with columns time, seconds_elapsed", names.first().unwrap_or(&""));
    let mut found = join(tables, Format::SensorLogger, because);
    let header = &mut found.header;
    // The metadata name the phone that a watch or headphones belong to.
    header.device = facts.model.filter(|_| choice.device.placement().is_none());
    header.placement = choice.device.placement().map(str::to_owned);
    header.conversions.splice(0..0, choice.conversions);
    header.findings.splice(0..0, choice.findings);
    if options.identity {
        header.identity = facts.identity;
    }
    for found in without_values {
        header.findings.push(Finding::new(FindingKind::SensorMissing, Severity::Note, found));
    }
    for member in empty {
        let held = if member.size == 0 { "has 0 bytes" } else { "has a header and no rows" };
        let text = format!("{} {held}: the sensor gave nothing", quoted(member.split().1.as_bytes()));
        header.findings.push(Finding::new(FindingKind::File, Severity::Note, text));
    }
    Ok(vec![found])
}

/// The metadata: names in the first row, values in the second.
fn facts(members: &[Member]) -> Result<Facts, Fault> {
    let mut facts = Facts::default();
    let metadata = members.iter().find(|member| sensor_logger::is_metadata(&stem(member)) && member.size > 0);
    if let Some(metadata) = metadata {
        let rows = small_table(metadata).map_err(|fault| fault.in_member(&metadata.name))?;
        if let [names, values, ..] = rows.as_slice() {
            for (name, value) in names.iter().zip(values) {
                facts.take(name, value);
            }
        }
    }
    Ok(facts)
}

/// Whether something follows the header.
fn has_rows(member: &Member) -> bool {
    const LOOK: usize = 2048;
    let head = member.head(LOOK);
    let mut lines = head.split(|c| matches!(c, b'\n' | b'\r')).filter(|line| !line.trim_ascii().is_empty());
    lines.nth(1).is_some()
}

/// Sensors that are read from one table are read together; one that is the sum of two tables is alone.
fn group(sensors: &[Chosen]) -> Vec<Vec<Chosen>> {
    let of_one = |chosen: &Chosen| chosen.parts.iter().all(|part| part.name == chosen.parts[0].name);
    let mut groups: Vec<Vec<Chosen>> = Vec::new();
    for chosen in sensors.iter().filter(|chosen| !chosen.parts.is_empty()) {
        let same = |group: &&mut Vec<Chosen>| {
            of_one(chosen) && of_one(&group[0]) && group[0].parts[0].name == chosen.parts[0].name
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(chosen.clone()),
            None => groups.push(vec![chosen.clone()]),
        }
    }
    groups
}

fn open_group(members: &[&Member], sensors: &[Chosen], options: &ReadOptions) -> Result<Table, Fault> {
    let info = |chosen: &Chosen| SensorInfo {
        unit: options.units.of(chosen.sensor).or(chosen.unit),
        unit_because: match options.units.of(chosen.sensor) {
            Some(_) => "declared".to_owned(),
            None => chosen.because.clone(),
        },
        rate_hz: chosen.rate_hz,
        ..SensorInfo::new(chosen.sensor)
    };
    if let [Chosen { parts, .. }] = sensors
        && let [base, plus] = parts.as_slice()
        && base.name != plus.name
    {
        let a = open_parts(members, &[base], options)?;
        let b = open_parts(members, &[plus], options)?;
        let instant = |table: &Table| match table.found.header.start {
            Start::Utc { utc_ns, .. } => utc_ns,
            _ => table.origin_ns,
        };
        let offset_ns = instant(&b).saturating_sub(instant(&a));
        let factors = [base.factor, plus.factor];
        let mut header = a.found.header;
        header.sensors = sensors.iter().map(info).collect();
        header.findings.extend(b.found.header.findings);
        let reader = Box::new(Summed::new(a.found.reader, b.found.reader, factors, offset_ns));
        let name = format!("{} + {}", base.name, plus.name);
        return Ok(Table { name, found: Found { header, reader, ..a.found }, origin_ns: a.origin_ns });
    }
    let parts: Vec<&Part> = sensors.iter().flat_map(|chosen| &chosen.parts).collect();
    let table = open_parts(members, &parts, options)?;
    let mut part = 0;
    let mut outputs = Vec::new();
    for chosen in sensors {
        let plus = chosen.parts.get(1).map(|plus| (part + 1, plus.factor));
        outputs.push(Output { part, factor: chosen.parts[0].factor, plus });
        part += chosen.parts.len();
    }
    let header = Header { sensors: sensors.iter().map(info).collect(), ..table.found.header };
    let reader = Box::new(Mapped::new(table.found.reader, outputs));
    Ok(Table { found: Found { header, reader, ..table.found }, ..table })
}

/// A table with the columns of these parts, which are all in it.
fn open_parts(members: &[&Member], parts: &[&Part], options: &ReadOptions) -> Result<Table, Fault> {
    let name = parts.first().map_or("", |part| part.name.as_str());
    let member = members.iter().find(|member| member.split().1 == name);
    let member = member.ok_or_else(|| Fault::NoRows(format!("there is no {name}")))?;
    let columns =
        |part: &&Part| (Sensor::Accelerometer, part.columns.map(|column| ColumnRef::Name(column.to_owned())));
    let options = ReadOptions {
        columns: Some(Columns {
            time: Some(ColumnRef::Name("time".to_owned())),
            sensors: parts.iter().map(columns).collect(),
            ..Columns::default()
        }),
        rate_hz: None,
        time: options.time,
        ..ReadOptions::default()
    };
    let opened = table::open_with_origin(&member.input()?, &options);
    let (mut found, origin_ns) = opened.map_err(|fault| fault.in_member(&member.name))?;
    if found.header.sensors.len() != parts.len() {
        let expected = format!("values in {} triples of columns", parts.len());
        return Err(Fault::damaged(name, "columns without any value", expected));
    }
    // Whether gravity is in it was decided by the file's name.
    found.header.findings.retain(|finding| finding.kind != FindingKind::GravityRemoved);
    Ok(Table { name: name.to_owned(), found, origin_ns })
}
