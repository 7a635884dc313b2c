//! Whether the model's confidence can be believed, and what its temperature did for that.

use crate::figures::reliability::figures;
use crate::text::{decimal, list, percent};
use ambulo_train::record::Metrics;

pub(crate) fn section(metrics: &Metrics) -> String {
    let figures = figures(metrics);
    if figures.is_empty() {
        return "<p class=\"absent\">The record holds no confidences, so there is no reliability diagram.</p>\n"
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
    if test.reliability_uncalibrated.is_empty() {
        return format!("Expected calibration error {}; no temperature is on record.", percent(test.ece));
    }
    let temperatures: Vec<String> = test.per_seed.iter().map(|s| decimal(s.temperature, 2)).collect();
    let (before, after) = (test.ece_uncalibrated, test.ece);
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
    let (noun, folds) = match (temperatures.len(), metrics.folds.is_empty()) {
        (0 | 1, true) => ("temperature", ""),
        (0 | 1, false) => (
            "temperature",
            " Each fold has its own: given is the mean over folds, and the figures before are reckoned back from it.",
        ),
        (_, true) => ("temperatures, in the order of the seeds,", ""),
        (_, false) => (
            "temperatures, in the order of the seeds,",
            " Each fold has its own: given are the means over folds, and the figures before are reckoned back from \
             them.",
        ),
    };
    let given = if temperatures.is_empty() { "not on record".to_owned() } else { list(&temperatures) };
    format!(
        "On test people the temperature {verb} {change}. The {noun} ({given}) divide{} the scores before they become \
         probabilities; each was fitted on the validation people, never on test people.{folds}",
        if temperatures.len() > 1 { "" } else { "s" },
    )
}
