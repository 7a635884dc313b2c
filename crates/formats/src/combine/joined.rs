//! Sensors of several files as one recording.

use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, Samples};

/// One file of several.
pub(crate) struct Source {
    pub(crate) reader: Box<dyn Reader>,
    /// What is added to its times.
    pub(crate) offset_ns: i64,
    /// How many sensors it has.
    pub(crate) parts: usize,
    /// Its name, for findings.
    pub(crate) name: String,
}

/// Samples that are given at once: few enough that no source gets further ahead than the intake waits.
const PIECE: usize = 1 << 14;

/// Gives the parts of all sources side by side and keeps them together in time.
pub(crate) struct Joined {
    sources: Vec<State>,
}

struct State {
    source: Source,
    /// What was read, and how much of it was given.
    waiting: Chunk,
    given: usize,
    /// Sum of steps forward up to the end of what was given, so that a clock that goes back holds nobody up.
    reached_ns: i64,
    last_ns: Option<i64>,
    ended: bool,
}

impl Joined {
    pub(crate) fn new(sources: Vec<Source>) -> Self {
        let state = |source: Source| State {
            source,
            waiting: Chunk::default(),
            given: 0,
            reached_ns: i64::MIN,
            last_ns: None,
            ended: false,
        };
        Self { sources: sources.into_iter().map(state).collect() }
    }
}

impl State {
    /// Gives the next piece into parts of its own.
    fn give(&mut self, into: &mut [Samples]) -> Result<(), Fault> {
        let longest = |chunk: &Chunk| chunk.parts.iter().map(Samples::len).max().unwrap_or(0);
        if self.given >= longest(&self.waiting) {
            self.given = 0;
            self.ended = !self.source.reader.read(&mut self.waiting)?;
        }
        let from = self.given;
        self.given += PIECE;
        for (part, into) in self.waiting.parts.iter().zip(into) {
            let range = from.min(part.len())..self.given.min(part.len());
            let times = part.times_ns[range.clone()].iter();
            into.times_ns.extend(times.map(|time| time.saturating_add(self.source.offset_ns)));
            into.values.extend_from_slice(&part.values[range]);
        }
        Ok(())
    }

    /// Takes note of how far what was given goes.
    fn note(&mut self, given: &[Samples]) {
        let Some(part) = given.iter().find(|part| !part.is_empty()) else { return };
        for &time in &part.times_ns {
            self.reached_ns = match self.last_ns {
                None => time,
                Some(last) => self.reached_ns.saturating_add(time.saturating_sub(last).max(0)),
            };
            self.last_ns = Some(time);
        }
    }
}

impl Reader for Joined {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sources.iter().map(|state| state.source.parts).sum());
        // The one that is furthest behind goes on.
        let behind = (0..self.sources.len())
            .filter(|&i| !self.sources[i].ended)
            .min_by_key(|&i| self.sources[i].reached_ns);
        let Some(behind) = behind else { return Ok(false) };
        let from = self.sources[..behind].iter().map(|state| state.source.parts).sum::<usize>();
        let state = &mut self.sources[behind];
        let into = &mut chunk.parts[from..from + state.source.parts];
        state.give(into)?;
        state.note(into);
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        for state in &mut self.sources {
            state.source.reader.rewind()?;
            (state.reached_ns, state.last_ns, state.ended) = (i64::MIN, None, false);
            (state.given, state.waiting) = (0, Chunk::default());
        }
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let named = |state: &State| {
            let name = state.source.name.clone();
            state.source.reader.findings().into_iter().map(move |mut finding| {
                finding.text = format!("{name}: {}", finding.text);
                finding
            })
        };
        self.sources.iter().flat_map(named).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Gives samples of one sensor; each value is the time.
    pub(crate) struct Given {
        times: Vec<i64>,
        piece: usize,
        at: usize,
    }

    impl Given {
        pub(crate) fn new(times: &[i64], piece: usize) -> Self {
            Self { times: times.to_vec(), piece, at: 0 }
        }
    }

    impl Reader for Given {
        fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
            chunk.clear(1);
            let to = self.times.len().min(self.at + self.piece);
            for &time in &self.times[self.at..to] {
                chunk.parts[0].push(time, [time as f32; 3]);
            }
            let more = to > self.at;
            self.at = to;
            Ok(more)
        }

        fn rewind(&mut self) -> Result<(), Fault> {
            self.at = 0;
            Ok(())
        }

        fn findings(&self) -> Vec<Finding> {
            Vec::new()
        }
    }

    #[test]
    fn sources_keep_together() {
        let times = |step: i64| (0..1000).map(|i| i * step).collect::<Vec<i64>>();
        let source = |step, offset_ns| Source {
            reader: Box::new(Given::new(&times(step), 10)),
            offset_ns,
            parts: 1,
            name: String::new(),
        };
        let mut joined = Joined::new(vec![source(1, 0), source(3, 500)]);
        for _ in 0..2 {
            let (mut chunk, mut reached, mut counts) = (Chunk::default(), [0, 0], [0, 0]);
            while joined.read(&mut chunk).unwrap() {
                for (i, part) in chunk.parts.iter().enumerate() {
                    reached[i] = part.times_ns.last().copied().unwrap_or(reached[i]);
                    counts[i] += part.len();
                }
                let both = counts[0] > 0 && counts[0] < 1000 && reached[1] > 560;
                assert!(!both || reached[1] - reached[0] < 61, "{reached:?}");
            }
            assert_eq!((counts, reached), ([1000, 1000], [999, 3497]));
            joined.rewind().unwrap();
        }
    }
}
