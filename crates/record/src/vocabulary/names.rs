//! How names are spelt, and which are taken.

use alloc::borrow::ToOwned;
use alloc::string::String;

/// No activity recorded: the null class of a data set. Never a class of a model.
pub const UNLABELLED: &str = "unlabelled";

/// None of the activities that a model knows: its answer, never a label.
pub const UNKNOWN: &str = "unknown";

/// Most characters of a name.
pub const LONGEST_NAME: usize = 64;

/// Spellings that are not the lower case of the name they mean: HAPT and UCI HAR write LAYING.
const OTHER_SPELLINGS: [(&str, &str); 2] = [("laying", "lying"), ("unlabeled", UNLABELLED)];

/// Why something is no name of an activity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing but white space and underscores.
    #[error("the name of an activity is empty")]
    Empty,
    /// More than [`LONGEST_NAME`] characters.
    #[error(
        "the name of an activity has {length} characters, at most {LONGEST_NAME} are allowed: `{beginning}…`"
    )]
    TooLong {
        /// Its first characters.
        beginning: String,
        /// Characters it has.
        length: usize,
    },
    /// A character that is no letter, digit, underscore, hyphen or space.
    #[error(
        "`{}` has {character:?}, which no name of an activity may contain\n\
         hint: letters, digits and underscores, e.g. `walking_upstairs`", name.escape_debug()
    )]
    Character {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
    },
}

/// The one spelling of a name: lower case, words joined by single underscores.
///
/// Spaces and hyphens count as underscores; the old names of HAPT and UCI HAR (`WALKING`, `LAYING`, `SIT_TO_STAND`,
/// …, in any case) become those of the vocabulary. The name need not be in the vocabulary. A name so spelt is left
/// as it is.
///
/// # Errors
/// For what is no name at all: [`NameError`].
pub fn canonical(spelling: &str) -> Result<String, NameError> {
    let mut name = String::with_capacity(spelling.len());
    let mut gap = false;
    for character in spelling.trim().chars() {
        if character.is_alphanumeric() {
            if gap && !name.is_empty() {
                name.push('_');
            }
            gap = false;
            name.extend(character.to_lowercase());
        } else if character == '_' || character == '-' || character.is_whitespace() {
            gap = true;
        } else {
            return Err(NameError::Character {
                name: spelling.chars().take(LONGEST_NAME).collect(),
                character,
            });
        }
    }
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(NameError::TooLong { beginning: name.chars().take(LONGEST_NAME / 2).collect(), length });
    }
    match OTHER_SPELLINGS.iter().find(|(other, _)| *other == name) {
        Some((_, usual)) => Ok((*usual).to_owned()),
        None => Ok(name),
    }
}

/// Whether a name (in its one spelling) is [`UNLABELLED`] or [`UNKNOWN`].
pub fn is_reserved(name: &str) -> bool {
    name == UNLABELLED || name == UNKNOWN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn old_names_are_read_in_any_case() {
        let old = [
            ("WALKING", "walking"),
            ("WALKING_UPSTAIRS", "walking_upstairs"),
            ("WALKING_DOWNSTAIRS", "walking_downstairs"),
            ("SITTING", "sitting"),
            ("STANDING", "standing"),
            ("LAYING", "lying"),
            ("STAND_TO_SIT", "stand_to_sit"),
            ("SIT_TO_STAND", "sit_to_stand"),
            ("SIT_TO_LIE", "sit_to_lie"),
            ("LIE_TO_SIT", "lie_to_sit"),
            ("STAND_TO_LIE", "stand_to_lie"),
            ("LIE_TO_STAND", "lie_to_stand"),
        ];
        for (old, new) in old {
            assert_eq!(canonical(old).unwrap(), new);
            assert_eq!(canonical(&old.to_lowercase()).unwrap(), new);
            assert!(vocabulary::lookup(new).is_some(), "{new}");
        }
        assert_eq!(canonical("Laying").unwrap(), "lying");
        assert!(is_reserved(&canonical("UNLABELLED").unwrap()));
    }

    #[test]
    fn words_are_joined_by_single_underscores() {
        assert_eq!(canonical(" Talk-stand \n").unwrap(), "talk_stand");
        assert_eq!(canonical("__walking   UPSTAIRS_").unwrap(), "walking_upstairs");
        assert_eq!(canonical("Führen 2").unwrap(), "führen_2");
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        assert_eq!(canonical(" _ "), Err(NameError::Empty));
        let error = canonical("a\u{7}b").unwrap_err().to_string();
        assert!(error.contains("`a\\u{7}b` has '\\u{7}'"), "{error}");
        assert!(canonical("a,b").is_err());
        assert!(canonical(&"x".repeat(64)).is_ok());
        assert!(matches!(canonical(&"x".repeat(65)), Err(NameError::TooLong { length: 65, .. })));
    }

    proptest! {
        #[test]
        fn a_name_so_spelt_is_left_as_it_is(spelling in "\\PC{0,40}") {
            if let Ok(name) = canonical(&spelling) {
                prop_assert_eq!(canonical(&name), Ok(name));
            }
        }
    }
}
