//! Blocks of lines to samples: the part that has to be fast.

use super::fast::Fast;
use super::records;
use super::split::{Separator, split, without_tail};
use super::texts::{TextPlan, Texts};
use crate::number::{self, Point};
use crate::texts::RowTexts;
use crate::time::{NoTime, Stamp, TimeReader};
use crate::timing::{Batch, NO_TIME};
use memchr::memchr;

/// What a column is read for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Use {
    Time,
    Axis { sensor: usize, axis: usize },
}

/// How lines are read.
#[derive(Clone, Debug)]
pub(super) struct RowPlan {
    pub(super) separator: Separator,
    pub(super) point: Point,
    /// In cells that were cut out first: a comma that separates columns is none between quotes.
    pub(super) cell_point: Point,
    pub(super) end: u8,
    /// Columns that are read, in rising order, and for what.
    pub(super) used: Vec<(usize, Use)>,
    /// Cells of a usual row, or names of the header if those are more.
    pub(super) columns: usize,
    pub(super) sensors: usize,
    pub(super) time: Option<TimeReader>,
    /// The time stands in its column and the next.
    pub(super) joined: bool,
    /// The header, which may stand again between rows.
    pub(super) header: Option<Vec<u8>>,
    /// Whether a semicolon ends a row too, and whether rows that lack an axis are dropped.
    pub(super) records: bool,
    pub(super) whole: bool,
    /// Columns that are handed on as texts.
    pub(super) texts: Option<TextPlan>,
}

/// Something that happened in lines of a block: how often, and where first, counted from the block's first line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) count: u64,
    pub(super) line: u64,
    pub(super) text: Vec<u8>,
}

impl RowPlan {
    /// Where a row ends.
    fn end_of_row(&self, rest: &[u8]) -> Option<usize> {
        if self.records { memchr::memchr2(records::END, self.end, rest) } else { memchr(self.end, rest) }
    }

    /// What stands behind the last end of a row, if anything does.
    pub(super) fn unended<'a>(&self, block: &'a [u8]) -> &'a [u8] {
        let end = match self.records {
            true => memchr::memrchr2(records::END, self.end, block),
            false => memchr::memrchr(self.end, block),
        };
        let rest = end.map_or(block, |at| &block[at + 1..]);
        if self.records { rest.trim_ascii() } else { rest }
    }
}

impl Event {
    fn add(&mut self, line: u64, text: &[u8]) {
        if self.count == 0 {
            self.line = line;
            self.text = text[..text.len().min(64)].to_vec();
        }
        self.count += 1;
    }

    /// What was counted of a line that is no row is not counted.
    fn take_back(&mut self, count: u64) {
        self.count -= count.min(self.count);
        if self.count == 0 {
            *self = Self::default();
        }
    }

    /// Takes up what happened later.
    pub(super) fn merge(&mut self, later: Self) {
        if self.count == 0 {
            *self = later;
        } else {
            self.count += later.count;
        }
    }
}

/// What happened in a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Events {
    /// The header, again.
    pub(super) header: Event,
    /// Lines without a single number where numbers should be.
    pub(super) foreign: Event,
    /// A header of other columns.
    pub(super) other_header: Event,
    /// Rows with more cells than there are columns, and rows that end before a column in use.
    pub(super) wide: Event,
    pub(super) narrow: Event,
    /// Records that lack an axis.
    pub(super) partial: Event,
    /// Cells that are neither numbers nor words for what is missing.
    pub(super) unreadable: Event,
    /// Times that are missing or unreadable.
    pub(super) no_time: Event,
    /// Dates that do not keep to the order of the others.
    pub(super) order: Event,
    /// The offset from UTC changed.
    pub(super) zone: Event,
    /// First and last offset from UTC.
    pub(super) offsets: Option<(i32, i32)>,
}

impl Events {
    pub(super) fn merge(&mut self, mut later: Self) {
        if let (Some((_, a)), Some((b, _))) = (self.offsets, later.offsets)
            && a != b
        {
            later.zone.count += 1;
        }
        for (mine, other) in [
            (&mut self.header, later.header),
            (&mut self.foreign, later.foreign),
            (&mut self.other_header, later.other_header),
            (&mut self.wide, later.wide),
            (&mut self.narrow, later.narrow),
            (&mut self.partial, later.partial),
            (&mut self.unreadable, later.unreadable),
            (&mut self.no_time, later.no_time),
            (&mut self.order, later.order),
            (&mut self.zone, later.zone),
        ] {
            mine.merge(other);
        }
        self.offsets = match (self.offsets, later.offsets) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (mine, other) => mine.or(other),
        };
    }

    /// Moves all places by so many lines.
    pub(super) fn shift(&mut self, lines: u64) {
        for event in [
            &mut self.header,
            &mut self.foreign,
            &mut self.other_header,
            &mut self.wide,
            &mut self.narrow,
            &mut self.partial,
            &mut self.unreadable,
            &mut self.no_time,
            &mut self.order,
            &mut self.zone,
        ] {
            if event.count > 0 {
                event.line += lines;
            }
        }
    }
}

/// The rows of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) batch: Batch,
    /// Lines of the block, with those that gave no row.
    pub(super) lines: u64,
    /// Whether the last line gave a row.
    pub(super) ends_in_row: bool,
    pub(super) events: Events,
    /// Texts of the rows, where they change.
    pub(super) texts: Vec<RowTexts>,
}

/// Reads whole lines; the memory of `batch` is used again.
pub(super) fn parse(block: &[u8], plan: &RowPlan, mut batch: Batch) -> Parsed {
    let guess = block.len() / 48;
    batch.clear(plan.sensors);
    batch.times.reserve(if plan.time.is_some() { guess } else { 0 });
    for values in &mut batch.values {
        values.reserve(guess);
    }
    let mut all = Parsed { batch, ..Parsed::default() };
    // Quotes, runs of blanks and times in two cells take the general way.
    let simple = match plan.separator {
        Separator::Byte(byte) if !plan.joined && memchr(b'"', block).is_none() => Some(byte),
        _ => None,
    };
    let mut fast = simple.and_then(|_| Fast::new(plan));
    let mut texts = plan.texts.as_ref().map(TextPlan::of_block);
    let mut cells = Vec::new();
    let mut at = 0;
    while at < block.len() {
        if let Some(fast) = &mut fast
            && let Some(next) = fast.row(block, at, &mut all.batch)
        {
            if let (Some(texts), Some(separator)) = (&mut texts, simple) {
                texts.line(&block[at..next], separator, all.batch.rows - 1);
            }
            at = next;
            all.lines += u64::from(!plan.records || block[at - 1] == plan.end);
            all.ends_in_row = true;
            continue;
        }
        let end = plan.end_of_row(&block[at..]).map_or(block.len(), |n| at + n);
        let line = &block[at..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at = end + 1;
        let number = all.lines;
        all.lines += u64::from(block.get(end).is_none_or(|&c| c == plan.end));
        if plan.records && line.trim_ascii().is_empty() {
            continue;
        }
        let before = all.batch.rows;
        let Parsed { batch, events, .. } = &mut all;
        let fast = fast.as_mut();
        let mut row = Row { plan, batch, events, fast, line: number, read: 0, said: 0, unreadable: 0 };
        row.begin();
        match simple {
            Some(byte) => row.simple(if byte == b',' { without_tail(line) } else { line }, byte),
            None => {
                split(line, plan.separator, &mut cells);
                row.cells(&cells);
            }
        }
        row.finish(line);
        all.ends_in_row = all.batch.rows > before;
        if let Some(texts) = texts.as_mut().filter(|_| all.ends_in_row) {
            match simple {
                Some(separator) => texts.line(line, separator, before),
                None => texts.cells(&cells, before),
            }
        }
    }
    all.texts = texts.map(Texts::into_runs).unwrap_or_default();
    // The last line has an end of its record and none of its own.
    all.lines += u64::from(plan.records && block.last() == Some(&records::END));
    if let Some(byte) = simple {
        uneven(block, plan, byte, &mut all);
    }
    all
}

/// Counts rows that are wider or narrower than the others, where the separators of the block do not add up.
fn uneven(block: &[u8], plan: &RowPlan, separator: u8, all: &mut Parsed) {
    let (Some(usual), Some(&(last, _))) = (plan.columns.checked_sub(1), plan.used.last()) else { return };
    // A row that holds nothing but a time is no row that was cut short.
    let axis = plan.used.iter().find(|(_, what)| matches!(what, Use::Axis { .. })).map_or(0, |entry| entry.0);
    let found = memchr::memchr_iter(separator, block).count() as u64;
    if usual == 0 || found == all.lines * usual as u64 {
        return;
    }
    let mut look = |line: &[u8], number: u64| {
        let begins = line.trim_ascii().first().copied();
        // Rows begin with a number, as headers, comments and notes do not.
        if !begins.is_some_and(|c| c.is_ascii_digit() || matches!(c, b'-' | b'+' | b'.') || c == separator) {
            return;
        }
        let cells = memchr::memchr_iter(separator, line).count();
        if cells > usual {
            // Separators at the end of a line are no cells.
            let filled = line.iter().rposition(|&c| c != separator && !c.is_ascii_whitespace());
            let filled = filled.map_or(&line[..0], |end| &line[..=end]);
            if memchr::memchr_iter(separator, filled).count() > usual {
                all.events.wide.add(number, b"");
            }
        } else if (axis..last).contains(&cells) && !(plan.whole && plan.sensors == 1) {
            // Of records that are dropped without it all is said.
            all.events.narrow.add(number, b"");
        }
    };
    for (line, number) in crate::text::lines(block, plan.end).zip(0..) {
        match plan.records {
            true => records::of_line(line).for_each(|record| look(record, number)),
            false => look(line, number),
        }
    }
}

/// Whether a line names columns: a time or axes.
fn names_columns(line: &[u8], separator: Separator) -> bool {
    const ENOUGH: usize = 3;
    let mut cells = Vec::new();
    split(line, separator, &mut cells);
    let name = |cell: &&&[u8]| {
        !matches!(crate::names::read(&String::from_utf8_lossy(cell)), crate::names::Meaning::Other)
    };
    cells.iter().filter(name).count() >= ENOUGH
}

/// A row while it is read.
struct Row<'a, 'p> {
    plan: &'p RowPlan,
    batch: &'a mut Batch,
    events: &'a mut Events,
    /// Learns times.
    fast: Option<&'a mut Fast<'p>>,
    line: u64,
    /// Cells that were read, and cells that say something, among those in use.
    read: usize,
    said: usize,
    /// Cells that were counted as unreadable.
    unreadable: u64,
}

impl Row<'_, '_> {
    fn begin(&mut self) {
        if self.plan.time.is_some() {
            self.batch.times.push(NO_TIME);
        }
        for values in &mut self.batch.values {
            values.push([f32::NAN; 3]);
        }
        self.batch.rows += 1;
    }

    /// Without quotes: cells are read where they stand.
    #[inline]
    fn simple(&mut self, line: &[u8], separator: u8) {
        let (mut at, mut column) = (0, 0);
        let plan = self.plan;
        for &(wanted, what) in &plan.used {
            while column < wanted {
                match memchr(separator, &line[at..]) {
                    Some(n) => at += n + 1,
                    None => return,
                }
                column += 1;
            }
            if let Use::Axis { sensor, axis } = what {
                let mut from = at;
                while line.get(from) == Some(&b' ') {
                    from += 1;
                }
                if let Some((number, end)) = number::scan(line, from, plan.point)
                    && line.get(end).is_none_or(|&c| c == separator)
                {
                    self.set(sensor, axis, number.to_f32(&line[from..end]));
                    if end == line.len() {
                        return;
                    }
                    at = end + 1;
                    column += 1;
                    continue;
                }
            }
            let end = memchr(separator, &line[at..]).map_or(line.len(), |n| at + n);
            self.cell(&line[at..end], what);
            if end == line.len() {
                return;
            }
            at = end + 1;
            column += 1;
        }
    }

    fn cells(&mut self, cells: &[&[u8]]) {
        let plan = self.plan;
        for &(column, what) in &plan.used {
            match (what, cells.get(column), cells.get(column + 1)) {
                (_, None, _) => return,
                (Use::Time, Some(date), Some(time)) if plan.joined => {
                    self.cell(&[date, &b" "[..], time].concat(), what);
                }
                (_, Some(cell), _) => self.cell(cell, what),
            }
        }
    }

    #[inline]
    fn set(&mut self, sensor: usize, axis: usize, value: f32) {
        if let Some(last) = self.batch.values[sensor].last_mut() {
            last[axis] = value;
        }
        self.read += 1;
        self.said += 1;
    }

    fn cell(&mut self, cell: &[u8], what: Use) {
        match what {
            Use::Axis { sensor, axis } => match number::whole(cell, self.plan.cell_point) {
                Some(number) => self.set(sensor, axis, number.to_f32(cell.trim_ascii())),
                None if number::is_missing(cell) => {}
                None => {
                    self.said += 1;
                    self.unreadable += 1;
                    self.events.unreadable.add(self.line, cell);
                }
            },
            Use::Time => self.time(cell),
        }
    }

    fn time(&mut self, cell: &[u8]) {
        let Some(reader) = &self.plan.time else { return };
        match reader.read(cell) {
            Ok(stamp @ Stamp { ns, offset_s, .. }) => {
                if let Some(fast) = &mut self.fast {
                    fast.learn(cell, stamp);
                }
                self.read += 1;
                self.said += 1;
                // The smallest number is taken; no clock shows it.
                let ns = ns.max(NO_TIME + 1);
                if let Some(last) = self.batch.times.last_mut() {
                    *last = ns;
                }
                if let Some(offset) = offset_s {
                    let events = &mut *self.events;
                    match &mut events.offsets {
                        None => events.offsets = Some((offset, offset)),
                        Some((_, last)) if *last != offset => {
                            *last = offset;
                            events.zone.add(self.line, cell);
                        }
                        Some(_) => {}
                    }
                }
            }
            Err(NoTime::Missing) => {}
            Err(NoTime::Order) => {
                self.said += 1;
                self.events.order.add(self.line, cell);
            }
            Err(NoTime::Unreadable) => self.said += 1,
        }
    }

    /// Takes back a line that is no row: blank, the header again, or something else without a number.
    #[inline]
    fn finish(self, line: &[u8]) {
        let no_time = self.batch.times.last() == Some(&NO_TIME);
        if self.read > 0 {
            if self.plan.whole && self.is_partial() {
                self.batch.pop();
                self.events.partial.add(self.line, b"");
            } else if no_time {
                self.events.no_time.add(self.line, line);
            }
            return;
        }
        self.take_back(line);
    }

    /// Whether some axes of a sensor have a value and others have none.
    fn is_partial(&self) -> bool {
        let partial = |value: &[f32; 3]| (1..3).contains(&value.iter().filter(|axis| axis.is_nan()).count());
        self.batch.values.iter().filter_map(|values| values.last()).any(partial)
    }

    #[cold]
    fn take_back(self, line: &[u8]) {
        let trimmed = line.trim_ascii();
        if self.said == 0 && !trimmed.is_empty() && !trimmed.starts_with(b"#") && self.batch.times.is_empty()
        {
            // Without times a row of missing values still takes its time.
            return;
        }
        self.batch.pop();
        if trimmed.is_empty() || self.said == 0 {
            return;
        }
        self.events.unreadable.take_back(self.unreadable);
        if self.plan.header.as_deref().is_some_and(|header| header == trimmed) {
            self.events.header.add(self.line, line);
        } else if names_columns(line, self.plan.separator) {
            self.events.other_header.add(self.line, b"");
        } else {
            self.events.foreign.add(self.line, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::TimeFormat;
    use proptest::prelude::*;

    fn plan(separator: Separator) -> RowPlan {
        let axis = |axis| Use::Axis { sensor: 0, axis };
        RowPlan {
            separator,
            point: Point::DOT,
            cell_point: Point::DOT,
            end: b'\n',
            used: vec![(0, Use::Time), (1, axis(0)), (3, axis(2)), (4, axis(1))],
            columns: 5,
            sensors: 1,
            time: Some(TimeReader::new("ms".parse::<TimeFormat>().unwrap(), Point::DOT)),
            joined: false,
            header: Some(b"t,x,?,z,y".to_vec()),
            records: false,
            whole: false,
            texts: None,
        }
    }

    fn read(text: &str, plan: &RowPlan) -> Parsed {
        parse(text.as_bytes(), plan, Batch::default())
    }

    #[test]
    fn rows_and_what_is_none() {
        let text = "0,1.5,?,-3,2\r\n\n20, 1 ,,NaN,oops\nt,x,?,z,y\nfree text\n,4,,5,6\n40\n60,1,2";
        let rows = read(text, &plan(Separator::Byte(b',')));
        assert_eq!(rows.batch.times, [0, 20_000_000, NO_TIME, 40_000_000, 60_000_000]);
        assert_eq!(rows.lines, 8);
        let values = &rows.batch.values[0];
        assert_eq!(values[0], [1.5, 2.0, -3.0]);
        assert!(values[1][0] == 1.0 && values[1][1].is_nan() && values[1][2].is_nan());
        assert_eq!(values[2], [4.0, 6.0, 5.0]);
        assert!(values[3].iter().all(|v| v.is_nan()) && values[4][0] == 1.0 && values[4][1].is_nan());
        let events = rows.events;
        assert_eq!((events.unreadable.count, events.unreadable.line), (1, 2));
        assert_eq!((events.header.count, events.header.line), (1, 3));
        assert_eq!((events.foreign.count, events.foreign.line), (1, 4));
        assert_eq!((events.no_time.count, events.no_time.line), (1, 5));
    }

    proptest! {
        #[test]
        fn both_ways_agree(lines in proptest::collection::vec("[ 0-9.,eE+NaAx-]{0,24}", 0..20)) {
            let text = lines.join("\n");
            let plan = plan(Separator::Byte(b','));
            let fast = read(&text, &plan);
            // A quote anywhere sends the block the general way.
            let slow = read(&format!("{text}\n\"\n"), &plan);
            let bits = |rows: &Parsed| -> Vec<[u32; 3]> { rows.batch.values[0].iter().map(|v| v.map(f32::to_bits)).collect() };
            prop_assert_eq!(&fast.batch.times, &slow.batch.times);
            prop_assert_eq!(bits(&fast), bits(&slow));
        }

        #[test]
        fn any_bytes(block in proptest::collection::vec(any::<u8>(), 0..400)) {
            for separator in [Separator::Byte(b','), Separator::Byte(b';'), Separator::Blanks] {
                let rows = parse(&block, &plan(separator), Batch::default());
                prop_assert_eq!(rows.batch.times.len(), rows.batch.rows);
                prop_assert_eq!(rows.batch.values[0].len(), rows.batch.rows);
            }
        }
    }
}
