//! Which column holds the times, and when the recording began.

use super::{Sample, TimePlan};
use crate::error::{Fault, Need};
use crate::names::{self, Meaning};
use crate::number::Point;
use crate::options::ReadOptions;
use crate::time::{self, Stamp, TimeFormat, TimeReader, TimeUnit};
use ambulo_signal::Start;

pub(super) struct Clock {
    pub(super) time: TimePlan,
    pub(super) start: Start,
    pub(super) conversions: Vec<String>,
}

/// A column, or two neighbours, that may hold the times.
#[derive(Clone, Copy)]
struct Candidate {
    column: usize,
    joined: bool,
    unit: Option<TimeUnit>,
}

pub(super) fn choose(
    sample: &Sample,
    point: Point,
    options: &ReadOptions,
    known: Option<&[usize]>,
) -> Result<Clock, Fault> {
    let rate = |fault: Fault| match options.rate_hz.or(sample.facts.rate_hz) {
        Some(rate_hz) => Ok(Clock {
            time: TimePlan::Rate(rate_hz),
            start: sample.facts.start,
            conversions: vec![format!("times from the stated rate of {rate_hz} Hz")],
        }),
        None => Err(fault),
    };
    let candidates = candidates(sample, known);
    let mut best: Option<(u8, Clock)> = None;
    let mut first_fault = None;
    let mut local = None;
    for candidate in candidates {
        match clock(sample, point, options.time.or(sample.facts.time), candidate) {
            Ok(clock) => {
                if let (Start::Local { local_ns }, false) = (clock.start, candidate.joined) {
                    local = Some(local_ns);
                }
                let rank = match (&clock.start, candidate.joined) {
                    (Start::Utc { .. }, false) => 5,
                    (Start::Utc { .. }, true) => 4,
                    (Start::Local { .. }, false) => 3,
                    (Start::Local { .. }, true) => 2,
                    (Start::Unknown, _) => 1,
                };
                if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                    best = Some((rank, clock));
                }
            }
            Err(fault) if !candidate.joined => _ = first_fault.get_or_insert(fault),
            Err(_) => {}
        }
    }
    match (best, first_fault) {
        (Some((_, mut clock)), _) => {
            if let Start::Utc { utc_ns, offset_s: offset_s @ None } = &mut clock.start {
                *offset_s = stated_offset(sample).or(local.and_then(|local_ns| offset(*utc_ns, local_ns)));
            }
            Ok(clock)
        }
        (None, Some(fault @ Fault::Needs { need: Need::Rate, .. })) => rate(fault),
        (None, Some(fault)) => Err(fault),
        (None, None) => rate(Fault::needs(
            Need::Rate,
            format!("there is no column of times among {}\nhint: state the rate", sample.list()),
        )),
    }
}

/// What a column of local times beside one of UTC says about the zone: zones differ from UTC by whole quarters of an hour.
fn offset(utc_ns: i64, local_ns: i64) -> Option<i32> {
    const QUARTER_NS: i64 = 900_000_000_000;
    const FURTHEST: i64 = 14 * 4;
    let ahead = local_ns.checked_sub(utc_ns)?;
    let quarters = (ahead as f64 / QUARTER_NS as f64).round() as i64;
    let off = (ahead - quarters.checked_mul(QUARTER_NS)?).abs();
    (quarters.abs() <= FURTHEST && off <= 1_500_000_000).then_some(quarters as i32 * 900)
}

/// The zone in the name of a column of times: `timestamp (+0100)`.
fn stated_offset(sample: &Sample) -> Option<i32> {
    let names = sample.names.as_deref().unwrap_or_default();
    names.iter().filter(|name| name.to_lowercase().contains("time")).find_map(|name| {
        let inner = name.split_once('(')?.1.split_once(')')?.0;
        let (sign, digits) = match inner.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let digits = digits.replace(':', "");
        if digits.len() != 4 || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        time::utc_offset_s(sign, &digits[..2], &digits[2..])
    })
}

fn candidates(sample: &Sample, known: Option<&[usize]>) -> Vec<Candidate> {
    let names = sample.names.as_deref().unwrap_or_default();
    let unit = |column: usize| match names.get(column).map(|name| names::read(name)) {
        Some(Meaning::Time(unit)) => Some(unit),
        _ => None,
    };
    let columns: Vec<usize> = match known {
        Some(columns) => columns.to_vec(),
        None => (0..names.len()).filter(|&column| unit(column).is_some()).collect(),
    };
    let single = |&column: &usize| Candidate { column, joined: false, unit: unit(column).flatten() };
    let mut all: Vec<Candidate> = columns.iter().map(single).collect();
    if sample.text {
        let pair = |&&column: &&usize| known.is_some() || unit(column + 1).is_some();
        all.extend(columns.iter().filter(pair).map(|&column| Candidate { column, joined: true, unit: None }));
    }
    all
}

fn clock(
    sample: &Sample,
    point: Point,
    stated: Option<TimeFormat>,
    candidate: Candidate,
) -> Result<Clock, Fault> {
    let joined: Vec<Vec<u8>> = match candidate.joined {
        true => {
            let join = |row: &super::SampleRow| {
                [row.cell(candidate.column), b" ", row.cell(candidate.column + 1)].concat()
            };
            sample.rows.iter().map(join).collect()
        }
        false => Vec::new(),
    };
    let cell = |i: usize| joined.get(i).map_or(sample.rows[i].cell(candidate.column), Vec::as_slice);
    let name = sample.name(candidate.column);
    let reader = match stated {
        Some(format) => TimeReader::new(format, point),
        None => {
            let column = time::Column {
                name: name.clone(),
                unit: candidate.unit,
                cells: (0..sample.rows.len()).map(|i| (sample.rows[i].line, cell(i))).collect(),
                head: sample.head,
                before: sample.before,
            };
            let meaning = time::meaning(&column, point)?;
            TimeReader { tick_ns: meaning.tick_ns, ..TimeReader::new(meaning.format, point) }
        }
    };
    let known = (0..sample.rows.len()).find_map(|i| Some((i, reader.read(cell(i)).ok()?)));
    let Some((row, mut first)) = known else {
        let row = sample.rows.first();
        return Err(Fault::needs(
            Need::TimeFormat,
            format!(
                "the times of column {name} are not {}: {} in line {}\nhint: {}",
                reader.format,
                crate::error::quoted(row.map(|row| row.cell(candidate.column)).unwrap_or_default()),
                row.map_or(0, |row| row.line),
                time::KNOWN
            ),
        ));
    };
    // Rows before it have their times from the step behind it, as they will when they are read.
    if row > 0 && row < sample.head {
        let next = (row + 1..sample.head).find_map(|i| reader.read(cell(i)).ok());
        let step = next.map_or(0, |next| next.ns.saturating_sub(first.ns)).max(0);
        first.ns = first.ns.saturating_sub(step.saturating_mul(row as i64));
    }
    let both =
        if candidate.joined { format!(" and {}", sample.name(candidate.column + 1)) } else { String::new() };
    let ticks = reader.tick_ns.map(|ns| format!("ticks of {ns} ns from a start that is not stated"));
    let how = if first.of_day { "time of day, no date".to_owned() } else { reader.format.to_string() };
    Ok(Clock {
        start: start(reader, first, sample.facts.offset_s),
        time: TimePlan::Column {
            column: candidate.column,
            joined: candidate.joined,
            reader,
            origin_ns: first.ns,
            of_day: first.of_day,
        },
        conversions: vec![format!(
            "times of column {name}{both}: {}{}{}",
            ticks.unwrap_or(how),
            since(reader, first),
            coarse(sample, candidate)
        )],
    })
}

/// What a spreadsheet leaves of times when it saves them in its short form: `1.04E+02`.
fn coarse(sample: &Sample, candidate: Candidate) -> &'static str {
    const ENOUGH: usize = 50;
    let digits = |cell: &[u8]| {
        let mantissa = cell.split(|c| matches!(c, b'e' | b'E')).next().unwrap_or_default();
        mantissa.iter().filter(|c| c.is_ascii_digit()).count()
    };
    let cells: Vec<&[u8]> = sample.rows[..sample.head].iter().map(|row| row.cell(candidate.column)).collect();
    let short = |cell: &&[u8]| cell.iter().any(|c| matches!(c, b'e' | b'E')) && digits(cell) <= 3;
    if !candidate.joined
        && cells.len() >= ENOUGH
        && cells.iter().filter(|cell| short(cell)).count() * 10 > cells.len() * 9
    {
        ", with three digits only, as a spreadsheet saves them: rows that share one are spread"
    } else {
        ""
    }
}

/// What a large count in a small unit says of its start: Android stamps events in ns since boot.
fn since(reader: TimeReader, first: Stamp) -> &'static str {
    const HOUR_NS: i64 = 3_600_000_000_000;
    match reader.format {
        TimeFormat::Relative(TimeUnit::Nanoseconds) if first.ns > HOUR_NS && reader.tick_ns.is_none() => {
            " (as Android counts since boot): no date"
        }
        _ => "",
    }
}

/// When the recording began, as far as its first time tells.
fn start(reader: TimeReader, first: Stamp, offset_s: Option<i32>) -> Start {
    match (reader.format, first) {
        (TimeFormat::Epoch(_), _) => Start::Utc { utc_ns: first.ns, offset_s: None },
        (TimeFormat::Relative(_), _) | (_, Stamp { of_day: true, .. }) => Start::Unknown,
        (_, Stamp { offset_s: Some(offset_s), .. }) => {
            Start::Utc { utc_ns: first.ns, offset_s: Some(offset_s) }
        }
        _ => match offset_s {
            Some(ahead) => Start::Utc {
                utc_ns: first.ns.saturating_sub(i64::from(ahead) * 1_000_000_000),
                offset_s: Some(ahead),
            },
            None => Start::Local { local_ns: first.ns },
        },
    }
}
