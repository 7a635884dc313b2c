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
                start_ns + libm::round(index as f64 * (1e9 / rate_hz)) as i64
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
        RecordingSource { recording: self, given: 0 }
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
    /// Samples of the longest series that have been given out.
    given: usize,
}

impl Source for RecordingSource<'_> {
    fn header(&self) -> &Header {
        &self.recording.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let all = &self.recording.series;
        chunk.clear(all.len());
        let longest = all.iter().map(|series| series.values.len()).max().unwrap_or(0);
        if self.given >= longest {
            return Ok(false);
        }
        let end = (self.given + CHUNK).min(longest);
        for (series, part) in all.iter().zip(&mut chunk.parts) {
            // By share, not by number: sensors of other rates must not run ahead of each other.
            let n = series.values.len();
            let share = |i: usize| (i as u128 * n as u128 / longest as u128) as usize;
            let range = share(self.given)..share(end);
            part.values.extend_from_slice(&series.values[range.clone()]);
            part.times_ns.extend(range.map(|i| series.clock.time_ns(i)));
        }
        self.given = end;
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.given = 0;
        Ok(())
    }
}
