//! The one place that turns timed samples of any source into segments at a model's rate: for files and for live streams.
//!
//! A file is read twice: a [`Survey`] finds unit, gravity, clock and faults, and writes a [`Report`]; the [`Intake`] made from it
//! converts, repairs, aligns and resamples. A live stream has no first pass: what it cannot find in advance is declared, what it
//! notices on the way [`Intake::findings`] tells, and a survey may run along.
//!
//! | step | what it does |
//! |---|---|
//! | units, axes | to g and rad/s in the project's axes, as declared, stated by the source or found at rest |
//! | calibration | acceleration to 1 g at rest, where the survey found how: in g, before the axes are mapped |
//! | values | one that is missing is left out; one beyond any sensor ends the segment |
//! | clock | every sample gets a time of its own: batches are spread, small steps back repaired, resets end the segment |
//! | alignment | all sensors at the points of one grid, by linear interpolation; a pause above 0.2 s ends the segment |
//! | rate | a higher rate is lowered by a whole number after an anti-aliasing filter |

mod align;
mod calibration;
mod clock;
mod count;
mod decimate;
mod non_wear;
mod options;
mod repair;
mod report;
mod still;
mod survey;
mod thinned;
mod wall_clock;

pub use calibration::Calibration;
pub use clock::ClockCounts;
pub(crate) use clock::{ClockRepair, Reading, Timed};
pub use count::Count;
use count::counted;
pub use non_wear::Stretch;
pub use options::{Autocalibrate, AxisMap, ClockBack, Declared, MAX_GAP_S};
pub use repair::{Repair, Repaired};
pub use report::{Report, SensorReport};
pub(crate) use survey::{Extent, RUN};
pub use survey::{Gap, Survey};

use crate::source::{Chunk, Samples, Source, SourceError};
use crate::{Finding, FindingKind, Header, Place, Sensor, Severity, SignalError, Unit};
use align::{Aligner, Row};
use alloc::format;
use alloc::vec::Vec;
use decimate::Decimator;
use serde::{Deserialize, Serialize};
pub(crate) use wall_clock::WallClock;

/// Rates that differ by less than this fraction count as equal: a crystal or a scheduler is no better.
pub const RATE_TOLERANCE: f64 = 0.01;

/// A source has to be at least so fast, relative to what is asked for: at a fifth of 50 Hz the steps of a walk are in it, and little
/// else.
pub(crate) const SLOWEST_SHARE: f64 = 0.2;
/// Largest ratio of rates: bounds how narrow the anti-aliasing filter gets.
const MAX_RATIO: f64 = 1000.0;
/// Highest rate of a grid in Hz, a thousand times that of any motion sensor: bounds the points between two samples.
const MAX_RATE: f64 = 1e6;

/// Reads a source to its end and back: what it holds.
///
/// # Errors
/// What the source says.
pub fn survey(source: &mut dyn Source, declared: &Declared) -> Result<Report, SourceError> {
    let mut survey = Survey::new(source.header(), declared);
    let mut chunk = Chunk::default();
    while source.read(&mut chunk)? {
        survey.push(&chunk);
    }
    // What a reader notices it may only know at the end.
    survey.set_header_findings(&source.header().findings);
    source.rewind()?;
    Ok(survey.finish())
}

/// What the intake hands on.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A segment begins; time of its first frame, in nanoseconds from the recording's zero.
    Begin {
        /// The time.
        start_ns: i64,
    },
    /// The next frames of the segment, `[time, 3 · sensors]` in g and rad/s, in the order of the sensors asked for.
    Frames(&'a [f32]),
    /// The segment is over.
    End,
}

/// One sensor's way in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    sensor: Sensor,
    /// Its part in a chunk.
    part: usize,
    unit: Unit,
    /// Puts an hour back right, if that is declared to be the end of summer time.
    #[serde(default)]
    wall: Option<WallClock>,
    clock: ClockRepair,
    missing: Count,
    /// Values beyond any sensor.
    impossible: Count,
}

/// Turns chunks of timed samples into segments of frames at one rate; its state can be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intake {
    lines: Vec<Line>,
    axes: AxisMap,
    /// Of acceleration, in g and the device's axes.
    #[serde(default)]
    calibration: Option<Calibration>,
    aligner: Aligner,
    decimator: Decimator,
    /// Rows on their way to the decimator.
    #[serde(skip)]
    rows: Vec<f32>,
}

impl Intake {
    /// The way from a source to frames of `sensors` at `rate_hz`, by what its report found.
    ///
    /// # Errors
    /// [`SignalError::Refused`] with what the report refuses, a sensor that is missing or whose unit nobody knows;
    /// [`SignalError::Rate`] for a sensor slower than a fifth of `rate_hz`; [`SignalError::InvalidRate`] for a rate that cannot be
    /// told or is absurd.
    pub fn new(
        report: &Report,
        sensors: &[Sensor],
        rate_hz: f64,
        declared: &Declared,
    ) -> Result<Self, SignalError> {
        declared.validate()?;
        let refusal = report.refusals().find(|f| f.first_place.sensor.is_none_or(|s| sensors.contains(&s)));
        if let Some(finding) = refusal {
            return Err(SignalError::Refused { finding: alloc::boxed::Box::new(finding.clone()) });
        }
        let mut lines = Vec::with_capacity(sensors.len());
        let mut source_hz: Option<f64> = None;
        for &sensor in sensors {
            // One that has no usable value is as good as none.
            let found = report.sensor(sensor).filter(|(_, found)| found.first.is_some());
            let (part, found) = found.ok_or(SignalError::NoSensor { sensor })?;
            let unit = found.unit_found.ok_or(SignalError::NoUnit { sensor })?;
            let own = found.rate_hz;
            if let Some(found_hz) = own.filter(|own| *own < SLOWEST_SHARE * rate_hz) {
                let hint = "below a fifth of it movements cannot be told: record at a higher rate";
                return Err(SignalError::Rate { expected_hz: rate_hz, found_hz, hint });
            }
            source_hz = [source_hz, own].into_iter().flatten().reduce(f64::max);
            lines.push((part, unit, own));
        }
        let mut intake = Self::build(lines, sensors, source_hz.unwrap_or(rate_hz), rate_hz, declared)?;
        intake.calibration = report.calibration.clone().filter(|calibration| calibration.applied);
        Ok(intake)
    }

    /// The same for a live stream, of which nothing is known but what is stated: units of the header or declared, and the
    /// rate that samples come at, which decides how it is lowered.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn live(
        header: &Header,
        sensors: &[Sensor],
        rate_hz: f64,
        declared: &Declared,
    ) -> Result<Self, SignalError> {
        declared.validate()?;
        let mut lines = Vec::with_capacity(sensors.len());
        let mut source_hz: Option<f64> = None;
        for &sensor in sensors {
            let part = header.position(sensor).ok_or(SignalError::NoSensor { sensor })?;
            let info = &header.sensors[part];
            let unit = declared.unit(sensor).or(info.unit).ok_or(SignalError::NoUnit { sensor })?;
            source_hz = [source_hz, info.rate_hz].into_iter().flatten().reduce(f64::max);
            lines.push((part, unit, info.rate_hz));
        }
        Self::build(lines, sensors, source_hz.unwrap_or(rate_hz), rate_hz, declared)
    }

    fn build(
        lines: Vec<(usize, Unit, Option<f64>)>,
        sensors: &[Sensor],
        source_hz: f64,
        rate_hz: f64,
        declared: &Declared,
    ) -> Result<Self, SignalError> {
        let ratio = source_hz / rate_hz;
        let possible = rate_hz > 0.0 && rate_hz <= MAX_RATE && ratio > 1.0 / MAX_RATIO && ratio < MAX_RATIO;
        if !possible {
            return Err(SignalError::InvalidRate { rate_hz: source_hz });
        }
        // The grid is the smallest multiple of the rate that is not below the source's.
        let ratio =
            if ratio <= 1.0 + RATE_TOLERANCE { 1 } else { libm::ceil(ratio - RATE_TOLERANCE) as usize };
        let gap = declared.max_gap_ns();
        let lines = (lines.into_iter().zip(sensors))
            .map(|((part, unit, own), &sensor)| Line {
                sensor,
                part,
                unit,
                wall: (declared.clock_back == Some(ClockBack::SummerTime)).then(WallClock::default),
                clock: ClockRepair::new(gap, own),
                missing: Count::default(),
                impossible: Count::default(),
            })
            .collect();
        Ok(Self {
            lines,
            axes: declared.axes,
            calibration: None,
            aligner: Aligner::new(sensors.len(), rate_hz * ratio as f64, gap),
            decimator: Decimator::new(ratio, 3 * sensors.len()),
            rows: Vec::new(),
        })
    }

    /// Takes the next chunk, hands on what it completes.
    pub fn push(&mut self, chunk: &Chunk, sink: &mut dyn FnMut(Piece<'_>)) {
        // In turns of a few, so that no sensor's queue holds a whole chunk.
        const TURN: usize = 256;
        let parts = self.lines.iter().filter_map(|line| chunk.parts.get(line.part));
        let longest = parts.map(Samples::len).max();
        for from in (0..longest.unwrap_or(0)).step_by(TURN) {
            for number in 0..self.lines.len() {
                let Some(part) = chunk.parts.get(self.lines[number].part) else { continue };
                let samples = part.times_ns.iter().zip(&part.values).skip(from).take(TURN);
                for (&time_ns, &value) in samples {
                    self.sample(number, time_ns, value);
                }
            }
            self.advance(sink, false);
        }
    }

    /// Takes one sample of the `number`-th sensor asked for, hands on what it completes.
    pub fn push_sample(
        &mut self,
        number: usize,
        time_ns: i64,
        value: [f32; 3],
        sink: &mut dyn FnMut(Piece<'_>),
    ) {
        if number < self.lines.len() {
            self.sample(number, time_ns, value);
            self.advance(sink, false);
        }
    }

    /// Ends the recording: hands on what still waits.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        for (number, line) in self.lines.iter_mut().enumerate() {
            let aligner = &mut self.aligner;
            line.clock.finish(&mut |timed| hand_on(aligner, number, timed));
        }
        self.advance(sink, true);
    }

    #[inline]
    fn sample(&mut self, number: usize, time_ns: i64, value: [f32; 3]) {
        let line = &mut self.lines[number];
        let time_ns = line.wall.as_mut().map_or(time_ns, |wall| wall.correct(time_ns));
        let reading = if value.iter().all(|v| v.is_finite()) {
            let value = value.map(|v| line.unit.to_project(v));
            if value.iter().any(|v| v.abs() > line.sensor.impossible()) {
                line.impossible.add(line.clock.samples(), time_ns);
                Reading::Impossible
            } else {
                let calibration = self.calibration.as_ref().filter(|_| line.sensor == Sensor::Accelerometer);
                Reading::Value(self.axes.apply(calibration.map_or(value, |c| c.apply(value))))
            }
        } else {
            line.missing.add(line.clock.samples(), time_ns);
            Reading::Missing
        };
        let aligner = &mut self.aligner;
        line.clock.push(time_ns, reading, &mut |timed| hand_on(aligner, number, timed));
    }

    fn advance(&mut self, sink: &mut dyn FnMut(Piece<'_>), finish: bool) {
        const BLOCK: usize = 4096;
        let Self { aligner, decimator, rows, .. } = self;
        let flush = |rows: &mut Vec<f32>, decimator: &mut Decimator, sink: &mut dyn FnMut(Piece<'_>)| {
            if !rows.is_empty() {
                let frames = decimator.push(rows);
                if !frames.is_empty() {
                    sink(Piece::Frames(frames));
                }
                rows.clear();
            }
        };
        let mut emit = |row: Row<'_>| match row {
            Row::Begin(start_ns) => sink(Piece::Begin { start_ns }),
            Row::Values(values) => {
                rows.extend_from_slice(values);
                if rows.len() >= BLOCK {
                    flush(rows, decimator, sink);
                }
            }
            Row::End => {
                flush(rows, decimator, sink);
                let frames = decimator.end();
                if !frames.is_empty() {
                    sink(Piece::Frames(frames));
                }
                sink(Piece::End);
            }
        };
        if finish {
            aligner.finish(&mut emit);
        } else {
            aligner.advance(&mut emit);
        }
        flush(rows, decimator, sink);
    }

    /// Whether another was made for the same sensors, units, rates and gaps, and a saved state is sound.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |(a, b): (&Line, &Line)| {
            (a.sensor, a.part, a.unit) == (b.sensor, b.part, b.unit)
                && a.wall.is_some() == b.wall.is_some()
                && a.clock.is_like(&b.clock)
        };
        self.lines.len() == other.lines.len()
            && self.lines.iter().zip(&other.lines).all(same)
            && self.axes == other.axes
            && self.calibration == other.calibration
            && self.aligner.is_like(&other.aligner)
            && self.decimator.is_like(&other.decimator)
    }

    /// Samples that were missing, and values beyond any sensor, up to now.
    pub fn rejected(&self) -> (u64, u64) {
        let add =
            |(missing, impossible), l: &Line| (missing + l.missing.count, impossible + l.impossible.count);
        self.lines.iter().fold((0, 0), add)
    }

    /// What was noticed up to now: missing and impossible values, gaps, resets, repeats and steps back of the clocks, sensors
    /// that were waited for in vain. Each with count and first place.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            let kind = line.sensor;
            if line.missing.count > 0 {
                let text = missing_text(kind, line.missing.count, line.clock.samples());
                findings.push(line.missing.finding(kind, FindingKind::Missing, Severity::Note, text));
            }
            if line.impossible.count > 0 {
                let text = impossible_text(kind, &line.impossible);
                findings.push(line.impossible.finding(
                    kind,
                    FindingKind::Impossible,
                    Severity::Warning,
                    text,
                ));
            }
            line.clock.counts.findings(kind, &mut findings);
            let given_up = self.aligner.given_up(number);
            if given_up > 0 {
                let text =
                    format!("{given_up} samples of the {kind} waited in vain for another sensor's: not used");
                let finding = Finding::new(FindingKind::Alignment, Severity::Warning, text);
                findings.push(finding.at(Place::sensor(kind)).times(given_up));
            }
        }
        findings
    }
}

fn hand_on(aligner: &mut Aligner, number: usize, timed: Timed) {
    match timed {
        Timed::Sample(time_ns, Reading::Value(value)) => aligner.push(number, time_ns, value),
        Timed::Sample(_, Reading::Missing) => {}
        // Nothing across it: not one window may hold it, nor what an interpolation makes of it.
        Timed::Sample(_, Reading::Impossible) => aligner.part(number),
        Timed::Reset => aligner.begin_anew(number),
    }
}

fn missing_text(kind: Sensor, count: u64, samples: u64) -> alloc::string::String {
    format!("{count} of {samples} samples of the {kind} are missing")
}

fn impossible_text(kind: Sensor, count: &Count) -> alloc::string::String {
    let first = if count.count > 1 { ", the first" } else { "" };
    let at = count.first.map_or(0, |(sample, _)| sample.saturating_add(1));
    format!(
        "{} of the {kind}{first} at sample {at}, beyond any sensor (above {} {}): no window that would hold one is used",
        counted(count.count, "value", "values"),
        kind.impossible(),
        kind.unit()
    )
}

#[cfg(test)]
mod tests;
