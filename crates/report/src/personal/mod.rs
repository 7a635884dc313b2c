//! What a little of their own is worth to people, on one page.

mod dumbbell;
mod headline;
mod people;
mod recalls;

use crate::frame::{Frame, close, repeat, section};
use crate::text::{activity, escape, list, moment, plural};
use ambulo_record::{PersonalFigures, PersonalPoint};
use std::collections::BTreeMap;

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("personal.css"));

/// A page about personal models: mistakes of each person before and after, with a line between them, recalls of activities, and what a new
/// activity costs. It needs nothing but itself: style inline, no script, no network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn personal_page(figures: &PersonalFigures) -> String {
    let title = match &figures.new {
        None if figures.without_labels() => {
            "What a person's own recordings are worth, without labels".to_owned()
        }
        None => "What a person's own seconds are worth".to_owned(),
        Some(new) => format!("What it costs to add {}", activity(&new.activity).to_lowercase()),
    };
    let people = figures.points.first().map_or(0, |point| point.people.len());
    let what: Vec<String> = [
        figures.dataset.clone(),
        plural(people, "person", "people"),
        match figures.without_labels() {
            true => String::new(),
            false => plural(usize::try_from(figures.draws).unwrap_or(usize::MAX), "draw", "draws"),
        },
        moment(&figures.finished),
    ]
    .iter()
    .filter(|text| !text.is_empty())
    .map(|text| escape(text))
    .collect();
    let mut out = Frame {
        title: &escape(&title),
        name: "Ambulo",
        kind: "Ambulo personal models",
        what: &what,
        class: "personal",
        style: STYLE,
        version: &figures.ambulo_version,
    }
    .open();
    if people == 0 {
        out.push_str("<p class=\"absent\">The record holds no people.</p>\n");
    } else {
        section(&mut out, "In short", &headline::headline(figures));
        section(&mut out, "Person by person", &people::figures(figures));
        section(&mut out, "Activity by activity", &recalls::figures(figures));
        if figures.new.is_some() {
            section(&mut out, "The new activity", &recalls::new_activity(figures));
        }
    }
    section(&mut out, "Who was asked", &asked(figures));
    repeat(&mut out, &figures.command);
    close(&mut out, ". Definitions: docs/PERSONAL.md. The page needs no network.");
    out
}

/// The models with their people, and who is left out.
fn asked(figures: &PersonalFigures) -> String {
    let rows: Vec<Vec<String>> = figures
        .models
        .iter()
        .map(|model| {
            let people: Vec<String> = model.people.iter().map(|person| escape(person.as_str())).collect();
            let memory =
                if model.memory_added { "<br/><small>its training looked at again</small>" } else { "" };
            vec![
                format!(
                    "{}<br/><small><code>{}</code></small>{memory}",
                    escape(&model.name),
                    escape(model.sha256.get(..12).unwrap_or(&model.sha256))
                ),
                if people.is_empty() { "nobody".into() } else { list(&people) },
            ]
        })
        .collect();
    let mut out = "<p>Nobody had shaped the model that answers, or one that it began with. A person whom several models could answer is \
                   answered by the first.</p><div class=\"reasons\">"
        .to_owned()
        + &crate::figures::table("Models and their people", &["Model", "Asked about"], &rows)
        + "</div>";
    if !figures.left_out.is_empty() {
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in &figures.left_out {
            by_reason.entry(&one.reason).or_default().push(escape(one.person.as_str()));
        }
        let rows: Vec<Vec<String>> =
            by_reason.into_iter().map(|(reason, people)| vec![escape(reason), list(&people)]).collect();
        out += "<h3>Left out</h3><div class=\"reasons\">";
        out += &crate::figures::table("People of whom there is no figure", &["Reason", "People"], &rows);
        out += "</div>";
    }
    out
}

/// What was given, as a heading: `10 s of each activity in 4 pieces`.
fn given(figures: &PersonalFigures, point: &PersonalPoint) -> String {
    let of = match &figures.new {
        None => "of each activity".to_owned(),
        Some(new) if new.alone => format!("of {} alone", activity(&new.activity).to_lowercase()),
        Some(_) => "of it and of each activity".to_owned(),
    };
    let pieces = if point.pieces > 1 { format!(" in {} pieces", point.pieces) } else { String::new() };
    let across = if figures.across { ", scored in other recordings" } else { "" };
    if point.without_labels() {
        return format!("Recordings without labels{across}");
    }
    let rest = if figures.way.takes_recordings() { ", and recordings without labels" } else { "" };
    format!("{} s {of}{pieces}{rest}{across}", point.seconds)
}

/// The data set behind what was given, where there are several.
fn of_set(point: &PersonalPoint, dataset: &str) -> String {
    if point.summaries.len() > 1 { format!(": {dataset}") } else { String::new() }
}
