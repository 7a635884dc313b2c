//! What an accelerometer tells where it lies still: whether somebody wore it, and how to calibrate it.

use super::super::calibration::Calibration;
use super::super::count::{counted, duration, percent};
use super::super::non_wear::Stretch;
use super::super::options::{Autocalibrate, Declared};
use super::SensorSurvey;
use super::said::MOST;
use crate::{Finding, FindingKind, Place, Sensor, Severity, Unit};
use alloc::format;
use alloc::vec::Vec;

/// Length of a recording that is calibrated without being told to, in nanoseconds: a day, less the window of ten seconds that a
/// recording from one noon to the next may lack.
const DAY_NS: i64 = 86_390_000_000_000;

impl SensorSurvey {
    /// Stretches in which nobody wore the device.
    pub(super) fn non_wear(
        &mut self,
        kind: Sensor,
        unit: Option<Unit>,
        findings: &mut Vec<Finding>,
    ) -> Vec<Stretch> {
        let Some((found, _)) = self.still.as_mut().and_then(|still| still.finish(unit)) else {
            return Vec::new();
        };
        let stretches = core::mem::take(&mut found.found);
        if let (Some(first_ns), count @ 1..) = (found.first_ns, found.count) {
            let total_s = found.total_ns as f64 / 1e9;
            let share = total_s / self.steps.recorded_s().max(total_s);
            let severity = if share > MOST { Severity::Warning } else { Severity::Note };
            let text = format!(
                "{} of 30 minutes or more without movement and without change of orientation, {} together, {} of what was \
                 recorded: the device was not worn, or its wearer slept without a stir",
                counted(count, "stretch", "stretches"),
                duration(total_s),
                percent(share)
            );
            let place = Place { time_s: Some(first_ns as f64 / 1e9), ..Place::sensor(kind) };
            findings.push(Finding::new(FindingKind::NonWear, severity, text).at(place).times(count));
        }
        stretches
    }

    /// Calibrates acceleration in this unit, if that is wanted. The length at rest in g once calibrated, if it is applied.
    pub(super) fn calibrate(
        &mut self,
        unit: Unit,
        declared: &Declared,
        findings: &mut Vec<Finding>,
    ) -> Option<f64> {
        let (from, to) = self.times?;
        let asked = declared.autocalibrate == Autocalibrate::On;
        if !asked && to.saturating_sub(from) < DAY_NS {
            return None;
        }
        let (_, points) = self.still.as_mut()?.finish(Some(unit))?;
        let points = points?.all();
        let calibration = Calibration::of(points);
        let at_rest_g = calibration.applied.then(|| calibration.mean_length(points));
        let severity = if asked && !calibration.applied { Severity::Warning } else { Severity::Note };
        let place = Place::sensor(Sensor::Accelerometer);
        findings.push(Finding::new(FindingKind::Calibration, severity, calibration.text()).at(place));
        self.calibration = Some(calibration);
        at_rest_g
    }
}
