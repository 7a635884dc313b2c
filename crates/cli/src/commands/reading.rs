//! Recordings as they are named on the command line: what there is to read, how, and what is said of what cannot be read.

use crate::axes::Axes;
use crate::cli::{ReadingArgs, StatedArgs};
use crate::failure::Usage;
use crate::talk::{say, shown};
use ambulo_formats::{
    Candidate, Dialects, ErrorKind, Format, FormatError, Need, Opened, ReadOptions, search,
};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Finding, FindingKind, Sensor, Severity, Source as _, SourceError};
use anyhow::Context as _;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is declared on the command line, for the reader and for the intake.
pub(super) fn declared(args: &ReadingArgs) -> anyhow::Result<(ReadOptions, Declared)> {
    let axes = Axes { map: args.axes.unwrap_or_default(), up: None };
    stated(&args.stated, args.format.as_deref(), axes)
}

/// The same from its parts.
pub(super) fn stated(
    args: &StatedArgs,
    format_name: Option<&str>,
    axes: Axes,
) -> anyhow::Result<(ReadOptions, Declared)> {
    let units = args.units.clone().unwrap_or_default();
    let declared = Declared {
        acceleration: units.of(Sensor::Accelerometer),
        angular_velocity: units.of(Sensor::Gyroscope),
        axes: axes.map,
        up: axes.up,
        max_gap_s: args.max_gap,
        autocalibrate: args.autocalibrate.into(),
        clock_back: args.clock_back.map(Into::into),
    };
    declared.validate()?;
    let dialects = dialects(args)?;
    let (format, dialect) = format(format_name, &dialects)?;
    let options = ReadOptions {
        format,
        dialect,
        dialects,
        columns: args.columns.clone(),
        units,
        rate_hz: args.rate,
        time: args.time,
        device: args.device.clone(),
        variable: args.variable.clone(),
        ..ReadOptions::default()
    };
    Ok((options, declared))
}

/// The dialects of a file that was named.
fn dialects(args: &StatedArgs) -> anyhow::Result<Dialects> {
    let Some(file) = &args.dialects else { return Ok(Dialects::default()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Dialects::parse(&text).map_err(|error| Usage(format!("{}: {error}", file.display())).into())
}

/// A format, or the dialect of a table.
fn format(name: Option<&str>, dialects: &Dialects) -> anyhow::Result<(Option<Format>, Option<String>)> {
    let Some(name) = name else { return Ok((None, None)) };
    match name.parse::<Format>() {
        Ok(format) => Ok((Some(format), None)),
        Err(_) if dialects.names().any(|dialect| dialect.eq_ignore_ascii_case(name)) => {
            Ok((Some(Format::Table), Some(name.to_owned())))
        }
        Err(error) => {
            let names: Vec<&str> = dialects.names().collect();
            Err(Usage(format!("{error}, or a dialect of tables: {}", names.join(", "))).into())
        }
    }
}

/// Why a file, or a recording in it, could not be read.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Failure {
    /// The kind of error, for programs.
    pub(super) kind: &'static str,
    /// What is wrong and where.
    pub(super) text: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hints: Vec<String>,
}

impl Failure {
    pub(super) fn new(kind: &'static str, text: &str) -> Self {
        let (hints, lines): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("hint: "));
        let hints = hints.into_iter().map(|hint| hint["hint: ".len()..].to_owned()).collect();
        Self { kind, text: lines.join("\n"), hints }
    }

    /// The reason for a person; the file is named where the reason does not.
    fn told(&self, file: &str) -> String {
        let named = if self.text.contains(file) { String::new() } else { format!("{file}: ") };
        format!("{named}{}", self.text)
    }

    /// Says which recording of a file it is about, if there are several.
    pub(super) fn of(mut self, which: Option<&str>) -> Self {
        if let Some(which) = which {
            self.text = format!("{which}: {}", self.text);
        }
        self
    }

    /// One for all recordings of a file that failed, with the kind of the first; each hint is given once.
    pub(super) fn of_all(failures: Vec<Self>) -> Option<Self> {
        failures.into_iter().reduce(|mut all, next| {
            all.text = format!("{}\n{}", all.text, next.text);
            for hint in next.hints {
                if !all.hints.contains(&hint) {
                    all.hints.push(hint);
                }
            }
            all
        })
    }
}

impl From<&FormatError> for Failure {
    fn from(error: &FormatError) -> Self {
        let kind = error.kind();
        let mut failure = Self::new(name(kind), &error.to_string());
        failure.hints.extend(option(kind).map(str::to_owned));
        failure
    }
}

impl From<&SourceError> for Failure {
    fn from(error: &SourceError) -> Self {
        match error.inner().downcast_ref::<FormatError>() {
            Some(error) => Self::from(error),
            None => Self::new("damaged", &error.to_string()),
        }
    }
}

fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Io => "io",
        ErrorKind::NoTable => "no_table",
        ErrorKind::Empty => "empty",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::NotARecording => "not_a_recording",
        ErrorKind::Damaged => "damaged",
        ErrorKind::Needs(Need::Columns) => "needs_columns",
        ErrorKind::Needs(Need::Unit(_)) => "needs_unit",
        ErrorKind::Needs(Need::Rate) => "needs_rate",
        ErrorKind::Needs(Need::TimeFormat) => "needs_time_format",
        ErrorKind::Needs(Need::Device) => "needs_device",
        ErrorKind::Needs(Need::Variable) => "needs_variable",
        _ => "other",
    }
}

/// The option that answers what a reader asks.
fn option(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Needs(Need::Columns) => Some("--columns time=1,ax=2,ay=3,az=4 names them"),
        ErrorKind::Needs(Need::Unit(_)) => Some("--units acc=m/s2,gyro=deg/s declares them"),
        ErrorKind::Needs(Need::Rate) => Some("--rate HZ says how many samples there are in a second"),
        ErrorKind::Needs(Need::TimeFormat) => {
            Some("--time FORMAT says how times are written, e.g. --time dd/mm/yyyy")
        }
        ErrorKind::Needs(Need::Device) => Some("--device NAME says which one"),
        ErrorKind::Needs(Need::Variable) => Some("--variable NAME says which one"),
        _ => None,
    }
}

/// The option that answers a finding.
pub(super) fn hint(finding: &Finding) -> Option<&'static str> {
    match finding.kind {
        FindingKind::Unit | FindingKind::UnitUnknown | FindingKind::Calibration
            if finding.severity == Severity::Refusal =>
        {
            Some("--units acc=m/s2,gyro=deg/s declares the units")
        }
        FindingKind::ClockReset if finding.severity == Severity::Refusal => Some(
            "--clock-back summer-time adds the hour from there on, --clock-back restart takes it for a new recording",
        ),
        _ => None,
    }
}

/// Which recording of its file each of them is: nothing where there is only one.
pub(super) fn which(opened: &[Opened]) -> Vec<Option<String>> {
    let several = opened.len();
    let name = |(number, opened): (usize, &Opened)| {
        let placement = opened.header().placement.as_ref();
        let placement = placement.map_or(String::new(), |placement| format!(", {}", shown(placement)));
        (several > 1).then(|| format!("recording {} of {several}{placement}", number + 1))
    };
    opened.iter().enumerate().map(name).collect()
}

/// Something that may hold recordings.
#[derive(Debug)]
pub(super) struct Item {
    /// Its path, as given or below what was given.
    pub(super) file: String,
    /// Which of the arguments it came from.
    pub(super) argument: usize,
    /// Whether it was named itself, and not found in a folder or an archive.
    pub(super) named: bool,
    pub(super) candidate: Result<Candidate, Failure>,
}

/// What there is under the paths that were given.
pub(super) fn find(files: &[PathBuf]) -> Vec<Item> {
    let mut items = Vec::new();
    for (argument, path) in files.iter().enumerate() {
        match search(path) {
            Ok(found) => items.extend(found.into_iter().map(|candidate| Item {
                file: candidate.path().display().to_string(),
                argument,
                named: candidate.path() == path,
                candidate: Ok(candidate),
            })),
            Err(error) => items.push(Item {
                file: path.display().to_string(),
                argument,
                named: true,
                candidate: Err(Failure::from(&error)),
            }),
        }
    }
    items
}

/// What happened to the files one after the other, said when all are through.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Files that should have held recordings.
    pub(super) files: usize,
    /// File and reason.
    pub(super) failed: Vec<(String, Failure)>,
    /// Texts that lie between recordings.
    pub(super) no_recordings: Vec<(String, Failure)>,
}

impl Tally {
    /// Takes a file that was done with, or could not be read.
    pub(super) fn take(&mut self, item: &Item, failure: Option<Failure>) {
        match failure {
            Some(failure) => self.fail(item, failure),
            None => self.files += 1,
        }
    }

    /// Takes a file that could not be read; one that merely lies in a folder and is no table is no failure.
    fn fail(&mut self, item: &Item, failure: Failure) {
        if failure.kind == "no_table" && !item.named {
            self.no_recordings.push((item.file.clone(), failure));
        } else {
            self.files += 1;
            self.failed.push((item.file.clone(), failure));
        }
    }

    /// Folders and archives in which nothing but such texts was found.
    pub(super) fn add_barren(&mut self, files: &[PathBuf], items: &[Item]) {
        let texts: BTreeSet<String> = self.no_recordings.iter().map(|(file, _)| file.clone()).collect();
        for (argument, path) in files.iter().enumerate() {
            let mut own = items.iter().filter(|item| item.argument == argument);
            if own.all(|item| texts.contains(&item.file)) {
                self.files += 1;
                let text = format!("there is no recording in {}", path.display());
                self.failed.push((path.display().to_string(), Failure::new("no_table", &text)));
            }
        }
    }

    /// The files that failed with reasons and hints for a person, each hint behind the last reason that it answers.
    pub(super) fn told(&self) -> Vec<(String, String)> {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, (_, failure)) in self.failed.iter().enumerate() {
            last.extend(failure.hints.iter().map(|hint| (hint.as_str(), number)));
        }
        let told = |(number, (file, failure)): (usize, &(String, Failure))| {
            let own = failure.hints.iter().filter(|hint| last.get(hint.as_str()) == Some(&number));
            let hints: String = own.map(|hint| format!("\nhint: {hint}")).collect();
            (file.clone(), format!("{}{hints}", failure.told(file)))
        };
        self.failed.iter().enumerate().map(told).collect()
    }

    /// Says on stderr what could not be `done`.
    pub(super) fn say(&self, done: &str) {
        for (file, failure) in &self.no_recordings {
            let reason = failure.text.strip_prefix(file.as_str()).unwrap_or(&failure.text).trim_start();
            say!("no recordings: {}: {}", shown(file), reason.strip_prefix("is ").unwrap_or(reason));
        }
        for (_, told) in self.told() {
            say!("error: {told}");
        }
        if self.files > 1 && !self.failed.is_empty() {
            say!("{} of {} files could not be {done}", self.failed.len(), self.files);
        }
    }
}
