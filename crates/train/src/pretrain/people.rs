//! Whose recordings are learned from.

use crate::TrainError;
use ambulo_data::{DataError, Dataset};
use ambulo_nn::Random;
use ambulo_record::PersonId;
use std::collections::BTreeSet;

/// Stream of the draw of those who are held out.
const DRAW: u64 = 1 << 41;
/// One of so many people is held out.
const HELD_OUT: usize = 10;
/// With fewer nobody is.
const FEWEST: usize = 3;

/// Who may be learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PretrainPeople {
    /// Only these; everyone where nobody is named.
    pub only: Option<BTreeSet<PersonId>>,
    /// Not these.
    pub without: BTreeSet<PersonId>,
    /// Also the test people that data sets name.
    pub test_people: bool,
}

/// People on two sides, and who was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Divided {
    pub(super) training: BTreeSet<PersonId>,
    /// Whose windows tell how well what is asked is answered; nothing is learned from them.
    pub(super) validation: BTreeSet<PersonId>,
    /// Test people as published.
    pub(super) test: BTreeSet<PersonId>,
}

impl PretrainPeople {
    /// Everyone who may be learned from, and the test people left out.
    pub(super) fn chosen(
        &self,
        dataset: &Dataset,
    ) -> Result<(BTreeSet<PersonId>, BTreeSet<PersonId>), TrainError> {
        let known = dataset.subjects();
        let named = self.only.iter().flatten().chain(&self.without);
        let unknown: Vec<&PersonId> = named.filter(|person| !known.contains(*person)).collect();
        if !unknown.is_empty() {
            return Err(TrainError::Data(DataError::UnknownSubjects {
                dataset: dataset.info.name.clone(),
                unknown: PersonId::list(unknown),
                known: PersonId::list(&known),
            }));
        }
        let published = dataset.published_test.clone().unwrap_or_default();
        let test = if self.test_people { BTreeSet::new() } else { published };
        if let Some(only) = &self.only {
            let asked: Vec<&PersonId> = only.intersection(&test).collect();
            if !asked.is_empty() {
                return Err(TrainError::TestPeople {
                    dataset: dataset.info.name.clone(),
                    people: PersonId::list(asked),
                });
            }
        }
        let mut people = self.only.clone().unwrap_or(known);
        people.retain(|person| !self.without.contains(person) && !test.contains(person));
        Ok((people, test))
    }
}

/// Holds a tenth of the people out, at least one of three; nobody of fewer.
pub(super) fn hold_out(people: BTreeSet<PersonId>, test: BTreeSet<PersonId>, seed: u64) -> Divided {
    let mut order: Vec<PersonId> = people.into_iter().collect();
    let held = if order.len() < FEWEST { 0 } else { (order.len() / HELD_OUT).max(1) };
    Random::new(seed, DRAW).shuffle(&mut order);
    let training = order.split_off(held).into_iter().collect();
    Divided { training, validation: order.into_iter().collect(), test }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(n: u16) -> BTreeSet<PersonId> {
        (1..=n).map(PersonId::from).collect()
    }

    #[test]
    fn a_tenth_of_the_people_is_held_out_and_nobody_is_on_both_sides() {
        for (n, held) in [(1, 0), (2, 0), (3, 1), (21, 2), (68, 6)] {
            let divided = hold_out(people(n), BTreeSet::new(), 1);
            assert_eq!(divided.validation.len(), held);
            assert!(divided.training.is_disjoint(&divided.validation));
            assert_eq!(divided.training.len() + held, usize::from(n));
            assert_eq!(divided, hold_out(people(n), BTreeSet::new(), 1));
        }
    }

    #[test]
    fn test_people_are_left_out_unless_somebody_says_otherwise() {
        let hapt = ambulo_data::hapt().unwrap();
        let set = |list: &[u16]| list.iter().copied().map(PersonId::from).collect::<BTreeSet<_>>();
        let (people, test) = PretrainPeople::default().chosen(&hapt).unwrap();
        assert_eq!((people.len(), test.len()), (21, 9));
        assert!(people.is_disjoint(&test));
        let all = PretrainPeople { test_people: true, ..PretrainPeople::default() };
        assert_eq!(all.chosen(&hapt).unwrap().0.len(), 30);
        let some =
            PretrainPeople { only: Some(set(&[1, 3])), without: set(&[3]), ..PretrainPeople::default() };
        assert_eq!(some.chosen(&hapt).unwrap().0, set(&[1]));
        let asked = PretrainPeople { only: Some(set(&[1, 2])), ..PretrainPeople::default() };
        assert!(matches!(asked.chosen(&hapt), Err(TrainError::TestPeople { .. })));
        let nobody = PretrainPeople { without: set(&[77]), ..PretrainPeople::default() };
        assert!(matches!(nobody.chosen(&hapt), Err(TrainError::Data(DataError::UnknownSubjects { .. }))));
    }
}
