//! What few labels are worth: trainings on draws of people or windows, from scratch and from a model, on the same test people.

use super::opened::{Opened, Outcome};
use super::{refuse_duplicates, single};
use crate::directory::files::{RunFiles, now};
use crate::evaluation::few::{Draw, gain, level};
use crate::evaluation::predictions::read_predictions;
use crate::evaluation::sources::sources_of;
use crate::metrics::{confusion_by_subject, only_classes};
use crate::protocol::people::{check_split, refuse_seen, training_people};
use crate::run::tasks::{in_parallel, is_finished, workers};
use crate::training::ancestor::Beginning;
use crate::{Config, FewAmount, ModelKind, Observer, Silent, TrainError};
use ambulo_data::Dataset;
use ambulo_record::files::{CONFIG, FEW, METRICS, PREDICTIONS};
use ambulo_record::{FEW_FORMAT, FewDraw, FewLabels, FewPoint, Metrics, PersonId, SubjectLists};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Least optimiser steps of an epoch unless the configuration says more: thirty epochs on a handful of windows would be thirty
/// steps, in which nothing is learned from scratch.
pub const LEAST_STEPS: usize = 10;

/// Trains on few labels, draw by draw, and tests each on the protocol's test people.
///
/// Validation people are held out of the people to develop on as ever ([`ValidationConfig`](crate::ValidationConfig)), the same for all draws, and
/// nobody of them is drawn: what is chosen is chosen on them. Nothing is trained anew on them afterwards.
#[derive(Clone, Copy, Debug)]
pub struct Few<'a> {
    /// What is trained. Where it begins with a model, each draw is also trained on from scratch, with the same layers and
    /// preprocessing.
    pub config: &'a Config,
    /// The data.
    pub dataset: &'a Dataset,
    /// How many labels.
    pub amounts: &'a [FewAmount],
    /// Draws of each amount, seeded 1, 2, …
    pub draws: u64,
    /// Where the trainings and `few.json` go; what is there is gone on with.
    pub directory: &'a Path,
    /// What a person types to repeat it.
    pub command: &'a str,
}

/// One training.
struct Task {
    name: String,
    directory: PathBuf,
    config: Config,
}

impl Few<'_> {
    /// Trains, tests, and writes `few.json`; none when it was stopped, which is gone on with later.
    ///
    /// # Errors
    /// A protocol with folds of which none is named, more people or draws than there are, and those of [`Run`](crate::Run).
    pub fn execute(
        self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<FewLabels>, TrainError> {
        let base = self.base()?;
        let files = RunFiles::new(self.directory);
        files.create_directory(self.directory)?;
        let lock = files.lock()?;
        let tasks: Vec<Task> =
            self.points().flat_map(|(amount, draw)| self.tasks(&base, amount, draw)).collect();
        let workers = workers(base.threads);
        observer.message(&format!("{} trainings, {} at a time", tasks.len(), workers.min(tasks.len())));
        let done =
            in_parallel(&tasks, workers, stop, observer, &|task: &Task, say| self.train(task, stop, say))?;
        if !done {
            return Ok(None);
        }
        let few = self.put_together(&base)?;
        files.write_json(FEW, &few)?;
        drop(lock);
        files.clean_up();
        Ok(Some(few))
    }

    /// What all trainings share.
    fn base(&self) -> Result<Config, TrainError> {
        let mut base = self.config.clone();
        base.training.refit = false;
        if base.training.least_steps == 0 {
            base.training.least_steps = LEAST_STEPS;
        }
        base.validate()?;
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        if base.is_over_folds() {
            let expected = "one that divides people once, such as official or published, or a fold";
            return setting("protocol", base.protocol_name(), expected);
        }
        if base.few.is_some() {
            return setting("few", "given".into(), "absent: it is made for each draw");
        }
        if !(1..=10_000).contains(&self.draws) {
            return setting("draws", self.draws.to_string(), "from 1 to 10000");
        }
        if self.amounts.is_empty() {
            return setting("amounts", "empty".into(), "at least one number of people or windows");
        }
        check_split(self.dataset, &base)?;
        let people = training_people(self.dataset, &base)?.len();
        for amount in self.amounts {
            if let FewAmount::People(count) = amount
                && *count > people
            {
                let dataset = self.dataset.info.name.clone();
                return Err(
                    ambulo_data::DataError::NoDraw { dataset, count: *count, available: people }.into()
                );
            }
        }
        refuse_duplicates(self.dataset, base.allow_duplicates)?;
        refuse_seen(self.dataset, &base)?;
        Ok(base)
    }

    /// Every amount with its draws; of all labels there is but one.
    fn points(&self) -> impl Iterator<Item = (FewAmount, u64)> {
        self.amounts.iter().flat_map(|&amount| (1..=self.draws_of(amount)).map(move |draw| (amount, draw)))
    }

    fn draws_of(&self, amount: FewAmount) -> u64 {
        if amount == FewAmount::All { 1 } else { self.draws }
    }

    /// The trainings of a draw: from scratch, and from the model where there is one.
    fn tasks(&self, base: &Config, amount: FewAmount, draw: u64) -> Vec<Task> {
        let config = Config { few: amount.of_draw(draw), threads: 1, data: Vec::new(), ..base.clone() };
        let task = |way: &str, config: Config| Task {
            name: format!("{amount}, draw {draw}, {way}"),
            directory: self.directory_of(amount, draw, way),
            config,
        };
        if base.from.is_none() {
            return vec![task(SCRATCH, config)];
        }
        // The layers are those of the file, whatever it calls them.
        let scratch = Config { from: None, model: ModelKind::Custom, ..config.clone() };
        vec![task(SCRATCH, scratch), task(FROM, config)]
    }

    fn directory_of(&self, amount: FewAmount, draw: u64, way: &str) -> PathBuf {
        self.directory.join(amount.to_string().replace('=', "-")).join(format!("{draw:02}")).join(way)
    }

    /// Whether a training is finished; false when it was stopped.
    fn train(&self, task: &Task, stop: &AtomicBool, say: &dyn Fn(String)) -> Result<bool, TrainError> {
        let files = RunFiles::new(&task.directory);
        let begun = files.path(CONFIG).is_file();
        if begun {
            let own = Config::read(&files.path(CONFIG))?;
            if own.identity()? != task.config.identity()? {
                return Err(TrainError::OtherConfiguration { path: files.path(CONFIG) });
            }
            if is_finished(&files, self.dataset)? {
                return Ok(true);
            }
        }
        let run = if begun {
            Opened::again(&task.directory, Some(1))?
        } else {
            Opened::begin(&task.directory, task.config.clone())?
        };
        let command = format!("part of {}", RunFiles::new(self.directory).name());
        match single::execute(&run, self.dataset, &command, stop, &mut Silent)? {
            Outcome::Interrupted => Ok(false),
            Outcome::Finished(metrics) => {
                say(format!(
                    "{}: macro-F1 {:.4}, {} windows, {:.1} s",
                    task.name, metrics.test.macro_f1.mean, metrics.windows.train, metrics.train_seconds
                ));
                Ok(true)
            }
        }
    }

    fn put_together(&self, base: &Config) -> Result<FewLabels, TrainError> {
        let mut points = Vec::with_capacity(self.amounts.len());
        let train = training_people(self.dataset, base)?.into_iter().collect();
        let mut subjects = SubjectLists { train, ..SubjectLists::default() };
        let mut sample = None;
        for &amount in self.amounts {
            let (mut scratch, mut from, mut draws) = (Vec::new(), Vec::new(), Vec::new());
            for draw in 1..=self.draws_of(amount) {
                let (own, metrics) = self.answers(base, amount, draw, SCRATCH)?;
                let mut record = FewDraw {
                    draw,
                    people: metrics.subjects.train.clone(),
                    windows: metrics.windows.train,
                    scratch: own.figures()?,
                    from: None,
                };
                scratch.push(own);
                if base.from.is_some() {
                    let (own, _) = self.answers(base, amount, draw, FROM)?;
                    record.from = Some(own.figures()?);
                    from.push(own);
                }
                draws.push(record);
                sample = Some(metrics);
            }
            let gained = (!from.is_empty()).then(|| gain(&scratch, &from)).transpose()?;
            points.push(FewPoint {
                by: amount.by().into(),
                count: match amount {
                    FewAmount::People(count) | FewAmount::Windows(count) => count,
                    FewAmount::All => subjects.train.len(),
                },
                scratch: level(&scratch)?,
                from: (!from.is_empty()).then(|| level(&from)).transpose()?,
                gain: gained,
                draws,
            });
        }
        if let Some(sample) = sample {
            subjects.validation = sample.subjects.validation;
            subjects.test = sample.subjects.test;
        }
        Ok(FewLabels {
            format: FEW_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").into(),
            finished: now(),
            dataset: self.dataset.info.name.clone(),
            dataset_sha256: self.dataset.sha256.clone(),
            sources: sources_of(self.dataset),
            protocol: base.protocol_name(),
            model: base.model.name().into(),
            architecture: base.architecture(base.labels.len())?.describe(),
            labels: base.labels.names().map(str::to_owned).collect(),
            from: Beginning::open(base)?.map(|beginning| beginning.record()),
            seeds: base.seeds.clone(),
            draws: self.draws,
            least_steps: base.training.least_steps,
            subjects,
            points,
            command: self.command.into(),
        })
    }

    /// What a finished training answered to the test people.
    fn answers(
        &self,
        base: &Config,
        amount: FewAmount,
        draw: u64,
        way: &str,
    ) -> Result<(Draw, Metrics), TrainError> {
        let files = RunFiles::new(&self.directory_of(amount, draw, way));
        let metrics: Metrics = files.read_json(METRICS)?;
        let labels = base.label_set();
        let stored = read_predictions(&files.path(PREDICTIONS), &labels)?;
        let windows = &stored.windows;
        let people: Vec<PersonId> = windows.origins.iter().map(|origin| origin.person.clone()).collect();
        let mut seeds = Vec::with_capacity(stored.seeds.len());
        for seed in &stored.seeds {
            let answers =
                seed.probabilities.chunks_exact(labels.len()).map(|row| ambulo_nn::argmax(row) as u8);
            let answers: Vec<u8> = answers.collect();
            // Coarse labels are of no class.
            let truth = only_classes(&windows.labels, labels.len(), &windows.labels, 1);
            let answers = only_classes(&windows.labels, labels.len(), &answers, 1);
            let people = only_classes(&windows.labels, labels.len(), &people, 1);
            seeds.push(confusion_by_subject(&truth, &answers, &people, labels.len())?);
        }
        Ok((Draw { seeds, seconds: metrics.train_seconds }, metrics))
    }
}

/// Name of a training that begins with weights drawn at random.
const SCRATCH: &str = "scratch";
/// Name of one that begins with a model.
const FROM: &str = "from";
