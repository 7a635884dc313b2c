//! Several data sets as one: people, cohorts, protocols.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{Content, DataError, Dataset, Facts, LabelledRecording, Protocol, Split, with_test_sets};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::Parents;
use common::{dataset, swaying};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A data set of these people, the elder in a group of their own.
fn of(name: &str, cohort: &str, people: &[u16]) -> Dataset {
    let facts = |person: u16| {
        let group = if person > 100 { "elder" } else { "younger" };
        let placement = Some(if person.is_multiple_of(2) { "waist" } else { "pocket" }.into());
        Arc::new(Facts { dataset: name.into(), placement, group: Some(group.into()), ..Facts::default() })
    };
    let recording = |&person: &u16| LabelledRecording {
        facts: facts(person),
        ..swaying(person, person, [vec![1; 200 + usize::from(person)], vec![4; 150]].concat())
    };
    let mut all = dataset(people.iter().map(recording).collect());
    (all.info.name, all.info.cohort, all.published_test) = (name.into(), cohort.into(), None);
    all
}

fn ids<const N: usize>(names: [&str; N]) -> BTreeSet<PersonId> {
    names.map(|name| PersonId::new(name).unwrap()).into()
}

fn test_of(split: Split) -> BTreeSet<PersonId> {
    split.into_parts().1.ids().clone()
}

#[test]
fn people_are_named_after_their_cohort_so_that_nobody_is_on_both_sides() {
    let (a, b, c) = (of("a", "one", &[1, 2]), of("b", "two", &[1, 3]), of("c", "one", &[2, 5]));
    let all = Dataset::join(vec![a, b, c]).unwrap();
    assert_eq!(all.subjects(), ids(["a/1", "a/2", "a/5", "b/1", "b/3"]));
    let Content::Recordings(recordings) = &all.content else { panic!("windows") };
    let of_two: Vec<&str> =
        recordings.iter().filter(|r| r.person.as_str() == "a/2").map(|r| r.name.as_str()).collect();
    assert_eq!(of_two, ["a/2", "c/2"]);
    assert_eq!((all.info.name.as_str(), all.info.people), ("a+b+c", 5));
    assert_eq!(all.parts.iter().map(|part| part.prefix.as_str()).collect::<Vec<_>>(), ["a", "b", "a"]);
    // Leaving out either data set of the cohort leaves out both.
    let left_out = |fold| test_of(Protocol::LeaveOneDatasetOut.split(&all, fold).unwrap());
    assert_eq!(Protocol::LeaveOneDatasetOut.folds(&all), 2);
    assert_eq!(left_out(1), ids(["a/1", "a/2", "a/5"]));
    assert_eq!(left_out(2), ids(["b/1", "b/3"]));
    assert_eq!(test_of(with_test_sets(&all, &["b".into()]).unwrap()), ids(["b/1", "b/3"]));
    let same = with_test_sets(&all, &["c".into()]).unwrap_err().to_string();
    assert!(same.contains("a has the same people"), "{same}");
    let unknown = with_test_sets(&all, &["d".into()]).unwrap_err().to_string();
    assert!(unknown.contains('d') && unknown.contains("a, b, c"), "{unknown}");
}

#[test]
fn one_alone_stays_as_it_is_and_what_cannot_be_joined_is_refused() {
    let a = of("a", "one", &[1, 2]);
    assert_eq!(Dataset::join(vec![a.clone()]).unwrap(), a);
    assert!(Dataset::join(Vec::new()).is_err());
    let twice = Dataset::join(vec![a.clone(), a.clone()]).unwrap_err().to_string();
    assert!(twice.contains("`a` is named twice"), "{twice}");
    let placed = |name: &str, parent: &str| {
        let mut parents = Parents::new();
        parents.insert("skipping", parent).unwrap();
        Dataset { parents, ..of(name, name, &[1]) }
    };
    let contradiction =
        Dataset::join(vec![placed("a", "running"), placed("b", "jumping")]).unwrap_err().to_string();
    assert!(contradiction.contains("`skipping` is a kind of `running`"), "{contradiction}");
    assert!(Protocol::LeaveOneDatasetOut.split(&a, 1).is_err());
}

#[test]
fn the_content_of_each_is_in_the_hash_of_all() {
    let join = |people: &[u16]| Dataset::join(vec![of("a", "one", people), of("b", "two", &[7])]).unwrap();
    assert_eq!(join(&[1, 2]).sha256, join(&[1, 2]).sha256);
    assert_ne!(join(&[1, 2]).sha256, join(&[1, 3]).sha256);
}

#[test]
fn groups_hold_their_share_of_every_data_set_and_group_of_people() {
    let young: Vec<u16> = (1..=9).collect();
    let old: Vec<u16> = (101..=106).collect();
    let all =
        Dataset::join(vec![of("a", "one", &[young, old].concat()), of("b", "two", &[1, 2, 3])]).unwrap();
    let mut tested = BTreeSet::new();
    for fold in 1..=3 {
        let test = test_of(Protocol::Groups(3).split(&all, fold).unwrap());
        let count = |from: &str, elder: bool| {
            let is_elder = |p: &&PersonId| p.as_str().len() == "a/101".len();
            test.iter().filter(|p| p.as_str().starts_with(from)).filter(|p| is_elder(p) == elder).count()
        };
        assert_eq!((count("a/", false), count("a/", true), count("b/", false)), (3, 2, 1), "{test:?}");
        assert_eq!(test, test_of(Protocol::Groups(3).split(&all, fold).unwrap()));
        assert!(tested.is_disjoint(&test));
        tested.extend(test);
    }
    assert_eq!(tested, all.subjects());
    assert!(matches!(Protocol::Groups(3).split(&all, 4), Err(DataError::NoFold { folds: 3, .. })));
}

#[test]
fn people_to_choose_on_come_from_every_data_set() {
    let (a, b) = (of("a", "one", &[1, 2, 3, 4, 5, 6, 7, 8]), of("b", "two", &[1, 2, 3, 4, 9, 10]));
    let all = Dataset::join(vec![a, b]).unwrap();
    let (development, _) = Protocol::Groups(7).split(&all, 1).unwrap().into_parts();
    let mut seen = BTreeSet::new();
    for group in 0..3 {
        let (training, validation) = development.hold_out_group(4, 1, group).unwrap();
        let of_b = validation.ids().iter().filter(|p| p.as_str().starts_with("b/")).count();
        assert!((1..=3).contains(&of_b), "{:?}", validation.ids());
        assert!(training.ids().is_disjoint(validation.ids()) && seen.is_disjoint(validation.ids()));
        seen.extend(validation.ids().iter().cloned());
    }
    assert_eq!(seen, *development.ids());
}

#[test]
fn published_test_people_are_tested_on_and_everyone_else_is_for_development() {
    let mut a = of("a", "one", &[1, 2, 3]);
    a.published_test = Some(BTreeSet::from([PersonId::from(2)]));
    assert_eq!(test_of(Protocol::Published.split(&a, 1).unwrap()), ids(["2"]));
    let all = Dataset::join(vec![a, of("b", "two", &[1, 2])]).unwrap();
    let (development, test) = Protocol::Published.split(&all, 1).unwrap().into_parts();
    assert_eq!((test.ids(), development.ids()), (&ids(["a/2"]), &ids(["a/1", "a/3", "b/1", "b/2"])));
    let none = Protocol::Published.split(&of("b", "two", &[1, 2]), 1).unwrap_err().to_string();
    assert!(none.contains("names no test people"), "{none}");
}

#[test]
fn placements_are_chosen_by_name() {
    let mut all = of("a", "one", &[1, 2, 3, 4]);
    let unknown = all.keep_placements(&["wrist".into()]).unwrap_err().to_string();
    assert!(unknown.contains("`wrist`; it has: pocket, waist"), "{unknown}");
    all.keep_placements(&["waist".into()]).unwrap();
    assert_eq!(all.subjects(), ids(["2", "4"]));
}
