//! How a table is laid out: separator, decimal sign and header, decided together on many rows from the whole file.

use super::split::{Separator, split};
use super::texts::text_columns;
use crate::columns::ColumnRef;
use crate::error::Fault;
use crate::number::{self, Point};
use crate::time::{DateOrder, TimeFormat, TimeReader};
use std::collections::BTreeMap;

/// A line of the file that is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// From 1; 0 where nobody counted, in pieces from the middle of the file.
    pub(super) number: u64,
    /// Where it begins, in bytes of the text.
    pub(super) offset: u64,
    pub(super) text: &'a [u8],
}

/// The layout of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) separator: Separator,
    pub(super) point: Point,
    /// Index of the header among the lines looked at.
    pub(super) header: Option<usize>,
    /// Index of the first row of data.
    pub(super) first: usize,
    /// Columns of a row.
    pub(super) columns: usize,
    /// Lines before the header that are neither blank nor a comment.
    pub(super) preamble: usize,
}

/// Rows behind the first that must look like it.
const LIKE_IT: usize = 4;
/// Lines in which the first row of data is looked for.
const HEADER_WITHIN: usize = 200;

/// A hint of spreadsheets which separator they used.
pub(super) fn separator_hint(line: &[u8]) -> Option<Separator> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\"").map_or(line, |l| l.strip_suffix(b"\"").unwrap_or(l));
    let value = line.strip_prefix(b"sep=")?;
    match value {
        [byte] if b",;\t|".contains(byte) => Some(Separator::Byte(*byte)),
        // A tab at the end may have been trimmed.
        b"" | b"tab" | b"<tab>" => Some(Separator::Byte(b'\t')),
        _ => None,
    }
}

/// Whether a line says nothing of its own.
pub(super) fn is_comment(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), [] | [b'#' | b'%', ..])
}

/// Numbers, dates, and words for what is missing, among the cells that are not empty and not in columns of texts.
fn data_share(cells: &[&[u8]], texts: &[usize]) -> f64 {
    let dates = [DateOrder::DayMonthYear, DateOrder::MonthDayYear]
        .map(|order| TimeReader::new(TimeFormat::Text(order), Point::DOT));
    let (mut filled, mut data, mut numbers) = (0u32, 0u32, 0u32);
    let is_text = |column: &usize| texts.contains(column);
    let cells = cells.iter().zip(0..).filter(|(cell, column)| !cell.is_empty() && !is_text(column));
    for (cell, _) in cells {
        filled += 1;
        let number = number::whole(cell, Point::EITHER).is_some();
        let said = number || dates.iter().any(|reader| reader.read(cell).is_ok());
        data += u32::from(said || number::is_missing(cell));
        numbers += u32::from(said);
    }
    if numbers == 0 { 0.0 } else { f64::from(data) / f64::from(filled) }
}

/// Finds the layout; the texts of some columns say nothing of it.
///
/// # Errors
/// What was found instead of a table.
pub(super) fn layout(lines: &[Line<'_>], texts: &[ColumnRef]) -> Result<Layout, Fault> {
    let hint = lines.first().and_then(|line| separator_hint(line.text));
    let all = [Separator::Byte(b','), Separator::Byte(b';'), Separator::Byte(b'\t'), Separator::Blanks];
    let candidates = hint.as_slice();
    let candidates = if candidates.is_empty() { &all[..] } else { candidates };
    let mut best: Option<(f64, Layout)> = None;
    for &separator in candidates {
        if let Some((score, layout)) = with_separator(lines, separator, texts)
            && best.as_ref().is_none_or(|(other, _)| score > other + 1e-9)
        {
            best = Some((score, layout));
        }
    }
    let Some((_, mut layout)) = best else { return Err(no_table(lines, candidates)) };
    layout.point = point(lines, &layout);
    check_columns(lines, &layout)?;
    Ok(layout)
}

fn with_separator(lines: &[Line<'_>], separator: Separator, texts: &[ColumnRef]) -> Option<(f64, Layout)> {
    let head = lines.iter().take(HEADER_WITHIN).map(|line| line.text);
    let texts = text_columns(head, separator, texts);
    let mut cells = Vec::new();
    let mut rows: Vec<(usize, usize, f64)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index == 0 && separator_hint(line.text).is_some() || is_comment(line.text) {
            continue;
        }
        split(line.text, separator, &mut cells);
        rows.push((index, cells.len(), data_share(&cells, &texts)));
    }
    let is_data = |&(_, _, share): &(usize, usize, f64)| share >= 0.5;
    let first = (0..rows.len().min(HEADER_WITHIN)).find(|&at| {
        let following = &rows[at + 1..(at + 1 + LIKE_IT).min(rows.len())];
        is_data(&rows[at]) && following.iter().filter(|row| is_data(row)).count() * 2 >= following.len()
    })?;
    // The commonest number of cells.
    let data = &rows[first..];
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for row in data {
        *counts.entry(row.1).or_default() += 1;
    }
    let count = counts.into_iter().max_by_key(|&(count, rows)| (rows, count)).map(|(count, _)| count)?;
    let header = if first > 0 { Some(rows[first - 1].0) } else { comment_header(lines, rows[first].0) };
    let header_cells = header.map(|index| {
        split(header_text(lines[index].text), separator, &mut cells);
        cells.len()
    });
    if count < 2 && header_cells.is_none_or(|cells| cells < 2) {
        return None;
    }
    let share = data.iter().filter(|row| row.1 == count).count() as f64 / data.len() as f64;
    let numeric = data.iter().map(|row| row.2).sum::<f64>() / data.len() as f64;
    let fits = header_cells.is_none_or(|cells| cells.abs_diff(count) <= 1);
    let layout = Layout {
        separator,
        point: Point::EITHER,
        header,
        first: rows[first].0,
        columns: count,
        preamble: first.saturating_sub(1),
    };
    Some((share * numeric * if fits { 1.0 } else { 0.25 }, layout))
}

/// The last comment before the data, where it is the header: `% TimeStamp; Sample No; X-Axis; …`.
fn comment_header(lines: &[Line<'_>], first: usize) -> Option<usize> {
    (0..first).rev().find(|&index| matches!(lines[index].text.trim_ascii(), [b'#' | b'%', _, ..]))
}

/// A header without its comment sign.
pub(super) fn header_text(line: &[u8]) -> &[u8] {
    match line.trim_ascii_start() {
        [b'#' | b'%', rest @ ..] => rest,
        _ => line,
    }
}

/// The decimal sign; whole numbers do not vote.
fn point(lines: &[Line<'_>], layout: &Layout) -> Point {
    let (mut dots, mut commas) = (0u64, 0u64);
    let mut cells = Vec::new();
    for line in &lines[layout.first..] {
        split(line.text, layout.separator, &mut cells);
        for cell in &cells {
            if memchr::memchr(b':', cell).is_some() {
                continue;
            }
            let whole = |point| number::whole(cell, point).is_some();
            match (whole(Point::DOT), whole(Point::COMMA)) {
                (true, false) => dots += 1,
                (false, true) => commas += 1,
                _ => {}
            }
        }
    }
    match (dots, commas) {
        (0, 0) => Point::EITHER,
        _ if commas > dots => Point::COMMA,
        _ => Point::DOT,
    }
}

/// Rows that have more or fewer cells than the header names.
fn check_columns(lines: &[Line<'_>], layout: &Layout) -> Result<(), Fault> {
    let Some(header) = layout.header else { return Ok(()) };
    let mut cells = Vec::new();
    split(header_text(lines[header].text), layout.separator, &mut cells);
    let names = cells.len();
    let first = &lines[layout.first];
    let row = format!("line {} (row 1)", first.number);
    split(first.text, layout.separator, &mut cells);
    let sign = layout.separator.name();
    if layout.columns * 2 <= names && layout.columns < 2 {
        return Err(Fault::damaged(
            row,
            format!("the rows have {} cell, where the header names {names}", layout.columns),
            format!("{names} cells with a {sign} between"),
        ));
    }
    let filled = |text: &[u8]| {
        let mut cells = Vec::new();
        split(text, layout.separator, &mut cells);
        cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
    };
    let beyond = lines[layout.first..].iter().filter(|line| filled(line.text) > names).count();
    if beyond * 2 <= lines.len() - layout.first {
        return Ok(());
    }
    if layout.columns == 2 * names && layout.separator == Separator::Byte(b',') {
        return Err(Fault::damaged(
            row,
            format!(
                "{} cells, twice the {names} names of the header: the comma separates columns and is the decimal comma too",
                layout.columns
            ),
            "a decimal point, or semicolons or tabs between the columns: export it again so",
        ));
    }
    Err(Fault::damaged(
        row,
        format!("{} cells, where the header has {names} names", layout.columns),
        "a name for each column: otherwise nobody knows which belongs to which",
    ))
}

fn no_table(lines: &[Line<'_>], candidates: &[Separator]) -> Fault {
    let said: Vec<&Line<'_>> = lines.iter().filter(|line| !is_comment(line.text)).collect();
    let mut cells = Vec::new();
    // Any line of prose has blanks.
    let signs = candidates.iter().filter(|separator| !matches!(separator, Separator::Blanks));
    let columns = signs.map(|&separator| {
        said.first().map_or(0, |line| {
            split(line.text, separator, &mut cells);
            cells.len()
        })
    });
    let columns = columns.max().unwrap_or(0);
    match said.as_slice() {
        [] => Fault::NoRows("nothing but blank lines and comments".to_owned()),
        [header] if columns >= 2 => {
            Fault::NoRows(format!("line {} names {columns} columns, and nothing follows", header.number))
        }
        // Its words are not repeated: it may be anything, a list of people too.
        [first, ..] => Fault::NoTable(format!("there are no rows of numbers from line {} on", first.number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Layout, Fault> {
        let lines: Vec<Line<'_>> = text
            .lines()
            .zip(1..)
            .map(|(text, number)| Line { number, offset: 0, text: text.as_bytes() })
            .collect();
        layout(&lines, &[])
    }

    fn shown(text: &str) -> (String, Point, Option<usize>, usize, usize) {
        let layout = of(text).unwrap();
        (layout.separator.name().to_owned(), layout.point, layout.header, layout.first, layout.columns)
    }

    #[test]
    fn separators_and_decimal_signs() {
        let expect = |text: &str, separator: &str, point, header, first, columns| {
            assert_eq!(shown(text), (separator.to_owned(), point, header, first, columns), "{text}");
        };
        expect("t,x,y,z\n0,1.5,2,3\n1,1,2,3\n", "comma", Point::DOT, Some(0), 1, 4);
        expect("t;x;y;z\n0;1,5;2,5;3\n1;1,5;2;3\n", "semicolon", Point::COMMA, Some(0), 1, 4);
        expect("0;0,99;-0,31;0,08\n20;0,99;-0,31;0,08\n", "semicolon", Point::COMMA, None, 0, 4);
        expect("t;x;y;z\n0;0;0;0\n1;0;0;0\n", "semicolon", Point::EITHER, Some(0), 1, 4);
        expect("t\tx\ty\n0\t1.5\t\n1\t1.5\t2\n", "tab", Point::DOT, Some(0), 1, 3);
        expect("t   x  y\n0 1.5  2\n 1 1.5 2\n", "blanks", Point::DOT, Some(0), 1, 3);
        expect("2024-03-05 10:00:00.000,1.5,2,3\n", "comma", Point::DOT, None, 0, 4);
        expect("\"0,989\",\"1,5\",\"2\"\n\"0,9\",\"1\",\"2\"\n", "comma", Point::COMMA, None, 0, 3);
        expect("sep=;\nt;x\n0;1\n1;2\n", "semicolon", Point::EITHER, Some(1), 2, 2);
        expect("% by someone\n% t; x; y;\n1;1.5;2\n2;1.5;2\n", "semicolon", Point::DOT, Some(1), 2, 3);
        expect("\n\nt,x,y\n\n1,1.5,2\n", "comma", Point::DOT, Some(2), 4, 3);
        assert_eq!(of("a long title\nmade by x\nt,x,y\n1,2,3\n2,3,4\n").unwrap().preamble, 2);
        expect("t,x,y\n10h00'00\",1.5,2\n10h00'01\",1.5,2\n", "comma", Point::DOT, Some(0), 1, 3);
    }

    #[test]
    fn what_is_no_table() {
        let message = |text: &str| format!("{:?}", of(text).unwrap_err());
        assert!(message("t,x,y,z\n").contains("nothing follows"));
        assert!(message("\n# c\n").contains("blank lines"));
        assert!(message("Dear reader\nthis is prose\n").contains("NoTable"));
        let axes = message("Timestamp,X,Y,Z\n0.000\n0.020\n");
        assert!(axes.contains("1 cell") && axes.contains("names 4") && axes.contains("row 1"), "{axes}");
        let both = message("time,x,y,z\n0,000,0,993,-0,314,0,099\n0,020,0,989,-0,312,0,093\n");
        assert!(both.contains("8 cells") && both.contains("decimal comma"), "{both}");
        assert!(message("x,y,z\n1,0.1,0.2,0.3\n2,0.1,0.2,0.3\n").contains("a name for each"));
    }
}
