//! Time that is answered wrongly, by the kind of error (2SET of Ward et al. 2011): once as parts of the events that were
//! missed, once as parts of the answers that were too much.

use super::name;
use crate::axis::{Frame, Scale};
use crate::figures::{Figure, table};
use crate::svg::{Anchor, Svg, WIDTH};
use crate::text::{count, decimal, escape, percent};
use ambulo_record::continuous::{ContinuousMetrics, ErrorStretches, Stretches};

const ROW: f64 = 58.0;

/// Letter, style and meaning, first what is missed and then what is too much.
const MISSED: [(&str, &str, &str); 4] = [
    ("Uα", "e-m", "underfill at the start: found late"),
    ("Uω", "e-fm", "underfill at the end: lost early"),
    ("F", "e-f", "fragmentation: a hole in an event"),
    ("D", "e-d", "deletion: an event not found at all"),
];
const TOO_MUCH: [(&str, &str, &str); 4] = [
    ("Oα", "a-m", "overfill at the start: too early"),
    ("Oω", "a-fm", "overfill at the end: too long"),
    ("M", "a-f", "merge: between two events"),
    ("I", "a-i", "insertion: apart from any event"),
];

fn missed(e: &ErrorStretches) -> [Stretches; 4] {
    [e.underfill_start, e.underfill_end, e.fragmentation, e.deletion]
}

fn too_much(e: &ErrorStretches) -> [Stretches; 4] {
    [e.overfill_start, e.overfill_end, e.merge, e.insertion]
}

pub(super) fn figure(m: &ContinuousMetrics) -> String {
    // Of all classes' time, each wrong moment is missed by one class and, where there is an answer, too much of another.
    let shares = |e: &ErrorStretches, parts: [Stretches; 4]| {
        let labelled = e.positive_s();
        parts.map(|part| if labelled > 0.0 { part.seconds / labelled } else { 0.0 })
    };
    let most = (m.variants.iter())
        .flat_map(|v| [missed(&v.errors), too_much(&v.errors)].map(|parts| shares(&v.errors, parts)))
        .map(|parts| parts.iter().sum::<f64>())
        .fold(0.0, f64::max);
    let frame = Frame { left: 0.0, right: WIDTH, top: 4.0, bottom: 4.0 + ROW * m.variants.len() as f64 };
    let description = "Time answered wrongly by kind of error; the numbers are in the table below the figure";
    let mut svg = Svg::new(WIDTH, frame.bottom + 46.0, "chart", description);
    let scale = Scale::nice((0.0, (100.0 * most).max(0.1)), (frame.left + 6.0, frame.right - 14.0), 4);
    frame.grid_x(&mut svg, &scale);
    for (number, v) in m.variants.iter().enumerate() {
        let top = frame.top + ROW * number as f64;
        svg.text("label", (frame.left, top + 15.0), Anchor::Start, &name(v));
        for (lane, kinds, parts) in [
            (22.0, MISSED, shares(&v.errors, missed(&v.errors))),
            (37.0, TOO_MUCH, shares(&v.errors, too_much(&v.errors))),
        ] {
            let mut sum = 0.0;
            for ((letter, class, meaning), part) in kinds.into_iter().zip(parts) {
                let (from, to) = (scale.at(100.0 * sum), scale.at(100.0 * (sum + part)));
                sum += part;
                if let (Some(from), Some(to)) = (from, to)
                    && part > 0.0
                {
                    let title = format!("{letter}: {} of the time, {meaning}", percent(part));
                    svg.rect(class, (from, top + lane), (to, top + lane + 12.0), &title);
                }
            }
        }
    }
    frame.draw_x(&mut svg, &scale, 19.0);
    let middle = 0.5 * (frame.left + frame.right);
    svg.text("tick", (middle, frame.bottom + 40.0), Anchor::Middle, "Share of the labelled time (%)");

    let mut head = vec!["Smoothing".to_owned()];
    head.extend(MISSED.iter().chain(&TOO_MUCH).map(|(letter, ..)| format!("{letter}: seconds (stretches)")));
    let rows: Vec<Vec<String>> = (m.variants.iter())
        .map(|v| {
            let all = missed(&v.errors).into_iter().chain(too_much(&v.errors));
            let cells = all.map(|s| format!("{} ({})", decimal(s.seconds, 1), count(s.count)));
            std::iter::once(escape(&name(v))).chain(cells).collect()
        })
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let items: String = (MISSED.iter().chain(&TOO_MUCH))
        .map(|(letter, class, meaning)| {
            format!("<li><span class=\"chip {class}\"></span><b>{letter}</b> {meaning}</li>")
        })
        .collect();
    let figure = Figure {
        title: "",
        legend: String::new(),
        picture: svg.finish(),
        caption: "Upper bar: labelled time whose activity was not answered, by where in the event it lies. Lower bar: the same \
                  moments as the activity that was answered instead sees them; the two may differ in length, as where there is \
                  no answer nothing is too much."
            .to_owned(),
        table: table("Time answered wrongly by kind of error", &head, &rows),
    };
    format!("<div class=\"plots pairs\">{}<ul class=\"legend kinds\">{items}</ul></div>", figure.html())
}
