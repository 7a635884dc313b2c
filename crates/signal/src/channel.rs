//! The channels a network can be given.

use crate::SignalError;
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

/// How a channel is made from the nine ordinary ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The ordinary channel as it is.
    Ordinary(usize),
    /// Companded with the scale of acceleration.
    CompandedAcceleration(usize),
    /// Companded with the scale of angular velocity.
    CompandedAngularVelocity(usize),
}

impl Channel {
    /// Total acceleration x, y, z and body acceleration x, y, z in g, angular velocity x, y, z in rad/s.
    pub const ORDINARY: [Channel; 9] = [
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

    /// Where the channel comes from: an index into [`Channel::ORDINARY`] and the treatment.
    pub(crate) fn source(self) -> Source {
        match self as usize {
            index @ 0..=8 => Source::Ordinary(index),
            index @ 9..=11 => Source::CompandedAcceleration(index - 6),
            index => Source::CompandedAngularVelocity(index - 6),
        }
    }

    fn all() -> impl Iterator<Item = Channel> {
        Self::ORDINARY.into_iter().chain(Self::COMPANDED)
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
    fn companded_channels_come_from_their_own_axis() {
        for channel in Channel::COMPANDED {
            let (Source::CompandedAcceleration(i) | Source::CompandedAngularVelocity(i)) = channel.source()
            else {
                panic!("{channel} is not companded");
            };
            assert_eq!(channel.name(), ["companded_", Channel::ORDINARY[i].name()].concat());
        }
        for (i, channel) in Channel::ORDINARY.into_iter().enumerate() {
            assert_eq!(channel.source(), Source::Ordinary(i));
        }
    }

    #[test]
    fn an_unknown_channel_lists_the_choices() {
        let message = "body_acc_w".parse::<Channel>().unwrap_err().to_string();
        assert!(message.contains("`body_acc_w`") && message.contains("companded_gyro_z"), "{message}");
    }
}
