//! `ambulo transfer`

use super::data::open_each;
use super::train::{INTERRUPTED, quote, watch_for_ctrl_c};
use crate::cli::{Between, SensorChoice, TransferArgs};
use crate::failure::Usage;
use crate::progress::Terminal;
use crate::talk::say;
use ambulo_record::files::TRANSFER_PAGE;
use ambulo_record::{TransferBetween, TransferMatrix};
use ambulo_train::{Asked, AskedFrom, Config, Transfer};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(crate) fn run(args: &TransferArgs) -> anyhow::Result<ExitCode> {
    if args.data.len() < 2 && args.between == Between::DataSets {
        let text = "one data set has no other\nhint: give --data again for each, e.g. --data hapt --data sisfall=FOLDER, or --between placements";
        return Err(Usage(text.into()).into());
    }
    let config = config(args, None)?;
    let from = args.from.as_deref().map(|file| self::config(args, Some(file))).transpose()?;
    let mut sets = open_each(&args.data)?;
    for set in &mut sets {
        // A place need not be in every data set, but each must have one of them.
        let there = set.placements();
        let own: Vec<String> =
            args.placements.iter().filter(|place| there.contains(place.as_str())).cloned().collect();
        set.keep_placements(if own.is_empty() { &args.placements } else { &own })?;
    }
    let command = command(args);
    let stop = Arc::new(AtomicBool::new(false));
    watch_for_ctrl_c(&stop)?;
    let mut terminal = Terminal::new();
    let transfer = Transfer {
        config: &config,
        from: from.as_ref(),
        sets: &sets,
        between: match args.between {
            Between::DataSets => TransferBetween::DataSets,
            Between::Placements => TransferBetween::Placements,
        },
        groups: args.groups,
        directory: &args.out,
        command: &command,
    };
    let matrix = transfer.execute(&stop, &mut terminal);
    terminal.finish();
    let Some(matrix) = matrix? else {
        say!("stopped; the same command goes on");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    ambulo_report::write_transfer(&args.out.join(TRANSFER_PAGE), &matrix)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&matrix)?)?;
    } else {
        print(&mut out, &matrix)?;
        writeln!(out, "page    {}", args.out.join(TRANSFER_PAGE).display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is trained, from scratch or beginning with a model.
fn config(args: &TransferArgs, from: Option<&Path>) -> anyhow::Result<Config> {
    let asked = Asked {
        model: Some(args.model),
        orientation: Some(args.orientation),
        rate_hz: args.rate,
        window: args.window,
        ..Asked::default()
    };
    let sensors = args.sensors.sensors();
    let begin = AskedFrom { file: from, freeze: None, sensors: from.map(|_| sensors) };
    let mut config = Config::read_asked(None, asked, begin)?;
    if from.is_none() {
        config.preprocessing.keep_sensors(sensors);
    }
    config.preprocessing.resampling = ambulo_signal::Resampling::Linear;
    config.placements.clone_from(&args.placements);
    config.training.epochs = args.epochs.unwrap_or(config.training.epochs);
    config.seeds = (1..=args.seeds.max(1)).collect();
    config.threads = args.threads;
    config.validate()?;
    Ok(config)
}

/// What a person types for the same.
fn command(args: &TransferArgs) -> String {
    let mut words = vec!["ambulo transfer".to_owned()];
    words.extend(args.data.iter().map(|data| format!("--data {}", quote(data))));
    let mut add = |option: &str, value: String| words.push(format!("{option} {value}"));
    if args.between == Between::Placements {
        add("--between", "placements".to_owned());
    }
    if let Some(from) = &args.from {
        add("--from", quote(from));
    }
    if !args.placements.is_empty() {
        add("--placements", quote(Path::new(&args.placements.join(","))));
    }
    add("--model", args.model.to_string());
    add("--orientation", args.orientation.to_string());
    if let SensorChoice::Acceleration = args.sensors {
        add("--sensors", "acceleration".to_owned());
    }
    for (option, value) in [
        ("--rate", args.rate.map(|rate| rate.to_string())),
        ("--window", args.window.map(|window| window.to_string())),
        ("--epochs", args.epochs.map(|epochs| epochs.to_string())),
    ] {
        if let Some(value) = value {
            add(option, value);
        }
    }
    add("--groups", args.groups.to_string());
    add("--seeds", args.seeds.to_string());
    add("--out", quote(&args.out));
    words.join(" ")
}

fn print(out: &mut dyn std::io::Write, matrix: &TransferMatrix) -> std::io::Result<()> {
    let within = match matrix.between {
        TransferBetween::DataSets => "within the data set tested on",
        TransferBetween::Placements => "by models of other people with devices worn at the place tested on",
    };
    writeln!(out, "macro-F1 by people never seen; in brackets the share of what is reached {within}")?;
    let width = matrix.trained_on.iter().map(String::len).max().unwrap_or(0).max("trained on".len());
    write!(out, "{:width$}", "trained on")?;
    for name in &matrix.tested_on {
        write!(out, "  {name:>14}")?;
    }
    writeln!(out)?;
    for row in &matrix.trained_on {
        write!(out, "{row:width$}")?;
        for column in &matrix.tested_on {
            let cell = matrix.cell(row, column);
            let text = cell.and_then(|cell| cell.score).map_or_else(
                || "-".to_owned(),
                |score| {
                    let kept = cell.and_then(ambulo_record::TransferCell::kept);
                    let kept = kept.map_or(String::new(), |kept| format!(" ({:.0} %)", 100.0 * kept));
                    format!("{:.3}{kept}", score.macro_f1.mean)
                },
            );
            write!(out, "  {text:>14}")?;
        }
        writeln!(out)?;
    }
    if let Some((kept, cells)) = matrix.mean_kept() {
        writeln!(out, "kept in the mean of {cells} cells: {:.1} %", 100.0 * kept)?;
    }
    Ok(())
}
