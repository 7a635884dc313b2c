//! What is said of files and recordings, as it stands in JSON.

use super::super::reading::Failure;
use ambulo_record::overview::{Stretch, StretchKind};
use ambulo_signal::intake::Report;
use ambulo_signal::{Finding, FindingKind, Sensor, Severity, Start};
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the JSON; what is added does not raise it.
pub(super) const VERSION: u32 = 1;

/// What is said of one file.
#[derive(Debug, Serialize)]
pub(super) struct FileReport {
    pub(super) version: u32,
    pub(super) file: String,
    pub(super) format: String,
    pub(super) because: String,
    pub(super) recordings: Vec<RecordingReport>,
    /// Why recordings are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Failure>,
}

/// What is said of a file that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct FailureReport<'a> {
    pub(super) version: u32,
    pub(super) file: &'a str,
    pub(super) error: &'a Failure,
}

/// What is said of one recording.
#[derive(Debug, Serialize)]
pub(super) struct RecordingReport {
    /// ISO 8601, with the offset where it is known and without where the zone is not stated; none without a date.
    pub(super) start: Option<String>,
    /// Seconds by which the local clock was ahead of UTC.
    pub(super) offset: Option<i32>,
    pub(super) device: Option<String>,
    pub(super) placement: Option<String>,
    #[serde(flatten)]
    pub(super) report: Report,
    /// Of each sensor in the order of the report, where it has a value.
    pub(super) ranges: Vec<SensorRange>,
    pub(super) conversions: Vec<String>,
    pub(super) orientation: Orientation,
    pub(super) model: ModelVerdict,
    pub(super) usable: bool,
    /// Serial numbers, names and the like, where they were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) identity: BTreeMap<String, String>,
    /// Which of its file's recordings, if there are several.
    #[serde(skip)]
    pub(super) which: Option<String>,
    /// What the number in the place of a finding counts.
    #[serde(skip)]
    pub(super) counted: &'static str,
    /// Pauses, and the like, over the recording.
    #[serde(skip)]
    pub(super) stretches: Vec<Stretch>,
    /// The recording's zero on a clock of its place, in nanoseconds since 1970.
    #[serde(skip)]
    pub(super) zero_ns: Option<i64>,
}

impl RecordingReport {
    /// Time of the first and of the last sample, in seconds.
    pub(super) fn bounds(&self) -> (f64, f64) {
        let sensors = || self.report.sensors.iter().filter(|sensor| sensor.samples > 0);
        let from = sensors().map(|sensor| sensor.start_s).fold(f64::INFINITY, f64::min);
        let to = sensors().map(|sensor| sensor.end_s).fold(f64::NEG_INFINITY, f64::max);
        if from <= to { (from, to) } else { (0.0, 0.0) }
    }
}

/// The smallest and the largest value of each axis.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct SensorRange {
    pub(super) kind: Sensor,
    pub(super) least: Option<[f32; 3]>,
    pub(super) most: Option<[f32; 3]>,
}

/// Which way is up, in each period of wearing.
#[derive(Debug, Default, Serialize)]
pub(super) struct Orientation {
    pub(super) periods: Vec<Period>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

impl Orientation {
    /// What is to be said of it, where it is not one clear vertical.
    pub(super) fn finding(&self) -> Option<Finding> {
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
pub(super) struct Period {
    /// Seconds from the recording's zero.
    pub(super) start_s: f64,
    pub(super) end_s: f64,
    /// The stretch without gaps in which it begins, from 0, and its first sample at 50 Hz there.
    pub(super) segment: usize,
    pub(super) row: usize,
    /// The direction that points up, of length 1.
    pub(super) up: [f32; 3],
    /// Share of the stretches of movement that agree on it within 25 degrees.
    pub(super) agreement: f64,
}

/// Whether a model would take a recording.
#[derive(Debug, Serialize)]
pub(super) struct ModelVerdict {
    pub(super) name: String,
    pub(super) rate_hz: f64,
    pub(super) window_s: f64,
    pub(super) sensors: Vec<&'static str>,
    pub(super) takes: Takes,
    pub(super) reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Takes {
    AsItIs,
    Converted,
    /// Only one that was trained with resampling.
    IfResampling,
    /// Only one that was trained at the recording's rate.
    IfSlower,
    Refused,
}

/// An instant as ISO 8601, and the offset in seconds.
pub(super) fn start(start: Start) -> (Option<String>, Option<i32>) {
    match start {
        Start::Unknown => (None, None),
        Start::Local { local_ns } => (clock(local_ns, 3).map(|(day, time)| format!("{day}T{time}")), None),
        Start::Utc { utc_ns, offset_s: None } => {
            (clock(utc_ns, 3).map(|(day, time)| format!("{day}T{time}Z")), None)
        }
        Start::Utc { utc_ns, offset_s: Some(offset) } => {
            let minutes = offset / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let end = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            let local_ns = utc_ns.saturating_add(i64::from(offset) * 1_000_000_000);
            (clock(local_ns, 3).map(|(day, time)| format!("{day}T{time}{end}")), Some(offset))
        }
    }
}

/// A recording's zero on the clock of its place, or in UTC if that is all that is known.
pub(super) fn zero_ns(start: Start) -> Option<i64> {
    match start {
        Start::Unknown => None,
        Start::Local { local_ns } => Some(local_ns),
        Start::Utc { utc_ns, offset_s } => {
            Some(utc_ns.saturating_add(i64::from(offset_s.unwrap_or(0)) * 1_000_000_000))
        }
    }
}

/// Day and time of day of nanoseconds since 1970, the time with 3 or no digits of a second.
pub(super) fn clock(ns: i64, digits: usize) -> Option<(String, String)> {
    let whole = ns.div_euclid(1_000_000_000);
    // Before 1970 no recording is, whatever its clock said.
    let since = std::time::Duration::from_secs(u64::try_from(whole).ok()?);
    let time = std::time::UNIX_EPOCH.checked_add(since)?;
    let text = humantime::format_rfc3339_seconds(time).to_string();
    let (day, time) = text.trim_end_matches('Z').split_once('T')?;
    let fraction = match digits {
        0 => String::new(),
        _ => format!(".{:03}", ns.rem_euclid(1_000_000_000) / 1_000_000),
    };
    Some((day.to_owned(), format!("{time}{fraction}")))
}

/// Pauses of the sensor that everything is based on, or the first one's, and the stretches in which nobody wore the device.
pub(super) fn stretches(report: &Report) -> Vec<Stretch> {
    let base = report.sensor(Sensor::Accelerometer).map(|(_, sensor)| sensor).or(report.sensors.first());
    let Some(base) = base else { return Vec::new() };
    let gap = |gap: &ambulo_signal::intake::Gap| Stretch {
        kind: StretchKind::Gap,
        start_s: gap.start_s,
        length_s: gap.length_s,
    };
    let mut all: Vec<Stretch> = base.gaps.iter().map(gap).collect();
    all.extend(base.non_wear.iter().map(|stretch| Stretch {
        kind: StretchKind::NotWorn,
        start_s: stretch.start_s,
        length_s: stretch.length_s,
    }));
    all
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
