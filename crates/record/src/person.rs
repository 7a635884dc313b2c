//! The people of a data set.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

/// Who wore the device, as the data set calls them: `7`, `SA03`, `subject_12`.
///
/// Equal names mean the same person only within one cohort. Cheap to clone. Ordered as people count: runs of digits
/// compare as numbers (`2` before `10`, `S9` before `S10`), everything else by character. Written as a string; a whole
/// number is read as well, as older files have them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonId(Arc<str>);

/// Why something is no name of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonIdError {
    /// Nothing, or nothing but white space.
    #[error("the name of a person is empty")]
    Empty,
    /// White space before or after, which nobody would see.
    #[error("the name of a person begins or ends with white space: {name:?}")]
    Surrounded {
        /// The name.
        name: String,
    },
    /// A control character, a line break for example.
    #[error("the name of a person has the control character {character:?}: {name:?}")]
    Control {
        /// The name.
        name: String,
        /// The first control character.
        character: char,
    },
}

impl PersonId {
    /// A person by name.
    ///
    /// # Errors
    /// For names that are empty, begin or end with white space, or contain control characters: [`PersonIdError`].
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, PersonIdError> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(PersonIdError::Empty);
        }
        if let Some(character) = name.chars().find(|c| c.is_control()) {
            return Err(PersonIdError::Control { name: name.to_string(), character });
        }
        if name.trim() != &*name {
            return Err(PersonIdError::Surrounded { name: name.to_string() });
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `2, 4, 9`: how messages name several people.
    pub fn list<'a>(people: impl IntoIterator<Item = &'a Self>) -> String {
        let mut text = String::new();
        for (index, person) in people.into_iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            text.push_str(person.as_str());
        }
        text
    }
}

impl Ord for PersonId {
    fn cmp(&self, other: &Self) -> Ordering {
        // `01` and `1` count as the same number, but are not the same name.
        natural(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for PersonId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares piece by piece, where a piece is a run of ASCII digits or one other character.
fn natural(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (digits_a, digits_b) = (digits(a), digits(b));
        if digits_a > 0 && digits_b > 0 {
            let (number_a, number_b) =
                (a[..digits_a].trim_start_matches('0'), b[..digits_b].trim_start_matches('0'));
            // Without leading zeros the longer number is the larger.
            let order = number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (&a[digits_a..], &b[digits_b..]);
            continue;
        }
        let (mut rest_a, mut rest_b) = (a.chars(), b.chars());
        // Every number stands where its digits would: all of them between the same two other characters.
        match rest_a.next().cmp(&rest_b.next()) {
            Ordering::Equal if a.is_empty() => return Ordering::Equal,
            Ordering::Equal => (a, b) = (rest_a.as_str(), rest_b.as_str()),
            order => return order,
        }
    }
}

/// Length of the run of ASCII digits at the start.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for PersonId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<u16> for PersonId {
    fn from(number: u16) -> Self {
        Self(number.to_string().into())
    }
}

impl TryFrom<&str> for PersonId {
    type Error = PersonIdError;
    fn try_from(name: &str) -> Result<Self, PersonIdError> {
        Self::new(name)
    }
}

impl TryFrom<String> for PersonId {
    type Error = PersonIdError;
    fn try_from(name: String) -> Result<Self, PersonIdError> {
        Self::new(name)
    }
}

impl FromStr for PersonId {
    type Err = PersonIdError;
    fn from_str(name: &str) -> Result<Self, PersonIdError> {
        Self::new(name)
    }
}

impl Serialize for PersonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrNumber)
    }
}

struct NameOrNumber;

impl Visitor<'_> for NameOrNumber {
    type Value = PersonId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or number of a person")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<PersonId, E> {
        PersonId::new(name).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<PersonId, E> {
        PersonId::new(number.to_string()).map_err(E::custom)
    }

    // TOML has signed numbers only.
    fn visit_i64<E: Error>(self, number: i64) -> Result<PersonId, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(number), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    #[test]
    fn people_are_ordered_as_they_count() {
        let mut people: Vec<PersonId> =
            ["10", "S10", "2", "S9b", "S9", "1", "01", "S09a", "A", "S", "2x"].map(person).to_vec();
        people.sort();
        assert_eq!(PersonId::list(&people), "01, 1, 2, 2x, 10, A, S, S9, S09a, S9b, S10");
        assert!(person("007") < person("7"));
        assert!(person("18446744073709551616") > person("18446744073709551615"));
    }

    #[test]
    fn names_nobody_could_read_are_refused() {
        assert_eq!(PersonId::new(""), Err(PersonIdError::Empty));
        assert_eq!(PersonId::new(" \t"), Err(PersonIdError::Empty));
        assert_eq!(person("Zoë 2").to_string(), "Zoë 2");
        assert!(matches!(PersonId::new("a\nb"), Err(PersonIdError::Control { character: '\n', .. })));
        assert!(matches!(PersonId::new("a "), Err(PersonIdError::Surrounded { .. })));
        assert_eq!(alloc::format!("{:>4}|{:<4}|", PersonId::from(7), person("ab")), "   7|ab  |");
    }

    #[test]
    fn numbers_of_older_files_are_read_and_strings_are_written() {
        let people: Vec<PersonId> = serde_json::from_str(r#"[7, "7", "SA03"]"#).unwrap();
        assert_eq!(people, [PersonId::from(7), PersonId::from(7), person("SA03")]);
        assert_eq!(serde_json::to_string(&people).unwrap(), r#"["7","7","SA03"]"#);
        for bad in ["-1", "1.5", "null", "\"\"", "[1]"] {
            assert!(serde_json::from_str::<PersonId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_are_keys_of_a_json_map() {
        let map: BTreeMap<PersonId, u8> = serde_json::from_str(r#"{"10": 1, "9": 2}"#).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"9":2,"10":1}"#);
    }

    proptest! {
        #[test]
        fn plain_numbers_are_ordered_as_numbers(a: u64, b: u64) {
            let order = person(&a.to_string()).cmp(&person(&b.to_string()));
            prop_assert_eq!(order, a.cmp(&b));
        }

        #[test]
        fn the_order_is_total_and_agrees_with_equality(
            a in "[a0-2/é]{1,6}", b in "[a0-2/é]{1,6}", c in "[a0-2/é]{1,6}",
        ) {
            let mut people = [person(&a), person(&b), person(&c)];
            let [a, b, c] = &people;
            prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
            prop_assert_eq!(a.cmp(b).is_eq(), a == b);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
            people.sort();
            prop_assert!(people.is_sorted());
        }
    }
}
