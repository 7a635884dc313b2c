//! Cell by cell: what was compared, and how much of each activity was found.

use crate::figures::breakdowns::width;
use crate::figures::confusion::head;
use crate::figures::headline::interval;
use crate::figures::table;
use crate::text::{ABSENT, activity, count, escape, list, percent, percent_number, plural};
use ambulo_record::{SourceRecord, TransferCell, TransferMatrix};
use std::fmt::Write;

/// A row for each cell.
pub(super) fn cells(t: &TransferMatrix) -> String {
    let rows: Vec<Vec<String>> = in_order(t).map(row).collect();
    let head = [
        "Trained on",
        "Tested on",
        "Activities compared",
        "People",
        "Windows",
        "Macro-F1",
        "Accuracy",
        "In-set macro-F1",
        "Kept",
        "Seeds",
    ];
    table("Each cell with what was compared", &head, &rows)
        + "<p class=\"after caption\">Activities are compared at the finest depth at which both the models and the labels of the \
           data can tell them apart; answers that the data never have count as mistakes. In-set: of models \
           that have learned from other people of the data set tested on, at the same activities. Kept: the one as a share of \
           the other. Windows are those of one seed.</p>"
        + &left_out(t)
}

/// The cells in the order of the matrix.
fn in_order(t: &TransferMatrix) -> impl Iterator<Item = &TransferCell> {
    t.trained_on.iter().flat_map(move |row| t.tested_on.iter().filter_map(move |column| t.cell(row, column)))
}

fn row(cell: &TransferCell) -> Vec<String> {
    let trained = if cell.datasets.len() > 1 || cell.datasets.first() != Some(&cell.trained_on) {
        format!("{}<br/><small>{}</small>", escape(&cell.trained_on), escape(&list(&cell.datasets)))
    } else {
        escape(&cell.trained_on)
    };
    let labels: Vec<String> = cell.labels.iter().map(|label| activity(label).to_lowercase()).collect();
    let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
    let mut row = vec![trained, escape(&cell.tested_on), escape(&labels)];
    match &cell.score {
        Some(score) => row.extend([
            count(score.people),
            count(score.windows),
            format!("{}<br/><small>{}</small>", percent(score.macro_f1.mean), interval(&score.macro_f1)),
            format!("{}<br/><small>{}</small>", percent(score.accuracy.mean), interval(&score.accuracy)),
        ]),
        None => row.extend([ABSENT; 4].map(str::to_owned)),
    }
    row.push(cell.in_set.map_or_else(|| ABSENT.to_owned(), |own| percent(own.macro_f1.mean)));
    row.push(cell.kept().map_or_else(|| ABSENT.to_owned(), percent));
    row.push(escape(&list(&cell.seeds)));
    row
}

/// What the data label and the models do not know.
fn left_out(t: &TransferMatrix) -> String {
    let items: String = in_order(t)
        .filter(|cell| !cell.left_out.is_empty())
        .map(|cell| {
            let labels: Vec<String> = (cell.left_out.iter())
                .map(|l| format!("{} ({})", activity(&l.label).to_lowercase(), count(l.windows)))
                .collect();
            format!(
                "<li>{} on {}: {}</li>",
                escape(&cell.trained_on),
                escape(&cell.tested_on),
                escape(&labels.join(", "))
            )
        })
        .collect();
    if items.is_empty() {
        return "<p>No labelled window was left out.</p>".to_owned();
    }
    format!(
        "<h3>Left out</h3><p>Activities that the models have no class for, or that lie above all their classes, with their \
         windows. They are in no figure.</p><ul>{items}</ul>"
    )
}

/// For each data set tested on the recall of each activity, by what the models were trained on.
pub(super) fn recalls(t: &TransferMatrix) -> String {
    let mut out = String::from(
        "<p>Of the windows of each activity the share that was found, in percent; in the last column the share of all windows \
         that got an answer which these data never have.</p><div class=\"plots pairs\">",
    );
    for column in &t.tested_on {
        let cells: Vec<&TransferCell> = (t.trained_on.iter())
            .filter_map(|row| t.cell(row, column))
            .filter(|cell| cell.score.is_some())
            .collect();
        if !cells.is_empty() {
            out.push_str(&tested_on(column, &cells));
        }
    }
    out + "</div>"
}

fn tested_on(column: &str, cells: &[&TransferCell]) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for label in cells.iter().flat_map(|cell| &cell.labels) {
        if !labels.contains(&label.as_str()) {
            labels.push(label);
        }
    }
    let many = width(labels.len() + 1);
    let name = escape(column);
    let mut out = format!(
        "<figure><h3>Tested on {name}</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Recall on {name}\">\
         <table class=\"matrix shares{many}\"><caption class=\"sr\">Recall of each activity on {name}</caption><thead><tr><td></td>"
    );
    for label in &labels {
        let _ = write!(out, "<th scope=\"col\">{}</th>", head(label));
    }
    out.push_str("<th scope=\"col\">other</th></tr></thead><tbody>");
    for cell in cells {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&cell.trained_on));
        for label in &labels {
            let number = cell.labels.iter().position(|own| own == label);
            out.push_str(&share(number.and_then(|i| cell.recalls.get(i)).copied(), "right"));
        }
        out.push_str(&share(Some(never(cell)), "wrong"));
        out.push_str("</tr>");
    }
    out + "</tbody></table></div></figure>"
}

/// Share of windows that got an answer which the data never have.
fn never(cell: &TransferCell) -> f64 {
    // Sums in floating point: a record of any counts must not overflow.
    let all: f64 = cell.confusion.iter().flatten().map(|&n| n as f64).sum();
    let last: f64 =
        cell.confusion.iter().filter_map(|row| row.get(cell.labels.len())).map(|&n| n as f64).sum();
    last / all
}

fn share(share: Option<f64>, class: &str) -> String {
    match share.filter(|share| share.is_finite()) {
        None => format!("<td class=\"zero\">{ABSENT}</td>"),
        Some(0.0) if class == "wrong" => format!("<td class=\"zero\">{}</td>", percent_number(0.0)),
        Some(share) => {
            let strength = match class {
                "right" => 0.04 + 0.51 * share.clamp(0.0, 1.0).powi(2),
                _ => 0.54 * share.clamp(0.0, 1.0).sqrt(),
            };
            format!("<td class=\"{class}\" style=\"--a:{strength:.2}\"><b>{}</b></td>", percent_number(share))
        }
    }
}

/// Each data set with its people, terms and citation.
pub(super) fn sources(sources: &[SourceRecord]) -> String {
    let one = |s: &SourceRecord| {
        let said = |what: &str, text: &str| match text.trim() {
            "" => String::new(),
            text => format!("<br/>{what}: {}", escape(text)),
        };
        format!(
            "<div><dt>{}</dt><dd>{}, {}{}{}{}<br/><small>SHA-256 <code>{}</code></small></dd></div>",
            escape(&s.name),
            escape(&s.title),
            plural(s.people, "person", "people"),
            match s.licence.trim() {
                "" => "<br/>Terms: not on record".to_owned(),
                text => format!("<br/>Terms: {}", escape(text)),
            },
            said("Cite", &s.citation),
            said("Published at", &s.source),
            escape(&s.sha256)
        )
    };
    format!("<dl class=\"facts\">{}</dl>", sources.iter().map(one).collect::<String>())
}
