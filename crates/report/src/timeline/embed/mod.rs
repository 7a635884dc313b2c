//! What the page's script draws from: all of a timeline in so many bytes as a page may have.
//!
//! Segments are kept one by one. Probabilities are kept where they change: a run of steps shares one row of them, no further
//! from any of its steps than a tolerance that the page states; where that does not suffice, means over several steps are kept
//! in place of each. Signals are the smallest and the largest value in stretches of time. Each has a share of the page's size
//! that it never exceeds, so that no recording makes a page that cannot be sent round.

mod answers;
mod bytes;
mod segments;
mod signals;

use super::sheet::Sheet;
use crate::overview::drawing::{MOST_MARKS, MOST_STRETCHES};
use crate::text::{decimal, short_activity};
use ambulo_record::overview::{StretchKind, ZoomedOut};
use ambulo_record::timeline::{Flag, NOT_WORN};
use bytes::milliseconds;
use serde::Serialize;

/// The script's data, and what was left out of them.
pub(super) struct Embedded {
    /// JSON that may stand within a script element.
    pub(super) json: String,
    /// Sentences about what is kept.
    pub(super) kept: Vec<String>,
}

#[derive(Serialize)]
struct Data {
    /// Milliseconds from the recording's zero.
    start: i64,
    end: i64,
    /// Milliseconds from 1970-01-01 00:00 of the clock that is shown.
    zero: Option<i64>,
    /// What follows a time in ISO 8601.
    suffix: String,
    activities: Vec<Activity>,
    segments: segments::Segments,
    /// How many of the activities are lanes of probabilities; the first ones.
    lanes: usize,
    answers: Option<answers::Kept>,
    signals: Vec<signals::Signal>,
    /// Kind, start and length.
    stretches: Vec<(&'static str, f64, f64)>,
    /// Times of the marks, in the order in which they stand in the page.
    marks: Vec<f64>,
    flags: [&'static str; Flag::ALL.len()],
}

#[derive(Serialize)]
struct Activity {
    name: String,
    short: String,
    white: bool,
    worn: bool,
}

/// Bytes as base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    bytes::text(bytes)
}

/// What a flag says to a reader.
pub(super) const fn flag_text(flag: Flag) -> &'static str {
    match flag {
        Flag::NoVertical => "the vertical was not found: postures cannot be told apart",
        Flag::LowRate => "there were fewer samples a second than the model was trained with",
        Flag::BackedOff => {
            "activities could not be told apart at the confidence asked for, and are answered together: still, stairs, moving and the like"
        }
    }
}

/// All that is drawn of a sheet; `signals` are those that the page shows.
pub(super) fn embed(sheet: &Sheet<'_>, signals: &[&ZoomedOut]) -> Embedded {
    let (from_ns, to_ns) = sheet.window.unwrap_or((0, 0));
    let (segments, segments_kept) = segments::keep(&sheet.segments);
    let answers = answers::keep(&sheet.answers);
    let kept_signals = signals::keep(signals);
    let mut kept = vec![segments_kept];
    if let Some(answers) = &answers {
        kept.extend(answers.sentences());
    }
    let widths: Vec<String> = kept_signals
        .iter()
        .map(|signal| format!("{} in stretches of {}", signal.name, time(signal.width / 1e3)))
        .collect();
    if !widths.is_empty() {
        kept.push(format!("Signals: smallest and largest value of the {}.", widths.join(", of the ")));
    }
    let data = Data {
        start: milliseconds(from_ns),
        end: milliseconds(to_ns),
        zero: sheet.clock.zero_ns.map(milliseconds),
        suffix: sheet.clock.suffix.clone(),
        activities: sheet
            .activities
            .iter()
            .map(|activity| Activity {
                name: activity.title(),
                short: short_activity(activity.name),
                white: activity.look.takes_white(),
                worn: activity.name != NOT_WORN,
            })
            .collect(),
        segments,
        lanes: if sheet.answers.count > 0 { sheet.answers.lanes() } else { 0 },
        answers,
        signals: kept_signals,
        stretches: stretches(sheet),
        marks: marks(sheet),
        flags: Flag::ALL.map(flag_text),
    };
    // Within a script element `<` may end it or begin a comment.
    let json = serde_json::to_string(&data).unwrap_or_default();
    Embedded { json: json.replace('<', "\\u003c"), kept }
}

/// The longest stretches of each kind, as the pictures draw them.
fn stretches(sheet: &Sheet<'_>) -> Vec<(&'static str, f64, f64)> {
    let mut out = Vec::new();
    for (kind, class) in [
        (StretchKind::NotWorn, "not-worn"),
        (StretchKind::Filled, "filled"),
        (StretchKind::Gap, "gap-stretch"),
    ] {
        let mut all: Vec<_> = sheet
            .timeline
            .overview
            .stretches
            .iter()
            .filter(|stretch| stretch.kind == kind && stretch.length_s > 0.0)
            .filter(|stretch| stretch.start_s.is_finite() && stretch.length_s.is_finite())
            .map(|stretch| (class, stretch.start_s * 1e3, stretch.length_s * 1e3))
            .collect();
        all.sort_by(|a, b| b.2.total_cmp(&a.2));
        all.truncate(MOST_STRETCHES);
        out.append(&mut all);
    }
    out
}

fn marks(sheet: &Sheet<'_>) -> Vec<f64> {
    let Some((from_ns, to_ns)) = sheet.window else { return Vec::new() };
    let times = crate::overview::times::Times::between(from_ns as f64 / 1e9, to_ns as f64 / 1e9, None);
    let noticed = sheet.timeline.overview.noticed.iter();
    let mut all: Vec<f64> = noticed
        .filter_map(|noticed| noticed.time_s.filter(|&time_s| times.share(time_s).is_some()))
        .take(MOST_MARKS)
        .map(|time_s| time_s * 1e3)
        .collect();
    // The gravest stands on top, which is last.
    all.reverse();
    all
}

/// A short stretch of time in seconds.
pub(super) fn time(seconds: f64) -> String {
    let digits = if seconds < 0.1 {
        3
    } else if seconds < 10.0 {
        2
    } else {
        0
    };
    format!("{}\u{a0}s", decimal(seconds, digits))
}
