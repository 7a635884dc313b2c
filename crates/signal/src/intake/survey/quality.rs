//! Values that are missing, impossible, at the end of the range, or do not change.

use crate::Sensor;
use crate::units::Unit;

/// A value this often in a row at the greatest length of its axis is clipped: noise alone never repeats an extreme so.
const RAIL_RUN: u64 = 3;
/// An axis that keeps one value for so long, while another moves, is stuck.
const STUCK_NS: i64 = 10_000_000_000;

/// Counts and first place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Count {
    pub(super) count: u64,
    pub(super) first: Option<(u64, i64)>,
}

impl Count {
    fn add(&mut self, index: u64, time_ns: i64) {
        self.count += 1;
        self.first = self.first.or(Some((index, time_ns)));
    }
}

#[derive(Clone, Debug, Default)]
struct Axis {
    /// The greatest size seen, and the samples in runs at it.
    extreme: f32,
    railed: u64,
    first_rail: Option<(u64, i64)>,
    last: f32,
    /// Samples at the extreme up to now, in a row.
    run: u64,
    /// Since when the value has been the same, and the longest such stretch that another axis moved in.
    same_since: i64,
    others_moved: bool,
    stuck_ns: i64,
    stuck_at: Option<(u64, i64)>,
}

/// The quality of one sensor's values, in the source's unit.
#[derive(Clone, Debug)]
pub(super) struct Quality {
    pub(super) missing: Count,
    /// Beyond what the sensor can measure, for each unit the source might be in.
    impossible: [(Unit, Count); 3],
    axes: [Axis; 3],
    started: bool,
    pub(super) all_zero: bool,
    pub(super) good: u64,
    /// Samples equal to the one before on all axes.
    pub(super) repeated: Count,
}

impl Quality {
    pub(super) fn new(sensor: Sensor) -> Self {
        let units = match sensor {
            Sensor::Accelerometer => [Unit::G, Unit::MilliG, Unit::MetresPerSecondSquared],
            Sensor::Gyroscope => {
                [Unit::RadiansPerSecond, Unit::DegreesPerSecond, Unit::MilliDegreesPerSecond]
            }
            Sensor::Magnetometer => [Unit::Microtesla; 3],
        };
        Self {
            missing: Count::default(),
            impossible: units.map(|unit| (unit, Count::default())),
            axes: Default::default(),
            started: false,
            all_zero: true,
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
        let mut possible = false;
        for (unit, count) in &mut self.impossible {
            if largest * unit.factor() as f32 > unit.sensor().impossible() {
                count.add(index, time_ns);
            } else {
                possible = true;
            }
        }
        if !possible {
            return false;
        }
        self.good += 1;
        self.all_zero &= largest == 0.0;
        self.axes(index, time_ns, value);
        true
    }

    fn axes(&mut self, index: u64, time_ns: i64, value: [f32; 3]) {
        let moved: [bool; 3] = core::array::from_fn(|i| value[i] != self.axes[i].last);
        if self.started && !moved.contains(&true) {
            self.repeated.add(index, time_ns);
        }
        for (i, axis) in self.axes.iter_mut().enumerate() {
            let size = value[i].abs();
            if size > axis.extreme {
                *axis = Axis { extreme: size, railed: 0, first_rail: None, run: 1, ..axis.clone() };
            } else if size == axis.extreme && size > 0.0 {
                axis.run += 1;
                if axis.run >= RAIL_RUN {
                    axis.railed += if axis.run == RAIL_RUN { RAIL_RUN } else { 1 };
                    axis.first_rail = axis.first_rail.or(Some((index + 1 - RAIL_RUN, time_ns)));
                }
            } else {
                axis.run = 0;
            }
            if moved[i] || !self.started {
                (axis.same_since, axis.others_moved, axis.last) = (time_ns, false, value[i]);
            } else {
                axis.others_moved |= (0..3).any(|j| j != i && moved[j]);
                let still = time_ns.saturating_sub(axis.same_since);
                if axis.others_moved && still > axis.stuck_ns {
                    axis.stuck_ns = still;
                    axis.stuck_at = Some((index, axis.same_since));
                }
            }
        }
        self.started = true;
    }

    /// Values beyond any sensor, if the source is in this unit.
    pub(super) fn impossible(&self, unit: Unit) -> Count {
        let of_unit = self.impossible.iter().find(|(u, _)| *u == unit);
        of_unit.map_or(Count::default(), |(_, count)| *count)
    }

    /// Samples clipped on some axis, at most: their number, the first, and the length at which they are.
    pub(super) fn rail(&self) -> Option<(u64, (u64, i64), f32)> {
        let worst = self.axes.iter().max_by_key(|axis| axis.railed)?;
        worst.first_rail.map(|first| (worst.railed, first, worst.extreme))
    }

    /// The axis that was stuck for longest: its number, seconds, value-carrying sample and start.
    pub(super) fn stuck(&self) -> Option<(usize, f64, (u64, i64))> {
        let (number, axis) = self.axes.iter().enumerate().max_by_key(|(_, axis)| axis.stuck_ns)?;
        let at = axis.stuck_at.filter(|_| axis.stuck_ns > STUCK_NS)?;
        Some((number, axis.stuck_ns as f64 / 1e9, at))
    }

    /// The greatest size of any axis.
    pub(super) fn largest(&self) -> f32 {
        self.axes.iter().map(|axis| axis.extreme).fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = [f32; 3]>) -> Quality {
        let mut quality = Quality::new(Sensor::Accelerometer);
        for (i, value) in values.into_iter().enumerate() {
            quality.push(i as u64, i as i64 * 20_000_000, value);
        }
        quality
    }

    #[test]
    fn one_absurd_value_is_counted_with_its_place() {
        let q = of([[0.0, 0.0, 1.0], [2e7, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(q.impossible(Unit::G), Count { count: 1, first: Some((1, 20_000_000)) });
        assert_eq!((q.good, q.largest()), (2, 1.0));
        // 32 g is the edge, and belongs to what may be.
        assert_eq!(of([[32.0, 0.0, 0.0]]).impossible(Unit::G).count, 0);
        assert_eq!(of([[32.001, 0.0, 0.0]]).impossible(Unit::G).count, 1);
        assert_eq!(of([[40.0, 0.0, 0.0]]).impossible(Unit::MetresPerSecondSquared).count, 0);
    }

    #[test]
    fn clipping_is_told_from_a_single_peak() {
        assert_eq!(of([[1.0, 0.0, 0.0], [2.0, 0.0, 0.1], [1.0, 0.0, 0.0]]).rail(), None);
        let clipped =
            of([[1.0, 0.1, 0.0], [2.0, 0.2, 0.0], [2.0, 0.3, 0.0], [-2.0, 0.1, 0.0], [1.0, 0.0, 0.0]]);
        assert_eq!(clipped.rail(), Some((3, (1, 60_000_000), 2.0)));
    }

    #[test]
    fn an_axis_that_stays_while_others_move_is_stuck() {
        let stuck = |n: u32| of((0..n).map(|i| [2.6, i as f32 / 1000.0, 0.0])).stuck();
        assert_eq!(stuck(501), None);
        let (axis, seconds, at) = stuck(1000).unwrap();
        assert!(axis == 0 || axis == 2);
        assert!(seconds > 19.9 && at.1 == 0, "{seconds} {at:?}");
        // All axes still: a device that lies on a table, perhaps.
        assert_eq!(of((0..1000).map(|_| [0.0, 0.0, 1.0])).stuck(), None);
    }

    #[test]
    fn missing_values_are_counted_and_no_vote() {
        let q = of([[f32::NAN, 0.0, 0.0], [0.0; 3], [0.0, f32::INFINITY, 0.0]]);
        assert_eq!((q.missing.count, q.missing.first, q.good, q.all_zero), (2, Some((0, 0)), 1, true));
    }
}
