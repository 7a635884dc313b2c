//! What there is to say about values and clocks of a sensor, as findings.

use super::super::count::Count;
use super::super::report::SensorReport;
use super::super::{impossible_text, missing_text};
use super::SensorSurvey;
use crate::{Finding, FindingKind, Place, Sensor, Severity, Unit};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Departure of the true rate from the stated one that is worth a warning: crystals keep 0.01 %, schedulers of phones 1 %.
const DRIFT: f64 = 0.02;
/// Rate below which movement cannot be told: two steps of a runner take less than a second.
const SLOWEST_HZ: f64 = 5.0;
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

impl SensorSurvey {
    /// Samples at the end of the range, and where that is in the source's unit; none as long as nobody knows the unit.
    pub(super) fn rail(&self, kind: Sensor, unit: Option<Unit>) -> Option<(Count, f32)> {
        self.quality.rail((smallest_range(kind) / unit?.factor()) as f32)
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
            let text = impossible_text(kind, impossible.count);
            add(FindingKind::Impossible, Severity::Warning, impossible, text);
        }
        if q.good > 0 && q.all_zero {
            let severity = if kind == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
            let text = format!("every value of the {kind} is 0, which no sensor measures, not even at rest");
            add(FindingKind::AllZero, severity, Count { count: q.good, first: None }, text);
            return;
        }
        if let (Some((rail, size)), Some(unit)) = (self.rail(kind, unit), unit) {
            let share = rail.count as f64 / self.samples as f64;
            let severity = if share >= RAILED { Severity::Warning } else { Severity::Note };
            let (percent, size) = (100.0 * share, unit.to_project(size));
            let text = format!(
                "{percent:.2} % of the samples of the {kind} are clipped at {size:.3} {}",
                kind.unit()
            );
            add(FindingKind::Rail, severity, rail, text);
        }
        if let Some((axis, seconds, first)) = q.stuck() {
            let axis = ["x", "y", "z"][axis];
            let text = format!(
                "axis {axis} of the {kind} keeps one value for {seconds:.0} s while others move: it may be broken"
            );
            add(FindingKind::StuckAxis, Severity::Warning, Count { count: 1, first: Some(first) }, text);
        }
        let repeated = q.repeated.count as f64 / self.samples.max(1) as f64;
        if repeated > REPEATED && kind == Sensor::Accelerometer {
            let percent = 100.0 * repeated;
            let text = format!(
                "{percent:.0} % of the samples of the {kind} repeat the one before: the device lay still, or the useful rate is \
                 lower"
            );
            add(FindingKind::Rate, Severity::Note, q.repeated, text);
        }
    }

    pub(super) fn clock_findings(&self, kind: Sensor, stated_hz: Option<f64>, findings: &mut Vec<Finding>) {
        let s = &self.steps;
        s.counts.findings(kind, findings);
        let place = Place::sensor(kind);
        match s.rate_hz() {
            // One sample, or none, has no rate and needs none.
            None if self.samples > 1 => {
                let text = format!("the time stamps of the {kind} tell no rate");
                findings.push(Finding::new(FindingKind::Rate, Severity::Refusal, text).at(place));
            }
            Some(found) => {
                if found < SLOWEST_HZ {
                    let text = format!(
                        "the {kind} has {found:.3} samples per second, too few for movement: summaries of a device, not what it \
                         measured?"
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
