//! How a label set is written: a list of names, in the tree where they are a data set's own.

use super::{LabelSet, LabelSetError};
use crate::vocabulary::{Parents, lookup, root};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A class as written down.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Class {
    /// Of the common vocabulary, or directly under the root.
    Name(String),
    /// A data set's own under a parent.
    Own(Own),
}

/// A data set's own class with what is above it, nearest first, up to the common vocabulary.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    name: String,
    under: Vec<String>,
}

impl From<LabelSet> for Vec<Class> {
    fn from(labels: LabelSet) -> Self {
        labels.lineages.into_iter().map(class).collect()
    }
}

fn class(mut lineage: Vec<String>) -> Class {
    let common = lineage.iter().position(|name| lookup(name).is_some()).unwrap_or(lineage.len() - 1);
    lineage.truncate(common + 1);
    let name = lineage.remove(0);
    // A leaf under the root needs no word about it.
    if lineage.is_empty() || lineage == [root().name()] {
        Class::Name(name)
    } else {
        Class::Own(Own { name, under: lineage })
    }
}

impl TryFrom<Vec<Class>> for LabelSet {
    type Error = LabelSetError;
    fn try_from(classes: Vec<Class>) -> Result<Self, LabelSetError> {
        let mut parents = Parents::new();
        let mut names = Vec::with_capacity(classes.len());
        for class in classes {
            match class {
                Class::Name(name) => names.push(name),
                Class::Own(Own { name, under }) => {
                    // From the top, so that each parent has its place before its children.
                    for (index, parent) in under.iter().enumerate().rev() {
                        let child = if index == 0 { &name } else { &under[index - 1] };
                        parents.insert(child, parent)?;
                    }
                    names.push(name);
                }
            }
        }
        Self::with_parents(names, &parents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn a_set_is_a_list_of_names_and_old_names_are_read() {
        let six = LabelSet::six();
        let json = r#"["walking","walking_upstairs","walking_downstairs","sitting","standing","lying"]"#;
        assert_eq!(serde_json::to_string(&six).unwrap(), json);
        let old = r#"["WALKING","WALKING_UPSTAIRS","WALKING_DOWNSTAIRS","SITTING","STANDING","LAYING"]"#;
        for written in [json, old] {
            assert_eq!(serde_json::from_str::<LabelSet>(written).unwrap(), six);
        }
        let error = serde_json::from_str::<LabelSet>(r#"["walking"]"#).unwrap_err();
        assert!(error.to_string().contains("cannot classify [walking]"), "{error}");
    }

    #[test]
    fn own_names_keep_their_places() {
        let mut parents = Parents::new();
        parents.insert("drill", "running").unwrap();
        parents.insert("skipping", "drill").unwrap();
        parents.insert("gym", "activity").unwrap();
        parents.insert("rings", "gym").unwrap();
        let labels = LabelSet::with_parents(["skipping", "rings", "skating", "walking"], &parents).unwrap();
        let json = r#"[{"name":"skipping","under":["drill","running"]},{"name":"rings","under":["gym","activity"]},"skating","walking"]"#;
        assert_eq!(serde_json::to_string(&labels).unwrap(), json);
        assert_eq!(serde_json::from_str::<LabelSet>(json).unwrap(), labels);
    }

    #[test]
    fn places_that_contradict_each_other_are_refused() {
        for (json, part) in [
            (r#"["sitting",{"name":"walking","under":["still"]}]"#, "`walking` belongs to `moving`"),
            (r#"["sitting",{"name":"drill","under":["training"]}]"#, "has no place itself"),
            (
                r#"[{"name":"a","under":["drill","running"]},{"name":"b","under":["drill","jumping"]}]"#,
                "`drill` belongs to `running`",
            ),
        ] {
            let error = serde_json::from_str::<LabelSet>(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
