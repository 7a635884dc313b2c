//! Lines of a recording that is still going on, as CSV or JSON Lines: each is read when it comes.
//!
//! What the columns are is decided as for a file, from the first [`FIRST`] rows or as many more as it takes; they are given out then.

mod clock;

pub(crate) use clock::LiveClock;

use crate::error::{Fault, FormatError, Need};
use crate::json::live::ObjectLines;
use crate::options::ReadOptions;
use crate::plan::Plan;
use crate::table::live::TableLines;
use ambulo_signal::{Header, Sensor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// Lines that are looked at before it is decided what they hold; if these do not tell, twice as many, and so on.
const FIRST: usize = 10;
/// The most of them.
const MOST: usize = 640;

/// One sample of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveSample {
    /// Whose it is.
    pub sensor: Sensor,
    /// Nanoseconds from the recording's zero, the first time in it.
    pub time_ns: i64,
    /// Axes x, y, z in the unit of the header; NaN where a value is missing.
    pub value: [f32; 3],
}

/// A line that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Which, from 1.
    pub line: u64,
    /// What is wrong with it; text of the line is quoted, shortened and escaped.
    pub found: String,
    /// What should be there.
    pub expected: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; expected {}", self.line, self.found, self.expected)
    }
}

/// What came of lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// Samples in the order of the lines; of each sensor at least.
    pub samples: Vec<LiveSample>,
    /// Lines that were not read.
    pub bad: Vec<BadLine>,
}

/// Reads a recording line by line, while it is going on.
#[derive(Debug)]
pub struct LiveReader {
    options: ReadOptions,
    lines: Lines,
    /// Lines taken.
    line: u64,
    header: Header,
}

#[derive(Debug)]
enum Lines {
    Unknown,
    Table(Box<TableLines>),
    Objects(Box<ObjectLines>),
}

/// What a reader has to know to go on; it is written into files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveState(State);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Unknown,
    Table(HeadState),
    Objects(Vec<HeadState>),
}

/// The first lines, by which it is decided what lines hold, and the clock from then on; without a clock it is not decided yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeadState {
    /// The sensor whose lines these are, where each line is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sensor: Option<Sensor>,
    pub(crate) lines: Vec<Vec<u8>>,
    pub(crate) clock: Option<LiveClock>,
}

impl LiveReader {
    /// Nothing has come yet. Of the options, format, device and identity do not matter here.
    #[must_use]
    pub fn new(options: ReadOptions) -> Self {
        Self { options, lines: Lines::Unknown, line: 0, header: Header::default() }
    }

    /// Goes on where another reader with the same options was when it gave its state; lines count from 1 again.
    ///
    /// # Errors
    /// A state that does not go with the options.
    pub fn going_on(options: ReadOptions, state: LiveState) -> Result<Self, FormatError> {
        let lines = match state.0 {
            State::Unknown => Ok(Lines::Unknown),
            State::Table(head) => TableLines::going_on(&options, head).map(|t| Lines::Table(Box::new(t))),
            State::Objects(heads) => {
                ObjectLines::going_on(&options, heads).map(|objects| Lines::Objects(Box::new(objects)))
            }
        };
        let mut reader = Self { lines: lines.map_err(named)?, ..Self::new(options) };
        reader.settle();
        Ok(reader)
    }

    /// Takes a line without its end.
    ///
    /// # Errors
    /// When it cannot be told what lines hold, or they turn to holding something else. A line that merely cannot be read is in what
    /// was taken.
    pub fn line(&mut self, text: &[u8], taken: &mut Taken) -> Result<(), FormatError> {
        self.line += 1;
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = if self.line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        if matches!(self.lines, Lines::Unknown) {
            self.lines = match text.trim_ascii_start() {
                [b'{', ..] => Lines::Objects(Box::default()),
                _ => Lines::Table(Box::default()),
            };
        }
        let done = match &mut self.lines {
            Lines::Unknown => Ok(()),
            Lines::Table(table) => table.line(&self.options, self.line, text, taken),
            Lines::Objects(objects) => objects.line(&self.options, self.line, text, taken),
        };
        self.settle();
        done.map_err(named)
    }

    /// No line follows: what was kept to be looked at is read by what is known.
    ///
    /// # Errors
    /// As [`line`](Self::line); and where there is nothing.
    pub fn finish(&mut self, taken: &mut Taken) -> Result<(), FormatError> {
        let done = match &mut self.lines {
            Lines::Unknown => Err(Fault::NoRows("nothing but blank lines".to_owned())),
            Lines::Table(table) => table.finish(&self.options, taken),
            Lines::Objects(objects) => objects.finish(&self.options, taken),
        };
        self.settle();
        done.map_err(named)
    }

    /// What is known of the recording: the sensors of which it is known what their lines hold, more of them as their lines come.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether lines are kept until more of them tell what they hold.
    #[must_use]
    pub fn waits(&self) -> bool {
        match &self.lines {
            Lines::Unknown => false,
            Lines::Table(table) => table.plan().is_none(),
            Lines::Objects(objects) => objects.waits(),
        }
    }

    /// What it has to know to go on.
    #[must_use]
    pub fn state(&self) -> LiveState {
        LiveState(match &self.lines {
            Lines::Unknown => State::Unknown,
            Lines::Table(table) => State::Table(table.state()),
            Lines::Objects(objects) => State::Objects(objects.state()),
        })
    }

    /// Takes up sensors that became known.
    fn settle(&mut self) {
        let plans: Vec<&Plan> = match &self.lines {
            Lines::Unknown => Vec::new(),
            Lines::Table(table) => table.plan().into_iter().collect(),
            Lines::Objects(objects) => objects.plans().collect(),
        };
        if self.header.sensors.is_empty()
            && let Some(first) = plans.first()
        {
            self.header.start = first.start;
        }
        for plan in plans {
            let new = |sensor: &&crate::plan::SensorPlan| self.header.position(sensor.info.sensor).is_none();
            let found: Vec<_> = plan.sensors.iter().filter(new).map(|sensor| sensor.info.clone()).collect();
            if !found.is_empty() {
                self.header.sensors.extend(found);
                self.header.conversions.extend(plan.conversions.iter().cloned());
                self.header.findings.extend(plan.findings.iter().cloned());
            }
        }
    }
}

/// Lines that were kept until it is decided what they hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head(Vec<(u64, Vec<u8>)>);

impl Head {
    pub(crate) fn of(lines: Vec<Vec<u8>>) -> Self {
        Self((1..).zip(lines).collect())
    }

    /// Keeps a line; whether it is time to look.
    pub(crate) fn push(&mut self, number: u64, text: &[u8]) -> bool {
        self.0.push((number, text.to_vec()));
        let count = self.0.len();
        count >= MOST || count.is_multiple_of(FIRST) && (count / FIRST).is_power_of_two()
    }

    /// Number and text of each.
    pub(crate) fn lines(&self) -> &[(u64, Vec<u8>)] {
        &self.0
    }

    pub(crate) fn texts(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|(_, text)| text.clone()).collect()
    }

    /// What was decided; nothing where more lines may tell.
    pub(crate) fn decided<T>(&self, found: Result<T, Fault>, ended: bool) -> Result<Option<T>, Fault> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(fault) => {
                let need = matches!(fault, Fault::Needs { need: Need::TimeFormat | Need::Rate, .. });
                let more = need || matches!(fault, Fault::Empty | Fault::NoRows(_) | Fault::NoTable(_));
                if more && !ended && self.0.len() < MOST { Ok(None) } else { Err(fault) }
            }
        }
    }
}

/// Refuses what only a file can be read with.
pub(crate) fn check(plan: &Plan) -> Result<(), Fault> {
    if plan.wraps_ns.is_none() {
        return Ok(());
    }
    Err(Fault::Unsupported {
        what: "a stream whose times are a counter that begins anew".to_owned(),
        hint: "send times that go on".to_owned(),
    })
}

/// Gives the samples of a row: a value of each part that is read; none where the row says nothing of it.
pub(crate) fn give(plan: &Plan, time_ns: i64, parts: &[Option<[f32; 3]>], samples: &mut Vec<LiveSample>) {
    const MISSING: [f32; 3] = [f32::NAN; 3];
    let part = |place: usize| parts.get(place).copied().flatten();
    for (sensor, output) in plan.sensors.iter().zip(plan.each_output()) {
        if let Some(value) = part(output.part) {
            let plus = output.plus.map(|(place, _)| part(place).unwrap_or(MISSING));
            samples.push(LiveSample { sensor: sensor.info.sensor, time_ns, value: output.of(value, plus) });
        }
    }
}

fn named(fault: Fault) -> FormatError {
    fault.of(Path::new("the stream"))
}
