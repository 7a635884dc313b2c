//! What each person gains or loses.

use super::dumbbell::{Dumbbell, Row};
use super::{given, of_set};
use crate::figures::{Figure, table};
use crate::text::{count, decimal, escape, percent, plural};
use ambulo_record::{MUCH_WORSE, PersonalFigures, PersonalPoint, PersonalScore};

/// People that are drawn; those with the fewest mistakes are left to the table.
const DRAWN: usize = 120;

pub(super) fn figures(figures: &PersonalFigures) -> String {
    // The same axis for all, so that they can be compared.
    let most = figures
        .points
        .iter()
        .flat_map(|point| &point.people)
        .flat_map(|score| [score.mistakes_before, score.mistakes_after])
        .filter(|share| share.is_finite())
        .fold(0.0, f64::max);
    let mut plots = String::new();
    let mut number = 0;
    for point in &figures.points {
        for summary in &point.summaries {
            plots += &one(figures, point, &summary.dataset, 100.0 * most);
            number += 1;
        }
    }
    let layout = if number > 1 { "pairs" } else { "one" };
    let apart = figures.new.as_ref().map_or("", |_| " Windows of the new activity are not among them.");
    format!(
        "<p>Mistakes of each person, mean over draws, those with the most on top. A line to the left is a gain.{apart}</p>\
         <div class=\"plots {layout}\">{plots}</div>"
    )
}

fn one(figures: &PersonalFigures, point: &PersonalPoint, dataset: &str, reach: f64) -> String {
    let mut people: Vec<&PersonalScore> =
        point.people.iter().filter(|score| score.dataset == dataset).collect();
    // In the order of the first plot, so that rows stand beside each other.
    let first = figures.points.first().map_or(&[][..], |first| &first.people);
    let most = |score: &PersonalScore| {
        let same = first.iter().find(|one| one.person == score.person);
        same.unwrap_or(score).mistakes_before
    };
    people.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let title = given(figures, point) + &of_set(point, dataset);
    let rows: Vec<Row> = people.iter().take(DRAWN).map(|score| row(score)).collect();
    let plot = Dumbbell {
        description: &format!(
            "Mistakes before and after {title} for each of {}; the numbers are in the table below the figure",
            plural(people.len(), "person", "people")
        ),
        axis: "Mistakes (% of windows)",
        reach: (0.0, reach),
        up_is_good: false,
        rows: &rows,
    };
    let losers = people.iter().filter(|score| score.gain() < 0.0).count();
    let much: Vec<String> = (people.iter())
        .filter(|score| score.gain() < -MUCH_WORSE)
        .map(|score| escape(score.person.as_str()))
        .collect();
    let lost = match (losers, much.as_slice()) {
        (0, _) => "Nobody is worse off.".to_owned(),
        (n, []) => format!("{} worse off, nobody by more than a point.", are(n)),
        (n, much) => format!("{} worse off, by more than a point: {}.", are(n), much.join(", ")),
    };
    let cut = if people.len() > DRAWN {
        format!(" Drawn are the {DRAWN} with the most mistakes of {}.", count(people.len() as u64))
    } else {
        String::new()
    };
    Figure {
        title: &title,
        legend: plot.legend(losers > 0),
        picture: plot.svg(),
        caption: lost + &cut,
        table: numbers(&title, &people),
    }
    .html()
}

fn are(n: usize) -> String {
    if n == 1 { "1\u{a0}person is".to_owned() } else { format!("{n}\u{a0}people are") }
}

fn row(score: &PersonalScore) -> Row {
    let [before, after] = [score.mistakes_before, score.mistakes_after].map(|share| 100.0 * share);
    Row {
        name: score.person.as_str().to_owned(),
        before,
        after,
        title: format!("{}: {} → {} %", score.person, decimal(before, 2), decimal(after, 2)),
    }
}

fn numbers(title: &str, people: &[&PersonalScore]) -> String {
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|score| {
            let after: Vec<f64> = score.by_draw.iter().flatten().map(|pair| pair[1]).collect();
            let least = after.iter().copied().fold(f64::INFINITY, f64::min);
            let most = after.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (shortest, name) =
                score.given_s.iter().fold((f64::INFINITY, ""), |(least, name), (activity, &s)| {
                    if s < least { (s, activity.as_str()) } else { (least, name) }
                });
            vec![
                escape(score.person.as_str()),
                decimal(score.windows, 0),
                percent(score.mistakes_before),
                percent(score.mistakes_after),
                decimal(100.0 * score.gain(), 2),
                format!("{} to {}", percent(least), percent(most)),
                format!("{} <small>{}</small>", decimal(shortest, 1), escape(name)),
            ]
        })
        .collect();
    let head = ["Person", "Windows", "Before", "After", "Points gained", "After, by draw", "Least given, s"];
    table(title, &head, &rows)
}
