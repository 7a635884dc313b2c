//! Accuracy and macro-F1 of each test subject, best first.

use super::dots::{DotPlot, Mark, Row};
use super::{Figure, Key, legend, table};
use crate::individuals::spread;
use crate::svg::Shape;
use crate::text::{count, escape, percent, percent_number};
use ambulo_record::{Metrics, PersonId, Spread, SubjectMetrics};

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let mut subjects: Vec<(&PersonId, &SubjectMetrics)> = metrics.test.per_subject.iter().collect();
    // `total_cmp` puts what is not a number somewhere rather than nowhere; ties stay in order of name.
    subjects.sort_by(|a, b| b.1.accuracy.total_cmp(&a.1.accuracy));
    let (&best, &worst) = (subjects.first()?, subjects.last()?);
    let middle = spread(metrics).filter(|_| subjects.len() > 1);
    let mut dots: Vec<Row> = middle.iter().map(quartiles).collect();
    dots.extend(subjects.iter().map(|&(person, m)| row(person, m)));
    let plot = DotPlot {
        description: "Accuracy and macro-F1 of each test subject, best first; the numbers are in the table below \
                      the figure",
        axis: "Share (%)",
        value_head: "Accuracy (%)",
        row_height: if subjects.len() > 15 { 22.0 } else { 30.0 },
        rows: dots,
        to_the_top: true,
        interval_title: "From the first to the third quartile",
        reference: None,
    };
    let rows: Vec<Vec<String>> = subjects
        .iter()
        .map(|(person, m)| {
            vec![escape(person.as_str()), percent(m.accuracy), percent(m.macro_f1), count(m.windows)]
        })
        .collect();
    let range = if subjects.len() > 1 {
        format!(
            "From {} (subject {}) to {} (subject {}). ",
            percent(worst.1.accuracy),
            escape(worst.0.as_str()),
            percent(best.1.accuracy),
            escape(best.0.as_str())
        )
    } else {
        String::new()
    };
    let mut keys = vec![
        Key::Mark("s1 solid", Shape::Circle, "accuracy"),
        Key::Mark("s3 open", Shape::Diamond, "macro-F1"),
    ];
    if middle.is_some() {
        keys.push(Key::Mark("interval", Shape::Square, "middle half of people"));
    }
    Some(
        Figure {
            title: "By person",
            legend: legend(&keys),
            picture: plot.svg(),
            caption: format!("{range}Mean over seeds; macro-F1 is over the activities the person performed."),
            table: table(
                "Accuracy and macro-F1 of each test subject",
                &["Subject", "Accuracy", "Macro-F1", "Windows"],
                &rows,
            ),
        }
        .html(),
    )
}

/// The median person, with the quartiles as a bar.
fn quartiles(spread: &Spread) -> Row {
    Row {
        label: "Median".to_owned(),
        value: percent_number(spread.median),
        interval: Some([spread.q1, spread.q3]),
        marks: vec![Mark {
            class: "seed",
            shape: Shape::Tick,
            value: spread.median,
            lane: 0.0,
            half: 9.0,
            title: format!("Median person: accuracy {}", percent(spread.median)),
        }],
    }
}

fn row(person: &PersonId, metrics: &SubjectMetrics) -> Row {
    let mark = |class, shape, value, half, what: &str| Mark {
        class,
        shape,
        value,
        lane: 0.0,
        half,
        title: format!("Subject {person}: {what} {} on {} windows", percent(value), count(metrics.windows)),
    };
    Row {
        label: format!("Subject {person}"),
        value: percent_number(metrics.accuracy),
        interval: None,
        marks: vec![
            mark("s3 open", Shape::Diamond, metrics.macro_f1, 6.0, "macro-F1"),
            mark("s1 solid", Shape::Circle, metrics.accuracy, 5.0, "accuracy"),
        ],
    }
}
