//! AdamW.

use crate::{NnError, Role};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
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
    /// Steps taken.
    pub step: u64,
    /// Running mean of the gradients.
    pub mean: Vec<f32>,
    /// Running mean of the squared gradients.
    pub square: Vec<f32>,
}

impl AdamW {
    /// An optimiser for `parameters` values, before its first step.
    ///
    /// # Errors
    /// Options outside their range.
    pub fn new(config: AdamWConfig, parameters: usize) -> Result<Self, NnError> {
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
        Ok(Self { config, step: 0, mean: vec![0.0; parameters], square: vec![0.0; parameters] })
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
        roles: &[(core::ops::Range<usize>, Role)],
    ) {
        assert_eq!(weights.len(), self.mean.len(), "weights");
        assert_eq!(gradient.len(), self.mean.len(), "gradient");
        self.step += 1;
        let AdamWConfig { beta1, beta2, epsilon, weight_decay } = self.config;
        let steps = self.step as f64;
        let correction1 = 1.0 - libm::pow(beta1, steps);
        let correction2 = libm::sqrt(1.0 - libm::pow(beta2, steps));
        let (b1, b2) = (beta1 as f32, beta2 as f32);
        let (rest1, rest2) = ((1.0 - beta1) as f32, (1.0 - beta2) as f32);
        let (size, epsilon) = ((rate / correction1) as f32, epsilon as f32);
        let inverse_correction2 = (1.0 / correction2) as f32;
        for (range, role) in roles {
            let shrink = match role {
                Role::Weight => (1.0 - rate * weight_decay) as f32,
                Role::Bias => 1.0,
                Role::Statistic { .. } => continue,
            };
            let range = range.clone();
            let moments = self.mean[range.clone()].iter_mut().zip(&mut self.square[range.clone()]);
            let both = weights[range.clone()].iter_mut().zip(&gradient[range]);
            for ((w, &g), (m, v)) in both.zip(moments) {
                *m = b1 * *m + rest1 * g;
                *v = b2 * *v + rest2 * g * g;
                *w = shrink * *w - size * *m / (libm::sqrtf(*v) * inverse_correction2 + epsilon);
            }
        }
    }
}
