//! What a network must be shown beside: hand-made features and a classifier that was there before it.
//!
//! [`features_of`] turns windows into the features of the published UCI HAR set, [`Baseline`] learns them with a linear
//! support vector machine or with one that has an RBF kernel (the classifier of Anguita et al., ESANN 2013). Features
//! are standardised with the training windows' statistics. Nothing here draws random numbers: one training set, one
//! result, for any number of threads.

mod error;
mod features;
mod run;
mod standardise;
mod svm;
#[cfg(test)]
mod tests;

pub use error::BaselineError;
pub use features::{FEATURES, feature_names, features, features_of};
pub use run::{is_baseline, run_baseline};
pub use svm::SvmKernel;

use rayon::prelude::*;
use standardise::{Standardisation, check};
use svm::Machine;

/// Which classifier stands on the features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaselineKind {
    /// Linear support vector machine.
    Linear,
    /// Support vector machine with an RBF kernel.
    Rbf,
}

impl BaselineKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Linear, Self::Rbf];

    /// Names of all kinds, as commands and records write them.
    #[must_use]
    pub fn names() -> [&'static str; 2] {
        Self::ALL.map(Self::name)
    }

    /// The name, as commands and records write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "features-linear",
            Self::Rbf => "features-rbf",
        }
    }

    /// The kind of this name.
    ///
    /// # Errors
    /// [`BaselineError::Unknown`].
    pub fn from_name(name: &str) -> Result<Self, BaselineError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| BaselineError::Unknown { found: name.into(), choices: Self::names().join(", ") })
    }

    /// Kernel and cost of the kind: of those in the example `choose_baseline` the ones with the highest mean macro-F1 on
    /// four validation people held out of HAPT's 21 official training people, in draws 1, 2 and 3. The means of all
    /// settings of a kernel lie within about 0.01 of each other. The whole grid was computed with scikit-learn's `SVC` on
    /// these features, faster; the fits done here as well have its macro-F1 to four decimals.
    #[must_use]
    pub fn setting(self) -> BaselineSetting {
        match self {
            Self::Linear => BaselineSetting { kernel: SvmKernel::Linear, cost: 0.003 },
            Self::Rbf => BaselineSetting { kernel: SvmKernel::Rbf { width: 0.01 }, cost: 100.0 },
        }
    }
}

/// What is set before a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaselineSetting {
    /// The kernel.
    pub kernel: SvmKernel,
    /// C, the cost of a window on the wrong side of its margin; positive.
    pub cost: f64,
}

/// A fitted baseline.
#[derive(Clone, Debug)]
pub struct Baseline {
    standardisation: Standardisation,
    machine: Machine,
    classes: usize,
}

impl Baseline {
    /// Fits to `x`, `[windows, features]` row-major, with the class of each window in `labels`, below `classes`.
    ///
    /// # Errors
    /// [`BaselineError::FeatureShape`], [`BaselineError::FeatureNotFinite`], [`BaselineError::FeatureLabel`] and
    /// [`BaselineError::FeatureClass`] for input that cannot be learned, [`BaselineError::SupportVectors`] from the solver.
    pub fn fit(
        kind: BaselineKind,
        x: &[f32],
        features: usize,
        labels: &[u8],
        classes: usize,
    ) -> Result<Self, BaselineError> {
        Self::fit_with(kind.setting(), x, features, labels, classes)
    }

    /// [`Self::fit`] with another setting than the kind's own: for choosing it.
    ///
    /// # Errors
    /// Those of [`Self::fit`]; [`BaselineError::Setting`] for a cost or width that is not positive.
    pub fn fit_with(
        setting: BaselineSetting,
        x: &[f32],
        features: usize,
        labels: &[u8],
        classes: usize,
    ) -> Result<Self, BaselineError> {
        let positive = |setting, value: f64| {
            if value > 0.0 && value.is_finite() {
                return Ok(());
            }
            Err(BaselineError::Setting { setting, found: value, expected: "a positive number" })
        };
        positive("cost", setting.cost)?;
        if let SvmKernel::Rbf { width } = setting.kernel {
            positive("width", width)?;
        }
        if check(x, features)? != labels.len() {
            return Err(BaselineError::FeatureShape { values: x.len(), features });
        }
        if let Some(window) = labels.iter().position(|l| usize::from(*l) >= classes) {
            return Err(BaselineError::FeatureLabel { window, label: labels[window], classes });
        }
        if let Some(class) = (0..classes).find(|c| !labels.iter().any(|l| usize::from(*l) == *c)) {
            return Err(BaselineError::FeatureClass { class });
        }
        let standardisation = Standardisation::fit(x, features);
        let standard = standardisation.apply(x);
        let machine = Machine::fit(setting.kernel, setting.cost, &standard, features, labels, classes)?;
        Ok(Self { standardisation, machine, classes })
    }

    /// Number of features of a window.
    #[must_use]
    pub fn features(&self) -> usize {
        self.standardisation.features()
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Probabilities, `[windows, classes]`, of `x`, `[windows, features]`: the softmax of votes among pairs of classes.
    /// They rank the classes and sum to 1; they are not calibrated, and the largest stays well below 1.
    ///
    /// # Errors
    /// [`BaselineError::FeatureShape`] and [`BaselineError::FeatureNotFinite`].
    pub fn probabilities(&self, x: &[f32]) -> Result<Vec<f32>, BaselineError> {
        check(x, self.features())?;
        let rows: Vec<Vec<f32>> = x
            .par_chunks_exact(self.features())
            .map(|row| softmax(&self.machine.scores(&self.standardisation.apply(row))))
            .collect();
        Ok(rows.concat())
    }
}

fn softmax(scores: &[f64]) -> Vec<f32> {
    let largest = scores.iter().fold(f64::NEG_INFINITY, |a, s| a.max(*s));
    let weights: Vec<f64> = scores.iter().map(|s| (s - largest).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| (w / total) as f32).collect()
}
