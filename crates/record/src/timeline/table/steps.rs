//! Answers step by step, as they come, as text.

use super::text::{decimal, quoted, seconds};
use super::{json, probabilities, segments};
use crate::timeline::{Answered, Flag, Zero};
use crate::vocabulary::UNKNOWN;
use std::io::{self, Write};

/// The columns before the probabilities.
const COLUMNS: &str = "start_s,end_s,start,end,activity,confidence,flags";

/// The answer for one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnsweredStep<'a> {
    /// Where it begins, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
    /// What is answered.
    pub answered: Answered<'a>,
    /// What has to be known about it.
    pub flags: &'a [Flag],
    /// Probability of each label.
    pub probabilities: &'a [f32],
    /// Probability that it is none of the labels.
    pub unknown: f32,
}

/// A row for each step, written at once: where it begins and ends, in seconds from the recording's zero and as ISO 8601 or empty, the
/// activity, its confidence, flags, the probability of each label, and that of none of them. CSV or JSON Lines; in JSON the
/// probabilities are an object.
#[derive(Debug)]
pub struct StepTable<W: Write> {
    out: W,
    json: bool,
    /// `,` and the name of every label and of `unknown`, in JSON with its colon.
    keys: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

impl<W: Write> StepTable<W> {
    /// An empty table for these labels, as JSON Lines or as CSV, of which the names are written with the first row.
    pub fn new<S: AsRef<str>>(out: W, json_lines: bool, labels: impl IntoIterator<Item = S>) -> Self {
        let mut names: Vec<String> = labels.into_iter().map(|name| name.as_ref().to_owned()).collect();
        names.push(UNKNOWN.to_owned());
        let mut buffer = Vec::new();
        let mut keys = Vec::new();
        if json_lines {
            keys.extend(names.iter().map(|name| [b",", json(name).as_slice(), b":"].concat()));
        } else {
            buffer.extend_from_slice(COLUMNS.as_bytes());
            for name in &names {
                buffer.push(b',');
                quoted(&mut buffer, name);
            }
            buffer.push(b'\n');
        }
        Self { out, json: json_lines, keys, buffer }
    }

    /// The same without the line of names: rows that follow on a table that has it.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        self.buffer.clear();
        self
    }

    /// Writes the row of a step, of a recording with this zero.
    ///
    /// # Errors
    /// What the output answers.
    pub fn push(&mut self, zero: Zero, step: &AnsweredStep<'_>) -> io::Result<()> {
        let moments = [step.start_ns, step.end_ns].map(|ns| zero.moment(ns));
        if self.json {
            self.json_row(step, &moments);
        } else {
            self.csv_row(step, &moments);
        }
        self.buffer.push(b'\n');
        self.flush()
    }

    /// Writes what is left: of a CSV without any row its names.
    ///
    /// # Errors
    /// What the output answers.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        self.out.flush()
    }

    fn json_row(&mut self, step: &AnsweredStep<'_>, moments: &[String; 2]) {
        let out = &mut self.buffer;
        for (key, ns) in [("{\"start_s\":", step.start_ns), (",\"end_s\":", step.end_ns)] {
            out.extend_from_slice(key.as_bytes());
            seconds(out, ns);
        }
        for (key, moment) in ["start", "end"].into_iter().zip(moments) {
            // Digits and signs: nothing that JSON escapes.
            let value = if moment.is_empty() { "null".to_owned() } else { format!("\"{moment}\"") };
            out.extend_from_slice(format!(",\"{key}\":{value}").as_bytes());
        }
        let mut number = |key: &[u8], value: f32, digits| {
            out.extend_from_slice(key);
            if !decimal(out, f64::from(value), digits) {
                out.extend_from_slice(b"null");
            }
        };
        let activity = [b",\"activity\":", json(step.answered.activity).as_slice()].concat();
        number(&[&activity, &b",\"confidence\":"[..]].concat(), step.answered.confidence, segments::DIGITS);
        let flags: Vec<String> = step.flags.iter().map(|flag| format!("\"{}\"", flag.name())).collect();
        let mut between = format!(",\"flags\":[{}],\"probabilities\":{{", flags.join(",")).into_bytes();
        let values = step.probabilities.iter().copied().chain([step.unknown]);
        for (i, (key, value)) in self.keys.iter().zip(values).enumerate() {
            between.extend_from_slice(&key[usize::from(i == 0)..]);
            number(&between, value, probabilities::DIGITS);
            between.clear();
        }
        out.extend_from_slice(b"}}");
    }

    fn csv_row(&mut self, step: &AnsweredStep<'_>, moments: &[String; 2]) {
        let out = &mut self.buffer;
        for ns in [step.start_ns, step.end_ns] {
            seconds(out, ns);
            out.push(b',');
        }
        for moment in moments {
            out.extend_from_slice(moment.as_bytes());
            out.push(b',');
        }
        quoted(out, step.answered.activity);
        out.push(b',');
        decimal(out, f64::from(step.answered.confidence), segments::DIGITS);
        out.push(b',');
        let flags: Vec<&str> = step.flags.iter().map(|flag| flag.name()).collect();
        out.extend_from_slice(flags.join(";").as_bytes());
        for value in step.probabilities.iter().copied().chain([step.unknown]) {
            out.push(b',');
            decimal(out, f64::from(value), probabilities::DIGITS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: Zero = Zero::Utc { utc_ns: 1_777_629_600_000_000_000, offset_s: Some(7200) };

    fn written(json: bool, zero: Zero) -> String {
        let answered = Answered { activity: "still", confidence: 0.987_66, backed_off: true };
        let step = AnsweredStep {
            start_ns: 960_000_000,
            end_ns: 1_600_000_000,
            answered,
            flags: &[Flag::NoVertical, Flag::BackedOff],
            probabilities: &[0.5, 0.487_654_4],
            unknown: f32::NAN,
        };
        let mut out = Vec::new();
        let mut table = StepTable::new(&mut out, json, ["sitting", "a,b"]);
        table.push(zero, &step).unwrap();
        table.push(zero, &AnsweredStep { flags: &[], unknown: 0.0, ..step }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_has_a_column_for_each_label() {
        let expected = "start_s,end_s,start,end,activity,confidence,flags,sitting,\"a,b\",unknown\n\
            0.96,1.6,2026-05-01T12:00:00.960+02:00,2026-05-01T12:00:01.600+02:00,still,0.9877,no_vertical;backed_off,0.5,0.487654,\n\
            0.96,1.6,2026-05-01T12:00:00.960+02:00,2026-05-01T12:00:01.600+02:00,still,0.9877,,0.5,0.487654,0\n";
        assert_eq!(written(false, ZERO), expected);
        let mut out = Vec::new();
        StepTable::new(&mut out, false, ["sitting"]).flush().unwrap();
        assert!(out.ends_with(b",flags,sitting,unknown\n"));
    }

    #[test]
    fn json_lines_hold_the_same() {
        let text = written(true, Zero::Unknown);
        let first = "{\"start_s\":0.96,\"end_s\":1.6,\"start\":null,\"end\":null,\"activity\":\"still\",\"confidence\":0.9877,\
            \"flags\":[\"no_vertical\",\"backed_off\"],\"probabilities\":{\"sitting\":0.5,\"a,b\":0.487654,\"unknown\":null}}";
        assert_eq!(text.lines().next(), Some(first));
        for line in written(true, ZERO).lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(row["end"], "2026-05-01T12:00:01.600+02:00");
        }
    }
}
