//! Objects as rows of samples.

use super::{Names, cells};
use crate::bytes::Bytes;
use crate::error::{Fault, quoted};
use crate::json::lanes;
use crate::json::objects::{Object, Objects};
use crate::json::rows::{Event, value};
use crate::json::walk::{Event as Walked, Walk, unescaped};
use crate::plan::{Plan, TimePlan};
use crate::reader::Reader;
use crate::time::{NoTime, TimeReader};
use crate::timing::{Batch, NO_TIME, Timing};
use ambulo_signal::{Chunk, Finding, FindingKind};

/// Rows of a chunk.
const PIECE: usize = 1 << 13;

/// What a column is read for.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// The first or second cell of a time.
    Time(usize),
    Axis {
        sensor: usize,
        axis: usize,
    },
}

/// Reads the rows of a document.
pub(super) struct LineReader {
    objects: Objects,
    names: Names,
    /// For each column.
    used: Vec<Option<Use>>,
    time: Option<TimeReader>,
    joined: bool,
    sensors: usize,
    timing: Timing,
    noticed: Noticed,
    ended: bool,
}

#[derive(Default)]
struct Noticed {
    unreadable: Event,
    no_time: Event,
    foreign: Event,
    zone: Event,
    offset_s: Option<i32>,
}

impl LineReader {
    pub(super) fn new(bytes: &Bytes, names: Names, plan: &Plan) -> Self {
        let mut used = vec![None; names.written.len()];
        let mut set = |column: usize, what: Use| {
            if let Some(place) = used.get_mut(column) {
                *place = Some(what);
            }
        };
        let (mut time, mut joined) = (None, false);
        let parts = plan.parts();
        for (sensor, columns) in parts.iter().enumerate() {
            for (axis, &column) in columns.iter().enumerate() {
                set(column, Use::Axis { sensor, axis });
            }
        }
        if let TimePlan::Column { column, joined: both, reader, .. } = plan.time {
            (time, joined) = (Some(reader), both);
            set(column, Use::Time(0));
            if both {
                set(column + 1, Use::Time(1));
            }
        }
        Self {
            objects: Objects::records(bytes),
            names,
            used,
            time,
            joined,
            sensors: parts.len(),
            timing: Timing::new(plan),
            noticed: Noticed::default(),
            ended: false,
        }
    }

    /// The next rows; fewer at the end.
    fn batch(&mut self) -> Result<Batch, Fault> {
        let mut batch = Batch::new(self.sensors);
        let Self { objects, names, used, noticed, .. } = self;
        let mut path = Vec::new();
        while batch.rows < PIECE {
            let Some(Object { text, place, .. }) = objects.next()? else {
                self.ended = true;
                break;
            };
            for values in &mut batch.values {
                values.push([f32::NAN; 3]);
            }
            batch.rows += 1;
            let (mut when, mut said) = ([&b""[..]; 2], false);
            cells(text, &mut path, |name, cell| {
                let Some(what) = names.find(name).and_then(|column| used[column]) else { return };
                said = true;
                match what {
                    Use::Time(part) => when[part] = cell,
                    Use::Axis { sensor, axis } => match (value(cell), batch.values[sensor].last_mut()) {
                        (Some(value), Some(last)) => last[axis] = value,
                        _ => noticed.unreadable.add(place.line, || quoted(cell)),
                    },
                }
            });
            if !said {
                // Its name, not what it says: an annotation may stand there.
                let name = Walk::new(text).nth(1);
                noticed.foreign.add(place.line, || match name {
                    Some(Walked::Name(name)) => quoted(name),
                    _ => "without names".to_owned(),
                });
                for values in &mut batch.values {
                    values.pop();
                }
                batch.rows -= 1;
                continue;
            }
            if let Some(reader) = &self.time {
                let cell = match self.joined {
                    true => [&*unescaped(when[0]), b" ", &*unescaped(when[1])].concat().into(),
                    false => unescaped(when[0]),
                };
                batch.times.push(noticed.time(reader, &cell, place.line)?);
            }
        }
        Ok(batch)
    }
}

impl Noticed {
    fn time(&mut self, reader: &TimeReader, cell: &[u8], line: u64) -> Result<i64, Fault> {
        match reader.read(cell) {
            Ok(stamp) => {
                if let (Some(offset), Some(before)) = (stamp.offset_s, self.offset_s)
                    && offset != before
                {
                    self.zone.add(line, || quoted(cell));
                }
                self.offset_s = stamp.offset_s.or(self.offset_s);
                // The smallest number is taken; no clock shows it.
                Ok(stamp.ns.max(NO_TIME + 1))
            }
            Err(NoTime::Order) => Err(Fault::damaged(
                format!("line {line}"),
                quoted(cell),
                "a date with day and month in the order of the others",
            )),
            Err(NoTime::Missing | NoTime::Unreadable) => {
                self.no_time.add(line, || quoted(cell));
                Ok(NO_TIME)
            }
        }
    }
}

impl Reader for LineReader {
    fn rewind(&mut self) -> Result<(), Fault> {
        self.objects.rewind();
        self.timing.rewind();
        self.noticed = Noticed::default();
        self.ended = false;
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors);
        if self.ended {
            return Ok(false);
        }
        let batch = self.batch()?;
        self.timing.give(batch, self.ended, chunk)?;
        Ok(!self.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn findings(&self) -> Vec<Finding> {
        use FindingKind::{Clock, File, Missing};
        let noticed = &self.noticed;
        let no_time =
            format!("rows have no time ({} times taken from the rows around)", self.timing.filled_in());
        let all = [
            (&noticed.foreign, File, "objects have none of the names that are read: skipped"),
            (&noticed.unreadable, Missing, "values are no numbers and count as missing"),
            (&noticed.no_time, Clock, no_time.as_str()),
            (&noticed.zone, Clock, "times change their offset from UTC, and are read with it"),
        ];
        let mut all: Vec<Finding> =
            all.into_iter().filter_map(|(event, kind, what)| event.finding(kind, what)).collect();
        all.extend(lanes::damage(self.objects.damage()));
        all.extend(self.timing.findings());
        all
    }
}
