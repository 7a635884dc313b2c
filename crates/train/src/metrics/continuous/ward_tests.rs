//! Hand-made timelines with the counts of the published definitions, and the frame-wise reference on drawn ones.

use super::intervals::{Interval, union};
use super::reference::{SECOND, score, timeline};
use super::ward::{Activity, ActivityScore};
use proptest::prelude::*;

/// What the score counts, in a line: `C1 F'2 | TP1:4 F1:2`, events first, then stretches with their seconds.
fn in_words(found: &ActivityScore) -> String {
    let events = found.events.diagram().into_iter().filter(|&(_, count)| count > 0);
    let e = &found.errors;
    let stretches = [
        ("I", e.insertion),
        ("M", e.merge),
        ("Oα", e.overfill_start),
        ("Oω", e.overfill_end),
        ("D", e.deletion),
        ("F", e.fragmentation),
        ("Uα", e.underfill_start),
        ("Uω", e.underfill_end),
        ("TP", e.true_positive),
    ];
    let stretches = stretches.into_iter().filter(|(_, s)| s.count > 0);
    let words: Vec<String> = events
        .map(|(name, count)| format!("{name}={count}"))
        .chain(["|".to_owned()])
        .chain(stretches.map(|(name, s)| format!("{name}={}:{}", s.count, s.seconds)))
        .collect();
    words.join(" ")
}

#[track_caller]
fn check(truth: &str, answers: &str, expected: &str) {
    let activity = timeline(truth, answers);
    assert_eq!(in_words(&activity.score()), expected, "\ntruth   {truth}\nanswers {answers}");
    assert_eq!(activity.score(), score(&activity, truth.len()), "the reference counts otherwise");
}

#[test]
fn one_event_found_as_it_is() {
    check(
        "..####..", //
        "..####..",
        "C=1 | TP=1:4",
    );
}

#[test]
fn an_event_not_found_is_a_deletion_and_an_answer_to_nothing_an_insertion() {
    check(
        ".###.......", //
        "......##...",
        "D=1 I'=1 | I=1:2 D=1:3",
    );
    // Next to each other they do not touch: neither is a true positive.
    check(
        ".###.......", //
        "....###....",
        "D=1 I'=1 | I=1:3 D=1:3",
    );
}

#[test]
fn overfill_and_underfill_leave_an_event_correct() {
    check(
        "...####...", //
        ".########.",
        "C=1 | Oα=1:2 Oω=1:2 TP=1:4",
    );
    check(
        ".########.", //
        "...####...",
        "C=1 | Uα=1:2 Uω=1:2 TP=1:4",
    );
    check(
        "..#####....", //
        "....#####..",
        "C=1 | Oω=1:2 Uα=1:2 TP=1:3",
    );
}

#[test]
fn an_event_in_pieces_is_fragmented() {
    check(
        ".########.", //
        ".##.##.##.",
        "F=1 F'=3 | F=2:2 TP=3:6",
    );
    check(
        ".########.", //
        "...##.##..",
        "F=1 F'=2 | F=1:1 Uα=1:2 Uω=1:1 TP=2:4",
    );
}

#[test]
fn events_in_one_piece_are_merged() {
    check(
        ".##..##.###.", //
        ".##########.",
        "M=3 M'=1 | M=2:3 TP=3:7",
    );
}

#[test]
fn fragmented_and_merged_at_once() {
    // The first event is in two pieces, the second of which holds the second event too.
    check(
        ".######..####.", //
        ".##..########.",
        "FM=1 M=1 FM'=1 F'=1 | M=1:2 F=1:2 TP=3:8",
    );
}

#[test]
fn everything_at_once() {
    check(
        ".####..###...######...##.##.....###..", //
        ".####.......##.####.##.#.##..##......",
        "D=2 F=1 C=3 F'=2 I'=2 | I=2:4 Oα=1:1 D=2:6 F=1:1 Uα=1:1 TP=5:12",
    );
}

#[test]
fn what_is_not_scored_is_cut_away() {
    // Wholly in time without a label: no insertion.
    check(
        ".##.    .##.", //
        ".##..##..##.",
        "C=2 | TP=2:4",
    );
    // Too early and too long only where nobody knows: neither overfill.
    check(
        "..  ###  ..", //
        "...#####...",
        "C=1 | TP=1:3",
    );
    // On through it into what is known to be something else: too long, and no insertion.
    check(
        ".###  ...", //
        ".######..",
        "C=1 | Oω=1:1 TP=1:3",
    );
    // From one event on to the next: nobody can tell whether that is a merge, so it is none.
    check(
        "###   ###", //
        "#########",
        "C=2 | TP=2:6",
    );
    // With something known between them it is one.
    check(
        "###  .###", //
        "#########",
        "M=2 M'=1 | M=1:1 TP=2:6",
    );
    // A hole in an event is one, and what begins anew is another event, whatever is beside them.
    check(
        "  ## .#####  ", //
        "####  ##..#..",
        "F=1 C=1 F'=2 | F=1:2 TP=3:5",
    );
    check("    ", "####", "|");
}

#[test]
fn nothing_of_either() {
    check("....", "....", "|");
    assert_eq!(Activity::default().score(), ActivityScore::default());
}

#[test]
fn onsets_are_signed_and_reach_back_to_the_event_before() {
    let onsets = |truth, answers| {
        let found = timeline(truth, answers).score().onsets_ns;
        found.into_iter().map(|ns| ns.map(|ns| ns / SECOND)).collect::<Vec<_>>()
    };
    assert_eq!(onsets("..###..###..##", "....#.####...."), [Some(2), Some(-1), None]);
    assert_eq!(onsets(".##..##", ".######"), [Some(0), Some(-2)]);
    // Early into time without a label.
    assert_eq!(onsets("..   ##", "...####"), [Some(-2)]);
    // Only the first answer counts.
    assert_eq!(onsets("######", ".#.###"), [Some(1)]);
}

/// A timeline of some stretches, each with what is true and what is answered: 0 no, 1 yes, 2 not scored.
fn drawn() -> impl Strategy<Value = (Activity, usize)> {
    proptest::collection::vec((0u8..3, any::<bool>(), 1usize..4), 1..24).prop_map(|stretches| {
        let (mut truth, mut answers) = (String::new(), String::new());
        for (t, a, length) in stretches {
            truth.push_str(&[".", "#", " "][usize::from(t)].repeat(length));
            answers.push_str(&if a { "#" } else { "." }.repeat(length));
        }
        (timeline(&truth, &answers), truth.len())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn counts_are_those_of_the_frames((activity, frames) in drawn()) {
        prop_assert_eq!(activity.score(), score(&activity, frames));
    }

    /// What has to hold whatever the timeline.
    #[test]
    fn counts_add_up((activity, _) in drawn()) {
        let found = activity.score();
        let seconds = |set: &[Interval]| set.iter().map(|i| i.length_ns()).sum::<u64>() as f64 / 1e9;
        prop_assert_eq!(found.events.truth(), activity.truth.len() as u64);
        prop_assert_eq!(found.onsets_ns.len(), activity.truth.len());
        prop_assert_eq!(found.errors.positive_s(), seconds(&activity.truth));
        prop_assert_eq!(found.errors.positive_s() + found.errors.negative_s(), seconds(&activity.scored));
        let missed = found.onsets_ns.iter().filter(|onset| onset.is_none()).count() as u64;
        prop_assert_eq!(missed, found.events.deleted);
        prop_assert_eq!(found.errors.deletion.count, found.events.deleted);
        // Each hole makes one more piece.
        let pieces = found.errors.true_positive.count - (found.events.truth() - found.events.deleted);
        prop_assert_eq!(found.errors.fragmentation.count, pieces);
    }

    /// Truth and answers change places: what one misses the other invents.
    #[test]
    fn the_definitions_are_symmetric((activity, _) in drawn()) {
        let scored = |set: &[Interval]| {
            super::intervals::overlaps(set, &activity.scored).map(|(_, _, both)| both).collect::<Vec<_>>()
        };
        // All of the time scored, as published.
        let whole = Activity {
            scored: union([Interval::new(0, 1000 * SECOND)]),
            truth: union(scored(&activity.truth)),
            answers: union(scored(&activity.answers)),
        };
        let mirrored = Activity { truth: whole.answers.clone(), answers: whole.truth.clone(), ..whole.clone() };
        let (a, b) = (whole.score(), mirrored.score());
        let (e, f) = (a.events, b.events);
        prop_assert_eq!(
            [e.deleted, e.fragmented, e.fragmented_merged, e.merged, e.correct],
            [f.inserted, f.merging, f.fragmenting_merging, f.fragmenting, f.correct]
        );
        prop_assert_eq!(
            [a.errors.overfill_start, a.errors.overfill_end, a.errors.merge, a.errors.insertion],
            [b.errors.underfill_start, b.errors.underfill_end, b.errors.fragmentation, b.errors.deletion]
        );
    }
}
