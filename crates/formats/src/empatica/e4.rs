//! Empatica E4: a file for each sensor, without names: start in line 1, rate in line 2, then values.

use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::number::{self, Point};
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use crate::text::{Blocks, TextKind, lines};
use crate::time::{TimeFormat, TimeReader, TimeUnit};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Place, Sensor, SensorInfo, Severity, Start, Unit};

const HEAD: usize = 4096;
/// Counts of a standard gravity.
const COUNTS: f32 = 64.0;
/// Twice what the range of ±2 g gives.
const LARGEST: f32 = 256.0;
/// Seconds since 1970, from 2000 to 2100.
const YEARS_S: std::ops::RangeInclusive<f64> = 946_684_800.0..=4_102_444_800.0;
/// Samples per second, in Hz, of any device of this kind.
const RATES: std::ops::RangeInclusive<f64> = 1.0..=1000.0;

/// What a file of the device holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Content {
    Acceleration {
        start_ns: i64,
        rate_hz: f64,
    },
    /// A single column of values, so many a second.
    Other {
        rate_hz: f64,
    },
    Beats,
    Presses,
}

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    content(head).map(|content| {
        match content {
            Content::Acceleration { .. } => "three equal starts, three equal rates, then counts of 1/64 g",
            Content::Other { .. } => "a start and a rate, then a single column",
            Content::Beats => "a start, and the word IBI",
            Content::Presses => "nothing but times",
        }
        .to_owned()
    })
}

/// Opens the recording in it; the device's other files are refused as what they are.
pub(crate) fn open(input: &Input, _options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let head = input.bytes.head(HEAD)?;
    let kind = TextKind::of(&head);
    let plain = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let name = input.name.to_lowercase();
    let (start_ns, rate_hz) = match content(plain) {
        Some(Content::Acceleration { start_ns, rate_hz }) => (start_ns, rate_hz),
        Some(other) => {
            let what = match other {
                Content::Beats => "times between heart beats",
                Content::Presses => "times without values, such as those at which the button was pressed,",
                Content::Other { rate_hz: 1.0 } => "heart rate",
                Content::Other { rate_hz: 64.0 } => "blood volume pulse",
                _ if name.starts_with("eda") => "skin conductance",
                _ if name.starts_with("temp") => "skin temperature",
                _ => "skin conductance or temperature",
            };
            return Err(Fault::NotARecording {
                what: format!("{what} of an Empatica E4: no acceleration in it"),
                hint: "acceleration is in ACC.csv of the same folder or archive".to_owned(),
            });
        }
        None => {
            return Err(Fault::damaged(
                "line 1",
                quoted(head.split(|&c| c == kind.end).next().unwrap_or_default()),
                "the start of an Empatica E4, in seconds since 1970, three times",
            ));
        }
    };
    let reader = Rows {
        blocks: Blocks::open(&input.bytes, kind, 0)?,
        kind,
        rate_hz,
        line: 0,
        sample: 0,
        unreadable: 0,
        first: 0,
        cut: false,
    };
    let info = SensorInfo {
        unit: Some(Unit::G),
        unit_because: "the format's own: counts of 1/64 g".to_owned(),
        rate_hz: Some(rate_hz),
        ..SensorInfo::new(Sensor::Accelerometer)
    };
    let header = Header {
        device: Some("Empatica E4".to_owned()),
        start: Start::Utc { utc_ns: start_ns, offset_s: None },
        sensors: vec![info],
        conversions: vec![
            "counts of 1/64 g to g".to_owned(),
            format!("times from the stated rate of {rate_hz} Hz"),
        ],
        ..Header::default()
    };
    let reader = Box::new(reader);
    Ok(vec![Found { format: Format::EmpaticaE4, dialect: None, because: String::new(), header, reader }])
}

/// What the first lines say.
fn content(head: &[u8]) -> Option<Content> {
    let whole = head.len() < HEAD;
    let mut lines = lines(head, TextKind::of(head).end).map(<[u8]>::trim_ascii);
    let first: Vec<&[u8]> = lines.next()?.split(|&c| c == b',').map(<[u8]>::trim_ascii).collect();
    let reader = TimeReader::new(TimeFormat::Epoch(TimeUnit::Seconds), Point::DOT);
    let is_time = |cell: &[u8]| {
        let number = number::whole(cell, Point::DOT).filter(|_| cell.contains(&b'.'));
        number.is_some_and(|number| YEARS_S.contains(&number.to_f64()))
    };
    if !is_time(first[0]) {
        return None;
    }
    let rest: Vec<&[u8]> = lines.collect();
    let rate = |cell: &[u8]| {
        number::whole(cell, Point::DOT).map(number::Decimal::to_f64).filter(|rate| RATES.contains(rate))
    };
    match first.as_slice() {
        [a, b, c] if a == b && b == c => {
            let start_ns = reader.read(a).ok()?.ns;
            let rates: Vec<&[u8]> = rest.first()?.split(|&c| c == b',').map(<[u8]>::trim_ascii).collect();
            let rate_hz =
                rate(rates[0]).filter(|_| rates.len() == 3 && rates.iter().all(|r| *r == rates[0]))?;
            let third = rest.get(1).is_none_or(|row| row.is_empty() || values(row).is_some_and(is_small));
            third.then_some(Content::Acceleration { start_ns, rate_hz })
        }
        [_, word] if *word == b"IBI" => Some(Content::Beats),
        [_] => {
            // Rates are written with six decimals, which no other table of one column begins with.
            let second = rest.first().copied().unwrap_or_default();
            let rate_hz = rate(second).filter(|_| second.ends_with(b".000000"));
            match rate_hz {
                Some(rate_hz) => rest
                    .get(1)
                    .is_none_or(|row| number::whole(row, Point::DOT).is_some())
                    .then_some(Content::Other { rate_hz }),
                // The last line may be cut where no more is looked at.
                None => rest[..rest.len() - usize::from(!whole && !rest.is_empty())]
                    .iter()
                    .all(|line| line.is_empty() || is_time(line))
                    .then_some(Content::Presses),
            }
        }
        _ => None,
    }
}

fn is_small(values: [f32; 3]) -> bool {
    values.iter().all(|value| value.abs() <= LARGEST && value.fract() == 0.0)
}

/// Three numbers with commas between.
fn values(row: &[u8]) -> Option<[f32; 3]> {
    let mut cells = row.split(|&c| c == b',').map(<[u8]>::trim_ascii);
    let mut value = || {
        let cell = cells.next()?;
        Some(number::whole(cell, Point::DOT)?.to_f32(cell))
    };
    let values = [value()?, value()?, value()?];
    cells.next().is_none().then_some(values)
}

/// Gives out the rows.
struct Rows {
    blocks: Blocks,
    kind: TextKind,
    rate_hz: f64,
    /// Lines that were read.
    line: u64,
    /// Samples that were given out.
    sample: u64,
    unreadable: u64,
    /// Line of the first that cannot be read.
    first: u64,
    /// Whether the last line was cut short.
    cut: bool,
}

impl Reader for Rows {
    fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind()?;
        (self.line, self.sample, self.unreadable, self.cut) = (0, 0, 0, false);
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(1);
        let part = &mut chunk.parts[0];
        let Some(block) = self.blocks.next()? else { return Ok(false) };
        let ends = block.ends_with(&[self.kind.end]);
        for row in lines(block, self.kind.end) {
            self.line += 1;
            if self.line <= 2 || row.trim_ascii().is_empty() {
                continue;
            }
            let value = values(row).map(|values| values.map(|value| value / COUNTS));
            if value.is_none() {
                if self.unreadable == 0 {
                    self.first = self.line;
                }
                self.unreadable += 1;
                self.cut = true;
            } else {
                self.cut = false;
            }
            let time_ns = (self.sample as f64 * 1e9 / self.rate_hz).round() as i64;
            part.push(time_ns, value.unwrap_or([f32::NAN; 3]));
            self.sample += 1;
        }
        self.cut &= !ends && self.blocks.ended();
        if self.cut {
            // A line that was being written.
            part.times_ns.pop();
            part.values.pop();
            self.unreadable -= 1;
        }
        Ok(true)
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        let mut add = |kind, line: u64, count: u64, text: String| {
            let place = Place { line: Some(line), ..Place::default() };
            all.push(Finding::new(kind, Severity::Warning, text).at(place).times(count));
        };
        if self.unreadable > 0 {
            let text = format!(
                "{} rows are not three numbers, the first in line {}: missing, their times stay",
                self.unreadable, self.first
            );
            add(FindingKind::Missing, self.first, self.unreadable, text);
        }
        if self.cut {
            let text = format!("the last line, {}, is cut short: dropped", self.line);
            add(FindingKind::File, self.line, 1, text);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_device_and_others() {
        let t = "1709629200.000000";
        let is = |text: &str| content(text.as_bytes());
        let acceleration = Some(Content::Acceleration { start_ns: 1_709_629_200_000_000_000, rate_hz: 32.0 });
        assert_eq!(is(&format!("{t}, {t}, {t}\n32.000000, 32.000000, 32.000000\n64,-20,5\n")), acceleration);
        assert_eq!(is(&format!("{t},{t},{t}\r\n32.000000,32.000000,32.000000\r\n")), acceleration);
        assert_eq!(is(&format!("{t}\n64.000000\n-0.5\n")), Some(Content::Other { rate_hz: 64.0 }));
        assert_eq!(is(&format!("{t}, IBI\n1.5,0.8\n")), Some(Content::Beats));
        assert_eq!(is("1709629255.32\n1709629300.10\n"), Some(Content::Presses));
        for other in [
            String::new(),
            format!("{t},{t},{t}\n32,32,32\n0.5,0.25,1\n"),
            format!("{t},{t},{t}\n{t},{t},{t}\n64,2,1\n"),
            format!("{t},{t},1\n32,32,32\n64,2,1\n"),
            format!("{t}\n50\n-0.5\n"),
            "1709629200,1709629200,1709629200\n32,32,32\n64,2,1\n".to_owned(),
            "0.5,0.5,0.5\n32,32,32\n64,2,1\n".to_owned(),
            "1709629255.32\nhello\n".to_owned(),
        ] {
            assert_eq!(is(&other), None, "{other}");
        }
    }
}
