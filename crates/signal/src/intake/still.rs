//! An accelerometer in windows of ten seconds, of which the still ones tell non-wear and calibration.
//!
//! The unit of a source may only be known at its end, so what is still is judged in each unit that it can be in; memory does not
//! grow with a recording's length.

use super::calibration::Points;
use super::non_wear::NonWear;
use crate::{Sensor, Unit};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use libm::sqrt;

/// Length of a window: van Hees et al. 2014 (J Appl Physiol 117:738) and GGIR calibrate by windows of 10 s.
pub(super) const WINDOW_NS: i64 = 10_000_000_000;
/// Standard deviation of each axis below which a window is still, in g: 13 mg of van Hees et al. 2013 (PLOS ONE 8:e61691) and GGIR,
/// above the noise of the devices (3 to 10 mg) and below any movement of a wearer.
const STILL_G: f64 = 0.013;
/// Length of the mean of a still window, in g: below, the sensor was off or gravity is missing (as in the survey), above, it is no
/// rest; GGIR leaves out means of 2 g too, as clipped.
const AT_REST_G: RangeInclusive<f64> = 0.3..=2.0;
/// A longer pause ends a window, and is no part of a stretch.
pub(super) const PAUSE_NS: i64 = 1_000_000_000;
/// A window that a pause cuts short counts from so many samples and such a length on; fewer tell no deviation.
const LEAST_SAMPLES: u64 = 10;
const LEAST_NS: i64 = 2_000_000_000;

/// A still window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    /// Times of its first and its last sample.
    pub(super) start_ns: i64,
    pub(super) end_ns: i64,
    /// Mean of each axis in g.
    pub(super) mean: [f64; 3],
}

/// What is still if the source is in this unit.
#[derive(Clone, Debug)]
struct Candidate {
    unit: Unit,
    non_wear: NonWear,
    points: Option<Points>,
}

/// Collects the still windows of one accelerometer.
#[derive(Clone, Debug)]
pub(super) struct Stillness {
    candidates: Vec<Candidate>,
    /// Values beyond are no measurement in any of the units.
    limit: f32,
    start_ns: i64,
    last_ns: i64,
    count: u64,
    /// The first value of the window: sums are of differences to it, so that small variances of large values survive.
    origin: [f64; 3],
    sum: [f64; 3],
    square: [f64; 3],
}

impl Stillness {
    /// `known` is the unit that is stated or declared, if any; `calibrate` asks for what a calibration needs.
    pub(super) fn new(known: Option<Unit>, calibrate: bool) -> Self {
        let possible = [Unit::G, Unit::MilliG, Unit::MetresPerSecondSquared];
        let units = possible.into_iter().filter(|unit| known.is_none_or(|known| known == *unit));
        let candidates: Vec<Candidate> = units
            .map(|unit| Candidate {
                unit,
                non_wear: NonWear::default(),
                points: calibrate.then(Points::default),
            })
            .collect();
        let most = Sensor::Accelerometer.impossible();
        let limits = candidates.iter().map(|c| (f64::from(most) / c.unit.factor()) as f32);
        Self {
            limit: limits.fold(0.0, f32::max),
            candidates,
            start_ns: 0,
            last_ns: 0,
            count: 0,
            origin: [0.0; 3],
            sum: [0.0; 3],
            square: [0.0; 3],
        }
    }

    /// Takes the next samples; those that are missing or beyond any sensor leave a pause.
    pub(super) fn push(&mut self, times_ns: &[i64], values: &[[f32; 3]]) {
        for (&time_ns, value) in times_ns.iter().zip(values) {
            // Written so that NaN fails too.
            if !value.iter().all(|v| v.abs() <= self.limit) {
                continue;
            }
            let v = value.map(f64::from);
            if self.count > 0 {
                let step = time_ns.saturating_sub(self.last_ns);
                let whole = time_ns.saturating_sub(self.start_ns) >= WINDOW_NS;
                if whole || !(-PAUSE_NS..=PAUSE_NS).contains(&step) {
                    self.close();
                }
                if step < -PAUSE_NS {
                    // The clock began anew: what was before has nothing to do with what comes.
                    self.candidates.iter_mut().for_each(|c| c.non_wear.end());
                    self.last_ns = time_ns;
                }
            }
            if self.count == 0 {
                (self.start_ns, self.last_ns, self.origin) = (time_ns, time_ns, v);
            }
            self.last_ns = self.last_ns.max(time_ns);
            self.count += 1;
            for axis in 0..3 {
                let d = v[axis] - self.origin[axis];
                self.sum[axis] += d;
                self.square[axis] += d * d;
            }
        }
    }

    fn close(&mut self) {
        let n = self.count as f64;
        if self.count >= LEAST_SAMPLES && self.last_ns.saturating_sub(self.start_ns) >= LEAST_NS {
            let mean: [f64; 3] = core::array::from_fn(|i| self.origin[i] + self.sum[i] / n);
            let variance = |i: usize| (self.square[i] - self.sum[i] * self.sum[i] / n) / (n - 1.0);
            let deviation = sqrt((0..3).map(variance).fold(0.0, f64::max));
            let length = sqrt(mean.iter().map(|m| m * m).sum());
            for candidate in &mut self.candidates {
                let factor = candidate.unit.factor();
                if deviation * factor >= STILL_G {
                    candidate.non_wear.end();
                } else if AT_REST_G.contains(&(length * factor)) {
                    let mean = mean.map(|m| m * factor);
                    let window = Window { start_ns: self.start_ns, end_ns: self.last_ns, mean };
                    candidate.non_wear.still(&window);
                    candidate.points.iter_mut().for_each(|points| points.push(mean));
                }
            }
        }
        (self.count, self.sum, self.square) = (0, [0.0; 3], [0.0; 3]);
    }

    /// What was found if the source is in this unit.
    pub(super) fn finish(&mut self, unit: Option<Unit>) -> Option<(&mut NonWear, Option<&Points>)> {
        if self.count > 0 {
            self.close();
        }
        let candidate = self.candidates.iter_mut().find(|c| Some(c.unit) == unit)?;
        candidate.non_wear.end();
        Some((&mut candidate.non_wear, candidate.points.as_ref()))
    }
}
