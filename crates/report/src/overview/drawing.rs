//! The signals of a recording, x, y and z of each sensor in lanes of their own, with what happened over them.

use super::times::Times;
use super::{shape, weight};
use crate::axis::{Scale, extent};
use crate::svg::{Anchor, Shape, Svg, number};
use crate::text::escape;
use ambulo_record::overview::{Overview, StretchKind, ZoomedOut};
use std::fmt::Write as _;

/// Units across a picture, whatever its width on the screen.
pub(crate) const ACROSS: f64 = 1000.0;
/// Height of a lane, in pixels.
const LANE: f64 = 72.0;
/// Findings that get a mark.
pub(crate) const MOST_MARKS: usize = 20;
/// Stretches of each kind that are drawn one by one; what is left is too short to be seen.
pub(crate) const MOST_STRETCHES: usize = 400;

const AXES: [(&str, &str); 3] = [("x", "s1"), ("y", "s2"), ("z", "s3")];

/// All of it; nothing for a recording without signals.
pub(super) fn drawing(recording: &Overview, times: &Times) -> String {
    let signals: Vec<&ZoomedOut> =
        recording.signals.iter().filter(|signal| !signal.bins.is_empty()).collect();
    if signals.is_empty() {
        return String::new();
    }
    let mut out = String::from("<figure class=\"signals\">");
    out.push_str(&legend(recording));
    out.push_str(&marks(recording, times));
    for signal in signals {
        out.push_str(&sensor(recording, signal, times));
    }
    out.push_str(&axis(times));
    out.push_str("</figure>");
    out
}

/// The labels of the ticks below a picture.
pub(crate) fn axis(times: &Times) -> String {
    let mut out = String::from("<div class=\"times\">");
    for (i, tick) in times.ticks().into_iter().enumerate() {
        let Some(share) = times.share(tick) else { continue };
        // Every other label goes where there is no room.
        let class = if i % 2 == 0 { "" } else { " class=\"odd\"" };
        let _ = write!(
            out,
            "<span{class} style=\"left:{}%\">{}</span>",
            number(100.0 * share),
            escape(&times.label(tick))
        );
    }
    out.push_str("</div>");
    out
}

pub(crate) fn legend(recording: &Overview) -> String {
    let mut entries = String::new();
    let kinds = [
        (StretchKind::Gap, "gap-stretch", "no samples"),
        (StretchKind::NotWorn, "not-worn", "not worn"),
        (StretchKind::Filled, "filled", "filled by the device's software"),
    ];
    for (kind, class, name) in kinds {
        if recording.stretches.iter().any(|stretch| stretch.kind == kind) {
            let _ = write!(entries, "<li><span class=\"chip {class}\"></span>{name}</li>");
        }
    }
    if entries.is_empty() { entries } else { format!("<ul class=\"legend\">{entries}</ul>") }
}

/// Findings at their times, with numbers.
pub(crate) fn marks(recording: &Overview, times: &Times) -> String {
    let mut all: Vec<String> = Vec::new();
    let mut marked = 0;
    for noticed in &recording.noticed {
        let Some(share) = noticed.time_s.and_then(|time_s| times.share(time_s)) else { continue };
        if marked == MOST_MARKS {
            break;
        }
        marked += 1;
        let mut svg = Svg::new(16.0, 16.0, "mark", "");
        let (class, name) = weight(&noticed.weight);
        svg.mark(
            class,
            shape(&noticed.weight),
            (8.0, 8.0),
            if shape(&noticed.weight) == Shape::Diamond { 5.5 } else { 6.0 },
            "",
        );
        svg.text("", (8.0, 8.0), Anchor::Middle, &marked.to_string());
        all.push(format!(
            "<span style=\"left:{}%\" title=\"{name}: {}\">{}</span>",
            number(100.0 * share),
            escape(&noticed.text),
            svg.finish()
        ));
    }
    // Of marks at one time the gravest stands on top.
    all.reverse();
    let out = all.concat();
    if out.is_empty() { out } else { format!("<div class=\"marks\">{out}</div>") }
}

pub(crate) fn sensor(recording: &Overview, signal: &ZoomedOut, times: &Times) -> String {
    let values = signal.bins.iter().flat_map(|bin| bin.least.iter().chain(&bin.most)).map(|&v| f64::from(v));
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    let height = 3.0 * LANE;
    let unit = if signal.unit.is_empty() { "unit unknown" } else { &signal.unit };
    let unit = unit.replace("uT", "µT");
    let mut out = format!(
        "<p class=\"sensor\">{} <span>{}</span></p><div class=\"lanes\" style=\"height:{}px\">",
        escape(&capital(&signal.name)),
        escape(&unit),
        number(height)
    );
    let scales: Vec<Scale> = (0..3)
        .map(|lane| {
            let top = f64::from(lane) * LANE;
            let (low, high) = (low.min(0.0), high.max(0.0));
            let edge = 0.04 * (high - low);
            Scale::exact((low - edge, high + edge), (top + LANE, top), 5)
        })
        .collect();
    let label = format!("{}: x, y and z over the recording", signal.name);
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        number(ACROSS),
        number(height),
        escape(&label)
    );
    stretches(&mut out, recording, times, height);
    for scale in &scales {
        for y in scale.ticks.iter().filter_map(|&tick| scale.at(tick)) {
            let _ = write!(out, "<path class=\"grid\" d=\"M0 {y}H{ACROSS}\"/>", y = number(y));
        }
    }
    for lane in 1..3 {
        let _ = write!(out, "<path class=\"lane\" d=\"M0 {}H{ACROSS}\"/>", number(f64::from(lane) * LANE));
    }
    for x in times.ticks().into_iter().filter_map(|tick| times.share(tick)) {
        let _ = write!(out, "<path class=\"grid\" d=\"M{} 0V{}\"/>", number(x * ACROSS), number(height));
    }
    for (axis, (_, class)) in AXES.iter().enumerate() {
        for path in bands(recording, signal, axis, &scales[axis], times) {
            let _ = write!(out, "<path class=\"band {class}\" d=\"{path}\"/>");
        }
    }
    out.push_str("</svg>");
    for (lane, (name, class)) in AXES.iter().enumerate() {
        let scale = &scales[lane];
        let _ = write!(
            out,
            "<b class=\"axis-name {class}\" style=\"top:{}px\">{name}</b>",
            number((lane as f64 + 0.5) * LANE)
        );
        // Next to the edge a label would stand upon that of the next lane.
        let within = |y: &f64| (*y - (lane as f64 + 0.5) * LANE).abs() < 0.5 * LANE - 6.0;
        let labelled = scale.ticks.iter().filter_map(|&tick| Some((tick, scale.at(tick).filter(within)?)));
        for (tick, y) in labelled {
            let _ = write!(out, "<i style=\"top:{}px\">{}</i>", number(y), scale.label(tick));
        }
    }
    out.push_str("</div>");
    out
}

pub(crate) fn stretches(out: &mut String, recording: &Overview, times: &Times, height: f64) {
    for (kind, class) in [
        (StretchKind::NotWorn, "not-worn"),
        (StretchKind::Filled, "filled"),
        (StretchKind::Gap, "gap-stretch"),
    ] {
        let mut all: Vec<(f64, f64)> = recording
            .stretches
            .iter()
            .filter(|stretch| stretch.kind == kind && stretch.length_s > 0.0)
            .map(|stretch| (stretch.start_s, stretch.length_s))
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(MOST_STRETCHES);
        for (start_s, length_s) in all {
            let (a, b) = (times.clamped(start_s) * ACROSS, times.clamped(start_s + length_s) * ACROSS);
            // A short one is seen all the same.
            let width = (b - a).max(0.8);
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{}\" y=\"0\" width=\"{}\" height=\"{}\"/>",
                number(a),
                number(width),
                number(height)
            );
        }
    }
}

/// The area from the smallest to the largest value, one for each run without a pause.
fn bands(recording: &Overview, signal: &ZoomedOut, axis: usize, scale: &Scale, times: &Times) -> Vec<String> {
    let mut pauses: Vec<f64> = recording
        .stretches
        .iter()
        .filter(|stretch| stretch.kind != StretchKind::NotWorn)
        .map(|stretch| stretch.start_s + stretch.length_s)
        .filter(|end| end.is_finite())
        .collect();
    pauses.sort_by(f64::total_cmp);
    let mut pauses = pauses.into_iter().peekable();
    let mut paths = Vec::new();
    let mut run: Vec<(f64, f64, f64)> = Vec::new();
    for bin in &signal.bins {
        let (Some(low), Some(high)) =
            (scale.at(f64::from(bin.least[axis])), scale.at(f64::from(bin.most[axis])))
        else {
            flush(&mut run, &mut paths);
            continue;
        };
        let middle_s = bin.start_s + 0.5 * signal.width_s;
        // A pause that ends in this column or before it ends the run.
        while pauses.next_if(|end| *end <= bin.start_s + signal.width_s).is_some() {
            flush(&mut run, &mut paths);
        }
        run.push((times.clamped(middle_s) * ACROSS, high, low));
    }
    flush(&mut run, &mut paths);
    paths
}

fn flush(run: &mut Vec<(f64, f64, f64)>, paths: &mut Vec<String>) {
    let Some(&(first, top, bottom)) = run.first() else { return };
    let mut path = format!("M{} {}", number(first), number(top));
    for &(x, top, _) in &run[1..] {
        let _ = write!(path, "L{} {}", number(x), number(top));
    }
    if run.len() == 1 {
        // One column alone is a stroke, or a dot.
        let _ = write!(path, "V{}h.1", number(bottom));
    } else {
        for &(x, _, bottom) in run.iter().rev() {
            let _ = write!(path, "L{} {}", number(x), number(bottom));
        }
        path.push('Z');
    }
    paths.push(path);
    run.clear();
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().to_string() + chars.as_str())
}
