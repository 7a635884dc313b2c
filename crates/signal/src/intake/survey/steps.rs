//! The steps of a sensor's clock: rate, spread, gaps, repeats, steps back.

use super::super::clock::{ClockCounts, regular_steps};
use super::super::wall_clock::is_hour_back;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Gaps that are listed one by one; all are counted.
const LISTED_GAPS: usize = 10_000;
/// Bins of the histogram of steps: 64 to an octave, at most 1.6 % wide, so that their middles are right to 1 %.
const OCTAVE: usize = 64;
/// Octaves from 1 µs to more than an hour.
const OCTAVES: usize = 32;
const SHORTEST_NS: i64 = 1 << 10;

/// A pause between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Time of the last sample before it, in seconds from the recording's zero.
    pub start_s: f64,
    /// Seconds to the next sample.
    pub length_s: f64,
}

/// What the stamps of one sensor say, judged as [`ClockRepair`](super::super::clock::ClockRepair) does.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    max_gap_ns: i64,
    /// Whether an hour back may be the end of summer time.
    wall: bool,
    last_ns: Option<i64>,
    /// Samples since the last stamp that was later than those before; the next step is shared out among them.
    run: u64,
    /// Steps between samples, and the time they span.
    count: u64,
    span_ns: u128,
    /// Stamps that those steps began with, and samples beyond the first of a stamp that no step was shared out among.
    stamps: u64,
    beyond: u64,
    /// The first stamp, if samples share it: how many, and its step. It may be one that the recording began in the middle of, and
    /// tells the rate only if nothing else does.
    cut: Option<(u64, i64)>,
    histogram: Vec<u64>,
    pub(super) gaps: Vec<Gap>,
    pub(super) counts: ClockCounts,
}

impl Steps {
    pub(super) fn new(max_gap_ns: i64) -> Self {
        Self {
            max_gap_ns,
            wall: false,
            last_ns: None,
            run: 1,
            count: 0,
            span_ns: 0,
            stamps: 0,
            beyond: 0,
            cut: None,
            histogram: vec![0; OCTAVE * OCTAVES],
            gaps: Vec::new(),
            counts: ClockCounts::default(),
        }
    }

    /// The same, telling an hour back from other resets.
    pub(super) fn of_wall_clock(self, wall: bool) -> Self {
        Self { wall, ..self }
    }

    /// Takes the stamp of sample `index`.
    pub(super) fn push(&mut self, index: u64, time_ns: i64) {
        let Some(last) = self.last_ns else {
            self.last_ns = Some(time_ns);
            return;
        };
        let step = time_ns.saturating_sub(last);
        if step <= 0 && step >= -self.max_gap_ns {
            // The stamp before stands: later ones are measured from it.
            self.run += 1;
            self.counts.repeat(step, self.run, index, time_ns);
            return;
        }
        let share = step / self.run.min(i64::MAX as u64) as i64;
        if step < 0 || share > self.max_gap_ns {
            self.beyond += self.run - 1;
        }
        if step < 0 {
            let hour = self.wall && is_hour_back(step);
            let of = if hour { &mut self.counts.hours_back } else { &mut self.counts.resets };
            of.add(index, time_ns);
        } else if share > self.max_gap_ns {
            self.counts.gap(step, index, time_ns);
            if self.gaps.len() < LISTED_GAPS {
                self.gaps.push(Gap { start_s: last as f64 / 1e9, length_s: step as f64 / 1e9 });
            }
        } else if self.run > 1 && self.count == 0 && self.cut.is_none() {
            self.cut = Some((self.run, step));
        } else {
            self.count += self.run;
            self.stamps += 1;
            self.span_ns += step as u128;
            self.histogram[bin(share)] += self.run;
        }
        self.run = 1;
        self.last_ns = Some(time_ns);
    }

    /// Takes the stamps of some samples if they rise by no more than the longest gap: what [`push`](Self::push) makes of each.
    /// False, and nothing taken, if they do otherwise.
    pub(super) fn push_regular(&mut self, times_ns: &[i64]) -> bool {
        let Some(last) = self.last_ns.filter(|_| self.run == 1) else { return false };
        let Some(steps) = regular_steps(last, times_ns, self.max_gap_ns) else { return false };
        let end = times_ns.last().copied().unwrap_or(last);
        self.count += times_ns.len() as u64;
        self.stamps += times_ns.len() as u64;
        self.span_ns += (end - last) as u128;
        let bins = bin(*steps.start())..=bin(*steps.end());
        if bins.start() == bins.end() {
            self.histogram[*bins.start()] += times_ns.len() as u64;
        } else {
            let mut before = last;
            for &time_ns in times_ns {
                self.histogram[bin(time_ns - before)] += 1;
                before = time_ns;
            }
        }
        self.last_ns = Some(end);
        true
    }

    /// Whether most of the pauses of another are steps of this.
    pub(super) fn is_slower_than(&self, other: &Self) -> bool {
        other.counts.gaps.count > other.count && self.count > self.counts.gaps.count
    }

    /// Samples per second over the whole, gaps and resets left out; none without two different stamps.
    ///
    /// Where most samples have a stamp of their own, repeated ones come from rounding: steps of 0 are steps as others, and the rate is
    /// their number divided by their sum. Where stamps are shared by batches, the first and the last batch may be cut short, and only
    /// whole ones tell the rate.
    pub(super) fn rate_hz(&self) -> Option<f64> {
        let seconds = |ns: u128| ns as f64 / 1e9;
        let rate = match self.cut {
            Some((count, step_ns)) if self.count == 0 => count as f64 / (step_ns as f64 / 1e9),
            cut if self.count < 2 * self.stamps => {
                let (count, step_ns) = cut.unwrap_or((0, 0));
                let steps = self.count + count + self.beyond + (self.run - 1);
                steps as f64 / seconds(self.span_ns + u128::from(step_ns.unsigned_abs()))
            }
            _ => self.count as f64 / seconds(self.span_ns),
        };
        (rate.is_finite() && rate > 0.0).then_some(rate)
    }

    /// Seconds between samples, gaps and resets left out.
    pub(super) fn recorded_s(&self) -> f64 {
        self.span_ns as f64 / 1e9
    }

    /// Rates that the steps between samples, shared stamps spread evenly, stand for at their 99th, 50th and 1st percentile, to
    /// 1 %.
    pub(super) fn spread_hz(&self) -> Option<[f64; 3]> {
        if self.count == 0 {
            return self.rate_hz().map(|rate| [rate; 3]);
        }
        Some([0.99, 0.5, 0.01].map(|share| {
            let wanted = libm::ceil(share * self.count as f64) as u64;
            let mut seen = 0;
            let reached = self.histogram.iter().position(|&count| {
                seen += count;
                seen >= wanted
            });
            1e9 / middle(reached.unwrap_or(OCTAVE * OCTAVES - 1))
        }))
    }
}

/// Octave and place in it, from the bits of the number: every sample of a survey comes by here.
fn bin(step_ns: i64) -> usize {
    let step_ns = step_ns.max(SHORTEST_NS);
    let octave = step_ns.ilog2();
    let place = (step_ns - (1 << octave)) >> (octave - OCTAVE.ilog2());
    let octave = (octave - SHORTEST_NS.ilog2()) as usize;
    (octave * OCTAVE + place as usize).min(OCTAVE * OCTAVES - 1)
}

fn middle(bin: usize) -> f64 {
    let octave = libm::ldexp(SHORTEST_NS as f64, (bin / OCTAVE) as i32);
    octave * (1.0 + ((bin % OCTAVE) as f64 + 0.5) / OCTAVE as f64)
}

#[cfg(test)]
mod tests {
    use super::super::super::count::Count;
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
        assert_eq!(s.gaps, [Gap { start_s: 1.98, length_s: 98.02 }]);
        assert_eq!(s.counts.gaps, Count { count: 1, first: Some((100, 1_980_000_000)) });
        let [slow, median, fast] = s.spread_hz().unwrap();
        assert!([slow, median, fast].iter().all(|r| (r / 50.0 - 1.0).abs() < 0.01));
    }

    #[test]
    fn repeats_count_for_the_rate_and_share_the_step() {
        let s = steps((0..100).flat_map(|i| [i * 20, i * 20]));
        assert_eq!(s.rate_hz(), Some(100.0));
        assert_eq!((s.counts.repeated.count, s.counts.longest_run), (100, 2));
        assert!(s.spread_hz().unwrap().iter().all(|rate| (rate / 100.0 - 1.0).abs() < 0.01));
        // Of stamps of whole seconds the first is cut short; alone, it is all there is.
        let s = steps([0; 12].into_iter().chain((0..300).map(|i| 1000 + i / 30 * 1000)));
        assert_eq!((s.rate_hz(), s.counts.longest_run), (Some(30.0), 30));
        let s = steps([0, 0, 0, 100]);
        assert_eq!((s.rate_hz(), s.spread_hz()), (Some(30.0), Some([30.0; 3])));
        // Stamps of whole seconds are no gaps either.
        let s = steps((0..500).map(|i| i / 50 * 1000));
        assert_eq!((s.rate_hz(), s.counts.gaps.count, s.counts.longest_run), (Some(50.0), 0, 50));
    }

    #[test]
    fn steps_back_and_resets_are_told_apart() {
        let s = steps([0, 20, 40, 30, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 5, 25]);
        assert_eq!(s.counts.stepped_back, Count { count: 1, first: Some((3, 30_000_000)) });
        assert_eq!(s.counts.resets, Count { count: 1, first: Some((14, 5_000_000)) });
        // Back by the longest gap is still a step, by more is a reset.
        assert_eq!(steps([500, 300]).counts.stepped_back.count, 1);
        assert_eq!(steps([500, 299]).counts.resets.count, 1);
    }

    #[test]
    fn bins_are_right_to_a_percent() {
        for step in [SHORTEST_NS, 1_000_000, 9_765_625, 20_000_000, 199_999_999, 3_600_000_000_000] {
            assert!((middle(bin(step)) / step as f64 - 1.0).abs() < 0.01, "{step}");
        }
        assert_eq!((bin(0), bin(i64::MAX)), (0, OCTAVE * OCTAVES - 1));
    }

    #[test]
    fn no_stamps_make_it_panic() {
        let mut s = Steps::new(3_600_000_000_000);
        for (i, t) in [i64::MIN, i64::MAX, i64::MAX, i64::MIN, 0, i64::MAX, -1].into_iter().enumerate() {
            s.push(i as u64, t);
        }
        assert!(s.counts.gaps.count + s.counts.resets.count > 3);
    }

    #[test]
    fn no_time_is_no_rate() {
        assert_eq!(steps([7, 7, 7]).rate_hz(), None);
        assert_eq!(steps([]).spread_hz(), None);
    }

    #[test]
    fn an_edge_of_the_longest_gap_belongs_to_the_segment() {
        assert_eq!(steps([0, 200]).counts.gaps.count, 0);
        assert_eq!(steps([0, 201]).counts.gaps.count, 1);
    }
}
