//! Windows lie inside one labelled segment of one recording, and carry its signals.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{DataError, LabelInterval, LabelledWindows, summarise};
use ambulo_record::{LabelSet, PersonId, Target};
use ambulo_signal::{Channel, Preprocessing, Recording, Resampling};
use common::{
    NAMES, acceleration, angular_velocity, cut, dataset, inertial_signals, intervals, swaying, with_samples,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn preprocessing(window: usize, step: usize) -> Preprocessing {
    Preprocessing { window, step, channels: Channel::INERTIAL.to_vec(), ..Preprocessing::default() }
}

fn code(name: &str) -> u8 {
    NAMES.iter().position(|n| *n == name).unwrap() as u8 + 1
}

/// Starts by the definition: at each sample that is a multiple of `step` after the first of its run.
fn starts(labels: &[u8], wanted: &[u8], window: usize, step: usize) -> Vec<(u64, u8)> {
    let first_of_run = |i: usize| (0..=i).rev().take_while(|&j| labels[j] == labels[i]).last().unwrap();
    (0..labels.len())
        .filter(|&i| wanted.contains(&labels[i]) && (i - first_of_run(i)).is_multiple_of(step))
        .filter(|&i| i + window <= labels.len() && labels[i..i + window].iter().all(|&l| l == labels[i]))
        .map(|i| (i as u64, labels[i]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_are_those_of_the_definition(
        runs in prop::collection::vec((0u8..=12, 1usize..40), 2..12), window in 1usize..30, step in 1usize..30
    ) {
        let mut labels: Vec<u8> = runs.iter().flat_map(|&(label, n)| std::iter::repeat_n(label, n)).collect();
        labels.resize(labels.len().max(60), 0); // long enough for the filters
        let recording = swaying(3, 9, labels.clone());
        let p = preprocessing(window, step);
        let series = inertial_signals(&p, &recording);
        let all = dataset(vec![recording]);
        let classes = LabelSet::new(["lying", "walking", "sitting"]).unwrap();
        let windows = cut(&all, &p, &classes, &all.subjects()).unwrap();

        let expected = starts(&labels, &[6, 1, 4], window, step);
        let found: Vec<(u64, u8)> = windows.origins.iter().zip(&windows.labels)
            .map(|(o, &class)| (o.start, code(classes.name(class).unwrap()))).collect();
        prop_assert_eq!(&found, &expected);
        for (i, &(start, _)) in expected.iter().enumerate() {
            let start = start as usize;
            prop_assert_eq!(&*windows.window(i).unwrap(), series.rows(start, window));
        }
        prop_assert!(windows.origins.iter().all(|o| o.person == PersonId::from(3) && &*o.recording == "9"));

        let counted = summarise(&all, window, step).unwrap().activities();
        for (class, count) in windows.class_counts(3).into_iter().enumerate() {
            let name = classes.name(class as u8).unwrap();
            prop_assert_eq!(counted.get(name).map_or(0, |c| c.windows), count as u64);
        }
    }
}

/// Starts and classes of the windows of 20 samples that twelve activities give.
fn twelve(runs: &[(u8, usize)]) -> Vec<(u64, u8)> {
    let labels: Vec<u8> = runs.iter().flat_map(|&(label, n)| std::iter::repeat_n(label, n)).collect();
    let all = dataset(vec![swaying(1, 1, labels)]);
    let windows = cut(&all, &preprocessing(20, 10), &LabelSet::twelve(), &all.subjects()).unwrap();
    for (i, origin) in windows.origins.iter().enumerate() {
        assert_eq!(windows.places[i].start, origin.start as usize);
        assert!(windows.places[i].starts.contains(&windows.places[i].start));
    }
    windows.origins.iter().map(|o| o.start).zip(windows.labels.iter().copied()).collect()
}

#[test]
fn a_short_transition_gives_one_window_around_its_centre() {
    // Class 6 is stand_to_sit; activities before and after are the classes 4 and 3.
    assert_eq!(twelve(&[(5, 25), (7, 14), (4, 25)])[1..], [(25 + 7 - 10, 6), (39, 3)]);
    assert_eq!(twelve(&[(0, 30), (7, 10), (0, 30)]), [(25, 6)], "half a window is enough");
    assert_eq!(twelve(&[(0, 30), (7, 9), (0, 30)]), [], "less is not");
    // As long as a window it is like any other activity.
    assert_eq!(twelve(&[(0, 30), (7, 20), (0, 30)]), [(30, 6)]);
    assert_eq!(twelve(&[(0, 30), (7, 30), (0, 30)]), [(30, 6), (40, 6)]);
    // At an end of the recording the window stays within it.
    assert_eq!(twelve(&[(7, 12), (0, 50)]), [(0, 6)]);
    assert_eq!(twelve(&[(0, 50), (12, 12)]), [(42, 11)]);
    // No other activity may be shorter than a window.
    assert_eq!(twelve(&[(0, 30), (4, 19), (0, 30)]), []);
}

#[test]
fn a_shifted_window_of_a_short_transition_holds_the_whole_of_it() {
    let labels = [vec![0; 30], vec![9; 14], vec![0; 30]].concat();
    let all = dataset(vec![swaying(1, 1, labels)]);
    let windows = cut(&all, &preprocessing(20, 10), &LabelSet::twelve(), &all.subjects()).unwrap();
    // From the window that ends with it to the one that begins with it.
    assert_eq!(windows.places[0].starts, 24..31);
    let six = cut(&all, &preprocessing(20, 10), &LabelSet::six(), &all.subjects()).unwrap();
    assert!(six.is_empty(), "six activities have no transitions");
}

#[test]
fn a_window_of_a_long_activity_may_begin_anywhere_within_it() {
    let labels = [vec![0; 30], vec![4; 47], vec![1; 30]].concat();
    let all = dataset(vec![swaying(1, 1, labels)]);
    let windows = cut(&all, &preprocessing(20, 10), &LabelSet::six(), &all.subjects()).unwrap();
    let starts: Vec<_> = windows.places.iter().map(|p| (p.start, p.starts.clone())).collect();
    assert_eq!(starts, [(30, 30..58), (40, 30..58), (50, 30..58), (77, 77..88), (87, 77..88)]);
}

#[test]
fn up_is_where_acceleration_points_while_somebody_walks_or_stands() {
    // Only while it stands does the device measure y; it lies on x.
    let recording = swaying(1, 1, [vec![6; 400], vec![5; 400], vec![6; 400]].concat());
    let recording = with_samples(&recording, |acceleration, _| {
        acceleration.fill([1.0, 0.0, 0.0]);
        acceleration[400..800].fill([0.0, 0.6, 0.8]);
    });
    let all = dataset(vec![recording, swaying(2, 2, vec![4; 100])]);
    let windows = cut(&all, &preprocessing(20, 10), &LabelSet::six(), &all.subjects()).unwrap();
    let up = windows.series_of(0).up.unwrap();
    assert!(up.iter().zip([0.0, 0.6, 0.8]).all(|(a, b)| (a - b).abs() < 0.01), "{up:?}");
    assert_eq!(windows.series_of(windows.len() - 1).up, None, "nobody walked or stood");
}

#[test]
fn windows_never_span_two_recordings() {
    let all = dataset(vec![swaying(1, 1, vec![4; 70]), swaying(1, 2, vec![4; 70])]);
    let windows = cut(&all, &preprocessing(64, 64), &LabelSet::six(), &all.subjects()).unwrap();
    let origins: Vec<(&str, u64)> = windows.origins.iter().map(|o| (&*o.recording, o.start)).collect();
    assert_eq!(origins, [("1", 0), ("2", 0)]);
}

#[test]
fn only_the_subjects_asked_for_are_cut() {
    let all = dataset(vec![swaying(1, 1, vec![4; 64]), swaying(2, 2, vec![4; 64])]);
    let of = |ids: &[u16]| {
        cut(&all, &preprocessing(64, 64), &LabelSet::six(), &ids.iter().map(|&i| PersonId::from(i)).collect())
    };
    assert_eq!(of(&[2]).unwrap().subjects(), BTreeSet::from([PersonId::from(2)]));
    let message = of(&[2, 5, 7]).unwrap_err().to_string();
    assert!(message.contains("no subject 5, 7") && message.contains("subjects are 1, 2"), "{message}");
}

#[test]
fn a_recording_at_another_rate_is_refused_or_resampled_with_its_labels() {
    let mut recording = swaying(1, 1, [vec![4; 400], vec![1; 400]].concat());
    let turning = angular_velocity(&recording).to_vec();
    recording.recording = Recording::uniform(100.0, acceleration(&recording).to_vec(), Some(turning)).into();
    recording.labels = intervals(&[vec![4; 200], vec![1; 200]].concat());
    let all = dataset(vec![recording]);
    let mut p = preprocessing(100, 100);
    let try_cut = |p: &Preprocessing| cut(&all, p, &LabelSet::six(), &all.subjects());
    let message = try_cut(&p).unwrap_err().to_string();
    assert!(
        message.contains("recording 1 of person 1") && message.contains("100.00 samples per second"),
        "{message}"
    );
    p.resampling = Resampling::Linear;
    let windows = try_cut(&p).unwrap();
    // Four seconds of each activity at 50 Hz; starts count samples of the recording.
    assert_eq!(windows.labels, [3, 3, 0, 0]);
    assert_eq!(windows.origins.iter().map(|o| o.start).collect::<Vec<_>>(), [0, 200, 400, 600]);
}

#[test]
fn a_slower_recording_is_refused_with_a_rate_that_fits_or_filled_in() {
    let of = |person, rate_hz| {
        let facts = std::sync::Arc::new(ambulo_data::Facts { dataset: "tags".into(), ..Default::default() });
        let mut recording = swaying(person, person, vec![4; 400]);
        let turning = angular_velocity(&recording).to_vec();
        recording.recording =
            Recording::uniform(rate_hz, acceleration(&recording).to_vec(), Some(turning)).into();
        ambulo_data::LabelledRecording { facts, ..recording }
    };
    let all = dataset(vec![of(1, 25.0), of(2, 19.9)]);
    let mut p = preprocessing(100, 100);
    p.resampling = Resampling::Linear;
    let error = cut(&all, &p, &LabelSet::six(), &all.subjects()).unwrap_err();
    assert!(matches!(&error, DataError::Slow { fits_hz: 20.0, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("person 1 of tags has 25.0") && text.contains("--rate 20;"), "{text}");
    p.resampling = Resampling::Fill;
    let windows = cut(&all, &p, &LabelSet::six(), &all.subjects()).unwrap();
    // Eight seconds are labelled.
    assert_eq!(windows.labels, [3; 8]);
    // A fifth of the rate is not enough to go by.
    let all = dataset(vec![of(1, 9.0)]);
    assert!(cut(&all, &p, &LabelSet::six(), &all.subjects()).is_err());
}

#[test]
fn filter_and_concat_keep_values_with_their_windows() {
    let all = dataset(vec![swaying(1, 1, vec![4; 90]), swaying(2, 2, vec![1; 130])]);
    let windows = cut(&all, &preprocessing(40, 20), &LabelSet::six(), &all.subjects()).unwrap();
    let (first, second) = (BTreeSet::from([PersonId::from(1)]), BTreeSet::from([PersonId::from(2)]));
    assert_eq!(windows.filter(&first).concat(&windows.filter(&second)).unwrap(), windows);
    assert_eq!(windows.filter(&first).class_counts(6), [0, 0, 0, 3, 0, 0]);
    assert!(windows.filter(&BTreeSet::new()).is_empty());
    let other = LabelledWindows { time: 41, ..LabelledWindows::default() };
    assert!(matches!(windows.concat(&other), Err(DataError::Incompatible { .. })));
}

/// A recording whose labels are these, for so many samples each.
fn labelled(person: u16, runs: &[(&str, usize)]) -> ambulo_data::LabelledRecording {
    let mut end_ns = 0;
    let mut labels = Vec::new();
    for &(label, samples) in runs {
        let start_ns = end_ns;
        end_ns += samples as i64 * 20_000_000;
        labels.push(LabelInterval { start_ns, end_ns, label: label.into() });
    }
    let samples = runs.iter().map(|(_, n)| n).sum();
    ambulo_data::LabelledRecording { labels, ..swaying(person, person, vec![0; samples]) }
}

#[test]
fn labels_of_any_depth_are_what_they_mean_to_the_classes() {
    let runs =
        [("stairs", 20), ("running", 20), ("still", 20), ("stairs", 20), ("activity", 20), ("walking", 20)];
    let first = labelled(1, &runs);
    let second = labelled(2, &[("still", 20), ("walking_upstairs", 20), ("moving", 20)]);
    let all = dataset(vec![first, second]);
    let of = |labels: &LabelSet, person| {
        cut(&all, &preprocessing(20, 10), labels, &BTreeSet::from([person])).unwrap()
    };
    let six = LabelSet::six();
    let (first, second) = (of(&six, PersonId::from(1)), of(&six, PersonId::from(2)));
    assert_eq!(first.labels, [6, 7, 6, 0]);
    assert_eq!(first.groups, [vec![1, 2], vec![3, 4, 5]]);
    assert_eq!(first.origins.iter().map(|o| o.start).collect::<Vec<_>>(), [0, 40, 60, 100]);
    assert_eq!((second.labels.as_slice(), second.groups.len()), ([6, 1, 7].as_slice(), 2));

    let both = first.concat(&second).unwrap();
    assert_eq!(both.labels, [6, 7, 6, 0, 7, 1, 8]);
    assert_eq!(both.groups, [vec![1, 2], vec![3, 4, 5], vec![0, 1, 2]]);
    assert_eq!(both.target(4), Some(Target::Group(vec![3, 4, 5])));
    assert_eq!((both.target(5), both.target(7)), (Some(Target::Class(1)), None));
    assert_eq!(both.class_counts(6), [1, 1, 0, 0, 0, 0]);

    // What is finer than a class is of the class.
    let coarse = of(&LabelSet::new(["still", "stairs", "running"]).unwrap(), PersonId::from(2));
    assert_eq!((coarse.labels, coarse.groups), (vec![0, 1, 3], vec![vec![1, 2]]));
}

#[test]
fn windows_of_acceleration_alone_need_no_gyroscope() {
    let with = swaying(1, 1, vec![1; 200]);
    let alone = ambulo_data::LabelledRecording {
        recording: Recording::uniform(50.0, acceleration(&with).to_vec(), None).into(),
        ..with.clone()
    };
    let nine = preprocessing(64, 64);
    let six = Preprocessing { channels: Channel::INERTIAL[..6].to_vec(), ..nine.clone() };
    let of = |recording: &ambulo_data::LabelledRecording, p: &Preprocessing| {
        let all = dataset(vec![recording.clone()]);
        cut(&all, p, &LabelSet::six(), &all.subjects())
    };
    let windows = of(&alone, &six).unwrap();
    assert_eq!(windows, of(&with, &six).unwrap());
    assert_eq!((windows.window(0).unwrap().len(), windows.input(&six).unwrap().len()), (64 * 6, 3 * 64 * 6));
    let message = of(&alone, &nine).unwrap_err().to_string();
    assert!(message.contains("recording 1 of person 1") && message.contains("no gyroscope"), "{message}");
}
