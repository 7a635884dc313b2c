//! `ambulo evaluate --continuous`

use super::truth;
use crate::cli::EvaluateArgs;
use crate::commands::open_data;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_record::continuous::{ContinuousMetrics, ContinuousVariant, EventCounts};
use ambulo_record::files::{CONTINUOUS, CONTINUOUS_PAGE, EVALUATIONS};
use ambulo_record::{PersonId, atomic};
use ambulo_signal::intake::Declared;
use ambulo_train::{
    ContinuousOptions, NamedModel, TrueFile, Way, by_timeline, evaluate_continuous, evaluate_files,
};
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &EvaluateArgs, directory: &Path, models: &[NamedModel]) -> anyhow::Result<ExitCode> {
    if !(0.0..=ambulo_model::LONGEST_DELAY_S).contains(&args.delay) {
        let most = ambulo_model::LONGEST_DELAY_S;
        return Err(Usage(format!("--delay is {}, expected 0 to {most} seconds", args.delay)).into());
    }
    if !(0.0..=1.0).contains(&args.confidence) {
        return Err(Usage(format!("--confidence {}: a probability is 0 to 1", args.confidence)).into());
    }
    let ways = [Way::Unsmoothed, Way::Causal { delay_s: args.delay }, Way::WholeFile];
    // Before anything is computed, and before test people are looked at.
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    }
    let found = match &args.truth {
        Some(table) => of_files(args, models, &ways, table)?,
        None => of_people(args, directory, models, &ways)?,
    };
    for (label, seconds) in &found.not_scored_s {
        say!("note: `{label}` says nothing about the labels of the model: {seconds:.1} s are not scored");
    }
    if let Some(out) = &args.out {
        let mut text = serde_json::to_vec_pretty(&found)?;
        text.push(b'\n');
        let json = out.join(CONTINUOUS);
        atomic::write(&json, &text).with_context(|| format!("cannot write {}", json.display()))?;
        let page = ambulo_report::write_continuous(&out.join(CONTINUOUS_PAGE), &found)?;
        say!("figures  {}", json.display());
        say!("page     {}", page.display());
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        print(&mut out, &found)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn of_people(
    args: &EvaluateArgs,
    directory: &Path,
    models: &[NamedModel],
    ways: &[Way],
) -> anyhow::Result<ContinuousMetrics> {
    let dataset = open_data(&args.data)?;
    let only: Option<BTreeSet<PersonId>> = args.subjects.as_ref().map(|list| list.iter().cloned().collect());
    let log = directory.join(EVALUATIONS);
    let answering = by_timeline(Declared::default(), args.confidence, args.activities);
    let options = ContinuousOptions {
        ways,
        turned: args.turned,
        activities: args.activities,
        answering: &answering,
        threads: args.threads,
    };
    let found = evaluate_continuous(models, &dataset, only.as_ref(), &options, &log)?;
    say!("logged in {}", log.display());
    Ok(found)
}

fn of_files(
    args: &EvaluateArgs,
    models: &[NamedModel],
    ways: &[Way],
    table: &Path,
) -> anyhow::Result<ContinuousMetrics> {
    let (reading, declared) = crate::commands::reading::declared(&args.reading)?;
    let mut labelled = truth::open(table, &args.files, &reading)?;
    let answering = by_timeline(declared, args.confidence, args.activities);
    let options = ContinuousOptions {
        ways,
        turned: args.turned,
        activities: args.activities,
        answering: &answering,
        threads: args.threads,
    };
    let mut files: Vec<TrueFile<'_>> = (labelled.iter_mut())
        .map(|one| TrueFile {
            name: one.name.clone(),
            person: one.person.clone(),
            labels: std::mem::take(&mut one.labels),
            source: &mut one.recording,
        })
        .collect();
    let name = table.file_name().map_or_else(|| table.display().to_string(), |n| n.to_string_lossy().into());
    Ok(evaluate_files(models, &name, &mut files, &options)?)
}

/// What a way of smoothing is called in the tables.
fn name(variant: &ContinuousVariant) -> String {
    let turned = if variant.turned { ", turned" } else { "" };
    match variant.delay_s {
        Some(delay) => format!("{} {delay} s{turned}", variant.variant),
        None => format!("{}{turned}", variant.variant),
    }
}

fn print(out: &mut dyn std::io::Write, found: &ContinuousMetrics) -> std::io::Result<()> {
    let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    writeln!(
        out,
        "{} of {} ({}), {:.0} s scored, {}",
        plural(found.recordings, "whole recording", "whole recordings"),
        plural(found.subjects.len(), "person", "people"),
        found.protocol,
        found.scored_s + found.coarse_s,
        match found.seeds.as_slice() {
            [seed] => format!("seed {seed}"),
            seeds => format!("mean of {} seeds", seeds.len()),
        }
    )?;
    writeln!(out)?;
    let width = found.variants.iter().map(|v| name(v).len()).max().unwrap_or(0).max("smoothing".len());
    writeln!(
        out,
        "{:width$}  accuracy  macro-F1  95 % interval         ECE  holes  inserted  deleted  onset (median)",
        "smoothing"
    )?;
    for v in &found.variants {
        // A bootstrap over one person can only draw that person.
        let interval = match found.subjects.len() {
            0 | 1 => "from one person none".to_owned(),
            _ => format!("{:.4} to {:.4}", v.macro_f1.ci95[0], v.macro_f1.ci95[1]),
        };
        let onset = match v.onset.found {
            0 => "-".to_owned(),
            _ => format!("{:.2} s", v.onset.delay_s.median),
        };
        writeln!(
            out,
            "{:width$}  {:>6.2} %  {:>8.4}  {interval:16}  {:>6.4}  {:>5}  {:>8}  {:>7}  {onset:>14}",
            name(v),
            100.0 * v.accuracy.mean,
            v.macro_f1.mean,
            v.ece,
            v.errors.fragmentation.count,
            v.events.inserted,
            v.events.deleted,
        )?;
    }
    writeln!(out)?;
    let width = found.labels.iter().map(String::len).max().unwrap_or(0).max("activity".len());
    write!(out, "{:width$}  seconds", "activity")?;
    for v in &found.variants {
        write!(out, "  {:>18}", format!("{} F1", name(v)))?;
    }
    writeln!(out)?;
    for (number, label) in found.labels.iter().enumerate() {
        let seconds = found.variants.first().and_then(|v| v.per_class.get(number)).map_or(0.0, |c| c.seconds);
        write!(out, "{label:width$}  {seconds:>7.0}")?;
        for class in found.variants.iter().filter_map(|v| v.per_class.get(number)) {
            write!(out, "  {:>18.4}", class.f1)?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    write!(out, "{:width$}", "events")?;
    for (letter, _) in EventCounts::default().diagram() {
        write!(out, "  {letter:>5}")?;
    }
    writeln!(out)?;
    for v in &found.variants {
        write!(out, "{:width$}", name(v))?;
        for (_, count) in v.events.diagram() {
            write!(out, "  {count:>5}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
