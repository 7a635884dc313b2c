//! The confusion matrix, as a table whose cells are shaded: text keeps its size on a phone and a screen reader
//! finds rows and columns.

use super::Figure;
use crate::text::{activity, count, escape, percent, percent_number, plural, short_activity};
use ambulo_record::Metrics;
use std::fmt::Write;

/// With more classes than this, column heads stand upright and the table scrolls sideways on a phone.
pub(crate) const MANY: usize = 8;

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let matrix = &metrics.test.confusion;
    if metrics.labels.is_empty() || matrix.iter().flatten().all(|&n| n == 0) {
        return None;
    }
    Some(
        Figure {
            title: "Confusion matrix",
            legend: "<ul class=\"legend\"><li><i class=\"chip right\"></i>correct</li><li><i class=\"chip wrong\">\
                     </i>mistaken</li><li>stronger: larger share of its row</li></ul>"
                .to_owned(),
            picture: picture(metrics),
            caption: format!(
                "Rows: the activity in the data. Columns: the activity the model gave. Windows{}, \
                 below them the share of the row in percent.{}",
                if metrics.has_epochs() {
                    format!(" summed over {}", plural(metrics.seeds.len(), "seed", "seeds"))
                } else {
                    String::new()
                },
                worst(metrics)
            ),
            table: String::new(),
        }
        .html(),
    )
}

fn picture(metrics: &Metrics) -> String {
    let many = if metrics.labels.len() > MANY { " many" } else { "" };
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion matrix\"><table \
         class=\"matrix{many}\"><caption class=\"sr\">Confusion matrix: rows are the truth, columns the \
         prediction</caption><thead><tr><td></td>"
    );
    for label in &metrics.labels {
        let _ = write!(out, "<th scope=\"col\">{}</th>", head(label));
    }
    out.push_str("</tr></thead><tbody>");
    for (truth, row) in metrics.test.confusion.iter().enumerate() {
        let name = metrics.labels.get(truth).map_or("", String::as_str);
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><span class=\"long\">{}</span><span class=\"brief\">{}</span></th>",
            escape(&activity(name)),
            head(name)
        );
        // Sums in floating point: a record of any counts must not overflow.
        let total: f64 = row.iter().map(|&n| n as f64).sum();
        for (predicted, &n) in row.iter().enumerate() {
            out.push_str(&cell(n, if total > 0.0 { n as f64 / total } else { f64::NAN }, truth == predicted));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

fn head(label: &str) -> String {
    format!("<abbr title=\"{}\">{}</abbr>", escape(label), escape(&short_activity(label)))
}

fn cell(n: u64, share: f64, correct: bool) -> String {
    if n == 0 {
        let class = if correct { "right zero" } else { "zero" };
        return format!("<td class=\"{class}\">0</td>");
    }
    let (class, strength) = if correct {
        ("right", 0.55 * share)
    } else {
        // The root lets a confusion of one in a hundred show.
        ("wrong", 0.06 + 0.54 * share.sqrt())
    };
    format!(
        "<td class=\"{class}\" style=\"--a:{strength:.2}\"><b>{}</b><small>{}</small></td>",
        count(n),
        percent_number(share)
    )
}

/// A sentence on the largest confusion.
fn worst(metrics: &Metrics) -> String {
    let mut worst: Option<(f64, usize, usize)> = None;
    for (truth, row) in metrics.test.confusion.iter().enumerate() {
        let total: f64 = row.iter().map(|&n| n as f64).sum();
        for (predicted, &n) in row.iter().enumerate() {
            let share = n as f64 / total;
            if truth != predicted && n > 0 && worst.is_none_or(|(most, ..)| share > most) {
                worst = Some((share, truth, predicted));
            }
        }
    }
    let name = |i: usize| metrics.labels.get(i).map(|l| escape(&activity(l)).to_lowercase());
    match worst.and_then(|(share, t, p)| Some((share, name(t)?, name(p)?))) {
        Some((share, truth, predicted)) => format!(
            " Most often mistaken: <em>{truth}</em>, of which {} was taken for <em>{predicted}</em>.",
            percent(share)
        ),
        None => " No window was mistaken.".to_owned(),
    }
}
