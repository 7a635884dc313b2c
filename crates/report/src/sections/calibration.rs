//! Whether the model's confidence can be believed, and what its temperature did for that.

use crate::figures::reliability::figures;
use crate::text::{decimal, list, percent};
use ambulo_record::Metrics;

pub(crate) fn section(metrics: &Metrics) -> String {
    let figures = figures(metrics);
    if figures.is_empty() {
        return "<p class=\"absent\">The record holds no figures of calibration, so there is no reliability diagram.</p>\n"
            .to_owned();
    }
    format!(
        "<section class=\"calibration\"><h2>Can its confidence be believed?</h2><p>{} {}</p><div class=\"plots \
         pairs\">{}</div></section>\n",
        before_and_after(metrics),
        "The expected calibration error is the mean distance between confidence and share correct.",
        figures.concat()
    )
}

/// Nothing of it needs escaping.
fn before_and_after(metrics: &Metrics) -> String {
    let test = &metrics.test;
    let Some(after) = test.ece else { return "No calibration error is on record.".to_owned() };
    let Some(before) = test.ece_uncalibrated.filter(|_| !test.reliability_uncalibrated.is_empty()) else {
        return format!("Expected calibration error {}; no temperature is on record.", percent(after));
    };
    let temperatures = test.per_seed.iter().filter_map(|s| s.temperature);
    let temperatures: Vec<String> = temperatures.map(|t| decimal(t, 2)).collect();
    // Compared as they are printed: "from 2.3 % to 2.3 %" is no fall.
    let verb = match (percent(before), percent(after)) {
        (b, a) if b == a => "left the expected calibration error at",
        _ if after < before => "brought the expected calibration error down",
        _ if after > before => "did not help: it moved the expected calibration error up",
        _ => "took the expected calibration error",
    };
    let change = if verb.ends_with("at") {
        percent(after)
    } else {
        format!("from {} to {}", percent(before), percent(after))
    };
    let (given, divide) = match temperatures.as_slice() {
        [] => ("The temperature is not on record; it".to_owned(), "divides"),
        [one] => (format!("The temperature ({one})"), "divides"),
        several => (format!("The temperatures ({}; in the order of the seeds)", list(several)), "divide"),
    };
    let folds = if metrics.folds.is_empty() {
        ""
    } else {
        " Each fold has a temperature of its own: given is the mean over folds, and the figures before are reckoned \
         back from it."
    };
    format!(
        "On test people the temperature {verb} {change}. {given} {divide} the scores before they become probabilities, \
         fitted on the validation people and never on test people.{folds}"
    )
}
