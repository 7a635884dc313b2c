//! Figures of recordings made by hand, and frame figures time by time.

use super::reference::SECOND;
use super::*;
use ambulo_data::LabelInterval;
use ambulo_record::continuous::{Answered, ContinuousVariant, EventCounts};
use ambulo_record::timeline::{Segment, Steps};
use ambulo_record::{LabelSet, PersonId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Labels from a word with one character a second: walking, upstairs, downstairs, sitting (I), standing (T), lying; S is
/// stairs, t a transition, a point no label.
fn labelled(word: &str) -> Vec<LabelInterval> {
    let name = |c| match c {
        'W' => Some("walking"),
        'U' => Some("walking_upstairs"),
        'D' => Some("walking_downstairs"),
        'I' => Some("sitting"),
        'T' => Some("standing"),
        'L' => Some("lying"),
        'S' => Some("stairs"),
        't' => Some("stand_to_sit"),
        _ => None,
    };
    let labels = word.chars().enumerate().filter_map(|(i, c)| Some((i as i64, name(c)?)));
    labels
        .map(|(i, label)| LabelInterval {
            start_ns: i * SECOND,
            end_ns: (i + 1) * SECOND,
            label: label.into(),
        })
        .collect()
}

fn truth(word: &str) -> Truth {
    Truth::new(&LabelSet::six(), &labelled(word), Interval::new(0, word.len() as i64 * SECOND))
}

/// Steps of a second that are certain of what a word says, by `certainty`; a point is no answer.
fn steps(word: &str, certainty: f32) -> Steps {
    let mut steps = Steps { step_ns: SECOND, ..Steps::default() };
    for (i, c) in word.chars().enumerate() {
        let Some(class) = "WUDITL".find(c) else { continue };
        steps.start_ns.push(i as i64 * SECOND);
        let mut row = [(1.0 - certainty) / 5.0; 6];
        row[class] = certainty;
        steps.probabilities.extend(row);
        steps.unknown.push(0.0);
    }
    steps
}

/// Figures of people's recordings, each a word of truth and one of answers.
fn figures(people: &[(&str, &str, &str)]) -> ContinuousVariant {
    let labels = LabelSet::six();
    let mut tallies = BTreeMap::new();
    for (person, word, answers) in people {
        let tally = tallies
            .entry(PersonId::new(*person).unwrap())
            .or_insert_with(|| Tally::new(labels.len()).unwrap());
        let steps = steps(answers, 0.75);
        tally.add(&labels, &truth(word), Answers { steps: &steps, segments: None }).unwrap();
    }
    let runs = [SeedTally { seed: 1, people: tallies }];
    continuous_variant(&labels, "unsmoothed", None, &runs).unwrap()
}

#[test]
fn a_recording_by_hand() {
    // Sitting is found a second late, has a hole in which it is called standing, and goes on into a transition, where nothing
    // is scored; standing is found whole; walking is called upstairs at its end.
    let found = figures(&[(
        "7",                    //
        "WWWW..IIIIIIIIttTTTT", //
        "WWWU.WTIIITTIIIITTTT",
    )]);
    assert_eq!(found.accuracy.mean, 12.0 / 16.0);
    let class = |name: &str| found.per_class.iter().find(|class| class.label == name).unwrap();
    let sitting = class("sitting");
    assert_eq!((sitting.precision, sitting.recall, sitting.seconds), (1.0, 5.0 / 8.0, 8.0));
    let standing = class("standing");
    assert_eq!((standing.precision, standing.recall), (4.0 / 7.0, 1.0));
    let f1 = [6.0 / 7.0, 0.0, 10.0 / 13.0, 8.0 / 11.0];
    assert!((found.macro_f1.mean - f1.iter().sum::<f64>() / 4.0).abs() < 1e-12);
    assert_eq!(found.confusion_s[3], [0.0, 0.0, 0.0, 5.0, 3.0, 0.0, 0.0]);
    assert_eq!(found.confusion_s[0], [3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);

    // Walking and standing are right, sitting is in two pieces; standing is answered twice where it is not, upstairs once.
    let expected =
        EventCounts { correct: 2, fragmented: 1, fragmenting: 2, inserted: 3, ..EventCounts::default() };
    assert_eq!(found.events, expected);
    assert_eq!((found.errors.fragmentation.count, found.errors.fragmentation.seconds), (1, 2.0));
    assert_eq!((found.errors.underfill_start.count, found.errors.underfill_end.count), (1, 1));
    assert_eq!((found.errors.insertion.count, found.errors.insertion.seconds), (3, 4.0));
    assert_eq!(found.onset.delay_s.median, 0.0);
    assert_eq!((found.onset.found, found.onset.missed, found.onset.percentiles_s[100]), (3, 0, 1.0));
    // Twelve of sixteen steps are right, all at .75.
    assert!(found.ece < 1e-6, "{}", found.ece);
    assert_eq!(found.reliability.iter().map(|bin| bin.count).sum::<u64>(), 16);
    let person = found.per_person[&PersonId::new("7").unwrap()];
    assert_eq!((person.seconds, person.accuracy, person.fragmentations), (16.0, 0.75, 1));
    assert_eq!(found.answered, None);
}

#[test]
fn time_without_an_answer_counts_as_wrong() {
    let found = figures(&[("1", "WWWWWWWWWW", "WWWW..WWWW")]);
    assert_eq!((found.accuracy.mean, found.confusion_s[0][6]), (0.8, 2.0));
    assert_eq!(found.per_class[0].recall, 0.8);
    assert_eq!((found.per_class[0].precision, found.macro_f1.mean), (1.0, 16.0 / 18.0));
    assert_eq!((found.events.fragmented, found.events.fragmenting), (1, 2));
}

#[test]
fn coarse_labels_are_scored_at_their_depth_and_apart() {
    let found = figures(&[("1", "WWWSSSSSSWWW", "WWWUUDDWWWWW")]);
    assert_eq!((found.accuracy.mean, found.per_class[0].seconds), (1.0, 6.0));
    let [stairs] = found.coarse.as_slice() else { panic!("{:?}", found.coarse) };
    assert_eq!((stairs.label.as_str(), stairs.seconds, stairs.recall), ("stairs", 6.0, 4.0 / 6.0));
    let events = found.per_class_events.last().unwrap();
    assert_eq!((events.label.as_str(), events.coarse, events.found), ("stairs", true, 1));
    assert_eq!(events.events, EventCounts { correct: 1, ..EventCounts::default() });
    assert_eq!(events.errors.underfill_end.seconds, 2.0);
    // Upstairs and downstairs are neither right nor wrong in that time, walking is too early by two seconds.
    let expected = EventCounts { correct: 2, ..EventCounts::default() };
    assert_eq!((found.events, found.errors.overfill_start.seconds), (expected, 2.0));
    assert_eq!(found.onset.delay_s.min, -2.0);
}

#[test]
fn people_and_seeds_are_pooled() {
    let one = ("1", "WWWWIIII", "WWWWIIII");
    let found = figures(&[one, ("2", "WWWWIIII", "WWWWWWWW"), one]);
    assert_eq!((found.accuracy.mean, found.accuracy.ci95), (20.0 / 24.0, [0.5, 1.0]));
    assert_eq!(found.per_person[&PersonId::new("1").unwrap()].seconds, 16.0);
    let two = found.per_person[&PersonId::new("2").unwrap()];
    assert_eq!((two.accuracy, two.events.deleted, two.median_delay_s), (0.5, 1, Some(0.0)));
    assert_eq!((found.onset.found, found.onset.missed), (5, 1));
}

#[test]
fn answers_that_back_off_are_right_where_the_label_is_beneath_them() {
    let labels = LabelSet::six();
    let segment = |activity: &str, start: i64, end: i64| Segment {
        start_ns: start * SECOND,
        end_ns: end * SECOND,
        activity: activity.into(),
        confidence: 0.9,
        flags: Vec::new(),
    };
    let segments = [
        segment("walking", 0, 2),
        segment("moving", 2, 3),
        segment("still", 3, 6),
        segment("unknown", 6, 7),
        segment("not_worn", 7, 8),
        segment("walking_upstairs", 8, 10),
    ];
    let mut tally = Tally::new(6).unwrap();
    let steps = steps("WWWWIIIIUUI", 0.75);
    let answers = Answers { steps: &steps, segments: Some(&segments) };
    tally.add(&labels, &truth("WWWWIIIISSI"), answers).unwrap();
    let runs = [SeedTally { seed: 1, people: BTreeMap::from([(PersonId::from(1), tally)]) }];
    let found = continuous_variant(&labels, "causal", Some(2.0), &runs).unwrap();
    let expected = Answered {
        class: 4.0 / 11.0,
        class_right: 1.0,
        above: 4.0 / 11.0,
        above_right: 0.75,
        unknown: 1.0 / 11.0,
        none: 2.0 / 11.0,
    };
    assert_eq!((found.answered, found.delay_s), (Some(expected), Some(2.0)));
}

#[test]
fn what_is_no_probability_is_refused() {
    let labels = LabelSet::six();
    let mut bad = steps("WW", 0.75);
    bad.probabilities[7] = f32::NAN;
    let mut tally = Tally::new(6).unwrap();
    assert!(tally.add(&labels, &truth("WW"), Answers { steps: &bad, segments: None }).is_err());
    bad.probabilities.pop();
    assert!(tally.add(&labels, &truth("WW"), Answers { steps: &bad, segments: None }).is_err());
    let nothing =
        [SeedTally { seed: 1, people: BTreeMap::from([(PersonId::from(1), Tally::new(6).unwrap())]) }];
    assert!(continuous_variant(&labels, "causal", None, &nothing).is_err());
    assert!(continuous_variant(&labels, "causal", None, &[]).is_err());
}

proptest! {
    /// Second by second: what is answered where it is true, and nothing elsewhere.
    #[test]
    fn time_is_counted_where_it_is(word in "[WUDITLSt.]{1,30}", answers in "[WUDITL.]{30}") {
        let answers = &answers[..word.len()];
        let labels = LabelSet::six();
        let mut tally = Tally::new(6).unwrap();
        let steps = steps(answers, 0.75);
        tally.add(&labels, &truth(&word), Answers { steps: &steps, segments: None }).unwrap();
        let mut expected = vec![vec![0.0; 7]; 6];
        for (t, a) in word.chars().zip(answers.chars()) {
            if let Some(class) = "WUDITL".find(t) {
                expected[class]["WUDITL".find(a).unwrap_or(6)] += 1.0;
            }
        }
        let has_truth = word.contains(['W', 'U', 'D', 'I', 'T', 'L', 'S']);
        let runs = [SeedTally { seed: 1, people: BTreeMap::from([(PersonId::from(1), tally)]) }];
        let found = continuous_variant(&labels, "unsmoothed", None, &runs);
        prop_assert_eq!(found.is_ok(), has_truth);
        if let Ok(found) = found {
            prop_assert_eq!(&found.confusion_s, &expected);
            // Of each class as many seconds are positive as carry it.
            for (events, row) in found.per_class_events.iter().zip(&expected) {
                prop_assert_eq!(events.errors.positive_s(), row.iter().sum::<f64>());
                prop_assert_eq!(events.events.truth(), events.found + events.events.deleted);
            }
        }
    }
}
