//! How much the figures differ from person to person, and on whom the model fails.

use super::headline::tile;
use crate::figures::mistakes::SHOWN;
use crate::figures::{subjects, table};
use crate::individuals::{Weak, fold_of, spread, weakest};
use crate::text::{ABSENT, activity, count, escape, list, percent};
use ambulo_record::RunRecords;
use ambulo_record::{Metrics, Mistake, PersonId};
use std::collections::BTreeMap;

pub(crate) fn section(records: &RunRecords) -> String {
    let m = &records.metrics;
    let Some(figure) = subjects::figure(m) else {
        return "<p class=\"absent\">The record holds no figures by person.</p>\n".to_owned();
    };
    format!(
        "<section class=\"individuals\"><h2>From person to person</h2>{}<div class=\"plots pairs\">{figure}<div>{}\
         </div></div></section>\n",
        tiles(m),
        failing(m, records.mistakes.as_deref().unwrap_or_default())
    )
}

fn tiles(metrics: &Metrics) -> String {
    let Some(s) = spread(metrics).filter(|_| metrics.test.per_subject.len() > 1) else {
        return String::new();
    };
    let mean = tile("Mean over windows", &percent(metrics.test.accuracy.mean));
    let rest = [
        ("Lowest person", s.min),
        ("First quartile", s.q1),
        ("Median person", s.median),
        ("Third quartile", s.q3),
        ("Highest person", s.max),
    ];
    let rest: String = rest.map(|(name, value)| tile(name, &percent(value))).concat();
    format!("<dl class=\"tiles six\" aria-label=\"Spread of the accuracy over people\">{mean}{rest}</dl>")
}

fn failing(metrics: &Metrics, mistakes: &[Mistake]) -> String {
    let weak = weakest(metrics);
    if weak.is_empty() {
        return "<p>No one stands out as worse served than the others.</p>".to_owned();
    }
    let apart: Vec<&PersonId> = weak.iter().filter(|w| w.apart).map(|w| w.subject).collect();
    let summary = if apart.is_empty() {
        "Nobody lies far apart from the others (further below the first quartile than one and a half times the \
         distance between the quartiles); the lowest are these."
            .to_owned()
    } else {
        format!(
            "Far below the others (further below the first quartile than one and a half times the distance between \
             the quartiles): {} {}.",
            if apart.len() == 1 { "subject" } else { "subjects" },
            escape(&list(&apart))
        )
    };
    let folds = !metrics.folds.is_empty();
    let mut head = vec!["Subject", "Accuracy", "Macro-F1", "Windows"];
    if folds {
        head.push("Fold");
    }
    let rows: Vec<Vec<String>> = weak.iter().map(|w| row(metrics, w, folds)).collect();
    format!(
        "<h3>Where it does worst</h3><p>{summary}</p>{}{}",
        table("The people on whom the model does worst", &head, &rows),
        confusions(&weak, mistakes)
    )
}

fn row(metrics: &Metrics, weak: &Weak<'_>, folds: bool) -> Vec<String> {
    let mut row = vec![
        escape(weak.subject.as_str()),
        percent(weak.figures.accuracy),
        percent(weak.figures.macro_f1),
        count(weak.figures.windows),
    ];
    if folds {
        row.push(fold_of(metrics, weak.subject).map_or_else(|| ABSENT.to_owned(), |f| f.to_string()));
    }
    row
}

/// What these people's part of the mistakes on record was; a record of all confusions by person there is not.
fn confusions(weak: &[Weak<'_>], mistakes: &[Mistake]) -> String {
    let items: String = weak.iter().filter_map(|w| mistakes_of(w.subject, mistakes)).collect();
    if items.is_empty() {
        return "<p class=\"after\">None of the surest mistakes drawn below is theirs.</p>".to_owned();
    }
    format!("<p class=\"after\">Of the surest mistakes drawn below, theirs are:</p><ul>{items}</ul>")
}

fn mistakes_of(subject: &PersonId, mistakes: &[Mistake]) -> Option<String> {
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for m in mistakes.iter().take(SHOWN).filter(|m| m.subject == *subject) {
        *pairs.entry((&m.truth, &m.predicted)).or_default() += 1;
    }
    if pairs.is_empty() {
        return None;
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    let name = |label: &str| escape(&activity(label).to_lowercase());
    let one = |((truth, predicted), n): ((&str, &str), usize)| {
        format!("{n}\u{a0}× {} taken for {}", name(truth), name(predicted))
    };
    let pairs: Vec<String> = pairs.into_iter().map(one).collect();
    Some(format!("<li>subject {}: {}</li>", escape(subject.as_str()), list(&pairs)))
}
