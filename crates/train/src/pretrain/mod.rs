//! Encoders: networks that learn from recordings in which nobody said what was done.

mod course;
mod people;
mod task;

pub use people::PretrainPeople;

use crate::training::assemble::provenance;
use crate::training::balance::Shares;
use crate::training::inputs::each_chunk;
use crate::{Balance, Config, TrainError};
use ambulo_data::{Dataset, LabelledWindows, PassedOver};
use ambulo_model::{
    Calibration, FORMAT, Metadata, Model, Objective, Pretext, Provenance, RequiredOrientation,
};
use ambulo_nn::{Network, Random};
use ambulo_record::PersonId;
use ambulo_signal::{Normalisation, Preprocessing};
use course::Course;
use people::{Divided, hold_out};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use task::Task;

/// How an encoder is learned.
#[derive(Clone, Debug)]
pub struct PretrainConfig {
    /// What the network is asked.
    pub objective: Objective,
    /// Model, preprocessing and threads; protocol, labels and training of it do not matter, but that the labels stand in the file
    /// where those of a fine-tuned model will.
    pub config: Config,
    /// Who may be learned from.
    pub people: PretrainPeople,
    /// How often windows are seen.
    pub balance: Balance,
    /// Times that as many windows as there are go through.
    pub epochs: usize,
    /// Windows per optimiser step; of the contrastive objective each gives two examples.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Seed of initial weights, order, draws and of who is held out.
    pub seed: u64,
}

impl PretrainConfig {
    /// The usual numbers for a network and an objective.
    #[must_use]
    pub fn of(config: Config, objective: Objective) -> Self {
        Self {
            objective,
            config,
            people: PretrainPeople::default(),
            balance: Balance::People,
            epochs: 8,
            batch: 128,
            learning_rate: 0.004,
            seed: 1,
        }
    }

    fn validate(&self) -> Result<(), TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        if !(1..=100_000).contains(&self.epochs) {
            return setting("epochs", self.epochs.to_string(), "from 1 to 100000");
        }
        if !(2..=65_536).contains(&self.batch) {
            return setting("batch", self.batch.to_string(), "from 2 to 65536");
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return setting("learning_rate", self.learning_rate.to_string(), "a positive number");
        }
        self.config.preprocessing.validate()?;
        Ok(())
    }
}

/// Figures of an epoch.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PretextEpoch {
    /// From 1.
    pub epoch: usize,
    /// Mean loss of the steps.
    pub train_loss: f64,
    /// Loss on people held out, each window asked once and the same every time; none where nobody was held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    /// Since the first step.
    pub seconds: f64,
}

/// Watches a pre-training.
pub trait PretrainObserver {
    /// After every step: epoch and step of it, both from 1, number of steps, mean loss of the epoch so far.
    fn step(&mut self, epoch: usize, step: usize, steps: usize, loss: f64);
    /// After every epoch.
    fn epoch(&mut self, record: &PretextEpoch);
    /// Before the first step: what will be learned from.
    fn begin(&mut self, material: &Material);
}

/// What is learned from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Material {
    /// Who is learned from.
    pub people: Vec<PersonId>,
    /// Who is held out.
    pub held_out: Vec<PersonId>,
    /// Test people who were left out.
    pub test_people: Vec<PersonId>,
    /// Windows learned from.
    pub windows: usize,
    /// Windows of people held out.
    pub held_out_windows: usize,
    /// Recordings that were passed over, by reason.
    pub passed_over: Vec<(String, usize)>,
}

/// An encoder and how it came about.
#[derive(Debug)]
pub struct Pretrained {
    /// The encoder.
    pub model: Model,
    /// Every epoch.
    pub epochs: Vec<PretextEpoch>,
    /// What it was learned from.
    pub material: Material,
}

/// Learns an encoder; `None` if `stop` was set, which is looked at after every step. Labels are not looked at.
///
/// # Errors
/// Settings out of range, people who are not there or are test people ([`TrainError::TestPeople`]), recordings that give no windows
/// ([`TrainError::NothingToLearn`]), or losses that are no numbers.
pub fn pretrain(
    dataset: &Dataset,
    options: &PretrainConfig,
    stop: &AtomicBool,
    observer: &mut dyn PretrainObserver,
) -> Result<Option<Pretrained>, TrainError> {
    options.validate()?;
    // Zeros where nobody knows.
    let up = options.config.preprocessing.up().unwrap_or_default();
    let task = Task::new(options.objective, &options.config, up)?;
    let (people, test) = options.people.chosen(dataset)?;
    let (windows, passed_over) = dataset.unlabelled_windows(&options.config.preprocessing, &people)?;
    let counted = count(&passed_over);
    // Who gives no window is neither learned from nor held out.
    let Divided { training, validation, test } = hold_out(windows.subjects(), test, options.seed);
    let material = Material {
        people: training.iter().cloned().collect(),
        held_out: validation.iter().cloned().collect(),
        test_people: test.into_iter().collect(),
        windows: 0,
        held_out_windows: 0,
        passed_over: counted,
    };
    let [learned, held] = [windows.filter(&training), windows.filter(&validation)];
    drop(windows);
    let material = Material { windows: learned.len(), held_out_windows: held.len(), ..material };
    if learned.len() < 2 {
        return Err(nothing(&people, &material, &passed_over));
    }
    let preprocessing = normalised(&learned, &task, &options.config.preprocessing)?;
    observer.begin(&material);
    let shares = Shares::new(options.balance, &learned);
    let course = Course { task: &task, options, preprocessing: &preprocessing, shares: &shares };
    let Some(done) = course.run(&learned, &held, stop, observer)? else { return Ok(None) };
    let pretext = Pretext {
        objective: options.objective,
        windows: learned.len(),
        layers: task.layers,
        validation_loss: done.epochs.last().and_then(|epoch| epoch.validation_loss),
    };
    let model = assemble(dataset, options, preprocessing, pretext, &material, &done.weights)?;
    Ok(Some(Pretrained { model, epochs: done.epochs, material }))
}

fn count(passed_over: &[PassedOver]) -> Vec<(String, usize)> {
    let reasons: BTreeSet<_> = passed_over.iter().map(|recording| recording.why).collect();
    let number = |why| passed_over.iter().filter(|recording| recording.why == why).count();
    reasons.into_iter().map(|why| (why.reason().to_owned(), number(why))).collect()
}

fn nothing(people: &BTreeSet<PersonId>, material: &Material, passed_over: &[PassedOver]) -> TrainError {
    let found = match (people.len(), passed_over.first()) {
        (0, _) if !material.test_people.is_empty() => "all people are test people or left out".to_owned(),
        (0, _) => "all people are left out".to_owned(),
        (_, Some(first)) => {
            let all: Vec<String> =
                material.passed_over.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
            let text = first.text.lines().next().unwrap_or_default();
            format!("recordings passed over: {}; the first, {}: {text}", all.join(", "), first.recording)
        }
        (_, None) => format!("{} windows", material.windows),
    };
    TrainError::NothingToLearn {
        found,
        hint: "`ambulo inspect` says what a recording holds; --sensors acceleration does without a gyroscope, and \
               --orientation any-facing without a vertical",
    }
}

/// The preprocessing with statistics of windows as the network will see them, but for what it is asked.
fn normalised(
    windows: &LabelledWindows,
    task: &Task,
    preprocessing: &Preprocessing,
) -> Result<Preprocessing, TrainError> {
    let make = |i: usize, scratch: &mut _, out: &mut [f32]| {
        task.augmenter().input(windows, i, (0, 0), preprocessing, scratch, out)
    };
    let statistics = Normalisation::fit_in_parts(preprocessing.channels.len(), |take| {
        each_chunk(windows, preprocessing, &make, take)
    })?;
    Ok(Preprocessing { normalisation: Some(statistics), ..preprocessing.clone() })
}

/// The file: the model's layers as far as they were learned, initial weights behind them, and a last layer of zeros.
fn assemble(
    dataset: &Dataset,
    options: &PretrainConfig,
    preprocessing: Preprocessing,
    pretext: Pretext,
    material: &Material,
    learned: &[f32],
) -> Result<Model, TrainError> {
    let config = &options.config;
    let labels = config.label_set();
    let architecture = config.architecture(labels.len())?;
    let network = Network::new(&architecture, config.input())?;
    let mut weights = network.initial_weights(options.seed);
    // Layers have their weights one after the other, so those in front are the same in both networks.
    let end = network.layer_ranges().take(pretext.layers).last().map_or(0, |own| own.end);
    weights[..end].copy_from_slice(&learned[..end]);
    if let Some(head) = network.layer_ranges().last() {
        weights[head].fill(0.0);
    }
    let metadata = Metadata {
        format: FORMAT,
        model: config.model.name().into(),
        architecture,
        orientation: RequiredOrientation::new(config.orientation, preprocessing.up().unwrap_or_default()),
        preprocessing,
        labels,
        calibration: Calibration::default(),
        smoothing: None,
        unknown: None,
        lowest_rate_hz: None,
        pretext: Some(pretext),
        adaptations: Vec::new(),
        provenance: Provenance {
            protocol: "pretraining".into(),
            epochs: options.epochs,
            trained_on: material.people.clone(),
            chosen_on: material.held_out.clone(),
            ..provenance(dataset, options.seed, network.instruction_set().name())
        },
    };
    Ok(Model::new(metadata, weights)?)
}

/// Random numbers of one epoch's order.
fn order_of(seed: u64, epoch: usize) -> Random {
    const ORDER: u64 = 1 << 42;
    Random::new(seed, ORDER + epoch as u64)
}
