//! Minutes, bouts and transitions as tables.

use super::sheet::Sheet;
use crate::figures::table;
use crate::text::{activity, count, decimal, duration, escape, percent, plural};
use ambulo_record::timeline::{BOUT_BOUNDS_S, Day, NOT_WORN};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Transitions that are shown without being asked.
const FREQUENT: usize = 12;

/// The activities with a swatch each, how long they were and their share of the time with answers, in the order of the list.
pub(super) fn legend(sheet: &Sheet<'_>) -> String {
    let worn: f64 =
        sheet.occurring().filter(|(_, a)| a.name != NOT_WORN).map(|(_, activity)| activity.seconds).sum();
    let mut out = String::from("<ul class=\"legend totals\">");
    for (place, activity) in sheet.occurring() {
        let share = match activity.seconds / worn {
            _ if activity.name == NOT_WORN => String::new(),
            share if share < 0.0005 => "&lt;\u{a0}0.1\u{a0}%".to_owned(),
            share => percent(share),
        };
        let _ = write!(
            out,
            "<li>{}<b>{}</b> <span>{}</span> <span>{share}</span></li>",
            swatch(place),
            escape(&activity.title()),
            duration(activity.seconds)
        );
    }
    out.push_str("</ul>");
    out
}

fn swatch(place: usize) -> String {
    format!(
        "<svg class=\"key\" viewBox=\"0 0 20 14\" aria-hidden=\"true\"><path class=\"c{place}\" d=\"M.5 .5h19v13h-19z\"/></svg>"
    )
}

/// Minutes of each activity and of what is no activity, a row for each day and one for all.
pub(super) fn minutes(sheet: &Sheet<'_>) -> String {
    let days = &sheet.timeline.days;
    if days.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = sheet
        .activities
        .iter()
        .map(|activity| activity.name)
        .filter(|name| *name != NOT_WORN)
        .filter(|name| days.iter().any(|day| of(day, name) > 0.0))
        .collect();
    let longest = days.iter().flat_map(|day| day.activities.iter().map(|a| a.minutes)).fold(0.0, f64::max);
    let digits = if longest < 100.0 { 1 } else { 0 };
    let titles: Vec<String> = names.iter().map(|name| activity(name)).collect();
    let mut head = vec!["Day"];
    head.extend(titles.iter().map(String::as_str));
    head.extend(["Worn", "Not worn", "Missing"]);
    let cell = |minutes: f64| if minutes > 0.0 { decimal(minutes, digits) } else { "·".to_owned() };
    let row = |name: String, days: &[Day]| {
        let sum = |each: &dyn Fn(&Day) -> f64| cell(days.iter().map(each).sum());
        let mut cells = vec![name];
        cells.extend(names.iter().map(|name| sum(&|day| of(day, name))));
        cells.extend([sum(&|d| d.worn_minutes), sum(&|d| d.not_worn_minutes), sum(&|d| d.missing_minutes)]);
        cells
    };
    let mut rows: Vec<Vec<String>> = days
        .iter()
        .enumerate()
        .map(|(i, day)| {
            let unnamed = || if days.len() == 1 { "All".to_owned() } else { format!("Day {}", i + 1) };
            row(escape(&day.date.clone().unwrap_or_else(unnamed)), std::slice::from_ref(day))
        })
        .collect();
    if days.len() > 1 {
        rows.push(row("<em>All</em>".to_owned(), days));
    }
    let title = if days.len() > 1 { "Minutes of each day" } else { "Minutes" };
    format!("<div class=\"minutes\"><h3>{title}</h3>{}</div>", table(title, &head, &rows))
}

fn of(day: &Day, name: &str) -> f64 {
    day.activities.iter().filter(|activity| activity.activity == name).map(|activity| activity.minutes).sum()
}

/// How many uninterrupted bouts of each activity there were, by length.
pub(super) fn bouts(sheet: &Sheet<'_>) -> String {
    let mut rows = Vec::new();
    for listed in &sheet.activities {
        let mut bouts = [0u64; BOUT_BOUNDS_S.len() + 1];
        let days = sheet.timeline.days.iter().flat_map(|day| &day.activities);
        for own in days.filter(|own| own.activity == listed.name) {
            bouts.iter_mut().zip(own.bouts).for_each(|(sum, n)| *sum += u64::from(n));
        }
        if bouts.iter().any(|&n| n > 0) {
            let mut cells = vec![escape(&listed.title())];
            cells.extend(bouts.iter().map(|&n| if n == 0 { "·".to_owned() } else { count(n) }));
            cells.push(count(bouts.iter().sum()));
            rows.push(cells);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let length = |s: f64| if s < 60.0 { format!("{s}\u{a0}s") } else { format!("{}\u{a0}min", s / 60.0) };
    let mut head = vec!["Activity".to_owned()];
    head.extend(BOUT_BOUNDS_S.iter().map(|&bound| format!("≤\u{a0}{}", length(bound))));
    head.extend([format!(">\u{a0}{}", length(BOUT_BOUNDS_S[BOUT_BOUNDS_S.len() - 1])), "All".to_owned()]);
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    format!("<div class=\"bouts\"><h3>Bouts by length</h3>{}</div>", table("Bouts by length", &head, &rows))
}

/// Changes from one activity straight to another, the most frequent first.
pub(super) fn transitions(sheet: &Sheet<'_>) -> String {
    let mut all: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (from, to, n) in sheet.timeline.days.iter().flat_map(|day| &day.transitions) {
        *all.entry((from, to)).or_default() += u64::from(*n);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|((from, to), n)| vec![escape(&activity(from)), escape(&activity(to)), count(*n)])
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = ["From", "To", "Times"];
    let (often, seldom) = rows.split_at(rows.len().min(FREQUENT));
    let mut out =
        format!("<div class=\"transitions\"><h3>Changes</h3>{}", table("Changes of activity", &head, often));
    if !seldom.is_empty() {
        let _ = write!(
            out,
            "<details class=\"numbers\"><summary>{}</summary>{}</details>",
            plural(seldom.len(), "rarer change", "rarer changes"),
            table("Rarer changes of activity", &head, seldom)
        );
    }
    out.push_str("</div>");
    out
}
