//! Texts of columns beside the samples of a table.

use super::split::{Separator, without_tail};
use crate::columns::ColumnRef;
use crate::text::TextKind;
use crate::texts::{Changes, RowTexts};
use memchr::memchr;

/// Which columns are handed on as texts.
#[derive(Clone, Debug)]
pub(super) struct TextPlan {
    /// Columns in rising order, each with its place among those that were asked for.
    columns: Vec<(usize, usize)>,
    kind: TextKind,
}

impl TextPlan {
    /// Nothing where no texts are asked for.
    pub(super) fn new(columns: &[usize], kind: TextKind) -> Option<Self> {
        let mut columns: Vec<(usize, usize)> = columns.iter().copied().zip(0..).collect();
        columns.sort_unstable();
        (!columns.is_empty()).then_some(Self { columns, kind })
    }

    /// Reads those of a block.
    pub(super) fn of_block(&self) -> Texts<'_> {
        Texts { plan: self, changes: Changes::new(self.columns.len()) }
    }
}

/// The texts of a block's rows.
pub(super) struct Texts<'a> {
    plan: &'a TextPlan,
    changes: Changes,
}

impl Texts<'_> {
    /// A row without quotes, with or without the line's end.
    pub(super) fn line(&mut self, line: &[u8], separator: u8, row: usize) {
        let line = line.trim_ascii_end();
        let line = if separator == b',' { without_tail(line) } else { line };
        let (mut at, mut column) = (Some(0), 0);
        for &(wanted, place) in &self.plan.columns {
            while column < wanted {
                at = at.and_then(|at| memchr(separator, &line[at..]).map(|n| at + n + 1));
                column += 1;
            }
            let cell = at.map_or(&line[..0], |at| {
                let end = memchr(separator, &line[at..]).map_or(line.len(), |n| at + n);
                line[at..end].trim_ascii()
            });
            self.changes.see(place, cell, |cell| self.plan.kind.decode(cell));
        }
        self.changes.end_row(row);
    }

    /// A row that was cut into cells.
    pub(super) fn cells(&mut self, cells: &[&[u8]], row: usize) {
        for &(column, place) in &self.plan.columns {
            let cell = cells.get(column).copied().unwrap_or_default();
            self.changes.see(place, cell, |cell| {
                // A quote is doubled within quotes.
                self.plan.kind.decode(cell).replace("\"\"", "\"")
            });
        }
        self.changes.end_row(row);
    }

    pub(super) fn into_runs(self) -> Vec<RowTexts> {
        self.changes.into_runs()
    }
}

/// Columns that are no numbers although they belong to rows of data: those whose texts are asked for. Names are looked for in
/// the first line that has them all.
pub(super) fn text_columns<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    separator: Separator,
    asked: &[ColumnRef],
) -> Vec<usize> {
    let name = |column: &ColumnRef| match column {
        ColumnRef::Name(name) => Some(name.trim().to_lowercase()),
        ColumnRef::Number(_) => None,
    };
    let names: Vec<String> = asked.iter().filter_map(name).collect();
    let mut cells = Vec::new();
    let mut places = |line: &'a [u8]| -> Option<Vec<usize>> {
        super::split::split(super::layout::header_text(line), separator, &mut cells);
        let cells: Vec<String> =
            cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
        names.iter().map(|name| cells.iter().position(|cell| cell == name)).collect()
    };
    let mut columns = if names.is_empty() { None } else { lines.find_map(&mut places) }.unwrap_or_default();
    columns.extend(asked.iter().filter_map(|column| match column {
        ColumnRef::Number(number) => number.checked_sub(1),
        ColumnRef::Name(_) => None,
    }));
    columns
}
