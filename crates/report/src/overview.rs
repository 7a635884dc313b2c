//! Recordings on one page: facts, signals zoomed out, pauses and findings, each at its time.
//!
//! Pictures stretch with the window: their lines keep their widths, and labels are text of the page that stands at a share of
//! the picture's width, so that a narrow screen has the same letters and fewer of them.

pub(crate) mod drawing;
pub(crate) mod times;

use crate::frame::{Frame, close};
use crate::svg::Shape;
use crate::text::{count, escape, plural};
use ambulo_record::overview::{Noticed, Overview, Weight};
use drawing::drawing;
use times::Times;

const STYLE: &str = concat!(include_str!("style.css"), include_str!("overview.css"));

/// From so many recordings on there is a table of contents.
const MANY: usize = 2;
/// Up to so many files that could not be read are listed without being asked.
const FEW: usize = 5;

/// A page about recordings that needs nothing but itself: style inline, figures as SVG, no script, no network. `failed` are files that
/// could not be read, with the reason.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn overview_page(recordings: &[Overview], failed: &[(String, String)]) -> String {
    let title = match (recordings, failed) {
        ([one], []) => one.title.clone(),
        _ => plural(recordings.len(), "recording", "recordings").replace('\u{a0}', " "),
    };
    let title = escape(&title);
    let usable = recordings.iter().filter(|recording| recording.usable).count();
    let mut what = vec![format!("{} of {} usable", count(usable as u64), count(recordings.len() as u64))];
    if !failed.is_empty() {
        what.push(format!("{} could not be read", plural(failed.len(), "file", "files")));
    }
    let mut out = Frame {
        title: &title,
        name: "Ambulo inspection",
        kind: "Ambulo inspection",
        what: &what,
        class: "inspection",
        style: STYLE,
        version: env!("CARGO_PKG_VERSION"),
    }
    .open();
    if recordings.len() >= MANY {
        out.push_str(&contents(recordings));
    }
    if !failed.is_empty() {
        let rows: String = failed
            .iter()
            .map(|(file, reason)| {
                // The reason names the file where it comes from a reader.
                let reason =
                    reason.strip_prefix(file.as_str()).unwrap_or(reason).trim_start_matches([':', ' ', ',']);
                let reason: Vec<String> = reason.lines().map(escape).collect();
                format!("<dt>{}</dt><dd>{}</dd>", escape(file), reason.join("<br/>"))
            })
            .collect();
        // Of a few one reads the reasons first; many would stand before everything else.
        let open = if failed.len() <= FEW { " open=\"\"" } else { "" };
        let files = plural(failed.len(), "file", "files");
        out.push_str(&format!(
            "<section><h2>Not read</h2><details{open}><summary>{files}</summary><dl class=\"failed\">{rows}</dl></details></section>\n"
        ));
    }
    let alone = recordings.len() == 1 && failed.is_empty();
    for (number, recording) in recordings.iter().enumerate() {
        section(&mut out, number, recording, alone);
    }
    close(
        &mut out,
        ". Signals are drawn from their smallest to their largest value in each column. The page needs no network.",
    );
    out
}

fn contents(recordings: &[Overview]) -> String {
    let mut rows = String::new();
    for (number, recording) in recordings.iter().enumerate() {
        let fact = |name: &str| {
            let found = recording.facts.iter().find(|(own, _)| own == name);
            found.map_or(String::new(), |(_, value)| escape(value))
        };
        let (class, usable) = if recording.usable { ("yes", "yes") } else { ("no", "no") };
        let weighty = recording.noticed.iter().filter(|noticed| noticed.weight != Weight::Note).count();
        let weighty = if weighty == 0 { String::new() } else { count(weighty as u64) };
        rows.push_str(&format!(
            "<tr><th><a href=\"#r{number}\">{}</a></th><td>{}</td><td>{}</td><td>{weighty}</td><td class=\"{class}\">{usable}</td></tr>",
            escape(&recording.title),
            fact("start"),
            fact("length"),
        ));
    }
    format!(
        "<nav class=\"scroll\"><table class=\"contents\"><thead><tr><th>Recording</th><th>Start</th><th>Length</th>\
         <th>Warnings</th><th>Usable</th></tr></thead><tbody>{rows}</tbody></table></nav>\n"
    )
}

fn section(out: &mut String, number: usize, recording: &Overview, alone: bool) {
    let badge = if recording.usable {
        "<span class=\"badge yes\">usable</span>"
    } else {
        "<span class=\"badge no\">not usable</span>"
    };
    let title = if alone { "What it holds".to_owned() } else { escape(&recording.title) };
    out.push_str(&format!("<section id=\"r{number}\" class=\"recording\"><h2>{title} {badge}</h2>"));
    let times = Times::new(recording);
    out.push_str(&drawing(recording, &times));
    out.push_str(&findings(recording, &times, |time_s| times.label(time_s)));
    out.push_str(&facts(&recording.facts));
    out.push_str("</section>\n");
}

/// What was noticed, each with the number of its mark and its time, which `label` writes; nothing where there is nothing.
pub(crate) fn findings(recording: &Overview, times: &Times, label: impl Fn(f64) -> String) -> String {
    if recording.noticed.is_empty() {
        return String::new();
    }
    let mut out = String::from("<ul class=\"noticed\">");
    let mut marked = 0;
    for noticed in &recording.noticed {
        let mark = mark(noticed, times, &label, &mut marked);
        let (class, name) = weight(&noticed.weight);
        out.push_str(&format!(
            "<li class=\"{class}\"><b>{name}</b>{mark}<span>{}</span></li>",
            escape(&noticed.text)
        ));
    }
    out.push_str("</ul>");
    out
}

/// Names and their values.
pub(crate) fn facts(facts: &[(String, String)]) -> String {
    let mut out = String::from("<dl class=\"facts\">");
    for (name, value) in facts {
        out.push_str(&format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value)));
    }
    out.push_str("</dl>");
    out
}

/// The number under which a finding stands in the drawing, and its time.
fn mark(noticed: &Noticed, times: &Times, label: impl Fn(f64) -> String, marked: &mut usize) -> String {
    match noticed.time_s.and_then(|time_s| Some((time_s, times.share(time_s)?))) {
        Some((time_s, _)) if *marked < drawing::MOST_MARKS => {
            *marked += 1;
            format!("<i class=\"at\">{marked} · {}</i>", escape(&label(time_s)))
        }
        _ => String::new(),
    }
}

fn weight(weight: &Weight) -> (&'static str, &'static str) {
    match weight {
        Weight::Note => ("note-line", "Note"),
        Weight::Warning => ("warning-line", "Warning"),
        Weight::Refusal => ("refused-line", "Refused"),
    }
}

/// The form of a mark, so that weights differ by more than colour.
fn shape(weight: &Weight) -> Shape {
    match weight {
        Weight::Note => Shape::Circle,
        Weight::Warning => Shape::Diamond,
        Weight::Refusal => Shape::Square,
    }
}
