//! Units of what sensors measure.

use crate::{Sensor, SignalError};
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Standard acceleration of gravity in m/s² (3rd General Conference on Weights and Measures, 1901).
pub const STANDARD_GRAVITY: f64 = 9.80665;

/// A unit that a source may be in. The project's own are [`Unit::G`], [`Unit::RadiansPerSecond`] and [`Unit::Microtesla`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Standard gravities.
    #[serde(rename = "g")]
    G,
    /// Thousandths of a standard gravity.
    #[serde(rename = "mg")]
    MilliG,
    /// Metres per second squared, as Android delivers.
    #[serde(rename = "m/s2")]
    MetresPerSecondSquared,
    /// Radians per second.
    #[serde(rename = "rad/s")]
    RadiansPerSecond,
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    DegreesPerSecond,
    /// Thousandths of a degree per second.
    #[serde(rename = "mdeg/s")]
    MilliDegreesPerSecond,
    /// Millionths of a tesla.
    #[serde(rename = "uT")]
    Microtesla,
}

/// Spellings of each unit, lower case and without blanks; the first is its name.
const SPELLINGS: [(Unit, &[&str]); 7] = [
    (Unit::G, &["g", "gs", "gn", "g0", "gforce", "g-force"]),
    (Unit::MilliG, &["mg", "millig", "milli-g"]),
    (
        Unit::MetresPerSecondSquared,
        &["m/s2", "m/s²", "m/s^2", "m/s/s", "ms-2", "m.s-2", "m*s-2", "ms^-2", "m/s**2", "m/sec2", "m/sec^2"],
    ),
    (Unit::RadiansPerSecond, &["rad/s", "rads", "rad/sec", "rps", "rad.s-1", "rad*s-1", "rads-1", "radians/s"]),
    (
        Unit::DegreesPerSecond,
        &["deg/s", "°/s", "dps", "deg/sec", "degrees/s", "degree/s", "º/s", "deg.s-1", "degs-1"],
    ),
    (Unit::MilliDegreesPerSecond, &["mdeg/s", "mdps", "m°/s"]),
    (Unit::Microtesla, &["ut", "µt", "μt", "microtesla"]),
];

impl Unit {
    /// All units.
    pub fn all() -> impl Iterator<Item = Self> {
        SPELLINGS.into_iter().map(|(unit, _)| unit)
    }

    /// The sensor that measures in this unit.
    pub fn sensor(self) -> Sensor {
        match self {
            Self::G | Self::MilliG | Self::MetresPerSecondSquared => Sensor::Accelerometer,
            Self::RadiansPerSecond | Self::DegreesPerSecond | Self::MilliDegreesPerSecond => Sensor::Gyroscope,
            Self::Microtesla => Sensor::Magnetometer,
        }
    }

    /// Its name, e.g. `m/s2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::G => "g",
            Self::MilliG => "mg",
            Self::MetresPerSecondSquared => "m/s2",
            Self::RadiansPerSecond => "rad/s",
            Self::DegreesPerSecond => "deg/s",
            Self::MilliDegreesPerSecond => "mdeg/s",
            Self::Microtesla => "uT",
        }
    }

    /// A value in this unit in the project's unit of its sensor; computed in f64 and rounded once.
    pub fn to_project(self, value: f32) -> f32 {
        let wide = f64::from(value);
        match self {
            Self::G | Self::RadiansPerSecond | Self::Microtesla => value,
            Self::MilliG => (wide / 1000.0) as f32,
            Self::MetresPerSecondSquared => (wide / STANDARD_GRAVITY) as f32,
            Self::DegreesPerSecond => wide.to_radians() as f32,
            Self::MilliDegreesPerSecond => (wide / 1000.0).to_radians() as f32,
        }
    }

    /// How many of the project's unit one of this unit is.
    pub fn factor(self) -> f64 {
        match self {
            Self::G | Self::RadiansPerSecond | Self::Microtesla => 1.0,
            Self::MilliG => 1e-3,
            Self::MetresPerSecondSquared => 1.0 / STANDARD_GRAVITY,
            Self::DegreesPerSecond => 1f64.to_radians(),
            Self::MilliDegreesPerSecond => 1e-3f64.to_radians(),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Unit {
    type Err = SignalError;

    /// Any common spelling, in any case and with blanks: `m/s^2`, `dps`, `G`.
    fn from_str(text: &str) -> Result<Self, SignalError> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        SPELLINGS
            .into_iter()
            .find(|(_, spellings)| spellings.contains(&plain.as_str()))
            .map(|(unit, _)| unit)
            .ok_or_else(|| SignalError::UnknownUnit {
                name: text.to_string(),
                choices: "g, mg, m/s2, rad/s, deg/s, mdeg/s, uT",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn every_spelling_means_one_unit() {
        let mut seen = BTreeSet::new();
        for (unit, spellings) in SPELLINGS {
            assert_eq!(spellings[0], unit.name().to_lowercase());
            for spelling in spellings {
                assert!(seen.insert(*spelling), "{spelling} twice");
                assert_eq!(spelling.parse::<Unit>().unwrap(), unit);
                assert_eq!(spelling.to_uppercase().parse::<Unit>().unwrap(), unit);
            }
            assert_eq!(serde_json::to_string(&unit).unwrap().trim_matches('"'), unit.name());
        }
        assert_eq!(" M/S ^2".parse::<Unit>().unwrap(), Unit::MetresPerSecondSquared);
        let message = "furlong".parse::<Unit>().unwrap_err().to_string();
        assert!(message.contains("`furlong`") && message.contains("deg/s"), "{message}");
    }

    #[test]
    fn conversions_are_rounded_once() {
        assert_eq!(Unit::MetresPerSecondSquared.to_project(9.80665), 1.0);
        assert_eq!(Unit::DegreesPerSecond.to_project(180.0), core::f32::consts::PI);
        assert_eq!(Unit::MilliG.to_project(1000.0), 1.0);
        for unit in Unit::all() {
            let (a, b) = (f64::from(unit.to_project(7.5)), 7.5 * unit.factor());
            assert!((a - b).abs() <= 1e-7 * b, "{unit}");
            assert_eq!(unit.sensor().unit().factor(), 1.0);
        }
    }
}
