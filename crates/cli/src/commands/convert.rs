//! `ambulo convert`

use super::reading::{Failure, Item, Tally, declared, find, hint};
use super::thousands;
use crate::cli::ConvertArgs;
use crate::progress::Reading;
use crate::talk::say;
use ambulo_formats::{ConvertError, Converted, Opened, ReadOptions, convert};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{Chunk, Finding, Header, Severity, SignalError, Source, SourceError};
use anyhow::Context as _;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
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
    progress: &'a Reading,
    pass: &'static str,
}

impl Source for Watched<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        if let Some(&time_ns) = chunk.parts.iter().filter_map(|part| part.times_ns.last()).max() {
            self.progress.reached(time_ns as f64 / 1e9, self.pass);
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
    let mut tally = Tally::default();
    for (number, item) in items.iter().enumerate() {
        progress.file(number, &item.file);
        let failure = file(item, args, &options, &declared, &mut names, &progress)?;
        if let Some(error) = &failure
            && args.json
        {
            let report = FailureReport { version: VERSION, file: &item.file, error };
            let text = serde_json::to_string(&report)?;
            progress.aside(|| writeln!(io::stdout().lock(), "{text}"))?;
        }
        match failure {
            Some(failure) => tally.fail(item, failure),
            None => tally.files += 1,
        }
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
    let mut failed = None;
    for opened in opened {
        let format = opened.format_name().to_owned();
        let name = names.choose(Path::new(&item.file));
        match recording(opened, &format, &name, args, declared, progress) {
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
                    let mut out = io::stdout().lock();
                    if let Some(json) = json {
                        return writeln!(out, "{json}");
                    }
                    for path in &done.files {
                        writeln!(out, "{}", path.display())?;
                    }
                    say!("{}: {} rows{}", item.file, thousands(done.rows as usize), remark(&done, warnings));
                    Ok(())
                })?;
            }
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    Ok(failed)
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
    opened: Opened,
    format: &str,
    name: &str,
    args: &ConvertArgs,
    declared: &Declared,
    progress: &Reading,
) -> Result<(Converted, Vec<Finding>), Failure> {
    let mut source = Watched { source: opened, progress, pass: "" };
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

/// Names of files that were given out.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// A new one, from the name of a file or folder on the disk: never from that of an archive's member, which anybody may have
    /// written.
    fn choose(&mut self, path: &Path) -> String {
        let base = base(path);
        let taken = |name: &String| !self.0.contains(&name.to_lowercase());
        let numbered = (2..).map(|n: u64| format!("{base}-{n}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(taken).unwrap_or(base.clone());
        self.0.insert(name.to_lowercase());
        name
    }
}

fn base(path: &Path) -> String {
    let there = path.ancestors().find(|path| !path.as_os_str().is_empty() && path.exists());
    let there: PathBuf = there.map_or_else(|| path.to_owned(), Path::to_owned);
    // `.` and `..` have no name of their own.
    let named = if there.file_name().is_some() {
        there.clone()
    } else {
        there.canonicalize().unwrap_or(there.clone())
    };
    let name =
        named.file_name().map_or_else(|| "recording".to_owned(), |name| name.to_string_lossy().into_owned());
    if there.is_dir() {
        return plain(&name);
    }
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".GZ")).unwrap_or(&name);
    plain(name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem }))
}

/// Without a number behind a point, which is how parts of one recording are told apart.
fn plain(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, end)) if !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{stem}-{end}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_disk_and_are_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["Walk.csv", "walk.txt", "a.zip", "b.csv.gz", "part.1.csv"] {
            std::fs::write(path(name), "").unwrap();
        }
        let mut names = Names::default();
        assert_eq!(names.choose(&path("Walk.csv")), "Walk");
        assert_eq!(names.choose(&path("walk.txt")), "walk-2");
        assert_eq!(names.choose(&path("a.zip/../../etc/passwd")), "a");
        assert_eq!(names.choose(&path("a.zip/b.csv")), "a-2");
        assert_eq!(names.choose(&path("b.csv.gz")), "b");
        assert_eq!(names.choose(&path("part.1.csv")), "part-1");
    }
}
