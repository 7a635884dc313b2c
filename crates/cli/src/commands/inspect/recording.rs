//! One recording: read once to find out what it holds, and once more for which way is up.

use super::described::{Orientation, Period, RecordingReport, SensorRange, Takes, start, stretches, zero_ns};
use super::envelope::{Envelope, Range};
use super::judge::Judge;
use crate::progress::Reading;
use ambulo_formats::{Format, Opened};
use ambulo_record::overview::{Stretch, StretchKind, ZoomedOut};
use ambulo_signal::intake::{Declared, Report};
use ambulo_signal::levelling::{FirstPass, Worn, first_pass};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Sensor, Source, SourceError};

/// Missing stretches that are kept one by one.
const MOST_MISSING: usize = 10_000;
/// Shorter ones are drop-outs of single samples.
const LEAST_MISSING_NS: i64 = 1_000_000_000;

/// How recordings are looked at.
pub(super) struct Way<'a> {
    pub(super) declared: &'a Declared,
    pub(super) judge: &'a Judge<'a>,
    pub(super) progress: &'a Reading,
    /// Columns of a picture of the signals, if one is wanted.
    pub(super) columns: Option<usize>,
}

/// Passes chunks on, and looks at them the first time.
struct Watched<'a> {
    source: Opened,
    progress: &'a Reading,
    first_pass: bool,
    envelopes: Option<Vec<Envelope>>,
    ranges: Vec<Range>,
    missing: Missing,
    accelerometer: Option<usize>,
}

/// Stretches of a sensor that hold no values.
#[derive(Default)]
struct Missing {
    since: Option<i64>,
    all: Vec<(i64, i64)>,
}

impl Missing {
    fn push(&mut self, time_ns: i64, missing: bool) {
        match (self.since, missing) {
            (None, true) => self.since = Some(time_ns),
            (Some(since), false) => {
                self.since = None;
                if time_ns.saturating_sub(since) >= LEAST_MISSING_NS && self.all.len() < MOST_MISSING {
                    self.all.push((since, time_ns));
                }
            }
            _ => {}
        }
    }
}

impl<'a> Watched<'a> {
    fn new(source: Opened, way: &Way<'a>) -> Self {
        let sensors = source.header().sensors.len();
        Self {
            accelerometer: source.header().position(Sensor::Accelerometer),
            progress: way.progress,
            first_pass: true,
            envelopes: way.columns.map(|_| vec![Envelope::default(); sensors]),
            ranges: vec![Range::default(); sensors],
            missing: Missing::default(),
            source,
        }
    }

    fn look(&mut self, chunk: &Chunk) {
        for (range, part) in self.ranges.iter_mut().zip(&chunk.parts) {
            for &value in &part.values {
                range.push(value);
            }
        }
        for (envelope, part) in self.envelopes.iter_mut().flatten().zip(&chunk.parts) {
            for (&time_ns, &value) in part.times_ns.iter().zip(&part.values) {
                envelope.push(time_ns, value);
            }
        }
        if let Some(part) = self.accelerometer.and_then(|part| chunk.parts.get(part)) {
            for (&time_ns, value) in part.times_ns.iter().zip(&part.values) {
                self.missing.push(time_ns, value.iter().all(|v| v.is_nan()));
            }
        }
    }

    /// Stretches that the device's software filled, which its reader hands on as missing.
    fn filled(mut self, report: &Report) -> Vec<Stretch> {
        if !report.findings.iter().any(|finding| finding.kind == FindingKind::Filled) {
            return Vec::new();
        }
        if let Some((_, sensor)) = report.sensor(Sensor::Accelerometer) {
            self.missing.push((sensor.end_s * 1e9) as i64, false);
        }
        let stretch = |(from, to): (i64, i64)| Stretch {
            kind: StretchKind::Filled,
            start_s: from as f64 / 1e9,
            length_s: to.saturating_sub(from) as f64 / 1e9,
        };
        self.missing.all.into_iter().map(stretch).collect()
    }
}

impl Source for Watched<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        if self.first_pass {
            self.look(chunk);
        }
        if let Some(&time_ns) = chunk.parts.iter().filter_map(|part| part.times_ns.last()).max() {
            let pass = if self.first_pass { "" } else { "which way is up: " };
            self.progress.reached(time_ns as f64 / 1e9, pass);
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.first_pass = false;
        self.source.rewind()
    }
}

/// Reads a recording and says what it holds; with a picture of its signals if one is wanted.
pub(super) fn inspect(
    source: Opened,
    which: Option<String>,
    way: &Way<'_>,
    duplicate: Option<&Finding>,
) -> Result<(RecordingReport, Vec<ZoomedOut>), SourceError> {
    let counted = counted(source.format());
    let mut source = Watched::new(source, way);
    let FirstPass { mut report, wearing, .. } = first_pass(&mut source, way.declared)?;
    let orientation = match wearing {
        Ok(worn) => Orientation { periods: periods(&worn, &report), reason: None },
        Err(error) => {
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            Orientation { periods: Vec::new(), reason: Some(reason) }
        }
    };
    report.findings.extend(duplicate.cloned());
    if report.is_usable() {
        report.findings.extend(orientation.finding());
    }
    let (model, added) = way.judge.judge(&report, way.declared, &orientation);
    report.findings.extend(added);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let axes = way.declared.axes;
    let range = |(sensor, range): (&ambulo_signal::intake::SensorReport, &Range)| {
        let range = range.finish(sensor, axes);
        SensorRange { kind: sensor.kind, least: range.map(|r| r[0]), most: range.map(|r| r[1]) }
    };
    let ranges = report.sensors.iter().zip(&source.ranges).map(range).collect();
    let signals = match (source.envelopes.take(), way.columns) {
        (Some(envelopes), Some(columns)) => envelopes
            .into_iter()
            .zip(&report.sensors)
            .map(|(envelope, sensor)| envelope.finish(sensor, axes, columns))
            .collect(),
        _ => Vec::new(),
    };
    let header = source.header().clone();
    let (start, offset) = start(header.start);
    let mut stretches = stretches(&report);
    stretches.extend(source.filled(&report));
    let described = RecordingReport {
        start,
        offset,
        device: header.device,
        placement: header.placement,
        conversions: header.conversions,
        identity: header.identity.into_iter().collect(),
        zero_ns: zero_ns(header.start),
        which,
        counted,
        usable: report.is_usable() && model.takes != Takes::Refused,
        report,
        ranges,
        orientation,
        model,
        stretches,
    };
    Ok((described, signals))
}

/// What the number in the place of a finding of a reader counts.
pub(super) fn counted(format: Format) -> &'static str {
    match format {
        Format::Cwa
        | Format::AxivityWav
        | Format::Gt3x
        | Format::GeneActivBin
        | Format::Matrix
        | Format::EmbracePlus => "block",
        Format::Parquet | Format::Mat => "row",
        _ => "line",
    }
}

pub(super) fn periods(worn: &[Worn], report: &Report) -> Vec<Period> {
    let end_s = report.sensor(Sensor::Accelerometer).map_or(0.0, |(_, sensor)| sensor.end_s);
    let next = worn.iter().skip(1).map(|worn| worn.start_ns as f64 / 1e9).chain([end_s]);
    let period = |(worn, end_s): (&Worn, f64)| Period {
        start_s: worn.start_ns as f64 / 1e9,
        end_s,
        segment: worn.period.segment,
        row: worn.period.row,
        up: worn.period.vertical,
        agreement: worn.agreement,
    };
    worn.iter().zip(next).map(period).collect()
}
