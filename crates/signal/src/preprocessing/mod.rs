//! The preprocessing that a model carries: from a recording, or a stream of samples, to the input of a
//! network.
//!
//! In order: the intake (units, clock, gaps, rate); median and Butterworth low-pass against noise on all axes; gravity split of
//! acceleration, which gives the inertial signals; levelling of the recording; windows; canonical facing; selection and
//! companding of channels; normalisation.

mod batch;
mod chain;
mod chunks;
mod normalisation;
mod sized;
mod stream;
mod validate;

pub use batch::Segment;
pub use chunks::{CHUNK, Chunker, FilterJob};
pub use normalisation::Normalisation;
pub use stream::PreprocessingStream;

use crate::compand::asinh;
use crate::filter::Phase;
use crate::rotation::canonical_turn;
use crate::{Channel, GravityFilter, Layout, Sensor, Unit};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Everything between a recording and a network, as a value that is saved with the weights.
///
/// Read from text, what is not named is as in [`Preprocessing::default`]; written, everything is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preprocessing {
    /// Samples per second, in Hz.
    pub rate_hz: f64,
    /// Samples in a window.
    pub window: usize,
    /// Samples from the start of a window to the start of the next.
    pub step: usize,
    /// Units of what goes in.
    pub units: Units,
    /// What to do with a recording at another rate.
    pub resampling: Resampling,
    /// Whether filters may look ahead.
    pub phase: Phase,
    /// What is done about the way the device is held, which differs from recording to recording.
    pub level: Level,
    /// What is done about the device's facing, which is whatever way it was clipped on.
    pub facing: Facing,
    /// Channels of the network's input, in order.
    pub channels: Vec<Channel>,
    /// Filters against noise, on all six axes; none, which text says as `noise = false`, if the sensor has done it.
    #[serde(with = "or_false")]
    pub noise: Option<NoiseFilter>,
    /// The low-pass that finds gravity.
    pub gravity: GravityFilter,
    /// Scales of the companded channels.
    pub companding: Companding,
    /// Statistics that make each channel zero mean and unit variance; none before training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalisation: Option<Normalisation>,
}

/// Units of the input, stated so that whoever reads the file need not guess. Always g and rad/s: readers
/// convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Unit of acceleration, gravity included.
    pub acceleration: Unit,
    /// Unit of angular velocity.
    pub angular_velocity: Unit,
}

impl Default for Units {
    fn default() -> Self {
        Self { acceleration: Sensor::Accelerometer.unit(), angular_velocity: Sensor::Gyroscope.unit() }
    }
}

/// Filters against noise: a median against single outliers, then a Butterworth low-pass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoiseFilter {
    /// Samples under the median; odd, 1 for none.
    pub median_width: usize,
    /// Cut-off of the low-pass in Hz.
    pub cutoff_hz: f64,
    /// Order of the Butterworth filter.
    pub order: usize,
}

impl Default for NoiseFilter {
    /// Median of 3, third order at 20 Hz: human motion has 99 % of its energy below 15 Hz (Karantonis et al.
    /// 2006, cited by the authors of UCI HAR for these values).
    fn default() -> Self {
        Self { median_width: 3, cutoff_hz: 20.0, order: 3 }
    }
}

/// What to do with a recording at another rate than the model's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resampling {
    /// Refuse it, if it differs by more than 1 %.
    #[default]
    Refuse,
    /// Lower a higher rate: interpolate linearly to a multiple of the model's and decimate after an anti-aliasing filter.
    Linear,
    /// As `Linear`, and a lower rate, down to a fifth of the model's, is filled in by straight lines between samples: what it
    /// did not hold is not there afterwards either.
    Fill,
}

/// What is done about the way a device is held: slanted, turned or upside down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Level {
    /// Nothing: recordings are in the device's axes.
    #[default]
    AsWorn,
    /// Each recording is rotated as a whole so that its vertical, found while the wearer moves about, points along `up`
    /// ([`level`](crate::levelling::level)). Needs the whole recording: zero phase.
    Recording {
        /// The direction that is up afterwards; of any length.
        up: [f32; 3],
    },
}

/// What is done about the way a device faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Facing {
    /// Nothing: windows are in the device's axes.
    #[default]
    AsWorn,
    /// Each window is turned about `up` until its mean horizontal acceleration points one way, so that a turn of the device
    /// about `up` changes nothing.
    Canonical {
        /// The direction that points up when the wearer stands, in the device's axes or those of a levelled recording; of any
        /// length.
        up: [f32; 3],
    },
}

impl Facing {
    /// Whether windows stay in the device's axes.
    pub fn is_as_worn(&self) -> bool {
        *self == Self::AsWorn
    }
}

/// Scales of the companded channels, `asinh(value / scale)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Companding {
    /// Scale of body acceleration, in g.
    pub acceleration_g: f64,
    /// Scale of angular velocity, in rad/s.
    pub angular_velocity_rad_s: f64,
}

impl Default for Companding {
    /// 0.01 g and 0.02 rad/s: the size of a standing person's sway and tremor.
    fn default() -> Self {
        Self { acceleration_g: 0.01, angular_velocity_rad_s: 0.02 }
    }
}

/// A filter that may be absent: `false` in text, as TOML has no null and an absent key means the default.
mod or_false {
    use super::NoiseFilter;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Text {
        Absent(bool),
        Present(NoiseFilter),
    }

    pub(super) fn serialize<S: Serializer>(filter: &Option<NoiseFilter>, to: S) -> Result<S::Ok, S::Error> {
        match filter {
            None => to.serialize_bool(false),
            Some(filter) => filter.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NoiseFilter>, D::Error> {
        match Text::deserialize(from) {
            Ok(Text::Absent(false)) => Ok(None),
            Ok(Text::Present(filter)) => Ok(Some(filter)),
            Ok(Text::Absent(true)) | Err(_) => {
                Err(D::Error::custom("noise is false, or has median_width, cutoff_hz and order"))
            }
        }
    }
}

impl Default for Preprocessing {
    /// 50 Hz, windows of 128 samples (2.56 s) with half overlap, zero phase, all inertial signals and their companded copies,
    /// not yet normalised. Rate, window and filters are those of UCI HAR (Anguita et al. 2013).
    fn default() -> Self {
        Self {
            rate_hz: 50.0,
            window: 128,
            step: 64,
            units: Units::default(),
            resampling: Resampling::Refuse,
            phase: Phase::Zero,
            level: Level::AsWorn,
            facing: Facing::AsWorn,
            channels: Channel::INERTIAL.into_iter().chain(Channel::COMPANDED).collect(),
            noise: Some(NoiseFilter::default()),
            gravity: GravityFilter::default(),
            companding: Companding::default(),
            normalisation: None,
        }
    }
}

impl Preprocessing {
    /// Leaves only the channels that these sensors give, in their order: with the accelerometer alone, models for recordings
    /// without a gyroscope.
    pub fn keep_sensors(&mut self, sensors: &[Sensor]) {
        self.channels.retain(|channel| sensors.contains(&channel.sensor()));
    }

    /// The inertial signals that the channels are made from.
    pub fn layout(&self) -> Layout {
        let gyroscope = self.channels.iter().any(|channel| channel.sensor() == Sensor::Gyroscope);
        if gyroscope { Layout::WITH_GYROSCOPE } else { Layout::ACCELERATION }
    }

    /// The network's input for a window of inertial signals `[time, width]` of [`layout`](Self::layout), in g and rad/s:
    /// turned as [`facing`](Self::facing) says, channels chosen and companded, normalised if there are statistics. `out` is
    /// `[time, channel]`; shorter buffers take what fits.
    pub fn window_input(&self, window: &[f32], out: &mut [f32]) {
        let width = self.layout().width();
        let picks = self.picks();
        let frames = out.chunks_exact_mut(self.channels.len().max(1));
        let rows = window.chunks_exact(width);
        match self.facing {
            Facing::AsWorn => rows.zip(frames).for_each(|(row, frame)| expand(&picks, row, frame)),
            Facing::Canonical { up } => {
                let turn = canonical_turn(up, window, width);
                let mut turned = [0.0; Layout::WIDEST];
                for (row, frame) in rows.zip(frames) {
                    let turned = &mut turned[..width];
                    turned.copy_from_slice(row);
                    turn.apply_rows(turned);
                    expand(&picks, turned, frame);
                }
            }
        }
        self.normalise(out);
    }

    /// Where each channel lies in a row, and by what it is divided before companding.
    fn picks(&self) -> Vec<Pick> {
        let layout = self.layout();
        let pick = |channel: &Channel| {
            let origin = channel.origin();
            let scale = match channel.sensor() {
                Sensor::Gyroscope => self.companding.angular_velocity_rad_s,
                _ => self.companding.acceleration_g,
            };
            // The layout holds the signals of all channels, being made from them.
            let index = origin.index(layout).unwrap_or_default();
            Pick { index, scale: origin.companded.then_some(scale as f32) }
        };
        self.channels.iter().map(pick).collect()
    }

    /// Normalises `[.., channel]` in place: `(x - mean) / standard deviation` per channel. Does nothing
    /// without statistics.
    pub fn normalise(&self, x: &mut [f32]) {
        if let Some(normalisation) = &self.normalisation {
            normalisation.apply(x);
        }
    }
}

/// One channel of the input.
#[derive(Clone, Copy, Debug)]
struct Pick {
    index: usize,
    scale: Option<f32>,
}

/// Makes the chosen channels of one instant, not normalised.
fn expand(picks: &[Pick], row: &[f32], out: &mut [f32]) {
    // As many as there are companded channels.
    let mut companded = [0.0f32; Channel::COMPANDED.len()];
    let mut count = 0;
    for (out, pick) in out.iter_mut().zip(picks) {
        let value = row[pick.index];
        match pick.scale {
            None => *out = value,
            Some(scale) => {
                companded[count] = value / scale;
                count += 1;
            }
        }
    }
    asinh(&mut companded[..count]);
    let places = out.iter_mut().zip(picks).filter(|(_, pick)| pick.scale.is_some());
    for ((out, _), value) in places.zip(companded) {
        *out = value;
    }
}
