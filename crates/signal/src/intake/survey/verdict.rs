//! Which unit the values are in, and whether gravity is among them.

use super::blocks::{Block, median};
use crate::units::{STANDARD_GRAVITY, Unit};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// Seconds of rest needed for a verdict: a single one may be a drop-out filled with zeros.
const LEAST_STILL: usize = 3;
/// A block whose deviation is below this share of its mean length is still, whatever the unit: sway and tremor give 1 to
/// 2 %, walking 20 %.
const STILL_SHARE: f32 = 0.03;
/// Share of all blocks that the quietest are.
const QUIETEST: usize = 10;
/// Departure from 1 g at rest with which a unit is inferred: HAPT's sensors read 1.04 to 1.055, `GENEActiv` and phones off
/// calibration 0.93 to 1.07.
const INFERRED: f64 = 0.10;
/// Departure with which a stated unit is believed: a sensor off calibration, not one in another unit.
const BELIEVED: f64 = 0.25;
/// Below this length at rest, in g, gravity was taken out.
const WITHOUT_GRAVITY: f64 = 0.3;
/// Length of the mean vector over the mean length in movement: with gravity above .95 in walking, without below .05
/// (training people of HAPT); between lies vigorous movement.
pub(super) const MEAN_SHARE_WITHOUT_GRAVITY: f32 = 0.3;
/// Ends of the ranges of accelerometers, in g (data sheets of MMA7260, KXTF9, LIS331, ADXL335 and 345, BMI160, LSM303).
const RANGES_G: [f64; 10] = [1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0];
/// Share by which a range may end beside its nominal end: 2,047 of 2,048 counts, and a calibration of the device's own.
const RANGE_TOLERANCE: f64 = 0.01;
/// Counts per g of devices that store raw numbers.
const COUNTS: [f64; 8] = [64.0, 256.0, 341.0, 512.0, 2048.0, 4096.0, 8192.0, 16_384.0];

/// Above this no ordinary gyroscope in rad/s reads: 2,000 deg/s are 34.9 rad/s.
const FASTEST_RAD_S: f32 = 40.0;
/// A person who moves turns a worn device at least so fast at times, in rad/s; in deg/s the same is above 25.
const SLOWEST_MOVING_RAD_S: RangeInclusive<f32> = 0.2..=25.0;
/// Deviation of acceleration, relative to its mean length, above which the wearer moves about.
const MOVING_SHARE: f32 = 0.15;

/// What the values of an accelerometer look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// In this unit, with gravity.
    Unit(Unit),
    /// Whatever the unit, gravity is not among them.
    NoGravity,
    /// Raw numbers, so many to a g.
    Counts(f64),
    /// None of these.
    Unknown,
}

/// The length of acceleration at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rest {
    /// Median length in the source's unit.
    pub(super) length: f64,
    /// Whether it was found at rest; else it is the median over all seconds, which says less.
    pub(super) still: bool,
    /// Median share of the mean vector in the mean length.
    pub(super) mean_share: f32,
}

/// The median length over the quietest tenth of the still seconds; without three of them, over all.
pub(super) fn rest(blocks: &[Block]) -> Option<Rest> {
    let share = |b: &Block| if b.mean_length > 0.0 { b.deviation / b.mean_length } else { f32::INFINITY };
    let mut quiet: Vec<&Block> = blocks.iter().filter(|b| share(b) < STILL_SHARE).collect();
    let mean_share =
        median(blocks.iter().filter(|b| b.length > 0.0).map(|b| b.mean_length / b.length).collect());
    let mean_share = mean_share.unwrap_or(0.0);
    if quiet.len() < LEAST_STILL {
        let length = median(blocks.iter().map(|b| b.length).collect())?;
        return Some(Rest { length: f64::from(length), still: false, mean_share });
    }
    quiet.sort_by(|a, b| share(a).total_cmp(&share(b)));
    quiet.truncate((blocks.len() / QUIETEST).max(LEAST_STILL));
    let length = median(quiet.iter().map(|b| b.mean_length).collect())?;
    Some(Rest { length: f64::from(length), still: true, mean_share })
}

impl Rest {
    /// What it looks like if nothing is stated.
    pub(super) fn reading(&self) -> Reading {
        // In movement the middle length lies above 1 g, by up to a fifth in brisk walking (SP-SW's phones in the pocket).
        let most = if self.still { INFERRED } else { BELIEVED };
        let near = |one_g: f64| (self.length / one_g - 1.0).abs() <= most;
        if self.mean_share < MEAN_SHARE_WITHOUT_GRAVITY && !self.still {
            return Reading::NoGravity;
        }
        if near(1.0) {
            Reading::Unit(Unit::G)
        } else if near(STANDARD_GRAVITY) {
            Reading::Unit(Unit::MetresPerSecondSquared)
        } else if near(1000.0) {
            // 1,024 counts per g are 2.4 % away: mg and counts of that device cannot be told apart, and nearly agree.
            Reading::Unit(Unit::MilliG)
        } else if self.length < WITHOUT_GRAVITY {
            Reading::NoGravity
        } else {
            COUNTS.into_iter().find(|&c| near(c)).map_or(Reading::Unknown, Reading::Counts)
        }
    }

    /// The length in g, if the source is in this unit.
    pub(super) fn in_g(&self, unit: Unit) -> f64 {
        self.length * unit.factor()
    }

    /// Whether gravity is among the values, if the source is in this unit.
    pub(super) fn has_gravity(&self, unit: Unit) -> bool {
        self.in_g(unit) >= WITHOUT_GRAVITY
    }

    /// Whether a sensor reads something else than 1 g at rest by more than is usual.
    pub(super) fn is_off(&self, unit: Unit) -> bool {
        self.still && (self.in_g(unit) - 1.0).abs() > INFERRED
    }

    /// Whether the values can be in this unit, with gravity.
    pub(super) fn fits(&self, unit: Unit) -> bool {
        let departure = (self.in_g(unit) - 1.0).abs();
        // In movement the median is less sure: half to twice.
        departure <= BELIEVED
            || (!self.still
                && (0.5..=2.0).contains(&self.in_g(unit))
                && self.mean_share >= MEAN_SHARE_WITHOUT_GRAVITY)
    }
}

/// Whether a range of accelerometers ends at this value, if the source is in this unit.
pub(super) fn ends_a_range(unit: Unit, size: f32) -> bool {
    let size_g = f64::from(size) * unit.factor();
    RANGES_G.into_iter().any(|range| (size_g / range - 1.0).abs() <= RANGE_TOLERANCE)
}

/// Whether a wearer moves about in a fair share of the seconds.
pub(super) fn moves(acceleration: &[Block]) -> bool {
    let moving = acceleration.iter().filter(|b| b.deviation > MOVING_SHARE * b.mean_length).count();
    moving >= LEAST_STILL.max(acceleration.len() / 50)
}

/// What the values of a gyroscope look like: `largest` as [`largest`] says, the seconds, whether the wearer moves.
pub(super) fn gyroscope_reading(largest: f32, blocks: &[Block], moving: bool) -> Option<Unit> {
    if largest > 1000.0 * FASTEST_RAD_S {
        return Some(Unit::MilliDegreesPerSecond);
    }
    if largest > FASTEST_RAD_S {
        return Some(Unit::DegreesPerSecond);
    }
    let fastest = blocks.iter().map(|b| b.length).fold(0f32, f32::max);
    (moving && SLOWEST_MOVING_RAD_S.contains(&fastest)).then_some(Unit::RadiansPerSecond)
}

/// The greatest size of any axis that is reached in three seconds, or in all if there are fewer: single glitches say nothing
/// about a unit.
pub(super) fn largest(blocks: &[Block]) -> f32 {
    let mut peaks: Vec<f32> = blocks.iter().map(|b| b.peak).collect();
    let place = LEAST_STILL.min(peaks.len());
    if place == 0 {
        return 0.0;
    }
    *peaks.select_nth_unstable_by(place - 1, |a, b| b.total_cmp(a)).1
}

/// The unit that the values of a gyroscope rather look like than the stated one.
pub(super) fn gyroscope_misfit(unit: Unit, largest: f32, moving: bool) -> Option<Unit> {
    match unit {
        Unit::RadiansPerSecond if largest > FASTEST_RAD_S => Some(Unit::DegreesPerSecond),
        Unit::DegreesPerSecond
            if moving && largest > 0.0 && largest.to_radians() < *SLOWEST_MOVING_RAD_S.start() =>
        {
            Some(Unit::RadiansPerSecond)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still(length: f32) -> Block {
        Block { mean_length: length, length, deviation: 0.01 * length, peak: length }
    }

    fn reading(length: f32) -> Reading {
        rest(&[still(length); 5]).unwrap().reading()
    }

    #[test]
    fn a_unit_is_inferred_within_a_tenth_of_one_g() {
        for (edge, unit) in
            [(1.0, Unit::G), (STANDARD_GRAVITY as f32, Unit::MetresPerSecondSquared), (1000.0, Unit::MilliG)]
        {
            for factor in [0.901, 1.0, 1.099] {
                assert_eq!(reading(edge * factor), Reading::Unit(unit), "{edge} {factor}");
            }
            for factor in [0.89, 1.11] {
                assert_ne!(reading(edge * factor), Reading::Unit(unit), "{edge} {factor}");
            }
        }
        assert_eq!(reading(0.29), Reading::NoGravity);
        assert_eq!(reading(0.4), Reading::Unknown);
        assert_eq!(reading(256.0), Reading::Counts(256.0));
        assert_eq!(reading(64.0), Reading::Counts(64.0));
    }

    #[test]
    fn a_stated_unit_is_believed_within_a_quarter() {
        let fits = |length: f32, unit| rest(&[still(length); 5]).unwrap().fits(unit);
        assert!(fits(0.76, Unit::G) && fits(1.24, Unit::G) && fits(9.0, Unit::MetresPerSecondSquared));
        assert!(!fits(0.74, Unit::G) && !fits(1.26, Unit::G) && !fits(9.8, Unit::G));
        assert!(!fits(1.0, Unit::MetresPerSecondSquared));
    }

    #[test]
    fn movement_without_gravity_is_known_by_its_mean() {
        let moving = |mean_length, length| Block { mean_length, length, deviation: length, peak: length };
        let linear = rest(&[moving(0.1, 2.5); 20]).unwrap();
        assert_eq!((linear.still, linear.reading()), (false, Reading::NoGravity));
        // A gentle pace in m/s², which passes for g by its length.
        assert_eq!(rest(&[moving(0.05, 1.0); 20]).unwrap().reading(), Reading::NoGravity);
        let total = rest(&[moving(1.0, 1.05); 20]).unwrap();
        assert_eq!(total.reading(), Reading::Unit(Unit::G));
        assert!(total.fits(Unit::G) && !linear.fits(Unit::G));
    }

    #[test]
    fn without_rest_a_unit_is_inferred_within_a_quarter() {
        let moving = |length: f32| {
            let block = Block { mean_length: 0.95 * length, length, deviation: 0.4 * length, peak: length };
            rest(&[block; 20]).unwrap().reading()
        };
        assert_eq!(moving(10.9), Reading::Unit(Unit::MetresPerSecondSquared));
        assert_eq!(
            (moving(1.24), moving(12.2)),
            (Reading::Unit(Unit::G), Reading::Unit(Unit::MetresPerSecondSquared))
        );
        assert_eq!((moving(1.26), moving(12.3)), (Reading::Unknown, Reading::Unknown));
    }

    #[test]
    fn three_still_seconds_decide_and_two_do_not() {
        let mut blocks = alloc::vec![Block { mean_length: 1.5, length: 1.6, deviation: 0.5, peak: 1.6 }; 40];
        blocks.extend([still(1.0), still(1.0)]);
        assert!(!rest(&blocks).unwrap().still);
        blocks.push(still(1.0));
        let found = rest(&blocks).unwrap();
        assert!(found.still && (found.length - 1.0).abs() < 1e-6);
        assert_eq!(rest(&[]), None);
    }

    #[test]
    fn degrees_are_told_from_radians() {
        let turning = |length| [Block { mean_length: 0.0, length, deviation: length, peak: length }; 10];
        assert_eq!(gyroscope_reading(180.0, &turning(60.0), true), Some(Unit::DegreesPerSecond));
        assert_eq!(gyroscope_reading(3.0, &turning(1.2), true), Some(Unit::RadiansPerSecond));
        assert_eq!(gyroscope_reading(0.05, &turning(0.02), false), None);
        assert_eq!(gyroscope_reading(40_100.0, &turning(60.0), true), Some(Unit::MilliDegreesPerSecond));
        let misfit = |unit, largest| gyroscope_misfit(unit, largest, true);
        assert_eq!(misfit(Unit::RadiansPerSecond, 40.0), None);
        assert_eq!(misfit(Unit::RadiansPerSecond, 40.1), Some(Unit::DegreesPerSecond));
        // 0.2 rad/s are 11.46 deg/s.
        assert_eq!(misfit(Unit::DegreesPerSecond, 11.5), None);
        assert_eq!(misfit(Unit::DegreesPerSecond, 11.4), Some(Unit::RadiansPerSecond));
        assert_eq!(gyroscope_misfit(Unit::DegreesPerSecond, 0.3, false), None);
    }

    #[test]
    fn two_glitches_are_no_unit_and_three_seconds_are() {
        let mut blocks = alloc::vec![still(1.0); 20];
        blocks.extend([still(500.0), still(600.0)]);
        assert_eq!(largest(&blocks), 1.0);
        blocks.push(still(700.0));
        assert_eq!((largest(&blocks), largest(&[still(3.0)]), largest(&[])), (500.0, 3.0, 0.0));
    }
}
