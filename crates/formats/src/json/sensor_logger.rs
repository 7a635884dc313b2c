//! Sensor Logger's JSON export: one list of objects, a sensor's samples together, one sensor behind the other, all values text.

use super::lanes::{self, Cells, Columns, Noticed, Row, Rows, SideBySide};
use super::objects::{Damage, Object, Objects, Place};
use super::walk::{Event, Walk, begins_with, compact, holds, shown};
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::sensor_logger::{self as app, Facts};
use crate::time::TimeReader;

/// Sensors that are told apart; the app has some thirty.
const MOST_SENSORS: usize = 100;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let text = compact(head);
    let first = text.strip_prefix(b"[{").or(text.strip_prefix(b"{"))?;
    let at = memchr::memmem::find(first, b"\"sensor\":\"")?;
    let name = &first[at + 10..];
    let name = &name[..memchr::memchr(b'"', name)?];
    let name = String::from_utf8_lossy(name);
    let known = app::is_of_motion(&name) || app::is_metadata(&name);
    let of_app = holds(first, b"\"seconds_elapsed\":\"") || known && holds(first, b"\"time\":\"");
    let of_app = of_app || app::is_metadata(&name);
    (begins_with(&text, b"{\"") && of_app)
        .then(|| format!("its first object is one of Sensor Logger's sensor {}", quoted(name.as_bytes())))
}

/// A sensor and where its objects stand.
struct Seen {
    name: String,
    from: Place,
    to: u64,
}

struct Survey {
    sensors: Vec<Seen>,
    facts: Facts,
    damage: Damage,
}

/// Opens the recordings in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let Survey { sensors, facts, damage } = survey(input)?;
    if sensors.is_empty() {
        return Err(lanes::nothing(damage, "objects with a sensor and a time"));
    }
    let names: Vec<&str> = sensors.iter().map(|seen| seen.name.as_str()).collect();
    let choice = app::choose(&names, &facts, options.device.as_deref())?;
    let time = lanes::clock(options);
    let open = |name: &str, columns: Columns| -> Box<dyn Rows> {
        let range = sensors.iter().find(|seen| seen.name == name).map(|seen| (seen.from, seen.to));
        let (from, to) = range.unwrap_or_default();
        let objects = Objects::records(&input.bytes).between(from, to);
        Box::new(SensorRows { objects, name: name.to_owned(), columns, time, noticed: Noticed::default() })
    };
    let (mut header, lanes) = lanes::chosen(choice, facts, options, open);
    let Some(reader) = SideBySide::new(lanes)? else {
        return Err(Fault::NoRows("no sample has a time that can be read".to_owned()));
    };
    header.start = lanes::start(options, reader.origin_ns())?;
    header.findings.splice(0..0, lanes::damage(damage));
    Ok(vec![Found {
        format: Format::SensorLoggerJson,
        dialect: None,
        because: String::new(),
        header,
        reader: Box::new(reader),
    }])
}

/// Goes over the file once: which sensors there are and where, and what the metadata say, wherever they stand.
fn survey(input: &Input) -> Result<Survey, Fault> {
    let mut objects = Objects::records(&input.bytes);
    let (mut sensors, mut facts) = (Vec::<Seen>::new(), Facts::default());
    let mut last = 0;
    while let Some(Object { text, place, end }) = objects.next()? {
        let Some(name) = sensor(text) else { continue };
        if sensors.get(last).is_none_or(|seen| seen.name.as_bytes() != name) {
            let name = shown(name);
            if app::is_metadata(&name) {
                metadata(text, &mut facts);
                continue;
            }
            last = match sensors.iter().position(|seen| seen.name == name) {
                Some(known) => known,
                None if sensors.len() == MOST_SENSORS => continue,
                None => {
                    sensors.push(Seen { name, from: place, to: end });
                    sensors.len() - 1
                }
            };
        }
        sensors[last].to = end;
    }
    Ok(Survey { sensors, facts, damage: objects.damage() })
}

/// The sensor that an object is of.
fn sensor(text: &[u8]) -> Option<&[u8]> {
    let mut walk = Walk::new(text);
    walk.next();
    while let Some(Event::Name(name)) = walk.next() {
        if name == b"sensor" {
            return walk.scalar();
        }
        walk.pass();
    }
    None
}

fn metadata(text: &[u8], facts: &mut Facts) {
    let mut walk = Walk::new(text);
    walk.next();
    while let Some(Event::Name(name)) = walk.next() {
        if let Some(value) = walk.scalar() {
            facts.take(&shown(name), &shown(value));
        }
    }
}

/// The rows of one sensor.
struct SensorRows {
    objects: Objects,
    name: String,
    columns: Columns,
    time: TimeReader,
    noticed: Noticed,
}

impl Rows for SensorRows {
    fn next(&mut self) -> Result<Option<Row>, Fault> {
        let Self { objects, name, columns, time, noticed } = self;
        loop {
            let Some(Object { text, place, .. }) = objects.next()? else { return Ok(None) };
            let mut walk = Walk::new(text);
            let mut cells = Cells::default();
            walk.next();
            while let Some(Event::Name(found)) = walk.next() {
                match found {
                    b"sensor" => cells.sensor = walk.scalar(),
                    b"time" => cells.time = walk.scalar(),
                    _ => cells.value(columns, found, &mut walk),
                }
            }
            if cells.sensor == Some(name.as_bytes())
                && let Some(row) = cells.row(time, noticed, place.line, String::new)
            {
                return Ok(Some(row));
            }
        }
    }

    fn rewind(&mut self) {
        self.objects.rewind();
        self.noticed = Noticed::default();
    }

    fn noticed(&self) -> &Noticed {
        &self.noticed
    }
}
