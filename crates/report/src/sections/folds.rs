//! The folds of a protocol that has them.

use crate::figures::table;
use crate::text::{count, escape, list, percent};
use ambulo_record::{FoldMetrics, Metrics};

/// With more folds than this, their table is folded away: who is worst is said above it.
const MANY: usize = 12;

pub(crate) fn section(metrics: &Metrics) -> String {
    let folds = &metrics.folds;
    if folds.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = folds.iter().map(row).collect();
    let numbers = table(
        "Test people, windows and figures of each fold",
        &["Fold", "Test people", "Windows", "Accuracy", "Macro-F1"],
        &rows,
    );
    let numbers = if folds.len() > MANY {
        format!("<details><summary>All {} folds as a table</summary>{numbers}</details>", folds.len())
    } else {
        numbers
    };
    format!(
        "<section class=\"folds\"><h2>Fold by fold</h2><p>{} The figures at the top are not means of these: all test \
         windows count alike there.{}</p>{numbers}</section>\n",
        extremes(folds),
        if metrics.has_epochs() {
            " Each fold is a run of its own in <code>folds/</code>, with learning curves and models: <code>ambulo \
             report</code> draws its report."
        } else {
            ""
        }
    )
}

fn row(fold: &FoldMetrics) -> Vec<String> {
    let mut people = fold.subjects.test.clone();
    people.sort_unstable();
    vec![
        fold.fold.to_string(),
        escape(&list(&people)),
        count(fold.windows.test as u64),
        percent(fold.accuracy),
        percent(fold.macro_f1),
    ]
}

/// A sentence on the lowest and the highest fold.
fn extremes(folds: &[FoldMetrics]) -> String {
    let known = || folds.iter().filter(|f| f.accuracy.is_finite());
    let low = known().min_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
    let high = known().max_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
    match (low, high) {
        (Some(low), Some(high)) if low.fold != high.fold => format!(
            "Accuracy runs from {} (fold {}, {} {}) to {} (fold {}, {} {}).",
            percent(low.accuracy),
            low.fold,
            noun(low),
            escape(&list(&low.subjects.test)),
            percent(high.accuracy),
            high.fold,
            noun(high),
            escape(&list(&high.subjects.test))
        ),
        _ => String::new(),
    }
}

fn noun(fold: &FoldMetrics) -> &'static str {
    if fold.subjects.test.len() == 1 { "subject" } else { "subjects" }
}
