//! The card's figures as tables, and how they came about.

use super::inline;
use crate::individuals::spread;
use crate::partitions::shared;
use crate::text::{count, decimal, list, percent, percent_number, plural};
use crate::wearing::label;
use ambulo_record::{Estimate, Keep, Metrics};
use std::fmt::Write;

pub(super) fn results(m: &Metrics) -> String {
    let test = &m.test;
    let mut out = format!(
        "\n## Results\n\nProtocol {}: {}. {} Test subjects: {}.\n\n| figure | {} | s.d. over seeds | \
         95 % interval |\n| --- | ---: | ---: | ---: |\n",
        inline(&m.protocol),
        partitions(m),
        honesty(m),
        inline(&list(&m.subjects.test)),
        if m.has_epochs() {
            format!("mean over {}", plural(m.seeds.len(), "seed", "seeds"))
        } else {
            "one fit".to_owned()
        },
    );
    let mut estimate = |name: &str, e: &Estimate| {
        let sd = match m.seeds.len() {
            _ if !m.has_epochs() => "no seeds".to_owned(),
            1 => "one seed".to_owned(),
            _ => percent(e.sd),
        };
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
        "\nThe interval is a percentile bootstrap over test subjects.{}\n\n| activity | precision | recall | F1 | \
         windows |\n| --- | ---: | ---: | ---: | ---: |\n",
        calibration(m)
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
    out.push_str(&coarse(m));
    out.push_str(&super::parts::results(m));
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
    for (person, s) in &test.per_subject {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            inline(person.as_str()),
            percent(s.accuracy),
            percent(s.macro_f1),
            count(s.windows)
        );
    }
    out
}

/// Windows that are labelled above the activities.
fn coarse(m: &Metrics) -> String {
    let mut out = String::new();
    for c in &m.test.coarse {
        if out.is_empty() {
            out.push_str("\n| label above activities | recall | windows |\n| --- | ---: | ---: |\n");
        }
        let _ = writeln!(out, "| {} | {} | {} |", inline(&c.label), percent(c.recall), count(c.windows));
    }
    out
}

/// What is on record of the confidences.
fn calibration(m: &Metrics) -> String {
    let (Some(ece), Some(nll)) = (m.test.ece, m.test.nll) else { return String::new() };
    let before = match m.test.ece_uncalibrated {
        Some(before) => {
            format!(" ({} before the temperature, which was fitted on validation people)", percent(before))
        }
        None => String::new(),
    };
    format!(
        " Expected calibration error {}{before}, mean negative log-likelihood {} nats.",
        percent(ece),
        decimal(nll, 3)
    )
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
    if !m.has_epochs() {
        return format!(
            "{} training and {} test subjects ({} and {} windows)",
            m.subjects.train.len(),
            m.subjects.test.len(),
            count(m.windows.train as u64),
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
            inline(&list(&f.subjects.test)),
            count(f.windows.test as u64),
            percent(f.accuracy),
            percent(f.macro_f1)
        );
    }
    out
}

/// How choices were made, held against the lists of people.
fn honesty(m: &Metrics) -> String {
    let shared = shared(m);
    if !shared.is_empty() {
        return format!(
            "**These figures are not to be trusted:** subjects {} are in more than one partition.",
            inline(&list(&shared))
        );
    }
    let held_out =
        !m.subjects.validation.is_empty() || m.folds.iter().any(|f| !f.subjects.validation.is_empty());
    let chosen = match m.keep {
        _ if !m.has_epochs() => "There was nothing to choose",
        _ if !held_out => "No validation subjects were set apart, so no epoch was chosen",
        Some(Keep::Last) => "No epoch was chosen, and the temperature was fitted on validation subjects",
        Some(Keep::Best) => "Epochs were chosen on validation subjects",
        None => "The record does not say whether epochs were chosen on validation subjects",
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
