//! A table as a source: blocks of rows, and what happened in them.

use super::parse::{Events, Parsed, RowPlan, parse};
use crate::error::{Fault, quoted};
use crate::reader::Reader;
use crate::text::Blocks;
use crate::timing::{Batch, Timing};
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};

/// How a table's rows are read.
pub(super) struct TableReader {
    blocks: Blocks,
    plan: RowPlan,
    threads: usize,
    timing: Timing,
    /// Cells of a complete row: the last line is cut if it has fewer and no end.
    cells: usize,
    /// Lines before the first row.
    before: u64,
    state: State,
}

#[derive(Default)]
struct State {
    lines: u64,
    events: Events,
    cut: bool,
    ended: bool,
}

/// What is fixed when a table has been looked at.
pub(super) struct Setup {
    pub(super) blocks: Blocks,
    pub(super) plan: RowPlan,
    pub(super) timing: Timing,
    pub(super) cells: usize,
    pub(super) before: u64,
}

impl TableReader {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { blocks, plan, timing, cells, before } = setup;
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        Self { blocks, plan, threads, timing, cells, before, state: State::default() }
    }
}

impl Reader for TableReader {
    fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind()?;
        self.timing.rewind();
        self.state = State::default();
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.plan.sensors);
        if self.state.ended {
            return Ok(false);
        }
        let batch = match self.blocks.next()? {
            Some(block) => {
                let parsed = parse(block, &self.plan, self.threads);
                let unended = block.last() != Some(&self.plan.end);
                let last = if unended { last_line(block, self.plan.end).to_vec() } else { Vec::new() };
                self.block(parsed, &last)?
            }
            None => {
                self.state.ended = true;
                Batch::new(self.plan.sensors)
            }
        };
        self.timing.give(batch, self.state.ended, chunk)?;
        Ok(!self.state.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    /// What was found in all rows; complete when they have been read to the end.
    fn findings(&self) -> Vec<Finding> {
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
        let text = format!(
            "{} lines without numbers skipped, the first in line {}: {}",
            e.count,
            e.line,
            quoted(&e.text)
        );
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
            self.timing.filled_in()
        );
        add(Clock, Warning, e.count, line(e), text);
        let e = &events.zone;
        let zones = events.offsets.map(|(a, b)| format!(": from {} to {}", offset(a), offset(b)));
        let text = format!("the offset from UTC changes{}, and times follow it", zones.unwrap_or_default());
        add(Clock, Note, e.count, line(e), text);
        let text = "the last line is cut short: dropped".to_owned();
        add(File, Warning, u64::from(state.cut), self.before + state.lines, text);
        all.extend(self.timing.findings());
        all
    }
}

impl TableReader {
    /// Takes up what happened in a block, and drops a last line that was cut.
    fn block(&mut self, parsed: Parsed, last: &[u8]) -> Result<Batch, Fault> {
        let Parsed { mut batch, lines, ends_in_row, mut events } = parsed;
        if !last.is_empty() && self.blocks.ended() && ends_in_row {
            let mut cells = Vec::new();
            super::split::split(last, self.plan.separator, &mut cells);
            if cells.len() < self.cells {
                self.state.cut = true;
                batch.pop();
            }
        }
        events.shift(self.before + self.state.lines + 1);
        if events.order.count > 0 {
            return Err(Fault::damaged(
                format!("line {}", events.order.line),
                quoted(&events.order.text),
                "a date with day and month in the order of the others",
            ));
        }
        self.state.lines += lines;
        self.state.events.merge(events);
        Ok(batch)
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
