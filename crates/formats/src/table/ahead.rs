//! Threads that parse blocks of a table ahead of whoever takes the rows.
//!
//! They take blocks from the file in turn, and what they make of them is given out in the order of the file: it does not depend on
//! how many threads there are. They wait when a few blocks lie ready: memory stays bounded.

use super::parse::{Parsed, RowPlan, parse};
use crate::error::Fault;
use crate::text::Blocks;
use crate::timing::Batch;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Blocks that lie ready, besides one for each thread.
const AHEAD: usize = 2;

/// A block that was parsed.
pub(super) struct Done {
    pub(super) parsed: Parsed,
    /// Its last line, if that has no end.
    pub(super) last: Vec<u8>,
    /// Whether the file ends with it.
    pub(super) ended: bool,
}

impl Done {
    /// Parses a block.
    pub(super) fn of(block: &[u8], plan: &RowPlan, ended: bool, batch: Batch) -> Self {
        let parsed = parse(block, plan, batch);
        let last = plan.unended(block).to_vec();
        Self { parsed, last, ended }
    }
}

/// One pass through a table.
pub(super) struct Ahead {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    plan: RowPlan,
    most: u64,
    /// The file, and how many blocks have been taken from it.
    source: Mutex<(Blocks, u64)>,
    state: Mutex<State>,
    /// A block is ready, and a block was given out.
    ready: Condvar,
    room: Condvar,
}

#[derive(Default)]
struct State {
    /// By their place in the file; nothing behind the last.
    done: BTreeMap<u64, Result<Option<Done>, Fault>>,
    given: u64,
    /// Memory to be used again.
    spare: Vec<Batch>,
    stopped: bool,
}

/// A thread that panicked is reported by itself; what it shared is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

impl Ahead {
    pub(super) fn start(blocks: Blocks, plan: &RowPlan, threads: usize) -> Result<Self, Fault> {
        let shared = Arc::new(Shared {
            plan: plan.clone(),
            most: (threads + AHEAD) as u64,
            source: Mutex::new((blocks, 0)),
            state: Mutex::default(),
            ready: Condvar::new(),
            room: Condvar::new(),
        });
        let mut ahead = Self { shared, threads: Vec::new() };
        for _ in 0..threads {
            let shared = Arc::clone(&ahead.shared);
            let thread = std::thread::Builder::new().name("ambulo-table".to_owned());
            ahead.threads.push(thread.spawn(move || work(&shared))?);
        }
        Ok(ahead)
    }

    /// The next block, none at the end; `spare` is used for a later one.
    pub(super) fn next(&self, spare: Batch) -> Result<Option<Done>, Fault> {
        let mut state = lock(&self.shared.state);
        if state.spare.len() < self.threads.len() {
            state.spare.push(spare);
        }
        let place = state.given;
        loop {
            if let Some(done) = state.done.remove(&place) {
                state.given += 1;
                self.shared.room.notify_all();
                return done;
            }
            state = wait(&self.shared.ready, state);
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        lock(&self.shared.state).stopped = true;
        self.shared.room.notify_all();
        for thread in self.threads.drain(..) {
            // A panic has been made an error already.
            _ = thread.join();
        }
    }
}

fn work(shared: &Shared) {
    let mut buffer = Vec::new();
    loop {
        let mut source = lock(&shared.source);
        let batch = {
            let mut state = lock(&shared.state);
            while !state.stopped && source.1 - state.given >= shared.most {
                state = wait(&shared.room, state);
            }
            if state.stopped {
                return;
            }
            state.spare.pop()
        };
        let place = source.1;
        source.1 += 1;
        let taken = source.0.exchange(&mut buffer);
        let ended = source.0.ended();
        drop(source);
        let done = match taken {
            Ok(Some(range)) => {
                let block = &buffer[range];
                let batch = batch.unwrap_or_default();
                let done = std::panic::AssertUnwindSafe(|| Done::of(block, &shared.plan, ended, batch));
                std::panic::catch_unwind(done).map(Some).map_err(|_| {
                    Fault::damaged(format!("block {place}"), "lines that cannot be read", "rows of a table")
                })
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error.into()),
        };
        let over = !matches!(done, Ok(Some(_)));
        lock(&shared.state).done.insert(place, done);
        shared.ready.notify_all();
        if over {
            return;
        }
    }
}
