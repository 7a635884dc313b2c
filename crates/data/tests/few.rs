//! Few of the training people, or of their windows.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{Dataset, Partition, Training, with_test_subjects};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::{Channel, Preprocessing};
use common::{dataset, swaying};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

/// Six people who walk and lie, two of whom also stand, and a seventh to test on.
fn people() -> Dataset {
    let codes = |person: u16| {
        let stands = if person.is_multiple_of(3) { 120 } else { 0 };
        [vec![1; 150], vec![6; 200], vec![5; stands]].concat()
    };
    dataset((1..=8).map(|person| swaying(person, person, codes(person))).collect())
}

fn training(data: &Dataset) -> Partition<Training> {
    let p = Preprocessing {
        window: 20,
        step: 10,
        channels: Channel::INERTIAL.to_vec(),
        ..Preprocessing::default()
    };
    let labels = LabelSet::new(["walking", "standing", "lying"]).unwrap();
    let test = BTreeSet::from([PersonId::from(7)]);
    let (development, _) = with_test_subjects(data, &test).unwrap().into_parts();
    let (training, _) = development.hold_out_validation(1, 4).unwrap();
    training.cut(data, &p, &labels).unwrap()
}

#[test]
fn drawn_people_are_training_people_who_have_every_class_between_them() {
    let data = people();
    let all = training(&data);
    let mut reached = BTreeSet::new();
    for seed in 0..30 {
        let few = training(&data).few_people(2, seed).unwrap();
        assert_eq!(few.subjects().len(), 2);
        assert!(few.subjects().is_subset(all.subjects()));
        assert_eq!(few.windows().subjects(), *few.subjects());
        assert!(few.windows().class_counts(3).iter().all(|&n| n > 0), "{:?}", few.subjects());
        assert_eq!(few.subjects(), training(&data).few_people(2, seed).unwrap().subjects());
        reached.extend(few.subjects().clone());
    }
    assert_eq!(reached, *all.subjects(), "draws reach everyone");
    let everyone = training(&data).few_people(all.subjects().len(), 1).unwrap();
    assert_eq!(everyone.windows(), all.windows());
    for wrong in [0, all.subjects().len() + 1] {
        let message = training(&data).few_people(wrong, 1).unwrap_err().to_string();
        assert!(message.contains("no") && message.contains("training people"), "{message}");
    }
}

#[test]
fn drawn_windows_are_so_many_of_each_class_of_as_many_people_as_there_are() {
    let data = people();
    let all = training(&data);
    for (count, people) in [(1, 1), (3, 3), (8, 6)] {
        let few = training(&data).few_windows(NonZeroUsize::new(count).unwrap(), 9);
        let windows = few.windows();
        assert_eq!(windows.class_counts(3), [count; 3]);
        let mut walkers: BTreeMap<&PersonId, usize> = BTreeMap::new();
        for i in (0..windows.len()).filter(|&i| windows.labels[i] == 0) {
            *walkers.entry(&windows.origins[i].person).or_default() += 1;
        }
        assert_eq!(walkers.len(), people.min(all.subjects().len()));
        assert!(walkers.values().all(|&n| n <= count.div_ceil(walkers.len())), "{walkers:?}");
        // Nothing but the windows themselves: a shift would see more of the signal.
        assert!(windows.places.iter().all(|place| place.starts == (place.start..place.start + 1)));
        assert_eq!(few.subjects(), &windows.subjects());
    }
    let draw = |seed| training(&data).few_windows(NonZeroUsize::new(2).unwrap(), seed).windows().clone();
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3).origins, draw(4).origins);
    // More than there are is all of them, each once.
    let most = training(&data).few_windows(NonZeroUsize::new(10_000).unwrap(), 1);
    assert_eq!(most.windows().class_counts(3), all.windows().class_counts(3));
}
