//! Probabilities and attention, step by step.

use super::super::sheet::Answers;
use super::bytes::{Bytes, milliseconds};
use super::time;
use crate::text::count;
use serde::Serialize;

/// Bytes that probabilities may take.
const MOST: usize = 700_000;
/// Pieces between gaps that are kept; with more of them there is nothing even about the steps.
const MOST_PIECES: usize = 20_000;
/// Values of attention that are kept.
const MOST_WEIGHTS: usize = 200_000;
/// How far probabilities may be from those of their steps, and over how many steps their means are taken, best first; after
/// these the steps are doubled.
const LEVELS: [(f32, usize); 6] = [(0.01, 1), (0.02, 1), (0.05, 1), (0.05, 2), (0.05, 4), (0.1, 4)];
/// A step this far from where even steps would be begins a new piece, in milliseconds.
const EVEN_MS: f64 = 2.0;

#[derive(Serialize)]
pub(super) struct Kept {
    /// Length of a step in milliseconds.
    step: f64,
    count: usize,
    /// For each piece of even steps: milliseconds from the end of the one before (signed), and how many.
    pieces: String,
    /// For each run: how many steps, a bit for each lane that is not 0 (lowest first, 8 a byte), and a byte for each of those
    /// in 255ths.
    runs: String,
    run_count: usize,
    attention: Option<Attention>,
    #[serde(skip)]
    tolerance: f32,
    #[serde(skip)]
    group: usize,
}

#[derive(Serialize)]
struct Attention {
    /// Steps of which each value is the mean.
    group: usize,
    /// A byte each: 128 plus 32 times the binary logarithm of the weight; 0 where it is no number.
    data: String,
}

/// All that is kept; nothing where there are no steps, or none that are even.
pub(super) fn keep(answers: &Answers<'_>) -> Option<Kept> {
    let step = answers.steps.step_ns as f64 / 1e6;
    let pieces = pieces(answers, step)?;
    let mut levels = LEVELS.into_iter();
    let (mut tolerance, mut group) = LEVELS[0];
    let (runs, run_count) = loop {
        (tolerance, group) = levels.next().unwrap_or((tolerance, group * 2));
        if let Some(found) = runs(answers, tolerance, group) {
            break found;
        }
        // One mean over all that is too large: more labels than a page can show.
        if group > answers.count {
            return None;
        }
    };
    Some(Kept {
        step,
        count: answers.count,
        pieces: pieces.text(),
        runs: runs.text(),
        run_count,
        attention: answers.attention().map(attention),
        tolerance,
        group,
    })
}

impl Kept {
    pub(super) fn sentences(&self) -> Vec<String> {
        // The tolerance, and half of the smallest difference that a byte can hold.
        let within = f64::from(self.tolerance + 0.5 / 255.0 + 5e-4);
        let of = match self.group {
            1 => "those of each step".to_owned(),
            group => format!("their means over {} ({group} steps)", time(self.step * group as f64 / 1e3)),
        };
        let mut out = vec![format!(
            "Probabilities: {} runs for {} steps, within {within:.3} of {of}.",
            count(self.run_count as u64),
            count(self.count as u64)
        )];
        if let Some(attention) = &self.attention {
            out.push(match attention.group {
                1 => "Where the network looked: each step.".to_owned(),
                group => format!("Where the network looked: means over {group} steps."),
            });
        }
        out
    }
}

fn pieces(answers: &Answers<'_>, step: f64) -> Option<Bytes> {
    if answers.count == 0 {
        return None;
    }
    let mut bytes = Bytes::default();
    let (mut number, mut first, mut start, mut until) = (0, 0, 0.0, 0.0f64);
    for i in 0..=answers.count {
        let at = answers.steps.start_ns[..answers.count].get(i).map(|&ns| milliseconds(ns) as f64);
        if i > 0 && at.is_some_and(|at| (at - (start + (i - first) as f64 * step)).abs() <= EVEN_MS) {
            continue;
        }
        if i > 0 {
            bytes.number((i - first) as u64);
            until = start + (i - first) as f64 * step;
        }
        let Some(at) = at else { break };
        let pause = (at - until).round();
        bytes.signed(pause as i64);
        // As the script adds it up.
        (first, start) = (i, until + pause);
        number += 1;
        if number > MOST_PIECES {
            return None;
        }
    }
    Some(bytes)
}

/// Runs of rows that differ by at most twice the tolerance, each as the middle between its least and its most; nothing if they
/// take too many bytes.
fn runs(answers: &Answers<'_>, tolerance: f32, group: usize) -> Option<(Bytes, usize)> {
    let lanes = answers.lanes();
    let mut bytes = Bytes::default();
    let mut number = 0;
    let (mut least, mut most) = (vec![0.0f32; lanes], vec![0.0f32; lanes]);
    let (mut held, mut mean) = (0usize, vec![0.0f32; lanes]);
    let mut finish = |held: usize, least: &[f32], most: &[f32], bytes: &mut Bytes| {
        number += 1;
        bytes.number(held as u64);
        let value = |lane: usize| (127.5 * (least[lane] + most[lane])).round() as u8;
        for eight in 0..lanes.div_ceil(8) {
            let bit =
                |bit: usize| (8 * eight + bit < lanes && value(8 * eight + bit) > 0).then_some(1 << bit);
            bytes.0.push((0..8).filter_map(bit).sum());
        }
        bytes.0.extend((0..lanes).map(value).filter(|&value| value > 0));
        (bytes.0.len() <= MOST).then_some(())
    };
    let mut begin = 0;
    while begin < answers.count {
        let steps = group.min(answers.count - begin);
        mean.fill(0.0);
        for step in begin..begin + steps {
            for (sum, p) in mean.iter_mut().zip(answers.row(step)) {
                *sum += p / steps as f32;
            }
        }
        let near = |lane: usize| most[lane].max(mean[lane]) - least[lane].min(mean[lane]) <= 2.0 * tolerance;
        if held > 0 && !(0..lanes).all(near) {
            finish(held, &least, &most, &mut bytes)?;
            held = 0;
        }
        for lane in 0..lanes {
            let p = mean[lane];
            (least[lane], most[lane]) =
                if held == 0 { (p, p) } else { (least[lane].min(p), most[lane].max(p)) };
        }
        held += steps;
        begin += steps;
    }
    if held > 0 {
        finish(held, &least, &most, &mut bytes)?;
    }
    Some((bytes, number))
}

fn attention(weights: &[f32]) -> Attention {
    let group = weights.len().div_ceil(MOST_WEIGHTS).max(1);
    let byte = |some: &[f32]| {
        let mean = some.iter().sum::<f32>() / some.len() as f32;
        if mean.is_finite() {
            (128.0 + 32.0 * mean.max(1e-9).log2()).clamp(1.0, 255.0).round() as u8
        } else {
            0
        }
    };
    Attention { group, data: Bytes(weights.chunks(group).map(byte).collect()).text() }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::reading::Reader;
    use super::*;
    use ambulo_record::timeline::{Steps, Timeline};

    fn timeline(steps: usize, value: impl Fn(usize) -> f32, start: impl Fn(usize) -> i64) -> Timeline {
        let mut timeline =
            Timeline { labels: vec!["sitting".into(), "walking".into()], ..Timeline::default() };
        timeline.steps = Steps { step_ns: 640_000_000, ..Steps::default() };
        for i in 0..steps {
            timeline.steps.start_ns.push(start(i));
            let p = value(i);
            timeline.steps.probabilities.extend([p * 0.9, (1.0 - p) * 0.9]);
            timeline.steps.unknown.push(0.1);
            timeline.steps.attention.push(if i % 7 == 0 { f32::NAN } else { 2.0 });
        }
        timeline
    }

    fn even(i: usize) -> i64 {
        i as i64 * 640_000_000
    }

    #[test]
    fn every_step_is_within_the_stated_tolerance() {
        let timeline = timeline(5000, |i| 0.5 + 0.5 * (i as f32 * 0.01).sin(), even);
        let sheet = super::super::super::sheet::Sheet::new(&timeline);
        for (tolerance, most_runs) in [(0.01, 1500), (0.05, 400)] {
            let (bytes, count) = runs(&sheet.answers, tolerance, 1).unwrap();
            let mut reader = Reader(&bytes.0);
            let mut step = 0;
            for _ in 0..count {
                let held = reader.number() as usize;
                let mask = reader.byte();
                let row: Vec<f32> = (0..3)
                    .map(|lane| if mask >> lane & 1 == 1 { f32::from(reader.byte()) / 255.0 } else { 0.0 })
                    .collect();
                for i in step..step + held {
                    for (a, b) in sheet.answers.row(i).zip(&row) {
                        assert!((a - b).abs() <= tolerance + 0.5 / 255.0 + 1e-5, "{i}");
                    }
                }
                step += held;
            }
            assert_eq!((step, reader.0.len()), (5000, 0));
            assert!(count < most_runs, "{count}");
        }
    }

    #[test]
    fn restless_probabilities_are_kept_as_means() {
        // Nothing that a run could hold, for a week.
        let timeline = timeline(945_000, |i| (i * 7919 % 1000) as f32 / 1000.0, even);
        let sheet = super::super::super::sheet::Sheet::new(&timeline);
        let kept = keep(&sheet.answers).unwrap();
        assert!(kept.group > 1 && kept.runs.len() <= MOST * 4 / 3 + 4);
        assert!(kept.sentences()[0].contains("their means over"), "{:?}", kept.sentences());
        assert_eq!(kept.attention.as_ref().map(|attention| attention.group), Some(5));
    }

    #[test]
    fn gaps_begin_pieces_and_jitter_does_not() {
        let start = |i: usize| even(i) + if i < 10 { 0 } else { 5_000_000_000 } + (i % 2) as i64 * 1_000_000;
        let timeline = timeline(20, |_| 1.0, start);
        let sheet = super::super::super::sheet::Sheet::new(&timeline);
        let bytes = pieces(&sheet.answers, 640.0).unwrap();
        let mut reader = Reader(&bytes.0);
        let read: Vec<(i64, u64)> = (0..2).map(|_| (reader.signed(), reader.number())).collect();
        assert_eq!((read, reader.0.len()), (vec![(0, 10), (5000, 10)], 0));
    }

    #[test]
    fn steps_that_are_not_even_are_left_out() {
        let timeline = timeline(50_000, |_| 1.0, |i| even(i) * 2);
        let sheet = super::super::super::sheet::Sheet::new(&timeline);
        assert!(keep(&sheet.answers).is_none());
    }
}
