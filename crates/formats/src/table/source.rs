//! A table as a source: blocks of rows, with times put right where the table itself says how.

use super::parse::{Events, NO_TIME, RowPlan, Rows, parse};
use crate::error::{Fault, quoted};
use crate::text::Blocks;
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};

/// Rows without a time, or with nothing but a time, that are kept back until something follows; more of them are given out
/// as they are.
const HELD: usize = 1 << 16;

const DAY_NS: i64 = 86_400_000_000_000;

/// How a table's rows are read.
pub(crate) struct TableReader {
    blocks: Blocks,
    plan: RowPlan,
    threads: usize,
    /// Column's own count at the recording's zero.
    origin_ns: i64,
    /// Times of day without a date.
    of_day: bool,
    /// Samples per second, where there are no times.
    rate_hz: Option<f64>,
    /// Cells of a complete row: the last line is cut if it has fewer and no end.
    cells: usize,
    /// Lines before the first row.
    before: u64,
    state: State,
}

#[derive(Default)]
struct State {
    lines: u64,
    rows: u64,
    events: Events,
    held: Rows,
    last: Option<i64>,
    /// The last step forward.
    step: i64,
    days: i64,
    midnights: u64,
    cut: bool,
    filled_in: u64,
    tail: u64,
    ended: bool,
}

/// What is fixed when a table has been looked at.
pub(super) struct Setup {
    pub(super) blocks: Blocks,
    pub(super) plan: RowPlan,
    pub(super) origin_ns: i64,
    pub(super) of_day: bool,
    pub(super) rate_hz: Option<f64>,
    pub(super) cells: usize,
    pub(super) before: u64,
}

impl TableReader {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { blocks, plan, origin_ns, of_day, rate_hz, cells, before } = setup;
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        Self { blocks, plan, threads, origin_ns, of_day, rate_hz, cells, before, state: State::default() }
    }

    pub(crate) fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind()?;
        self.state = State::default();
        Ok(())
    }

    pub(crate) fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.plan.sensors);
        if self.state.ended {
            return Ok(false);
        }
        let mut rows = match self.blocks.next()? {
            Some(block) => {
                let rows = parse(block, &self.plan, self.threads);
                let unended = block.last() != Some(&self.plan.end);
                let last = if unended { last_line(block, self.plan.end).to_vec() } else { Vec::new() };
                self.block(rows, &last)?
            }
            None => {
                self.state.ended = true;
                Rows { values: vec![Vec::new(); self.plan.sensors], ..Rows::default() }
            }
        };
        if self.rate_hz.is_none() {
            self.midnight(&mut rows.times);
            rows = self.with_times(rows)?;
        }
        self.give(rows, chunk);
        Ok(!self.state.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    /// Takes up what happened in a block, and drops a last line that was cut.
    fn block(&mut self, mut rows: Rows, last: &[u8]) -> Result<Rows, Fault> {
        if !last.is_empty() && self.blocks.ended() && rows.rows > 0 {
            let mut cells = Vec::new();
            super::split::split(last, self.plan.separator, &mut cells);
            if cells.len() < self.cells {
                self.state.cut = true;
                pop(&mut rows);
            }
        }
        let mut events = std::mem::take(&mut rows.events);
        events.shift(self.before + self.state.lines + 1);
        if events.order.count > 0 {
            return Err(Fault::damaged(
                format!("line {}", events.order.line),
                quoted(&events.order.text),
                "a date with day and month in the order of the others",
            ));
        }
        self.state.lines += rows.lines;
        self.state.events.merge(events);
        Ok(rows)
    }

    /// A time of day that falls by more than half a day is of the next day.
    fn midnight(&mut self, times: &mut [i64]) {
        if !self.of_day {
            return;
        }
        let mut last = self.state.held.times.iter().rev().find(|&&t| t != NO_TIME).copied().or(self.state.last);
        for time in times.iter_mut().filter(|time| **time != NO_TIME) {
            *time += self.state.days * DAY_NS;
            if last.is_some_and(|last| *time < last - DAY_NS / 2) {
                self.state.days += 1;
                self.state.midnights += 1;
                *time += DAY_NS;
            }
            last = Some(*time);
        }
    }

    /// Gives rows without a time one from their neighbours, and keeps back those at the end that wait for one, or that say
    /// nothing but a time.
    fn with_times(&mut self, rows: Rows) -> Result<Rows, Fault> {
        let state = &mut self.state;
        let mut rows = match state.held.rows {
            0 => rows,
            _ => {
                let mut all = std::mem::take(&mut state.held);
                extend(&mut all, &rows);
                all
            }
        };
        let empty = |rows: &Rows, i: usize| rows.values.iter().all(|v| v[i].iter().all(|x| x.is_nan()));
        let mut end = rows.rows;
        while end > 0 && (rows.times[end - 1] == NO_TIME || empty(&rows, end - 1)) {
            end -= 1;
        }
        if state.ended {
            // Nothing follows: what says nothing but a time is dropped.
            while rows.rows > end && empty(&rows, rows.rows - 1) {
                pop(&mut rows);
                state.tail += 1;
            }
            end = rows.rows;
        } else if rows.rows - end > HELD {
            end = rows.rows;
        }
        if end < rows.rows {
            state.held = split_off(&mut rows, end);
        }
        self.fill_in(&mut rows.times)?;
        Ok(rows)
    }

    fn fill_in(&mut self, times: &mut [i64]) -> Result<(), Fault> {
        let state = &mut self.state;
        let mut i = 0;
        while i < times.len() {
            if times[i] != NO_TIME {
                if let Some(last) = state.last
                    && times[i] > last
                {
                    state.step = times[i] - last;
                }
                state.last = Some(times[i]);
                i += 1;
                continue;
            }
            let from = i;
            while i < times.len() && times[i] == NO_TIME {
                i += 1;
            }
            let n = (i - from) as i64;
            let next = times.get(i).copied();
            state.filled_in += n as u64;
            match (state.last, next) {
                (Some(last), Some(next)) => {
                    let wide = i128::from(next) - i128::from(last);
                    for k in 1..=n {
                        times[from + k as usize - 1] = last.wrapping_add((wide * i128::from(k) / i128::from(n + 1)) as i64);
                    }
                }
                // The first rows: backwards from the first two times.
                (None, Some(next)) => {
                    let after = times[i + 1..].iter().copied().find(|&time| time > next && time != NO_TIME);
                    let step = after.map_or(0, |after| after.wrapping_sub(next));
                    for k in 1..=n {
                        times[i - k as usize] = next.saturating_sub(step.saturating_mul(k));
                    }
                }
                (Some(last), None) => {
                    for k in 1..=n {
                        times[from + k as usize - 1] = last.saturating_add(state.step.saturating_mul(k));
                    }
                    state.last = times.last().copied();
                }
                (None, None) => {
                    return Err(Fault::damaged(
                        format!("line {}", state.events.no_time.line),
                        format!("no time in {n} rows from the first on"),
                        "a time in every row",
                    ));
                }
            }
        }
        Ok(())
    }

    fn give(&mut self, rows: Rows, chunk: &mut Chunk) {
        let first = self.state.rows;
        self.state.rows += rows.rows as u64;
        let times: Vec<i64> = match self.rate_hz {
            Some(rate) => (first..self.state.rows).map(|row| (row as f64 * (1e9 / rate)).round() as i64).collect(),
            None => {
                let mut times = rows.times;
                times.iter_mut().for_each(|time| *time = time.saturating_sub(self.origin_ns));
                times
            }
        };
        let mut times = Some(times);
        let sensors = chunk.parts.len();
        for (i, (part, values)) in chunk.parts.iter_mut().zip(rows.values).enumerate() {
            part.values = values;
            let own = if i + 1 == sensors { times.take() } else { times.clone() };
            part.times_ns = own.unwrap_or_default();
        }
    }

    /// What was found in all rows; complete when they have been read to the end.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        use FindingKind::{Clock, File, Missing};
        use Severity::{Note, Warning};
        let state = &self.state;
        let mut all = Vec::new();
        let mut add = |kind, severity, count: u64, line: u64, text: String| {
            if count > 0 {
                let line = Some(line).filter(|&line| line > 0);
                let place = Place { line, ..Place::default() };
                all.push(Finding::new(kind, severity, text).at(place).times(count));
            }
        };
        let events = &state.events;
        let line = |event: &super::parse::Event| event.line;
        let e = &events.header;
        let text = format!("the header stands again in line {}: files that were joined; skipped", e.line);
        add(File, Warning, e.count, line(e), text);
        let e = &events.foreign;
        let text =
            format!("{} lines without numbers skipped, the first in line {}: {}", e.count, e.line, quoted(&e.text));
        add(File, Warning, e.count, line(e), text);
        let e = &events.unreadable;
        let text = format!(
            "{} cells are no numbers and count as missing, the first in line {}: {}",
            e.count,
            e.line,
            quoted(&e.text)
        );
        add(Missing, Warning, e.count, line(e), text);
        let e = &events.no_time;
        let text = format!(
            "{} rows have no time, the first in line {}: {}; {} times taken from the rows around",
            e.count,
            e.line,
            quoted(&e.text),
            state.filled_in
        );
        add(Clock, Warning, e.count, line(e), text);
        let e = &events.zone;
        let zones = events.offsets.map(|(a, b)| format!(": from {} to {}", offset(a), offset(b)));
        let text = format!("the offset from UTC changes{}, and times follow it", zones.unwrap_or_default());
        add(Clock, Note, e.count, line(e), text);
        let text = "the time of day passes midnight: a day later, not a day back".to_owned();
        add(Clock, Note, state.midnights, 0, text);
        let text = "the last line is cut short: dropped".to_owned();
        add(File, Warning, u64::from(state.cut), self.before + state.lines, text);
        let text = format!("{} rows at the end hold nothing but a time: dropped", state.tail);
        add(File, Warning, state.tail, 0, text);
        all
    }

    /// Whether the end has been reached.
    pub(crate) fn ended(&self) -> bool {
        self.state.ended
    }
}

/// `+01:00`.
fn offset(seconds: i32) -> String {
    let minutes = seconds.abs() / 60;
    format!("{}{:02}:{:02}", if seconds < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

fn last_line(block: &[u8], end: u8) -> &[u8] {
    memchr::memrchr(end, block).map_or(block, |at| &block[at + 1..])
}

fn pop(rows: &mut Rows) {
    rows.rows -= 1;
    rows.times.pop();
    for values in &mut rows.values {
        values.pop();
    }
}

fn extend(rows: &mut Rows, other: &Rows) {
    rows.times.extend_from_slice(&other.times);
    rows.rows += other.rows;
    for (mine, other) in rows.values.iter_mut().zip(&other.values) {
        mine.extend_from_slice(other);
    }
}

fn split_off(rows: &mut Rows, at: usize) -> Rows {
    let n = rows.rows - at;
    rows.rows = at;
    Rows {
        times: rows.times.split_off(at),
        values: rows.values.iter_mut().map(|values| values.split_off(at)).collect(),
        rows: n,
        ..Rows::default()
    }
}
