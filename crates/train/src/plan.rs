//! From configuration and data to what one training stage needs.

use crate::{ClassWeighting, Config, TrainError};
use ambulo_data::{
    Dataset, DevelopmentSubjects, LabelSet, LabelledWindows, OfficialSplit, Partition, Test, Training,
    Validation, official,
};
use ambulo_model::Orientation;
use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::EngineOptions;
use ambulo_signal::{Channel, Normalisation, Preprocessing};

/// The three partitions of a protocol.
pub(crate) struct Partitions {
    pub(crate) training: Partition<Training>,
    pub(crate) validation: Partition<Validation>,
    pub(crate) test: Partition<Test>,
}

impl Partitions {
    pub(crate) fn cut(dataset: &Dataset, config: &Config, labels: &LabelSet) -> Result<Self, TrainError> {
        let (people, test) = split(dataset, config)?.into_parts();
        let (training, validation) = hold_out(&people, dataset, config, labels)?;
        Ok(Self { training, validation, test: test.cut(dataset, &config.preprocessing, labels)? })
    }
}

/// Training and validation people apart; the test people are put aside uncut.
pub(crate) fn hold_out_people(
    dataset: &Dataset,
    config: &Config,
    labels: &LabelSet,
) -> Result<(Partition<Training>, Partition<Validation>), TrainError> {
    let (people, _test) = split(dataset, config)?.into_parts();
    hold_out(&people, dataset, config, labels)
}

/// Whether the configured protocol and validation draw exist on this data set; cuts no windows.
pub(crate) fn check_split(dataset: &Dataset, config: &Config) -> Result<(), TrainError> {
    let (people, _test) = split(dataset, config)?.into_parts();
    people.hold_out_validation(config.validation.subjects, config.validation.seed)?;
    Ok(())
}

/// The people of the configured protocol, one of [`crate::PROTOCOLS`].
fn split(dataset: &Dataset, config: &Config) -> Result<OfficialSplit, TrainError> {
    match config.protocol.as_str() {
        "official" => Ok(official(dataset)?),
        other => Err(TrainError::Unknown {
            what: "protocol",
            found: other.into(),
            choices: crate::PROTOCOLS.join(", "),
        }),
    }
}

fn hold_out(
    people: &DevelopmentSubjects,
    dataset: &Dataset,
    config: &Config,
    labels: &LabelSet,
) -> Result<(Partition<Training>, Partition<Validation>), TrainError> {
    let (training, validation) =
        people.hold_out_validation(config.validation.subjects, config.validation.seed)?;
    let p = &config.preprocessing;
    Ok((training.cut(dataset, p, labels)?, validation.cut(dataset, p, labels)?))
}

/// Training windows made ready: normalised with statistics of their own.
pub(crate) struct Prepared {
    pub(crate) x: Vec<f32>,
    pub(crate) labels: Vec<u8>,
    /// With the statistics.
    pub(crate) preprocessing: Preprocessing,
    pub(crate) orientation: Orientation,
    pub(crate) subjects: Vec<u16>,
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
            return Err(TrainError::EmptyClass { label: labels.names()[empty].to_owned() });
        }
        let mut preprocessing = config.preprocessing.clone();
        preprocessing.normalisation = Some(Normalisation::fit(&windows.x, windows.channels)?);
        let mut x = windows.x.clone();
        preprocessing.normalise(&mut x);
        Ok(Self {
            x,
            labels: windows.labels.clone(),
            orientation: Orientation::Fixed { up: upright(windows, &preprocessing, labels) },
            preprocessing,
            subjects: training.subjects().iter().map(|s| s.0).collect(),
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
            ClassWeighting::Balanced => (0..classes)
                .map(|c| {
                    let own = self.labels.iter().filter(|&&l| usize::from(l) == c).count();
                    self.labels.len() as f32 / (classes * own) as f32
                })
                .collect(),
        };
        Ok(EngineOptions {
            optimiser: AdamWConfig { weight_decay: t.weight_decay, ..AdamWConfig::default() },
            loss: CrossEntropy::new(classes, t.label_smoothing, &weights)?,
            clip: (t.clip > 0.0).then_some(t.clip),
            seed,
            threads: config.threads,
            // A batch larger than the data would only be memory.
            batch: t.batch.min(self.labels.len()),
        })
    }
}

/// Mean total acceleration in g over the windows of people who walk or stand.
fn upright(windows: &LabelledWindows, p: &Preprocessing, labels: &LabelSet) -> [f32; 3] {
    let names = labels.names();
    let axes = [Channel::TotalAccX, Channel::TotalAccY, Channel::TotalAccZ]
        .map(|wanted| p.channels.iter().position(|c| *c == wanted));
    let [Some(x), Some(y), Some(z)] = axes else { return [0.0; 3] };
    let mut sum = [0f64; 3];
    let mut count = 0usize;
    for i in 0..windows.len() {
        if !matches!(names[usize::from(windows.labels[i])], "WALKING" | "STANDING") {
            continue;
        }
        for sample in windows.window(i).chunks_exact(windows.channels) {
            for (s, channel) in sum.iter_mut().zip([x, y, z]) {
                *s += f64::from(sample[channel]);
            }
            count += 1;
        }
    }
    // Two decimals say what a person can hold; more would only be noise in the file.
    sum.map(|s| ((s / count.max(1) as f64) * 100.0).round() as f32 / 100.0)
}
