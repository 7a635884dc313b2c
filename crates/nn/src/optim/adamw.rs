//! AdamW.

use crate::kernel::{self, AdamWRates, AdamWStep};
use crate::{InstructionSet, NnError, Role};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use serde::{Deserialize, Serialize};

/// Options of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamWConfig {
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Decoupled weight decay, times the learning rate.
    pub weight_decay: f64,
}

impl Default for AdamWConfig {
    /// The defaults of `torch.optim.AdamW`.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01 }
    }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    config: AdamWConfig,
    isa: InstructionSet,
    /// Steps taken.
    pub step: u64,
    /// Running mean of the gradients.
    pub mean: Vec<f32>,
    /// Running mean of the squared gradients.
    pub square: Vec<f32>,
}

impl AdamW {
    /// An optimiser for `parameters` values, before its first step, on the instruction set of their network.
    ///
    /// # Errors
    /// Options outside their range.
    pub fn new(config: AdamWConfig, parameters: usize, isa: InstructionSet) -> Result<Self, NnError> {
        let fail = |option, found: f64, expected| {
            Err(NnError::Setting { option, found: format!("{found}"), expected })
        };
        for (name, beta) in [("beta1", config.beta1), ("beta2", config.beta2)] {
            if !(0.0..1.0).contains(&beta) {
                return fail(name, beta, "at least 0 and below 1");
            }
        }
        for (name, value) in [("epsilon", config.epsilon), ("weight_decay", config.weight_decay)] {
            if !(value >= 0.0 && value.is_finite()) {
                return fail(name, value, "0 or a positive number");
            }
        }
        Ok(Self { config, isa, step: 0, mean: vec![0.0; parameters], square: vec![0.0; parameters] })
    }

    /// One step with learning rate `rate`; `roles` says by ranges which weights decay and which are not trained.
    ///
    /// # Panics
    /// When weights and gradient do not have as many values as the optimiser.
    pub fn update(
        &mut self,
        weights: &mut [f32],
        gradient: &[f32],
        rate: f64,
        roles: &[(Range<usize>, Role)],
    ) {
        let rates = self.begin(rate);
        let parts: Vec<_> = roles.iter().map(|(range, role)| (range.clone(), *role, rates)).collect();
        update_block(0, [weights, &mut self.mean, &mut self.square], gradient, &parts);
    }

    /// Counts a step and gives what it needs for [`update_block`].
    pub(crate) fn begin(&mut self, rate: f64) -> Rates {
        self.step += 1;
        self.rates(rate, 0)
    }

    /// What the step that was begun needs for weights that were left alone in the first `before` steps: their moments are that
    /// much younger.
    pub(crate) fn rates(&self, rate: f64, before: u64) -> Rates {
        let AdamWConfig { beta1, beta2, epsilon, weight_decay } = self.config;
        let steps = self.step.saturating_sub(before).max(1) as f64;
        let correction1 = 1.0 - libm::pow(beta1, steps);
        let correction2 = libm::sqrt(1.0 - libm::pow(beta2, steps));
        let all = AdamWRates {
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            rest1: (1.0 - beta1) as f32,
            rest2: (1.0 - beta2) as f32,
            shrink: 1.0,
            size: (rate / correction1) as f32,
            scale: (1.0 / correction2) as f32,
            epsilon: epsilon as f32,
        };
        let decayed = AdamWRates { shrink: (1.0 - rate * weight_decay) as f32, ..all };
        Rates { isa: self.isa, all, decayed }
    }
}

/// What one step needs besides the values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    isa: InstructionSet,
    all: AdamWRates,
    decayed: AdamWRates,
}

/// One step for a block of weights, means and squares that begins at `first` among all: threads may share the blocks. Ranges that
/// are not among `parts` stay as they are.
///
/// # Panics
/// When weights, gradient, means and squares differ in length.
pub(crate) fn update_block(
    first: usize,
    [weights, mean, square]: [&mut [f32]; 3],
    gradient: &[f32],
    parts: &[(Range<usize>, Role, Rates)],
) {
    assert_eq!(weights.len(), mean.len(), "weights");
    assert_eq!(gradient.len(), mean.len(), "gradient");
    for (range, role, rates) in parts {
        let part = range.start.max(first)..range.end.min(first + weights.len());
        let shared = match role {
            Role::Weight => rates.decayed,
            Role::Bias => rates.all,
            Role::Statistic { .. } => continue,
        };
        if part.is_empty() {
            continue;
        }
        let part = part.start - first..part.end - first;
        let step = &mut AdamWStep {
            weights: &mut weights[part.clone()],
            gradient: &gradient[part.clone()],
            mean: &mut mean[part.clone()],
            square: &mut square[part],
            rates: shared,
        };
        kernel::adamw(rates.isa, step);
    }
}
