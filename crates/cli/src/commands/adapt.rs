//! `ambulo adapt`

mod unlabelled;

use super::classify;
use super::evaluate::truth;
use super::load_model;
use super::reading::stated;
use crate::cli::{AdaptArgs, AdaptMethod};
use crate::failure::Usage;
use crate::talk::{say, shown};
use ambulo_formats::{Opened, ReadOptions};
use ambulo_model::adapt::{
    AdaptError, Adapted, Collected, Examples, InputExamples, SaidInterval, TUNING, Unlabelled, adapt,
    adapt_also, adapt_network,
};
use ambulo_model::shipped::Shipped;
use ambulo_model::{Model, Predictor};
use ambulo_record::{Adaptation, atomic};
use ambulo_signal::intake::Declared;
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A recording and what was done in it.
struct Labelled {
    name: String,
    recording: Opened,
    said: Vec<SaidInterval>,
}

pub(crate) fn run(args: &AdaptArgs) -> anyhow::Result<ExitCode> {
    let model = load_model(&args.model)?;
    if same_file(&args.model, &args.out) {
        let text = "--out is the model that is to be adapted, which stays as it is\nhint: name another file";
        return Err(Usage(text.into()).into());
    }
    let base = base(&args.model, &model)?;
    let (options, declared) = stated(&args.stated, args.format.as_deref(), args.axes)?;
    let adapted = match args.without_labels {
        Some(how) => {
            let recordings = unlabelled::open(&args.recordings, &options)?;
            unlabelled::adapted(how, model, recordings, &declared, (args.shrinkage, &base))?
        }
        None => {
            let recordings = match &args.labels {
                Some(table) => by_table(table, &args.recordings, &options)?,
                None => by_name(&args.recordings, &options)?,
            };
            by_labels(args, model, recordings, &declared, &base)?
        }
    };
    write(&args.out, &adapted)?;
    let adaptation = adapted.adaptation;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&adaptation)?)?;
    } else {
        if !adaptation.activities.is_empty() {
            print(&mut out, &adaptation)?;
        }
        if let Some(used) = &adaptation.unlabelled {
            unlabelled::print(&mut out, used)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The model that labelled recordings make.
fn by_labels(
    args: &AdaptArgs,
    model: Model,
    mut recordings: Vec<Labelled>,
    declared: &Declared,
    base: &str,
) -> anyhow::Result<Adapted> {
    let predictor = Predictor::new(model);
    let (mut examples, mut rest) = (Given::for_method(args.method), Unlabelled::default());
    for one in &mut recordings {
        let name = shown(&one.name);
        if args.also_unlabelled {
            predictor
                .collect_unlabelled(&mut one.recording, declared, &one.said, &mut rest)
                .with_context(|| cannot(&one.name))?;
        }
        let collected = examples.collect(&predictor, one, declared).with_context(|| cannot(&one.name))?;
        doubts(&one.name, &collected);
        for number in collected.without_window {
            let said = &one.said[number];
            say!(
                "note: {name}: `{}` {}is too short, or has a pause, for a window of {:.2} s; left out",
                said.activity,
                place(said),
                window_s(&predictor)
            );
        }
    }
    let (model, shrinkage) = (predictor.model(), args.shrinkage);
    Ok(match &examples {
        Given::Seen(examples) if args.also_unlabelled => adapt_also(model, examples, &rest, shrinkage, base)?,
        Given::Seen(examples) => adapt(model, examples, shrinkage, base)?,
        Given::Inputs(examples) => adapt_network(model, examples, shrinkage, &TUNING, base)?,
    })
}

/// Examples, with what the method needs of them.
enum Given {
    Seen(Examples),
    Inputs(InputExamples),
}

impl Given {
    fn for_method(method: AdaptMethod) -> Self {
        match method {
            AdaptMethod::Head => Self::Seen(Examples::default()),
            AdaptMethod::Network => Self::Inputs(InputExamples::default()),
        }
    }

    fn collect(
        &mut self,
        predictor: &Predictor,
        Labelled { recording, said, .. }: &mut Labelled,
        declared: &Declared,
    ) -> Result<Collected, AdaptError> {
        match self {
            Self::Seen(examples) => predictor.collect(recording, declared, said, examples),
            Self::Inputs(examples) => predictor.collect_inputs(recording, declared, said, examples),
        }
    }
}

/// What stands before the reason.
fn cannot(name: &str) -> String {
    format!("{} cannot be learned from", shown(name))
}

/// Says what makes a recording doubtful.
fn doubts(name: &str, collected: &Collected) {
    classify::warn(name, &collected.findings);
    if !collected.vertical {
        say!(
            "note: {}: nobody walks about in it, so that which way was up is taken from other people\n\
             hint: record some steps with the device worn the same way, or say it: --axes x=up",
            shown(name)
        );
    }
}

/// Writes a personal model and its card, and says where.
pub(super) fn write(out: &Path, Adapted { model, adaptation }: &Adapted) -> anyhow::Result<()> {
    let card = out.with_extension("md");
    let text = ambulo_report::personal_card(&name_of(out), adaptation, &labels(model));
    model.save(out).with_context(|| format!("cannot write {}", out.display()))?;
    atomic::write(&card, text.as_bytes()).with_context(|| format!("cannot write {}", card.display()))?;
    say!("model    {}", out.display());
    say!("card     {}", card.display());
    if let Some(held_out) = adaptation.held_out().filter(|h| h.right_after < h.right_before) {
        say!(
            "note: of {} windows that were held out {} are right after, {} before: examples and model contradict each other\n\
             hint: look whether labels are at the right times, or give more of each activity",
            held_out.windows,
            held_out.right_after,
            held_out.right_before
        );
    }
    Ok(())
}

fn labels(model: &Model) -> Vec<String> {
    model.metadata().labels.names().map(str::to_owned).collect()
}

fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "personal".into(), |name| name.to_string_lossy().into_owned())
}

fn same_file(a: &Path, b: &Path) -> bool {
    let file = |path: &Path| {
        let path = if path.is_dir() { path.join(ambulo_record::files::MODEL) } else { path.to_owned() };
        path.canonicalize().ok()
    };
    file(a).is_some_and(|a| file(b).is_some_and(|b| a == b))
}

/// The name of a model inside, or the SHA-256 of a file.
fn base(path: &Path, model: &Model) -> anyhow::Result<String> {
    let shipped = path.to_str().and_then(Shipped::named).filter(|_| !path.exists());
    Ok(match shipped {
        Some(shipped) => shipped.name.to_owned(),
        None => base_of(model)?,
    })
}

/// SHA-256 of a model's file.
pub(super) fn base_of(model: &Model) -> anyhow::Result<String> {
    Ok(ambulo_data::hash::sha256(&model.to_bytes()?))
}

fn by_table(table: &Path, files: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Vec<Labelled>> {
    let labelled = truth::open(table, files, options)?;
    let said = |interval: ambulo_data::LabelInterval| SaidInterval {
        start_ns: interval.start_ns,
        end_ns: interval.end_ns,
        activity: interval.label.to_string(),
    };
    Ok(labelled
        .into_iter()
        .map(|one| Labelled {
            name: one.name,
            recording: one.recording,
            said: one.labels.into_iter().map(said).collect(),
        })
        .collect())
}

fn by_name(words: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Vec<Labelled>> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        let text = word.to_string_lossy();
        let Some((activity, file)) = text.split_once('=').filter(|_| !word.exists()) else {
            return Err(Usage(format!(
                "{text}: it is not said what was done\n\
                 hint: ACTIVITY=FILE for a recording of one activity, or --labels TABLE.csv with start_s, end_s and label"
            ))
            .into());
        };
        let recording = truth::open_one(Path::new(file), options)?;
        let whole =
            SaidInterval { start_ns: i64::MIN, end_ns: i64::MAX, activity: activity.trim().to_owned() };
        all.push(Labelled { name: file.to_owned(), recording, said: vec![whole] });
    }
    Ok(all)
}

/// Where an interval lies, if it is not the whole recording.
fn place(said: &SaidInterval) -> String {
    if said.start_ns == i64::MIN {
        return String::new();
    }
    format!("from {:.2} to {:.2} s ", said.start_ns as f64 / 1e9, said.end_ns as f64 / 1e9)
}

fn window_s(predictor: &Predictor) -> f64 {
    let p = &predictor.model().metadata().preprocessing;
    p.nanoseconds(p.window) as f64 / 1e9
}

fn print(out: &mut dyn std::io::Write, adaptation: &Adaptation) -> std::io::Result<()> {
    let width = adaptation.activities.iter().map(|a| a.name.len()).max().unwrap_or(0).max(8);
    writeln!(out, "{:width$}  seconds  segments  windows  held out: right before, after", "activity")?;
    for activity in &adaptation.activities {
        let held_out = match activity.held_out {
            Some(h) if activity.new => format!("{:>8}  {:>5.1} %", "new", share(h.right_after, h.windows)),
            Some(h) => format!(
                "{:>6.1} %  {:>5.1} %",
                share(h.right_before, h.windows),
                share(h.right_after, h.windows)
            ),
            None => "too little to hold any out".into(),
        };
        writeln!(
            out,
            "{:width$}  {:>7.1}  {:>8}  {:>7}  {held_out}",
            activity.name, activity.seconds, activity.segments, activity.windows
        )?;
    }
    if let Some(all) = adaptation.held_out() {
        let (before, after) = (share(all.right_before, all.windows), share(all.right_after, all.windows));
        writeln!(
            out,
            "{:width$}  {:>7}  {:>8}  {:>7}  {before:>6.1} %  {after:>5.1} %",
            "all", "", "", all.windows
        )?;
    }
    Ok(())
}

fn share(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of.max(1) as f64
}
