//! Macro-F1 by the amount of labels: the label efficiency curve.

use crate::axis::{Frame, Scale, extent};
use crate::figures::headline::interval;
use crate::figures::{Figure, Key, legend, table};
use crate::svg::{Anchor, Shape, Svg, WIDTH};
use crate::text::{ABSENT, decimal, percent, plural};
use ambulo_record::{Estimate, FewDraw, FewFigures, FewLabels, FewPoint};

/// One way of training.
struct Way {
    line: &'static str,
    bar: &'static str,
    mark: &'static str,
    one: &'static str,
    shape: Shape,
    name: &'static str,
    level: fn(&FewPoint) -> Option<Estimate>,
    figures: fn(&FewDraw) -> Option<&FewFigures>,
}

const SCRATCH: Way = Way {
    line: "s1line",
    bar: "s1bar",
    mark: "s1mark",
    one: "s1one",
    shape: Shape::Circle,
    name: "from scratch",
    level: |point| Some(point.scratch),
    figures: |draw| Some(&draw.scratch),
};

const FROM: Way = Way {
    line: "s2line",
    bar: "s2bar",
    mark: "s2mark",
    one: "s2one",
    shape: Shape::Square,
    name: "begun with the model",
    level: |point| point.from,
    figures: |draw| draw.from.as_ref(),
};

/// A figure for the amounts that count the same thing, with the one of all labels at its end; nothing without such.
pub(super) fn figure(few: &FewLabels, by: &str) -> String {
    let points: Vec<&FewPoint> = few.points.iter().filter(|p| p.by == by || p.by == "all").collect();
    if !points.iter().any(|point| point.by == by) {
        return String::new();
    }
    let title = match by {
        "people" => "By number of labelled people",
        "windows" => "By labelled windows of each activity",
        _ => "With all labels",
    };
    let ways: Vec<Way> = if few.from.is_some() { vec![SCRATCH, FROM] } else { vec![SCRATCH] };
    let mut keys = Vec::new();
    for way in &ways {
        keys.push(Key::Line(way.line, way.name));
    }
    keys.push(Key::Mark("s1one", Shape::Circle, "each draw"));
    let rows: Vec<Vec<String>> = points.iter().map(|point| row(point)).collect();
    let head = [
        "Labels",
        "Draws",
        "From scratch",
        "Begun with the model",
        "Gain in points",
        "95 % interval",
        "Better, worse",
    ];
    Figure {
        title,
        legend: legend(&keys),
        picture: picture(&points, &ways, title),
        caption: format!(
            "Mean macro-F1 over draws; bars are 95\u{a0}% intervals over the {} tested, points the draws. Amounts stand \
             side by side, not to scale.",
            plural(few.subjects.test.len(), "person", "people")
        ),
        table: table(title, &head, &rows),
    }
    .html()
}

/// The figures of an amount in words.
fn row(point: &FewPoint) -> Vec<String> {
    let level = |of: &Estimate| format!("{}<br/><small>{}</small>", percent(of.mean), interval(of));
    let absent = || ABSENT.to_owned();
    let mut row = vec![
        crate::text::escape(&point.name()),
        point.draws.len().to_string(),
        level(&point.scratch),
        point.from.as_ref().map_or_else(absent, level),
    ];
    match &point.gain {
        Some(gain) => row.extend([
            decimal(100.0 * gain.macro_f1, 1),
            format!("{} to {}", decimal(100.0 * gain.ci95[0], 1), decimal(100.0 * gain.ci95[1], 1)),
            format!("{}, {}", gain.better_worse[0], gain.better_worse[1]),
        ]),
        None => row.extend([ABSENT; 3].map(str::to_owned)),
    }
    row
}

fn picture(points: &[&FewPoint], ways: &[Way], title: &str) -> String {
    let frame = Frame { left: 44.0, right: WIDTH - 8.0, top: 28.0, bottom: 250.0 };
    let mut svg = Svg::new(
        WIDTH,
        300.0,
        "chart",
        &format!("Macro-F1 {}; the numbers are in the table below the figure", title.to_lowercase()),
    );
    let levels = points.iter().flat_map(|point| {
        ways.iter()
            .filter_map(|way| (way.level)(point))
            .flat_map(|level| [level.mean, level.ci95[0], level.ci95[1]])
    });
    let ones = points.iter().flat_map(|point| {
        let of = move |way: &Way| {
            point.draws.iter().filter_map(|d| Some((way.figures)(d)?.macro_f1)).collect::<Vec<_>>()
        };
        ways.iter().flat_map(of)
    });
    let (low, high) = extent(levels.chain(ones).map(|v| 100.0 * v)).unwrap_or((0.0, 100.0));
    let y = Scale::nice((low, high), (frame.bottom, frame.top), 5);
    svg.text("tick", (0.0, 12.0), Anchor::Start, "Macro-F1 (%)");
    frame.draw_y(&mut svg, &y);
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
    let step = (frame.right - frame.left) / points.len().max(1) as f64;
    let centre = |i: usize| frame.left + (i as f64 + 0.5) * step;
    for (i, point) in points.iter().enumerate() {
        let name = if point.by == "all" { "all".to_owned() } else { point.count.to_string() };
        svg.text("tick", (centre(i), frame.bottom + 18.0), Anchor::Middle, &name);
    }
    svg.text("tick", (0.5 * (frame.left + frame.right), frame.bottom + 40.0), Anchor::Middle, title);
    for (number, way) in ways.iter().enumerate() {
        // Beside each other, so that neither hides the other.
        let lane = (number as f64 - 0.5 * (ways.len() - 1) as f64) * (0.2 * step).min(24.0);
        let at = |i: usize, value: f64| Some((centre(i) + lane, y.at(100.0 * value)?));
        for (i, point) in points.iter().enumerate() {
            for draw in &point.draws {
                let Some(own) = (way.figures)(draw) else { continue };
                if let Some(place) = at(i, own.macro_f1) {
                    let title = format!("Draw {}, {}: {}", draw.draw, way.name, percent(own.macro_f1));
                    svg.mark(way.one, way.shape, place, 2.5, &title);
                }
            }
        }
        let means = points.iter().enumerate().map(|(i, point)| at(i, (way.level)(point)?.mean));
        svg.path(way.line, means, way.name);
        for (i, point) in points.iter().enumerate() {
            let Some(level) = (way.level)(point) else { continue };
            if let (Some(from), Some(to)) = (at(i, level.ci95[0]), at(i, level.ci95[1])) {
                svg.line(way.bar, from, to);
            }
            if let Some(place) = at(i, level.mean) {
                svg.mark(
                    way.mark,
                    way.shape,
                    place,
                    5.0,
                    &format!("{}, {}: {}", point.name(), way.name, percent(level.mean)),
                );
            }
        }
    }
    svg.finish()
}
