//! The ordinary hidden Markov model over states and phases that stands for a semi-Markov one.

use super::{LEAST, LONGEST_LINK, Prior};
use alloc::vec;
use alloc::vec::Vec;

/// Transition probabilities at one length of step.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// First phase of each state, and behind the last one the number of all phases.
    first: Vec<usize>,
    /// Probability to leave a phase of each state in a step.
    leave: Vec<f64>,
    /// `[from][to]`.
    exits: Vec<Vec<f64>>,
    start: Vec<f64>,
    /// Exponent of the evidence of one step.
    exponent: f64,
}

impl Chain {
    /// That of a prior's labels.
    pub(super) fn new(prior: &Prior, step_s: f64) -> Self {
        let dwells: Vec<(f64, usize)> =
            prior.dwell_s.iter().copied().zip(prior.phases.iter().copied()).collect();
        Self::of(&dwells, &prior.exits, &prior.start, prior.evidence_per_s, step_s)
    }

    /// Of states with mean dwell times in seconds and phases.
    pub(super) fn of(
        dwells: &[(f64, usize)],
        exits: &[Vec<f64>],
        start: &[f64],
        evidence_per_s: f64,
        step_s: f64,
    ) -> Self {
        let mut first = vec![0];
        for &(_, phases) in dwells {
            first.push(first.last().copied().unwrap_or(0) + phases);
        }
        // A phase is left once in every `dwell / phases` seconds on average, but no more than once in a step.
        let leave = dwells.iter().map(|&(dwell, n)| (n as f64 * step_s / dwell).min(1.0));
        Self {
            first,
            leave: leave.collect(),
            exits: exits.to_vec(),
            start: start.to_vec(),
            exponent: evidence_per_s * step_s,
        }
    }

    /// Number of states.
    pub(super) fn states(&self) -> usize {
        self.leave.len()
    }

    /// Number of phases of all states together.
    pub(super) fn len(&self) -> usize {
        self.first[self.states()]
    }

    /// Evidence of a step to what it is worth.
    pub(super) fn temper(&self, evidence: &mut [f64]) {
        let most = evidence.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        for value in evidence {
            let share = *value / most;
            // What is not a number says nothing.
            *value = if share.is_finite() { libm::pow(share.max(LEAST), self.exponent) } else { 1.0 };
        }
    }

    /// The belief at a beginning: anywhere in a dwell time, as nobody begins to record when an activity begins.
    pub(super) fn start(&self) -> Vec<f64> {
        let mut belief = vec![0.0; self.len()];
        for (state, &share) in self.start.iter().enumerate() {
            let phases = self.first[state]..self.first[state + 1];
            let each = share / phases.len() as f64;
            belief[phases].fill(each);
        }
        belief
    }

    /// No evidence of what follows.
    pub(super) fn nothing(&self) -> Vec<f64> {
        vec![1.0; self.len()]
    }

    /// Multiplies with the evidence of each state and makes the sum 1, so that numbers stay within reach.
    pub(super) fn weigh(&self, belief: &mut [f64], evidence: &[f64]) {
        let mut sum = 0.0;
        for (state, &likelihood) in evidence.iter().enumerate() {
            for value in &mut belief[self.first[state]..self.first[state + 1]] {
                *value *= likelihood;
                sum += *value;
            }
        }
        if sum > 0.0 {
            belief.iter_mut().for_each(|value| *value /= sum);
        }
    }

    /// The belief so many steps later.
    pub(super) fn ahead(&self, belief: &[f64], steps: i64) -> Vec<f64> {
        if steps > LONGEST_LINK {
            return self.start();
        }
        let mut now = belief.to_vec();
        let mut next = vec![0.0; now.len()];
        for _ in 0..steps.max(1) {
            next.fill(0.0);
            for (state, &leave) in self.leave.iter().enumerate() {
                let (begin, end) = (self.first[state], self.first[state + 1]);
                for phase in begin..end {
                    next[phase] += now[phase] * (1.0 - leave);
                    if phase + 1 < end {
                        next[phase + 1] += now[phase] * leave;
                    }
                }
                let gone = now[end - 1] * leave;
                for (to, &share) in self.exits[state].iter().enumerate() {
                    next[self.first[to]] += gone * share;
                }
            }
            core::mem::swap(&mut now, &mut next);
        }
        now
    }

    /// How likely what follows so many steps later is from each state and phase.
    pub(super) fn back(&self, later: &[f64], steps: i64) -> Vec<f64> {
        if steps > LONGEST_LINK {
            return self.nothing();
        }
        let mut now = later.to_vec();
        let mut before = vec![0.0; now.len()];
        for _ in 0..steps.max(1) {
            for (state, &leave) in self.leave.iter().enumerate() {
                let (begin, end) = (self.first[state], self.first[state + 1]);
                let mut entered = 0.0;
                for (to, &share) in self.exits[state].iter().enumerate() {
                    entered += share * now[self.first[to]];
                }
                for phase in begin..end {
                    let on = if phase + 1 < end { now[phase + 1] } else { entered };
                    before[phase] = now[phase] * (1.0 - leave) + on * leave;
                }
            }
            core::mem::swap(&mut now, &mut before);
        }
        now
    }

    /// Probability of each state.
    pub(super) fn posterior(&self, forward: &[f64], backward: Option<&[f64]>) -> Vec<f32> {
        let of_state = |state: usize| -> f64 {
            let phases = self.first[state]..self.first[state + 1];
            match backward {
                Some(backward) => phases.map(|i| forward[i] * backward[i]).sum(),
                None => phases.map(|i| forward[i]).sum(),
            }
        };
        let sums: Vec<f64> = (0..self.states()).map(of_state).collect();
        let all: f64 = sums.iter().sum();
        sums.into_iter().map(|sum| (sum / all.max(f64::MIN_POSITIVE)) as f32).collect()
    }

    /// Transition matrix over states and phases, `[from][to]`, for the slow reference.
    pub(super) fn matrix(&self) -> Vec<Vec<f64>> {
        let unit = |i: usize| {
            let mut belief = vec![0.0; self.len()];
            belief[i] = 1.0;
            self.ahead(&belief, 1)
        };
        (0..self.len()).map(unit).collect()
    }

    /// The state of a phase.
    pub(super) fn state_of(&self, phase: usize) -> usize {
        self.first.iter().rposition(|&first| first <= phase).unwrap_or(0).min(self.states() - 1)
    }
}
