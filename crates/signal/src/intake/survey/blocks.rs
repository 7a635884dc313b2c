//! A sensor in blocks of a second: how long the mean is and how much it moves, which tells unit and gravity.

use super::super::thinned::Thinned;
use super::part::largest;
use alloc::vec::Vec;

/// Length of a block.
const BLOCK_NS: i64 = 1_000_000_000;
/// Fewest samples of a block that counts.
const LEAST_SAMPLES: u64 = 5;
/// Blocks kept.
const KEPT: usize = 1 << 16;

/// A second of one sensor, in the source's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    /// Length of the mean vector.
    pub(super) mean_length: f32,
    /// Mean of the vectors' lengths.
    pub(super) length: f32,
    /// Root of the summed variances of the axes.
    pub(super) deviation: f32,
    /// Greatest size of any axis.
    pub(super) peak: f32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    start_ns: i64,
    count: u64,
    sum: [f64; 3],
    square: f64,
    lengths: f64,
    peak: f32,
    /// The first value of the block: sums are of differences to it, so that small variances of large values survive.
    origin: [f64; 3],
    kept: Thinned<Block, KEPT>,
}

impl Blocks {
    pub(super) fn push(&mut self, time_ns: i64, value: [f32; 3]) {
        if self.count > 0 && !self.reaches(time_ns) {
            self.close();
        }
        if self.count == 0 {
            (self.start_ns, self.origin) = (time_ns, value.map(f64::from));
        }
        self.add(&[value], value.iter().fold(0.0, |most, v| most.max(v.abs())));
    }

    /// Takes samples whose stamps rise, the greatest size of any axis being `peak`: what [`push`](Self::push) makes of each.
    pub(super) fn push_rising(&mut self, times_ns: &[i64], values: &[[f32; 3]], peak: f32) {
        let mut from = 0;
        while let Some(&time_ns) = times_ns.get(from) {
            if self.count > 0 && !self.reaches(time_ns) {
                self.close();
            }
            if self.count == 0 {
                (self.start_ns, self.origin) = (time_ns, values[from].map(f64::from));
            }
            let count = match times_ns.last() {
                Some(&last) if self.reaches(last) => times_ns.len() - from,
                _ => times_ns[from..].partition_point(|&time_ns| self.reaches(time_ns)),
            };
            let values = &values[from..from + count];
            self.add(values, if count == times_ns.len() { peak } else { largest(values) });
            from += count;
        }
    }

    /// Whether a time belongs to the block that has begun.
    fn reaches(&self, time_ns: i64) -> bool {
        (0..BLOCK_NS).contains(&time_ns.saturating_sub(self.start_ns))
    }

    #[inline]
    fn add(&mut self, values: &[[f32; 3]], peak: f32) {
        let (mut sum, mut square, mut lengths) = (self.sum, self.square, self.lengths);
        let origin = self.origin;
        for value in values {
            let v = value.map(f64::from);
            let d: [f64; 3] = core::array::from_fn(|axis| v[axis] - origin[axis]);
            (0..3).for_each(|axis| sum[axis] += d[axis]);
            square += d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            lengths += sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        }
        (self.sum, self.square, self.lengths) = (sum, square, lengths);
        self.count += values.len() as u64;
        self.peak = self.peak.max(peak);
    }

    fn close(&mut self) {
        let n = self.count as f64;
        if self.count >= LEAST_SAMPLES {
            let mean: [f64; 3] = core::array::from_fn(|i| self.origin[i] + self.sum[i] / n);
            let variance = (self.square - self.sum.iter().map(|s| s * s).sum::<f64>() / n) / n;
            let block = Block {
                mean_length: sqrt(mean.iter().map(|m| m * m).sum()) as f32,
                length: (self.lengths / n) as f32,
                deviation: sqrt(variance.max(0.0)) as f32,
                peak: self.peak,
            };
            self.kept.push(block);
        }
        (self.count, self.sum, self.square, self.lengths, self.peak) = (0, [0.0; 3], 0.0, 0.0, 0.0);
    }

    /// All blocks, the last one included.
    pub(super) fn finish(&mut self) -> &[Block] {
        if self.count > 0 {
            self.close();
        }
        self.kept.all()
    }
}

/// The square root; that of the standard library, which gives the same bits, is one instruction among others to a compiler.
fn sqrt(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    libm::sqrt(x)
}

/// The middle of some values, the upper one of two.
pub(super) fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_stillness_has_its_length_and_no_deviation() {
        let mut blocks = Blocks::default();
        for i in 0..150 {
            let shake = if i >= 100 { 0.3 * (i % 2) as f32 } else { 0.0 };
            blocks.push(i * 20_000_000, [3000.0, 4000.0 + shake, 0.0]);
        }
        let all = blocks.finish();
        assert_eq!(all.len(), 3);
        assert!((all[0].mean_length - 5000.0).abs() < 1e-3 && all[0].deviation == 0.0);
        assert!((all[2].deviation - 0.15).abs() < 1e-3, "{:?}", all[2]);
        assert_eq!((all[1].peak, all[2].peak), (4000.0, 4000.3));
    }

    #[test]
    fn memory_is_bounded_however_long() {
        let mut blocks = Blocks::default();
        for i in 0..(3 * KEPT as i64 * 5) {
            blocks.push(i * 200_000_000, [1.0; 3]);
        }
        assert!(blocks.finish().len() <= KEPT + 1);
        assert_eq!(blocks.kept.stride, 4);
    }

    #[test]
    fn a_clock_that_goes_back_closes_the_block() {
        let mut blocks = Blocks::default();
        for t in [1000, 1100, 1200, 1300, 1400, 1500, 0, 100, 200, 300, 400] {
            blocks.push(t * 1_000_000, [1.0; 3]);
        }
        assert_eq!(blocks.finish().len(), 2);
        assert_eq!(median(alloc::vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }
}
