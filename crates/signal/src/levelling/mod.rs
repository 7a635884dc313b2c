//! Which way up a recording was made, found in it: the trunk is upright while its wearer moves about.
//!
//! A device clipped on at a slant or upside down measures the same movements in other axes. [`level`] finds the vertical of a
//! recording from itself, without labels, and gives the rotation that puts it where a network expects it. Which way the device
//! faces it leaves open: that is the matter of a canonical [`Facing`](crate::Facing).

mod boxes;
mod first_pass;
mod live;
mod periods;
mod stretches;
mod survey;

pub use first_pass::{FirstPass, first_pass};
pub use live::LiveVertical;
pub(crate) use periods::wearings;
pub use periods::{WearingPeriod, wearing_periods};
pub use stretches::{Stretch, Stretches};
pub use survey::WearingSurvey;

use crate::intake::{Declared, Report};
use crate::rotation::{Rotation, cross, dot, horizontal_axes, up_direction};
use crate::source::{Chunk, Source};
use crate::{InertialSignals, Sensor, SignalError};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use libm::sqrt;

/// Stretches of movement from which the vertical is trusted: 11.5 seconds if on end.
const LEAST_STRETCHES: usize = 8;
/// Cosine of 25 degrees: further from the vertical, a trunk is not upright, or the device was moved.
const AGREE: f64 = 0.906_307_787;
/// Length that acceleration has on average while a wearer moves about, in g: gravity, and the error of a sensor.
const GRAVITY_G: RangeInclusive<f64> = 0.75..=1.25;
/// Steps of Weiszfeld's algorithm; directions of gravity lie close together, and a dozen reach the last digits of f32.
const STEPS: usize = 30;

/// The smallest rotation that brings the vertical of `signals`, sampled at `rate_hz`, to `up`.
///
/// The vertical is the geometric median (Weiszfeld 1937) of the mean accelerations of all stretches of 2.56 s in which body
/// acceleration has a root mean square above 0.15 g.
///
/// # Errors
/// [`SignalError::NoVertical`] if there are fewer than eight such stretches, if half of them or more are further than 25 degrees from
/// the median, or if the median is not 0.75 to 1.25 g long; [`SignalError::Setting`] if `up` has no length.
pub fn level(signals: &InertialSignals, rate_hz: f64, up: [f32; 3]) -> Result<Rotation, SignalError> {
    let target = up_direction("level.up", up)?;
    let mut stretches = Stretches::new(rate_hz, signals.layout());
    stretches.push(signals.values());
    let moving: Vec<[f64; 3]> = stretches.moving().map(|s| s.acceleration).collect();
    Ok(smallest(vertical(&moving)?.up, target))
}

/// A period of wearing with its place in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worn {
    /// The period.
    pub period: WearingPeriod,
    /// When it begins, in nanoseconds from the recording's zero; it lasts until the next one begins.
    pub start_ns: i64,
    /// Share of the stretches of movement in it that are within 25 degrees of its vertical.
    pub agreement: f64,
}

/// The periods of wearing of a recording, found in its acceleration alone at 50 Hz, whatever model it is for: by a
/// [`WearingSurvey`] in a pass of its own. [`first_pass`] needs none.
///
/// # Errors
/// [`SignalError::NoVertical`] as [`wearing_periods`]; a source that fails or is refused.
pub fn wearing_of(
    source: &mut dyn Source,
    report: &Report,
    declared: &Declared,
) -> Result<Vec<Worn>, SignalError> {
    let found = report.sensor(Sensor::Accelerometer).and_then(|(_, found)| found.unit_found);
    let known = Declared { acceleration: found.or(declared.acceleration), ..*declared };
    let mut survey = WearingSurvey::new(source.header(), &known)?;
    survey.refuse(report)?;
    let mut chunk = Chunk::default();
    while source.read(&mut chunk)? {
        survey.push(&chunk);
    }
    source.rewind()?;
    Ok(survey.finish(report)?.unwrap_or_default())
}

/// The smallest rotation that brings a vertical of length 1 to `up`.
///
/// # Errors
/// [`SignalError::Setting`] if `up` has no length.
pub fn rotation_to(vertical: [f32; 3], up: [f32; 3]) -> Result<Rotation, SignalError> {
    Ok(smallest(vertical, up_direction("level.up", up)?))
}

/// A direction, of length 1, and the share of the stretches of movement that agree on it.
#[derive(Clone, Copy, Debug)]
struct Vertical {
    up: [f32; 3],
    agreement: f64,
}

/// The vertical of a stretch of wearing from the mean accelerations of its stretches of movement.
fn vertical(moving: &[[f64; 3]]) -> Result<Vertical, SignalError> {
    let refuse = |found: String| Err(SignalError::NoVertical { found });
    let all = moving.len();
    if all < LEAST_STRETCHES {
        return refuse(format!(
            "the wearer moves about in {all} stretches of 2.56 s, {LEAST_STRETCHES} are needed"
        ));
    }
    let median = geometric_median(moving);
    let gravity = norm(median);
    if !GRAVITY_G.contains(&gravity) {
        let (least, most) = (GRAVITY_G.start(), GRAVITY_G.end());
        return refuse(format!(
            "acceleration in movement is {gravity:.2} g on average, expected {least} to {most} g with gravity in it"
        ));
    }
    let upright = |v: &&[f64; 3]| inner(v, &median) >= AGREE * norm(**v) * gravity;
    let agree = moving.iter().filter(upright).count();
    if 2 * agree <= all {
        return refuse(format!(
            "{agree} of {all} stretches of movement agree on it within 25 degrees, more than half are needed"
        ));
    }
    Ok(Vertical { up: median.map(|c| (c / gravity) as f32), agreement: agree as f64 / all as f64 })
}

fn norm(v: [f64; 3]) -> f64 {
    sqrt(v.iter().map(|c| c * c).sum())
}

fn inner(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
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
    if sine < 1e-4 {
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
    use crate::Layout;
    use crate::rotation::unit;
    use core::f32::consts::PI;
    use proptest::prelude::*;

    const UP: [f32; 3] = [1.0, 0.0, 0.0];

    /// A minute at 50 Hz in a frame of x up: walking for so many seconds, then reclining.
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

    fn signals(rows: &[[f32; 9]]) -> InertialSignals {
        InertialSignals::new(Layout::WITH_GYROSCOPE, rows.as_flattened().to_vec())
    }

    fn turned(rows: &[[f32; 9]], by: Rotation) -> Vec<[f32; 9]> {
        let mut turned = rows.to_vec();
        by.apply_rows(turned.as_flattened_mut());
        turned
    }

    fn found(rows: &[[f32; 9]]) -> String {
        match level(&signals(rows), 50.0, UP).unwrap_err() {
            SignalError::NoVertical { found } => found,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_level_recording_stays_as_it_is() {
        let rotation = level(&signals(&rows(30)), 50.0, UP).unwrap();
        for v in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] {
            let moved = rotation.apply(v);
            assert!(v.iter().zip(moved).all(|(a, b)| (a - b).abs() < 0.01), "{v:?} -> {moved:?}");
        }
    }

    #[test]
    fn a_recording_without_movement_is_refused() {
        assert!(level(&signals(&rows(30)), 50.0, UP).is_ok());
        assert!(found(&rows(0)).contains("moves about in 0 stretches"));
        assert!(found(&rows(8)).contains("8 are needed"));
        assert!(found(&[]).contains("in 0 stretches"));
        assert!(matches!(
            level(&signals(&rows(30)), 50.0, [0.0; 3]),
            Err(SignalError::Setting { field: "level.up", .. })
        ));
    }

    #[test]
    fn movement_that_agrees_on_no_vertical_is_refused() {
        // Three equal parts, each another way up.
        let mut all = rows(60);
        for (i, row) in all.iter_mut().enumerate() {
            Rotation::about([0.0, 0.0, 1.0], 1.2 * (i / 1000) as f32).apply_rows(row);
        }
        assert!(found(&all).contains("more than half are needed"), "{}", found(&all));
    }

    #[test]
    fn acceleration_without_gravity_or_in_another_unit_is_refused() {
        for scale in [0.0, 0.1, 9.80665] {
            let mut all = rows(30);
            all.iter_mut().for_each(|row| (0..3).for_each(|i| row[i] *= scale));
            assert!(found(&all).contains("expected 0.75 to 1.25 g"), "{}", found(&all));
        }
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
        let slanted = [-0.8, 0.0, 0.6];
        let nearly = [-0.800_001, 1e-6, 0.599_998_7];
        for (from, to) in [
            ([1.0, 0.0, 0.0], UP),
            ([-1.0, 0.0, 0.0], UP),
            ([0.0, 0.6, 0.8], UP),
            (slanted.map(|v: f32| -v), slanted),
            (nearly.map(|v: f32| -v), slanted),
        ] {
            let there = smallest(from, to).apply(from);
            assert!(there.iter().zip(to).all(|(a, b)| (a - b).abs() < 1e-5), "{from:?} -> {there:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn worn_any_way_the_vertical_ends_up(axis in prop::array::uniform3(-1f32..1.0), angle in -PI..PI, up in prop::array::uniform3(-1f32..1.0)) {
            prop_assume!(unit(up).is_some());
            let up = unit(up).unwrap();
            let rows = rows(30);
            let worn = turned(&rows, Rotation::about(axis, angle));
            let levelled = turned(&worn, level(&signals(&worn), 50.0, up).unwrap());
            let height = |row: &[f32; 9], up| [0, 3, 6].map(|i| dot([row[i], row[i + 1], row[i + 2]], up));
            let plain = turned(&rows, level(&signals(&rows), 50.0, UP).unwrap());
            for (a, b) in plain.iter().zip(&levelled) {
                let (a, b) = (height(a, UP), height(b, up));
                prop_assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4), "{a:?} {b:?}");
            }
        }
    }
}
