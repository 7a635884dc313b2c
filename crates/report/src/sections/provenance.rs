//! What was run, and how to run it again.

use crate::text::{ABSENT, activity, count, duration, escape, list, moment};
use ambulo_record::RunRecords;

pub(crate) fn section(records: &RunRecords) -> String {
    let m = &records.metrics;
    let labels: Vec<String> = m.labels.iter().map(|l| activity(l)).collect();
    let code = |text: &str| format!("<code>{}</code>", escape(text));
    let facts = [
        ("Run", escape(&m.run)),
        ("Data set", format!("{}<br/>SHA-256 {}", escape(&m.dataset), code(&m.dataset_sha256))),
        ("Activities", escape(&labels.join(", "))),
        ("Model", format!("{}: {}", escape(&m.model), escape(&m.architecture))),
        (
            "Ways of wearing",
            if m.orientation.is_empty() { ABSENT.to_owned() } else { escape(&m.orientation) },
        ),
        ("Trainable parameters", count(m.parameters as u64)),
        (
            "Windows",
            format!(
                "{} training, {} validation, {} test{}",
                count(m.windows.train as u64),
                count(m.windows.validation as u64),
                count(m.windows.test as u64),
                if m.folds.is_empty() { "" } else { " (sums over folds)" }
            ),
        ),
        ("Seeds", list(&m.seeds)),
        (
            "Training time",
            format!(
                "{} over all seeds{}, choice and refit together",
                duration(m.train_seconds),
                if m.folds.is_empty() { "" } else { " and folds" }
            ),
        ),
        ("Threads", format!("{} (results do not depend on it)", count(m.threads as u64))),
        ("Instruction set", format!("{} (another may differ in the last bits)", code(&m.instruction_set))),
        ("Ambulo", format!("version {}", escape(&m.ambulo_version))),
        ("Finished", escape(&moment(&m.finished))),
    ];
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
         <h3>Repeat</h3>{repeat}<p>The same data, configuration, seeds and instruction set give the same weights, \
         bit for bit, with any number of threads.</p>{config}</section>\n"
    )
}
