//! Samples of several sensors as rows in order of time, in bounded memory.

use super::ConvertError;
use super::file::{Facts, Part};
use ambulo_signal::intake::Repaired;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A sensor that is so many samples ahead does not wait for the others any more: the rule that sources advance together has it
/// that this never happens.
const FURTHEST: usize = 1 << 16;

/// A sensor's samples on their way, each with how often its clock had begun anew.
#[derive(Default)]
struct Queue {
    resets: u32,
    waiting: VecDeque<(u32, i64, [f32; 3])>,
}

/// Joins the sensors' samples to rows and hands them to files.
pub(super) struct Merge {
    facts: Facts,
    folder: PathBuf,
    /// The file for messages.
    named: PathBuf,
    queues: Vec<Queue>,
    row: Vec<Option<[f32; 3]>>,
    part: Option<Part>,
    /// Which run of the clock the file that is open holds, and its last time.
    last: Option<(u32, i64)>,
    done: Vec<NamedTempFile>,
    rows: u64,
    left_out: u64,
}

impl Merge {
    pub(super) fn new(facts: Facts, folder: &Path, named: &Path) -> Self {
        let queues = facts.sensors().iter().map(|_| Queue::default()).collect();
        Self {
            facts,
            folder: folder.to_owned(),
            named: named.to_owned(),
            queues,
            row: Vec::new(),
            part: None,
            last: None,
            done: Vec::new(),
            rows: 0,
            left_out: 0,
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(super) fn push(&mut self, sensor: usize, repaired: Repaired) {
        let Some(queue) = self.queues.get_mut(sensor) else { return };
        match repaired {
            Repaired::Reset => queue.resets = queue.resets.saturating_add(1),
            Repaired::Sample(time_ns, value) => queue.waiting.push_back((queue.resets, time_ns, value)),
        }
    }

    /// Writes the rows that are complete: later samples can only come behind them.
    pub(super) fn write(&mut self, all: bool) -> Result<(), ConvertError> {
        loop {
            let heads = self.queues.iter().map(|queue| queue.waiting.front().map(|&(run, ns, _)| (run, ns)));
            let Some(next) = heads.clone().flatten().min() else { return Ok(()) };
            let waits = heads.clone().any(|head| head.is_none());
            if waits && !all && self.queues.iter().all(|queue| queue.waiting.len() <= FURTHEST) {
                return Ok(());
            }
            let late = self.last.is_some_and(|last| next < last);
            self.row.clear();
            for queue in &mut self.queues {
                let here = queue.waiting.front().is_some_and(|&(run, ns, _)| (run, ns) == next);
                self.row.push(if here { queue.waiting.pop_front().map(|(.., value)| value) } else { None });
            }
            if late {
                self.left_out += self.row.iter().flatten().count() as u64;
                continue;
            }
            if self.last.is_none_or(|(run, _)| run != next.0) {
                self.end()?;
            }
            self.last = Some(next);
            self.rows += 1;
            let part = match &mut self.part {
                Some(part) => part,
                none => none.insert(Part::new(&self.facts, &self.folder, &self.named)?),
            };
            part.push(next.1, &self.row)?;
        }
    }

    fn end(&mut self) -> Result<(), ConvertError> {
        if let Some(part) = self.part.take() {
            self.done.push(part.finish()?);
        }
        Ok(())
    }

    /// The files, under temporary names.
    pub(super) fn finish(mut self) -> Result<Vec<NamedTempFile>, ConvertError> {
        if self.part.is_none() && self.done.is_empty() {
            // No sample at all: a file of no rows.
            self.part = Some(Part::new(&self.facts, &self.folder, &self.named)?);
        }
        self.end()?;
        Ok(self.done)
    }
}
