//! Windows of which a person has said what was done.

use super::AdaptError;
use crate::MOVEMENT;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use ambulo_record::vocabulary::{canonical, is_reserved};
use serde::{Deserialize, Serialize};

/// Examples as a model sees them; they grow window by window, and may be kept as JSON in between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    pub(super) activities: Vec<Said>,
    pub(super) windows: Vec<Example>,
}

/// An activity that was named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) seconds: f64,
    pub(super) segments: usize,
}

/// One window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    /// Index into the activities.
    pub(super) activity: usize,
    /// Number of the segment, counted over all activities.
    pub(super) segment: usize,
    /// Where it begins within its segment, in seconds.
    pub(super) start_s: f64,
    pub(super) length_s: f64,
    pub(super) embedding: Vec<f32>,
    pub(super) movement: Vec<f32>,
    pub(super) logits: Vec<f32>,
    /// How much it counts.
    pub(super) weight: f64,
}

impl Example {
    /// Everything that the model makes of it.
    fn values(&self) -> impl Iterator<Item = f32> {
        self.embedding.iter().chain(&self.logits).chain(&self.movement).copied()
    }
}

/// A stretch of time that carries one activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    activity: usize,
    number: usize,
}

/// What a network makes of a window, not calibrated.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Where the window begins within its segment, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// From the window before to this one, in seconds: windows that lie close together say the same.
    pub step_s: f64,
    /// What the last layer is given.
    pub embedding: &'a [f32],
    /// [`movement`](crate::movement) of the window.
    pub movement: &'a [f32],
    /// What the last layer says.
    pub logits: &'a [f32],
}

/// Seconds between windows at which the shrinkage was chosen.
pub(super) const USUAL_STEP_S: f64 = 0.64;

/// How much a window counts with so many seconds from one to the next.
pub(super) fn weight(step_s: f64) -> f64 {
    (step_s / USUAL_STEP_S).clamp(0.0, 4.0)
}

/// The one spelling of a name that may be given to examples.
pub(crate) fn activity_name(activity: &str) -> Result<String, AdaptError> {
    let name = canonical(activity)?;
    if is_reserved(&name) { Err(AdaptError::Reserved { name }) } else { Ok(name) }
}

impl Examples {
    /// Begins a stretch of time of `seconds` that carries an activity, a name of any depth of the vocabulary or a new one, in any
    /// spelling that [`canonical`] reads.
    ///
    /// # Errors
    /// What cannot name an activity.
    pub fn segment(&mut self, activity: &str, seconds: f64) -> Result<Segment, AdaptError> {
        let name = activity_name(activity)?;
        let index = self.activities.iter().position(|said| said.name == name).unwrap_or_else(|| {
            self.activities.push(Said { name, seconds: 0.0, segments: 0 });
            self.activities.len() - 1
        });
        let number = self.activities.iter().map(|said| said.segments).sum();
        let said = &mut self.activities[index];
        said.seconds += seconds;
        said.segments += 1;
        Ok(Segment { activity: index, number })
    }

    /// A segment goes on for so many seconds more.
    pub(crate) fn lengthen(&mut self, segment: Segment, seconds: f64) {
        if let Some(said) = self.activities.get_mut(segment.activity) {
            said.seconds += seconds;
        }
    }

    /// Adds a window that lies within a segment.
    pub fn push(&mut self, segment: Segment, seen: Seen<'_>) {
        self.windows.push(Example {
            activity: segment.activity,
            segment: segment.number,
            start_s: seen.start_s,
            length_s: seen.length_s,
            embedding: seen.embedding.to_owned(),
            movement: seen.movement.to_owned(),
            logits: seen.logits.to_owned(),
            weight: weight(seen.step_s),
        });
    }

    /// Names of what was given, in the order in which they were first named.
    pub fn activities(&self) -> impl Iterator<Item = &str> {
        self.activities.iter().map(|said| said.name.as_str())
    }

    /// Number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.windows.len()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The same examples without those activities of which there is no window.
    pub(super) fn without_empty(&self) -> Self {
        let has = |index: &usize| self.windows.iter().any(|window| window.activity == *index);
        let kept: Vec<usize> = (0..self.activities.len()).filter(has).collect();
        let mut examples = Self {
            activities: kept.iter().map(|&index| self.activities[index].clone()).collect(),
            windows: self.windows.clone(),
        };
        for window in &mut examples.windows {
            window.activity = kept.iter().position(|&index| index == window.activity).unwrap_or_default();
        }
        examples
    }

    /// Refuses windows of another network, and the same windows under two names.
    pub(super) fn check(&self, embedding: usize, labels: usize) -> Result<(), AdaptError> {
        let fits = |window: &Example| {
            window.embedding.len() == embedding
                && window.logits.len() == labels
                && window.movement.len() == MOVEMENT
                && window.activity < self.activities.len()
        };
        if !self.windows.iter().all(fits) {
            return Err(AdaptError::OtherModel);
        }
        if !self.windows.iter().all(|window| window.values().all(f32::is_finite)) {
            return Err(AdaptError::NotFinite);
        }
        let bits = |window: &Example| window.values().map(f32::to_bits).collect::<Vec<u32>>();
        let mut all: Vec<(Vec<u32>, usize)> =
            self.windows.iter().map(|window| (bits(window), window.activity)).collect();
        all.sort();
        let name = |index: usize| self.activities[index].name.clone();
        match all.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1) {
            None => Ok(()),
            Some(pair) => Err(AdaptError::Contradiction { first: name(pair[0].1), second: name(pair[1].1) }),
        }
    }
}
