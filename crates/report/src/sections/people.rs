//! Who was trained on, who was chosen on, who was tested on, and what that licenses one to say.

use crate::figures::table;
use crate::partitions::shared;
use crate::text::{ABSENT, count, escape, list, plural};
use ambulo_train::record::{Metrics, SubjectLists};

pub(crate) fn section(metrics: &Metrics) -> String {
    let (subjects, windows) = (&metrics.subjects, &metrics.windows);
    let row = |name: &str, people: &[u16], windows: usize| {
        let mut people = people.to_vec();
        people.sort_unstable();
        vec![
            name.to_owned(),
            count(people.len() as u64),
            if people.is_empty() { ABSENT.to_owned() } else { list(&people) },
            count(windows as u64),
        ]
    };
    let rows = [
        row("Training", &subjects.train, windows.train),
        row("Validation", &subjects.validation, windows.validation),
        row("Test", &subjects.test, windows.test),
    ];
    format!(
        "<section class=\"people\"><h2>Protocol and people</h2><div class=\"plots pairs\"><div>{}<p>{}</p></div>{}\
         </div></section>\n",
        honesty(subjects),
        how(metrics),
        table(
            "Subjects and windows of each partition",
            &["Partition", "People", "Subjects", "Windows"],
            &rows
        )
    )
}

/// The statement on the test subjects, held against the lists it speaks of.
fn honesty(subjects: &SubjectLists) -> String {
    let shared = shared(subjects);
    if shared.is_empty() {
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
            list(&shared)
        )
    }
}

fn how(metrics: &Metrics) -> String {
    let protocol = escape(&metrics.protocol);
    let refit = metrics.test.per_seed.iter().filter(|s| s.refit).count();
    let then = if refit == 0 {
        "The weights of that epoch were evaluated."
    } else if refit == metrics.test.per_seed.len() {
        "Training then began anew on training and validation subjects together for that number of epochs, and the \
         resulting weights were evaluated."
    } else {
        "For some seeds training then began anew on training and validation subjects together (see the table of \
         seeds)."
    };
    let chosen = if metrics.subjects.validation.is_empty() {
        "No validation subjects were set apart, so no epoch was chosen."
    } else {
        "For each seed, the epoch with the best macro-F1 on the validation subjects was chosen."
    };
    format!(
        "Protocol <em>{protocol}</em>. {chosen} {then} Each training fitted its \
         normalisation on the windows it was trained on. The figures speak for people, a device and a way of wearing it like those of the data; MODEL_CARD.md states \
         the limits."
    )
}
