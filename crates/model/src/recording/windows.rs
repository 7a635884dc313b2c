//! Windows, found in rows as they come.

use super::pipeline::Event;
use ambulo_signal::{InertialSignals, Preprocessing, Rotation};

/// How rows are rotated from a time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// In nanoseconds from the recording's zero.
    pub(crate) start_ns: i64,
    pub(crate) rotation: Rotation,
}

/// Finds the windows in rows as they come; none spans a gap or a change of wearing.
pub(super) struct Windows<'p> {
    pub(super) preprocessing: &'p Preprocessing,
    /// From when on rows are rotated how, in order of time.
    turns: &'p [Turn],
    /// Rows from one window to the next.
    step: usize,

    /// Rows that windows need, and where in them the present stretch begins.
    pub(super) rows: Vec<f32>,
    stretch: usize,
    /// Rows of the stretch that are no longer in `rows`.
    gone: usize,
    /// First row of the stretch's next window.
    next: usize,
    stretch_ns: i64,
    /// Start of the segment, and its rows up to now.
    segment_ns: i64,
    segment_rows: usize,
    rotation: Rotation,
    /// Start time of each whole window, and where it lies in `rows`.
    pub(super) complete: Vec<(i64, usize)>,
}

impl<'p> Windows<'p> {
    pub(super) fn new(preprocessing: &'p Preprocessing, turns: &'p [Turn], step: usize) -> Self {
        Self {
            preprocessing,
            turns,
            step,
            rows: Vec::new(),
            stretch: 0,
            gone: 0,
            next: 0,
            stretch_ns: 0,
            segment_ns: 0,
            segment_rows: 0,
            rotation: Rotation::IDENTITY,
            complete: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Begin(start_ns) => {
                (self.segment_ns, self.segment_rows) = (start_ns, 0);
                let begun = self.turns.iter().rev().find(|turn| turn.start_ns <= start_ns);
                self.rotation = begun.map_or(Rotation::IDENTITY, |turn| turn.rotation);
                self.begin_stretch(start_ns);
            }
            Event::Rows(rows) => self.rows_of_segment(&rows),
            Event::End => {}
        }
    }

    fn rows_of_segment(&mut self, rows: &InertialSignals) {
        let mut from = 0;
        while from < rows.len() {
            let here = self.segment_rows;
            let change = self.turns.iter().find_map(|turn| {
                let row = self.row_at(turn.start_ns)?;
                (row > here).then_some((row, turn.rotation))
            });
            let until = change.map_or(rows.len(), |(row, _)| rows.len().min(from + row - here));
            let change = change.filter(|(row, _)| *row == here + until - from).map(|(_, rotation)| rotation);
            let begin = self.rows.len();
            self.rows.extend_from_slice(rows.rows(from, until - from));
            if !self.turns.is_empty() {
                self.rotation.apply_rows(&mut self.rows[begin..]);
            }
            self.segment_rows += until - from;
            self.complete_windows();
            if let Some(rotation) = change {
                self.rotation = rotation;
                let since = self.preprocessing.nanoseconds(self.segment_rows);
                self.begin_stretch(self.segment_ns.saturating_add(since));
            }
            from = until;
        }
    }

    /// The first row of the segment that is not before a time; none for a time before the segment.
    fn row_at(&self, time_ns: i64) -> Option<usize> {
        let since = time_ns.checked_sub(self.segment_ns).filter(|&since| since >= 0)?;
        let p = self.preprocessing;
        let row = (since as f64 * p.rate_hz / 1e9).round() as usize;
        Some(if p.nanoseconds(row) < since { row + 1 } else { row })
    }

    fn begin_stretch(&mut self, start_ns: i64) {
        self.stretch = self.rows.len();
        (self.gone, self.next, self.stretch_ns) = (0, 0, start_ns);
    }

    fn complete_windows(&mut self) {
        let p = self.preprocessing;
        let width = p.layout().width();
        let end = self.gone + (self.rows.len() - self.stretch) / width;
        while self.next + p.window <= end {
            let offset = self.stretch + (self.next - self.gone) * width;
            self.complete.push((self.stretch_ns.saturating_add(p.nanoseconds(self.next)), offset));
            self.next += self.step;
        }
    }

    /// Drops the rows that no window to come needs.
    pub(super) fn forget(&mut self) {
        let width = self.preprocessing.layout().width();
        let have = (self.rows.len() - self.stretch) / width;
        let unneeded = (self.next - self.gone).min(have);
        self.rows.drain(..self.stretch + unneeded * width);
        self.stretch = 0;
        self.gone += unneeded;
    }
}
