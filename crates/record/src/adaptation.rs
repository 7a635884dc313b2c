//! What was done to make a model a person's own.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One adaptation of a model to examples; part of the adapted model's file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// How: `head` for a new last layer in closed form, `network` for scale and shift of normalisation by gradient below it; from recordings
    /// of which nobody said what was done, `clusters` for a new last layer and `statistics` for the running statistics of normalisation.
    pub method: String,
    /// SHA-256 of the file that was adapted, or its name in the box.
    pub base: String,
    /// How much the examples had to say against the model: the precision of the prior around its own last layer; 0 where there were none.
    pub shrinkage: f64,
    /// How normalisation was moved; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// How much of a person's own statistics of normalisation was mixed in, 0 to 1; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// What was given, by activity in the order in which they were first named; empty where nothing was labelled.
    pub activities: Vec<AdaptedActivity>,
    /// What was taken from recordings, or from parts of them, of which nobody said what was done; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlabelled: Option<UnlabelledUse>,
}

/// What a model took from its own answers. Nobody said what is right, so that nothing here says how many are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnlabelledUse {
    /// Seconds of which nobody said what was done.
    pub seconds: f64,
    /// Windows in them.
    pub windows: usize,
    /// How many were strange to the model, or had no vertical, and were left out.
    pub left_out: usize,
    /// How many it learned from.
    pub used: usize,
    /// How many are answered otherwise after, each for itself.
    pub changed: usize,
    /// How many are answered otherwise after, once answers are brought together over time.
    pub changed_over_time: usize,
    /// By activity, in the order of the model's labels; those of which there is nothing before nor after are left out.
    pub activities: Vec<UnlabelledActivity>,
}

/// An activity as a model answers it where nobody said what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlabelledActivity {
    /// Its name.
    pub name: String,
    /// Windows it learned from as this activity.
    pub used: usize,
    /// Windows answered so before, each for itself.
    pub before: usize,
    /// The same after.
    pub after: usize,
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
