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

/// What is known of activities before anything is measured; part of a model's file. States are the labels in their order; whether
/// it is any of them at all is a chain of its own ([`Prior::unknown`]), so that what is strange about a moment does not disturb what it
/// would be if it were known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Mean dwell time of each label, in seconds.
    pub dwell_s: Vec<f64>,
    /// Phases of each label's dwell time: 1 is geometric; more make short visits rarer, with a standard deviation of
    /// `dwell_s / sqrt(phases)`.
    pub phases: Vec<usize>,
    /// Where one goes from each label once it is left: rows `[from][to]` that add up to 1, nothing on the diagonal.
    pub exits: Vec<Vec<f64>>,
    /// Share of each label at a beginning.
    pub start: Vec<f64>,
    /// How much a second of windows counts: the exponent of their likelihoods is this times the step. Windows overlap and a
    /// network repeats its mistakes, so they are worth less than independent ones.
    pub evidence_per_s: f64,
    /// The same for answers that come a limited time after a step, delays ascending. Whoever has to answer soon has to believe more
    /// of what is seen. Empty for the same as of a whole file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_delay: Vec<AfterDelay>,
    /// Whether what is done is one of the labels.
    pub unknown: UnknownPrior,
}

/// What is known before anything is measured of whether something is done that a model was not taught.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnknownPrior {
    /// Share of time in which it is.
    pub share: f64,
    /// For how long, in seconds on average.
    pub dwell_s: f64,
    /// As [`Prior::evidence_per_s`], of how much likelier a window is under `unknown`.
    pub evidence_per_s: f64,
}

/// Whether it is any label: nothing is known of others than of known ones, and this of unknown ones, relative to them.
fn unknown_evidence(log_ratio: f64) -> [f64; 2] {
    [1.0, libm::exp(log_ratio.clamp(-30.0, 30.0))]
}

/// What a prior is for answers that come some time after a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterDelay {
    /// From this delay on, in seconds.
    pub delay_s: f64,
    /// As [`Prior::evidence_per_s`].
    pub evidence_per_s: f64,
    /// Phases of all dwell times.
    pub phases: usize,
}

/// Probabilities of labels and `unknown` from one step's evidence alone, known and unknown being as likely before it.
#[must_use]
pub fn alone(probabilities: &[f32], unknown_log_ratio: f64) -> Vec<f32> {
    let [known, unknown] = unknown_evidence(unknown_log_ratio);
    together(probabilities, (unknown / (known + unknown)) as f32)
}

/// Probabilities of labels, if it is one, with that of `unknown` behind them.
fn together(labels: &[f32], unknown: f32) -> Vec<f32> {
    let unknown = if unknown.is_finite() { unknown } else { 0.0 };
    labels.iter().map(|p| p * (1.0 - unknown)).chain([unknown]).collect()
}

impl Prior {
    /// A prior that says nothing about order: all states last as long, and any follows on any.
    #[must_use]
    pub fn even(labels: usize, dwell_s: f64, evidence_per_s: f64) -> Self {
        let row = |from| {
            let to = |to| if to == from { 0.0 } else { 1.0 / (labels.max(2) - 1) as f64 };
            (0..labels).map(to).collect()
        };
        Self {
            dwell_s: vec![dwell_s; labels],
            phases: vec![1; labels],
            exits: (0..labels).map(row).collect(),
            start: vec![1.0 / labels as f64; labels],
            evidence_per_s,
            by_delay: Vec::new(),
            unknown: UnknownPrior::default(),
        }
    }

    /// This prior for answers after so many seconds: with what its table has for the longest delay that is not longer, or for the
    /// shortest.
    #[must_use]
    pub fn after(&self, delay_s: f64) -> Self {
        let reached = self.by_delay.iter().rev().find(|after| after.delay_s <= delay_s + 1e-9);
        let Some(found) = reached.or(self.by_delay.first()) else { return self.clone() };
        Self {
            evidence_per_s: found.evidence_per_s,
            phases: vec![found.phases; self.labels()],
            ..self.clone()
        }
    }

    /// Number of labels.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.dwell_s.len()
    }

    /// Refuses a prior that is none for so many labels.
    ///
    /// # Errors
    /// [`ModelError::Inconsistent`] with what is wrong.
    pub fn validate(&self, labels: usize) -> Result<(), ModelError> {
        let states = labels;
        let refuse = |what, expected: &str, found: alloc::string::String| {
            Err(ModelError::Inconsistent { what, expected: expected.into(), found })
        };
        let lengths = [self.dwell_s.len(), self.phases.len(), self.exits.len(), self.start.len()];
        if lengths
            .iter()
            .chain(self.exits.iter().map(Vec::len).collect::<Vec<_>>().iter())
            .any(|&n| n != states)
        {
            return refuse("the smoothing", "an entry for each label", alloc::format!("{lengths:?}"));
        }
        if let Some(dwell) = self.dwell_s.iter().find(|&&d| !(d.is_finite() && d > 0.0)) {
            return refuse("a dwell time", "a positive number of seconds", dwell.to_string());
        }
        if let Some(phases) = self.phases.iter().find(|&&n| !(1..=MOST_PHASES).contains(&n)) {
            return refuse("the phases of a dwell time", "1 to 32", phases.to_string());
        }
        let good = |v: f64| v.is_finite() && v > 0.0;
        let ascending = self.by_delay.windows(2).all(|pair| pair[0].delay_s < pair[1].delay_s);
        let sound = |after: &AfterDelay| {
            after.delay_s.is_finite()
                && good(after.evidence_per_s)
                && (1..=MOST_PHASES).contains(&after.phases)
        };
        if !(ascending && self.by_delay.iter().all(sound)) {
            return refuse(
                "what holds by delay",
                "ascending delays, positive numbers",
                "another".to_string(),
            );
        }
        let UnknownPrior { share, dwell_s, evidence_per_s } = self.unknown;
        if !(share > 0.0 && share < 1.0 && good(dwell_s) && good(evidence_per_s)) {
            let expected = "a share between 0 and 1 and positive numbers";
            return refuse("what is known of the unknown", expected, alloc::format!("{:?}", self.unknown));
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

impl Default for UnknownPrior {
    /// A twentieth of the time, for half a minute.
    fn default() -> Self {
        Self { share: 0.05, dwell_s: 30.0, evidence_per_s: 0.15 }
    }
}

impl UnknownPrior {
    /// Known and unknown in turn.
    fn chain(&self, step_s: f64) -> Chain {
        let known_s = self.dwell_s * (1.0 - self.share) / self.share;
        Chain::of(
            &[(known_s, 1), (self.dwell_s, 1)],
            &[vec![0.0, 1.0], vec![1.0, 0.0]],
            &[1.0 - self.share, self.share],
            self.evidence_per_s,
            step_s,
        )
    }
}

/// Answers as evidence comes, each so many steps after the step that it is about.
#[derive(Clone, Debug)]
pub struct Smoother {
    labels: Lagged,
    unknown: Lagged,
}

/// What a [`Smoother`] remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SmootherState {
    labels: LaggedState,
    unknown: LaggedState,
}

impl Smoother {
    /// One that has seen nothing. `step_s` is the length of a step in seconds; with `lag` 2 the answer for a step comes with the
    /// evidence two steps later, with -2 two steps before it, as a forecast.
    #[must_use]
    pub fn new(prior: &Prior, step_s: f64, lag: i64) -> Self {
        Self {
            labels: Lagged::new(Chain::new(prior, step_s), lag),
            unknown: Lagged::new(prior.unknown.chain(step_s), lag),
        }
    }

    /// Takes what was seen at a step: probabilities of the labels, and the logarithm of how much likelier it is under `unknown` than
    /// under the labels. Steps come in order of their numbers; where one is left out nothing was seen. Gives the answers that are
    /// ripe, of labels and `unknown` behind them: nearly always one, more after a pause.
    pub fn push(&mut self, number: i64, probabilities: &[f32], unknown: f64) -> Vec<Smoothed> {
        let labels: Vec<f64> = probabilities.iter().map(|&p| f64::from(p)).collect();
        let labels = self.labels.push(number, &labels);
        let unknown = self.unknown.push(number, &unknown_evidence(unknown));
        both(labels, unknown)
    }

    /// The answers for the steps that still wait, from the evidence there is; what follows begins anew.
    pub fn finish(&mut self) -> Vec<Smoothed> {
        both(self.labels.finish(), self.unknown.finish())
    }

    /// What it remembers.
    #[must_use]
    pub fn state(&self) -> SmootherState {
        SmootherState { labels: self.labels.state.clone(), unknown: self.unknown.state.clone() }
    }

    /// Goes on from what one of the same prior, step and lag remembered; false, and nothing changed, if it was not.
    #[must_use]
    pub fn restore(&mut self, state: SmootherState) -> bool {
        let good = self.labels.takes(&state.labels) && self.unknown.takes(&state.unknown);
        if good {
            (self.labels.state, self.unknown.state) = (state.labels, state.unknown);
        }
        good
    }
}

/// Two chains that saw the same steps answer for the same ones.
fn both(labels: Vec<Smoothed>, unknown: Vec<Smoothed>) -> Vec<Smoothed> {
    let unknown = unknown.into_iter().map(|(_, row)| row.get(1).copied().unwrap_or_default());
    labels
        .into_iter()
        .zip(unknown)
        .map(|((number, row), unknown)| (number, together(&row, unknown)))
        .collect()
}

/// One chain with a fixed lag.
#[derive(Clone, Debug)]
struct Lagged {
    chain: Chain,
    state: LaggedState,
    lag: i64,
}

/// What it remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct LaggedState {
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

impl Lagged {
    fn new(chain: Chain, lag: i64) -> Self {
        Self { chain, state: LaggedState::default(), lag }
    }

    fn push(&mut self, number: i64, seen: &[f64]) -> Vec<Smoothed> {
        let mut ripe = Vec::new();
        self.answer_until(number.saturating_sub(1), &mut ripe);
        let chain = &self.chain;
        let mut here = seen.to_vec();
        chain.temper(&mut here);
        let mut forward = match self.state.held.back() {
            Some(last) => chain.ahead(&last.forward, number.saturating_sub(last.number)),
            None => chain.start(),
        };
        chain.weigh(&mut forward, &here);
        if self.lag < 0 {
            let ahead = chain.ahead(&forward, -self.lag);
            ripe.push((number.saturating_sub(self.lag), chain.posterior(&ahead, None)));
            self.state = LaggedState { held: VecDeque::new(), answered: 1 };
        }
        self.state.held.push_back(Held { number, forward, evidence: here });
        self.answer_until(number, &mut ripe);
        ripe
    }

    fn finish(&mut self) -> Vec<Smoothed> {
        let mut ripe = Vec::new();
        self.answer_until(i64::MAX, &mut ripe);
        self.state = LaggedState::default();
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

    /// Whether a state is one of this chain and lag.
    fn takes(&self, state: &LaggedState) -> bool {
        let fits = |held: &Held| {
            held.forward.len() == self.chain.len()
                && held.evidence.len() == self.chain.states()
                && held.forward.iter().chain(&held.evidence).all(|v| v.is_finite() && *v >= 0.0)
        };
        let most = usize::try_from(self.lag).unwrap_or(0) + 1;
        state.held.iter().all(fits) && state.held.len() <= most && state.answered <= state.held.len()
    }
}

/// Smooths a whole recording: probabilities `[step, label]` and log ratios of `unknown` at steps of these ascending numbers, to
/// `[step, label and unknown]`, from all evidence before and after. `step_s` is the length of a step in seconds.
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
    let labels = prior.labels();
    assert!(
        probabilities.len() == numbers.len() * labels && unknown.len() == numbers.len(),
        "one entry for each step"
    );
    let chain = Chain::new(prior, step_s);
    let of_labels = smooth_chain(&chain, numbers, &|i, here: &mut [f64]| {
        here.iter_mut().zip(&probabilities[i * labels..]).for_each(|(to, &p)| *to = f64::from(p));
    });
    let of_unknown = smooth_chain(&prior.unknown.chain(step_s), numbers, &|i, here: &mut [f64]| {
        here.copy_from_slice(&unknown_evidence(f64::from(unknown[i])));
    });
    let rows = of_labels.chunks_exact(labels).zip(of_unknown.chunks_exact(2));
    rows.flat_map(|(row, unknown)| together(row, unknown[1])).collect()
}

/// The same for one chain: `seen` writes what was seen at a step, `[state]`.
fn smooth_chain(chain: &Chain, numbers: &[i64], seen: &dyn Fn(usize, &mut [f64])) -> Vec<f32> {
    let states = chain.states();
    let mut out = vec![0.0; numbers.len() * states];
    let evidence_at = |i: usize, here: &mut [f64]| {
        seen(i, here);
        chain.temper(here);
    };
    let mut here = vec![0.0; states];
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
            let posterior = chain.posterior(&forwards[i - begin], Some(&backward));
            out[i * states..(i + 1) * states].copy_from_slice(&posterior);
            if i > 0 {
                evidence_at(i, &mut evidence_here);
                chain.weigh(&mut backward, &evidence_here);
                backward = chain.back(&backward, numbers[i].saturating_sub(numbers[i - 1]));
            }
        }
    }
    out
}
