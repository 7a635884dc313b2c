//! The YAML at the top of the card, in the layout of Hugging Face's model cards
//! (<https://huggingface.co/docs/hub/model-cards>).

use super::source::Source;
use ambulo_record::Metrics;
use std::fmt::Write;

pub(super) fn front_matter(m: &Metrics, source: Option<&Source>) -> String {
    let mut out = String::from("---\nlibrary_name: ambulo\n");
    match source {
        // "other" is the hub's word for terms that none of its identifiers says in full.
        Some(s) => {
            let _ = write!(
                out,
                "license: other\nlicense_name: {}\nlicense_link: {}\n",
                quote(s.licence_name),
                quote(s.link)
            );
        }
        None if !m.sources.is_empty() => out.push_str(&terms(m)),
        None => out.push_str("license: unknown\n"),
    }
    let datasets: Vec<&str> = match m.sources.as_slice() {
        [] => vec![&m.dataset],
        sources => sources.iter().map(|s| s.name.as_str()).collect(),
    };
    let _ = write!(
        out,
        "datasets:\n{}metrics:\n- accuracy\n- f1\ntags:\n- human-activity-recognition\n{}\
         - time-series\n- {}\nmodel-index:\n- name: {}\n  results:\n  - task:\n      type: \
         time-series-classification\n      name: Human activity recognition\n    dataset:\n      type: {}\n      \
         name: {}\n      config: {}\n      split: test\n      revision: {}\n    metrics:\n",
        datasets.iter().map(|name| format!("- {}\n", quote(name))).collect::<String>(),
        m.sensor_names().iter().map(|name| format!("- {}\n", quote(name))).collect::<String>(),
        quote(&m.model),
        quote(&m.run),
        quote(&m.dataset),
        quote(&match source {
            Some(source) => source.title.to_owned(),
            None if m.sources.is_empty() => m.dataset.clone(),
            None => m.sources.iter().map(|s| s.title.as_str()).collect::<Vec<_>>().join("; "),
        }),
        quote(&format!("{} protocol", m.protocol)),
        quote(&m.dataset_sha256),
    );
    let figures = [
        ("accuracy", "Accuracy", m.test.accuracy.mean, ""),
        ("f1", "Macro-F1", m.test.macro_f1.mean, "      args:\n        average: macro\n"),
        ("balanced_accuracy", "Balanced accuracy", m.test.balanced_accuracy.mean, ""),
    ];
    for (kind, name, value, args) in figures {
        let _ = write!(
            out,
            "    - type: {kind}\n      name: {name} on unseen people\n      value: {}\n{args}",
            number(value)
        );
    }
    out.push_str("---\n");
    out
}

/// The terms of the sources: their own words, of several that each has its own.
fn terms(m: &Metrics) -> String {
    let [one] = m.sources.as_slice() else {
        return format!(
            "license: other\nlicense_name: {}\n",
            quote(&format!("terms of {} data sets, see Data and licence", m.sources.len()))
        );
    };
    let licence = one.licence.trim();
    if licence.is_empty() {
        return "license: unknown\n".to_owned();
    }
    let link = match one.source.trim() {
        "" => String::new(),
        link => format!("license_link: {}\n", quote(link)),
    };
    format!("license: other\nlicense_name: {}\n{link}", quote(licence))
}

/// A YAML double-quoted scalar. JSON strings are such scalars, but for DEL and the C1 controls, which YAML forbids
/// to stand for themselves, and the line separators, which older parsers fold.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A YAML number; `null` where there is none.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "null".to_owned() }
}
