//! What was run, and how to run it again.

use crate::text::{ABSENT, activity, count, duration, escape, list, moment, plural};
use ambulo_record::{Metrics, RunRecords, SourceRecord};

pub(crate) fn section(records: &RunRecords) -> String {
    let m = &records.metrics;
    let labels: Vec<String> = m.labels.iter().map(|l| activity(l)).collect();
    let code = |text: &str| format!("<code>{}</code>", escape(text));
    let mut facts = vec![
        ("Run", escape(&m.run)),
        ("Data set", format!("{}<br/>SHA-256 {}", escape(&m.dataset), code(&m.dataset_sha256))),
    ];
    if !m.sources.is_empty() {
        facts.push((if m.sources.len() == 1 { "Its terms" } else { "Joined from" }, sources(m)));
    }
    facts.extend([
        ("Activities", escape(&labels.join(", "))),
        ("Model", format!("{}: {}", escape(&m.model), escape(&m.architecture))),
        (
            "Ways of wearing",
            if m.orientation.is_empty() { ABSENT.to_owned() } else { escape(&m.orientation) },
        ),
    ]);
    if let Some(parameters) = m.parameters.filter(|&n| n > 0) {
        facts.push(("Trainable parameters", count(parameters as u64)));
    }
    facts.push((
        "Windows",
        format!(
            "{} training, {}{} test{}",
            count(m.windows.train as u64),
            if m.has_epochs() {
                format!("{} validation, ", count(m.windows.validation as u64))
            } else {
                String::new()
            },
            count(m.windows.test as u64),
            if m.folds.is_empty() { "" } else { " (sums over folds)" }
        ),
    ));
    let folds = !m.folds.is_empty();
    let over = match (m.has_epochs(), folds) {
        (true, false) => " over all seeds, choice and refit together",
        (true, true) => " over all seeds and folds, choice and refit together",
        (false, true) => " over all folds",
        (false, false) => "",
    };
    if m.has_epochs() {
        facts.push(("Seeds", list(&m.seeds)));
    }
    facts.extend([
        ("Training time", duration(m.train_seconds) + over),
        ("Threads", format!("{} (results do not depend on it)", count(m.threads as u64))),
    ]);
    if let Some(set) = &m.instruction_set {
        facts.push(("Instruction set", format!("{} (another may differ in the last bits)", code(set))));
    }
    facts.extend([
        ("Ambulo", format!("version {}", escape(&m.ambulo_version))),
        ("Finished", escape(&moment(&m.finished))),
    ]);
    let mut list = String::new();
    for (name, value) in facts {
        list.push_str(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
    }
    let config = if records.config.trim().is_empty() {
        "<p>The run left no configuration.</p>".to_owned()
    } else {
        format!(
            "<details class=\"config\"><summary>The whole configuration (config.toml)</summary><pre tabindex=\"0\">\
             <code>{}</code></pre></details>",
            escape(records.config.trim_end())
        )
    };
    let repeat = if m.command.trim().is_empty() {
        "<p>The record names no command.</p>".to_owned()
    } else {
        format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(&m.command))
    };
    format!(
        "<section class=\"run\"><h2>What was run, and how to repeat it</h2><dl class=\"facts\">{list}</dl>\
         <h3>Repeat</h3>{repeat}<p>{}</p>{config}</section>\n",
        if m.has_epochs() {
            "The same data, configuration, seeds and instruction set give the same weights, bit for bit, with any \
             number of threads."
        } else {
            "The same data and configuration give the same figures, with any number of threads."
        }
    )
}

/// The data sets with their people and terms.
fn sources(metrics: &Metrics) -> String {
    let one = |s: &SourceRecord| {
        let licence = if s.licence.trim().is_empty() { "terms not on record" } else { s.licence.trim() };
        format!(
            "<b>{}</b> ({}), {}: {}",
            escape(&s.title),
            escape(&s.name),
            plural(s.people, "person", "people"),
            escape(licence)
        )
    };
    metrics.sources.iter().map(one).collect::<Vec<_>>().join("<br/>")
}
