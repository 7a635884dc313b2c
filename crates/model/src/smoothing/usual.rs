//! A prior for models that bring none along.

use super::Prior;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::{LabelSet, vocabulary};

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

/// How easily one goes straight from one posture to another, relative to changes within one. Whoever lies gets up before climbing
/// stairs; sitting down and standing up may be too short to be seen.
fn ease(from: Posture, to: Posture) -> f64 {
    use Posture::{Any, Lying, Sitting, Upright};
    match (from, to) {
        _ if from == to => 1.0,
        (Any, _) | (_, Any) => 1.0,
        (Lying, Sitting) | (Sitting, Lying) => 1.0,
        (Sitting, Upright) | (Upright, Sitting) => 0.1,
        (Lying, Upright) | (Upright, Lying) => 0.02,
        _ => 1.0,
    }
}

/// Standing is what lies between sitting or lying and everything else that is done upright.
fn between(from: &str, to: &str) -> Option<f64> {
    match (from, to) {
        ("standing", "sitting") | ("sitting", "standing") => Some(1.0),
        ("standing", "lying") | ("lying", "standing") => Some(0.5),
        _ => None,
    }
}

impl Prior {
    /// Mean dwell time in seconds, where nothing was fitted.
    const DWELL_S: f64 = 20.0;
    /// Phases of it.
    const PHASES: usize = 3;
    /// Evidence of a second, where nothing was fitted.
    const EVIDENCE_PER_S: f64 = 0.25;
    /// How often something unknown follows, relative to all labels together.
    const UNKNOWN: f64 = 0.1;

    /// A prior from the postures of the labels' places in the vocabulary alone; nothing in it was fitted to data.
    #[must_use]
    pub fn usual(labels: &LabelSet) -> Self {
        let names: Vec<&str> = labels.names().collect();
        let count = names.len();
        let mut exits = Vec::with_capacity(count + 1);
        for (from, name) in names.iter().enumerate() {
            let mut row: Vec<f64> = names
                .iter()
                .enumerate()
                .map(|(to, other)| {
                    if to == from {
                        return 0.0;
                    }
                    between(name, other).unwrap_or_else(|| ease(posture(name), posture(other)))
                })
                .collect();
            let all: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p *= (1.0 - Self::UNKNOWN) / all);
            row.push(Self::UNKNOWN);
            exits.push(row);
        }
        let mut row = vec![1.0 / count as f64; count];
        row.push(0.0);
        exits.push(row);
        let mut start = vec![(1.0 - Self::UNKNOWN) / count as f64; count];
        start.push(Self::UNKNOWN);
        Self {
            dwell_s: vec![Self::DWELL_S; count + 1],
            phases: vec![Self::PHASES; count + 1],
            exits,
            start,
            evidence_per_s: Self::EVIDENCE_PER_S,
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
        Prior::usual(&LabelSet::twelve()).validate(12).unwrap();
    }
}
