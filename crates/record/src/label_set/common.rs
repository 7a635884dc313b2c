//! The depth at which the answers of models and the labels of data can be compared.

use super::{LabelSet, Level, Target, scoring::sum};
use crate::vocabulary::{Parents, canonical};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// An activity at which answers and labels are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonNode {
    /// Its name: a class, a label of the data, or what is above several of them.
    pub name: String,
    /// The labels of the data that mean it.
    pub labels: Vec<String>,
}

/// The finest activities at which both the labels of data and the answers of one or more models can be told apart.
///
/// A model that knows `walking_upstairs` and `walking_downstairs` and data that say `stairs` are compared at `stairs`, and so
/// are a model that knows `stairs` and data that say which. What a model has no class for is left out. Classes that the data
/// never have stay answers, each for itself, and such an answer is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonLabels {
    /// What is compared, in the order of the first model's classes.
    pub nodes: Vec<CommonNode>,
    /// Labels of the data that say nothing to one of the models, in the order in which they were given.
    pub left_out: Vec<String>,
    /// For each model what it may answer: its classes in groups that count as one, in the order of their first class, each
    /// with the node that it is.
    answers: Vec<Vec<(Option<usize>, Vec<u8>)>>,
}

impl CommonLabels {
    /// The node that a label of the data means, by its position in [`Self::nodes`]; `None` if the label is left out.
    pub fn node_of(&self, label: &str) -> Option<usize> {
        let label = canonical(label).ok()?;
        self.nodes.iter().position(|node| node.labels.contains(&label))
    }

    /// The answer of a model, from its probabilities of one window over all its classes: a position in [`Self::nodes`], or
    /// `None` for a class that the data never have.
    ///
    /// The classes of a node count as one, with the sum of their probabilities. Of equally likely answers that with the lowest
    /// class index counts, as everywhere.
    ///
    /// # Panics
    /// If there is no such model, or there are fewer probabilities than classes.
    pub fn answer(&self, model: usize, probabilities: &[f32]) -> Option<usize> {
        let mut best = (f64::NEG_INFINITY, None);
        for (node, classes) in &self.answers[model] {
            let probability = sum(probabilities, classes);
            if probability > best.0 {
                best = (probability, *node);
            }
        }
        best.1
    }

    /// Names of the classes of a model that are answers although the data never have them.
    ///
    /// # Panics
    /// If there is no such model, or it is not the one of this number.
    pub fn never<'a>(&'a self, model: usize, labels: &'a LabelSet) -> impl Iterator<Item = &'a str> {
        let others = self.answers[model].iter().filter(|(node, _)| node.is_none());
        others.flat_map(|(_, classes)| classes).filter_map(|&class| labels.name(class))
    }
}

/// Where models and the labels of data meet; see [`CommonLabels`]. `parents` are the places of the data's own names.
///
/// With several models the nodes are those that all of them tell apart, so that what they reach can be compared: a model that
/// was trained on other data, and one that was trained on data like these.
pub fn common_labels<S: AsRef<str>>(
    models: &[&LabelSet],
    data_labels: impl IntoIterator<Item = S>,
    parents: &Parents,
) -> CommonLabels {
    let (mut labels, mut targets, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for label in data_labels {
        let label = canonical(label.as_ref()).unwrap_or_else(|_| label.as_ref().to_owned());
        if labels.contains(&label) || left_out.contains(&label) {
            continue;
        }
        let of_all = models.iter().map(|model| model.target_with(&label, parents));
        match of_all.collect::<Option<Vec<Target>>>() {
            Some(own) if !own.is_empty() => {
                labels.push(label);
                targets.push(own);
            }
            _ => left_out.push(label),
        }
    }

    // Labels that one of the models cannot tell apart are of one node; `node[i]` is the first label of that of label i.
    let mut node: Vec<usize> = (0..labels.len()).collect();
    let blocks: Vec<Vec<Vec<u8>>> =
        (0..).zip(models).map(|(m, model)| blocks(model, targets.iter().map(|own| &own[m]))).collect();
    for (m, blocks) in blocks.iter().enumerate() {
        for block in blocks {
            let mut own = (0..labels.len()).filter(|&i| block.contains(&targets[i][m].classes()[0]));
            let Some(first) = own.next() else { continue };
            for other in own.collect::<Vec<_>>() {
                let (a, b) = (node[first].min(node[other]), node[first].max(node[other]));
                node.iter_mut().filter(|n| **n == b).for_each(|n| *n = a);
            }
        }
    }

    let first_class = |root: usize| {
        let own = (0..labels.len()).filter(|&i| node[i] == root);
        own.map(|i| targets[i][0].classes()[0]).min()
    };
    let mut roots: Vec<usize> = (0..labels.len()).filter(|&i| node[i] == i).collect();
    roots.sort_by_key(|&root| first_class(root));
    let levels: Vec<Vec<Level>> = models.iter().map(|model| model.levels()).collect();
    let nodes = roots.iter().map(|&root| {
        let own: Vec<usize> = (0..labels.len()).filter(|&i| node[i] == root).collect();
        let names = own.iter().flat_map(|&i| {
            let label = &labels[i];
            let named = |(m, model): (usize, &&LabelSet)| match &targets[i][m] {
                Target::Class(class) => model.name(*class).unwrap_or(label).to_owned(),
                Target::Group(_) => label.clone(),
            };
            models.iter().enumerate().map(named).collect::<Vec<_>>()
        });
        // All of them lie on one way to the root.
        let depth = |name: &String| {
            let mut known = levels.iter().flatten();
            known.find(|level| level.name == *name).map_or(usize::MAX, |level| level.depth)
        };
        CommonNode {
            name: names.min_by_key(depth).unwrap_or_default(),
            labels: own.iter().map(|&i| labels[i].clone()).collect(),
        }
    });
    let nodes = nodes.collect();

    let answers = (blocks.iter().enumerate()).map(|(m, blocks)| {
        let mut answers: Vec<(Option<usize>, Vec<u8>)> = Vec::new();
        for block in blocks {
            let label = (0..labels.len()).find(|&i| block.contains(&targets[i][m].classes()[0]));
            let own = label.and_then(|i| roots.iter().position(|&root| root == node[i]));
            match answers.iter_mut().find(|(node, _)| own.is_some() && *node == own) {
                Some((_, classes)) => classes.extend(block),
                None => answers.push((own, block.clone())),
            }
        }
        answers.iter_mut().for_each(|(_, classes)| classes.sort_unstable());
        answers
    });
    CommonLabels { nodes, left_out, answers: answers.collect() }
}

/// The classes of a model, those that a coarse label does not tell apart together, in the order of their first class.
fn blocks<'a>(model: &LabelSet, targets: impl Iterator<Item = &'a Target>) -> Vec<Vec<u8>> {
    let mut of: Vec<u8> = (0..=u8::MAX).take(model.len()).collect();
    for target in targets {
        let own: Vec<u8> = target.classes().iter().map(|&class| of[usize::from(class)]).collect();
        let Some(&first) = own.iter().min() else { continue };
        of.iter_mut().filter(|block| own.contains(block)).for_each(|block| *block = first);
    }
    let mut blocks: Vec<Vec<u8>> = alloc::vec![Vec::new(); of.len()];
    for (class, &block) in (0..=u8::MAX).zip(&of) {
        blocks[usize::from(block)].push(class);
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn common(models: &[&LabelSet], labels: &[&str]) -> CommonLabels {
        common_labels(models, labels, &Parents::new())
    }

    fn names(common: &CommonLabels) -> Vec<&str> {
        common.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    #[test]
    fn a_model_that_knows_more_is_asked_at_the_depth_of_the_data() {
        let six = LabelSet::six();
        let common = common(&[&six], &["walking", "stairs", "running", "lying", "unlabelled"]);
        assert_eq!(names(&common), ["walking", "stairs", "lying"]);
        assert_eq!(common.left_out, ["running", "unlabelled"]);
        assert_eq!(common.node_of("STAIRS"), Some(1));
        assert_eq!(common.node_of("running"), None);
        assert_eq!(common.never(0, &six).collect::<Vec<_>>(), ["sitting", "standing"]);
        // Neither direction alone is the likeliest class, but both together are.
        assert_eq!(common.answer(0, &[0.4, 0.3, 0.3, 0.0, 0.0, 0.0]), Some(1));
        // Sitting and standing are not added up: nobody asks for `still` here.
        assert_eq!(common.answer(0, &[0.4, 0.0, 0.0, 0.3, 0.3, 0.0]), Some(0));
        assert_eq!(common.answer(0, &[0.2, 0.0, 0.0, 0.5, 0.3, 0.0]), None);
        assert_eq!(common.answer(0, &[0.25, 0.25, 0.0, 0.25, 0.25, 0.0]), Some(0));
    }

    #[test]
    fn data_that_know_more_are_compared_at_the_classes() {
        let model = LabelSet::new(["walking", "stairs", "still"]).unwrap();
        let common = common(&[&model], &["sitting", "standing", "walking_upstairs", "walking_downstairs"]);
        assert_eq!(names(&common), ["stairs", "still"]);
        assert_eq!(common.nodes[1].labels, ["sitting", "standing"]);
        assert_eq!(common.answer(0, &[0.3, 0.3, 0.4]), Some(1));
    }

    #[test]
    fn labels_of_several_depths_meet_at_the_highest() {
        let six = LabelSet::six();
        let common = common(&[&six], &["walking_upstairs", "walking", "stairs"]);
        assert_eq!(names(&common), ["walking", "stairs"]);
        assert_eq!(common.nodes[1].labels, ["walking_upstairs", "stairs"]);
        let all = common_labels(&[&six], ["activity", "moving", "walking"], &Parents::new());
        assert_eq!(
            (names(&all), all.left_out.as_slice()),
            (["moving"].to_vec(), ["activity".to_owned()].as_slice())
        );
    }

    #[test]
    fn several_models_are_compared_at_what_all_of_them_know() {
        let fine = LabelSet::six();
        let coarse = LabelSet::new(["running", "still", "stairs", "walking"]).unwrap();
        let labels = ["walking", "running", "walking_upstairs", "walking_downstairs", "sitting", "lying"];
        let common = common(&[&fine, &coarse], &labels);
        assert_eq!(names(&common), ["walking", "stairs", "still"]);
        assert_eq!(common.left_out, ["running"]);
        // Standing is not in the data, so it is no part of `still` here.
        assert_eq!(common.never(0, &fine).collect::<Vec<_>>(), ["standing"]);
        assert_eq!(common.never(1, &coarse).collect::<Vec<_>>(), ["running"]);
        assert_eq!(common.answer(0, &[0.3, 0.2, 0.2, 0.1, 0.1, 0.1]), Some(1));
        assert_eq!(common.answer(1, &[0.2, 0.3, 0.1, 0.4]), Some(0));
    }

    #[test]
    fn own_names_are_compared_where_their_places_meet() {
        let mut parents = Parents::new();
        parents.insert("treadmill", "running").unwrap();
        let model = LabelSet::with_parents(["walking", "running", "skating"], &parents).unwrap();
        let common = common_labels(&[&model], ["treadmill", "skating", "rowing", "a;"], &parents);
        assert_eq!(names(&common), ["running", "skating"]);
        assert_eq!(common.left_out, ["rowing", "a;"]);
    }

    #[test]
    fn nothing_in_common_is_no_node() {
        let model = LabelSet::new(["walking", "running"]).unwrap();
        let common = common(&[&model], &["sitting", "lying"]);
        assert!(common.nodes.is_empty());
        assert_eq!(common.answer(0, &[0.5, 0.5]), None);
        assert!(common_labels(&[], ["walking"], &Parents::new()).nodes.is_empty());
    }

    proptest! {
        /// Whatever is labelled how deep: labels are of one node or left out, and every class is one answer.
        #[test]
        fn labels_and_classes_are_divided(picked in proptest::collection::vec(0..crate::vocabulary::nodes().len(), 0..12)) {
            let (twelve, three) = (LabelSet::twelve(), LabelSet::new(["moving", "still", "transition"]).unwrap());
            let labels: Vec<&str> =
                picked.iter().filter_map(|&i| crate::vocabulary::nodes().nth(i)).map(crate::vocabulary::Node::name).collect();
            for models in [[&twelve].as_slice(), &[&twelve, &three]] {
                let common = common(models, &labels);
                for label in &labels {
                    let of = common.nodes.iter().filter(|node| node.labels.iter().any(|l| l == label)).count();
                    prop_assert_eq!(of, usize::from(!common.left_out.iter().any(|l| l == label)));
                }
                for (m, model) in models.iter().enumerate() {
                    let mut all: Vec<u8> = common.answers[m].iter().flat_map(|(_, classes)| classes.clone()).collect();
                    all.sort_unstable();
                    prop_assert_eq!(all, (0..model.len() as u8).collect::<Vec<_>>());
                    // A model that is sure of a class is right about every label that means it.
                    for node in &common.nodes {
                        for label in &node.labels {
                            let target = model.target(label).unwrap();
                            for &class in target.classes() {
                                let sure: Vec<f32> = (0..model.len() as u8).map(|c| f32::from(u8::from(c == class))).collect();
                                prop_assert_eq!(common.answer(m, &sure), common.node_of(label));
                            }
                        }
                    }
                }
            }
        }

        /// Where data have exactly a model's classes, these are the nodes and answers are its own.
        #[test]
        fn data_with_the_models_classes_are_compared_at_them(counts in proptest::array::uniform6(0u8..5)) {
            let six = LabelSet::six();
            let labels: Vec<&str> = six.names().collect();
            let common = common(&[&six], &labels);
            prop_assert_eq!(names(&common), labels);
            let probabilities = counts.map(f32::from);
            let best = (0..6).rev().max_by_key(|&index| counts[index]);
            prop_assert_eq!(common.answer(0, &probabilities), best);
        }
    }
}
