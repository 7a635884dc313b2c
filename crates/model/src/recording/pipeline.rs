//! A source's rows after the filters, in groups of bounded size, each processed while the next is read.

use crate::ModelError;
use ambulo_signal::intake::{Intake, Piece};
use ambulo_signal::{CHUNK, Chunk, Chunker, FilterJob, InertialSignals, Preprocessing, Source, SourceError};
use rayon::prelude::*;

/// Samples that are filtered and classified together; bounds memory and gives every thread something to do.
const GROUP: usize = 4 * CHUNK;

/// A part of a recording after the filters.
pub(super) enum Event {
    Begin(i64),
    Rows(InertialSignals),
    End,
}

/// The same before them.
enum Raw {
    Begin(i64),
    Job(FilterJob),
    End,
}

/// Reads a source to its end and back. Its filtered rows are processed in groups of bounded size on the current rayon pool,
/// each while this thread reads the next, and what comes of a group is taken on this thread.
pub(super) fn each_group<R: Send>(
    p: &Preprocessing,
    mut intake: Intake,
    source: &mut dyn Source,
    process: &mut (dyn FnMut(Vec<Event>) -> R + Send),
    take: &mut dyn FnMut(R),
) -> Result<(), ModelError> {
    let mut chunker = Chunker::new(p)?;
    let filters = chunker.clone();
    let mut chunk = Chunk::default();
    let mut group: Option<Vec<Raw>> = None;
    let mut more = true;
    while more || group.is_some() {
        let (mut done, mut read) = (None, Ok(None));
        rayon::in_place_scope(|scope| {
            if let Some(group) = group.take() {
                scope.spawn(|_| {
                    let events = group.into_par_iter().map(|raw| match raw {
                        Raw::Begin(start_ns) => Event::Begin(start_ns),
                        Raw::Job(job) => Event::Rows(filters.run(job)),
                        Raw::End => Event::End,
                    });
                    done = Some(process(events.collect()));
                });
            }
            if more {
                read = read_group(source, &mut intake, &mut chunker, &mut chunk, 3 * p.sensors().len())
                    .map(Some);
            }
        });
        if let Some(done) = done {
            take(done);
        }
        if let Some((next, goes_on)) = read.map_err(ambulo_signal::SignalError::from)? {
            (group, more) = (Some(next), goes_on);
        }
    }
    source.rewind().map_err(ambulo_signal::SignalError::from)?;
    Ok(())
}

/// The next group, and whether there may be another.
fn read_group(
    source: &mut dyn Source,
    intake: &mut Intake,
    chunker: &mut Chunker,
    chunk: &mut Chunk,
    frame_width: usize,
) -> Result<(Vec<Raw>, bool), SourceError> {
    let mut group: Vec<Raw> = Vec::new();
    let (mut length, mut jobs) = (0, Vec::new());
    loop {
        let more = source.read(chunk)?;
        let mut collect = |piece: Piece<'_>| {
            match piece {
                Piece::Begin { start_ns } => group.push(Raw::Begin(start_ns)),
                Piece::Frames(frames) => {
                    length += frames.len() / frame_width;
                    chunker.push(frames, &mut jobs);
                }
                Piece::End => chunker.end(&mut jobs),
            }
            group.extend(jobs.drain(..).map(Raw::Job));
            if matches!(piece, Piece::End) {
                group.push(Raw::End);
            }
        };
        if !more {
            intake.finish(&mut collect);
            return Ok((group, false));
        }
        intake.push(chunk, &mut collect);
        if length >= GROUP {
            return Ok((group, true));
        }
    }
}
