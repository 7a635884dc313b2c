//! No person is on two sides, draws repeat, and test windows come out only through the log.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{
    ChosenBy, DataError, Dataset, EvaluationEntry, EvaluationLog, OFFICIAL_TEST_SUBJECTS, Protocol, Split,
    subjects_for_evaluation, subjects_trained_on, with_test_subjects,
};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::Preprocessing;
use common::{bundled, dataset, swaying, thirty_people};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn official(dataset: &Dataset) -> Result<Split, DataError> {
    Protocol::Official.split(dataset, 1)
}

fn ids(numbers: impl IntoIterator<Item = u16>) -> BTreeSet<PersonId> {
    numbers.into_iter().map(PersonId::from).collect()
}

#[test]
fn the_official_protocol_keeps_the_published_test_subjects_out() {
    let split = official(bundled()).unwrap();
    assert_eq!(split.development().ids().len(), 21);
    let (development, test) = split.into_parts();
    assert_eq!(*test.ids(), ids([2, 4, 9, 10, 12, 13, 18, 20, 24]));
    assert!(development.ids().is_disjoint(test.ids()));
    assert_eq!(test.chosen_by(), ChosenBy::Protocol(Protocol::Official));
}

#[test]
fn the_official_protocol_needs_all_its_people() {
    assert!(matches!(Protocol::Official.split(bundled(), 2), Err(DataError::NoFold { folds: 1, .. })));
    let fewer = dataset((1..=29).map(|s| swaying(s, s, vec![4; 60])).collect());
    let message = official(&fewer).unwrap_err().to_string();
    assert!(message.contains("subjects 1 to 30") && message.contains("complete data set"), "{message}");
}

proptest! {
    #[test]
    fn validation_is_drawn_out_of_development_and_disjoint_from_everything(
        people in 3u16..40, test in prop::collection::btree_set(1u16..40, 1..10), count in 1usize..30, seed: u64
    ) {
        let all = dataset((1..=people).map(|s| swaying(s, s, vec![4; 1])).collect());
        let test: BTreeSet<u16> = test.into_iter().filter(|&s| s <= people).collect();
        prop_assume!(!test.is_empty() && test.len() < usize::from(people));
        let (development, test) = with_test_subjects(&all, &ids(test)).unwrap().into_parts();
        match development.hold_out_validation(count, seed) {
            Ok((training, validation)) => {
                prop_assert_eq!(validation.ids().len(), count);
                prop_assert!(!training.ids().is_empty());
                prop_assert!(training.ids().is_disjoint(validation.ids()));
                prop_assert!(test.ids().is_disjoint(training.ids()) && test.ids().is_disjoint(validation.ids()));
                prop_assert_eq!(&(&(training.ids() | validation.ids()) | test.ids()), &all.subjects());
                let (again, _) = development.hold_out_validation(count, seed).unwrap();
                prop_assert_eq!(again.ids(), training.ids());
            }
            Err(error) => {
                prop_assert!(matches!(error, DataError::SplitSize { .. }), "{}", error);
                prop_assert!(count >= development.ids().len());
            }
        }
    }
}

#[test]
fn draws_are_fixed_by_the_seed_and_reach_everyone() {
    let split = official(bundled()).unwrap();
    let draw = |seed| split.development().hold_out_validation(4, seed).unwrap().1.ids().clone();
    // Pinned: runs on record name their validation subjects by seed alone.
    assert_eq!(draw(0), ids(PINNED_DRAW));
    let reached: BTreeSet<PersonId> = (0..100).flat_map(draw).collect();
    assert_eq!(reached, *split.development().ids());
    assert!(split.development().hold_out_validation(0, 1).is_err());
    assert!(split.development().hold_out_validation(21, 1).is_err());
}

#[test]
fn a_split_says_what_it_is() {
    for protocol in Protocol::ALL.into_iter().filter(|p| *p != Protocol::LeaveOneDatasetOut) {
        assert_eq!(protocol.split(bundled(), 1).unwrap().chosen_by(), ChosenBy::Protocol(protocol));
    }
    assert_eq!(
        Protocol::ALL.map(|p| (p.has_folds(), p.folds(bundled()))),
        [(false, 1), (false, 1), (true, 10), (true, 30), (true, 0)]
    );
    let named = with_test_subjects(bundled(), &ids([3])).unwrap();
    assert_eq!((named.chosen_by(), named.chosen_by().name()), (ChosenBy::Name, "chosen".to_owned()));
    assert_eq!(*subjects_trained_on(ids([3, 4])).ids(), ids([3, 4]));
}

#[test]
fn every_fold_of_groups10_tests_its_three_people_and_everyone_is_in_one() {
    let mut tested = BTreeSet::new();
    for fold in 1..=10 {
        let (development, test) = Protocol::GROUPS10.split(bundled(), fold).unwrap().into_parts();
        assert_eq!(
            (test.ids().len(), development.ids().len(), test.chosen_by().name()),
            (3, 27, "groups10".to_owned())
        );
        assert!(development.ids().is_disjoint(test.ids()));
        tested.extend(test.ids().iter().cloned());
    }
    assert_eq!(tested, bundled().subjects());
    // Pinned: figures on record are those of these groups.
    assert_eq!(*Protocol::GROUPS10.split(bundled(), 1).unwrap().into_parts().1.ids(), ids([8, 18, 23]));
    assert_eq!(*Protocol::GROUPS10.split(bundled(), 10).unwrap().into_parts().1.ids(), ids([2, 14, 19]));
    for fold in [0, 11] {
        let message = Protocol::GROUPS10.split(bundled(), fold).unwrap_err().to_string();
        assert!(
            message.contains("groups10 has the folds 1 to 10") && message.contains(&fold.to_string()),
            "{message}"
        );
    }
    let fewer = dataset((1..=29).map(|s| swaying(s, s, vec![4; 1])).collect());
    // Of other people groups are drawn.
    let drawn: Vec<BTreeSet<PersonId>> = (1..=10)
        .map(|fold| Protocol::GROUPS10.split(&fewer, fold).unwrap().into_parts().1.ids().clone())
        .collect();
    assert_eq!(drawn.iter().map(BTreeSet::len).sum::<usize>(), 29);
    assert_eq!(drawn.iter().flatten().cloned().collect::<BTreeSet<_>>(), fewer.subjects());
    assert!(matches!(Protocol::Groups(30).split(&fewer, 1), Err(DataError::ProtocolUnfit { .. })));
}

#[test]
fn leaving_one_out_has_a_fold_for_each_person_there_is() {
    let all = dataset([4, 9, 2].map(|s| swaying(s, s, vec![4; 1])).to_vec());
    for (fold, person) in [(1, 2), (2, 4), (3, 9)] {
        let (development, test) = Protocol::Loso.split(&all, fold).unwrap().into_parts();
        assert_eq!((test.ids(), test.chosen_by().name()), (&ids([person]), "loso".to_owned()));
        assert_eq!(*development.ids(), &all.subjects() - &ids([person]));
    }
    for fold in [0, 4] {
        assert!(
            matches!(Protocol::Loso.split(&all, fold), Err(DataError::NoFold { folds: 3, .. })),
            "{fold}"
        );
    }
    let one = dataset(vec![swaying(1, 1, vec![4; 1])]);
    assert!(matches!(Protocol::Loso.split(&one, 1), Err(DataError::SplitSize { .. })));
}

#[test]
fn validation_groups_of_one_draw_are_disjoint_and_together_everyone() {
    let split = official(bundled()).unwrap();
    let group = |count, group| split.development().hold_out_group(count, 3, group);
    let (mut seen, mut sizes) = (BTreeSet::new(), Vec::new());
    for number in 0..6 {
        let (training, validation) = group(4, number).unwrap();
        assert!(seen.is_disjoint(validation.ids()) && training.ids().is_disjoint(validation.ids()));
        assert_eq!(training.ids().len() + validation.ids().len(), 21);
        sizes.push(validation.ids().len());
        seen.extend(validation.ids().iter().cloned());
    }
    assert_eq!((seen, sizes), (split.development().ids().clone(), vec![4, 4, 4, 4, 4, 1]));
    assert!(matches!(group(4, 6), Err(DataError::SplitSize { .. })));
    let (_, usual) = split.development().hold_out_validation(4, 3).unwrap();
    assert_eq!(group(4, 0).unwrap().1.ids(), usual.ids());
}

const PINNED_DRAW: [u16; 4] = [3, 7, 14, 25];

#[test]
fn partitions_hold_the_windows_of_their_people_and_join_for_the_last_training() {
    let all = thirty_people();
    let (p, six) = (Preprocessing::default(), LabelSet::six());
    let split = official(&all).unwrap();
    let (training, validation) = split.development().hold_out_validation(5, 7).unwrap();
    let (train, watch) = (training.cut(&all, &p, &six).unwrap(), validation.cut(&all, &p, &six).unwrap());
    assert_eq!(train.windows().subjects(), *training.ids());
    assert_eq!(watch.windows().subjects(), *validation.ids());
    let (windows, watched) = (train.len(), watch.len());
    let both = train.with_validation(watch).unwrap();
    assert_eq!(both.len(), windows + watched);
    assert_eq!(both.windows().subjects(), *split.development().ids());
    assert_eq!(both.subjects(), split.development().ids());
}

#[test]
fn partitions_that_share_people_or_differ_in_content_do_not_join() {
    let all = thirty_people();
    let (p, six) = (Preprocessing::default(), LabelSet::six());
    let split = official(&all).unwrap();
    let (training, validation) = split.development().hold_out_validation(5, 7).unwrap();
    let train = || training.cut(&all, &p, &six).unwrap();

    let (_, other_draw) = split.development().hold_out_validation(15, 8).unwrap();
    let error = train().with_validation(other_draw.cut(&all, &p, &six).unwrap()).unwrap_err();
    assert!(error.to_string().contains("both contain the subjects"), "{error}");

    let two = LabelSet::new(["sitting", "walking"]).unwrap();
    let error = train().with_validation(validation.cut(&all, &p, &two).unwrap()).unwrap_err();
    assert!(error.to_string().contains("classes"), "{error}");

    let mut changed = thirty_people();
    changed.sha256.replace_range(..4, "dead");
    let error = train().with_validation(validation.cut(&changed, &p, &six).unwrap()).unwrap_err();
    assert!(error.to_string().contains("different content"), "{error}");
}

#[test]
fn a_selection_without_windows_is_refused() {
    let all = dataset((1..=30).map(|s| swaying(s, s, vec![4; 100])).collect());
    let split = official(&all).unwrap();
    let (training, _) = split.development().hold_out_validation(5, 7).unwrap();
    let message = training.cut(&all, &Preprocessing::default(), &LabelSet::six()).unwrap_err().to_string();
    assert!(message.contains("no window of 128 samples"), "{message}");
}

#[test]
fn test_windows_come_out_after_the_log_has_them() {
    let all = thirty_people();
    let cut = || {
        let (_, test) = official(&all).unwrap().into_parts();
        test.cut(&all, &Preprocessing::default(), &LabelSet::six()).unwrap()
    };
    let closed = format!("{:?}", cut());
    assert!(closed.contains("\"test\"") && closed.len() < 500, "{closed}");
    let mut log: Vec<EvaluationEntry> = Vec::new();
    let windows = cut().open(&mut log).unwrap();
    let expected = EvaluationEntry {
        dataset: "hapt".into(),
        dataset_sha256: all.sha256.clone(),
        protocol: "official".into(),
        subjects: OFFICIAL_TEST_SUBJECTS.map(PersonId::from).to_vec(),
        windows: windows.len(),
        recordings: 0,
    };
    assert_eq!(log, [expected]);
    assert!(!serde_json::to_string(&log[0]).unwrap().contains("recordings"), "as logs of old have it");

    struct Full;
    impl EvaluationLog for Full {
        fn record(&mut self, _: &EvaluationEntry) -> std::io::Result<()> {
            Err(std::io::Error::other("disk full"))
        }
    }
    let error = cut().open(&mut Full).unwrap_err();
    assert!(error.to_string().contains("stay closed: disk full"), "{error}");
}

#[test]
fn whole_recordings_of_test_people_come_out_after_the_log_has_them() {
    let all = bundled();
    let (development, test) = official(all).unwrap().into_parts();
    let closed = test.recordings(all).unwrap();
    let text = format!("{closed:?}");
    assert!(text.contains("\"test\"") && text.len() < 500, "{text}");
    assert_eq!((closed.len(), closed.subjects()), (19, &ids(OFFICIAL_TEST_SUBJECTS)));
    let mut log: Vec<EvaluationEntry> = Vec::new();
    let opened = closed.open(&mut log).unwrap();
    assert!(opened.iter().all(|r| ids(OFFICIAL_TEST_SUBJECTS).contains(&r.person)));
    let [entry] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((entry.windows, entry.recordings, entry.protocol.as_str()), (0, opened.len(), "official"));
    assert_eq!(entry.subjects, OFFICIAL_TEST_SUBJECTS.map(PersonId::from));

    struct Full;
    impl EvaluationLog for Full {
        fn record(&mut self, _: &EvaluationEntry) -> std::io::Result<()> {
            Err(std::io::Error::other("disk full"))
        }
    }
    let (_, test) = official(all).unwrap().into_parts();
    let error = test.recordings(all).unwrap().open(&mut Full).unwrap_err();
    assert!(error.to_string().contains("stay closed: disk full"), "{error}");

    let (training, validation) = development.hold_out_validation(5, 7).unwrap();
    let (training, validation) = (training.recordings(all).unwrap(), validation.recordings(all).unwrap());
    assert_eq!(training.recordings().len() + validation.recordings().len() + opened.len(), 61);
    assert!(training.subjects().is_disjoint(validation.subjects()));
    let people: BTreeSet<PersonId> = validation.recordings().iter().map(|r| r.person.clone()).collect();
    assert_eq!(people, *validation.subjects());
}

#[test]
fn people_of_another_data_set_have_no_recordings() {
    let all = thirty_people();
    let (_, test) = official(&all).unwrap().into_parts();
    let fewer = dataset((1..=5).map(|s| swaying(s, s, vec![4; 60])).collect());
    assert!(matches!(test.recordings(&fewer), Err(DataError::UnknownSubjects { .. })));
}

#[test]
fn a_saved_model_is_evaluated_on_people_it_has_not_seen() {
    let all = thirty_people();
    let unseen = |trained: BTreeSet<PersonId>| subjects_for_evaluation(&all, &trained);
    let development = official(&all).unwrap().development().ids().clone();

    let usual = unseen(development.clone()).unwrap();
    assert_eq!(
        (usual.ids(), usual.chosen_by().name()),
        (&ids(OFFICIAL_TEST_SUBJECTS), "official".to_owned())
    );
    // Trained on few people: still the official nine, so that figures compare.
    assert_eq!(*unseen(ids([1, 3])).unwrap().ids(), ids(OFFICIAL_TEST_SUBJECTS));
    // One of the nine was seen: everyone unseen.
    let mut more = development;
    more.insert(PersonId::from(2));
    let rest = unseen(more).unwrap();
    assert_eq!(
        (rest.ids(), rest.chosen_by().name()),
        (&ids([4, 9, 10, 12, 13, 18, 20, 24]), "unseen".to_owned())
    );
    // Nobody is left.
    let message = unseen(all.subjects()).unwrap_err().to_string();
    assert!(message.contains("trained on every subject") && message.contains("1, 2, 3"), "{message}");
}
