//! Accuracy with the device worn another way than it was recorded.

use super::dots::{DotPlot, Mark, Row};
use super::headline::interval;
use super::{Figure, Key, legend, table};
use crate::svg::Shape;
use crate::text::{escape, percent, percent_number, plural};
use crate::wearing::{change, label};
use ambulo_record::{Estimate, Metrics};

/// The figure and, beside it, the table.
pub(crate) fn figures(metrics: &Metrics) -> Option<[String; 2]> {
    if metrics.test.wearings.is_empty() {
        return None;
    }
    let recorded = &metrics.test.accuracy;
    let worst = metrics.test.worst_facing().map(|w| w.wearing.as_str());
    let mut rows = vec![row("As recorded", recorded, false)];
    let mut lines = vec![vec![
        "As recorded".to_owned(),
        percent(recorded.mean),
        String::new(),
        interval(recorded),
        percent(metrics.test.macro_f1.mean),
    ]];
    for w in &metrics.test.wearings {
        let name = label(w);
        let is_worst = worst == Some(w.wearing.as_str());
        rows.push(row(&name, &w.accuracy, is_worst));
        let remark = if is_worst { " (worst)" } else { "" };
        lines.push(vec![
            format!("{}{remark}", escape(&name)),
            percent(w.accuracy.mean),
            change(metrics, w),
            interval(&w.accuracy),
            percent(w.macro_f1.mean),
        ]);
    }
    let mut keys = vec![
        Key::Mark("s1 solid", Shape::Circle, "accuracy"),
        Key::Mark("interval", Shape::Square, "95 % interval"),
        Key::Line("diagonal", "as recorded"),
    ];
    if worst.is_some() {
        keys.insert(1, Key::Mark("worst", Shape::Diamond, "worst facing"));
    }
    let plot = DotPlot {
        description: "Accuracy as recorded and with the device worn other ways, with intervals; the numbers are in \
                      the table",
        axis: "Windows classified correctly (%)",
        value_head: "Accuracy (%)",
        row_height: 30.0,
        rows,
        to_the_top: true,
        interval_title: "95 % interval",
        reference: Some(recorded.mean),
    };
    let picture = Figure {
        title: "Accuracy by way of wearing",
        legend: legend(&keys),
        picture: plot.svg(),
        caption: format!(
            "The same {}, their recordings rotated. Turned: about the vertical, each recording by a random angle, or \
             all by the same. Tilted: about a random horizontal axis by up to the angle. Upside down: half a turn \
             about a horizontal axis. Change: in points of accuracy.",
            plural(metrics.subjects.test.len(), "test person", "test people")
        ),
        table: String::new(),
    };
    let numbers = table(
        "Accuracy and macro-F1 by way of wearing",
        &["Worn", "Accuracy", "Change", "95 % interval", "Macro-F1"],
        &lines,
    );
    Some([picture.html(), format!("<div>{numbers}</div>\n")])
}

fn row(name: &str, accuracy: &Estimate, worst: bool) -> Row {
    let title = format!("{name}: accuracy {}", percent(accuracy.mean));
    let (class, shape, half) =
        if worst { ("worst", Shape::Diamond, 6.0) } else { ("s1 solid", Shape::Circle, 5.0) };
    Row {
        label: name.to_owned(),
        value: percent_number(accuracy.mean),
        interval: Some(accuracy.ci95),
        marks: vec![Mark { class, shape, value: accuracy.mean, lane: 0.0, half, title }],
    }
}
