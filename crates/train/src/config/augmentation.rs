//! What training windows may go through.

use serde::{Deserialize, Serialize};

/// One step. All work on the inertial signals, after the filters and before companding, but the last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Augmentation {
    /// Cut the window elsewhere in the continuous recording: up to `samples` earlier or later, uniformly, as far as the
    /// activity lasts. Comes first wherever it stands.
    Shift {
        /// Most samples.
        samples: usize,
    },
    /// Turn the device about the vertical of its recording, by an angle uniform in `±degrees`; 180 is any facing.
    ///
    /// The sensor's own noise differs from axis to axis, and in a turned window it is mixed as it never is in a recording:
    /// `p` below 1 leaves some windows as they were recorded.
    Turn {
        /// Largest angle.
        degrees: f32,
        /// Probability that a window is turned.
        #[serde(default = "always")]
        p: f32,
    },
    /// Rotate the device's frame about an axis uniform on the sphere, by a normal angle of this standard deviation.
    Rotate {
        /// Standard deviation of the angle.
        degrees: f32,
        /// Probability that a window is rotated; as for a turn.
        #[serde(default = "always")]
        p: f32,
    },
    /// Swap left and right: the window of a mirrored wearer, reflected in the plane of the vertical and the horizontal axis
    /// nearest to the screen's normal. Angular velocity, an axial vector, changes sign besides.
    Mirror {
        /// Probability that a window is mirrored.
        p: f32,
    },
    /// Scale body acceleration and angular velocity, each by a factor uniform in `1 ± range`; gravity keeps its length.
    Scale {
        /// Largest deviation from 1.
        range: f32,
    },
    /// Add white noise, the same to total and body acceleration.
    Noise {
        /// Standard deviation in g.
        acceleration_g: f32,
        /// Standard deviation in rad/s.
        angular_velocity_rad_s: f32,
    },
    /// Speed time up and down within the window (Um et al. 2017): the logarithm of speed is normal at `knots` instants, linear
    /// between them; first and last sample stay.
    TimeWarp {
        /// Standard deviation of the logarithm of speed.
        sd: f32,
        /// Instants at which speed is drawn, at least 2.
        knots: usize,
    },
    /// Set each channel of the network's input to its mean, with this probability.
    ChannelDropout {
        /// Probability.
        p: f32,
    },
}

fn always() -> f32 {
    1.0
}

impl Augmentation {
    /// What is wrong with the step's numbers, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let within = |v: f32, low: f32, high: f32| (low..=high).contains(&v);
        match *self {
            Self::Shift { samples: 0 } => Some("shift: samples at least 1"),
            Self::Turn { degrees, p } if !within(degrees, 0.0, 180.0) || !within(p, 0.0, 1.0) => {
                Some("turn: degrees from 0 to 180, p from 0 to 1")
            }
            Self::Rotate { degrees, p } if !within(degrees, 0.0, 180.0) || !within(p, 0.0, 1.0) => {
                Some("rotate: degrees from 0 to 180, p from 0 to 1")
            }
            Self::Mirror { p } if !within(p, 0.0, 1.0) => Some("mirror: p from 0 to 1"),
            Self::Scale { range } if !within(range, 0.0, 0.99) => Some("scale: range from 0 to 0.99"),
            Self::Noise { acceleration_g: a, angular_velocity_rad_s: w }
                if !within(a, 0.0, 100.0) || !within(w, 0.0, 1000.0) =>
            {
                Some("noise: standard deviations of at least 0")
            }
            Self::TimeWarp { sd, knots } if !within(sd, 0.0, 2.0) || !(2..=1000).contains(&knots) => {
                Some("time-warp: sd from 0 to 2, knots from 2 to 1000")
            }
            Self::ChannelDropout { p } if !within(p, 0.0, 0.99) => Some("channel-dropout: p from 0 to 0.99"),
            _ => None,
        }
    }
}
