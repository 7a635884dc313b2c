//! `ambulo personal`

mod models;
mod print;

use super::data::{open_data, open_each};
use super::load_model;
use super::train::quote;
use crate::cli::{PersonalArgs, WayStep};
use crate::failure::Usage;
use crate::talk::say;
use ambulo_data::Dataset;
use ambulo_record::files::{PERSONAL, PERSONAL_PAGE};
use ambulo_record::{NewActivity, PersonalFigures, atomic};
use ambulo_train::personal::{Personal, PersonalSource, Question, Step, Way};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Seconds of each activity where nothing is said.
const USUAL_SECONDS: f64 = 10.0;

pub(crate) fn run(args: &PersonalArgs) -> anyhow::Result<ExitCode> {
    let way = Way { steps: args.way.iter().copied().map(step).collect(), shrinkage: args.shrinkage };
    let command = command(args, &way);
    // Before anything is computed.
    if let Some(out) = &args.out {
        refuse_foreign(out, &command)?;
    }
    let models = models::open(&args.models)?;
    let dataset = open_data(&args.data)?;
    let trained_on = trained_on(&models, &args.data, &dataset)?;
    let timeline = args.timeline.as_deref().map(load_model).transpose()?;
    let timeline_name = args.timeline.as_ref().map(|path| path.to_string_lossy());
    let question = Question {
        seconds: seconds(args, &way),
        pieces: args.pieces,
        draws: args.draws,
        new: args.new.as_ref().map(|activity| NewActivity { activity: activity.clone(), alone: args.alone }),
        way,
        across: args.across,
    };
    let personal = Personal {
        models,
        dataset: &dataset,
        trained_on: &trained_on,
        timeline: timeline_name.as_deref().zip(timeline.as_ref()),
        question,
        threads: args.threads,
        command: &command,
    };
    let figures = personal.measure(&|text| say!("{text}"))?;
    if let Some(out) = &args.out {
        write(out, &figures)?;
    }
    let mut to = std::io::stdout().lock();
    if args.json {
        writeln!(to, "{}", serde_json::to_string_pretty(&figures)?)?;
    } else {
        print::print(&mut to, &figures)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn step(step: WayStep) -> Step {
    match step {
        WayStep::Head => Step::Head,
        WayStep::Network => Step::Network,
        WayStep::AlsoUnlabelled => Step::AlsoUnlabelled,
        WayStep::Clusters => Step::Clusters,
        WayStep::Statistics => Step::Statistics,
    }
}

/// What is asked for, or what is usual where labels are given.
fn seconds(args: &PersonalArgs, way: &Way) -> Vec<f64> {
    if args.seconds.is_empty() && way.takes_labels() { vec![USUAL_SECONDS] } else { args.seconds.clone() }
}

fn write(out: &Path, figures: &PersonalFigures) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut text = serde_json::to_vec_pretty(figures)?;
    text.push(b'\n');
    let json = out.join(PERSONAL);
    atomic::write(&json, &text).with_context(|| format!("cannot write {}", json.display()))?;
    let page = ambulo_report::write_personal(&out.join(PERSONAL_PAGE), figures)?;
    say!("figures  {}", json.display());
    say!("page     {}", page.display());
    Ok(())
}

/// Refuses a directory whose files of these names are not those of the same command, which are made anew.
fn refuse_foreign(out: &Path, command: &str) -> anyhow::Result<()> {
    let [json, page] = [PERSONAL, PERSONAL_PAGE].map(|name| out.join(name));
    let same = PersonalFigures::read(out).is_ok_and(|figures| figures.command == command);
    let found = if json.exists() { &json } else { &page };
    if same || !found.exists() {
        return Ok(());
    }
    let text = format!(
        "{} is there and of something else\nhint: --out names another directory, or take the file away",
        found.display()
    );
    Err(Usage(text).into())
}

/// Data that the models may have been trained on besides those they are asked about.
fn trained_on(
    models: &[PersonalSource],
    words: &[PathBuf],
    dataset: &Dataset,
) -> anyhow::Result<Vec<Dataset>> {
    let forgetful = |source: &&PersonalSource| source.model.metadata().unknown.is_none();
    if !models.iter().any(|source| forgetful(&source)) {
        return Ok(Vec::new());
    }
    // Joined data name people otherwise.
    let mut sets = if words.len() > 1 { open_each(words)? } else { Vec::new() };
    let of_bundled = |source: &PersonalSource| source.model.metadata().provenance.dataset == "hapt";
    let has_bundled = sets.iter().chain([dataset]).any(|set| set.info.name == "hapt");
    if !has_bundled && models.iter().filter(forgetful).any(of_bundled) && cfg!(feature = "bundled-data") {
        sets.extend(open_each(&[PathBuf::from("hapt")])?);
    }
    Ok(sets)
}

/// What a person types for the same.
fn command(args: &PersonalArgs, way: &Way) -> String {
    let mut words = vec!["ambulo personal".to_owned()];
    words.extend(args.models.iter().map(|model| quote(model)));
    words.extend(args.data.iter().map(|data| format!("--data {}", quote(data))));
    if way.steps != [Step::Head] {
        let names: Vec<&str> = way.steps.iter().map(|step| step.name()).collect();
        words.push(format!("--way {}", names.join(",")));
    }
    let seconds: Vec<String> = seconds(args, way).iter().map(ToString::to_string).collect();
    if !seconds.is_empty() {
        words.push(format!("--seconds {}", quote(Path::new(&seconds.join(",")))));
    }
    if args.across {
        words.push("--across".to_owned());
    }
    if let Some(timeline) = &args.timeline {
        words.push(format!("--timeline {}", quote(timeline)));
    }
    words.push(format!("--pieces {} --draws {}", args.pieces, args.draws));
    if let Some(new) = &args.new {
        words.push(format!("--new {}", quote(Path::new(new))));
    }
    if args.alone {
        words.push("--alone".to_owned());
    }
    words.push(format!("--shrinkage {}", args.shrinkage));
    if let Some(out) = &args.out {
        words.push(format!("--out {}", quote(out)));
    }
    words.join(" ")
}
