//! The common vocabulary: names of activities in a tree.
//!
//! Data sets label at the depth they know, and answers are given at the depth that can be told: `stairs` is as good a
//! label as `walking_upstairs` beneath it. The tree is one static table. A name that is not in it is a data set's own,
//! allowed everywhere, and a leaf under the root unless [`Parents`] says where it belongs.
//!
//! ```
//! use ambulo_record::vocabulary;
//!
//! let stairs = vocabulary::lookup("stairs").unwrap();
//! let leaves: Vec<&str> = stairs.leaves().map(|leaf| leaf.name()).collect();
//! assert_eq!(leaves, ["walking_upstairs", "walking_downstairs"]);
//! assert_eq!(stairs.parent().unwrap().name(), "moving");
//! ```

mod names;
mod parents;
mod table;

use alloc::string::String;
use core::fmt;
use core::fmt::Write as _;
use table::{PARENTS, TABLE};

pub use names::{LONGEST_NAME, NameError, UNKNOWN, UNLABELLED, canonical, is_reserved};
pub use parents::{ParentError, Parents};

/// An activity of the common vocabulary.
///
/// Ordered as the table is: each before what lies beneath it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u8);

/// Everything, `activity`: above all other names, also those that are not in the vocabulary.
pub fn root() -> Node {
    Node(0)
}

/// All activities, each before what lies beneath it.
pub fn nodes() -> impl DoubleEndedIterator<Item = Node> + ExactSizeIterator {
    // The table's length is checked against a u8 by a test.
    (0..TABLE.len()).map(|index| Node(index as u8))
}

/// The activity of this name, in its one spelling ([`canonical`]).
pub fn lookup(name: &str) -> Option<Node> {
    nodes().find(|node| node.name() == name)
}

impl Node {
    fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Its name, e.g. `walking_upstairs`.
    pub fn name(self) -> &'static str {
        TABLE[self.index()].name
    }

    /// What it means, in one line.
    pub fn definition(self) -> &'static str {
        TABLE[self.index()].definition
    }

    /// What it is a kind of; `None` for the root.
    pub fn parent(self) -> Option<Self> {
        (self.0 != 0).then(|| Self(PARENTS[self.index()]))
    }

    /// Everything above it, nearest first, the root last.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        core::iter::successors(self.parent(), |node| node.parent())
    }

    /// What lies directly beneath it.
    pub fn children(self) -> impl Iterator<Item = Self> {
        nodes().filter(move |node| node.parent() == Some(self))
    }

    /// Everything beneath it, each before what lies beneath it in turn.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        nodes().skip(self.index() + 1).take_while(move |node| self.is_ancestor_of(*node))
    }

    /// The leaves beneath it; a leaf itself, if it is one.
    pub fn leaves(self) -> impl Iterator<Item = Self> {
        core::iter::once(self).chain(self.descendants()).filter(|node| node.is_leaf())
    }

    /// Whether nothing lies beneath it.
    pub fn is_leaf(self) -> bool {
        // Children follow their parent directly.
        PARENTS.get(self.index() + 1).is_none_or(|&parent| parent != self.0)
    }

    /// Whether `other` lies beneath it; nothing lies beneath itself.
    pub fn is_ancestor_of(self, other: Self) -> bool {
        other.ancestors().any(|above| above == self)
    }

    /// Number of activities above it: 0 for the root.
    pub fn depth(self) -> usize {
        self.ancestors().count()
    }

    /// The lowest activity that both are or lie beneath.
    pub fn common_ancestor(self, other: Self) -> Self {
        let of_self = |node: &Self| *node == self || node.is_ancestor_of(self);
        core::iter::once(other).chain(other.ancestors()).find(of_self).unwrap_or_else(root)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The tree with its definitions as a nested Markdown list, two spaces a level.
pub fn outline() -> String {
    let mut text = String::new();
    for node in nodes() {
        let indent = 2 * node.depth();
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{:indent$}- `{}`: {}", "", node.name(), node.definition());
    }
    text
}

/// Whether a label is a change of posture: `transition` or something beneath it.
pub fn is_transition(label: &str) -> bool {
    const TRANSITION: &str = "transition";
    let node = lookup(label);
    node.is_some_and(|node| node.name() == TRANSITION || node.ancestors().any(|n| n.name() == TRANSITION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    fn node(name: &str) -> Node {
        lookup(name).unwrap()
    }

    #[test]
    fn the_table_is_a_tree_in_one_spelling() {
        assert!(TABLE.len() <= usize::from(u8::MAX));
        let names: BTreeSet<&str> = nodes().map(Node::name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name occurs twice");
        assert_eq!(root().parent(), None);
        for node in nodes() {
            assert_eq!(canonical(node.name()).as_deref(), Ok(node.name()));
            assert!(!is_reserved(node.name()));
            assert!(!node.definition().is_empty() && !node.definition().contains('\n'));
            assert_eq!(lookup(node.name()), Some(node));
            if node != root() {
                assert_eq!(node.parent().unwrap().name(), TABLE[node.index()].parent);
                assert!(node.parent().unwrap() < node, "{node} stands before its parent");
                assert_eq!(node.ancestors().last(), Some(root()));
            }
            // Each subtree in one piece, which `descendants` and `is_leaf` rest on.
            let beneath: Vec<Node> = nodes().filter(|other| node.is_ancestor_of(*other)).collect();
            assert_eq!(node.descendants().collect::<Vec<_>>(), beneath);
            assert_eq!(node.is_leaf(), beneath.is_empty());
            assert_eq!(node.is_leaf(), node.children().next().is_none());
        }
    }

    #[test]
    fn postures_and_stairs_are_where_they_are_looked_for() {
        let leaves = |name| node(name).leaves().map(Node::name).collect::<Vec<_>>();
        assert_eq!(leaves("still"), ["lying", "sitting", "standing"]);
        assert_eq!(leaves("stairs"), ["walking_upstairs", "walking_downstairs"]);
        assert_eq!(leaves("lie_down"), ["sit_to_lie", "stand_to_lie"]);
        assert_eq!(leaves("get_up"), ["lie_to_sit", "lie_to_stand"]);
        assert_eq!(leaves("sitting"), ["sitting"]);
        for moving in ["walking", "walking_downstairs", "running", "rope_jumping"] {
            assert!(node("moving").is_ancestor_of(node(moving)), "{moving}");
        }
        assert!(!node("moving").is_ancestor_of(node("moving")));
        assert_eq!(node("walking_upstairs").depth(), 3);
        assert_eq!(lookup("WALKING"), None);
    }

    #[test]
    fn common_ancestors_are_the_lowest() {
        let common = |a, b| node(a).common_ancestor(node(b)).name();
        assert_eq!(common("walking_upstairs", "walking_downstairs"), "stairs");
        assert_eq!(common("walking_upstairs", "running"), "moving");
        assert_eq!(common("stairs", "walking_upstairs"), "stairs");
        assert_eq!(common("walking_upstairs", "stairs"), "stairs");
        assert_eq!(common("sitting", "sitting"), "sitting");
        assert_eq!(common("sitting", "fall"), "activity");
    }

    #[test]
    fn the_outline_is_indented_by_depth() {
        let outline = outline();
        assert!(outline.starts_with("- `activity`: "));
        assert!(outline.contains("\n    - `stairs`: "));
        assert!(outline.contains("\n      - `walking_upstairs`: up steps\n"));
    }

    #[test]
    fn only_changes_of_posture_are_transitions() {
        for label in ["transition", "stand_to_sit", "lie_down", "lie_to_stand"] {
            assert!(is_transition(label), "{label}");
        }
        for label in ["walking", "activity", "skating", "fall"] {
            assert!(!is_transition(label), "{label}");
        }
    }
}
