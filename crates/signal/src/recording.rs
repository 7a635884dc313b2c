//! A recording: whatever sensors a device has, each with its own clock, and what is known about it.

use crate::source::{Chunk, Source, SourceError};
use crate::{Finding, Sensor, Unit};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// When a recording began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Start {
    /// The source does not say.
    #[default]
    Unknown,
    /// A wall clock of a place that the source does not name: no instant.
    Local {
        /// Nanoseconds from 1970-01-01 00:00 of that clock.
        local_ns: i64,
    },
    /// An instant.
    Utc {
        /// Nanoseconds since 1970-01-01 00:00 UTC.
        utc_ns: i64,
        /// Seconds by which the local clock was ahead of UTC, where the source says so.
        offset_s: Option<i32>,
    },
}

/// What is known of one sensor before its samples are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensorInfo {
    /// What it measures.
    pub sensor: Sensor,
    /// Where it was worn, where several placements were recorded together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// The unit that the source states; none if it does not.
    pub unit: Option<Unit>,
    /// Where the unit is known from, e.g. `column "ax (m/s²)"`; empty if it is not.
    pub unit_because: String,
    /// The rate that the source states, in Hz.
    pub rate_hz: Option<f64>,
}

impl SensorInfo {
    /// A sensor in the project's unit, of which no more is known.
    pub fn new(sensor: Sensor) -> Self {
        Self {
            sensor,
            placement: None,
            unit: Some(sensor.unit()),
            unit_because: String::new(),
            rate_hz: None,
        }
    }
}

/// What is known of a recording without its samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Where it came from: a file's name, or what the program that made it says.
    pub origin: String,
    /// The device, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Where the device was worn, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// The instant of time 0.
    pub start: Start,
    /// Whether it is a research device's own record of raw acceleration, worn for days: worth being calibrated to 1 g at rest.
    #[serde(default)]
    pub autocalibrate: bool,
    /// Serial numbers, names and annotations, as name and value; empty unless they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<(String, String)>,
    /// The sensors, in the order of a [`Chunk`]'s parts.
    pub sensors: Vec<SensorInfo>,
    /// What whoever read it converted, one sentence each.
    #[serde(default)]
    pub conversions: Vec<String>,
    /// What whoever read it found.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl Header {
    /// Where the samples of a sensor lie in a chunk: the first of its kind.
    pub fn position(&self, sensor: Sensor) -> Option<usize> {
        self.sensors.iter().position(|info| info.sensor == sensor)
    }
}

/// The times of a series of samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Clock {
    /// One sample every `1 / rate_hz` seconds.
    Uniform {
        /// Time of the first sample, in nanoseconds from the recording's zero.
        start_ns: i64,
        /// Samples per second, in Hz.
        rate_hz: f64,
    },
    /// A stamp for each sample, in nanoseconds from the recording's zero, as the source gave them: they may jitter, repeat
    /// and step back.
    Stamps(Vec<i64>),
}

impl Clock {
    /// Time of sample `index`, in nanoseconds; past the last stamp, that of the last.
    pub fn time_ns(&self, index: usize) -> i64 {
        match self {
            Self::Uniform { start_ns, rate_hz } => {
                start_ns.saturating_add(libm::round(index as f64 * (1e9 / rate_hz)) as i64)
            }
            Self::Stamps(stamps) => stamps.get(index).or(stamps.last()).copied().unwrap_or(0),
        }
    }
}

/// The samples of one sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorSeries {
    /// What is known of the sensor.
    pub info: SensorInfo,
    /// When each sample was taken.
    pub clock: Clock,
    /// Axes x, y, z of each sample, in the unit of `info`, in the device's right-handed axes (as the Android sensor frame).
    pub values: Vec<[f32; 3]>,
}

/// A recording in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    header: Header,
    series: Vec<SensorSeries>,
}

/// Samples that one chunk holds of each sensor.
const CHUNK: usize = 1 << 14;

impl Recording {
    /// A recording of these series; the header's list of sensors is made from them.
    pub fn new(header: Header, series: Vec<SensorSeries>) -> Self {
        let sensors = series.iter().map(|series| series.info.clone()).collect();
        Self { header: Header { sensors, ..header }, series }
    }

    /// Acceleration in g, gravity included, and angular velocity in rad/s if there is any, sampled together every
    /// `1 / rate_hz` seconds.
    pub fn uniform(
        rate_hz: f64,
        acceleration: Vec<[f32; 3]>,
        angular_velocity: Option<Vec<[f32; 3]>>,
    ) -> Self {
        let series = |sensor, values| SensorSeries {
            info: SensorInfo { rate_hz: Some(rate_hz), ..SensorInfo::new(sensor) },
            clock: Clock::Uniform { start_ns: 0, rate_hz },
            values,
        };
        let mut all = Vec::from([series(Sensor::Accelerometer, acceleration)]);
        all.extend(angular_velocity.map(|values| series(Sensor::Gyroscope, values)));
        Self::new(Header::default(), all)
    }

    /// The same recording under another name.
    #[must_use]
    pub fn named(mut self, origin: impl Into<String>) -> Self {
        self.header.origin = origin.into();
        self
    }

    /// What is known without the samples.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The recording as a source, from its beginning.
    pub fn source(&self) -> RecordingSource<'_> {
        let start = |series: &SensorSeries| Cursor { next: 0, reached_ns: series.clock.time_ns(0) };
        RecordingSource { recording: self, cursors: self.series.iter().map(start).collect() }
    }

    /// The series, in the order of the header's sensors.
    pub fn series(&self) -> &[SensorSeries] {
        &self.series
    }

    /// The first series of a sensor.
    pub fn sensor(&self, sensor: Sensor) -> Option<&SensorSeries> {
        self.series.iter().find(|series| series.info.sensor == sensor)
    }

    /// Seconds from the recording's zero to its last sample.
    pub fn duration_s(&self) -> f64 {
        let last = |series: &SensorSeries| match series.values.len() {
            0 => 0,
            n => series.clock.time_ns(n - 1),
        };
        self.series.iter().map(last).max().unwrap_or(0) as f64 / 1e9
    }
}

/// Gives out a [`Recording`]'s samples; made by [`Recording::source`].
#[derive(Clone, Debug)]
pub struct RecordingSource<'a> {
    recording: &'a Recording,
    /// One for each series.
    cursors: Vec<Cursor>,
}

/// How far a series has been given out.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    next: usize,
    /// Time of the next sample if the clock had never gone back, which it may: the sum of its steps forward.
    reached_ns: i64,
}

impl Cursor {
    /// Goes on to the next sample; false at the end.
    fn advance(&mut self, series: &SensorSeries) -> bool {
        let now_ns = series.clock.time_ns(self.next);
        self.next += 1;
        if self.next >= series.values.len() {
            return false;
        }
        let step = series.clock.time_ns(self.next).saturating_sub(now_ns);
        self.reached_ns = self.reached_ns.saturating_add(step.max(0));
        true
    }
}

impl Source for RecordingSource<'_> {
    fn header(&self) -> &Header {
        &self.recording.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let all = &self.recording.series;
        chunk.clear(all.len());
        // By time, not by number: a sensor that is slower or begins later must not run ahead of the others.
        let unfinished = |(cursor, series): &(&Cursor, &SensorSeries)| cursor.next < series.values.len();
        let behind = self.cursors.iter().zip(all).filter(unfinished).min_by_key(|(c, _)| c.reached_ns);
        let Some((&behind, series)) = behind else { return Ok(false) };
        let mut end = behind;
        while end.next < behind.next + CHUNK && end.advance(series) {}
        for ((cursor, series), part) in self.cursors.iter_mut().zip(all).zip(&mut chunk.parts) {
            let most = series.values.len().min(cursor.next + CHUNK);
            while cursor.next < most && cursor.reached_ns <= end.reached_ns {
                part.push(series.clock.time_ns(cursor.next), series.values[cursor.next]);
                cursor.advance(series);
            }
        }
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        *self = self.recording.source();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn series(sensor: Sensor, start_ns: i64, rate_hz: f64, samples: usize) -> SensorSeries {
        let clock = Clock::Uniform { start_ns, rate_hz };
        SensorSeries { info: SensorInfo::new(sensor), clock, values: vec![[0.0; 3]; samples] }
    }

    /// Samples of each part in every chunk, and the last time in it.
    fn read(recording: &Recording) -> Vec<Vec<(usize, i64)>> {
        let (mut source, mut chunk, mut all) = (recording.source(), Chunk::default(), Vec::new());
        while source.read(&mut chunk).unwrap() {
            let end = |p: &crate::Samples| (p.len(), p.times_ns.last().copied().unwrap_or(0));
            all.push(chunk.parts.iter().map(end).collect());
        }
        all
    }

    #[test]
    fn sensors_advance_together_whatever_their_rates_and_starts() {
        let hour = 3_600_000_000_000;
        let fast = series(Sensor::Accelerometer, 0, 100.0, 200_000);
        let late = series(Sensor::Gyroscope, hour / 4, 50.0, 20_000);
        let chunks = read(&Recording::new(Header::default(), vec![fast, late]));
        let total = |i: usize| chunks.iter().map(|chunk| chunk[i].0).sum::<usize>();
        assert_eq!((total(0), total(1)), (200_000, 20_000));
        for chunk in &chunks {
            assert!(chunk.iter().all(|part| part.0 <= CHUNK));
            // Where both are, both get as far.
            if chunk[0].0 > 0 && chunk[1].0 > 0 {
                assert!((chunk[0].1 - chunk[1].1).abs() <= 20_000_000 || total(0) == 200_000, "{chunk:?}");
            }
        }
        assert_eq!(chunks[2][1].0, 0, "the gyroscope begins later");
    }

    #[test]
    fn clocks_that_begin_anew_keep_together_and_absurd_ones_end() {
        let stamps = |n: i64| Clock::Stamps((0..n).map(|i| 20_000_000 * (i % (n / 2))).collect());
        let twice = |sensor| SensorSeries { clock: stamps(60_000), ..series(sensor, 0, 1.0, 60_000) };
        let recording =
            Recording::new(Header::default(), vec![twice(Sensor::Accelerometer), twice(Sensor::Gyroscope)]);
        assert!(read(&recording).iter().all(|chunk| chunk[0] == chunk[1]));
        let absurd = Clock::Stamps(vec![i64::MIN, i64::MAX, i64::MIN, i64::MAX, 0]);
        let absurd = SensorSeries { clock: absurd, ..series(Sensor::Accelerometer, 0, 1.0, 5) };
        let chunks = read(&Recording::new(Header::default(), vec![absurd]));
        assert_eq!(chunks.iter().map(|chunk| chunk[0].0).sum::<usize>(), 5);
        assert!(read(&Recording::new(Header::default(), Vec::new())).is_empty());
        let last = Clock::Uniform { start_ns: i64::MAX, rate_hz: 0.0 };
        assert_eq!(last.time_ns(7), i64::MAX);
    }
}
