//! Protocols that test on everyone, some at a time.

use super::subjects::{has_official_people, set_aside};
use super::{ChosenBy, Protocol, Split};
use crate::{DataError, Dataset};
use ambulo_record::PersonId;
use std::collections::BTreeSet;

/// Ten groups of three of the people of UCI HAR and HAPT, drawn once (a shuffle of 1 to 30 by Python 3's
/// `random.Random(10)`, cut into threes) and fixed since.
pub const GROUPS10: [[u16; 3]; 10] = [
    [8, 18, 23],
    [5, 10, 21],
    [3, 13, 28],
    [20, 24, 25],
    [4, 12, 26],
    [11, 17, 22],
    [6, 9, 29],
    [7, 15, 27],
    [1, 16, 30],
    [2, 14, 19],
];

/// The split of one fold of `groups10`: [`Protocol::split`].
pub(super) fn groups10(dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
    const PROTOCOL: Protocol = Protocol::Groups10;
    let found = dataset.subjects();
    if !has_official_people(dataset, &found) {
        return Err(DataError::WrongSubjects {
            protocol: PROTOCOL,
            dataset: dataset.info.name.clone(),
            found: PersonId::list(&found),
        });
    }
    let group = fold.checked_sub(1).and_then(|i| GROUPS10.get(i));
    let group = group.ok_or(DataError::NoFold { protocol: PROTOCOL, folds: GROUPS10.len(), found: fold })?;
    set_aside(
        dataset,
        &group.iter().map(|&number| PersonId::from(number)).collect(),
        ChosenBy::Protocol(PROTOCOL),
    )
}

/// The split of one fold of leave-one-subject-out: [`Protocol::split`].
pub(super) fn loso(dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
    const PROTOCOL: Protocol = Protocol::Loso;
    let people: Vec<PersonId> = dataset.subjects().into_iter().collect();
    let one = fold.checked_sub(1).and_then(|i| people.get(i));
    let one = one.ok_or(DataError::NoFold { protocol: PROTOCOL, folds: people.len(), found: fold })?;
    set_aside(dataset, &BTreeSet::from([one.clone()]), ChosenBy::Protocol(PROTOCOL))
}

#[cfg(test)]
mod tests {
    use super::GROUPS10;
    use std::collections::BTreeSet;

    #[test]
    fn every_person_is_in_one_group() {
        let all: BTreeSet<u16> = GROUPS10.into_iter().flatten().collect();
        assert_eq!(all, (1..=30).collect());
    }
}
