//! Where timed samples come from: pulled in chunks, so that memory does not grow with a recording's length.

use crate::Header;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Why a source could not go on; readers of files put their own error inside, which names file and place.
#[derive(Debug)]
pub struct SourceError(Box<dyn core::error::Error + Send + Sync>);

impl SourceError {
    /// Wraps a reader's error.
    pub fn new(error: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }

    /// The reader's error.
    pub fn inner(&self) -> &(dyn core::error::Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.source()
    }
}

/// Samples of one sensor, in the order of the source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Nanoseconds from the recording's zero, as the source stamped them; as long as `values`.
    pub times_ns: Vec<i64>,
    /// Axes x, y, z, in the unit of the sensor's [`SensorInfo`](crate::SensorInfo); NaN where a value is missing.
    pub values: Vec<[f32; 3]>,
}

impl Samples {
    /// Adds one sample.
    pub fn push(&mut self, time_ns: i64, value: [f32; 3]) {
        self.times_ns.push(time_ns);
        self.values.push(value);
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Some samples of every sensor of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// One part for each sensor, in the order of the header.
    pub parts: Vec<Samples>,
}

impl Chunk {
    /// Empties it, for so many sensors; what was allocated is kept.
    pub fn clear(&mut self, sensors: usize) {
        self.parts.resize_with(sensors, Samples::default);
        for part in &mut self.parts {
            part.times_ns.clear();
            part.values.clear();
        }
    }
}

/// A recording that is pulled in chunks of bounded size: a file, or one in memory.
///
/// Sensors advance together: the parts of a chunk cover about the same stretch of time, up to the clocks' disagreement. One that is
/// more than 65,536 samples ahead of another has its oldest samples given up by the intake.
pub trait Source {
    /// What is known without the samples; its findings may grow until the end is read.
    fn header(&self) -> &Header;

    /// Fills `chunk` with the next samples; false, and nothing in it, at the end. A chunk may be empty before the end.
    ///
    /// # Errors
    /// What the source says; what was read before remains valid.
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError>;

    /// Begins again: the next chunk is the first.
    ///
    /// # Errors
    /// A source that cannot be read twice.
    fn rewind(&mut self) -> Result<(), SourceError>;
}
