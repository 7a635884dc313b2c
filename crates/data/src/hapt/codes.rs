//! The activity numbers of HAPT's files, in the words of the common vocabulary.

use std::sync::Arc;

/// The activities 1 to 12: six of UCI HAR, then six changes of posture. 0 is what carries no label.
const ACTIVITIES: [&str; 12] = [
    "walking",
    "walking_upstairs",
    "walking_downstairs",
    "sitting",
    "standing",
    "lying",
    "stand_to_sit",
    "sit_to_stand",
    "sit_to_lie",
    "lie_to_sit",
    "stand_to_lie",
    "lie_to_stand",
];

/// The number of what carries no label.
pub(super) const UNLABELLED: u8 = 0;

/// The number that stands for labels the files cannot hold.
const FOREIGN: u8 = u8::MAX;

/// The greatest number.
pub(super) const LAST: u8 = ACTIVITIES.len() as u8;

/// Names of all activities, in the order of their numbers.
#[cfg(test)]
pub(crate) fn activities() -> Vec<String> {
    ACTIVITIES.map(str::to_owned).to_vec()
}

/// Name of an activity; none for 0 and above [`LAST`].
pub(super) fn name(code: u8) -> Option<&'static str> {
    ACTIVITIES.get(usize::from(code.checked_sub(1)?)).copied()
}

/// Number of a label.
pub(super) fn code(label: Option<&Arc<str>>) -> u8 {
    let Some(label) = label else { return UNLABELLED };
    (1..=LAST).find(|&code| name(code) == Some(label)).unwrap_or(FOREIGN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::vocabulary;

    #[test]
    fn numbers_are_those_of_the_published_label_file() {
        assert_eq!((name(0), name(1), name(6)), (None, Some("walking"), Some("lying")));
        assert_eq!((name(12), name(13)), (Some("lie_to_stand"), None));
        for number in 1..=LAST {
            let name = name(number).unwrap();
            assert_eq!(code(Some(&name.into())), number);
            assert!(vocabulary::lookup(name).is_some(), "{name}");
        }
        assert_eq!((code(None), code(Some(&"running".into()))), (UNLABELLED, FOREIGN));
    }
}
