//! Learning-rate schedules as functions of the step: no state, so a resumed run needs none.

use core::f64::consts::PI;
use serde::{Deserialize, Serialize};

/// A schedule over a fixed number of steps, relative to a peak learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// The peak rate throughout.
    Constant,
    /// Linear warm-up over a share of the steps, then a half cosine to `floor` times the peak
    /// (Loshchilov and Hutter 2017); PyTorch's `LinearLR` followed by `CosineAnnealingLR`.
    Cosine {
        /// Share of all steps spent warming up, in `[0, 1)`.
        #[serde(default)]
        warmup: f64,
        /// First rate of the warm-up as a share of the peak.
        #[serde(default = "start_factor")]
        start_factor: f64,
        /// Final rate as a share of the peak.
        #[serde(default)]
        floor: f64,
    },
    /// One cycle (Smith and Topin 2018) with cosine arms, as `torch.optim.lr_scheduler.OneCycleLR`.
    OneCycle {
        /// Share of all steps in the rising arm, in `(0, 1)`.
        #[serde(default = "pct_start")]
        pct_start: f64,
        /// Initial rate is the peak divided by this.
        #[serde(default = "div_factor")]
        div_factor: f64,
        /// Final rate is the initial rate divided by this.
        #[serde(default = "final_div_factor")]
        final_div_factor: f64,
    },
}

fn start_factor() -> f64 {
    1.0 / 3.0
}

fn pct_start() -> f64 {
    0.3
}

fn div_factor() -> f64 {
    25.0
}

fn final_div_factor() -> f64 {
    1e4
}

impl Schedule {
    /// One cycle with PyTorch's defaults.
    #[must_use]
    pub fn one_cycle() -> Self {
        Self::OneCycle {
            pct_start: pct_start(),
            div_factor: div_factor(),
            final_div_factor: final_div_factor(),
        }
    }

    /// Learning rate of the step with this index (from 0) among `total` steps.
    #[must_use]
    pub fn rate(&self, peak: f64, step: u64, total: u64) -> f64 {
        let (step, total) = (step as f64, total as f64);
        // From `a` to `b` along half a cosine as x goes from 0 to 1.
        let arc = |a: f64, b: f64, x: f64| b + (a - b) / 2.0 * (1.0 + libm::cos(PI * x.clamp(0.0, 1.0)));
        match *self {
            Self::Constant => peak,
            Self::Cosine { warmup, start_factor, floor } => {
                let rise = libm::round(warmup * total);
                if step < rise {
                    return peak * (start_factor + (1.0 - start_factor) * step / rise);
                }
                arc(peak, floor * peak, (step - rise) / (total - rise).max(1.0))
            }
            Self::OneCycle { pct_start, div_factor, final_div_factor } => {
                let initial = peak / div_factor;
                let last = initial / final_div_factor;
                let top = pct_start * total - 1.0;
                if step <= top {
                    arc(initial, peak, if top > 0.0 { step / top } else { 1.0 })
                } else {
                    arc(peak, last, (step - top) / (total - 1.0 - top).max(f64::MIN_POSITIVE))
                }
            }
        }
    }
}
