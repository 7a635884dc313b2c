//! Dot plots of shares: one row for each thing, one point for each figure about it. A dot needs no zero to start
//! from, so the axis may show just the stretch where the values lie.

use crate::axis::{Frame, Scale, extent};
use crate::svg::{Anchor, Shape, Svg, WIDTH, fit, widest};

pub(crate) struct Mark {
    pub(crate) class: &'static str,
    pub(crate) shape: Shape,
    /// A share in `[0, 1]`; left out where it is not finite.
    pub(crate) value: f64,
    /// Units below the middle of the row.
    pub(crate) lane: f64,
    /// Half-width in units.
    pub(crate) half: f64,
    /// Shown on hovering.
    pub(crate) title: String,
}

pub(crate) struct Row {
    pub(crate) label: String,
    /// Printed at the right end.
    pub(crate) value: String,
    /// An interval of shares, drawn as a bar.
    pub(crate) interval: Option<[f64; 2]>,
    pub(crate) marks: Vec<Mark>,
}

pub(crate) struct DotPlot<'a> {
    /// For those who cannot see the plot.
    pub(crate) description: &'a str,
    /// What the axis shows, unit included.
    pub(crate) axis: &'a str,
    /// What the printed values are.
    pub(crate) value_head: &'a str,
    pub(crate) row_height: f64,
    pub(crate) rows: Vec<Row>,
    /// Whether the axis runs up to 100 %.
    pub(crate) to_the_top: bool,
    /// What the bars are, shown on hovering.
    pub(crate) interval_title: &'a str,
    /// A share to hold all rows against, drawn as an upright line.
    pub(crate) reference: Option<f64>,
}

impl DotPlot<'_> {
    pub(crate) fn svg(&self) -> String {
        let label_width = widest(self.rows.iter().map(|r| r.label.as_str()), 156.0);
        let value_width = widest(self.rows.iter().map(|r| r.value.as_str()).chain([self.value_head]), 170.0);
        let frame = Frame {
            left: label_width + 14.0,
            right: WIDTH - value_width - 12.0,
            top: 26.0,
            bottom: 26.0 + self.row_height * self.rows.len() as f64,
        };
        let mut svg = Svg::new(WIDTH, frame.bottom + 48.0, "chart", self.description);
        let scale = Scale::nice(self.domain(), (frame.left + 8.0, frame.right - 8.0), 4);
        frame.grid_x(&mut svg, &scale);
        if let Some(x) = self.reference.and_then(|v| scale.at(v * 100.0)) {
            svg.line("diagonal", (x, frame.top), (x, frame.bottom));
        }
        svg.text("tick", (WIDTH, 14.0), Anchor::End, self.value_head);
        for (index, row) in self.rows.iter().enumerate() {
            let y = frame.top + self.row_height * (index as f64 + 0.5);
            if index > 0 {
                let top = y - 0.5 * self.row_height;
                svg.line("rule", (0.0, top), (WIDTH, top));
            }
            svg.text("label mid", (0.0, y), Anchor::Start, &fit(&row.label, label_width));
            svg.text("value mid", (WIDTH, y), Anchor::End, &row.value);
            if let Some([low, high]) = row.interval.map(|i| i.map(|v| scale.at(v * 100.0)))
                && let (Some(low), Some(high)) = (low, high)
            {
                svg.rect("interval", (low, y - 4.0), (high, y + 4.0), self.interval_title);
            }
            for mark in &row.marks {
                if let Some(x) = scale.at(mark.value * 100.0) {
                    svg.mark(mark.class, mark.shape, (x, y + mark.lane), mark.half, &mark.title);
                }
            }
        }
        frame.draw_x(&mut svg, &scale, 19.0);
        let from = if scale.low() > 0.0 {
            format!("{}, axis from {}", self.axis, scale.label(scale.low()))
        } else {
            self.axis.to_owned()
        };
        svg.text("tick", (0.5 * (frame.left + frame.right), frame.bottom + 40.0), Anchor::Middle, &from);
        svg.finish()
    }

    /// The stretch of the axis, in percent.
    fn domain(&self) -> (f64, f64) {
        let marks = self.rows.iter().flat_map(|r| r.marks.iter().map(|m| m.value));
        let intervals = self.rows.iter().flat_map(|r| r.interval.into_iter().flatten());
        let Some((low, high)) = extent(marks.chain(intervals)) else { return (0.0, 100.0) };
        let (low, high) = (low.clamp(0.0, 1.0) * 100.0, high.clamp(0.0, 1.0) * 100.0);
        let pad = (0.05 * (high - low)).max(0.5);
        let top = if self.to_the_top || high + 4.0 * pad > 100.0 { 100.0 } else { high + pad };
        ((low - pad).max(0.0), top)
    }
}
