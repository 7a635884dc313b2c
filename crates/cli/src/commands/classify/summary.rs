//! A classified recording in short, as `NAME.summary.json` has it.

use super::items::Named;
use super::recording::Classified;
use super::settings::Settings;
use ambulo_record::timeline::{
    BOUT_BOUNDS_S, DaySummary, Fact, Input, SUMMARY_FORMAT, Summary, WrittenFile, totals,
};

/// What a recording was read from; `content` as [`content`](super::input::content) has it.
pub(super) fn input(named: &Named, content: (u64, String)) -> Input {
    let (bytes, content) = content;
    Input { file: named.origin.clone(), number: named.number, bytes, content }
}

pub(super) fn summary(
    classified: &Classified,
    input: Input,
    settings: &Settings,
    files: Vec<WrittenFile>,
) -> serde_json::Result<Summary> {
    let timeline = &classified.timeline;
    let (zero, day_clock) = Summary::of_zero(timeline.zero);
    let facts = timeline.overview.facts.iter();
    Ok(Summary {
        version: SUMMARY_FORMAT,
        recording: timeline.recording.clone(),
        input,
        model: classified.model.clone(),
        settings: settings.stated.clone(),
        zero,
        day_clock,
        bout_bounds_s: BOUT_BOUNDS_S.into(),
        days: timeline.days.iter().map(DaySummary::from).collect(),
        totals: DaySummary::from(&totals(&timeline.segments)),
        findings: classified.findings.iter().map(serde_json::to_value).collect::<Result<_, _>>()?,
        facts: facts.map(|(name, value)| Fact { name: name.clone(), value: value.clone() }).collect(),
        files,
    })
}
