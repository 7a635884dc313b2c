//! How models trained on some data sets do on others, on one page.

mod matrix;
mod tables;

use crate::frame::{Frame, close, repeat, section};
use crate::text::{decimal, escape, list, moment, percent, plural};
use ambulo_record::{TransferBetween, TransferMatrix};

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("transfer.css"));

/// A page about models that were trained on some data sets and tested on others: trained on in rows, tested on in columns. It
/// needs nothing but itself: style inline, no script, no network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn transfer_page(transfer: &TransferMatrix) -> String {
    let t = transfer;
    let parts = match t.between {
        TransferBetween::DataSets => "from data set to data set",
        TransferBetween::Placements => "from placement to placement",
    };
    let title = format!("{} {parts}", if t.model.is_empty() { "Models" } else { &t.model });
    let title = escape(&title);
    let what = [t.architecture.clone(), t.protocol.clone(), moment(&t.finished)];
    let what: Vec<String> = what.iter().filter(|text| !text.is_empty()).map(|text| escape(text)).collect();
    let mut out = Frame {
        title: &title,
        name: "Ambulo",
        kind: match t.between {
            TransferBetween::DataSets => "Ambulo on data sets it has not learned from",
            TransferBetween::Placements => "Ambulo on devices worn where it has not learned",
        },
        what: &what,
        class: "transfer",
        style: STYLE,
        version: &t.ambulo_version,
    }
    .open();
    if t.cells.is_empty() {
        out.push_str("<p class=\"absent\">The record holds no cells.</p>\n");
    } else {
        section(&mut out, "Trained on one, tested on another", &(lead(t) + &matrix::table(t)));
        section(&mut out, "What was compared", &tables::cells(t));
        section(&mut out, "Activity by activity", &tables::recalls(t));
    }
    if !t.sources.is_empty() {
        section(&mut out, "The data sets and their terms", &tables::sources(&t.sources));
    }
    repeat(&mut out, &t.command);
    close(&mut out, ". Definitions: docs/PROTOCOLS.md. The page needs no network.");
    out
}

/// What the page says, in a few sentences.
fn lead(t: &TransferMatrix) -> String {
    let placements = t.between == TransferBetween::Placements;
    let (unseen, own) = if placements {
        ("On devices worn where they have not learned", "with devices worn there")
    } else {
        ("On data sets that they have not learned from", "of the same data set")
    };
    let kept = match t.mean_kept() {
        Some((kept, cells)) => format!(
            "<p class=\"lead\">{unseen}, models keep <em>{}</em> of the macro-F1 of models that have learned from other people \
             {own} (mean of {}; {} points less in the mean).</p>",
            percent(kept),
            plural(cells, "cell", "cells"),
            decimal(lost(t), 1)
        ),
        None => String::new(),
    };
    let framed = if placements {
        "Where the place tested on is that learned from (framed), it was on other people."
    } else {
        "Where a data set is tested on by models that have learned from it (framed), they have learned from other people of it."
    };
    format!(
        "{kept}<p class=\"note\"><strong>No person is on both sides of a cell.</strong> {framed}</p>{}",
        begun(t)
    )
}

/// With which model the further rows began, and what that changed.
fn begun(t: &TransferMatrix) -> String {
    let Some(from) = &t.from else { return String::new() };
    let suffix = format!(", from {}", from.name);
    let pairs = t.cells.iter().filter_map(|cell| {
        let row = cell.trained_on.strip_suffix(&suffix)?;
        Some(cell.score?.macro_f1.mean - t.cell(row, &cell.tested_on)?.score?.macro_f1.mean)
    });
    let gains: Vec<f64> = pairs.filter(|gain| gain.is_finite()).collect();
    let told = if gains.is_empty() {
        String::new()
    } else {
        format!(
            " Beginning with it changes macro-F1 by {} points in the mean of {} that there are both ways.",
            decimal(100.0 * gains.iter().sum::<f64>() / gains.len() as f64, 1),
            plural(gains.len(), "cell", "cells")
        )
    };
    format!(
        "<p class=\"note\">Rows called “from {}” began with a model that had learned from {}; nobody of them is tested in these \
         rows.{told}</p>",
        escape(&from.name),
        escape(&list(&from.datasets))
    )
}

/// Points of macro-F1 by which cells lie below their in-set figure, in the mean.
fn lost(t: &TransferMatrix) -> f64 {
    let pairs = t.cells.iter().filter(|cell| !cell.is_in_set());
    let lost = pairs.filter_map(|cell| Some(cell.in_set?.macro_f1.mean - cell.score?.macro_f1.mean));
    let lost: Vec<f64> = lost.collect();
    100.0 * lost.iter().sum::<f64>() / lost.len() as f64
}
