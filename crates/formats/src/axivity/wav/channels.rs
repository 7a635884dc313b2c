//! Which channel holds what, as the maker's comment says.

use super::riff::Riff;
use crate::error::{Fault, quoted};
use ambulo_signal::Sensor;

const COMMENT: &[u8; 4] = b"ICMT";
/// Names of channels begin so; `-X`, `-Y` and `-Z` follow.
const NAMES: [(&str, Sensor); 2] = [("Accel", Sensor::Accelerometer), ("Gyro", Sensor::Gyroscope)];

/// The channels of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triad {
    pub(super) sensor: Sensor,
    pub(super) channels: [usize; 3],
    /// What 32,768 stands for, in g or degrees per second.
    pub(super) scales: [f32; 3],
}

/// What each channel is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Channels {
    pub(super) triads: Vec<Triad>,
    /// Says of each sample whether it was measured.
    pub(super) auxiliary: Option<usize>,
    pub(super) magnetometer: bool,
}

impl Channels {
    pub(super) fn of(riff: &Riff) -> Result<Self, Fault> {
        let label = |channel: usize| riff.value(COMMENT, &format!("Channel-{}", channel + 1));
        let labels: Vec<Option<&str>> = (0..riff.channels).map(label).collect();
        let mut triads = Vec::new();
        for (name, sensor) in NAMES {
            let found = ["X", "Y", "Z"]
                .map(|axis| labels.iter().position(|label| *label == Some(&format!("{name}-{axis}"))));
            match found {
                [Some(x), Some(y), Some(z)] => {
                    let channels = [x, y, z];
                    triads.push(Triad { sensor, channels, scales: scales(riff, channels)? });
                }
                [None, None, None] if sensor != Sensor::Accelerometer => {}
                _ => {
                    return Err(Fault::damaged(
                        "comment (ICMT)",
                        format!(
                            "not all of {name}-X, {name}-Y and {name}-Z among {} channels",
                            riff.channels
                        ),
                        "a channel for each axis",
                    ));
                }
            }
        }
        // The last channel; older files do not name it.
        let last = riff.channels - 1;
        let unnamed = labels[last].is_none().then_some(last);
        let auxiliary = labels.iter().position(|label| *label == Some("Aux")).or(unnamed);
        let magnetometer = labels.iter().flatten().any(|label| label.starts_with("Mag"));
        Ok(Self { triads, auxiliary, magnetometer })
    }
}

fn scales(riff: &Riff, channels: [usize; 3]) -> Result<[f32; 3], Fault> {
    let mut scales = [0f32; 3];
    for (scale, channel) in scales.iter_mut().zip(channels) {
        let name = format!("Scale-{}", channel + 1);
        let text = riff.value(COMMENT, &name).unwrap_or_default();
        *scale = text.parse().unwrap_or(0.0);
        if !(scale.is_finite() && *scale > 0.0) {
            return Err(Fault::damaged(
                "comment (ICMT)",
                format!("{name} is {}", quoted(text.as_bytes())),
                "what the greatest sample stands for, such as 8",
            ));
        }
    }
    Ok(scales)
}
