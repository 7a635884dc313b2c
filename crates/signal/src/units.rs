//! Units of acceleration and angular velocity, and a check that a recording really is in the project's units.

use crate::{Recording, SignalError};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Standard acceleration of gravity in m/s² (3rd General Conference on Weights and Measures, 1901).
pub const STANDARD_GRAVITY: f64 = 9.80665;

/// Unit of an acceleration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AccelerationUnit {
    /// Standard gravities; the unit of every [`Recording`].
    #[default]
    #[serde(rename = "g")]
    G,
    /// Metres per second squared, as Android delivers.
    #[serde(rename = "m/s2")]
    MetresPerSecondSquared,
}

impl AccelerationUnit {
    /// Converts a value in this unit to g; computed in f64 and rounded once.
    pub fn to_g(self, value: f32) -> f32 {
        match self {
            Self::G => value,
            Self::MetresPerSecondSquared => (f64::from(value) / STANDARD_GRAVITY) as f32,
        }
    }

    /// `g` or `m/s2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::G => "g",
            Self::MetresPerSecondSquared => "m/s2",
        }
    }
}

impl fmt::Display for AccelerationUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AccelerationUnit {
    type Err = SignalError;

    fn from_str(name: &str) -> Result<Self, SignalError> {
        match name {
            "g" => Ok(Self::G),
            "m/s2" | "m/s²" | "m/s^2" => Ok(Self::MetresPerSecondSquared),
            _ => Err(SignalError::UnknownUnit { name: name.to_string(), choices: "g, m/s2" }),
        }
    }
}

/// Unit of an angular velocity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AngularVelocityUnit {
    /// Radians per second; the unit of every [`Recording`].
    #[default]
    #[serde(rename = "rad/s")]
    RadiansPerSecond,
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    DegreesPerSecond,
}

impl AngularVelocityUnit {
    /// Converts a value in this unit to rad/s; computed in f64 and rounded once.
    pub fn to_rad_s(self, value: f32) -> f32 {
        match self {
            Self::RadiansPerSecond => value,
            Self::DegreesPerSecond => f64::from(value).to_radians() as f32,
        }
    }

    /// `rad/s` or `deg/s`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RadiansPerSecond => "rad/s",
            Self::DegreesPerSecond => "deg/s",
        }
    }
}

impl fmt::Display for AngularVelocityUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AngularVelocityUnit {
    type Err = SignalError;

    fn from_str(name: &str) -> Result<Self, SignalError> {
        match name {
            "rad/s" => Ok(Self::RadiansPerSecond),
            "deg/s" | "°/s" => Ok(Self::DegreesPerSecond),
            _ => Err(SignalError::UnknownUnit { name: name.to_string(), choices: "rad/s, deg/s" }),
        }
    }
}

/// What a recording says about its unit of acceleration while the device lies still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RestCheck {
    /// The device lay still for a while and measured about 1 g.
    Confirmed {
        /// Median length of the mean acceleration over the still blocks, in g.
        magnitude_g: f64,
        /// Blocks of one second found still.
        still_blocks: usize,
    },
    /// Fewer than three still seconds: nothing can be told. Not an error, as people may walk throughout.
    Undetermined,
}

/// Still seconds needed for a verdict: a single one may be a drop-out filled with zeros.
const MIN_STILL_BLOCKS: usize = 3;
/// Root mean square of angular velocity below which a block may be still, rad/s: a person who sits or stands
/// measures 0.02 to 0.05, walking 0.5 and more.
const STILL_ANGULAR_VELOCITY: f64 = 0.15;
/// Standard deviation of acceleration below which a block is still, in the recording's unit; sway and
/// tremor give 0.01 g, walking 0.2 g.
const STILL_DEVIATION: f64 = 0.05;
/// The same relative to the block's mean acceleration, so that input in m/s² is found still as well.
const STILL_RELATIVE_DEVIATION: f64 = 0.03;
/// Accepted departure from 1 g: phones off calibration measure 0.9 to 1.1.
const REST_TOLERANCE: f64 = 0.25;

/// Finds the seconds in which the device lay still and checks that it measured about 1 g in them (0.75 to
/// 1.25, by the median over those seconds).
///
/// # Errors
/// [`SignalError::LooksLikeMetresPerSecondSquared`] at about 9.8, [`SignalError::GravityRemoved`] below 0.25,
/// [`SignalError::RestMagnitude`] at any other value, [`SignalError::InvalidRate`] if the rate is not
/// positive. A recording with fewer than three still seconds is [`RestCheck::Undetermined`].
pub fn check_rest_magnitude(recording: &Recording) -> Result<RestCheck, SignalError> {
    let rate_hz = recording.rate_hz;
    if !(rate_hz.is_finite() && rate_hz > 0.0) {
        return Err(SignalError::InvalidRate { rate_hz });
    }
    // The cast saturates: an absurd rate gives a block longer than any recording.
    let block = (libm::ceil(rate_hz) as usize).max(8);
    let mut magnitudes: Vec<f64> =
        recording.samples.chunks_exact(block).filter_map(still_magnitude).collect();
    if magnitudes.len() < MIN_STILL_BLOCKS {
        return Ok(RestCheck::Undetermined);
    }
    magnitudes.sort_unstable_by(f64::total_cmp);
    let measured = magnitudes[magnitudes.len() / 2];
    if libm::fabs(measured - 1.0) <= REST_TOLERANCE {
        Ok(RestCheck::Confirmed { magnitude_g: measured, still_blocks: magnitudes.len() })
    } else if libm::fabs(measured / STANDARD_GRAVITY - 1.0) <= REST_TOLERANCE {
        Err(SignalError::LooksLikeMetresPerSecondSquared { measured })
    } else if measured < REST_TOLERANCE {
        Err(SignalError::GravityRemoved { measured })
    } else {
        Err(SignalError::RestMagnitude { measured })
    }
}

/// Length of the mean acceleration of a block if the device lay still in it.
fn still_magnitude(block: &[crate::Sample]) -> Option<f64> {
    let n = block.len() as f64;
    let mut mean = [0.0f64; 3];
    let mut turning = 0.0;
    for sample in block {
        for axis in 0..3 {
            mean[axis] += f64::from(sample.acceleration[axis]) / n;
            let w = f64::from(sample.angular_velocity[axis]);
            turning += w * w / n;
        }
    }
    let mut variance = 0.0;
    for sample in block {
        for axis in 0..3 {
            let d = f64::from(sample.acceleration[axis]) - mean[axis];
            variance += d * d / n;
        }
    }
    let magnitude = libm::sqrt(mean.iter().map(|m| m * m).sum());
    let limit = STILL_DEVIATION.max(STILL_RELATIVE_DEVIATION * magnitude);
    let still = libm::sqrt(turning) < STILL_ANGULAR_VELOCITY && libm::sqrt(variance) < limit;
    still.then_some(magnitude)
}
