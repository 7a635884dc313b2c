//! What is told while an encoder is learned.

use super::super::thousands;
use crate::talk::say;
use ambulo_model::Objective;
use ambulo_record::PersonId;
use ambulo_train::{Material, PretextEpoch, PretrainObserver};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// A bar on a terminal, a line per epoch everywhere.
pub(super) struct Watching {
    epochs: usize,
    objective: Objective,
    bar: ProgressBar,
}

impl Watching {
    pub(super) fn new(epochs: usize, objective: Objective) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{msg}\n{wide_bar} {percent:>3} %") {
            bar.set_style(style);
        }
        Self { epochs, objective, bar }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| say!("{text}"));
    }
}

impl PretrainObserver for Watching {
    fn step(&mut self, epoch: usize, step: usize, steps: usize, loss: f64) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length((self.epochs * steps) as u64);
        self.bar.set_position(((epoch - 1) * steps + step) as u64);
        self.bar.set_message(format!("epoch {epoch} of {}  loss {loss:.4}", self.epochs));
    }

    fn epoch(&mut self, record: &PretextEpoch) {
        let held = record.validation_loss.map_or(String::new(), |loss| format!("  held out {loss:.4}"));
        self.line(&format!(
            "epoch {:>3}  loss {:.4}{held}  {:.1} s",
            record.epoch, record.train_loss, record.seconds
        ));
    }

    fn begin(&mut self, m: &Material) {
        let (windows, people) = (thousands(m.windows), m.people.len());
        self.line(&format!("{}: {windows} windows of {people} people", self.objective));
        if m.held_out.is_empty() {
            self.line("note: of fewer than 3 people nobody is held out");
        } else {
            self.line(&format!("held out: {}", PersonId::list(&m.held_out)));
        }
        if !m.test_people.is_empty() {
            self.line(&format!("note: test people are left out: {}", PersonId::list(&m.test_people)));
        }
        for (reason, recordings) in &m.passed_over {
            self.line(&format!("note: recordings passed over: {recordings}, {reason}"));
        }
    }
}
