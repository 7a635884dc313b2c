//! Precision, recall and F1 of each class.

use super::confusion::MANY;
use super::dots::{DotPlot, Mark, Row};
use super::{Figure, Key, legend, table};
use crate::svg::Shape;
use crate::text::{activity, count, escape, percent, percent_number};
use ambulo_record::{ClassMetrics, Metrics};

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let classes = &metrics.test.per_class;
    if classes.is_empty() {
        return None;
    }
    let plot = DotPlot {
        description: "Precision, recall and F1 of each class; the numbers are in the table below the figure",
        axis: "Share (%)",
        value_head: "F1 (%)",
        row_height: 42.0,
        rows: classes.iter().map(row).collect(),
        to_the_top: true,
        interval_title: "95 % interval",
        reference: None,
    };
    let rows: Vec<Vec<String>> = classes
        .iter()
        .map(|c| {
            let name = format!("<abbr title=\"{}\">{}</abbr>", escape(&c.label), escape(&activity(&c.label)));
            vec![name, percent(c.precision), percent(c.recall), percent(c.f1), count(c.support)]
        })
        .collect();
    let numbers = table(
        "Precision, recall and F1 of each class",
        &["Activity", "Precision", "Recall", "F1", "Windows"],
        &rows,
    );
    let numbers = numbers + &coarse(metrics);
    let (folded, beside) = if classes.len() > MANY {
        (String::new(), format!("<div>{numbers}</div>\n"))
    } else {
        (numbers, String::new())
    };
    let figure = Figure {
        title: "By activity",
        legend: legend(&[
            Key::Mark("s2 open", Shape::Square, "precision"),
            Key::Mark("s3 open", Shape::Diamond, "recall"),
            Key::Mark("s1 solid", Shape::Circle, "F1"),
        ]),
        picture: plot.svg(),
        caption: "Precision: of the windows called this, how many were. Recall: of the windows that were, how many \
                  were called so. F1: their harmonic mean. Pooled over seeds."
            .to_owned(),
        table: folded,
    };
    Some(figure.html() + &beside)
}

/// What was made of windows that are labelled above the classes; nothing where there are none.
fn coarse(metrics: &Metrics) -> String {
    let rows: Vec<Vec<String>> = (metrics.test.coarse.iter())
        .map(|c| vec![escape(&activity(&c.label)), percent(c.recall), count(c.windows)])
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    table(
        "Windows labelled above the classes, which are in no other figure: recall of the label, its classes taken as one",
        &["Label", "Recall", "Windows"],
        &rows,
    )
}

fn row(class: &ClassMetrics) -> Row {
    let name = activity(&class.label);
    let mark = |style, shape, value, lane, what: &str| Mark {
        class: style,
        shape,
        value,
        lane,
        half: 5.0,
        title: format!("{name}: {what} {}", percent(value)),
    };
    Row {
        value: percent_number(class.f1),
        interval: None,
        marks: vec![
            mark("s2 open", Shape::Square, class.precision, -12.0, "precision"),
            mark("s3 open", Shape::Diamond, class.recall, 0.0, "recall"),
            mark("s1 solid", Shape::Circle, class.f1, 12.0, "F1"),
        ],
        label: name,
    }
}
