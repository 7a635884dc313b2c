//! `ambulo convert`

pub(super) mod names;

use super::output::Lines;
use super::reading::{Failure, Item, Tally, declared, find, hint, which};
use super::thousands;
use crate::cli::ConvertArgs;
use crate::progress::Reading;
use crate::talk::{say, shown};
use ambulo_formats::{ConvertError, Converted, Opened, ReadOptions, convert};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{Chunk, Finding, Header, Severity, SignalError, Source, SourceError};
use anyhow::Context as _;
use names::{Names, origin, placements};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Version of the JSON; what is added does not raise it.
const VERSION: u32 = 1;

/// What is said of a recording that was converted.
#[derive(Serialize)]
struct ConvertedReport<'a> {
    version: u32,
    file: &'a str,
    format: String,
    written: Vec<String>,
    rows: u64,
    left_out: u64,
    findings: Vec<Finding>,
}

/// What is said of a file that was not.
#[derive(Serialize)]
struct FailureReport<'a> {
    version: u32,
    file: &'a str,
    error: &'a Failure,
}

/// A recording that tells how far its reading is.
struct Watched<'a> {
    source: Opened,
    /// That of the source, with the origin that the file is to state.
    header: Header,
    progress: &'a Reading,
    pass: &'static str,
}

impl Source for Watched<'_> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        if let Some(&time_ns) = chunk.parts.iter().filter_map(|part| part.times_ns.last()).max() {
            self.progress.reached(time_ns as f64 / 1e9, self.pass);
        }
        if !more {
            self.header.findings.clone_from(&self.source.header().findings);
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.pass = "writing: ";
        self.source.rewind()
    }
}

pub(crate) fn run(args: &ConvertArgs) -> anyhow::Result<ExitCode> {
    let (options, declared) = declared(&args.reading)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the directory {}", args.out.display()))?;
    let items = find(&args.files);
    let progress = Reading::new(items.len());
    let mut names = Names::default();
    let mut out = Lines::default();
    let mut tally = Tally::default();
    for (number, item) in items.iter().enumerate() {
        progress.file(number, &item.file);
        let failure = file(item, args, &options, &declared, &mut names, &mut out, &progress)?;
        if let Some(error) = &failure
            && args.json
        {
            let report = FailureReport { version: VERSION, file: &item.file, error };
            let text = serde_json::to_string(&report)?;
            progress.aside(|| out.line(&text))?;
        }
        tally.take(item, failure);
    }
    progress.finish();
    tally.add_barren(&args.files, &items);
    tally.say("converted");
    Ok(if tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Converts the recordings of a file, as many as can be; why one of them could not.
fn file(
    item: &Item,
    args: &ConvertArgs,
    options: &ReadOptions,
    declared: &Declared,
    names: &mut Names,
    out: &mut Lines,
    progress: &Reading,
) -> anyhow::Result<Option<Failure>> {
    let opened = match &item.candidate {
        Ok(candidate) => candidate.open(options).map_err(|error| Failure::from(&error)),
        Err(failure) => Err(failure.clone()),
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(failure) => return Ok(Some(failure)),
    };
    let mut failed = Vec::new();
    let which = which(&opened);
    let placements = placements(&opened);
    // Of what lies below a folder the way there: files of several people or days often have one name.
    let given = args.files.get(item.argument).map_or(Path::new(""), PathBuf::as_path);
    let origin = origin(Path::new(&item.file), given);
    for ((opened, which), placement) in opened.into_iter().zip(which).zip(placements) {
        let format = opened.format_name().to_owned();
        let name = names.choose(Path::new(&item.file), placement.as_deref());
        let mut header = opened.header().clone();
        // A file that was converted before knows an earlier one.
        if let Some(origin) = &origin
            && opened.path().file_name().is_some_and(|name| name.to_string_lossy() == header.origin)
        {
            header.origin.clone_from(origin);
        }
        let source = Watched { source: opened, header, progress, pass: "" };
        match recording(source, &format, &name, args, declared) {
            Ok((done, findings)) => {
                let warnings = findings.iter().filter(|finding| finding.severity != Severity::Note).count();
                let written = done.files.iter().map(|file| file.display().to_string()).collect();
                let report = ConvertedReport {
                    version: VERSION,
                    file: &item.file,
                    format,
                    written,
                    rows: done.rows,
                    left_out: done.left_out,
                    findings,
                };
                let json = args.json.then(|| serde_json::to_string(&report)).transpose()?;
                progress.aside(|| -> io::Result<()> {
                    if let Some(json) = json {
                        return out.line(&json);
                    }
                    for path in &done.files {
                        out.line(&shown(&path.display().to_string()))?;
                    }
                    let which = which.as_ref().map_or(String::new(), |which| format!(", {which}"));
                    let rows = thousands(done.rows as usize);
                    say!("{}{which}: {rows} rows{}", shown(&item.file), remark(&done, warnings));
                    Ok(())
                })?;
            }
            Err(failure) => failed.push(failure.of(which.as_deref())),
        }
    }
    Ok(Failure::of_all(failed))
}

fn remark(done: &Converted, warnings: usize) -> String {
    let mut all = String::new();
    if done.files.len() > 1 {
        all += &format!(", in {} files: its clock begins anew", done.files.len());
    }
    if done.left_out > 0 {
        all += &format!(", {} samples came too late for the others and are left out", done.left_out);
    }
    match warnings {
        0 => {}
        1 => all += ", with a warning: `ambulo inspect` shows it",
        n => all += &format!(", with {n} warnings: `ambulo inspect` shows them"),
    }
    all
}

fn recording(
    mut source: Watched<'_>,
    format: &str,
    name: &str,
    args: &ConvertArgs,
    declared: &Declared,
) -> Result<(Converted, Vec<Finding>), Failure> {
    let report = survey(&mut source, declared).map_err(|error| Failure::from(&error))?;
    let done = convert(&mut source, format, &report, declared, &args.out, name, args.force);
    let done = done.map_err(|error| match &error {
        ConvertError::Source(error) => Failure::from(error),
        ConvertError::Refused { finding } => {
            let hint = hint(finding).map_or(String::new(), |hint| format!("\nhint: {hint}"));
            Failure::new("refused", &format!("not written: {}{hint}", finding.text))
        }
        ConvertError::Signal(SignalError::NoUnit { .. }) => {
            let finding = report.refusals().next();
            let text = finding.map_or(error.to_string(), |finding| finding.text.clone());
            let hint = finding.and_then(hint).map_or(String::new(), |hint| format!("\nhint: {hint}"));
            Failure::new("refused", &format!("not written: {text}{hint}"))
        }
        ConvertError::Exists { .. } => {
            Failure::new("exists", &format!("{error}\nhint: --force overwrites it"))
        }
        _ => Failure::new("io", &error.to_string()),
    })?;
    Ok((done, report.findings))
}
