//! Samples and recordings in the project's units.

use crate::SignalError;
use alloc::vec::Vec;

/// One instant of a six-axis motion sensor, in the device's right-handed axes (as the Android sensor frame).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Total acceleration x, y, z in g (9.80665 m/s²), gravity included: about 1 g long at rest.
    pub acceleration: [f32; 3],
    /// Angular velocity about x, y, z in rad/s.
    pub angular_velocity: [f32; 3],
}

/// A uniformly sampled recording of one device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Samples per second, in Hz.
    pub rate_hz: f64,
    /// The samples, one every `1 / rate_hz` seconds.
    pub samples: Vec<Sample>,
}

/// Names of the six axes, in the order of [`Sample::axes`].
const AXES: [&str; 6] = [
    "acceleration x",
    "acceleration y",
    "acceleration z",
    "angular velocity x",
    "angular velocity y",
    "angular velocity z",
];

impl Sample {
    /// Acceleration x, y, z in g, then angular velocity x, y, z in rad/s.
    pub fn axes(&self) -> [f32; 6] {
        let ([ax, ay, az], [wx, wy, wz]) = (self.acceleration, self.angular_velocity);
        [ax, ay, az, wx, wy, wz]
    }

    /// Whether all six values are finite.
    pub fn is_finite(&self) -> bool {
        self.axes().iter().all(|v| v.is_finite())
    }

    /// Refuses a value that is not finite, naming its axis and the sample's `index`.
    pub(crate) fn check_finite(&self, index: usize) -> Result<(), SignalError> {
        for (value, axis) in self.axes().into_iter().zip(AXES) {
            if !value.is_finite() {
                return Err(SignalError::NonFinite { sample: index, axis, value });
            }
        }
        Ok(())
    }
}
