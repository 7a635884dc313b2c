//! The names of columns, which some devices spread over several lines.

use super::layout::{self, Line};
use super::split::{Separator, split};
use crate::names;
use crate::text::TextKind;
use crate::time::TimeUnit;

/// Lines that one header may have: Shimmer writes device, signal, kind and unit.
const MOST: usize = 4;

/// Names of the columns: the last line, or, where that states units, the lines above it with the units in brackets.
pub(super) fn names(lines: &[Line<'_>], separator: Separator, kind: TextKind) -> Vec<String> {
    let cells_of = |line: &Line<'_>| -> Vec<String> {
        let mut cells = Vec::new();
        split(layout::header_text(line.text), separator, &mut cells);
        cells.iter().map(|name| kind.decode(name).trim().to_owned()).collect()
    };
    let Some((last, above)) = lines.split_last() else { return Vec::new() };
    let last = cells_of(last);
    if !are_units(&last) {
        return last;
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in above.iter().rev().take(MOST - 1) {
        let cells = cells_of(line);
        if cells.len() != last.len() || cells.len() < 2 {
            break;
        }
        rows.insert(0, cells);
    }
    if rows.is_empty() {
        return last;
    }
    let same_everywhere = |row: &Vec<String>| row.iter().all(|cell| *cell == row[0]);
    rows.retain(|row| !same_everywhere(row));
    (0..last.len())
        .map(|i| {
            let words: Vec<&str> = rows.iter().map(|row| row[i].as_str()).filter(|w| !w.is_empty()).collect();
            match last[i].as_str() {
                unit if is_unit(unit) => format!("{} ({unit})", words.join(" ")),
                _ => words.join(" "),
            }
        })
        .collect()
}

fn is_unit(text: &str) -> bool {
    names::unit(text).is_some() || TimeUnit::from_header(text).is_some()
}

/// Whether a line states units, for some columns at least that there are none.
fn are_units(cells: &[String]) -> bool {
    let said: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    let units = said.iter().filter(|cell| is_unit(cell)).count();
    let none =
        |cell: &str| matches!(cell.to_lowercase().as_str(), "no units" | "no_units" | "none" | "-" | "n/a");
    units >= 3
        && said.iter().all(|cell| is_unit(cell) || none(cell) || cell.len() <= 6 && !cell.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let line = |(i, text): (usize, &'static str)| Line {
            number: i as u64 + 1,
            offset: 0,
            text: text.as_bytes(),
        };
        let text: &'static str = text.to_owned().leak();
        let lines: Vec<Line<'_>> = text.lines().enumerate().map(line).collect();
        names(&lines, Separator::Byte(b','), TextKind::of(b"a"))
    }

    #[test]
    fn names_over_several_lines() {
        let four =
            "S,S,S,S\nTimestamp,Acc X,Acc Y,Acc Z\nCAL,RAW,CAL,CAL\nmSecs,no units,m/(sec^2),m/(sec^2)";
        let four = four.replace("mSecs", "ms").replace("no units", "m/(s^2)");
        assert_eq!(read(&four)[..2], ["Timestamp CAL (ms)", "Acc X RAW (m/(s^2))"]);
        assert_eq!(read("a title\ntime,x,y,z"), ["time", "x", "y", "z"]);
        assert_eq!(read("t,a,b,c\nms,g,g,g"), ["t (ms)", "a (g)", "b (g)", "c (g)"]);
    }
}
