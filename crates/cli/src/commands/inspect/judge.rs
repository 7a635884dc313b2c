//! Whether a model takes a recording, converts it or refuses it, and why.

use super::described::{ModelVerdict, Orientation, Takes};
use ambulo_model::Predictor;
use ambulo_signal::intake::{Declared, Report, SensorReport};
use ambulo_signal::{Finding, FindingKind, Level, Place, Preprocessing, Sensor, Severity};

/// A recording of less than this share of a model's rate is refused: a fifth of 50 Hz is 10 Hz, and the steps of walking have
/// their energy up to 5 Hz and more.
const SLOWEST_SHARE: f64 = 0.2;
/// Up to so many windows it is said how many samples are left over; of more, the rest is of no weight.
const FEW_WINDOWS: u64 = 10;

/// What a recording is held against.
pub(super) enum Judge<'a> {
    /// A model that was named.
    Model(&'a Predictor),
    /// What models have unless they are told otherwise.
    Usual,
}

impl Judge<'_> {
    /// The verdict, and what it adds to the findings.
    pub(super) fn judge(
        &self,
        report: &Report,
        declared: &Declared,
        found: &Orientation,
    ) -> (ModelVerdict, Vec<Finding>) {
        match self {
            Self::Model(predictor) => {
                let metadata = predictor.model().metadata();
                judge(&metadata.model, &metadata.preprocessing, false, report, declared, found)
            }
            Self::Usual => {
                let mut p = Preprocessing::default();
                let gyroscope = report.sensor(Sensor::Gyroscope).filter(|(_, sensor)| sensor.first.is_some());
                if gyroscope.is_none() {
                    p.keep_sensors(&[Sensor::Accelerometer]);
                }
                judge("usual", &p, true, report, declared, found)
            }
        }
    }
}

fn judge(
    name: &str,
    p: &Preprocessing,
    usual: bool,
    report: &Report,
    declared: &Declared,
    found: &Orientation,
) -> (ModelVerdict, Vec<Finding>) {
    let verdict = |takes, reason: String| ModelVerdict {
        name: name.to_owned(),
        rate_hz: p.rate_hz,
        window_s: p.window as f64 / p.rate_hz,
        sensors: p.sensors().iter().map(|sensor| sensor.name()).collect(),
        takes,
        reason,
    };
    let mut findings = Vec::new();
    // One is enough: sensors of a device are about equally fast.
    let slow = |&sensor: &Sensor| report.sensor(sensor).and_then(|(_, sensor)| too_slow(p, sensor));
    findings.extend(p.sensors().iter().find_map(slow));
    let base = report.sensor(Sensor::Accelerometer).map(|(_, sensor)| sensor);
    let began_anew = report.findings.iter().any(|finding| finding.kind == FindingKind::ClockReset);
    if report.is_usable() && findings.is_empty() {
        findings.extend(base.and_then(|sensor| length(p, sensor, began_anew)));
    }
    let refusing = |finding: &&Finding| {
        let of = finding.first_place.sensor;
        finding.severity == Severity::Refusal && of.is_none_or(|sensor| p.sensors().contains(&sensor))
    };
    if let Some(refusal) = report.findings.iter().chain(&findings).find(refusing) {
        return (verdict(Takes::Refused, refusal.text.clone()), findings);
    }
    if !usual {
        if let Err(error) = p.intake(report, declared) {
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            return (verdict(Takes::Refused, reason), findings);
        }
        if let (true, Some(reason)) = (p.level != Level::AsWorn, &found.reason) {
            return (verdict(Takes::Refused, reason.clone()), findings);
        }
    }
    let mut converted = Vec::new();
    // Of the usual kind nobody has said that it resamples, which models do not unless they are told to.
    let another = if usual { another_rate(p, report) } else { None };
    for &sensor in p.sensors() {
        let Some((_, sensor)) = report.sensor(sensor) else { continue };
        if let Some(rate_hz) = sensor.rate_hz.filter(|&rate| !usual && !p.same_rate(rate)) {
            let below = if rate_hz < p.rate_hz { ", between the samples" } else { "" };
            converted.push(format!("{} from {rate_hz:.2} to {} Hz{below}", sensor.kind, p.rate_hz));
        }
        if let Some(unit) = sensor.unit_found.filter(|unit| *unit != sensor.kind.unit()) {
            converted.push(format!("{} from {unit} to {}", sensor.kind.quantity(), sensor.kind.unit()));
        }
    }
    if let Some((takes, reason)) = another {
        let more = if converted.is_empty() { "" } else { "; converted: " };
        return (verdict(takes, format!("{reason}{more}{}", converted.join(", "))), findings);
    }
    let takes = if converted.is_empty() { Takes::AsItIs } else { Takes::Converted };
    (verdict(takes, converted.join(", ")), findings)
}

/// What a recording of another rate needs: the slowest sensor decides, as what is not in a recording cannot be made up.
fn another_rate(p: &Preprocessing, report: &Report) -> Option<(Takes, String)> {
    let rates = p.sensors().iter().filter_map(|&sensor| report.sensor(sensor)?.1.rate_hz);
    let others: Vec<f64> = rates.filter(|&rate| !p.same_rate(rate)).collect();
    let slowest = others.iter().copied().min_by(f64::total_cmp)?;
    let wanted = p.rate_hz;
    Some(if slowest < wanted {
        (Takes::IfSlower, format!("{slowest:.2} Hz is below {wanted}"))
    } else {
        (Takes::IfResampling, format!("its rate is {slowest:.2} Hz and not {wanted}"))
    })
}

fn too_slow(p: &Preprocessing, sensor: &SensorReport) -> Option<Finding> {
    let rate_hz = sensor.rate_hz.filter(|&rate| rate < SLOWEST_SHARE * p.rate_hz)?;
    let digits = if rate_hz < 0.1 { 3 } else { 1 };
    let text = format!(
        "the {} has {rate_hz:.digits$} Hz: movement is told at {} Hz, and below {} Hz it cannot be seen",
        sensor.kind,
        p.rate_hz,
        SLOWEST_SHARE * p.rate_hz
    );
    Some(Finding::new(FindingKind::Rate, Severity::Refusal, text).at(Place::sensor(sensor.kind)))
}

/// What there is to say about a recording of less than a window, or of few.
fn length(p: &Preprocessing, sensor: &SensorReport, began_anew: bool) -> Option<Finding> {
    let window_s = p.window as f64 / p.rate_hz;
    // Times do not tell stretches apart then; the samples fill windows, or a reader has said otherwise.
    if began_anew && sensor.rate_hz.is_some_and(|rate| sensor.samples as f64 >= window_s * rate) {
        return None;
    }
    let (mut windows, mut over, mut longest, mut parts) = (0u64, 0u64, 0f64, 0u64);
    for stretch_s in stretches(sensor) {
        // A fraction of a sample is jitter.
        let samples = (stretch_s * p.rate_hz + 0.25).clamp(0.0, 1e15) as u64;
        windows += samples / p.window.max(1) as u64;
        over += samples % p.window.max(1) as u64;
        longest = longest.max(stretch_s);
        parts += 1;
    }
    if windows == 0 {
        let what = if parts > 1 { "its longest stretch without a pause" } else { "it" };
        let text = format!("{what} is {longest:.1} s long, shorter than a window of {window_s:.2} s");
        return Some(Finding::new(FindingKind::TooShort, Severity::Refusal, text));
    }
    (windows < FEW_WINDOWS && over > 0).then(|| {
        let windows = if windows == 1 { "1 window".to_owned() } else { format!("{windows} windows") };
        let text = format!(
            "it holds {windows} of {window_s:.2} s side by side; {over} samples at {} Hz are left over and fill none",
            p.rate_hz
        );
        Finding::new(FindingKind::TooShort, Severity::Note, text)
    })
}

/// Seconds of each stretch without a pause, the step to the next sample included.
fn stretches(sensor: &SensorReport) -> impl Iterator<Item = f64> {
    let step_s = sensor.rate_hz.map_or(0.0, |rate| 1.0 / rate);
    let starts =
        std::iter::once(sensor.start_s).chain(sensor.gaps.iter().map(|gap| gap.start_s + gap.length_s));
    let ends = sensor.gaps.iter().map(|gap| gap.start_s).chain([sensor.end_s]);
    starts.zip(ends).map(move |(from, to)| to - from + step_s)
}
