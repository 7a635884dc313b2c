//! `log.bin`: read in blocks, records found one after the other, checked and unpacked by several threads.

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

/// Pulls the samples out of `log.bin`.
pub(super) struct LogReader {
    blocks: Blocks,
    scale: Scale,
    beat: Beat,
    /// Second of the device's clock that is the recording's zero.
    zero: u32,
    state: State,
}

/// What happened so far.
#[derive(Clone, Default)]
struct State {
    /// Records so far, whole or not.
    number: u64,
    damage: Damage,
    seconds: Seconds,
}

/// What becomes of a record.
#[derive(Clone, Copy)]
struct Planned {
    record: Record,
    /// Samples of acceleration that are taken from it.
    samples: usize,
}

impl LogReader {
    pub(super) fn new(bytes: Bytes, scale: Scale, beat: Beat, zero: u32) -> Self {
        Self { blocks: Blocks::new(bytes), scale, beat, zero, state: State::default() }
    }

    /// Decides which records are taken.
    fn plan(&mut self, records: &[Record], first: u64) -> (Vec<Planned>, usize) {
        let mut total = 0;
        let buffer = self.blocks.buffer();
        let seconds = &mut self.state.seconds;
        let planned = records.iter().zip(first..).map(|(&record, number)| {
            let mut samples = 0;
            if let Some(packing) = packing(record.kind) {
                samples = packing.samples(record.len());
                if samples > 0 && !seconds.take(record.second, number, samples, self.beat.rate()) {
                    samples = 0;
                }
            } else if record.kind == EVENT && record.content(buffer).first() == Some(&FELL_ASLEEP) {
                seconds.sleep();
            }
            total += samples;
            Planned { record, samples }
        });
        (planned.collect(), total)
    }

    /// Unpacks records; false if one of them is not whole, where that is still to be looked at.
    fn unpack(&self, planned: &[Planned], total: usize, check: bool, chunk: &mut Chunk) -> bool {
        let part = &mut chunk.parts[0];
        part.values.resize(total, [0.0; 3]);
        part.times_ns.resize(total, 0);
        let (mut values, mut times) = (part.values.as_mut_slice(), part.times_ns.as_mut_slice());
        let mut groups = Vec::with_capacity(planned.len() / GROUP + 1);
        for group in planned.chunks(GROUP) {
            let samples = group.iter().map(|planned| planned.samples).sum();
            let (own_values, rest) = values.split_at_mut(samples);
            values = rest;
            let (own_times, rest) = times.split_at_mut(samples);
            times = rest;
            groups.push((group, own_values, own_times));
        }
        let buffer = self.blocks.buffer();
        groups.into_par_iter().all(|(group, values, times)| {
            let mut at = 0;
            group.iter().all(|&Planned { record, samples }| {
                let end = at + samples;
                if let Some(packing) = packing(record.kind).filter(|_| samples > 0) {
                    self.scale.unpack(packing, record.content(buffer), &mut values[at..end]);
                    let second = i64::from(record.second) - i64::from(self.zero);
                    self.beat.stamp(second, &mut times[at..end]);
                }
                at = end;
                !check || record.is_whole(buffer)
            })
        })
    }
}

impl Reader for LogReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(1);
        if !self.blocks.next()? {
            return Ok(false);
        }
        let before = self.state.clone();
        let limit = self.blocks.limit();
        if let Some(found) = record::follow(self.blocks.buffer(), limit) {
            self.state.number += found.records.len() as u64;
            let (planned, total) = self.plan(&found.records, before.number);
            if self.unpack(&planned, total, true, chunk) {
                self.blocks.taken = found.next;
                return Ok(true);
            }
        }
        self.state = before;
        let State { number, damage, .. } = &mut self.state;
        let first = *number;
        let records = self.blocks.search(number, damage);
        // Behind a damaged record the numbers that tell of seconds are too small by one, those of damage are not.
        let (planned, total) = self.plan(&records, first);
        self.unpack(&planned, total, false, chunk);
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind();
        self.state = State::default();
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = damage_findings(&self.state.damage);
        all.extend(self.state.seconds.findings(self.zero));
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
