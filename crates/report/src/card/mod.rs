//! `MODEL_CARD.md`: what the model is for, where it ends, what it may be used for.

mod front_matter;
mod parts;
mod personal;
mod results;
mod source;

use crate::text::{activity, count, duration, list, percent, plural};
use crate::wearing::statement;
use ambulo_record::Metrics;
use ambulo_record::RunRecords;
use source::Source;
use std::fmt::Write;

pub use personal::personal_card;

/// The model card as Markdown with YAML front matter in Hugging Face's layout (licence, data set, metrics and
/// `model-index` from the record), then intended use, limits, data and licence, results, and how to repeat.
///
/// What is said of the people, the device and the licence is known for the data sets `hapt` and `uci-har`; of any other it is
/// what the record holds of its sources, and where it holds nothing the card says that it must be found out. The card of a run over folds says that it describes an
/// evaluation and no single model.
#[must_use]
pub fn model_card(records: &RunRecords) -> String {
    let m = &records.metrics;
    let source = Source::of(&m.dataset);
    let mut out = front_matter::front_matter(m, source);
    let _ = write!(
        out,
        "\n# {}\n\n{}Recognises {} from the {} of a worn device: {}. {}{} with Ambulo {} on the data set {}: {}.\n",
        inline(&m.run),
        evaluation(m),
        plural(m.labels.len(), "activity", "activities"),
        list(&m.sensor_names().iter().map(|name| inline(name)).collect::<Vec<_>>()),
        list(&m.labels.iter().map(|l| inline(&activity(l).to_lowercase())).collect::<Vec<_>>()),
        inline(&m.architecture),
        match m.parameters.filter(|&n| n > 0) {
            Some(n) => format!(" with {} trainable parameters, trained", count(n as u64)),
            None => ", fitted".to_owned(),
        },
        inline(&m.ambulo_version),
        inline(&m.dataset),
        match source {
            Some(source) => source.title.to_owned(),
            None if m.sources.is_empty() => "not one whose description Ambulo knows".to_owned(),
            None => m.sources.iter().map(|s| inline(&s.title)).collect::<Vec<_>>().join("; "),
        },
    );
    if let Some(from) = &m.from {
        let _ = write!(
            out,
            "\nIts training began with the weights of the model `{}` (SHA-256 `{}`), which {} of {} shaped; nobody of them was tested \
             on. The terms of those data apply to this model as well.\n",
            code(&from.name),
            code(&from.sha256),
            plural(from.people, "person", "people"),
            list(&from.datasets.iter().map(|name| inline(name)).collect::<Vec<_>>()),
        );
    }
    out.push_str(USE);
    if m.has_epochs() {
        out.push_str(FILE);
    }
    out.push_str(MISUSE);
    out.push_str(&limits(m, source));
    out.push_str(&terms(m, source));
    out.push_str(&results::results(m));
    out.push_str(&repeat(records));
    out
}

/// What a run over folds is; nothing for any other.
fn evaluation(m: &Metrics) -> String {
    if m.folds.is_empty() {
        return String::new();
    }
    if !m.has_epochs() {
        return format!(
            "**This is an evaluation, not a model.** The method was fitted {}, each time tested on people to whom it \
             was not fitted. The figures say what to expect of it.\n\n",
            plural(m.folds.len(), "time", "times"),
        );
    }
    format!(
        "**This is an evaluation, not a model.** It trained {} by the same configuration, each tested on people whom \
         it was neither trained nor chosen on; they lie in `folds/` and are not meant for use. The figures say what \
         to expect of this way of training. For a model, train with `--protocol official`.\n\n",
        plural(m.folds.len() * m.seeds.len(), "model", "models"),
    )
}

const USE: &str = "\n## Intended use\n\nResearch on human movement, teaching, and as a baseline to compare with. It \
takes windows of motion signals and says how sure it is of each activity.";

const FILE: &str = " The model file states units, rate, axes, filters and window, and Ambulo refuses recordings that do \
not fit.";

const MISUSE: &str = "\n\nNot a medical device. Not for diagnosis, for \
detecting falls, for monitoring people without their knowledge and consent, or for any decision in which a wrong \
activity would harm someone.\n";

fn limits(m: &Metrics, source: Option<&Source>) -> String {
    let mut out = String::from("\n## Limits\n\n");
    if let Some(source) = source {
        for limit in source.limits {
            let _ = writeln!(out, "- {limit}");
        }
    } else if !m.sources.is_empty() {
        out.push_str(&parts::limits(m));
    } else {
        out.push_str(
            "- The figures speak for the people, the device and the way of wearing it in the data set, which this \
             card does not know. Find them out before relying on the model.\n",
        );
    }
    let _ = writeln!(
        out,
        "- It knows {} and nothing else: any other movement is given one of their names, possibly with high \
         confidence.",
        plural(m.labels.len(), "activity", "activities")
    );
    let turned = match m.orientation.as_str() {
        "any-facing" => {
            "It may be turned about the vertical, but must be worn the way up it was trained for. Another way up, or \
             with axes named differently"
        }
        "levelled" => {
            "It may be worn any way up, in one way throughout a recording in which its wearer walks for half a minute; it \
             needs the whole recording, and refuses one without movement. Moved about on the body within a recording"
        }
        _ => {
            "It must be worn the way up it was trained for, and facing the same way. Turned about or with axes named differently"
        }
    };
    let _ = writeln!(out, "- {turned}, it can be wrong on nearly everything and sure of it.");
    if let Some(statement) = statement(m) {
        let _ = writeln!(out, "- {statement}");
    }
    let _ = writeln!(
        out,
        "- It was tested on {}. How well it does on one person varies: see the table by person.",
        plural(m.subjects.test.len(), "person", "people")
    );
    let _ = match m.test.ece {
        Some(ece) => writeln!(
            out,
            "- Its confidence is off by {} on average (expected calibration error) on people like those of the data, \
             and probably by more on others.",
            percent(ece)
        ),
        None => writeln!(out, "- How far its confidence can be believed is not on record."),
    };
    out
}

fn terms(m: &Metrics, source: Option<&Source>) -> String {
    let mut out = String::from("\n## Data and licence\n\n");
    match source {
        Some(source) => {
            let _ = write!(out, "{}\n\n{}\n\nCite: {}\n", source.about, source.terms, source.citation);
        }
        None if !m.sources.is_empty() => out.push_str(&parts::terms(m)),
        None => out.push_str(
            "Ambulo's own code is MIT OR Apache-2.0, but the terms of the data a model is trained on apply to the \
             model as well. This card does not know the terms of this data set: find them out before you pass the \
             model on.\n",
        ),
    }
    let _ = write!(out, "\nSHA-256 of the data set's content: `{}`.\n", code(&m.dataset_sha256));
    out
}

fn repeat(records: &RunRecords) -> String {
    let m = &records.metrics;
    let fence = fence(&m.command);
    format!(
        "\n## How to repeat\n\n{fence}sh\n{}\n{fence}\n\nThe whole configuration is in `config.toml` beside this \
         card. {}{} of training on {}{}; Ambulo {}; finished {}. {}\n",
        m.command.trim_end(),
        if m.has_epochs() { format!("Seeds {}; ", list(&m.seeds)) } else { String::new() },
        duration(m.train_seconds),
        plural(m.threads, "thread", "threads"),
        m.instruction_set
            .as_ref()
            .map_or_else(String::new, |set| format!(" with instruction set {}", inline(set))),
        inline(&m.ambulo_version),
        inline(&m.finished),
        if m.has_epochs() {
            "The same data, configuration, seeds and instruction set give the same weights, bit for bit, with any \
             number of threads."
        } else {
            "The same data and configuration give the same figures, with any number of threads."
        },
    )
}

/// Record text within a line of Markdown: nothing in it can start markup, a table cell or a line.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '!' | '~' | '$' => {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
    }
    out
}

/// Record text within backticks.
fn code(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').collect()
}

/// A code fence longer than any run of backticks in `text`.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
