//! The three figures of the headline with their intervals, and every seed behind them.

use super::dots::{DotPlot, Mark, Row};
use super::{Figure, Key, legend};
use crate::svg::Shape;
use crate::text::{count, percent, percent_number, plural};
use ambulo_record::{Estimate, Metrics, SeedMetrics};

pub(crate) fn figure(metrics: &Metrics) -> String {
    let test = &metrics.test;
    // A single seed is its own mean.
    let single: &[SeedMetrics] = if metrics.seeds.len() == 1 { &[] } else { &test.per_seed };
    let rows = vec![
        row("Accuracy", &test.accuracy, single, |s| s.accuracy),
        row("Macro-F1", &test.macro_f1, single, |s| s.macro_f1),
        row("Balanced acc.", &test.balanced_accuracy, single, |s| s.balanced_accuracy),
    ];
    let description = format!(
        "Accuracy {}, macro-F1 {} and balanced accuracy {} on test subjects, with intervals and single seeds",
        percent(test.accuracy.mean),
        percent(test.macro_f1.mean),
        percent(test.balanced_accuracy.mean)
    );
    let plot = DotPlot {
        description: &description,
        axis: "Share (%)",
        value_head: "95 % interval",
        row_height: 38.0,
        rows,
        to_the_top: false,
        interval_title: "95 % interval",
        reference: None,
    };
    let people = metrics.subjects.test.len();
    let seeds = metrics.seeds.len();
    let mut keys = vec![Key::Mark("interval", Shape::Square, "95 % interval")];
    if seeds == 1 {
        keys.insert(
            0,
            Key::Mark("s1 solid", Shape::Circle, if metrics.has_epochs() { "this seed" } else { "this fit" }),
        );
    } else {
        keys.insert(0, Key::Mark("s1 solid", Shape::Circle, "mean over seeds"));
        keys.insert(1, Key::Mark("seed", Shape::Tick, "one seed"));
    }
    Figure {
        title: "How sure these figures are",
        legend: legend(&keys),
        picture: plot.svg(),
        caption: format!(
            "The interval is a percentile bootstrap over {}: how far the figure would move with other people of \
             the same kind.{}",
            plural(people, "test subject", "test subjects"),
            if !metrics.has_epochs() {
                " Nothing in the fit is drawn at random.".to_owned()
            } else if seeds == 1 {
                " One seed was run; how far the figure moves from seed to seed is not known.".to_owned()
            } else {
                format!(" Marks show each of {} seeds.", count(seeds as u64))
            }
        ),
        table: String::new(),
    }
    .html()
}

fn row(name: &str, estimate: &Estimate, seeds: &[SeedMetrics], value: impl Fn(&SeedMetrics) -> f64) -> Row {
    let mut marks: Vec<Mark> = seeds
        .iter()
        .map(|s| Mark {
            class: "seed",
            shape: Shape::Tick,
            value: value(s),
            lane: 0.0,
            half: 9.0,
            title: format!("Seed {}: {}", s.seed, percent(value(s))),
        })
        .collect();
    marks.push(Mark {
        class: "s1 solid",
        shape: Shape::Circle,
        value: estimate.mean,
        lane: 0.0,
        half: 5.5,
        title: format!("{name}: {}", percent(estimate.mean)),
    });
    Row { label: name.to_owned(), value: interval(estimate), interval: Some(estimate.ci95), marks }
}

/// `92.0 to 95.8`, in percent.
pub(crate) fn interval(estimate: &Estimate) -> String {
    let [low, high] = estimate.ci95;
    format!("{}\u{a0}to\u{a0}{}", percent_number(low), percent_number(high))
}
