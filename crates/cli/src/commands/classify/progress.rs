//! How far many recordings are, on a terminal only.

use crate::progress::duration;
use crate::talk::shown;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Less is no measure of what is to come.
const LEAST: Duration = Duration::from_secs(2);

/// Files that are worked on side by side.
pub(super) struct Batch {
    bar: ProgressBar,
    began: Instant,
    sizes: Vec<u64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: usize,
    /// Bytes of files that were worked on, and of those that needed no work.
    bytes: u64,
    skipped: u64,
}

impl Batch {
    /// For files of these lengths.
    pub(super) fn new(sizes: Vec<u64>) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, began: Instant::now(), sizes, state: Mutex::default() }
    }

    /// A file begins.
    pub(super) fn file(&self, name: &str) -> Watch<'_> {
        let watch = Watch { batch: self, name: shown(name) };
        watch.say("");
        watch
    }

    /// A file is through; `worked` unless there was nothing to do.
    pub(super) fn done(&self, number: usize, worked: bool) {
        let mut state = self.state();
        state.files += 1;
        let bytes = self.sizes.get(number).copied().unwrap_or(0);
        if worked {
            state.bytes += bytes;
        } else {
            state.skipped += bytes;
        }
    }

    /// Does something to the terminal while nothing else is drawn there.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `12 of 1,000, 3 min 5 s left: `; nothing for one file.
    fn far(&self) -> String {
        let all = self.sizes.len();
        if all < 2 {
            return String::new();
        }
        let state = self.state();
        let total: u64 = self.sizes.iter().sum();
        let left = left(self.began.elapsed(), state.bytes, total.saturating_sub(state.skipped));
        let left = left.map_or(String::new(), |left| format!(", {} left", duration(left)));
        format!("{} of {}{left}: ", super::super::thousands(state.files + 1), super::super::thousands(all))
    }
}

/// How long the rest takes, if it goes on as until now.
fn left(elapsed: Duration, done: u64, all: u64) -> Option<Duration> {
    (elapsed >= LEAST && done > 0).then(|| elapsed.mul_f64(all.saturating_sub(done) as f64 / done as f64))
}

/// One of the files.
pub(super) struct Watch<'a> {
    batch: &'a Batch,
    name: String,
}

impl Watch<'_> {
    /// So many seconds of a recording have been read, for the first time or again.
    pub(super) fn reached(&self, seconds: f64, first_pass: bool) {
        if self.batch.bar.is_hidden() {
            return;
        }
        let far = duration(Duration::from_secs_f64(seconds.clamp(0.0, 1e9)));
        self.say(&if first_pass { format!("  {far}") } else { format!("  answering: {far}") });
    }

    fn say(&self, text: &str) {
        if !self.batch.bar.is_hidden() {
            self.batch.bar.set_message(format!("{}{}{text}", self.batch.far(), self.name));
            self.batch.bar.tick();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_was_done() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(10), 100, 400), Some(seconds(30)));
        assert_eq!(left(seconds(10), 0, 400), None);
        assert_eq!(left(seconds(1), 100, 400), None);
        assert_eq!(left(seconds(10), 500, 400), Some(seconds(0)));
    }
}
