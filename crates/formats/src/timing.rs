//! Rows of samples on their way to a chunk: times that a table leaves out are put in where the table itself says how.

use crate::error::Fault;
use ambulo_signal::{Chunk, Finding, FindingKind, Severity};

/// In place of a time that is missing.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// Rows without a time, or with nothing but a time, that are kept back until something follows; more of them are given out
/// as they are.
const HELD: usize = 1 << 16;

const DAY_NS: i64 = 86_400_000_000_000;

/// Some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Batch {
    /// In the column's own count of nanoseconds; [`NO_TIME`] where there is none. Empty without a column of times.
    pub(crate) times: Vec<i64>,
    /// Values of each sensor, as many as there are rows.
    pub(crate) values: Vec<Vec<[f32; 3]>>,
    pub(crate) rows: usize,
}

impl Batch {
    pub(crate) fn new(sensors: usize) -> Self {
        Self { times: Vec::new(), values: vec![Vec::new(); sensors], rows: 0 }
    }

    /// Empties it, for so many sensors; what was allocated is kept.
    pub(crate) fn clear(&mut self, sensors: usize) {
        self.times.clear();
        self.values.resize_with(sensors, Vec::new);
        self.values.iter_mut().for_each(Vec::clear);
        self.rows = 0;
    }

    /// An empty one with the memory of a chunk, which gets it back when it is filled.
    pub(crate) fn reusing(chunk: &mut Chunk) -> Self {
        let times = chunk.parts.last_mut().map(|part| std::mem::take(&mut part.times_ns)).unwrap_or_default();
        let mut batch = Self { times, values: Vec::with_capacity(chunk.parts.len()), rows: 0 };
        for part in &mut chunk.parts {
            let mut values = std::mem::take(&mut part.values);
            values.clear();
            batch.values.push(values);
        }
        batch.times.clear();
        batch
    }

    /// Takes the last row away.
    pub(crate) fn pop(&mut self) {
        self.rows = self.rows.saturating_sub(1);
        self.times.pop();
        for values in &mut self.values {
            values.pop();
        }
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.times.append(&mut other.times);
        self.rows += other.rows;
        for (mine, other) in self.values.iter_mut().zip(&mut other.values) {
            mine.append(other);
        }
    }

    fn split_off(&mut self, at: usize) -> Self {
        let rows = self.rows - at;
        self.rows = at;
        let values = self.values.iter_mut().map(|values| values.split_off(at)).collect();
        Self { times: self.times.split_off(at), values, rows }
    }

    /// Whether no sensor has a value in a row.
    fn is_empty(&self, row: usize) -> bool {
        self.values.iter().all(|values| values[row].iter().all(|value| value.is_nan()))
    }
}

/// Gives each row its time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timing {
    /// Column's own count at the recording's zero.
    pub(crate) origin_ns: i64,
    /// Times of day without a date.
    pub(crate) of_day: bool,
    /// Samples per second, where there are no times.
    pub(crate) rate_hz: Option<f64>,
    held: Batch,
    last: Option<i64>,
    /// The last step forward.
    step: i64,
    days: i64,
    midnights: u64,
    filled_in: u64,
    tail: u64,
    given: u64,
}

impl Timing {
    pub(crate) fn new(plan: &crate::plan::Plan) -> Self {
        use crate::plan::TimePlan;
        match plan.time {
            TimePlan::Column { origin_ns, of_day, .. } => Self { origin_ns, of_day, ..Self::default() },
            TimePlan::Rate(rate) => Self { rate_hz: Some(rate), ..Self::default() },
        }
    }

    /// Begins again.
    pub(crate) fn rewind(&mut self) {
        let Self { origin_ns, of_day, rate_hz, .. } = *self;
        *self = Self { origin_ns, of_day, rate_hz, ..Self::default() };
    }

    /// Puts rows into a chunk, those that were kept back first; at the end of the source all of them.
    pub(crate) fn give(&mut self, mut batch: Batch, ended: bool, chunk: &mut Chunk) -> Result<(), Fault> {
        if self.rate_hz.is_none() {
            self.midnight(&mut batch.times);
            batch = self.hold(batch, ended);
            self.fill_in(&mut batch.times)?;
        }
        let first = self.given;
        self.given += batch.rows as u64;
        let times: Vec<i64> = match self.rate_hz {
            Some(rate) => (first..self.given).map(|row| (row as f64 * (1e9 / rate)).round() as i64).collect(),
            None => {
                let mut times = batch.times;
                for time in &mut times {
                    *time = time.saturating_sub(self.origin_ns);
                }
                times
            }
        };
        let last = chunk.parts.len().saturating_sub(1);
        let (others, last) = chunk.parts.split_at_mut(last);
        for (part, values) in others.iter_mut().chain(last.iter_mut()).zip(batch.values) {
            part.values = values;
        }
        for part in others {
            part.times_ns.clear();
            part.times_ns.extend_from_slice(&times);
        }
        if let Some(part) = last.first_mut() {
            part.times_ns = times;
        }
        Ok(())
    }

    /// A time of day that falls by more than half a day is of the next day.
    fn midnight(&mut self, times: &mut [i64]) {
        if !self.of_day {
            return;
        }
        let mut last = self.held.times.iter().rev().find(|&&t| t != NO_TIME).copied().or(self.last);
        for time in times.iter_mut().filter(|time| **time != NO_TIME) {
            *time = time.saturating_add(self.days.saturating_mul(DAY_NS));
            if last.is_some_and(|last| *time < last.saturating_sub(DAY_NS / 2)) {
                self.days += 1;
                self.midnights += 1;
                *time = time.saturating_add(DAY_NS);
            }
            last = Some(*time);
        }
    }

    /// Keeps back rows at the end that wait for a time, or that say nothing but a time.
    fn hold(&mut self, mut batch: Batch, ended: bool) -> Batch {
        if self.held.rows > 0 {
            let mut all = std::mem::take(&mut self.held);
            all.append(&mut batch);
            batch = all;
        }
        let mut end = batch.rows;
        while end > 0 && (batch.times[end - 1] == NO_TIME || batch.is_empty(end - 1)) {
            end -= 1;
        }
        if ended {
            // Nothing follows: what says nothing but a time is dropped.
            while batch.rows > end && batch.is_empty(batch.rows - 1) {
                batch.pop();
                self.tail += 1;
            }
        } else if batch.rows - end <= HELD && end < batch.rows {
            self.held = batch.split_off(end);
        }
        batch
    }

    /// Gives rows without a time one from their neighbours.
    fn fill_in(&mut self, times: &mut [i64]) -> Result<(), Fault> {
        if !times.contains(&NO_TIME) {
            self.go_on(times);
            return Ok(());
        }
        let mut i = 0;
        while i < times.len() {
            if times[i] != NO_TIME {
                if let Some(last) = self.last
                    && times[i] > last
                {
                    self.step = times[i].saturating_sub(last);
                }
                self.last = Some(times[i]);
                i += 1;
                continue;
            }
            let from = i;
            while i < times.len() && times[i] == NO_TIME {
                i += 1;
            }
            let n = (i - from) as i64;
            let next = times.get(i).copied();
            self.filled_in += n as u64;
            for k in 1..=n {
                let place = from + k as usize - 1;
                times[place] = match (self.last, next) {
                    (Some(last), Some(next)) => {
                        let wide = i128::from(next) - i128::from(last);
                        last.wrapping_add((wide * i128::from(k) / i128::from(n + 1)) as i64)
                    }
                    // The first rows: backwards from the first two times.
                    (None, Some(next)) => {
                        let after = times[i + 1..].iter().copied().find(|&time| time > next);
                        let step = after.map_or(0, |after| after.saturating_sub(next));
                        next.saturating_sub(step.saturating_mul(n + 1 - k))
                    }
                    (Some(last), None) => last.saturating_add(self.step.saturating_mul(k)),
                    (None, None) => {
                        return Err(Fault::damaged(
                            "row 1",
                            format!("no time in {n} rows from the first on"),
                            "a time in every row",
                        ));
                    }
                };
            }
            self.last = times.get(i - 1).copied();
        }
        Ok(())
    }

    /// Takes up times of which none is missing.
    fn go_on(&mut self, times: &[i64]) {
        let before = (0..times.len()).rev().map(|i| (i.checked_sub(1).map(|i| times[i]), times[i]));
        for (earlier, time) in before {
            // The last step forward is what counts.
            if let Some(earlier) = earlier.or(self.last)
                && time > earlier
            {
                self.step = time.saturating_sub(earlier);
                break;
            }
        }
        self.last = times.last().copied().or(self.last);
    }

    /// Samples that were given out.
    pub(crate) fn given(&self) -> u64 {
        self.given
    }

    /// Times that were taken from the rows around.
    pub(crate) fn filled_in(&self) -> u64 {
        self.filled_in
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        if self.midnights > 0 {
            let text = "the time of day passes midnight: a day later, not a day back";
            all.push(Finding::new(FindingKind::Clock, Severity::Note, text).times(self.midnights));
        }
        if self.tail > 0 {
            let text = format!("{} rows at the end hold nothing but a time: dropped", self.tail);
            all.push(Finding::new(FindingKind::File, Severity::Warning, text).times(self.tail));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(rows: &[(Option<i64>, f32)], cuts: usize, of_day: bool) -> (Vec<i64>, Timing) {
        let mut timing = Timing { of_day, ..Timing::default() };
        let mut all = Vec::new();
        let mut chunk = Chunk::default();
        let pieces: Vec<_> = rows.chunks(cuts.max(1)).collect();
        for i in 0..=pieces.len() {
            let piece = pieces.get(i).copied().unwrap_or_default();
            let batch = Batch {
                times: piece.iter().map(|row| row.0.unwrap_or(NO_TIME)).collect(),
                values: vec![piece.iter().map(|row| [row.1; 3]).collect()],
                rows: piece.len(),
            };
            chunk.clear(1);
            timing.give(batch, i == pieces.len(), &mut chunk).unwrap();
            assert_eq!(chunk.parts[0].values.len(), chunk.parts[0].times_ns.len());
            all.extend(&chunk.parts[0].times_ns);
        }
        (all, timing)
    }

    #[test]
    fn times_from_neighbours_however_the_rows_come() {
        let rows = [(None, 1.0), (Some(20), 1.0), (None, 1.0), (None, 1.0), (Some(80), 1.0), (None, 1.0)];
        for cuts in 2..8 {
            let (times, timing) = run(&rows, cuts, false);
            assert_eq!(times[1..], [20, 40, 60, 80, 100], "{cuts}");
            assert_eq!(timing.filled_in(), 4);
        }
        assert_eq!(run(&rows, 6, false).0[0], -40);
    }

    #[test]
    fn midnight_and_tails() {
        let hour = 3_600_000_000_000;
        let rows = [(Some(23 * hour), 1.0), (Some(0), 1.0), (Some(hour), 1.0), (Some(2 * hour), f32::NAN)];
        for cuts in 1..6 {
            let (times, timing) = run(&rows, cuts, true);
            assert_eq!(times, [23 * hour, 24 * hour, 25 * hour]);
            let texts: Vec<String> = timing.findings().into_iter().map(|finding| finding.text).collect();
            assert!(texts[0].contains("midnight") && texts[1].contains("1 rows"), "{texts:?}");
        }
    }

    proptest! {
        #[test]
        fn known_times_are_never_changed(
            rows in proptest::collection::vec((proptest::option::weighted(0.7, any::<i64>().prop_filter("sentinel", |x| *x != NO_TIME)), prop_oneof![Just(1.0f32), Just(f32::NAN)]), 1..30),
            cuts in 1usize..9,
        ) {
            let rows: Vec<_> = std::iter::once((Some(5), 1.0)).chain(rows).chain([(Some(9), 1.0)]).collect();
            let (times, _) = run(&rows, cuts, false);
            prop_assert_eq!(times.len(), rows.len());
            for (time, row) in times.iter().zip(&rows) {
                prop_assert!(row.0.is_none_or(|known| known == *time));
            }
        }
    }
}
