//! `ambulo train --few`

use super::train::{INTERRUPTED, quote, watch_for_ctrl_c};
use crate::cli::TrainArgs;
use crate::progress::Terminal;
use crate::talk::say;
use ambulo_data::Dataset;
use ambulo_record::files::FEW_PAGE;
use ambulo_record::{Estimate, FewLabels};
use ambulo_train::{Config, Few, FewAmount};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Draws of each amount unless somebody says otherwise.
const DRAWS: u64 = 10;

pub(super) fn run(
    args: &TrainArgs,
    config: &Config,
    dataset: &Dataset,
    out: &Path,
) -> anyhow::Result<ExitCode> {
    let mut amounts: Vec<FewAmount> = Vec::new();
    for amount in args.few.iter().flat_map(|all| &all.0) {
        if !amounts.contains(amount) {
            amounts.push(*amount);
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    watch_for_ctrl_c(&stop)?;
    let command = command(out);
    let mut terminal = Terminal::new();
    terminal.line(&format!("directory {}", out.display()));
    let draws = args.draws.unwrap_or(DRAWS);
    let few = Few { config, dataset, amounts: &amounts, draws, directory: out, command: &command };
    let done = few.execute(&stop, &mut terminal);
    terminal.finish();
    let Some(few) = done? else {
        say!("stopped; the same command goes on");
        if args.out.is_none() {
            say!("hint: with --out {}", quote(out));
        }
        return Ok(ExitCode::from(INTERRUPTED));
    };
    ambulo_report::write_few(&out.join(FEW_PAGE), &few)?;
    let mut to = std::io::stdout().lock();
    if args.json {
        writeln!(to, "{}", serde_json::to_string_pretty(&few)?)?;
    } else {
        print(&mut to, &few)?;
        writeln!(to, "page    {}", out.join(FEW_PAGE).display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What was typed, with the directory that was made for it: given again, it goes on there.
fn command(out: &Path) -> String {
    let mut words: Vec<String> = std::env::args_os().skip(1).map(|word| quote(Path::new(&word))).collect();
    if !words.iter().any(|word| word == "--out" || word.starts_with("--out=")) {
        words.extend(["--out".to_owned(), quote(out)]);
    }
    format!("ambulo {}", words.join(" "))
}

fn print(out: &mut dyn std::io::Write, few: &FewLabels) -> std::io::Result<()> {
    writeln!(
        out,
        "macro-F1 on {} people, mean over draws; in brackets the 95 % interval over people",
        few.subjects.test.len()
    )?;
    let level = |of: &Estimate| format!("{:.3} ({:.3} to {:.3})", of.mean, of.ci95[0], of.ci95[1]);
    write!(out, "{:12} {:>5}  {:24}", "labels", "draws", "from scratch")?;
    if few.from.is_some() {
        write!(out, "  {:24}  {:>6}  {:16}  better, worse", "begun with the model", "points", "interval")?;
    }
    writeln!(out)?;
    for point in &few.points {
        write!(out, "{:12} {:>5}  {:24}", point.name(), point.draws.len(), level(&point.scratch))?;
        if let (Some(from), Some(gain)) = (&point.from, &point.gain) {
            let interval = format!("{:+.1} to {:+.1}", 100.0 * gain.ci95[0], 100.0 * gain.ci95[1]);
            write!(
                out,
                "  {:24}  {:>+6.1}  {interval:16}  {}, {}",
                level(from),
                100.0 * gain.macro_f1,
                gain.better_worse[0],
                gain.better_worse[1]
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}
