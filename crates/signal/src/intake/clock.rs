//! Gives every sample of a sensor a time of its own, whatever its stamps did.
//!
//! - Several samples with one stamp (batches, or stamps rounded to milliseconds or seconds) are spread evenly up to the next
//!   stamp.
//! - A stamp that is earlier than one before it by no more than the longest gap is jitter of stamping: the order of the
//!   samples is right and the stamp is not, so the sample counts to those of the stamp before.
//! - A stamp that is earlier by more means that the clock was set back or began anew: a new segment begins.

use super::count::{Count, counted, duration};
use crate::{Finding, FindingKind, Sensor, Severity};
use alloc::format;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use serde::{Deserialize, Serialize};

/// Most samples that wait for a later stamp: a clock that stands still must not fill the memory. Ten minutes at 100 Hz, far
/// above the batches of any device.
const LONGEST_RUN: usize = 1 << 16;

/// Share of its step below which the first stamp is one that the recording began in the middle of.
const CUT: f64 = 0.9;

/// What happened to the stamps of one sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockCounts {
    /// Samples whose stamp was that of the sample before.
    pub repeated: Count,
    /// Samples with a stamp a little earlier than one before.
    pub stepped_back: Count,
    /// Times that the clock began anew.
    pub resets: Count,
    /// Times that a wall clock without an offset went back by an hour, where nobody declares what that means.
    #[serde(default)]
    pub hours_back: Count,
    /// Pauses that are not bridged.
    pub gaps: Count,
    /// The longest of them, in nanoseconds.
    pub longest_gap_ns: i64,
    /// The most samples that came with one stamp; 0 if each had its own.
    pub longest_run: u64,
}

impl ClockCounts {
    /// Takes a sample that comes with the stamp of `run - 1` samples before, or stepped back from it by `-step`.
    pub(crate) fn repeat(&mut self, step: i64, run: u64, sample: u64, time_ns: i64) {
        let of = if step == 0 { &mut self.repeated } else { &mut self.stepped_back };
        of.add(sample, time_ns);
        self.longest_run = self.longest_run.max(run);
    }

    /// Takes a sample that comes so long after the one before.
    pub(crate) fn gap(&mut self, length_ns: i64, sample: u64, time_ns: i64) {
        // A pause is where it begins.
        self.gaps.add(sample, time_ns.saturating_sub(length_ns));
        self.longest_gap_ns = self.longest_gap_ns.max(length_ns);
    }

    /// What there is to say about them.
    pub(crate) fn findings(&self, kind: Sensor, findings: &mut Vec<Finding>) {
        let mut add = |count: &Count, of, severity, text| {
            if count.count > 0 {
                findings.push(count.finding(kind, of, severity, text));
            }
        };
        let longest = duration(self.longest_gap_ns as f64 / 1e9);
        let text = format!(
            "{} of the {kind}, the longest {longest}: nothing is made up across",
            counted(self.gaps.count, "pause", "pauses")
        );
        add(&self.gaps, FindingKind::Gap, Severity::Note, text);
        let text = format!(
            "the clock of the {kind} goes back{}: a new segment begins there, in the order of the samples",
            self.resets.at_sample()
        );
        add(&self.resets, FindingKind::ClockReset, Severity::Warning, text);
        let text = format!(
            "{} of the {kind} earlier than the one before: the order of the samples is kept",
            counted(self.stepped_back.count, "time stamp", "time stamps")
        );
        add(&self.stepped_back, FindingKind::Clock, Severity::Note, text);
        let text = format!(
            "{} of the {kind} with the time stamp of the one before, at most {} to a stamp: spread evenly",
            counted(self.repeated.count, "sample", "samples"),
            self.longest_run
        );
        add(&self.repeated, FindingKind::Clock, Severity::Note, text);
    }
}

/// The shortest and the longest step of stamps that follow `before_ns`, if they rise by `most_ns` at most.
pub(crate) fn regular_steps(before_ns: i64, stamps_ns: &[i64], most_ns: i64) -> Option<RangeInclusive<i64>> {
    /// So many steps of at most this length do not add up to what an i64 cannot hold.
    const MOST: usize = 1 << 12;
    const LONGEST: u64 = 1 << 50;
    let (mut last, mut shortest, mut longest) = (before_ns, u64::MAX, 0);
    for &stamp_ns in stamps_ns.get(..MOST).unwrap_or(stamps_ns) {
        let step = stamp_ns.wrapping_sub(last).cast_unsigned();
        (shortest, longest) = (shortest.min(step), longest.max(step));
        last = stamp_ns;
    }
    // Steps that wrapped around would end below where they began.
    let rise = shortest > 0 && longest <= LONGEST && last >= before_ns && stamps_ns.len() <= MOST;
    let steps = shortest.cast_signed()..=longest.cast_signed();
    (rise && *steps.end() <= most_ns && !stamps_ns.is_empty()).then_some(steps)
}

/// What a sample holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Reading {
    /// A value in the project's unit and axes.
    Value([f32; 3]),
    /// Nothing: it only takes its place among the stamps.
    Missing,
    /// A value that cannot be: nothing is joined across it.
    Impossible,
}

/// What comes out of [`ClockRepair`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Timed {
    /// A sample with its time, not earlier than those before it.
    Sample(i64, Reading),
    /// The clock began anew: samples before and after have nothing to do with each other.
    Reset,
}

/// The stage for one sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClockRepair {
    max_gap_ns: i64,
    /// Samples that wait for a stamp later than `stamp_ns`.
    run: Vec<Reading>,
    stamp_ns: i64,
    /// Time between the latest samples, for a run that no stamp follows; 0 if unknown.
    period_ns: i64,
    /// Samples taken.
    samples: u64,
    /// Whether samples were given.
    #[serde(default)]
    begun: bool,
    pub(crate) counts: ClockCounts,
}

impl ClockRepair {
    /// `rate_hz` is what is known of the rate before the first sample.
    pub(crate) fn new(max_gap_ns: i64, rate_hz: Option<f64>) -> Self {
        // The cast saturates.
        let period_ns = rate_hz.map_or(0, |rate| ((1e9 / rate) as i64).clamp(0, max_gap_ns));
        let counts = ClockCounts::default();
        Self { max_gap_ns, run: Vec::new(), stamp_ns: 0, period_ns, samples: 0, begun: false, counts }
    }

    /// Number of the next sample.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Whether another has the same longest gap.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.max_gap_ns == other.max_gap_ns && self.run.len() <= LONGEST_RUN && self.samples < 1 << 62
    }

    /// Takes one sample as stamped, gives those that it completes.
    #[inline]
    pub(crate) fn push(&mut self, stamp_ns: i64, next: Reading, emit: &mut impl FnMut(Timed)) {
        let number = self.samples;
        self.samples += 1;
        if !self.run.is_empty() {
            let step = stamp_ns.saturating_sub(self.stamp_ns);
            if let ([reading], true) = (self.run.as_mut_slice(), (1..=self.max_gap_ns).contains(&step)) {
                // The ordinary case: one sample to a stamp, and the next follows soon.
                emit(Timed::Sample(self.stamp_ns, core::mem::replace(reading, next)));
                self.begun = true;
                (self.stamp_ns, self.period_ns) = (stamp_ns, step);
                return;
            }
            if step > 0 {
                if !self.flush(Some(step), emit) {
                    self.counts.gap(step, number, stamp_ns);
                }
            } else if step >= -self.max_gap_ns && self.run.len() < LONGEST_RUN {
                self.run.push(next);
                self.counts.repeat(step, self.run.len() as u64, number, stamp_ns);
                return;
            } else {
                self.flush(None, emit);
                emit(Timed::Reset);
                self.counts.resets.add(number, stamp_ns);
            }
        }
        self.stamp_ns = stamp_ns;
        self.run.push(next);
    }

    /// Takes some samples at once if one sample waits and they follow it in the ordinary way, of which the last is to wait: gives
    /// the one that waited, and all others have the times that they are stamped with. None, and nothing taken, else.
    pub(crate) fn push_regular(&mut self, stamps_ns: &[i64], last: Reading) -> Option<Timed> {
        let ([waiting], Some(&stamp_ns)) = (self.run.as_mut_slice(), stamps_ns.last()) else { return None };
        regular_steps(self.stamp_ns, stamps_ns, self.max_gap_ns)?;
        let before_ns = stamps_ns.iter().rev().nth(1).copied().unwrap_or(self.stamp_ns);
        let timed = Timed::Sample(self.stamp_ns, core::mem::replace(waiting, last));
        (self.stamp_ns, self.period_ns) = (stamp_ns, stamp_ns - before_ns);
        self.begun = true;
        self.samples += stamps_ns.len() as u64;
        Some(timed)
    }

    /// Gives what still waits: no sample follows.
    pub(crate) fn finish(&mut self, emit: &mut impl FnMut(Timed)) {
        self.flush(None, emit);
    }

    /// Gives the samples that wait, the next being stamped `until_next` later. Whether it follows without a gap.
    fn flush(&mut self, until_next: Option<i64>, emit: &mut impl FnMut(Timed)) -> bool {
        let count = self.run.len() as i64;
        let share = until_next.map(|step| step / count.max(1));
        let joined = share.filter(|&share| share <= self.max_gap_ns);
        // Nothing follows soon: as before, but never past what follows.
        let mut spacing = joined.unwrap_or_else(|| self.usual(count).min(share.unwrap_or(i64::MAX)));
        let mut time_ns = self.stamp_ns;
        if let (Some(step), false, 2..) = (until_next, self.begun, count) {
            // The recording may have begun in the middle of what the first stamp stands for, the last part of which it then holds.
            let held = self.period_ns.saturating_mul(count);
            if (held as f64) < CUT * step as f64 && held > 0 && joined.is_some() {
                (spacing, time_ns) = (self.period_ns, time_ns.saturating_add(step - held));
            }
        }
        self.begun = true;
        for reading in self.run.drain(..) {
            emit(Timed::Sample(time_ns, reading));
            time_ns = time_ns.saturating_add(spacing);
        }
        if joined.is_some() {
            self.period_ns = spacing;
        }
        joined.is_some()
    }

    fn usual(&self, count: i64) -> i64 {
        if self.period_ns > 0 { self.period_ns } else { self.max_gap_ns / count.max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repaired(stamps_ms: &[i64]) -> (Vec<f64>, ClockCounts, usize) {
        let mut clock = ClockRepair::new(200_000_000, None);
        let (mut times, mut breaks) = (Vec::new(), 0);
        let mut emit = |timed| match timed {
            Timed::Sample(t, _) => times.push(t as f64 / 1e6),
            Timed::Reset => breaks += 1,
        };
        for &stamp in stamps_ms {
            clock.push(stamp * 1_000_000, Reading::Missing, &mut emit);
        }
        clock.finish(&mut emit);
        (times, clock.counts, breaks)
    }

    #[test]
    fn stamps_in_order_stay_as_they_are() {
        assert_eq!(repaired(&[0, 20, 41, 59]).0, [0.0, 20.0, 41.0, 59.0]);
    }

    #[test]
    fn several_samples_per_stamp_are_spread_to_the_next() {
        let (times, counts, _) = repaired(&[0, 0, 20, 20, 20, 20, 100]);
        assert_eq!(times, [0.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(counts.repeated, Count { count: 4, first: Some((1, 0)) });
        // The last batch goes on as those before.
        assert_eq!(repaired(&[0, 0, 20, 20]).0, [0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn a_batch_before_a_gap_is_not_spread_over_it() {
        assert_eq!(repaired(&[0, 0, 20, 20, 5000]).0, [0.0, 10.0, 20.0, 30.0, 5000.0]);
    }

    #[test]
    fn the_first_of_shared_stamps_may_be_cut_short() {
        let times = |rate, first: usize| {
            let mut clock = ClockRepair::new(200_000_000, rate);
            let mut times = Vec::new();
            for stamp in [0].repeat(first).into_iter().chain([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]) {
                clock.push(stamp * 1_000_000_000, Reading::Missing, &mut |timed| {
                    if let Timed::Sample(t, _) = timed {
                        times.push(t / 1_000_000);
                    }
                });
            }
            times
        };
        // Ten a second, of which the first second holds six, or all.
        assert_eq!(times(Some(10.0), 6)[..7], [400, 500, 600, 700, 800, 900, 1000]);
        assert_eq!(times(Some(10.0), 10)[..3], [0, 100, 200]);
        // Nobody knows the rate.
        assert_eq!(times(None, 5)[..6], [0, 200, 400, 600, 800, 1000]);
    }

    #[test]
    fn a_small_step_back_keeps_the_order_and_a_large_one_begins_anew() {
        let (times, counts, breaks) = repaired(&[0, 20, 40, 25, 80]);
        assert_eq!(times, [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!((counts.stepped_back.count, counts.resets.count, breaks), (1, 0, 0));
        let (times, counts, breaks) = repaired(&[1000, 1020, 0, 20]);
        assert_eq!(times, [1000.0, 1020.0, 0.0, 20.0]);
        assert_eq!((counts.resets, breaks), (Count { count: 1, first: Some((2, 0)) }, 1));
    }

    #[test]
    fn a_clock_that_stands_still_does_not_fill_the_memory() {
        let mut clock = ClockRepair::new(200_000_000, Some(50.0));
        let mut count = 0;
        for _ in 0..3 * LONGEST_RUN {
            clock.push(7, Reading::Missing, &mut |timed| {
                count += usize::from(matches!(timed, Timed::Sample(..)));
            });
            assert!(clock.run.len() <= LONGEST_RUN);
        }
        clock.finish(&mut |timed| count += usize::from(matches!(timed, Timed::Sample(..))));
        assert_eq!(count, 3 * LONGEST_RUN);
    }

    #[test]
    fn whole_seconds_are_no_gaps() {
        // Fifty samples a second, stamped to the second.
        let stamps: Vec<i64> = (0..200).map(|i| i / 50 * 1000).collect();
        let (times, counts, breaks) = repaired(&stamps);
        assert!(times.iter().enumerate().all(|(i, t)| (t - 20.0 * i as f64).abs() < 1e-6));
        assert_eq!((counts.gaps.count, counts.repeated.count, breaks), (0, 196, 0));
        let (_, counts, _) = repaired(&[0, 200, 401]);
        assert_eq!(counts.gaps, Count { count: 1, first: Some((2, 200_000_000)) });
    }

    proptest! {
        #[test]
        fn no_stamps_make_it_panic(stamps in prop::collection::vec(
            prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -3i64..3], 0..50), rate in prop::num::f64::ANY) {
            let mut clock = ClockRepair::new(200_000_000, Some(rate));
            let (mut last, mut count) = (i64::MIN, 0);
            let mut emit = |timed| match timed {
                Timed::Reset => last = i64::MIN,
                Timed::Sample(t, _) => {
                    assert!(t >= last, "{last} {t}");
                    (last, count) = (t, count + 1);
                }
            };
            for &stamp in &stamps {
                clock.push(stamp, Reading::Missing, &mut emit);
            }
            clock.finish(&mut emit);
            prop_assert_eq!(count, stamps.len());
        }

        #[test]
        fn regular_samples_at_once_are_what_single_ones_are(
            steps in prop::collection::vec(prop_oneof![4 => 1i64..30, 1 => Just(0i64), 1 => Just(-7), 1 => Just(201)], 1..60), piece in 1usize..20) {
            let stamps: Vec<i64> = steps.iter().scan(0, |at, step| { *at += step; Some(*at * 1_000_000) }).collect();
            let value = |i: usize| Reading::Value([i as f32; 3]);
            let mut clocks = [(); 2].map(|()| (ClockRepair::new(200_000_000, None), Vec::new()));
            for (from, stamps) in stamps.chunks(piece).enumerate().map(|(i, part)| (i * piece, part)) {
                let [(at_once, all), (singly, each)] = &mut clocks;
                let last = stamps.len() - 1;
                match at_once.push_regular(stamps, value(from + last)) {
                    Some(timed) => {
                        all.push(timed);
                        all.extend((0..last).map(|i| Timed::Sample(stamps[i], value(from + i))));
                    }
                    None => (0..=last).for_each(|i| at_once.push(stamps[i], value(from + i), &mut |t| all.push(t))),
                }
                (0..=last).for_each(|i| singly.push(stamps[i], value(from + i), &mut |t| each.push(t)));
                prop_assert_eq!(&all, &each);
                prop_assert_eq!(&at_once, &singly);
            }
        }

        #[test]
        fn times_rise_between_breaks_and_no_sample_is_lost(stamps in prop::collection::vec(0i64..3000, 0..100)) {
            let mut clock = ClockRepair::new(200_000_000, Some(50.0));
            let (mut last, mut count) = (None, 0);
            let mut emit = |timed| match timed {
                Timed::Reset => last = None,
                Timed::Sample(t, _) => {
                    assert!(last.is_none_or(|last| t > last), "{last:?} {t}");
                    last = Some(t);
                    count += 1;
                }
            };
            for &stamp in &stamps {
                clock.push(stamp * 1_000_000, Reading::Missing, &mut emit);
            }
            clock.finish(&mut emit);
            prop_assert_eq!(count, stamps.len());
        }
    }
}
