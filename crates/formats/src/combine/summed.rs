//! The sum of two sensors of different files: gravity and acceleration without it.

use super::by_time::{Join, Sample};
use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, FindingKind, Severity};

/// The samples of one reader, each with what the other has at its time. Where the other has nothing, the sum is missing.
pub(crate) struct Summed {
    base: Box<dyn Reader>,
    plus: Series,
    /// What the values of each are multiplied by.
    factors: [f64; 2],
    join: Join,
    alone: u64,
}

/// The first sensor of a reader, sample by sample.
struct Series {
    reader: Box<dyn Reader>,
    /// What is added to its times to be on the other's clock.
    offset_ns: i64,
    chunk: Chunk,
    at: usize,
    ended: bool,
}

impl Series {
    fn next(&mut self) -> Result<Option<Sample>, Fault> {
        loop {
            if let Some(part) = self.chunk.parts.first()
                && let (Some(&time_ns), Some(&value)) = (part.times_ns.get(self.at), part.values.get(self.at))
            {
                self.at += 1;
                return Ok(Some((time_ns.saturating_add(self.offset_ns), value)));
            }
            if self.ended {
                return Ok(None);
            }
            self.at = 0;
            self.ended = !self.reader.read(&mut self.chunk)?;
        }
    }
}

impl Summed {
    /// The sum of the first sensors of two readers; `offset_ns` puts the second's times on the first's clock.
    pub(crate) fn new(
        base: Box<dyn Reader>,
        plus: Box<dyn Reader>,
        factors: [f64; 2],
        offset_ns: i64,
    ) -> Self {
        let plus = Series { reader: plus, offset_ns, chunk: Chunk::default(), at: 0, ended: false };
        Self { base, plus, factors, join: Join::default(), alone: 0 }
    }
}

impl Reader for Summed {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        let more = self.base.read(chunk)?;
        chunk.parts.truncate(1);
        let Some(part) = chunk.parts.first_mut() else { return Ok(more) };
        let [of_base, of_plus] = self.factors;
        for (&time_ns, value) in part.times_ns.iter().zip(&mut part.values) {
            let plus = self.join.at(time_ns, || self.plus.next())?;
            self.alone += u64::from(plus.iter().all(|v| v.is_nan()) && value.iter().any(|v| !v.is_nan()));
            *value = std::array::from_fn(|i| {
                (f64::from(value[i]) * of_base + f64::from(plus[i]) * of_plus) as f32
            });
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.base.rewind()?;
        self.plus.reader.rewind()?;
        (self.plus.at, self.plus.ended) = (0, false);
        self.plus.chunk.clear(0);
        (self.join, self.alone) = (Join::default(), 0);
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = self.base.findings();
        all.extend(self.plus.reader.findings());
        if self.alone > 0 {
            let text =
                format!("{} samples of acceleration have no gravity near their time: missing", self.alone);
            all.push(Finding::new(FindingKind::Missing, Severity::Warning, text).times(self.alone));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::joined::tests::Given;

    #[test]
    fn by_time_never_by_row() {
        // In ms: acceleration each 10, gravity each 20, five later and on a clock five ahead.
        let ms = |times: Vec<i64>| times.into_iter().map(|t| t * 1_000_000).collect::<Vec<i64>>();
        let base = ms((0..20).map(|i| i * 10).collect());
        let plus = ms((0..9).map(|i| 15 + i * 20).chain([1000]).collect());
        let base = Given::new(&base, 3);
        let plus = Given::new(&plus, 2);
        let mut summed = Summed::new(Box::new(base), Box::new(plus), [1.0, 1.0], -5_000_000);
        for _ in 0..2 {
            let mut chunk = Chunk::default();
            let mut all = Vec::new();
            while summed.read(&mut chunk).unwrap() {
                all.extend(chunk.parts[0].values.iter().map(|value| value[0] / 1e6));
            }
            // The other's value is its own time, 5 later; at the ends its nearest.
            for (i, value) in all.iter().enumerate().take(18).skip(1) {
                assert!((value - (i * 20 + 5) as f32).abs() < 0.01, "{i}: {value}");
            }
            assert!((all[0] - 15.0).abs() < 0.01 && (all[19] - 365.0).abs() < 0.01, "{all:?}");
            assert!(summed.findings().is_empty());
            summed.rewind().unwrap();
        }
    }

    #[test]
    fn without_gravity_near_the_sum_is_missing() {
        let base: Vec<i64> = (0..50).map(|i| i * 20_000_000).collect();
        let plus = [0, 20_000_000];
        let mut summed =
            Summed::new(Box::new(Given::new(&base, 50)), Box::new(Given::new(&plus, 2)), [1.0, 1.0], 0);
        let mut chunk = Chunk::default();
        summed.read(&mut chunk).unwrap();
        let missing = chunk.parts[0].values.iter().filter(|value| value[0].is_nan()).count();
        assert!(missing > 40, "{missing}");
        assert!(summed.findings()[0].text.starts_with(&format!("{missing} samples")));
    }
}
