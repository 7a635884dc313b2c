//! Reading while what was read before is worked on.

use crate::source::{Chunk, Source, SourceError};

/// What sees every chunk of a source.
pub(crate) type Taker<'a> = &'a mut (dyn FnMut(&Chunk) + Send);

/// Shows every chunk of a source to each taker, in order. Takers work beside each other and beside the reading where there are
/// threads for it; what they see does not depend on that.
///
/// # Errors
/// What the source says; takers have seen what came before.
pub(crate) fn each_chunk(source: &mut dyn Source, takers: &mut [Taker<'_>]) -> Result<(), SourceError> {
    #[cfg(feature = "std")]
    if std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1) {
        return threads::each_chunk(source, takers);
    }
    let mut chunk = Chunk::default();
    while source.read(&mut chunk)? {
        takers.iter_mut().for_each(|take| take(&chunk));
    }
    Ok(())
}

#[cfg(feature = "std")]
mod threads {
    use super::Taker;
    use crate::source::{Chunk, Source, SourceError};
    use alloc::collections::VecDeque;
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;
    use std::thread::{Builder, scope};

    /// Chunks that wait for a taker: the reader is ahead by no more, which bounds memory.
    const AHEAD: usize = 2;

    pub(super) fn each_chunk(source: &mut dyn Source, takers: &mut [Taker<'_>]) -> Result<(), SourceError> {
        scope(|scope| {
            let mut queues = Vec::with_capacity(takers.len());
            for take in takers {
                let (queue, chunks) = sync_channel::<Arc<Chunk>>(AHEAD);
                let work = move || chunks.iter().for_each(|chunk| take(&chunk));
                Builder::new().spawn_scoped(scope, work).map_err(SourceError::new)?;
                queues.push(queue);
            }
            // Chunks that are in use, the oldest first: what all have seen is filled again.
            let mut given: VecDeque<Arc<Chunk>> = VecDeque::new();
            loop {
                let mut chunk = match given.front_mut().map(Arc::get_mut) {
                    Some(Some(_)) => given.pop_front().unwrap_or_default(),
                    _ => Arc::default(),
                };
                let free = Arc::get_mut(&mut chunk);
                if !free.map_or(Ok(false), |chunk| source.read(chunk))? {
                    return Ok(());
                }
                // One that has gone has panicked, which the scope passes on.
                let taken = queues.iter().filter(|queue| queue.send(Arc::clone(&chunk)).is_ok()).count();
                if taken < queues.len() {
                    return Ok(());
                }
                given.push_back(chunk);
            }
        })
    }
}
