//! Text that ActiLife and CentrePoint export: ten lines of header, then acceleration in g, or counts per epoch, which are refused.

use super::fill::Filled;
use super::preamble::{self, Preamble};
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::number::Point;
use crate::options::{Format, ReadOptions, Units};
use crate::plan::Facts;
use crate::reader::Found;
use crate::table;
use crate::text::{self, Blocks, TextKind};
use crate::time::{DateOrder, TimeFormat, TimeReader};
use ambulo_signal::{Finding, FindingKind, Place, Severity, Start, Unit};

/// Bytes in which header and first rows lie.
const HEAD: usize = 16 << 10;
const DAY_NS: u64 = 86_400_000_000_000;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let lines = lines(head).ok()?;
    if lines.first().is_some_and(|line| preamble::is_first(line)) {
        return Some("its first line names ActiGraph's software".to_owned());
    }
    counts_alone(&lines)
        .then(|| "its columns are activity counts as ActiGraph's software exports them".to_owned())
}

/// The first lines, without byte order mark, ends and the quotes of spreadsheets around whole lines.
fn lines(head: &[u8]) -> Result<Vec<String>, Fault> {
    let kind = TextKind::of(head);
    let mut blocks = Blocks::open(&crate::bytes::Bytes::memory(head.to_vec()), kind, 0)?;
    let block = blocks.next()?.unwrap_or_default();
    Ok(text::lines(block, kind.end).map(|line| kind.decode(line)).collect())
}

fn cells(line: &str) -> impl Iterator<Item = String> {
    line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').trim().to_lowercase())
}

/// Whether a line names columns that only a table of counts has.
fn names_counts(line: &str) -> bool {
    let has = |wanted: &[&str]| cells(line).any(|cell| wanted.contains(&cell.as_str()));
    let axes = has(&["axis1", "axis 1"]) && has(&["axis2", "axis 2"]);
    axes && has(&["vm", "vector magnitude", "steps", "inclinometer off", "lux"])
        || has(&["activity"]) && has(&["inclinometer off"])
}

/// Whether it is a table of counts without a header: also where only the axes are named, and no row has a fraction or a sign.
fn counts_alone(lines: &[String]) -> bool {
    let Some(first) = lines.first() else { return false };
    let named = cells(first).filter(|cell| matches!(cell.as_str(), "axis1" | "axis2" | "axis3")).count() == 3;
    let whole = |line: &String| {
        let mut counts = cells(line).collect::<Vec<_>>().into_iter().rev().take(3);
        counts.all(|cell| !cell.is_empty() && cell.bytes().all(|c| c.is_ascii_digit()))
    };
    let rows = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    names_counts(first) || named && !rows.is_empty() && rows.iter().all(whole)
}

fn counts(epoch: Option<String>) -> Fault {
    let of = epoch.map(|epoch| format!(" of {epoch}")).unwrap_or_default();
    Fault::NotARecording {
        what: format!("a table of activity counts{of}, no raw data"),
        hint: "export raw data from ActiLife or CentrePoint: the .gt3x file, or raw data as CSV".to_owned(),
    }
}

/// The step between the first rows of a table of counts, where they have times.
fn step(lines: &[String]) -> Option<String> {
    let reader = TimeReader::new(TimeFormat::Text(DateOrder::MonthDayYear), Point::DOT);
    let time = |line: &String| {
        let mut cells = cells(line);
        let (first, second) = (cells.next()?, cells.next().unwrap_or_default());
        let read = |text: &str| reader.read(text.to_uppercase().as_bytes()).ok().map(|stamp| stamp.ns);
        read(&first).or_else(|| read(&format!("{first} {second}"))).or_else(|| read(&second))
    };
    let step = time(lines.get(2)?)?.checked_sub(time(lines.get(1)?)?)?;
    (step > 0).then(|| format!("{} s", step as f64 / 1e9))
}

/// Opens the recordings in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let lines = lines(&input.bytes.head(HEAD)?)?;
    if !lines.first().is_some_and(|line| preamble::is_first(line)) && counts_alone(&lines) {
        return Err(counts(step(&lines)));
    }
    let preamble = Preamble::read(&lines);
    let first = lines.iter().skip(preamble.lines).find(|line| !line.trim().is_empty());
    if preamble.epoch_s.is_some_and(|epoch| epoch > 0) || first.is_some_and(|line| names_counts(line)) {
        return Err(counts(preamble.epoch_s.filter(|&epoch| epoch > 0).map(|epoch| format!("{epoch} s"))));
    }
    let order = match options.time {
        Some(TimeFormat::Text(order)) => Some(order),
        Some(_) => None,
        None => preamble.order()?,
    };
    let start_ns = match order {
        Some(order) => preamble.start_ns(order, options.time.is_some())?,
        None => None,
    };
    let axes = ["Accelerometer X", "Accelerometer Y", "Accelerometer Z"];
    let timed = first.is_some_and(|line| line.contains(':'));
    let facts = Facts {
        lines: preamble.lines,
        names: timed.then_some("Timestamp").into_iter().chain(axes).map(str::to_owned).collect(),
        start: start_ns.map_or(Start::Unknown, |local_ns| Start::Local { local_ns }),
        rate_hz: preamble.rate_hz,
        units: Units::default().with(Unit::G),
        unit_because: "ActiGraph's software exports raw data in g".to_owned(),
        time: order.map(TimeFormat::Text),
        offset_s: None,
    };
    let mut found = table::open_with(input, options, Format::ActiGraphCsv, facts)?;
    found.header.device = Some(preamble.device.clone());
    if options.identity {
        found.header.identity.extend(preamble.serial.map(|serial| ("serial number".to_owned(), serial)));
    }
    found.header.findings.extend(other_day(&found.header.start, start_ns, preamble.start_date.as_ref()));
    let zero_ns = match found.header.start {
        Start::Local { local_ns } => local_ns,
        _ => 0,
    };
    found.reader = Box::new(Filled::new(found.reader, zero_ns));
    Ok(vec![found])
}

/// The first row was recorded on another day than the header says.
fn other_day(first: &Start, start_ns: Option<i64>, date: Option<&(usize, String)>) -> Option<Finding> {
    let (Start::Local { local_ns }, Some(start_ns), Some((line, date))) = (first, start_ns, date) else {
        return None;
    };
    (local_ns.abs_diff(start_ns) > DAY_NS).then(|| {
        let text = format!(
            "the times of the rows begin {} days from the Start Date {} in line {line}; they are taken",
            local_ns.abs_diff(start_ns) / DAY_NS,
            quoted(date.as_bytes()),
        );
        let place = Place { line: Some(*line as u64), ..Place::default() };
        Finding::new(FindingKind::Clock, Severity::Warning, text).at(place)
    })
}
