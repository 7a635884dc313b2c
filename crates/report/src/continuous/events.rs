//! The event analysis diagram of Ward et al. 2011: events of the truth from the left, of the answers from the right, and the
//! correct ones, which are both, in the middle.

use super::{most_smoothed, name};
use crate::figures::{Figure, table};
use crate::svg::{Anchor, Svg, WIDTH};
use crate::text::{activity, count, escape};
use ambulo_record::continuous::{ContinuousMetrics, EventCounts};

/// What the letters say, and how each is drawn, in the order of the diagram.
const KINDS: [(&str, &str, &str); 9] = [
    ("D", "e-d", "deleted: not found at all"),
    ("F", "e-f", "fragmented: found in pieces"),
    ("FM", "e-fm", "fragmented and merged"),
    ("M", "e-m", "merged: found together with others"),
    ("C", "e-c", "correct"),
    ("M'", "a-m", "merging: an answer that holds several events"),
    ("FM'", "a-fm", "fragmenting and merging"),
    ("F'", "a-f", "fragmenting: one of several pieces"),
    ("I'", "a-i", "inserted: an answer to nothing"),
];

/// The least width of a kind that occurs, in units.
const LEAST: f64 = 2.5;
const ROW: f64 = 66.0;

/// The diagrams of all ways of smoothing, and of each activity for the last.
pub(super) fn figures(m: &ContinuousMetrics) -> String {
    let all: Vec<(String, EventCounts)> = m.variants.iter().map(|v| (name(v), v.events)).collect();
    let mut drawn = figure("By way of smoothing", &all, "Smoothing");
    if let Some((variant, title)) = most_smoothed(m) {
        let events = |c: &ambulo_record::continuous::ClassEvents| c.events.truth() + c.events.answers();
        let classes: Vec<(String, EventCounts)> = (variant.per_class_events.iter())
            .filter(|class| events(class) > 0)
            .map(|class| (activity(&class.label), class.events))
            .collect();
        if !classes.is_empty() {
            drawn += &figure(&format!("By activity, {}", title.to_lowercase()), &classes, "Activity");
        }
    }
    format!("{}<div class=\"plots pairs\">{drawn}</div>", legend())
}

fn legend() -> String {
    let items: String = (KINDS.iter())
        .map(|(letter, class, meaning)| {
            format!(
                "<li><span class=\"chip {class}\"></span><b>{}</b> {}</li>",
                escape(letter),
                escape(meaning)
            )
        })
        .collect();
    format!(
        "<p>Each activity is looked at alone. From the left, events of the truth by what became of them; from the right, events \
         of the answers by what they are; correct ones are one of each.</p><ul class=\"legend kinds\">{items}</ul>"
    )
}

fn figure(title: &str, rows: &[(String, EventCounts)], first: &str) -> String {
    let description =
        format!("Event analysis diagram, {title}; the numbers are in the table below the figure");
    let mut svg = Svg::new(WIDTH, ROW * rows.len() as f64, "chart", &description);
    for (number, (label, events)) in rows.iter().enumerate() {
        draw(&mut svg, ROW * number as f64, label, events);
    }
    let mut head = vec![first];
    head.extend(KINDS.iter().map(|(letter, ..)| *letter));
    let numbers: Vec<Vec<String>> = (rows.iter())
        .map(|(label, events)| {
            let counts = events.diagram().map(|(_, events)| count(events));
            [vec![escape(label)], counts.to_vec()].concat()
        })
        .collect();
    Figure {
        title,
        legend: String::new(),
        picture: svg.finish(),
        caption: String::new(),
        table: table(title, &head, &numbers),
    }
    .html()
}

/// One bar, with what it is above it and the counts below.
fn draw(svg: &mut Svg, top: f64, label: &str, events: &EventCounts) {
    let diagram = events.diagram();
    let total: u64 = diagram.iter().map(|(_, count)| count).sum();
    svg.text("label", (0.0, top + 15.0), Anchor::Start, label);
    let both = format!("{} events, {} answers", count(events.truth()), count(events.answers()));
    svg.text("tick", (WIDTH, top + 15.0), Anchor::End, &both);
    if total == 0 {
        return;
    }
    // What is there must be seen: the rest shares what the smallest leave.
    let share = |n: u64| n as f64 / total as f64 * WIDTH;
    let small: Vec<u64> = diagram.iter().map(|&(_, n)| n).filter(|&n| n > 0 && share(n) < LEAST).collect();
    let left = WIDTH - LEAST * small.len() as f64;
    let others = (total - small.iter().sum::<u64>()).max(1) as f64;
    let mut x = 0.0;
    for ((letter, n), (_, class, meaning)) in diagram.into_iter().zip(KINDS) {
        if n == 0 {
            continue;
        }
        let width = if share(n) < LEAST { LEAST } else { n as f64 / others * left };
        svg.rect(
            class,
            (x, top + 22.0),
            (x + width, top + 42.0),
            &format!("{letter}: {}, {meaning}", count(n)),
        );
        x += width;
    }
    let counts: Vec<String> = (diagram.into_iter().filter(|&(_, n)| n > 0))
        .map(|(letter, n)| format!("{letter}\u{a0}{}", count(n)))
        .collect();
    svg.text("tick value", (0.0, top + 57.0), Anchor::Start, &counts.join(" · "));
}
