//! Values that are missing, impossible, at the end of the range, or do not change.

mod fast;

use super::super::count::Count;
use crate::Sensor;
use crate::units::Unit;

/// A value this often in a row at the greatest length of its axis is clipped: noise alone never repeats an extreme so.
const RAIL_RUN: u64 = 3;
/// An axis that keeps one value for so long, while another moves, is stuck.
const STUCK_NS: i64 = 10_000_000_000;
/// One that keeps it throughout a shorter recording is so from here on.
const STUCK_THROUGHOUT_S: f64 = 5.0;
/// Share of a recording that is throughout.
const THROUGHOUT: f64 = 0.95;
/// Share of the greatest value seen by which another axis has to move: more than the last digit of a device that lies still.
const MOVED_SHARE: f32 = 0.05;

#[derive(Clone, Debug, Default)]
struct Axis {
    /// The greatest size seen, and the samples at it.
    extreme: f32,
    railed: Count,
    /// Samples at the extreme up to now, in a row, and whether there were ever enough for a rail.
    run: u64,
    rail: bool,
    last: f32,
    /// Since when the value has been the same, what all axes were then, and whether another has moved since.
    same_since: (u64, i64),
    all_then: [f32; 3],
    others_moved: bool,
    /// The longest such stretch that another axis moved in, and where it begins.
    stuck_ns: i64,
    stuck_at: Option<(u64, i64)>,
    stuck_value: f32,
}

/// An axis that keeps one value while another moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stuck {
    pub(super) axis: usize,
    /// The value, in the source's unit.
    pub(super) value: f32,
    pub(super) seconds: f64,
    /// First sample and its time.
    pub(super) at: (u64, i64),
}

/// The quality of one sensor's values, in the source's unit.
#[derive(Clone, Debug)]
pub(super) struct Quality {
    /// The unit that is stated or declared.
    known: Option<Unit>,
    pub(super) missing: Count,
    /// Beyond what the sensor can measure, for each unit the source might be in.
    impossible: [(Unit, Count); 3],
    /// The greatest value that is not, in the same units.
    possible: [f32; 3],
    axes: [Axis; 3],
    started: bool,
    /// Samples that are 0 on all axes.
    pub(super) zeros: Count,
    pub(super) good: u64,
    /// Samples equal to the one before on all axes.
    pub(super) repeated: Count,
}

impl Quality {
    /// `known` is the unit that is stated or declared, if any.
    pub(super) fn new(sensor: Sensor, known: Option<Unit>) -> Self {
        let units = match sensor {
            Sensor::Accelerometer => [Unit::G, Unit::MilliG, Unit::MetresPerSecondSquared],
            Sensor::Gyroscope => {
                [Unit::RadiansPerSecond, Unit::DegreesPerSecond, Unit::MilliDegreesPerSecond]
            }
            Sensor::Magnetometer => [Unit::Microtesla; 3],
        };
        Self {
            known,
            missing: Count::default(),
            impossible: units.map(|unit| (unit, Count::default())),
            possible: units.map(greatest_possible),
            axes: Default::default(),
            started: false,
            zeros: Count::default(),
            good: 0,
            repeated: Count::default(),
        }
    }

    /// Whether the value counts: it is there, and could be a measurement in some unit.
    pub(super) fn push(&mut self, index: u64, time_ns: i64, value: [f32; 3]) -> bool {
        if value.iter().any(|v| !v.is_finite()) {
            self.missing.add(index, time_ns);
            return false;
        }
        let largest = value.iter().fold(0f32, |most, v| most.max(v.abs()));
        let (mut possible, mut as_known) = (false, true);
        for (unit, count) in &mut self.impossible {
            if is_impossible(*unit, largest) {
                count.add(index, time_ns);
                as_known &= self.known != Some(*unit);
            } else {
                possible = true;
            }
        }
        if !possible {
            return false;
        }
        self.good += 1;
        if largest == 0.0 {
            self.zeros.add(index, time_ns);
        }
        if as_known {
            self.axes(index, time_ns, value);
        }
        true
    }

    fn axes(&mut self, index: u64, time_ns: i64, value: [f32; 3]) {
        let moved: [bool; 3] = core::array::from_fn(|i| value[i] != self.axes[i].last);
        if self.started && !moved.contains(&true) {
            self.repeated.add(index, time_ns);
        }
        let least = MOVED_SHARE * self.axes.iter().map(|axis| axis.extreme).fold(0.0, f32::max);
        for (i, axis) in self.axes.iter_mut().enumerate() {
            axis.rail(index, time_ns, value[i].abs());
            if moved[i] || !self.started {
                (axis.same_since, axis.all_then) = ((index, time_ns), value);
                (axis.others_moved, axis.last) = (false, value[i]);
            } else {
                axis.stay(i, time_ns, value, least);
            }
        }
        self.started = true;
    }

    /// Whether there is nothing but zeros.
    pub(super) fn all_zero(&self) -> bool {
        self.zeros.count == self.good
    }

    /// Values beyond any sensor, if the source is in this unit; if nobody knows it, those beyond in every unit.
    pub(super) fn impossible(&self, unit: Option<Unit>) -> Count {
        let mut counts = self.impossible.iter().filter(|(u, _)| unit.is_none_or(|unit| *u == unit));
        let first = counts.next().map_or(Count::default(), |(_, count)| *count);
        counts.fold(first, |least, (_, count)| if count.count < least.count { *count } else { least })
    }

    /// Samples clipped on each axis and the length at which they are; lengths below `least` are the end of no range.
    pub(super) fn rails(&self, least: f32) -> [Option<(Count, f32)>; 3] {
        core::array::from_fn(|i| {
            let axis = &self.axes[i];
            (axis.rail && axis.extreme >= least).then_some((axis.railed, axis.extreme))
        })
    }

    /// The axis that was stuck for longest, in a recording of so many seconds.
    pub(super) fn stuck(&self, recorded_s: f64) -> Option<Stuck> {
        let (number, axis) = self.axes.iter().enumerate().max_by_key(|(_, axis)| axis.stuck_ns)?;
        let seconds = axis.stuck_ns as f64 / 1e9;
        let throughout = seconds >= STUCK_THROUGHOUT_S && seconds >= THROUGHOUT * recorded_s;
        let at = axis.stuck_at.filter(|_| axis.stuck_ns > STUCK_NS || throughout)?;
        Some(Stuck { axis: number, value: axis.stuck_value, seconds, at })
    }
}

/// As the intake computes it, so that both count the same.
fn is_impossible(unit: Unit, size: f32) -> bool {
    unit.to_project(size) > unit.sensor().impossible()
}

/// The greatest size in this unit that can be measured: conversion keeps the order of values.
fn greatest_possible(unit: Unit) -> f32 {
    // The order of positive floats is that of their bits.
    let (mut possible, mut not) = (0f32.to_bits(), f32::MAX.to_bits());
    while not - possible > 1 {
        let middle = possible.midpoint(not);
        *if is_impossible(unit, f32::from_bits(middle)) { &mut not } else { &mut possible } = middle;
    }
    f32::from_bits(possible)
}

impl Axis {
    /// Takes a sample in which axis `i`, this one, is what it was; others have moved that are `least` from what they were.
    #[inline]
    fn stay(&mut self, i: usize, time_ns: i64, value: [f32; 3], least: f32) {
        self.others_moved |= (0..3).any(|j| j != i && (value[j] - self.all_then[j]).abs() > least);
        let still = time_ns.saturating_sub(self.same_since.1);
        if self.others_moved && still > self.stuck_ns {
            (self.stuck_ns, self.stuck_at) = (still, Some(self.same_since));
            self.stuck_value = self.last;
        }
    }

    fn rail(&mut self, index: u64, time_ns: i64, size: f32) {
        if size > self.extreme {
            (self.extreme, self.run, self.rail) = (size, 1, false);
            self.railed = Count { count: 1, first: Some((index, time_ns)) };
        } else if size == self.extreme && size > 0.0 {
            self.run += 1;
            self.rail |= self.run >= RAIL_RUN;
            self.railed.add(index, time_ns);
        } else {
            self.run = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = [f32; 3]>) -> Quality {
        let mut quality = Quality::new(Sensor::Accelerometer, Some(Unit::G));
        for (i, value) in values.into_iter().enumerate() {
            quality.push(i as u64, i as i64 * 20_000_000, value);
        }
        quality
    }

    #[test]
    fn one_absurd_value_is_counted_with_its_place() {
        let q = of([[0.0, 0.0, 1.0], [2e7, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(q.impossible(Some(Unit::G)), Count { count: 1, first: Some((1, 20_000_000)) });
        assert_eq!(q.good, 2);
        assert_eq!(of([[2000.0, 0.0, 0.0], [2e7, 0.0, 0.0]]).impossible(None).first, Some((1, 20_000_000)));
        // 32 g is the edge, and belongs to what may be.
        assert_eq!(of([[32.0, 0.0, 0.0]]).impossible(Some(Unit::G)).count, 0);
        assert_eq!(of([[32.001, 0.0, 0.0]]).impossible(Some(Unit::G)).count, 1);
        assert_eq!(of([[40.0, 0.0, 0.0]]).impossible(Some(Unit::MetresPerSecondSquared)).count, 0);
    }

    #[test]
    fn clipping_is_told_from_a_single_peak() {
        assert_eq!(of([[1.0, 0.0, 0.0], [2.0, 0.0, 0.1], [1.0, 0.0, 0.0]]).rails(1.5), [None; 3]);
        let values = [[1.0, 0.1, 0.0], [2.0, 0.2, 0.0], [2.0, 0.3, 0.0], [-2.0, 0.1, 0.0], [1.0, 0.0, 0.0]];
        let clipped = Count { count: 3, first: Some((1, 20_000_000)) };
        assert_eq!(of(values).rails(1.5), [Some((clipped, 2.0)), None, None]);
        // Once it is known for a rail, single samples at it are clipped too, before as well as behind.
        let singles = [[2.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
        let all = of(singles.into_iter().chain(values).chain(singles));
        assert_eq!(all.rails(1.5)[0], Some((Count { count: 5, first: Some((0, 0)) }, 2.0)));
        // A range that ends there is too small for any sensor: a device that lies still.
        assert_eq!(of(values).rails(2.1), [None; 3]);
        // A glitch beyond the known unit does not hide the end of the range.
        assert_eq!(of([[500.0, 0.0, 0.0]].into_iter().chain(values)).rails(1.5)[0].unwrap().1, 2.0);
    }

    #[test]
    fn an_axis_that_stays_while_others_move_is_stuck() {
        let of_more = |n: u32, more_s| {
            of((0..n).map(|i| [0.0, i as f32 / 100.0, 2.6])).stuck(f64::from(n) / 50.0 + more_s)
        };
        assert_eq!(of_more(501, 5.0), None);
        let stuck = of_more(1000, 5.0).unwrap();
        assert_eq!((stuck.axis, stuck.value, stuck.at), (2, 2.6, (0, 0)));
        assert!(stuck.seconds > 19.9, "{stuck:?}");
        // Throughout a short recording.
        assert!(of_more(300, 0.0).is_some() && of_more(300, 1.0).is_none() && of_more(240, 0.0).is_none());
        // The last digit of another axis is no movement: a device that lies on a table, perhaps.
        assert_eq!(of((0..1000).map(|i| [0.0, 0.004 * (i % 2) as f32, 1.0])).stuck(20.0), None);
        assert_eq!(of((0..1000).map(|_| [0.0, 0.0, 1.0])).stuck(20.0), None);
    }

    #[test]
    fn missing_values_are_counted_and_no_vote() {
        let q = of([[f32::NAN, 0.0, 0.0], [0.0; 3], [0.0, f32::INFINITY, 0.0]]);
        assert_eq!((q.missing.count, q.missing.first, q.good, q.all_zero()), (2, Some((0, 0)), 1, true));
    }
}
