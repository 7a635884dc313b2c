//! Clocks that stand still or begin anew in a way that is known.

use crate::error::Fault;
use crate::opened::TextRun;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding};

/// A counter that begins anew when it is full: times go on. A step back by more than half of its range is one.
pub(crate) struct Unwrapped {
    reader: Box<dyn Reader>,
    period_ns: i64,
    /// Of each part: its last time as it is read, and what has to be added.
    state: Vec<(Option<i64>, i64)>,
}

impl Unwrapped {
    pub(crate) fn new(reader: Box<dyn Reader>, period_ns: i64) -> Self {
        Self { reader, period_ns: period_ns.max(2), state: Vec::new() }
    }
}

impl Reader for Unwrapped {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        let more = self.reader.read(chunk)?;
        self.state.resize(chunk.parts.len(), (None, 0));
        for (part, (last, add)) in chunk.parts.iter_mut().zip(&mut self.state) {
            for time in &mut part.times_ns {
                if let Some(last) = *last {
                    let step = time.saturating_sub(last);
                    if step < -self.period_ns / 2 {
                        *add = add.saturating_add(self.period_ns);
                    } else if step > self.period_ns / 2 && *add >= self.period_ns {
                        // One that comes late, from before the counter began anew.
                        *add -= self.period_ns;
                    }
                }
                *last = Some(*time);
                *time = time.saturating_add(*add);
            }
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.state.clear();
        self.reader.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        self.reader.findings()
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.reader.take_texts()
    }
}

/// A clock that stood still for known times: from `at_ns` on (by the clock as it is read), `add_ns` is added in all.
pub(crate) struct Retimed {
    reader: Box<dyn Reader>,
    /// Rising in `at_ns`.
    jumps: Vec<Jump>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    pub(crate) at_ns: i64,
    pub(crate) add_ns: i64,
}

impl Retimed {
    pub(crate) fn new(reader: Box<dyn Reader>, jumps: Vec<Jump>) -> Self {
        Self { reader, jumps }
    }
}

impl Reader for Retimed {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        let more = self.reader.read(chunk)?;
        for part in &mut chunk.parts {
            for time in &mut part.times_ns {
                let past = self.jumps.partition_point(|jump| jump.at_ns <= *time);
                let add = past.checked_sub(1).map_or(0, |last| self.jumps[last].add_ns);
                *time = time.saturating_add(add);
            }
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.reader.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        self.reader.findings()
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.reader.take_texts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::joined::tests::Given;

    fn times(mut reader: impl Reader) -> Vec<i64> {
        let mut chunk = Chunk::default();
        let mut all = Vec::new();
        while reader.read(&mut chunk).unwrap() {
            all.extend(&chunk.parts[0].times_ns);
        }
        all
    }

    #[test]
    fn counters_go_on() {
        let given = Given::new(&[70, 80, 90, 4, 94, 14, 60, 98, 2], 2);
        assert_eq!(times(Unwrapped::new(Box::new(given), 100)), [70, 80, 90, 104, 94, 114, 160, 198, 202]);
    }

    #[test]
    fn pauses_are_put_in() {
        let given = Given::new(&[0, 1, 2, 3, 4], 2);
        let jumps = vec![Jump { at_ns: 2, add_ns: 10 }, Jump { at_ns: 4, add_ns: 30 }];
        assert_eq!(times(Retimed::new(Box::new(given), jumps)), [0, 1, 12, 13, 34]);
    }
}
