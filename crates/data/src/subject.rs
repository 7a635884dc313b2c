//! The people of a data set.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of a person within a data set, as published.
///
/// Equal numbers mean the same person only within one [`crate::DatasetInfo::cohort`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectId(pub u16);

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `2, 4, 9`: how messages name several subjects.
pub(crate) fn list<'a>(subjects: impl IntoIterator<Item = &'a SubjectId>) -> String {
    subjects.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
