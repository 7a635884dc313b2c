//! Smoothing of answers over time: forward and backward over a hidden semi-Markov model.
//!
//! What a network says of a window is evidence of what was done at its middle. Activities last: a prior over them says for how
//! long, and which follows on which. Both together give the probability of each activity at each step, from all evidence
//! (whole file) or from what had come in some time after the step (fixed lag).
//!
//! A dwell time is a sum of `phases` geometric ones (a negative binomial, the discrete Erlang distribution), so that short
//! visits are rare without there being a longest; the semi-Markov model is then an ordinary hidden Markov model over labels and
//! phases, and its sums are exact (Rabiner 1989, sections III and IV.D; Langrock and Zucchini 2011 for dwell times by states in a row).

mod chain;
mod reference;
#[cfg(test)]
mod tests;
mod usual;

use crate::ModelError;
use alloc::collections::VecDeque;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use chain::Chain;
use serde::{Deserialize, Serialize};

pub use reference::smooth_slowly;

/// Most phases of a dwell time.
const MOST_PHASES: usize = 32;
/// Steps without evidence over which a belief is carried; after a longer pause a recording begins anew. At 0.64 s a step, more
/// than an hour.
const LONGEST_LINK: i64 = 1 << 13;
/// Steps whose forward sums are kept at a time in a whole file; those of earlier blocks are computed twice, so that memory does
/// not grow with a file.
const BLOCK: usize = 1 << 10;
/// Least likelihood of any evidence under any state, relative to the others: one window proves nothing.
const LEAST: f64 = 1e-6;

/// What is known of activities before anything is measured; part of a model's file. States are the labels in their order, and
/// behind them `unknown`, which stands for whatever the model was not taught.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Mean dwell time of each state, in seconds.
    pub dwell_s: Vec<f64>,
    /// Phases of each state's dwell time: 1 is geometric; more make short visits rarer, with a standard deviation of
    /// `dwell_s / sqrt(phases)`.
    pub phases: Vec<usize>,
    /// Where one goes from each state once it is left: rows `[from][to]` that add up to 1, nothing on the diagonal.
    pub exits: Vec<Vec<f64>>,
    /// Share of each state at a beginning.
    pub start: Vec<f64>,
    /// How much a second of windows counts: the exponent of their likelihoods is this times the step. Windows overlap and a
    /// network repeats its mistakes, so they are worth less than independent ones.
    pub evidence_per_s: f64,
    /// The same for answers that come a limited time after a step: delay in seconds and evidence, delays ascending. Whoever has to
    /// answer soon has to believe more of what is seen. Empty for the same as of a whole file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_by_delay: Vec<(f64, f64)>,
}

/// Evidence at one step: likelihood of what was seen under each state, relative to that under all labels together.
pub(crate) fn evidence(probabilities: &[f32], unknown_log_ratio: f64, out: &mut [f64]) {
    let labels = probabilities.len() as f64;
    for (out, &p) in out.iter_mut().zip(probabilities) {
        *out = f64::from(p) * labels;
    }
    if let Some(out) = out.get_mut(probabilities.len()) {
        *out = libm::exp(unknown_log_ratio.clamp(-30.0, 30.0));
    }
}

/// Probabilities of labels and `unknown` from one step's evidence alone, all labels together and `unknown` weighing as states of
/// equal share do.
#[must_use]
pub fn alone(probabilities: &[f32], unknown_log_ratio: f64) -> Vec<f32> {
    let mut here = vec![0.0; probabilities.len() + 1];
    evidence(probabilities, unknown_log_ratio, &mut here);
    let all: f64 = here.iter().sum();
    here.into_iter().map(|value| (value / all.max(f64::MIN_POSITIVE)) as f32).collect()
}

impl Prior {
    /// A prior that says nothing about order: all states last as long, and any follows on any.
    #[must_use]
    pub fn even(labels: usize, dwell_s: f64, evidence_per_s: f64) -> Self {
        let states = labels + 1;
        let row = |from| {
            let to = |to| if to == from { 0.0 } else { 1.0 / labels as f64 };
            (0..states).map(to).collect()
        };
        Self {
            dwell_s: vec![dwell_s; states],
            phases: vec![1; states],
            exits: (0..states).map(row).collect(),
            start: vec![1.0 / states as f64; states],
            evidence_per_s,
            evidence_by_delay: Vec::new(),
        }
    }

    /// This prior for answers after so many seconds: with the evidence of the longest delay in its table that is not longer, or of
    /// the shortest.
    #[must_use]
    pub fn after(&self, delay_s: f64) -> Self {
        let reached = self.evidence_by_delay.iter().rev().find(|(delay, _)| *delay <= delay_s + 1e-9);
        let found = reached.or(self.evidence_by_delay.first());
        Self { evidence_per_s: found.map_or(self.evidence_per_s, |&(_, evidence)| evidence), ..self.clone() }
    }

    /// Number of states: labels, and `unknown`.
    #[must_use]
    pub fn states(&self) -> usize {
        self.dwell_s.len()
    }

    /// Refuses a prior that is none for so many labels.
    ///
    /// # Errors
    /// [`ModelError::Inconsistent`] with what is wrong.
    pub fn validate(&self, labels: usize) -> Result<(), ModelError> {
        let states = labels + 1;
        let refuse = |what, expected: &str, found: alloc::string::String| {
            Err(ModelError::Inconsistent { what, expected: expected.into(), found })
        };
        let lengths = [self.dwell_s.len(), self.phases.len(), self.exits.len(), self.start.len()];
        if lengths
            .iter()
            .chain(self.exits.iter().map(Vec::len).collect::<Vec<_>>().iter())
            .any(|&n| n != states)
        {
            return refuse(
                "the smoothing",
                "an entry for each label and for unknown",
                alloc::format!("{lengths:?}"),
            );
        }
        if let Some(dwell) = self.dwell_s.iter().find(|&&d| !(d.is_finite() && d > 0.0)) {
            return refuse("a dwell time", "a positive number of seconds", dwell.to_string());
        }
        if let Some(phases) = self.phases.iter().find(|&&n| !(1..=MOST_PHASES).contains(&n)) {
            return refuse("the phases of a dwell time", "1 to 32", phases.to_string());
        }
        let ascending = self.evidence_by_delay.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let good = |v: f64| v.is_finite() && v > 0.0;
        if !(ascending && self.evidence_by_delay.iter().all(|&(delay, v)| delay.is_finite() && good(v))) {
            return refuse(
                "the evidence by delay",
                "ascending delays with positive numbers",
                "another".to_string(),
            );
        }
        if !good(self.evidence_per_s) {
            return refuse("the evidence of a second", "a positive number", self.evidence_per_s.to_string());
        }
        let is_share = |row: &[f64]| {
            row.iter().all(|&p| p.is_finite() && p >= 0.0) && libm::fabs(row.iter().sum::<f64>() - 1.0) < 1e-6
        };
        let leaves = |(from, row): (usize, &Vec<f64>)| row[from] == 0.0 && is_share(row);
        if !self.exits.iter().enumerate().all(leaves) || !is_share(&self.start) {
            return refuse(
                "the smoothing",
                "rows of shares that add up to 1, with none for staying",
                "other rows".to_string(),
            );
        }
        Ok(())
    }
}

/// Answers as evidence comes, each so many steps after the step that it is about.
#[derive(Clone, Debug)]
pub struct Smoother {
    chain: Chain,
    state: SmootherState,
    lag: i64,
}

/// What a [`Smoother`] remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SmootherState {
    /// The steps that wait for their answer, the earliest first; at least the last one, from which the next goes on.
    held: VecDeque<Held>,
    /// How many of them, from the front, have had theirs.
    answered: usize,
}

/// A step with its forward sums `[state and phase]` and its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    /// Number of the step on the grid of steps; gaps leave some out.
    number: i64,
    forward: Vec<f64>,
    evidence: Vec<f64>,
}

/// The answer for a step: its number, and probabilities `[state]`.
pub type Smoothed = (i64, Vec<f32>);

impl Smoother {
    /// One that has seen nothing. `step_s` is the length of a step in seconds; with `lag` 2 the answer for a step comes with the
    /// evidence two steps later, with -2 two steps before it, as a forecast.
    #[must_use]
    pub fn new(prior: &Prior, step_s: f64, lag: i64) -> Self {
        Self { chain: Chain::new(prior, step_s), state: SmootherState::default(), lag }
    }

    /// Takes the evidence at a step: probabilities of the labels, and the logarithm of how much likelier what was seen is under
    /// `unknown` than under the labels. Steps come in order of their numbers; where one is left out nothing was seen. Gives the
    /// answers that are ripe: nearly always one, more after a pause.
    pub fn push(&mut self, number: i64, probabilities: &[f32], unknown: f64) -> Vec<Smoothed> {
        let mut ripe = Vec::new();
        self.answer_until(number.saturating_sub(1), &mut ripe);
        let chain = &self.chain;
        let mut here = vec![0.0; chain.states()];
        evidence(probabilities, unknown, &mut here);
        chain.temper(&mut here);
        let mut forward = match self.state.held.back() {
            Some(last) => chain.ahead(&last.forward, number.saturating_sub(last.number)),
            None => chain.start(),
        };
        chain.weigh(&mut forward, &here);
        if self.lag < 0 {
            let ahead = chain.ahead(&forward, -self.lag);
            ripe.push((number.saturating_sub(self.lag), chain.posterior(&ahead, None)));
            self.state = SmootherState { held: VecDeque::new(), answered: 1 };
        }
        self.state.held.push_back(Held { number, forward, evidence: here });
        self.answer_until(number, &mut ripe);
        ripe
    }

    /// The answers for the steps that still wait, from the evidence there is; what follows begins anew.
    pub fn finish(&mut self) -> Vec<Smoothed> {
        let mut ripe = Vec::new();
        self.answer_until(i64::MAX, &mut ripe);
        self.state = SmootherState::default();
        ripe
    }

    /// Answers for the steps that wait until this one at the latest.
    fn answer_until(&mut self, number: i64, ripe: &mut Vec<Smoothed>) {
        while let Some(next) = self.state.held.get(self.state.answered) {
            if next.number.saturating_add(self.lag) > number {
                break;
            }
            ripe.push((next.number, self.posterior_of(self.state.answered)));
            self.state.answered += 1;
        }
        while self.state.answered > 0 && self.state.held.len() > 1 {
            self.state.held.pop_front();
            self.state.answered -= 1;
        }
    }

    /// Probabilities of a step that is held, from the evidence of all that are.
    fn posterior_of(&self, place: usize) -> Vec<f32> {
        let chain = &self.chain;
        let mut backward = chain.nothing();
        let later = self.state.held.iter().skip(place);
        for (here, before) in later.clone().rev().zip(later.rev().skip(1)) {
            chain.weigh(&mut backward, &here.evidence);
            backward = chain.back(&backward, here.number.saturating_sub(before.number));
        }
        chain.posterior(&self.state.held[place].forward, Some(&backward))
    }

    /// What it remembers.
    #[must_use]
    pub fn state(&self) -> &SmootherState {
        &self.state
    }

    /// Goes on from what one of the same prior, step and lag remembered; false, and nothing changed, if it was not.
    #[must_use]
    pub fn restore(&mut self, state: SmootherState) -> bool {
        let fits = |held: &Held| {
            held.forward.len() == self.chain.len()
                && held.evidence.len() == self.chain.states()
                && held.forward.iter().chain(&held.evidence).all(|v| v.is_finite() && *v >= 0.0)
        };
        let most = usize::try_from(self.lag).unwrap_or(0) + 1;
        let good =
            state.held.iter().all(fits) && state.held.len() <= most && state.answered <= state.held.len();
        if good {
            self.state = state;
        }
        good
    }
}

/// Smooths a whole recording: probabilities `[step, label]` and log ratios of `unknown` at steps of these ascending numbers, to
/// `[step, state]`, from all evidence before and after. `step_s` is the length of a step in seconds.
///
/// # Panics
/// If the slices do not have one entry for each step.
#[must_use]
pub fn smooth(
    prior: &Prior,
    step_s: f64,
    numbers: &[i64],
    probabilities: &[f32],
    unknown: &[f32],
) -> Vec<f32> {
    let chain = Chain::new(prior, step_s);
    let (states, labels) = (chain.states(), chain.states() - 1);
    assert!(
        probabilities.len() == numbers.len() * labels && unknown.len() == numbers.len(),
        "one entry for each step"
    );
    let mut out = vec![0.0; numbers.len() * states];
    let mut here = vec![0.0; states];
    let evidence_at = |i: usize, here: &mut [f64]| {
        evidence(&probabilities[i * labels..(i + 1) * labels], f64::from(unknown[i]), here);
        chain.temper(here);
    };
    let mut next = |i: usize, before: Option<&[f64]>| {
        let mut forward = match before {
            Some(before) => chain.ahead(before, numbers[i].saturating_sub(numbers[i - 1])),
            None => chain.start(),
        };
        evidence_at(i, &mut here);
        chain.weigh(&mut forward, &here);
        forward
    };
    // The forward sums before each block.
    let mut before_blocks: Vec<Option<Vec<f64>>> = Vec::new();
    let mut last: Option<Vec<f64>> = None;
    for i in 0..numbers.len() {
        if i % BLOCK == 0 {
            before_blocks.push(last.clone());
        }
        last = Some(next(i, last.as_deref()));
    }
    let mut backward = chain.nothing();
    let mut evidence_here = vec![0.0; states];
    for (number, before) in before_blocks.into_iter().enumerate().rev() {
        let begin = number * BLOCK;
        let end = (begin + BLOCK).min(numbers.len());
        let mut forwards: Vec<Vec<f64>> = Vec::with_capacity(end - begin);
        for i in begin..end {
            let forward = next(i, forwards.last().or(before.as_ref()).map(Vec::as_slice));
            forwards.push(forward);
        }
        for i in (begin..end).rev() {
            out[i * states..(i + 1) * states]
                .copy_from_slice(&chain.posterior(&forwards[i - begin], Some(&backward)));
            if i > 0 {
                evidence(
                    &probabilities[i * labels..(i + 1) * labels],
                    f64::from(unknown[i]),
                    &mut evidence_here,
                );
                chain.temper(&mut evidence_here);
                chain.weigh(&mut backward, &evidence_here);
                backward = chain.back(&backward, numbers[i].saturating_sub(numbers[i - 1]));
            }
        }
    }
    out
}
