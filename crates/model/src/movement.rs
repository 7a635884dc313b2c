//! What a window measures, in terms that no network has learned: how much, how fast and how upright.

use ambulo_signal::{Layout, Signal};

/// Number of values that describe a window.
pub const MOVEMENT: usize = 8;
/// Least values whose logarithms are taken: sensors' noise, in g and rad/s.
const LEAST_G: f32 = 0.003;
const LEAST_RAD_S: f32 = 0.005;

/// Describes a window of inertial signals `[time, width]` in axes of which `up`, of length 1, points up: natural logarithms of the
/// root mean squares of body acceleration along the vertical and across, of its change from sample to sample, of its largest
/// length, and of angular velocity about the vertical and across (0 without a gyroscope); then the cosine and the sine of the angle
/// between mean acceleration and the vertical.
#[must_use]
pub fn movement(window: &[f32], layout: Layout, up: [f32; 3]) -> [f32; MOVEMENT] {
    let width = layout.width();
    let at = |row: &[f32], signal: Signal| {
        layout.offset(signal).map_or([0.0; 3], |offset| [row[offset], row[offset + 1], row[offset + 2]])
    };
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let mut sums = [0f32; 6];
    let mut mean = [0f32; 3];
    let mut before: Option<[f32; 3]> = None;
    let mut count = 0f32;
    for row in window.chunks_exact(width) {
        let (total, body) = (at(row, Signal::TotalAcceleration), at(row, Signal::BodyAcceleration));
        let turn = at(row, Signal::AngularVelocity);
        (0..3).for_each(|i| mean[i] += total[i]);
        let square = dot(body, body);
        let vertical = dot(body, up);
        sums[0] += vertical * vertical;
        sums[1] += (square - vertical * vertical).max(0.0);
        if let Some(before) = before {
            let step = [body[0] - before[0], body[1] - before[1], body[2] - before[2]];
            sums[2] += dot(step, step);
        }
        before = Some(body);
        sums[3] = sums[3].max(square);
        let about = dot(turn, up);
        sums[4] += about * about;
        sums[5] += (dot(turn, turn) - about * about).max(0.0);
        count += 1.0;
    }
    let log = |sum: f32, least: f32| libm::logf(libm::sqrtf(sum / count.max(1.0)).max(least));
    let length = libm::sqrtf(dot(mean, mean)).max(f32::MIN_POSITIVE);
    let cosine = (dot(mean, up) / length).clamp(-1.0, 1.0);
    [
        log(sums[0], LEAST_G),
        log(sums[1], LEAST_G),
        log(sums[2], LEAST_G),
        libm::logf(libm::sqrtf(sums[3]).max(LEAST_G)),
        log(sums[4], LEAST_RAD_S),
        log(sums[5], LEAST_RAD_S),
        cosine,
        libm::sqrtf(1.0 - cosine * cosine),
    ]
}
