//! Tables beside the recordings: intervals, dictionaries, ages.

use super::DescribedError;
use super::pattern::Captures;
use super::words::number;
use crate::text::{self, Invalid};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Largest table that is read.
const MOST_BYTES: u64 = 256 << 20;

/// Some columns of a table, row by row.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) path: PathBuf,
    /// Line of the file, from 1, and the columns that were asked for.
    pub(super) rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    pub(super) fn fault(&self, line: u64, found: String, hint: &'static str) -> DescribedError {
        DescribedError::Table { path: self.path.clone(), line: Some(line), found, hint }
    }
}

/// Reads the columns of these names, or numbers from 1. Commas, semicolons, tabs or blanks separate, whichever the first line has;
/// cells may be in quotes; lines that begin with `#` or `%` say nothing. A table has a heading if a column is named.
///
/// # Errors
/// [`DescribedError::Table`].
pub(super) fn read(path: &Path, columns: &[&str]) -> Result<Table, DescribedError> {
    let fault = |line: Option<u64>, found: String, hint| DescribedError::Table {
        path: path.to_owned(),
        line,
        found,
        hint,
    };
    let io = |error: std::io::Error| {
        fault(None, error.to_string(), "the manifest speaks of this file; restore it")
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(io)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(fault(
            None,
            format!("more than {MOST_BYTES} bytes"),
            "no table of labels or people is so large",
        ));
    }
    let decoded = text::decode(&bytes).map_err(|Invalid { encoding, byte }| {
        fault(None, format!("is {encoding} only up to byte {byte}"), "save it again as UTF-8")
    })?;
    let mut lines = (1..)
        .zip(text::lines(&decoded))
        .map(|(line, content)| (line, String::from_utf8_lossy(content)))
        .filter(|(_, content)| !content.trim().is_empty() && !content.trim_start().starts_with(['#', '%']))
        .peekable();
    let Some((_, first)) = lines.peek() else {
        return Err(fault(None, "it has no row".to_owned(), "restore the file"));
    };
    let separator = ['\t', ';', ','].into_iter().find(|&separator| first.contains(separator));
    let numbers: Option<Vec<usize>> = columns.iter().map(|name| place(name)).collect();
    let places: Vec<usize> = match numbers {
        Some(numbers) => numbers,
        None => {
            let (line, heading) = lines.next().unwrap_or_default();
            let heading = cells(&heading, separator).unwrap_or_default();
            let find = |name: &&str| {
                let same = |cell: &String| cell.eq_ignore_ascii_case(name.trim());
                heading.iter().position(same).or_else(|| place(name)).ok_or_else(|| {
                    let found = format!("no column `{name}`; there are {}", heading.join(", "));
                    fault(Some(line), found, "name a column of the heading, or a number from 1")
                })
            };
            columns.iter().map(find).collect::<Result<_, _>>()?
        }
    };
    let mut rows = Vec::new();
    for (line, content) in lines {
        let Some(mut row) = cells(&content, separator) else {
            return Err(fault(Some(line), "a quote that does not close".to_owned(), "close or remove it"));
        };
        let mut picked = Vec::with_capacity(places.len());
        for &place in &places {
            match row.get_mut(place) {
                // A column may be asked for twice.
                Some(cell) => picked.push(cell.clone()),
                None => {
                    let found = format!("{} cells, expected at least {}", row.len(), place + 1);
                    return Err(fault(Some(line), found, "the file may be cut off or damaged"));
                }
            }
        }
        rows.push((line, picked));
    }
    Ok(Table { path: path.to_owned(), rows })
}

/// The place of a column that is a number from 1.
fn place(name: &str) -> Option<usize> {
    name.trim().parse::<usize>().ok()?.checked_sub(1)
}

/// Cells without quotes and the blanks around; none where a quote does not close.
fn cells(line: &str, separator: Option<char>) -> Option<Vec<String>> {
    let Some(separator) = separator else {
        return Some(line.split_whitespace().map(|cell| cell.trim_matches('"').to_owned()).collect());
    };
    let mut cells = crate::intervals::cells(line, separator);
    for cell in &mut cells {
        if cell.trim().len() != cell.len() {
            *cell = cell.trim().to_owned();
        }
    }
    (!cells.is_empty()).then_some(cells)
}

/// A text to compare by: numbers by their value.
pub(super) fn key(text: &str) -> String {
    let text = text.trim();
    number(text).map_or_else(|| text.to_owned(), |bits| f64::from_bits(bits).to_string())
}

/// The names in braces of a text.
pub(super) fn placeholders(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// The text with what is known instead of each name in braces; nothing instead of what is not.
pub(super) fn filled(text: &str, known: &Captures) -> String {
    let mut filled = text.to_owned();
    for name in placeholders(text) {
        filled = filled.replace(&format!("{{{name}}}"), known.get(name).map_or("", String::as_str));
    }
    filled
}

/// Texts by the columns that say to what they belong.
pub(super) fn dictionary(
    path: &Path,
    text: &str,
    label: &str,
) -> Result<HashMap<String, String>, DescribedError> {
    let table = read(path, &[text, label])?;
    Ok(table
        .rows
        .into_iter()
        .map(|(_, mut row)| {
            let label = row.pop().unwrap_or_default();
            (key(&row.pop().unwrap_or_default()), label)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: &[&str]) -> Result<Vec<Vec<String>>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let table = read(file.path(), columns).map_err(|error| error.to_string())?;
        Ok(table.rows.into_iter().map(|(_, row)| row).collect())
    }

    #[test]
    fn tables_of_all_kinds() {
        assert_eq!(
            rows("1 7 5 250 1232\n1 7 7 1233 1392\n", &["3", "4"]).unwrap(),
            [["5", "250"], ["7", "1233"]]
        );
        assert_eq!(rows("\u{feff}Id; Age\r\n\"a;b\" ;30\r\n", &["age", "id"]).unwrap(), [["30", "a;b"]]);
        assert_eq!(rows("% note\na\tb\n\n1\t2\n", &["b"]).unwrap(), [["2"]]);
        assert_eq!(rows("id,id\n1,2\n", &["id", "2", "id"]).unwrap(), [["1", "2", "1"]]);
        assert!(rows("a,b\n1\n", &["b"]).unwrap_err().contains("row 2: 1 cells, expected at least 2"));
        assert!(rows("a,b\n1,2\n", &["c"]).unwrap_err().contains("no column `c`; there are a, b"));
        assert!(rows("a,b\n1,\"2\n", &["a"]).unwrap_err().contains("quote"));
        assert!(rows("", &["a"]).unwrap_err().contains("no row"));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert_eq!(key(" 07"), key("7.0"));
        assert_ne!(key("S07"), key("S7"));
        assert_eq!(placeholders("labels/{person}_{trial}.csv"), ["person", "trial"]);
    }
}
