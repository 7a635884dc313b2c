//! The first pass over a recording: what its sensors, clocks and values are like. Memory does not grow with its length.

mod blocks;
mod quality;
mod steps;
mod verdict;

pub use steps::Gap;

use super::options::Declared;
use super::report::{Report, SensorReport};
use crate::{Chunk, Finding, FindingKind, Header, Place, Sensor, SensorInfo, Severity, Unit};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use blocks::Blocks;
use quality::{Count, Quality};
use steps::Steps;
use verdict::{Reading, gyroscope_fits, gyroscope_reading, moves, rest};

/// Departure of the true rate from the stated one that is drift of a clock.
const DRIFT: f64 = 0.02;
/// Share of clipped samples above which windows suffer.
const RAILED: f64 = 0.005;

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
    quality: Quality,
    blocks: Blocks,
    samples: u64,
    first: Option<[f32; 3]>,
    last: Option<[f32; 3]>,
    times: Option<(i64, i64)>,
}

impl Survey {
    /// A survey that has seen nothing.
    pub fn new(header: &Header, declared: &Declared) -> Self {
        let sensor = |info: &SensorInfo| SensorSurvey {
            steps: Steps::new(declared.max_gap_ns()),
            quality: Quality::new(info.sensor),
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
            for (&time_ns, &value) in part.times_ns.iter().zip(&part.values) {
                sensor.push(time_ns, value);
            }
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Report {
        let mut findings = self.header.findings.clone();
        let moving = {
            let position = self.header.position(Sensor::Accelerometer);
            position.is_some_and(|i| moves(self.sensors[i].blocks.finish()))
        };
        let mut sensors = Vec::with_capacity(self.sensors.len());
        for (info, survey) in self.header.sensors.iter().zip(&mut self.sensors) {
            sensors.push(survey.report(info, &self.declared, moving, &mut findings));
        }
        let mut bounds = self.sensors.iter().filter_map(|s| s.times);
        let all = bounds.next().map(|first| bounds.fold(first, |a, b| (a.0.min(b.0), a.1.max(b.1))));
        let duration_s = all.map_or(0.0, |(from, to)| (to.saturating_sub(from)) as f64 / 1e9);
        if self.header.position(Sensor::Accelerometer).is_none() {
            let text = "there is no accelerometer, which everything here is based on";
            findings.push(Finding::new(FindingKind::SensorMissing, Severity::Refusal, text));
        }
        if !self.declared.axes.is_identity() {
            let mirrored = if self.declared.axes.is_mirror() { ", which mirrors the device" } else { "" };
            let text = format!("axes taken as {}{mirrored}", self.declared.axes);
            let severity = if mirrored.is_empty() { Severity::Note } else { Severity::Warning };
            findings.push(Finding::new(FindingKind::Axes, severity, text));
        }
        let mut report = Report { duration_s, sensors, findings };
        report.sort();
        report
    }
}

fn at(sensor: Sensor, first: Option<(u64, i64)>) -> Place {
    first.map_or_else(|| Place::sensor(sensor), |(sample, time_ns)| Place::sample(sensor, sample, time_ns))
}

impl SensorSurvey {
    fn push(&mut self, time_ns: i64, value: [f32; 3]) {
        let index = self.samples;
        self.samples += 1;
        self.steps.push(index, time_ns);
        let (from, to) = self.times.unwrap_or((time_ns, time_ns));
        self.times = Some((from.min(time_ns), to.max(time_ns)));
        if self.quality.push(index, time_ns, value) {
            self.blocks.push(time_ns, value);
            self.first = self.first.or(Some(value));
            self.last = Some(value);
        }
    }

    fn report(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        findings: &mut Vec<Finding>,
    ) -> SensorReport {
        let kind = info.sensor;
        let mut unit = Decision::default();
        match kind {
            _ if self.quality.good == 0 => {
                let severity =
                    if kind == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
                let text = format!("no usable sample of the {kind} among {}", self.samples);
                findings.push(Finding::new(FindingKind::Missing, severity, text).at(Place::sensor(kind)));
            }
            Sensor::Accelerometer => unit = self.acceleration_unit(info, declared, findings),
            Sensor::Gyroscope => unit = self.gyroscope_unit(info, declared, moving, findings),
            Sensor::Magnetometer => {
                unit.unit = info.unit;
                unit.because.clone_from(&info.unit_because);
            }
        }
        self.value_findings(kind, unit.unit, findings);
        self.clock_findings(kind, info.rate_hz, findings);
        let axes = declared.axes;
        let convert = |v: [f32; 3]| axes.apply(unit.unit.map_or(v, |unit| v.map(|v| unit.to_project(v))));
        let (start_ns, end_ns) = self.times.unwrap_or((0, 0));
        SensorReport {
            kind,
            placement: info.placement.clone(),
            samples: self.samples,
            rate_hz: self.steps.rate_hz(),
            rate_spread: self.steps.spread_hz().map(|[slow, _, fast]| [slow, fast]),
            unit_found: unit.unit,
            unit_because: unit.because,
            gravity: unit.gravity,
            at_rest_g: unit.at_rest_g,
            gaps: core::mem::take(&mut self.steps.gaps),
            rail_share: self
                .quality
                .rail()
                .map_or(0.0, |(count, ..)| count as f64 / self.samples.max(1) as f64),
            first: self.first.map(convert),
            last: self.last.map(convert),
            start_s: start_ns as f64 / 1e9,
            end_s: end_ns as f64 / 1e9,
        }
    }

    fn value_findings(&self, kind: Sensor, unit: Option<Unit>, findings: &mut Vec<Finding>) {
        let q = &self.quality;
        let samples = self.samples;
        let mut add = |kind_of, severity, Count { count, first }: Count, text: String| {
            findings.push(Finding::new(kind_of, severity, text).at(at(kind, first)).times(count));
        };
        if q.missing.count > 0 && q.good > 0 {
            let text = format!("{} of {samples} samples of the {kind} are missing", q.missing.count);
            add(FindingKind::Missing, Severity::Note, q.missing, text);
        }
        let impossible = q.impossible(unit.unwrap_or(kind.unit()));
        if impossible.count > 0 {
            let text = format!(
                "{} values of the {kind} are beyond any sensor (above {} {}): the windows that hold them are not used",
                impossible.count,
                kind.impossible(),
                kind.unit()
            );
            add(FindingKind::Impossible, Severity::Warning, impossible, text);
        }
        if q.good > 0 && q.all_zero {
            let severity = if kind == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
            let text = format!("every value of the {kind} is 0, which no sensor measures, not even at rest");
            add(FindingKind::AllZero, severity, Count { count: q.good, first: None }, text);
            return;
        }
        if let Some((count, first, size)) = q.rail() {
            let share = count as f64 / samples as f64;
            let severity = if share >= RAILED { Severity::Warning } else { Severity::Note };
            let size = unit.map_or(size, |unit| unit.to_project(size));
            let text = format!(
                "{:.2} % of the samples of the {kind} are clipped at {size:.3} {}",
                100.0 * share,
                kind.unit()
            );
            add(FindingKind::Rail, severity, Count { count, first: Some(first) }, text);
        }
        if let Some((axis, seconds, first)) = q.stuck() {
            let text = format!(
                "axis {} of the {kind} keeps one value for {seconds:.0} s while others move: it may be broken",
                ["x", "y", "z"][axis]
            );
            add(FindingKind::StuckAxis, Severity::Warning, Count { count: 1, first: Some(first) }, text);
        }
        let repeated = q.repeated.count as f64 / samples.max(1) as f64;
        if repeated > 0.2 && kind == Sensor::Accelerometer {
            let text = format!(
                "{:.0} % of the samples of the {kind} repeat the one before: the useful rate is lower",
                100.0 * repeated
            );
            add(FindingKind::Rate, Severity::Note, q.repeated, text);
        }
    }

    fn clock_findings(&self, kind: Sensor, stated_hz: Option<f64>, findings: &mut Vec<Finding>) {
        let s = &self.steps;
        let mut add = |kind_of, severity, count: u64, first, text: String| {
            findings.push(Finding::new(kind_of, severity, text).at(at(kind, first)).times(count));
        };
        if s.gap_count > 0 {
            let longest = s.gaps.iter().map(|gap| gap.length_s).fold(0.0, f64::max);
            let text = format!(
                "{} pauses of the {kind}, the longest {longest:.1} s: nothing is made up across them",
                s.gap_count
            );
            add(FindingKind::Gap, Severity::Note, s.gap_count, s.first_gap, text);
        }
        if s.counts.resets > 0 {
            let text = format!(
                "the clock of the {kind} goes back {} times: a new segment begins there, in the order of the file",
                s.counts.resets
            );
            add(FindingKind::ClockReset, Severity::Warning, s.counts.resets, s.first_reset, text);
        }
        if s.counts.stepped_back > 0 {
            let text = format!(
                "{} time stamps of the {kind} are earlier than the one before: the order of the file is kept",
                s.counts.stepped_back
            );
            add(FindingKind::Clock, Severity::Note, s.counts.stepped_back, s.first_step_back, text);
        }
        if s.counts.repeated > 0 {
            let text = format!(
                "{} samples of the {kind} have the time stamp of the one before, at most {} share one: they are spread evenly",
                s.counts.repeated, s.longest_run
            );
            add(FindingKind::Clock, Severity::Note, s.counts.repeated, s.first_repeat, text);
        }
        if let (Some(stated), Some(found)) = (stated_hz, s.rate_hz())
            && (found / stated - 1.0).abs() > DRIFT
        {
            let text = format!("the {kind} is said to have {stated} samples per second and has {found:.2}");
            add(FindingKind::Rate, Severity::Warning, 1, None, text);
        }
    }

    fn acceleration_unit(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        findings: &mut Vec<Finding>,
    ) -> Decision {
        let kind = info.sensor;
        let found = rest(self.blocks.finish());
        let mut add = |kind_of, severity, text: String| {
            findings.push(Finding::new(kind_of, severity, text).at(Place::sensor(kind)));
        };
        let because = |known: &str| String::from(known);
        let Some(rest) = found else {
            // Too short for a single second: what is stated is all there is.
            let unit = declared.acceleration.or(info.unit);
            if unit.is_none() {
                add(
                    FindingKind::UnitUnknown,
                    Severity::Refusal,
                    "the unit of acceleration is not stated and the recording is too short to tell".into(),
                );
            }
            return Decision { unit, because: info.unit_because.clone(), ..Decision::default() };
        };
        let place = if rest.still { "at rest" } else { "in the middle, as rest was not found" };
        let measured = format!("acceleration measures {:.3} {place}", rest.length);
        let at_rest_g = |unit: Unit| rest.still.then_some(rest.in_g(unit));
        let all_zero = self.quality.all_zero;
        if let Some(unit) = declared.acceleration {
            if !rest.fits(unit) && !all_zero {
                let text = format!("{measured}, which is {:.2} g in the declared {unit}", rest.in_g(unit));
                add(FindingKind::Calibration, Severity::Warning, text);
            }
            return Decision {
                unit: Some(unit),
                because: because("declared"),
                gravity: Some(rest.in_g(unit) >= 0.3),
                at_rest_g: at_rest_g(unit),
            };
        }
        let reading = rest.reading();
        if all_zero {
            return Decision { unit: info.unit, ..Decision::default() };
        }
        match (info.unit, reading) {
            (Some(unit), _) if rest.fits(unit) => Decision {
                unit: Some(unit),
                because: info.unit_because.clone(),
                gravity: Some(true),
                at_rest_g: at_rest_g(unit),
            },
            (stated, Reading::NoGravity) => {
                let text = format!(
                    "{measured}: gravity looks removed. Record total acceleration (Android TYPE_ACCELEROMETER, not \
                     linear acceleration; on iOS gravity and user acceleration together)"
                );
                add(FindingKind::GravityRemoved, Severity::Refusal, text);
                Decision {
                    unit: stated,
                    because: info.unit_because.clone(),
                    gravity: Some(false),
                    at_rest_g: stated.and_then(at_rest_g),
                }
            }
            (Some(unit), Reading::Unit(other)) if other != unit => {
                let text = format!("the file says {unit}, but {measured}, which looks like {other}");
                add(FindingKind::Unit, Severity::Refusal, text);
                Decision { because: info.unit_because.clone(), ..Decision::default() }
            }
            (Some(unit), _) => {
                let text = format!(
                    "{measured}, {:.2} g, where 0.75 to 1.25 g are expected: another unit, or a sensor that has to be \
                     calibrated",
                    rest.in_g(unit)
                );
                add(FindingKind::Calibration, Severity::Refusal, text);
                Decision {
                    unit: Some(unit),
                    because: info.unit_because.clone(),
                    gravity: None,
                    at_rest_g: at_rest_g(unit),
                }
            }
            (None, Reading::Unit(unit)) => {
                add(FindingKind::Unit, Severity::Note, format!("{measured}: taken as {unit}"));
                Decision {
                    unit: Some(unit),
                    because: format!("inferred: {measured}"),
                    gravity: Some(true),
                    at_rest_g: at_rest_g(unit),
                }
            }
            (None, reading) => {
                let guess = match reading {
                    Reading::Counts(counts) => format!(" (counts of a device with {counts} to a g?)"),
                    _ => String::new(),
                };
                let text = format!(
                    "the unit of acceleration is not stated, and {measured}, which is no usual unit{guess}"
                );
                add(FindingKind::UnitUnknown, Severity::Refusal, text);
                Decision::default()
            }
        }
    }

    fn gyroscope_unit(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        findings: &mut Vec<Finding>,
    ) -> Decision {
        let largest = self.quality.largest();
        let mut add = |kind_of, severity, text: String| {
            findings.push(Finding::new(kind_of, severity, text).at(Place::sensor(info.sensor)));
        };
        let known = |unit, because: String| Decision { unit: Some(unit), because, ..Decision::default() };
        if let Some(unit) = declared.angular_velocity {
            if !gyroscope_fits(unit, largest) {
                let text = format!(
                    "angular velocity reaches {largest:.1}, more than sensors measure in the declared {unit}"
                );
                add(FindingKind::Unit, Severity::Warning, text);
            }
            return known(unit, "declared".into());
        }
        match info.unit {
            Some(unit) if gyroscope_fits(unit, largest) => known(unit, info.unit_because.clone()),
            Some(unit) => {
                let text = format!(
                    "the file says {unit}, but angular velocity reaches {largest:.1}, which looks like deg/s: no ordinary \
                     gyroscope exceeds 40 rad/s"
                );
                add(FindingKind::Unit, Severity::Refusal, text);
                Decision { because: info.unit_because.clone(), ..Decision::default() }
            }
            None => match gyroscope_reading(largest, self.blocks.finish(), moving) {
                Some(unit) => {
                    let because = format!("angular velocity reaches {largest:.1}");
                    add(FindingKind::Unit, Severity::Note, format!("{because}: taken as {unit}"));
                    known(unit, format!("inferred: {because}"))
                }
                None => {
                    let text = "the unit of angular velocity is not stated, and the values do not tell it";
                    add(FindingKind::UnitUnknown, Severity::Refusal, text.into());
                    Decision::default()
                }
            },
        }
    }
}

/// What is known of a sensor's unit.
#[derive(Clone, Debug, Default)]
struct Decision {
    unit: Option<Unit>,
    because: String,
    gravity: Option<bool>,
    at_rest_g: Option<f64>,
}
