//! Confusion matrices, as tables whose cells are shaded: text keeps its size on a phone and a screen reader finds
//! rows and columns.

use super::Figure;
use crate::text::{activity, count, escape, percent, percent_number, plural, short_activity};
use ambulo_record::Metrics;
use std::fmt::Write;

/// With more classes than this, column heads stand upright and the table scrolls sideways on a phone.
pub(crate) const MANY: usize = 8;

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let matrix = Matrix {
        title: "Confusion matrix",
        labels: &metrics.labels,
        counts: &metrics.test.confusion,
        before: "",
    };
    matrix.figure(metrics)
}

/// Counts of windows by truth and answer.
pub(crate) struct Matrix<'a> {
    pub(crate) title: &'a str,
    pub(crate) labels: &'a [String],
    /// `[truth][answer]`
    pub(crate) counts: &'a [Vec<u64>],
    /// HTML that the caption begins with.
    pub(crate) before: &'a str,
}

impl Matrix<'_> {
    /// The matrix as a figure; nothing where no window was counted.
    pub(crate) fn figure(&self, metrics: &Metrics) -> Option<String> {
        if self.labels.is_empty() || self.counts.iter().flatten().all(|&n| n == 0) {
            return None;
        }
        let figure = Figure {
            title: self.title,
            legend: "<ul class=\"legend\"><li><i class=\"chip right\"></i>correct</li><li><i class=\"chip wrong\">\
                     </i>mistaken</li><li>stronger: larger share of its row</li></ul>"
                .to_owned(),
            picture: self.picture(),
            caption: format!(
                "{}Rows: the activity in the data. Columns: the activity the model gave. Windows{}, \
                 below them the share of the row in percent.{}",
                self.before,
                if metrics.has_epochs() {
                    format!(" summed over {}", plural(metrics.seeds.len(), "seed", "seeds"))
                } else {
                    String::new()
                },
                self.worst()
            ),
            table: String::new(),
        };
        Some(figure.html())
    }

    fn picture(&self) -> String {
        let many = if self.labels.len() > MANY { " many" } else { "" };
        let title = escape(self.title);
        let mut out = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table \
             class=\"matrix{many}\"><caption class=\"sr\">{title}: rows are the truth, columns the \
             prediction</caption><thead><tr><td></td>"
        );
        for label in self.labels {
            let _ = write!(out, "<th scope=\"col\">{}</th>", head(label));
        }
        out.push_str("</tr></thead><tbody>");
        for (truth, row) in self.counts.iter().enumerate() {
            out.push_str("<tr>");
            out.push_str(&row_head(self.labels.get(truth).map_or("", String::as_str)));
            // Sums in floating point: a record of any counts must not overflow.
            let total: f64 = row.iter().map(|&n| n as f64).sum();
            for (predicted, &n) in row.iter().enumerate() {
                let share = if total > 0.0 { n as f64 / total } else { f64::NAN };
                out.push_str(&cell(n, share, truth == predicted));
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
        out
    }

    /// A sentence on the largest confusion.
    fn worst(&self) -> String {
        let mut worst: Option<(f64, usize, usize)> = None;
        for (truth, row) in self.counts.iter().enumerate() {
            let total: f64 = row.iter().map(|&n| n as f64).sum();
            for (predicted, &n) in row.iter().enumerate() {
                let share = n as f64 / total;
                if truth != predicted && n > 0 && worst.is_none_or(|(most, ..)| share > most) {
                    worst = Some((share, truth, predicted));
                }
            }
        }
        let name = |i: usize| self.labels.get(i).map(|l| escape(&activity(l)).to_lowercase());
        match worst.and_then(|(share, t, p)| Some((share, name(t)?, name(p)?))) {
            Some((share, truth, predicted)) => format!(
                " Most often mistaken: <em>{truth}</em>, of which {} was taken for <em>{predicted}</em>.",
                percent(share)
            ),
            None => " No window was mistaken.".to_owned(),
        }
    }
}

/// The head of a row: the whole name, and a short one for narrow screens.
pub(crate) fn row_head(label: &str) -> String {
    format!(
        "<th scope=\"row\"><span class=\"long\">{}</span><span class=\"brief\">{}</span></th>",
        escape(&activity(label)),
        head(label)
    )
}

/// The head of a column: a short name, the label on hovering.
pub(crate) fn head(label: &str) -> String {
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
