//! `ambulo compare`

use super::thousands;
use crate::cli::CompareArgs;
use ambulo_record::{Metrics, Wearing};
use ambulo_train::compare;
use std::io::Write as _;
use std::process::ExitCode;

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let (runs, pairs) = compare(&args.runs)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        let value = serde_json::json!({ "runs": runs, "pairs": pairs });
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let width = runs.iter().map(|r| r.run.len()).max().unwrap_or(0).max(3);
    writeln!(
        out,
        "{:width$}  protocol  model               facing      parameters  seeds  accuracy  macro-F1     ECE  turned  worst person",
        "run"
    )?;
    for run in &runs {
        let t = &run.test;
        writeln!(
            out,
            "{:width$}  {:8}  {:18}  {:10}  {:>10}  {:>5}  {:>6.2} %  {:>8.4}  {:>6}  {:>6}  {:>10.2} %",
            run.run,
            run.protocol,
            run.model,
            run.orientation,
            run.parameters.map_or_else(|| "-".into(), thousands),
            run.seeds.len(),
            100.0 * t.accuracy.mean,
            t.macro_f1.mean,
            t.ece.map_or_else(|| "-".into(), |ece| format!("{ece:.4}")),
            turned(run),
            100.0 * t.subject_accuracy.min
        )?;
    }
    writeln!(out)?;
    for pair in &pairs {
        writeln!(
            out,
            "{} against {}: {:+.2} points, 95 % interval {:+.2} to {:+.2}; better with {}, worse with {} of {} people; p = {:.4}",
            pair.other,
            pair.base,
            100.0 * pair.difference,
            100.0 * pair.ci95[0],
            100.0 * pair.ci95[1],
            pair.better_worse[0],
            pair.better_worse[1],
            pair.subjects.len(),
            pair.p
        )?;
    }
    writeln!(
        out,
        "differences are means over people of the accuracy (a mean over seeds); p by Wilcoxon's signed-rank test, two-sided,\n\
         not corrected for several comparisons"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn turned(run: &Metrics) -> String {
    let found = run.test.wearing(Wearing::Turned);
    found.map_or_else(|| "-".into(), |w| format!("{:.2}", 100.0 * w.accuracy.mean))
}
