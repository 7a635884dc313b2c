//! What the figures are by data set, by where the device was worn, by device and by group of people.

use crate::figures::breakdowns::{figure, numbers, recalls};
use crate::text::{activity, escape};
use ambulo_record::{Breakdown, BreakdownBy, Metrics};

pub(crate) fn section(metrics: &Metrics) -> String {
    let all: Vec<&Breakdown> = metrics.test.breakdowns.iter().filter(|b| !b.parts.is_empty()).collect();
    if all.is_empty() {
        return String::new();
    }
    let blocks: String =
        all.iter().enumerate().map(|(number, breakdown)| block(metrics, breakdown, number == 0)).collect();
    format!(
        "<section class=\"breakdowns\"><h2>Where the test comes from</h2><p>The same answers, divided by what the data \
         say of each recording. Macro-F1 is over the activities that a part holds, so parts with other activities are \
         not as hard as each other; the recall of one activity can be compared. Intervals are over the people of the \
         part.</p>{blocks}</section>\n"
    )
}

fn block(metrics: &Metrics, breakdown: &Breakdown, first: bool) -> String {
    let name = heading(breakdown);
    let recalls = recalls(metrics, breakdown, &name);
    let recalls = if recalls.is_empty() {
        String::new()
    } else {
        let open = if first { " open=\"open\"" } else { "" };
        format!(
            "<details class=\"recalls\"{open}><summary>Recall of each activity<span class=\"sr\">: {}</span></summary>{recalls}</details>",
            escape(&name)
        )
    };
    format!(
        "<div class=\"breakdown\"><div class=\"plots pairs\">{}<div>{}</div></div>{recalls}</div>\n",
        figure(metrics, breakdown, &name),
        numbers(breakdown, &name)
    )
}

fn heading(breakdown: &Breakdown) -> String {
    match BreakdownBy::from_name(&breakdown.by) {
        Some(BreakdownBy::Dataset) => "By data set".to_owned(),
        Some(BreakdownBy::Placement) => "By placement".to_owned(),
        Some(BreakdownBy::Device) => "By device".to_owned(),
        Some(BreakdownBy::Group) => "By group of people".to_owned(),
        Some(BreakdownBy::Condition) => "By condition".to_owned(),
        None => format!("By {}", activity(&breakdown.by).to_lowercase()),
    }
}
