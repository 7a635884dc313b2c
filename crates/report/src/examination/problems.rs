//! What is wrong or strange, the gravest first.

use super::summary;
use crate::text::{count, escape, plural};
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};

/// Recordings that are named before the others are only counted.
const NAMED: usize = 6;
/// Notes that are shown without being asked for.
const NOTES: usize = 4;

pub(super) fn list(e: &Examination) -> String {
    let mut out = String::new();
    let (faults, suspicions) = (e.count(ProblemWeight::Fault), e.count(ProblemWeight::Suspicion));
    let lead = match (faults, suspicions) {
        (0, 0) => "Nothing is wrong that can be seen from here.".to_owned(),
        (0, _) => format!("{}: nothing is certainly wrong, but somebody has to look.", summary(e)),
        _ => format!("{}: what is trained on these data would learn the faults.", summary(e)),
    };
    out.push_str(&format!("<p class=\"lead\">{}</p>", escape(&lead)));
    let (notes, weighty): (Vec<&Problem>, Vec<&Problem>) =
        e.problems.iter().partition(|problem| problem.weight == ProblemWeight::Note);
    out.push_str(&items(&weighty));
    if notes.len() > NOTES {
        let notes_text = plural(notes.len(), "note", "notes");
        out.push_str(&format!("<details><summary>{notes_text}</summary>{}</details>", items(&notes)));
    } else {
        out.push_str(&items(&notes));
    }
    if !e.not_checked.is_empty() {
        let sentences: String =
            e.not_checked.iter().map(|text| format!("<li>{}</li>", escape(text))).collect();
        out.push_str(&format!("<h3 class=\"after\">What could not be looked at</h3><ul>{sentences}</ul>"));
    }
    out
}

fn items(problems: &[&Problem]) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let items: String = problems.iter().map(|problem| item(problem)).collect();
    format!("<ul class=\"noticed\">{items}</ul>")
}

fn item(problem: &Problem) -> String {
    let (class, name) = match problem.weight {
        ProblemWeight::Fault => ("refused-line", "Fault"),
        ProblemWeight::Suspicion => ("warning-line", "Suspicion"),
        ProblemWeight::Note => ("note-line", "Note"),
    };
    format!(
        "<li class=\"{class}\"><b>{name}</b><i class=\"at\">{}</i><span>{}</span><span class=\"advice\">{}</span></li>",
        place(problem),
        escape(&problem.text),
        escape(&problem.advice)
    )
}

fn place(problem: &Problem) -> String {
    let place = &problem.place;
    let mut parts = vec![kind(problem.kind).to_owned()];
    parts.extend(place.person.as_ref().map(|person| format!("person {}", escape(person.as_str()))));
    if !place.recordings.is_empty() {
        let named: Vec<String> = place.recordings.iter().take(NAMED).map(|name| escape(name)).collect();
        let mut named = named.join(", ");
        if let further @ 1.. = place.recordings.len().saturating_sub(NAMED) {
            named.push_str(&format!(" and {} more", count(further as u64)));
        }
        // What reading met names files.
        let what = match (place.person.is_some(), place.recordings.len()) {
            (false, _) => "",
            (true, 1) => "recording ",
            (true, _) => "recordings ",
        };
        parts.push(format!("{what}{named}"));
    }
    if let (Some(start), Some(end)) = (place.start_s, place.end_s)
        && start.is_finite()
        && end.is_finite()
    {
        parts.push(format!("{start:.2} to {end:.2}\u{a0}s"));
    }
    parts.iter().map(|part| format!("<span>{part}</span>")).collect()
}

fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unreadable => "not read",
        ProblemKind::Empty => "empty",
        ProblemKind::CopyOfPerson => "copy under two people",
        ProblemKind::CopyOfLabel => "copy under two labels",
        ProblemKind::Unit => "unit",
        ProblemKind::AtRest => "gravity at rest",
        ProblemKind::Axes => "axes",
        ProblemKind::AxesBetweenSensors => "axes of the two sensors",
        ProblemKind::Rate => "rate",
        ProblemKind::LabelsShifted => "labels shifted",
        ProblemKind::StrangePerson => "strange person",
        ProblemKind::StrangeLabel => "strange label",
        ProblemKind::Unlabelled => "no label",
        ProblemKind::UnknownLabel => "unknown label",
        ProblemKind::Imbalance => "imbalance",
        _ => "reading",
    }
}
