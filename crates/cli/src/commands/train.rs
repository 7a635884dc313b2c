//! `ambulo train`

use super::data::{everyone_has, open_data};
use super::thousands;
use crate::cli::{SensorChoice, TrainArgs};
use crate::failure::Usage;
use crate::progress::Terminal;
use crate::talk::say;
use ambulo_baseline::is_baseline;
use ambulo_data::Dataset;
use ambulo_record::files::{CONFIG, METRICS, MODEL, REPORT};
use ambulo_record::{Metrics, Wearing};
use ambulo_signal::Sensor;
use ambulo_train::{Asked, AskedFrom, Config, LabelChoice, Outcome, Protocol, Run};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the shell reports for a process ended by Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// Groups into which people are divided unless somebody says otherwise.
const GROUPS: u16 = 10;

pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let (run, dataset) = match &args.resume {
        Some(directory) => {
            let run = resume(directory, args.threads)?;
            let words = if args.data.is_empty() { &run.config().data } else { &args.data };
            let mut dataset = open_data(words)?;
            dataset.keep_placements(&run.config().all_placements())?;
            (run, dataset)
        }
        None => {
            let mut config = effective(args)?;
            config.validate()?;
            // The directory comes last: what cannot be read leaves nothing behind.
            let mut dataset = open_data(&config.data)?;
            dataset.keep_placements(&config.all_placements())?;
            if args.config.is_none() {
                suit(&mut config, args, &dataset);
            }
            if config.resample_for(&dataset) {
                say!("note: faster recordings are lowered to {} Hz", config.preprocessing.rate_hz);
            }
            let usual = (args.config.is_none() && Protocol::Official.split(&dataset, 1).is_err())
                .then_some(LabelChoice::OfData { depth: None });
            if let Some(choice @ LabelChoice::OfData { .. }) = args.labels.as_ref().or(usual.as_ref()) {
                let found = choice.resolve(&dataset, &config)?;
                say!("note: the activities are {}", found.labels.words());
                if !found.left_out.is_empty() {
                    say!(
                        "note: too few people did the following for as long as a window: {}",
                        found.left_out.join(", ")
                    );
                }
                config.labels = found.labels;
            }
            let out = args.out.clone().unwrap_or_else(|| default_directory(&config));
            if !args.few.is_empty() {
                return super::few::run(args, &config, &dataset, &out);
            }
            (Run::create(&out, config, &dataset)?, dataset)
        }
    };
    let directory = run.files().directory().to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    watch_for_ctrl_c(&stop)?;
    let command = format!("ambulo train --config {}", quote(&directory.join(CONFIG)));
    let mut terminal = Terminal::new();
    terminal.line(&format!("run directory {}", directory.display()));
    let outcome = run.execute(&dataset, &command, &stop, &mut terminal);
    terminal.finish();
    match outcome? {
        Outcome::Finished(metrics) => {
            ambulo_report::write_report(&directory)?;
            ambulo_report::write_model_card(&directory)?;
            print(&directory, &metrics, args.json)?;
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Interrupted => {
            say!("stopped; everything up to the last step is saved");
            say!("hint: go on with: ambulo train --resume {}", quote(&directory));
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// The interrupted run in a directory.
fn resume(directory: &Path, threads: Option<usize>) -> anyhow::Result<Run> {
    if is_baseline(directory) {
        let text = format!(
            "{} holds a baseline, and baselines are not resumed\nhint: it takes minutes to fit it anew: ambulo baseline",
            directory.display()
        );
        return Err(Usage(text).into());
    }
    Ok(Run::resume(directory, threads)?)
}

/// The configuration file, or the defaults, under the options.
fn effective(args: &TrainArgs) -> anyhow::Result<Config> {
    let asked = Asked {
        model: args.model,
        orientation: args.orientation,
        rate_hz: args.rate,
        window: args.window,
        step: args.step,
    };
    if let Some(path) = args.config.as_ref().filter(|path| !path.is_file()) {
        let text = format!(
            "there is no configuration file {}\nhint: the config.toml of a run is one",
            path.display()
        );
        return Err(Usage(text).into());
    }
    let from = AskedFrom {
        file: args.from.as_deref(),
        freeze: args.freeze,
        sensors: args.sensors.map(SensorChoice::sensors),
    };
    let mut config = Config::read_asked(args.config.as_deref(), asked, from)?;
    fn set<T: Clone>(target: &mut T, option: Option<&T>) {
        if let Some(value) = option {
            target.clone_from(value);
        }
    }
    set(&mut config.protocol, args.protocol.as_ref());
    if let Some(LabelChoice::Named(labels)) = &args.labels {
        config.labels.clone_from(labels);
    }
    config.allow_duplicates |= args.allow_duplicates;
    // A model to begin with has its own, and was held against what is asked for.
    if let Some(choice) = args.sensors.filter(|_| config.from.is_none()) {
        config.preprocessing.keep_sensors(choice.sensors());
    }
    config.network.hidden = args.hidden.or(config.network.hidden);
    config.network.layers = args.layers.or(config.network.layers);
    set(&mut config.training.epochs, args.epochs.as_ref());
    set(&mut config.training.batch, args.batch.as_ref());
    set(&mut config.training.learning_rate, args.learning_rate.as_ref());
    set(&mut config.training.refit, args.refit.as_ref());
    set(&mut config.threads, args.threads.as_ref());
    set(&mut config.training.balance, args.balance.as_ref());
    for (target, given) in [
        (&mut config.test_on, &args.test_on),
        (&mut config.placements, &args.placements),
        (&mut config.test_placements, &args.test_placements),
    ] {
        if !given.is_empty() {
            target.clone_from(given);
        }
    }
    if !args.data.is_empty() {
        config.data.clone_from(&args.data);
    }
    if args.seed.is_some() || args.seeds.is_some() {
        let first = args.seed.unwrap_or(config.seeds.first().copied().unwrap_or(1));
        let count = args.seeds.unwrap_or(1);
        if count > 10_000 {
            return Err(Usage(format!("--seeds is {count}, expected at most 10000")).into());
        }
        let end = first
            .checked_add(count)
            .ok_or_else(|| Usage(format!("--seed is {first}: no room for {count} seeds")))?;
        config.seeds = (first..end).collect();
    }
    Ok(config)
}

/// What nobody asked for follows the data: the protocol, the sensors, and whether higher rates are lowered.
fn suit(config: &mut Config, args: &TrainArgs, dataset: &Dataset) {
    if Protocol::Official.split(dataset, 1).is_ok() {
        return;
    }
    if args.sensors.is_none() && config.from.is_none() && !everyone_has(dataset, Sensor::Gyroscope) {
        say!("note: not every recording has a gyroscope, so acceleration alone is used");
        config.preprocessing.keep_sensors(&[Sensor::Accelerometer]);
    }
    if args.protocol.is_none() && args.test_on.is_empty() {
        let people = dataset.subjects().len();
        config.protocol = match &dataset.published_test {
            Some(test) if !test.is_empty() => Protocol::Published,
            _ if people >= 2 * usize::from(GROUPS) => Protocol::Groups(GROUPS),
            _ => Protocol::Loso,
        };
        say!("note: protocol {}", config.protocol);
    }
    // As many as the default of four of 21 people to develop on, at least one.
    let validation = (dataset.subjects().len() / 5).clamp(1, config.validation.subjects);
    config.validation.subjects = validation;
}

/// A directory named after the moment, in UTC so that names sort by time everywhere.
fn default_directory(config: &Config) -> PathBuf {
    let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string();
    let stamp: String = now.chars().filter(char::is_ascii_digit).collect();
    let (date, time) = stamp.split_at(8);
    Path::new("runs").join(format!("{date}-{time}-{}", config.model))
}

/// The first Ctrl-C asks for a stop after the current step; the second ends the process at once, which costs the
/// steps since the last epoch.
pub(super) fn watch_for_ctrl_c(stop: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let flag = Arc::clone(stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        say!("\nstopping after this step; once more to stop at once");
    })
    .context("cannot watch for Ctrl-C")
}

pub(super) fn print(directory: &Path, metrics: &Metrics, json: bool) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    if json {
        let path = directory.join(METRICS);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        out.write_all(&text)?;
        return Ok(());
    }
    let t = &metrics.test;
    let seeds = match metrics.seeds.len() {
        1 => String::new(),
        n => format!(", mean of {n} seeds (sd {:.2} points)", 100.0 * t.accuracy.sd),
    };
    writeln!(
        out,
        "test accuracy {:.2} %, 95 % interval {:.2} to {:.2}{seeds}",
        100.0 * t.accuracy.mean,
        100.0 * t.accuracy.ci95[0],
        100.0 * t.accuracy.ci95[1]
    )?;
    write!(out, "test macro-F1 {:.4}", t.macro_f1.mean)?;
    if let Some(ece) = t.ece {
        write!(out, ", expected calibration error {ece:.4}")?;
    }
    writeln!(out)?;
    writeln!(
        out,
        "protocol {}: {} windows of {} people whom nothing was trained or chosen on",
        metrics.protocol,
        thousands(metrics.windows.test),
        metrics.subjects.test.len()
    )?;
    if let (Some(turned), Some(worst)) = (t.wearing(Wearing::Turned), t.worst_facing()) {
        writeln!(
            out,
            "worn facing any way: {:.2} %, at worst {:.2} % ({})",
            100.0 * turned.accuracy.mean,
            100.0 * worst.accuracy.mean,
            worst.wearing.replace('-', " ") + " degrees"
        )?;
    }
    writeln!(out, "trained in {:.1} s on {} threads", metrics.train_seconds, metrics.threads)?;
    if directory.join(MODEL).is_file() {
        writeln!(out, "model   {}", directory.join(MODEL).display())?;
    }
    writeln!(out, "report  {}", directory.join(REPORT).display())?;
    Ok(())
}

/// A path as a shell reads it.
pub(super) fn quote(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_the_shell_only_where_needed() {
        assert_eq!(quote(Path::new("runs/a-1")), "runs/a-1");
        assert_eq!(quote(Path::new("my run")), "'my run'");
        assert_eq!(quote(Path::new("it's")), r"'it'\''s'");
    }
}
