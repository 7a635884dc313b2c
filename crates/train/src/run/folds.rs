//! A run over all folds of a protocol: each fold is a run of its own in `folds/NN`, and what they found is put together.
//!
//! Folds share nothing, so they are trained in parallel, each on one thread, and a fold that is finished is not trained
//! again: a run that was interrupted goes on fold by fold, and within a fold from its checkpoint.

use super::opened::{Opened, Outcome};
use super::single;
use super::tasks::{in_parallel, is_finished, workers};
use crate::directory::files::{RunFiles, now};
use crate::evaluation::final_evaluation::summarise;
use crate::evaluation::pooling::{FoldResult, Pooled, pool};
use crate::evaluation::predictions::{Predictions, StoredSeed, read_predictions, write_predictions};
use crate::metrics::SeedPredictions;
use crate::metrics::statistics::mean;
use crate::protocol::people::{check_split, fold_count};
use crate::{Config, Observer, Progress, TrainError};
use ambulo_data::Dataset;
use ambulo_record::files::{CONFIG, FOLDS, METRICS, MISTAKES, PREDICTIONS, WEARINGS};
use ambulo_record::{EpochRecord, FoldMetrics, METRICS_FORMAT, Metrics, SeedMetrics, SubjectLists};
use std::sync::atomic::{AtomicBool, Ordering};

/// A run over folds with its data.
pub(super) struct Folds<'a> {
    pub(super) run: &'a Opened,
    pub(super) dataset: &'a Dataset,
}

/// Tells the thread that watches what a fold's thread sees.
struct Teller<'a> {
    fold: usize,
    say: &'a dyn Fn(String),
}

impl Observer for Teller<'_> {
    fn step(&mut self, _progress: &Progress) {}
    fn epoch(&mut self, _record: &EpochRecord) {}
    fn message(&mut self, text: &str) {
        (self.say)(format!("fold {}: {text}", self.fold));
    }
}

impl Folds<'_> {
    /// Trains and evaluates every fold, then puts their figures together.
    pub(super) fn execute(
        &self,
        command: &str,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let folds = fold_count(self.dataset, &self.run.config)?;
        let workers = self.workers();
        observer.message(&format!("{folds} folds, {} at a time", workers.min(folds)));
        let numbers: Vec<usize> = (1..=folds).collect();
        let work = |&fold: &usize, say: &dyn Fn(String)| {
            self.fold(fold, stop, say).map_err(|source| TrainError::Fold { fold, source: Box::new(source) })
        };
        let done = match in_parallel(&numbers, workers, stop, observer, &work) {
            Ok(done) => done,
            Err(error) => {
                // As a single run that cannot even begin.
                if self.run.fresh {
                    self.run.files.discard_if_without_folds();
                }
                return Err(error);
            }
        };
        if !done || stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Interrupted);
        }
        let metrics = self.put_together(folds, command)?;
        self.run.files.write_json(METRICS, &metrics)?;
        self.run.files.clean_up();
        Ok(Outcome::Finished(Box::new(metrics)))
    }

    /// Folds at a time, were there enough of them.
    fn workers(&self) -> usize {
        workers(self.run.config.threads)
    }

    fn fold_files(&self, fold: usize) -> RunFiles {
        RunFiles::new(&self.run.files.path(FOLDS).join(format!("{fold:02}")))
    }

    /// Whether the fold is finished; false when it was stopped.
    fn fold(&self, fold: usize, stop: &AtomicBool, say: &dyn Fn(String)) -> Result<bool, TrainError> {
        let files = self.fold_files(fold);
        let config = Config { fold: Some(fold), threads: 1, data: Vec::new(), ..self.run.config.clone() };
        let begun = files.path(CONFIG).is_file();
        // Of one finished earlier it is checked when figures are put together that its configuration is this run's.
        if begun && is_finished(&files, self.dataset)? {
            return Ok(true);
        }
        let run = if begun {
            Opened::again(files.directory(), Some(1))?
        } else {
            check_split(self.dataset, &config)?;
            Opened::begin(files.directory(), config)?
        };
        let command = format!("part of the run in {}", self.run.files.name());
        let mut teller = Teller { fold, say };
        match single::execute(&run, self.dataset, &command, stop, &mut teller)? {
            Outcome::Interrupted => Ok(false),
            Outcome::Finished(metrics) => {
                let people: Vec<String> = metrics.subjects.test.iter().map(ToString::to_string).collect();
                teller.message(&format!(
                    "accuracy {:.2} %, macro-F1 {:.4} on {}, {:.0} s",
                    100.0 * metrics.test.accuracy.mean,
                    metrics.test.macro_f1.mean,
                    people.join(", "),
                    metrics.train_seconds
                ));
                Ok(true)
            }
        }
    }

    fn put_together(&self, folds: usize, command: &str) -> Result<Metrics, TrainError> {
        let config = &self.run.config;
        let files = &self.run.files;
        let labels = config.label_set();
        let mut parts: Vec<Metrics> = Vec::with_capacity(folds);
        let mut results = Vec::with_capacity(folds);
        let wanted = Config { threads: 0, data: Vec::new(), ..config.clone() };
        for fold in 1..=folds {
            let files = self.fold_files(fold);
            let own = Config::read(&files.path(CONFIG))?;
            if (Config { threads: 0, fold: None, ..own }) != wanted {
                return Err(TrainError::OtherConfiguration { path: files.path(CONFIG) });
            }
            let part: Metrics = files.read_json(METRICS)?;
            results.push(FoldResult {
                metrics: FoldMetrics {
                    fold,
                    subjects: part.subjects.clone(),
                    windows: part.windows,
                    accuracy: part.test.accuracy.mean,
                    macro_f1: part.test.macro_f1.mean,
                    train_seconds: part.train_seconds,
                },
                predictions: read_predictions(&files.path(PREDICTIONS), &labels)?,
                wearings: files.read_json(WEARINGS)?,
                mistakes: files.read_json(MISTAKES)?,
            });
            parts.push(part);
        }
        let Pooled { folds, windows, train_seconds, test_people, predictions, wearings, mistakes } =
            pool(results)?;
        let runs = seed_predictions(&parts, predictions.seeds);
        let test = summarise(&labels, &predictions.windows, &runs, &wearings)?;
        let first = &parts[0];
        write_predictions(
            &files.path(PREDICTIONS),
            &Predictions {
                protocol: &config.protocol_name(),
                dataset: &first.dataset,
                labels: &labels,
                windows: &predictions.windows,
                runs: &runs,
            },
        )?;
        files.write_json(WEARINGS, &wearings)?;
        files.write_json(MISTAKES, &mistakes)?;
        Ok(Metrics {
            format: METRICS_FORMAT,
            run: files.name(),
            finished: now(),
            train_seconds,
            threads: self.workers(),
            windows,
            subjects: SubjectLists { test: test_people, ..SubjectLists::default() },
            folds,
            command: command.into(),
            test,
            ..first.clone()
        })
    }
}

/// What each seed's models answered, with the means of what was chosen for them.
fn seed_predictions(parts: &[Metrics], seeds: Vec<StoredSeed>) -> Vec<SeedPredictions> {
    let of_seed = |i: usize| parts.iter().filter_map(move |p| p.test.per_seed.get(i));
    let mean_of = |i: usize, figure: fn(&SeedMetrics) -> Option<f64>| mean(of_seed(i).filter_map(figure));
    seeds
        .into_iter()
        .enumerate()
        .map(|(i, StoredSeed { seed, probabilities, logits })| SeedPredictions {
            seed,
            best_epoch: mean_of(i, |m| m.best_epoch.map(|epoch| epoch as f64)).round() as usize,
            validation_macro_f1: mean_of(i, |m| m.validation_macro_f1),
            refit: of_seed(i).all(|m| m.refit == Some(true)),
            temperature: mean_of(i, |m| m.temperature) as f32,
            probabilities,
            logits,
        })
        .collect()
}
