//! A prior for models that bring none along.

use super::{Prior, UnknownPrior};
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::LabelSet;
use ambulo_record::vocabulary::{self, is_transition};

/// What one does with the trunk, as far as changes from one activity to another go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Posture {
    Lying,
    Sitting,
    Upright,
    /// A change of posture, or something in any posture.
    Any,
}

fn posture(label: &str) -> Posture {
    let is = |name: &str| {
        let node = vocabulary::lookup(label);
        node.is_some_and(|n| n.name() == name || n.ancestors().any(|above| above.name() == name))
    };
    if is("lying") {
        Posture::Lying
    } else if is("sitting") || is("transport") || is("cycling") {
        Posture::Sitting
    } else if is("standing") || is("moving") {
        Posture::Upright
    } else {
        Posture::Any
    }
}

/// The postures that a label begins and ends in: `sit_to_stand` in two, an activity in one.
fn ends(label: &str) -> (Posture, Posture) {
    let of = |name: &str| match name {
        "sit" => Posture::Sitting,
        "stand" => Posture::Upright,
        "lie" => Posture::Lying,
        _ => Posture::Any,
    };
    match label.split_once("_to_") {
        Some((from, to)) if is_transition(label) => (of(from), of(to)),
        _ => (posture(label), posture(label)),
    }
}

/// How easily one goes straight from one label to another, relative to what is easiest. `changes` says whether changes of posture
/// are labels themselves: then one posture rarely follows on another without.
fn ease(from: &str, to: &str, changes: bool) -> f64 {
    use Posture::{Any, Lying, Sitting, Upright};
    let (end, begin) = (ends(from).1, ends(to).0);
    let fits = end == begin || end == Any || begin == Any;
    if is_transition(from) || is_transition(to) {
        let other = if is_transition(from) { to } else { from };
        return match fits {
            // Whoever walks stands for a moment, which may be too short to be seen, before sitting down.
            true if end == Upright && other != "standing" && !is_transition(other) => 0.3,
            true => 1.0,
            false => 0.01,
        };
    }
    match (end, begin) {
        _ if fits => 1.0,
        _ if changes => 0.1,
        (Lying, Sitting) | (Sitting, Lying) => 1.0,
        (Sitting, Upright) | (Upright, Sitting) if from == "standing" || to == "standing" => 1.0,
        (Lying, Upright) | (Upright, Lying) if from == "standing" || to == "standing" => 0.5,
        (Lying, Upright) | (Upright, Lying) => 0.02,
        _ => 0.1,
    }
}

impl Prior {
    /// Mean dwell time in seconds, where nothing was fitted.
    pub(crate) const DWELL_S: f64 = 20.0;
    /// The same of a change of posture.
    const CHANGE_S: f64 = 3.0;
    /// Phases of it.
    pub(crate) const PHASES: usize = 3;
    /// Evidence of a second, where nothing was fitted.
    const EVIDENCE_PER_S: f64 = 0.25;

    /// A prior from the postures of the labels' places in the vocabulary alone; nothing in it was fitted to data.
    #[must_use]
    pub fn usual(labels: &LabelSet) -> Self {
        let names: Vec<&str> = labels.names().collect();
        let changes = names.iter().any(|name| is_transition(name));
        let count = names.len();
        let mut exits = Vec::with_capacity(count);
        for (from, name) in names.iter().enumerate() {
            let mut row: Vec<f64> = names
                .iter()
                .enumerate()
                .map(|(to, other)| if to == from { 0.0 } else { ease(name, other, changes) })
                .collect();
            let all: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= all);
            exits.push(row);
        }
        let dwell = |name: &&str| if is_transition(name) { Self::CHANGE_S } else { Self::DWELL_S };
        Self {
            dwell_s: names.iter().map(dwell).collect(),
            phases: vec![Self::PHASES; count],
            exits,
            start: vec![1.0 / count as f64; count],
            evidence_per_s: Self::EVIDENCE_PER_S,
            by_delay: Vec::new(),
            unknown: UnknownPrior::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_climbs_stairs_lying() {
        let labels = LabelSet::six();
        let prior = Prior::usual(&labels);
        prior.validate(6).unwrap();
        let at = |from: &str, to: &str| {
            let index = |name| usize::from(labels.index_of(name).unwrap());
            prior.exits[index(from)][index(to)]
        };
        assert!(at("lying", "walking_upstairs") < 0.02 && at("lying", "sitting") > 0.4);
        assert!(
            at("standing", "walking") > 0.15 && at("sitting", "standing") > 5.0 * at("sitting", "walking")
        );
    }

    #[test]
    fn one_posture_follows_on_another_by_a_change_where_changes_are_labels() {
        let labels = LabelSet::twelve();
        let prior = Prior::usual(&labels);
        prior.validate(12).unwrap();
        let at = |from: &str, to: &str| {
            let index = |name| usize::from(labels.index_of(name).unwrap());
            prior.exits[index(from)][index(to)]
        };
        assert!(at("sitting", "sit_to_stand") > 5.0 * at("sitting", "standing"));
        assert!(at("sit_to_stand", "standing") > 50.0 * at("sit_to_stand", "sitting"));
        assert!(at("sit_to_stand", "walking") > 0.05 && at("lie_to_sit", "stand_to_lie") < 0.01);
    }
}
