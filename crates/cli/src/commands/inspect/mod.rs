//! `ambulo inspect`

mod text;

use super::load_model;
use crate::cli::{InspectArgs, ReadingArgs};
use crate::talk::say;
use ambulo_formats::{ErrorKind, FormatError, Need, Opened, ReadOptions, open};
use ambulo_model::Predictor;
use ambulo_signal::intake::{Declared, Report, survey};
use ambulo_signal::levelling::{WearingPeriod, wearing_of};
use ambulo_signal::{Finding, FindingKind, Sensor, Severity, Source as _, Start};
use serde::Serialize;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Version of the JSON; what is added does not raise it.
const FORMAT: u32 = 1;

/// Length of the window that models have unless they are told otherwise, in seconds.
const SHORT_S: f64 = 2.56;

/// What is said of one file.
#[derive(Debug, Serialize)]
struct FileReport {
    version: u32,
    file: String,
    format: &'static str,
    because: String,
    recordings: Vec<RecordingReport>,
}

/// What is said of one recording.
#[derive(Debug, Serialize)]
struct RecordingReport {
    /// ISO 8601, with the offset where it is known and without where the zone is not stated; none without a date.
    start: Option<String>,
    /// Seconds by which the local clock was ahead of UTC.
    offset: Option<i32>,
    device: Option<String>,
    placement: Option<String>,
    #[serde(flatten)]
    report: Report,
    conversions: Vec<String>,
    orientation: Orientation,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<ModelVerdict>,
    usable: bool,
}

/// Which way is up, in each period of wearing.
#[derive(Debug, Serialize)]
struct Orientation {
    periods: Vec<Period>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Orientation {
    /// What is to be said of it, where it is not one clear vertical.
    fn finding(&self) -> Option<Finding> {
        let wearings = self.periods.len();
        match &self.reason {
            Some(reason) => Some(Finding::new(FindingKind::Orientation, Severity::Note, reason.clone())),
            None if wearings > 1 => {
                let text = format!("the device was put on {wearings} ways: each has a vertical of its own");
                Some(Finding::new(FindingKind::Wearing, Severity::Note, text).times(wearings as u64))
            }
            None => None,
        }
    }
}

/// One period of wearing.
#[derive(Debug, Serialize)]
struct Period {
    /// The stretch without gaps in which it begins, from 0, and its first sample at 50 Hz there.
    segment: usize,
    row: usize,
    /// The direction that points up, of length 1.
    up: [f32; 3],
}

/// Whether a model would take a recording.
#[derive(Debug, Serialize)]
struct ModelVerdict {
    name: String,
    takes: Takes,
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Takes {
    AsItIs,
    Converted,
    Refused,
}

pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    let model = args.model.as_deref().map(load_model).transpose()?.map(Predictor::new);
    let (options, declared) = reading(&args.reading)?;
    let mut out = io::stdout().lock();
    let mut failed: Vec<(String, String)> = Vec::new();
    let mut usable = true;
    for (number, file) in args.files.iter().enumerate() {
        let report = match inspect(file, &options, &declared, model.as_ref()) {
            Ok(report) => report,
            Err(error) => {
                failed.push((file.display().to_string(), error));
                continue;
            }
        };
        usable &= report.recordings.iter().all(|r| r.usable);
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        } else {
            if number > 0 {
                writeln!(out)?;
            }
            text::write(&mut out, &report)?;
        }
    }
    out.flush()?;
    for (file, reason) in &failed {
        // The reason names the file where it comes from a reader.
        let named = if reason.contains(file.as_str()) { String::new() } else { format!("{file}: ") };
        say!("error: {named}{reason}");
    }
    if failed.len() > 1 {
        say!("{} of {} files could not be read", failed.len(), args.files.len());
    }
    Ok(if usable && failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is declared on the command line, for the reader and for the intake.
fn reading(args: &ReadingArgs) -> anyhow::Result<(ReadOptions, Declared)> {
    let units = args.units.clone().unwrap_or_default();
    let declared = Declared {
        acceleration: units.of(Sensor::Accelerometer),
        angular_velocity: units.of(Sensor::Gyroscope),
        axes: args.axes.unwrap_or_default(),
        max_gap_s: args.max_gap,
        ..Declared::default()
    };
    declared.validate()?;
    let options = ReadOptions {
        format: args.format,
        columns: args.columns.clone(),
        units,
        rate_hz: args.rate,
        time: args.time,
        device: args.device.clone(),
    };
    Ok((options, declared))
}

fn inspect(
    file: &Path,
    options: &ReadOptions,
    declared: &Declared,
    model: Option<&Predictor>,
) -> Result<FileReport, String> {
    let opened = open(file, options).map_err(|error| with_hint(&error))?;
    let (format, because) = opened
        .first()
        .map_or(("nothing", String::new()), |first| (first.format().name(), first.because().to_owned()));
    let recordings =
        opened.into_iter().map(|o| inspect_recording(o, declared, model)).collect::<Result<_, _>>()?;
    Ok(FileReport { version: FORMAT, file: file.display().to_string(), format, because, recordings })
}

fn inspect_recording(
    mut source: Opened,
    declared: &Declared,
    model: Option<&Predictor>,
) -> Result<RecordingReport, String> {
    let mut report = survey(&mut source, declared).map_err(|error| error.to_string())?;
    let orientation = match wearing_of(&mut source, &report, declared) {
        Ok(periods) => Orientation { periods: periods.into_iter().map(period).collect(), reason: None },
        Err(error) => {
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            Orientation { periods: Vec::new(), reason: Some(reason) }
        }
    };
    if report.is_usable() {
        report.findings.extend(orientation.finding());
    }
    let model = model.map(|model| judge(model, &report, declared, &orientation));
    let header = source.header();
    let (start, offset) = start(header.start);
    let longest = longest_stretch_s(&report);
    if longest < SHORT_S {
        let text = format!("its longest stretch is {longest:.2} s, shorter than a window of {SHORT_S} s");
        report.findings.push(Finding::new(FindingKind::TooShort, Severity::Warning, text));
    }
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(RecordingReport {
        start,
        offset,
        device: header.device.clone(),
        placement: header.placement.clone(),
        conversions: header.conversions.clone(),
        usable: report.is_usable() && model.as_ref().is_none_or(|m| m.takes != Takes::Refused),
        report,
        orientation,
        model,
    })
}

fn period(period: WearingPeriod) -> Period {
    Period { segment: period.segment, row: period.row, up: period.vertical }
}

/// Whether a model takes a recording, and what is done to it on the way.
fn judge(model: &Predictor, report: &Report, declared: &Declared, found: &Orientation) -> ModelVerdict {
    let metadata = model.model().metadata();
    let p = &metadata.preprocessing;
    let verdict = |takes, reason| ModelVerdict { name: metadata.model.clone(), takes, reason };
    if let Err(error) = p.intake(report, declared) {
        return verdict(Takes::Refused, error.to_string().lines().next().unwrap_or_default().to_owned());
    }
    if let (true, Some(reason)) = (p.level != ambulo_signal::Level::AsWorn, &found.reason) {
        return verdict(Takes::Refused, reason.clone());
    }
    let mut converted = Vec::new();
    for &sensor in p.sensors() {
        let Some((_, sensor)) = report.sensor(sensor) else { continue };
        if let Some(rate_hz) = sensor.rate_hz.filter(|&rate| !p.same_rate(rate)) {
            converted.push(format!("{} from {rate_hz:.2} to {} Hz", sensor.kind, p.rate_hz));
        }
        if let Some(unit) = sensor.unit_found.filter(|unit| *unit != sensor.kind.unit()) {
            converted.push(format!("{} from {unit} to {}", sensor.kind.quantity(), sensor.kind.unit()));
        }
    }
    let long_enough = report.duration_s >= p.window as f64 / p.rate_hz;
    if !long_enough {
        let needed = p.window as f64 / p.rate_hz;
        return verdict(
            Takes::Refused,
            format!("it is {:.2} s long, a window {needed:.2} s", report.duration_s),
        );
    }
    match converted.is_empty() {
        true => verdict(Takes::AsItIs, String::new()),
        false => verdict(Takes::Converted, converted.join(", ")),
    }
}

/// Seconds of the longest stretch of acceleration without a pause.
fn longest_stretch_s(report: &Report) -> f64 {
    let Some((_, sensor)) = report.sensor(Sensor::Accelerometer) else { return 0.0 };
    let mut from = sensor.start_s;
    let mut longest = 0f64;
    for gap in &sensor.gaps {
        longest = longest.max(gap.start_s - from);
        from = gap.start_s + gap.length_s;
    }
    longest.max(sensor.end_s - from)
}

/// An instant as ISO 8601, and the offset in seconds.
fn start(start: Start) -> (Option<String>, Option<i32>) {
    let text = |ns: i64, end: &str| {
        let whole = ns.div_euclid(1_000_000_000);
        let fraction = ns.rem_euclid(1_000_000_000);
        let since = std::time::Duration::new(whole.unsigned_abs(), 0);
        let time = match whole {
            0.. => std::time::UNIX_EPOCH.checked_add(since),
            _ => std::time::UNIX_EPOCH.checked_sub(since),
        };
        // Before 1970 no recording is, whatever its clock said.
        let time = time.filter(|time| *time >= std::time::UNIX_EPOCH)?;
        let seconds = humantime::format_rfc3339_seconds(time).to_string();
        Some(format!("{}.{:03}{end}", seconds.trim_end_matches('Z'), fraction / 1_000_000))
    };
    match start {
        Start::Unknown => (None, None),
        Start::Local { local_ns } => (text(local_ns, ""), None),
        Start::Utc { utc_ns, offset_s: None } => (text(utc_ns, "Z"), None),
        Start::Utc { utc_ns, offset_s: Some(offset) } => {
            let minutes = offset / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let end = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            (text(utc_ns.saturating_add(i64::from(offset) * 1_000_000_000), &end), Some(offset))
        }
    }
}

/// The option that answers what a reader asks.
fn with_hint(error: &FormatError) -> String {
    let hint = match error.kind() {
        ErrorKind::Needs(Need::Columns) => "--columns time=1,ax=2,ay=3,az=4 names them",
        ErrorKind::Needs(Need::Unit(_)) => "--units acc=m/s2,gyro=deg/s declares them",
        ErrorKind::Needs(Need::Rate) => "--rate HZ says how many samples there are in a second",
        ErrorKind::Needs(Need::TimeFormat) => {
            "--time FORMAT says how times are written, e.g. --time dd/mm/yyyy"
        }
        ErrorKind::Needs(Need::Device) => "--device NAME says which one",
        _ => return error.to_string(),
    };
    format!("{error}\nhint: {hint}")
}

/// The option that answers a finding.
fn answer(kind: FindingKind) -> Option<&'static str> {
    match kind {
        FindingKind::Unit | FindingKind::UnitUnknown | FindingKind::Calibration => {
            Some("--units acc=m/s2,gyro=deg/s declares the units")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_with_what_is_known_of_them() {
        let utc_ns = 1_709_629_200_123_000_000;
        let written = |s| start(s).0.unwrap_or_default();
        assert_eq!(written(Start::Utc { utc_ns, offset_s: None }), "2024-03-05T09:00:00.123Z");
        assert_eq!(written(Start::Utc { utc_ns, offset_s: Some(3600) }), "2024-03-05T10:00:00.123+01:00");
        assert_eq!(written(Start::Utc { utc_ns, offset_s: Some(-12_600) }), "2024-03-05T05:30:00.123-03:30");
        assert_eq!(written(Start::Local { local_ns: utc_ns }), "2024-03-05T09:00:00.123");
        assert_eq!(start(Start::Unknown), (None, None));
        assert_eq!(start(Start::Local { local_ns: i64::MIN }), (None, None));
    }
}
