//! Sensors that the names of the columns tell of.

use super::sensors::{RECORD_TOTAL, gravity_free, gravity_free_by_name, info, meaning};
use super::{Sample, SensorPlan, twice};
use crate::error::{Fault, Need};
use crate::names::Meaning;
use crate::options::ReadOptions;
use ambulo_signal::{Finding, Sensor, Unit};

/// A sensor that the names tell of.
struct Candidate {
    sensor: Sensor,
    group: String,
    gravity_free: bool,
    /// Columns that are called x, y, z.
    axes: [Vec<usize>; 3],
    units: Vec<Option<Unit>>,
}

/// Adds the sensors that the columns' names tell of to those that are known already.
pub(super) fn named(
    sample: &Sample,
    options: &ReadOptions,
    sensors: &mut Vec<SensorPlan>,
    findings: &mut Vec<Finding>,
) -> Result<(), Fault> {
    let known: Vec<Sensor> = sensors.iter().map(|sensor| sensor.info.sensor).collect();
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
    if let Some(device) = options.device.as_ref().filter(|_| known.is_empty()) {
        only_device(&mut candidates, device)?;
    }
    let mut group: Option<String> = None;
    for sensor in Sensor::ALL.into_iter().filter(|sensor| !known.contains(sensor)) {
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
            findings.extend(gravity_free_by_name(sample));
        }
        let placement = (from.len() > 1 || options.device.is_some()).then(|| one.group.clone());
        let placement = placement.filter(|placement| !placement.is_empty());
        sensors.push(SensorPlan::new(info(sample, sensor, &columns, &one.units, placement), columns));
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
    Ok(())
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
