//! `ambulo inspect`

mod described;
mod duplicates;
pub(super) mod envelope;
mod judge;
mod known;
pub(super) mod page;
mod picture;
mod recording;
pub(super) mod strip;
pub(super) mod text;

pub(super) use known::{Known, overview};

use super::load_model;
use super::reading::{Failure, Item, Tally, declared, find, which};
use crate::cli::InspectArgs;
use crate::progress::Reading;
use crate::talk::{say, shown};
use ambulo_formats::ReadOptions;
use ambulo_model::Predictor;
use ambulo_record::overview::{Overview, ZoomedOut};
use ambulo_signal::{Finding, Severity};
use described::{FailureReport, FileReport, VERSION};
use judge::Judge;
use recording::Way;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.html {
        page::prepare(path, &args.files)?;
    }
    let model = args.model.as_deref().map(load_model).transpose()?.map(Predictor::new);
    let (mut options, declared) = declared(&args.reading)?;
    options.identity = args.identity;
    let mut items = find(&args.files);
    if let Some(path) = &args.html {
        // The page of an earlier time lies in the folder, and is going to be another.
        items.retain(|item| !page::is_same(path, Path::new(&item.file)));
    }
    let progress = Reading::new(items.len());
    let judge = model.as_ref().map_or(Judge::Usual, Judge::Model);
    let columns = args.html.is_some().then(|| picture::columns(items.len()));
    let way = Way { declared: &declared, judge: &judge, progress: &progress, columns };
    let twins = duplicates::find(&items, &progress);
    let ascii = strip::is_ascii();

    let mut tally = Tally::default();
    let mut unusable: Vec<(String, String)> = Vec::new();
    let mut pages: Vec<Overview> = Vec::new();
    let mut first = true;
    for (number, item) in items.iter().enumerate() {
        progress.file(number, &item.file);
        let duplicate = duplicates::finding(&twins, &items, number);
        let (report, failure) = inspect(item, &options, &way, duplicate.as_ref());
        if let Some((report, signals)) = &report {
            unusable.extend(reasons(report).map(|reason| (report.file.clone(), reason)));
            if args.html.is_some() {
                pages.extend(picture::pages(report, signals));
            }
        }
        let mut text = Vec::new();
        match (&report, &failure, args.json) {
            (Some((report, _)), _, true) => {
                serde_json::to_writer(&mut text, report)?;
                text.push(b'\n');
            }
            (None, Some(error), true) => {
                let failed = FailureReport { version: VERSION, file: &item.file, error };
                serde_json::to_writer(&mut text, &failed)?;
                text.push(b'\n');
            }
            (Some((report, _)), _, false) => {
                if !std::mem::take(&mut first) {
                    text.push(b'\n');
                }
                text::write(&mut text, report, ascii)?;
            }
            (None, ..) => {}
        }
        progress.aside(|| {
            let mut out = io::stdout().lock();
            out.write_all(&text).and_then(|()| out.flush())
        })?;
        tally.take(item, failure);
    }
    progress.finish();
    tally.add_barren(&args.files, &items);
    tell(&tally, &twins, &items, &unusable);
    if let Some(path) = &args.html {
        page::write(path, &pages, &tally.told())?;
        say!("page  {}", path.display());
    }
    Ok(if unusable.is_empty() && tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is said of a file, with pictures of the signals of its recordings; and why something of it, or all, is missing.
type Inspected = (Option<(FileReport, Vec<Vec<ZoomedOut>>)>, Option<Failure>);

fn inspect(item: &Item, options: &ReadOptions, way: &Way<'_>, duplicate: Option<&Finding>) -> Inspected {
    let opened = match &item.candidate {
        Ok(candidate) => candidate.open(options).map_err(|error| Failure::from(&error)),
        Err(failure) => Err(failure.clone()),
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(failure) => return (None, Some(failure)),
    };
    let (format, because) = opened.first().map_or((String::new(), String::new()), |first| {
        (first.format_name().to_owned(), first.because().to_owned())
    });
    let (mut recordings, mut signals, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let which = which(&opened);
    for (opened, which) in opened.into_iter().zip(which) {
        match recording::inspect(opened, which.clone(), way, duplicate) {
            Ok((recording, zoomed)) => {
                recordings.push(recording);
                signals.push(zoomed);
            }
            Err(error) => failed.push(Failure::from(&error).of(which.as_deref())),
        }
    }
    let failure = Failure::of_all(failed);
    if recordings.is_empty() {
        return (None, failure);
    }
    let file = item.file.clone();
    let report = FileReport { version: VERSION, file, format, because, recordings, error: failure.clone() };
    (Some((report, signals)), failure)
}

/// Why the recordings of a file that are not usable are not.
fn reasons(report: &FileReport) -> impl Iterator<Item = String> {
    report.recordings.iter().filter(|recording| !recording.usable).map(|recording| {
        let mut refused = recording.report.findings.iter().filter(|f| f.severity == Severity::Refusal);
        let reason =
            refused.next().map_or_else(|| recording.model.reason.clone(), |finding| finding.text.clone());
        recording.which.as_ref().map_or(reason.clone(), |which| format!("{which}: {reason}"))
    })
}

/// Says on stderr what concerns more than one file, when all are through.
fn tell(tally: &Tally, twins: &[Vec<usize>], items: &[Item], unusable: &[(String, String)]) {
    for group in twins {
        let files: Vec<String> = group.iter().map(|&number| shown(&items[number].file)).collect();
        say!("warning: the same bytes: {}", files.join(" = "));
    }
    if tally.files > 1 {
        for (file, reason) in unusable {
            say!("not usable: {}: {reason}", shown(file));
        }
    }
    tally.say("read");
    let bad: BTreeSet<&str> = unusable
        .iter()
        .map(|(file, _)| file.as_str())
        .chain(tally.failed.iter().map(|(file, _)| file.as_str()))
        .collect();
    if tally.files > 1 && !bad.is_empty() {
        say!("{} of {} files are usable", tally.files.saturating_sub(bad.len()), tally.files);
    }
}
