//! Rows of one sensor of a file, and what was noticed in them.

use super::walk::Walk;
use crate::error::{Fault, quoted};
use crate::number::{self, Point};
use crate::time::TimeReader;
use ambulo_signal::{Finding, FindingKind, Place as At, Severity};

/// One row of a sensor: its time in nanoseconds, and up to two triples of columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) time_ns: i64,
    pub(super) parts: [[f32; 3]; 2],
}

/// The rows of one sensor of the file.
pub(super) trait Rows: Send {
    fn next(&mut self) -> Result<Option<Row>, Fault>;
    /// Begins again, and forgets what was noticed.
    fn rewind(&mut self);
    fn noticed(&self) -> &Noticed;
}

/// Something that was noticed: how often, and where first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) count: u64,
    pub(super) line: u64,
    text: String,
}

impl Event {
    pub(super) fn add(&mut self, line: u64, text: impl FnOnce() -> String) {
        if self.count == 0 {
            (self.line, self.text) = (line, text());
        }
        self.count += 1;
    }

    pub(super) fn finding(&self, kind: FindingKind, what: &str) -> Option<Finding> {
        let at = At { line: Some(self.line).filter(|&line| line > 0), ..At::default() };
        let line = if self.line > 0 { format!("in line {}: ", self.line) } else { String::new() };
        let text = format!("{} {what}, the first {line}{}", self.count, self.text);
        (self.count > 0).then(|| Finding::new(kind, Severity::Warning, text).at(at).times(self.count))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Noticed {
    pub(super) unreadable: Event,
    pub(super) no_time: Event,
}

impl Noticed {
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        let unreadable = "values are no numbers and count as missing";
        let unreadable = self.unreadable.finding(FindingKind::Missing, unreadable);
        let no_time = "samples have no time that can be read: left out";
        unreadable.into_iter().chain(self.no_time.finding(FindingKind::Clock, no_time))
    }
}

/// A value, NaN where it is missing; none if it is no number.
pub(super) fn value(cell: &[u8]) -> Option<f32> {
    match number::whole(cell, Point::DOT) {
        Some(number) => Some(number.to_f32(cell.trim_ascii())),
        None => number::is_missing(cell).then_some(f32::NAN),
    }
}

/// The columns of a sensor.
#[derive(Clone, Debug)]
pub(super) struct Columns(pub(super) Vec<[&'static str; 3]>);

impl Columns {
    /// Which part and axis a name is.
    pub(super) fn find(&self, name: &[u8]) -> Option<(usize, usize)> {
        self.0.iter().take(2).enumerate().find_map(|(part, axes)| {
            let axis = axes.iter().position(|axis| name.eq_ignore_ascii_case(axis.as_bytes()))?;
            Some((part, axis))
        })
    }
}

/// What an object says of a row, while it is read.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    pub(super) sensor: Option<&'a [u8]>,
    pub(super) time: Option<&'a [u8]>,
    parts: [[f32; 3]; 2],
    /// A value that is no number.
    wrong: Option<&'a [u8]>,
}

impl Default for Cells<'_> {
    fn default() -> Self {
        Self { sensor: None, time: None, parts: [[f32::NAN; 3]; 2], wrong: None }
    }
}

impl<'a> Cells<'a> {
    /// Takes up the value behind a name.
    pub(super) fn value(&mut self, columns: &Columns, name: &[u8], walk: &mut Walk<'a>) {
        let Some((part, axis)) = columns.find(name) else { return walk.pass() };
        let Some(cell) = walk.scalar() else { return };
        match value(cell) {
            Some(value) => self.parts[part][axis] = value,
            None => self.wrong = Some(cell),
        }
    }

    /// The row, if its time can be read.
    pub(super) fn row(
        self,
        time: &TimeReader,
        noticed: &mut Noticed,
        line: u64,
        place: impl Fn() -> String,
    ) -> Option<Row> {
        let text = |cell: &[u8]| format!("{}{}", place(), quoted(cell));
        let when = self.time.unwrap_or_default();
        if let Some(cell) = self.wrong {
            noticed.unreadable.add(line, || text(cell));
        }
        let stamp = time.read(when);
        if stamp.is_err() {
            noticed.no_time.add(line, || text(when));
        }
        stamp.ok().map(|stamp| Row { time_ns: stamp.ns, parts: self.parts })
    }
}
