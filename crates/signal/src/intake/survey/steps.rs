//! The steps of a sensor's clock: rate, spread, gaps, repeats, steps back.

use super::super::clock::ClockCounts;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Gaps that are listed one by one; all are counted.
const LISTED_GAPS: usize = 10_000;
/// Bins of the histogram of steps in each doubling of their length: less than 1 % wide.
const BINS_PER_OCTAVE: u32 = 128;
/// All bins: those of 64 octaves, and one for steps of nothing.
const BINS: usize = 64 * BINS_PER_OCTAVE as usize + 1;

/// A pause between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Time of the last sample before it, in seconds from the recording's zero.
    pub start_s: f64,
    /// Seconds to the next sample.
    pub length_s: f64,
}

/// What the stamps of one sensor say.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    max_gap_ns: i64,
    last_ns: Option<i64>,
    /// Steps that count for the rate, and the time they span.
    count: u64,
    span_ns: i64,
    histogram: Vec<u64>,
    pub(super) gaps: Vec<Gap>,
    pub(super) gap_count: u64,
    pub(super) counts: ClockCounts,
    /// Sample number and time of the first of each kind.
    pub(super) first_gap: Option<(u64, i64)>,
    pub(super) first_repeat: Option<(u64, i64)>,
    pub(super) first_step_back: Option<(u64, i64)>,
    pub(super) first_reset: Option<(u64, i64)>,
    /// Samples that share the current stamp, and the most that ever did.
    run: u64,
    pub(super) longest_run: u64,
}

impl Steps {
    pub(super) fn new(max_gap_ns: i64) -> Self {
        Self {
            max_gap_ns,
            last_ns: None,
            count: 0,
            span_ns: 0,
            histogram: vec![0; BINS],
            gaps: Vec::new(),
            gap_count: 0,
            counts: ClockCounts::default(),
            first_gap: None,
            first_repeat: None,
            first_step_back: None,
            first_reset: None,
            run: 1,
            longest_run: 1,
        }
    }

    /// Takes the stamp of sample `index`.
    pub(super) fn push(&mut self, index: u64, time_ns: i64) {
        let Some(last) = self.last_ns else {
            self.last_ns = Some(time_ns);
            return;
        };
        let step = time_ns.saturating_sub(last);
        let here = Some((index, time_ns));
        if step > self.max_gap_ns {
            self.gap_count += 1;
            self.first_gap = self.first_gap.or(here);
            if self.gaps.len() < LISTED_GAPS {
                self.gaps.push(Gap { start_s: last as f64 / 1e9, length_s: step as f64 / 1e9 });
            }
        } else if step < -self.max_gap_ns {
            self.counts.resets += 1;
            self.first_reset = self.first_reset.or(here);
        } else if step < 0 {
            self.counts.stepped_back += 1;
            self.first_step_back = self.first_step_back.or(here);
            // The stamp before stands: later ones are measured from it.
            self.count += 1;
            return;
        } else {
            self.count += 1;
            self.span_ns += step;
            self.histogram[bin(step)] += 1;
        }
        if step == 0 {
            self.counts.repeated += 1;
            self.first_repeat = self.first_repeat.or(here);
            self.run += 1;
            self.longest_run = self.longest_run.max(self.run);
        } else {
            self.run = 1;
        }
        self.last_ns = Some(time_ns);
    }

    /// Samples per second over the whole, gaps and resets left out; none without two different stamps. Repeated stamps
    /// count: they come from rounding, or batches.
    pub(super) fn rate_hz(&self) -> Option<f64> {
        let rate = self.count as f64 / (self.span_ns as f64 / 1e9);
        (rate.is_finite() && rate > 0.0).then_some(rate)
    }

    /// Rates that the steps between distinct stamps stand for at their 99th, 50th and 1st percentile, to 1 %.
    pub(super) fn spread_hz(&self) -> Option<[f64; 3]> {
        let total: u64 = self.histogram.iter().sum::<u64>() - self.histogram[0];
        if total == 0 {
            return None;
        }
        Some([0.99, 0.5, 0.01].map(|share| {
            let wanted = libm::ceil(share * total as f64) as u64;
            let mut seen = 0;
            for (i, &count) in self.histogram.iter().enumerate().skip(1) {
                seen += count;
                if seen >= wanted {
                    return 1e9 / middle(i);
                }
            }
            1e9 / middle(BINS - 1)
        }))
    }
}

/// Bin 0 holds steps of nothing.
fn bin(step_ns: i64) -> usize {
    let Some(octave) = u64::try_from(step_ns).ok().and_then(u64::checked_ilog2) else { return 0 };
    // The leading digits after the first, as a floating-point number has them.
    let digits = ((step_ns as u128) << BINS_PER_OCTAVE.ilog2() >> octave) as usize - BINS_PER_OCTAVE as usize;
    (octave * BINS_PER_OCTAVE) as usize + digits + 1
}

/// The middle of a bin, in nanoseconds.
fn middle(bin: usize) -> f64 {
    let (octave, digits) = ((bin - 1) / BINS_PER_OCTAVE as usize, (bin - 1) % BINS_PER_OCTAVE as usize);
    let lowest = 1.0 + digits as f64 / f64::from(BINS_PER_OCTAVE);
    libm::exp2(octave as f64) * (lowest + 0.5 / f64::from(BINS_PER_OCTAVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(stamps_ms: impl IntoIterator<Item = i64>) -> Steps {
        let mut steps = Steps::new(200_000_000);
        for (i, t) in stamps_ms.into_iter().enumerate() {
            steps.push(i as u64, t * 1_000_000);
        }
        steps
    }

    #[test]
    fn the_rate_is_that_of_the_whole_file_without_gaps() {
        let s = steps((0..100).map(|i| i * 20).chain((0..100).map(|i| 100_000 + i * 20)));
        assert_eq!(s.rate_hz(), Some(50.0));
        assert_eq!((s.gap_count, s.gaps[0]), (1, Gap { start_s: 1.98, length_s: 98.02 }));
        assert_eq!(s.first_gap, Some((100, 100_000_000_000)));
        let [slow, median, fast] = s.spread_hz().unwrap();
        assert!([slow, median, fast].iter().all(|r| (r / 50.0 - 1.0).abs() < 0.01));
    }

    #[test]
    fn repeats_count_for_the_rate_and_show_in_no_spread() {
        let s = steps((0..100).flat_map(|i| [i * 20, i * 20]));
        assert!((s.rate_hz().unwrap() - 100.0).abs() < 1.0, "{:?}", s.rate_hz());
        assert_eq!((s.counts.repeated, s.longest_run), (100, 2));
        assert!((s.spread_hz().unwrap()[1] / 50.0 - 1.0).abs() < 0.01);
    }

    #[test]
    fn steps_back_and_resets_are_told_apart() {
        let s = steps([0, 20, 40, 30, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 5, 25]);
        assert_eq!((s.counts.stepped_back, s.counts.resets), (1, 1));
        assert_eq!(s.first_step_back, Some((3, 30_000_000)));
        assert_eq!(s.first_reset, Some((14, 5_000_000)));
    }

    #[test]
    fn a_bin_is_less_than_a_hundredth_wide() {
        assert_eq!((bin(0), bin(-5), bin(1)), (0, 0, 1));
        assert!(bin(i64::MAX) < BINS);
        for step in [1000, 19_999_999, 20_000_000, 20_300_000, 1 << 40] {
            assert!((middle(bin(step)) / step as f64 - 1.0).abs() < 0.005, "{step}");
        }
    }

    #[test]
    fn no_time_is_no_rate() {
        assert_eq!(steps([7, 7, 7]).rate_hz(), None);
        assert_eq!(steps([]).spread_hz(), None);
    }

    #[test]
    fn an_edge_of_the_longest_gap_belongs_to_the_segment() {
        assert_eq!(steps([0, 200]).gap_count, 0);
        assert_eq!(steps([0, 201]).gap_count, 1);
    }
}
