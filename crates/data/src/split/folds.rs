//! Protocols that test on everyone, some at a time.

use super::subjects::{has_official_people, set_aside, shuffle};
use super::{ChosenBy, Protocol, Split};
use crate::{Content, DataError, Dataset, Facts, Part};
use ambulo_record::PersonId;
use std::collections::{BTreeMap, BTreeSet};

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

/// Seed of the draw of groups; the same for every data set and ever since.
const DRAW: u64 = 10;

/// The split of one fold of `groupsN`: [`Protocol::split`].
pub(super) fn groups(dataset: &Dataset, count: u16, fold: usize) -> Result<Split, DataError> {
    let protocol = Protocol::Groups(count);
    let people = dataset.subjects();
    if people.len() < usize::from(count) {
        let reason = format!("it has {} people\nhint: fewer groups, or loso", people.len());
        return Err(DataError::ProtocolUnfit { protocol, dataset: dataset.info.name.clone(), reason });
    }
    let index = fold.checked_sub(1).filter(|&index| index < usize::from(count));
    let index = index.ok_or(DataError::NoFold { protocol, folds: usize::from(count), found: fold })?;
    let test = if protocol == Protocol::GROUPS10 && has_official_people(dataset, &people) {
        GROUPS10[index].iter().map(|&number| PersonId::from(number)).collect()
    } else {
        dealt(dataset).into_iter().skip(index).step_by(usize::from(count)).collect()
    };
    set_aside(dataset, &test, ChosenBy::Protocol(protocol))
}

/// Everyone, shuffled within strata (people of one data set and one group of people), one stratum after the other: dealt out
/// in this order, every hand has its share of each stratum.
fn dealt(dataset: &Dataset) -> Vec<PersonId> {
    let mut strata: BTreeMap<(String, String), BTreeSet<PersonId>> = BTreeMap::new();
    let mut add = |person: &PersonId, facts: &Facts| {
        let group = facts.group.as_deref().unwrap_or_default().to_owned();
        let stratum = strata.entry((dataset.origin_of(person).to_owned(), group)).or_default();
        stratum.insert(person.clone());
    };
    match &dataset.content {
        Content::Recordings(recordings) => recordings.iter().for_each(|r| add(&r.person, &r.facts)),
        Content::Windows(windows) => windows.people.iter().for_each(|person| add(person, &windows.facts)),
    }
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for people in strata.into_values() {
        // Whoever is in two groups counts with the first.
        let mut people: Vec<PersonId> = people.into_iter().filter(|p| seen.insert(p.clone())).collect();
        shuffle(&mut people, DRAW);
        order.extend(people);
    }
    order
}

/// The data sets that can be left out, by what the names of their people begin with, in the order they were joined.
pub(super) fn prefixes(dataset: &Dataset) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for part in &dataset.parts {
        if !all.contains(&part.prefix.as_str()) {
            all.push(&part.prefix);
        }
    }
    all
}

/// The split of one fold of leave-one-dataset-out: [`Protocol::split`].
pub(super) fn leave_one_dataset_out(dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
    const PROTOCOL: Protocol = Protocol::LeaveOneDatasetOut;
    let all = prefixes(dataset);
    if all.len() < 2 {
        return Err(DataError::ProtocolUnfit {
            protocol: PROTOCOL,
            dataset: dataset.info.name.clone(),
            reason: "it needs data sets of at least two cohorts\nhint: name several data sets".to_owned(),
        });
    }
    let left_out = fold.checked_sub(1).and_then(|i| all.get(i));
    let left_out =
        *left_out.ok_or(DataError::NoFold { protocol: PROTOCOL, folds: all.len(), found: fold })?;
    let people = dataset.subjects().into_iter().filter(|p| dataset.origin_of(p) == left_out).collect();
    set_aside(dataset, &people, ChosenBy::Protocol(PROTOCOL))
}

/// Tests on everyone in some of several data sets that were joined, and develops on the others: to train on some and test on
/// others.
///
/// # Errors
/// [`DataError::UnknownDataset`] for a name that is none of theirs; [`DataError::Incompatible`] where one of the others has the
/// same people; [`DataError::SplitSize`] unless somebody is on either side.
pub fn with_test_sets(dataset: &Dataset, names: &[String]) -> Result<Split, DataError> {
    let known = || dataset.parts.iter().map(|part| part.info.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut tested = BTreeSet::new();
    for name in names {
        let part = dataset.parts.iter().find(|part| part.info.name == *name);
        let part = part.ok_or_else(|| DataError::UnknownDataset { name: name.clone(), known: known() })?;
        tested.insert(part.prefix.as_str());
    }
    let same_people =
        |part: &&Part| tested.contains(part.prefix.as_str()) && !names.contains(&part.info.name);
    if let Some(other) = dataset.parts.iter().find(same_people) {
        let reason = format!("{} has the same people as a data set that is tested on", other.info.name);
        return Err(DataError::Incompatible { reason });
    }
    let people = dataset.subjects().into_iter().filter(|p| tested.contains(dataset.origin_of(p))).collect();
    set_aside(dataset, &people, ChosenBy::DataSets)
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
