//! `log.bin`: read in blocks, records found one after the other, checked and unpacked by several threads.

use super::imu::Schema;
use super::record::{self, Damage, LONGEST, Record};
use super::seconds::{Beat, Seconds};
use super::unpack::{Packing, Scale};
use crate::bytes::Bytes;
use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};
use rayon::prelude::*;

/// Bytes read at once.
const BLOCK: usize = 1 << 20;
/// Records that one thread takes at a time.
const GROUP: usize = 64;

/// Kinds of records.
pub(super) const ACTIVITY: u8 = 0x00;
pub(super) const EVENT: u8 = 0x03;
pub(super) const METADATA: u8 = 0x06;
pub(super) const PARAMETERS: u8 = 0x15;
pub(super) const SENSOR_SCHEMA: u8 = 0x18;
pub(super) const SENSOR_DATA: u8 = 0x19;
pub(super) const ACTIVITY2: u8 = 0x1a;
pub(super) const ACTIVITY3: u8 = 0x1b;
/// What an EVENT says when the device falls asleep because nothing moves.
const FELL_ASLEEP: u8 = 0x08;

/// How the samples of a kind of record are packed.
pub(super) fn packing(kind: u8) -> Option<Packing> {
    match kind {
        ACTIVITY => Some(Packing::Twelve),
        ACTIVITY2 => Some(Packing::Sixteen),
        _ => None,
    }
}

/// The file in blocks that hold whole records.
pub(super) struct Blocks {
    bytes: Bytes,
    /// Where in the file the buffer begins.
    offset: u64,
    buffer: Vec<u8>,
    /// Bytes of the buffer that have been taken, and that are filled.
    taken: usize,
    filled: usize,
    ended: bool,
}

impl Blocks {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, offset: 0, buffer: Vec::new(), taken: 0, filled: 0, ended: false }
    }

    fn rewind(&mut self) {
        (self.offset, self.taken, self.filled, self.ended) = (0, 0, 0, false);
    }

    /// Reads on; false at the end. Records that begin before [`limit`](Self::limit) end within the buffer, or the file ends in them.
    pub(super) fn next(&mut self) -> Result<bool, Fault> {
        if self.buffer.is_empty() {
            let len = usize::try_from(self.bytes.len()).unwrap_or(usize::MAX);
            self.buffer.resize(len.clamp(1, BLOCK + LONGEST), 0);
        }
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.offset += self.taken as u64;
        self.filled -= self.taken;
        self.taken = 0;
        let at = self.offset + self.filled as u64;
        self.filled += self.bytes.read_at(at, &mut self.buffer[self.filled..])?;
        self.ended = self.offset + self.filled as u64 >= self.bytes.len() || self.filled < self.buffer.len();
        Ok(self.filled > 0)
    }

    fn limit(&self) -> usize {
        if self.ended { self.filled } else { self.filled.saturating_sub(LONGEST) }
    }

    pub(super) fn buffer(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// The whole records of what has been read.
    pub(super) fn search(&mut self, number: &mut u64, damage: &mut Damage) -> Vec<Record> {
        let found = record::search(self.buffer(), self.limit(), self.offset, number, damage);
        self.taken = found.next.min(self.filled);
        found.records
    }
}

/// What is taken out of `log.bin`, and how.
pub(super) struct Plan {
    pub(super) scale: Scale,
    pub(super) beat: Beat,
    /// The gyroscope of some devices.
    pub(super) gyroscope: Option<Schema>,
    /// Second of the device's clock that is the recording's zero.
    pub(super) zero: u32,
}

/// Pulls the samples out of `log.bin`.
pub(super) struct LogReader {
    blocks: Blocks,
    plan: Plan,
    /// When a second's samples of the gyroscope were taken.
    turns: Beat,
    state: State,
}

/// What happened so far.
#[derive(Clone, Default)]
struct State {
    /// Records so far, whole or not.
    number: u64,
    damage: Damage,
    seconds: Seconds,
    /// Those of the gyroscope.
    turned: Seconds,
}

/// What is taken from a record.
#[derive(Clone, Copy)]
enum Take {
    Nothing,
    /// So many samples.
    Acceleration(Packing, usize),
    Rotation(usize),
}

/// Samples that are taken, of acceleration and of the gyroscope.
type Samples = [usize; 2];

impl Take {
    fn samples(self) -> Samples {
        match self {
            Self::Nothing => [0, 0],
            Self::Acceleration(_, n) => [n, 0],
            Self::Rotation(n) => [0, n],
        }
    }
}

fn sum(all: Samples, more: Samples) -> Samples {
    [all[0] + more[0], all[1] + more[1]]
}

/// Records for one thread, and where their samples go.
struct Group<'a> {
    records: &'a [(Record, Take)],
    values: [&'a mut [[f32; 3]]; 2],
    times: [&'a mut [i64]; 2],
}

impl LogReader {
    pub(super) fn new(bytes: Bytes, plan: Plan) -> Self {
        let turns = Beat::new(plan.gyroscope.as_ref().map_or(1.0, |schema| schema.rate() as f64));
        Self { blocks: Blocks::new(bytes), plan, turns, state: State::default() }
    }

    fn sensors(&self) -> usize {
        1 + usize::from(self.plan.gyroscope.is_some())
    }

    /// Decides what is taken from each record.
    fn decide(&mut self, records: &[Record], first: u64) -> Vec<(Record, Take)> {
        let buffer = self.blocks.buffer();
        let (seconds, turned) = (&mut self.state.seconds, &mut self.state.turned);
        let plan = &self.plan;
        let mut take = |record: &Record, number: u64| {
            if let Some(packing) = packing(record.kind) {
                let n = packing.samples(record.len());
                if n > 0 && seconds.take(record.second, number, n, plan.beat.rate()) {
                    return Take::Acceleration(packing, n);
                }
            } else if record.kind == EVENT && record.content(buffer).first() == Some(&FELL_ASLEEP) {
                seconds.sleep();
            } else if let Some(schema) = plan.gyroscope.as_ref().filter(|_| record.kind == SENSOR_DATA) {
                let n = schema.samples(record.content(buffer));
                if n > 0 && turned.take(record.second, number, n, schema.rate()) {
                    return Take::Rotation(n);
                }
            }
            Take::Nothing
        };
        records.iter().zip(first..).map(|(record, number)| (*record, take(record, number))).collect()
    }

    /// Unpacks records; false if one of them is not whole, where that is still to be looked at.
    fn unpack(&self, taken: &[(Record, Take)], check: bool, chunk: &mut Chunk) -> bool {
        let total = taken.iter().map(|(_, take)| take.samples()).fold([0, 0], sum);
        let mut rest: [(&mut [[f32; 3]], &mut [i64]); 2] = Default::default();
        for ((part, n), rest) in chunk.parts.iter_mut().zip(total).zip(&mut rest) {
            part.values.resize(n, [0.0; 3]);
            part.times_ns.resize(n, 0);
            *rest = (&mut part.values, &mut part.times_ns);
        }
        let mut groups = Vec::with_capacity(taken.len() / GROUP + 1);
        for records in taken.chunks(GROUP) {
            let samples = records.iter().map(|(_, take)| take.samples()).fold([0, 0], sum);
            let mut group = Group { records, values: Default::default(), times: Default::default() };
            for (sensor, (values, times)) in rest.iter_mut().enumerate() {
                let n = samples[sensor];
                group.values[sensor] = values.split_off_mut(..n).unwrap_or_default();
                group.times[sensor] = times.split_off_mut(..n).unwrap_or_default();
            }
            groups.push(group);
        }
        let buffer = self.blocks.buffer();
        groups.into_par_iter().all(|group| self.unpack_group(group, check, buffer))
    }

    fn unpack_group(&self, group: Group<'_>, check: bool, buffer: &[u8]) -> bool {
        let Group { records, values: [acceleration, rotation], times: [times, turns] } = group;
        let mut at = [0, 0];
        records.iter().all(|&(record, take)| {
            let content = record.content(buffer);
            let second = i64::from(record.second) - i64::from(self.plan.zero);
            let end = sum(at, take.samples());
            match (take, &self.plan.gyroscope) {
                (Take::Acceleration(packing, _), _) => {
                    self.plan.scale.unpack(packing, content, &mut acceleration[at[0]..end[0]]);
                    self.plan.beat.stamp(second, &mut times[at[0]..end[0]]);
                }
                (Take::Rotation(_), Some(schema)) => {
                    schema.unpack(content, &mut rotation[at[1]..end[1]]);
                    self.turns.stamp(second, &mut turns[at[1]..end[1]]);
                }
                _ => {}
            }
            at = end;
            !check || record.is_whole(buffer)
        })
    }
}

impl Reader for LogReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors());
        if !self.blocks.next()? {
            return Ok(false);
        }
        let before = self.state.clone();
        let limit = self.blocks.limit();
        if let Some(found) = record::follow(self.blocks.buffer(), limit) {
            self.state.number += found.records.len() as u64;
            let taken = self.decide(&found.records, before.number);
            if self.unpack(&taken, true, chunk) {
                self.blocks.taken = found.next;
                return Ok(true);
            }
        }
        self.state = before;
        let State { number, damage, .. } = &mut self.state;
        let first = *number;
        let records = self.blocks.search(number, damage);
        // Behind a damaged record the numbers that tell of seconds are too small by one, those of damage are not.
        let taken = self.decide(&records, first);
        self.unpack(&taken, false, chunk);
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind();
        self.state = State::default();
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = damage_findings(&self.state.damage);
        all.extend(self.state.seconds.findings(self.plan.zero));
        all
    }
}

fn damage_findings(damage: &Damage) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut warn = |count: u64, line: Option<u64>, text: String| {
        let place = Place { line, ..Place::default() };
        all.push(Finding::new(FindingKind::File, Severity::Warning, text).at(place).times(count));
    };
    if let Some(first) = damage.first {
        let how = match first.checksum {
            Some((found, expected)) => format!("its checksum is {found:#04x}, expected {expected:#04x}"),
            None => "it is larger than what is left of the file".to_owned(),
        };
        let text = format!(
            "{} damaged records of log.bin skipped, the first is record {} (from 0) at byte {}: {how}",
            damage.records, first.number, first.at
        );
        warn(damage.records, Some(first.number), text);
    }
    if let Some(first) = damage.first_foreign {
        let bytes = damage.foreign;
        let text = format!(
            "{bytes} bytes of log.bin belong to no record and are skipped, the first is byte {first}"
        );
        warn(1, None, text);
    }
    if let Some(at) = damage.cut {
        warn(1, None, format!("log.bin ends within the record that begins at byte {at}: dropped"));
    }
    all
}
