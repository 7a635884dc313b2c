//! Signals zoomed out while they pass by: the smallest and the largest value of each axis in a bounded number of stretches of time.

use ambulo_record::overview::{Bin, ZoomedOut};
use ambulo_signal::intake::{AxisMap, SensorReport};

/// Stretches: two for each column of a wide picture, and more than can be told apart in a narrow one.
const MOST: i64 = 2000;

/// Takes the samples of one sensor, of any number, in bounded memory.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Envelope {
    /// A stretch has 2 to this power nanoseconds, and begins at a multiple of that.
    power: u32,
    /// Number of the first stretch, counted from time 0.
    first: i64,
    /// Most stretches.
    most: i64,
    bins: Vec<Extent>,
}

impl Default for Envelope {
    fn default() -> Self {
        Self::new(MOST)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    least: [f32; 3],
    most: [f32; 3],
}

impl Extent {
    const NOTHING: Self = Self { least: [f32::NAN; 3], most: [f32::NAN; 3] };

    #[inline]
    fn take(&mut self, other: &Self) {
        for axis in 0..3 {
            // NaN where one of them is nothing gives the other.
            self.least[axis] = self.least[axis].min(other.least[axis]);
            self.most[axis] = self.most[axis].max(other.most[axis]);
        }
    }
}

impl Envelope {
    /// In at most so many stretches, and in more than half of them where there are as many samples.
    pub(in crate::commands) fn new(most: i64) -> Self {
        Self { power: 0, first: 0, most: most.max(2), bins: Vec::new() }
    }

    #[inline]
    pub(in crate::commands) fn push(&mut self, time_ns: i64, value: [f32; 3]) {
        let sample = Extent { least: value, most: value };
        if let Some(bin) = usize::try_from((time_ns >> self.power).wrapping_sub(self.first))
            .ok()
            .and_then(|place| self.bins.get_mut(place))
        {
            bin.take(&sample);
        } else {
            self.widen(time_ns).take(&sample);
        }
    }

    /// Makes room for a time outside the stretches there are.
    fn widen(&mut self, time_ns: i64) -> &mut Extent {
        loop {
            let place = time_ns >> self.power;
            if self.bins.is_empty() {
                self.first = place;
            }
            let end = self.first.saturating_add(self.bins.len() as i64);
            let (from, to) = (self.first.min(place), end.max(place.saturating_add(1)));
            if to.saturating_sub(from) <= self.most {
                let before = (self.first - from) as usize;
                self.bins.splice(0..0, std::iter::repeat_n(Extent::NOTHING, before));
                self.bins.resize((to - from) as usize, Extent::NOTHING);
                self.first = from;
                return &mut self.bins[(place - from) as usize];
            }
            self.merge();
        }
    }

    /// Two stretches become one.
    fn merge(&mut self) {
        let first = self.first >> 1;
        let mut merged: Vec<Extent> = Vec::with_capacity(self.bins.len() / 2 + 1);
        for (number, bin) in (self.first..).zip(&self.bins) {
            let place = ((number >> 1) - first) as usize;
            if place == merged.len() {
                merged.push(Extent::NOTHING);
            }
            merged[place].take(bin);
        }
        (self.first, self.power, self.bins) = (first, self.power + 1, merged);
    }

    /// The smallest and the largest value of each axis over all.
    #[cfg(test)]
    fn whole(&self) -> Extent {
        self.bins.iter().fold(Extent::NOTHING, |mut all, bin| {
            all.take(bin);
            all
        })
    }

    /// In the project's unit and axes, in at most so many stretches.
    pub(in crate::commands) fn finish(
        mut self,
        report: &SensorReport,
        axes: AxisMap,
        most: usize,
    ) -> ZoomedOut {
        while self.bins.len() > most.max(1) {
            self.merge();
        }
        let width_s = (1u64 << self.power.min(63)) as f64 / 1e9;
        let convert =
            |v: [f32; 3]| axes.apply(v.map(|v| report.unit_found.map_or(v, |unit| unit.to_project(v))));
        let bin = |(number, extent): (i64, &Extent)| {
            let (a, b) = (convert(extent.least), convert(extent.most));
            Bin {
                start_s: number as f64 * width_s,
                // A map of axes may turn them over.
                least: std::array::from_fn(|axis| a[axis].min(b[axis])),
                most: std::array::from_fn(|axis| a[axis].max(b[axis])),
            }
        };
        let held = |bin: &Bin| bin.least.iter().any(|v| v.is_finite());
        ZoomedOut {
            name: report.kind.name().to_owned(),
            unit: report.unit_found.map_or(String::new(), |_| report.kind.unit().name().to_owned()),
            width_s,
            bins: (self.first..).zip(&self.bins).map(bin).filter(held).collect(),
        }
    }
}

/// The smallest and the largest value of each axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range(Extent);

impl Default for Range {
    fn default() -> Self {
        Self(Extent::NOTHING)
    }
}

impl Range {
    #[inline]
    pub(super) fn push(&mut self, value: [f32; 3]) {
        self.0.take(&Extent { least: value, most: value });
    }

    /// In the project's unit and axes; nothing without a value.
    pub(super) fn finish(&self, report: &SensorReport, axes: AxisMap) -> Option<[[f32; 3]; 2]> {
        let convert =
            |v: [f32; 3]| axes.apply(v.map(|v| report.unit_found.map_or(v, |unit| unit.to_project(v))));
        let (a, b) = (convert(self.0.least), convert(self.0.most));
        let range = [
            std::array::from_fn(|axis| a[axis].min(b[axis])),
            std::array::from_fn(|axis| a[axis].max(b[axis])),
        ];
        range.as_flattened().iter().all(|v: &f32| v.is_finite()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_nothing_is_lost() {
        let mut envelope = Envelope::default();
        for i in 0..200_000i64 {
            let value = if i == 123_456 { [9.0, -9.0, 0.0] } else { [(i % 7) as f32, 0.0, f32::NAN] };
            envelope.push(1_000_000_000 + i * 20_000_000, value);
        }
        assert!(envelope.bins.len() as i64 <= MOST && envelope.bins.len() as i64 > MOST / 3);
        assert_eq!(envelope.whole().most, [9.0, 0.0, 0.0]);
        assert_eq!(envelope.whole().least, [0.0, -9.0, 0.0]);
        let place = (1_000_000_000 + 123_456 * 20_000_000i64) >> envelope.power;
        assert_eq!(envelope.bins[(place - envelope.first) as usize].most[0], 9.0);
    }

    #[test]
    fn times_in_any_order_and_of_any_size() {
        let mut envelope = Envelope::default();
        for time in [5_000_000_000, 0, -7_000_000_000, i64::MAX, i64::MIN, 3] {
            envelope.push(time, [1.0; 3]);
            assert!(envelope.bins.len() as i64 <= MOST);
        }
        let held = envelope.bins.iter().filter(|bin| bin.least[0] == 1.0).count();
        // Both ends of time, and both sides of 0.
        assert_eq!(held, 4);
    }

    #[test]
    fn a_few_samples_keep_stretches_of_their_own() {
        let mut envelope = Envelope::default();
        for i in 0..100 {
            envelope.push(i * 20_000_000, [i as f32; 3]);
        }
        assert_eq!(envelope.bins.iter().filter(|bin| bin.least[0].is_finite()).count(), 100);
    }
}
