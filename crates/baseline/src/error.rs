//! What can go wrong with a baseline.

use ambulo_train::TrainError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// A name that is no baseline's.
    #[error("unknown baseline `{found}`, expected one of: {choices}")]
    Unknown {
        /// The name.
        found: String,
        /// What there is.
        choices: String,
    },
    /// A setting of a classifier out of range.
    #[error("{setting} is {found}, expected {expected}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: f64,
        /// What would be accepted.
        expected: &'static str,
    },
    /// Features that are not a whole number of windows, or not one window for each label.
    #[error("{values} values are not one row of {features} features for each window")]
    FeatureShape {
        /// Number of values.
        values: usize,
        /// Features of a window.
        features: usize,
    },
    /// A feature that is infinite or not a number.
    #[error("feature {feature} of window {window} is {value}: samples and features have to be finite")]
    FeatureNotFinite {
        /// The window, from 0.
        window: usize,
        /// The feature, from 0.
        feature: usize,
        /// Its value.
        value: f32,
    },
    /// A class that there is none of.
    #[error("window {window} has class {label}, expected one below {classes}")]
    FeatureLabel {
        /// The window, from 0.
        window: usize,
        /// Its class.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// A class without a row of features.
    #[error("no window has class {class}: it cannot be learned")]
    FeatureClass {
        /// The class.
        class: usize,
    },
    /// The solver of the support vector machine failed.
    #[error("the support vector machine for classes {first} and {second} cannot be fitted: {source}")]
    SupportVectors {
        /// One class of the pair.
        first: usize,
        /// The other.
        second: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The protocol, the data or the records.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl BaselineError {
    /// Whether the user asked for something that does not exist or cannot be, as opposed to something that failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Unknown { .. } | Self::Setting { .. } => true,
            // A transparent variant does not appear in the chain of causes.
            Self::Train(source) => source.is_usage(),
            _ => false,
        }
    }
}
