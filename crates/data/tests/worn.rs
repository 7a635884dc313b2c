//! Devices worn at one place to learn from, at another to be tested on.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{DataError, Dataset, Facts, LabelledRecording, Split, with_test_subjects};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::{Channel, Preprocessing};
use common::{dataset, swaying};
use std::collections::BTreeSet;
use std::sync::Arc;

fn worn(person: u16, experiment: u16, place: &str) -> LabelledRecording {
    let mut one = swaying(person, experiment, [vec![1; 150], vec![6; 200]].concat());
    one.facts = Arc::new(Facts { placement: Some(place.into()), ..(*one.facts).clone() });
    one
}

/// Six people with a phone in the pocket, of whom all but the first two also wear a watch; person 7 wears a watch alone.
fn people() -> Dataset {
    let phones = (1..=6).map(|person| worn(person, person, "pocket"));
    let watches = (3..=7).map(|person| worn(person, 10 + person, "wrist"));
    dataset(phones.chain(watches).collect())
}

fn ids(people: &[u16]) -> BTreeSet<PersonId> {
    people.iter().map(|&person| PersonId::from(person)).collect()
}

fn split(data: &Dataset, test: &[u16]) -> Split {
    with_test_subjects(data, &ids(test)).unwrap()
}

#[test]
fn people_are_those_who_wore_it_there_and_windows_those_of_that_place() {
    let data = people();
    let p = Preprocessing {
        window: 20,
        step: 10,
        channels: Channel::INERTIAL.to_vec(),
        ..Preprocessing::default()
    };
    let labels = LabelSet::new(["walking", "lying"]).unwrap();
    let (pocket, wrist) = (["pocket".to_owned()], ["wrist".to_owned()]);
    let (development, test) = split(&data, &[1, 3, 4]).worn_at(&data, &pocket, &wrist).unwrap().into_parts();
    assert_eq!(*development.ids(), ids(&[2, 5, 6]), "7 has no phone to learn from");
    assert_eq!(*test.ids(), ids(&[3, 4]), "1 has no watch to be tested");
    let (training, validation) = development.hold_out_validation(1, 1).unwrap();
    let all = training.cut(&data, &p, &labels).unwrap();
    let count = all.len();
    let training = all.worn_at(&pocket).unwrap();
    assert!(
        training.len() < count && training.windows().origins.iter().all(|o| o.facts.worn_at() == "pocket")
    );
    assert_eq!(*training.subjects(), training.windows().subjects());
    assert!(validation.cut(&data, &p, &labels).unwrap().worn_at(&pocket).is_ok());
    let windows =
        test.cut(&data, &p, &labels).unwrap().worn_at(&wrist).unwrap().open(&mut Vec::new()).unwrap();
    assert!(!windows.is_empty() && windows.origins.iter().all(|o| o.facts.worn_at() == "wrist"));
    let anywhere = split(&data, &[1, 3]).worn_at(&data, &[], &[]).unwrap();
    assert_eq!(anywhere.development().ids().len(), 5);
}

#[test]
fn where_nobody_is_left_it_is_said() {
    let data = people();
    let (pocket, wrist) = (["pocket".to_owned()], ["wrist".to_owned()]);
    let error = split(&data, &[1, 2]).worn_at(&data, &pocket, &wrist).unwrap_err();
    assert!(matches!(error, DataError::NotWorn { what: "to test", .. }), "{error}");
    let error = split(&data, &[3, 4, 5, 6]).worn_at(&data, &["ankle".into()], &[]).unwrap_err();
    assert!(error.to_string().contains("to develop on") && error.to_string().contains("ankle"), "{error}");
}
