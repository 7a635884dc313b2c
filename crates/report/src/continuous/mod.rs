//! Figures of whole recordings on one page: with and without smoothing, events, delays, people.

mod bars;
mod events;
mod onsets;
mod tables;

use crate::frame::{Frame, close, section};
use crate::text::{ABSENT, activity, decimal, duration, escape, percent, plural};
use ambulo_record::continuous::{CAUSAL, ContinuousMetrics, ContinuousVariant, UNSMOOTHED, WHOLE_FILE};

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("continuous.css"));

/// A page about an evaluation on whole recordings that needs nothing but itself: style inline, figures as SVG, no script, no
/// network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn continuous_page(metrics: &ContinuousMetrics) -> String {
    let m = metrics;
    let title = escape(&format!("{} on {}", m.model, m.dataset));
    let what = [
        plural(m.recordings, "whole recording", "whole recordings"),
        plural(m.subjects.len(), "person", "people"),
        format!("{} scored", duration(m.scored_s + m.coarse_s)),
        plural(m.seeds.len(), "seed", "seeds"),
    ]
    .map(|text| escape(&text));
    let mut out = Frame {
        title: &title,
        name: "Ambulo on whole recordings",
        kind: "Ambulo on whole recordings",
        what: &what,
        class: "continuous",
        style: STYLE,
        version: &m.ambulo_version,
    }
    .open();
    if m.variants.is_empty() {
        out.push_str("<p class=\"absent\">The record holds no figures.</p>\n");
    } else {
        section(&mut out, "Over time", &(tables::lead(m) + &tables::overview(m)));
        section(&mut out, "Events", &events::figures(m));
        section(&mut out, "Time that is wrong", &bars::figure(m));
        section(&mut out, "How soon it is found", &onsets::figures(m));
        section(&mut out, "By activity", &tables::classes(m));
        section(&mut out, "By person", &tables::people(m));
        if let Some(answered) = tables::answered(m) {
            section(&mut out, "Where answers may back off", &answered);
        }
        section(&mut out, "What was scored", &scored(m));
    }
    close(&mut out, ". Definitions: docs/CONTINUOUS.md. The page needs no network.");
    out
}

fn scored(m: &ContinuousMetrics) -> String {
    let mut rows = vec![("Time with a class", duration(m.scored_s))];
    if m.coarse_s > 0.0 {
        rows.push(("Time labelled above classes", duration(m.coarse_s)));
    }
    let left_out: Vec<String> = (m.not_scored_s.iter())
        .map(|(label, &seconds)| format!("{} ({})", activity(label), duration(seconds)))
        .collect();
    if !left_out.is_empty() {
        rows.push(("Labelled, but not scored", left_out.join(", ")));
    }
    rows.push(("People", ambulo_record::PersonId::list(&m.subjects)));
    rows.push(("How they were chosen", m.protocol.clone()));
    rows.push(("Seeds", crate::text::list(&m.seeds)));
    if let Some(sha256) = &m.dataset_sha256 {
        rows.push(("SHA-256 of the data", sha256.clone()));
    }
    let rows: String = (rows.iter())
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value)))
        .collect();
    format!(
        "<p>Time without a label, and labels that say nothing about the classes (changes of posture, for example), are not \
         scored: answers there are neither right nor wrong. Labelled time without an answer counts as wrong.</p>\
         <dl class=\"facts\">{rows}</dl>"
    )
}

/// What a way of smoothing is called.
fn name(variant: &ContinuousVariant) -> String {
    let name = match (variant.variant.as_str(), variant.delay_s) {
        (UNSMOOTHED, _) => "Unsmoothed".to_owned(),
        (CAUSAL, Some(delay)) => {
            format!("Causal, {}\u{a0}s", decimal(delay, usize::from(delay.fract() != 0.0)))
        }
        (CAUSAL, None) => "Causal".to_owned(),
        (WHOLE_FILE, _) => "Whole file".to_owned(),
        (other, _) => activity(other),
    };
    if variant.turned { format!("{name}, turned") } else { name }
}

/// Those of recordings as they are, not turned: what details are shown of.
fn as_they_are(m: &ContinuousMetrics) -> impl Iterator<Item = &ContinuousVariant> {
    m.variants.iter().filter(|v| !v.turned)
}

/// The last way of smoothing, which knows most, and what it is called: details are drawn for it alone.
fn most_smoothed(m: &ContinuousMetrics) -> Option<(&ContinuousVariant, String)> {
    m.variants
        .iter()
        .rfind(|variant| !variant.turned)
        .or(m.variants.last())
        .map(|variant| (variant, name(variant)))
}

/// `1.3 s`, with a sign where it is early.
fn seconds(value: f64) -> String {
    if value.is_finite() { format!("{}\u{a0}s", decimal(value, 2)) } else { ABSENT.to_owned() }
}

/// By how much a count fell, of that of the unsmoothed answers; nothing for these themselves.
fn fall(m: &ContinuousMetrics, variant: &ContinuousVariant) -> String {
    let unsmoothed = m.variants.iter().find(|v| v.variant == UNSMOOTHED && v.turned == variant.turned);
    let before = unsmoothed.map_or(0, |first| first.errors.fragmentation.count);
    let now = variant.errors.fragmentation.count;
    if variant.variant == UNSMOOTHED || before == 0 {
        return String::new();
    }
    let change = now as f64 / before as f64 - 1.0;
    let sign = if change > 0.0 { "+" } else { "−" };
    format!("{sign}{}", percent(change.abs()))
}
