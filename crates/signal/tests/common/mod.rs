//! What the tests share: sources of other shapes than a recording in memory, and ways through the intake.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

use ambulo_signal::intake::{Declared, Intake, Piece, Report, survey};
use ambulo_signal::{
    Chunk, Clock, Finding, FindingKind, Header, Recording, Sensor, SensorInfo, SensorSeries, Severity,
    Source, SourceError, Unit,
};

/// Segments as start in seconds and frames `[time, 3 · sensors]`.
pub(crate) type Segments = Vec<(f64, Vec<Vec<f32>>)>;

/// One sensor of a recording: samples with stamps in milliseconds.
pub(crate) fn stamped(sensor: Sensor, samples: impl IntoIterator<Item = (f64, [f32; 3])>) -> SensorSeries {
    let (stamps, values) = samples.into_iter().map(|(ms, value)| ((ms * 1e6).round() as i64, value)).unzip();
    SensorSeries { info: SensorInfo::new(sensor), clock: Clock::Stamps(stamps), values }
}

/// Acceleration alone, in a unit.
pub(crate) fn accelerometer(unit: Option<Unit>, values: Vec<[f32; 3]>) -> Recording {
    one(Sensor::Accelerometer, unit, values)
}

/// One sensor at 50 Hz.
pub(crate) fn one(sensor: Sensor, unit: Option<Unit>, values: Vec<[f32; 3]>) -> Recording {
    recording(vec![SensorSeries {
        info: SensorInfo { unit, ..SensorInfo::new(sensor) },
        clock: Clock::Uniform { start_ns: 0, rate_hz: 50.0 },
        values,
    }])
}

pub(crate) fn recording(series: Vec<SensorSeries>) -> Recording {
    Recording::new(Header::default(), series)
}

/// A person who sways a little: 1 g along z.
pub(crate) fn swaying(i: usize) -> [f32; 3] {
    let t = i as f32;
    [0.02 * (t / 7.0).sin(), 0.01 * (t / 5.0).cos(), 1.0 + 0.005 * (t / 3.0).sin()]
}

/// Walking at 50 Hz with z up; every sample another value.
pub(crate) fn walking(i: usize) -> [f32; 3] {
    let t = i as f32 / 50.0;
    let (step, noise) = ((12.0 * t).sin(), (i as f32 * 1.618).sin());
    [0.2 * step, 0.15 * (6.0 * t).cos() + 0.01 * noise, 1.0 + 0.4 * step + 0.02 * noise]
}

/// The angular velocity that goes with it.
pub(crate) fn turning(i: usize) -> [f32; 3] {
    let t = i as f32 / 50.0;
    [0.8 * (6.0 * t).sin(), 0.3 * (12.0 * t).cos(), -0.1 * (6.0 * t).cos()]
}

/// Segments as start in seconds and frames `[time, width]`, of all sensors that the recording has.
pub(crate) fn segments(recording: &Recording, rate_hz: f64) -> Segments {
    let sensors: Vec<Sensor> = recording.header().sensors.iter().map(|s| s.sensor).collect();
    through(&mut recording.source(), &sensors, rate_hz).1
}

/// The same of any source, with what the survey and the intake found.
pub(crate) fn through(
    source: &mut dyn Source,
    sensors: &[Sensor],
    rate_hz: f64,
) -> (Report, Segments, Vec<Finding>) {
    let declared = Declared::default();
    let report = survey(source, &declared).unwrap();
    let mut intake = Intake::new(&report, sensors, rate_hz, &declared).unwrap();
    let mut segments: Segments = Vec::new();
    let mut open = false;
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Begin { start_ns } => {
            assert!(!open, "a segment begins in another");
            open = true;
            segments.push((start_ns as f64 / 1e9, Vec::new()));
        }
        Piece::Frames(frames) => {
            assert!(open && !frames.is_empty() && frames.len().is_multiple_of(3 * sensors.len()));
            segments.last_mut().unwrap().1.extend(frames.chunks(3 * sensors.len()).map(<[f32]>::to_vec));
        }
        Piece::End => open = false,
    };
    let mut chunk = Chunk::default();
    while source.read(&mut chunk).unwrap() {
        intake.push(&chunk, &mut sink);
    }
    intake.finish(&mut sink);
    assert!(!open, "the last segment does not end");
    (report, segments, intake.findings())
}

/// Start in milliseconds and number of frames of each segment.
pub(crate) fn shape(segments: &Segments) -> Vec<(i64, usize)> {
    segments.iter().map(|(start, frames)| ((start * 1e3).round() as i64, frames.len())).collect()
}

pub(crate) fn surveyed(recording: &Recording) -> Report {
    survey(&mut recording.source(), &Declared::default()).unwrap()
}

/// What a report says, in short: kind, severity, count, sample.
pub(crate) fn brief(findings: &[Finding]) -> Vec<(FindingKind, Severity, u64, Option<u64>)> {
    findings.iter().map(|f| (f.kind, f.severity, f.count, f.first_place.sample)).collect()
}

/// A recording given out in chunks of any size, with empty chunks among them.
pub(crate) struct Pieces<'a> {
    recording: &'a Recording,
    size: usize,
    given: usize,
    empty: bool,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(recording: &'a Recording, size: usize) -> Self {
        Self { recording, size, given: 0, empty: false }
    }
}

impl Source for Pieces<'_> {
    fn header(&self) -> &Header {
        self.recording.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let all = self.recording.series();
        chunk.clear(all.len());
        self.empty = !self.empty;
        if self.empty {
            return Ok(true);
        }
        let longest = all.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let end = self.given.saturating_add(self.size).min(longest);
        for (series, part) in all.iter().zip(&mut chunk.parts) {
            for i in self.given..end.min(series.values.len()) {
                part.push(series.clock.time_ns(i), series.values[i]);
            }
        }
        let more = self.given < longest;
        self.given = end;
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        (self.given, self.empty) = (0, false);
        Ok(())
    }
}

/// Samples that are made as they are asked for: `value(i)` of each sensor at 50 Hz.
pub(crate) struct Made {
    header: Header,
    values: [fn(usize) -> [f32; 3]; 2],
    samples: usize,
    given: usize,
}

impl Made {
    pub(crate) fn new(values: [fn(usize) -> [f32; 3]; 2], samples: usize) -> Self {
        let sensors = vec![SensorInfo::new(Sensor::Accelerometer), SensorInfo::new(Sensor::Gyroscope)];
        Self { header: Header { sensors, ..Header::default() }, values, samples, given: 0 }
    }
}

impl Source for Made {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        chunk.clear(2);
        let end = self.samples.min(self.given + 4096);
        for (part, value) in chunk.parts.iter_mut().zip(&self.values) {
            (self.given..end).for_each(|i| part.push(20_000_000 * i as i64, value(i)));
        }
        let more = self.given < end;
        self.given = end;
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.given = 0;
        Ok(())
    }
}
