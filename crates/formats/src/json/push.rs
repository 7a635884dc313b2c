//! What Sensor Logger sends while it records: messages with some samples of every sensor, as a server or broker stored them.
//!
//! Messages may come twice and out of order: their numbers put them right. Each session is a recording.

use super::lanes::{self, Cells, Columns, Noticed, Row, Rows, SideBySide};
use super::objects::{Damage, Object, Objects, Place};
use super::walk::{Event, Walk, begins_with, compact, holds, shown};
use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::Fault;
use crate::number::{self, Point};
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::sensor_logger::{self as app, Facts};
use crate::time::TimeReader;
use ambulo_signal::{Finding, FindingKind, Severity};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Messages of a file: four weeks of one every 0.6 s.
const MOST_MESSAGES: usize = 1 << 22;
const MOST_SESSIONS: usize = 1000;
const MOST_SENSORS: usize = 100;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let text = compact(head);
    let id = holds(&text, b"\"messageId\":") || holds(&text, b"\"sessionId\":");
    (begins_with(&text, b"{\"") && id && holds(&text, b"\"payload\":["))
        .then(|| "its first object is a message with messageId and payload".to_owned())
}

/// A message: its number, and where it stands.
type Message = (i64, u64);

#[derive(Default)]
struct Session {
    id: String,
    messages: Vec<Message>,
    sensors: Vec<String>,
}

/// Opens the recordings in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let (sessions, damage) = survey(input)?;
    if sessions.is_empty() {
        return Err(lanes::nothing(damage, "messages with a payload"));
    }
    let several = sessions.len();
    let mut all = Vec::new();
    let mut fault = None;
    for (number, session) in (1u64..).zip(sessions) {
        match recording(&input.bytes, session, options) {
            Ok(mut found) => {
                let mut findings = if number == 1 { lanes::damage(damage) } else { Vec::new() };
                if several > 1 {
                    let text = format!(
                        "session {number} of {several} in the file, in the order in which they begin"
                    );
                    findings.push(Finding::new(FindingKind::File, Severity::Note, text));
                }
                found.header.findings.splice(0..0, findings);
                all.push(found);
            }
            // A session without motion beside others is none of a recording.
            Err(of_session @ (Fault::NotARecording { .. } | Fault::NoRows(_))) => {
                fault.get_or_insert(of_session);
            }
            Err(fault) => return Err(fault),
        }
    }
    match fault {
        Some(fault) if all.is_empty() => Err(fault),
        _ => Ok(all),
    }
}

fn recording(bytes: &Bytes, session: Session, options: &ReadOptions) -> Result<Found, Fault> {
    let Session { id, mut messages, sensors } = session;
    let findings = order(&mut messages);
    let names: Vec<&str> = sensors.iter().map(String::as_str).collect();
    // Messages do not tell the platform.
    let facts = Facts::default();
    let choice = app::choose(&names, &facts, options.device.as_deref())?;
    let messages: Arc<[Message]> = messages.into();
    let time = lanes::clock(options);
    let open = |name: &str, columns: Columns| -> Box<dyn Rows> {
        Box::new(MessageRows {
            objects: Objects::records(bytes),
            messages: Arc::clone(&messages),
            next: 0,
            rows: VecDeque::new(),
            name: name.to_owned(),
            columns,
            time,
            noticed: Noticed::default(),
        })
    };
    let (mut header, lanes) = lanes::chosen(choice, facts, options, open);
    let Some(reader) = SideBySide::new(lanes)? else {
        return Err(Fault::NoRows("no sample has a time that can be read".to_owned()));
    };
    header.start = lanes::start(options, reader.origin_ns())?;
    header.findings.splice(0..0, findings);
    if options.identity && !id.is_empty() {
        header.identity.push(("session id".to_owned(), id));
    }
    Ok(Found {
        format: Format::SensorLoggerPush,
        dialect: None,
        because: String::new(),
        header,
        reader: Box::new(reader),
    })
}

/// Puts messages into the order of their numbers, each once.
fn order(messages: &mut Vec<Message>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |severity, count: u64, text: String| {
        if count > 0 {
            findings.push(Finding::new(FindingKind::File, severity, text).times(count));
        }
    };
    let late = messages.windows(2).filter(|pair| pair[1].0 < pair[0].0).count() as u64;
    let all = messages.len();
    messages.sort_by_key(|message| message.0);
    messages.dedup_by_key(|message| message.0);
    let again = (all - messages.len()) as u64;
    note(Severity::Note, late, format!("{late} messages came late: put in the order of their numbers"));
    note(Severity::Note, again, format!("{again} messages came again: dropped"));
    if let (Some(first), Some(last)) = (messages.first(), messages.last()) {
        let span = i128::from(last.0) - i128::from(first.0) + 1;
        let missing = u64::try_from(span - messages.len() as i128).unwrap_or(0);
        let text = format!("{missing} messages between {} and {} are missing", first.0, last.0);
        note(Severity::Warning, missing, text);
    }
    findings
}

/// Goes over the file once: which sessions there are, their messages, and the sensors in them.
fn survey(input: &Input) -> Result<(Vec<Session>, Damage), Fault> {
    let mut objects = Objects::records(&input.bytes);
    let mut sessions: Vec<Session> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut all = 0usize;
    while let Some(Object { text, place, .. }) = objects.next()? {
        const LONGEST_ID: usize = 200;
        let (mut number, mut id, mut sensors) = (None, &b""[..], Vec::new());
        let mut payload = false;
        let mut walk = Walk::new(text);
        walk.next();
        while let Some(Event::Name(name)) = walk.next() {
            match name {
                b"messageId" => number = walk.scalar().and_then(whole),
                b"sessionId" => id = walk.scalar().unwrap_or_default(),
                b"payload" => {
                    payload = true;
                    items(&mut walk, |item| named(item, &mut sensors));
                }
                _ => walk.pass(),
            }
        }
        if !payload {
            continue;
        }
        all += 1;
        if all > MOST_MESSAGES {
            return Err(Fault::Unsupported {
                what: format!("a file of more than {MOST_MESSAGES} messages"),
                hint: "cut it into several files".to_owned(),
            });
        }
        let id = &id[..id.len().min(LONGEST_ID)];
        let at = match places.get(id) {
            Some(&at) => at,
            None if sessions.len() == MOST_SESSIONS => {
                return Err(Fault::Unsupported {
                    what: format!("a file of more than {MOST_SESSIONS} sessions"),
                    hint: "cut it into several files".to_owned(),
                });
            }
            None => {
                places.insert(id.to_vec(), sessions.len());
                sessions.push(Session { id: shown(id), ..Session::default() });
                sessions.len() - 1
            }
        };
        let session = &mut sessions[at];
        // Without a number the order of the file has to do.
        let number =
            number.unwrap_or_else(|| session.messages.last().map_or(0, |last| last.0.saturating_add(1)));
        session.messages.push((number, place.offset));
        for sensor in sensors {
            if session.sensors.len() < MOST_SENSORS && !session.sensors.iter().any(|s| s.as_bytes() == sensor)
            {
                session.sensors.push(shown(sensor));
            }
        }
    }
    Ok((sessions, objects.damage()))
}

fn whole(cell: &[u8]) -> Option<i64> {
    number::whole(cell, Point::DOT).and_then(|number| number.scaled(1, 0))
}

/// Calls with each object of a list that follows.
fn items<'a>(walk: &mut Walk<'a>, mut each: impl FnMut(&mut Walk<'a>)) {
    match walk.next() {
        Some(Event::Open { list: true }) => {}
        Some(Event::Open { list: false }) => return walk.leave(),
        _ => return,
    }
    loop {
        match walk.next() {
            Some(Event::Open { list: false }) => each(walk),
            Some(Event::Open { list: true }) => walk.leave(),
            Some(Event::Close) | None => return,
            Some(_) => {}
        }
    }
}

/// Notes the name of an item.
fn named<'a>(item: &mut Walk<'a>, sensors: &mut Vec<&'a [u8]>) {
    while let Some(Event::Name(name)) = item.next() {
        match name {
            b"name" => {
                if let Some(sensor) = item.scalar()
                    && sensors.len() < MOST_SENSORS
                    && !sensors.contains(&sensor)
                {
                    sensors.push(sensor);
                }
            }
            _ => item.pass(),
        }
    }
}

/// The rows of one sensor.
struct MessageRows {
    objects: Objects,
    messages: Arc<[Message]>,
    next: usize,
    rows: VecDeque<Row>,
    name: String,
    columns: Columns,
    time: TimeReader,
    noticed: Noticed,
}

impl MessageRows {
    /// Takes up the rows of a message.
    fn message(&mut self, (number, offset): Message) -> Result<(), Fault> {
        self.objects.seek(Place { offset, line: 0 });
        let Self { objects, rows, name, columns, time, noticed, .. } = self;
        let Some(Object { text, .. }) = objects.next()? else { return Ok(()) };
        let place = || format!("in message {number}: ");
        let mut walk = Walk::new(text);
        walk.next();
        while let Some(Event::Name(found)) = walk.next() {
            if found != b"payload" {
                walk.pass();
                continue;
            }
            items(&mut walk, |item| {
                let mut cells = Cells::default();
                while let Some(Event::Name(found)) = item.next() {
                    match found {
                        b"name" => cells.sensor = item.scalar(),
                        b"time" => cells.time = item.scalar(),
                        b"values" => match item.next() {
                            Some(Event::Open { list: false }) => {
                                while let Some(Event::Name(axis)) = item.next() {
                                    cells.value(columns, axis, item);
                                }
                            }
                            Some(Event::Open { list: true }) => item.leave(),
                            _ => {}
                        },
                        _ => item.pass(),
                    }
                }
                if cells.sensor == Some(name.as_bytes()) {
                    rows.extend(cells.row(time, noticed, 0, place));
                }
            });
        }
        Ok(())
    }
}

impl Rows for MessageRows {
    fn next(&mut self) -> Result<Option<Row>, Fault> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Ok(Some(row));
            }
            let Some(&message) = self.messages.get(self.next) else { return Ok(None) };
            self.next += 1;
            self.message(message)?;
        }
    }

    fn rewind(&mut self) {
        self.next = 0;
        self.rows.clear();
        self.noticed = Noticed::default();
    }

    fn noticed(&self) -> &Noticed {
        &self.noticed
    }
}
