//! The page.

use super::colours::Pattern;
use super::detail::detail;
use super::embed::{base64, embed, flag_text};
use super::rows::{Movement, rows};
use super::sheet::{Placed, Sheet};
use super::tables;
use crate::overview::times::Times;
use crate::overview::{facts, findings};
use crate::text::{count, decimal, duration, escape, plural};
use ambulo_record::overview::{StretchKind, ZoomedOut};
use ambulo_record::timeline::{Flag, Timeline};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const STYLE: &str =
    concat!(include_str!("../style.css"), include_str!("../overview.css"), include_str!("timeline.css"));
/// All of it runs in a scope of its own.
const SCRIPT: &str = concat!(
    "\n\"use strict\";\n(() => {\n",
    include_str!("data.js"),
    include_str!("times.js"),
    include_str!("draw.js"),
    include_str!("control.js"),
    include_str!("input.js"),
    "})();\n"
);

/// A classified recording as one HTML page that needs nothing but itself: days as rows, answers with their confidence,
/// probabilities, signals, minutes, findings and the model, and a script with which any part is looked at from near by.
///
/// A policy in the page forbids every connection and every script but its own. Every text is escaped; numbers that are not
/// finite, times in disorder and columns of different lengths give a page without them, never a panic. However long the
/// recording, what the script draws from stays below 3 MB, a usual week's page below 2 MB; where that thins anything, the page
/// says by how much. Signals
/// should have [`TIMELINE_COLUMNS`](crate::TIMELINE_COLUMNS) stretches.
#[must_use]
pub fn timeline_page(timeline: &Timeline) -> String {
    let sheet = Sheet::new(timeline);
    let shown = |signal: &&ZoomedOut| signal.bins.iter().any(has_values);
    let signals: Vec<&ZoomedOut> = timeline.overview.signals.iter().filter(shown).collect();
    let embedded = sheet.window.map(|_| embed(&sheet, &signals));
    let mut out = head(&sheet, embedded.is_some());
    out.push_str(&tables::legend(&sheet));
    if let Some((from_ns, to_ns)) = sheet.window {
        days(&mut out, &sheet, from_ns, to_ns, &signals);
        near(&mut out, &sheet, &signals);
    } else {
        out.push_str("<p class=\"absent\">The recording has no samples, so there are no answers.</p>\n");
    }
    let numbers = [tables::minutes(&sheet), tables::bouts(&sheet), tables::transitions(&sheet)].concat();
    if !numbers.is_empty() {
        let _ =
            writeln!(out, "<section><h2>In numbers</h2><div class=\"numbers-of\">{numbers}</div></section>");
    }
    about(&mut out, &sheet, embedded.as_ref().map_or(&[], |embedded| &embedded.kept));
    out.push_str("</main>\n<footer><p>Drawn by Ambulo ");
    out.push_str(env!("CARGO_PKG_VERSION"));
    out.push_str(". The page needs no network and sends nothing.</p></footer>\n");
    if let Some(embedded) = embedded {
        let _ = writeln!(
            out,
            "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>",
            embedded.json
        );
    }
    out.push_str("</body></html>\n");
    out
}

fn has_values(bin: &ambulo_record::overview::Bin) -> bool {
    bin.start_s.is_finite() && bin.least.iter().chain(&bin.most).any(|v| v.is_finite())
}

fn head(sheet: &Sheet<'_>, script: bool) -> String {
    let timeline = sheet.timeline;
    let title = escape(if timeline.recording.is_empty() { "Recording" } else { &timeline.recording });
    let script = if script {
        format!("; script-src 'sha256-{}'", base64(&Sha256::digest(SCRIPT)))
    } else {
        String::new()
    };
    let mut what: Vec<String> = Vec::new();
    if let Some((from_ns, to_ns)) = sheet.window {
        if let (Some(from), Some(to)) = (sheet.clock.moment(from_ns), sheet.clock.moment(to_ns)) {
            what.push(format!("{from} to {to}"));
            what.push(sheet.clock.name.clone());
        }
        let hours = ((to_ns as f64 - from_ns as f64) / 3.6e12).round() as u64;
        what.push(match hours {
            ..48 => duration((to_ns as f64 - from_ns as f64) / 1e9),
            _ => format!("{}\u{a0}d {}\u{a0}h", count(hours / 24), hours % 24),
        });
    }
    if !sheet.segments.is_empty() {
        what.push(plural(sheet.segments.len(), "segment", "segments"));
        what.push(format!("confidence asked for: {}", decimal(f64::from(timeline.confidence), 2)));
    }
    let what: String = what.iter().map(|text| format!("<span>{}</span>", escape(text))).collect();
    let mut definitions = String::new();
    for (place, activity) in sheet.activities.iter().enumerate() {
        definitions.push_str(&activity.look.definition(&format!("h{place}"), "var(--paper)"));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'{script}; base-uri 'none'; \
         form-action 'none'\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/>\
         <meta name=\"generator\" content=\"Ambulo {}\"/>\
         <title>{title}: Ambulo timeline</title><style>\n{STYLE}{}</style></head>\n<body class=\"inspection timeline\">\
         <svg class=\"definitions\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>{definitions}</defs></svg>\
         <header><p class=\"kind\">Ambulo timeline</p><h1>{title}</h1><p class=\"what\">{what}</p></header>\n<main>\n",
        env!("CARGO_PKG_VERSION"),
        colours(sheet)
    )
}

/// A class for the shapes of each activity, and one for letters on them.
fn colours(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    for (place, activity) in sheet.activities.iter().enumerate() {
        let look = activity.look;
        let _ = match look.pattern {
            Pattern::Plain => write!(out, ".c{place}{{fill:{}}}", look.fill),
            Pattern::Blank => write!(out, ".c{place}{{fill:var(--paper);stroke:{}}}", look.fill),
            _ => write!(out, ".c{place}{{fill:url(#h{place})}}"),
        };
        let _ = match look.pattern {
            Pattern::Plain => {
                writeln!(out, ".k{place}{{color:{}}}", if look.takes_white() { "#fff" } else { "#10151a" })
            }
            // Letters on a pattern have a ground of their own.
            _ => writeln!(out, ".k{place}{{color:var(--ink);--ground:var(--paper)}}"),
        };
    }
    out
}

fn days(out: &mut String, sheet: &Sheet<'_>, from_ns: i64, to_ns: i64, signals: &[&ZoomedOut]) {
    let count = sheet.clock.rows(from_ns, to_ns).len();
    let single = count < 2;
    let gaps = sheet.timeline.overview.stretches.iter().any(|stretch| stretch.kind == StretchKind::Gap);
    // A single row is the picture below once more, of use only to see which part of it is shown.
    let (class, title) = if single { ("single", "All of it") } else { ("every", "Day by day") };
    let _ = writeln!(
        out,
        "<section class=\"rows {class}\"><h2>{title}</h2>{}<p class=\"hint\">Each column shows the activity that took most of its time, \
         as high as it was sure; beneath it, how far the {} ranged (its square root).{}<span class=\"scripted\"> Click a time to look at it \
         closely, or draw across what you want to see.</span></p></section>",
        rows(sheet, &Movement::new(signals, count)),
        escape(signals.first().map_or("signal", |signal| &signal.name)),
        if gaps { " Nothing is drawn where there are no samples." } else { "" }
    );
}

fn near(out: &mut String, sheet: &Sheet<'_>, signals: &[&ZoomedOut]) {
    let button = |name: &str, label: &str, text: &str| {
        format!(
            "<button type=\"button\" data-do=\"{name}\" title=\"{label}\" aria-label=\"{label}\">{text}</button>"
        )
    };
    let buttons = [
        button("out", "Zoom out (−)", "−"),
        button("in", "Zoom in (+)", "+"),
        button("left", "Earlier (←)", "←"),
        button("right", "Later (→)", "→"),
        button("before", "Segment before (,)", "‹"),
        button("after", "Next segment (.)", "›"),
        button("all", "The whole recording (Home)", "All"),
        "<button type=\"button\" data-do=\"fit\" aria-pressed=\"false\" title=\"Signals as large as they fit (f)\" aria-label=\"Signals as large as they fit\">Fit</button>"
            .to_owned(),
    ]
    .concat();
    let _ = writeln!(
        out,
        "<section id=\"timeline\"><h2 id=\"view-title\">Timeline</h2>\
         <noscript><p class=\"hint\">Without scripts this shows the whole recording; with them it can be looked at closely.</p></noscript>\
         <div class=\"tools scripted\" role=\"toolbar\" aria-label=\"What is shown\">{buttons}</div>\
         <p class=\"range scripted\" id=\"range\" role=\"status\"></p>\
         <div class=\"stage\">{}<div class=\"readout\" id=\"readout\" aria-live=\"polite\" hidden=\"\"></div></div>\
         <p class=\"hint scripted\" id=\"keys\">Drag to move; pinch, double-click, or turn the wheel with Ctrl (after a click also \
         without) to zoom. With the picture chosen: <kbd>←</kbd> <kbd>→</kbd> move, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>Home</kbd> \
         shows all, <kbd>,</kbd> <kbd>.</kbd> go from segment to segment, <kbd>Shift</kbd> with an arrow reads step by step, \
         <kbd>Esc</kbd> ends reading. The page’s address names what is shown.</p></section>",
        detail(sheet, signals)
    );
}

/// Findings, the recording, the model, and what the page holds.
fn about(out: &mut String, sheet: &Sheet<'_>, kept: &[String]) {
    let overview = &sheet.timeline.overview;
    let (from_ns, to_ns) = sheet.window.unwrap_or((0, 0));
    let times = Times::between(from_ns as f64 / 1e9, to_ns as f64 / 1e9, sheet.clock.zero_ns);
    // To the minute where a clock is known: ticks of a long recording are days.
    let label =
        |time_s: f64| sheet.clock.moment((time_s * 1e9) as i64).unwrap_or_else(|| times.label(time_s));
    if !overview.noticed.is_empty() {
        let _ = writeln!(
            out,
            "<section class=\"recording\"><h2>What was noticed</h2>{}</section>",
            findings(overview, &times, label)
        );
    }
    for (title, values) in [("The recording", &overview.facts), ("The model", &sheet.timeline.card)] {
        if !values.is_empty() {
            let _ = writeln!(out, "<section class=\"recording\"><h2>{title}</h2>{}</section>", facts(values));
        }
    }
    let unknown = sheet.occurring().any(|(_, activity)| activity.name == ambulo_record::vocabulary::UNKNOWN);
    let mut lines = String::new();
    if unknown {
        lines.push_str("<li>Unknown: what was done is none of the activities that the model knows.</li>");
    }
    for (bit, flag) in Flag::ALL.into_iter().enumerate() {
        let flagged = sheet.segments.iter().filter(|segment| segment.flags >> bit & 1 == 1);
        let seconds: f64 = flagged.map(Placed::seconds).sum();
        if seconds > 0.0 {
            let _ = write!(lines, "<li>For {} {}.</li>", duration(seconds), flag_text(flag));
        }
    }
    for line in kept {
        let _ = write!(lines, "<li>{}</li>", escape(line));
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "<section><h2>How to read it</h2><ul class=\"kept\">{lines}</ul></section>");
    }
}
