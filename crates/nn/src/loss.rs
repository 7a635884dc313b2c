//! Softmax cross-entropy with label smoothing and class weights, as PyTorch defines it, and with labels that stand for several
//! classes.
//!
//! And the losses of learning without labels: [`binary_tasks`], [`masked_mean_squared`] and [`nt_xent`].

mod contrastive;
mod masked;
mod tasks;

pub use contrastive::nt_xent;
pub use masked::masked_mean_squared;
pub use tasks::binary_tasks;

use crate::NnError;
use crate::kernel::{argmax, softmax};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// What labels of one byte can tell apart.
const LABELS: usize = 256;

/// Softmax cross-entropy over `classes` classes.
///
/// For an example of class y with probabilities p, smoothing ε and class weights w:
/// `(1 - ε) w_y (-log p_y) + ε/C Σ_c w_c (-log p_c)`; the mean over a batch divides by `Σ w_y`. This is
/// `torch.nn.functional.cross_entropy` with `reduction='mean'`; label smoothing after Szegedy et al. 2016.
///
/// # Groups of classes
///
/// A label may say less than a class: that the example is of one of the classes S, an inner node of a tree of names for
/// instance ([`CrossEntropy::with_groups`]). Its loss is minus the logarithm of the probability of S (Jin and Ghahramani
/// 2002):
///
/// `(1 - ε) w_S (-log Σ_{c ∈ S} p_c) + ε/C Σ_c w_c (-log p_c)`, where `w_S` is the mean of the weights of S.
///
/// How the probability is shared among the classes of S is left to the network; smoothing draws it to all classes alike, as
/// with any label. A group of a single class is that class.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossEntropy {
    classes: usize,
    smoothing: f32,
    weights: Vec<f32>,
    groups: Vec<Group>,
}

/// Some of the classes.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    /// Whether a class is one of them.
    has: Vec<bool>,
    /// Mean of their weights.
    weight: f32,
}

/// What a label stands for.
#[derive(Clone, Copy)]
enum Target<'a> {
    Class(usize),
    Group(&'a Group),
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
        Ok(Self { classes, smoothing, weights: weights.to_vec(), groups: Vec::new() })
    }

    /// Lets labels stand for several classes: below the number of classes C a label is a class, and `C + g` is the group
    /// `groups[g]`, given by its classes.
    ///
    /// # Errors
    /// A group that is empty, names something that is no class or a class twice, or has all classes and so says nothing;
    /// more classes and groups than a label can tell apart.
    pub fn with_groups(self, groups: &[Vec<u8>]) -> Result<Self, NnError> {
        if self.classes + groups.len() > LABELS {
            return Err(NnError::Setting {
                option: "number of groups",
                found: format!("{} beside {} classes", groups.len(), self.classes),
                expected: "at most 256 classes and groups together",
            });
        }
        let check = |(index, group): (usize, &Vec<u8>)| {
            let fail = |expected| {
                Err(NnError::Group { index, found: group.clone(), classes: self.classes, expected })
            };
            let (mut has, mut weight) = (vec![false; self.classes], 0.0);
            for &class in group {
                match has.get_mut(usize::from(class)) {
                    None => return fail("nothing but classes"),
                    Some(true) => return fail("every class once"),
                    Some(has) => *has = true,
                }
                weight += self.class_weight(usize::from(class));
            }
            match group.len() {
                0 => fail("at least one class"),
                n if n == self.classes => fail("fewer than all classes"),
                n => Ok(Group { has, weight: weight / n as f32 }),
            }
        };
        let groups = groups.iter().enumerate().map(check).collect::<Result<_, _>>()?;
        Ok(Self { groups, ..self })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The weight with which an example of this label counts in a batch's mean.
    ///
    /// # Errors
    /// A label that is neither a class nor a group.
    pub fn weight(&self, label: u8) -> Result<f32, NnError> {
        Ok(match self.target(label)? {
            Target::Class(class) => self.class_weight(class),
            Target::Group(group) => group.weight,
        })
    }

    fn class_weight(&self, class: usize) -> f32 {
        self.weights.get(class).copied().unwrap_or(1.0)
    }

    fn target(&self, label: u8) -> Result<Target<'_>, NnError> {
        match usize::from(label).checked_sub(self.classes) {
            None => Ok(Target::Class(usize::from(label))),
            Some(index) => self.groups.get(index).map(Target::Group).ok_or(NnError::Label {
                label,
                classes: self.classes,
                groups: self.groups.len(),
            }),
        }
    }

    /// Loss and gradient of one example: `logits [classes]` is overwritten with the gradient times `scale`.
    ///
    /// Returns the unscaled loss and whether the answer was right at the depth of the label: of a class, whether its logit
    /// is the largest (the first among equals); of a group, whether the probability of the group as a whole is at least
    /// that of every other class.
    ///
    /// # Panics
    /// When there is not one logit per class, or the label is neither a class nor a group.
    pub fn apply(&self, logits: &mut [f32], label: u8, scale: f32) -> (f64, bool) {
        assert_eq!(logits.len(), self.classes, "one logit for each class");
        match self.target(label) {
            Ok(Target::Class(class)) => self.apply_class(logits, class, scale),
            Ok(Target::Group(group)) => self.apply_group(logits, group, scale),
            Err(error) => panic!("{error}"),
        }
    }

    fn apply_class(&self, logits: &mut [f32], label: usize, scale: f32) -> (f64, bool) {
        let largest = argmax(logits);
        let top = f64::from(logits[largest]);
        let log_sum = top + libm::log(logits.iter().map(|&x| libm::exp(f64::from(x) - top)).sum());
        let weight = |c: usize| f64::from(self.class_weight(c));
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
    fn apply_group(&self, logits: &mut [f32], group: &Group, scale: f32) -> (f64, bool) {
        let part = |inside| {
            let chosen = logits.iter().zip(&group.has).filter(move |(_, has)| **has == inside);
            chosen.map(|(&z, _)| f64::from(z))
        };
        let (inside, outside) = (log_sum_exp(part(true)), log_sum_exp(part(false)));
        let correct = part(false).all(|z| z <= inside);
        // From the logarithm of the odds against the group, since 1 - Σ p would lose all digits where the group is certain.
        let against = outside - inside;
        let minus_log = against.max(0.0) + libm::log1p(libm::exp(-against.abs()));
        let rest = 1.0 / (1.0 + libm::exp(-against));
        let log_sum = inside + minus_log;
        let own = (1.0 - f64::from(self.smoothing)) * f64::from(group.weight);
        let spread = f64::from(self.smoothing) / self.classes as f64;
        let weight = |c: usize| f64::from(self.class_weight(c));
        let total: f64 = (0..self.classes).map(weight).sum();
        let mut loss = own * minus_log;
        for (c, (z, &has)) in logits.iter_mut().zip(&group.has).enumerate() {
            let below = log_sum - f64::from(*z);
            loss += spread * weight(c) * below;
            let p = libm::exp(-below);
            // Within the group p - p / Σ p, which is minus its share of the group times the probability of the rest.
            let from_group = if has { -libm::exp(f64::from(*z) - inside) * rest } else { p };
            *z = scale * (own * from_group + spread * (total * p - weight(c))) as f32;
        }
        (loss, correct)
    }
}

/// `log Σ e^x`, from the largest so that nothing overflows.
fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + libm::log(values.map(|x| libm::exp(x - largest)).sum())
}
