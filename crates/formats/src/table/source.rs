//! A table as a source: blocks of rows, and what happened in them.

use super::ahead::{Ahead, Done};
use super::parse::{Events, Parsed, RowPlan};
use crate::error::{Fault, quoted};
use crate::opened::TextRun;
use crate::reader::Reader;
use crate::text::Blocks;
use crate::texts::Runs;
use crate::timing::{Batch, Timing};
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};

/// Bytes of a text below which threads cost more than they give.
const SHORT: u64 = 256 << 10;

/// How a table's rows are read.
pub(super) struct TableReader {
    /// The text from its beginning; read here only where it is short.
    blocks: Blocks,
    /// From the first read of a long text to its end.
    ahead: Option<Ahead>,
    plan: RowPlan,
    threads: usize,
    timing: Timing,
    /// Cells of a complete row: the last line is cut if it has fewer and no end.
    cells: usize,
    /// Lines before the first row.
    before: u64,
    texts: Runs,
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
        Self {
            blocks,
            ahead: None,
            plan,
            threads,
            timing,
            cells,
            before,
            texts: Runs::default(),
            state: State::default(),
        }
    }

    /// Another reader of the same table, at its beginning.
    pub(super) fn another(&self) -> std::io::Result<Self> {
        let mut timing = self.timing.clone();
        timing.rewind();
        let (plan, cells, before) = (self.plan.clone(), self.cells, self.before);
        Ok(Self::new(Setup { blocks: self.blocks.again()?, plan, timing, cells, before }))
    }
}

impl Reader for TableReader {
    fn rewind(&mut self) -> Result<(), Fault> {
        self.blocks.rewind()?;
        self.ahead = None;
        self.timing.rewind();
        self.texts = Runs::default();
        self.state = State::default();
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.plan.sensors);
        if self.state.ended {
            return Ok(false);
        }
        let spare = Batch::reusing(chunk);
        let batch = match self.next(spare) {
            Ok(Some(done)) => self.block(done)?,
            Ok(None) => {
                self.state.ended = true;
                self.ahead = None;
                Batch::new(self.plan.sensors)
            }
            Err(fault) => {
                // Nothing more comes of it.
                self.state.ended = true;
                self.ahead = None;
                return Err(fault);
            }
        };
        self.timing.give(batch, self.state.ended, chunk)?;
        Ok(!self.state.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.texts.take(self.timing.given())
    }

    /// What was found in all rows; complete when they have been read to the end.
    fn findings(&self) -> Vec<Finding> {
        use FindingKind::{Clock, File, Missing};
        use Severity::{Note, Refusal, Warning};
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
        // Its place, not what it says: an annotation may stand there.
        let text = format!("{} lines without numbers skipped, the first in line {}", e.count, e.line);
        add(File, Warning, e.count, line(e), text);
        let e = &events.other_header;
        let text = format!(
            "line {} names other columns than the header: what follows is laid out otherwise. Split the file there",
            e.line
        );
        add(File, Refusal, e.count, line(e), text);
        // From some row on, or here and there.
        let last = self.before + state.lines;
        let severity = |e: &super::parse::Event| {
            let behind = last.saturating_sub(e.line).saturating_add(1);
            if e.count * 10 >= behind * 9 && e.count > 1 { Refusal } else { Warning }
        };
        for (e, how) in [
            (&events.wide, "more cells than the columns"),
            (&events.narrow, "fewer cells than the columns in use"),
        ] {
            let text = format!(
                "{} rows have {how}, the first in line {}: values may stand in the wrong columns, or are missing",
                e.count, e.line
            );
            add(File, severity(e), e.count, line(e), text);
        }
        let e = &events.partial;
        let text = format!(
            "{} records have a value of one axis and none of another: dropped, the first in line {}",
            e.count, e.line
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
        // Not the row itself: columns that are never read stand in it.
        let text = format!(
            "{} rows have no time, the first in line {}; {} times taken from the rows around",
            e.count,
            e.line,
            self.timing.filled_in()
        );
        add(Clock, Warning, e.count, line(e), text);
        let e = &events.zone;
        let zones = events.offsets.map(|(a, b)| format!(": from {} to {}", offset(a), offset(b)));
        let text = format!("the offset from UTC changes{}, and times follow it", zones.unwrap_or_default());
        add(Clock, Note, e.count, line(e), text);
        let text =
            format!("the last line is cut short: dropped; {} lines are read", state.lines.saturating_sub(1));
        add(File, Warning, u64::from(state.cut), self.before + state.lines, text);
        all.extend(self.timing.findings());
        all
    }
}

impl TableReader {
    /// The next block; none at the end.
    fn next(&mut self, spare: Batch) -> Result<Option<Done>, Fault> {
        if self.blocks.length() > SHORT {
            let ahead = match &mut self.ahead {
                Some(ahead) => ahead,
                none => none.insert(Ahead::start(self.blocks.again()?, &self.plan, self.threads)?),
            };
            return ahead.next(spare);
        }
        let mut done = self.blocks.next()?.map(|block| Done::of(block, &self.plan, false, spare));
        if let Some(done) = &mut done {
            done.ended = self.blocks.ended();
        }
        Ok(done)
    }

    /// Takes up what happened in a block, and drops a last line that was cut.
    fn block(&mut self, done: Done) -> Result<Batch, Fault> {
        let Parsed { mut batch, lines, ends_in_row, mut events, texts } = done.parsed;
        if !done.last.is_empty() && done.ended && ends_in_row {
            let mut cells = Vec::new();
            super::split::split(&done.last, self.plan.separator, &mut cells);
            if cells.len() < self.cells {
                self.state.cut = true;
                batch.pop();
            }
        }
        self.texts.add(batch.rows, texts);
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

#[cfg(test)]
mod tests {
    use super::super::parse::Use;
    use super::super::split::Separator;
    use super::super::texts::TextPlan;
    use super::*;
    use crate::bytes::Bytes;
    use crate::number::Point;
    use crate::text::TextKind;
    use crate::time::{DateOrder, TimeFormat, TimeReader};

    fn table(text: &str, threads: usize, block: usize) -> TableReader {
        let axes = (0..3).map(|axis| (axis + 1, Use::Axis { sensor: 0, axis }));
        let plan = RowPlan {
            separator: Separator::Byte(b','),
            point: Point::DOT,
            cell_point: Point::DOT,
            end: b'\n',
            used: std::iter::once((0, Use::Time)).chain(axes).collect(),
            columns: 0,
            sensors: 1,
            time: Some(TimeReader::new(TimeFormat::Text(DateOrder::YearMonthDay), Point::DOT)),
            joined: false,
            header: Some(b"t,x,y,z".to_vec()),
            records: false,
            whole: false,
            texts: TextPlan::new(&[3], TextKind::of(b"a")),
        };
        let bytes = Bytes::memory(text.as_bytes().to_vec());
        let blocks = Blocks::open(&bytes, TextKind::of(text.as_bytes()), 0).unwrap().in_blocks_of(block);
        let mut table =
            TableReader::new(Setup { blocks, plan, timing: Timing::default(), cells: 4, before: 1 });
        table.threads = threads;
        table
    }

    type Read = (Vec<i64>, Vec<[u32; 3]>, Vec<TextRun>, Vec<String>);

    fn read(table: &mut TableReader, most: usize) -> Read {
        let mut chunk = Chunk::default();
        let (mut times, mut values, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..most {
            if !table.read(&mut chunk).unwrap() {
                break;
            }
            times.extend(&chunk.parts[0].times_ns);
            values.extend(chunk.parts[0].values.iter().map(|value| value.map(f32::to_bits)));
            texts.extend(table.take_texts());
        }
        (times, values, texts, table.findings().into_iter().map(|finding| finding.text).collect())
    }

    #[test]
    fn the_same_with_any_number_of_threads_and_size_of_blocks() {
        let mut text = String::new();
        for i in 0..20_000 {
            let (minute, second, ms) = (i / 6000, i / 100 % 60, i % 100 * 10);
            let zone = if i < 12_345 { "Z" } else { "+01:00" };
            let value = f64::from(i % 777) * 0.013_57;
            text +=
                &format!("2024-03-05T10:{minute:02}:{second:02}.{ms:03}{zone},{value:.6},-{value:.4},0.25\n");
            match i % 3001 {
                17 => text += "\nnonsense\n",
                18 => text += "t,x,y,z\n",
                19 => text += "NA,1,oops,\n",
                20 => text += "2024-03-05T10:00:00.5Z, 1 ,,3\r\n",
                _ => {}
            }
        }
        text += "2024-03-05T10:03:20.000+01:00,1,2";
        let whole = read(&mut table(&text, 1, 4 << 20), usize::MAX);
        assert_eq!(whole.0.len(), 20_000 + 2 * 7);
        // Where `z` is another or missing, and where it is as usual again.
        assert_eq!(whole.2.len(), 1 + 4 * 7);
        let said = whole.3.join("\n");
        for words in
            ["the first in line 21", "line 23", "line 25: `oops`", "from +00:00 to +01:00", "is cut short"]
        {
            assert!(said.contains(words), "{words} in\n{said}");
        }
        for (threads, block) in [(1, 64 << 10), (2, 5000), (3, 64 << 10), (7, 1000), (2, 2 << 20)] {
            let mut table = table(&text, threads, block);
            // Some of it, and then all.
            read(&mut table, threads);
            table.rewind().unwrap();
            assert!(read(&mut table, usize::MAX) == whole, "{threads} threads, blocks of {block}");
        }
    }
}
