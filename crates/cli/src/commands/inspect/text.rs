//! What `ambulo inspect` prints to a terminal of 80 columns.

use super::super::reading::hint;
use super::described::{FileReport, ModelVerdict, Period, RecordingReport, SensorRange, Takes, clock};
use super::strip::strip;
use crate::talk::shown;
use ambulo_signal::intake::SensorReport;
use ambulo_signal::{Finding, FindingKind, Severity};
use std::io::{self, Write};

const WIDTH: usize = 80;
/// Width of the first column.
const NAME: usize = 16;

pub(super) fn write(out: &mut dyn Write, report: &FileReport, ascii: bool) -> io::Result<()> {
    writeln!(out, "{}", shown(&report.file))?;
    entry(out, "format", &format(report))?;
    for recording in &report.recordings {
        if let Some(which) = &recording.which {
            writeln!(out, "\n  {which}")?;
        }
        write_recording(out, recording, ascii)?;
    }
    Ok(())
}

/// The format and why it was recognised as that.
pub(super) fn format(report: &FileReport) -> String {
    format!("{} ({})", report.format, report.because)
}

fn write_recording(out: &mut dyn Write, recording: &RecordingReport, ascii: bool) -> io::Result<()> {
    for (name, value) in facts(recording) {
        entry(out, &name, &value)?;
    }
    if let Some((line, legend)) = strip(recording, WIDTH - NAME - 2, ascii) {
        entry(out, "over its length", &line)?;
        entry(out, "", &legend)?;
    }
    for finding in findings(recording) {
        let place = &finding.first_place;
        let at = match (place.line, place.time_s) {
            (Some(number), _) => format!(" (first in {} {number})", recording.counted),
            (None, Some(time_s)) => format!(" (first at {time_s:.3} s)"),
            (None, None) => String::new(),
        };
        entry(out, severity(finding.severity), &format!("{}{at}", finding.text))?;
        if let Some(hint) = hint(finding) {
            entry(out, "hint", hint)?;
        }
    }
    entry(out, "model", &verdict(recording))?;
    entry(out, "usable", if recording.usable { "yes" } else { "no" })
}

/// The name of a severity.
pub(in crate::commands) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Refusal => "refused",
    }
}

/// The findings that say more than the lines above them.
pub(super) fn findings(recording: &RecordingReport) -> impl Iterator<Item = &Finding> {
    let told = |finding: &Finding| {
        let because = |sensor: &SensorReport| {
            let why = sensor.unit_because.strip_prefix("inferred: ").unwrap_or(&sensor.unit_because);
            !why.is_empty() && finding.text.starts_with(why)
        };
        finding.kind == FindingKind::Unit
            && finding.severity == Severity::Note
            && recording.report.sensors.iter().any(because)
    };
    // Which way is up has a line of its own.
    let oriented = |finding: &Finding| {
        finding.kind == FindingKind::Orientation
            && recording.orientation.reason.as_ref() == Some(&finding.text)
    };
    recording.report.findings.iter().filter(move |finding| !told(finding) && !oriented(finding))
}

/// What is known of a recording, in lines with a name.
pub(super) fn facts(recording: &RecordingReport) -> Vec<(String, String)> {
    let report = &recording.report;
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| all.push((name.to_owned(), value));
    for (name, value) in [("device", &recording.device), ("placement", &recording.placement)] {
        if let Some(value) = value {
            add(name, value.clone());
        }
    }
    for (name, value) in &recording.identity {
        add(name, value.clone());
    }
    let start = match (&recording.start, recording.offset) {
        (None, _) => "unknown".to_owned(),
        (Some(start), None) if !start.ends_with('Z') => format!("{start}, zone not stated"),
        (Some(start), _) => start.clone(),
    };
    add("start", start);
    add("length", duration(report.duration_s));
    for conversion in &recording.conversions {
        add("read", conversion.clone());
    }
    for (number, found) in report.sensors.iter().enumerate() {
        add(found.kind.name(), sensor(found, recording.ranges.get(number)));
    }
    match &recording.orientation.reason {
        // What is refused needs no vertical.
        Some(_) if report.refusals().next().is_some() => {}
        Some(reason) if reason.starts_with("which way is up") => add("orientation", reason.clone()),
        Some(reason) => add("orientation", format!("which way is up is not known: {reason}")),
        None => {
            let periods = &recording.orientation.periods;
            for (number, period) in periods.iter().enumerate() {
                let which = match periods.len() {
                    1 => String::new(),
                    _ => wearing(recording, number, period),
                };
                add("orientation", format!("{which}{}", vertical(period)));
            }
        }
    }
    all
}

/// What a model would do with it.
pub(super) fn verdict(recording: &RecordingReport) -> String {
    let ModelVerdict { name, takes, reason, rate_hz, window_s, sensors } = &recording.model;
    let who = match name.as_str() {
        "usual" => {
            format!("the usual kind ({rate_hz} Hz, windows of {window_s:.2} s, {})", sensors.join(" and "))
        }
        name => name.to_owned(),
    };
    match takes {
        Takes::AsItIs => format!("{who} takes it as it is"),
        Takes::Converted => format!("{who} takes it, converted: {reason}"),
        Takes::IfResampling => format!("{who} takes it only if trained with resampling: {reason}"),
        Takes::IfSlower => format!("{who} does not take it, but a model trained at its rate can: {reason}"),
        Takes::Refused if recording.report.refusals().any(|finding| reason.contains(&finding.text)) => {
            format!("{who} refuses it, for what is refused above")
        }
        Takes::Refused if recording.orientation.reason.as_ref() == Some(reason) => {
            format!("{who} refuses it: it has to know which way is up")
        }
        Takes::Refused => format!("{who} refuses it: {reason}"),
    }
}

/// `wearing 2, from 3 h 20 min on (2024-03-06 01:10:00): `
fn wearing(recording: &RecordingReport, number: usize, period: &Period) -> String {
    let begin =
        recording.zero_ns.and_then(|zero| clock(zero.saturating_add((period.start_s * 1e9) as i64), 0));
    let begin = begin.map_or(String::new(), |(day, time)| format!(" ({day} {time})"));
    let length = duration(period.end_s - period.start_s);
    format!("wearing {}, from {}{begin} for {length}: ", number + 1, duration(period.start_s))
}

/// The axis that is next to the vertical, in words, and all three in numbers.
fn vertical(period: &Period) -> String {
    let up = period.up;
    let axis = (0..3).max_by(|&a, &b| up[a].abs().total_cmp(&up[b].abs())).unwrap_or(0);
    let name = ["x", "y", "z"][axis];
    let which = if up[axis] < 0.0 { "downwards" } else { "upwards" };
    let off = up[axis].abs().clamp(0.0, 1.0).acos().to_degrees();
    let [x, y, z] = up;
    format!(
        "{name} points {which}, {off:.0}° off the vertical: up is x {x:.2}, y {y:.2}, z {z:.2}; {:.0} % of the movement agrees \
         within 25°",
        100.0 * period.agreement
    )
}

fn sensor(sensor: &SensorReport, range: Option<&SensorRange>) -> String {
    let mut parts = vec![format!("{} samples", super::super::thousands(sensor.samples as usize))];
    match (sensor.rate_hz, sensor.rate_spread) {
        // The spread is known to 1 %.
        (Some(rate), Some([slow, fast])) if fast > 1.02 * slow => {
            parts.push(format!("{rate:.2} Hz (steps of {slow:.1} to {fast:.1} Hz)"));
        }
        (Some(rate), Some(_)) => parts.push(format!("{rate:.2} Hz, steady")),
        (Some(rate), None) => parts.push(format!("{rate:.2} Hz")),
        (None, _) => parts.push("no rate".to_owned()),
    }
    let because =
        if sensor.unit_because.is_empty() { String::new() } else { format!(" ({})", sensor.unit_because) };
    match sensor.unit_found {
        Some(unit) => parts.push(format!("in {unit}{because}")),
        None => parts.push("unit unknown".to_owned()),
    }
    match sensor.gravity {
        Some(true) => parts.push("with gravity".to_owned()),
        Some(false) => parts.push("without gravity".to_owned()),
        None => {}
    }
    if let Some(length) = sensor.at_rest_g {
        parts.push(format!("{length:.3} g at rest"));
    }
    if let Some((Some(least), Some(most))) = range.map(|range| (range.least, range.most)) {
        let (least, most) =
            (least.into_iter().fold(f32::MAX, f32::min), most.into_iter().fold(f32::MIN, f32::max));
        let unit = sensor.unit_found.map_or("", |_| sensor.kind.unit().name());
        parts.push(format!("{} to {} {unit}", figure(least), figure(most)).trim_end().to_owned());
    }
    if !sensor.gaps.is_empty() {
        let missing: f64 = sensor.gaps.iter().map(|gap| gap.length_s).sum();
        let pauses = if sensor.gaps.len() == 1 { "pause" } else { "pauses" };
        parts.push(format!("{} {pauses}, {} in all", sensor.gaps.len(), duration(missing)));
    }
    if sensor.rail_share > 0.0 {
        parts.push(format!("{:.2} % clipped", 100.0 * sensor.rail_share));
    }
    let placement = sensor.placement.as_ref().map_or(String::new(), |p| format!("{p}: "));
    format!("{placement}{}", parts.join(", "))
}

/// A value with three digits that count.
fn figure(value: f32) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{value:.1e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// `1 h 03 min 20 s`.
pub(in crate::commands) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..=59 => format!("{seconds:.2} s"),
        60..=3599 => format!("{} min {:02} s", whole / 60, whole % 60),
        3600..=86_399 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {:02} h {:02} min", whole / 86_400, whole % 86_400 / 3600, whole % 3600 / 60),
    }
}

/// A name and what is said of it, wrapped.
pub(in crate::commands) fn entry(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    let mut line = format!("  {name:<NAME$}");
    let indent = line.chars().count();
    let mut used = indent;
    for word in text.split_whitespace() {
        // What a file says of itself must not steer the terminal.
        let word = word.replace(char::is_control, "\u{fffd}");
        let length = word.chars().count();
        if used > indent && used + 1 + length > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(indent);
            used = indent;
        }
        if used > indent {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += length;
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_terminal() {
        let mut out = Vec::new();
        entry(&mut out, "note", &"seven letter words in a row ".repeat(12)).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.lines().count() > 3);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with(&" ".repeat(NAME + 2))));
    }

    #[test]
    fn lengths_are_read_at_a_glance() {
        for (seconds, text) in
            [(2.5, "2.50 s"), (71.6, "1 min 12 s"), (5400.0, "1 h 30 min"), (604_800.0, "7 d 00 h 00 min")]
        {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn a_vertical_in_words() {
        let up =
            |up| vertical(&Period { start_s: 0.0, end_s: 1.0, segment: 0, row: 0, up, agreement: 0.957 });
        let text = up([0.1, -0.98, 0.17]);
        assert!(
            text.starts_with("y points downwards, 11° off the vertical: up is x 0.10, y -0.98"),
            "{text}"
        );
        assert!(text.contains("96 % of the movement"), "{text}");
        assert!(up([1.0, 0.0, 0.0]).starts_with("x points upwards, 0° off"));
    }
}
