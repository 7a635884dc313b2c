//! Who was trained on, who was chosen on, who was tested on, and what that licenses one to say.

use crate::figures::table;
use crate::partitions::shared;
use crate::text::{ABSENT, count, escape, list, plural};
use ambulo_record::{Keep, Metrics, PersonId};

pub(crate) fn section(metrics: &Metrics) -> String {
    let (subjects, windows) = (&metrics.subjects, &metrics.windows);
    let row = |name: &str, people: &[PersonId], windows: usize| {
        let mut people = people.to_vec();
        people.sort_unstable();
        vec![
            name.to_owned(),
            count(people.len() as u64),
            if people.is_empty() { ABSENT.to_owned() } else { escape(&list(&people)) },
            count(windows as u64),
        ]
    };
    let mut rows = vec![
        row("Training", &subjects.train, windows.train),
        row("Validation", &subjects.validation, windows.validation),
        row("Test", &subjects.test, windows.test),
    ];
    if !metrics.has_epochs() {
        rows.retain(|row| row[0] != "Validation");
    }
    let mut name = "Subjects and windows of each partition";
    if !metrics.folds.is_empty() {
        // Everyone trains some folds: who did is in the folds' own records.
        rows.drain(..rows.len() - 1);
        name = "Subjects and windows of the test, all folds together";
    }
    format!(
        "<section class=\"people\"><h2>Protocol and people</h2><div class=\"plots pairs\"><div>{}<p>{}</p></div>{}\
         </div></section>\n",
        honesty(metrics),
        how(metrics),
        table(name, &["Partition", "People", "Subjects", "Windows"], &rows)
    )
}

/// The statement on the test subjects, held against the lists it speaks of.
fn honesty(metrics: &Metrics) -> String {
    let shared = shared(metrics);
    if shared.is_empty() && !metrics.folds.is_empty() {
        format!(
            "<p class=\"note\"><strong>Nothing was chosen on test people.</strong> In each of the {} no person is in \
             two partitions, and everyone is tested in one fold only, by models that were neither trained nor chosen \
             on them.</p>",
            plural(metrics.folds.len(), "fold", "folds")
        )
    } else if shared.is_empty() {
        "<p class=\"note\"><strong>Nothing was chosen on test people.</strong> No person is in two partitions, and \
         in this run the test subjects served for the final evaluation alone.</p>"
            .to_owned()
    } else {
        format!(
            "<p class=\"note bad\"><strong>These figures are not to be trusted.</strong> According to the record, \
             {} in more than one partition: {}.</p>",
            if shared.len() == 1 {
                "1\u{a0}person is".to_owned()
            } else {
                format!("{} are", plural(shared.len(), "person", "people"))
            },
            escape(&list(&shared))
        )
    }
}

fn how(metrics: &Metrics) -> String {
    let protocol = escape(&metrics.protocol);
    let folds = if metrics.folds.is_empty() {
        ""
    } else {
        "Each fold is a run of its own, with the same configuration. "
    };
    let speak = "The figures speak for people, a device and a way of wearing it like those of the data";
    if !metrics.has_epochs() {
        return format!(
            "Protocol <em>{protocol}</em>. {folds}The method was fitted once to everyone who is not tested: it has \
             no epochs and draws nothing at random, and there was nothing to choose. {speak}."
        );
    }
    format!(
        "Protocol <em>{protocol}</em>. {folds}{} {} Each training fitted its \
         normalisation on the windows it was trained on. {speak}; MODEL_CARD.md states \
         the limits.",
        chosen(metrics),
        evaluated(metrics)
    )
}

/// How the epoch came about.
fn chosen(metrics: &Metrics) -> &'static str {
    let watched = !metrics.subjects.validation.is_empty()
        || metrics.folds.iter().any(|f| !f.subjects.validation.is_empty());
    match metrics.keep {
        _ if !watched => "No validation subjects were set apart, so no epoch was chosen.",
        Some(Keep::Last) => {
            "No epoch was chosen: training ran to its end, and the validation subjects served for the temperature alone."
        }
        Some(Keep::Best) => {
            "For each seed, the epoch with the best macro-F1 on the validation subjects was chosen."
        }
        None => "The record does not say whether an epoch was chosen on the validation subjects.",
    }
}

/// Which weights the test is about.
fn evaluated(metrics: &Metrics) -> &'static str {
    let refit = metrics.test.per_seed.iter().filter(|s| s.refit == Some(true)).count();
    match metrics.keep {
        _ if refit > 0 && refit == metrics.test.per_seed.len() => {
            "Training then began anew on training and validation subjects together for that number of epochs, and the \
             resulting weights were evaluated."
        }
        _ if refit > 0 => {
            "For some seeds training then began anew on training and validation subjects together (see the table of \
             seeds)."
        }
        Some(Keep::Last) => "The weights at its end were evaluated.",
        Some(Keep::Best) => "The weights of that epoch were evaluated.",
        None => "",
    }
}
