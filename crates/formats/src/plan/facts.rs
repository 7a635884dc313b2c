//! What a format states about the table in it.

use crate::options::Units;
use crate::time::TimeFormat;
use ambulo_signal::Start;

/// What the lines before a table say, or what its format states; what the user declares wins over it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// Lines of the file before the table; messages still count from the file's first.
    pub(crate) lines: usize,
    /// Names of the columns, for a table without a line of them; empty where nothing is known.
    pub(crate) names: Vec<String>,
    /// When the first row was recorded, for a table without a column of times.
    pub(crate) start: Start,
    /// Samples per second, in Hz.
    pub(crate) rate_hz: Option<f64>,
    /// Units of the sensors, and where they are known from.
    pub(crate) units: Units,
    pub(crate) unit_because: String,
    /// How the column of times is written.
    pub(crate) time: Option<TimeFormat>,
    /// Seconds by which the local clock of the column of times is ahead of UTC.
    pub(crate) offset_s: Option<i32>,
}
