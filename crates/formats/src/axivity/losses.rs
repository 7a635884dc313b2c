//! Stretches of a file that are lost, and other breaks in the order of its blocks.

use super::block::LENGTH;
use super::header;
use ambulo_signal::{Finding, FindingKind, Place, Severity};
use std::fmt::Write as _;

/// Stretches that are told one by one.
const TOLD: usize = 20;

/// Lost blocks, one after the other.
#[derive(Clone, Debug)]
struct Loss {
    /// By their sequence numbers, as far as these are known; otherwise by their places in the file.
    first: u64,
    last: u64,
    /// Blocks that are in the file.
    here: u64,
    /// What is wrong with the first.
    why: String,
    at_end: bool,
    from_ns: Option<i64>,
    to_ns: Option<i64>,
}

/// What is lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    /// Blocks after the last sound one.
    waiting: Option<Loss>,
    /// The first few.
    told: Vec<Loss>,
    stretches: u64,
    lost_ns: i64,
    sessions: Count,
    backwards: Count,
    first_back: Option<(u32, u32)>,
}

/// How often, and where first in the file.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    count: u64,
    first: u64,
}

impl Count {
    fn add(&mut self, index: u64) {
        if self.count == 0 {
            self.first = index;
        }
        self.count += 1;
    }
}

fn byte(index: u64) -> u64 {
    header::LENGTH as u64 + index * LENGTH as u64
}

impl Losses {
    /// Blocks in the file since the last sound one.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.as_ref().map_or(0, |loss| loss.here)
    }

    pub(super) fn damaged(&mut self, name: u64, index: u64, why: String, from_ns: Option<i64>) {
        if let Some(loss) = &mut self.waiting {
            loss.last = name;
            loss.here += 1;
            return;
        }
        let why = format!("byte {}: {why}", byte(index));
        let loss = Loss { first: name, last: name, here: 1, why, at_end: false, from_ns, to_ns: None };
        self.waiting = Some(loss);
    }

    pub(super) fn cut(&mut self, name: u64, index: u64, bytes: u64, from_ns: Option<i64>) {
        self.damaged(name, index, format!("cut short, {bytes} of {LENGTH} bytes are there"), from_ns);
        if let Some(loss) = &mut self.waiting {
            loss.at_end = true;
        }
    }

    /// Sequence numbers from `next` to before `sequence` are not in the file, but for those that were damaged.
    pub(super) fn missing(&mut self, next: u64, sequence: u64, index: u64, from_ns: Option<i64>) {
        if let Some(loss) = &mut self.waiting {
            loss.last = sequence - 1;
            return;
        }
        let why = format!(
            "byte {}: missing, number {} is followed by {sequence}",
            byte(index),
            next.saturating_sub(1)
        );
        let (first, last) = (next, sequence - 1);
        self.waiting = Some(Loss { first, last, here: 0, why, at_end: false, from_ns, to_ns: None });
    }

    /// The next sound block begins at this time, or the file has ended.
    pub(super) fn finish(&mut self, to_ns: Option<i64>) {
        let Some(mut loss) = self.waiting.take() else { return };
        loss.to_ns = to_ns;
        self.stretches += 1;
        if let (Some(from), Some(to)) = (loss.from_ns, loss.to_ns) {
            self.lost_ns = self.lost_ns.saturating_add(to.saturating_sub(from).max(0));
        }
        if self.told.len() < TOLD {
            self.told.push(loss);
        }
    }

    pub(super) fn session(&mut self, index: u64) {
        self.sessions.add(index);
    }

    pub(super) fn back(&mut self, index: u64, from: u32, to: u32) {
        self.first_back.get_or_insert((from, to));
        self.backwards.add(index);
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        if let Some(first) = self.told.first() {
            let place = Place {
                line: Some(first.first),
                time_s: Some(first.from_ns.unwrap_or(0) as f64 / 1e9),
                ..Place::default()
            };
            let finding = Finding::new(FindingKind::File, Severity::Warning, self.text());
            all.push(finding.at(place).times(self.stretches));
        }
        let place = |index: u64| Place { line: Some(index), ..Place::default() };
        if self.sessions.count > 0 {
            let Count { count, first } = self.sessions;
            let times = if count == 1 { String::new() } else { format!(" and {} more later", count - 1) };
            let text = format!("a new session begins with block {first} of the file{times}");
            all.push(Finding::new(FindingKind::File, Severity::Note, text).at(place(first)).times(count));
        }
        if let Some((from, to)) = self.first_back {
            let Count { count, first } = self.backwards;
            let text = format!(
                "the sequence of blocks falls back, at block {first} of the file (byte {}) from number {from} to {to}",
                byte(first)
            );
            all.push(Finding::new(FindingKind::File, Severity::Warning, text).at(place(first)).times(count));
        }
        all
    }

    fn text(&self) -> String {
        let mut text = match self.stretches {
            1 => "1 stretch is lost".to_owned(),
            n => format!("{n} stretches are lost"),
        };
        if self.lost_ns > 0 {
            _ = write!(text, " ({:.2} s between sound blocks)", self.lost_ns as f64 / 1e9);
        }
        for (i, loss) in self.told.iter().enumerate() {
            text.push_str(if i == 0 { ": " } else { "; " });
            loss.tell(&mut text);
        }
        let more = self.stretches.saturating_sub(self.told.len() as u64);
        if more > 0 {
            _ = write!(text, "; and {more} more");
        }
        text
    }
}

impl Loss {
    fn tell(&self, text: &mut String) {
        let last = if self.at_end { "the last " } else { "" };
        _ = match (self.last.saturating_sub(self.first), self.at_end) {
            (0, true) => write!(text, "{last}block, number {}", self.first),
            (0, false) => write!(text, "block {}", self.first),
            (1, _) => write!(text, "{last}blocks {} and {}", self.first, self.last),
            _ => write!(text, "{last}blocks {} to {}", self.first, self.last),
        };
        _ = write!(text, " ({}; ", self.why);
        let second = |ns: i64| ns as f64 / 1e9;
        _ = match (self.from_ns, self.to_ns) {
            (Some(from), Some(to)) => write!(text, "from {:.2} to {:.2} s", second(from), second(to)),
            (Some(from), None) => write!(text, "from {:.2} s to the end", second(from)),
            (None, _) => write!(text, "before the first samples"),
        };
        text.push(')');
    }
}
