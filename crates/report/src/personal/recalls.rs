//! How many windows of each activity are found, and what a new one costs.

use super::dumbbell::{Dumbbell, Row};
use super::{given, of_set};
use crate::figures::{Figure, table};
use crate::text::{ABSENT, activity, decimal, escape, percent};
use ambulo_record::{MeanOverPeople, PersonalFigures, PersonalPoint, PersonalSummary, RecallBeforeAfter};

pub(super) fn figures(figures: &PersonalFigures) -> String {
    let least = (figures.points.iter().flat_map(|point| &point.summaries))
        .flat_map(|summary| known(figures, summary))
        .flat_map(|(_, recall)| [recall.before, recall.after])
        .filter(|share| share.is_finite())
        .fold(0.95, f64::min);
    let mut plots = String::new();
    let mut number = 0;
    for point in &figures.points {
        for summary in &point.summaries {
            plots += &one(figures, point, summary, 100.0 * least);
            number += 1;
        }
    }
    let layout = if number > 1 { "pairs" } else { "one" };
    format!(
        "<p>Of the windows of each activity the share that is found, mean over the people who did it. A line to the right is a gain.</p>\
         <div class=\"plots {layout}\">{plots}</div>"
    )
}

/// Activities that the models know.
fn known<'a>(
    figures: &'a PersonalFigures,
    summary: &'a PersonalSummary,
) -> impl Iterator<Item = (&'a str, &'a RecallBeforeAfter)> {
    let new = figures.new.as_ref().map(|new| new.activity.as_str());
    summary
        .recalls
        .iter()
        .filter(move |(name, _)| Some(name.as_str()) != new)
        .map(|(name, recall)| (name.as_str(), recall))
}

fn one(figures: &PersonalFigures, point: &PersonalPoint, summary: &PersonalSummary, least: f64) -> String {
    let title = given(figures, point) + &of_set(point, &summary.dataset);
    let mut all: Vec<(&str, &RecallBeforeAfter)> = known(figures, summary).collect();
    all.sort_by(|a, b| a.1.before.total_cmp(&b.1.before));
    let rows: Vec<Row> = all
        .iter()
        .map(|(name, recall)| {
            let name = activity(name);
            let [before, after] = [recall.before, recall.after].map(|share| 100.0 * share);
            let title = format!("{name}: {} → {} %", decimal(before, 1), decimal(after, 1));
            Row { name, before, after, title }
        })
        .collect();
    let plot = Dumbbell {
        description: &format!(
            "Share found of each activity before and after {title}; the numbers are in the table below the figure"
        ),
        axis: "Found (% of windows)",
        reach: (least, 100.0),
        up_is_good: true,
        rows: &rows,
    };
    let numbers: Vec<Vec<String>> = all
        .iter()
        .map(|(name, recall)| {
            vec![
                escape(&activity(name)),
                recall.people.to_string(),
                percent(recall.before),
                percent(recall.after),
                decimal(100.0 * (recall.after - recall.before), 2),
            ]
        })
        .collect();
    let has_losers = rows.iter().any(|row| plot.is_worse(row));
    Figure {
        title: &title,
        legend: plot.legend(has_losers),
        picture: plot.svg(),
        caption: String::new(),
        table: table(&title, &["Activity", "People", "Before", "After", "Points gained"], &numbers),
    }
    .html()
}

/// What is found of a new activity, what the others lose by it, and what becomes of the unknown.
pub(super) fn new_activity(figures: &PersonalFigures) -> String {
    let Some(new) = &figures.new else { return String::new() };
    let mut rows = Vec::new();
    for point in &figures.points {
        for summary in &point.summaries {
            let cell = |of: &MeanOverPeople, factor: f64, digits: usize| {
                let mut ends = of.ci95.map(|end| 0.0 + factor * end);
                ends.sort_by(f64::total_cmp);
                let range = if summary.people > 1 {
                    format!(
                        "<br/><small>{} to {}</small>",
                        decimal(ends[0], digits),
                        decimal(ends[1], digits)
                    )
                } else {
                    String::new()
                };
                decimal(0.0 + factor * of.mean, digits) + &range
            };
            let auroc = |i: usize| {
                summary.unknown_auroc.map_or_else(|| ABSENT.to_owned(), |pair| decimal(pair[i], 3))
            };
            rows.push(vec![
                escape(&(given(figures, point) + &of_set(point, &summary.dataset))),
                summary.people.to_string(),
                summary.found.as_ref().map_or_else(|| ABSENT.to_owned(), |found| cell(found, 100.0, 1)),
                cell(&summary.gain, -100.0, 2),
                auroc(0),
                auroc(1),
            ]);
        }
    }
    let head = ["Given", "People", "Found, %", "The others lose, points", "Unknown: AUROC before", "after"];
    let strangers = figures.points.iter().flat_map(|p| &p.summaries).any(|s| s.unknown_auroc.is_some());
    let unknown = if strangers {
        " The area under the curve says how well what people of other data sets do, and neither model knows, is told from what the model knew."
    } else {
        " No data set at hand has people of other data than the models learned from, so that nothing is said of what stays unknown."
    };
    format!(
        "<p>Found is the share of the windows of {} that the personal model calls so; below means 95\u{a0}% intervals over people.{unknown}</p>{}",
        escape(&activity(&new.activity).to_lowercase()),
        table("The new activity", &head, &rows)
    )
}
