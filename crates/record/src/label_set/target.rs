//! What windows are trained towards: classes, or groups of them.

use super::LabelSet;
use alloc::vec::Vec;

/// What a label means to a model: one of its classes, or that it is one of several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The class of this index.
    Class(u8),
    /// One of these classes: their indices, ascending; at least one, never all.
    Group(Vec<u8>),
}

impl Target {
    /// The class, or the classes of the group, ascending.
    pub fn classes(&self) -> &[u8] {
        match self {
            Self::Class(class) => core::slice::from_ref(class),
            Self::Group(classes) => classes,
        }
    }
}

/// More groups than a byte has room for beside the classes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the labels need more than {room} different groups beside {classes} classes\n\
     hint: use fewer classes, or fewer different coarse labels"
)]
pub struct TooManyGroups {
    /// Classes there are.
    pub classes: usize,
    /// Groups there is room for.
    pub room: usize,
}

/// Targets as single bytes: below the number of classes the class itself, from there on groups of classes in the order
/// in which they were first needed.
///
/// The codes are those of this table alone: code `classes + g` means `groups()[g]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    classes: u8,
    groups: Vec<Vec<u8>>,
}

impl Targets {
    /// Most codes of a table, classes and groups together; code 255 is left free.
    pub const MOST: usize = 255;

    /// A table of these classes, without a group yet.
    pub fn new(labels: &LabelSet) -> Self {
        // At most `LabelSet::MOST` classes.
        Self { classes: labels.len() as u8, groups: Vec::new() }
    }

    /// Code of a target, which is added to the table if it is a group that was not needed before.
    ///
    /// # Errors
    /// If that makes more than [`Self::MOST`] codes; the table stays as it was.
    ///
    /// # Panics
    /// If the target is one of a larger label set.
    pub fn code(&mut self, target: &Target) -> Result<u8, TooManyGroups> {
        assert!(target.classes().iter().all(|&class| class < self.classes), "a target of another label set");
        let group = match target {
            Target::Class(class) => return Ok(*class),
            Target::Group(group) => group,
        };
        let classes = usize::from(self.classes);
        let known = self.groups.iter().position(|other| other == group);
        let code = classes + known.unwrap_or(self.groups.len());
        match u8::try_from(code) {
            Ok(code) if usize::from(code) < Self::MOST => {
                if known.is_none() {
                    self.groups.push(group.clone());
                }
                Ok(code)
            }
            _ => Err(TooManyGroups { classes, room: Self::MOST - classes }),
        }
    }

    /// The target of a code; `None` if the table does not have it.
    pub fn target(&self, code: u8) -> Option<Target> {
        match code.checked_sub(self.classes) {
            None => Some(Target::Class(code)),
            Some(group) => self.groups.get(usize::from(group)).cloned().map(Target::Group),
        }
    }

    /// Number of classes: the first code of a group.
    pub fn classes(&self) -> usize {
        usize::from(self.classes)
    }

    /// The groups, in the order of their codes: class indices, ascending.
    pub fn groups(&self) -> &[Vec<u8>] {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Parents;
    use alloc::format;
    use alloc::string::String;

    #[test]
    fn groups_are_coded_in_the_order_of_first_need() {
        let six = LabelSet::six();
        let mut targets = Targets::new(&six);
        let mut code = |label| targets.code(&six.target(label).unwrap()).unwrap();
        assert_eq!([code("sitting"), code("still"), code("stairs"), code("still")], [3, 6, 7, 6]);
        assert_eq!(targets.groups(), [[3, 4, 5].as_slice(), &[1, 2]]);
        assert_eq!(targets.target(7), six.target("stairs"));
        assert_eq!(targets.target(5), Some(Target::Class(5)));
        assert_eq!(targets.target(8), None);
        assert_eq!(targets.classes(), 6);
    }

    #[test]
    fn a_table_has_room_for_255_codes() {
        // 150 own classes, each under a parent of its own: 150 groups of one.
        let names: Vec<String> = (0..150).map(|n| format!("own_{n}")).collect();
        let mut parents = Parents::new();
        for n in 0..150 {
            parents.insert(&format!("above_{n}"), "activity").unwrap();
            parents.insert(&names[n], &format!("above_{n}")).unwrap();
        }
        let labels = LabelSet::with_parents(&names, &parents).unwrap();
        let mut targets = Targets::new(&labels);
        for n in 0..105 {
            let target = labels.target(&format!("above_{n}")).unwrap();
            assert_eq!(targets.code(&target), Ok(150 + n));
        }
        let target = labels.target("above_105").unwrap();
        assert_eq!(targets.code(&target), Err(TooManyGroups { classes: 150, room: 105 }));
        assert_eq!(targets.groups().len(), 105);
        assert_eq!(targets.code(&labels.target("above_104").unwrap()), Ok(254));
    }
}
