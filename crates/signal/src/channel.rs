//! The channels a network can be given.

use crate::{Layout, Sensor, Signal, SignalError};
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// One channel of the input of a network.
///
/// Companded channels are `asinh(value / scale)`: linear below the scale, logarithmic above. Sway and tremor
/// of 0.01 g and 0.02 rad/s, which tell sitting from standing, become as large as the swings of walking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fifteen names of the pattern quantity and axis, explained above and in `name`"
)]
pub enum Channel {
    TotalAccX,
    TotalAccY,
    TotalAccZ,
    BodyAccX,
    BodyAccY,
    BodyAccZ,
    GyroX,
    GyroY,
    GyroZ,
    CompandedBodyAccX,
    CompandedBodyAccY,
    CompandedBodyAccZ,
    CompandedGyroX,
    CompandedGyroY,
    CompandedGyroZ,
}

/// How a channel is made from the inertial signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) signal: Signal,
    /// 0, 1 or 2 for x, y, z.
    pub(crate) axis: usize,
    pub(crate) companded: bool,
}

impl Origin {
    /// Where the value lies in a row; none if the row lacks the signal.
    pub(crate) fn index(self, layout: Layout) -> Option<usize> {
        layout.offset(self.signal).map(|offset| offset + self.axis)
    }
}

impl Channel {
    /// The inertial signals as they are: total acceleration x, y, z and body acceleration x, y, z in g, angular velocity x, y, z in rad/s.
    pub const INERTIAL: [Channel; 9] = [
        Channel::TotalAccX,
        Channel::TotalAccY,
        Channel::TotalAccZ,
        Channel::BodyAccX,
        Channel::BodyAccY,
        Channel::BodyAccZ,
        Channel::GyroX,
        Channel::GyroY,
        Channel::GyroZ,
    ];

    /// Companded body acceleration x, y, z and companded angular velocity x, y, z; no unit.
    pub const COMPANDED: [Channel; 6] = [
        Channel::CompandedBodyAccX,
        Channel::CompandedBodyAccY,
        Channel::CompandedBodyAccZ,
        Channel::CompandedGyroX,
        Channel::CompandedGyroY,
        Channel::CompandedGyroZ,
    ];

    /// The name in configuration files and model files, e.g. `body_acc_x`.
    pub fn name(self) -> &'static str {
        match self {
            Channel::TotalAccX => "total_acc_x",
            Channel::TotalAccY => "total_acc_y",
            Channel::TotalAccZ => "total_acc_z",
            Channel::BodyAccX => "body_acc_x",
            Channel::BodyAccY => "body_acc_y",
            Channel::BodyAccZ => "body_acc_z",
            Channel::GyroX => "gyro_x",
            Channel::GyroY => "gyro_y",
            Channel::GyroZ => "gyro_z",
            Channel::CompandedBodyAccX => "companded_body_acc_x",
            Channel::CompandedBodyAccY => "companded_body_acc_y",
            Channel::CompandedBodyAccZ => "companded_body_acc_z",
            Channel::CompandedGyroX => "companded_gyro_x",
            Channel::CompandedGyroY => "companded_gyro_y",
            Channel::CompandedGyroZ => "companded_gyro_z",
        }
    }

    /// Which signal and axis it comes from, and whether it is companded.
    pub(crate) fn origin(self) -> Origin {
        let index = self as usize;
        let (group, axis) = (index / 3, index % 3);
        let signal = match group {
            0 => Signal::TotalAcceleration,
            1 | 3 => Signal::BodyAcceleration,
            _ => Signal::AngularVelocity,
        };
        Origin { signal, axis, companded: group > 2 }
    }

    /// The sensor it needs.
    pub fn sensor(self) -> Sensor {
        match self.origin().signal {
            Signal::TotalAcceleration | Signal::BodyAcceleration => Sensor::Accelerometer,
            Signal::AngularVelocity => Sensor::Gyroscope,
        }
    }

    fn all() -> impl Iterator<Item = Channel> {
        Self::INERTIAL.into_iter().chain(Self::COMPANDED)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Channel {
    type Err = SignalError;

    fn from_str(name: &str) -> Result<Self, SignalError> {
        Self::all().find(|channel| channel.name() == name).ok_or_else(|| {
            let mut choices = String::new();
            for channel in Self::all() {
                if !choices.is_empty() {
                    choices.push_str(", ");
                }
                choices.push_str(channel.name());
            }
            SignalError::UnknownChannel { name: name.to_string(), choices }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_serde_display_and_from_str() {
        for channel in Channel::all() {
            let quoted = serde_json::to_string(&channel).unwrap();
            assert_eq!(quoted.trim_matches('"'), channel.name());
            assert_eq!(channel.to_string().parse::<Channel>().unwrap(), channel);
        }
        assert_eq!(Channel::all().count(), 15);
    }

    #[test]
    fn channels_come_from_their_own_axis() {
        for (i, channel) in Channel::INERTIAL.into_iter().enumerate() {
            assert_eq!(channel.origin().index(Layout::WITH_GYROSCOPE), Some(i));
            assert!(!channel.origin().companded);
        }
        for channel in Channel::COMPANDED {
            let i = channel.origin().index(Layout::WITH_GYROSCOPE).unwrap();
            assert_eq!(channel.name(), ["companded_", Channel::INERTIAL[i].name()].concat());
            assert!(channel.origin().companded);
        }
        assert_eq!(Channel::GyroX.origin().index(Layout::ACCELERATION), None);
    }

    #[test]
    fn an_unknown_channel_lists_the_choices() {
        let message = "body_acc_w".parse::<Channel>().unwrap_err().to_string();
        assert!(message.contains("`body_acc_w`") && message.contains("companded_gyro_z"), "{message}");
    }
}
