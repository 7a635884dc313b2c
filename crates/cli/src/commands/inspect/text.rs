//! What `ambulo inspect` prints to a terminal of 80 columns.

use super::{FileReport, RecordingReport, Takes, answer};
use ambulo_signal::Severity;
use ambulo_signal::intake::SensorReport;
use std::io::{self, Write};

const WIDTH: usize = 80;
/// Width of the first column.
const NAME: usize = 16;

pub(super) fn write(out: &mut dyn Write, report: &FileReport) -> io::Result<()> {
    writeln!(out, "{}", report.file)?;
    entry(out, "format", &format!("{} ({})", report.format, report.because))?;
    let several = report.recordings.len() > 1;
    for (number, recording) in report.recordings.iter().enumerate() {
        if several {
            writeln!(out, "\n  recording {} of {}", number + 1, report.recordings.len())?;
        }
        write_recording(out, recording)?;
    }
    Ok(())
}

fn write_recording(out: &mut dyn Write, recording: &RecordingReport) -> io::Result<()> {
    let report = &recording.report;
    for (name, value) in [("device", &recording.device), ("placement", &recording.placement)] {
        if let Some(value) = value {
            entry(out, name, value)?;
        }
    }
    let start = match (&recording.start, recording.offset) {
        (None, _) => "unknown".to_owned(),
        (Some(start), None) if !start.ends_with('Z') => format!("{start}, zone not stated"),
        (Some(start), _) => start.clone(),
    };
    entry(out, "start", &start)?;
    entry(out, "length", &duration(report.duration_s))?;
    for conversion in &recording.conversions {
        entry(out, "read", conversion)?;
    }
    for sensor in &report.sensors {
        write_sensor(out, sensor)?;
    }
    match (&recording.orientation.reason, recording.orientation.periods.as_slice()) {
        (Some(reason), _) => entry(out, "orientation", reason)?,
        (None, periods) => {
            for (number, period) in periods.iter().enumerate() {
                let [x, y, z] = period.up;
                let which =
                    if periods.len() > 1 { format!("wearing {}: ", number + 1) } else { String::new() };
                entry(out, "orientation", &format!("{which}up is x {x:.2}, y {y:.2}, z {z:.2}"))?;
            }
        }
    }
    for finding in &report.findings {
        let name = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Refusal => "refused",
        };
        let place = &finding.first_place;
        let at = match (place.line, place.time_s) {
            (Some(line), _) => format!(" (first in line {line})"),
            (None, Some(time_s)) => format!(" (first at {time_s:.3} s)"),
            (None, None) => String::new(),
        };
        entry(out, name, &format!("{}{at}", finding.text))?;
        if finding.severity == Severity::Refusal
            && let Some(hint) = answer(finding.kind)
        {
            entry(out, "hint", hint)?;
        }
    }
    if let Some(model) = &recording.model {
        let verdict = match model.takes {
            Takes::AsItIs => "takes it as it is".to_owned(),
            Takes::Converted => format!("takes it, converted: {}", model.reason),
            Takes::Refused => format!("refuses it: {}", model.reason),
        };
        entry(out, "model", &format!("{} {verdict}", model.name))?;
    }
    entry(out, "usable", if recording.usable { "yes" } else { "no" })
}

fn write_sensor(out: &mut dyn Write, sensor: &SensorReport) -> io::Result<()> {
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
    if !sensor.gaps.is_empty() {
        let missing: f64 = sensor.gaps.iter().map(|gap| gap.length_s).sum();
        let pauses = if sensor.gaps.len() == 1 { "pause" } else { "pauses" };
        parts.push(format!("{} {pauses}, {} in all", sensor.gaps.len(), duration(missing)));
    }
    if sensor.rail_share > 0.0 {
        parts.push(format!("{:.2} % clipped", 100.0 * sensor.rail_share));
    }
    let placement = sensor.placement.as_ref().map_or(String::new(), |p| format!("{p}: "));
    entry(out, sensor.kind.name(), &format!("{placement}{}", parts.join(", ")))
}

/// `1 h 03 min 20 s`.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..=59 => format!("{seconds:.2} s"),
        60..=3599 => format!("{} min {:02} s", whole / 60, whole % 60),
        3600..=86_399 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {:02} h {:02} min", whole / 86_400, whole % 86_400 / 3600, whole % 3600 / 60),
    }
}

/// A name and what is said of it, wrapped.
fn entry(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    let mut line = format!("  {name:<NAME$}");
    let indent = line.chars().count();
    let mut used = indent;
    for word in text.split_whitespace() {
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
        line.push_str(word);
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
}
