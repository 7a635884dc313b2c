//! What was done, as far as it says something about the classes.

use super::intervals::{Interval, union};
use ambulo_data::LabelInterval;
use ambulo_record::{LabelSet, Target};
use std::collections::BTreeMap;

/// A stretch of time with a label that says something about the classes.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueStretch {
    /// When.
    pub time: Interval,
    /// What.
    pub target: Target,
}

/// What was done in one recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// In order; they do not overlap.
    pub stretches: Vec<TrueStretch>,
    /// Nanoseconds by label of what says nothing about the classes: changes of posture to a model of postures alone, for
    /// example.
    pub not_scored_ns: BTreeMap<String, u64>,
}

impl Truth {
    /// What labels in order of time say about the classes, within the time from the recording's first sample to its last.
    #[must_use]
    pub fn new(labels: &LabelSet, intervals: &[LabelInterval], recording: Interval) -> Self {
        let mut truth = Self::default();
        for label in intervals {
            let Some(time) = Interval::new(label.start_ns, label.end_ns).overlap(recording) else { continue };
            match labels.target(&label.label) {
                Some(target) => truth.stretches.push(TrueStretch { time, target }),
                None => *truth.not_scored_ns.entry(label.label.to_string()).or_default() += time.length_ns(),
            }
        }
        truth
    }

    /// When it is certain whether it is one of `classes` (ascending), and when it is.
    ///
    /// A label above the classes that has some of them beneath it and others too leaves it open.
    #[must_use]
    pub fn of(&self, classes: &[u8]) -> (Vec<Interval>, Vec<Interval>) {
        let has = |class: &u8| classes.contains(class);
        let among = |stretch: &&TrueStretch| stretch.target.classes().iter().all(has);
        let apart = |stretch: &&TrueStretch| !stretch.target.classes().iter().any(has);
        let times = |keep: &dyn Fn(&&TrueStretch) -> bool| {
            union(self.stretches.iter().filter(keep).map(|stretch| stretch.time))
        };
        (times(&|s| among(s) || apart(s)), times(&among))
    }

    /// The groups of classes that are labels here, in order of first need.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<u8>> {
        let mut groups: Vec<Vec<u8>> = Vec::new();
        for stretch in &self.stretches {
            if let Target::Group(group) = &stretch.target
                && !groups.contains(group)
            {
                groups.push(group.clone());
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(start_ns: i64, end_ns: i64, label: &str) -> LabelInterval {
        LabelInterval { start_ns, end_ns, label: label.into() }
    }

    #[test]
    fn labels_are_scored_at_their_depth_or_not_at_all() {
        let six = LabelSet::six();
        let labels = [
            label(-5, 10, "walking"),
            label(10, 20, "stairs"),
            label(20, 25, "walking_upstairs"),
            label(25, 31, "stand_to_sit"),
            label(31, 90, "still"),
        ];
        let truth = Truth::new(&six, &labels, Interval::new(0, 50));
        assert_eq!(truth.not_scored_ns, BTreeMap::from([("stand_to_sit".to_owned(), 6)]));
        assert_eq!(truth.groups(), [vec![1, 2], vec![3, 4, 5]]);
        let of = |name: &str| truth.of(six.target(name).unwrap().classes());
        let times =
            |pairs: &[(i64, i64)]| pairs.iter().map(|&(s, e)| Interval::new(s, e)).collect::<Vec<_>>();
        assert_eq!(of("walking"), (times(&[(0, 25), (31, 50)]), times(&[(0, 10)])));
        // While it is only said to be stairs, nobody knows whether it is upstairs.
        assert_eq!(of("walking_upstairs"), (times(&[(0, 10), (20, 25), (31, 50)]), times(&[(20, 25)])));
        assert_eq!(of("stairs"), (times(&[(0, 25), (31, 50)]), times(&[(10, 25)])));
        assert_eq!(of("sitting"), (times(&[(0, 25)]), times(&[])));
    }
}
