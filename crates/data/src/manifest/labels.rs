//! From words to intervals of time.

use super::DescribedError;
use super::pattern::Captures;
use super::plan::Label;
use super::samples::{Piece, samples_of};
use super::tables::{self, Table, key};
use super::words::{Meaning, Words};
use super::{LabelTable, LabelUnit};
use crate::LabelInterval;
use ambulo_formats::TimeFormat;
use ambulo_signal::Clock;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Latest time that a table of labels may speak of, in seconds: 100 years.
const LATEST_S: f64 = 3.2e9;

/// An interval and the line that says it; 0 where it is no line.
type Told = (LabelInterval, u64);

/// The tables that an entry's labels are in, read once.
#[derive(Debug)]
pub(super) enum Source {
    /// Nothing beside the file itself.
    File,
    /// A table for all files: rows by what they belong to.
    Shared(Indexed),
    /// A table for each file.
    Each,
    Dictionary(HashMap<String, String>),
}

/// Rows of a table of intervals by the recordings to which they belong.
#[derive(Debug)]
pub(super) struct Indexed {
    table: Table,
    rows: HashMap<Vec<String>, Vec<usize>>,
}

impl Indexed {
    fn read(path: &Path, of: &LabelTable) -> Result<Self, DescribedError> {
        let mut columns = vec![of.label.as_str(), of.start.as_str(), of.end.as_deref().unwrap_or(&of.start)];
        columns.extend(of.of.values().map(String::as_str));
        let table = tables::read(path, &columns)?;
        let mut rows: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (at, (_, row)) in table.rows.iter().enumerate() {
            rows.entry(row[3..].iter().map(|text| key(text)).collect()).or_default().push(at);
        }
        Ok(Self { table, rows })
    }
}

impl Source {
    /// Reads what all files of an entry share.
    pub(super) fn new(label: &Label, path: impl Fn(&str) -> PathBuf) -> Result<Self, DescribedError> {
        Ok(match label {
            Label::Capture(_) | Label::Column | Label::Always(_) => Self::File,
            Label::Table(table) if tables::placeholders(&table.file).is_empty() => {
                Self::Shared(Indexed::read(&path(&table.file), table)?)
            }
            Label::Table(_) => Self::Each,
            Label::Dictionary { file, text, label } => {
                Self::Dictionary(tables::dictionary(&path(file), text, label)?)
            }
        })
    }
}

/// What the labels of one recording are made from.
pub(super) struct Labelled<'a> {
    pub(super) words: &'a Words,
    /// What is known of the recording by name: captures and columns that divide the table.
    pub(super) known: &'a Captures,
    /// The file, for messages.
    pub(super) file: &'a str,
    pub(super) piece: &'a Piece,
    /// Of the accelerometer.
    pub(super) clock: &'a Clock,
    /// When the last sample is over, in ns.
    pub(super) end_ns: i64,
    /// What the file's clock says at the recording's zero, in ns, and how it is written.
    pub(super) origin_ns: Option<i64>,
    pub(super) time: Option<TimeFormat>,
}

impl Labelled<'_> {
    fn time_ns(&self, sample: usize) -> i64 {
        if sample >= self.piece.len() { self.end_ns } else { self.clock.time_ns(sample) }
    }

    fn meaning(&self, word: &str, row: Option<u64>, file: &str) -> Result<&Meaning, DescribedError> {
        self.words.meaning(word).ok_or_else(|| DescribedError::Word {
            file: file.to_owned(),
            row,
            word: word.chars().take(80).collect(),
            known: self.words.known().to_owned(),
        })
    }

    /// Labels in the order of time, without overlaps.
    pub(super) fn intervals(
        &self,
        label: &Label,
        source: &Source,
        path: impl Fn(&str) -> PathBuf,
    ) -> Result<Vec<LabelInterval>, DescribedError> {
        let whole = |word: &str| {
            let meaning = self.meaning(word, None, self.file)?;
            let told = meaning.activity().map(|label| self.interval(0, self.piece.len(), label));
            Ok(told.into_iter().collect())
        };
        match (label, source) {
            (Label::Capture(name), _) => whole(self.known.get(name).map_or("", String::as_str)),
            (Label::Always(word), _) => whole(word),
            (Label::Table(table), Source::Shared(indexed)) => self.of_table(table, indexed),
            (Label::Table(table), _) => {
                let file = tables::filled(&table.file, self.known);
                self.of_table(table, &Indexed::read(&path(&file), table)?)
            }
            (Label::Dictionary { .. }, Source::Dictionary(dictionary)) => self.of_rows(Some(dictionary)),
            (Label::Column | Label::Dictionary { .. }, _) => self.of_rows(None),
        }
    }

    fn interval(&self, start: usize, end: usize, label: &Arc<str>) -> LabelInterval {
        LabelInterval { start_ns: self.time_ns(start), end_ns: self.time_ns(end), label: label.clone() }
    }

    /// A label in each row.
    fn of_rows(
        &self,
        dictionary: Option<&HashMap<String, String>>,
    ) -> Result<Vec<LabelInterval>, DescribedError> {
        let mut told: Vec<Told> = Vec::new();
        let ends = self.piece.texts.iter().skip(1).map(|(at, _)| *at).chain([self.piece.len()]);
        for ((start, text), end) in self.piece.texts.iter().zip(ends) {
            let row = Some(self.piece.row(*start));
            let word = match dictionary {
                None => text.as_ref(),
                Some(_) if text.trim().is_empty() => "",
                Some(dictionary) => {
                    dictionary.get(&key(text)).map(String::as_str).ok_or_else(|| DescribedError::Word {
                        file: self.file.to_owned(),
                        row,
                        word: text.chars().take(80).collect(),
                        known: format!("the {} texts of the dictionary", dictionary.len()),
                    })?
                }
            };
            if let Some(label) = self.meaning(word, row, self.file)?.activity() {
                told.push((self.interval(*start, end, label), 0));
            }
        }
        // Stamps that repeat or step back a little leave nothing to some runs.
        let mut reached = i64::MIN;
        for (interval, _) in &mut told {
            interval.start_ns = interval.start_ns.max(reached);
            interval.end_ns = interval.end_ns.max(interval.start_ns);
            reached = interval.end_ns;
        }
        Ok(joined(told.into_iter().map(|(interval, _)| interval)))
    }

    fn of_table(&self, of: &LabelTable, indexed: &Indexed) -> Result<Vec<LabelInterval>, DescribedError> {
        let wanted: Vec<String> =
            of.of.keys().map(|name| key(self.known.get(name).map_or("", String::as_str))).collect();
        let table = &indexed.table;
        let file = table.path.display().to_string();
        let mut starts: Vec<(i64, i64, u64, &Meaning)> = Vec::new();
        for &at in indexed.rows.get(&wanted).map(Vec::as_slice).unwrap_or_default() {
            let (line, row) = &table.rows[at];
            let meaning = self.meaning(&row[0], Some(*line), &file)?;
            let time = |text: &str| {
                self.count(text, of.unit).ok_or_else(|| {
                    let hint = "expected a number as `unit` says";
                    table.fault(
                        *line,
                        format!("`{}` is no time", text.chars().take(80).collect::<String>()),
                        hint,
                    )
                })
            };
            let start = time(&row[1])? - i64::from(if of.unit == LabelUnit::Rows { of.first_row } else { 0 });
            let end = match of.end {
                Some(_) if of.unit == LabelUnit::Rows => {
                    time(&row[2])? - i64::from(of.first_row) + i64::from(of.end_included)
                }
                Some(_) => time(&row[2])?,
                None => i64::MAX,
            };
            if (start < 0 && of.unit != LabelUnit::Times) || end <= start {
                let found = format!("the interval from `{}` to `{}` is none", row[1], row[2]);
                return Err(table.fault(*line, found, "see `unit`, `first-row` and `end-included`"));
            }
            starts.push((start, end, *line, meaning));
        }
        starts.sort_by_key(|&(start, end, line, _)| (start, end, line));
        if of.end.is_none() {
            for at in 1..starts.len() {
                starts[at - 1].1 = starts[at].0;
            }
        }
        let mut told: Vec<Told> = Vec::new();
        for (start, end, line, meaning) in starts {
            let Some(label) = meaning.activity() else { continue };
            for (start_ns, end_ns) in self.times(of.unit, start, end, line, table)? {
                if start_ns < end_ns {
                    told.push((LabelInterval { start_ns, end_ns, label: label.clone() }, line));
                }
            }
        }
        told.sort_by_key(|(interval, line)| (interval.start_ns, *line));
        let mut last: Option<&Told> = None;
        for next in &told {
            if let Some((before, first)) =
                last.filter(|(before, _)| before.end_ns > next.0.start_ns && before.label != next.0.label)
            {
                return Err(DescribedError::Overlap {
                    path: table.path.clone(),
                    first: *first,
                    second: next.1,
                    recording: self.file.to_owned(),
                    a: before.label.to_string(),
                    b: next.0.label.to_string(),
                });
            }
            if last.is_none_or(|(before, _)| before.end_ns < next.0.end_ns) {
                last = Some(next);
            }
        }
        Ok(joined(told.into_iter().map(|(interval, _)| interval)))
    }

    /// When the samples of an interval were taken.
    fn times(
        &self,
        unit: LabelUnit,
        start: i64,
        end: i64,
        line: u64,
        table: &Table,
    ) -> Result<Vec<(i64, i64)>, DescribedError> {
        if unit != LabelUnit::Rows {
            // Times are the recording's own; others count from its first sample.
            let first = self.time_ns(0);
            let from = if unit == LabelUnit::Times { 0 } else { first };
            let clip = |ns: i64| ns.saturating_add(from).max(first).min(self.end_ns);
            return Ok(vec![(clip(start), clip(end))]);
        }
        let last = self.piece.rows.iter().map(|rows| rows.end).max().unwrap_or(0);
        let rows = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
        if end != i64::MAX && rows.end > last && self.piece.part == 0 && self.piece.rows.len() == 1 {
            let found = format!("the interval ends {} rows behind the end of {}", rows.end - last, self.file);
            return Err(table.fault(
                line,
                found,
                "the recording may be cut off; see `first-row` and `end-included`",
            ));
        }
        let samples = samples_of(&self.piece.rows, &rows);
        Ok(samples.into_iter().map(|span| (self.time_ns(span.start), self.time_ns(span.end))).collect())
    }

    /// Rows, or nanoseconds.
    fn count(&self, text: &str, unit: LabelUnit) -> Option<i64> {
        if unit == LabelUnit::Times {
            return self.time?.count_ns(text)?.checked_sub(self.origin_ns?);
        }
        let number: f64 = text.trim().parse().ok()?;
        let most =
            |scale: f64| (number.abs() <= LATEST_S * 1e9 / scale).then(|| (number * scale).round() as i64);
        match unit {
            LabelUnit::Rows => (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64),
            LabelUnit::Seconds => most(1e9),
            LabelUnit::Milliseconds => most(1e6),
            LabelUnit::Times => None,
        }
    }
}

/// Neighbours that touch or overlap and say the same as one; empty ones as none.
pub(super) fn joined(intervals: impl Iterator<Item = LabelInterval>) -> Vec<LabelInterval> {
    let mut all: Vec<LabelInterval> = Vec::new();
    for interval in intervals.filter(|interval| interval.start_ns < interval.end_ns) {
        match all.last_mut().filter(|last| last.label == interval.label && last.end_ns >= interval.start_ns) {
            Some(last) => last.end_ns = last.end_ns.max(interval.end_ns),
            None => all.push(interval),
        }
    }
    all
}
