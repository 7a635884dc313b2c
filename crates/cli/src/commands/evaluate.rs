//! `ambulo evaluate`

mod continuous;
pub(super) mod truth;

use super::{load_model, open_data, thousands};
use crate::cli::EvaluateArgs;
use crate::talk::say;
use ambulo_model::Predictor;
use ambulo_record::PersonId;
use ambulo_record::files::{EVALUATIONS, MODEL};
use ambulo_train::{Evaluation, NamedModel, evaluate};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(args: &EvaluateArgs) -> anyhow::Result<ExitCode> {
    let (directory, models) = load_models(&args.model)?;
    if args.continuous {
        return continuous::run(args, &directory, &models);
    }
    let dataset = open_data(&args.data)?;
    let only: Option<BTreeSet<PersonId>> = args.subjects.as_ref().map(|list| list.iter().cloned().collect());
    let log = directory.join(EVALUATIONS);
    let found = evaluate(&models, &dataset, only.as_ref(), args.threads, &log)?;
    say!("logged in {}", log.display());
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        print(&mut out, &found)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The model of this path, or those of all seeds of a run directory, named as seen from the directory of their log.
fn load_models(path: &Path) -> anyhow::Result<(PathBuf, Vec<NamedModel>)> {
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !path.is_dir() {
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((directory, vec![(name(path), Predictor::new(load_model(path)?))]));
    }
    let mut models = vec![(MODEL.to_owned(), Predictor::new(load_model(path)?))];
    let mut further: Vec<PathBuf> = std::fs::read_dir(path.join("models"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    further.sort();
    for file in further {
        models.push((format!("models/{}", name(&file)), Predictor::new(load_model(&file)?)));
    }
    models.sort_by_key(|(_, model)| model.model().metadata().provenance.seed);
    Ok((path.to_owned(), models))
}

fn print(out: &mut dyn std::io::Write, found: &Evaluation) -> std::io::Result<()> {
    let t = &found.test;
    let people = match found.subjects.len() {
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    // A bootstrap over one person can only draw that person.
    let interval = match found.subjects.len() {
        1 => "no interval from one person".to_owned(),
        _ => format!("95 % interval {:.2} to {:.2}", 100.0 * t.accuracy.ci95[0], 100.0 * t.accuracy.ci95[1]),
    };
    let seeds = match found.seeds.len() {
        1 => format!("seed {}", found.seeds[0]),
        n => format!("mean of {n} seeds (sd {:.2} points)", 100.0 * t.accuracy.sd),
    };
    writeln!(
        out,
        "accuracy {:.2} %, {interval}, {seeds}; {people} ({}), {} windows of {}",
        100.0 * t.accuracy.mean,
        found.protocol,
        thousands(found.windows),
        found.dataset
    )?;
    write!(
        out,
        "macro-F1 {:.4}, balanced accuracy {:.2} %",
        t.macro_f1.mean,
        100.0 * t.balanced_accuracy.mean
    )?;
    if let (Some(ece), Some(nll)) = (t.ece, t.nll) {
        write!(out, ", expected calibration error {ece:.4}, negative log-likelihood {nll:.4}")?;
    }
    writeln!(out)?;
    writeln!(out)?;
    let width = found.labels.names().map(str::len).max().unwrap_or(0);
    writeln!(out, "{:width$}  precision  recall      F1  windows", "activity")?;
    for class in &t.per_class {
        let (p, r, f) = (class.precision, class.recall, class.f1);
        writeln!(out, "{:width$}  {p:>9.4}  {r:>6.4}  {f:>6.4}  {:>7}", class.label, class.support)?;
    }
    for coarse in &t.coarse {
        writeln!(
            out,
            "{:width$}  {:>9}  {:>6.4}  {:>6}  {:>7}",
            coarse.label, "", coarse.recall, "", coarse.windows
        )?;
    }
    writeln!(out)?;
    writeln!(out, "person  windows  accuracy  macro-F1")?;
    for (subject, s) in &t.per_subject {
        writeln!(out, "{subject:>6}  {:>7}  {:>6.2} %  {:>8.4}", s.windows, 100.0 * s.accuracy, s.macro_f1)?;
    }
    Ok(())
}
