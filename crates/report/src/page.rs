//! The whole page.

use crate::figures::{classes, confusion, curves, mistakes};
use crate::frame::{Frame, close};
use crate::sections::{
    breakdowns, calibration, depths, folds, headline, individuals, people, provenance, seeds, wearings,
};
use crate::text::{escape, moment, plural};
use ambulo_record::RunRecords;

const STYLE: &str = include_str!("style.css");

/// The report as one HTML page that needs nothing but itself: style inline, figures as SVG, no script, no
/// network. Every text of the records is escaped. Records with parts missing or numbers that are not finite give
/// a page that says so, never a panic.
///
/// The page is also well-formed XML but for its document type, so it can be read by XML tools.
#[must_use]
pub fn html(records: &RunRecords) -> String {
    let m = &records.metrics;
    let title = escape(&m.run);
    let kind = match (m.folds.is_empty(), m.has_epochs()) {
        (false, _) => "Ambulo cross-validation report",
        (true, true) => "Ambulo training report",
        (true, false) => "Ambulo report",
    };
    let what = [m.architecture.clone(), m.dataset.clone(), moment(&m.finished)].map(|text| escape(&text));
    let mut out = Frame {
        title: &title,
        name: "Ambulo report",
        kind,
        what: &what,
        class: "",
        style: STYLE,
        version: &m.ambulo_version,
    }
    .open();
    out.push_str(&headline::section(m));
    out.push_str(&people::section(m));
    let figures = match curves::figures(m, &records.epochs) {
        none if none.is_empty() && !m.has_epochs() => Vec::new(),
        none if none.is_empty() && !m.folds.is_empty() => {
            vec![Err("Each fold has learning curves of its own: see its report.")]
        }
        none if none.is_empty() => vec![Err("The run recorded no epochs, so there are no learning curves.")],
        figures => figures.into_iter().map(Ok).collect(),
    };
    section(&mut out, "How it learned", "curves", &figures);
    let figures = [
        confusion::figure(m).ok_or("The record counts no test windows, so there is no confusion matrix."),
        classes::figure(m).ok_or("The record holds no figures by activity."),
    ];
    section(&mut out, "Where it is right and wrong", "pairs", &figures);
    out.push_str(&breakdowns::section(m));
    out.push_str(&depths::section(m));
    out.push_str(&individuals::section(records));
    out.push_str(&folds::section(m));
    out.push_str(&wearings::section(m));
    out.push_str(&calibration::section(m));
    if m.has_epochs() {
        section(
            &mut out,
            "Seed by seed",
            "one",
            &[seeds::figure(m).ok_or("The record holds no figures by seed.")],
        );
    }
    out.push_str(&mistaken(records));
    out.push_str(&provenance::section(records));
    close(&mut out, " from the records of the run, beside which it lies. It needs no network.");
    out
}

/// A section of those figures that there are, and a sentence in place of each that there is not.
fn section(out: &mut String, title: &str, class: &str, figures: &[Result<String, &str>]) {
    let drawn: String = figures.iter().filter_map(|f| f.as_deref().ok()).collect();
    if !drawn.is_empty() {
        out.push_str(&format!(
            "<section><h2>{title}</h2><div class=\"plots {class}\">{drawn}</div></section>\n"
        ));
    }
    for absent in figures.iter().filter_map(|f| f.as_ref().err()) {
        out.push_str(&format!("<p class=\"absent\">{absent}</p>\n"));
    }
}

fn mistaken(records: &RunRecords) -> String {
    let m = &records.metrics;
    let whose = match (m.has_epochs(), m.folds.is_empty()) {
        (true, true) => "the first seed's model",
        (true, false) => "the first seed's models",
        (false, true) => "the model",
        (false, false) => "the models",
    };
    match records.mistakes.as_deref() {
        None => {
            "<p class=\"absent\">The run saved no mistakes.json, so no mistakes are drawn.</p>\n".to_owned()
        }
        Some([]) => format!("<p class=\"absent\">On the test subjects {whose} made no mistake.</p>\n"),
        Some(all) => format!(
            "<section><h2>Its most confident mistakes</h2><p>{} of {whose}, surest first: the hardest \
             windows of the test. Drawn are the signals after the filters against noise, gravity included.</p>{}\
             </section>\n",
            plural(all.len().min(mistakes::SHOWN), "mistake", "mistakes"),
            mistakes::gallery(all)
        ),
    }
}
