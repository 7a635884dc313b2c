//! The steps that windows stand for.

use crate::steps::{middle, number_after};
use ambulo_signal::Preprocessing;

/// Windows on a grid of steps: numbers that grow by one from window to window, and by the length of the pause between stretches.
#[derive(Debug)]
pub(crate) struct Grid {
    step_ns: i64,
    window_ns: i64,
    /// From the beginning of a window to that of the step in its middle.
    offset_ns: i64,
    /// Number and beginning of each window.
    numbers: Vec<i64>,
    starts: Vec<i64>,
}

impl Grid {
    /// With a window every `step` rows.
    pub(crate) fn new(p: &Preprocessing, step: usize) -> Self {
        Self {
            step_ns: p.nanoseconds(step),
            window_ns: p.nanoseconds(p.window),
            offset_ns: p.nanoseconds(middle(p, step)),
            numbers: Vec::new(),
            starts: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, start_ns: i64) {
        let last = self.numbers.last().copied().zip(self.starts.last().copied());
        self.numbers.push(number_after(last, start_ns, self.step_ns));
        self.starts.push(start_ns);
    }

    pub(crate) fn numbers(&self) -> &[i64] {
        &self.numbers
    }

    pub(crate) fn step_ns(&self) -> i64 {
        self.step_ns
    }

    pub(crate) fn offset_ns(&self) -> i64 {
        self.offset_ns
    }

    pub(crate) fn window_ns(&self) -> i64 {
        self.window_ns
    }

    /// Steps that a stretch has before the first window's own, and behind the last window's.
    pub(crate) fn beyond(&self) -> i64 {
        (self.offset_ns + self.step_ns - 1) / self.step_ns.max(1)
    }

    /// Number of windows.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn step_s(&self) -> f64 {
        self.step_ns as f64 / 1e9
    }

    /// Where the step of window `i` begins.
    pub(crate) fn start(&self, i: usize) -> i64 {
        self.starts[i].saturating_add(self.offset_ns)
    }

    /// Where a step begins: that of one of the windows, or one after the last window.
    pub(crate) fn start_of(&self, number: i64) -> i64 {
        match self.numbers.binary_search(&number) {
            Ok(i) => self.start(i),
            Err(i) => i.checked_sub(1).map_or(0, |i| {
                self.start(i).saturating_add((number - self.numbers[i]).saturating_mul(self.step_ns))
            }),
        }
    }

    /// Whether window `i + 1` follows on window `i` without a gap; times are rounded to nanoseconds.
    pub(crate) fn joined(&self, i: usize) -> bool {
        let next = self.starts.get(i + 1);
        next.is_some_and(|next| next.saturating_sub(self.starts[i]).abs_diff(self.step_ns) <= 2)
    }

    /// Begins of all steps that have the answer of window `i`: its own, and at the ends of a stretch those beyond; at that of the
    /// recording up to `end_ns`, where what is left over fills no window.
    pub(crate) fn spread(&self, i: usize, end_ns: i64, take: &mut dyn FnMut(i64)) {
        let own = self.start(i);
        let beyond = self.beyond();
        if i == 0 || !self.joined(i - 1) {
            for j in (1..=beyond).rev() {
                take((own - j * self.step_ns).max(self.starts[i]));
            }
        }
        take(own);
        if !self.joined(i) {
            let over = self.starts[i] + self.window_ns;
            let left = if i + 1 == self.starts.len() {
                end_ns.saturating_sub(over).clamp(0, self.step_ns)
            } else {
                0
            };
            let last = over + left - self.step_ns;
            let more = beyond + i64::from(left > 0);
            let mut before = own;
            for j in 1..=more {
                let start = (own + j * self.step_ns).min(last);
                if start > before {
                    take(start);
                }
                before = start;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_cover_a_stretch_from_its_beginning_to_its_end() {
        let p = Preprocessing { rate_hz: 50.0, window: 128, step: 32, ..Preprocessing::default() };
        let mut grid = Grid::new(&p, 32);
        let second = 1_000_000_000;
        for start in [0, 32, 64].map(|row| p.nanoseconds(row)).into_iter().chain([60 * second]) {
            grid.push(start);
        }
        assert_eq!(grid.numbers(), [0, 1, 2, 2 + 92]);
        let mut starts = Vec::new();
        (0..4).for_each(|i| grid.spread(i, 0, &mut |start| starts.push(start)));
        let rows: Vec<i64> = [0, 16, 48, 80, 112, 144, 160].map(|row| p.nanoseconds(row)).to_vec();
        assert_eq!(starts[..7], rows);
        let rows = [0, 16, 48, 80, 96].map(|row| 60 * second + p.nanoseconds(row));
        assert_eq!(starts[7..], rows);
        // Half a second is left over at the end.
        let mut starts_to_end = Vec::new();
        grid.spread(3, 60 * second + p.nanoseconds(153), &mut |start| starts_to_end.push(start));
        let rows = [0, 16, 48, 80, 112, 121].map(|row| 60 * second + p.nanoseconds(row));
        assert_eq!(starts_to_end, rows);
        assert_eq!((grid.start_of(1), grid.start_of(96)), (starts[3], starts[9] + 2 * grid.step_ns()));
    }
}
