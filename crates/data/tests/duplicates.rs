//! Nothing in the bundled recordings occurs twice, and a copy among them is found.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{DataError, LabelledRecording, check_duplicates};
use common::{acceleration, bundled, dataset, intervals, recordings, thirty_people, with_samples};
use std::collections::BTreeSet;

#[test]
fn nothing_in_the_bundled_recordings_occurs_twice() {
    check_duplicates(bundled()).unwrap();
}

/// The bundled recordings with a stretch of 251 samples of the fourth (from sample 5001) in the 59th (from 777).
fn with_a_copy() -> Vec<LabelledRecording> {
    let mut all = recordings(bundled()).to_vec();
    let stretch = acceleration(&all[3])[5_001..5_252].to_vec();
    all[58] = with_samples(&all[58], |acceleration, _| acceleration[777..1_028].copy_from_slice(&stretch));
    all
}

#[test]
fn a_copy_under_two_people_is_refused_with_both_places() {
    let error = check_duplicates(&dataset(with_a_copy())).unwrap_err();
    let DataError::Duplicate { first, second, seconds } = &error else { panic!("{error}") };
    let place = |of: &ambulo_data::Occurrence| (of.person.to_string(), of.recording.clone(), of.start_s);
    assert_eq!(place(first), ("2".into(), "4".into(), 100.02));
    assert_eq!(place(second), ("29".into(), "59".into(), 15.54));
    assert!((seconds - 5.02).abs() < 1e-9);
    let text = error.to_string();
    assert!(text.contains("person 2, recording 4, from 100.02 s"), "{text}");
    assert!(text.contains("person 29, recording 59, from 15.54 s"), "{text}");
}

#[test]
fn a_copy_of_one_person_matters_if_its_labels_differ() {
    let mut all = with_a_copy();
    all[58].person = all[3].person.clone();
    let code = |labels: &[u8]| {
        dataset({
            let mut all = all.clone();
            all[3].labels = intervals(&[vec![0; 5_001], vec![4; 251]].concat());
            all[58].labels = intervals(&[&[0; 777], labels].concat());
            all
        })
    };
    let (same, partly) = (vec![4; 251], [vec![4; 100], vec![0; 151]].concat());
    assert_eq!(check_duplicates(&code(&same)).ok(), Some(()));
    assert_eq!(check_duplicates(&code(&partly)).ok(), Some(()), "what has no label has no other one");
    let differing = [vec![4; 200], vec![5; 51]].concat();
    let text = check_duplicates(&code(&differing)).unwrap_err().to_string();
    assert!(text.contains("(sitting)") && text.contains("(standing)"), "{text}");
}

#[test]
fn made_up_people_who_all_move_alike_are_copies() {
    let all = thirty_people();
    let found = all.duplicates().unwrap();
    let again: BTreeSet<_> = found.iter().map(|copy| copy.second.person.clone()).collect();
    assert_eq!(again.len(), 29);
    assert!(found.iter().all(|copy| copy.first.person != copy.second.person));
    check_duplicates(&dataset(vec![recordings(&all)[4].clone()])).unwrap();
}
