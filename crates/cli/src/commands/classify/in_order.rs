//! Work that is done side by side and taken in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait for one before them, for each worker: bounds memory.
const AHEAD: usize = 4;

struct State<T> {
    /// The next piece of work.
    next: usize,
    /// Pieces whose results were taken.
    taken: usize,
    running: usize,
    running_alone: bool,
    done: BTreeMap<usize, T>,
    stopped: bool,
}

/// Does `count` pieces of work on so many threads and hands their results to `take` in order, on this thread. Of pieces that are
/// `large` one runs at a time, and nothing beside it. What `work` gives depends on its number alone, never on the others.
///
/// # Errors
/// The first error of `take`; what has begun is done then, and nothing else.
pub(super) fn in_order<T: Send>(
    count: usize,
    workers: usize,
    large: impl Fn(usize) -> bool + Sync,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let workers = workers.clamp(1, count.max(1));
    let state = Mutex::new(State {
        next: 0,
        taken: 0,
        running: 0,
        running_alone: false,
        done: BTreeMap::new(),
        stopped: false,
    });
    let changed = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((number, alone)) = begin(&state, &changed, count, workers, &large) {
                    let watched = Watched { state: &state, changed: &changed };
                    let result = work(number);
                    drop(watched);
                    let mut state = lock(&state);
                    state.done.insert(number, result);
                    state.running -= 1;
                    state.running_alone &= !alone;
                    changed.notify_all();
                }
            });
        }
        for number in 0..count {
            let mut waiting = lock(&state);
            let result = loop {
                match waiting.done.remove(&number) {
                    Some(result) => break result,
                    // A worker panicked, which goes on where it is joined.
                    None if waiting.stopped => return Ok(()),
                    None => waiting = changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                }
            };
            waiting.taken = number + 1;
            drop(waiting);
            changed.notify_all();
            if let Err(error) = take(result) {
                lock(&state).stopped = true;
                changed.notify_all();
                return Err(error);
            }
        }
        Ok(())
    })
}

/// Waits until the next piece may begin; none when there is no more.
fn begin<T>(
    state: &Mutex<State<T>>,
    changed: &Condvar,
    count: usize,
    workers: usize,
    large: &impl Fn(usize) -> bool,
) -> Option<(usize, bool)> {
    let mut state = lock(state);
    loop {
        if state.stopped || state.next >= count {
            return None;
        }
        let number = state.next;
        let alone = large(number);
        let room = number < state.taken + AHEAD * workers;
        let free = if alone { state.running == 0 } else { !state.running_alone };
        if room && free {
            state.next += 1;
            state.running += 1;
            state.running_alone = alone;
            return Some((number, alone));
        }
        state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Lets nobody wait for work that has panicked.
struct Watched<'a, T> {
    state: &'a Mutex<State<T>>,
    changed: &'a Condvar,
}

impl<T> Drop for Watched<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(self.state).stopped = true;
            self.changed.notify_all();
        }
    }
}

/// Nothing panics while it is held.
fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_and_large_ones_run_alone() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let large = |number: usize| number % 7 == 3;
        let work = |number: usize| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            assert!(now <= 3);
            // Later ones are quicker, so that they would overtake.
            for _ in 0..(200 - number) * 500 {
                std::hint::black_box(number);
                assert!(!large(number) || running.load(Ordering::SeqCst) == 1);
            }
            running.fetch_sub(1, Ordering::SeqCst);
            number
        };
        let mut taken = Vec::new();
        in_order(100, 3, large, work, |number| {
            taken.push(number);
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_not_waited_for() {
        let work = |number: usize| assert!(number != 3, "a fault");
        let _ = in_order(10, 2, |_| false, work, |()| Ok(()));
    }

    #[test]
    fn an_error_ends_it_and_nothing_is_nothing() {
        let begun = AtomicUsize::new(0);
        let work = |number: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            number
        };
        let take = |number: usize| if number == 2 { Err(anyhow::anyhow!("full")) } else { Ok(()) };
        let error = in_order(1000, 2, |_| false, work, take).unwrap_err();
        assert_eq!(error.to_string(), "full");
        assert!(begun.load(Ordering::SeqCst) <= 2 + 1 + AHEAD * 2 + 2);
        in_order(0, 4, |_| false, |_: usize| (), |()| Ok(())).unwrap();
    }
}
