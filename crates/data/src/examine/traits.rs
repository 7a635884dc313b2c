//! A few numbers that describe how somebody moves in a window.

use super::ExamineOptions;
use super::digest::merged;
use super::grid::{GRID_HZ, Grid};
use super::numbers::{dot, norm, unit};
use crate::LabelledRecording;
use std::sync::Arc;

/// Smallest movement that is told from none, in g, and smallest turning, in rad/s: noise of sensors.
const STILL_G: f64 = 2e-3;
const STILL_RAD_S: f64 = 5e-3;
/// Share of a window's points that must have samples.
const WHOLE: f64 = 0.9;
/// Frequencies of steps that are looked for, in quarters of a hertz.
const QUARTERS: std::ops::RangeInclusive<usize> = 2..=16;

/// A labelled window.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) label: Arc<str>,
    /// Number of the labelled stretch that it lies in.
    pub(super) stretch: usize,
    /// Mean direction of acceleration in the device's axes.
    pub(super) direction: [f32; 3],
    /// Logarithms of movement along gravity and across it in g, of the change of length in g; the frequency of most movement in
    /// Hz, weighted by its share; the logarithm of turning in rad/s, not a number without gyroscope.
    pub(super) movement: [f32; 5],
}

/// Makes windows of a recording.
pub(super) struct Traits<'a> {
    grid: &'a Grid,
    upright: Option<[f64; 3]>,
}

impl<'a> Traits<'a> {
    /// `upright` is the sum of directions that are known to be up.
    pub(super) fn new(grid: &'a Grid, upright: [f64; 3]) -> Self {
        Self { grid, upright: unit(upright) }
    }

    /// Windows that lie within one labelled stretch.
    pub(super) fn windows(&self, labelled: &LabelledRecording, options: &ExamineOptions) -> Vec<Window> {
        let (length, step) = ((options.window_s * GRID_HZ) as usize, (options.step_s * GRID_HZ) as usize);
        let (length, step) = (length.max(2), step.max(1));
        let mut windows = Vec::new();
        for (stretch, interval) in merged(&labelled.labels).iter().enumerate() {
            let points = self.grid.points(interval.start_ns, interval.end_ns);
            let mut from = points.start;
            while from + length <= points.end {
                if let Some((direction, movement)) = self.describe(from, from + length) {
                    let label = interval.label.clone();
                    windows.push(Window { label, stretch, direction, movement });
                }
                from += step;
            }
        }
        windows
    }

    fn describe(&self, from: usize, to: usize) -> Option<([f32; 3], [f32; 5])> {
        let whole = |v: &&[f32; 3]| v[0].is_finite();
        let values: Vec<[f64; 3]> =
            self.grid.acceleration[from..to].iter().filter(whole).map(|v| v.map(f64::from)).collect();
        let n = values.len() as f64;
        if n < WHOLE * (to - from) as f64 || n < 2.0 {
            return None;
        }
        let mut mean = [0.0; 3];
        for value in &values {
            for (m, v) in mean.iter_mut().zip(value) {
                *m += v / n;
            }
        }
        let direction = unit(mean)?;
        // Lying, the way that is up for the body is across gravity: movement is taken about gravity itself.
        let gravity = self.upright.filter(|up| dot(*up, direction) > 0.7).unwrap_or(direction);
        let (mut along, mut across, mut mean_length) = (0.0, 0.0, 0.0);
        for value in &values {
            let moved: [f64; 3] = std::array::from_fn(|i| value[i] - mean[i]);
            let up = dot(moved, gravity);
            along += up * up / n;
            across += (dot(moved, moved) - up * up).max(0.0) / n;
            mean_length += norm(*value) / n;
        }
        let lengths: Vec<f64> = values.iter().map(|value| norm(*value) - mean_length).collect();
        let change = lengths.iter().map(|l| l * l).sum::<f64>() / n;
        let turning = self.grid.angular_velocity.as_ref().and_then(|angular| {
            let values = angular.get(from..to)?.iter().filter(whole);
            let (n, sum) = values.fold((0.0, 0.0), |(n, sum), v| {
                let v = v.map(f64::from);
                (n + 1.0, sum + dot(v, v))
            });
            (n > 0.0).then(|| (sum / n + STILL_RAD_S * STILL_RAD_S).sqrt().ln())
        });
        let log = |variance: f64| (variance + STILL_G * STILL_G).sqrt().ln() as f32;
        let movement = [
            log(along),
            log(across),
            log(change),
            rhythm(&lengths) as f32,
            turning.map_or(f32::NAN, |turning| turning as f32),
        ];
        Some((direction.map(|v| v as f32), movement))
    }
}

/// The frequency of most movement in Hz times its share of all movement between 0.5 and 4 Hz: 0 for noise that has no rhythm.
fn rhythm(values: &[f64]) -> f64 {
    let (mut best, mut most, mut all) = (0.0, 0.0, 0.0);
    for quarter in QUARTERS {
        let hz = quarter as f64 / 4.0;
        // Goertzel's recurrence gives the power at one frequency.
        let turn = 2.0 * (std::f64::consts::TAU * hz / GRID_HZ).cos();
        let (mut last, mut before) = (0.0, 0.0);
        for value in values {
            let next = value + turn * last - before;
            (before, last) = (last, next);
        }
        let power = (last * last + before * before - turn * last * before).max(0.0);
        all += power;
        if power > most {
            (best, most) = (hz, power);
        }
    }
    if all > 0.0 { best * most / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::Recording;

    #[test]
    fn steps_and_rest_are_described() {
        let step = |i: u32| (std::f64::consts::TAU * 2.0 * f64::from(i) / 50.0).sin();
        let walking = (0..500).map(|i| [1.0 + 0.3 * step(i) as f32, 0.0, 0.0]).collect();
        let grid = Grid::new(&Recording::uniform(50.0, walking, None)).unwrap();
        let (direction, movement) = Traits::new(&grid, [1.0, 0.0, 0.0]).describe(0, 51).unwrap();
        assert!(direction[0] > 0.999, "{direction:?}");
        assert!((movement[0].exp() - 0.21).abs() < 0.02 && movement[1].exp() < 0.01, "{movement:?}");
        assert!(movement[3] > 0.7 && movement[4].is_nan(), "{movement:?}");
        let noise: Vec<f64> = (0..51).map(|i| (f64::from(i * i) * 12.9898).sin()).collect();
        assert!(rhythm(&noise) < movement[3].into());
        assert_eq!(rhythm(&[0.0; 51]), 0.0);
    }
}
