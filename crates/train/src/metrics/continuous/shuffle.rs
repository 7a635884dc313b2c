//! A recording whose activities come in another order, to see whether smoothing has learnt the order of a protocol.

use super::intervals::Interval;
use super::truth::{TrueStretch, Truth};
use ambulo_record::timeline::Steps;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Cuts the steps of a recording where its truth changes, puts the pieces in a random order and joins them again.
///
/// Each piece is the steps whose middle lies in one stretch of the truth; steps without truth are left out, so that pieces
/// follow on each other without a pause. What moves is what the network said alone (`width` probabilities a step): times
/// are laid anew from 0, `step_ns` each, and so is the truth; two stretches of one activity that come to lie side by side are one event. The same steps and seed give the same order, a Fisher-Yates
/// shuffle by `ChaCha8`.
///
/// # Panics
/// If there are not `width` probabilities for each step.
#[must_use]
pub fn shuffled(steps: &Steps, truth: &Truth, width: usize, seed: u64) -> (Steps, Truth) {
    let mut pieces: Vec<(&TrueStretch, Vec<usize>)> = Vec::new();
    let mut stretches = truth.stretches.iter().peekable();
    for i in 0..steps.len() {
        let time = Interval::new(steps.start_ns[i], steps.end_ns(i));
        let middle = time.start_ns.saturating_add_unsigned(time.length_ns() / 2);
        while stretches.next_if(|stretch| stretch.time.end_ns <= middle).is_some() {}
        let Some(stretch) = stretches.peek().copied().filter(|s| s.time.start_ns <= middle) else { continue };
        match pieces.last_mut() {
            Some((last, piece)) if std::ptr::eq(*last, stretch) => piece.push(i),
            _ => pieces.push((stretch, vec![i])),
        }
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for i in (1..pieces.len()).rev() {
        // By multiplication and shift (Lemire 2019): the bias is below `pieces / 2^64`.
        let other = ((u128::from(random.next_u64()) * (i as u128 + 1)) >> 64) as usize;
        pieces.swap(i, other);
    }

    let mut laid = Steps { step_ns: steps.step_ns, ..Steps::default() };
    let mut anew = Truth::default();
    for (stretch, piece) in pieces {
        let at = |steps: &Steps| steps.step_ns.saturating_mul(steps.len() as i64);
        let start_ns = at(&laid);
        for i in piece {
            laid.start_ns.push(at(&laid));
            laid.probabilities.extend_from_slice(steps.row(i, width));
            laid.unknown.extend(steps.unknown.get(i));
            laid.attention.extend(steps.attention.get(i));
        }
        let time = Interval::new(start_ns, at(&laid));
        anew.stretches.push(TrueStretch { time, target: stretch.target.clone() });
    }
    (laid, anew)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::Target;

    #[test]
    fn pieces_change_places_and_keep_their_steps_and_their_truth() {
        let truth = Truth {
            stretches: (0..8)
                .map(|n: u8| TrueStretch {
                    time: Interval::new(100 * i64::from(n), 100 * i64::from(n) + 80),
                    target: Target::Class(n % 3),
                })
                .collect(),
            ..Truth::default()
        };
        // Ten steps a stretch of 100, two of them without truth.
        let steps = Steps {
            step_ns: 10,
            start_ns: (0..80).map(|i| 10 * i).collect(),
            probabilities: (0..80).flat_map(|i| [i as f32, -(i as f32)]).collect(),
            unknown: (0..80).map(|i| i as f32).collect(),
            attention: Vec::new(),
        };
        let (laid, anew) = shuffled(&steps, &truth, 2, 5);
        assert_eq!((laid.len(), laid.step_ns), (64, 10));
        assert!(laid.start_ns.iter().copied().eq((0..64).map(|i| 10 * i)));
        let mut seen = Vec::new();
        for (number, stretch) in anew.stretches.iter().enumerate() {
            assert_eq!(stretch.time, Interval::new(80 * number as i64, 80 * (number as i64 + 1)));
            let rows: Vec<f32> = (8 * number..8 * number + 8).map(|i| laid.row(i, 2)[0]).collect();
            assert!(rows.windows(2).all(|pair| pair[1] == pair[0] + 1.0), "a piece stays in order: {rows:?}");
            let from = rows[0] as u8 / 10;
            assert_eq!((rows[0] as u8 % 10, stretch.target.clone()), (0, Target::Class(from % 3)));
            assert_eq!(laid.unknown[8 * number], rows[0]);
            seen.push(from);
        }
        assert_ne!(seen, (0..8).collect::<Vec<_>>(), "another order");
        seen.sort_unstable();
        assert_eq!(seen, (0..8).collect::<Vec<_>>());
        assert_eq!(shuffled(&steps, &truth, 2, 5), (laid, anew));
        assert_eq!(shuffled(&Steps::default(), &truth, 2, 5).1, Truth::default());
    }
}
