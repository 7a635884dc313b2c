//! The figures as tables for a terminal.

use ambulo_record::{
    MeanOverPeople, PersonId, PersonalFigures, PersonalPoint, PersonalScore, PersonalSummary,
};
use std::collections::BTreeMap;
use std::io::{Result, Write};

pub(super) fn print(out: &mut dyn Write, figures: &PersonalFigures) -> Result<()> {
    let without_labels = figures.without_labels();
    let mut whose = match (figures.across, without_labels) {
        (true, _) => "windows of each person in recordings of which nothing was given".to_owned(),
        (false, true) => "windows of each person, whose recordings were given without labels".to_owned(),
        (false, false) => "windows of each person that were not given".to_owned(),
    };
    if let Some(new) = &figures.new {
        whose += &format!(", those of {} apart", new.activity);
    }
    let draws = match (figures.across, without_labels) {
        (true, true) => "; mean over the recordings that were given in turn".to_owned(),
        (false, true) => String::new(),
        (_, false) => format!("; mean over {} draws", figures.draws),
    };
    writeln!(out, "mistakes of the model and of each person's own, in % of the {whose}{draws}")?;
    people(out, figures)?;
    for point in &figures.points {
        for summary in &point.summaries {
            writeln!(out)?;
            one(out, figures, point, summary)?;
        }
    }
    if !figures.left_out.is_empty() {
        writeln!(out)?;
        let mut by_reason: BTreeMap<&str, Vec<&PersonId>> = BTreeMap::new();
        for left_out in &figures.left_out {
            by_reason.entry(&left_out.reason).or_default().push(&left_out.person);
        }
        for (reason, people) in by_reason {
            writeln!(out, "left out, {reason}: {}", PersonId::list(people))?;
        }
    }
    Ok(())
}

/// A row for each person, those with the most mistakes before on top.
fn people(out: &mut dyn Write, figures: &PersonalFigures) -> Result<()> {
    let Some(first) = figures.points.first() else { return Ok(()) };
    let width = first.people.iter().map(|score| score.person.as_str().len()).max().unwrap_or(0).max(6);
    write!(out, "{:width$}  windows", "person")?;
    for point in &figures.points {
        let name = match point.without_labels() {
            true => "before".to_owned(),
            false => format!("{} s: before", point.seconds),
        };
        write!(out, "  {name:>14}  after   gain")?;
    }
    writeln!(out)?;
    let mut order: Vec<&PersonalScore> = first.people.iter().collect();
    order.sort_by(|a, b| b.mistakes_before.total_cmp(&a.mistakes_before));
    for score in order {
        write!(out, "{:width$}  {:>7.0}", score.person.as_str(), score.windows)?;
        for point in &figures.points {
            let Some(own) = point.people.iter().find(|own| own.person == score.person) else { continue };
            let [before, after, gain] = [own.mistakes_before, own.mistakes_after, own.gain()].map(points);
            write!(out, "  {before:>14.2}  {after:>5.2}  {gain:>+5.2}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The figures over the people of a data set.
fn one(
    out: &mut dyn Write,
    figures: &PersonalFigures,
    point: &PersonalPoint,
    summary: &PersonalSummary,
) -> Result<()> {
    let what = match &figures.new {
        Some(new) if new.alone => format!("{} alone", new.activity),
        Some(new) => format!("{} and of each activity that the model knows", new.activity),
        None => "each activity".into(),
    };
    let pieces = if point.pieces > 1 { format!(" in {} pieces", point.pieces) } else { String::new() };
    let people = if summary.people == 1 { "1 person".into() } else { format!("{} people", summary.people) };
    let given = match (point.without_labels(), figures.way.takes_recordings()) {
        (true, _) => "recordings without labels".to_owned(),
        (false, takes) => {
            let rest = if takes { ", and recordings without labels" } else { "" };
            format!("{} s of {what}{pieces}{rest}", point.seconds)
        }
    };
    let across = if figures.across { ", scored in other recordings" } else { "" };
    writeln!(out, "{given}{across}, {}, {people}", summary.dataset)?;
    // Of next to no mistakes a share says nothing, which is what the known activities have beside a new one.
    let fewer = |share: Option<f64>| match share.filter(|_| figures.new.is_none()) {
        Some(share) if share.abs() < 0.005 => "; as many".to_owned(),
        Some(share) if share < 0.0 => format!("; {:.0} % more", -100.0 * share),
        Some(share) => format!("; {:.0} % fewer", 100.0 * share),
        None => String::new(),
    };
    if let (Some(new), Some(found)) = (&figures.new, summary.found) {
        writeln!(
            out,
            "  {} is found for {:.1} % of its windows ({:.1} to {:.1}); the others lose {:.2} points ({:.2} to {:.2})",
            new.activity,
            points(found.mean),
            points(found.ci95[0]),
            points(found.ci95[1]),
            points(0.0 - summary.gain.mean),
            points(0.0 - summary.gain.ci95[1]),
            points(0.0 - summary.gain.ci95[0])
        )?;
    }
    writeln!(
        out,
        "  mistakes {:.2} -> {:.2} %, gain {:.2} points{}{}",
        points(summary.mistakes_before.mean),
        points(summary.mistakes_after.mean),
        points(summary.gain.mean),
        interval(&summary.gain, summary.people),
        fewer(summary.fewer())
    )?;
    if summary.people > 5 {
        let [before, after] = summary.worst_five.map(points);
        writeln!(out, "  worst five {before:.2} -> {after:.2} %{}", fewer(summary.fewer_of_worst()))?;
    }
    writeln!(
        out,
        "  better {}, worse {}; {} lose more than a point, nobody more than {:.2}",
        summary.better_worse[0],
        summary.better_worse[1],
        summary.much_worse,
        points(summary.largest_loss)
    )?;
    if let Some(time) = &summary.over_time {
        writeln!(
            out,
            "  over time {:.2} -> {:.2} %, gain {:.2} points{}; {} lose more than a point, nobody more than {:.2}",
            points(time.mistakes_before.mean),
            points(time.mistakes_after.mean),
            points(time.gain.mean),
            interval(&time.gain, summary.people),
            time.much_worse,
            points(time.largest_loss)
        )?;
    }
    if let Some([refused, draws]) = summary.refused {
        writeln!(
            out,
            "  in {refused} of {draws} draws what was given taught a step nothing, which was left out"
        )?;
    }
    if let Some([before, after]) = summary.unknown_auroc {
        writeln!(out, "  unknown told from known: AUROC {before:.3} -> {after:.3}")?;
    }
    let width = summary.recalls.keys().map(String::len).max().unwrap_or(0).max(8);
    writeln!(out, "  {:width$}  people  recall before  after", "activity")?;
    for (name, recall) in &summary.recalls {
        let is_new = figures.new.as_ref().is_some_and(|new| new.activity == *name);
        let before = if is_new { "new".to_owned() } else { format!("{:.3}", recall.before) };
        writeln!(out, "  {name:width$}  {:>6}  {before:>13}  {:>5.3}", recall.people, recall.after)?;
    }
    Ok(())
}

/// An interval in brackets; of one person nothing is known about others.
fn interval(of: &MeanOverPeople, people: usize) -> String {
    match people {
        1 => String::new(),
        _ => format!(" ({:.2} to {:.2})", points(of.ci95[0]), points(of.ci95[1])),
    }
}

/// Shares in percent, and their differences in points; never minus nought.
fn points(share: f64) -> f64 {
    let value = 100.0 * share;
    if value.abs() < 0.005 { 0.0 } else { value }
}
