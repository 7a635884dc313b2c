//! The first thing a reader sees: what came out, how sure that is.

use crate::figures::headline::{figure, interval};
use crate::text::{count, decimal, duration, escape, percent, percent_number, plural};
use ambulo_record::{Estimate, Metrics};

pub(crate) fn section(metrics: &Metrics) -> String {
    let test = &metrics.test;
    let seeds = metrics.seeds.len();
    let people = plural(metrics.subjects.test.len(), "person", "people");
    let over = if !metrics.has_epochs() {
        "one fit".to_owned()
    } else if seeds == 1 {
        "one seed".to_owned()
    } else {
        format!("mean of {}", plural(seeds, "seed", "seeds"))
    };
    let (met, named) = if metrics.folds.is_empty() {
        (format!("On {people} it had never seen"), "the model")
    } else {
        (format!("On {people}, each tested by a model that had never seen them"), "the models")
    };
    format!(
        "<section class=\"hero\" aria-label=\"Headline\"><div><div class=\"big\">{}{}</div>\
         <p class=\"lead\">{met} ({} windows), {named} named the activity correctly in \
         {} of windows. Protocol <em>{}</em>, {over}.</p>\
         <dl class=\"tiles\">{}</dl></div>{}</section>\n",
        big("Test accuracy", &test.accuracy, seeds),
        big("Test macro-F1", &test.macro_f1, seeds),
        count(metrics.windows.test as u64),
        percent(test.accuracy.mean),
        escape(&metrics.protocol),
        tiles(metrics),
        figure(metrics)
    )
}

/// What there is on record besides the three figures.
fn tiles(metrics: &Metrics) -> String {
    let test = &metrics.test;
    let mut out = tile("Balanced accuracy", &percent(test.balanced_accuracy.mean));
    if let Some(ece) = test.ece {
        out.push_str(&tile("Calibration error", &percent(ece)));
    }
    if let Some(nll) = test.nll {
        out.push_str(&tile("Neg. log-likelihood", &format!("{}\u{a0}nats", decimal(nll, 3))));
    }
    if let Some(parameters) = metrics.parameters.filter(|&n| n > 0) {
        out.push_str(&tile("Parameters", &count(parameters as u64)));
    }
    out.push_str(&tile("Training time", &duration(metrics.train_seconds)));
    if metrics.has_epochs() {
        out.push_str(&tile("Seeds", &count(metrics.seeds.len() as u64)));
    }
    out
}

fn big(name: &str, estimate: &Estimate, seeds: usize) -> String {
    let spread = if seeds > 1 {
        format!("<br/>s.d. over seeds {}", percent_number(estimate.sd))
    } else {
        String::new()
    };
    format!(
        "<div><span class=\"name\">{name}</span><strong>{}<small>\u{a0}%</small></strong>\
         <span class=\"range\">95\u{a0}% interval {}{spread}</span></div>",
        percent_number(estimate.mean),
        interval(estimate)
    )
}

pub(crate) fn tile(name: &str, value: &str) -> String {
    format!("<div><dt>{name}</dt><dd>{value}</dd></div>")
}
