//! A figure for papers: days as rows, the activities in colour, as high as they are sure. Sizes for a page 180 mm wide.

use super::clock::{DAY_NS, Row};
use super::colours::Pattern;
use super::columns::Columns;
use super::rectangle;
use super::rows::columns_of;
use super::sheet::{Activity, Sheet};
use crate::overview::times::Times;
use crate::svg::number;
use crate::text::{clip, duration, escape};
use ambulo_record::timeline::Timeline;
use std::fmt::Write as _;

/// Width in units, of which 680 are 180 mm: letters of 10 units are 7.5 points high.
const WIDTH: f64 = 680.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 10.0;
const LETTERS: f64 = 10.0;
/// Mean width of a letter.
const LETTER: f64 = 5.4;
const INK: &str = "#1a1f26";
const SOFT: &str = "#55606e";

/// Where rows begin: with room for the names of days, or half a label of the axis.
fn left_of(rows: &[Row]) -> f64 {
    if rows.len() > 1 { 76.0 } else { 24.0 }
}

/// A classified recording as a picture in SVG, 180 mm wide, on white, without script; letters are text. A day is a row from
/// midnight to midnight; a recording no longer than a day is one row. What is not known or not finite is left out.
#[must_use]
pub fn timeline_svg(timeline: &Timeline) -> String {
    let sheet = Sheet::new(timeline);
    let rows = sheet.window.map_or_else(Vec::new, |(from_ns, to_ns)| sheet.clock.rows(from_ns, to_ns));
    let left = left_of(&rows);
    // Many rows are low ones.
    let (band, pitch) = match rows.len() {
        0 | 1 => (46.0, 46.0),
        2..=14 => (20.0, 27.0),
        15..=40 => (12.0, 16.0),
        _ => (8.0, 10.0),
    };
    let bottom = TOP + pitch * (rows.len().max(1) - 1) as f64 + band;
    let mut body = String::new();
    for (i, row) in rows.iter().enumerate() {
        body.push_str(&drawn(&sheet, row, columns_of(rows.len()), left, (TOP + pitch * i as f64, band)));
    }
    if rows.is_empty() {
        text(&mut body, (left, TOP + 0.6 * band), "start", SOFT, "No samples");
    }
    axis(&mut body, &sheet, &rows, bottom);
    let height = legend(&mut body, &sheet, left, bottom + 46.0) + 12.0;
    let definitions: String = sheet
        .activities
        .iter()
        .enumerate()
        .map(|(place, activity)| activity.look.definition(&format!("h{place}"), "#ffffff"))
        .collect();
    let title = if timeline.recording.is_empty() { "A recording" } else { &timeline.recording };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"180mm\" height=\"{}mm\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"Helvetica, \
         Arial, 'Liberation Sans', sans-serif\" font-size=\"{LETTERS}\"><title>{}: activities over time</title><defs>{definitions}</defs>\
         <rect x=\"0\" y=\"0\" width=\"{WIDTH}\" height=\"{}\" fill=\"#ffffff\"/>{body}</svg>\n",
        number(height * 180.0 / WIDTH),
        number(height),
        escape(title),
        number(height)
    )
}

fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, fill: &str, text: &str) {
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"{fill}\">{}</text>",
        number(x),
        number(y),
        escape(text)
    );
}

fn fill(place: usize, activity: &Activity<'_>) -> String {
    let look = activity.look;
    match look.pattern {
        Pattern::Plain => format!("fill=\"{}\"", look.fill),
        Pattern::Blank => format!("fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"0.6\"", look.fill),
        _ => format!("fill=\"url(#h{place})\""),
    }
}

fn drawn(sheet: &Sheet<'_>, row: &Row, count: usize, edge: f64, (top, band): (f64, f64)) -> String {
    let columns = Columns { from_ns: row.from_ns, to_ns: row.to_ns, count };
    let unit = (WIDTH - edge - RIGHT) / columns.count as f64;
    let mut out = String::new();
    text(&mut out, (edge - 8.0, top + 0.5 * band + 0.35 * LETTERS), "end", INK, &row.label);
    let (from_ns, to_ns) = sheet.window.unwrap_or((row.from_ns, row.to_ns));
    let mut ground = String::new();
    let place = |ns: i64| edge + columns.place(ns) * unit;
    rectangle(&mut ground, (place(from_ns), top), (place(to_ns), top + band));
    let _ = write!(out, "<path d=\"{ground}\" fill=\"#eef1f4\"/>");
    let mut paths = vec![String::new(); sheet.activities.len()];
    for block in columns.blocks(&sheet.segments) {
        let (left, right) = (edge + block.from as f64 * unit, edge + block.to as f64 * unit);
        let high = top + band * (1.0 - block.confidence.max(0.08));
        rectangle(&mut paths[block.activity], (left, high), (right, top + band));
    }
    for (i, (path, activity)) in paths.iter().zip(&sheet.activities).enumerate() {
        if !path.is_empty() {
            let _ = write!(out, "<path d=\"{path}\" {}/>", fill(i, activity));
        }
    }
    out
}

fn axis(out: &mut String, sheet: &Sheet<'_>, rows: &[Row], bottom: f64) {
    let Some(row) = rows.first() else { return };
    let (edge, y) = (left_of(rows), bottom + 5.0);
    let across = WIDTH - edge - RIGHT;
    let _ = write!(out, "<path d=\"M{edge} {y}h{across}\" stroke=\"{SOFT}\" fill=\"none\"/>");
    let mut tick = |share: f64, label: &str| {
        let x = edge + share * across;
        let _ = write!(out, "<path d=\"M{} {y}v4\" stroke=\"{SOFT}\" fill=\"none\"/>", number(x));
        text(out, (x, y + 15.0), "middle", SOFT, label);
    };
    if rows.len() == 1 {
        let times = Times::between(row.from_ns as f64 / 1e9, row.to_ns as f64 / 1e9, sheet.clock.zero_ns);
        for time_s in times.ticks() {
            if let Some(share) = times.share(time_s) {
                tick(share, &times.label(time_s));
            }
        }
    } else if row.to_ns.saturating_sub(row.from_ns) == DAY_NS {
        for hour in (0..=24).step_by(4) {
            let label =
                if sheet.clock.zero_ns.is_some() { format!("{hour:02}:00") } else { format!("{hour} h") };
            tick(f64::from(hour) / 24.0, &label);
        }
    }
    let clock = match (rows.len(), sheet.clock.zero_ns) {
        (1, Some(_)) => sheet.clock.moment(row.from_ns).map(|from| format!("{from}, {}", sheet.clock.name)),
        (_, Some(_)) => Some(sheet.clock.name.clone()),
        (1, None) => Some("time from the start".to_owned()),
        (_, None) => Some("hours of days that are counted from the start".to_owned()),
    };
    let clock = clock.unwrap_or_default();
    text(out, (edge, y + 29.0), "start", SOFT, &format!("{clock}; height: confidence from 0 to 1"));
}

/// Swatches with names and durations, in lines; gives where it ends.
fn legend(out: &mut String, sheet: &Sheet<'_>, edge: f64, top: f64) -> f64 {
    let (mut x, mut y) = (edge, top);
    for (place, activity) in sheet.occurring() {
        let label =
            format!("{} {}", clip(&activity.title(), 40), duration(activity.seconds).replace('\u{a0}', " "));
        let width = 16.0 + label.chars().count() as f64 * LETTER + 16.0;
        if x > edge && x + width > WIDTH - 4.0 {
            (x, y) = (edge, y + 16.0);
        }
        let mut swatch = String::new();
        rectangle(&mut swatch, (x, y), (x + 11.0, y + 9.0));
        let _ = write!(out, "<path d=\"{swatch}\" {}/>", fill(place, activity));
        text(out, (x + 16.0, y + 8.5), "start", INK, &label);
        x += width;
    }
    y + LETTERS
}
