//! Training windows as they might as well have been recorded.
//!
//! Steps compose in the order they are listed; each draws from a generator addressed by seed, stage, epoch and window, so
//! that the bits depend neither on threads nor on interruptions.

use ambulo_data::LabelledWindows;
use ambulo_nn::Random;
use ambulo_signal::rotation::{horizontal_axes, unit};
use ambulo_signal::{Preprocessing, Rotation};
use serde::{Deserialize, Serialize};

/// Streams of augmentation lie above those of weights, shuffles and dropout.
const STREAM: u64 = 1 << 62;

/// One step. All work on the nine ordinary channels, after the filters and before companding, but the last.
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

/// Draws augmented windows of one partition.
#[derive(Clone, Debug)]
pub(crate) struct Augmenter {
    steps: Vec<Augmentation>,
    /// Vertical of recordings in which nobody walked or stood.
    up: [f32; 3],
}

/// Room for one window.
#[derive(Default)]
pub(crate) struct Scratch {
    rows: Vec<[f32; 9]>,
    warped: Vec<[f32; 9]>,
}

impl Augmenter {
    pub(crate) fn new(steps: &[Augmentation], up: [f32; 3]) -> Self {
        Self { steps: steps.to_vec(), up }
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.steps.is_empty()
    }

    /// The network's input for an augmented window `i`, `[time, channel]`; normalised if `p` has statistics. `draw` tells
    /// the epochs and stages of a seed apart.
    pub(crate) fn input(
        &self,
        windows: &LabelledWindows,
        i: usize,
        (seed, draw): (u64, u64),
        p: &Preprocessing,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let mut random = Random::new(seed, STREAM | (draw << 32) | i as u64);
        let Scratch { rows, warped } = scratch;
        rows.clear();
        rows.extend_from_slice(self.cut(windows, i, &mut random));
        for step in &self.steps {
            match *step {
                Augmentation::Shift { .. } | Augmentation::ChannelDropout { .. } => {}
                Augmentation::Turn { degrees, p } => {
                    let up = windows.series_of(i).up.unwrap_or(self.up);
                    let angle = degrees.to_radians() * (2.0 * random.uniform() - 1.0);
                    if random.uniform() < p {
                        turn(rows, Rotation::about(up, angle));
                    }
                }
                Augmentation::Rotate { degrees, p } => {
                    let axis = [random.normal(), random.normal(), random.normal()];
                    let angle = degrees.to_radians() * random.normal();
                    if random.uniform() < p {
                        turn(rows, Rotation::about(axis, angle));
                    }
                }
                Augmentation::Mirror { p } => {
                    if random.uniform() < p {
                        mirror(rows, windows.series_of(i).up.unwrap_or(self.up));
                    }
                }
                Augmentation::Scale { range } => {
                    let factor = |r: &mut Random| 1.0 + range * (2.0 * r.uniform() - 1.0);
                    let (body, gyro) = (factor(&mut random), factor(&mut random));
                    for row in rows.iter_mut() {
                        for axis in 0..3 {
                            row[axis] += (body - 1.0) * row[axis + 3];
                            row[axis + 3] *= body;
                            row[axis + 6] *= gyro;
                        }
                    }
                }
                Augmentation::Noise { acceleration_g, angular_velocity_rad_s } => {
                    for row in rows.iter_mut() {
                        for axis in 0..3 {
                            let noise = acceleration_g * random.normal();
                            row[axis] += noise;
                            row[axis + 3] += noise;
                            row[axis + 6] += angular_velocity_rad_s * random.normal();
                        }
                    }
                }
                Augmentation::TimeWarp { sd, knots } => {
                    time_warp(rows, warped, sd, knots, &mut random);
                    std::mem::swap(rows, warped);
                }
            }
        }
        p.window_input(rows, out);
        // Zero is a channel's mean only once there is one.
        for step in self.steps.iter().filter(|_| p.normalisation.is_some()) {
            if let Augmentation::ChannelDropout { p: probability } = *step {
                for channel in 0..p.channels.len() {
                    if random.uniform() < probability {
                        out.iter_mut().skip(channel).step_by(p.channels.len()).for_each(|v| *v = 0.0);
                    }
                }
            }
        }
    }

    /// The window, shifted if a step says so.
    fn cut<'w>(&self, windows: &'w LabelledWindows, i: usize, random: &mut Random) -> &'w [[f32; 9]] {
        let place = &windows.places[i];
        let mut start = place.start;
        for step in &self.steps {
            if let Augmentation::Shift { samples } = *step {
                let first = place.starts.start.max(place.start.saturating_sub(samples));
                let last = (place.starts.end - 1).min(place.start.saturating_add(samples));
                start = first + random.below((last - first) as u32 + 1) as usize;
            }
        }
        &windows.series_of(i).rows[start..start + windows.time]
    }
}

pub(crate) fn turn(rows: &mut [[f32; 9]], rotation: Rotation) {
    for row in rows {
        *row = rotation.apply_row(row);
    }
}

/// Reflects in the plane of `up` and the first of its horizontal axes; without an `up` in the device's y.
fn mirror(rows: &mut [[f32; 9]], up: [f32; 3]) {
    let normal = unit(up).map_or([0.0, 1.0, 0.0], |up| horizontal_axes(up)[1]);
    for row in rows {
        for (axes, sign) in row.chunks_exact_mut(3).zip([1.0, 1.0, -1.0]) {
            let along: f32 = axes.iter().zip(normal).map(|(a, n)| a * n).sum();
            axes.iter_mut().zip(normal).for_each(|(a, n)| *a = sign * (*a - 2.0 * along * n));
        }
    }
}

fn time_warp(rows: &[[f32; 9]], out: &mut Vec<[f32; 9]>, sd: f32, knots: usize, random: &mut Random) {
    let speeds: Vec<f32> = (0..knots).map(|_| libm::expf(sd * random.normal())).collect();
    let last = rows.len().saturating_sub(1);
    let at = |values: &[f32], position: f32| {
        let below = (position as usize).min(values.len() - 1);
        let above = (below + 1).min(values.len() - 1);
        values[below] + (position - below as f32) * (values[above] - values[below])
    };
    let mut times = Vec::with_capacity(rows.len());
    let mut time = 0.0;
    for i in 0..rows.len() {
        times.push(time);
        time += at(&speeds, (i as f32 + 0.5) / last.max(1) as f32 * (knots - 1) as f32);
    }
    let stretch = last as f32 / times.last().copied().filter(|&t| t > 0.0).unwrap_or(1.0);
    out.clear();
    out.extend(times.iter().map(|&t| {
        let position = (t * stretch).min(last as f32);
        let below = position as usize;
        let above = (below + 1).min(last);
        let share = position - below as f32;
        std::array::from_fn(|c| rows[below][c] + share * (rows[above][c] - rows[below][c]))
    }));
}

#[cfg(test)]
mod tests;
