//! Everything that determines a run.

use crate::TrainError;
use ambulo_nn::optim::Schedule;
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Shape};
use ambulo_signal::Preprocessing;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Names of the models that can be trained.
pub const MODELS: &[&str] = &["lstm"];
/// Names of the protocols.
pub const PROTOCOLS: &[&str] = &["official"];

/// A run's configuration; `config.toml` in a run directory is one of these, complete.
///
/// Every field has a default, so a configuration file says only what differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How people are divided into training, validation and test: one of [`PROTOCOLS`].
    pub protocol: String,
    /// Which network: one of [`MODELS`].
    pub model: String,
    /// A folder of a published data set; none for the bundled recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// Seeds of initial weights, order of batches and dropout; one training each.
    pub seeds: Vec<u64>,
    /// Threads, 0 for as many as there are cores; the results do not depend on it.
    pub threads: usize,
    /// Size of the network.
    pub network: NetworkConfig,
    /// How it is trained.
    pub training: TrainingConfig,
    /// On whom is chosen.
    pub validation: ValidationConfig,
    /// From recordings to the network's input.
    pub preprocessing: Preprocessing,
}

/// Size of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Width of each recurrent layer.
    pub hidden: usize,
    /// Number of recurrent layers.
    pub layers: usize,
    /// Dropout between recurrent layers.
    pub dropout: f32,
    /// How the sequence becomes one vector.
    pub pooling: Pooling,
    /// Dropout before the last linear layer.
    pub head_dropout: f32,
}

/// How the network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Most epochs, and the length of the learning-rate schedule.
    pub epochs: usize,
    /// Windows per optimiser step.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay of `AdamW`.
    pub weight_decay: f64,
    /// Largest global norm of the gradient; 0 does not clip.
    pub clip: f64,
    /// Label smoothing, in `[0, 1)`.
    pub label_smoothing: f32,
    /// Weights of the classes in the loss.
    pub class_weights: ClassWeighting,
    /// Stop after this many epochs without a better validation macro-F1; 0 never stops early.
    pub patience: usize,
    /// Train anew on training and validation subjects for the chosen number of epochs.
    pub refit: bool,
    /// Course of the learning rate.
    pub schedule: Schedule,
}

/// Weights of the classes in the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeighting {
    /// All 1.
    None,
    /// Windows / (classes x windows of the class), as scikit-learn's `balanced`.
    Balanced,
}

/// On whom is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationConfig {
    /// How many of the development subjects.
    pub subjects: usize,
    /// Seed of the draw; the same people for all seeds of a run.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            protocol: "official".into(),
            model: "lstm".into(),
            data: None,
            seeds: vec![1],
            threads: 0,
            network: NetworkConfig::default(),
            training: TrainingConfig::default(),
            validation: ValidationConfig::default(),
            preprocessing: Preprocessing::hapt(),
        }
    }
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { hidden: 64, layers: 2, dropout: 0.2, pooling: Pooling::Mean, head_dropout: 0.5 }
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 12,
            batch: 64,
            learning_rate: 0.004,
            weight_decay: 0.01,
            clip: 1.0,
            label_smoothing: 0.05,
            class_weights: ClassWeighting::None,
            patience: 6,
            refit: true,
            schedule: Schedule::one_cycle(),
        }
    }
}

impl Default for ValidationConfig {
    fn default() -> Self {
        Self { subjects: 4, seed: 1 }
    }
}

impl Config {
    /// Reads a TOML file; what it does not name has its default.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has an unknown key: with line and column.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TrainError::Io { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|source| TrainError::ConfigFile { path: path.to_owned(), source: Box::new(source) })
    }

    /// The whole configuration as TOML.
    ///
    /// # Errors
    /// A number that TOML cannot hold (a seed above 2^63).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        Ok(toml::to_string(self)?)
    }

    /// Everything that determines the result, as text: neither the number of threads nor where the data lie.
    pub(crate) fn identity(&self) -> Result<String, TrainError> {
        Self { threads: 0, data: None, ..self.clone() }.to_toml()
    }

    /// Shape of the network's input.
    #[must_use]
    pub fn input(&self) -> Shape {
        Shape { time: self.preprocessing.window, channels: self.preprocessing.channels.len() }
    }

    /// Checks everything that can be checked without data.
    ///
    /// # Errors
    /// The first value that is out of range, or a name that is none of the choices.
    pub fn validate(&self) -> Result<(), TrainError> {
        let unknown = |what, found: &str, choices: &[&str]| {
            Err(TrainError::Unknown { what, found: found.into(), choices: choices.join(", ") })
        };
        if !PROTOCOLS.contains(&self.protocol.as_str()) {
            return unknown("protocol", &self.protocol, PROTOCOLS);
        }
        if !MODELS.contains(&self.model.as_str()) {
            return unknown("model", &self.model, MODELS);
        }
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
        if self.threads > 4096 {
            return setting("threads", self.threads.to_string(), "from 0 (all cores) to 4096");
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
        Network::new(&self.architecture(2), self.input())?;
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

    /// The layers for a number of classes.
    #[must_use]
    pub fn architecture(&self, classes: usize) -> Architecture {
        let n = &self.network;
        let mut layers = vec![
            LayerSpec::Lstm { hidden: n.hidden, layers: n.layers, dropout: n.dropout, bidirectional: false },
            LayerSpec::Pool { kind: n.pooling },
        ];
        if n.head_dropout != 0.0 {
            layers.push(LayerSpec::Dropout { p: n.head_dropout });
        }
        layers.push(LayerSpec::Linear { out: classes });
        Architecture { layers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_survives_toml() {
        let config = Config::default();
        config.validate().unwrap();
        let text = config.to_toml().unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config, "{text}");
    }

    #[test]
    fn a_file_says_only_what_differs() {
        let text = "[preprocessing]\nphase = 'causal'\nnoise = { cutoff_hz = 15.0 }\n[preprocessing.gravity]\norder = 2";
        let p = toml::from_str::<Config>(text).unwrap().preprocessing;
        let usual = Preprocessing::hapt();
        assert_eq!(
            (p.channels, p.window, p.gravity.cutoff_hz),
            (usual.channels, usual.window, usual.gravity.cutoff_hz)
        );
        assert_eq!((p.phase, p.gravity.order), (ambulo_signal::Phase::Causal, 2));
        assert_eq!(p.noise.map(|n| (n.cutoff_hz, n.median_width)), Some((15.0, 3)));
    }

    #[test]
    fn a_run_without_noise_filter_is_repeated_without_it() {
        let config: Config = toml::from_str("[preprocessing]\nnoise = false").unwrap();
        assert_eq!(config.preprocessing.noise, None);
        let text = config.to_toml().unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config, "{text}");
        let wrong = toml::from_str::<Config>("[preprocessing]\nnoise = true").unwrap_err().to_string();
        assert!(wrong.contains("noise is false, or has median_width"), "{wrong}");
    }

    #[test]
    fn nonsense_is_refused_with_the_setting_and_what_would_do() {
        let fail = |toml: &str, wanted: &str| {
            let error = match toml::from_str::<Config>(toml) {
                Ok(config) => config.validate().unwrap_err().to_string(),
                Err(e) => e.to_string(),
            };
            assert!(error.contains(wanted), "{toml}: {error}");
        };
        fail("model = 'transformer'", "unknown model `transformer`, expected one of: lstm");
        fail("protocol = 'random'", "unknown protocol `random`, expected one of: official");
        fail("seeds = []", "seeds is empty");
        fail("seeds = [3, 1, 3]", "seeds is 3 twice");
        fail("[training]\nepochs = 0", "training.epochs is 0");
        fail("[training]\nbatch = 0", "training.batch is 0");
        fail("[training]\nlearning_rate = nan", "training.learning_rate is NaN, expected a positive number");
        fail("[training]\nlabel_smoothing = 1.0", "training.label_smoothing is 1");
        fail("[training]\nschedule = { type = 'one-cycle', pct_start = 1.0 }", "training.schedule");
        fail("[network]\nhidden = 0", "hidden is 0, expected from 1 to 8192");
        fail("[network]\nlayers = 1000", "layers is 1000");
        fail("[network]\nhead_dropout = 1.5", "p is 1.5");
        fail("[validation]\nsubjects = 0", "validation.subjects is 0");
        fail("[training]\nepoch = 3", "unknown field `epoch`");
    }
}
