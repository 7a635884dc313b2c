//! `.wav` as omconvert writes it: resampled to the nominal rate, with what the channels are in the file's comment.

mod channels;
mod riff;

use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::Fault;
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use crate::time::{DateOrder, TimeFormat, TimeReader};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Place, Sensor, SensorInfo, Severity, Start, Unit};
use channels::Channels;
use riff::Riff;

/// Samples of a chunk.
const CHUNK: usize = 1 << 15;
/// Bits of the auxiliary channel: nothing was measured; an axis was at the end of its range.
const UNAVAILABLE: u16 = 0x8000;
const CLIPPED: u16 = 0x4000;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let wave = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE");
    let axivity = memchr::memmem::find(head, b": Accel-X").is_some();
    (wave && axivity).then(|| "it is a WAVE file with a channel Accel-X".to_owned())
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let riff = Riff::read(&input.bytes)?;
    let channels = Channels::of(&riff)?;
    let mut conversions = vec!["acceleration: counts of the file to g".to_owned()];
    let mut sensors = Vec::new();
    for triad in &channels.triads {
        let unit = match triad.sensor {
            Sensor::Accelerometer => Unit::G,
            _ => Unit::DegreesPerSecond,
        };
        if unit == Unit::DegreesPerSecond {
            conversions.push("angular velocity: counts of the file to deg/s".to_owned());
        }
        sensors.push(SensorInfo {
            sensor: triad.sensor,
            unit: Some(unit),
            unit_because: format!("comment of the file: full scale {} {unit}", triad.scales[0]),
            rate_hz: Some(f64::from(riff.rate_hz)),
            ..SensorInfo::new(triad.sensor)
        });
    }
    if channels.magnetometer {
        conversions.push("magnetometer: left aside".to_owned());
    }
    let mut reader = WavReader::new(input.bytes.clone(), &riff, channels);
    reader.find_first()?;
    let local_ns = start(&riff).map(|ns| ns.saturating_add(reader.time_ns(reader.first)));
    Ok(vec![Found {
        format: Format::AxivityWav,
        dialect: None,
        because: String::new(),
        header: Header {
            device: Some("Axivity".to_owned()),
            start: local_ns.map_or(Start::Unknown, |local_ns| Start::Local { local_ns }),
            identity: if options.identity { people(&riff) } else { Vec::new() },
            sensors,
            conversions,
            findings: short(&riff).into_iter().collect(),
            ..Header::default()
        },
        reader: Box::new(reader),
    }])
}

/// Time of the first sample, of the device's clock.
fn start(riff: &Riff) -> Option<i64> {
    let date = riff.texts.iter().find(|(name, _)| name == b"ICRD").map(|(_, text)| text.as_str());
    let text = riff.value(b"ICMT", "Time").or(date)?;
    let reader = TimeReader::new(TimeFormat::Text(DateOrder::YearMonthDay), Point::DOT);
    let stamp = reader.read(text.trim().as_bytes()).ok()?;
    (!stamp.of_day && stamp.offset_s.is_none()).then_some(stamp.ns)
}

fn people(riff: &Riff) -> Vec<(String, String)> {
    let all = [
        ("serial number", riff.value(b"IART", "Id")),
        ("session", riff.value(b"INAM", "Session")),
        ("annotation", riff.value(b"INAM", "Metadata")),
    ];
    let given = all.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Samples that are stated and not there.
fn short(riff: &Riff) -> Option<Finding> {
    let frame = 2 * riff.channels as u64;
    let text = format!(
        "{} bytes of samples are stated, {} are there: {} whole samples are read",
        riff.stated,
        riff.length,
        riff.length / frame
    );
    let cut = riff.length < riff.stated || riff.length % frame != 0;
    cut.then(|| Finding::new(FindingKind::File, Severity::Note, text))
}

/// Samples that are marked.
#[derive(Clone, Copy, Debug, Default)]
struct Marked {
    count: u64,
    stretches: u64,
    first: u64,
    last: u64,
}

impl Marked {
    fn add(&mut self, sample: u64) {
        if self.count == 0 {
            self.first = sample;
        }
        if self.count == 0 || self.last + 1 != sample {
            self.stretches += 1;
        }
        self.last = sample;
        self.count += 1;
    }
}

#[derive(Debug)]
struct WavReader {
    bytes: Bytes,
    channels: Channels,
    /// Bytes of a sample of all channels.
    frame: usize,
    rate_hz: u64,
    samples: u64,
    /// The first that was measured: time 0.
    first: u64,
    next: u64,
    unavailable: Marked,
    clipped: Marked,
    buffer: Vec<u8>,
}

impl WavReader {
    fn new(bytes: Bytes, riff: &Riff, channels: Channels) -> Self {
        let frame = 2 * riff.channels;
        Self {
            bytes: bytes.slice(riff.data, riff.length),
            channels,
            frame,
            rate_hz: u64::from(riff.rate_hz),
            samples: riff.length / frame as u64,
            first: 0,
            next: 0,
            unavailable: Marked::default(),
            clipped: Marked::default(),
            buffer: Vec::new(),
        }
    }

    fn time_ns(&self, sample: u64) -> i64 {
        const SECOND_NS: u64 = 1_000_000_000;
        let (seconds, rest) = (sample / self.rate_hz, sample % self.rate_hz);
        let ns = seconds.saturating_mul(SECOND_NS).saturating_add(rest * SECOND_NS / self.rate_hz);
        i64::try_from(ns).unwrap_or(i64::MAX)
    }

    /// Reads the next samples of all channels; none at the end.
    fn load(&mut self) -> Result<usize, Fault> {
        let left = usize::try_from(self.samples - self.next).map_or(CHUNK, |left| left.min(CHUNK));
        self.buffer.resize(left * self.frame, 0);
        let n = self.bytes.read_at(self.next * self.frame as u64, &mut self.buffer)?;
        Ok(n / self.frame)
    }

    fn word(frame: &[u8], channel: usize) -> i16 {
        i16::from_le_bytes([frame[2 * channel], frame[2 * channel + 1]])
    }

    fn mark(&self, frame: &[u8]) -> u16 {
        self.channels.auxiliary.map_or(0, |channel| Self::word(frame, channel) as u16)
    }

    /// Finds the first sample that was measured.
    fn find_first(&mut self) -> Result<(), Fault> {
        loop {
            let n = self.load()?;
            if n == 0 {
                return Err(Fault::NoRows(match self.samples {
                    0 => "a header, and no data recorded".to_owned(),
                    n => format!("{n} samples, all marked as not available"),
                }));
            }
            let mut frames = self.buffer.chunks_exact(self.frame).take(n);
            if let Some(at) = frames.position(|frame| self.mark(frame) & UNAVAILABLE == 0) {
                self.first = self.next + at as u64;
                self.next = 0;
                return Ok(());
            }
            self.next += n as u64;
        }
    }
}

impl Reader for WavReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.channels.triads.len());
        let n = self.load()?;
        let zero_ns = self.time_ns(self.first);
        for (frame, sample) in self.buffer.chunks_exact(self.frame).take(n).zip(self.next..) {
            let mark = self.mark(frame);
            if mark & UNAVAILABLE != 0 {
                self.unavailable.add(sample);
                continue;
            }
            if mark & CLIPPED != 0 {
                self.clipped.add(sample);
            }
            let time_ns = self.time_ns(sample) - zero_ns;
            for (part, triad) in chunk.parts.iter_mut().zip(&self.channels.triads) {
                let axis =
                    |i: usize| f32::from(Self::word(frame, triad.channels[i])) * (triad.scales[i] / 32_768.0);
                part.push(time_ns, [axis(0), axis(1), axis(2)]);
            }
        }
        self.next += n as u64;
        Ok(n > 0)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.next = 0;
        (self.unavailable, self.clipped) = (Marked::default(), Marked::default());
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        let place = |marked: &Marked| Place {
            time_s: Some((self.time_ns(marked.first) - self.time_ns(self.first)) as f64 / 1e9),
            ..Place::default()
        };
        let Marked { count, stretches, first, .. } = self.unavailable;
        if count > 0 {
            let gaps = if stretches == 1 { "a gap".to_owned() } else { format!("{stretches} gaps") };
            let text = format!(
                "{count} samples are marked as not available, the first is sample {}: {gaps}, {:.2} s in all",
                first + 1,
                count as f64 / self.rate_hz as f64
            );
            let finding = Finding::new(FindingKind::File, Severity::Warning, text);
            all.push(finding.at(place(&self.unavailable)).times(stretches));
        }
        let Marked { count, .. } = self.clipped;
        if count > 0 {
            let text = format!("{count} samples are marked as beyond the range of the device or the file");
            let finding = Finding::new(FindingKind::Rail, Severity::Note, text);
            all.push(finding.at(place(&self.clipped)).times(count));
        }
        all
    }
}
