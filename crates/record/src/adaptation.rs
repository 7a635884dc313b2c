//! What was done to make a model a person's own.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One adaptation of a model to examples; part of the adapted model's file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// How: `head` for a new last layer in closed form, `network` for scale and shift of normalisation by gradient below it.
    pub method: String,
    /// SHA-256 of the file that was adapted, or its name in the box.
    pub base: String,
    /// How much the examples had to say against the model: the precision of the prior around its own last layer.
    pub shrinkage: f64,
    /// How normalisation was moved; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// What was given, by activity in the order in which they were first named.
    pub activities: Vec<AdaptedActivity>,
}

/// How scale and shift of a network's normalisation are moved by gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Steps of the descent.
    pub steps: usize,
    /// Learning rate of the first step; it falls to nothing on a straight line.
    pub rate: f64,
    /// Precision of the Gaussian prior around scale and shift as they were ("L2-SP", Li et al. 2018).
    pub strength: f64,
}

/// What was given of an activity, and what it was good for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AdaptedActivity {
    /// Its name.
    pub name: String,
    /// Whether the model did not know it before.
    pub new: bool,
    /// Seconds that carry it.
    pub seconds: f64,
    /// Stretches of time that carry it.
    pub segments: usize,
    /// Windows that lie within them.
    pub windows: usize,
    /// What is answered to stretches that were held out; none where there is too little to hold any out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
}

/// Answers about stretches of which an adaptation saw nothing, each in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOut {
    /// Windows.
    pub windows: usize,
    /// How many the model answered rightly before.
    pub right_before: usize,
    /// How many after it was adapted to the other stretches.
    pub right_after: usize,
}

impl Adaptation {
    /// All that was held out together; none where nothing was.
    #[must_use]
    pub fn held_out(&self) -> Option<HeldOut> {
        let all = self.activities.iter().filter_map(|activity| activity.held_out);
        all.reduce(|sum, one| HeldOut {
            windows: sum.windows + one.windows,
            right_before: sum.right_before + one.right_before,
            right_after: sum.right_after + one.right_after,
        })
    }
}
