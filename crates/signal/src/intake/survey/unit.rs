//! The unit of a sensor: declared, stated or found in the values.

use super::super::count::percent;
use super::super::options::Declared;
use super::SensorSurvey;
use super::verdict::{
    MEAN_SHARE_WITHOUT_GRAVITY, Reading, Rest, ends_a_range, gyroscope_misfit, gyroscope_reading, largest,
    rest,
};
use crate::{Finding, FindingKind, Place, Sensor, SensorInfo, Severity, Unit};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What is known of a sensor's unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Decision {
    pub(super) unit: Option<Unit>,
    pub(super) because: String,
    pub(super) gravity: Option<bool>,
    pub(super) at_rest_g: Option<f64>,
}

impl Decision {
    fn known(unit: Unit, because: impl Into<String>) -> Self {
        Self { unit: Some(unit), because: because.into(), ..Self::default() }
    }

    /// Acceleration in this unit, which measures so much at rest once calibrated.
    fn calibrated(unit: Unit, because: impl Into<String>, at_rest_g: f64) -> Self {
        Self { gravity: Some(true), at_rest_g: Some(at_rest_g), ..Self::known(unit, because) }
    }

    /// Acceleration in this unit, of which this is known at rest.
    fn acceleration(unit: Unit, because: impl Into<String>, gravity: Option<bool>, rest: &Rest) -> Self {
        Self { gravity, at_rest_g: rest.still.then_some(rest.in_g(unit)), ..Self::known(unit, because) }
    }
}

/// Takes findings about one sensor as a whole.
struct Said<'a> {
    sensor: Sensor,
    findings: &'a mut Vec<Finding>,
}

impl Said<'_> {
    fn add(&mut self, kind: FindingKind, severity: Severity, text: impl Into<String>) {
        self.findings.push(Finding::new(kind, severity, text).at(Place::sensor(self.sensor)));
    }
}

impl SensorSurvey {
    pub(super) fn unit(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        findings: &mut Vec<Finding>,
    ) -> Decision {
        let sensor = info.sensor;
        let mut said = Said { sensor, findings };
        if self.quality.good == 0 {
            let severity =
                if sensor == Sensor::Accelerometer { Severity::Refusal } else { Severity::Warning };
            let text = format!("no usable sample of the {sensor} among {}", self.samples);
            said.add(FindingKind::Missing, severity, text);
            return Decision::default();
        }
        match sensor {
            Sensor::Accelerometer => match declared.acceleration {
                Some(unit) => self.declared_acceleration(unit, declared, &mut said),
                None => self.acceleration(info, declared, moving, &mut said),
            },
            Sensor::Gyroscope => self.angular_velocity(info, declared, moving, &mut said),
            Sensor::Magnetometer => {
                Decision { unit: info.unit, because: info.unit_because.clone(), ..Decision::default() }
            }
        }
    }

    fn declared_acceleration(&mut self, unit: Unit, declared: &Declared, said: &mut Said<'_>) -> Decision {
        if let Some(at_rest_g) = self.calibrate(unit, declared, said.findings) {
            return Decision::calibrated(unit, "declared", at_rest_g);
        }
        let Some(rest) = rest(self.blocks.finish()) else { return Decision::known(unit, "declared") };
        if !rest.fits(unit) && !self.quality.all_zero() {
            let text =
                format!("{}, which is {:.2} g in the declared {unit}", measured(&rest), rest.in_g(unit));
            said.add(FindingKind::Calibration, Severity::Warning, text);
        }
        Decision::acceleration(unit, "declared", Some(rest.has_gravity(unit)), &rest)
    }

    fn acceleration(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        said: &mut Said<'_>,
    ) -> Decision {
        let stated = Decision { unit: info.unit, because: info.unit_because.clone(), ..Decision::default() };
        // Neither summaries nor an axis that measures nothing say anything about a unit; they are refused as what they are.
        if self.quality.all_zero() || self.epoch_s().is_some() || self.mostly_stuck() {
            return stated;
        }
        let Some(rest) = rest(self.blocks.finish()) else {
            // Too short for a single second: what is stated is all there is.
            if info.unit.is_none() {
                let text = "the unit of acceleration is not stated and the recording is too short to tell";
                said.add(FindingKind::UnitUnknown, Severity::Refusal, text);
            }
            return stated;
        };
        match info.unit {
            Some(unit) => {
                if let Some(at_rest_g) = self.calibrate(unit, declared, said.findings) {
                    return Decision::calibrated(unit, info.unit_because.as_str(), at_rest_g);
                }
                // A device that lies still repeats itself wherever it is.
                let rail = self.worst_rail(info.sensor, unit).filter(|_| moving);
                stated_acceleration(unit, &info.unit_because, &rest, rail, said)
            }
            None => {
                let decision = inferred_acceleration(&rest, said);
                let at_rest_g = decision.unit.and_then(|unit| self.calibrate(unit, declared, said.findings));
                Decision { at_rest_g: at_rest_g.or(decision.at_rest_g), ..decision }
            }
        }
    }

    fn angular_velocity(
        &mut self,
        info: &SensorInfo,
        declared: &Declared,
        moving: bool,
        said: &mut Said<'_>,
    ) -> Decision {
        let blocks = self.blocks.finish();
        let largest = largest(blocks);
        let reaches = format!("angular velocity reaches {largest:.1}");
        if let Some(unit) = declared.angular_velocity {
            if let Some(other) = gyroscope_misfit(unit, largest, moving) {
                let text = format!("{reaches} in the declared {unit}, which looks like {other}");
                said.add(FindingKind::Unit, Severity::Warning, text);
            }
            return Decision::known(unit, "declared");
        }
        let Some(unit) = info.unit else {
            if let Some(unit) = gyroscope_reading(largest, blocks, moving) {
                said.add(FindingKind::Unit, Severity::Note, format!("{reaches}: taken as {unit}"));
                return Decision::known(unit, format!("inferred: {reaches}"));
            }
            let text = "the unit of angular velocity is not stated, and the values do not tell it";
            said.add(FindingKind::UnitUnknown, Severity::Refusal, text);
            return Decision::default();
        };
        match gyroscope_misfit(unit, largest, moving) {
            Some(other) if unit == Unit::RadiansPerSecond => {
                let text = format!(
                    "the file says {unit}, but {reaches}, which looks like {other}: no ordinary gyroscope exceeds 40 rad/s"
                );
                said.add(FindingKind::Unit, Severity::Refusal, text);
                return Decision { because: info.unit_because.clone(), ..Decision::default() };
            }
            Some(other) => {
                let text = format!(
                    "the file says {unit}, but {reaches} while the wearer moves, which looks like {other}"
                );
                said.add(FindingKind::Unit, Severity::Warning, text);
            }
            None => {}
        }
        Decision::known(unit, info.unit_because.clone())
    }
}

fn measured(rest: &Rest) -> String {
    let place = if rest.still { "at rest" } else { "in the middle, as rest was not found" };
    format!("acceleration measures {:.3} {place}", rest.length)
}

/// Median length of acceleration in g up to which somebody who runs all the time may come: jogging at the wrist and at the ankle
/// measures 1.3 to 2.1 in UMAFall.
const RUNNING: f64 = 3.0;

/// Acceleration of which the source states the unit.
fn stated_acceleration(
    unit: Unit,
    because: &str,
    rest: &Rest,
    rail: Option<(f64, f32)>,
    said: &mut Said<'_>,
) -> Decision {
    let (measured, in_g) = (measured(rest), rest.in_g(unit));
    if rest.fits(unit) {
        if rest.is_off(unit) {
            let text =
                format!("{measured}, {in_g:.2} g, where 1 g is expected: the sensor is off calibration");
            said.add(FindingKind::Calibration, Severity::Note, text);
        }
        return Decision::acceleration(unit, because, Some(true), rest);
    }
    match rest.reading() {
        Reading::NoGravity => {
            gravity_removed(&measured, said);
            Decision::acceleration(unit, because, Some(false), rest)
        }
        Reading::Unit(other) if other != unit => {
            let text = format!("the file says {unit}, but {measured}, which looks like {other}");
            said.add(FindingKind::Unit, Severity::Refusal, text);
            Decision { because: because.into(), ..Decision::default() }
        }
        // Rest fits no unit, but the range ends where ranges end in this one: a second witness, and the better one, as a sensor
        // that gives too much reaches the end of its range while it moves.
        _ if rail.is_some_and(|(_, size)| ends_a_range(unit, size)) && rest.has_gravity(unit) => {
            let (share, size) = rail.unwrap_or_default();
            let text = format!(
                "{measured}, {in_g:.2} g, where 1 g is expected, and {} of the samples are clipped at {:.3} g: the unit is believed, as a \
                 range ends there; the sensor needs another gain",
                percent(share),
                unit.to_project(size)
            );
            said.add(FindingKind::Calibration, Severity::Warning, text);
            Decision::acceleration(unit, because, Some(true), rest)
        }
        // Someone who runs all the time: no rest to hold against what is stated, and nothing that any other unit would explain.
        _ if !rest.still
            && (1.0..RUNNING).contains(&in_g)
            && rest.mean_share >= MEAN_SHARE_WITHOUT_GRAVITY =>
        {
            let text = format!(
                "{measured}, {in_g:.2} g: nothing contradicts the stated unit, and nothing confirms it"
            );
            said.add(FindingKind::Unit, Severity::Warning, text);
            Decision::acceleration(unit, because, Some(true), rest)
        }
        _ => {
            let text = format!(
                "{measured}, {in_g:.2} g, where 0.75 to 1.25 g are expected: another unit, or a sensor that has to be calibrated"
            );
            said.add(FindingKind::Calibration, Severity::Refusal, text);
            Decision::acceleration(unit, because, None, rest)
        }
    }
}

/// Acceleration whose unit nobody states.
fn inferred_acceleration(rest: &Rest, said: &mut Said<'_>) -> Decision {
    let measured = measured(rest);
    let guess = match rest.reading() {
        Reading::Unit(unit) => {
            said.add(FindingKind::Unit, Severity::Note, format!("{measured}: taken as {unit}"));
            return Decision::acceleration(unit, format!("inferred: {measured}"), Some(true), rest);
        }
        Reading::NoGravity => {
            gravity_removed(&measured, said);
            return Decision { gravity: Some(false), ..Decision::default() };
        }
        Reading::Counts(counts) => format!(" (counts of a device with {counts} to a g?)"),
        Reading::Unknown => String::new(),
    };
    let text =
        format!("the unit of acceleration is not stated, and {measured}, which is no usual unit{guess}");
    said.add(FindingKind::UnitUnknown, Severity::Refusal, text);
    Decision::default()
}

fn gravity_removed(measured: &str, said: &mut Said<'_>) {
    let text = format!(
        "{measured}: gravity looks removed, this is gravity-free acceleration. Record total acceleration (Android TYPE_ACCELEROMETER, not linear acceleration; on \
         iOS gravity and user acceleration together)"
    );
    said.add(FindingKind::GravityRemoved, Severity::Refusal, text);
}
