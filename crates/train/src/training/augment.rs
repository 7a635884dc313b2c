//! Training windows as they might as well have been recorded.
//!
//! Steps compose in the order they are listed; each draws from a generator addressed by seed, stage, epoch and window, so
//! that the bits depend neither on threads nor on interruptions.

use crate::Augmentation;
use ambulo_data::{DataError, LabelledWindows};
use ambulo_nn::Random;
use ambulo_signal::rotation::{horizontal_axes, unit};
use ambulo_signal::{Layout, Preprocessing, Rotation, Signal};

/// Streams of augmentation lie above those of weights, shuffles and dropout.
const STREAM: u64 = 1 << 62;

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
    pub(crate) rows: Vec<f32>,
    pub(crate) warped: Vec<f32>,
}

impl Augmenter {
    pub(crate) fn new(steps: &[Augmentation], up: [f32; 3]) -> Self {
        Self { steps: steps.to_vec(), up }
    }

    /// The network's input for an augmented window `i`, `[time, channel]`; normalised if `p` has statistics. `draw` tells
    /// the epochs and stages of a seed apart; a number beyond that of the windows is another draw of the window it leaves when that
    /// is taken off.
    pub(crate) fn input(
        &self,
        windows: &LabelledWindows,
        i: usize,
        (seed, draw): (u64, u64),
        p: &Preprocessing,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) -> Result<(), DataError> {
        let mut random = Random::new(seed, STREAM | (draw << 32) | i as u64);
        let i = i % windows.len().max(1);
        self.rows(windows, i, &mut random, scratch)?;
        p.window_input(&scratch.rows, out);
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
        Ok(())
    }

    /// The rows of an augmented window `i` into the scratch, before they become the network's input.
    pub(crate) fn rows(
        &self,
        windows: &LabelledWindows,
        i: usize,
        random: &mut Random,
        scratch: &mut Scratch,
    ) -> Result<(), DataError> {
        let Scratch { rows, warped } = scratch;
        let layout = windows.series_of(i).layout();
        let width = layout.width();
        // Angular velocity, where there is any.
        let gyro = layout.offset(Signal::AngularVelocity);
        windows.series_of(i).read(self.start(windows, i, random), windows.time, rows)?;
        for step in &self.steps {
            match *step {
                Augmentation::Shift { .. } | Augmentation::ChannelDropout { .. } => {}
                Augmentation::Turn { degrees, p } => {
                    let up = windows.series_of(i).up.unwrap_or(self.up);
                    let angle = degrees.to_radians() * (2.0 * random.uniform() - 1.0);
                    if random.uniform() < p {
                        Rotation::about(up, angle).apply_rows(rows);
                    }
                }
                Augmentation::Rotate { degrees, p } => {
                    let axis = [random.normal(), random.normal(), random.normal()];
                    let angle = degrees.to_radians() * random.normal();
                    if random.uniform() < p {
                        Rotation::about(axis, angle).apply_rows(rows);
                    }
                }
                Augmentation::Mirror { p } => {
                    if random.uniform() < p {
                        mirror(rows, layout, windows.series_of(i).up.unwrap_or(self.up));
                    }
                }
                Augmentation::Scale { range } => {
                    let factor = |r: &mut Random| 1.0 + range * (2.0 * r.uniform() - 1.0);
                    let (body, turning) = (factor(random), factor(random));
                    for row in rows.chunks_exact_mut(width) {
                        for axis in 0..3 {
                            row[axis] += (body - 1.0) * row[axis + 3];
                            row[axis + 3] *= body;
                            if let Some(gyro) = gyro {
                                row[axis + gyro] *= turning;
                            }
                        }
                    }
                }
                Augmentation::Noise { acceleration_g, angular_velocity_rad_s } => {
                    for row in rows.chunks_exact_mut(width) {
                        for axis in 0..3 {
                            let noise = acceleration_g * random.normal();
                            row[axis] += noise;
                            row[axis + 3] += noise;
                            if let Some(gyro) = gyro {
                                row[axis + gyro] += angular_velocity_rad_s * random.normal();
                            }
                        }
                    }
                }
                Augmentation::TimeWarp { sd, knots } => {
                    time_warp(rows, width, warped, sd, knots, random);
                    std::mem::swap(rows, warped);
                }
            }
        }
        Ok(())
    }

    /// The first row of a window, shifted if a step says so.
    fn start(&self, windows: &LabelledWindows, i: usize, random: &mut Random) -> usize {
        let place = &windows.places[i];
        let mut start = place.start;
        for step in &self.steps {
            if let Augmentation::Shift { samples } = *step {
                let first = place.starts.start.max(place.start.saturating_sub(samples));
                let last = (place.starts.end - 1).min(place.start.saturating_add(samples));
                start = first + random.below((last - first) as u32 + 1) as usize;
            }
        }
        start
    }
}

/// Reflects in the plane of `up` and the first of its horizontal axes; without an `up` in the device's y.
fn mirror(rows: &mut [f32], layout: Layout, up: [f32; 3]) {
    let normal = unit(up).map_or([0.0, 1.0, 0.0], |up| horizontal_axes(up)[1]);
    for row in rows.chunks_exact_mut(layout.width()) {
        // Turning changes its sense in a mirror.
        for (axes, sign) in row.chunks_exact_mut(3).zip([1.0, 1.0, -1.0]) {
            let along: f32 = axes.iter().zip(normal).map(|(a, n)| a * n).sum();
            axes.iter_mut().zip(normal).for_each(|(a, n)| *a = sign * (*a - 2.0 * along * n));
        }
    }
}

/// Rows at times that run faster and slower.
pub(crate) fn time_warp(
    rows: &[f32],
    width: usize,
    out: &mut Vec<f32>,
    sd: f32,
    knots: usize,
    random: &mut Random,
) {
    let speeds: Vec<f32> = (0..knots).map(|_| libm::expf(sd * random.normal())).collect();
    let time_steps = rows.len() / width;
    let last = time_steps.saturating_sub(1);
    let at = |values: &[f32], position: f32| {
        let below = (position as usize).min(values.len() - 1);
        let above = (below + 1).min(values.len() - 1);
        values[below] + (position - below as f32) * (values[above] - values[below])
    };
    let mut times = Vec::with_capacity(time_steps);
    let mut time = 0.0;
    for i in 0..time_steps {
        times.push(time);
        time += at(&speeds, (i as f32 + 0.5) / last.max(1) as f32 * (knots - 1) as f32);
    }
    let stretch = last as f32 / times.last().copied().filter(|&t| t > 0.0).unwrap_or(1.0);
    out.clear();
    for &t in &times {
        let position = (t * stretch).min(last as f32);
        let below = position as usize;
        let above = (below + 1).min(last);
        let share = position - below as f32;
        let row = |i: usize| &rows[i * width..(i + 1) * width];
        out.extend(row(below).iter().zip(row(above)).map(|(a, b)| a + share * (b - a)));
    }
}

#[cfg(test)]
mod tests;
