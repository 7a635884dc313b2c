//! Progress on stderr: a bar on a terminal, a line per epoch everywhere.

use crate::talk::{say, shown};
use ambulo_record::{EpochRecord, Stage};
use ambulo_train::{Observer, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub(crate) struct Terminal {
    bar: Option<ProgressBar>,
    interactive: bool,
    stage: Option<(u64, Stage)>,
    began: Instant,
    /// Steps of this stage that this process has done.
    steps: u64,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let interactive = std::io::stderr().is_terminal();
        Self { bar: None, interactive, stage: None, began: Instant::now(), steps: 0 }
    }

    pub(crate) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say!("{text}")),
            None => say!("{text}"),
        }
    }

    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn begin_stage(&mut self, p: &Progress) {
        self.finish();
        self.stage = Some((p.seed, p.stage));
        self.began = Instant::now();
        self.steps = 0;
        let what = match p.stage {
            Stage::Select => "choosing the epoch on validation people",
            Stage::Refit => "training anew on training and validation people",
        };
        let seed = match p.seeds {
            1 => format!("seed {}", p.seed),
            n => format!("seed {} ({} of {n})", p.seed, p.seed_number),
        };
        let epochs = match (p.stage, p.epochs) {
            (_, 1) => "1 epoch".to_owned(),
            (Stage::Select, n) => format!("at most {n} epochs"),
            (Stage::Refit, n) => format!("{n} epochs"),
        };
        self.line(&format!("{seed}: {what}, {epochs}"));
        if self.interactive {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg}\n{wide_bar} {percent:>3} %  {prefix}") {
                bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
            }
            self.bar = Some(bar);
        }
    }
}

/// How far the reading of files is, on a terminal only.
pub(crate) struct Reading {
    bar: ProgressBar,
    files: usize,
    /// What is read.
    file: Mutex<String>,
}

impl Reading {
    pub(crate) fn new(files: usize) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, files, file: Mutex::default() }
    }

    /// A file begins, counted from 0.
    pub(crate) fn file(&self, number: usize, name: &str) {
        let text = if self.files > 1 {
            format!("{} of {}  {}", number + 1, self.files, shown(name))
        } else {
            shown(name)
        };
        self.say(&text);
        if let Ok(mut file) = self.file.lock() {
            *file = text;
        }
    }

    /// So many seconds of the recording have been read, for the first or a second time.
    pub(crate) fn reached(&self, seconds: f64, pass: &str) {
        if self.bar.is_hidden() {
            return;
        }
        if let Ok(file) = self.file.lock() {
            let far = duration(Duration::from_secs_f64(seconds.clamp(0.0, 1e9)));
            self.bar.set_message(format!("{file}  {pass}{far}"));
        }
        self.bar.tick();
    }

    pub(crate) fn say(&self, text: &str) {
        if !self.bar.is_hidden() {
            self.bar.set_message(text.to_owned());
            self.bar.tick();
        }
    }

    /// Does something to the terminal while nothing else is drawn there.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// `75 s` as `1 min 15 s`.
pub(crate) fn duration(d: Duration) -> String {
    match d.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3600 => format!("{} min {} s", s / 60, s % 60),
        s => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

impl Observer for Terminal {
    fn step(&mut self, p: &Progress) {
        if self.stage != Some((p.seed, p.stage)) {
            self.begin_stage(p);
        }
        self.steps += 1;
        let Some(bar) = &self.bar else { return };
        let total = (p.epochs * p.batches) as u64;
        let done = ((p.epoch - 1) * p.batches + p.batch) as u64;
        let left = self.began.elapsed().mul_f64((total - done.min(total)) as f64 / self.steps as f64);
        let best = p.best_macro_f1.map_or(String::new(), |f| format!("  best validation macro-F1 {f:.4}"));
        bar.set_length(total);
        bar.set_message(format!("epoch {} of {}  loss {:.4}{best}", p.epoch, p.epochs, p.loss));
        bar.set_prefix(format!("at most {} left", duration(left)));
        bar.set_position(done);
    }

    fn epoch(&mut self, r: &EpochRecord) {
        let validation = match (r.validation_macro_f1, r.validation_accuracy) {
            (Some(f1), Some(accuracy)) => {
                format!("  validation {:>6.2} %, macro-F1 {f1:.4}", 100.0 * accuracy)
            }
            _ => String::new(),
        };
        self.line(&format!(
            "epoch {:>3}  loss {:.4}  training {:>6.2} %{validation}  {:>6.1} s",
            r.epoch,
            r.train_loss,
            100.0 * r.train_accuracy,
            r.seconds
        ));
    }

    fn message(&mut self, text: &str) {
        self.finish();
        self.line(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        let say = |s| duration(Duration::from_secs(s));
        assert_eq!((say(9), say(75), say(7260)), ("9 s".into(), "1 min 15 s".into(), "2 h 1 min".into()));
    }
}
