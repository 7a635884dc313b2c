//! `ambulo evaluate`

use super::{load_model, open_data, thousands};
use crate::cli::EvaluateArgs;
use crate::talk::say;
use ambulo_data::SubjectId;
use ambulo_train::{EVALUATIONS, Evaluation, evaluate};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &EvaluateArgs) -> anyhow::Result<ExitCode> {
    let model = load_model(&args.model)?;
    let dataset = open_data(args.data.as_deref())?;
    let directory = if args.model.is_dir() {
        args.model.as_path()
    } else {
        args.model.parent().unwrap_or(Path::new("."))
    };
    let only: Option<BTreeSet<SubjectId>> =
        args.subjects.as_ref().map(|list| list.iter().map(|&s| SubjectId(s)).collect());
    let name = args.model.display().to_string();
    let log = directory.join(EVALUATIONS);
    let found = evaluate(&model, &name, &dataset, only.as_ref(), args.threads, &log)?;
    say!("logged in {}", log.display());
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        print(&mut out, &found)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut dyn std::io::Write, found: &Evaluation) -> std::io::Result<()> {
    let t = &found.test;
    writeln!(
        out,
        "accuracy {:.2} %, 95 % interval {:.2} to {:.2} over {} people ({}), {} windows of {}",
        100.0 * t.accuracy.mean,
        100.0 * t.accuracy.ci95[0],
        100.0 * t.accuracy.ci95[1],
        found.subjects.len(),
        found.protocol,
        thousands(found.windows),
        found.dataset
    )?;
    writeln!(
        out,
        "macro-F1 {:.4}, balanced accuracy {:.2} %, expected calibration error {:.4}, negative log-likelihood {:.4}",
        t.macro_f1.mean,
        100.0 * t.balanced_accuracy.mean,
        t.ece,
        t.nll
    )?;
    writeln!(out)?;
    let width = found.labels.iter().map(String::len).max().unwrap_or(0);
    writeln!(out, "{:width$}  precision  recall      F1  windows", "activity")?;
    for class in &t.per_class {
        let (p, r, f) = (class.precision, class.recall, class.f1);
        writeln!(out, "{:width$}  {p:>9.4}  {r:>6.4}  {f:>6.4}  {:>7}", class.label, class.support)?;
    }
    writeln!(out)?;
    writeln!(out, "person  windows  accuracy  macro-F1")?;
    for (subject, s) in &t.per_subject {
        writeln!(out, "{subject:>6}  {:>7}  {:>6.2} %  {:>8.4}", s.windows, 100.0 * s.accuracy, s.macro_f1)?;
    }
    Ok(())
}
