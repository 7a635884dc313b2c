//! A recording in a file, and how its samples come out again.

use super::file::SpoolFile;
use ambulo_signal::{Chunk, Clock, Header, Recording, Sensor, SensorInfo, SensorSeries, Source, SourceError};
use std::io;
use std::sync::Arc;

/// Samples that one chunk holds of each sensor at most.
const CHUNK: usize = 1 << 14;

/// A recording whose samples lie in a temporary file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DiskRecording {
    header: Header,
    series: Vec<DiskSeries>,
    file: Arc<SpoolFile>,
}

#[derive(Clone, Debug)]
struct DiskSeries {
    info: SensorInfo,
    clock: DiskClock,
    samples: usize,
    /// First byte of the values.
    at: u64,
}

#[derive(Clone, Copy, Debug)]
enum DiskClock {
    Uniform {
        start_ns: i64,
        rate_hz: f64,
    },
    /// First byte of the stamps, and how many there are.
    Stamps {
        at: u64,
        stamps: usize,
    },
}

impl DiskRecording {
    pub(super) fn write(file: Arc<SpoolFile>, recording: &Recording) -> io::Result<Self> {
        let write = |series: &SensorSeries| -> io::Result<DiskSeries> {
            let clock = match &series.clock {
                &Clock::Uniform { start_ns, rate_hz } => DiskClock::Uniform { start_ns, rate_hz },
                Clock::Stamps(stamps) => {
                    DiskClock::Stamps { at: file.append_i64(stamps)?, stamps: stamps.len() }
                }
            };
            let at = file.append_f32(series.values.as_flattened())?;
            Ok(DiskSeries { info: series.info.clone(), clock, samples: series.values.len(), at })
        };
        let series = recording.series().iter().map(write).collect::<io::Result<_>>()?;
        Ok(Self { header: recording.header().clone(), series, file })
    }

    /// What is known without the samples.
    pub fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn facts(&self, sensor: Sensor) -> Option<(&SensorInfo, Option<f64>, u64)> {
        let series = self.series.iter().find(|series| series.info.sensor == sensor)?;
        let rate_hz = match series.clock {
            DiskClock::Uniform { rate_hz, .. } => Some(rate_hz),
            DiskClock::Stamps { .. } => None,
        };
        Some((&series.info, rate_hz, series.samples as u64))
    }

    /// When each sample of a sensor was taken; none if there is no such sensor.
    pub(crate) fn clock(&self, sensor: Sensor) -> io::Result<Option<Clock>> {
        let series = self.series.iter().find(|series| series.info.sensor == sensor);
        series.map(|series| series.clock(&self.file, 0, usize::MAX)).transpose()
    }

    /// The values of a sensor; none if there is no such sensor.
    pub(crate) fn values(&self, sensor: Sensor) -> io::Result<Vec<[f32; 3]>> {
        let series = self.series.iter().find(|series| series.info.sensor == sensor);
        series.map_or(Ok(Vec::new()), |series| series.values(&self.file, 0, usize::MAX))
    }

    /// All of it.
    pub(crate) fn load(&self) -> io::Result<Recording> {
        let load = |series: &DiskSeries| series.part(&self.file, 0, usize::MAX);
        let series = self.series.iter().map(load).collect::<io::Result<_>>()?;
        Ok(Recording::new(self.header.clone(), series))
    }

    pub(crate) fn source(&self) -> DiskSource<'_> {
        DiskSource { recording: self, cursors: vec![Cursor::default(); self.series.len()] }
    }
}

impl PartialEq for DiskRecording {
    /// Whether they hold the same; what cannot be read is equal to nothing.
    fn eq(&self, other: &Self) -> bool {
        matches!((self.load(), other.load()), (Ok(a), Ok(b)) if a == b)
    }
}

impl DiskSeries {
    /// The samples from `first` on, at most so many.
    fn part(&self, file: &SpoolFile, first: usize, most: usize) -> io::Result<SensorSeries> {
        Ok(SensorSeries {
            info: self.info.clone(),
            clock: self.clock(file, first, most)?,
            values: self.values(file, first, most)?,
        })
    }

    fn values(&self, file: &SpoolFile, first: usize, most: usize) -> io::Result<Vec<[f32; 3]>> {
        let mut values = vec![[0.0; 3]; self.samples.saturating_sub(first).min(most)];
        file.read_f32(self.at + 12 * first as u64, values.as_flattened_mut())?;
        Ok(values)
    }

    /// The clock; of stamps those from `first` on, at most so many.
    fn clock(&self, file: &SpoolFile, first: usize, most: usize) -> io::Result<Clock> {
        match self.clock {
            DiskClock::Uniform { start_ns, rate_hz } => Ok(Clock::Uniform { start_ns, rate_hz }),
            DiskClock::Stamps { at, stamps } => {
                // Where stamps end before the values, the last is that of the rest.
                let first = first.min(stamps.saturating_sub(1));
                let mut part = vec![0; (stamps - first).min(most)];
                file.read_i64(at + 8 * first as u64, &mut part)?;
                Ok(Clock::Stamps(part))
            }
        }
    }
}

/// Gives out the samples of a [`DiskRecording`], in the chunks that the same recording has in memory
/// ([`Recording::source`]).
#[derive(Clone, Debug)]
pub struct DiskSource<'a> {
    recording: &'a DiskRecording,
    /// One for each series.
    cursors: Vec<Cursor>,
}

/// How far a series has been given out.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    next: usize,
    /// Time of the next sample if the clock had never gone back; none before the first was looked at.
    reached_ns: Option<i64>,
}

/// The samples of a series from a cursor on, as many as a chunk may take and one to look ahead to.
struct Ahead {
    first: usize,
    samples: usize,
    part: SensorSeries,
}

impl Ahead {
    fn time_ns(&self, index: usize) -> i64 {
        match self.part.clock {
            Clock::Uniform { .. } => self.part.clock.time_ns(index),
            Clock::Stamps(_) => self.part.clock.time_ns(index - self.first),
        }
    }

    /// Goes on to the next sample; false at the end.
    fn advance(&self, (next, reached_ns): &mut (usize, i64)) -> bool {
        let now_ns = self.time_ns(*next);
        *next += 1;
        if *next >= self.samples {
            return false;
        }
        let step = self.time_ns(*next).saturating_sub(now_ns);
        *reached_ns = reached_ns.saturating_add(step.max(0));
        true
    }
}

impl Source for DiskSource<'_> {
    fn header(&self) -> &Header {
        &self.recording.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let DiskRecording { series, file, .. } = self.recording;
        chunk.clear(series.len());
        let mut ahead = Vec::with_capacity(series.len());
        for (series, cursor) in series.iter().zip(&self.cursors) {
            let part = series.part(file, cursor.next, CHUNK + 2).map_err(SourceError::new)?;
            ahead.push(Ahead { first: cursor.next, samples: series.samples, part });
        }
        let mut places: Vec<(usize, i64)> = self
            .cursors
            .iter()
            .zip(&ahead)
            .map(|(c, a)| (c.next, c.reached_ns.unwrap_or_else(|| a.time_ns(c.next))))
            .collect();
        let unfinished = |(place, ahead): &(&(usize, i64), &Ahead)| place.0 < ahead.samples;
        let behind = places.iter().zip(&ahead).filter(unfinished).min_by_key(|(place, _)| place.1);
        let Some((&behind, slowest)) = behind else { return Ok(false) };
        let mut end = behind;
        while end.0 < behind.0 + CHUNK && slowest.advance(&mut end) {}
        for ((place, ahead), part) in places.iter_mut().zip(&ahead).zip(&mut chunk.parts) {
            let most = ahead.samples.min(place.0 + CHUNK);
            while place.0 < most && place.1 <= end.1 {
                part.push(ahead.time_ns(place.0), ahead.part.values[place.0 - ahead.first]);
                ahead.advance(place);
            }
        }
        for (cursor, (next, reached_ns)) in self.cursors.iter_mut().zip(places) {
            *cursor = Cursor { next, reached_ns: Some(reached_ns) };
        }
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        *self = self.recording.source();
        Ok(())
    }
}
