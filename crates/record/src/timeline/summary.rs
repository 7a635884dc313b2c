//! What is known of a classified recording as a whole: `NAME.summary.json`, and `summary.csv` over many.

use super::table::{decimal, quoted};
use super::{BOUT_BOUNDS_S, Day, NOT_WORN, Zero};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Version of the summary's JSON; what is added does not raise it.
pub const SUMMARY_FORMAT: u32 = 1;

/// What `summary.csv` calls time without samples.
pub const MISSING: &str = "missing";

/// A recording in short. Times are in seconds from the recording's zero, lengths in minutes; both to a tenth of a millisecond or
/// better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SUMMARY_FORMAT`].
    pub version: u32,
    /// Name of the recording, as all results give it.
    pub recording: String,
    /// What it was read from.
    pub input: Input,
    /// Which model answered.
    pub model: UsedModel,
    /// What was asked for, by name.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// When the recording's zero was, as ISO 8601; none where nobody knows.
    pub zero: Option<String>,
    /// Whose midnight divides days: `local`, or `utc` where the clock of the place is not known; none without a date.
    pub day_clock: Option<String>,
    /// Upper bounds of the lengths by which bouts are counted, in seconds; a last class has all longer ones.
    pub bout_bounds_s: Vec<f64>,
    /// Days in order of time.
    pub days: Vec<DaySummary>,
    /// The recording as a whole, without a date.
    pub totals: DaySummary,
    /// What was noticed, the gravest first.
    pub findings: Vec<serde_json::Value>,
    /// What is known of the recording.
    pub facts: Vec<Fact>,
    /// The other results that were written for it.
    pub files: Vec<WrittenFile>,
}

/// What a recording was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The file's name; of one in a folder or an archive the way to it from there.
    pub file: String,
    /// Which of the file's recordings, from 1; none where there is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// Bytes of the file.
    pub bytes: u64,
    /// What tells its content from another: a SHA-256 over all of it, or over parts of a large one.
    pub content: String,
}

/// Which model answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedModel {
    /// Its name.
    pub name: String,
    /// What tells it from others.
    pub fingerprint: String,
    /// Its labels, in the order of the probabilities.
    pub labels: Vec<String>,
}

/// Something known, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// And what it is.
    pub value: String,
}

/// A result beside the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

/// A [`Day`] as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DaySummary {
    /// `2026-05-01`; none where the date is not known.
    pub date: Option<String>,
    /// Where it begins.
    pub start_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// The device was worn and there are answers.
    pub worn_minutes: f64,
    /// It was not worn.
    pub not_worn_minutes: f64,
    /// There are no samples.
    pub missing_minutes: f64,
    /// The longest first.
    pub activities: Vec<ActivitySummary>,
    /// Changes from one activity straight to another.
    pub transitions: Vec<Transition>,
}

/// One activity in a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivitySummary {
    /// As segments name it.
    pub activity: String,
    /// Minutes of it.
    pub minutes: f64,
    /// Bouts by length, a number for each of `bout_bounds_s` and one for longer ones.
    pub bouts: Vec<u32>,
}

/// How often one activity followed on another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The one before.
    pub from: String,
    /// The one after.
    pub to: String,
    /// How often.
    pub count: u32,
}

impl From<&Day> for DaySummary {
    fn from(day: &Day) -> Self {
        let rounded = |minutes: f64| (minutes * 1e4).round() / 1e4;
        Self {
            date: day.date.clone(),
            start_s: day.start_ns as f64 / 1e9,
            end_s: day.end_ns as f64 / 1e9,
            worn_minutes: rounded(day.worn_minutes),
            not_worn_minutes: rounded(day.not_worn_minutes),
            missing_minutes: rounded(day.missing_minutes),
            activities: day
                .activities
                .iter()
                .map(|activity| ActivitySummary {
                    activity: activity.activity.clone(),
                    minutes: rounded(activity.minutes),
                    bouts: activity.bouts.into(),
                })
                .collect(),
            transitions: day
                .transitions
                .iter()
                .map(|(from, to, count)| Transition { from: from.clone(), to: to.clone(), count: *count })
                .collect(),
        }
    }
}

impl Summary {
    /// What the recording's zero is as it stands in a summary, and whose midnight divides its days.
    #[must_use]
    pub fn of_zero(zero: Zero) -> (Option<String>, Option<String>) {
        let moment = zero.moment(0);
        ((!moment.is_empty()).then_some(moment), zero.day_clock().map(str::to_owned))
    }

    /// As JSON that a person can read, with a line end at its end.
    ///
    /// # Errors
    /// Never, for what was made of plain values.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// `summary.csv`: a row for each recording, day and activity, [`NOT_WORN`] and [`MISSING`] among the activities, so that the minutes of a
/// day add up to its length.
pub struct SummaryTable<W: Write>(W);

impl<W: Write> SummaryTable<W> {
    /// An empty table.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn new(mut out: W) -> io::Result<Self> {
        let mut line = String::from("recording,date,activity,minutes,bouts");
        for bound in BOUT_BOUNDS_S {
            line.push_str(&format!(",bouts_to_{bound}_s"));
        }
        line.push_str(",bouts_longer\n");
        out.write_all(line.as_bytes())?;
        Ok(Self(out))
    }

    /// Adds the days of a recording.
    ///
    /// # Errors
    /// What the output answers.
    pub fn push(&mut self, recording: &str, days: &[DaySummary]) -> io::Result<()> {
        let mut out = Vec::new();
        for day in days {
            let mut row = |activity: &str, minutes: f64, bouts: Option<&[u32]>| {
                quoted(&mut out, recording);
                out.push(b',');
                out.extend_from_slice(day.date.as_deref().unwrap_or_default().as_bytes());
                out.push(b',');
                quoted(&mut out, activity);
                out.push(b',');
                decimal(&mut out, minutes, 4);
                match bouts {
                    Some(bouts) => {
                        let all: u64 = bouts.iter().copied().map(u64::from).sum();
                        out.extend_from_slice(format!(",{all}").as_bytes());
                        bouts.iter().for_each(|count| out.extend_from_slice(format!(",{count}").as_bytes()));
                    }
                    None => out.extend(std::iter::repeat_n(b',', BOUT_BOUNDS_S.len() + 2)),
                }
                out.push(b'\n');
            };
            for activity in &day.activities {
                row(&activity.activity, activity.minutes, Some(&activity.bouts));
            }
            for (name, minutes) in [(NOT_WORN, day.not_worn_minutes), (MISSING, day.missing_minutes)] {
                if minutes > 0.0 {
                    row(name, minutes, None);
                }
            }
        }
        self.0.write_all(&out)
    }

    /// Gives the output back.
    ///
    /// # Errors
    /// What the output answers.
    pub fn finish(mut self) -> io::Result<W> {
        self.0.flush()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::DayActivity;

    fn day() -> Day {
        let activity = |name: &str, minutes, bouts| DayActivity { activity: name.into(), minutes, bouts };
        Day {
            date: Some("2026-05-01".into()),
            start_ns: 0,
            end_ns: 7_200_000_000_000,
            worn_minutes: 80.0,
            not_worn_minutes: 30.0,
            missing_minutes: 10.0,
            activities: vec![
                activity("walking", 1.0 + 2.0 / 3.0, [1, 0, 2, 0, 0, 0]),
                activity("still", 78.333_333, [0, 0, 0, 0, 0, 1]),
            ],
            transitions: vec![("walking".into(), "still".into(), 2)],
        }
    }

    #[test]
    fn a_row_for_each_day_and_activity() {
        let mut table = SummaryTable::new(Vec::new()).unwrap();
        table.push("a,b", &[DaySummary::from(&day())]).unwrap();
        let nothing = DaySummary { date: None, missing_minutes: 0.0, ..DaySummary::from(&day()) };
        table.push("c", &[DaySummary { activities: Vec::new(), ..nothing }]).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        let expected = "recording,date,activity,minutes,bouts,bouts_to_10_s,bouts_to_60_s,bouts_to_300_s,bouts_to_600_s,bouts_to_1800_s,bouts_longer\n\
            \"a,b\",2026-05-01,walking,1.6667,3,1,0,2,0,0,0\n\
            \"a,b\",2026-05-01,still,78.3333,1,0,0,0,0,0,1\n\
            \"a,b\",2026-05-01,not_worn,30,,,,,,,\n\
            \"a,b\",2026-05-01,missing,10,,,,,,,\n\
            c,,not_worn,30,,,,,,,\n";
        assert_eq!(text, expected);
        let cells = |line: &str| line.matches(',').count() - line.matches("\"a,b\"").count();
        let width = cells(expected.lines().next().unwrap());
        assert!(expected.lines().all(|line| cells(line) == width));
    }

    #[test]
    fn a_summary_is_read_as_it_was_written() {
        let (zero, day_clock) = Summary::of_zero(Zero::Utc { utc_ns: 0, offset_s: None });
        assert_eq!((zero.as_deref(), day_clock.as_deref()), (Some("1970-01-01T00:00:00Z"), Some("utc")));
        assert_eq!(Summary::of_zero(Zero::Unknown), (None, None));
        let summary = Summary {
            version: SUMMARY_FORMAT,
            recording: "walk".into(),
            input: Input { file: "p1/walk.csv".into(), number: None, bytes: 5, content: "ab".into() },
            model: UsedModel { name: "m".into(), fingerprint: "f".into(), labels: vec!["walking".into()] },
            settings: BTreeMap::from([("confidence".into(), serde_json::json!(0.8))]),
            zero,
            day_clock,
            bout_bounds_s: BOUT_BOUNDS_S.into(),
            days: vec![DaySummary::from(&day())],
            totals: DaySummary::from(&day()),
            findings: vec![serde_json::json!({"kind": "gap"})],
            facts: vec![Fact { name: "start".into(), value: "unknown".into() }],
            files: vec![WrittenFile { name: "walk.segments.csv".into(), bytes: 7 }],
        };
        let bytes = summary.to_json().unwrap();
        assert_eq!(serde_json::from_slice::<Summary>(&bytes).unwrap(), summary);
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["days"][0]["activities"][0]["minutes"], 1.6667);
        assert!(bytes.ends_with(b"}\n"));
    }
}
