//! Trainings that share nothing, several at a time.

use crate::directory::files::RunFiles;
use crate::{Observer, TrainError};
use ambulo_data::Dataset;
use ambulo_record::Metrics;
use ambulo_record::files::METRICS;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// Tasks at a time for so many threads, 0 for as many as there are cores: each task has one.
pub(super) fn workers(threads: usize) -> usize {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}

/// Whether the training in this directory has left its figures.
///
/// # Errors
/// Figures that cannot be read, or are of other data.
pub(super) fn is_finished(files: &RunFiles, dataset: &Dataset) -> Result<bool, TrainError> {
    if !files.path(METRICS).is_file() {
        return Ok(false);
    }
    let expected = files.read_json::<Metrics>(METRICS)?.dataset_sha256;
    let found = dataset.sha256.clone();
    if expected == found { Ok(true) } else { Err(TrainError::OtherData { expected, found }) }
}

/// Does a task and says how it went; whether it was done, not stopped.
pub(super) type Work<'a, T> = dyn Fn(&T, &dyn Fn(String)) -> Result<bool, TrainError> + Sync + 'a;

/// Does all tasks on so many threads, and tells the observer what they say. False when it was stopped before all were done; after an error
/// no further task is begun.
///
/// # Errors
/// That of the first task that failed, by its place.
pub(super) fn in_parallel<T: Sync>(
    tasks: &[T],
    workers: usize,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
    work: &Work<'_, T>,
) -> Result<bool, TrainError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (to, from) = channel::<String>();
    let mut errors: Vec<(usize, TrainError)> = Vec::new();
    let mut done = 0;
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers.clamp(1, tasks.len().max(1)))
            .map(|_| {
                let (to, next, failed) = (to.clone(), &next, &failed);
                scope.spawn(move || {
                    let (mut done, mut errors) = (0, Vec::new());
                    while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(number) else { break };
                        // Whoever listened may be gone when the work is being stopped.
                        let say = |text| drop(to.send(text));
                        match work(task, &say) {
                            Ok(finished) => done += usize::from(finished),
                            Err(error) => {
                                failed.store(true, Ordering::Relaxed);
                                errors.push((number, error));
                            }
                        }
                    }
                    (done, errors)
                })
            })
            .collect();
        drop(to);
        for line in from {
            observer.message(&line);
        }
        for handle in handles {
            match handle.join() {
                Ok((own, wrong)) => {
                    done += own;
                    errors.extend(wrong);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    errors.sort_by_key(|(number, _)| *number);
    match errors.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(done == tasks.len()),
    }
}
