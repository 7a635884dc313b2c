//! Examples together with what the network was given.

use super::super::{AdaptError, Examples, Seen, Segment};
use crate::Model;
use alloc::vec::Vec;

/// Examples with the network's input of each window, from which more than the last layer can be moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputExamples {
    pub(in super::super) examples: Examples,
    /// `[window, time, channel]`, normalised.
    pub(in super::super) inputs: Vec<f32>,
}

impl InputExamples {
    /// As [`Examples::segment`].
    ///
    /// # Errors
    /// What cannot name an activity.
    pub fn segment(&mut self, activity: &str, seconds: f64) -> Result<Segment, AdaptError> {
        self.examples.segment(activity, seconds)
    }

    /// As [`Examples::push`], with what the network was given, `[time, channel]`.
    pub fn push(&mut self, segment: Segment, seen: Seen<'_>, input: &[f32]) {
        self.examples.push(segment, seen);
        self.inputs.extend_from_slice(input);
    }

    /// What the last layer alone can be moved by.
    #[must_use]
    pub fn examples(&self) -> &Examples {
        &self.examples
    }

    /// Number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Refuses inputs that are not those of a model's network.
    pub(super) fn check(&self, model: &Model) -> Result<(), AdaptError> {
        if self.inputs.len() != self.len() * model.network().input().len() {
            return Err(AdaptError::OtherModel);
        }
        if self.inputs.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(AdaptError::NotFinite) }
    }
}
