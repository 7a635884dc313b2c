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
/// Samples that are looked at together: at 32 Hz and more they are no longer than a pause.
const RUN: usize = 32;
/// Lanes of the sums: four samples, so that each lane sees one axis.
const LANES: usize = 12;
/// Samples after which the lanes, which are short of digits, are emptied. By the number in the window, and so for chunks of any size.
const EMPTIED: u64 = 64;

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
    /// The first value of the window, in every lane: sums are of differences to it, so that small variances of large values survive.
    origin: [f32; LANES],
    /// Sums of the differences and of their squares, by lane and since these were emptied last.
    lanes: [[f32; LANES]; 2],
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
            origin: [0.0; LANES],
            lanes: [[0.0; LANES]; 2],
            sum: [0.0; 3],
            square: [0.0; 3],
        }
    }

    /// Takes the next samples; those that are missing or beyond any sensor leave a pause.
    pub(super) fn push(&mut self, times_ns: &[i64], values: &[[f32; 3]]) {
        for (times_ns, values) in times_ns.chunks(RUN).zip(values.chunks(RUN)) {
            if let Some(last_ns) = self.goes_on(times_ns, values) {
                self.last_ns = last_ns;
                self.add(values);
                continue;
            }
            for (&time_ns, value) in times_ns.iter().zip(values) {
                self.push_sample(time_ns, value);
            }
        }
    }

    /// The latest time of a run of samples that all belong to the window, one after the other, if they do.
    fn goes_on(&self, times_ns: &[i64], values: &[[f32; 3]]) -> Option<i64> {
        let measured = |ok: bool, v: &f32| ok & (v.abs() <= self.limit);
        if self.count == 0
            || values.len() != times_ns.len()
            || !values.as_flattened().iter().fold(true, measured)
        {
            return None;
        }
        let all = times_ns.iter().fold((i64::MAX, i64::MIN), |(low, high), &t| (low.min(t), high.max(t)));
        let step = all.1.saturating_sub(self.last_ns);
        let within = all.0 >= self.last_ns && step <= PAUSE_NS;
        (within && all.1.saturating_sub(self.start_ns) < WINDOW_NS).then_some(all.1)
    }

    fn push_sample(&mut self, time_ns: i64, value: &[f32; 3]) {
        // Written so that NaN fails too.
        if !value.iter().all(|v| v.abs() <= self.limit) {
            return;
        }
        if self.count > 0 {
            let step = time_ns.saturating_sub(self.last_ns);
            let whole = time_ns.saturating_sub(self.start_ns) >= WINDOW_NS;
            if whole || !(-PAUSE_NS..=PAUSE_NS).contains(&step) {
                self.close();
            }
            if step < -PAUSE_NS {
                // The clock began anew: what was before has nothing to do with what comes.
                self.candidates.iter_mut().for_each(|c| c.non_wear.end());
            }
        }
        if self.count == 0 {
            (self.start_ns, self.last_ns) = (time_ns, time_ns);
            self.origin = core::array::from_fn(|lane| value[lane % 3]);
        }
        self.last_ns = self.last_ns.max(time_ns);
        self.add(core::slice::from_ref(value));
    }

    /// Adds values to the sums of the window.
    fn add(&mut self, mut values: &[[f32; 3]]) {
        while !values.is_empty() {
            let room = (EMPTIED - self.count % EMPTIED) as usize;
            let (now, later) = values.split_at(room.min(values.len()));
            values = later;
            let place = 3 * (self.count % 4) as usize;
            let (origin, [mut sum, mut square]) = (self.origin, self.lanes);
            let mut one = |lane: usize, v: f32| {
                let d = v - origin[lane];
                sum[lane] += d;
                square[lane] += d * d;
            };
            let flat = now.as_flattened();
            let (head, flat) = flat.split_at(((LANES - place) % LANES).min(flat.len()));
            let (fours, tail) = flat.as_chunks::<LANES>();
            head.iter().enumerate().for_each(|(i, &v)| one(place + i, v));
            for four in fours {
                (0..LANES).for_each(|lane| one(lane, four[lane]));
            }
            tail.iter().enumerate().for_each(|(i, &v)| one(i, v));
            self.lanes = [sum, square];
            self.count += now.len() as u64;
            if self.count.is_multiple_of(EMPTIED) {
                self.empty();
            }
        }
    }

    fn empty(&mut self) {
        let [sum, square] = core::mem::replace(&mut self.lanes, [[0.0; LANES]; 2]);
        for lane in 0..LANES {
            self.sum[lane % 3] += f64::from(sum[lane]);
            self.square[lane % 3] += f64::from(square[lane]);
        }
    }

    fn close(&mut self) {
        let n = self.count as f64;
        self.empty();
        if self.count >= LEAST_SAMPLES && self.last_ns.saturating_sub(self.start_ns) >= LEAST_NS {
            let mean: [f64; 3] = core::array::from_fn(|i| f64::from(self.origin[i]) + self.sum[i] / n);
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Twenty minutes at 100 Hz around 1 g, jittered, with a pause and a missing value.
    fn samples() -> (Vec<i64>, Vec<[f32; 3]>) {
        let time = |i: i64| i * 10_000_000 + i * i % 977 * 1000 + if i > 50_000 { 3_000_000_000 } else { 0 };
        let value = |i: i64| {
            let noise = |k: i64| ((i * k % 1009) as f32 / 1009.0 - 0.5) * 0.02;
            [0.6 + noise(31), noise(57), if i == 70_000 { f32::NAN } else { -0.8 + noise(83) }]
        };
        (0..120_000).map(|i| (time(i), value(i))).unzip()
    }

    fn points(times: &[i64], values: &[[f32; 3]], chunk: usize) -> Vec<[f64; 3]> {
        let mut still = Stillness::new(Some(Unit::G), true);
        for (times, values) in times.chunks(chunk).zip(values.chunks(chunk)) {
            still.push(times, values);
        }
        still.finish(Some(Unit::G)).unwrap().1.unwrap().all().to_vec()
    }

    #[test]
    fn chunks_of_any_size_give_the_same_bits_and_the_means_are_right() {
        let (times, values) = samples();
        let whole = points(&times, &values, usize::MAX);
        assert!(whole.len() >= 120);
        for chunk in [1, 3, 32, 61, 4096] {
            assert_eq!(points(&times, &values, chunk), whole, "{chunk}");
        }
        // The first window: a thousand samples, or one less by jitter.
        let end = times.iter().position(|t| t - times[0] >= WINDOW_NS).unwrap();
        for axis in 0..3 {
            let mean = values[..end].iter().map(|v| f64::from(v[axis])).sum::<f64>() / end as f64;
            assert!((whole[0][axis] - mean).abs() < 1e-8, "{} {mean}", whole[0][axis]);
        }
    }

    #[test]
    fn a_window_is_still_below_thirteen_thousandths() {
        // Half up, half down: the deviation is the size.
        let count = |size: f32, axis: usize| {
            let value = |i: usize| {
                let mut v = [0.0, 0.0, 1.0];
                v[axis] += if i.is_multiple_of(2) { size } else { -size };
                v
            };
            let times: Vec<i64> = (0..6000).map(|i| i * 10_000_000).collect();
            points(&times, &(0..6000).map(value).collect::<Vec<_>>(), 1000).len()
        };
        for axis in 0..3 {
            assert_eq!((count(0.0129, axis), count(0.0131, axis)), (6, 0));
        }
        // Below ten samples or two seconds nothing is told.
        assert_eq!(points(&[0, 300_000_000], &[[0.0, 0.0, 1.0]; 2], 1), Vec::<[f64; 3]>::new());
        let times: Vec<i64> = vec![0; 100];
        assert_eq!(points(&times, &[[0.0, 0.0, 1.0]; 100], 7).len(), 0);
    }
}
