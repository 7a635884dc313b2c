//! Everything that determines a run.

use crate::TrainError;
use ambulo_data::{ChosenBy, Content, Dataset, Protocol};
use ambulo_nn::optim::Schedule;
use ambulo_nn::{Architecture, LayerSpec, Pooling, Shape};
use ambulo_record::{Keep, LabelSet};
use ambulo_signal::{Orientation, Preprocessing, Resampling};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

mod augmentation;
mod few;
mod from;
mod labels;
mod models;
mod read;
mod sizes;
mod validate;

pub use augmentation::Augmentation;
pub use few::{FewAmount, FewAmounts, FewConfig};
pub use from::{AskedFrom, Freeze, FromConfig};
pub use labels::Labels;
pub use models::ModelKind;
pub use read::Asked;
pub use sizes::Length;

/// The recordings of HAPT have the phone's x axis pointing up; levelled, any recording has.
const HAPT_UP: [f32; 3] = [1.0, 0.0, 0.0];

/// A run's configuration; `config.toml` in a run directory is one of these, complete.
///
/// Every field has a default, which may depend on model, orientation, rate and window, so a configuration file says only what differs
/// ([`Config::read`], [`Config::from_toml`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How people are divided into training, validation and test.
    pub protocol: Protocol,
    /// Which of the protocol's folds, from 1; none for a protocol without folds, and in the run over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<usize>,
    /// Which network.
    pub model: ModelKind,
    /// Which ways of wearing the device the model is for.
    pub orientation: Orientation,
    /// The activities to tell apart: 6, 12 with the postural transitions, or their names.
    pub labels: Labels,
    /// Whether a stretch of signal may occur twice, under two people or two labels; such data are refused otherwise.
    #[serde(skip_serializing_if = "is_false")]
    pub allow_duplicates: bool,
    /// The data sets: names, folders, manifests, or `NAME=FOLDER`; none for the bundled recordings.
    #[serde(skip_serializing_if = "Vec::is_empty", with = "one_or_several")]
    pub data: Vec<PathBuf>,
    /// Names of those data sets that are tested on, all of each; the others are then for development, whatever the protocol.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_on: Vec<String>,
    /// Where devices must have been worn, as the data sets say; empty for anywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<String>,
    /// Where those must have been worn that are tested on, if that is another place; `placements` are then those to develop on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_placements: Vec<String>,
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
    /// The model whose weights the training begins with; none for weights drawn at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<FromConfig>,
    /// Few of the training people or windows instead of all; none for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub few: Option<FewConfig>,
}

/// A size of all convolutions, or one for each; written as a number or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of numbers, one for each convolution")]
pub enum PerLayer {
    /// The same for all.
    All(usize),
    /// One for each, in order.
    Each(Vec<usize>),
}

impl PerLayer {
    /// A list in its shortest form.
    #[must_use]
    pub fn of(sizes: Vec<usize>) -> Self {
        match sizes.first() {
            Some(&first) if sizes.iter().all(|&size| size == first) => Self::All(first),
            _ => Self::Each(sizes),
        }
    }

    /// The size of layer `i`; none where a list ends before.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<usize> {
        match self {
            Self::All(size) => Some(*size),
            Self::Each(sizes) => sizes.get(i).copied(),
        }
    }

    /// Whether there is one for each of so many layers, and none besides.
    pub(crate) fn is_for(&self, layers: usize) -> bool {
        match self {
            Self::All(_) => true,
            Self::Each(sizes) => sizes.len() == layers,
        }
    }
}

/// Sizes of the network; each model has some of them ([`ModelKind::default_network`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Channels of each convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<usize>>,
    /// Time steps under each convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<PerLayer>,
    /// Stride of each convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<PerLayer>,
    /// Width of each recurrent layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    /// Number of recurrent layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    /// Dropout between recurrent layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f32>,
    /// How the sequence becomes one vector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// Length of the context of attention over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<usize>,
    /// Dropout before the last linear layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_dropout: Option<f32>,
    /// Layers of a `custom` model, but the last linear one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<LayerSpec>,
}

/// How the network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Most epochs, and the length of the learning-rate schedule.
    pub epochs: usize,
    /// Windows per optimiser step.
    pub batch: usize,
    /// Least optimiser steps of an epoch: with fewer windows an epoch goes over them again, augmented anew.
    #[serde(skip_serializing_if = "is_zero")]
    pub least_steps: usize,
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
    /// How often windows are seen in an epoch.
    #[serde(skip_serializing_if = "is_default")]
    pub balance: Balance,
    /// Which epoch's weights are kept, and how long a refit trains.
    pub keep: Keep,
    /// Decay of the exponential moving average of the weights over steps (Polyak and Juditsky 1992), which is what is
    /// evaluated and saved; 0 for the weights themselves.
    pub weight_average: f64,
    /// Stop after this many epochs without a better validation macro-F1; 0 never stops early.
    pub patience: usize,
    /// Train anew on training and validation subjects for the chosen number of epochs.
    pub refit: bool,
    /// Course of the learning rate.
    pub schedule: Schedule,
    /// What training windows go through each time they are seen, in order.
    pub augmentation: Vec<Augmentation>,
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

/// How often windows are seen in an epoch, which always has as many as there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Each once.
    #[default]
    None,
    /// Those of each person equally often altogether: who was recorded for longer has no more say.
    People,
    /// Those of each data set equally often altogether, and within it those of each person.
    DataSets,
}

/// On whom is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationConfig {
    /// How many of the development subjects.
    pub subjects: usize,
    /// Seed of the draw; the same people for all seeds of a run.
    pub seed: u64,
    /// Which of the disjoint groups of that draw, from 0: for cross-validation among the development people.
    #[serde(skip_serializing_if = "is_zero")]
    pub group: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self::of(ModelKind::default(), Orientation::default())
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self::of(ModelKind::default(), Orientation::default())
    }
}

impl TrainingConfig {
    /// How a model is trained unless the configuration says otherwise; chosen on validation people (docs/RESULTS.md).
    #[must_use]
    pub fn of(model: ModelKind, orientation: Orientation) -> Self {
        Self::sized(model, orientation, Preprocessing::default().window)
    }

    /// The same for windows of so many samples.
    #[must_use]
    pub fn sized(model: ModelKind, orientation: Orientation, window: usize) -> Self {
        let mut augmentation = vec![Augmentation::Shift { samples: sizes::shift(window) }];
        if orientation != Orientation::Fixed {
            augmentation.push(Augmentation::Turn { degrees: 180.0, p: 0.5 });
        }
        augmentation.push(match orientation {
            // What is left of a slant after levelling is a few degrees.
            Orientation::Levelled => Augmentation::Rotate { degrees: 8.0, p: 1.0 },
            Orientation::AnyFacing | Orientation::Fixed => Augmentation::Rotate { degrees: 12.0, p: 0.5 },
        });
        augmentation.push(Augmentation::Scale { range: 0.15 });
        augmentation.push(Augmentation::TimeWarp { sd: 0.2, knots: 4 });
        Self {
            epochs: model.epochs(),
            batch: 64,
            least_steps: 0,
            learning_rate: 0.004,
            weight_decay: 0.01,
            clip: 1.0,
            label_smoothing: 0.05,
            class_weights: ClassWeighting::None,
            balance: Balance::None,
            keep: Keep::Last,
            weight_average: 0.99,
            patience: 0,
            refit: true,
            schedule: Schedule::one_cycle(),
            augmentation,
        }
    }
}

impl Default for ValidationConfig {
    fn default() -> Self {
        Self { subjects: 4, seed: 1, group: 0 }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A list that a single text may stand for.
mod one_or_several {
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};
    use std::path::PathBuf;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(PathBuf),
        Several(Vec<PathBuf>),
    }

    pub(super) fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        match paths {
            [one] => one.serialize(to),
            several => several.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
        Ok(match Written::deserialize(from)? {
            Written::One(one) => vec![one],
            Written::Several(several) => several,
        })
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(group: &usize) -> bool {
    *group == 0
}

impl Config {
    /// Where devices must have been worn to be of any use here, to develop on or to test; none for anywhere.
    #[must_use]
    pub fn all_placements(&self) -> Vec<String> {
        let mut all = self.placements.clone();
        if !all.is_empty() {
            all.extend(self.test_placements.iter().filter(|place| !self.placements.contains(place)).cloned());
        }
        all
    }

    /// The defaults of a model and an orientation.
    #[must_use]
    pub fn of(model: ModelKind, orientation: Orientation) -> Self {
        let usual = Preprocessing::default();
        Self::sized(model, orientation, usual.rate_hz, usual.window)
    }

    /// The defaults of a model and an orientation for windows of `window` samples at `rate_hz`: preprocessing, sizes of the network and
    /// augmentation that are for this stretch of time what the usual ones are for 2.56 s at 50 Hz
    /// ([`ModelKind::network_for`], [`Preprocessing::sized`]).
    #[must_use]
    pub fn sized(model: ModelKind, orientation: Orientation, rate_hz: f64, window: usize) -> Self {
        Self {
            protocol: Protocol::default(),
            fold: None,
            model,
            orientation,
            labels: Labels::default(),
            allow_duplicates: false,
            data: Vec::new(),
            test_on: Vec::new(),
            placements: Vec::new(),
            test_placements: Vec::new(),
            seeds: vec![1],
            threads: 0,
            network: model.network_for(rate_hz, window),
            training: TrainingConfig::sized(model, orientation, window),
            validation: ValidationConfig::default(),
            preprocessing: Preprocessing {
                level: orientation.level(HAPT_UP),
                facing: orientation.facing(HAPT_UP),
                ..Preprocessing::sized(rate_hz, window)
            },
            from: None,
            few: None,
        }
    }

    /// Allows recordings at higher rates than the model's to be lowered where the data need it: several data sets have rates of
    /// their own, and so may one. Returns whether this changes anything.
    pub fn resample_for(&mut self, dataset: &Dataset) -> bool {
        let p = &mut self.preprocessing;
        let needed = match &dataset.content {
            Content::Recordings(_) => dataset.parts.len() > 1 || !p.same_rate(dataset.rate_hz()),
            // These are as they were published.
            Content::Windows(_) => false,
        };
        let changes = needed && p.resampling == Resampling::Refuse;
        if changes {
            p.resampling = Resampling::Linear;
        }
        changes
    }

    /// The whole configuration as TOML.
    ///
    /// # Errors
    /// A number that TOML cannot hold (a seed above 2^63).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        Ok(toml::to_string(self)?)
    }

    /// Everything that determines the result, as text: neither the number of threads nor where the data and the model that it
    /// begins with lie.
    pub(crate) fn identity(&self) -> Result<String, TrainError> {
        let from = self.from.clone().map(|from| FromConfig { file: from.name().into(), ..from });
        Self { threads: 0, data: Vec::new(), from, ..self.clone() }.to_toml()
    }

    /// Whether it is a run over all folds of its protocol.
    #[must_use]
    pub fn is_over_folds(&self) -> bool {
        self.has_folds() && self.fold.is_none()
    }

    /// Whether people are divided more than once.
    #[must_use]
    pub fn has_folds(&self) -> bool {
        self.test_on.is_empty() && self.protocol.has_folds()
    }

    /// How people are divided, as records write it.
    #[must_use]
    pub fn protocol_name(&self) -> String {
        if self.test_on.is_empty() { self.protocol.name() } else { ChosenBy::DataSets.name() }
    }

    /// Shape of the network's input.
    #[must_use]
    pub fn input(&self) -> Shape {
        Shape { time: self.preprocessing.window, channels: self.preprocessing.channels.len() }
    }

    /// The activities to tell apart.
    #[must_use]
    pub fn label_set(&self) -> LabelSet {
        self.labels.clone().into()
    }

    /// The layers for a number of classes.
    ///
    /// # Errors
    /// A size that the model does not have, or lacks.
    pub fn architecture(&self, classes: usize) -> Result<Architecture, TrainError> {
        match self.from {
            Some(_) => self.architecture_from(classes),
            None => models::architecture(self.model, &self.network, classes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::Facing;

    #[test]
    fn every_model_is_read_by_its_name() {
        for model in ModelKind::ALL {
            assert_eq!(model.name().parse::<ModelKind>().unwrap(), model);
            assert_eq!(serde_json::to_string(&model).unwrap(), format!("\"{model}\""));
        }
        let message = "x".parse::<ModelKind>().unwrap_err().to_string();
        assert_eq!(message, format!("unknown model `x`, expected one of: {}", ModelKind::names().join(", ")));
    }

    #[test]
    fn the_default_is_valid_and_survives_toml() {
        let config = Config::default();
        config.validate().unwrap();
        let text = config.to_toml().unwrap();
        assert_eq!(Config::from_toml(&text).unwrap(), config, "{text}");
    }

    #[test]
    fn every_model_has_valid_defaults_of_its_own() {
        for model in ModelKind::ALL.into_iter().filter(|m| *m != ModelKind::Custom) {
            for orientation in Orientation::ALL {
                let config = Config::of(model, orientation);
                config.validate().unwrap();
                let text = format!("model = '{model}'\norientation = '{}'", orientation.name());
                assert_eq!(Config::from_toml(&text).unwrap(), config);
                assert_eq!(Config::from_toml(&config.to_toml().unwrap()).unwrap(), config);
            }
        }
    }

    #[test]
    fn a_facing_that_is_not_the_default_survives_toml() {
        for orientation in Orientation::ALL {
            for facing in [Facing::AsWorn, Facing::Canonical { up: HAPT_UP }] {
                let mut config = Config::of(ModelKind::Lstm, orientation);
                config.preprocessing.facing = facing;
                let text = config.to_toml().unwrap();
                assert_eq!(Config::from_toml(&text).unwrap(), config, "{text}");
            }
        }
    }

    #[test]
    fn another_orientation_than_the_files_has_its_own_means() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        for (own, other) in
            Orientation::ALL.into_iter().flat_map(|own| Orientation::ALL.map(|other| (own, other)))
        {
            std::fs::write(&path, Config::of(ModelKind::Gru, own).to_toml().unwrap()).unwrap();
            assert_eq!(
                Config::read_with(&path, Asked { orientation: Some(other), ..Asked::default() }).unwrap(),
                Config::of(ModelKind::Gru, other)
            );
        }
    }

    #[test]
    fn tiny_has_fewer_than_5000_parameters() {
        let config = Config::of(ModelKind::Tiny, Orientation::Fixed);
        let network = ambulo_nn::Network::new(&config.architecture(6).unwrap(), config.input()).unwrap();
        assert!(network.trainable_len() < 5000, "{}", network.trainable_len());
    }

    #[test]
    fn a_stack_of_layers_needs_no_compiler() {
        let text = "model = 'custom'\n[[network.stack]]\ntype = 'conv'\nout = 8\nkernel = 5\n[[network.stack]]\n\
                    type = 'gru'\nhidden = 4\nlayers = 1\n[[network.stack]]\ntype = 'pool'\nkind = 'last'";
        let config = Config::from_toml(text).unwrap();
        config.validate().unwrap();
        assert_eq!(config.architecture(6).unwrap().describe(), "conv 8 x 5, GRU 1 x 4, last step, linear 6");
        assert_eq!(Config::from_toml(&config.to_toml().unwrap()).unwrap(), config);
    }

    #[test]
    fn a_file_says_only_what_differs() {
        let text = "[preprocessing]\nphase = 'causal'\nnoise = { cutoff_hz = 15.0 }\n[preprocessing.gravity]\norder = 2";
        let p = Config::from_toml(text).unwrap().preprocessing;
        let usual = Preprocessing::default();
        assert_eq!(
            (p.channels, p.window, p.gravity.cutoff_hz),
            (usual.channels, usual.window, usual.gravity.cutoff_hz)
        );
        assert_eq!((p.phase, p.gravity.order), (ambulo_signal::Phase::Causal, 2));
        assert_eq!(p.noise.map(|n| (n.cutoff_hz, n.median_width)), Some((15.0, 3)));
    }

    #[test]
    fn a_run_without_noise_filter_is_repeated_without_it() {
        let config = Config::from_toml("[preprocessing]\nnoise = false").unwrap();
        assert_eq!(config.preprocessing.noise, None);
        let text = config.to_toml().unwrap();
        assert_eq!(Config::from_toml(&text).unwrap(), config, "{text}");
        let wrong = Config::from_toml("[preprocessing]\nnoise = true").unwrap_err().to_string();
        assert!(wrong.contains("noise is false, or has median_width"), "{wrong}");
    }

    #[test]
    fn nonsense_is_refused_with_the_setting_and_what_would_do() {
        let fail = |toml: &str, wanted: &str| {
            let error = match Config::from_toml(toml) {
                Ok(config) => config.validate().unwrap_err().to_string(),
                Err(e) => e.to_string(),
            };
            assert!(error.contains(wanted), "{toml}: {error}");
        };
        fail("model = 'transformer'", "unknown model `transformer`, expected one of: cnn-lstm");
        fail(
            "protocol = 'random'",
            "unknown protocol `random`, expected one of: official, published, groups10",
        );
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
        fail(
            "model = 'lstm'\n[network]\nkernel = 3",
            "network.kernel is given, but the model lstm has no such size",
        );
        fail("model = 'custom'", "network.stack is empty");
        fail(
            "[preprocessing]\nfacing = { type = 'as-worn' }\n[training]\naugmentation = []",
            "orientation is any-facing without a way to it",
        );
        fail(
            "[training]\naugmentation = [{ type = 'turn', degrees = 300.0 }]",
            "turn: degrees from 0 to 180",
        );
        fail(
            "orientation = 'levelled'\n[preprocessing]\nlevel = { type = 'as-worn' }",
            "orientation is levelled without a way to it, expected preprocessing.level of type recording",
        );
        fail(
            "orientation = 'fixed'\n[preprocessing]\nlevel = { type = 'recording', up = [1.0, 0.0, 0.0] }",
            "orientation is fixed with preprocessing.level of type recording",
        );
        fail("fold = 3", "fold is 3, expected absent");
        fail("protocol = 'loso'\nfold = 0", "fold is 0, expected from 1");
        fail("labels = 7", "labels is 7, expected 6, or 12");
        let stack = "model = 'custom'\n[[network.stack]]\ntype = 'conv'\nout = 8\nkernel = 200\n";
        fail(stack, "layer 0 (conv)");
        fail("[validation]\nsubjects = 0", "validation.subjects is 0");
        fail("[training]\nepoch = 3", "unknown field `epoch`");
    }
}
