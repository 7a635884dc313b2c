//! The activities that a model tells apart, and what a label of any depth means to it.

mod common;
mod finest;
mod scoring;
mod serial;
mod target;

use crate::vocabulary::{self, NameError, ParentError, Parents, canonical, is_reserved, lookup};
use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub use common::{CommonLabels, CommonNode, common_labels};
pub use scoring::Answer;
pub use target::{Target, Targets, TooManyGroups};

/// Why names are no classes of one model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelSetError {
    /// One is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// One is put where it cannot be in the tree.
    #[error(transparent)]
    Parent(#[from] ParentError),
    /// A reserved word.
    #[error("`{name}` is a reserved word and no class\nhint: leave it out")]
    Reserved {
        /// The word.
        name: String,
    },
    /// Fewer than two classes.
    #[error("cannot classify [{found}]\nhint: name at least two different activities")]
    TooFew {
        /// The classes given.
        found: String,
    },
    /// More than [`LabelSet::MOST`] classes.
    #[error(
        "{found} classes, at most {} are allowed\nhint: use activities further up in the tree",
        LabelSet::MOST
    )]
    TooMany {
        /// Classes given.
        found: usize,
    },
    /// One name twice.
    #[error("the activity `{name}` is named twice, as class {first} and as class {second}")]
    Repeated {
        /// The name.
        name: String,
        /// Its first place, from 1.
        first: usize,
        /// Its second place, from 1.
        second: usize,
    },
    /// One class is a kind of another, so that their probabilities would overlap.
    #[error(
        "`{name}` is a kind of `{ancestor}`, so they cannot be two classes of one model\nhint: leave one of them out"
    )]
    Nested {
        /// The class beneath.
        name: String,
        /// The class above it.
        ancestor: String,
    },
}

/// The activities a model tells apart, in the order of its outputs: class index `i` is the `i`-th of them.
///
/// At least two and at most [`LabelSet::MOST`], distinct, none reserved, none a kind of another; so each window is
/// of one class at most, and probabilities can be added up along the tree. Names are in the one spelling of
/// [`canonical`], from the common vocabulary or a data set's own. Serialises as a list of names; one of the data set's
/// own that has a parent is written as `{"name": "jogging", "under": ["running"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<serial::Class>", into = "Vec<serial::Class>")]
pub struct LabelSet {
    /// For each class its name and everything above it, up to the root.
    lineages: Vec<Vec<String>>,
}

/// An activity, class or above classes, with the classes that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// Number of activities above it: 0 for the root.
    pub depth: usize,
    /// Indices of the classes at or beneath it, ascending; never empty.
    pub classes: Vec<u8>,
}

impl LabelSet {
    /// Most classes a set may have: class indices and groups of classes share one byte.
    pub const MOST: usize = 200;

    /// A set from names in the order of class indices, in any spelling that [`canonical`] reads. Names that are not in
    /// the common vocabulary are leaves under the root.
    ///
    /// # Errors
    /// [`LabelSetError`] as its variants say.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, LabelSetError> {
        Self::with_parents(names, &Parents::new())
    }

    /// As [`Self::new`], with the places of a data set's own names.
    ///
    /// # Errors
    /// [`LabelSetError`] as its variants say.
    pub fn with_parents<S: AsRef<str>>(
        names: impl IntoIterator<Item = S>,
        parents: &Parents,
    ) -> Result<Self, LabelSetError> {
        let names = names.into_iter().map(|name| canonical(name.as_ref())).collect::<Result<Vec<_>, _>>()?;
        if names.len() < 2 {
            return Err(LabelSetError::TooFew { found: names.join(", ") });
        }
        if names.len() > Self::MOST {
            return Err(LabelSetError::TooMany { found: names.len() });
        }
        if let Some(name) = names.iter().find(|name| is_reserved(name)) {
            return Err(LabelSetError::Reserved { name: name.clone() });
        }
        for (index, name) in names.iter().enumerate() {
            if let Some(first) = names[..index].iter().position(|other| other == name) {
                return Err(LabelSetError::Repeated {
                    name: name.clone(),
                    first: first + 1,
                    second: index + 1,
                });
            }
            if let Some(ancestor) = names.iter().find(|other| parents.is_ancestor(other, name)) {
                return Err(LabelSetError::Nested { name: name.clone(), ancestor: ancestor.clone() });
            }
        }
        let lineage = |name: &String| parents.lineage(name).map(ToOwned::to_owned).collect();
        Ok(Self { lineages: names.iter().map(lineage).collect() })
    }

    /// The six activities of UCI HAR: walking, up and down stairs, sitting, standing, lying.
    pub fn six() -> Self {
        Self::of_vocabulary(&SIX)
    }

    /// The six activities followed by the six changes of posture of HAPT, in the order of its codes.
    pub fn twelve() -> Self {
        Self::of_vocabulary(&[SIX, CHANGES].concat())
    }

    /// For the constants below, which a test holds against [`Self::new`].
    fn of_vocabulary(names: &[&str]) -> Self {
        let none = Parents::new();
        let lineage = |name: &&str| none.lineage(name).map(ToOwned::to_owned).collect();
        Self { lineages: names.iter().map(lineage).collect() }
    }

    /// Number of classes, 2 to [`Self::MOST`].
    #[allow(clippy::len_without_is_empty)] // never empty, by construction
    pub fn len(&self) -> usize {
        self.lineages.len()
    }

    /// Names of the classes, in the order of their indices.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + Clone {
        self.lineages.iter().map(|lineage| lineage[0].as_str())
    }

    /// Name of a class; `None` from [`Self::len`] on.
    pub fn name(&self, index: u8) -> Option<&str> {
        self.names().nth(usize::from(index))
    }

    /// These classes and behind them further ones, which `parents` may place.
    ///
    /// # Errors
    /// [`LabelSetError`] as its variants say: a further one may be neither a class already, nor above or beneath one.
    pub fn extended<S: AsRef<str>>(
        &self,
        further: impl IntoIterator<Item = S>,
        parents: &Parents,
    ) -> Result<Self, LabelSetError> {
        let mut placed = parents.clone();
        for lineage in &self.lineages {
            // From the top, so that each parent has its place before its children.
            for pair in lineage.windows(2).rev().filter(|pair| lookup(&pair[0]).is_none()) {
                placed.insert(&pair[0], &pair[1])?;
            }
        }
        let own = self.names().map(ToOwned::to_owned);
        let further = further.into_iter().map(|name| name.as_ref().to_owned());
        Self::with_parents(own.chain(further), &placed)
    }

    /// Index of the class of exactly this name (in any spelling that [`canonical`] reads); `None` if it is no class.
    pub fn index_of(&self, name: &str) -> Option<u8> {
        let name = spelt(name)?;
        self.position(|lineage| lineage[0] == name)
    }

    /// What a label means to a model of these classes; `None` if it says nothing. The label may be of any depth and in
    /// any spelling that [`canonical`] reads:
    ///
    /// - a class: that class;
    /// - a kind of a class (`walking_upstairs`, where `stairs` is a class): that class;
    /// - something above classes (`stairs`, where `walking_upstairs` and `walking_downstairs` are): the group of all
    ///   classes beneath it, even where it is one alone. As with any label, what the model has no class for is taken
    ///   as not occurring;
    /// - above *all* classes, or apart from them all, or reserved: `None`. A group of all classes would say nothing:
    ///   its probability is 1 whatever the model answers.
    pub fn target(&self, label: &str) -> Option<Target> {
        self.target_with(label, &Parents::new())
    }

    /// As [`Self::target`], for a label of a data set that has places for its own names.
    ///
    /// Where the label set itself knows a name, its own place for it counts.
    pub fn target_with(&self, label: &str, parents: &Parents) -> Option<Target> {
        let label = spelt(label)?;
        if is_reserved(&label) {
            return None;
        }
        if let Some(class) = self.index_of(&label) {
            return Some(Target::Class(class));
        }
        let group = self.beneath(&label);
        if group.len() == self.len() {
            None
        } else if !group.is_empty() {
            Some(Target::Group(group))
        } else {
            let class = parents.lineage(&label).find_map(|above| self.index_of(above));
            class.map(Target::Class)
        }
    }

    /// Indices of the classes that are `name` or lie beneath it, ascending; empty if there are none.
    pub fn beneath(&self, name: &str) -> Vec<u8> {
        let Some(name) = spelt(name) else { return Vec::new() };
        self.indices()
            .filter(|&index| self.lineages[usize::from(index)].iter().any(|above| *above == name))
            .collect()
    }

    /// Every activity that is a class or lies above one, with the classes beneath it: the deepest first, the root last,
    /// equally deep ones in the order of their first class.
    ///
    /// Each stands after everything beneath it, so that the first of sufficient probability is the most exact answer.
    pub fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for (index, lineage) in self.indices().zip(&self.lineages) {
            for (above, name) in lineage.iter().enumerate() {
                match levels.iter_mut().find(|level| level.name == *name) {
                    Some(level) => level.classes.push(index),
                    None => levels.push(Level {
                        name: name.clone(),
                        depth: lineage.len() - 1 - above,
                        classes: [index].into(),
                    }),
                }
            }
        }
        levels.sort_by_key(|level| core::cmp::Reverse(level.depth));
        levels
    }

    /// The tree cut at a depth: each activity so many steps below the root, with the classes at or beneath it, and each class
    /// that lies higher; in the order of their first class. Every class is in one of them.
    pub fn cut(&self, depth: usize) -> Vec<Level> {
        let mut cut = self.levels();
        cut.retain(|level| {
            level.depth == depth || (level.depth < depth && self.index_of(&level.name).is_some())
        });
        cut.sort_by_key(|level| level.classes[0]);
        cut
    }

    fn indices(&self) -> impl Iterator<Item = u8> {
        // At most `MOST` classes, so their indices fit.
        (0..self.len()).map(|index| index as u8)
    }

    fn position(&self, is: impl Fn(&[String]) -> bool) -> Option<u8> {
        self.indices().find(|&index| is(&self.lineages[usize::from(index)]))
    }
}

const SIX: [&str; 6] = ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];
const CHANGES: [&str; 6] =
    ["stand_to_sit", "sit_to_stand", "sit_to_lie", "lie_to_sit", "stand_to_lie", "lie_to_stand"];

/// The one spelling of a name; without allocating where it is one of the vocabulary as it stands.
fn spelt(name: &str) -> Option<Cow<'_, str>> {
    match lookup(name) {
        Some(node) => Some(Cow::Borrowed(vocabulary::Node::name(node))),
        None => canonical(name).ok().map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    fn set(names: &[&str]) -> LabelSet {
        LabelSet::new(names).unwrap()
    }

    #[test]
    fn a_cut_divides_the_classes_at_its_depth() {
        let labels = set(&["walking_upstairs", "skating", "sitting", "walking_downstairs", "walking"]);
        let cut = |depth| {
            let cut = labels.cut(depth);
            cut.into_iter().map(|level| (level.name, level.classes)).collect::<Vec<_>>()
        };
        let named = |name: &str, classes: &[u8]| (name.to_string(), classes.to_vec());
        assert_eq!(cut(0), [named("activity", &[0, 1, 2, 3, 4])]);
        assert_eq!(cut(1), [named("moving", &[0, 3, 4]), named("skating", &[1]), named("still", &[2])]);
        let second = [("stairs", [0, 3].as_slice()), ("skating", &[1]), ("sitting", &[2]), ("walking", &[4])];
        assert_eq!(cut(2), second.map(|(name, classes)| named(name, classes)));
        assert_eq!(cut(3).len(), 5);
        assert_eq!(cut(9), cut(3));
    }

    fn refused(names: &[&str]) -> LabelSetError {
        LabelSet::new(names).unwrap_err()
    }

    #[test]
    fn class_index_and_name_are_inverse() {
        let labels = set(&["LAYING", "walking", "skating"]);
        assert_eq!(labels.names().collect::<Vec<_>>(), ["lying", "walking", "skating"]);
        for (index, name) in labels.names().enumerate() {
            assert_eq!(labels.index_of(name), Some(index as u8));
            assert_eq!(labels.name(index as u8), Some(name));
        }
        assert_eq!(labels.index_of("Laying"), Some(0));
        assert_eq!(labels.index_of("still"), None);
        assert_eq!(labels.index_of(";"), None);
        assert_eq!(labels.name(3), None);
        assert_eq!(LabelSet::six(), set(&SIX));
        assert_eq!(LabelSet::twelve(), set(&[SIX, CHANGES].concat()));
        assert_eq!(LabelSet::twelve().name(6), Some("stand_to_sit"));
    }

    #[test]
    fn what_cannot_be_classes_is_refused_with_the_facts() {
        assert_eq!(refused(&["walking"]), LabelSetError::TooFew { found: "walking".to_string() });
        let error = LabelSetError::Repeated { name: "lying".to_string(), first: 1, second: 3 };
        assert_eq!(refused(&["lying", "walking", "LAYING"]), error);
        assert!(matches!(refused(&["walking", "UNLABELLED"]), LabelSetError::Reserved { .. }));
        assert!(matches!(refused(&["walking", "unknown"]), LabelSetError::Reserved { .. }));
        assert!(matches!(refused(&["walking", "a,b"]), LabelSetError::Name(_)));
        for names in [["stairs", "walking_upstairs"], ["walking_upstairs", "stairs"]] {
            let error = LabelSetError::Nested {
                name: "walking_upstairs".to_string(),
                ancestor: "stairs".to_string(),
            };
            assert_eq!(refused(&names), error);
        }
        assert!(matches!(refused(&["skating", "activity"]), LabelSetError::Nested { .. }));
        let many: Vec<String> = (0..=LabelSet::MOST).map(|n| format!("own_{n}")).collect();
        assert_eq!(LabelSet::new(&many), Err(LabelSetError::TooMany { found: 201 }));
        assert_eq!(LabelSet::new(&many[1..]).unwrap().len(), LabelSet::MOST);
    }

    #[test]
    fn a_label_means_what_lies_at_beneath_or_above_it() {
        let six = LabelSet::six();
        assert_eq!(six.target("WALKING"), Some(Target::Class(0)));
        assert_eq!(six.target("stairs"), Some(Target::Group([1, 2].into())));
        assert_eq!(six.target("moving"), Some(Target::Group([0, 1, 2].into())));
        assert_eq!(six.target("still"), Some(Target::Group([3, 4, 5].into())));
        for says_nothing in ["activity", "running", "skating", "unknown", "UNLABELLED", "", ";"] {
            assert_eq!(six.target(says_nothing), None, "{says_nothing}");
        }

        let coarse = set(&["stairs", "still", "jumping"]);
        assert_eq!(coarse.target("walking_upstairs"), Some(Target::Class(0)));
        assert_eq!(coarse.target("lying"), Some(Target::Class(1)));
        assert_eq!(coarse.target("rope_jumping"), Some(Target::Class(2)));
        assert_eq!(coarse.target("moving"), Some(Target::Group([0, 2].into())));
        assert_eq!(coarse.target("walking"), None);
        // One alone stays a group: who labelled `moving` did not say `walking`.
        assert_eq!(set(&["walking", "lying"]).target("moving"), Some(Target::Group([0].into())));
        // All of them are moving: nothing is learnt from being told so.
        assert_eq!(set(&["walking", "stairs"]).target("moving"), None);
    }

    #[test]
    fn own_names_of_the_set_and_of_the_data_have_their_places() {
        let mut parents = Parents::new();
        parents.insert("drill", "running").unwrap();
        parents.insert("skipping", "drill").unwrap();
        parents.insert("side_steps", "drill").unwrap();
        let labels =
            LabelSet::with_parents(["skipping", "side_steps", "walking", "sitting"], &parents).unwrap();
        // Without the data set's places, from what the set itself keeps:
        assert_eq!(labels.target("drill"), Some(Target::Group([0, 1].into())));
        assert_eq!(labels.target("running"), Some(Target::Group([0, 1].into())));
        assert_eq!(labels.target("moving"), Some(Target::Group([0, 1, 2].into())));
        assert_eq!(
            LabelSet::with_parents(["skipping", "running"], &parents).unwrap_err().to_string(),
            "`skipping` is a kind of `running`, so they cannot be two classes of one model\nhint: leave one of them out"
        );

        let common = set(&["running", "walking"]);
        assert_eq!(common.target("skipping"), None);
        assert_eq!(common.target_with("skipping", &parents), Some(Target::Class(0)));
    }

    #[test]
    fn levels_are_everything_above_a_class_deepest_first() {
        let levels = set(&["lying", "walking_upstairs", "walking", "sitting", "walking_downstairs"]).levels();
        let found: Vec<(&str, usize, &[u8])> =
            levels.iter().map(|level| (level.name.as_str(), level.depth, level.classes.as_slice())).collect();
        let expected: [(&str, usize, &[u8]); 9] = [
            ("walking_upstairs", 3, &[1]),
            ("walking_downstairs", 3, &[4]),
            ("lying", 2, &[0]),
            ("stairs", 2, &[1, 4]),
            ("walking", 2, &[2]),
            ("sitting", 2, &[3]),
            ("still", 1, &[0, 3]),
            ("moving", 1, &[1, 2, 4]),
            ("activity", 0, &[0, 1, 2, 3, 4]),
        ];
        assert_eq!(found, expected);
    }
}
