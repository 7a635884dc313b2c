//! A dot before and a dot after, joined by a line.

use crate::axis::{Frame, Scale, extent};
use crate::figures::{Key, legend};
use crate::svg::{Anchor, Shape, Svg, WIDTH, fit, widest};

/// A line of the plot.
pub(super) struct Row {
    pub(super) name: String,
    /// In the units of the axis.
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) title: String,
}

/// Rows below each other over one axis.
pub(super) struct Dumbbell<'a> {
    /// What it shows, to those who cannot see it.
    pub(super) description: &'a str,
    pub(super) axis: &'a str,
    /// What the axis has to reach to, whatever the rows hold.
    pub(super) reach: (f64, f64),
    /// Whether more is better.
    pub(super) up_is_good: bool,
    pub(super) rows: &'a [Row],
}

impl Dumbbell<'_> {
    pub(super) fn legend(&self, has_losers: bool) -> String {
        let mut keys = vec![
            Key::Mark("before", Shape::Circle, "before"),
            Key::Mark("after", Shape::Circle, "after: better or the same"),
        ];
        if has_losers {
            keys.push(Key::Mark("lost", Shape::Diamond, "after: worse"));
        }
        legend(&keys)
    }

    /// Whether a row is worse after than before.
    pub(super) fn is_worse(&self, row: &Row) -> bool {
        let gain = if self.up_is_good { row.after - row.before } else { row.before - row.after };
        gain < 0.0
    }

    pub(super) fn svg(&self) -> String {
        let height = match self.rows.len() {
            0..=12 => 24.0,
            13..=45 => 19.0,
            _ => 16.0,
        };
        // Names of those who lose are bold, and wider.
        let left = 16.0 + widest(self.rows.iter().map(|row| row.name.as_str()), 170.0);
        let (top, bottom) = (10.0, 10.0 + height * self.rows.len() as f64);
        let frame = Frame { left, right: WIDTH - 14.0, top, bottom };
        let values = self.rows.iter().flat_map(|row| [row.before, row.after]);
        let ends = [self.reach.0, self.reach.1];
        let domain = extent(values.chain(ends)).unwrap_or(self.reach);
        let scale = Scale::nice(domain, (frame.left, frame.right), 5);
        let mut svg = Svg::new(WIDTH, bottom + 52.0, "chart", self.description);
        frame.grid_x(&mut svg, &scale);
        for (i, row) in self.rows.iter().enumerate() {
            let y = top + height * (i as f64 + 0.5);
            let is_worse = self.is_worse(row);
            let class = if is_worse { "mid loser" } else { "mid" };
            svg.text(class, (left - 10.0, y), Anchor::End, &fit(&row.name, left - 10.0));
            let (Some(before), Some(after)) = (scale.at(row.before), scale.at(row.after)) else { continue };
            let line = if is_worse { "loses" } else { "gains" };
            svg.line(line, (before, y), (after, y));
            svg.mark("before", Shape::Circle, (before, y), 4.6, &row.title);
            let (mark, shape) = if is_worse { ("lost", Shape::Diamond) } else { ("after", Shape::Circle) };
            svg.mark(mark, shape, (after, y), 4.8, &row.title);
        }
        frame.draw_x(&mut svg, &scale, 20.0);
        svg.text("tick", (0.5 * (frame.left + frame.right), bottom + 42.0), Anchor::Middle, self.axis);
        svg.finish()
    }
}
