//! What a survey of a recording found.

use super::calibration::Calibration;
use super::non_wear::Stretch;
use super::survey::Gap;
use crate::{Finding, Sensor, Severity, Unit};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What was found of one sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensorReport {
    /// What it measures.
    pub kind: Sensor,
    /// Where it was worn, where several placements were recorded together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// Samples, missing ones included.
    pub samples: u64,
    /// True rate in Hz, over the whole without gaps; none if there are no two different times.
    pub rate_hz: Option<f64>,
    /// Rates that the 99th and the 1st percentile of the steps between samples stand for, to 1 %; samples that share a stamp share
    /// the step to the next.
    pub rate_spread: Option<[f64; 2]>,
    /// The unit of the source; none if nobody knows.
    pub unit_found: Option<Unit>,
    /// How the unit is known.
    pub unit_because: String,
    /// Whether acceleration includes gravity; none for other sensors, or if it cannot be told.
    pub gravity: Option<bool>,
    /// Length of acceleration at rest in g, where rest was found; once calibrated, if the intake calibrates it.
    pub at_rest_g: Option<f64>,
    /// Pauses, at most the first 10,000.
    pub gaps: Vec<Gap>,
    /// Stretches of an accelerometer without movement and without change of orientation for 30 minutes or more, to ten seconds;
    /// cut where there is a gap, at most the first 10,000.
    #[serde(default)]
    pub non_wear: Vec<Stretch>,
    /// Share of samples at the end of the range.
    pub rail_share: f64,
    /// The first good sample in the project's unit and axes, or the source's if the unit is unknown; as recorded, not calibrated.
    pub first: Option<[f32; 3]>,
    /// The last one.
    pub last: Option<[f32; 3]>,
    /// Time of the first sample, in seconds from the recording's zero.
    pub start_s: f64,
    /// Time of the last.
    pub end_s: f64,
}

/// What a survey found; the base of every decision of the intake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Seconds from the first sample of any sensor to the last.
    pub duration_s: f64,
    /// The sensors, in the order of the header.
    pub sensors: Vec<SensorReport>,
    /// The calibration of acceleration to 1 g at rest, where one was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// What was noticed, refusals first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing speaks against using the recording.
    pub fn is_usable(&self) -> bool {
        self.refusals().next().is_none()
    }

    /// What speaks against it.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Refusal)
    }

    /// The first of a kind of sensor, with its place in the header.
    pub fn sensor(&self, kind: Sensor) -> Option<(usize, &SensorReport)> {
        self.sensors.iter().enumerate().find(|(_, sensor)| sensor.kind == kind)
    }

    pub(crate) fn sort(&mut self) {
        self.findings.sort_by_key(|finding| core::cmp::Reverse(finding.severity));
    }
}
