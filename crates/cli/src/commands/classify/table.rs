//! Segments and days for people: at most 80 columns wide but for long names.

use super::super::inspect::strip::is_ascii;
use super::super::inspect::text::{duration, entry, severity};
use super::recording::{Classified, option};
use ambulo_record::timeline::{BOUT_BOUNDS_S, Day, Flag, Segment, Zero, totals};
use ambulo_signal::{Finding, Severity};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};

/// Longer names are cut: they are whole in every other format.
const LONGEST_NAME: usize = 28;
/// Width of an activity: of `walking_downstairs`.
const ACTIVITY: usize = 18;
/// Characters of the longest bar.
const BAR: f64 = 24.0;

/// Codes of a terminal that shows them.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn new() -> Self {
        // https://no-color.org: any value that is not empty.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self(!refused && !dumb && io::stdout().is_terminal())
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What is less than a certain answer.
    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
}

/// What is told of a recording below the table.
struct Told {
    name: String,
    /// Whether times are not those of the place.
    utc: bool,
    totals: Day,
    findings: Vec<Finding>,
}

/// A table of the segments of all recordings; below it minutes and findings of each.
pub(super) struct Segments<W: Write> {
    out: W,
    paint: Paint,
    /// Width of the names, if there are several recordings.
    names: Option<usize>,
    begun: bool,
    told: Vec<Told>,
}

impl<W: Write> Segments<W> {
    /// `longest` is the length of the longest name, of several recordings.
    pub(super) fn new(out: W, longest: Option<usize>) -> Self {
        let names = longest.map(|longest| longest.clamp("recording".len(), LONGEST_NAME));
        Self { out, paint: Paint::new(), names, begun: false, told: Vec::new() }
    }

    pub(super) fn push(&mut self, classified: &Classified) -> io::Result<()> {
        let timeline = &classified.timeline;
        if !std::mem::replace(&mut self.begun, true) {
            let head = row(self.names, "recording", ["start", "end", "length", "activity", "confidence"]);
            writeln!(self.out, "{}", self.paint.bold(head.trim_end()))?;
        }
        for segment in &timeline.segments {
            let cells = cells(segment, timeline.zero);
            let line = row(self.names, &timeline.recording, cells.each_ref().map(String::as_str));
            let line = format!("{line}{}", flags(&segment.flags));
            let sure = segment.activity != ambulo_record::vocabulary::UNKNOWN && segment.flags.is_empty();
            let line = if sure { line.trim_end().to_owned() } else { self.paint.dim(line.trim_end()) };
            writeln!(self.out, "{line}")?;
        }
        self.told.push(Told {
            name: timeline.recording.clone(),
            utc: timeline.zero.day_clock() == Some("utc"),
            totals: totals(&timeline.segments),
            findings: classified.findings.clone(),
        });
        self.out.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        let several = self.told.len() > 1;
        for told in &self.told {
            writeln!(self.out)?;
            if several {
                writeln!(self.out, "{}", self.paint.bold(&told.name))?;
            }
            minutes(&mut self.out, &told.totals)?;
            if told.utc {
                entry(
                    &mut self.out,
                    "times",
                    "in UTC: the recording does not say what the clock of its place showed",
                )?;
            }
            findings(&mut self.out, &told.findings)?;
        }
        self.out.flush()
    }
}

fn row(names: Option<usize>, name: &str, [start, end, length, activity, confidence]: [&str; 5]) -> String {
    let name = names.map_or(String::new(), |width| format!("{:width$}  ", cut(name, width)));
    format!("{name}{start:<19}  {end:<8}  {length:>12}  {activity:<ACTIVITY$}  {confidence:<10}")
}

fn cut(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    name.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn cells(segment: &Segment, zero: Zero) -> [String; 5] {
    let [start, end] = [segment.start_ns, segment.end_ns].map(|ns| shown(ns, zero));
    let end = end.split_once(' ').map_or(end.clone(), |(_, time)| time.to_owned());
    let confidence = format!("{:.2}", segment.confidence);
    [start, end, duration(segment.length_s()), segment.activity.clone(), confidence]
}

/// `2026-05-01 10:00:02`, or `0:00:02` from the recording's zero where no date is known.
fn shown(ns: i64, zero: Zero) -> String {
    let moment = zero.moment(ns);
    if moment.is_empty() {
        let seconds = ns.div_euclid(1_000_000_000);
        let (sign, seconds) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
        return format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    moment.chars().take("2026-05-01T10:00:02".len()).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn flags(flags: &[Flag]) -> String {
    let names: Vec<&str> =
        flags.iter().filter(|flag| **flag != Flag::BackedOff).map(|flag| flag.name()).collect();
    if names.is_empty() { String::new() } else { format!("  {}", names.join(" ")) }
}

/// Minutes of each activity, and of the time without answers.
fn minutes(out: &mut dyn Write, day: &Day) -> io::Result<()> {
    let full = if is_ascii() { "#" } else { "█" };
    let most = day.activities.iter().map(|activity| activity.minutes).fold(0.0, f64::max);
    for activity in &day.activities {
        let share = 100.0 * activity.minutes / day.worn_minutes.max(f64::MIN_POSITIVE);
        let bar = full.repeat((BAR * activity.minutes / most.max(f64::MIN_POSITIVE)).round() as usize);
        let name = &activity.activity;
        let line = format!("  {name:<ACTIVITY$}  {:>8.1} min  {share:>5.1} %  {bar}", activity.minutes);
        writeln!(out, "{}", line.trim_end())?;
    }
    for (name, minutes) in [("not worn", day.not_worn_minutes), ("no samples", day.missing_minutes)] {
        if minutes >= 0.05 {
            writeln!(out, "  {name:<ACTIVITY$}  {minutes:>8.1} min")?;
        }
    }
    Ok(())
}

/// Warnings, and how many notes there are.
fn findings(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    let (notes, others): (Vec<_>, Vec<_>) = findings.iter().partition(|f| f.severity == Severity::Note);
    for finding in others {
        entry(out, severity(finding.severity), &finding.text)?;
        if let Some(hint) = option(finding) {
            entry(out, "hint", hint)?;
        }
    }
    match notes.len() {
        0 => Ok(()),
        1 => entry(out, "note", "there is 1 note: `ambulo inspect` shows it"),
        n => entry(out, "note", &format!("there are {n} notes: `ambulo inspect` shows them")),
    }
}

/// Days of a recording: minutes, bouts and changes.
pub(super) fn write_days(out: &mut dyn Write, classified: &Classified) -> io::Result<()> {
    let timeline = &classified.timeline;
    let paint = Paint::new();
    for day in &timeline.days {
        let date = day.date.as_ref().map_or(String::new(), |date| format!("  {date}"));
        writeln!(out, "{}", paint.bold(&format!("{}{date}", timeline.recording)))?;
        minutes(out, day)?;
        for activity in &day.activities {
            let bouts = bouts(&activity.bouts);
            if !bouts.is_empty() {
                entry(out, "bouts", &format!("{}: {bouts}", activity.activity))?;
            }
        }
        let changes = day.transitions.iter().map(|(from, to, count)| format!("{from} to {to} {count}"));
        let changes: Vec<String> = changes.collect();
        if !changes.is_empty() {
            entry(out, "changes", &changes.join(", "))?;
        }
        writeln!(out)?;
    }
    findings(out, &classified.findings)
}

/// `3 up to 10 s, 1 up to 60 s, 2 longer than 1800 s`.
fn bouts(counts: &[u32]) -> String {
    let mut text = String::new();
    for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = match (BOUT_BOUNDS_S.get(place), BOUT_BOUNDS_S.last()) {
            (Some(bound), _) => write!(text, "{comma}{count} up to {bound} s"),
            (None, Some(bound)) => write!(text, "{comma}{count} longer than {bound} s"),
            (None, None) => Ok(()),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(from_s: i64, to_s: i64, activity: &str) -> Segment {
        Segment {
            start_ns: from_s * 1_000_000_000,
            end_ns: to_s * 1_000_000_000,
            activity: activity.into(),
            confidence: 0.987,
            flags: Vec::new(),
        }
    }

    #[test]
    fn rows_stand_below_their_heads() {
        let head = row(None, "", ["start", "end", "length", "activity", "confidence"]);
        let zero = Zero::Utc { utc_ns: 1_777_629_600_000_000_000, offset_s: Some(7200) };
        let known = cells(&segment(0, 154, "walking_downstairs"), zero);
        assert_eq!(known, ["2026-05-01 12:00:00", "12:02:34", "2 min 34 s", "walking_downstairs", "0.99"]);
        let line = row(None, "", known.each_ref().map(String::as_str));
        assert_eq!(line.chars().count(), head.chars().count());
        assert!(line.chars().count() <= 80);
        let unknown = cells(&segment(3600, 3661, "still"), Zero::Unknown);
        assert_eq!(unknown[..2], ["1:00:00", "1:01:01"]);
        let named = row(Some(12), "a recording of a long name", unknown.each_ref().map(String::as_str));
        assert!(named.starts_with("a recording…  1:00:00  "), "{named}");
    }

    #[test]
    fn bouts_are_told_by_their_bounds() {
        assert_eq!(bouts(&[3, 0, 1, 0, 0, 2]), "3 up to 10 s, 1 up to 300 s, 2 longer than 1800 s");
        assert_eq!(bouts(&[0; 6]), "");
    }

    #[test]
    fn nothing_is_painted_where_nobody_looks() {
        assert_eq!(Paint(false).bold("a"), "a");
        assert_eq!(Paint(true).dim("a"), "\u{1b}[2ma\u{1b}[0m");
    }
}
