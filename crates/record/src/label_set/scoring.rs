//! Answers at the depth of a label: probabilities of classes, added up along the tree.

use super::{LabelSet, Target};
use alloc::vec::Vec;

/// What a model answers when it is asked at the depth of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What the label says: its class, or its group taken as one.
    Target,
    /// This class instead, which is not the label's.
    Class(u8),
}

impl Target {
    /// The answer of a model at the depth of this label, from the probabilities of one window over all classes.
    ///
    /// The classes of a group count as one, with the sum of their probabilities; the answer is the likeliest among
    /// that and the classes outside. So for a class it is what is most probable. Of equally likely answers that with
    /// the lowest class index counts, as everywhere.
    ///
    /// # Panics
    /// If there are fewer probabilities than classes.
    pub fn answer(&self, probabilities: &[f32]) -> Answer {
        let own = self.classes();
        let mut best = (sum(probabilities, own), own[0], Answer::Target);
        for (index, &probability) in (0..=u8::MAX).zip(probabilities) {
            let candidate = (f64::from(probability), index, Answer::Class(index));
            let better = candidate.0 > best.0 || (candidate.0 == best.0 && candidate.1 < best.1);
            if better && !own.contains(&index) {
                best = candidate;
            }
        }
        best.2
    }

    /// Probability that the label is right, from those of one window over all classes.
    ///
    /// # Panics
    /// If there are fewer probabilities than classes.
    pub fn probability(&self, probabilities: &[f32]) -> f64 {
        sum(probabilities, self.classes())
    }
}

impl LabelSet {
    /// Probability of any activity, from those of one window over all classes: the sum over the classes at or beneath
    /// it. `None` where no class is, as then nothing is known of it (of the kinds of a class, for example).
    ///
    /// # Panics
    /// If there are not as many probabilities as classes.
    pub fn probability_of(&self, name: &str, probabilities: &[f32]) -> Option<f64> {
        assert_eq!(probabilities.len(), self.len(), "one probability per class");
        let classes = self.beneath(name);
        (!classes.is_empty()).then(|| sum(probabilities, &classes))
    }

    /// Probabilities of all [`Self::levels`], in their order, from those of one window over all classes.
    ///
    /// # Panics
    /// If there are not as many probabilities as classes.
    pub fn roll_up(&self, probabilities: &[f32]) -> Vec<f64> {
        assert_eq!(probabilities.len(), self.len(), "one probability per class");
        self.levels().iter().map(|level| level.probability(probabilities)).collect()
    }
}

impl super::Level {
    /// Probability of this activity, from those of one window over all classes.
    ///
    /// # Panics
    /// If there are fewer probabilities than classes.
    pub fn probability(&self, probabilities: &[f32]) -> f64 {
        sum(probabilities, &self.classes)
    }
}

/// In f64 and ascending order, so that it does not depend on how many there are beside them.
pub(super) fn sum(probabilities: &[f32], classes: &[u8]) -> f64 {
    classes.iter().map(|&class| f64::from(probabilities[usize::from(class)])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_group_competes_as_one_with_the_classes_outside() {
        let six = LabelSet::six();
        let stairs = six.target("stairs").unwrap();
        let probabilities = [0.4, 0.25, 0.25, 0.1, 0.0, 0.0];
        assert_eq!(stairs.answer(&probabilities), Answer::Target);
        assert_eq!(stairs.probability(&probabilities), 0.5);
        assert_eq!(six.target("walking_upstairs").unwrap().answer(&probabilities), Answer::Class(0));
        assert_eq!(six.target("walking").unwrap().answer(&probabilities), Answer::Target);
        assert_eq!(six.target("still").unwrap().answer(&probabilities), Answer::Class(0));
        let upstairs = [0.3, 0.6, 0.0, 0.1, 0.0, 0.0];
        assert_eq!(six.target("still").unwrap().answer(&upstairs), Answer::Class(1));
        assert_eq!(stairs.answer(&upstairs), Answer::Target);
    }

    #[test]
    fn of_equally_likely_answers_the_lowest_class_counts() {
        let six = LabelSet::six();
        let even = [0.25, 0.125, 0.125, 0.25, 0.25, 0.0];
        assert_eq!(six.target("stairs").unwrap().answer(&even), Answer::Class(0));
        assert_eq!(six.target("walking").unwrap().answer(&even), Answer::Target);
        assert_eq!(six.target("sitting").unwrap().answer(&even), Answer::Class(0));
        assert_eq!(Target::Group([0, 5].into()).answer(&even), Answer::Target);
    }

    #[test]
    fn probabilities_are_added_up_along_the_tree() {
        let six = LabelSet::six();
        let probabilities = [0.5, 0.125, 0.125, 0.0625, 0.0625, 0.125];
        assert_eq!(six.probability_of("moving", &probabilities), Some(0.75));
        assert_eq!(six.probability_of("stairs", &probabilities), Some(0.25));
        assert_eq!(six.probability_of("LAYING", &probabilities), Some(0.125));
        assert_eq!(six.probability_of("activity", &probabilities), Some(1.0));
        assert_eq!(six.probability_of("running", &probabilities), None);
        let rolled = six.roll_up(&probabilities);
        for (level, probability) in six.levels().iter().zip(rolled) {
            assert_eq!(six.probability_of(&level.name, &probabilities), Some(probability), "{}", level.name);
        }
    }

    proptest! {
        /// Probabilities on a coarse grid, so that ties are common.
        #[test]
        fn for_a_class_the_answer_is_the_most_probable(counts in proptest::array::uniform6(0u8..5), class in 0u8..6) {
            let probabilities = counts.map(f32::from);
            // The first of the largest, the convention of every argmax here.
            let best = (0..6).rev().max_by_key(|&index| counts[index]).unwrap() as u8;
            let expected = if best == class { Answer::Target } else { Answer::Class(best) };
            prop_assert_eq!(Target::Class(class).answer(&probabilities), expected);
        }

        #[test]
        fn every_parent_is_the_sum_of_its_children(counts in proptest::array::uniform12(0u8..9)) {
            let labels = LabelSet::twelve();
            let probabilities = counts.map(f32::from);
            let of = |name: &str| labels.probability_of(name, &probabilities).unwrap_or(0.0);
            for node in crate::vocabulary::nodes().filter(|node| !node.is_leaf() && labels.index_of(node.name()).is_none()) {
                let children: f64 = node.children().map(|child| of(child.name())).sum();
                prop_assert_eq!(of(node.name()), children);
            }
        }
    }
}
