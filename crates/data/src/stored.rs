//! Samples of a recording, wherever they are kept.

use crate::{DiskRecording, DiskSource};
use ambulo_signal::{
    Chunk, Clock, Header, Recording, RecordingSource, Sensor, SensorInfo, SensorSeries, Source, SourceError,
};
use std::borrow::Cow;
use std::sync::Arc;

/// The samples of a recording: in memory, or outside of it where a data set is too large.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stored {
    /// In memory, where all copies share it.
    Memory(Arc<Recording>),
    /// In a temporary file ([`Spool`](crate::Spool)).
    Disk(Arc<DiskRecording>),
}

/// When the samples of a series were taken, in short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timing {
    /// One sample every `1 / rate_hz` seconds.
    Uniform {
        /// Samples per second, in Hz.
        rate_hz: f64,
    },
    /// Each sample has a stamp.
    Stamps,
}

impl Timing {
    /// Samples per second, in Hz, where the clock says so.
    pub fn rate_hz(self) -> Option<f64> {
        match self {
            Self::Uniform { rate_hz } => Some(rate_hz),
            Self::Stamps => None,
        }
    }
}

/// A series without its samples.
#[derive(Clone, Copy, Debug)]
pub struct SeriesFacts<'a> {
    /// What is known of the sensor.
    pub info: &'a SensorInfo,
    /// How its samples are timed.
    pub clock: Timing,
    /// Number of samples.
    pub samples: u64,
}

impl Stored {
    /// What is known without the samples.
    pub fn header(&self) -> &Header {
        match self {
            Self::Memory(recording) => recording.header(),
            Self::Disk(recording) => recording.header(),
        }
    }

    /// The first series of a sensor, without its samples.
    pub fn series(&self, sensor: Sensor) -> Option<SeriesFacts<'_>> {
        match self {
            Self::Memory(recording) => recording.sensor(sensor).map(facts),
            Self::Disk(recording) => {
                let (info, rate_hz, samples) = recording.facts(sensor)?;
                let clock = rate_hz.map_or(Timing::Stamps, |rate_hz| Timing::Uniform { rate_hz });
                Some(SeriesFacts { info, clock, samples })
            }
        }
    }

    /// The recording as a source, from its beginning.
    pub fn source(&self) -> StoredSource<'_> {
        match self {
            Self::Memory(recording) => StoredSource::Memory(recording.source()),
            Self::Disk(recording) => StoredSource::Disk(recording.source()),
        }
    }

    /// The whole recording, read into memory where it is not there: to be dropped before the next one.
    ///
    /// # Errors
    /// What is kept elsewhere cannot be read.
    pub fn load(&self) -> std::io::Result<Cow<'_, Recording>> {
        match self {
            Self::Memory(recording) => Ok(Cow::Borrowed(recording)),
            Self::Disk(recording) => recording.load().map(Cow::Owned),
        }
    }

    /// When the samples of the first series of a sensor were taken; none if there is no such sensor.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn clock(&self, sensor: Sensor) -> std::io::Result<Option<Cow<'_, Clock>>> {
        match self {
            Self::Memory(recording) => {
                Ok(recording.sensor(sensor).map(|series| Cow::Borrowed(&series.clock)))
            }
            Self::Disk(recording) => Ok(recording.clock(sensor)?.map(Cow::Owned)),
        }
    }

    /// The values of the first series of a sensor, in the unit of its info; empty if there is no such sensor.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn values(&self, sensor: Sensor) -> std::io::Result<Cow<'_, [[f32; 3]]>> {
        match self {
            Self::Memory(recording) => {
                Ok(Cow::Borrowed(recording.sensor(sensor).map_or(&[], |series| &series.values)))
            }
            Self::Disk(recording) => recording.values(sensor).map(Cow::Owned),
        }
    }

    /// The recording, if it is in memory.
    pub fn in_memory(&self) -> Option<&Recording> {
        match self {
            Self::Memory(recording) => Some(recording),
            Self::Disk(_) => None,
        }
    }
}

fn facts(series: &SensorSeries) -> SeriesFacts<'_> {
    let clock = match series.clock {
        Clock::Uniform { rate_hz, .. } => Timing::Uniform { rate_hz },
        Clock::Stamps(_) => Timing::Stamps,
    };
    SeriesFacts { info: &series.info, clock, samples: series.values.len() as u64 }
}

impl From<Recording> for Stored {
    fn from(recording: Recording) -> Self {
        Self::Memory(Arc::new(recording))
    }
}

/// Gives out the samples of a [`Stored`] recording; made by [`Stored::source`].
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredSource<'a> {
    /// From memory.
    Memory(RecordingSource<'a>),
    /// From a file.
    Disk(DiskSource<'a>),
}

impl Source for StoredSource<'_> {
    fn header(&self) -> &Header {
        match self {
            Self::Memory(source) => source.header(),
            Self::Disk(source) => source.header(),
        }
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        match self {
            Self::Memory(source) => source.read(chunk),
            Self::Disk(source) => source.read(chunk),
        }
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        match self {
            Self::Memory(source) => source.rewind(),
            Self::Disk(source) => source.rewind(),
        }
    }
}
