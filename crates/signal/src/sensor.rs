//! The kinds of sensor a recording may hold.

use crate::Unit;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A three-axis motion sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensor {
    /// Acceleration with gravity in it, in g.
    Accelerometer,
    /// Angular velocity, in rad/s.
    Gyroscope,
    /// Magnetic flux density, in µT; read and kept, used by no model yet.
    Magnetometer,
}

impl Sensor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accelerometer, Self::Gyroscope, Self::Magnetometer];

    /// Its name, e.g. `accelerometer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accelerometer => "accelerometer",
            Self::Gyroscope => "gyroscope",
            Self::Magnetometer => "magnetometer",
        }
    }

    /// What it measures, e.g. `acceleration`.
    pub fn quantity(self) -> &'static str {
        match self {
            Self::Accelerometer => "acceleration",
            Self::Gyroscope => "angular velocity",
            Self::Magnetometer => "magnetic field",
        }
    }

    /// The project's unit for it.
    pub fn unit(self) -> Unit {
        match self {
            Self::Accelerometer => Unit::G,
            Self::Gyroscope => Unit::RadiansPerSecond,
            Self::Magnetometer => Unit::Microtesla,
        }
    }

    /// Beyond this length in the project's unit no value of this sensor is a measurement of a person: 32 g (the widest range
    /// of common devices is ±16 g, whose corner is 28 g) and 70 rad/s (±4000 deg/s, twice the customary range); 10 mT.
    pub fn impossible(self) -> f32 {
        match self {
            Self::Accelerometer => 32.0,
            Self::Gyroscope => 70.0,
            Self::Magnetometer => 10_000.0,
        }
    }
}

impl fmt::Display for Sensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
