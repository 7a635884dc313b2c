//! What there is to say about values and clocks of a sensor, as findings.

use super::super::count::{Count, percent};
use super::super::report::SensorReport;
use super::super::{impossible_text, missing_text};
use super::SensorSurvey;
use crate::{Finding, FindingKind, Place, Sensor, Severity, Unit};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const AXES: [&str; 3] = ["x", "y", "z"];
/// Departure of the true rate from the stated one that is worth a warning: crystals keep 0.01 %, schedulers of phones 1 %.
const DRIFT: f64 = 0.02;
/// Rate below which movement cannot be told: two steps of a runner take less than a second.
const SLOWEST_HZ: f64 = 5.0;
/// Rate up to which a recording is epoch data, one summary a second or less, in Hz: raw acceleration is not stored so slowly.
const EPOCHS_HZ: f64 = 1.01;
/// Samples that are 0 on all axes from which it is said: half a second at 20 Hz, and no chance of a value that is rounded.
const ZEROS: u64 = 10;
/// Share of a recording above which a stuck axis, or non-wear, is most of it.
pub(super) const MOST: f64 = 0.5;
/// Share of clipped samples above which windows suffer: about one sample in every window of 128 and more.
const RAILED: f64 = 0.005;
/// Share of samples that repeat the one before on all axes above which a recording looks resampled from a lower rate: one of
/// five is what 50 Hz made of 40 Hz has.
const REPEATED: f64 = 0.2;
/// Seconds by which sensors may begin and end apart before it is said: less than half a window of 2.56 s.
const APART_S: f64 = 1.0;

/// The end of the smallest range there is, in the project's unit: ±1.5 g (MMA7260) and ±125 deg/s (LSM6DS3, BMI160).
fn smallest_range(sensor: Sensor) -> f64 {
    match sensor {
        Sensor::Accelerometer => 1.5,
        Sensor::Gyroscope => 125f64.to_radians(),
        // That of the earth's field, which every compass has to measure.
        Sensor::Magnetometer => 100.0,
    }
}

/// Where other sensors are not while the accelerometer is; `accelerometer` is its number.
pub(super) fn alignment(sensors: &[SensorReport], accelerometer: usize, findings: &mut Vec<Finding>) {
    let Some(base) = sensors.get(accelerometer).filter(|base| base.samples > 0) else { return };
    for other in sensors.iter().filter(|other| other.kind != Sensor::Accelerometer && other.samples > 0) {
        let (late, early) = (other.start_s - base.start_s, base.end_s - other.end_s);
        let kind = other.kind;
        let (severity, text) = if other.start_s > base.end_s || other.end_s < base.start_s {
            let text = format!(
                "the {kind} and the accelerometer have no time in common: are their clocks the same?"
            );
            (Severity::Refusal, text)
        } else if late > APART_S || early > APART_S {
            let text = format!(
                "the {kind} begins {late:.1} s after the accelerometer and ends {early:.1} s before it: what needs both is \
                 used where both are"
            );
            (Severity::Note, text)
        } else {
            continue;
        };
        findings.push(Finding::new(FindingKind::Alignment, severity, text).at(Place::sensor(kind)));
    }
}

/// A name that says that gravity is gone and values that show it are one fault: one finding, at the sensor that showed it.
pub(super) fn join_gravity_removed(findings: &mut Vec<Finding>) {
    let of = |finding: &Finding| finding.kind == FindingKind::GravityRemoved;
    let Some(last) = findings.iter().rposition(of) else { return };
    let mut joined = findings.remove(last);
    for finding in findings.iter().rev().filter(|finding| of(finding)) {
        joined.text = format!("{}; {}", finding.text, joined.text);
    }
    findings.retain(|finding| !of(finding));
    findings.push(joined);
}

impl SensorSurvey {
    /// Samples at the end of the range of each axis, and where that is in the source's unit; none as long as nobody knows the
    /// unit.
    pub(super) fn rails(&self, kind: Sensor, unit: Option<Unit>) -> [Option<(Count, f32)>; 3] {
        let Some(unit) = unit else { return [None; 3] };
        let mut rails = self.quality.rails((smallest_range(kind) / unit.factor()) as f32);
        // An axis that is stuck is at no end.
        if let Some(stuck) = self.quality.stuck(self.steps.recorded_s()) {
            rails[stuck.axis] = None;
        }
        rails
    }

    /// Share of samples clipped on one axis, at most, and where that is in the source's unit.
    pub(super) fn worst_rail(&self, kind: Sensor, unit: Unit) -> Option<(f64, f32)> {
        let rails = self.rails(kind, Some(unit)).into_iter().flatten();
        let (count, size) = rails.max_by_key(|(count, _)| count.count)?;
        let share = count.count as f64 / self.samples.max(1) as f64;
        (share >= RAILED).then_some((share, size))
    }

    /// Seconds from one sample to the next, if they are so far apart that each is the summary of an epoch.
    pub(super) fn epoch_s(&self) -> Option<f64> {
        self.steps.rate_hz().filter(|rate| *rate <= EPOCHS_HZ).map(|rate| 1.0 / rate)
    }

    /// The axis that is stuck for most of the recording.
    pub(super) fn mostly_stuck(&self) -> bool {
        let recorded_s = self.steps.recorded_s();
        self.quality.stuck(recorded_s).is_some_and(|stuck| stuck.seconds > MOST * recorded_s)
    }

    pub(super) fn value_findings(&self, kind: Sensor, unit: Option<Unit>, findings: &mut Vec<Finding>) {
        let q = &self.quality;
        let mut add = |of, severity, count: Count, text: String| {
            findings.push(count.finding(kind, of, severity, text));
        };
        if q.missing.count > 0 && q.good > 0 {
            let text = missing_text(kind, q.missing.count, self.samples);
            add(FindingKind::Missing, Severity::Note, q.missing, text);
        }
        let impossible = q.impossible(unit);
        if impossible.count > 0 {
            let text = impossible_text(kind, &impossible);
            // Where most values are none, the others are accidents: another unit, or counts.
            let most = impossible.count > self.samples / 2;
            let severity =
                if most && kind == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
            add(FindingKind::Impossible, severity, impossible, text);
        }
        if q.good > 0 && q.all_zero() {
            let severity = if kind == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
            let text = format!("every value of the {kind} is 0, which no sensor measures, not even at rest");
            add(FindingKind::AllZero, severity, Count { count: q.good, first: None }, text);
            return;
        }
        if kind == Sensor::Accelerometer && q.zeros.count >= ZEROS {
            let text = format!(
                "{} of {} samples of the {kind} are zeros on all axes, which no sensor measures: it was off",
                q.zeros.count, self.samples
            );
            add(FindingKind::AllZero, Severity::Warning, q.zeros, text);
        }
        let rails = self.rails(kind, unit);
        let worst = rails.iter().flatten().map(|(rail, _)| rail).max_by_key(|rail| rail.count);
        if let (Some(worst), Some(unit)) = (worst, unit) {
            let share = |rail: &Count| rail.count as f64 / self.samples as f64;
            let severity = if share(worst) >= RAILED { Severity::Warning } else { Severity::Note };
            let on = |(axis, rail): (&&str, &Option<(Count, f32)>)| {
                let (rail, size) = rail.as_ref()?;
                let (share, size) = (percent(share(rail)), unit.to_project(*size));
                Some((share, format!("on {axis} at {size:.3} {}", kind.unit())))
            };
            let mut parts = AXES.iter().zip(&rails).filter_map(on);
            let first = parts
                .next()
                .map(|(share, place)| format!("{share} of the samples of the {kind} are clipped {place}"));
            let text = parts
                .fold(first.unwrap_or_default(), |text, (share, place)| format!("{text}, {share} {place}"));
            add(FindingKind::Rail, severity, *worst, text);
        }
        if let Some(stuck) = q.stuck(self.steps.recorded_s()).filter(|_| self.epoch_s().is_none()) {
            let (axis, value, seconds) = (AXES[stuck.axis], stuck.value, stuck.seconds);
            let most = kind == Sensor::Accelerometer && self.mostly_stuck();
            let severity = if most { Severity::Refusal } else { Severity::Warning };
            let text = format!(
                "axis {axis} of the {kind} is stuck at {value} for {seconds:.0} s while others move: it may be broken"
            );
            add(FindingKind::StuckAxis, severity, Count { count: 1, first: Some(stuck.at) }, text);
        }
        let repeated = q.repeated.count as f64 / self.samples.max(1) as f64;
        if repeated > REPEATED && kind == Sensor::Accelerometer {
            let text = format!(
                "{} of {} samples of the {kind}, {}, repeat the one before: the device lay still, or the useful rate is lower",
                q.repeated.count,
                self.samples,
                percent(repeated)
            );
            add(FindingKind::Rate, Severity::Note, q.repeated, text);
        }
    }

    pub(super) fn clock_findings(&self, kind: Sensor, stated_hz: Option<f64>, findings: &mut Vec<Finding>) {
        let s = &self.steps;
        s.counts.findings(kind, findings);
        let hours = &s.counts.hours_back;
        if hours.count > 0 {
            let text = format!(
                "the clock of the {kind} goes back by 1 h{}, and its times have no offset from UTC: it looks like the end of summer \
                 time. Declare whether it is, or whether the recording began anew",
                hours.at_sample()
            );
            findings.push(hours.finding(kind, FindingKind::ClockReset, Severity::Refusal, text));
        }
        let place = Place::sensor(kind);
        if let Some(epoch_s) = self.epoch_s() {
            let text = format!(
                "one sample of the {kind} each {} s: epoch data, summaries of a device, and not the acceleration that it measured",
                libm::round(1000.0 * epoch_s) / 1000.0
            );
            findings.push(Finding::new(FindingKind::Rate, Severity::Refusal, text).at(place.clone()));
        }
        match s.rate_hz() {
            // One sample, or none, has no rate and needs none.
            None if self.samples > 1 => {
                let text = format!("the time stamps of the {kind} tell no rate");
                findings.push(Finding::new(FindingKind::Rate, Severity::Refusal, text).at(place));
            }
            Some(found) => {
                if found < SLOWEST_HZ && self.epoch_s().is_none() {
                    let text = format!(
                        "the {kind} gives {found:.1} Hz, too few samples for movement: summaries of a device, not what it measured?"
                    );
                    findings.push(Finding::new(FindingKind::Rate, Severity::Warning, text).at(place.clone()));
                }
                let fits = |stated: &f64| (found / stated - 1.0).abs() <= DRIFT;
                if let Some(stated) = stated_hz.filter(|stated| !fits(stated)) {
                    let text =
                        format!("the {kind} is said to have {stated} samples per second and has {found:.2}");
                    findings.push(Finding::new(FindingKind::Rate, Severity::Warning, text).at(place));
                }
            }
            None => {}
        }
    }
}
