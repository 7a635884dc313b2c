//! The sum of two sensors of different files: gravity and acceleration without it.

use super::joined::is_empty;
use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, FindingKind, Severity};
use std::collections::VecDeque;

/// Between samples that are further apart nothing is interpolated.
const LONGEST_NS: i64 = 200_000_000;

/// The samples of one reader, each with what the other has at its time: the sample of the same stamp, or between two of them on the
/// line from one to the next. Where the other has nothing, the sum is missing.
pub(crate) struct Summed {
    base: Box<dyn Reader>,
    plus: Box<dyn Reader>,
    /// What the values of each are multiplied by.
    factors: [f64; 2],
    /// What is added to the other's times to be on the base's clock.
    offset_ns: i64,
    waiting: VecDeque<(i64, [f32; 3])>,
    chunk: Chunk,
    ended: bool,
    interpolated: u64,
    alone: u64,
}

impl Summed {
    /// The sum of the first sensors of two readers.
    pub(crate) fn new(
        base: Box<dyn Reader>,
        plus: Box<dyn Reader>,
        factors: [f64; 2],
        offset_ns: i64,
    ) -> Self {
        Self {
            base,
            plus,
            factors,
            offset_ns,
            waiting: VecDeque::new(),
            chunk: Chunk::default(),
            ended: false,
            interpolated: 0,
            alone: 0,
        }
    }

    /// Has the other's samples ready up to one at or behind a time.
    fn reach(&mut self, time_ns: i64) -> Result<(), Fault> {
        while !self.ended && self.waiting.back().is_none_or(|last| last.0 < time_ns) {
            self.ended = !self.plus.read(&mut self.chunk)?;
            if is_empty(&self.chunk) {
                continue;
            }
            // Of what lies before the time only the last is of use: the other may be far behind.
            let before = self.waiting.len().saturating_sub(1);
            self.waiting.drain(..before);
            let part = &self.chunk.parts[0];
            let times = part.times_ns.iter().map(|time| time.saturating_add(self.offset_ns));
            self.waiting.extend(times.zip(part.values.iter().copied()));
        }
        Ok(())
    }

    fn at(&mut self, time_ns: i64) -> Result<Option<[f32; 3]>, Fault> {
        self.reach(time_ns)?;
        while self.waiting.get(1).is_some_and(|next| next.0 <= time_ns) {
            self.waiting.pop_front();
        }
        let Some(&(before, a)) = self.waiting.front() else { return Ok(None) };
        if before == time_ns {
            return Ok(Some(a));
        }
        let Some(&(after, b)) = self.waiting.get(1).filter(|_| before < time_ns) else { return Ok(None) };
        let wide = after.saturating_sub(before);
        if after < time_ns || wide > LONGEST_NS {
            return Ok(None);
        }
        self.interpolated += 1;
        let share = (time_ns - before) as f64 / wide as f64;
        Ok(Some(std::array::from_fn(|i| (f64::from(a[i]) * (1.0 - share) + f64::from(b[i]) * share) as f32)))
    }
}

impl Reader for Summed {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        let more = self.base.read(chunk)?;
        chunk.parts.truncate(1);
        let Some(mut part) = chunk.parts.first_mut().map(std::mem::take) else { return Ok(more) };
        for (&time, value) in part.times_ns.iter().zip(&mut part.values) {
            let plus = self.at(time)?;
            self.alone += u64::from(plus.is_none());
            let [of_base, of_plus] = self.factors;
            *value = std::array::from_fn(|i| {
                plus.map_or(f32::NAN, |plus| {
                    (f64::from(value[i]) * of_base + f64::from(plus[i]) * of_plus) as f32
                })
            });
        }
        chunk.parts[0] = part;
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.base.rewind()?;
        self.plus.rewind()?;
        self.waiting.clear();
        (self.ended, self.interpolated, self.alone) = (false, 0, 0);
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = self.base.findings();
        all.extend(self.plus.findings());
        if self.interpolated > 0 {
            let text = format!(
                "gravity interpolated at {} times of acceleration at which it was not sampled",
                self.interpolated
            );
            all.push(Finding::new(FindingKind::Alignment, Severity::Note, text).times(self.interpolated));
        }
        if self.alone > 0 {
            let text =
                format!("{} samples of acceleration have no gravity at their time: missing", self.alone);
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
        let base: Vec<i64> = (0..20).map(|i| i * 10).collect();
        let plus: Vec<i64> = (0..9).map(|i| 15 + i * 20).collect();
        let mut summed =
            Summed::new(Box::new(Given::new(&base, 3)), Box::new(Given::new(&plus, 2)), [1.0, 1.0], -5);
        for _ in 0..2 {
            let mut chunk = Chunk::default();
            let mut all = Vec::new();
            while summed.read(&mut chunk).unwrap() {
                all.extend(chunk.parts[0].values.iter().map(|value| value[0]));
            }
            assert!(all[0].is_nan() && all[18..].iter().all(|value| value.is_nan()));
            // The other's value is its own time, 5 later.
            for (i, value) in all.iter().enumerate().take(18).skip(1) {
                assert_eq!(*value, (i * 20 + 5) as f32);
            }
            let texts: Vec<String> = summed.findings().into_iter().map(|finding| finding.text).collect();
            assert!(texts[0].contains(" 8 times") && texts[1].starts_with("3 samples"), "{texts:?}");
            summed.rewind().unwrap();
        }
    }
}
