//! What a user declares about a recording.

use crate::rotation::up_direction;
use crate::{Sensor, SignalError, Unit};
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Longest pause between two samples of a sensor that is bridged by interpolation, in seconds; a longer one begins a new
/// segment. Ten samples at 50 Hz: shorter than a step of walking, longer than the hiccups of a phone's scheduler (SP-SW has
/// pauses up to 0.188 s).
pub const MAX_GAP_S: f64 = 0.2;

/// How a device's axes become those of the project: each axis is one of the device's, with a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AxisMap([(u8, bool); 3]);

impl Default for AxisMap {
    /// As they are.
    fn default() -> Self {
        Self([(0, false), (1, false), (2, false)])
    }
}

impl AxisMap {
    /// The vector in the project's axes.
    #[inline]
    pub fn apply(self, v: [f32; 3]) -> [f32; 3] {
        self.0.map(|(axis, negative)| if negative { -v[usize::from(axis)] } else { v[usize::from(axis)] })
    }

    /// Whether it changes nothing.
    pub fn is_identity(self) -> bool {
        self == Self::default()
    }

    /// Whether it turns a right-handed frame into a left-handed one.
    pub fn is_mirror(self) -> bool {
        let [a, b, c] = self.0.map(|(axis, _)| axis);
        let odd = [(0, 2, 1), (2, 1, 0), (1, 0, 2)].contains(&(a, b, c));
        odd != (self.0.iter().filter(|(_, negative)| *negative).count() % 2 == 1)
    }
}

impl fmt::Display for AxisMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (axis, negative)) in self.0.into_iter().enumerate() {
            let sign = if negative { "-" } else { "" };
            let comma = if i > 0 { "," } else { "" };
            write!(f, "{comma}{sign}{}", ["x", "y", "z"][usize::from(axis)])?;
        }
        Ok(())
    }
}

impl FromStr for AxisMap {
    type Err = SignalError;

    /// Three of the device's axes with their signs, in the order of the project's x, y, z: `-y,x,z`.
    fn from_str(text: &str) -> Result<Self, SignalError> {
        let refuse = || SignalError::Setting {
            field: "axes",
            found: text.to_string(),
            expected: "name the device's axis that is x, that is y and that is z, with signs: -y,x,z"
                .to_string(),
        };
        let mut map = [(0, false); 3];
        let mut parts = text.split(',').map(str::trim);
        for slot in &mut map {
            let part = parts.next().ok_or_else(refuse)?;
            let (negative, name) = match part.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, part.strip_prefix('+').unwrap_or(part)),
            };
            let axis =
                ["x", "y", "z"].iter().position(|a| name.eq_ignore_ascii_case(a)).ok_or_else(refuse)?;
            *slot = (axis as u8, negative);
        }
        let mut seen = map.map(|(axis, _)| axis);
        seen.sort_unstable();
        if parts.next().is_some() || seen != [0, 1, 2] {
            return Err(refuse());
        }
        Ok(Self(map))
    }
}

impl TryFrom<String> for AxisMap {
    type Error = SignalError;

    fn try_from(text: String) -> Result<Self, SignalError> {
        text.parse()
    }
}

impl From<AxisMap> for String {
    fn from(map: AxisMap) -> Self {
        map.to_string()
    }
}

/// When acceleration is calibrated to 1 g at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Autocalibrate {
    /// Where the source is a research device's own file ([`Header::autocalibrate`](crate::Header)) of a day or more.
    #[default]
    Auto,
    /// Wherever the recording has what it needs.
    On,
    /// Never.
    Off,
}

/// What it means that a wall clock goes back by an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockBack {
    /// Summer time ended: the recording went on, and an hour is added from there on.
    SummerTime,
    /// The recording began anew, as with any other step back: a new segment begins.
    Restart,
}

/// What a user declares about a recording, over what it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declared {
    /// Unit of acceleration.
    pub acceleration: Option<Unit>,
    /// Unit of angular velocity.
    pub angular_velocity: Option<Unit>,
    /// The device's axes.
    pub axes: AxisMap,
    /// The direction that points up while the wearer stands, in the axes that `axes` gives, of any length; none leaves it to be
    /// found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<[f32; 3]>,
    /// Longest pause that is bridged, in seconds.
    pub max_gap_s: f64,
    /// Whether acceleration is calibrated to 1 g at rest. Files only: a stream cannot be.
    pub autocalibrate: Autocalibrate,
    /// What an hour back means; undeclared, a wall clock without an offset that goes back by an hour is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_back: Option<ClockBack>,
}

impl Default for Declared {
    fn default() -> Self {
        Self {
            acceleration: None,
            angular_velocity: None,
            axes: AxisMap::default(),
            up: None,
            max_gap_s: MAX_GAP_S,
            autocalibrate: Autocalibrate::default(),
            clock_back: None,
        }
    }
}

impl Declared {
    /// The declared unit of a sensor.
    pub fn unit(&self, sensor: Sensor) -> Option<Unit> {
        match sensor {
            Sensor::Accelerometer => self.acceleration,
            Sensor::Gyroscope => self.angular_velocity,
            Sensor::Magnetometer => None,
        }
    }

    pub(crate) fn max_gap_ns(&self) -> i64 {
        // The cast saturates.
        (self.max_gap_s * 1e9) as i64
    }

    /// Refuses a unit of another quantity and a gap that is no length of time.
    ///
    /// # Errors
    /// [`SignalError::Setting`].
    pub fn validate(&self) -> Result<(), SignalError> {
        for (field, sensor) in
            [("units.acceleration", Sensor::Accelerometer), ("units.angular_velocity", Sensor::Gyroscope)]
        {
            if let Some(unit) = self.unit(sensor).filter(|unit| unit.sensor() != sensor) {
                return Err(SignalError::Setting {
                    field,
                    found: unit.to_string(),
                    expected: alloc::format!("a unit of {}", sensor.quantity()),
                });
            }
        }
        if let Some(up) = self.up {
            up_direction("up", up)?;
        }
        if !(self.max_gap_s > 0.0 && self.max_gap_s <= 3600.0) {
            return Err(SignalError::Setting {
                field: "max_gap_s",
                found: self.max_gap_s.to_string(),
                expected: "give seconds above 0, at most 3600".to_string(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_named_with_their_signs() {
        let map: AxisMap = "-y, +X ,z".parse().unwrap();
        assert_eq!(map.apply([1.0, 2.0, 3.0]), [-2.0, 1.0, 3.0]);
        assert_eq!(map.to_string(), "-y,x,z");
        assert!(!map.is_mirror() && !map.is_identity() && !AxisMap::default().is_mirror());
        assert!("y,x,z".parse::<AxisMap>().unwrap().is_mirror());
        assert!("-x,-y,-z".parse::<AxisMap>().unwrap().is_mirror());
        for wrong in ["x,y", "x,y,z,x", "x,x,z", "a,b,c", "", "x,,z"] {
            let message = wrong.parse::<AxisMap>().unwrap_err().to_string();
            assert!(message.contains("-y,x,z"), "{message}");
        }
    }

    #[test]
    fn a_declared_unit_must_be_of_its_quantity() {
        let wrong = Declared { acceleration: Some(Unit::DegreesPerSecond), ..Declared::default() };
        assert!(wrong.validate().unwrap_err().to_string().contains("a unit of acceleration"));
        assert!(Declared { max_gap_s: f64::NAN, ..Declared::default() }.validate().is_err());
        Declared::default().validate().unwrap();
    }
}
