//! phyphox: a table for each sensor on the clock of the experiment, which stands still while it is paused, and beside them what
//! that clock meant.

use super::claim::stem;
use super::join::{Table, join};
use super::small_table;
use crate::combine::{Jump, Retimed};
use crate::container::Member;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::table;
use crate::time::utc_offset_s;
use ambulo_signal::{Finding, FindingKind, Place, Sensor, Severity, Start};

/// A difference between two clocks that is a pause, and no drift of one of them, in seconds.
const SHORTEST_PAUSE_S: f64 = 0.2;

pub(super) fn open(members: &[Member], options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let is_meta = |member: &&Member| member.split().0.rsplit('/').next() == Some("meta");
    let meta = |wanted: &str| members.iter().filter(is_meta).find(|member| stem(member) == wanted);
    let data: Vec<&Member> = members.iter().filter(|member| !is_meta(member)).collect();
    let mut empty = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    for member in chosen(&data) {
        let name = member.split().1.to_owned();
        match table::open_with_origin(&member.input()?, options) {
            Ok((found, origin_ns)) => tables.push(Table { name, found, origin_ns }),
            // A sensor that the phone does not have.
            Err(Fault::Empty | Fault::NoRows(_)) => empty.push(name),
            Err(fault) => return Err(fault.in_member(&member.name)),
        }
    }
    if tables.is_empty() {
        return Err(Fault::NoRows(format!("{} hold no rows", empty.join(", "))));
    }
    let clock = meta("time").map(small_table).transpose()?.and_then(|rows| Clock::read(&rows));
    let device = meta("device").map(small_table).transpose()?;
    let because = format!(
        "phyphox: {} begins with a column of times in s{}",
        tables[0].name,
        if clock.is_some() { ", and meta/time.csv says what they mean" } else { "" }
    );
    let mut found = join(tables, Format::Phyphox, because);
    let header = &mut found.header;
    header.device = device.and_then(|rows| {
        rows.into_iter().find(|row| row.first().is_some_and(|key| key == "deviceModel"))?.into_iter().nth(1)
    });
    for name in empty {
        let text = format!("{} holds no rows: the sensor gave nothing", quoted(name.as_bytes()));
        header.findings.push(Finding::new(FindingKind::File, Severity::Note, text));
    }
    match clock {
        Some(clock) => {
            header.start = clock.start;
            if let Some(finding) = clock.finding() {
                header.findings.push(finding);
                found.reader = Box::new(Retimed::new(found.reader, clock.jumps));
            }
        }
        None => {
            let text = "without meta/time.csv there is no date, and pauses of the experiment cannot be seen";
            header.findings.push(Finding::new(FindingKind::Clock, Severity::Note, text));
        }
    }
    Ok(vec![found])
}

/// Of several tables of acceleration the one with gravity.
fn chosen<'a>(data: &[&'a Member]) -> Vec<&'a Member> {
    let linear = |member: &Member| stem(member).contains("linear");
    let gravity = |member: &Member| stem(member).starts_with("gravity");
    let total = |member: &Member| stem(member).starts_with("accel") || stem(member).starts_with("raw data");
    let any_total = data.iter().any(|member| total(member));
    let wanted = |member: &&&Member| !(gravity(member) || any_total && linear(member));
    let wanted: Vec<&Member> = data.iter().filter(wanted).copied().collect();
    if wanted.is_empty() { data.to_vec() } else { wanted }
}

/// What the experiment's clock means.
struct Clock {
    start: Start,
    jumps: Vec<Jump>,
}

impl Clock {
    /// Rows of `event, experiment time, system time, system time text`; none if the first start is not there.
    fn read(rows: &[Vec<String>]) -> Option<Self> {
        let number =
            |cell: Option<&String>| cell?.replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
        let starts = rows.iter().filter(|row| row.first().is_some_and(|event| event == "START"));
        let mut starts =
            starts.filter_map(|row| Some((number(row.get(1))?, number(row.get(2))?, row.get(3))));
        let (experiment_s, system_s, text) = starts.next()?;
        let first = system_s - experiment_s;
        let offset_s = text.and_then(|text| offset(text));
        let mut jumps: Vec<Jump> = Vec::new();
        let mut before = 0.0;
        for (experiment_s, system_s, _) in starts {
            let add_s = system_s - experiment_s - first;
            if (add_s - before).abs() > SHORTEST_PAUSE_S {
                before = add_s;
                let jump = Jump { at_ns: (experiment_s * 1e9) as i64, add_ns: (add_s * 1e9) as i64 };
                match jumps.last_mut() {
                    // Paused again before the clock went on: the later instant counts.
                    Some(last) if last.at_ns == jump.at_ns => last.add_ns = jump.add_ns,
                    Some(last) if last.at_ns > jump.at_ns => {}
                    _ => jumps.push(jump),
                }
            }
        }
        Some(Self { start: Start::Utc { utc_ns: (first * 1e9).round() as i64, offset_s }, jumps })
    }

    fn finding(&self) -> Option<Finding> {
        let first = self.jumps.first()?;
        let last = self.jumps.last()?;
        let count = self.jumps.len();
        let pauses = if count == 1 { "a pause".to_owned() } else { format!("{count} pauses") };
        let all_s = last.add_ns as f64 / 1e9;
        let text = format!(
            "the experiment had {pauses} of {all_s:.0} s in all, which only meta/time.csv shows: a gap, with later times put right"
        );
        let place = Place {
            sensor: Some(Sensor::Accelerometer),
            time_s: Some(first.at_ns as f64 / 1e9),
            ..Place::default()
        };
        Some(Finding::new(FindingKind::Gap, Severity::Note, text).at(place).times(count as u64))
    }
}

/// `2024-03-05 10:00:00.000 UTC+01:00`: seconds by which local time is ahead.
fn offset(text: &str) -> Option<i32> {
    let zone = text.rsplit_once("UTC")?.1.trim();
    if zone.is_empty() {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    utc_offset_s(sign, hours, minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_of_an_experiment() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let clock = Clock::read(&[
            row(["event", "experiment time", "system time", "system time text"]),
            row(["START", "0.0E0", "1709629200.5", "2024-03-05 10:00:00.500 UTC+01:00"]),
            row(["PAUSE", "6.0E0", "1709629206.5", ""]),
            row(["START", "6.0E0", "1709629296.5", ""]),
            row(["PAUSE", "7", "1709629297.5", ""]),
            row(["START", "7", "1709629297.6", ""]),
        ])
        .unwrap();
        assert_eq!(clock.start, Start::Utc { utc_ns: 1_709_629_200_500_000_000, offset_s: Some(3600) });
        assert_eq!(clock.jumps, [Jump { at_ns: 6_000_000_000, add_ns: 90_000_000_000 }]);
        assert!(clock.finding().unwrap().text.contains("90 s"));
        assert!(Clock::read(&[row(["START", "x", "y", "z"])]).is_none());
        assert_eq!(offset("2024-03-05 10:00:00.000 UTC-03:30"), Some(-12_600));
    }
}
