//! Parmay Matrix `.BIN`: packets of acceleration, angular velocity, temperature and heart rate, each with a checksum.
//!
//! Layout as in `readParmayMatrix` of `GGIRread`: 512 bytes of remarks, `MDTC`, packets, ranges; then in each packet `MDTCPACK`, a
//! CRC-32 of what follows, start and end in seconds, four counts, and the samples.

use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{
    Chunk, Finding, FindingKind, Header, Place, Samples, Sensor, SensorInfo, Severity, Start, Unit,
};
use memchr::memmem;

const REMARKS: usize = 512;
/// Where the first packet begins.
const FIRST: u64 = 524;
const MARK: &[u8] = b"MDTCPACK";
/// Bytes of a packet before its samples, and those that its checksum leaves out.
const PACKET_HEADER: usize = 36;
const UNCHECKED: usize = 12;
/// Bytes of samples, in the order of a packet: acceleration, angular velocity, temperature, heart rate.
const WIDTHS: [u64; 4] = [6, 6, 4, 4];
/// A packet holds some seconds, at most 100 of which a second take 1.2 kB.
const LONGEST_PACKET: u64 = 4 << 20;
/// Times the length of the file that may be read for packets that are none.
const WASTE: u64 = 8;
/// Bytes that are looked through for the next packet at a time.
const SEARCHED: usize = 1 << 18;
/// Packets whose sensors are looked at when the file is opened.
const LOOKED_AT: usize = 16;
/// Samples of a sensor that are enough for a chunk.
const ENOUGH: usize = 8192;
/// The rates that the device can be set to, in Hz, and how far a packet's own may be from one of them, as a factor: its start and
/// end are whole seconds.
const RATES: [f64; 4] = [12.5, 25.0, 50.0, 100.0];
const NEAR: f64 = 1.35;
/// How far the rate within a packet follows the packets' whole seconds, as a share, and from which difference on, in seconds, a
/// packet is no continuation.
const PULL: f64 = 0.02;
const APART_S: f64 = 2.0;
const SECOND_NS: f64 = 1e9;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let mark = head.get(REMARKS..).is_some_and(|rest| rest.starts_with(b"MDTC"));
    mark.then(|| "\"MDTC\" stands behind its first 512 bytes".to_owned())
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, _options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let head = input.bytes.head(FIRST as usize)?;
    if head.len() < FIRST as usize || sign(&head).is_none() {
        return Err(Fault::NoRows("no whole header of a Matrix".to_owned()));
    }
    let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let stated = u32::from_le_bytes([head[516], head[517], head[518], head[519]]);
    let ranges = [number(520), number(522)];
    let mut reader = Packets {
        bytes: input.bytes.clone(),
        at: FIRST,
        stated: u64::from(stated),
        ranges: ranges.map(f64::from),
        gyroscope: false,
        start_s: 0,
        clocks: [Clock::default(); 2],
        noticed: Noticed::default(),
    };
    if ranges[0] == 0 {
        return Err(Fault::damaged("byte 520", "a range of 0 g", "the accelerometer's range in g"));
    }
    let mut first: Option<Packet> = None;
    for _ in 0..LOOKED_AT {
        let Some((packet, _)) = reader.next()? else { break };
        reader.gyroscope |= packet.counts[1] > 0 && ranges[1] > 0;
        if first.as_ref().is_none_or(|first| first.counts[0] == 0) {
            first = Some(packet);
        }
    }
    let Some(first) = first.filter(|packet| packet.counts[0] + packet.counts[1] > 0) else {
        let damage = reader.noticed.damaged;
        return Err(damage.map_or_else(
            || Fault::NoRows("no packet with samples behind the header of a Matrix".to_owned()),
            |(packet, at, found)| {
                Fault::damaged(format!("packet {packet} (byte {at})"), found, "a whole packet")
            },
        ));
    };
    reader.rewind()?;
    reader.start_s = first.start_s;
    let info = |sensor, unit, what: &str, count: u32| SensorInfo {
        unit: Some(unit),
        unit_because: format!("the header's range of {what}"),
        rate_hz: rate(count, first.end_s.saturating_sub(first.start_s)).filter(|_| count > 0),
        ..SensorInfo::new(sensor)
    };
    let mut sensors =
        vec![info(Sensor::Accelerometer, Unit::G, &format!("{} g", ranges[0]), first.counts[0])];
    if reader.gyroscope {
        let what = format!("{} deg/s", ranges[1]);
        sensors.push(info(Sensor::Gyroscope, Unit::DegreesPerSecond, &what, first.counts[1]));
    }
    let header = Header {
        device: Some("Parmay Matrix".to_owned()),
        start: Start::Local { local_ns: i64::from(first.start_s) * 1_000_000_000 },
        autocalibrate: true,
        sensors,
        conversions: vec!["counts by the ranges in the header".to_owned()],
        ..Header::default()
    };
    let reader = Box::new(reader);
    Ok(vec![Found { format: Format::Matrix, dialect: None, because: String::new(), header, reader }])
}

/// Samples per second, in Hz, as the device was set; nothing where the packet's seconds do not tell.
fn rate(count: u32, seconds: u32) -> Option<f64> {
    let found = f64::from(count) / f64::from(seconds);
    let far = |rate: &f64| (found / rate).max(rate / found);
    let nearest = RATES.into_iter().min_by(|a, b| far(a).total_cmp(&far(b)));
    nearest.filter(|rate| far(rate) <= NEAR).or(Some(found).filter(|found| found.is_finite() && *found > 0.0))
}

/// A packet whose checksum is right.
#[derive(Debug)]
struct Packet {
    start_s: u32,
    end_s: u32,
    counts: [u32; 4],
    /// All of it, its header too.
    bytes: Vec<u8>,
}

/// Where the times of a sensor have come to.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    /// Time of the next sample, in nanoseconds from the recording's zero, if it follows without a gap.
    next_ns: Option<f64>,
    rate_hz: Option<f64>,
}

#[derive(Debug, Default)]
struct Noticed {
    packets: u64,
    /// The first that was skipped: which, where, why.
    damaged: Option<(u64, u64, String)>,
    skipped: u64,
    /// Seconds between packets that are not damaged, where others were skipped.
    lost_s: u64,
    /// Whether the last was skipped, and when the last that was not ended.
    in_damage: bool,
    /// Bytes that were read for packets that are none.
    wasted: u64,
    end_s: Option<u32>,
}

impl Noticed {
    fn skip(&mut self, at: u64, found: String) {
        self.damaged.get_or_insert((self.packets, at, found));
        self.packets += 1;
        self.skipped += 1;
        self.in_damage = true;
    }

    fn read(&mut self, packet: &Packet) {
        if let Some(end_s) = self.end_s.filter(|_| self.in_damage) {
            self.lost_s += u64::from(packet.start_s.saturating_sub(end_s));
        }
        self.packets += 1;
        (self.in_damage, self.end_s) = (false, Some(packet.end_s));
    }
}

/// Gives out the samples of the packets.
struct Packets {
    bytes: Bytes,
    /// Where the next packet begins, or is looked for.
    at: u64,
    /// Packets, as the header says.
    stated: u64,
    /// Greatest values, in g and deg/s.
    ranges: [f64; 2],
    gyroscope: bool,
    start_s: u32,
    clocks: [Clock; 2],
    noticed: Noticed,
}

impl Reader for Packets {
    fn rewind(&mut self) -> Result<(), Fault> {
        (self.at, self.noticed, self.clocks) = (FIRST, Noticed::default(), [Clock::default(); 2]);
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(1 + usize::from(self.gyroscope));
        while chunk.parts.iter().all(|part| part.len() < ENOUGH) {
            let Some((packet, next_s)) = self.next()? else { break };
            let mut from = PACKET_HEADER;
            for (i, part) in chunk.parts.iter_mut().enumerate() {
                let samples = packet.counts[i] as usize;
                let bytes = &packet.bytes[from..from + 6 * samples];
                from += 6 * samples;
                let range = self.ranges[i];
                part.values.extend(bytes.chunks_exact(6).map(|bytes| value(bytes, range)));
                times(&mut self.clocks[i], &packet, i, next_s, self.start_s, part);
            }
        }
        Ok(chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        if let Some((packet, at, found)) = &self.noticed.damaged {
            let text = format!(
                "{} damaged packets skipped, the first is packet {packet} (byte {at}): {found}; {} s lost between others",
                self.noticed.skipped, self.noticed.lost_s
            );
            let place = Place { line: Some(*packet), ..Place::default() };
            let finding = Finding::new(FindingKind::File, Severity::Warning, text);
            all.push(finding.at(place).times(self.noticed.skipped));
        }
        if self.stated > self.noticed.packets {
            let text =
                format!("the header says {} packets, the file has {}", self.stated, self.noticed.packets);
            all.push(Finding::new(FindingKind::File, Severity::Note, text));
        }
        all
    }
}

/// A sample of three axes; the greatest count is the range on either side of 0.
fn value(bytes: &[u8], range: f64) -> [f32; 3] {
    [0, 2, 4].map(|at| {
        let count = f64::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]));
        (count * range / if count > 0.0 { 32_767.0 } else { 32_768.0 }) as f32
    })
}

/// Adds the times of a packet's samples. Its start and end are whole seconds: samples go on where those before ended, at the
/// rate that was set, drawn a little towards the seconds; only where those are further apart does the time jump.
fn times(clock: &mut Clock, packet: &Packet, i: usize, next_s: Option<u32>, zero_s: u32, part: &mut Samples) {
    let samples = packet.counts[i];
    if samples == 0 {
        return;
    }
    let seconds = packet.end_s.saturating_sub(packet.start_s);
    let rate_hz = rate(samples, seconds).or(clock.rate_hz).unwrap_or(RATES[2]);
    clock.rate_hz = Some(rate_hz);
    let from_zero = |second: u32| (f64::from(second) - f64::from(zero_s)) * SECOND_NS;
    let start_ns = from_zero(packet.start_s);
    let next_ns =
        clock.next_ns.filter(|next| (next - start_ns).abs() <= APART_S * SECOND_NS).unwrap_or(start_ns);
    // A packet that begins a second later is the next all the same.
    let end_s =
        next_s.filter(|&next| next >= packet.end_s && next - packet.end_s <= 1).unwrap_or(packet.end_s);
    let nominal = SECOND_NS / rate_hz;
    let wanted = (from_zero(end_s) - next_ns) / f64::from(samples);
    let step = wanted.clamp(nominal * (1.0 - PULL), nominal * (1.0 + PULL));
    part.times_ns.extend((0..samples).map(|k| (next_ns + f64::from(k) * step).round() as i64));
    clock.next_ns = Some(next_ns + f64::from(samples) * step);
}

impl Packets {
    /// The next packet whose checksum is right, and when the one behind it begins.
    fn next(&mut self) -> Result<Option<(Packet, Option<u32>)>, Fault> {
        while self.at < self.bytes.len() {
            let at = self.at;
            match self.packet(at)? {
                Ok(packet) => {
                    self.noticed.read(&packet);
                    self.at = at + packet.bytes.len() as u64;
                    let head = self.bytes.part(self.at, PACKET_HEADER)?;
                    let next_s = head.starts_with(MARK).then(|| number(&head, 12)).flatten();
                    return Ok(Some((packet, next_s)));
                }
                Err((found, checked)) => {
                    self.noticed.skip(at, found);
                    self.noticed.wasted += checked;
                    // Packets may seem to begin in a damaged one; not again and again.
                    let lavish = self.noticed.wasted / WASTE > self.bytes.len();
                    self.at = self.find(at + if lavish { checked.max(1) } else { 1 })?;
                }
            }
        }
        Ok(None)
    }

    /// The packet at a place, or what is wrong with it and how many bytes were read to find out.
    fn packet(&self, at: u64) -> Result<Result<Packet, (String, u64)>, Fault> {
        let head = self.bytes.part(at, PACKET_HEADER)?;
        if head.len() < PACKET_HEADER {
            return Ok(Err((format!("{} bytes at the end, fewer than a packet's header", head.len()), 0)));
        }
        let get = |at: usize| number(&head, at).unwrap_or(0);
        let counts = [get(20), get(24), get(28), get(32)];
        let samples: u64 = counts.iter().zip(WIDTHS).map(|(&count, width)| u64::from(count) * width).sum();
        let length = PACKET_HEADER as u64 + samples;
        if !head.starts_with(MARK) {
            return Ok(Err(("no MDTCPACK where a packet should begin".to_owned(), 0)));
        }
        if length > self.bytes.len() - at || length > LONGEST_PACKET {
            let rest = self.bytes.len() - at;
            return Ok(Err((format!("{length} bytes by its counts, {rest} to the end of the file"), 0)));
        }
        let bytes = self.bytes.part(at, length as usize)?;
        let (stored, computed) = (get(8), crc32fast::hash(bytes.get(UNCHECKED..).unwrap_or_default()));
        if stored != computed || (bytes.len() as u64) < length {
            return Ok(Err((format!("checksum {computed:08x}, expected {stored:08x}"), length)));
        }
        Ok(Ok(Packet { start_s: get(12), end_s: get(16), counts, bytes }))
    }

    /// Where the next mark stands from a place on; the end of the file if there is none.
    fn find(&self, mut at: u64) -> Result<u64, Fault> {
        loop {
            let part = self.bytes.part(at, SEARCHED)?;
            if let Some(found) = memmem::find(&part, MARK) {
                return Ok(at + found as u64);
            }
            if at + part.len() as u64 >= self.bytes.len() || part.len() <= MARK.len() {
                return Ok(self.bytes.len());
            }
            at += (part.len() - MARK.len() + 1) as u64;
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_those_that_can_be_set() {
        for (count, seconds, expected) in [
            (500, 10, Some(50.0)),
            (500, 11, Some(50.0)),
            (125, 9, Some(12.5)),
            (990, 10, Some(100.0)),
            (50, 10, Some(5.0)),
            (5, 0, None),
            (0, 5, None),
        ] {
            assert_eq!(rate(count, seconds), expected, "{count} in {seconds} s");
        }
    }
}
