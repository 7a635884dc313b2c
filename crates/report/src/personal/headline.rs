//! The figures over people, large.

use super::{given, of_set};
use crate::text::{activity, decimal, escape, percent, plural};
use ambulo_record::{MeanOverPeople, PersonalFigures, PersonalPoint, PersonalSummary};

pub(super) fn headline(figures: &PersonalFigures) -> String {
    let mut out = String::from("<div class=\"big\">");
    for point in &figures.points {
        for summary in &point.summaries {
            out += &one(figures, point, summary);
        }
    }
    out += "</div>";
    out + &lead(figures)
}

fn one(figures: &PersonalFigures, point: &PersonalPoint, summary: &PersonalSummary) -> String {
    let name = given(figures, point) + &of_set(point, &summary.dataset);
    let (big, range) = match (&figures.new, &summary.found) {
        (Some(_), Some(found)) => (
            format!("{}<small> found</small>", percent(found.mean)),
            format!(
                "{}; the others lose {} points{}",
                interval(found, summary.people, "", 1),
                decimal(lost(summary.gain.mean), 2),
                unless_one(&summary.gain.ci95.map(lost), summary.people)
            ),
        ),
        _ => (
            match summary.fewer() {
                Some(share) if share.abs() < 0.005 => "0\u{a0}%<small> fewer mistakes</small>".to_owned(),
                Some(share) if share < 0.0 => {
                    format!("{}\u{a0}%<small> more mistakes</small>", decimal(-100.0 * share, 0))
                }
                Some(share) => format!("{}\u{a0}%<small> fewer mistakes</small>", decimal(100.0 * share, 0)),
                None => "0<small> mistakes before</small>".to_owned(),
            },
            format!(
                "{} → {}\u{a0}%: {}",
                decimal(100.0 * summary.mistakes_before.mean, 2),
                decimal(100.0 * summary.mistakes_after.mean, 2),
                interval(&summary.gain, summary.people, "points gained", 2)
            ),
        ),
    };
    let [before, after] = summary.worst_five.map(|share| decimal(100.0 * share, 2));
    let worst = if summary.people > 5 {
        format!("<br/>Worst five: {before} → {after}\u{a0}%")
    } else {
        String::new()
    };
    let time = summary.over_time.map_or_else(String::new, |time| {
        let [before, after] =
            [time.mistakes_before, time.mistakes_after].map(|of| decimal(100.0 * of.mean, 2));
        format!("<br/>Over time: {before} → {after}\u{a0}%")
    });
    format!(
        "<div><span class=\"name\">{}</span><strong>{big}</strong><span class=\"range\">{range}{worst}{time}<br/>Better {}, worse {}; {} lose more \
         than a point, nobody more than {}{}</span></div>",
        escape(&name),
        summary.better_worse[0],
        summary.better_worse[1],
        match summary.much_worse {
            0 => "none".to_owned(),
            n => n.to_string(),
        },
        decimal(100.0 * summary.largest_loss, 2),
        summary.refused.map_or_else(String::new, |[refused, draws]| {
            format!("<br/>Nothing to learn from in {refused} of {draws} draws")
        })
    )
}

/// Points that are lost where so much is gained.
fn lost(gain: f64) -> f64 {
    0.0 - 100.0 * gain
}

fn interval(of: &MeanOverPeople, people: usize, what: &str, digits: usize) -> String {
    let at = |share: f64| decimal(100.0 * share, digits);
    let range = if people > 1 {
        format!(" ({}\u{a0}to\u{a0}{})", at(of.ci95[0]), at(of.ci95[1]))
    } else {
        String::new()
    };
    if what.is_empty() {
        let range = format!("95\u{a0}% interval {}\u{a0}to\u{a0}{}\u{a0}%", at(of.ci95[0]), at(of.ci95[1]));
        return if people > 1 { range } else { "one person".to_owned() };
    }
    format!("{} {what}{range}", at(of.mean))
}

/// An interval the other way round; of one person nothing is known about others.
fn unless_one([high, low]: &[f64; 2], people: usize) -> String {
    if people > 1 {
        format!(" ({}\u{a0}to\u{a0}{})", decimal(*low, 2), decimal(*high, 2))
    } else {
        String::new()
    }
}

/// What was done, in a few sentences.
fn lead(figures: &PersonalFigures) -> String {
    let people = figures.points.first().map_or(0, |point| point.people.len());
    let whose = match &figures.new {
        None => "of each activity".to_owned(),
        Some(new) => {
            let name = activity(&new.activity).to_lowercase();
            match new.alone {
                true => format!("of {name}, which the models do not know, and of nothing else"),
                false => {
                    format!("of {name}, which the models do not know, and of each activity that they know")
                }
            }
        }
    };
    let pieces = match figures.pieces {
        0 | 1 => "a stretch".to_owned(),
        n => format!("up to {n} stretches of equal length, from different places,"),
    };
    let times = match figures.draws {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let recordings = if figures.across { "one recording, each in turn," } else { "all recordings" };
    let without_labels = figures.without_labels();
    let given = match (without_labels, figures.way.takes_recordings()) {
        (true, _) => format!("{recordings} without labels were given"),
        (false, true) => {
            format!(
                "{pieces} {} was drawn {times}, and {recordings} were given without labels besides",
                escape(&whose)
            )
        }
        (false, false) => format!("{pieces} {} was drawn {times}", escape(&whose)),
    };
    let scored = match (figures.across, without_labels, figures.way.takes_recordings()) {
        (true, ..) => "in the person's other recordings, of which nothing was given",
        (false, true, _) => "in the same recordings",
        (false, false, true) => {
            "on all windows of the same person that share no sample with the labelled stretches; these windows had been seen without labels"
        }
        (false, false, false) => "on all windows of the same person that share no sample with what was given",
    };
    let steps: Vec<String> = figures.way.steps().map(step).collect();
    let how = match &steps[..] {
        [one] => capital(one),
        all => format!("One after the other: {}", all.join("; then ")),
    };
    let shrinkage =
        figures.way.shrinkage.map_or_else(String::new, |x| format!(" (shrinkage {})", decimal(x, 0)));
    format!(
        "<p class=\"note\">Of each of {}, whom the model had not seen, {given}; the model was adapted to that, and before and after were scored \
         {scored}. {how}{shrinkage}. Windows are answered each for itself; over time, as in a timeline, answers \
         are brought together, without those to what was labelled. Intervals are 95\u{a0}% bootstraps over people.</p>",
        plural(people, "person", "people"),
    )
}

/// What a step does, as part of a sentence.
fn step(name: &str) -> String {
    match name {
        "head" => "the network stays, its last layer moves to labelled seconds".into(),
        "network" => "normalisation moves by gradient, and the last layer above it".into(),
        "also-unlabelled" => {
            "the last layer moves to labelled seconds and to what the model is sure of over time besides"
                .into()
        }
        "clusters" => "the last layer moves to what the model is sure of over time".into(),
        "statistics" => "a share of the person's own statistics goes into normalisation".into(),
        other => format!("models were adapted by <code>{}</code>", escape(other)),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
