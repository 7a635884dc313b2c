//! Figures as tables.

use super::{as_they_are, fall, most_smoothed, name, seconds};
use crate::figures::table;
use crate::text::{ABSENT, activity, count, decimal, duration, escape, percent, percent_number};
use ambulo_record::continuous::{ContinuousMetrics, ContinuousVariant};
use ambulo_record::{Estimate, PersonId};

/// What the page says, in one sentence.
pub(super) fn lead(m: &ContinuousMetrics) -> String {
    let Some((best, best_name)) = most_smoothed(m) else { return String::new() };
    let median = best.onset.delay_s.median;
    let median = match (best.onset.found, median < 0.0) {
        (0, _) => String::new(),
        (_, true) => format!(", and half of the events were found {} before they began", seconds(-median)),
        (_, false) => format!(", and half of the events were found {} after they began", seconds(median)),
    };
    format!(
        "<p class=\"lead\">Answered from beginning to end, {} of the labelled time is right{median} ({}).</p>",
        percent(best.accuracy.mean),
        escape(&best_name.to_lowercase()),
    )
}

/// A row for each way of smoothing.
pub(super) fn overview(m: &ContinuousMetrics) -> String {
    let rows: Vec<Vec<String>> = (m.variants.iter())
        .map(|v| {
            vec![
                escape(&name(v)),
                percent(v.accuracy.mean),
                decimal(v.macro_f1.mean, 4),
                interval(m, &v.macro_f1),
                decimal(v.ece, 4),
                count(v.errors.fragmentation.count),
                fall(m, v),
                count(v.events.inserted),
                count(v.events.deleted),
                match v.onset.found {
                    0 => ABSENT.to_owned(),
                    _ => seconds(v.onset.delay_s.median),
                },
            ]
        })
        .collect();
    let head = [
        "Smoothing",
        "Right",
        "Macro-F1",
        "95\u{a0}% interval",
        "ECE",
        "Fragmentations",
        "Change",
        "Insertions",
        "Deletions",
        "Median onset",
    ];
    table("Figures by way of smoothing", &head, &rows)
        + "<p class=\"after caption\">Right and macro-F1 are shares of time; the interval is a bootstrap over people. ECE: \
           expected calibration error over time steps. Fragmentations: stretches of another answer within an event, \
           summed over activities and seeds, and by how much they change. Median onset: from the beginning of an event to the \
           first right answer.</p>"
}

/// Of one person there is none.
fn interval(m: &ContinuousMetrics, estimate: &Estimate) -> String {
    match m.subjects.len() {
        0 | 1 => ABSENT.to_owned(),
        _ => format!("{} to {}", decimal(estimate.ci95[0], 4), decimal(estimate.ci95[1], 4)),
    }
}

/// Recall and F1 of each class for each way of smoothing.
pub(super) fn classes(m: &ContinuousMetrics) -> String {
    let mut head = vec!["Activity".to_owned(), "Time".to_owned()];
    for v in as_they_are(m) {
        head.extend(["precision", "recall", "F1"].map(|what| format!("{}: {what}", name(v))));
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (number, label) in m.labels.iter().enumerate() {
        let own = |v: &ContinuousVariant| v.per_class.get(number).cloned();
        let time = as_they_are(m).next().and_then(own).map_or(f64::NAN, |class| class.seconds);
        let mut row = vec![escape(&activity(label)), duration(time)];
        for v in as_they_are(m) {
            row.extend(match own(v) {
                Some(class) => [class.precision, class.recall, class.f1].map(percent),
                None => [const { String::new() }; 3].map(|_| ABSENT.to_owned()),
            });
        }
        rows.push(row);
    }
    let coarse = as_they_are(m).next().map_or(&[][..], |v| v.coarse.as_slice());
    for (number, class) in coarse.iter().enumerate() {
        let mut row = vec![escape(&activity(&class.label)), duration(class.seconds)];
        for v in as_they_are(m) {
            let recall = v.coarse.get(number).map_or(f64::NAN, |class| class.recall);
            row.extend([String::new(), percent(recall), String::new()]);
        }
        rows.push(row);
    }
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    table("Precision, recall and F1 by activity and way of smoothing, as shares of time", &head, &rows)
}

/// Each person for each way of smoothing.
pub(super) fn people(m: &ContinuousMetrics) -> String {
    let mut people: Vec<&PersonId> = as_they_are(m).flat_map(|v| v.per_person.keys()).collect();
    people.sort_unstable();
    people.dedup();
    let mut head = vec!["Person".to_owned(), "Time".to_owned()];
    for what in ["right (%)", "holes", "median onset"] {
        head.extend(as_they_are(m).map(|v| format!("{}: {what}", name(v))));
    }
    let rows: Vec<Vec<String>> = (people.iter())
        .map(|person| {
            let own: Vec<_> = as_they_are(m).map(|v| v.per_person.get(*person)).collect();
            let time = own.iter().flatten().next().map_or(f64::NAN, |p| p.seconds);
            let mut row = vec![escape(person.as_str()), duration(time)];
            row.extend(own.iter().map(|p| p.map_or(ABSENT.to_owned(), |p| percent_number(p.accuracy))));
            row.extend(own.iter().map(|p| p.map_or(ABSENT.to_owned(), |p| count(p.fragmentations))));
            let onset = |p: Option<f64>| p.map_or(ABSENT.to_owned(), seconds);
            row.extend(own.iter().map(|p| onset(p.and_then(|p| p.median_delay_s))));
            row
        })
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    table("Accuracy, fragmentations and onset by person and way of smoothing", &head, &rows)
        + "<p class=\"after caption\">Holes: fragmentations, summed over activities and seeds.</p>"
}

/// What is answered at which depth; nothing where no way of smoothing knows it.
pub(super) fn answered(m: &ContinuousMetrics) -> Option<String> {
    let rows: Vec<Vec<String>> = (m.variants.iter())
        .filter_map(|v| {
            let a = v.answered?;
            let shares = [a.class, a.class_right, a.above, a.above_right, a.unknown, a.none].map(percent);
            Some([vec![escape(&name(v))], shares.to_vec()].concat())
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let head =
        ["Smoothing", "A class", "of that right", "Above classes", "of that right", "Unknown", "No answer"];
    Some(
        table("Share of the scored time by depth of the answer", &head, &rows)
            + "<p class=\"after caption\">What users are given: an activity above the classes where these cannot be told apart, \
               or unknown. All figures above are of the most probable class.</p>",
    )
}
