//! What was noticed about a recording: values, kept with every result.

use crate::Sensor;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Answers may suffer.
    Warning,
    /// The recording cannot be used as it is.
    Refusal,
}

/// What was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// The unit was not stated and was inferred from the values, or what was stated disagrees with them.
    Unit,
    /// Neither stated nor to be inferred: someone has to say.
    UnitUnknown,
    /// Gravity was taken out of the acceleration.
    GravityRemoved,
    /// At rest the sensor measures something else than 1 g.
    Calibration,
    /// Axes or signs were changed, or nobody knows them.
    Axes,
    /// Which way is up, or that it cannot be found.
    Orientation,
    /// The true rate is not the stated one, or too low.
    Rate,
    /// Time stamps that jitter, repeat or come several at once.
    Clock,
    /// The clock stepped back or began anew.
    ClockReset,
    /// No samples for a while: a new segment begins.
    Gap,
    /// The sensors' clocks disagree.
    Alignment,
    /// Missing or unreadable values.
    Missing,
    /// Values that no sensor measures.
    Impossible,
    /// Values at the end of the sensor's range.
    Rail,
    /// An axis that does not move while the others do.
    StuckAxis,
    /// Nothing but zeros.
    AllZero,
    /// Too short to be used.
    TooShort,
    /// A sensor that is needed is not there.
    SensorMissing,
    /// Something about the file: encoding, a cut last line, a damaged block.
    File,
    /// The device was worn differently in different stretches.
    Wearing,
    /// Stretches that the device did not record and its software filled: idle sleep.
    Filled,
    /// Stretches in which nobody wore the device.
    NonWear,
    /// Another file has the same bytes.
    Duplicate,
}

impl FindingKind {
    /// Its name as in JSON, e.g. `clock_reset`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::UnitUnknown => "unit_unknown",
            Self::GravityRemoved => "gravity_removed",
            Self::Calibration => "calibration",
            Self::Axes => "axes",
            Self::Orientation => "orientation",
            Self::Rate => "rate",
            Self::Clock => "clock",
            Self::ClockReset => "clock_reset",
            Self::Gap => "gap",
            Self::Alignment => "alignment",
            Self::Missing => "missing",
            Self::Impossible => "impossible",
            Self::Rail => "rail",
            Self::StuckAxis => "stuck_axis",
            Self::AllZero => "all_zero",
            Self::TooShort => "too_short",
            Self::SensorMissing => "sensor_missing",
            Self::File => "file",
            Self::Wearing => "wearing",
            Self::Filled => "filled",
            Self::NonWear => "non_wear",
            Self::Duplicate => "duplicate",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where something was found first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// In which sensor's samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<Sensor>,
    /// Which sample of that sensor, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// Seconds from the recording's zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_s: Option<f64>,
    /// Line of a text file, from 1, or block of a binary one, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl Place {
    /// A sample of a sensor.
    pub fn sample(sensor: Sensor, sample: u64, time_ns: i64) -> Self {
        Self { sensor: Some(sensor), sample: Some(sample), time_s: Some(time_ns as f64 / 1e9), line: None }
    }

    /// A sensor as a whole.
    pub fn sensor(sensor: Sensor) -> Self {
        Self { sensor: Some(sensor), ..Self::default() }
    }
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// How much it matters.
    pub severity: Severity,
    /// Where it was first.
    pub first_place: Place,
    /// How often.
    pub count: u64,
    /// A sentence with the facts, and what followed from it.
    pub text: String,
}

impl Finding {
    /// A finding about the recording as a whole, once.
    pub fn new(kind: FindingKind, severity: Severity, text: impl Into<String>) -> Self {
        Self { kind, severity, first_place: Place::default(), count: 1, text: text.into() }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.first_place = place;
        self
    }

    /// The same so many times.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}
