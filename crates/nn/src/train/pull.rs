//! A pull back to where a fine-tuning began.

use crate::{NnError, Role};
use std::ops::Range;

/// `strength / 2 · |w - w₀|²` on top of the loss, over the weights that learn: "L2-SP" of Li, Grandvalet and Davoine (2018, "Explicit
/// inductive bias for transfer learning with convolutional networks").
#[derive(Debug)]
pub(super) struct Pull {
    strength: f64,
    from: Vec<f32>,
}

impl Pull {
    /// Towards these weights.
    pub(super) fn new(strength: f64, from: &[f32]) -> Result<Self, NnError> {
        if !(strength.is_finite() && strength >= 0.0) {
            let (found, expected) = (strength.to_string(), "0 or a positive number");
            return Err(NnError::Setting { option: "the pull to the first weights", found, expected });
        }
        Ok(Self { strength, from: from.to_vec() })
    }

    /// Adds its gradient, and gives its loss. Ranges at scale 0 and running statistics have neither.
    pub(super) fn add<'a>(
        &self,
        weights: &[f32],
        gradient: &mut [f32],
        parts: impl Iterator<Item = (&'a Range<usize>, Role, f64)>,
    ) -> f64 {
        let mut square = 0.0;
        for (range, role, scale) in parts {
            if scale == 0.0 || matches!(role, Role::Statistic { .. }) {
                continue;
            }
            for i in range.clone() {
                let away = f64::from(weights[i]) - f64::from(self.from[i]);
                square += away * away;
                gradient[i] += (self.strength * away) as f32;
            }
        }
        self.strength * square / 2.0
    }
}
