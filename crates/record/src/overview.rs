//! A recording as it is looked at as a whole: facts, signals zoomed out, and what was noticed.

use alloc::string::String;
use alloc::vec::Vec;

/// What a page shows of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// The file, as it was named, and which of its recordings if there are several.
    pub title: String,
    /// Whether it can be used.
    pub usable: bool,
    /// Names and values, in the order in which they are shown.
    pub facts: Vec<(String, String)>,
    /// What was noticed, the gravest first.
    pub noticed: Vec<Noticed>,
    /// Time of the first sample, in seconds from the recording's zero.
    pub start_s: f64,
    /// Time of the last.
    pub end_s: f64,
    /// Nanoseconds of local time since 1970 at the recording's zero, where they are known.
    pub zero_ns: Option<i64>,
    /// Stretches that are not ordinary, in any order; they may overlap.
    pub stretches: Vec<Stretch>,
    /// The signals of each sensor.
    pub signals: Vec<ZoomedOut>,
}

/// How much something matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Answers may suffer.
    Warning,
    /// The recording cannot be used as it is.
    Refusal,
}

/// Something that was noticed about a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Noticed {
    /// How much it matters.
    pub weight: Weight,
    /// A sentence.
    pub text: String,
    /// Where it was first, in seconds from the recording's zero.
    pub time_s: Option<f64>,
}

/// Why a stretch of a recording is not ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StretchKind {
    /// No samples.
    Gap,
    /// Nobody wore the device.
    NotWorn,
    /// The device recorded nothing, and its software wrote something.
    Filled,
}

/// A stretch of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Why it is named.
    pub kind: StretchKind,
    /// Its beginning in seconds from the recording's zero.
    pub start_s: f64,
    /// Its length in seconds.
    pub length_s: f64,
}

/// The smallest and the largest value of each axis in stretches of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZoomedOut {
    /// The sensor, e.g. `accelerometer`.
    pub name: String,
    /// The unit of the values, e.g. `g`; empty if nobody knows it.
    pub unit: String,
    /// Length of a stretch in seconds.
    pub width_s: f64,
    /// Stretches with samples in them, in order of time.
    pub bins: Vec<Bin>,
}

/// One of these stretches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Its beginning, in seconds from the recording's zero.
    pub start_s: f64,
    /// The smallest x, y, z; NaN where there is none.
    pub least: [f32; 3],
    /// The largest.
    pub most: [f32; 3],
}
