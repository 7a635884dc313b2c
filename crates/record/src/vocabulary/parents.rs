//! Where a data set's own names belong in the tree.

use super::{NameError, canonical, is_reserved, lookup, root};
use alloc::collections::BTreeMap;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Why a name cannot be given a parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParentError {
    /// One of the two is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// One of the two is a reserved word.
    #[error("`{name}` is a reserved word and has no place among the activities")]
    Reserved {
        /// The word.
        name: String,
    },
    /// The name has a parent already, in the common vocabulary or as stated earlier.
    #[error(
        "`{name}` belongs to `{parent}`, so it cannot belong to `{found}`\nhint: choose another name, or leave its parent out"
    )]
    Placed {
        /// The name.
        name: String,
        /// The parent it has.
        parent: String,
        /// The parent that was to be given.
        found: String,
    },
    /// A parent for the root.
    #[error("`{name}` is above everything, so it cannot belong to `{found}`")]
    Root {
        /// The root.
        name: String,
        /// The parent that was to be given.
        found: String,
    },
    /// The parent is in neither the common vocabulary nor the names that have a parent themselves.
    #[error(
        "`{name}` is to belong to `{parent}`, which has no place itself\n\
         hint: name an activity of the common vocabulary, or state the parent of `{parent}` as well"
    )]
    UnknownParent {
        /// The name.
        name: String,
        /// Its parent.
        parent: String,
    },
    /// A name above itself.
    #[error("`{name}` belongs to `{parent}`, which belongs to `{name}` in turn")]
    Circle {
        /// A name of the circle.
        name: String,
        /// Its parent.
        parent: String,
    },
}

impl ParentError {
    /// The name that has no such place, in its one spelling; `None` where a text is no name at all.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(_) => None,
            Self::Reserved { name }
            | Self::Placed { name, .. }
            | Self::Root { name, .. }
            | Self::UnknownParent { name, .. }
            | Self::Circle { name, .. } => Some(name),
        }
    }
}

/// Parents of names that are not in the common vocabulary: the places of a data set's own names.
///
/// A name of which nothing is said is a leaf under the root. A parent is an activity of the common vocabulary, or
/// another own name that has a parent here; so the whole stays a tree. Serialises as a map from name to parent, in
/// any order:
///
/// ```
/// # use ambulo_record::vocabulary::Parents;
/// let parents: Parents = serde_json::from_str(r#"{ "skipping_drill": "drill", "drill": "running" }"#)?;
/// let lineage: Vec<&str> = parents.lineage("skipping_drill").collect();
/// assert_eq!(lineage, ["skipping_drill", "drill", "running", "moving", "activity"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Parents(BTreeMap<String, String>);

impl Parents {
    /// Nothing beside the common vocabulary.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Puts an own name under `parent`; both in any spelling that [`canonical`] reads. Saying the same again, also
    /// of a common name, changes nothing.
    ///
    /// # Errors
    /// [`ParentError`], except `Circle`, which cannot be made one by one.
    pub fn insert(&mut self, name: &str, parent: &str) -> Result<(), ParentError> {
        let (name, parent) = (canonical(name)?, canonical(parent)?);
        if let Some(reserved) = [&name, &parent].into_iter().find(|name| is_reserved(name)) {
            return Err(ParentError::Reserved { name: reserved.clone() });
        }
        if name == parent {
            return Err(ParentError::Circle { name, parent });
        }
        match self.stated(&name) {
            Some(earlier) if earlier == parent => return Ok(()),
            Some(earlier) => {
                return Err(ParentError::Placed { parent: earlier.into(), name, found: parent });
            }
            None if name == root().name() => return Err(ParentError::Root { name, found: parent }),
            None => {}
        }
        if self.stated(&parent).is_none() && parent != root().name() {
            return Err(ParentError::UnknownParent { name, parent });
        }
        self.0.insert(name, parent);
        Ok(())
    }

    /// The parent that the common vocabulary or this map states; `None` for the root and for unknown names.
    fn stated(&self, name: &str) -> Option<&str> {
        match lookup(name) {
            Some(node) => node.parent().map(super::Node::name),
            None => self.0.get(name).map(String::as_str),
        }
    }

    /// Parent of any name in its one spelling; `None` for the root alone.
    pub fn parent(&self, name: &str) -> Option<&str> {
        let root = root().name();
        if name == root { None } else { Some(self.stated(name).unwrap_or(root)) }
    }

    /// A name in its one spelling and everything above it, up to the root.
    pub fn lineage<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        core::iter::successors(Some(name), |name| self.parent(name))
    }

    /// Whether `name` lies beneath `ancestor`; nothing lies beneath itself.
    pub fn is_ancestor(&self, ancestor: &str, name: &str) -> bool {
        self.lineage(name).skip(1).any(|above| above == ancestor)
    }

    /// The own names and their parents, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, parent)| (name.as_str(), parent.as_str()))
    }

    /// Whether no own name has a parent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Parents> for BTreeMap<String, String> {
    fn from(parents: Parents) -> Self {
        parents.0
    }
}

impl TryFrom<BTreeMap<String, String>> for Parents {
    type Error = ParentError;
    fn try_from(map: BTreeMap<String, String>) -> Result<Self, ParentError> {
        let mut parents = Self::new();
        let mut waiting = map;
        // A parent may be stated after its child: go round until nothing more finds its place.
        loop {
            let before = waiting.len();
            let mut left = BTreeMap::new();
            let mut refusal = None;
            for (name, parent) in waiting {
                match parents.insert(&name, &parent) {
                    Ok(()) => {}
                    Err(error @ ParentError::UnknownParent { .. }) => {
                        refusal.get_or_insert(error);
                        left.insert(name, parent);
                    }
                    Err(error) => return Err(error),
                }
            }
            let Some(refusal) = refusal else { return Ok(parents) };
            if left.len() == before {
                return Err(circle(&left).unwrap_or(refusal));
            }
            waiting = left;
        }
    }
}

/// A name that stands above itself, if there is one.
fn circle(map: &BTreeMap<String, String>) -> Option<ParentError> {
    let canonical: BTreeMap<String, String> = map
        .iter()
        .filter_map(|(name, parent)| Some((canonical(name).ok()?, canonical(parent).ok()?)))
        .collect();
    let returns = |name: &String| {
        let mut above = canonical.get(name);
        for _ in 0..canonical.len() {
            match above {
                Some(parent) if parent == name => return true,
                Some(parent) => above = canonical.get(parent),
                None => return false,
            }
        }
        false
    };
    let (name, parent) = canonical.iter().find(|(name, _)| returns(name))?;
    Some(ParentError::Circle { name: name.clone(), parent: parent.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    fn read(json: &str) -> Result<Parents, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn own_names_are_leaves_under_the_root_unless_a_parent_is_stated() {
        let mut parents = Parents::new();
        assert_eq!(parents.parent("skating"), Some("activity"));
        assert_eq!(parents.parent("walking"), Some("moving"));
        assert_eq!(parents.parent("activity"), None);
        parents.insert("Skating", "MOVING").unwrap();
        assert_eq!(parents.lineage("skating").collect::<Vec<_>>(), ["skating", "moving", "activity"]);
        assert!(parents.is_ancestor("moving", "skating"));
        assert!(!parents.is_ancestor("skating", "skating"));
        assert!(!parents.is_ancestor("skating", "moving"));
    }

    #[test]
    fn a_map_is_read_in_any_order_and_written_again() {
        let parents = read(r#"{"a": "b", "b": "c", "c": "stairs", "walking": "moving"}"#).unwrap();
        assert_eq!(parents.lineage("a").collect::<Vec<_>>(), ["a", "b", "c", "stairs", "moving", "activity"]);
        let written = serde_json::to_string(&parents).unwrap();
        assert_eq!(written, r#"{"a":"b","b":"c","c":"stairs"}"#);
        assert_eq!(read(&written).unwrap(), parents);
    }

    #[test]
    fn what_would_not_be_a_tree_is_refused() {
        let refused = |json: &str, part: &str| {
            let error = read(json).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        refused(r#"{"a": "b", "b": "a"}"#, "`a` belongs to `b`, which belongs to `a` in turn");
        refused(r#"{"x": "a", "a": "b", "b": "a"}"#, "`a` belongs to `b`");
        refused(r#"{"a": "a"}"#, "`a` belongs to `a`");
        refused(r#"{"a": "runing"}"#, "`runing`, which has no place itself");
        refused(r#"{"walking": "still"}"#, "`walking` belongs to `moving`, so it cannot belong to `still`");
        refused(r#"{"activity": "still"}"#, "`activity` is above everything");
        refused(r#"{"unknown": "still"}"#, "`unknown` is a reserved word");
        refused(r#"{"a": "unlabelled"}"#, "`unlabelled` is a reserved word");
        refused(r#"{"a": "moving", "A": "still"}"#, "`a` belongs to");
        refused(r#"{"a;": "moving"}"#, "';'");
    }
}
