//! Labels that somebody wrote down for recordings, as a table of intervals.

use crate::LabelInterval;
use ambulo_record::vocabulary::{NameError, canonical};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Largest file that is read: some five million intervals.
const MOST_BYTES: u64 = 256 << 20;

/// Latest time that is read, in seconds: 100 years, far inside of what nanoseconds can count.
const LATEST_S: f64 = 3.2e9;

/// Why a table of intervals cannot be used. Lines are counted from 1, the heading being the first.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntervalsError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is larger than any such table.
    #[error("{} has more than {MOST_BYTES} bytes, too many for a table of intervals", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A heading without a column that is needed.
    #[error(
        "{} has no column `{column}`: its heading is `{found}`\n\
         hint: the columns are recording,start_s,end_s,label (recording may be left out)",
        path.display()
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The heading.
        found: String,
    },
    /// A line with another number of cells than the heading, or with quotes that do not close.
    #[error("{}, line {line}: {found} cells, expected {expected} as in the heading", path.display())]
    Cells {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Cells of the heading.
        expected: usize,
        /// Cells of the line.
        found: usize,
    },
    /// A time that is none.
    #[error(
        "{}, line {line}: `{found}` in the column `{column}` is no time, expected seconds from the recording's start, e.g. 12.5",
        path.display()
    )]
    Time {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
    },
    /// An interval that ends before it begins, or at once.
    #[error("{}, line {line}: the interval ends at {end_s} s, which is not after its start at {start_s} s", path.display())]
    Reversed {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Its start.
        start_s: f64,
        /// Its end.
        end_s: f64,
    },
    /// A label that is no name.
    #[error("{}, line {line}: {source}", path.display())]
    Label {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong with it.
        source: NameError,
    },
    /// Two intervals of one recording at one time.
    #[error(
        "{}: the intervals of lines {first} and {second} overlap{}\nhint: one person does one thing at a time; cut one of them",
        path.display(), of(recording)
    )]
    Overlap {
        /// The file.
        path: PathBuf,
        /// The line of the earlier one.
        first: usize,
        /// The line of the later one.
        second: usize,
        /// The recording; empty where none is named.
        recording: String,
    },
    /// No interval at all.
    #[error("{} has no interval", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

fn of(recording: &str) -> String {
    if recording.is_empty() { String::new() } else { format!(" (recording {recording})") }
}

/// Reads a table of intervals: the labels of each recording, in order of time, without overlaps. Where the table names no
/// recording, the name is empty.
///
/// Comma-separated values with a heading: `start_s` and `end_s` in seconds from the recording's start, `label` (or `activity`, as in
/// the segments that are written for a classified recording), and `recording` if there are several. Other columns are passed over, and so are empty lines.
///
/// # Errors
/// [`IntervalsError`] as its variants say.
pub fn read_intervals(path: &Path) -> Result<BTreeMap<String, Vec<LabelInterval>>, IntervalsError> {
    let io = |source| IntervalsError::Io { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(IntervalsError::TooLarge { path: path.to_owned() });
    }
    parse(path, text.strip_prefix('\u{feff}').unwrap_or(&text))
}

/// Where the columns are.
struct Columns {
    count: usize,
    recording: Option<usize>,
    start: usize,
    end: usize,
    label: usize,
}

impl Columns {
    fn new(path: &Path, heading: &str) -> Result<Self, IntervalsError> {
        let names = cells(heading, ',');
        let find = |name: &str| names.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        let need = |column: &'static str| {
            let missing = || IntervalsError::NoColumn {
                path: path.to_owned(),
                column,
                found: heading.chars().take(200).collect(),
            };
            find(column).ok_or_else(missing)
        };
        let label = match find("label").or_else(|| find("activity")) {
            Some(label) => label,
            None => need("label")?,
        };
        Ok(Self {
            count: names.len(),
            recording: find("recording"),
            start: need("start_s")?,
            end: need("end_s")?,
            label,
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<BTreeMap<String, Vec<LabelInterval>>, IntervalsError> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let empty = || IntervalsError::Empty { path: path.to_owned() };
    let columns = Columns::new(path, lines.next().ok_or_else(empty)?.1)?;
    let mut found: BTreeMap<String, Vec<(usize, LabelInterval)>> = BTreeMap::new();
    for (line, content) in lines {
        let row = cells(content, ',');
        if row.len() != columns.count {
            return Err(IntervalsError::Cells {
                path: path.to_owned(),
                line,
                expected: columns.count,
                found: row.len(),
            });
        }
        let seconds = |column: &'static str, cell: &str| {
            let parsed = cell.trim().parse::<f64>().ok().filter(|s| s.abs() <= LATEST_S);
            parsed.ok_or_else(|| IntervalsError::Time {
                path: path.to_owned(),
                line,
                column,
                found: cell.to_owned(),
            })
        };
        let start_s = seconds("start_s", &row[columns.start])?;
        let end_s = seconds("end_s", &row[columns.end])?;
        let nanoseconds = |seconds: f64| (seconds * 1e9).round() as i64;
        let (start_ns, end_ns) = (nanoseconds(start_s), nanoseconds(end_s));
        if start_ns >= end_ns {
            return Err(IntervalsError::Reversed { path: path.to_owned(), line, start_s, end_s });
        }
        let label = canonical(row[columns.label].trim()).map_err(|source| IntervalsError::Label {
            path: path.to_owned(),
            line,
            source,
        })?;
        let recording = columns.recording.map_or("", |column| row[column].trim());
        let interval = LabelInterval { start_ns, end_ns, label: label.as_str().into() };
        found.entry(recording.to_owned()).or_default().push((line, interval));
    }
    if found.is_empty() {
        return Err(empty());
    }
    let mut ordered = BTreeMap::new();
    for (recording, mut intervals) in found {
        intervals.sort_by_key(|(_, interval)| interval.start_ns);
        if let Some([(first, _), (second, _)]) =
            intervals.array_windows().find(|[(_, a), (_, b)]| b.start_ns < a.end_ns)
        {
            let (first, second) = (*first, *second);
            return Err(IntervalsError::Overlap { path: path.to_owned(), first, second, recording });
        }
        ordered.insert(recording, intervals.into_iter().map(|(_, interval)| interval).collect());
    }
    Ok(ordered)
}

/// The cells of a line, unquoted as RFC 4180 has it; a line with quotes that do not close has no cells.
pub(crate) fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let last = cells.last_mut();
        match (c, quoted, last) {
            (c, false, _) if c == separator => cells.push(String::new()),
            ('"', true, Some(cell)) if rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            ('"', true, _) => quoted = false,
            ('"', false, Some(cell)) if cell.is_empty() => quoted = true,
            (c, _, Some(cell)) => cell.push(c),
            (_, _, None) => {}
        }
    }
    if quoted { Vec::new() } else { cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<BTreeMap<String, Vec<LabelInterval>>, String> {
        parse(Path::new("truth.csv"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn intervals_come_by_recording_and_in_order_of_time() {
        let found = read(
            "recording,start_s,end_s,label\nwalk.csv,10.5,12,Walking\r\n\"a,\"\"b\"\"\",0,1,stairs\n\nwalk.csv,0,10.5,SITTING\n",
        )
        .unwrap();
        let label = |start_ns, end_ns, label: &str| LabelInterval { start_ns, end_ns, label: label.into() };
        assert_eq!(
            found["walk.csv"],
            [label(0, 10_500_000_000, "sitting"), label(10_500_000_000, 12_000_000_000, "walking")]
        );
        assert_eq!(found["a,\"b\""], [label(0, 1_000_000_000, "stairs")]);
        // Segments as they are written for a classified recording.
        let segments = read(
            "recording,start_s,end_s,start,end,activity,confidence,flags\nx,0,2.56,,,walking_upstairs,0.98,\n",
        );
        assert_eq!(segments.unwrap()["x"], [label(0, 2_560_000_000, "walking_upstairs")]);
        assert_eq!(read("start_s,end_s,label\n1,2,walking").unwrap()[""].len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("", "truth.csv has no interval"),
            ("start_s,end_s,label\n", "truth.csv has no interval"),
            ("start,end,label\n", "no column `start_s`: its heading is `start,end,label`"),
            ("start_s,end_s\n", "no column `label`"),
            ("start_s,end_s,label\n1,2\n", "line 2: 2 cells, expected 3"),
            ("start_s,end_s,label\n1,2,\"walking\n", "line 2: 0 cells, expected 3"),
            ("start_s,end_s,label\n1,2,walking\n0:05,7,walking\n", "line 3: `0:05` in the column `start_s`"),
            ("start_s,end_s,label\n1,1e300,walking\n", "line 2: `1e300` in the column `end_s`"),
            ("start_s,end_s,label\n1,nan,walking\n", "line 2: `nan`"),
            (
                "start_s,end_s,label\n\n3,2,walking\n",
                "line 3: the interval ends at 2 s, which is not after its start at 3 s",
            ),
            ("start_s,end_s,label\n1,2,\n", "line 2: "),
            (
                "start_s,end_s,label\n5,9,walking\n1,5,sitting\n8,10,lying\n",
                "the intervals of lines 2 and 4 overlap",
            ),
            ("recording,start_s,end_s,label\nx,1,3,walking\nx,2,4,lying\n", "overlap (recording x)"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says) && error.contains("truth.csv"), "{text:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(recording,|start_s,|end_s,label\n|[0-9.,\"a\n-]){0,12}") {
            let _ = read(&text);
            let _ = read(&format!("start_s,end_s,label\n{text}"));
        }
    }
}
