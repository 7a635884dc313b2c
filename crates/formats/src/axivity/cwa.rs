//! `.cwa`: a header of 1,024 bytes, then blocks of 512 with a stamp and some dozens of samples each.

use super::block::{self, Block, LENGTH, Parsed};
use super::track::{Span, Track};
use super::{decode, header};
use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{Chunk, Finding, Header, Samples, Sensor, SensorInfo, Start, Unit};
use rayon::prelude::*;

/// Samples of a chunk, at most.
const CHUNK: usize = 48_000;
/// Blocks that a thread takes at a time: what they hold and what they become fit its own cache.
const PIECE: usize = 64;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    header::is_header(head).then(|| "it begins with `MD` and a header of 1020 bytes".to_owned())
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let header = header::read(&input.bytes.head(header::LENGTH)?, options.identity)?;
    let first = first(&input.bytes)?;
    let mut sensors = vec![SensorInfo {
        unit: Some(Unit::G),
        unit_because: format!("each block: 1/{} g a count", first.per_g),
        rate_hz: Some(first.rate_hz),
        ..SensorInfo::new(Sensor::Accelerometer)
    }];
    let mut conversions = vec!["acceleration: counts of the device to g".to_owned()];
    if first.layout.has_gyroscope() {
        sensors.push(SensorInfo {
            sensor: Sensor::Gyroscope,
            unit: Some(Unit::DegreesPerSecond),
            unit_because: format!("each block: full scale {} deg/s", first.full_scale),
            ..sensors[0].clone()
        });
        conversions.push("angular velocity: counts of the device to deg/s".to_owned());
    }
    if first.layout == block::Layout::Nine {
        conversions.push("magnetometer: left aside".to_owned());
    }
    let reader = CwaReader::new(input.bytes.clone(), first.start_ns, &first);
    Ok(vec![Found {
        format: Format::Cwa,
        dialect: None,
        because: String::new(),
        header: Header {
            device: Some(header.device.to_owned()),
            start: Start::Local { local_ns: first.start_ns },
            autocalibrate: true,
            identity: header.identity,
            sensors,
            conversions,
            ..Header::default()
        },
        reader: Box::new(reader),
    }])
}

/// The first sound block with samples in it.
fn first(bytes: &Bytes) -> Result<Block, Fault> {
    let mut buffer = vec![0; 256 * LENGTH];
    let mut at = header::LENGTH as u64;
    let mut why = None;
    let mut blocks = 0u64;
    loop {
        let n = bytes.read_at(at, &mut buffer)?;
        let (whole, _) = buffer[..n].as_chunks::<LENGTH>();
        if whole.is_empty() {
            break;
        }
        for bytes in whole {
            match block::parse(bytes) {
                Parsed::Sound(block) if block.samples > 0 => return Ok(block),
                Parsed::Unsound(unsound) => _ = why.get_or_insert((blocks, unsound)),
                _ => {}
            }
            blocks += 1;
        }
        at += (whole.len() * LENGTH) as u64;
    }
    let rest = bytes.len().saturating_sub(at);
    match why {
        Some((index, unsound)) if !matches!(unsound, block::Unsound::Blank(_)) => Err(Fault::damaged(
            format!("block {index} (byte {})", header::LENGTH as u64 + index * LENGTH as u64),
            format!("{unsound}; none of the {blocks} blocks can be read"),
            "a block of data",
        )),
        _ => Err(Fault::NoRows(match (blocks, rest) {
            (0, 0) => "a header, and no data recorded".to_owned(),
            (0, rest) => format!("a header, no whole block ({rest} bytes of {LENGTH}), no data recorded"),
            _ => format!("a header and {blocks} blocks without samples, no data recorded"),
        })),
    }
}

/// Reads the blocks of a file.
#[derive(Debug)]
struct CwaReader {
    bytes: Bytes,
    origin_ns: i64,
    gyroscope: bool,
    /// Blocks of a chunk.
    most: usize,
    /// Blocks that were read.
    index: u64,
    ended: bool,
    track: Track,
    buffer: Vec<u8>,
    parsed: Vec<Parsed>,
    spans: Vec<Span>,
}

impl CwaReader {
    fn new(bytes: Bytes, origin_ns: i64, first: &Block) -> Self {
        // Of the kind of the first block; a file that changes to the smallest samples gives three times as many.
        let most = CHUNK * first.layout.stride() / block::DATA_LENGTH;
        Self {
            bytes,
            origin_ns,
            gyroscope: first.layout.has_gyroscope(),
            most: most.next_multiple_of(PIECE),
            index: 0,
            ended: false,
            track: Track::new(origin_ns),
            buffer: Vec::new(),
            parsed: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Reads and checks the next blocks. Which bytes are there is known beforehand, so that several threads can read.
    fn load(&mut self) -> Result<(), Fault> {
        let at = header::LENGTH as u64 + self.index * LENGTH as u64;
        let left = self.bytes.len().saturating_sub(at);
        let blocks = usize::try_from(left / LENGTH as u64).map_or(self.most, |n| n.min(self.most));
        self.buffer.resize(blocks * LENGTH, 0);
        self.parsed.resize(blocks, Parsed::Other);
        let bytes = &self.bytes;
        let load = |(piece, (buffer, parsed)): (usize, (&mut [u8], &mut [Parsed]))| {
            let n = bytes.read_at(at + (piece * PIECE * LENGTH) as u64, buffer)?;
            // A file that shrinks meanwhile has blank blocks at its end.
            buffer[n..].fill(0);
            for (block, parsed) in buffer.as_chunks::<LENGTH>().0.iter().zip(parsed) {
                *parsed = block::parse(block);
            }
            Ok(())
        };
        self.buffer
            .par_chunks_mut(PIECE * LENGTH)
            .zip(self.parsed.par_chunks_mut(PIECE))
            .enumerate()
            .try_for_each(load)
            .map_err(Fault::Io)?;
        if blocks < self.most {
            self.ended = true;
        }
        Ok(())
    }

    /// Decides when each block was.
    fn follow(&mut self) {
        self.spans.clear();
        for parsed in &mut self.parsed {
            let span = self.track.step(self.index, parsed);
            if span.is_none() {
                *parsed = Parsed::Other;
            }
            self.spans.push(span.unwrap_or_default());
            self.index += 1;
        }
        if self.ended {
            let rest = self.bytes.len().saturating_sub(header::LENGTH as u64) % LENGTH as u64;
            if rest > 0 {
                self.track.cut(self.index, rest);
            }
            self.track.end();
        }
    }

    /// Fills the chunk with what the blocks hold.
    fn decode(&self, chunk: &mut Chunk) {
        let pieces: Vec<[usize; 2]> = self.parsed.chunks(PIECE).map(|piece| self.samples(piece)).collect();
        let mut rests: Vec<(&mut [i64], &mut [[f32; 3]])> = Vec::with_capacity(2);
        for (sensor, part) in chunk.parts.iter_mut().enumerate() {
            let total = pieces.iter().map(|piece| piece[sensor.min(1)]).sum();
            // What is there is written over: filling it first would cost as much as reading.
            part.times_ns.resize(total, 0);
            part.values.resize(total, [0.0; 3]);
            rests.push((&mut part.times_ns, &mut part.values));
        }
        let mut jobs = Vec::with_capacity(pieces.len());
        for (i, samples) in pieces.iter().enumerate() {
            let mut parts = rests.iter_mut().zip(samples).map(|((times, values), samples)| {
                let (Some(times), Some(values)) =
                    (times.split_off_mut(..*samples), values.split_off_mut(..*samples))
                else {
                    return Part::default();
                };
                Part { times, values }
            });
            let (acceleration, gyroscope) =
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let blocks = i * PIECE..((i + 1) * PIECE).min(self.parsed.len());
            jobs.push(Job {
                bytes: &self.buffer.as_chunks().0[blocks.clone()],
                parsed: &self.parsed[blocks.clone()],
                spans: &self.spans[blocks],
                acceleration,
                gyroscope,
            });
        }
        jobs.into_par_iter().for_each(|job| job.run(self.gyroscope));
    }

    /// Samples of both sensors in some blocks.
    fn samples(&self, blocks: &[Parsed]) -> [usize; 2] {
        let mut samples = [0; 2];
        for parsed in blocks {
            let Parsed::Sound(block) = parsed else { continue };
            samples[0] += block.samples;
            if self.gyroscope && block.layout.has_gyroscope() {
                samples[1] += block.samples;
            }
        }
        samples
    }
}

/// Where the samples of a sensor go.
#[derive(Default)]
struct Part<'a> {
    times: &'a mut [i64],
    values: &'a mut [[f32; 3]],
}

/// Some blocks and where their samples go.
struct Job<'a> {
    bytes: &'a [[u8; LENGTH]],
    parsed: &'a [Parsed],
    spans: &'a [Span],
    acceleration: Part<'a>,
    gyroscope: Part<'a>,
}

impl Job<'_> {
    fn run(self, gyroscope: bool) {
        let (Part { times, values }, angular) = (self.acceleration, self.gyroscope);
        let (mut at, mut angular_at) = (0, 0);
        for ((bytes, parsed), span) in self.bytes.iter().zip(self.parsed).zip(self.spans) {
            let Parsed::Sound(block) = parsed else { continue };
            let range = at..at + block.samples;
            at = range.end;
            let times = &mut times[range.clone()];
            decode::times(span.first_ns, span.length_ns, times);
            decode::acceleration(bytes, block, &mut values[range]);
            if gyroscope && block.layout.has_gyroscope() {
                let range = angular_at..angular_at + block.samples;
                angular_at = range.end;
                angular.times[range.clone()].copy_from_slice(times);
                decode::angular_velocity(bytes, block, &mut angular.values[range]);
            }
        }
    }
}

impl Reader for CwaReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        let sensors = if self.gyroscope { 2 } else { 1 };
        if self.ended {
            chunk.clear(sensors);
            return Ok(false);
        }
        chunk.parts.resize_with(sensors, Samples::default);
        if let Err(fault) = self.load() {
            chunk.clear(sensors);
            return Err(fault);
        }
        self.follow();
        self.decode(chunk);
        Ok(!self.ended || !chunk.parts[0].is_empty())
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        (self.index, self.ended) = (0, false);
        self.track = Track::new(self.origin_ns);
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        self.track.losses.findings()
    }
}
