//! Rates that times show, against what is stated.

use crate::figures::table;
use crate::text::{ABSENT, decimal, escape};
use ambulo_record::examination::{Examination, ExaminedRate};

/// Departure from the stated rate that is marked.
const DEPARTS: f64 = 0.01;
/// Up to so many rows are shown without being asked for.
const FEW: usize = 12;

/// Nothing where no recording is known.
pub(super) fn table_of(e: &Examination) -> Option<String> {
    if e.rates.is_empty() {
        return None;
    }
    let checked = e.rates.iter().any(|rate| rate.found_hz.is_some());
    if !checked {
        let mut stated: Vec<String> = e.rates.iter().map(|rate| hz(rate.stated_hz)).collect();
        stated.sort();
        stated.dedup();
        return Some(format!(
            "<p>{} Hz as stated. The recordings have no times of their own, so nobody can see whether it is true.</p>",
            escape(&stated.join(", "))
        ));
    }
    let departs = |rate: &&ExaminedRate| departure(rate).is_some_and(|d| d.abs() > DEPARTS);
    let off = e.rates.iter().filter(departs).count();
    let rows: Vec<Vec<String>> = e.rates.iter().map(row).collect();
    let head =
        ["Person", "Placement", "Device", "Stated", "Found", "Lowest to highest", "Departure", "Recordings"];
    let table = table("Rates in Hz by person", &head, &rows);
    let lead = match off {
        0 => "All rates are within 1 % of what is stated.".to_owned(),
        n => format!("{n} of {} rows depart from the stated rate by more than 1 %.", e.rates.len()),
    };
    let table = if rows.len() > FEW {
        format!("<details><summary>Rates of everyone</summary>{table}</details>")
    } else {
        table
    };
    Some(format!("<p>{lead}</p><div class=\"rates\">{table}</div>"))
}

fn departure(rate: &ExaminedRate) -> Option<f64> {
    let [_, found, _] = rate.found_hz?;
    Some(found / rate.stated_hz - 1.0).filter(|d| d.is_finite())
}

fn row(rate: &ExaminedRate) -> Vec<String> {
    let or_absent = |text: &Option<String>| text.as_deref().map_or(ABSENT.to_owned(), escape);
    let departure = departure(rate).map_or(ABSENT.to_owned(), |d| {
        let text = format!("{}{}\u{a0}%", if d > 0.0 { "+" } else { "" }, decimal(100.0 * d, 2));
        if d.abs() > DEPARTS { format!("<b class=\"off\">{text}</b>") } else { text }
    });
    vec![
        escape(rate.person.as_str()),
        or_absent(&rate.placement),
        or_absent(&rate.device),
        hz(rate.stated_hz),
        rate.found_hz.map_or(ABSENT.to_owned(), |[_, found, _]| hz(found)),
        rate.found_hz.map_or(ABSENT.to_owned(), |[least, _, most]| format!("{} to {}", hz(least), hz(most))),
        departure,
        format!("{} of {}", rate.checked, rate.recordings),
    ]
}

fn hz(value: f64) -> String {
    decimal(value, if value.fract() == 0.0 { 0 } else { 2 })
}
