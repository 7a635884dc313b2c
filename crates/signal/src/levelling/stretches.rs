//! A recording in summaries of 2.56 s each: what levelling needs to know of it, a thousandth of its samples.

use crate::rotation::mean_acceleration;
use crate::{Layout, Signal};
use alloc::vec::Vec;
use libm::sqrt;

/// Length of the stretches that are judged, in seconds; a new one begins at half of it.
pub(super) const STRETCH_S: f64 = 2.56;
/// Root mean square of body acceleration above which a wearer moves about: a person who sits or stands measures some
/// hundredths of a g, level walking several times this.
pub(super) const MOVING_G: f64 = 0.15;

/// Summary of one stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Segment of the recording, from 0.
    pub segment: usize,
    /// Its first row in the segment.
    pub row: usize,
    /// Mean total acceleration, in g.
    pub acceleration: [f64; 3],
    /// Whether the wearer moves about.
    pub moving: bool,
}

/// The summaries of a recording whose rows come in order.
#[derive(Clone, Debug)]
pub struct Stretches {
    layout: Layout,
    /// Rows of a stretch.
    length: usize,
    /// Rows of the segment from `first` on that the next stretch may need.
    rows: Vec<f32>,
    first: usize,
    segment: usize,
    pub(super) all: Vec<Stretch>,
    /// Mean squares of body acceleration, kept where the unit is not known yet.
    squares: Option<Vec<f64>>,
}

impl Stretches {
    /// No summaries yet, of rows at `rate_hz`.
    pub fn new(rate_hz: f64, layout: Layout) -> Self {
        let length = (libm::round(STRETCH_S * rate_hz) as usize).max(2);
        Self { layout, length, rows: Vec::new(), first: 0, segment: 0, all: Vec::new(), squares: None }
    }

    /// The same of rows in a unit that [`scale`](Self::scale) tells once it is known.
    pub(super) fn unscaled(rate_hz: f64, layout: Layout) -> Self {
        Self { squares: Some(Vec::new()), ..Self::new(rate_hz, layout) }
    }

    /// Brings all summaries to g, `factor` being what one of the rows' unit is in g.
    pub(super) fn scale(&mut self, factor: f64) {
        let Some(squares) = self.squares.take() else { return };
        for (stretch, square) in self.all.iter_mut().zip(squares) {
            stretch.acceleration = stretch.acceleration.map(|v| v * factor);
            stretch.moving = factor * sqrt(square) > MOVING_G;
        }
    }

    /// Takes the next rows `[time, width]` of the segment.
    pub fn push(&mut self, rows: &[f32]) {
        let width = self.layout.width();
        self.rows.extend_from_slice(rows);
        let mut start = 0;
        while self.rows.len() >= (start + self.length) * width {
            let summary = self.summary(start);
            self.all.push(summary);
            start += self.length / 2;
        }
        self.rows.drain(..start * width);
        self.first += start;
    }

    /// Ends the segment; the next row begins another.
    pub fn end_segment(&mut self) {
        self.rows.clear();
        self.first = 0;
        self.segment += 1;
    }

    /// That of the stretch which begins at this row of those that are held.
    fn summary(&mut self, start: usize) -> Stretch {
        let width = self.layout.width();
        let rows = &self.rows[start * width..(start + self.length) * width];
        let body = self.layout.offset(Signal::BodyAcceleration).unwrap_or_default();
        let energy: f64 = rows
            .chunks_exact(width)
            .flat_map(|row| &row[body..body + 3])
            .map(|&v| f64::from(v) * f64::from(v))
            .sum();
        let square = energy / self.length as f64;
        if let Some(squares) = &mut self.squares {
            squares.push(square);
        }
        Stretch {
            segment: self.segment,
            row: self.first + start,
            acceleration: mean_acceleration(rows, width),
            moving: sqrt(square) > MOVING_G,
        }
    }

    /// All summaries, in order of time.
    pub fn all(&self) -> &[Stretch] {
        &self.all
    }

    /// Those in which the wearer moves about.
    pub fn moving(&self) -> impl Iterator<Item = &Stretch> {
        self.all.iter().filter(|stretch| stretch.moving)
    }
}
