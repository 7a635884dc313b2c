//! The definitions of docs/CONTINUOUS.md, frame by frame on a grid: slow and obvious, to hold [`Activity::score`] against.

use super::intervals::Interval;
use super::ward::{Activity, ActivityScore};
use ambulo_record::continuous::{ErrorStretches, EventCounts, Stretches};
use std::collections::BTreeSet;

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Frame {
    scored: bool,
    truth: bool,
    answer: bool,
}

/// Reads a timeline, one character a frame of a second: in `truth` `#` is the activity, `.` is not and ` ` is not scored; in
/// `answers` `#` is the activity and anything else is not.
pub(super) fn timeline(truth: &str, answers: &str) -> Activity {
    assert_eq!(truth.len(), answers.len(), "one character a frame in both");
    let of = |text: &str, wanted: fn(u8) -> bool| {
        let times = text.bytes().enumerate().filter(|&(_, c)| wanted(c)).map(|(i, _)| i as i64);
        super::intervals::union(times.map(|t| Interval::new(t * SECOND, (t + 1) * SECOND)))
    };
    Activity {
        scored: of(truth, |c| c != b' '),
        truth: of(truth, |c| c == b'#'),
        answers: of(answers, |c| c == b'#'),
    }
}

pub(super) const SECOND: i64 = 1_000_000_000;

/// The same counts from `frames` frames of a second.
pub(super) fn score(activity: &Activity, frames: usize) -> ActivityScore {
    let holds = |set: &[Interval], i: usize| {
        let time = i as i64 * SECOND;
        set.iter().any(|interval| interval.start_ns <= time && time < interval.end_ns)
    };
    let grid: Vec<Frame> = (0..frames)
        .map(|i| Frame {
            scored: holds(&activity.scored, i),
            truth: holds(&activity.truth, i),
            answer: holds(&activity.answers, i),
        })
        .collect();
    ActivityScore { events: events(&grid), errors: errors(&grid), onsets_ns: onsets(&grid) }
}

/// Walks away from frame `i` as long as frames go on with what the error is part of; whether that reaches a true positive.
fn reaches(grid: &[Frame], i: usize, step: isize) -> bool {
    let false_negative = grid[i].truth;
    let mut at = i;
    loop {
        let Some(next) = at.checked_add_signed(step).filter(|&next| next < grid.len()) else { return false };
        at = next;
        let frame = grid[at];
        if frame.scored && frame.truth && frame.answer {
            return true;
        }
        // Within the event of the truth, or within that of the answers, which goes on where nothing is scored.
        let goes_on = if false_negative { frame.scored && frame.truth } else { frame.answer };
        if !goes_on {
            return false;
        }
    }
}

fn errors(grid: &[Frame]) -> ErrorStretches {
    let mut errors = ErrorStretches::default();
    for (i, frame) in grid.iter().enumerate().filter(|(_, frame)| frame.scored) {
        let (before, after) = (reaches(grid, i, -1), reaches(grid, i, 1));
        let kind: &mut Stretches = match (frame.truth, frame.answer, before, after) {
            (true, true, ..) => &mut errors.true_positive,
            (false, false, ..) => &mut errors.true_negative,
            (false, true, true, true) => &mut errors.merge,
            (false, true, false, true) => &mut errors.overfill_start,
            (false, true, true, false) => &mut errors.overfill_end,
            (false, true, false, false) => &mut errors.insertion,
            (true, false, true, true) => &mut errors.fragmentation,
            (true, false, false, true) => &mut errors.underfill_start,
            (true, false, true, false) => &mut errors.underfill_end,
            (true, false, false, false) => &mut errors.deletion,
        };
        // A stretch begins where the frame before is another or not scored.
        let begins = i == 0 || grid[i - 1] != *frame;
        *kind += Stretches { count: u64::from(begins), seconds: 1.0 };
    }
    errors
}

/// Number of the event of each frame, by side.
fn truth_events(grid: &[Frame]) -> Vec<Option<usize>> {
    let mut number = 0;
    (0..grid.len())
        .map(|i| {
            number += usize::from(grid[i].truth && (i == 0 || !grid[i - 1].truth));
            grid[i].truth.then_some(number)
        })
        .collect()
}

fn answer_events(grid: &[Frame]) -> Vec<Option<usize>> {
    let mut number = 0;
    // The last scored frame of the event that goes on, and whether a frame that was not scored came since.
    let (mut last, mut since): (Option<Frame>, bool) = (None, false);
    let mut events = Vec::new();
    for (i, frame) in grid.iter().enumerate() {
        if !frame.answer {
            events.push(None);
            continue;
        }
        if i == 0 || !grid[i - 1].answer {
            number += 1;
            (last, since) = (None, false);
        }
        if frame.scored {
            if since && frame.truth && last.is_some_and(|last| last.truth) {
                number += 1;
            }
            (last, since) = (Some(*frame), false);
        } else {
            since = true;
        }
        events.push(frame.scored.then_some(number));
    }
    events
}

fn events(grid: &[Frame]) -> EventCounts {
    let (truth, answers) = (truth_events(grid), answer_events(grid));
    let both: BTreeSet<(usize, usize)> =
        truth.iter().zip(&answers).filter_map(|(&t, &a)| Some((t?, a?))).collect();
    let answers_of = |event| both.iter().filter(|&&(t, _)| t == event).map(|&(_, a)| a).collect::<Vec<_>>();
    let truth_of = |event| both.iter().filter(|&&(_, a)| a == event).map(|&(t, _)| t).collect::<Vec<_>>();
    let mut counts = EventCounts::default();
    for event in truth.iter().flatten().copied().collect::<BTreeSet<usize>>() {
        let found = answers_of(event);
        let merged = found.iter().any(|&answer| truth_of(answer).len() > 1);
        *match (found.len(), merged) {
            (0, _) => &mut counts.deleted,
            (1, false) => &mut counts.correct,
            (1, true) => &mut counts.merged,
            (_, false) => &mut counts.fragmented,
            (_, true) => &mut counts.fragmented_merged,
        } += 1;
    }
    for event in answers.iter().flatten().copied().collect::<BTreeSet<usize>>() {
        let of = truth_of(event);
        let fragmenting = of.iter().any(|&truth| answers_of(truth).len() > 1);
        match (of.len(), fragmenting) {
            (0, _) => counts.inserted += 1,
            (1, false) => {}
            (1, true) => counts.fragmenting += 1,
            (_, false) => counts.merging += 1,
            (_, true) => counts.fragmenting_merging += 1,
        }
    }
    counts
}

fn onsets(grid: &[Frame]) -> Vec<Option<i64>> {
    let mut onsets = Vec::new();
    for start in (0..grid.len()).filter(|&i| grid[i].truth && (i == 0 || !grid[i - 1].truth)) {
        let end = (start..grid.len()).find(|&i| !grid[i].truth).unwrap_or(grid.len());
        let first = (start..end).find(|&i| grid[i].answer);
        onsets.push(first.map(|first| {
            let mut from = first;
            while from > 0 && grid[from - 1].answer && (from > start || !grid[from - 1].truth) {
                from -= 1;
            }
            (from as i64 - start as i64) * SECOND
        }));
    }
    onsets
}
