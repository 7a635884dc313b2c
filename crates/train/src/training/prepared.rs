//! Training windows made ready for a network.

use crate::training::ancestor::Beginning;
use crate::training::augment::{Augmenter, Scratch};
use crate::training::balance::Shares;
use crate::training::inputs::each_chunk;
use crate::{ClassWeighting, Config, TrainError};
use ambulo_data::{LabelledWindows, Partition, Training};
use ambulo_model::RequiredOrientation;
use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::EngineOptions;
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::rotation::unit;
use ambulo_signal::{Normalisation, Preprocessing};

/// Draw of the augmentation on which the normalisation is fitted; stages and epochs have others.
const NORMALISATION_DRAW: u64 = 0;

/// Training windows made ready: with statistics of their own.
pub(crate) struct Prepared {
    pub(crate) windows: LabelledWindows,
    pub(crate) augmenter: Augmenter,
    /// With the statistics.
    pub(crate) preprocessing: Preprocessing,
    pub(crate) orientation: RequiredOrientation,
    pub(crate) subjects: Vec<PersonId>,
    /// How often each window is seen.
    pub(crate) shares: Shares,
    /// The model to begin with.
    pub(crate) beginning: Option<Beginning>,
}

impl Prepared {
    pub(crate) fn fit(
        training: &Partition<Training>,
        config: &Config,
        labels: &LabelSet,
    ) -> Result<Self, TrainError> {
        let windows = training.windows();
        let counts = windows.class_counts(labels.len());
        if let Some(empty) = counts.iter().position(|&n| n == 0) {
            return Err(TrainError::EmptyClass {
                label: labels.names().nth(empty).unwrap_or_default().into(),
            });
        }
        let up = upright(windows);
        let augmenter = Augmenter::new(&config.training.augmentation, up);
        let mut preprocessing = config.preprocessing.clone();
        // On augmented windows, as the network will see them: turned axes have other means.
        let draw = (0, NORMALISATION_DRAW);
        let make = |i: usize, scratch: &mut Scratch, out: &mut [f32]| {
            augmenter.input(windows, i, draw, &preprocessing, scratch, out)
        };
        let beginning = Beginning::open(config)?;
        let statistics = match beginning.as_ref().and_then(Beginning::normalisation) {
            // Its layers know these, and no others.
            Some(statistics) => statistics,
            None => Normalisation::fit_in_parts(preprocessing.channels.len(), |take| {
                each_chunk(windows, &preprocessing, &make, take)
            })?,
        };
        preprocessing.normalisation = Some(statistics);
        // Two decimals say what a person can hold; more would only be noise in the file.
        let up = up.map(|v| (v * 100.0).round() / 100.0);
        Ok(Self {
            augmenter,
            windows: windows.clone(),
            orientation: RequiredOrientation::new(config.orientation, up),
            preprocessing,
            shares: Shares::new(config.training.balance, windows),
            beginning,
            subjects: training.subjects().iter().cloned().collect(),
        })
    }

    pub(crate) fn engine_options(
        &self,
        config: &Config,
        classes: usize,
        seed: u64,
    ) -> Result<EngineOptions, TrainError> {
        let t = &config.training;
        let weights: Vec<f32> = match t.class_weights {
            ClassWeighting::None => Vec::new(),
            ClassWeighting::Balanced => {
                let counts = self.windows.class_counts(classes);
                let all: usize = counts.iter().sum();
                counts.into_iter().map(|own| all as f32 / (classes * own) as f32).collect()
            }
        };
        Ok(EngineOptions {
            optimiser: AdamWConfig { weight_decay: t.weight_decay, ..AdamWConfig::default() },
            loss: CrossEntropy::new(classes, t.label_smoothing, &weights)?
                .with_groups(&self.windows.groups)?,
            clip: (t.clip > 0.0).then_some(t.clip),
            seed,
            threads: config.threads,
            // A batch larger than the data would only be memory.
            batch: t.batch.min(self.windows.len()),
        })
    }
}

/// Mean direction that was up over the recordings; zeros where nobody walked or stood.
pub(crate) fn upright(windows: &LabelledWindows) -> [f32; 3] {
    let mut sum = [0f64; 3];
    for up in windows.series.iter().filter_map(|series| series.up) {
        for (s, v) in sum.iter_mut().zip(up) {
            *s += f64::from(v);
        }
    }
    unit(sum.map(|s| s as f32)).unwrap_or_default()
}
