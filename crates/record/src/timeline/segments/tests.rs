use super::*;
use alloc::vec::Vec;
use proptest::prelude::*;

const S: i64 = 1_000_000_000;

/// Steps of a second from 0, with the probabilities of walking, up, down, sitting, standing and lying.
fn steps(rows: &[[f32; 6]]) -> Steps {
    Steps {
        step_ns: S,
        start_ns: (0..rows.len() as i64).map(|i| i * S).collect(),
        probabilities: rows.as_flattened().to_vec(),
        unknown: rows.iter().map(|row| 1.0 - row.iter().sum::<f32>()).collect(),
        attention: Vec::new(),
    }
}

const WALK: [f32; 6] = [0.96, 0.02, 0.02, 0.0, 0.0, 0.0];
const UP: [f32; 6] = [0.05, 0.5, 0.45, 0.0, 0.0, 0.0];
const DOWN: [f32; 6] = [0.05, 0.45, 0.5, 0.0, 0.0, 0.0];
const SIT: [f32; 6] = [0.0, 0.0, 0.0, 0.6, 0.3, 0.1];
const NOTHING: [f32; 6] = [0.1, 0.0, 0.0, 0.1, 0.0, 0.0];

fn answered(segments: &[Segment]) -> Vec<(&str, i64, i64)> {
    segments.iter().map(|s| (s.activity.as_str(), s.start_ns / S, s.end_ns / S)).collect()
}

#[test]
fn what_cannot_be_told_apart_is_answered_from_further_up() {
    let labels = LabelSet::six();
    let found = segments(&steps(&[WALK, WALK, UP, DOWN, UP, SIT, SIT, NOTHING]), &labels, 0.8, &[], &[]);
    assert_eq!(answered(&found), [("walking", 0, 2), ("stairs", 2, 5), ("still", 5, 7), ("unknown", 7, 8)]);
    let flags: Vec<bool> = found.iter().map(|s| s.flags == [Flag::BackedOff]).collect();
    assert_eq!(flags, [false, true, true, false]);
    let confidence: Vec<f32> = found.iter().map(|s| (s.confidence * 1e4).round() / 1e4).collect();
    assert_eq!(confidence, [0.96, 0.95, 1.0, 0.8]);
    // Asked for less, the labels are answered; the steps before and after stay as they are.
    let found = segments(&steps(&[WALK, UP, DOWN, SIT]), &labels, 0.5, &[], &[]);
    assert_eq!(
        answered(&found),
        [("walking", 0, 1), ("walking_upstairs", 1, 2), ("walking_downstairs", 2, 3), ("sitting", 3, 4)]
    );
}

#[test]
fn the_root_is_no_answer() {
    // It is known to be one of them, and nothing more.
    let row = [0.3, 0.1, 0.1, 0.4, 0.1, 0.0];
    let found = segments(&steps(&[row]), &LabelSet::six(), 0.8, &[], &[]);
    assert_eq!(answered(&found), [("unknown", 0, 1)]);
    assert!(found[0].confidence.abs() < 1e-6 && found[0].flags.is_empty());
    // Where all labels lie under one activity, that says something.
    let labels = LabelSet::new(["walking", "stairs"]).unwrap();
    let back_off = BackOff::new(&labels, 0.8);
    assert_eq!(back_off.answer(&[0.5, 0.45], 0.05).activity, "moving");
    assert_eq!(back_off.answer(&[0.3, 0.3], 0.4).activity, "unknown");
}

#[test]
fn a_low_confidence_gives_the_most_probable_label() {
    let labels = LabelSet::six();
    let answer = |confidence, row: [f32; 6]| {
        let back_off = BackOff::new(&labels, confidence);
        let unknown = 1.0 - row.iter().sum::<f32>();
        let answered = back_off.answer(&row, unknown);
        (answered.activity.to_owned(), answered.backed_off)
    };
    let say = |name: &str, backed_off| (name.to_owned(), backed_off);
    // Deeper, above the confidence, and not what is most probable.
    assert_eq!(answer(0.2, [0.0, 0.35, 0.0, 0.6, 0.05, 0.0]), say("sitting", false));
    assert_eq!(answer(0.0, [0.2, 0.25, 0.2, 0.2, 0.1, 0.05]), say("walking_upstairs", false));
    // Both directions together are more probable than walking.
    assert_eq!(answer(0.5, [0.4, 0.3, 0.3, 0.0, 0.0, 0.0]), say("stairs", true));
    assert_eq!(answer(1.0, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), say("walking", false));
    // Above one label only is no label.
    let labels = LabelSet::new(["walking_upstairs", "walking", "sitting"]).unwrap();
    let levels = BackOff::new(&labels, 0.8);
    assert_eq!(levels.answer(&[0.9, 0.05, 0.05], 0.0).activity, "walking_upstairs");
}

#[test]
fn pauses_and_flags_divide_and_what_was_not_worn_replaces() {
    let labels = LabelSet::six();
    let mut all = steps(&[WALK; 10]);
    // A pause of two seconds, and a step that the next one cuts short.
    for start in &mut all.start_ns[5..] {
        *start += 2 * S;
    }
    all.start_ns[9] -= S / 2;
    let found = segments(&all, &labels, 0.8, &[], &[]);
    assert_eq!(answered(&found), [("walking", 0, 5), ("walking", 7, 11)]);
    assert_eq!(found[1].end_ns, 11 * S + S / 2);

    let flagged = [Flagged { start_ns: 0, end_ns: 3 * S, flag: Flag::NoVertical }];
    let not_worn = [(8 * S + S / 2, 9 * S), (9 * S, 30 * S), (4 * S, 4 * S)];
    let found = segments(&all, &labels, 0.8, &not_worn, &flagged);
    let parts: Vec<_> = found.iter().map(|s| (s.activity.as_str(), s.start_ns, s.end_ns)).collect();
    assert_eq!(
        parts,
        [
            ("walking", 0, 3 * S),
            ("walking", 3 * S, 5 * S),
            ("walking", 7 * S, 8 * S + S / 2),
            (NOT_WORN, 8 * S + S / 2, 30 * S)
        ]
    );
    assert_eq!(found[0].flags, [Flag::NoVertical]);
    assert!(found[1].flags.is_empty() && found[3].confidence == 1.0);
}

#[test]
fn nothing_gives_nothing_and_not_a_number_gives_unknown() {
    let labels = LabelSet::six();
    assert!(segments(&Steps::default(), &labels, 0.8, &[], &[]).is_empty());
    let found = segments(&steps(&[[f32::NAN; 6]]), &labels, 0.8, &[], &[]);
    assert_eq!(answered(&found), [("unknown", 0, 1)]);
}

prop_compose! {
    fn row()(weights in prop::array::uniform7(0u32..100)) -> [f32; 7] {
        let sum = weights.iter().sum::<u32>().max(1) as f32;
        weights.map(|w| w as f32 / sum)
    }
}

proptest! {
    #[test]
    fn segments_cover_the_steps_and_keep_their_promise(
        rows in prop::collection::vec((row(), 0i64..3), 1..60),
        confidence in 0.0f32..1.0,
        not_worn in prop::collection::vec((0i64..120, 0i64..30), 0..4),
        flagged in (0i64..120, 0i64..60),
    ) {
        let labels = LabelSet::six();
        let mut all = Steps { step_ns: S, ..Steps::default() };
        let mut at = 0;
        for (row, pause) in &rows {
            all.start_ns.push(at);
            all.probabilities.extend(&row[..6]);
            all.unknown.push(row[6]);
            at += S + pause * S / 2;
        }
        let not_worn: Vec<(i64, i64)> =
            not_worn.iter().map(|&(from, length)| (from * S / 2, (from + length) * S / 2)).collect();
        let flags = [Flagged { start_ns: flagged.0 * S, end_ns: (flagged.0 + flagged.1) * S, flag: Flag::LowRate }];
        let found = segments(&all, &labels, confidence, &not_worn, &flags);
        for pair in found.windows(2) {
            prop_assert!(pair[0].end_ns <= pair[1].start_ns, "{pair:?}");
            let differ = pair[0].activity != pair[1].activity || pair[0].flags != pair[1].flags;
            prop_assert!(differ || pair[0].end_ns < pair[1].start_ns, "not united: {pair:?}");
        }
        // At every half second there is a segment where there is a step or nobody wore it, and nowhere else.
        for half in 0..2 * at / S + 200 {
            let time = half * S / 2 + S / 4;
            let rest = not_worn.iter().any(|(from, to)| (*from..*to).contains(&time));
            let step = (0..all.len()).any(|i| (all.start_ns[i]..all.end_ns(i)).contains(&time));
            let own = found.iter().find(|s| (s.start_ns..s.end_ns).contains(&time));
            prop_assert_eq!(own.is_some(), rest || step);
            prop_assert_eq!(own.is_some_and(|s| s.activity == NOT_WORN), rest);
        }
        let levels = labels.levels();
        for segment in &found {
            prop_assert!(segment.start_ns < segment.end_ns);
            prop_assert!((0.0..=1.0).contains(&segment.confidence));
            let depth = levels.iter().find(|level| level.name == segment.activity).map(|level| level.depth);
            prop_assert_ne!(depth, Some(0));
            if depth.is_some() {
                prop_assert!(segment.confidence >= confidence, "{segment:?} below {confidence}");
            }
            let label = labels.index_of(&segment.activity).is_some();
            prop_assert_eq!(segment.flags.contains(&Flag::BackedOff), depth.is_some() && !label);
        }
    }

    /// One step is answered as a segment of one step is.
    #[test]
    fn a_step_alone_is_answered_alike(row in row(), confidence in 0.0f32..1.0) {
        let labels = LabelSet::six();
        let one = Steps {
            step_ns: S,
            start_ns: [0].into(),
            probabilities: row[..6].to_vec(),
            unknown: [row[6]].into(),
            attention: Vec::new(),
        };
        let found = segments(&one, &labels, confidence, &[], &[]);
        let back_off = BackOff::new(&labels, confidence);
        let answered = back_off.answer(&row[..6], row[6]);
        prop_assert_eq!(found[0].activity.as_str(), answered.activity);
        prop_assert!((found[0].confidence - answered.confidence).abs() < 1e-6);
    }
}
