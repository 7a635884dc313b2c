//! Calibration of acceleration to 1 g at rest: whichever way a still device lies, it measures gravity.
//!
//! Van Hees et al. 2014 (J Appl Physiol 117:738), as `g.calibrate` of GGIR computes it, without its correction for temperature: scale
//! and offset of each axis are fitted, by regressions that are weighted anew each time, to the closest points on the unit sphere.
//! `tests/fixtures/calibration.json` holds what NumPy makes of the same algorithm.

use super::thinned::Thinned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use libm::{fabs, sqrt};
use serde::{Deserialize, Serialize};

/// Points kept. A week has 60,480 windows.
const KEPT: usize = 1 << 14;
/// Fewest points for a fit of six numbers, as in actipy.
const LEAST_POINTS: usize = 50;
/// Every axis needs points beyond this on both sides, in g (GGIR's `spherecrit`).
const BOTH_SIDES_G: f64 = 0.3;
/// Most rounds of the fit, and the change of its residual that ends it (GGIR's `maxiter` and `tol`).
const ROUNDS: usize = 1000;
const TOLERANCE: f64 = 1e-10;
/// Greatest weight of a point, one over a hundredth of a g from the sphere (GGIR).
const HEAVIEST: f64 = 100.0;
/// Error that a calibration has to get below, in g (van Hees et al. 2014; GGIR).
const GOOD_G: f64 = 0.01;
/// Scales and offsets that a sensor may need. Data sheets allow 10 % and 0.15 g; further than twice that lies another fault.
const SANE_SCALE: RangeInclusive<f64> = 0.7..=1.4;
const SANE_OFFSET_G: f64 = 0.3;

/// What became of the calibration of acceleration to 1 g at rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Factor of each of the device's axes: calibrated = scale · (value + offset).
    pub scale: [f64; 3],
    /// Offset of each of the device's axes in g.
    pub offset: [f64; 3],
    /// Mean departure from 1 g at rest as recorded, in g.
    pub error_before_g: f64,
    /// The same once calibrated; that of before if nothing could be fitted.
    pub error_after_g: f64,
    /// Still windows of ten seconds that it was fitted to; a long recording is thinned.
    pub points: u64,
    /// Whether the intake applies it.
    pub applied: bool,
    /// Why, or why not.
    pub reason: String,
}

impl Calibration {
    /// Fits to the means of still windows, in g, and judges the fit.
    pub(super) fn of(points: &[[f64; 3]]) -> Self {
        let before = error([1.0; 3], [0.0; 3], points);
        let not = |reason: String| Self {
            scale: [1.0; 3],
            offset: [0.0; 3],
            error_before_g: before,
            error_after_g: before,
            points: points.len() as u64,
            applied: false,
            reason,
        };
        if points.len() < LEAST_POINTS {
            return not(format!(
                "the device lies still in {} windows of ten seconds, {LEAST_POINTS} are needed",
                points.len()
            ));
        }
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            let (least, most) = points
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p[axis]), b.max(p[axis])));
            if least >= -BOTH_SIDES_G || most <= BOTH_SIDES_G {
                return not(format!(
                    "axis {name} reads {least:.2} to {most:.2} g at rest, beyond 0.3 g on both sides is needed"
                ));
            }
        }
        let Some((scale, offset)) = fit(points) else { return not("the fit finds nothing".to_string()) };
        let after = error(scale, offset, points);
        let sane =
            scale.iter().all(|s| SANE_SCALE.contains(s)) && offset.iter().all(|o| fabs(*o) <= SANE_OFFSET_G);
        // Written so that NaN is not applied either.
        let (applied, reason) = if !sane {
            (false, format!("no sensor needs scales of {scale:.2?} and offsets of {offset:.2?} g"))
        } else if after < before && after < GOOD_G {
            (true, format!("the error at rest falls below {GOOD_G} g"))
        } else if after < before {
            (false, format!("an error of {after:.4} g at rest would remain, {GOOD_G} are allowed"))
        } else {
            (false, "it reads no nearer to 1 g at rest than as recorded".to_string())
        };
        Self { scale, offset, error_after_g: after, applied, reason, ..not(String::new()) }
    }

    /// The calibrated value of one in g and in the device's axes.
    pub fn apply(&self, value: [f32; 3]) -> [f32; 3] {
        calibrated(self.scale, self.offset, value.map(f64::from)).map(|v| v as f32)
    }

    /// Mean length of the points once calibrated, in g.
    pub(super) fn mean_length(&self, points: &[[f64; 3]]) -> f64 {
        let sum: f64 = points.iter().map(|p| length(&calibrated(self.scale, self.offset, *p))).sum();
        sum / points.len().max(1) as f64
    }

    /// What there is to say about it.
    pub(super) fn text(&self) -> String {
        if self.applied {
            let (points, before, after) = (self.points, self.error_before_g, self.error_after_g);
            return format!(
                "acceleration is calibrated to 1 g at rest: over {points} still windows of ten seconds it was off by {before:.4} g \
                 on average, and is by {after:.4} g"
            );
        }
        format!("acceleration is not calibrated: {}", self.reason)
    }
}

fn calibrated(scale: [f64; 3], offset: [f64; 3], value: [f64; 3]) -> [f64; 3] {
    core::array::from_fn(|i| scale[i] * (value[i] + offset[i]))
}

fn length(v: &[f64; 3]) -> f64 {
    sqrt(v.iter().map(|v| v * v).sum())
}

/// Mean departure of the lengths from 1 g; 0 without points.
fn error(scale: [f64; 3], offset: [f64; 3], points: &[[f64; 3]]) -> f64 {
    let sum: f64 = points.iter().map(|p| fabs(length(&calibrated(scale, offset, *p)) - 1.0)).sum();
    sum / points.len().max(1) as f64
}

/// Sums of a weighted regression of y on x.
#[derive(Clone, Copy, Default)]
struct Regression {
    weight: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Regression {
    fn add(&mut self, weight: f64, x: f64, y: f64) {
        self.weight += weight;
        self.x += weight * x;
        self.y += weight * y;
        self.xx += weight * x * x;
        self.xy += weight * x * y;
    }

    /// Intercept and slope.
    fn solve(&self) -> [f64; 2] {
        let (x, y) = (self.x / self.weight, self.y / self.weight);
        let slope = (self.xy / self.weight - x * y) / (self.xx / self.weight - x * x);
        [y - slope * x, slope]
    }
}

/// Scale and offset of each axis that bring the points closest to the unit sphere; none if numbers fail.
fn fit(points: &[[f64; 3]]) -> Option<([f64; 3], [f64; 3])> {
    let (mut scale, mut offset) = ([1.0; 3], [0.0; 3]);
    let mut weights: Vec<f64> = alloc::vec![1.0; points.len()];
    let mut residual = f64::INFINITY;
    for _ in 0..ROUNDS {
        let on_sphere = |point: &[f64; 3]| {
            let current = calibrated(scale, offset, *point);
            let length = length(&current);
            (current, current.map(|v| v / length))
        };
        let mut regressions = [Regression::default(); 3];
        for (point, &weight) in points.iter().zip(&weights) {
            let (current, closest) = on_sphere(point);
            for axis in 0..3 {
                regressions[axis].add(weight, current[axis], closest[axis]);
            }
        }
        let lines = regressions.map(|regression| regression.solve());
        let (mut squares, total) = (0.0, regressions[0].weight);
        for (point, weight) in points.iter().zip(&mut weights) {
            let (current, closest) = on_sphere(point);
            let off: [f64; 3] = core::array::from_fn(|i| lines[i][0] + lines[i][1] * current[i] - closest[i]);
            let distance = length(&off);
            squares += *weight * distance * distance;
            *weight = (1.0 / distance).min(HEAVIEST);
        }
        for axis in 0..3 {
            let [intercept, slope] = lines[axis];
            offset[axis] += intercept / (scale[axis] * slope);
            scale[axis] *= slope;
        }
        if !scale.iter().chain(&offset).all(|v| v.is_finite()) {
            return None;
        }
        // Three times the mean over all coordinates, as in GGIR.
        let now = squares / (total * points.len() as f64);
        if fabs(now - residual) < TOLERANCE {
            break;
        }
        residual = now;
    }
    Some((scale, offset))
}

/// The means of still windows that a fit needs, thinned to a number that bounds memory and time.
pub(super) type Points = Thinned<[f64; 3], KEPT>;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn three(value: &Value) -> [f64; 3] {
        core::array::from_fn(|i| value[i].as_f64().unwrap())
    }

    #[test]
    fn the_fit_is_that_of_ggirs_algorithm_in_numpy() {
        let fixture: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/calibration.json")).unwrap();
        let cases = fixture["cases"].as_array().unwrap();
        assert!(cases.len() >= 4);
        for case in cases {
            let name = case["name"].as_str().unwrap();
            let points: Vec<[f64; 3]> = case["points"].as_array().unwrap().iter().map(three).collect();
            let found = Calibration::of(&points);
            for (what, got, expected) in [("scale", found.scale, "scale"), ("offset", found.offset, "offset")]
            {
                for (got, expected) in got.iter().zip(three(&case[expected])) {
                    assert!((got - expected).abs() < 1e-6, "{name}: {what} {got}, NumPy {expected}");
                }
            }
            for (got, key) in [(found.error_before_g, "error_before"), (found.error_after_g, "error_after")] {
                assert!((got - case[key].as_f64().unwrap()).abs() < 1e-6, "{name}: {key} {got}");
            }
            assert_eq!(found.applied, case["applied"].as_bool().unwrap(), "{name}: {}", found.reason);
            assert_eq!(found.points, points.len() as u64);
        }
    }

    /// Points spread over the sphere, off by these.
    fn sphere(count: usize, scale: [f64; 3], offset: [f64; 3]) -> Vec<[f64; 3]> {
        (0..count)
            .map(|i| {
                let z = 1.0 - 2.0 * (i as f64 + 0.5) / count as f64;
                let (sin, cos) = libm::sincos(2.399_963 * i as f64);
                let r = sqrt(1.0 - z * z);
                let on = [r * cos, r * sin, z];
                core::array::from_fn(|axis| on[axis] / scale[axis] - offset[axis])
            })
            .collect()
    }

    #[test]
    fn what_was_put_wrong_is_put_right() {
        let (scale, offset) = ([0.97, 1.04, 1.01], [0.03, -0.05, 0.02]);
        let found = Calibration::of(&sphere(400, scale, offset));
        assert!(found.applied && found.error_after_g < 5e-4 && found.error_before_g > 0.02, "{found:?}");
        for axis in 0..3 {
            assert!((found.scale[axis] - scale[axis]).abs() < 1e-3);
            assert!((found.offset[axis] - offset[axis]).abs() < 1e-3);
        }
        let flat = found.apply([0.0, 0.0, (1.0 / 1.01 - 0.02) as f32]);
        assert!((flat[2] - 1.0).abs() < 1e-3, "{flat:?}");
        assert!(found.text().contains("400 still windows"), "{}", found.text());
    }

    #[test]
    fn what_is_not_enough_or_not_sane_is_not_applied() {
        let good = ([0.97, 1.04, 1.01], [0.0; 3]);
        let few = Calibration::of(&sphere(49, good.0, good.1));
        assert!(!few.applied && few.reason.contains("49 windows"), "{few:?}");
        assert!(Calibration::of(&sphere(50, good.0, good.1)).applied);
        let half: Vec<[f64; 3]> = sphere(400, good.0, good.1).into_iter().filter(|p| p[1] > -0.29).collect();
        let one_sided = Calibration::of(&half);
        assert!(!one_sided.applied && one_sided.reason.contains("axis y"), "{}", one_sided.reason);
        assert_eq!((one_sided.scale, one_sided.error_after_g), ([1.0; 3], one_sided.error_before_g));
        let doubled = Calibration::of(&sphere(400, [0.5; 3], [0.0; 3]));
        assert!(!doubled.applied && doubled.reason.contains("no sensor"), "{}", doubled.reason);
        let none = Calibration::of(&[]);
        assert_eq!((none.applied, none.points, none.error_before_g), (false, 0, 0.0));
        let perfect = Calibration::of(&sphere(400, [1.0; 3], [0.0; 3]));
        assert!(perfect.error_after_g < 1e-9, "{perfect:?}");
    }

    #[test]
    fn points_are_bounded_and_thinned_evenly() {
        let mut points = Points::default();
        for i in 0..5 * KEPT {
            points.push([i as f64; 3]);
        }
        assert!(points.all().len() <= KEPT + 1 && points.stride == 8);
        assert!(points.all().iter().enumerate().all(|(i, p)| p[0] == (8 * i) as f64));
    }
}
