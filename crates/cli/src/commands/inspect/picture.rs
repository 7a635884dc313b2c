//! Recordings as `--html` draws them.

use super::super::reading::hint;
use super::described::{FileReport, RecordingReport};
use super::text::{facts, findings, format, verdict};
use crate::talk::shown;
use ambulo_record::overview::{Noticed, Overview, Weight, ZoomedOut};
use ambulo_signal::Severity;

/// Columns of a picture, fewer where there are many: a page is read by a browser as a whole.
pub(super) fn columns(files: usize) -> usize {
    match files {
        0..=12 => 1000,
        13..=60 => 500,
        _ => 250,
    }
}

/// What the page shows of each recording of a file.
pub(super) fn pages(report: &FileReport, signals: &[Vec<ZoomedOut>]) -> Vec<Overview> {
    let page = |(number, recording): (usize, &RecordingReport)| {
        let which = recording.which.as_ref().map_or(String::new(), |which| format!(", {which}"));
        let mut named = vec![("format".to_owned(), format(report))];
        named.extend(facts(recording));
        named.push(("model".to_owned(), verdict(recording)));
        let (start_s, end_s) = recording.bounds();
        Overview {
            title: format!("{}{which}", shown(&report.file)),
            usable: recording.usable,
            facts: named,
            noticed: findings(recording).map(|finding| noticed(finding, recording.counted)).collect(),
            start_s,
            end_s,
            zero_ns: recording.zero_ns,
            stretches: recording.stretches.clone(),
            signals: signals.get(number).cloned().unwrap_or_default(),
        }
    };
    report.recordings.iter().enumerate().map(page).collect()
}

fn noticed(finding: &ambulo_signal::Finding, counted: &str) -> Noticed {
    let place = &finding.first_place;
    let line = place.line.map_or(String::new(), |line| format!(" (first in {counted} {line})"));
    let hint = hint(finding).map_or(String::new(), |hint| format!(" – {hint}"));
    Noticed {
        weight: match finding.severity {
            Severity::Note => Weight::Note,
            Severity::Warning => Weight::Warning,
            Severity::Refusal => Weight::Refusal,
        },
        text: format!("{}{line}{hint}", finding.text),
        time_s: place.time_s,
    }
}
