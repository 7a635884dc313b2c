//! What can be wrong with an architecture, a shape or an option.

use alloc::string::String;
use alloc::vec::Vec;

/// Errors of this crate; each carries the shapes or values that did not fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NnError {
    /// A layer was given an input it cannot take.
    #[error("layer {index} ({layer}): {problem}, but its input is [time {time}, channels {channels}]")]
    Shape {
        /// Position in the architecture, from 0.
        index: usize,
        /// The layer's type.
        layer: &'static str,
        /// What it needs.
        problem: String,
        /// Time steps of the input it got.
        time: usize,
        /// Channels of the input it got.
        channels: usize,
    },
    /// A layer's option is out of range.
    #[error("layer {index} ({layer}): {option} is {found}, expected {expected}")]
    Option {
        /// Position in the architecture, from 0.
        index: usize,
        /// The layer's type.
        layer: &'static str,
        /// Name of the option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// An optimiser's or a loss's option is out of range.
    #[error("{option} is {found}, expected {expected}")]
    Setting {
        /// Name of the option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// An architecture with nothing in it.
    #[error("the architecture has no layers")]
    Empty,
    /// A buffer does not have the length its shape asks for.
    #[error("{what} has {found} values, expected {expected}")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// Values it should have.
        expected: usize,
        /// Values it has.
        found: usize,
    },
    /// A group of classes that no label can stand for.
    #[error("group {index} is {found:?} of {classes} classes, expected {expected}")]
    Group {
        /// Position among the groups, from 0.
        index: usize,
        /// Its classes.
        found: Vec<u8>,
        /// Number of classes.
        classes: usize,
        /// What would be accepted.
        expected: &'static str,
    },
    /// A label that stands for nothing.
    #[error("label {label} is neither one of {classes} classes nor, behind them, one of {groups} groups")]
    Label {
        /// The label.
        label: u8,
        /// Number of classes.
        classes: usize,
        /// Number of groups.
        groups: usize,
    },
    /// The loss or a gradient is not a number or infinite.
    #[error("{what} became {found} at step {step}\nhint: lower the learning rate, or clip gradients harder")]
    Diverged {
        /// Loss or gradient norm.
        what: &'static str,
        /// The value.
        found: f64,
        /// The optimiser step, from 1.
        step: u64,
    },
}
