//! One recording: read, answered, and brought into the shape in which results are written.

use super::super::inspect::envelope::Envelope;
use super::super::inspect::{Known, overview};
use super::super::reading::{Failure, hint};
use super::items::Named;
use super::progress::Watch;
use super::settings::Settings;
use ambulo_formats::Opened;
use ambulo_model::{Answers, ModelError, Predictor};
use ambulo_record::overview::ZoomedOut;
use ambulo_record::timeline::{Flag, Flagged, Timeline, UsedModel, Zero, days, segments};
use ambulo_report::TIMELINE_COLUMNS;
use ambulo_signal::intake::{Declared, Report};
use ambulo_signal::{
    Chunk, Finding, FindingKind, Header, Sensor, Severity, SignalError, Source, SourceError, Start,
};

/// A recording with its answers.
pub(super) struct Classified {
    /// The model that gave them.
    pub(super) model: UsedModel,
    pub(super) timeline: Timeline,
    /// What was noticed, the gravest first.
    pub(super) findings: Vec<Finding>,
}

/// Passes chunks on, tells how far they are, and draws their values the first time.
struct Watched<'a> {
    source: Opened,
    watch: &'a Watch<'a>,
    envelopes: Option<Vec<Envelope>>,
    first_pass: bool,
    /// The failure of a reader as it said it, which a model knows as text alone.
    failed: Option<Failure>,
}

impl Source for Watched<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk).inspect_err(|error| self.failed = Some(Failure::from(error)))?;
        if self.first_pass {
            for (envelope, part) in self.envelopes.iter_mut().flatten().zip(&chunk.parts) {
                for (&time_ns, &value) in part.times_ns.iter().zip(&part.values) {
                    envelope.push(time_ns, value);
                }
            }
        }
        if let Some(&time_ns) = chunk.parts.iter().filter_map(|part| part.times_ns.last()).max() {
            self.watch.reached(time_ns as f64 / 1e9, self.first_pass);
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.first_pass = false;
        self.source.rewind().inspect_err(|error| self.failed = Some(Failure::from(error)))
    }
}

/// Answers a recording; with its signals, where they are drawn.
pub(super) fn classify(
    opened: Opened,
    named: &Named,
    settings: &Settings,
    signals: bool,
    watch: &Watch<'_>,
) -> Result<Classified, Failure> {
    let sensors = opened.header().sensors.len();
    let (format, format_name) = (opened.format(), opened.format_name().to_owned());
    let because = opened.because().to_owned();
    let answerer = settings.answerer(opened.header());
    let (predictor, declared) = (&answerer.predictor, &settings.declared);
    let envelopes = signals.then(|| vec![Envelope::new(TIMELINE_COLUMNS as i64); sensors]);
    let mut source = Watched { source: opened, watch, envelopes, first_pass: true, failed: None };
    let answers = predictor.timeline(&mut source, declared, &settings.timeline);
    let Answers { report, wearing, steps, flags } =
        answers.map_err(|error| source.failed.take().unwrap_or_else(|| failure(&error)))?;
    if steps.is_empty() {
        let p = &predictor.model().metadata().preprocessing;
        let window_s = p.window as f64 / p.rate_hz;
        let text = format!("no stretch without a pause is as long as a window of {window_s:.2} s");
        return Err(Failure::new("too_short", &text));
    }
    let signals = drawn(source.envelopes.take(), &report, declared);
    let header = source.header();
    let known = Known {
        // Pages are sent round: they do not say where on this machine the file lay.
        file: &named.origin,
        which: named.which.as_deref(),
        format,
        format_name: &format_name,
        because: &because,
        header,
        report: &report,
        wearing: &wearing,
        declared,
        noticed: flags.iter().filter_map(|&flag| warning(flag, &report, predictor)).collect(),
    };
    let (overview, findings) = overview(known, signals);
    let labels = &predictor.model().metadata().labels;
    let flagged = flags.iter().map(|&flag| Flagged { start_ns: i64::MIN, end_ns: i64::MAX, flag });
    let flagged: Vec<Flagged> = flagged.collect();
    let segments = segments(&steps, labels, settings.confidence, &not_worn(&report), &flagged);
    let zero = zero(header.start);
    let timeline = Timeline {
        recording: named.name.clone(),
        zero,
        overview,
        labels: labels.names().map(str::to_owned).collect(),
        confidence: settings.confidence,
        days: days(&segments, zero),
        steps,
        segments,
        card: answerer.card.clone(),
    };
    Ok(Classified { model: answerer.used.clone(), timeline, findings })
}

fn drawn(envelopes: Option<Vec<Envelope>>, report: &Report, declared: &Declared) -> Vec<ZoomedOut> {
    let both = envelopes.into_iter().flatten().zip(&report.sensors);
    both.map(|(envelope, sensor)| envelope.finish(sensor, declared.axes, TIMELINE_COLUMNS)).collect()
}

/// Stretches in which nobody wore the device, in nanoseconds.
fn not_worn(report: &Report) -> Vec<(i64, i64)> {
    let Some((_, sensor)) = report.sensor(Sensor::Accelerometer) else { return Vec::new() };
    let ns = |seconds: f64| (seconds * 1e9).round() as i64;
    let stretch =
        |rest: &ambulo_signal::intake::Stretch| (ns(rest.start_s), ns(rest.start_s + rest.length_s));
    sensor.non_wear.iter().map(stretch).collect()
}

pub(in super::super) fn zero(start: Start) -> Zero {
    match start {
        Start::Unknown => Zero::Unknown,
        Start::Local { local_ns } => Zero::Local { local_ns },
        Start::Utc { utc_ns, offset_s } => Zero::Utc { utc_ns, offset_s },
    }
}

/// What a flag of all answers means, said once.
fn warning(flag: Flag, report: &Report, predictor: &Predictor) -> Option<Finding> {
    let metadata = predictor.model().metadata();
    match flag {
        Flag::NoVertical => {
            let text = "which way is up is not known, as no walking was found in it: lying and upright cannot be told apart, and the \
                        answers say only whether the wearer was still or moving";
            Some(Finding::new(FindingKind::Orientation, Severity::Warning, text))
        }
        Flag::LowRate => {
            let slowest = report.sensors.iter().filter_map(|sensor| sensor.rate_hz).min_by(f64::total_cmp)?;
            let text = format!(
                "it has {slowest:.1} samples a second, fewer than the {} of the model: answers were found to hold down to {}",
                metadata.preprocessing.rate_hz,
                metadata.lowest_hz()
            );
            Some(Finding::new(FindingKind::Rate, Severity::Warning, text))
        }
        Flag::BackedOff => None,
    }
}

/// The option that answers a finding.
pub(in super::super) fn option(finding: &Finding) -> Option<&'static str> {
    match (finding.kind, finding.severity) {
        (FindingKind::Orientation, Severity::Warning) => {
            Some("--axes x=up declares the axis that points up while the wearer stands")
        }
        _ => hint(finding),
    }
}

pub(in super::super) fn failure(error: &ModelError) -> Failure {
    let text = error.to_string();
    match error {
        ModelError::Signal(SignalError::Refused { finding }) => {
            let hint = hint(finding).map_or(String::new(), |hint| format!("\nhint: {hint}"));
            Failure::new("refused", &format!("{}{hint}", finding.text))
        }
        ModelError::Signal(SignalError::NoUnit { .. }) => {
            let text = text.lines().next().unwrap_or_default();
            Failure::new("refused", &format!("{text}\nhint: --units acc=m/s2,gyro=deg/s declares the units"))
        }
        ModelError::Signal(SignalError::Source { .. }) => Failure::new("damaged", &text),
        _ => Failure::new("refused", &text),
    }
}
