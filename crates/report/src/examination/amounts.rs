//! How much there is of what.

use super::is_none;
use crate::figures::table;
use crate::text::{activity, count, decimal, duration, escape, percent, short_activity};
use ambulo_record::examination::{Amount, Examination, ExaminedPerson};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The activities with their shares as bars.
pub(super) fn activities(e: &Examination) -> String {
    if e.activities.is_empty() {
        return "<p class=\"absent\">Nothing carries a label.</p>".to_owned();
    }
    let labelled: f64 = e.activities.iter().map(|activity| activity.amount.seconds).sum();
    let most = e.activities.iter().map(|activity| activity.amount.seconds).fold(0.0, f64::max);
    let rows: Vec<Vec<String>> = (e.activities.iter())
        .map(|a| {
            let share = a.amount.seconds / most;
            let width = if share.is_finite() { 100.0 * share } else { 0.0 };
            vec![
                format!("<span title=\"{}\">{}</span>", escape(&a.label), escape(&activity(&a.label))),
                format!("<i class=\"share\"><i style=\"width:{width:.1}%\"></i></i>"),
                percent(a.amount.seconds / labelled),
                duration(a.amount.seconds),
                count(a.amount.windows),
                count(a.people as u64),
            ]
        })
        .collect();
    let head = ["Activity", "", "Share", "Time", "Windows", "People"];
    format!("<div class=\"shares\">{}</div>", table("Activities: share of the labelled time", &head, &rows))
}

/// Minutes of each person and activity, shaded by the largest amount of the activity.
pub(super) fn people(e: &Examination) -> String {
    if e.people.is_empty() {
        return "<p class=\"absent\">There is nobody.</p>".to_owned();
    }
    let mut out = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Minutes by person and activity\"><table class=\"heat\">\
         <caption class=\"sr\">Minutes by person and activity</caption><thead><tr><th scope=\"col\">Person</th>",
    );
    for a in &e.activities {
        let _ = write!(
            out,
            "<th scope=\"col\"><abbr title=\"{}\">{}</abbr></th>",
            escape(&a.label),
            escape(&short_activity(&a.label))
        );
    }
    out.push_str("<th scope=\"col\">No label</th><th scope=\"col\">All</th><th scope=\"col\">Recordings</th></tr></thead><tbody>");
    let most: Vec<f64> = (e.activities.iter())
        .map(|a| {
            e.people.iter().filter_map(|p| p.activities.get(&a.label)).map(|a| a.seconds).fold(0.0, f64::max)
        })
        .collect();
    for person in &e.people {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(person.person.as_str()));
        for (a, most) in e.activities.iter().zip(&most) {
            out.push_str(&cell(person.activities.get(&a.label), *most));
        }
        let none = person.activities.iter().find(|(label, _)| is_none(label)).map_or(0.0, |(_, a)| a.seconds);
        let _ = write!(
            out,
            "<td>{}</td><td>{}</td><td>{}</td></tr>",
            minutes(none),
            minutes(all(person)),
            count(person.recordings as u64)
        );
    }
    out.push_str("</tbody></table></div>");
    out + "<p class=\"after caption\">Minutes. Stronger: nearer to the person who has most of the activity; outlined: none at all.</p>"
}

fn all(person: &ExaminedPerson) -> f64 {
    person.activities.values().map(|amount| amount.seconds).sum()
}

fn minutes(seconds: f64) -> String {
    decimal(seconds / 60.0, if seconds < 600.0 { 1 } else { 0 })
}

fn cell(amount: Option<&Amount>, most: f64) -> String {
    let Some(amount) = amount.filter(|amount| amount.seconds > 0.0) else {
        return "<td class=\"nothing\">0</td>".to_owned();
    };
    let share = amount.seconds / most;
    let strength = if share.is_finite() { 0.06 + 0.5 * share.clamp(0.0, 1.0) } else { 0.06 };
    let windows = count(amount.windows);
    format!(
        "<td class=\"some\" style=\"--a:{strength:.2}\" title=\"{windows} windows\">{}</td>",
        minutes(amount.seconds)
    )
}

/// By placement, device, group and condition; nothing where nothing is known of them.
pub(super) fn worn(e: &Examination) -> Option<String> {
    let kinds: [(&str, &BTreeMap<String, Amount>); 4] = [
        ("Placement", &e.placements),
        ("Device", &e.devices),
        ("Group", &e.groups),
        ("Condition", &e.conditions),
    ];
    let mut out = String::new();
    for (kind, amounts) in kinds.into_iter().filter(|(_, amounts)| !amounts.is_empty()) {
        let rows: Vec<Vec<String>> = (amounts.iter())
            .map(|(name, amount)| {
                let share = percent(amount.seconds / e.total.seconds);
                vec![escape(name), duration(amount.seconds), share, count(amount.windows)]
            })
            .collect();
        out.push_str(&table(
            &format!("Amounts by {}", kind.to_lowercase()),
            &[kind, "Time", "Share", "Windows"],
            &rows,
        ));
    }
    (!out.is_empty()).then(|| format!("<div class=\"worn-tables\">{out}</div>"))
}
