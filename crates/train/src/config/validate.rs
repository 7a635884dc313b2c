//! What a configuration may say.

use super::{Augmentation, Config};
use crate::TrainError;
use ambulo_nn::Network;
use ambulo_nn::optim::Schedule;
use ambulo_signal::OutOfReach;

impl Config {
    /// Checks everything that can be checked without data.
    ///
    /// # Errors
    /// The first value that is out of range.
    pub fn validate(&self) -> Result<(), TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        if self.seeds.is_empty() {
            return setting("seeds", "empty".into(), "at least one seed");
        }
        if let Some(large) = self.seeds.iter().find(|s| i64::try_from(**s).is_err()) {
            return setting(
                "seeds",
                large.to_string(),
                "at most 9223372036854775807, the largest number of TOML",
            );
        }
        let mut sorted = self.seeds.clone();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|w| w[0] == w[1]) {
            return setting("seeds", format!("{} twice", twice[0]), "each seed once");
        }
        let t = &self.training;
        if !(1..=100_000).contains(&t.epochs) {
            return setting("training.epochs", t.epochs.to_string(), "from 1 to 100000");
        }
        // 2^16 shards of a step are what the engine's random streams can tell apart.
        if !(1..=1_000_000).contains(&t.batch) {
            return setting("training.batch", t.batch.to_string(), "from 1 to 1000000");
        }
        if !(t.learning_rate.is_finite() && t.learning_rate > 0.0) {
            return setting("training.learning_rate", t.learning_rate.to_string(), "a positive number");
        }
        for (name, value) in [("training.weight_decay", t.weight_decay), ("training.clip", t.clip)] {
            if !(value.is_finite() && value >= 0.0) {
                return setting(name, value.to_string(), "0 or a positive number");
            }
        }
        if !(0.0..1.0).contains(&t.label_smoothing) {
            return setting(
                "training.label_smoothing",
                t.label_smoothing.to_string(),
                "at least 0 and below 1",
            );
        }
        if self.validation.subjects == 0 {
            return setting("validation.subjects", "0".into(), "at least 1: the epoch is chosen on them");
        }
        if !(0.0..1.0).contains(&t.weight_average) {
            return setting(
                "training.weight_average",
                t.weight_average.to_string(),
                "at least 0 and below 1",
            );
        }
        if let Some(fault) = t.augmentation.iter().find_map(Augmentation::fault) {
            return setting("training.augmentation", "out of range".into(), fault);
        }
        if self.fold == Some(0) {
            return setting("fold", "0".into(), "from 1");
        }
        if let Some(fold) = self.fold.filter(|_| !self.has_folds()) {
            return setting("fold", fold.to_string(), "absent: the protocol has no folds");
        }
        if self.threads > 4096 {
            return setting("threads", self.threads.to_string(), "from 0 (all cores) to 4096");
        }
        if let Some(from) = &self.from {
            from.validate()?;
        }
        if let Some(few) = self.few {
            few.validate(t.refit)?;
        }
        if t.least_steps > 100_000 {
            return setting("training.least_steps", t.least_steps.to_string(), "at most 100000");
        }
        self.schedule_in_range()?;
        self.preprocessing.validate()?;
        if self.preprocessing.normalisation.is_some() {
            return setting(
                "preprocessing.normalisation",
                "given".into(),
                "absent: it is fitted on training windows",
            );
        }
        Network::new(&self.architecture(self.labels.len())?, self.input())?;
        self.orientation_in_reach()?;
        Ok(())
    }

    fn schedule_in_range(&self) -> Result<(), TrainError> {
        let share = |v: f64| v > 0.0 && v < 1.0;
        let at_least_one = |v: f64| v.is_finite() && v >= 1.0;
        let (good, expected) = match self.training.schedule {
            Schedule::Constant => return Ok(()),
            Schedule::Cosine { warmup, start_factor, floor } => (
                (0.0..1.0).contains(&warmup)
                    && (0.0..=1.0).contains(&start_factor)
                    && (0.0..=1.0).contains(&floor),
                "warmup at least 0 and below 1, start_factor and floor from 0 to 1",
            ),
            Schedule::OneCycle { pct_start, div_factor, final_div_factor } => (
                share(pct_start) && at_least_one(div_factor) && at_least_one(final_div_factor),
                "pct_start between 0 and 1, div_factor and final_div_factor at least 1",
            ),
        };
        if good {
            return Ok(());
        }
        let found = format!("{:?}", self.training.schedule);
        Err(TrainError::Setting { setting: "training.schedule", found, expected })
    }

    /// A model for any facing must have met every facing, or not see it.
    fn orientation_in_reach(&self) -> Result<(), TrainError> {
        let turned = |a: &Augmentation| matches!(a, Augmentation::Turn { degrees, p } if *degrees >= 180.0 && *p > 0.0);
        let taught = self.training.augmentation.iter().any(turned);
        let Err(fault) = self.orientation.check(&self.preprocessing, taught) else { return Ok(()) };
        let (found, expected) = match fault {
            OutOfReach::NotLevelled => ("without a way to it", "preprocessing.level of type recording"),
            OutOfReach::Levels => (
                "with preprocessing.level of type recording",
                "levelled, or preprocessing.level of type as-worn",
            ),
            OutOfReach::FacingSeen => (
                "without a way to it",
                "a turn of 180 degrees in training.augmentation, preprocessing.facing = canonical, or \
                 orientation = fixed",
            ),
        };
        let found = format!("{} {found}", self.orientation);
        Err(TrainError::Setting { setting: "orientation", found, expected })
    }
}
