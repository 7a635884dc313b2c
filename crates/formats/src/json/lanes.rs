//! Sensors that stand one behind the other in a file, read side by side, in the order of their times.

use super::objects::{Damage, Place};
use super::rows::{Columns, Row, Rows};
use crate::combine::Join;
use crate::error::{Fault, Need, quoted};
use crate::number::Point;
use crate::options::ReadOptions;
use crate::reader::Reader;
use crate::sensor_logger::{Choice, Facts};
use crate::time::{KNOWN, TimeFormat, TimeReader, TimeUnit};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Place as At, SensorInfo, Severity, Start};

/// Samples of a chunk, of all sensors together.
const CHUNK: usize = 1 << 13;

/// One sensor of the recording: one series, or the sum of two that are joined by time.
pub(super) struct Lane {
    rows: Box<dyn Rows>,
    second: Option<Box<dyn Rows>>,
    join: Join,
    factors: [f32; 2],
    /// Samples of the first series without one of the second near them.
    alone: u64,
    ahead: Option<(i64, [f32; 3])>,
    begun: bool,
    /// Time that has gone by: goes on where the clock is set back.
    gone: i64,
    last: Option<i64>,
}

impl Lane {
    pub(super) fn new(rows: Box<dyn Rows>, second: Option<Box<dyn Rows>>, factors: [f32; 2]) -> Self {
        Self {
            rows,
            second,
            join: Join::default(),
            factors,
            alone: 0,
            ahead: None,
            begun: false,
            gone: 0,
            last: None,
        }
    }

    fn rewind(&mut self) {
        self.rows.rewind();
        if let Some(second) = &mut self.second {
            second.rewind();
        }
        (self.join, self.alone, self.ahead) = (Join::default(), 0, None);
        (self.begun, self.gone, self.last) = (false, 0, None);
    }

    /// The sample that comes next.
    fn peek(&mut self) -> Result<Option<(i64, [f32; 3])>, Fault> {
        if !self.begun {
            self.begun = true;
            self.advance()?;
        }
        Ok(self.ahead)
    }

    fn advance(&mut self) -> Result<(), Fault> {
        self.ahead = None;
        let Some(Row { time_ns, parts }) = self.rows.next()? else { return Ok(()) };
        let [a, b] = self.factors;
        let other = match &mut self.second {
            Some(second) => {
                let next = || Ok(second.next()?.map(|row| (row.time_ns, row.parts[0])));
                let found = self.join.at(time_ns, next)?;
                self.alone += u64::from(found.iter().all(|value| value.is_nan()));
                found
            }
            None => parts[1],
        };
        let values = match b {
            0.0 => parts[0].map(|value| a * value),
            _ => std::array::from_fn(|axis| a * parts[0][axis] + b * other[axis]),
        };
        self.gone = match self.last {
            None => time_ns,
            Some(last) => self.gone.saturating_add(time_ns.saturating_sub(last).max(0)),
        };
        self.last = Some(time_ns);
        self.ahead = Some((time_ns, values));
        Ok(())
    }
}

/// Reads sensors side by side.
pub(super) struct SideBySide {
    lanes: Vec<Lane>,
    /// Time of the file at the recording's zero.
    origin_ns: i64,
}

impl SideBySide {
    /// With the first time of the first sensor as zero; none if there is no sample.
    pub(super) fn new(mut lanes: Vec<Lane>) -> Result<Option<Self>, Fault> {
        let mut origin = None;
        for lane in &mut lanes {
            let first = lane.peek()?.map(|sample| sample.0);
            origin = origin.or(first);
        }
        Ok(origin.map(|origin_ns| Self { lanes, origin_ns }))
    }

    pub(super) fn origin_ns(&self) -> i64 {
        self.origin_ns
    }
}

impl Reader for SideBySide {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.lanes.len());
        for n in 0..CHUNK {
            let mut first: Option<(usize, i64)> = None;
            for (i, lane) in self.lanes.iter_mut().enumerate() {
                if lane.peek()?.is_some() && first.is_none_or(|(_, gone)| lane.gone < gone) {
                    first = Some((i, lane.gone));
                }
            }
            let Some((i, _)) = first else { return Ok(n > 0) };
            if let Some((time_ns, values)) = self.lanes[i].ahead {
                chunk.parts[i].push(time_ns.saturating_sub(self.origin_ns), values);
            }
            self.lanes[i].advance()?;
        }
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.lanes.iter_mut().for_each(Lane::rewind);
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        for lane in &self.lanes {
            all.extend(lane.rows.noticed().findings());
            if let Some(second) = &lane.second {
                all.extend(second.noticed().findings());
            }
            if lane.alone > 0 {
                let text = format!(
                    "{} samples of acceleration have none of gravity within 0.1 s: they count as missing",
                    lane.alone
                );
                all.push(Finding::new(FindingKind::Alignment, Severity::Warning, text).times(lane.alone));
            }
        }
        all
    }
}

/// What is said about a document that is not whole.
pub(super) fn damage(damage: Damage) -> Vec<Finding> {
    let mut all = Vec::new();
    let at = |place: Place| At { line: Some(place.line), ..At::default() };
    if damage.count > 0 {
        let Place { offset, line } = damage.first;
        let text = format!(
            "{} places are no whole object, the first in line {line} (byte {offset}); expected objects between braces, \
             one after the other: skipped",
            damage.count
        );
        let finding = Finding::new(FindingKind::File, Severity::Warning, text);
        all.push(finding.at(at(damage.first)).times(damage.count));
    }
    if let Some(place) = damage.cut {
        let text = format!(
            "the file is cut short in line {} (byte {}): what was begun there is dropped",
            place.line, place.offset
        );
        all.push(Finding::new(FindingKind::File, Severity::Warning, text).at(at(place)));
    }
    all
}

/// Where nothing was found that could be read.
pub(super) fn nothing(damage: Damage, what: &str) -> Fault {
    let first = if damage.count > 0 { Some(damage.first) } else { damage.cut };
    match first {
        Some(Place { offset, line }) => Fault::damaged(
            format!("line {line} (byte {offset})"),
            "an object that is not whole, and no other",
            what,
        ),
        None => Fault::NoRows(format!("expected {what}")),
    }
}

/// How Sensor Logger's times are read: nanoseconds since 1970, unless something else was declared.
pub(super) fn clock(options: &ReadOptions) -> TimeReader {
    TimeReader::new(options.time.unwrap_or(TimeFormat::Epoch(TimeUnit::Nanoseconds)), Point::DOT)
}

/// When a recording of Sensor Logger began.
pub(super) fn start(options: &ReadOptions, first_ns: i64) -> Result<Start, Fault> {
    /// Years 2000 to 2100, in ns since 1970.
    const LIKELY: std::ops::Range<i64> = 946_684_800_000_000_000..4_102_444_800_000_000_000;
    match options.time {
        None if !LIKELY.contains(&first_ns) => Err(Fault::needs(
            Need::TimeFormat,
            format!(
                "the first time is {}, and nanoseconds since 1970-01-01 UTC are expected\nhint: {KNOWN}",
                quoted(first_ns.to_string().as_bytes())
            ),
        )),
        None | Some(TimeFormat::Epoch(_)) => Ok(Start::Utc { utc_ns: first_ns, offset_s: None }),
        Some(_) => Ok(Start::Unknown),
    }
}

/// Makes a lane of each sensor that was chosen, and the header.
pub(super) fn chosen(
    choice: Choice,
    facts: Facts,
    options: &ReadOptions,
    open: impl Fn(&str, Columns) -> Box<dyn Rows>,
) -> (Header, Vec<Lane>) {
    let mut header = Header {
        device: facts.model,
        placement: choice.device.placement().map(str::to_owned),
        identity: if options.identity { facts.identity } else { Vec::new() },
        conversions: choice.conversions,
        findings: choice.findings,
        ..Header::default()
    };
    if choice.device.placement().is_some() {
        // The metadata name the phone that the other device belongs to.
        header.device = None;
    }
    let mut lanes = Vec::new();
    for sensor in choice.sensors {
        let declared = options.units.of(sensor.sensor);
        header.sensors.push(SensorInfo {
            sensor: sensor.sensor,
            placement: None,
            unit: declared.or(sensor.unit),
            unit_because: if declared.is_some() { "declared".to_owned() } else { sensor.because },
            rate_hz: sensor.rate_hz,
        });
        let factor = |part: usize| sensor.parts.get(part).map_or(0.0, |part| part.factor as f32);
        let factors = [factor(0), factor(1)];
        let columns = |part: &crate::sensor_logger::Part| part.columns;
        match sensor.parts.as_slice() {
            [one] => lanes.push(Lane::new(open(&one.name, Columns(vec![columns(one)])), None, factors)),
            [a, b] if a.name == b.name => {
                let both = Columns(vec![columns(a), columns(b)]);
                lanes.push(Lane::new(open(&a.name, both), None, factors));
            }
            [a, b, ..] => {
                let second = open(&b.name, Columns(vec![columns(b)]));
                lanes.push(Lane::new(open(&a.name, Columns(vec![columns(a)])), Some(second), factors));
            }
            [] => {}
        }
    }
    (header, lanes)
}
