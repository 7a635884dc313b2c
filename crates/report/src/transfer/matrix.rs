//! The matrix as a table whose cells are shaded.

use crate::figures::headline::interval;
use crate::text::{ABSENT, escape, percent, percent_number, plural};
use ambulo_record::{TransferBetween, TransferCell, TransferMatrix};
use std::fmt::Write;

pub(super) fn table(t: &TransferMatrix) -> String {
    let many = if t.tested_on.len() > 6 { " wide" } else { "" };
    let mut out = format!(
        "<figure><ul class=\"legend\"><li><i class=\"chip right\"></i>stronger: higher macro-F1</li><li><i class=\"chip \
         own\"></i>framed: learned from other people {}</li></ul><div class=\"scroll\" tabindex=\"0\" \
         role=\"region\" aria-label=\"Transfer matrix\"><table class=\"matrix heat{many}\"><caption class=\"sr\">Macro-F1: rows \
         are what models were trained on, columns what they were tested on</caption><thead><tr><td><span \
         class=\"corner\">trained on ↓ tested on →</span></td>",
        own(t)
    );
    for column in &t.tested_on {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(column));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &t.trained_on {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(row));
        for column in &t.tested_on {
            out.push_str(&cell(t.cell(row, column)));
        }
        out.push_str("</tr>");
    }
    out.push_str(
        "</tbody></table></div><figcaption>Macro-F1 in percent over the activities that both sides know, below it the \
         95\u{a0}% interval over the people tested, how much that is of what models reach that have learned from other people ",
    );
    let _ = write!(
        out,
        "{}, and the number of people. Cells of one column may be about different activities: see below.</figcaption></figure>",
        match t.between {
            TransferBetween::DataSets => "of the data set tested on",
            TransferBetween::Placements => "with devices worn at the place tested on",
        }
    );
    out
}

fn own(t: &TransferMatrix) -> &'static str {
    match t.between {
        TransferBetween::DataSets => "of the same data set",
        TransferBetween::Placements => "with devices worn there",
    }
}

fn cell(cell: Option<&TransferCell>) -> String {
    let Some(cell) = cell else { return format!("<td class=\"zero\">{ABSENT}</td>") };
    let own = if cell.is_in_set() { " own" } else { "" };
    let Some(score) = &cell.score else {
        return format!("<td class=\"zero{own}\">{ABSENT}<small>nothing in common</small></td>");
    };
    let mean = score.macro_f1.mean;
    let strength = if mean.is_finite() { 0.04 + 0.56 * mean.clamp(0.0, 1.0).powi(2) } else { 0.04 };
    // Of one person nothing is known about others.
    let sure = if score.people > 1 { interval(&score.macro_f1) } else { "no interval".to_owned() };
    let kept = cell.kept().map_or_else(String::new, |kept| format!("<small>{} kept</small>", percent(kept)));
    format!(
        "<td class=\"right{own}\" style=\"--a:{strength:.2}\"><b>{}</b><small>{sure}</small>{kept}<small>{}</small></td>",
        percent_number(mean),
        plural(usize::try_from(score.people).unwrap_or(usize::MAX), "person", "people")
    )
}
