//! How fast which weights learn.

use crate::optim::Rates;
use crate::{Network, NnError, Role};
use std::ops::Range;

/// How fast a range of the weights learns, in a training that begins with weights of another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Which of the flat weights: whole parameters.
    pub weights: Range<usize>,
    /// Their learning rate as a share of the step's; 0 freezes them.
    pub scale: f64,
    /// For so many steps from the first on they are frozen, whatever the scale. The optimiser's moments of them begin behind that.
    pub frozen_steps: u64,
}

/// One parameter and its pace.
#[derive(Debug)]
struct Paced {
    weights: Range<usize>,
    role: Role,
    scale: f64,
    frozen_steps: u64,
}

/// All parameters with their paces.
#[derive(Debug)]
pub(super) struct Paces {
    all: Vec<Paced>,
    /// The layers' weights, for those that have any.
    layers: Vec<Range<usize>>,
    /// The step in progress, from 0.
    step: u64,
    /// Which layers learn nothing in it; empty when all learn.
    frozen: Vec<bool>,
}

impl Paces {
    /// Everything at the rate of the step.
    pub(super) fn new(network: &Network) -> Self {
        let paced = |(weights, role)| Paced { weights, role, scale: 1.0, frozen_steps: 0 };
        Self {
            all: network.parameters().into_iter().map(|p| paced((p.range, p.role))).collect(),
            layers: network.layer_ranges().collect(),
            step: 0,
            frozen: Vec::new(),
        }
    }

    pub(super) fn set(&mut self, network: &Network, paces: &[Pace]) -> Result<(), NnError> {
        let mut new = Self::new(network);
        for Pace { weights, scale, frozen_steps } in paces {
            if !(scale.is_finite() && *scale >= 0.0) {
                let (found, expected) = (scale.to_string(), "0 or a positive number");
                return Err(NnError::Setting { option: "the scale of a learning rate", found, expected });
            }
            let begins = new.all.iter().position(|p| p.weights.start == weights.start);
            let ends = new.all.iter().position(|p| p.weights.end == weights.end);
            let (Some(begins), Some(ends)) = (begins, ends) else {
                let (found, expected) = (format!("{weights:?}"), "whole parameters of the network");
                return Err(NnError::Setting { option: "the weights of a learning rate", found, expected });
            };
            for own in new.all.get_mut(begins..=ends).unwrap_or_default() {
                (own.scale, own.frozen_steps) = (*scale, *frozen_steps);
            }
        }
        *self = new;
        Ok(())
    }

    /// Turns to a step, counted from 0.
    pub(super) fn begin(&mut self, step: u64) {
        self.step = step;
        let Self { all, layers, frozen, .. } = self;
        let own = |layer: &Range<usize>| {
            let mut own = all
                .iter()
                .filter(|p| p.weights.start >= layer.start && p.weights.end <= layer.end)
                .peekable();
            own.peek().is_some() && own.all(|p| p.scale(step) == 0.0)
        };
        frozen.clear();
        frozen.extend(layers.iter().map(own));
        if !frozen.contains(&true) {
            frozen.clear();
        }
    }

    /// Which layers learn nothing in the step in progress; empty when all learn.
    pub(super) fn frozen_layers(&self) -> &[bool] {
        &self.frozen
    }

    /// All parameters with the scale of the step in progress.
    pub(super) fn now(&self) -> impl Iterator<Item = (&Range<usize>, Role, f64)> {
        self.all.iter().map(|p| (&p.weights, p.role, p.scale(self.step)))
    }

    /// The parameters that the step in progress changes, with what `rates` gives for their scale and the steps for which
    /// they were frozen.
    pub(super) fn parts(
        &self,
        mut rates: impl FnMut(f64, u64) -> Rates,
        out: &mut Vec<(Range<usize>, Role, Rates)>,
    ) {
        out.clear();
        for own in &self.all {
            let scale = own.scale(self.step);
            if scale > 0.0 {
                out.push((own.weights.clone(), own.role, rates(scale, own.frozen_steps)));
            }
        }
    }
}

impl Paced {
    fn scale(&self, step: u64) -> f64 {
        if step < self.frozen_steps { 0.0 } else { self.scale }
    }
}
