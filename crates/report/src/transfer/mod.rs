//! How models trained on some data sets do on others, on one page.

mod matrix;
mod tables;

use crate::frame::{Frame, close, section};
use crate::text::{decimal, escape, moment, percent, plural};
use ambulo_record::TransferMatrix;

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("transfer.css"));

/// A page about models that were trained on some data sets and tested on others: trained on in rows, tested on in columns. It
/// needs nothing but itself: style inline, no script, no network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn transfer_page(transfer: &TransferMatrix) -> String {
    let t = transfer;
    let title = format!("{} from data set to data set", if t.model.is_empty() { "Models" } else { &t.model });
    let title = escape(&title);
    let what = [t.architecture.clone(), t.protocol.clone(), moment(&t.finished)];
    let what: Vec<String> = what.iter().filter(|text| !text.is_empty()).map(|text| escape(text)).collect();
    let mut out = Frame {
        title: &title,
        name: "Ambulo",
        kind: "Ambulo on data sets it has not learned from",
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
    if !t.command.trim().is_empty() {
        let command = format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(t.command.trim()));
        section(&mut out, "Repeat", &command);
    }
    close(&mut out, ". Definitions: docs/PROTOCOLS.md. The page needs no network.");
    out
}

/// What the page says, in a few sentences.
fn lead(t: &TransferMatrix) -> String {
    let kept = match t.mean_kept() {
        Some((kept, cells)) => format!(
            "<p class=\"lead\">On data sets that they have not learned from, models keep <em>{}</em> of the macro-F1 of models \
             that have learned from other people of the same data set (mean of {}; {} points less in the mean).</p>",
            percent(kept),
            plural(cells, "cell", "cells"),
            decimal(lost(t), 1)
        ),
        None => String::new(),
    };
    format!(
        "{kept}<p class=\"note\"><strong>No person is on both sides of a cell.</strong> Where a data set is tested on by models \
         that have learned from it (framed), they have learned from other people of it.</p>"
    )
}

/// Points of macro-F1 by which cells lie below their in-set figure, in the mean.
fn lost(t: &TransferMatrix) -> f64 {
    let pairs = t.cells.iter().filter(|cell| !cell.is_in_set());
    let lost = pairs.filter_map(|cell| Some(cell.in_set?.macro_f1.mean - cell.score?.macro_f1.mean));
    let lost: Vec<f64> = lost.collect();
    100.0 * lost.iter().sum::<f64>() / lost.len() as f64
}
