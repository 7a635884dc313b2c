//! The first pass over a recording: what its sensors, clocks and values are like. Memory does not grow with its length.

mod blocks;
mod lying;
mod part;
mod quality;
mod said;
mod steps;
mod unit;
mod verdict;

pub(crate) use part::{Extent, RUN};
pub use steps::Gap;

use super::calibration::Calibration;
use super::options::{Autocalibrate, ClockBack, Declared};
use super::report::{Report, SensorReport};
use super::still::Stillness;
use super::wall_clock::WallClock;
use crate::{Chunk, Finding, FindingKind, Header, Sensor, SensorInfo, Severity, Start};
use alloc::format;
use alloc::vec::Vec;
use blocks::Blocks;
use quality::Quality;
use steps::Steps;

/// Pauses that are steps of a very slow sensor: epoch data come once a minute, or less.
const SLOW_GAP_NS: i64 = 3_600_000_000_000;
/// Samples after which a sensor that is not slow is known not to be.
const FEW: u64 = 64;
use unit::Decision;
use verdict::moves;

/// Collects what a [`Report`] needs while chunks pass by.
#[derive(Clone, Debug)]
pub struct Survey {
    header: Header,
    declared: Declared,
    sensors: Vec<SensorSurvey>,
}

#[derive(Clone, Debug)]
struct SensorSurvey {
    steps: Steps,
    /// The same with pauses up to [`SLOW_GAP_NS`] taken for steps, for sensors slower than any that movement is recorded with.
    slow: Steps,
    quality: Quality,
    blocks: Blocks,
    /// Of accelerometers: what lies still.
    still: Option<Stillness>,
    /// Puts an hour back right, if that is declared to be the end of summer time.
    wall: Option<WallClock>,
    /// What became of the calibration, once the unit is known.
    calibration: Option<Calibration>,
    samples: u64,
    first: Option<[f32; 3]>,
    last: Option<[f32; 3]>,
    times: Option<(i64, i64)>,
}

impl Survey {
    /// A survey that has seen nothing.
    pub fn new(header: &Header, declared: &Declared) -> Self {
        let calibrate = match declared.autocalibrate {
            Autocalibrate::Auto => header.autocalibrate,
            Autocalibrate::On => true,
            Autocalibrate::Off => false,
        };
        let wall = matches!(header.start, Start::Local { .. }) && declared.clock_back.is_none();
        let steps = |max_gap_ns| Steps::new(max_gap_ns).of_wall_clock(wall);
        let sensor = |info: &SensorInfo| SensorSurvey {
            steps: steps(declared.max_gap_ns()),
            slow: steps(SLOW_GAP_NS.max(declared.max_gap_ns())),
            still: (info.sensor == Sensor::Accelerometer)
                .then(|| Stillness::new(declared.unit(info.sensor).or(info.unit), calibrate)),
            wall: (declared.clock_back == Some(ClockBack::SummerTime)).then(WallClock::default),
            calibration: None,
            quality: Quality::new(info.sensor, declared.unit(info.sensor).or(info.unit)),
            blocks: Blocks::default(),
            samples: 0,
            first: None,
            last: None,
            times: None,
        };
        Self {
            header: header.clone(),
            declared: *declared,
            sensors: header.sensors.iter().map(sensor).collect(),
        }
    }

    /// Takes the next chunk.
    pub fn push(&mut self, chunk: &Chunk) {
        for (sensor, part) in self.sensors.iter_mut().zip(&chunk.parts) {
            let corrected = sensor.wall.as_mut().map(|wall| wall.correct_all(&part.times_ns));
            let times_ns = corrected.as_ref().unwrap_or(&part.times_ns);
            sensor.push_part(times_ns, &part.values);
            if let Some(still) = &mut sensor.still {
                still.push(times_ns, &part.values);
            }
        }
    }

    /// Replaces what the header said was noticed when the survey began.
    pub(crate) fn set_header_findings(&mut self, findings: &[Finding]) {
        self.header.findings = findings.to_vec();
    }

    /// What was found.
    pub fn finish(mut self) -> Report {
        let mut findings = self.header.findings.clone();
        let accelerometer = self.header.position(Sensor::Accelerometer);
        let moving = accelerometer.is_some_and(|i| moves(self.sensors[i].blocks.finish()));
        let mut sensors = Vec::with_capacity(self.sensors.len());
        for (info, survey) in self.header.sensors.iter().zip(&mut self.sensors) {
            sensors.push(survey.report(info, &self.declared, moving, &mut findings));
        }
        let mut bounds = self.sensors.iter().filter_map(|s| s.times);
        let all = bounds.next().map(|first| bounds.fold(first, |a, b| (a.0.min(b.0), a.1.max(b.1))));
        let duration_s = all.map_or(0.0, |(from, to)| (to.saturating_sub(from)) as f64 / 1e9);
        match accelerometer {
            Some(i) => said::alignment(&sensors, i, &mut findings),
            None => {
                let text = "there is no accelerometer, which everything here is based on";
                findings.push(Finding::new(FindingKind::SensorMissing, Severity::Refusal, text));
            }
        }
        if !self.declared.axes.is_identity() {
            let mirrored = if self.declared.axes.is_mirror() { ", which mirrors the device" } else { "" };
            let text = format!("axes taken as {}{mirrored}", self.declared.axes);
            let severity = if mirrored.is_empty() { Severity::Note } else { Severity::Warning };
            findings.push(Finding::new(FindingKind::Axes, severity, text));
        }
        // A name that says it and values that show it are one fault; the values' words come last and say how much.
        said::join_gravity_removed(&mut findings);
        let calibration = accelerometer.and_then(|i| self.sensors[i].calibration.take());
        let mut report = Report { duration_s, sensors, calibration, findings };
        report.sort();
        report
    }
}

impl SensorSurvey {
    /// Takes the next samples. Ordinary ones are taken in runs, with the same result as one by one.
    fn push_part(&mut self, times_ns: &[i64], values: &[[f32; 3]]) {
        for (times_ns, values) in times_ns.chunks(RUN).zip(values.chunks(RUN)) {
            let count = times_ns.len().min(values.len());
            self.push_run(&times_ns[..count], &values[..count]);
        }
    }

    fn push_run(&mut self, times_ns: &[i64], values: &[[f32; 3]]) {
        let (Some(&first), Some(&last)) = (times_ns.first(), times_ns.last()) else { return };
        let index = self.samples;
        // Without new pauses, what is not slow stays so.
        let rising = !self.slow_so_far() && self.steps.push_regular(times_ns);
        if rising {
            self.samples += times_ns.len() as u64;
            self.span(first);
            self.span(last);
        } else {
            times_ns.iter().for_each(|&time_ns| self.push_time(time_ns));
        }
        if let Some(peak) = self.quality.push_ordinary(index, times_ns, values) {
            if rising {
                self.blocks.push_rising(times_ns, values, peak);
            } else {
                let samples = times_ns.iter().zip(values);
                samples.for_each(|(&time_ns, &value)| self.blocks.push(time_ns, value));
            }
            self.first = self.first.or(values.first().copied());
            self.last = values.last().copied();
        } else {
            for (number, (&time_ns, &value)) in times_ns.iter().zip(values).enumerate() {
                self.push_value(index + number as u64, time_ns, value);
            }
        }
    }

    fn push_time(&mut self, time_ns: i64) {
        let index = self.samples;
        self.samples += 1;
        self.steps.push(index, time_ns);
        if self.slow_so_far() {
            self.slow.push(index, time_ns);
        }
        self.span(time_ns);
    }

    fn span(&mut self, time_ns: i64) {
        let (from, to) = self.times.unwrap_or((time_ns, time_ns));
        self.times = Some((from.min(time_ns), to.max(time_ns)));
    }

    fn push_value(&mut self, index: u64, time_ns: i64, value: [f32; 3]) {
        if self.quality.push(index, time_ns, value) {
            self.blocks.push(time_ns, value);
            self.first = self.first.or(Some(value));
            self.last = Some(value);
        }
    }

    /// Whether most steps up to now are longer than the longest gap; what is not slow at its beginning is not slow.
    fn slow_so_far(&self) -> bool {
        self.samples < FEW || self.slow.is_slower_than(&self.steps)
    }

    fn report(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        findings: &mut Vec<Finding>,
    ) -> SensorReport {
        let kind = info.sensor;
        if self.slow.is_slower_than(&self.steps) {
            core::mem::swap(&mut self.steps, &mut self.slow);
        }
        let Decision { unit, because, gravity, at_rest_g } = self.unit(info, declared, moving, findings);
        let non_wear = self.non_wear(kind, unit, findings);
        self.value_findings(kind, unit, findings);
        self.clock_findings(kind, info.rate_hz, findings);
        let convert = |v: [f32; 3]| declared.axes.apply(unit.map_or(v, |unit| v.map(|v| unit.to_project(v))));
        let railed =
            self.rails(kind, unit).into_iter().flatten().map(|(rail, _)| rail.count).max().unwrap_or(0);
        let (start_ns, end_ns) = self.times.unwrap_or((0, 0));
        SensorReport {
            kind,
            placement: info.placement.clone(),
            samples: self.samples,
            rate_hz: self.steps.rate_hz(),
            rate_spread: self.steps.spread_hz().map(|[slow, _, fast]| [slow, fast]),
            unit_found: unit,
            unit_because: because,
            gravity,
            at_rest_g,
            gaps: core::mem::take(&mut self.steps.gaps),
            non_wear,
            rail_share: railed as f64 / self.samples.max(1) as f64,
            first: self.first.map(convert),
            last: self.last.map(convert),
            start_s: start_ns as f64 / 1e9,
            end_s: end_ns as f64 / 1e9,
        }
    }
}

#[cfg(test)]
mod tests;
