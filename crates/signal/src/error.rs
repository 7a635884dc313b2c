//! What can be wrong with a signal, a filter or a preprocessing, each with the facts and what to do about it.

use alloc::string::String;

/// Everything this crate refuses.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// A setting of the preprocessing, of a filter or of a resampler is out of its range.
    #[error("`{field}` is {found}\nhint: {expected}")]
    Setting {
        /// Path of the setting, as in a configuration file, e.g. `noise.cutoff_hz`.
        field: &'static str,
        /// The value found.
        found: String,
        /// What is allowed.
        expected: String,
    },
    /// A filter order outside 1 to 16.
    #[error("a Butterworth filter of order {order} was asked for\nhint: the order must be 1 to 16")]
    FilterOrder {
        /// The order asked for.
        order: usize,
    },
    /// A cut-off that no filter at this rate can have.
    #[error(
        "a cut-off of {cutoff_hz} Hz is impossible at {rate_hz} samples per second\n\
         hint: the cut-off must lie between 0.00001 times the rate and half of it"
    )]
    Cutoff {
        /// The cut-off asked for, in Hz.
        cutoff_hz: f64,
        /// Samples per second.
        rate_hz: f64,
    },
    /// Coefficients that are not a stable filter.
    #[error(
        "second-order section {section} is not a stable filter: {coefficients:?}\n\
         hint: each section is b0, b1, b2, 1, a1, a2 with both poles inside the unit circle"
    )]
    UnstableSection {
        /// Section, counted from 0.
        section: usize,
        /// Its coefficients b0, b1, b2, a0, a1, a2.
        coefficients: [f64; 6],
    },
    /// A median over an even number of samples, which has no middle one.
    #[error("a median over {width} samples was asked for\nhint: the width must be odd, 1 to 1023")]
    MedianWidth {
        /// The width asked for.
        width: usize,
    },
    /// A signal too short for a zero-phase filter.
    #[error(
        "a signal of {length} samples is too short for this zero-phase filter, which needs at least \
         {minimum}\n\
         hint: use a longer recording, or a causal filter"
    )]
    TooShort {
        /// Samples given.
        length: usize,
        /// Samples needed.
        minimum: usize,
    },
    /// A rate that is not a positive number.
    #[error(
        "the recording says {rate_hz} samples per second\n\
         hint: the rate must be a positive number of Hz, at most a thousand times that of the model"
    )]
    InvalidRate {
        /// The rate found, in Hz.
        rate_hz: f64,
    },
    /// A recording at another rate than the preprocessing was made for.
    #[error(
        "the recording has {found_hz:.2} samples per second, {expected_hz} are expected (within 1 %)\nhint: {hint}"
    )]
    Rate {
        /// Rate of the preprocessing, in Hz.
        expected_hz: f64,
        /// Rate of the recording, in Hz.
        found_hz: f64,
        /// What to do.
        hint: &'static str,
    },
    /// A recording that its own values speak against.
    #[error("the recording is refused: {}", finding.text)]
    Refused {
        /// What was found.
        finding: alloc::boxed::Box<crate::Finding>,
    },
    /// A sensor that the preprocessing needs and the recording lacks.
    #[error(
        "the recording has no {sensor}, which this preprocessing needs\n\
         hint: use a model that was trained on acceleration alone, or record the {sensor} too"
    )]
    NoSensor {
        /// The sensor.
        sensor: crate::Sensor,
    },
    /// A sensor whose unit nobody knows.
    #[error("the unit of the {} is not known\nhint: declare it", sensor.quantity())]
    NoUnit {
        /// The sensor.
        sensor: crate::Sensor,
    },
    /// A source that could not be read to its end.
    #[error("{message}")]
    Source {
        /// What the reader said.
        message: String,
    },
    /// A recording from which no vertical can be found.
    #[error(
        "which way is up cannot be found: {found}\n\
         hint: half a minute of walking is enough where the device stays in its place; or use a model that does not level \
         recordings"
    )]
    NoVertical {
        /// What was found, and what is needed.
        found: String,
    },
    /// A zero-phase preprocessing was asked to stream.
    #[error(
        "this preprocessing filters with zero phase, which looks at samples that have not come yet, so \
         it cannot stream\n\
         hint: train with `phase = \"causal\"` for a model that streams, or collect the whole recording \
         and use the batch function"
    )]
    ZeroPhaseStream,
    /// Levelled models have no streaming form.
    #[error(
        "this preprocessing levels each recording as a whole, so it cannot stream\n\
         hint: use a model of another orientation, trained with `phase = \"causal\"`, or collect the whole recording and use the \
         batch function"
    )]
    LevelledStream,
    /// A channel nobody knows.
    #[error("unknown channel `{name}`\nhint: choose from {choices}")]
    UnknownChannel {
        /// The name found.
        name: String,
        /// The names that exist, separated by commas.
        choices: String,
    },
    /// A unit nobody knows.
    #[error("unknown unit `{name}`\nhint: choose from {choices}")]
    UnknownUnit {
        /// The name found.
        name: String,
        /// The names that exist, separated by commas.
        choices: &'static str,
    },
    /// Numbers from which no normalisation statistics can be fitted.
    #[error(
        "normalisation cannot be fitted on {values} values as {channels} channels\n\
         hint: give at least one whole row of channels"
    )]
    FitShape {
        /// Values given.
        values: usize,
        /// Channels stated.
        channels: usize,
    },
    /// A value to fit normalisation on that is not finite.
    #[error(
        "normalisation cannot be fitted: row {row}, channel {channel} (from 0) is {value}\n\
         hint: remove it"
    )]
    FitNonFinite {
        /// Row, counted from 0.
        row: usize,
        /// Channel, counted from 0.
        channel: usize,
        /// The value found.
        value: f32,
    },
}

impl From<crate::SourceError> for SignalError {
    fn from(error: crate::SourceError) -> Self {
        use alloc::string::ToString;
        Self::Source { message: error.to_string() }
    }
}
