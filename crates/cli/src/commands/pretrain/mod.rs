//! `ambulo pretrain`

mod material;
mod progress;

use super::data::everyone_has;
use super::thousands;
use super::train::{INTERRUPTED, quote, watch_for_ctrl_c};
use crate::cli::PretrainArgs;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_data::Dataset;
use ambulo_model::Objective;
use ambulo_signal::{Resampling, Sensor};
use ambulo_train::{
    Asked, Config, Material, PretextEpoch, PretrainConfig, PretrainPeople, Pretrained, pretrain,
};
use progress::Watching;
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What `--json` prints.
#[derive(Serialize)]
struct Figures<'a> {
    version: u32,
    file: String,
    objective: Objective,
    model: &'a str,
    #[serde(flatten)]
    material: &'a Material,
    epochs: &'a [PretextEpoch],
    seconds: f64,
}

pub(crate) fn run(args: &PretrainArgs) -> anyhow::Result<ExitCode> {
    if args.out.is_dir() {
        let text = format!("{} is a directory\nhint: --out names the encoder's file", args.out.display());
        return Err(Usage(text).into());
    }
    if args.out.exists() && !args.force {
        let text = format!("{} is there already\nhint: --force overwrites it", args.out.display());
        return Err(Usage(text).into());
    }
    let mut options = options(args)?;
    let Some(dataset) = material::open(&args.from, &args.placements)? else {
        return Err(anyhow::anyhow!(
            "there is no recording to learn from; nothing is written\nhint: `ambulo inspect` says what files hold, and `ambulo \
             convert` writes those with units or columns of their own as ones that need no word"
        ));
    };
    suit(&mut options.config, args, &dataset);
    let stop = Arc::new(AtomicBool::new(false));
    watch_for_ctrl_c(&stop)?;
    let began = Instant::now();
    let mut watching = Watching::new(options.epochs, options.objective);
    let done = pretrain(&dataset, &options, &stop, &mut watching);
    watching.finish();
    let Some(done) = done? else {
        say!("stopped; nothing is written");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    done.model.save(&args.out)?;
    print(args, &options, &done, began.elapsed().as_secs_f64())?;
    Ok(ExitCode::SUCCESS)
}

fn options(args: &PretrainArgs) -> anyhow::Result<PretrainConfig> {
    let asked = Asked {
        model: Some(args.model),
        orientation: Some(args.orientation),
        rate_hz: args.rate,
        window: args.window,
        ..Asked::default()
    };
    let mut config = asked.alone()?;
    config.preprocessing.keep_sensors(args.sensors.map_or(&Sensor::ALL[..], |choice| choice.sensors()));
    // Recordings come at any rate; what is slower is passed over.
    config.preprocessing.resampling = Resampling::Linear;
    config.threads = args.threads;
    config.validate()?;
    let mut options = PretrainConfig::of(config, args.objective);
    options.people = PretrainPeople {
        only: args.people.as_ref().map(|list| list.iter().cloned().collect()),
        without: args.without_people.iter().cloned().collect(),
        test_people: args.all_people,
    };
    options.balance = args.balance.unwrap_or(options.balance);
    options.epochs = args.epochs.unwrap_or(options.epochs);
    options.batch = args.batch.unwrap_or(options.batch);
    options.learning_rate = args.learning_rate.unwrap_or(options.learning_rate);
    options.seed = args.seed;
    Ok(options)
}

/// Sensors that nobody asked for follow the recordings.
fn suit(config: &mut Config, args: &PretrainArgs, dataset: &Dataset) {
    if args.sensors.is_none() && !everyone_has(dataset, Sensor::Gyroscope) {
        say!(
            "note: not every recording has a gyroscope, so acceleration alone is used; --sensors all passes those without over"
        );
        config.preprocessing.keep_sensors(&[Sensor::Accelerometer]);
    }
}

fn print(
    args: &PretrainArgs,
    options: &PretrainConfig,
    done: &Pretrained,
    seconds: f64,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if args.json {
        let figures = Figures {
            version: 1,
            file: args.out.display().to_string(),
            objective: options.objective,
            model: options.config.model.name(),
            material: &done.material,
            epochs: &done.epochs,
            seconds,
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&figures)?)?;
        return Ok(());
    }
    if let Some(last) = done.epochs.last() {
        let held =
            last.validation_loss.map_or(String::new(), |loss| format!(", {loss:.4} on people held out"));
        writeln!(out, "{} loss {:.4}{held}", options.objective, last.train_loss)?;
    }
    let m = &done.material;
    writeln!(
        out,
        "{} windows of {} people, without their labels, in {seconds:.1} s",
        thousands(m.windows),
        m.people.len()
    )?;
    writeln!(out, "encoder {}", args.out.display())?;
    hint(&args.out);
    Ok(())
}

fn hint(file: &Path) {
    say!("hint: it knows no activity yet; with labelled data: ambulo train --from {}", quote(file));
}
