//! Tables of several sensors as one recording.

use crate::combine::{Joined, Source};
use crate::options::Format;
use crate::reader::Found;
use ambulo_signal::{Finding, FindingKind, Header, Severity, Start};

/// A table that was opened.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) found: Found,
    /// What its own clock says at its zero, in nanoseconds.
    pub(super) origin_ns: i64,
}

/// The tables as one recording: by the instants of their starts, where all know them, else by their own clocks, which then are one.
pub(super) fn join(tables: Vec<Table>, format: Format, because: String) -> Found {
    let utc = |start: Start| match start {
        Start::Utc { utc_ns, .. } => Some(utc_ns),
        _ => None,
    };
    let local = |start: Start| match start {
        Start::Local { local_ns } => Some(local_ns),
        _ => None,
    };
    let all = |instant: &dyn Fn(Start) -> Option<i64>| -> Option<Vec<i64>> {
        tables.iter().map(|table| instant(table.found.header.start)).collect()
    };
    let mut findings: Vec<Finding> = Vec::new();
    let (start, offsets) = if let Some(instants) = all(&utc) {
        let zero = instants.iter().copied().min().unwrap_or(0);
        let offset_s = tables.iter().find_map(|table| match table.found.header.start {
            Start::Utc { offset_s, .. } => offset_s,
            _ => None,
        });
        (Start::Utc { utc_ns: zero, offset_s }, instants.iter().map(|t| t.saturating_sub(zero)).collect())
    } else if let Some(instants) = all(&local) {
        let zero = instants.iter().copied().min().unwrap_or(0);
        (Start::Local { local_ns: zero }, instants.iter().map(|t| t.saturating_sub(zero)).collect())
    } else {
        if tables.iter().any(|table| table.found.header.start != Start::Unknown) {
            let text = "some tables state when they begin and others do not: taken as on one clock";
            findings.push(Finding::new(FindingKind::Alignment, Severity::Warning, text));
        }
        (Start::Unknown, tables.iter().map(|table| table.origin_ns).collect::<Vec<i64>>())
    };
    let mut header = Header { start, ..Header::default() };
    let mut sources = Vec::new();
    for (table, offset_ns) in tables.into_iter().zip(offsets) {
        let Table { name, found, .. } = table;
        let named = |text: String| format!("{name}: {text}");
        header.device = header.device.or(found.header.device);
        header.conversions.extend(found.header.conversions.into_iter().map(named));
        findings.extend(found.header.findings.into_iter().map(|mut finding| {
            finding.text = format!("{name}: {}", finding.text);
            finding
        }));
        let parts = found.header.sensors.len();
        header.sensors.extend(found.header.sensors);
        sources.push(Source { reader: found.reader, offset_ns, parts, name });
    }
    header.findings = findings;
    Found { format, dialect: None, because, header, reader: Box::new(Joined::new(sources)) }
}
