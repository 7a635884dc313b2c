//! Softmax cross-entropy with label smoothing and class weights, as PyTorch defines it.

use crate::NnError;
use crate::kernel::{argmax, softmax};
use alloc::format;
use alloc::vec::Vec;

/// Softmax cross-entropy over `classes` classes.
///
/// For an example of class y with probabilities p, smoothing ε and class weights w:
/// `(1 - ε) w_y (-log p_y) + ε/C Σ_c w_c (-log p_c)`; the mean over a batch divides by `Σ w_y`. This is
/// `torch.nn.functional.cross_entropy` with `reduction='mean'`; label smoothing after Szegedy et al. 2016.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossEntropy {
    classes: usize,
    smoothing: f32,
    weights: Vec<f32>,
}

impl CrossEntropy {
    /// A loss over `classes` classes; `weights` is empty (all 1) or one positive weight per class.
    ///
    /// # Errors
    /// Smoothing outside `[0, 1)`, or weights of another number or not positive and finite.
    pub fn new(classes: usize, smoothing: f32, weights: &[f32]) -> Result<Self, NnError> {
        if !(0.0..1.0).contains(&smoothing) {
            return Err(NnError::Setting {
                option: "label_smoothing",
                found: format!("{smoothing}"),
                expected: "at least 0 and below 1",
            });
        }
        if !weights.is_empty() && weights.len() != classes {
            return Err(NnError::Length { what: "class weights", expected: classes, found: weights.len() });
        }
        if let Some(bad) = weights.iter().find(|w| !(w.is_finite() && **w > 0.0)) {
            return Err(NnError::Setting {
                option: "class weight",
                found: format!("{bad}"),
                expected: "a positive number",
            });
        }
        Ok(Self { classes, smoothing, weights: weights.to_vec() })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The weight with which an example of this class counts in a batch's mean.
    #[must_use]
    pub fn weight(&self, class: u8) -> f32 {
        self.weights.get(usize::from(class)).copied().unwrap_or(1.0)
    }

    /// Loss and gradient of one example: `logits [classes]` is overwritten with the gradient times `scale`.
    ///
    /// Returns the unscaled loss and whether the largest logit (the first among equals) was the label's.
    ///
    /// # Panics
    /// When there is not one logit per class, or the label is none of the classes.
    pub fn apply(&self, logits: &mut [f32], label: u8, scale: f32) -> (f64, bool) {
        let label = usize::from(label);
        assert!(
            logits.len() == self.classes && label < self.classes,
            "{} logits and label {label} for {} classes",
            logits.len(),
            self.classes
        );
        let largest = argmax(logits);
        let top = f64::from(logits[largest]);
        let log_sum = top + libm::log(logits.iter().map(|&x| libm::exp(f64::from(x) - top)).sum());
        let weight = |c: usize| f64::from(self.weights.get(c).copied().unwrap_or(1.0));
        let spread = f64::from(self.smoothing) / self.classes as f64;
        // Coefficient of -log p_c; their sum multiplies the softmax in the gradient.
        let coefficient = |c: usize| {
            let own = if c == label { 1.0 - f64::from(self.smoothing) } else { 0.0 };
            (own + spread) * weight(c)
        };
        let total: f64 = (0..self.classes).map(coefficient).sum();
        let loss: f64 =
            logits.iter().enumerate().map(|(c, &x)| coefficient(c) * (log_sum - f64::from(x))).sum();
        softmax(logits);
        for (c, p) in logits.iter_mut().enumerate() {
            *p = scale * (total * f64::from(*p) - coefficient(c)) as f32;
        }
        (loss, largest == label)
    }
}
