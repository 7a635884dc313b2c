//! Movesense: groups of samples, each with the time of its first.

use super::lanes::{self, Lane, SideBySide};
use super::objects::{Damage, Object, Objects, Place};
use super::rows::{Noticed, Row, Rows, value};
use super::walk::{Event, Walk, begins_with, compact};
use crate::container::Input;
use crate::error::{Fault, Need, quoted};
use crate::number::{self, Point};
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use ambulo_signal::{Finding, FindingKind, Header, Sensor, SensorInfo, Severity, Start, Unit};
use std::collections::VecDeque;

/// The lists of a group: acceleration with gravity, angular velocity, magnetic field.
const LISTS: [(&[u8], Sensor, Unit); 3] = [
    (b"ArrayAcc", Sensor::Accelerometer, Unit::MetresPerSecondSquared),
    (b"ArrayGyro", Sensor::Gyroscope, Unit::DegreesPerSecond),
    (b"ArrayMagn", Sensor::Magnetometer, Unit::Microtesla),
];

/// Steps that the usual one is taken from.
const STEPS: usize = 1000;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    begins_with(&compact(head), b"{\"Meas\":{").then(|| "it begins with an object \"Meas\"".to_owned())
}

fn is_group(ahead: &[u8]) -> bool {
    let ahead = ahead.trim_ascii_start();
    ahead.starts_with(b"\"Timestamp\"") || ahead.starts_with(b"\"Array")
}

/// A group of samples.
struct Group {
    /// Time of its first sample, in ns since the sensor woke.
    time_ns: Option<i64>,
    /// The time as it is written.
    cell: String,
    /// Samples in each of [`LISTS`].
    counts: [usize; 3],
    /// Samples of the list that was asked for.
    samples: Vec<[f32; 3]>,
    /// A value that is no number.
    wrong: Option<String>,
}

fn group(text: &[u8], wanted: Option<usize>) -> Group {
    let mut group =
        Group { time_ns: None, cell: String::new(), counts: [0; 3], samples: Vec::new(), wrong: None };
    let mut walk = Walk::new(text);
    walk.next();
    while let Some(Event::Name(name)) = walk.next() {
        if name == b"Timestamp" {
            /// From milliseconds to nanoseconds.
            const POWER: i32 = 6;
            let cell = walk.scalar().unwrap_or_default();
            group.cell = quoted(cell);
            group.time_ns = number::whole(cell, Point::DOT).and_then(|number| number.scaled(1, POWER));
            continue;
        }
        let Some(list) = LISTS.iter().position(|list| list.0 == name) else {
            walk.pass();
            continue;
        };
        let Some(Event::Open { list: true }) = walk.next() else { continue };
        while let Some(event) = walk.next() {
            match event {
                Event::Open { list: false } => {
                    group.counts[list] += 1;
                    if wanted == Some(list) {
                        group.samples.push(sample(&mut walk, &mut group.wrong));
                    } else {
                        walk.leave();
                    }
                }
                Event::Open { list: true } => walk.leave(),
                Event::Close => break,
                _ => {}
            }
        }
    }
    group
}

impl Group {
    /// Which lists have samples, one bit each.
    fn lists(&self) -> u8 {
        (0..).zip(self.counts).map(|(list, count)| u8::from(count > 0) << list).sum()
    }
}

fn sample(walk: &mut Walk<'_>, wrong: &mut Option<String>) -> [f32; 3] {
    let mut sample = [f32::NAN; 3];
    while let Some(event) = walk.next() {
        let Event::Name(name) = event else { break };
        let axis = match name {
            b"x" => 0,
            b"y" => 1,
            b"z" => 2,
            _ => {
                walk.pass();
                continue;
            }
        };
        if let Some(cell) = walk.scalar() {
            match value(cell) {
                Some(value) => sample[axis] = value,
                None => *wrong = Some(quoted(cell)),
            }
        }
    }
    sample
}

/// Groups with the same lists: one measurement.
struct Measurement {
    lists: u8,
    from: Place,
    to: u64,
    groups: u64,
    last: Option<(i64, usize)>,
    /// From sample to sample, in ns.
    steps: Vec<i64>,
}

impl Measurement {
    fn usual(&mut self) -> Option<i64> {
        let middle = self.steps.len() / 2;
        (!self.steps.is_empty()).then(|| *self.steps.select_nth_unstable(middle).1)
    }
}

/// Goes over the file once: which measurements there are.
fn survey(input: &Input) -> Result<(Vec<Measurement>, Damage), Fault> {
    let mut objects = Objects::inner(&input.bytes, is_group);
    let mut all: Vec<Measurement> = Vec::new();
    while let Some(Object { text, place, end }) = objects.next()? {
        let found = group(text, None);
        let lists = found.lists();
        let (Some(time_ns), true) = (found.time_ns, lists > 0) else { continue };
        // Lists of a group have as many samples each.
        let n = found.counts.into_iter().max().unwrap_or(0);
        let at = all.iter().position(|measurement| measurement.lists == lists).unwrap_or_else(|| {
            all.push(Measurement { lists, from: place, to: end, groups: 0, last: None, steps: Vec::new() });
            all.len() - 1
        });
        let measurement = &mut all[at];
        if let Some((before, n)) = measurement.last
            && n > 0
            && measurement.steps.len() < STEPS
        {
            measurement
                .steps
                .extend(Some(time_ns.saturating_sub(before) / n as i64).filter(|&step| step > 0));
        }
        (measurement.to, measurement.last) = (end, Some((time_ns, n)));
        measurement.groups += 1;
    }
    Ok((all, objects.damage()))
}

/// Opens the recordings in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let (mut measurements, damage) = survey(input)?;
    if measurements.is_empty() {
        return Err(lanes::nothing(damage, "groups of samples with a Timestamp"));
    }
    let mut header = Header {
        device: Some("Movesense".to_owned()),
        start: Start::Unknown,
        conversions: vec![
            "times of Timestamp: ms since the sensor woke, no date; each is that of the first sample of its group, the others \
             are spread to the next"
                .to_owned(),
        ],
        findings: lanes::damage(damage),
        ..Header::default()
    };
    let mut lanes = Vec::new();
    for (list, &(name, sensor, unit)) in LISTS.iter().enumerate() {
        // Acceleration alone and with angular velocity may have been measured at once: the longer one.
        let others = measurements.iter().filter(|measurement| measurement.lists >> list & 1 == 1).count();
        if let further @ 1.. = others.saturating_sub(1) {
            let text = format!(
                "{further} further measurements of the {sensor} in the file are not read: the longest is"
            );
            let finding = Finding::new(FindingKind::File, Severity::Note, text);
            header.findings.push(finding.at(ambulo_signal::Place::sensor(sensor)).times(further as u64));
        }
        let with = measurements.iter_mut().filter(|measurement| measurement.lists >> list & 1 == 1);
        let Some(measurement) = with.max_by_key(|measurement| measurement.groups) else { continue };
        let stated = options.rate_hz.filter(|rate| rate.is_finite() && *rate > 0.0).map(|rate| 1e9 / rate);
        let usual_ns = measurement.usual().or(stated.map(|step| step.round() as i64)).ok_or_else(|| {
            Fault::needs(
                Need::Rate,
                "there is one group of samples, and its one time tells no rate\nhint: state the rate",
            )
        })?;
        let declared = options.units.of(sensor);
        header.sensors.push(SensorInfo {
            unit: Some(declared.unwrap_or(unit)),
            unit_because: match declared {
                Some(_) => "declared".to_owned(),
                None => format!("{} of Movesense", quoted(name)),
            },
            ..SensorInfo::new(sensor)
        });
        let rows = GroupRows {
            objects: Objects::inner(&input.bytes, is_group).between(measurement.from, measurement.to),
            list,
            lists: measurement.lists,
            usual_ns,
            held: None,
            rows: VecDeque::new(),
            ended: false,
            noticed: Noticed::default(),
        };
        lanes.push(Lane::new(Box::new(rows), None, [1.0, 0.0]));
    }
    let Some(reader) = SideBySide::new(lanes)? else {
        return Err(Fault::NoRows("no group of samples has a time".to_owned()));
    };
    Ok(vec![Found {
        format: Format::Movesense,
        dialect: None,
        because: String::new(),
        header,
        reader: Box::new(reader),
    }])
}

/// The samples of one list.
struct GroupRows {
    objects: Objects,
    list: usize,
    lists: u8,
    /// The usual time from sample to sample.
    usual_ns: i64,
    /// A group that waits for the time of the next.
    held: Option<(i64, Vec<[f32; 3]>)>,
    rows: VecDeque<Row>,
    ended: bool,
    noticed: Noticed,
}

impl GroupRows {
    /// Gives the samples of the group that waits their times, up to that of the next.
    fn spread(&mut self, next_ns: Option<i64>) {
        let Some((time_ns, samples)) = self.held.take() else { return };
        let n = samples.len().max(1) as i64;
        let room = next_ns.map(|next| i128::from(next) - i128::from(time_ns));
        // Where groups are missing, or the clock began anew, the next time tells nothing of this group.
        let fits = |room: &i128| *room > 0 && 2 * room <= 3 * i128::from(self.usual_ns) * i128::from(n);
        let room = room.filter(fits).unwrap_or(i128::from(self.usual_ns) * i128::from(n));
        for (k, values) in (0i128..).zip(samples) {
            let by = (room * k / i128::from(n)).clamp(0, i64::MAX.into()) as i64;
            self.rows.push_back(Row { time_ns: time_ns.saturating_add(by), parts: [values, [f32::NAN; 3]] });
        }
    }
}

impl Rows for GroupRows {
    fn next(&mut self) -> Result<Option<Row>, Fault> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Ok(Some(row));
            }
            if self.ended {
                return Ok(None);
            }
            let Some(Object { text, place, .. }) = self.objects.next()? else {
                self.ended = true;
                self.spread(None);
                continue;
            };
            let found = group(text, Some(self.list));
            if found.lists() != self.lists {
                continue;
            }
            let Group { time_ns, cell, samples, wrong, .. } = found;
            if let Some(wrong) = wrong {
                self.noticed.unreadable.add(place.line, || wrong);
            }
            match time_ns {
                Some(time_ns) => {
                    self.spread(Some(time_ns));
                    self.held = Some((time_ns, samples));
                }
                None => self.noticed.no_time.add(place.line, || format!("group with Timestamp {cell}")),
            }
        }
    }

    fn rewind(&mut self) {
        self.objects.rewind();
        self.rows.clear();
        (self.held, self.ended, self.noticed) = (None, false, Noticed::default());
    }

    fn noticed(&self) -> &Noticed {
        &self.noticed
    }
}
