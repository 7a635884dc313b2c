//! Days as rows: what was done in each, how surely, and how much the signal moved.

use super::clock::{DAY_NS, Row};
use super::columns::Columns;
use super::sheet::Sheet;
use super::{rectangle, thinned};
use crate::svg::number;
use crate::text::escape;
use ambulo_record::overview::ZoomedOut;
use std::fmt::Write as _;

/// Width of a row in units: a minute each in a day.
pub(super) const ACROSS: f64 = 1440.0;
/// Columns of a row that are one in the picture of its movement: more is not seen in so low a picture.
const TOGETHER: usize = 3;
/// Height of a row's answers and of the movement beneath, in pixels.
const BAND: f64 = 30.0;
const MOVEMENT: f64 = 12.0;
const HEIGHT: f64 = BAND + 2.0 + MOVEMENT;

/// Columns of each row where there are so many: a minute each in some days, five in each of a year, or the page would grow
/// without end.
pub(super) fn columns_of(rows: usize) -> usize {
    match rows {
        0..=14 => 1440,
        15..=60 => 720,
        _ => 288,
    }
}

/// All of them; nothing for what has no length.
pub(super) fn rows(sheet: &Sheet<'_>, movement: &Movement) -> String {
    let Some((from_ns, to_ns)) = sheet.window else { return String::new() };
    let rows = sheet.clock.rows(from_ns, to_ns);
    let mut out = format!("<div class=\"days\" id=\"days\" style=\"--row:{}px\">", number(HEIGHT));
    for row in &rows {
        let (from, to) = (row.from_ns.max(from_ns), row.to_ns.min(to_ns));
        let milliseconds = |ns: i64| ns.div_euclid(1_000_000);
        let seconds = |ns: i64| ns as f64 / 1e9;
        let name = if row.label.is_empty() { "All" } else { &row.label };
        let _ = write!(
            out,
            "<a class=\"day-name\" href=\"#zoom={:.3}:{:.3}\">{}</a><div class=\"day\" data-from=\"{}\" data-to=\"{}\">{}</div>",
            seconds(from),
            seconds(to),
            escape(name),
            milliseconds(row.from_ns),
            milliseconds(row.to_ns),
            picture(sheet, row, columns_of(rows.len()), movement)
        );
    }
    out.push_str(&hours(&rows));
    out.push_str("</div>");
    out
}

/// Hours beneath rows that are days.
fn hours(rows: &[Row]) -> String {
    let Some(row) = rows.first().filter(|row| row.to_ns.saturating_sub(row.from_ns) == DAY_NS) else {
        return String::new();
    };
    let mut out = String::from("<div class=\"times hours\">");
    for hour in (0..=24).step_by(3) {
        let class = if hour % 6 == 0 { "" } else { " class=\"odd\"" };
        // Days that are counted from the start have no time of day.
        let label = if row.label.starts_with("Day ") { format!("{hour} h") } else { format!("{hour:02}:00") };
        let _ = write!(out, "<span{class} style=\"left:{}%\">{label}</span>", number(f64::from(hour) / 0.24));
    }
    out.push_str("</div>");
    out
}

fn picture(sheet: &Sheet<'_>, row: &Row, count: usize, movement: &Movement) -> String {
    let columns = Columns { from_ns: row.from_ns, to_ns: row.to_ns, count };
    let unit = ACROSS / count as f64;
    let label = if row.label.is_empty() { "the recording" } else { &row.label };
    let mut out = format!(
        "<svg viewBox=\"0 0 {ACROSS} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Activities of {}\">",
        number(HEIGHT),
        escape(label)
    );
    let (from_ns, to_ns) = sheet.window.unwrap_or((row.from_ns, row.to_ns));
    let (left, right) = (columns.place(from_ns) * unit, columns.place(to_ns) * unit);
    let _ = write!(
        out,
        "<rect class=\"track\" x=\"{}\" y=\"0\" width=\"{}\" height=\"{BAND}\"/>",
        number(left),
        number(right - left)
    );
    out.push_str(&activities(sheet, &columns, BAND, unit));
    let moved = movement.path(row, &columns);
    let _ = write!(out, "<path class=\"movement\" d=\"{moved}\"/>");
    for hour in (0..=24).step_by(3).filter(|_| row.to_ns.saturating_sub(row.from_ns) == DAY_NS) {
        let _ = write!(
            out,
            "<path class=\"hour\" d=\"M{} 0V{}\"/>",
            number(f64::from(hour) * 60.0),
            number(HEIGHT)
        );
    }
    out.push_str("</svg>");
    out
}

/// A path for each activity: its blocks, as high as it was sure; `unit` is the width of a column.
pub(super) fn activities(sheet: &Sheet<'_>, columns: &Columns, height: f64, unit: f64) -> String {
    let mut paths = vec![String::new(); sheet.activities.len()];
    for block in columns.blocks(&sheet.segments) {
        let top = height * (1.0 - block.confidence.max(0.08));
        let (left, right) = (block.from as f64 * unit, block.to as f64 * unit);
        rectangle(&mut paths[block.activity], (left, top), (right, height));
    }
    let mut out = String::new();
    for (place, path) in paths.iter().enumerate() {
        if !path.is_empty() {
            let _ = write!(out, "<path class=\"c{place}\" d=\"{path}\"/>");
        }
    }
    out
}

/// How far the first sensor's values ranged, over time.
pub(super) struct Movement {
    /// Where each stretch begins, in nanoseconds, and how far the axis ranged that ranged most: the square root of its
    /// share of the usual most, or sitting and walking would look alike beside running.
    ranges: Vec<(i64, f64)>,
    width_ns: i64,
}

impl Movement {
    /// Of pictures with so many rows.
    pub(super) fn new(signals: &[&ZoomedOut], rows: usize) -> Self {
        let Some(signal) = signals.first() else { return Self { ranges: Vec::new(), width_ns: 0 } };
        // A stretch with one sample in it has no range.
        let signal = thinned(signal, rows.max(1) * columns_of(rows) / TOGETHER);
        let mut ranges: Vec<(i64, f64)> = signal
            .bins
            .iter()
            .map(|bin| {
                let ranges = bin.least.iter().zip(&bin.most).map(|(a, b)| f64::from(b - a));
                ((bin.start_s * 1e9) as i64, ranges.fold(0.0, f64::max))
            })
            .filter(|(_, range)| range.is_finite())
            .collect();
        // One knock must not flatten everything else.
        let mut sorted: Vec<f64> = ranges.iter().map(|&(_, range)| range).collect();
        sorted.sort_by(f64::total_cmp);
        let usual = sorted.get(sorted.len() * 99 / 100).copied().unwrap_or(0.0).max(1e-9);
        ranges.iter_mut().for_each(|(_, range)| *range = (*range / usual).min(1.0).sqrt());
        Self { ranges, width_ns: ((signal.width_s * 1e9) as i64).max(1) }
    }

    fn path(&self, row: &Row, columns: &Columns) -> String {
        let mut heights = vec![f64::NAN; columns.count / TOGETHER];
        let unit = ACROSS / heights.len() as f64;
        let together = TOGETHER as f64;
        for &(start_ns, range) in &self.ranges {
            let end_ns = start_ns.saturating_add(self.width_ns);
            if end_ns <= row.from_ns || start_ns >= row.to_ns {
                continue;
            }
            let (a, b) = (
                (columns.place(start_ns) / together) as usize,
                (columns.place(end_ns) / together).ceil() as usize,
            );
            for height in heights.iter_mut().take(b).skip(a) {
                *height = height.max(range);
            }
        }
        let mut path = String::new();
        let mut from = 0;
        while from < heights.len() {
            let same = |height: &f64| (height - heights[from]).abs() < 0.04;
            let held = heights[from..].iter().take_while(|height| same(height)).count().max(1);
            if heights[from] > 0.02 {
                let (left, right) = (unit * from as f64, unit * (from + held) as f64);
                rectangle(&mut path, (left, HEIGHT - MOVEMENT * heights[from]), (right, HEIGHT));
            }
            from += held;
        }
        path
    }
}
