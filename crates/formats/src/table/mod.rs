//! Generic tables: a row for each sample, in text.

mod ahead;
mod fast;
mod header;
mod layout;
pub(crate) mod live;
mod long;
mod parse;
mod records;
mod source;
pub(crate) mod split;
mod texts;

use crate::bytes::Bytes;
use crate::combine::{Mapped, Output};
use crate::container::Input;
use crate::error::{Fault, Need};
use crate::number::Point;
use crate::options::{Format, ReadOptions, Units};
use crate::plan::{self, Facts, Plan, Sample, SampleRow, TimePlan};
use crate::reader::Found;
use crate::text::{Blocks, Encoding, TextKind};
use crate::timing::Timing;
use ambulo_signal::{Finding, FindingKind, Severity};
use layout::{Layout, Line};
use long::{Long, LongReader};
use parse::{RowPlan, Use};
use source::Setup;
use source::TableReader;
use split::{Separator, split};
use texts::TextPlan;

/// Bytes that are looked at from the beginning, and in pieces further on.
const HEAD: usize = 128 << 10;
const PIECE: usize = 16 << 10;
const PIECES: u64 = 12;
/// Lines of the beginning that are looked at.
const HEAD_LINES: usize = 2000;

/// A table that is ready to be read.
struct Table {
    plan: Plan,
    reader: TableReader,
    /// Why it was recognised.
    because: String,
}

/// Opens a file of text.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    match made(input, options, None, None)? {
        Made::Table(table) => {
            let Table { plan, reader, because } = *table;
            Ok(vec![plan.found(Format::Table, because, Box::new(reader))])
        }
        Made::Long(long) => open_long(input, options, &long),
    }
}

/// Each device of a long table as a recording; the table is read once to find them.
fn open_long(input: &Input, options: &ReadOptions, long: &Long) -> Result<Vec<Found>, Fault> {
    let asked = options;
    let options = &ReadOptions {
        columns: Some(long.columns.clone()),
        time: options.time.or(long.time),
        device: None,
        units: Units::default(),
        scale: Vec::new(),
        ..options.clone()
    };
    let Table { mut plan, mut reader, because } = match made(input, options, None, Some(long))? {
        Made::Table(table) => *table,
        Made::Long(_) => return Err(Fault::needs(Need::Columns, "a long table in a long table")),
    };
    plan.sensors.truncate(1);
    plan.dialect.clone_from(&long.dialect);
    let mut all = Vec::new();
    for part in long.parts(&mut reader, &long.units, long.wanted.as_deref())? {
        let of_part = LongReader::new(Box::new(reader.another()?), long.clone(), part.clone());
        let mut factors = Vec::with_capacity(part.sensors.len());
        let mut plan = plan.clone();
        for (_, info) in &part.sensors {
            let factor = plan::factor(asked, info.sensor)?;
            plan.conversions.extend(factor.map(|factor| format!("{} x {factor}", info.sensor)));
            factors.push(factor.unwrap_or(1.0));
        }
        let mut found = plan.found(Format::Table, because.clone(), Box::new(of_part));
        if factors.iter().any(|factor| *factor != 1.0) {
            let outputs = factors.into_iter().zip(0..);
            let outputs = outputs.map(|(factor, part)| Output { part, factor, plus: None }).collect();
            found.reader = Box::new(Mapped::new(found.reader, outputs));
        }
        found.header.sensors = part.sensors.iter().map(|(_, info)| info.clone()).collect();
        found.header.placement.clone_from(&part.placement);
        all.push(found);
    }
    Ok(all)
}

/// The same with what the table's own clock says at the recording's zero, in nanoseconds.
pub(crate) fn open_with_origin(input: &Input, options: &ReadOptions) -> Result<(Found, i64), Fault> {
    let Table { plan, reader, because } = table(input, options, None)?;
    let origin_ns = plan.origin_ns();
    Ok((plan.found(Format::Table, because, Box::new(reader)), origin_ns))
}

/// Opens the table in a file whose format states more than the table itself; the caller names the format and why.
pub(crate) fn open_with(
    input: &Input,
    options: &ReadOptions,
    format: Format,
    facts: Facts,
) -> Result<Found, Fault> {
    let Table { plan, reader, .. } = table(input, options, Some(facts))?;
    Ok(plan.found(format, String::new(), Box::new(reader)))
}

fn table(input: &Input, options: &ReadOptions, facts: Option<Facts>) -> Result<Table, Fault> {
    match made(input, options, facts, None)? {
        Made::Table(table) => Ok(*table),
        Made::Long(_) => Err(Fault::needs(
            Need::Columns,
            "each row is a sample of one of several devices\nhint: read the table by itself",
        )),
    }
}

/// What a table is.
enum Made {
    Table(Box<Table>),
    /// Each row is of one sensor of one device.
    Long(Box<Long>),
}

/// `tags` are the columns that say whose sample a row is, of a table that is known to be long.
fn made(
    input: &Input,
    options: &ReadOptions,
    facts: Option<Facts>,
    tags: Option<&Long>,
) -> Result<Made, Fault> {
    let head = input.bytes.head(HEAD)?;
    let kind = TextKind::of(&head);
    let pieces = pieces(&input.bytes, kind, head.len())?;
    let mut blocks = Blocks::open(&input.bytes, kind, 0)?;
    let block = blocks.next()?.unwrap_or_default();
    // UTF-16 comes out as UTF-8; the others are the file's own bytes behind the mark.
    let text = match block.get(..HEAD) {
        Some(start) => &start[..memchr::memrchr(kind.end, start).map_or(start.len(), |at| at + 1)],
        None => block,
    };
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (line, number) in crate::text::lines(text, kind.end).take(HEAD_LINES).zip(1..) {
        // Where a line begins, from where it lies in memory: its end may be one byte or two.
        let begin = line.as_ptr() as usize - text.as_ptr() as usize;
        lines.push(Line { number, offset: begin as u64, text: line });
    }
    if let Some(facts) = &facts {
        lines.drain(..facts.lines.min(lines.len()));
    }
    let records = records::are_in(&lines);
    if records {
        lines = records::cut(lines);
    }
    let in_head = lines.len();
    for piece in &pieces {
        let piece = crate::text::lines(piece, kind.end).map(|text| Line { number: 0, offset: 0, text });
        lines.extend(if records { records::cut(piece.collect()) } else { piece.collect() });
    }
    let layout = layout::layout(&lines, &options.texts)?;
    if layout.first >= in_head {
        return Err(Fault::NoRows("no row of numbers in its first lines".to_owned()));
    }
    let mut sample = sample(&lines, in_head, &layout, kind, input.name.clone());
    if let Some(facts) = facts {
        sample.names = sample.names.or_else(|| Some(facts.names.clone()).filter(|names| !names.is_empty()));
        sample.columns = sample.columns.max(facts.names.len());
        // Where the format is known, the file's name says nothing of the sensor.
        sample.file_name.clear();
        sample.facts = facts;
    }
    if tags.is_none()
        && let Some(long) = long::of(&sample, options)?
    {
        if !options.texts.is_empty() || !options.added.is_empty() {
            let text = "each row is a sample of one of several sensors or devices: there are no texts beside such samples, and \
                        nothing can be added to them\nhint: declare the columns without type= and device=";
            return Err(Fault::needs(Need::Columns, text));
        }
        return Ok(Made::Long(Box::new(long)));
    }
    let mut plan = plan::decide(&sample, layout.point, options)?;
    plan.sensors.extend(tags.map(Long::tags));
    plan.findings.splice(0..0, layout_findings(&layout, kind));
    if layout.point == Point::COMMA {
        plan.conversions.push("numbers with a decimal comma".to_owned());
    }
    let first = lines[layout.first];
    let mut rows = row_plan(&plan, &layout, kind, &lines, sample.columns);
    rows.records = records && layout.separator == Separator::Byte(b',');
    rows.whole = rows.records && rows.time.is_some() && tags.is_none();
    let setup = Setup {
        plan: rows,
        blocks: Blocks::open(&input.bytes, kind, first.offset)?,
        timing: Timing::new(&plan),
        cells: layout.columns,
        before: first.number.saturating_sub(1),
    };
    let because = format!(
        "rows of {} cells with {} between, {}",
        layout.columns,
        layout.separator.name(),
        match layout.header {
            Some(index) => format!("header in line {}", lines[index].number),
            None => "no header".to_owned(),
        }
    );
    Ok(Made::Table(Box::new(Table { plan, reader: TableReader::new(setup), because })))
}

/// Whole lines from places spread over the file.
fn pieces(bytes: &Bytes, kind: TextKind, head: usize) -> Result<Vec<Vec<u8>>, Fault> {
    let length = bytes.len();
    if matches!(kind.encoding, Encoding::Utf16 { .. }) || length <= (head + PIECE) as u64 {
        return Ok(Vec::new());
    }
    let mut pieces = Vec::new();
    let room = length - head as u64 - PIECE as u64;
    for i in 0..PIECES {
        let piece = bytes.part(head as u64 + room / (PIECES - 1) * i, PIECE)?;
        if let (Some(from), Some(to)) = (memchr::memchr(kind.end, &piece), memchr::memrchr(kind.end, &piece))
            && from < to
        {
            pieces.push(piece[from + 1..=to].to_vec());
        }
    }
    Ok(pieces)
}

/// The cells of the rows that are looked at.
fn sample(lines: &[Line<'_>], in_head: usize, layout: &Layout, kind: TextKind, file_name: String) -> Sample {
    let mut cells = Vec::new();
    let names = layout.header.map(|index| header::names(&lines[..=index], layout.separator, kind));
    let header = layout.header.map(|index| lines[index].text);
    let mut sample = Sample {
        columns: layout.columns.max(names.as_ref().map_or(0, Vec::len)),
        before: lines[layout.first].number.saturating_sub(1),
        text: true,
        names,
        file_name,
        first_row: if header.is_none() { lines[layout.first].text.trim_ascii().to_vec() } else { Vec::new() },
        preamble: lines[..layout.first].iter().map(|line| kind.decode(line.text)).collect(),
        ..Sample::default()
    };
    for (index, line) in lines.iter().enumerate().skip(layout.first) {
        let blank = layout::is_comment(line.text) || Some(line.text) == header;
        if !blank {
            split(line.text, layout.separator, &mut cells);
            // A last line that is cut short would be misread.
            if index + 1 < in_head || cells.len() >= layout.columns {
                let cells = cells.iter().map(|cell| cell.to_vec()).collect();
                sample.rows.push(SampleRow { line: line.number, cells });
            }
        }
        if index < in_head {
            sample.head = sample.rows.len();
        }
    }
    sample
}

fn layout_findings(layout: &Layout, kind: TextKind) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |text: String| findings.push(Finding::new(FindingKind::File, Severity::Note, text));
    if kind.encoding == Encoding::Latin1 {
        note("the text is no UTF-8: read as Latin-1".to_owned());
    }
    if layout.preamble > 0 {
        note(format!("{} lines before the header skipped", layout.preamble));
    }
    findings
}

/// `columns` is how many the header names.
fn row_plan(plan: &Plan, layout: &Layout, kind: TextKind, lines: &[Line<'_>], columns: usize) -> RowPlan {
    let mut used = Vec::new();
    let (mut time, mut joined) = (None, false);
    if let TimePlan::Column { column, joined: both, reader, .. } = plan.time {
        used.push((column, Use::Time));
        (time, joined) = (Some(reader), both);
    }
    let parts = plan.parts();
    for (sensor, columns) in parts.iter().enumerate() {
        used.extend(
            columns
                .iter()
                .enumerate()
                .filter(|(_, c)| **c != long::NO_COLUMN)
                .map(|(axis, &c)| (c, Use::Axis { sensor, axis })),
        );
    }
    used.sort_by_key(|entry| entry.0);
    RowPlan {
        separator: layout.separator,
        point: match (layout.point, layout.separator) {
            (Point::EITHER, Separator::Byte(b',')) => Point::DOT,
            (point, _) => point,
        },
        cell_point: layout.point,
        end: kind.end,
        used,
        columns: columns.max(layout.columns),
        sensors: parts.len(),
        time,
        joined,
        header: layout.header.map(|index| lines[index].text.trim_ascii().to_vec()),
        texts: TextPlan::new(&plan.texts, kind),
        records: false,
        whole: false,
    }
}
