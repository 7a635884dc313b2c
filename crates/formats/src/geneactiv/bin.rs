//! GENEActiv `.bin`: text, a header and then pages of 300 samples, each with the time of its first.

use super::page::{self, Calibration, Damage, MARK, Page, SAMPLES};
use super::{clock_ns, offset_s, placement};
use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Place, Sensor, SensorInfo, Severity, Start, Unit};
use memchr::memmem;
use rayon::prelude::*;

/// A header is some 1,700 bytes long.
const LONGEST_HEADER: usize = 64 << 10;
/// Bytes of the file that are looked at together: some 270 pages.
const BLOCK: usize = 1 << 20;
/// Pages of a block; whole ones are longer than a 400th of it.
const MOST: usize = 400;
/// Pages that follow one another are evenly filled when the next begins at most so much earlier or later than the rate says, as
/// shares: the clock of the pages counts in half seconds in some firmware, and the rate is stated with one decimal.
const EARLIER: f64 = 0.2;
const LATER: f64 = 0.02;
/// The start in the header and that of the first page differ by seconds, unless one of them is wrong.
const SAME_START_NS: i64 = 600_000_000_000;
const SECOND_NS: f64 = 1e9;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    head.starts_with(b"Device Identity").then(|| "it begins with \"Device Identity\"".to_owned())
}

/// What the header says.
#[derive(Debug)]
struct Facts {
    calibration: Calibration,
    rate_hz: Option<f64>,
    pages: Option<u64>,
    offset_s: Option<i32>,
    start_ns: Option<i64>,
    placement: Option<String>,
    serial: Option<String>,
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let head = input.bytes.head(LONGEST_HEADER)?;
    let Some(first) = memmem::find_iter(&head, MARK).find(|&at| at > 0 && head[at - 1] == b'\n') else {
        return Err(Fault::NoRows("no page of samples behind the header of a GENEActiv".to_owned()));
    };
    let facts = facts(&head[..first])?;
    let mut reader = Pages {
        bytes: input.bytes.clone(),
        first: first as u64,
        at: first as u64,
        calibration: facts.calibration,
        rate_hz: facts.rate_hz,
        stated: facts.pages,
        start_ns: 0,
        noticed: Noticed::default(),
        ended: false,
        buffer: Vec::new(),
    };
    let mut chunk = Chunk::default();
    let start_ns = loop {
        let more = reader.read(&mut chunk)?;
        if let Some(&time) = chunk.parts[0].times_ns.first() {
            break time;
        }
        if !more {
            let damage = reader.noticed.damaged.map(|(page, at, damage)| {
                Fault::damaged(format!("page {page} (byte {at})"), damage.found, damage.expected)
            });
            return Err(damage.unwrap_or_else(|| Fault::NoRows("pages without samples".to_owned())));
        }
    };
    reader.rewind()?;
    reader.start_ns = start_ns;
    let mut findings = Vec::new();
    if let Some(stated) = facts.start_ns.filter(|ns| ns.abs_diff(start_ns) > SAME_START_NS.unsigned_abs()) {
        let hours = (stated as f64 - start_ns as f64) / (3600.0 * SECOND_NS);
        let text =
            format!("the header's start is {hours:+.1} h from the first page's time: the pages' taken");
        findings.push(Finding::new(FindingKind::Clock, Severity::Note, text));
    }
    let start = match facts.offset_s {
        Some(offset_s) => Start::Utc {
            utc_ns: start_ns.saturating_sub(i64::from(offset_s) * 1_000_000_000),
            offset_s: Some(offset_s),
        },
        None => Start::Local { local_ns: start_ns },
    };
    let info = SensorInfo {
        unit: Some(Unit::G),
        unit_because: "gain and offset in the header".to_owned(),
        rate_hz: facts.rate_hz,
        ..SensorInfo::new(Sensor::Accelerometer)
    };
    let serial = facts.serial.filter(|_| options.identity);
    let header = Header {
        device: Some("GENEActiv".to_owned()),
        placement: facts.placement,
        start,
        autocalibrate: true,
        identity: serial.map(|serial| ("serial number".to_owned(), serial)).into_iter().collect(),
        sensors: vec![info],
        conversions: vec!["counts to g by the gains and offsets in the header".to_owned()],
        findings,
        ..Header::default()
    };
    let reader = Box::new(reader);
    Ok(vec![Found { format: Format::GeneActivBin, dialect: None, because: String::new(), header, reader }])
}

/// Reads what is needed of the header; what is known of people in it is passed by.
fn facts(head: &[u8]) -> Result<Facts, Fault> {
    const FIELDS: [(&[u8], &[u8]); 3] =
        [(b"x gain", b"x offset"), (b"y gain", b"y offset"), (b"z gain", b"z offset")];
    let find = |name: &[u8]| {
        crate::text::lines(head, b'\n')
            .filter_map(page::field)
            .find(|field| field.0 == name)
            .map(|field| field.1)
    };
    let text = |name: &[u8]| find(name).map(|value| String::from_utf8_lossy(value).into_owned());
    let number = |name: &[u8], usable: fn(f64) -> bool| {
        let value = find(name);
        let number = value.and_then(|value| std::str::from_utf8(value).ok()?.parse::<f64>().ok());
        number.filter(|&number| number.is_finite() && usable(number)).ok_or_else(|| {
            let found = value.map_or("nothing".to_owned(), quoted);
            Fault::damaged(format!("`{}` of the header", String::from_utf8_lossy(name)), found, "a number")
        })
    };
    let (mut gains, mut offsets) = ([0.0; 3], [0.0; 3]);
    for (axis, (gain, offset)) in FIELDS.into_iter().enumerate() {
        gains[axis] = number(gain, |gain| gain != 0.0)?;
        offsets[axis] = number(offset, |_| true)?;
    }
    Ok(Facts {
        calibration: Calibration::new(gains, offsets),
        rate_hz: find(b"Measurement Frequency").and_then(page::rate),
        pages: text(b"Number of Pages").and_then(|pages| pages.parse().ok()),
        offset_s: text(b"Time Zone").and_then(|zone| offset_s(&zone)),
        start_ns: find(b"Start Time").and_then(clock_ns),
        placement: text(b"Device Location Code").and_then(|place| placement(&place)),
        serial: text(b"Device Unique Serial Code").filter(|serial| !serial.is_empty()),
    })
}

/// What was noticed on the way; pages are counted from 0 as they lie in the file.
#[derive(Debug, Default)]
struct Noticed {
    pages: u64,
    /// The first that was skipped: which, where, why.
    damaged: Option<(u64, u64, Damage)>,
    skipped: u64,
    /// The page behind the first that are missing.
    missing_at: Option<u64>,
    missing: u64,
    /// The page with which the rate first changed, and the two rates.
    changed: Option<(u64, f64, f64)>,
    changes: u64,
    /// The last page, and how many samples it has.
    short: Option<(u64, usize)>,
    last: Option<Last>,
}

/// The page before.
#[derive(Clone, Copy, Debug)]
struct Last {
    number: Option<u64>,
    time_ns: i64,
    rate_hz: f64,
    /// Pages that were skipped since.
    skipped: u64,
}

/// Gives out the samples of the pages.
struct Pages {
    bytes: Bytes,
    /// Where the first page begins, and where the next block does.
    first: u64,
    at: u64,
    calibration: Calibration,
    /// The header's, for pages without one.
    rate_hz: Option<f64>,
    /// Pages, as the header says.
    stated: Option<u64>,
    start_ns: i64,
    noticed: Noticed,
    ended: bool,
    /// The block, kept for the next.
    buffer: Vec<u8>,
}

impl Reader for Pages {
    fn rewind(&mut self) -> Result<(), Fault> {
        (self.at, self.noticed, self.ended) = (self.first, Noticed::default(), false);
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(1);
        if self.ended {
            return Ok(false);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(BLOCK, 0);
        let n = self.bytes.read_at(self.at, &mut buffer)?;
        let block = &buffer[..n];
        let at = self.at;
        let marks: Vec<usize> = memmem::find_iter(block, MARK).take(MOST).collect();
        self.ended = at.saturating_add(block.len() as u64) >= self.bytes.len() && marks.len() < MOST;
        // The last page of a block may not be whole, and that before it is seen again: its time says when this one ends.
        let (pages, next) = match marks.len() {
            n if self.ended => (n, block.len()),
            n if n > 2 => (n - 2, marks[n - 2]),
            n => (n, block.len().saturating_sub(MARK.len() - 1)),
        };
        self.at += next as u64;
        let ends = marks.iter().skip(1).copied().chain([block.len()]);
        let slices: Vec<&[u8]> =
            marks.iter().zip(ends).take(pages + 1).map(|(&from, to)| &block[from..to]).collect();
        let part = &mut chunk.parts[0];
        part.values.resize(slices.len() * SAMPLES, [0.0; 3]);
        let read: Vec<Result<Page, Damage>> = part
            .values
            .par_chunks_mut(SAMPLES)
            .zip(slices.par_iter())
            .map(|(values, slice)| page::read(slice, &self.calibration, values))
            .collect();
        let mut kept = 0;
        for (i, page) in read.iter().take(pages).enumerate() {
            let (n, is_last) = (self.noticed.pages, self.ended && i + 1 == pages);
            self.noticed.pages += 1;
            match usable(page, is_last, self.rate_hz) {
                Ok((page, rate_hz)) => {
                    let following = read.get(i + 1).and_then(|page| page.as_ref().ok());
                    let step = step_ns(&page, rate_hz, following);
                    let from = page.time_ns.saturating_sub(self.start_ns);
                    let times =
                        (0..page.samples).map(|k| from.saturating_add((k as f64 * step + 0.5) as i64));
                    part.times_ns.extend(times);
                    part.values.copy_within(i * SAMPLES..i * SAMPLES + page.samples, kept);
                    kept += page.samples;
                    self.noticed.page(n, &page, rate_hz);
                }
                Err(damage) => self.noticed.damage(n, at + marks[i] as u64, damage),
            }
        }
        part.values.truncate(kept);
        self.buffer = buffer;
        Ok(!self.ended || kept > 0)
    }

    fn findings(&self) -> Vec<Finding> {
        self.noticed.findings(self.stated)
    }
}

/// A page with its rate in Hz; only the last may have fewer samples than others.
fn usable(page: &Result<Page, Damage>, is_last: bool, stated: Option<f64>) -> Result<(Page, f64), Damage> {
    let page = page.clone()?;
    if page.samples < SAMPLES && !(is_last && page.samples > 0) {
        let found = format!("{} samples", page.samples);
        return Err(Damage { found, expected: "300 in every page but the last" });
    }
    match page.rate_hz.or(stated) {
        Some(rate_hz) => Ok((page, rate_hz)),
        None => Err(Damage { found: "no rate".to_owned(), expected: "a Measurement Frequency" }),
    }
}

/// From one sample to the next, in nanoseconds: up to the next page where that follows, else as the rate says.
fn step_ns(page: &Page, rate_hz: f64, following: Option<&Page>) -> f64 {
    let nominal = SECOND_NS / rate_hz;
    let follows = |other: &&Page| page.number.is_some_and(|number| other.number == number.checked_add(1));
    let Some(following) = following.filter(follows).filter(|_| page.samples == SAMPLES) else {
        return nominal;
    };
    let step = (following.time_ns as f64 - page.time_ns as f64) / SAMPLES as f64;
    let share = step / nominal - 1.0;
    if (-EARLIER..=LATER).contains(&share) { step } else { nominal }
}

impl Noticed {
    fn damage(&mut self, page: u64, at: u64, damage: Damage) {
        self.skipped += 1;
        self.damaged.get_or_insert((page, at, damage));
        if let Some(last) = &mut self.last {
            last.skipped += 1;
        }
    }

    fn page(&mut self, n: u64, page: &Page, rate_hz: f64) {
        if page.samples < SAMPLES {
            self.short = Some((n, page.samples));
        }
        if let Some(last) = self.last {
            if last.rate_hz != rate_hz {
                self.changes += 1;
                self.changed.get_or_insert((n, last.rate_hz, rate_hz));
            }
            // Both the number and the time have to jump: either alone may be damaged.
            let ahead = |number: u64, before: u64| number.checked_sub(before.checked_add(last.skipped + 1)?);
            let missing =
                page.number.zip(last.number).and_then(|(now, before)| ahead(now, before)).unwrap_or(0);
            let passed_s = (page.time_ns as f64 - last.time_ns as f64) / SECOND_NS;
            let page_s = SAMPLES as f64 / last.rate_hz;
            if missing > 0 && passed_s > (last.skipped as f64 + 1.5) * page_s {
                self.missing = self.missing.saturating_add(missing);
                self.missing_at.get_or_insert(n);
            }
        }
        self.last = Some(Last { number: page.number, time_ns: page.time_ns, rate_hz, skipped: 0 });
    }

    fn findings(&self, stated: Option<u64>) -> Vec<Finding> {
        let mut all = Vec::new();
        let mut add = |kind, severity, page: u64, count: u64, text: String| {
            let place = Place { line: Some(page), ..Place::default() };
            all.push(Finding::new(kind, severity, text).at(place).times(count));
        };
        let (file, warning) = (FindingKind::File, Severity::Warning);
        if let Some((page, at, damage)) = &self.damaged {
            let page_s = self.last.map(|last| SAMPLES as f64 / last.rate_hz);
            let lost = page_s
                .map(|page_s| format!("; {:.1} s lost", page_s * self.skipped as f64))
                .unwrap_or_default();
            let text = format!(
                "{} damaged pages skipped, the first is page {page} (byte {at}): {}; expected {}{lost}",
                self.skipped, damage.found, damage.expected
            );
            add(file, warning, *page, self.skipped, text);
        }
        if let Some(page) = self.missing_at {
            let text =
                format!("{} pages are missing, the first before page {page} of the file", self.missing);
            add(file, warning, page, self.missing, text);
        }
        if let Some((page, before, after)) = self.changed {
            let text = format!("the rate changes from {before} to {after} Hz with page {page}");
            add(FindingKind::Rate, Severity::Note, page, self.changes, text);
        }
        if let Some((page, samples)) = self.short {
            let text = format!("the last page, {page}, has {samples} of {SAMPLES} samples");
            add(file, Severity::Note, page, 1, text);
        }
        if let Some(stated) = stated.filter(|&stated| stated > self.pages) {
            let text = format!("the header says {stated} pages, the file has {}", self.pages);
            add(file, Severity::Note, self.pages, 1, text);
        }
        all
    }
}
