//! The classes that the labels of data make possible.

use super::{LabelSet, LabelSetError, spelt};
use crate::vocabulary::{self, Parents, is_reserved};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

impl LabelSet {
    /// The finest classes that these labels of data make possible: each label that is above no other, in the order of the
    /// vocabulary, with names that are not in it last. With `deepest`, a label that has more activities above it (the root
    /// counts) stands for the one of them that is so deep: at 1 `still` and `moving`, at 2 `stairs`.
    ///
    /// Labels above others become coarse labels of the set. Reserved words and the root say nothing.
    ///
    /// # Errors
    /// [`LabelSetError`], of which fewer than two classes is the usual one.
    pub fn finest<S: AsRef<str>>(
        names: impl IntoIterator<Item = S>,
        parents: &Parents,
        deepest: Option<usize>,
    ) -> Result<Self, LabelSetError> {
        let mut all: Vec<String> = Vec::new();
        for name in names {
            let Some(name) = spelt(name.as_ref()).filter(|name| !is_reserved(name)) else { continue };
            let lineage: Vec<&str> = parents.lineage(&name).collect();
            // The root is the last of a lineage, at depth 0.
            let depth = lineage.len() - 1;
            let above = deepest.map_or(0, |deepest| depth.saturating_sub(deepest));
            let name = lineage[above.min(depth)].to_owned();
            if depth > 0 && name != vocabulary::root().name() && !all.contains(&name) {
                all.push(name);
            }
        }
        let is_above = |name: &String| all.iter().any(|other| parents.is_ancestor(name, other));
        let mut finest: Vec<String> = all.iter().filter(|name| !is_above(name)).cloned().collect();
        let place =
            |name: &String| vocabulary::nodes().position(|node| node.name() == name).unwrap_or(usize::MAX);
        finest.sort_by_cached_key(|name| (place(name), name.clone()));
        Self::with_parents(finest, parents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finest(names: &[&str], deepest: Option<usize>) -> Vec<String> {
        let mut parents = Parents::new();
        parents.insert("skipping", "running").unwrap();
        let set = LabelSet::finest(names, &parents, deepest).unwrap();
        set.names().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn labels_above_others_are_coarse_and_the_order_is_that_of_the_vocabulary() {
        let names = [
            "zorbing",
            "walking_upstairs",
            "stairs",
            "sitting",
            "WALKING",
            "unlabelled",
            "skipping",
            "sitting",
        ];
        assert_eq!(finest(&names, None), ["sitting", "walking", "walking_upstairs", "skipping", "zorbing"]);
        assert_eq!(finest(&names, Some(2)), ["sitting", "walking", "stairs", "running", "zorbing"]);
        assert_eq!(finest(&names, Some(1)), ["still", "moving", "zorbing"]);
        let error = LabelSet::finest(["sitting", "still"], &Parents::new(), None).unwrap_err();
        assert!(matches!(error, LabelSetError::TooFew { .. }));
    }
}
