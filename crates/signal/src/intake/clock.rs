//! Gives every sample of a sensor a time of its own, whatever its stamps did.
//!
//! - Several samples with one stamp (batches, or stamps rounded to milliseconds or seconds) are spread evenly up to the next
//!   stamp.
//! - A stamp that is earlier than one before it by no more than the longest gap is jitter of stamping: the order of the
//!   samples is right and the stamp is not, so the sample counts to those of the stamp before.
//! - A stamp that is earlier by more means that the clock was set back or began anew: a new segment begins.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most samples that wait for a later stamp: a clock that stands still must not fill the memory.
const LONGEST_RUN: usize = 1 << 16;

/// What happened to the stamps of one sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockCounts {
    /// Samples whose stamp was that of the sample before.
    pub repeated: u64,
    /// Samples with a stamp a little earlier than one before.
    pub stepped_back: u64,
    /// Times that the clock began anew.
    pub resets: u64,
}

/// What comes out of [`ClockRepair`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Timed {
    /// A sample with its time, later than those before it.
    Sample(i64, [f32; 3]),
    /// Times begin anew, or samples before and after must not be joined.
    Break,
}

/// The stage for one sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClockRepair {
    max_gap_ns: i64,
    /// Samples that wait for a stamp later than `stamp_ns`.
    run: Vec<[f32; 3]>,
    stamp_ns: i64,
    /// Time between the latest samples, for a run that no stamp follows.
    period_ns: i64,
    pub(crate) counts: ClockCounts,
}

impl ClockRepair {
    pub(crate) fn new(max_gap_ns: i64, rate_hz: Option<f64>) -> Self {
        let period_ns = rate_hz.map_or(0, |rate| (1e9 / rate) as i64);
        Self { max_gap_ns, run: Vec::new(), stamp_ns: 0, period_ns, counts: ClockCounts::default() }
    }

    /// Takes one sample as stamped, gives those that it completes.
    pub(crate) fn push(&mut self, stamp_ns: i64, value: [f32; 3], emit: &mut impl FnMut(Timed)) {
        if !self.run.is_empty() {
            let step = stamp_ns.saturating_sub(self.stamp_ns);
            if step <= 0 && step >= -self.max_gap_ns && self.run.len() < LONGEST_RUN {
                if step == 0 {
                    self.counts.repeated += 1;
                } else {
                    self.counts.stepped_back += 1;
                }
                self.run.push(value);
                return;
            }
            if step > 0 {
                self.flush(Some(step), emit);
            } else {
                self.flush(None, emit);
                emit(Timed::Break);
                self.counts.resets += 1;
            }
        }
        self.stamp_ns = stamp_ns;
        self.run.push(value);
    }

    /// Gives what still waits: no sample follows, or none that may be joined.
    pub(crate) fn finish(&mut self, emit: &mut impl FnMut(Timed)) {
        self.flush(None, emit);
    }

    /// Ends the samples so far: the next are not joined to them.
    pub(crate) fn interrupt(&mut self, emit: &mut impl FnMut(Timed)) {
        self.flush(None, emit);
        emit(Timed::Break);
    }

    fn flush(&mut self, until_next: Option<i64>, emit: &mut impl FnMut(Timed)) {
        let count = self.run.len() as i64;
        let share = until_next.map(|step| step / count.max(1));
        let spacing = match share {
            Some(share) if share <= self.max_gap_ns => share,
            // Nothing follows soon: as before, but never past what follows.
            _ => self.usual(count).min(share.unwrap_or(i64::MAX)),
        };
        for (i, value) in self.run.drain(..).enumerate() {
            emit(Timed::Sample(self.stamp_ns + i as i64 * spacing, value));
        }
        if until_next.is_some_and(|step| step <= self.max_gap_ns) {
            self.period_ns = spacing;
        }
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
            Timed::Break => breaks += 1,
        };
        for &stamp in stamps_ms {
            clock.push(stamp * 1_000_000, [0.0; 3], &mut emit);
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
        assert_eq!(counts.repeated, 4);
        // The last batch goes on as those before.
        assert_eq!(repaired(&[0, 0, 20, 20]).0, [0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn a_batch_before_a_gap_is_not_spread_over_it() {
        assert_eq!(repaired(&[0, 0, 20, 20, 5000]).0, [0.0, 10.0, 20.0, 30.0, 5000.0]);
    }

    #[test]
    fn a_small_step_back_keeps_the_order_and_a_large_one_begins_anew() {
        let (times, counts, breaks) = repaired(&[0, 20, 40, 25, 80]);
        assert_eq!(times, [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!((counts.stepped_back, counts.resets, breaks), (1, 0, 0));
        let (times, counts, breaks) = repaired(&[1000, 1020, 0, 20]);
        assert_eq!(times, [1000.0, 1020.0, 0.0, 20.0]);
        assert_eq!((counts.resets, breaks), (1, 1));
    }

    #[test]
    fn a_clock_that_stands_still_does_not_fill_the_memory() {
        let mut clock = ClockRepair::new(200_000_000, Some(50.0));
        let mut count = 0;
        for _ in 0..3 * LONGEST_RUN {
            clock.push(7, [0.0; 3], &mut |timed| count += usize::from(matches!(timed, Timed::Sample(..))));
            assert!(clock.run.len() <= LONGEST_RUN);
        }
        clock.finish(&mut |timed| count += usize::from(matches!(timed, Timed::Sample(..))));
        assert_eq!(count, 3 * LONGEST_RUN);
    }

    proptest! {
        #[test]
        fn times_rise_between_breaks_and_no_sample_is_lost(stamps in prop::collection::vec(0i64..3000, 0..100)) {
            let mut clock = ClockRepair::new(200_000_000, Some(50.0));
            let (mut last, mut count) = (None, 0);
            let mut emit = |timed| match timed {
                Timed::Break => last = None,
                Timed::Sample(t, _) => {
                    assert!(last.is_none_or(|last| t > last), "{last:?} {t}");
                    last = Some(t);
                    count += 1;
                }
            };
            for &stamp in &stamps {
                clock.push(stamp * 1_000_000, [0.0; 3], &mut emit);
            }
            clock.finish(&mut emit);
            prop_assert_eq!(count, stamps.len());
        }
    }
}
