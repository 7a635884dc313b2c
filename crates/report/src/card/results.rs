//! The card's figures as tables, and how they came about.

use super::inline;
use crate::individuals::spread;
use crate::partitions::shared;
use crate::sections::people::keeps_last;
use crate::text::{count, decimal, list, percent, percent_number, plural};
use crate::wearing::label;
use ambulo_record::RunRecords;
use ambulo_record::{Estimate, Metrics};
use std::fmt::Write;

pub(super) fn results(records: &RunRecords) -> String {
    let m = &records.metrics;
    let test = &m.test;
    let mut out = format!(
        "\n## Results\n\nProtocol {}: {}. {} Test subjects: {}.\n\n| figure | mean over {} | s.d. over seeds | \
         95 % interval |\n| --- | ---: | ---: | ---: |\n",
        inline(&m.protocol),
        partitions(m),
        honesty(records),
        list(&m.subjects.test),
        plural(m.seeds.len(), "seed", "seeds"),
    );
    let mut estimate = |name: &str, e: &Estimate| {
        let sd = if m.seeds.len() > 1 { percent(e.sd) } else { "one seed".to_owned() };
        let [low, high] = e.ci95;
        let _ = writeln!(
            out,
            "| {name} | {} | {sd} | {} to {} % |",
            percent(e.mean),
            percent_number(low),
            percent_number(high)
        );
    };
    estimate("accuracy", &test.accuracy);
    estimate("macro-F1", &test.macro_f1);
    estimate("balanced accuracy", &test.balanced_accuracy);
    let _ = write!(
        out,
        "\nThe interval is a percentile bootstrap over test subjects. Expected calibration error {}{}, mean \
         negative log-likelihood {} nats.\n\n| activity | precision | recall | F1 | windows |\n| --- | ---: | ---: | ---: | \
         ---: |\n",
        percent(test.ece),
        if test.reliability_uncalibrated.is_empty() {
            String::new()
        } else {
            format!(
                " ({} before the temperature, which was fitted on validation people)",
                percent(test.ece_uncalibrated)
            )
        },
        decimal(test.nll, 3)
    );
    for c in &test.per_class {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            inline(&c.label),
            percent(c.precision),
            percent(c.recall),
            percent(c.f1),
            count(c.support)
        );
    }
    out.push_str(&worn(m));
    out.push_str(&folds(m));
    if let Some(s) = spread(m) {
        let _ = write!(
            out,
            "\nAccuracy over people: lowest {}, first quartile {}, median {}, third quartile {}, highest {}.\n",
            percent(s.min),
            percent(s.q1),
            percent(s.median),
            percent(s.q3),
            percent(s.max)
        );
    }
    out.push_str("\n| person | accuracy | macro-F1 | windows |\n| ---: | ---: | ---: | ---: |\n");
    for (number, s) in &test.per_subject {
        let _ = writeln!(
            out,
            "| {number} | {} | {} | {} |",
            percent(s.accuracy),
            percent(s.macro_f1),
            count(s.windows)
        );
    }
    out
}

fn partitions(m: &Metrics) -> String {
    if !m.folds.is_empty() {
        return format!(
            "{}, {} test subjects in all ({} windows)",
            plural(m.folds.len(), "fold", "folds"),
            m.subjects.test.len(),
            count(m.windows.test as u64)
        );
    }
    format!(
        "{} training, {} validation and {} test subjects ({}, {} and {} windows)",
        m.subjects.train.len(),
        m.subjects.validation.len(),
        m.subjects.test.len(),
        count(m.windows.train as u64),
        count(m.windows.validation as u64),
        count(m.windows.test as u64)
    )
}

/// The same test worn other ways, as a table.
fn worn(m: &Metrics) -> String {
    if m.test.wearings.is_empty() {
        return String::new();
    }
    let mut out =
        String::from("\n| worn | accuracy | 95 % interval | macro-F1 |\n| --- | ---: | ---: | ---: |\n");
    for w in &m.test.wearings {
        let [low, high] = w.accuracy.ci95;
        let _ = writeln!(
            out,
            "| {} | {} | {} to {} % | {} |",
            inline(&label(w).to_lowercase()),
            percent(w.accuracy.mean),
            percent_number(low),
            percent_number(high),
            percent(w.macro_f1.mean)
        );
    }
    out
}

fn folds(m: &Metrics) -> String {
    if m.folds.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "\n| fold | test people | windows | accuracy | macro-F1 |\n| ---: | --- | ---: | ---: | ---: |\n",
    );
    for f in &m.folds {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            f.fold,
            list(&f.subjects.test),
            count(f.windows.test as u64),
            percent(f.accuracy),
            percent(f.macro_f1)
        );
    }
    out
}

/// How choices were made, held against the lists of people.
fn honesty(records: &RunRecords) -> String {
    let m = &records.metrics;
    let shared = shared(m);
    if !shared.is_empty() {
        return format!(
            "**These figures are not to be trusted:** subjects {} are in more than one partition.",
            list(&shared)
        );
    }
    let held_out =
        !m.subjects.validation.is_empty() || m.folds.iter().any(|f| !f.subjects.validation.is_empty());
    let chosen = if !held_out {
        "No validation subjects were set apart, so no epoch was chosen"
    } else if keeps_last(&records.config) {
        "No epoch was chosen, and the temperature was fitted on validation subjects"
    } else {
        "Epochs were chosen on validation subjects"
    };
    let apart = if m.folds.is_empty() {
        "No person is in two of these partitions."
    } else {
        "In no fold is a person in two partitions, and everyone is tested in one fold only."
    };
    format!(
        "{apart} {chosen}; within the run nothing was chosen by looking at test \
         subjects."
    )
}
