//! From what a reader gives to series in the project's units and axes, and to the recordings in them.

use super::DescribedError;
use super::plan::{Entry, Roles};
use ambulo_formats::{Opened, TextRun};
use ambulo_signal::intake::AxisMap;
use ambulo_signal::{
    Chunk, Clock, Header, Sensor, SensorInfo, SensorSeries, Source as _, SourceError, Start, Unit,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A step back of a clock that is more than jitter, in ns: there it began anew.
const BACK_NS: i64 = 1_000_000_000;

/// The samples of one sensor with their stamps.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) info: SensorInfo,
    pub(super) times_ns: Vec<i64>,
    pub(super) values: Vec<[f32; 3]>,
}

/// A recording as it was read.
#[derive(Debug)]
pub(super) struct Drained {
    pub(super) header: Header,
    /// What the file's clock says at the recording's zero, in ns.
    pub(super) origin_ns: Option<i64>,
    /// Accelerometer and gyroscope, as far as there are samples, in this order.
    tracks: Vec<Track>,
    runs: Vec<TextRun>,
}

/// What is done with each sample of a sensor.
struct Door {
    unit: Unit,
    axes: AxisMap,
    /// A mirror turns rotations round.
    negative: bool,
}

impl Door {
    fn pass(&self, v: [f32; 3]) -> [f32; 3] {
        let v = v.map(|v| self.unit.to_project(v));
        let v = self.axes.apply(v);
        if self.negative { v.map(|v| -v) } else { v }
    }
}

/// Why a recording was not read.
pub(super) enum DrainError {
    Source(SourceError),
    Unit(Sensor),
}

/// Reads everything.
pub(super) fn drain(opened: &mut Opened, entry: &Entry) -> Result<Drained, DrainError> {
    let mut doors = Vec::new();
    let mut tracks: Vec<Track> = Vec::new();
    for info in &opened.header().sensors {
        if info.sensor == Sensor::Magnetometer {
            doors.push(None);
            continue;
        }
        let unit = info.unit.ok_or(DrainError::Unit(info.sensor))?;
        let negative = info.sensor == Sensor::Gyroscope && entry.axes.is_mirror();
        let info = SensorInfo {
            rate_hz: entry.rate_hz.or(info.rate_hz),
            // The values are in the project's unit from here on: where the file's is known from does not hold for them.
            ..SensorInfo::new(info.sensor)
        };
        doors.push(Some((tracks.len(), Door { unit, axes: entry.axes, negative })));
        tracks.push(Track { info, times_ns: Vec::new(), values: Vec::new() });
    }
    let (mut chunk, mut runs) = (Chunk::default(), Vec::<TextRun>::new());
    while opened.read(&mut chunk).map_err(DrainError::Source)? {
        for (part, door) in chunk.parts.iter().zip(&doors) {
            let Some((at, door)) = door else { continue };
            tracks[*at].times_ns.extend_from_slice(&part.times_ns);
            tracks[*at].values.extend(part.values.iter().map(|&v| door.pass(v)));
        }
        runs.extend(opened.take_texts());
    }
    runs.extend(opened.take_texts());
    tracks.retain(|track| !track.values.is_empty());
    tracks.sort_by_key(|track| track.info.sensor);
    // The first of each kind is the one that is used.
    tracks.dedup_by_key(|track| track.info.sensor);
    Ok(Drained { header: opened.header().clone(), origin_ns: opened.origin_ns(), tracks, runs })
}

/// What will become one recording.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Texts of the columns that divide the table: person, trial, device, placement.
    pub(super) of: [Option<Arc<str>>; 4],
    /// Number among those with the same texts: the clock began anew.
    pub(super) part: usize,
    pub(super) tracks: Vec<Track>,
    /// First sample of the accelerometer from which a label's text holds.
    pub(super) texts: Vec<(usize, Arc<str>)>,
    /// Which samples of the file they were, in their order here.
    pub(super) rows: Vec<Range<usize>>,
}

impl Piece {
    /// Samples of the first sensor.
    pub(super) fn len(&self) -> usize {
        self.tracks.first().map_or(0, |track| track.values.len())
    }

    /// Row of the file, from 1, of a sample.
    pub(super) fn row(&self, sample: usize) -> u64 {
        let mut before = 0;
        for rows in &self.rows {
            if sample - before < rows.len() {
                return (rows.start + sample - before) as u64 + 1;
            }
            before += rows.len();
        }
        sample as u64 + 1
    }
}

/// Why a table cannot be divided.
pub(super) enum DivideError {
    /// The format has no columns.
    NoColumns,
    /// Its sensors have rows of their own.
    Unequal,
}

/// Divides what was read by people, trials, devices and placements, and where its clock began anew.
pub(super) fn pieces(drained: Drained, roles: Roles, ignore_times: bool) -> Result<Vec<Piece>, DivideError> {
    let Drained { tracks, runs, .. } = drained;
    let total = tracks.first().map_or(0, |track| track.values.len());
    let wanted = roles.divide() || roles.label.is_some();
    if total == 0 {
        return Ok(Vec::new());
    }
    if wanted && runs.is_empty() {
        return Err(DivideError::NoColumns);
    }
    let text = |run: &TextRun, place: Option<usize>| place.and_then(|place| run.texts.get(place).cloned());
    let ends = runs.iter().skip(1).map(|run| run.sample as usize).chain([total]);
    let spans =
        runs.iter().zip(ends).map(|(run, end)| (run, (run.sample as usize).min(total)..end.min(total)));
    if !roles.divide() {
        let texts = spans
            .filter(|(_, span)| !span.is_empty())
            .filter_map(|(run, span)| Some((span.start, text(run, roles.label)?)))
            .collect();
        let rows = std::iter::once(0..total).collect();
        return Ok(cut(Piece { of: [const { None }; 4], part: 0, tracks, texts, rows }, ignore_times));
    }
    if tracks.iter().any(|track| track.values.len() != total) {
        return Err(DivideError::Unequal);
    }
    let mut places: HashMap<[Option<Arc<str>>; 4], usize> = HashMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    for (run, span) in spans {
        if span.is_empty() {
            continue;
        }
        let of = roles.dividing().map(|place| text(run, place));
        let at = *places.entry(of.clone()).or_insert_with(|| {
            let empty =
                |track: &Track| Track { info: track.info.clone(), times_ns: Vec::new(), values: Vec::new() };
            let tracks = tracks.iter().map(empty).collect();
            pieces.push(Piece { of, part: 0, tracks, texts: Vec::new(), rows: Vec::new() });
            pieces.len() - 1
        });
        let piece = &mut pieces[at];
        if let Some(label) = text(run, roles.label)
            && piece.texts.last().is_none_or(|(_, last)| *last != label)
        {
            piece.texts.push((piece.len(), label));
        }
        match piece.rows.last_mut().filter(|rows| rows.end == span.start) {
            Some(rows) => rows.end = span.end,
            None => piece.rows.push(span.clone()),
        }
        for (to, from) in piece.tracks.iter_mut().zip(&tracks) {
            to.times_ns.extend_from_slice(&from.times_ns[span.clone()]);
            to.values.extend_from_slice(&from.values[span.clone()]);
        }
    }
    Ok(pieces.into_iter().flat_map(|piece| cut(piece, ignore_times)).collect())
}

/// Cuts where the clock began anew: labels are told by time.
fn cut(piece: Piece, ignore_times: bool) -> Vec<Piece> {
    if ignore_times {
        return vec![piece];
    }
    let steps_back = |track: &Track| -> Vec<usize> {
        let back = |i: &usize| track.times_ns[*i] < track.times_ns[i - 1].saturating_sub(BACK_NS);
        (1..track.times_ns.len()).filter(back).collect()
    };
    let cuts: Vec<Vec<usize>> = piece.tracks.iter().map(steps_back).collect();
    let Some(first) = cuts.first().filter(|first| !first.is_empty()) else { return vec![piece] };
    if cuts.iter().any(|other| other.len() != first.len()) {
        // The clocks do not agree; the intake says so.
        return vec![piece];
    }
    let mut parts = Vec::new();
    for part in 0..=first.len() {
        let bounds = |cuts: &[usize], length: usize| {
            let start = part.checked_sub(1).map_or(0, |before| cuts[before]);
            start..cuts.get(part).copied().unwrap_or(length)
        };
        let tracks = piece.tracks.iter().zip(&cuts).map(|(track, cuts)| {
            let bounds = bounds(cuts, track.values.len());
            Track {
                info: track.info.clone(),
                times_ns: track.times_ns[bounds.clone()].to_vec(),
                values: track.values[bounds].to_vec(),
            }
        });
        let span = bounds(first, piece.len());
        let holds = piece.texts.iter().rev().find(|(at, _)| *at <= span.start);
        let later = piece.texts.iter().filter(|(at, _)| *at > span.start && *at < span.end);
        let texts = holds
            .into_iter()
            .map(|(_, text)| (0, text.clone()))
            .chain(later.map(|(at, text)| (at - span.start, text.clone())));
        parts.push(Piece {
            of: piece.of.clone(),
            part,
            tracks: tracks.collect(),
            texts: texts.collect(),
            rows: within(&piece.rows, &span),
        });
    }
    parts
}

/// Rows of the file that samples `span` of a piece are.
fn within(rows: &[Range<usize>], span: &Range<usize>) -> Vec<Range<usize>> {
    let mut before = 0;
    let mut found = Vec::new();
    for rows in rows {
        let start = span.start.max(before) - before;
        let end = span.end.min(before + rows.len()).saturating_sub(before);
        if start < end {
            found.push(rows.start + start..rows.start + end);
        }
        before += rows.len();
    }
    found
}

/// Sample numbers of a piece that rows `wanted` of the file are.
pub(super) fn samples_of(rows: &[Range<usize>], wanted: &Range<usize>) -> Vec<Range<usize>> {
    let mut before = 0;
    let mut found = Vec::new();
    for rows in rows {
        let (start, end) = (wanted.start.max(rows.start), wanted.end.min(rows.end));
        if start < end {
            found.push(before + start - rows.start..before + end - rows.start);
        }
        before += rows.len();
    }
    found
}

/// Stamps as a clock: uniform where they are, to the nanosecond, at the stated rate or at one of their own.
pub(super) fn clock(times_ns: Vec<i64>, rate_hz: Option<f64>) -> Clock {
    let Some(&start_ns) = times_ns.first() else { return Clock::Stamps(times_ns) };
    if let Some(rate_hz) = rate_hz {
        let uniform = Clock::Uniform { start_ns, rate_hz };
        // Rounded to the nanosecond, from wherever the file began.
        if times_ns.iter().enumerate().all(|(i, &t)| t.abs_diff(uniform.time_ns(i)) <= 1) {
            return uniform;
        }
    }
    let step = times_ns.get(1).and_then(|next| next.checked_sub(start_ns)).filter(|&step| step > 0);
    match step {
        Some(step) if times_ns.array_windows().all(|[a, b]| b.checked_sub(*a) == Some(step)) => {
            Clock::Uniform { start_ns, rate_hz: 1e9 / step as f64 }
        }
        _ => Clock::Stamps(times_ns),
    }
}

/// Stamps that follow the rate and nothing else.
pub(super) fn regular(samples: usize, rate_hz: f64) -> Vec<i64> {
    let uniform = Clock::Uniform { start_ns: 0, rate_hz };
    (0..samples).map(|i| uniform.time_ns(i)).collect()
}

/// The instant that lies `by_ns` after another.
pub(super) fn later(start: Start, by_ns: i64) -> Start {
    match start {
        Start::Unknown => Start::Unknown,
        Start::Local { local_ns } => Start::Local { local_ns: local_ns.saturating_add(by_ns) },
        Start::Utc { utc_ns, offset_s } => Start::Utc { utc_ns: utc_ns.saturating_add(by_ns), offset_s },
    }
}

/// Nanoseconds by which one recording begins after another, where both are told by clocks of one kind: instants, or one device's count.
pub(super) fn between(
    (start, count): (Start, Option<i64>),
    (other, other_count): (Start, Option<i64>),
) -> Option<i64> {
    match (start, other) {
        (Start::Unknown, Start::Unknown) => other_count?.checked_sub(count?),
        (Start::Utc { utc_ns: a, .. }, Start::Utc { utc_ns: b, .. })
        | (Start::Local { local_ns: a }, Start::Local { local_ns: b }) => b.checked_sub(a),
        _ => None,
    }
}

/// The samples of a track as a series.
pub(super) fn series(track: Track) -> SensorSeries {
    let clock = clock(track.times_ns, track.info.rate_hz);
    SensorSeries { clock, info: track.info, values: track.values }
}

/// Nanoseconds that two pieces share.
fn overlap(a: &Piece, b: &Piece) -> i64 {
    let span = |piece: &Piece| {
        let times = &piece.tracks.first()?.times_ns;
        Some((*times.iter().min()?, *times.iter().max()?))
    };
    match (span(a), span(b)) {
        (Some((a, b)), Some((c, d))) => b.min(d).saturating_sub(a.max(c)),
        _ => 0,
    }
}

/// Adds the samples of companions to the pieces they belong to.
///
/// # Errors
/// A piece without its companion.
pub(super) fn join(
    pieces: &mut [Piece],
    mut others: Vec<Piece>,
    shift_ns: i64,
    optional: bool,
    file: &str,
    pattern: &str,
) -> Result<(), DescribedError> {
    for other in &mut others {
        for track in &mut other.tracks {
            track.times_ns.iter_mut().for_each(|t| *t = t.saturating_add(shift_ns));
        }
    }
    let parts =
        |all: &[Piece], of: &[Option<Arc<str>>; 4]| all.iter().filter(|piece| piece.of == *of).count();
    let equal: Vec<bool> =
        pieces.iter().map(|piece| parts(pieces, &piece.of) == parts(&others, &piece.of)).collect();
    for (piece, equal) in pieces.iter_mut().zip(equal) {
        let mine = |other: &Piece| other.of == piece.of;
        let at = if equal {
            others.iter().position(|other| mine(other) && other.part == piece.part)
        } else {
            // The two clocks did not begin anew equally often: what was taken at the same time.
            let shared = |at: &usize| overlap(piece, &others[*at]);
            (0..others.len()).filter(|at| mine(&others[*at]) && shared(at) > 0).max_by_key(shared)
        };
        let Some(at) = at else {
            if optional {
                continue;
            }
            let nearest = None;
            return Err(DescribedError::NoCompanion {
                file: file.to_owned(),
                pattern: pattern.to_owned(),
                nearest,
            });
        };
        for track in others[at].tracks.clone() {
            if piece.tracks.iter().any(|known| known.info.sensor == track.info.sensor) {
                continue;
            }
            piece.tracks.push(track);
        }
        piece.tracks.sort_by_key(|track| track.info.sensor);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_that_follow_a_rate_are_uniform() {
        assert_eq!(clock(regular(100, 30.0), Some(30.0)), Clock::Uniform { start_ns: 0, rate_hz: 30.0 });
        assert_eq!(clock(vec![5, 25, 45], Some(30.0)), Clock::Uniform { start_ns: 5, rate_hz: 5e7 });
        assert_eq!(clock(vec![0, 20, 41], None), Clock::Stamps(vec![0, 20, 41]));
        assert_eq!(clock(vec![7], None), Clock::Stamps(vec![7]));
        assert_eq!(clock(vec![0, 0, 0], None), Clock::Stamps(vec![0; 3]));
        assert_eq!(clock(vec![i64::MIN, i64::MAX], Some(50.0)), Clock::Stamps(vec![i64::MIN, i64::MAX]));
    }

    #[test]
    fn rows_of_a_file_and_samples_of_a_piece() {
        let rows = [10..20, 30..35];
        assert_eq!(samples_of(&rows, &(15..32)), [5..10, 10..12]);
        assert_eq!(samples_of(&rows, &(20..30)), []);
        assert_eq!(within(&rows, &(8..12)), [18..20, 30..32]);
        let piece = Piece {
            of: [const { None }; 4],
            part: 0,
            tracks: Vec::new(),
            texts: Vec::new(),
            rows: rows.to_vec(),
        };
        assert_eq!((piece.row(0), piece.row(9), piece.row(10)), (11, 20, 31));
    }
}
