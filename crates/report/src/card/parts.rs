//! What a card says of several data sets: their terms, and the figures of each.

use super::{code, inline};
use crate::text::{count, percent, percent_number, plural};
use ambulo_record::{Breakdown, BreakdownBy, Estimate, Metrics, SourceRecord};
use std::fmt::Write;

/// Whom and what the figures speak for.
pub(super) fn limits(m: &Metrics) -> String {
    let sets: Vec<String> = (m.sources.iter())
        .map(|s| format!("{} ({})", inline(&s.title), plural(s.people, "person", "people")))
        .collect();
    let mut out = format!(
        "- The figures speak for people, devices and ways of wearing like those of the data, and for no others: {}.\n",
        sets.join("; ")
    );
    for (by, what) in [
        (BreakdownBy::Placement, "The device was worn at"),
        (BreakdownBy::Device, "The devices were"),
        (BreakdownBy::Group, "The people were of the groups"),
    ] {
        let breakdown = m.test.breakdowns.iter().find(|b| b.by == by.name());
        let values: Vec<String> =
            breakdown.iter().flat_map(|b| &b.parts).filter_map(|p| p.value.as_deref()).map(inline).collect();
        if !values.is_empty() {
            let _ = writeln!(out, "- {what}: {}. How well it does on each is told below.", values.join(", "));
        }
    }
    out
}

/// Every source with its terms.
pub(super) fn terms(m: &Metrics) -> String {
    let mut out = String::from(
        "Ambulo's own code is MIT OR Apache-2.0, but the terms of the data a model is trained on apply to the model as well: ",
    );
    out.push_str(match m.sources.len() {
        1 => "those of this data set.\n\n",
        _ => "those of all these data sets together, so what one of them excludes is excluded.\n\n",
    });
    for s in &m.sources {
        let _ = writeln!(
            out,
            "- **{}** (`{}`), {}.{}",
            inline(&s.title),
            code(&s.name),
            plural(s.people, "person", "people"),
            said(s)
        );
    }
    for (i, s) in m.sources.iter().enumerate() {
        let same = |other: &&SourceRecord| !s.cohort.is_empty() && other.cohort == s.cohort;
        if let Some(other) = m.sources[i + 1..].iter().find(same) {
            let _ = write!(
                out,
                "\n`{}` and `{}` recorded the same people: neither is an independent test of a model trained on the other.\n",
                code(&s.name),
                code(&other.name)
            );
        }
    }
    out
}

fn said(s: &SourceRecord) -> String {
    let mut out = match s.licence.trim() {
        "" => " Terms: not on record; find them out before you pass the model on.".to_owned(),
        terms => format!(" Terms: {}", sentence(terms)),
    };
    if !s.citation.trim().is_empty() {
        let _ = write!(out, " Cite: {}", sentence(s.citation.trim()));
    }
    if !s.source.trim().is_empty() {
        let _ = write!(out, " Published at {}.", inline(s.source.trim()));
    }
    let _ = write!(out, " SHA-256 `{}`.", code(&s.sha256));
    out
}

fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{end}", inline(text))
}

/// The figures of each part of the test, and at each depth.
pub(super) fn results(m: &Metrics) -> String {
    let mut out: String = m.test.breakdowns.iter().map(breakdown).collect();
    if !m.test.depths.is_empty() {
        out.push_str(
            "\n| depth of the vocabulary | activities | windows | accuracy | 95 % interval | macro-F1 | 95 % interval \
             |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
    }
    for d in &m.test.depths {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            d.depth,
            d.labels.len(),
            count(d.windows),
            percent(d.accuracy.mean),
            interval(&d.accuracy),
            percent(d.macro_f1.mean),
            interval(&d.macro_f1)
        );
    }
    out
}

fn breakdown(b: &Breakdown) -> String {
    let mut out = format!(
        "\n| {} | people | windows | accuracy | 95 % interval | macro-F1 | 95 % interval |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        match BreakdownBy::from_name(&b.by) {
            Some(BreakdownBy::Dataset) => "data set".to_owned(),
            Some(BreakdownBy::Group) => "group of people".to_owned(),
            _ => inline(&b.by),
        }
    );
    for part in &b.parts {
        let figure = |estimate: Option<Estimate>| match estimate {
            Some(estimate) if part.people > 1 => {
                format!("{} | {}", percent(estimate.mean), interval(&estimate))
            }
            Some(estimate) => format!("{} | one person", percent(estimate.mean)),
            None => "– | –".to_owned(),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            inline(part.value.as_deref().unwrap_or("not stated")),
            count(part.people),
            count(part.windows),
            figure(part.accuracy),
            figure(part.macro_f1)
        );
    }
    out
}

fn interval(estimate: &Estimate) -> String {
    let [low, high] = estimate.ci95;
    format!("{} to {} %", percent_number(low), percent_number(high))
}
