//! Lines of a table that is still being written.

use super::layout::{self, Line};
use super::parse::{Event, Events, Parsed, RowPlan, parse};
use super::{row_plan, sample};
use crate::error::{Fault, quoted};
use crate::live::{BadLine, Head, HeadState, LiveClock, Taken, check, give};
use crate::options::ReadOptions;
use crate::plan::{self, Plan};
use crate::text::TextKind;
use crate::timing::{Batch, NO_TIME};

/// Reads the lines of a table one by one.
#[derive(Debug, Default)]
pub(crate) struct TableLines {
    head: Head,
    known: Option<Known>,
    /// Its memory is used again.
    batch: Batch,
}

/// What the lines hold.
#[derive(Debug)]
struct Known {
    plan: Plan,
    rows: RowPlan,
    clock: LiveClock,
    /// Index of the first row in the head.
    first: usize,
}

impl TableLines {
    pub(crate) fn going_on(options: &ReadOptions, state: HeadState) -> Result<Self, Fault> {
        let mut table = Self { head: Head::of(state.lines), ..Self::default() };
        if let Some(clock) = state.clock {
            table.known = Some(Known { clock, ..decide(&table.head, options)? });
        }
        Ok(table)
    }

    pub(crate) fn state(&self) -> HeadState {
        let clock = self.known.as_ref().map(|known| known.clock.clone());
        HeadState { sensor: None, lines: self.head.texts(), clock }
    }

    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.known.as_ref().map(|known| &known.plan)
    }

    pub(crate) fn line(
        &mut self,
        options: &ReadOptions,
        number: u64,
        text: &[u8],
        taken: &mut Taken,
    ) -> Result<(), Fault> {
        match &mut self.known {
            Some(known) => known.row(number, text, &mut self.batch, taken),
            None if self.head.push(number, text) => self.look(options, false, taken),
            None => Ok(()),
        }
    }

    pub(crate) fn finish(&mut self, options: &ReadOptions, taken: &mut Taken) -> Result<(), Fault> {
        if self.known.is_some() { Ok(()) } else { self.look(options, true, taken) }
    }

    /// Decides what the lines hold, and reads those that were kept.
    fn look(&mut self, options: &ReadOptions, ended: bool, taken: &mut Taken) -> Result<(), Fault> {
        let Some(mut known) = self.head.decided(decide(&self.head, options), ended)? else { return Ok(()) };
        for (number, text) in &self.head.lines()[known.first..] {
            known.row(*number, text, &mut self.batch, taken)?;
        }
        self.known = Some(known);
        Ok(())
    }
}

fn decide(head: &Head, options: &ReadOptions) -> Result<Known, Fault> {
    let text = head.texts().join(&b'\n');
    let mut kind = TextKind::of(&text);
    kind.end = b'\n';
    let lines: Vec<Line<'_>> =
        head.lines().iter().map(|(number, text)| Line { number: *number, offset: 0, text }).collect();
    let layout = layout::layout(&lines, &options.texts)?;
    let sample = sample(&lines, lines.len(), &layout, kind, String::new());
    let plan = plan::decide(&sample, layout.point, options)?;
    check(&plan)?;
    let rows = row_plan(&plan, &layout, kind, &lines, sample.columns);
    Ok(Known { rows, clock: LiveClock::new(&plan), plan, first: layout.first })
}

impl Known {
    fn row(&mut self, line: u64, text: &[u8], batch: &mut Batch, taken: &mut Taken) -> Result<(), Fault> {
        let Parsed { batch: read, events, .. } = parse(text, &self.rows, std::mem::take(batch));
        let done = self.take(line, &read, &events, taken);
        *batch = read;
        done
    }

    fn take(&mut self, line: u64, read: &Batch, events: &Events, taken: &mut Taken) -> Result<(), Fault> {
        if events.other_header.count > 0 {
            let found = "a header of other columns than those before";
            return Err(Fault::damaged(format!("line {line}"), found, "the same columns to the end"));
        }
        if let Some((found, expected)) = self.wrong(events) {
            // It takes its time all the same, where rows have none of their own.
            if !self.clock.is_stamped() {
                self.clock.time(NO_TIME);
            }
            taken.bad.push(BadLine { line, found, expected });
        } else if read.rows > 0 {
            let time_ns = self.clock.time(read.times.first().copied().unwrap_or(NO_TIME));
            let parts: Vec<Option<[f32; 3]>> =
                read.values.iter().map(|values| values.first().copied()).collect();
            give(&self.plan, time_ns, &parts, &mut taken.samples);
        }
        Ok(())
    }

    /// What is wrong with a row, and what should be there.
    fn wrong(&self, events: &Events) -> Option<(String, String)> {
        let cells = || format!("{} cells, as in the rows before", self.rows.columns);
        let says = |event: &Event| quoted(&event.text);
        if events.foreign.count > 0 {
            return Some((says(&events.foreign), cells()));
        }
        if events.narrow.count > 0 {
            return Some(("a row that ends before its last column in use".to_owned(), cells()));
        }
        if events.wide.count > 0 {
            return Some(("a row with more cells than there are columns".to_owned(), cells()));
        }
        if events.unreadable.count > 0 {
            return Some((
                says(&events.unreadable),
                "a number, or nothing where a value is missing".to_owned(),
            ));
        }
        let format = || match &self.rows.time {
            Some(reader) => format!("a time as in the rows before, {}", reader.format),
            None => "a time".to_owned(),
        };
        if events.order.count > 0 {
            return Some((says(&events.order), format()));
        }
        (events.no_time.count > 0).then(|| (format!("no time in {}", says(&events.no_time)), format()))
    }
}
