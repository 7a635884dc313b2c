//! What an examination of a labelled data set found, on one page: what is wrong first, then how much there is of what.

mod amounts;
mod problems;
mod rates;

use crate::frame::{Frame, close, section};
use crate::text::{count, decimal, duration, escape, plural};
use ambulo_record::examination::{Examination, ProblemWeight};
use ambulo_record::vocabulary::UNLABELLED;

const STYLE: &str =
    concat!(include_str!("../style.css"), include_str!("../overview.css"), include_str!("examination.css"));

/// A page about an examined data set that needs nothing but itself: style inline, no script, no network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn examination_page(examination: &Examination) -> String {
    let e = examination;
    let title = escape(if e.title.is_empty() { &e.dataset } else { &e.title });
    let mut what = vec![escape(&e.dataset), plural(e.people.len(), "person", "people")];
    if e.recordings > 0 {
        what.push(plural(e.recordings, "recording", "recordings"));
    }
    what.push(duration(e.total.seconds));
    let mut out = Frame {
        title: &title,
        name: "Ambulo data check",
        kind: "Ambulo data check",
        what: &what,
        class: "examination",
        style: STYLE,
        version: &e.ambulo_version,
    }
    .open();
    section(&mut out, "What is wrong or strange", &problems::list(e));
    section(&mut out, "How much there is", &(tiles(e) + &amounts::activities(e)));
    section(&mut out, "Who did what", &amounts::people(e));
    if let Some(worn) = amounts::worn(e) {
        section(&mut out, "Where and with what", &worn);
    }
    if let Some(rates) = rates::table_of(e) {
        section(&mut out, "Rates", &rates);
    }
    section(&mut out, "The data set", &facts(e));
    close(&mut out, ". What is looked at and how: docs/DATASETS.md. The page needs no network.");
    out
}

fn tiles(e: &Examination) -> String {
    let labelled: f64 = e.activities.iter().map(|activity| activity.amount.seconds).sum();
    let windows = e.activities.iter().fold(0u64, |sum, activity| sum.saturating_add(activity.amount.windows));
    let tiles = [
        ("People", count(e.people.len() as u64)),
        ("Recordings", if e.recordings > 0 { count(e.recordings as u64) } else { "windows only".into() }),
        ("Activities", count(e.activities.len() as u64)),
        ("Time", duration(e.total.seconds)),
        ("Labelled", duration(labelled)),
        ("Windows", count(windows)),
    ];
    let tiles: String =
        tiles.iter().map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>")).collect();
    format!("<dl class=\"tiles six\">{tiles}</dl>")
}

fn facts(e: &Examination) -> String {
    let [length, step] = [e.window_s, e.step_s].map(|seconds| format!("{}\u{a0}s", decimal(seconds, 2)));
    let mut rows = vec![
        ("Name", e.dataset.clone()),
        ("Terms", e.licence.clone()),
        ("Windows", format!("{length}, a new one every {step}, within one label")),
        ("SHA-256 of the data", e.sha256.clone()),
        ("Problems", summary(e)),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value)))
        .collect();
    format!("<dl class=\"facts\">{rows}</dl>")
}

/// `1 fault, 2 suspicions, 3 notes`.
fn summary(e: &Examination) -> String {
    let kinds = [
        (ProblemWeight::Fault, "fault", "faults"),
        (ProblemWeight::Suspicion, "suspicion", "suspicions"),
        (ProblemWeight::Note, "note", "notes"),
    ];
    let found: Vec<String> = (kinds.iter())
        .filter_map(|&(weight, one, many)| {
            Some(e.count(weight)).filter(|n| *n > 0).map(|n| plural(n, one, many))
        })
        .collect();
    if found.is_empty() { "none".into() } else { found.join(", ") }
}

/// Whether a label says nothing.
fn is_none(label: &str) -> bool {
    label == UNLABELLED
}
