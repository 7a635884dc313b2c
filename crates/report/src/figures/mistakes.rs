//! The most confident mistakes, drawn as the signals the model saw.

use super::{Key, legend};
use crate::axis::{Frame, Scale, extent};
use crate::svg::{Anchor, Svg};
use crate::text::{activity, count, decimal, escape, percent};
use ambulo_record::Mistake;

/// How many are drawn.
pub(crate) const SHOWN: usize = 12;

const WIDTH: f64 = 360.0;
const AXES: [(&str, &str); 3] = [("thin s1", "x"), ("thin s2", "y"), ("thin s3", "z")];

/// A grid of the first [`SHOWN`] mistakes with one legend for all.
pub(crate) fn gallery(mistakes: &[Mistake]) -> String {
    let mut out = legend(&AXES.map(|(class, name)| Key::Line(class, name)));
    out.push_str("<div class=\"gallery\">");
    for mistake in mistakes.iter().take(SHOWN) {
        out.push_str(&item(mistake));
    }
    out.push_str("</div>");
    out
}

fn item(mistake: &Mistake) -> String {
    let seconds =
        |sample: f64| decimal(if mistake.rate_hz > 0.0 { sample / mistake.rate_hz } else { f64::NAN }, 2);
    let (start, end) = (mistake.start as f64, mistake.start as f64 + samples(mistake) as f64);
    format!(
        "<figure class=\"mistake\"><h3><abbr title=\"{}\">{}</abbr>, taken for <abbr title=\"{}\">{}</abbr></h3>\
         <p class=\"sure\">{} sure; gave the truth {}</p>{}\
         <figcaption>Subject {}, recording {}, {} to {}\u{a0}s into the recording \
         (from sample\u{a0}{})</figcaption></figure>\n",
        escape(&mistake.truth),
        escape(&activity(&mistake.truth)),
        escape(&mistake.predicted),
        escape(&activity(&mistake.predicted).to_lowercase()),
        percent(mistake.confidence),
        percent(mistake.truth_probability),
        picture(mistake),
        escape(mistake.subject.as_str()),
        escape(&mistake.recording),
        seconds(start),
        seconds(end),
        count(mistake.start)
    )
}

fn samples(mistake: &Mistake) -> usize {
    mistake
        .acceleration
        .iter()
        .chain(mistake.angular_velocity.iter().flatten())
        .map(Vec::len)
        .max()
        .unwrap_or(0)
}

fn picture(mistake: &Mistake) -> String {
    let both = if mistake.angular_velocity.is_some() { " and angular velocity" } else { "" };
    let description = format!(
        "Total acceleration{both} over the window of subject {}, recording {}, sample {}",
        mistake.subject, mistake.recording, mistake.start
    );
    let upper = Frame { left: 42.0, right: WIDTH - 18.0, top: 25.0, bottom: 117.0 };
    let lower = Frame { top: 157.0, bottom: 249.0, ..upper };
    let signals_end = if mistake.angular_velocity.is_some() { lower } else { upper };
    let looked = mistake.attention.as_deref().filter(|weights| !weights.is_empty());
    let (top, bottom) = (signals_end.bottom + 26.0, signals_end.bottom + 46.0);
    let last = if looked.is_some() { Frame { top, bottom, ..signals_end } } else { signals_end };
    let mut svg = Svg::new(WIDTH, last.bottom + 42.0, "chart small", &description);
    let rate = if mistake.rate_hz.is_finite() && mistake.rate_hz > 0.0 { mistake.rate_hz } else { 1.0 };
    let x = Scale::exact((0.0, samples(mistake) as f64 / rate), (upper.left, upper.right), 5);
    signals(&mut svg, upper, &x, rate, &mistake.acceleration, "Acceleration (g)");
    if let Some(angular_velocity) = &mistake.angular_velocity {
        signals(&mut svg, lower, &x, rate, angular_velocity, "Angular velocity (rad/s)");
    }
    if let Some(weights) = looked {
        attention(&mut svg, last, weights);
    }
    last.draw_x(&mut svg, &x, 17.0);
    svg.text("tick", (0.5 * (last.left + last.right), last.bottom + 37.0), Anchor::Middle, "Time (s)");
    svg.finish()
}

fn signals(svg: &mut Svg, frame: Frame, x: &Scale, rate: f64, channels: &[Vec<f32>; 3], name: &str) {
    let values = channels.iter().flatten().map(|&v| f64::from(v));
    let (low, high) = extent(values).unwrap_or((-1.0, 1.0));
    // Never less than this, or the last bit of a sensor at rest fills the plot.
    let pad = (0.05 - 0.5 * (high - low)).max(0.0);
    let y = Scale::nice((low - pad, high + pad), (frame.bottom, frame.top), 3);
    svg.text("tick", (0.0, frame.top - 13.0), Anchor::Start, name);
    frame.draw_y(svg, &y);
    let mut ends = Vec::new();
    for (channel, (class, axis)) in channels.iter().zip(AXES) {
        let places =
            channel.iter().enumerate().map(|(i, &v)| Some((x.at(i as f64 / rate)?, y.at(f64::from(v))?)));
        svg.path(class, places, axis);
        if let Some(end) = channel.iter().rev().find_map(|&v| y.at(f64::from(v))) {
            ends.push((end, (class, axis)));
        }
    }
    for (at, (class, axis)) in spread(ends, 12.0, frame) {
        svg.text(&class.replace("thin", "mid"), (frame.right + 6.0, at), Anchor::Start, axis);
    }
}

/// Where the network looked: a bar for each step of its last axis of time, the tallest for the largest weight.
fn attention(svg: &mut Svg, frame: Frame, weights: &[f32]) {
    let most = extent(weights.iter().map(|&w| f64::from(w))).map_or(0.0, |(_, most)| most);
    svg.text("tick", (0.0, frame.top - 6.0), Anchor::Start, "Where the network looked");
    let width = (frame.right - frame.left) / weights.len() as f64;
    for (i, &weight) in weights.iter().enumerate() {
        let share = f64::from(weight) / most;
        if !share.is_finite() || share <= 0.0 {
            continue;
        }
        let left = frame.left + i as f64 * width;
        let top = frame.bottom - share.min(1.0) * (frame.bottom - frame.top);
        svg.rect("bar", (left, top), (left + 0.85 * width, frame.bottom), "");
    }
}

/// Moves labels apart to at least `least` units, from top to bottom, keeping them within the frame.
fn spread<T>(mut labels: Vec<(f64, T)>, least: f64, frame: Frame) -> Vec<(f64, T)> {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    for i in 1..labels.len() {
        labels[i].0 = labels[i].0.max(labels[i - 1].0 + least);
    }
    let mut floor = frame.bottom;
    for label in labels.iter_mut().rev() {
        label.0 = label.0.min(floor);
        floor = label.0 - least;
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_at_line_ends_do_not_touch() {
        let frame = Frame { left: 0.0, right: 100.0, top: 0.0, bottom: 60.0 };
        for ends in [[30.0, 30.0, 30.0], [60.0, 59.0, 58.0], [0.0, 1.0, 60.0]] {
            let placed = spread(ends.into_iter().zip(["x", "y", "z"]).collect(), 11.0, frame);
            assert_eq!(placed.len(), 3);
            for pair in placed.windows(2) {
                assert!(pair[1].0 - pair[0].0 >= 11.0 - 1e-9, "{placed:?}");
            }
            assert!(placed.iter().all(|(y, _)| (0.0..=60.0).contains(y)), "{placed:?}");
        }
    }
}
