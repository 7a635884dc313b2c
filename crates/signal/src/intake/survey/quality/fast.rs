//! Runs of ordinary values at once: nothing missing, nothing impossible, no new extreme. The same as one by one.

use super::super::part::{Extent, RUN};
use super::{MOVED_SHARE, Quality};

/// A bit for each value of a run, in the order of samples and axes.
const WORDS: usize = 3 * RUN / 64;
/// The bits of axis x.
const FIRST_AXIS: [u64; WORDS] = [0x9249_2492_4924_9249, 0x4924_9249_2492_4924, 0x2492_4924_9249_2492];

/// Which values of a run are those of the sample before.
struct Same([u64; WORDS]);

impl Same {
    /// `before` is the sample before the run; of at most [`RUN`] values.
    fn of(before: [f32; 3], values: &[[f32; 3]]) -> Self {
        let mut same = [0u8; 3 * RUN];
        let flat = values.as_flattened();
        for ((same, v), before) in same.iter_mut().zip(flat).zip(&before) {
            *same = u8::from(v == before);
        }
        let pairs = flat.iter().skip(3).zip(flat);
        for (same, (v, before)) in same.iter_mut().skip(3).zip(pairs) {
            *same = u8::from(v == before);
        }
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(same.as_chunks::<64>().0) {
            for (place, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
                // The lowest bits of eight bytes, side by side in the highest.
                let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= bits << (8 * place);
            }
        }
        Self(words)
    }

    fn at(&self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    fn is_none(&self) -> bool {
        self.0 == [0; WORDS]
    }

    /// The places of all such values.
    fn places(&self) -> impl Iterator<Item = usize> {
        (0..WORDS).flat_map(|word| {
            let mut bits = self.0[word];
            core::iter::from_fn(move || {
                let place = (bits != 0).then(|| 64 * word + bits.trailing_zeros() as usize);
                bits &= bits.wrapping_sub(1);
                place
            })
        })
    }

    /// The samples of which all axes are so: how many, and the first.
    fn samples(&self) -> Option<(u64, usize)> {
        let w = self.0;
        let shifted = |i: usize, by: u32| w[i] >> by | w.get(i + 1).map_or(0, |next| next << (64 - by));
        let all: [u64; WORDS] =
            core::array::from_fn(|i| w[i] & shifted(i, 1) & shifted(i, 2) & FIRST_AXIS[i]);
        let first = Self(all).places().next()?;
        Some((all.iter().map(|word| u64::from(word.count_ones())).sum(), first / 3))
    }
}

impl Quality {
    /// Takes a run of at most [`RUN`] samples if [`push`](Self::push) would have nothing to say about any but what it counts;
    /// the greatest size of any axis. None, and nothing taken, else.
    pub(in super::super) fn push_ordinary(
        &mut self,
        index: u64,
        times_ns: &[i64],
        values: &[[f32; 3]],
    ) -> Option<f32> {
        if !self.started || values.len() > RUN || values.len() != times_ns.len() {
            return None;
        }
        let extent = Extent::of(values)?;
        let sizes = extent.sizes();
        // A value of 0 is at no end of a range.
        if (0..3).any(|axis| sizes[axis] >= self.axes[axis].extreme && sizes[axis] > 0.0) {
            return None;
        }
        let largest = sizes.into_iter().fold(0.0, f32::max);
        let beyond = self.possible.map(|most| largest > most);
        let known = self.impossible.map(|(unit, _)| self.known == Some(unit));
        if beyond == [true; 3] || (0..3).any(|i| known[i] && beyond[i]) {
            return None;
        }
        for i in (0..3).filter(|&i| beyond[i]) {
            self.count_beyond(i, index, times_ns, values);
        }
        self.good += values.len() as u64;
        // Zeros on all axes lie where the extent of every axis spans 0, which gravity keeps one of them from.
        if (0..3).all(|axis| extent.least[axis] <= 0.0 && extent.greatest[axis] >= 0.0) {
            for (k, _) in values.iter().enumerate().filter(|(_, value)| **value == [0.0; 3]) {
                self.zeros.add(index + k as u64, times_ns[k]);
            }
        }
        self.axes.iter_mut().for_each(|axis| axis.run = 0);
        self.sameness(index, times_ns, values, &extent);
        Some(largest)
    }

    /// Counts the samples beyond the `i`-th unit's limit.
    fn count_beyond(&mut self, i: usize, index: u64, times_ns: &[i64], values: &[[f32; 3]]) {
        let most = self.possible[i];
        let is_beyond = |v: &[f32; 3]| v[0].abs() > most || v[1].abs() > most || v[2].abs() > most;
        let count = &mut self.impossible[i].1;
        if count.first.is_none() {
            let first = values.iter().position(is_beyond);
            count.first = first.map(|at| (index + at as u64, times_ns[at]));
        }
        count.count += values.iter().map(|v| u64::from(is_beyond(v))).sum::<u64>();
    }

    /// What [`axes`](Self::axes) finds out about values that stay the same.
    fn sameness(&mut self, index: u64, times_ns: &[i64], values: &[[f32; 3]], extent: &Extent) {
        let same = Same::of(self.axes.each_ref().map(|axis| axis.last), values);
        if !same.is_none() {
            if let Some((count, first)) = same.samples() {
                self.repeated.first = self.repeated.first.or(Some((index + first as u64, times_ns[first])));
                self.repeated.count += count;
            }
            let least = MOVED_SHARE * self.axes.iter().map(|axis| axis.extreme).fold(0.0, f32::max);
            if !self.moves_little(&same, extent, least) {
                self.same_values(&same, index, times_ns, values, least);
            }
        }
        // Every axis that moved stays since it did so last.
        for (i, axis) in self.axes.iter_mut().enumerate() {
            let mut moved = (0..values.len()).rev().map(|k| (k, same.at(3 * k + i)));
            match moved.find(|(_, same)| !same) {
                Some((k, _)) if k + 1 == values.len() || axis.same_since.0 != index + k as u64 => {
                    (axis.same_since, axis.all_then) = ((index + k as u64, times_ns[k]), values[k]);
                    (axis.others_moved, axis.last) = (false, values[k][i]);
                }
                _ => {}
            }
        }
    }

    /// Whether no axis can be found to have moved while another stayed: none moves more than that in the whole run.
    fn moves_little(&self, same: &Same, extent: &Extent, least: f32) -> bool {
        let within = |low: f32, high: f32| high - low <= least;
        (0..3).all(|j| within(extent.least[j], extent.greatest[j]))
            && self.axes.iter().enumerate().filter(|&(i, _)| same.at(i)).all(|(_, axis)| {
                let then = axis.all_then;
                !axis.others_moved
                    && (0..3).all(|j| within(then[j], extent.greatest[j]) && within(extent.least[j], then[j]))
            })
    }

    /// Goes through the values that are those of the sample before, as [`axes`](Self::axes) does.
    fn same_values(&mut self, same: &Same, index: u64, times_ns: &[i64], values: &[[f32; 3]], least: f32) {
        for place in same.places() {
            let (k, i) = (place / 3, place % 3);
            let axis = &mut self.axes[i];
            if k > 0 && !same.at(place - 3) {
                (axis.same_since, axis.all_then) = ((index + k as u64 - 1, times_ns[k - 1]), values[k - 1]);
                (axis.others_moved, axis.last) = (false, values[k - 1][i]);
            }
            axis.stay(i, times_ns[k], values[k], least);
        }
    }
}
