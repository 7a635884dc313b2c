//! Reads and compares what runs leave.

use super::{Sandbox, events};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use std::path::Path;

/// The official test people.
pub(crate) const TEST_PEOPLE: [u64; 9] = [2, 4, 9, 10, 12, 13, 18, 20, 24];

/// People as records name them.
pub(crate) fn named(people: &[u64]) -> Value {
    people.iter().map(ToString::to_string).collect()
}

/// The numbers that a list of people has for names.
pub(crate) fn numbers(people: &Value) -> Vec<u64> {
    people.as_array().unwrap().iter().map(|name| name.as_str().unwrap().parse().unwrap()).collect()
}

/// Lines of a JSONL file.
pub(crate) fn lines(sandbox: &Sandbox, name: impl AsRef<Path>) -> Vec<Value> {
    sandbox.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `metrics.jsonl` without the only column that depends on the clock.
pub(crate) fn epochs(sandbox: &Sandbox, run: &str) -> Vec<Value> {
    let mut records = lines(sandbox, format!("{run}/metrics.jsonl"));
    for record in &mut records {
        assert!(record.as_object_mut().unwrap().remove("seconds").is_some(), "{record}");
    }
    records
}

/// One row of `predictions.parquet`.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) seed: i64,
    pub(crate) subject: String,
    pub(crate) recording: String,
    pub(crate) start: i64,
    pub(crate) label: String,
    pub(crate) predicted: String,
    pub(crate) probabilities: Vec<f32>,
    pub(crate) logits: Vec<f32>,
}

pub(crate) fn predictions(sandbox: &Sandbox, run: &str) -> Vec<Row> {
    let file = std::fs::File::open(sandbox.path(run).join("predictions.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| {
        let mut found = Row {
            seed: -1,
            subject: String::new(),
            recording: String::new(),
            start: -1,
            label: String::new(),
            predicted: String::new(),
            probabilities: Vec::new(),
            logits: Vec::new(),
        };
        for (name, field) in row.unwrap().get_column_iter() {
            match (name.as_str(), field) {
                ("seed", Field::Long(v)) => found.seed = *v,
                ("subject", Field::Str(v)) => found.subject.clone_from(v),
                ("recording", Field::Str(v)) => found.recording.clone_from(v),
                ("start", Field::Long(v)) => found.start = *v,
                ("label", Field::Str(v)) => found.label.clone_from(v),
                ("predicted", Field::Str(v)) => found.predicted.clone_from(v),
                ("dataset" | "placement" | "device" | "group" | "condition", Field::Str(_)) => {}
                (name, Field::Float(p)) if name.starts_with("p_") => found.probabilities.push(*p),
                (name, Field::Float(z)) if name.starts_with("logit_") => found.logits.push(*z),
                other => panic!("column {other:?}"),
            }
        }
        found
    })
    .collect()
}

/// `metrics.json` without what depends on the clock, the number of threads or the directory.
pub(crate) fn figures(sandbox: &Sandbox, run: &str) -> Value {
    let mut metrics = sandbox.json(format!("{run}/metrics.json"));
    let fields = metrics.as_object_mut().unwrap();
    for clock_or_name in ["run", "finished", "train_seconds", "threads", "command"] {
        assert!(fields.remove(clock_or_name).is_some(), "{clock_or_name}");
    }
    for fold in fields.get_mut("folds").and_then(Value::as_array_mut).into_iter().flatten() {
        assert!(fold.as_object_mut().unwrap().remove("train_seconds").is_some(), "{fold}");
    }
    metrics
}

/// Checks that two runs ended in the same: models, figures, predictions, records of epochs and curves; of all folds, where
/// there are folds.
#[track_caller]
pub(crate) fn assert_same_results((a, run_a): (&Sandbox, &str), (b, run_b): (&Sandbox, &str)) {
    let is_events = |p: &Path| p.file_name().unwrap().to_string_lossy().starts_with("events.out.tfevents.");
    let names = |sandbox: &Sandbox, run: &str| -> Vec<_> {
        sandbox.files(run).into_iter().filter(|p| !is_events(p)).collect()
    };
    let files = names(a, run_a);
    assert_eq!(files, names(b, run_b));
    for file in files {
        let own = |run: &str| Path::new(run).join(file.parent().unwrap()).to_str().unwrap().to_owned();
        let whole = file.extension().is_some_and(|e| e == "safetensors" || e == "parquet");
        if whole || ["mistakes.json", "wearings.json", "config.toml"].iter().any(|n| file.ends_with(n)) {
            let same = a.read(Path::new(run_a).join(&file)) == b.read(Path::new(run_b).join(&file));
            assert!(same, "{} differs", file.display());
        } else if file.ends_with("metrics.json") {
            assert_eq!(figures(a, &own(run_a)), figures(b, &own(run_b)), "{}", file.display());
        } else if file.ends_with("metrics.jsonl") {
            assert_eq!(epochs(a, &own(run_a)), epochs(b, &own(run_b)), "{}", file.display());
            let curves = |sandbox: &Sandbox, run: &str| events::scalars(&sandbox.path(own(run)));
            assert_eq!(curves(a, run_a), curves(b, run_b), "{}", file.display());
        }
    }
}
