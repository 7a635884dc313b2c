//! Which way up a recording was made, found in it: the trunk is upright while its wearer moves about.
//!
//! A device clipped on at a slant, turned or upside down measures the same movements in other axes. [`posture`] finds the
//! vertical and the front of the wearer from the recording alone, without labels, and gives the rotation that puts them
//! where a network expects them. Nothing in it depends on the axes: a device worn another way gets another rotation
//! and ends in the same place.

use crate::rotation::{Rotation, cross, dot, horizontal_axes, unit};
use crate::{SignalError, window_starts};
use alloc::vec::Vec;
use libm::sqrt;

/// Length of the stretches that are judged, in seconds; a new one begins at half of it.
const STRETCH_S: f64 = 2.56;
/// Root mean square of body acceleration above which a wearer moves about. Level walking measures 0.2 to 0.4 g, a person
/// who sits or stands some hundredths.
const MOVING_G: f64 = 0.15;
/// Stretches of movement from which the vertical is trusted: 11.5 seconds on end.
const LEAST_STRETCHES: usize = 8;
/// Steps of Weiszfeld's algorithm; directions of gravity lie close together, and a dozen reach the last digits of f32.
const STEPS: usize = 30;
/// Mean horizontal acceleration, in g, below which it does not say where the front is.
const LEAST_FRONT_G: f64 = 0.005;

/// The rotation that brings a recording's vertical to `up` and the wearer's front to the first of
/// [`horizontal_axes`]`(up)`, for its nine ordinary channels `rows [time, 9]` of `rate_hz` samples per second.
///
/// The vertical is the geometric median (Weiszfeld 1937) of the mean accelerations of all stretches of 2.56 s in which body
/// acceleration has a root mean square above 0.15 g. The front is the horizontal part of the mean acceleration of the
/// whole recording: whoever sits leans back and whoever lies mostly lies on the back, and then acceleration at rest, which
/// points up, points to the front.
///
/// # Errors
/// [`SignalError::NoVertical`] if the wearer moves about in fewer than eight stretches.
///
/// # Panics
/// If `up` has no length, which [`Preprocessing::validate`](crate::Preprocessing::validate) refuses.
pub fn posture(rows: &[[f32; 9]], rate_hz: f64, up: [f32; 3]) -> Result<Rotation, SignalError> {
    let target = unit(up).expect("a vertical of some length");
    let length = (libm::round(STRETCH_S * rate_hz) as usize).max(2);
    let mut moving = Vec::new();
    for start in window_starts(rows.len(), length, length / 2) {
        let stretch = &rows[start..start + length];
        let energy: f64 =
            stretch.iter().flat_map(|row| &row[3..6]).map(|&v| f64::from(v) * f64::from(v)).sum();
        if sqrt(energy / length as f64) > MOVING_G {
            moving.push(mean(stretch));
        }
    }
    let found = (moving.len() >= LEAST_STRETCHES).then(|| geometric_median(&moving)).and_then(direction);
    let Some(vertical) = found else {
        return Err(SignalError::NoVertical { found: moving.len(), expected: LEAST_STRETCHES });
    };
    let all = mean(rows);
    let along: f64 = all.iter().zip(vertical).map(|(a, v)| a * f64::from(v)).sum();
    let front: [f64; 3] = core::array::from_fn(|i| all[i] - along * f64::from(vertical[i]));
    let front = (norm(front) >= LEAST_FRONT_G).then(|| direction(front)).flatten();
    let raise = smallest(vertical, target);
    let Some(front) = front.map(|front| raise.apply(front)) else { return Ok(raise) };
    let [first, second] = horizontal_axes(target);
    Ok(Rotation::about(target, -libm::atan2f(dot(front, second), dot(front, first))).after(raise))
}

/// Mean acceleration, gravity included.
fn mean(rows: &[[f32; 9]]) -> [f64; 3] {
    let mut sum = [0f64; 3];
    for row in rows {
        for (s, &v) in sum.iter_mut().zip(row) {
            *s += f64::from(v);
        }
    }
    sum.map(|s| s / rows.len().max(1) as f64)
}

fn norm(v: [f64; 3]) -> f64 {
    sqrt(v.iter().map(|c| c * c).sum())
}

fn direction(v: [f64; 3]) -> Option<[f32; 3]> {
    let length = norm(v);
    (length > 1e-6 && length.is_finite()).then(|| v.map(|c| (c / length) as f32))
}

/// The point with the least sum of distances to all others, which a minority of outliers hardly moves.
fn geometric_median(points: &[[f64; 3]]) -> [f64; 3] {
    let mut at: [f64; 3] =
        core::array::from_fn(|i| points.iter().map(|p| p[i]).sum::<f64>() / points.len() as f64);
    for _ in 0..STEPS {
        let (mut sum, mut weights) = ([0f64; 3], 0.0);
        for point in points {
            let distance = norm(core::array::from_fn(|i| point[i] - at[i]));
            // A point that is the median itself must not get all the weight.
            let weight = 1.0 / distance.max(1e-6);
            weights += weight;
            sum.iter_mut().zip(point).for_each(|(s, p)| *s += weight * p);
        }
        at = sum.map(|s| s / weights);
    }
    at
}

/// The rotation by the smallest angle that takes one direction to another, both of length 1.
fn smallest(from: [f32; 3], to: [f32; 3]) -> Rotation {
    let axis = cross(from, to);
    let (sine, cosine) = (sqrt(f64::from(dot(axis, axis))), f64::from(dot(from, to)));
    if sine < 1e-6 {
        // Already there, or upside down: about any horizontal axis.
        return if cosine > 0.0 {
            Rotation::IDENTITY
        } else {
            Rotation::about(horizontal_axes(to)[0], core::f32::consts::PI)
        };
    }
    Rotation::about(axis, libm::atan2(sine, cosine) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::PI;
    use proptest::prelude::*;

    const UP: [f32; 3] = [1.0, 0.0, 0.0];

    /// A minute at 50 Hz in a frame of x up and z front: walking, then reclining, with a slightly slanted device.
    fn rows(moving_s: usize) -> Vec<[f32; 9]> {
        (0..3000)
            .map(|i| {
                let t = i as f32 / 50.0;
                let mut row = [0.0; 9];
                if i < 50 * moving_s {
                    let (s, c) = (libm::sinf(2.0 * PI * 1.9 * t), libm::cosf(2.0 * PI * 0.95 * t));
                    (row[3], row[4], row[5], row[7]) = (0.35 * s, 0.2 * c, 0.1 * s, 0.8 * c);
                    (row[0], row[1], row[2]) = (1.0 + row[3], row[4], row[5]);
                } else {
                    (row[0], row[2], row[6]) = (0.9, 0.43, 0.01 * libm::sinf(t));
                }
                row
            })
            .collect()
    }

    fn turned(rows: &[[f32; 9]], by: Rotation) -> Vec<[f32; 9]> {
        rows.iter().map(|row| by.apply_row(row)).collect()
    }

    #[test]
    fn a_level_recording_stays_as_it_is() {
        let rows = rows(30);
        let rotation = posture(&rows, 50.0, UP).unwrap();
        for v in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] {
            let moved = rotation.apply(v);
            assert!(v.iter().zip(moved).all(|(a, b)| (a - b).abs() < 0.01), "{v:?} -> {moved:?}");
        }
    }

    #[test]
    fn a_recording_without_movement_is_refused() {
        assert!(posture(&rows(30), 50.0, UP).is_ok());
        for still in [0, 8] {
            let error = posture(&rows(still), 50.0, UP).unwrap_err();
            assert!(matches!(error, SignalError::NoVertical { expected: 8, .. }), "{error}");
        }
        assert!(posture(&[], 50.0, UP).is_err());
    }

    #[test]
    fn outliers_do_not_move_the_vertical() {
        let mut points: Vec<[f64; 3]> = (0..20).map(|i| [1.0, 0.01 * f64::from(i % 3), 0.0]).collect();
        let before = geometric_median(&points);
        points.extend([[0.0, 0.0, 1.0]; 5]);
        let after = geometric_median(&points);
        assert!(norm(core::array::from_fn(|i| after[i] - before[i])) < 0.02, "{before:?} {after:?}");
    }

    #[test]
    fn upside_down_is_half_a_turn() {
        for (from, to) in [
            ([1.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
            ([-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
            ([0.0, 0.6, 0.8], [1.0, 0.0, 0.0]),
        ] {
            let there = smallest(from, to).apply(from);
            assert!(there.iter().zip(to).all(|(a, b)| (a - b).abs() < 1e-6), "{from:?} -> {there:?}");
        }
    }

    proptest! {
        #[test]
        fn however_the_device_is_worn_the_levelled_recording_is_the_same(
            axis in prop::array::uniform3(-1f32..1.0), angle in -PI..PI, up in prop::array::uniform3(-1f32..1.0),
        ) {
            prop_assume!(unit(axis).is_some() && unit(up).is_some());
            let rows = rows(30);
            let worn = turned(&rows, Rotation::about(axis, angle));
            let usual = turned(&rows, posture(&rows, 50.0, up).unwrap());
            let levelled = turned(&worn, posture(&worn, 50.0, up).unwrap());
            for (a, b) in usual.iter().flatten().zip(levelled.iter().flatten()) {
                prop_assert!((a - b).abs() < 2e-4, "{a} {b}");
            }
        }
    }
}
