//! Windows lie inside one labelled segment of one recording, and carry its signals.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{Activity, DataError, LabelSet, LabelledWindows, SubjectId, summarise};
use ambulo_signal::{Channel, Preprocessing, Resampling};
use common::{cut, dataset, swaying};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn preprocessing(window: usize, step: usize) -> Preprocessing {
    Preprocessing { window, step, channels: Channel::ORDINARY.to_vec(), ..Preprocessing::hapt() }
}

/// Starts by the definition: at each sample that is a multiple of `step` after the first of its run.
fn starts(labels: &[u8], wanted: &[u8], window: usize, step: usize) -> Vec<(u32, u8)> {
    let first_of_run = |i: usize| (0..=i).rev().take_while(|&j| labels[j] == labels[i]).last().unwrap();
    (0..labels.len())
        .filter(|&i| wanted.contains(&labels[i]) && (i - first_of_run(i)).is_multiple_of(step))
        .filter(|&i| i + window <= labels.len() && labels[i..i + window].iter().all(|&l| l == labels[i]))
        .map(|i| (i as u32, labels[i]))
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
        let series = p.ordinary(&recording.recording).unwrap();
        let all = dataset(vec![recording]);
        let classes = LabelSet::new(vec![Activity::LAYING, Activity::WALKING, Activity::SITTING]).unwrap();
        let windows = cut(&all, &p, &classes, &all.subjects()).unwrap();

        let expected = starts(&labels, &[6, 1, 4], window, step);
        let found: Vec<(u32, u8)> = windows.origins.iter().zip(&windows.labels)
            .map(|(o, &class)| (o.start, classes.activity(class).unwrap().code())).collect();
        prop_assert_eq!(&found, &expected);
        for (i, &(start, _)) in expected.iter().enumerate() {
            let start = start as usize;
            prop_assert_eq!(windows.window(i), &series[start..start + window]);
        }
        prop_assert!(windows.origins.iter().all(|o| o.subject == SubjectId(3) && o.experiment == 9));

        let counted = summarise(&all, window, step).activities();
        for (class, count) in windows.class_counts(3).into_iter().enumerate() {
            let code = classes.activity(class as u8).unwrap().code();
            prop_assert_eq!(counted.get(&code).map_or(0, |c| c.windows), count as u64);
        }
    }
}

/// Starts and classes of the windows of 20 samples that twelve activities give.
fn twelve(runs: &[(u8, usize)]) -> Vec<(u32, u8)> {
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
    // Class 6 is STAND_TO_SIT; activities before and after are the classes 4 and 3.
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
    let mut recording = swaying(1, 1, [vec![6; 400], vec![5; 400], vec![6; 400]].concat());
    for (sample, label) in recording.recording.samples.iter_mut().zip(&recording.labels) {
        sample.acceleration = if *label == 5 { [0.0, 0.6, 0.8] } else { [1.0, 0.0, 0.0] };
    }
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
    let origins: Vec<(u16, u32)> = windows.origins.iter().map(|o| (o.experiment, o.start)).collect();
    assert_eq!(origins, [(1, 0), (2, 0)]);
}

#[test]
fn only_the_subjects_asked_for_are_cut() {
    let all = dataset(vec![swaying(1, 1, vec![4; 64]), swaying(2, 2, vec![4; 64])]);
    let of = |ids: &[u16]| {
        cut(&all, &preprocessing(64, 64), &LabelSet::six(), &ids.iter().map(|&i| SubjectId(i)).collect())
    };
    assert_eq!(of(&[2]).unwrap().subjects(), BTreeSet::from([SubjectId(2)]));
    let message = of(&[2, 5, 7]).unwrap_err().to_string();
    assert!(message.contains("no subject 5, 7") && message.contains("subjects are 1, 2"), "{message}");
}

#[test]
fn a_recording_at_another_rate_is_refused_or_resampled_with_its_labels() {
    let mut recording = swaying(1, 1, [vec![4; 400], vec![1; 400]].concat());
    recording.recording.rate_hz = 100.0;
    let all = dataset(vec![recording]);
    let mut p = preprocessing(100, 100);
    let try_cut = |p: &Preprocessing| cut(&all, p, &LabelSet::six(), &all.subjects());
    let message = try_cut(&p).unwrap_err().to_string();
    assert!(
        message.contains("experiment 1 of subject 1") && message.contains("100 samples per second"),
        "{message}"
    );
    p.resampling = Resampling::Linear;
    let windows = try_cut(&p).unwrap();
    // Four seconds of each activity at 50 Hz; starts count samples of the recording.
    assert_eq!(windows.labels, [3, 3, 0, 0]);
    assert_eq!(windows.origins.iter().map(|o| o.start).collect::<Vec<_>>(), [0, 200, 400, 600]);
}

#[test]
fn filter_and_concat_keep_values_with_their_windows() {
    let all = dataset(vec![swaying(1, 1, vec![4; 90]), swaying(2, 2, vec![1; 130])]);
    let windows = cut(&all, &preprocessing(40, 20), &LabelSet::six(), &all.subjects()).unwrap();
    let (first, second) = (BTreeSet::from([SubjectId(1)]), BTreeSet::from([SubjectId(2)]));
    assert_eq!(windows.filter(&first).concat(&windows.filter(&second)).unwrap(), windows);
    assert_eq!(windows.filter(&first).class_counts(6), [0, 0, 0, 3, 0, 0]);
    assert!(windows.filter(&BTreeSet::new()).is_empty());
    let other = LabelledWindows { time: 41, ..LabelledWindows::default() };
    assert!(matches!(windows.concat(&other), Err(DataError::Incompatible { .. })));
}
