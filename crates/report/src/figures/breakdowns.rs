//! Figures of the parts of a test.

use super::confusion::{MANY, head};
use super::dots::{DotPlot, Mark, Row};
use super::headline::interval;
use super::{Figure, Key, legend, table};
use crate::svg::Shape;
use crate::text::{ABSENT, activity, count, escape, percent, percent_number, plural};
use ambulo_record::{Breakdown, Estimate, Metrics, PartMetrics};
use std::fmt::Write;

/// A dot for the macro-F1 of each part, with its interval, and one for its accuracy.
pub(crate) fn figure(metrics: &Metrics, breakdown: &Breakdown, title: &str) -> String {
    let plot = DotPlot {
        description: "Macro-F1 and accuracy of each part of the test, with intervals; the numbers are in the table \
                      beside the figure",
        axis: "Share (%)",
        value_head: "Macro-F1 (%)",
        row_height: if breakdown.parts.len() > 15 { 22.0 } else { 32.0 },
        rows: breakdown.parts.iter().map(row).collect(),
        to_the_top: true,
        interval_title: "95 % interval of macro-F1",
        reference: None,
    };
    let seeds = match metrics.seeds.len() {
        n if n > 1 => format!(" Means over {}.", plural(n, "seed", "seeds")),
        _ => String::new(),
    };
    Figure {
        title,
        legend: legend(&[
            Key::Mark("s1 solid", Shape::Circle, "macro-F1"),
            Key::Mark("s3 open", Shape::Diamond, "accuracy"),
            Key::Mark("interval", Shape::Square, "95 % interval of macro-F1"),
        ]),
        picture: plot.svg(),
        caption: format!(
            "{} in {}.{seeds}",
            people(breakdown),
            plural(breakdown.parts.len(), "part", "parts")
        ),
        table: String::new(),
    }
    .html()
}

/// Those of all parts; one person may be in several.
fn people(breakdown: &Breakdown) -> String {
    let windows = breakdown.parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.windows));
    format!("{}\u{a0}windows", count(windows))
}

/// What a part is called.
fn name(part: &PartMetrics) -> String {
    part.value.clone().unwrap_or_else(|| "not stated".to_owned())
}

fn row(part: &PartMetrics) -> Row {
    let name = name(part);
    let mark = |class, shape, estimate: Option<Estimate>, half, what: &str| {
        estimate.map(|estimate| Mark {
            class,
            shape,
            value: estimate.mean,
            lane: 0.0,
            half,
            title: format!("{name}: {what} {} on {} windows", percent(estimate.mean), count(part.windows)),
        })
    };
    let marks = [
        mark("s3 open", Shape::Diamond, part.accuracy, 6.0, "accuracy"),
        mark("s1 solid", Shape::Circle, part.macro_f1, 5.0, "macro-F1"),
    ];
    Row {
        value: part.macro_f1.map_or_else(|| ABSENT.to_owned(), |estimate| percent_number(estimate.mean)),
        // Of one person nothing is known about others.
        interval: part.macro_f1.filter(|_| part.people > 1).map(|estimate| estimate.ci95),
        marks: marks.into_iter().flatten().collect(),
        label: name,
    }
}

/// People, windows and figures of each part.
pub(crate) fn numbers(breakdown: &Breakdown, title: &str) -> String {
    let figure = |part: &PartMetrics, estimate: &Option<Estimate>| match estimate {
        None => ABSENT.to_owned(),
        Some(estimate) if part.people > 1 => {
            format!("{}<br/><small>{}</small>", percent(estimate.mean), interval(estimate))
        }
        Some(estimate) => format!("{}<br/><small>one person</small>", percent(estimate.mean)),
    };
    let rows: Vec<Vec<String>> = (breakdown.parts.iter())
        .map(|part| {
            vec![
                escape(&name(part)),
                count(part.people),
                count(part.windows),
                figure(part, &part.macro_f1),
                figure(part, &part.accuracy),
            ]
        })
        .collect();
    let what = activity(title.strip_prefix("By ").unwrap_or(title));
    let head = [what.as_str(), "People", "Windows", "Macro-F1", "Accuracy"];
    table(&format!("Figures {}", title.to_lowercase()), &head, &rows)
}

/// The recall of each activity in each part, coarse labels behind the classes; nothing where no window is counted.
pub(crate) fn recalls(metrics: &Metrics, breakdown: &Breakdown, title: &str) -> String {
    let held = |label: &String| breakdown.parts.iter().any(|p| p.recalls.iter().any(|r| r.label == *label));
    let classes: Vec<&str> = metrics.labels.iter().filter(|label| held(label)).map(String::as_str).collect();
    let mut coarse: Vec<&str> = Vec::new();
    for found in breakdown.parts.iter().flat_map(|part| &part.coarse) {
        if !coarse.contains(&found.label.as_str()) {
            coarse.push(&found.label);
        }
    }
    let columns = classes.len() + coarse.len();
    if columns == 0 {
        return String::new();
    }
    let many = width(columns);
    let title = escape(&title.to_lowercase());
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Recall {title}\"><table class=\"matrix \
         shares{many}\"><caption class=\"sr\">Recall of each activity {title}</caption><thead><tr><td></td>"
    );
    for label in classes.iter().chain(&coarse) {
        let _ = write!(out, "<th scope=\"col\">{}</th>", head(label));
    }
    out.push_str("</tr></thead><tbody>");
    for part in &breakdown.parts {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&name(part)));
        let own =
            |label: &&str| part.recalls.iter().find(|r| r.label == **label).map(|r| (r.recall, r.windows));
        let above =
            |label: &&str| part.coarse.iter().find(|c| c.label == **label).map(|c| (c.recall, c.windows));
        for found in classes.iter().map(own).chain(coarse.iter().map(above)) {
            out.push_str(&cell(found));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    let above = if coarse.is_empty() {
        String::new()
    } else {
        let names: Vec<String> = coarse.iter().map(|label| escape(&activity(label)).to_lowercase()).collect();
        format!(
            " Labels above the activities of the model are counted at their own depth: {}.",
            names.join(", ")
        )
    };
    let _ = write!(
        out,
        "<p class=\"caption\">Of the windows of an activity, the share that was called so, in percent, and below it how many \
         windows there are.{above}</p>"
    );
    out
}

/// The class of a table of shares with so many columns: whether it scrolls sideways on a phone, and whether heads stand upright.
pub(crate) fn width(columns: usize) -> &'static str {
    match columns {
        0..=5 => "",
        6..=MANY => " some",
        _ => " many",
    }
}

fn cell(found: Option<(f64, u64)>) -> String {
    match found {
        None => format!("<td class=\"zero\">{ABSENT}</td>"),
        Some((recall, windows)) => {
            // Recalls are mostly high: the square lets the low ones stand out.
            let share = if recall.is_finite() { recall.clamp(0.0, 1.0) } else { 0.0 };
            format!(
                "<td class=\"right\" style=\"--a:{:.2}\"><b>{}</b><small>{}</small></td>",
                0.04 + 0.51 * share * share,
                percent_number(recall),
                count(windows)
            )
        }
    }
}
