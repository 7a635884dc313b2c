//! Filters over recordings of any length, in chunks that the sample's index alone defines.
//!
//! A causal filter goes on from chunk to chunk. A zero-phase filter takes each chunk of [`CHUNK`] samples of a segment with as
//! many samples on either side as its memory is long, so a sample's value depends neither on how the source was read nor on
//! how many threads filter, and a segment of up to a chunk is filtered as a whole.

use super::Preprocessing;
use super::chain::FilterChain;
use crate::{InertialSignals, Layout, Phase, SignalError};
use alloc::string::ToString;
use alloc::vec::Vec;

/// Samples of a segment that are filtered at a time: eleven minutes at 50 Hz, a megabyte of work.
pub const CHUNK: usize = 1 << 15;

/// Most context of a chunk, in samples: nearly six hours at 50 Hz. A filter that remembers longer would hold whole recordings.
const LONGEST_OVERLAP: usize = 1 << 20;

/// Cuts the frames of one segment after another into [`FilterJob`]s.
#[derive(Clone, Debug)]
pub struct Chunker {
    chain: FilterChain,
    layout: Layout,
    phase: Phase,
    /// Samples on either side of a chunk; 0 for causal filters.
    overlap: usize,
    /// Frames of the segment from index `first` on that are still needed.
    pending: Vec<f32>,
    first: usize,
    /// Samples of the segment that are in jobs already.
    done: usize,
}

/// A chunk to be filtered, or filtered already; jobs may run in any order and on any thread.
#[derive(Clone, Debug)]
pub struct FilterJob(Work);

#[derive(Clone, Debug)]
enum Work {
    Done(InertialSignals),
    /// Frames with context, of which `skip` rows at the front and all after `keep` more are context.
    Filter {
        frames: Vec<f32>,
        skip: usize,
        keep: usize,
    },
}

impl Chunker {
    /// A chunker at the beginning of a segment.
    ///
    /// # Errors
    /// Settings that make no filter.
    pub fn new(p: &Preprocessing) -> Result<Self, SignalError> {
        let chain = FilterChain::new(p)?;
        let overlap = if p.phase == Phase::Zero { chain.memory() } else { 0 };
        if overlap > LONGEST_OVERLAP {
            return Err(SignalError::Setting {
                field: "gravity.cutoff_hz",
                found: p.gravity.cutoff_hz.to_string(),
                expected: "give a cut-off whose filter forgets within a million samples, or causal filters"
                    .into(),
            });
        }
        Ok(Self {
            chain,
            layout: p.layout(),
            phase: p.phase,
            overlap,
            pending: Vec::new(),
            first: 0,
            done: 0,
        })
    }

    fn frame_width(&self) -> usize {
        3 * self.layout.sensors().len()
    }

    /// Takes the next frames `[time, 3 · sensors]` of the segment.
    pub fn push(&mut self, frames: &[f32], jobs: &mut Vec<FilterJob>) {
        if self.phase == Phase::Causal {
            let mut rows = InertialSignals::empty(self.layout);
            self.chain.run(frames, &mut rows);
            jobs.push(FilterJob(Work::Done(rows)));
            return;
        }
        self.pending.extend_from_slice(frames);
        while self.first + self.pending.len() / self.frame_width() >= self.done + CHUNK + self.overlap {
            jobs.push(self.cut(self.done + CHUNK));
        }
    }

    /// Ends the segment; the next frame begins another.
    pub fn end(&mut self, jobs: &mut Vec<FilterJob>) {
        let length = self.first + self.pending.len() / self.frame_width();
        while self.phase == Phase::Zero && self.done < length {
            jobs.push(self.cut(length.min(self.done + CHUNK)));
        }
        self.pending.clear();
        (self.first, self.done) = (0, 0);
        self.chain.reset();
    }

    /// The samples up to `end`, with what context there is.
    fn cut(&mut self, end: usize) -> FilterJob {
        let width = self.frame_width();
        let from = self.done.saturating_sub(self.overlap).max(self.first);
        let to = (end + self.overlap).min(self.first + self.pending.len() / width);
        let frames = self.pending[(from - self.first) * width..(to - self.first) * width].to_vec();
        let job = FilterJob(Work::Filter { frames, skip: self.done - from, keep: end - self.done });
        self.done = end;
        let keep_from = end.saturating_sub(self.overlap);
        if keep_from > self.first {
            self.pending.drain(..(keep_from - self.first) * width);
            self.first = keep_from;
        }
        job
    }

    /// Filters a job. Takes the chunker only for its filters.
    pub fn run(&self, job: FilterJob) -> InertialSignals {
        match job.0 {
            Work::Done(rows) => rows,
            Work::Filter { frames, skip, keep } => {
                let mut rows = InertialSignals::empty(self.layout);
                self.chain.clone().run(&frames, &mut rows);
                InertialSignals::new(self.layout, rows.rows(skip, keep).to_vec())
            }
        }
    }
}
