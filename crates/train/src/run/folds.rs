//! A run over all folds of a protocol: each fold is a run of its own in `folds/NN`, and what they found is put together.
//!
//! Folds share nothing, so they are trained in parallel, each on one thread, and a fold that is finished is not trained
//! again: a run that was interrupted goes on fold by fold, and within a fold from its checkpoint.

use crate::directory::files::{RunFiles, now};
use crate::evaluation::final_evaluation::{keep_most_confident, summarise};
use crate::evaluation::predictions::{Predictions, StoredPredictions, read_predictions, write_predictions};
use crate::evaluation::wearing::WearingCounts;
use crate::metrics::{SeedPredictions, expected_calibration_error};
use crate::protocol::people::fold_count;
use crate::run::{Outcome, Run};
use crate::{Config, Observer, Progress, TrainError};
use ambulo_data::{Dataset, LabelledWindows};
use ambulo_record::files::{CONFIG, FOLDS, METRICS, MISTAKES, PREDICTIONS, WEARINGS};
use ambulo_record::{
    EpochRecord, FoldMetrics, METRICS_FORMAT, Metrics, Mistake, ReliabilityBin, SeedMetrics, SubjectLists,
    WindowCounts,
};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

/// A run directory with folds, that this process works on.
#[derive(Debug)]
pub struct CrossValidation {
    files: RunFiles,
    config: Config,
    /// Begun by this process, not resumed.
    fresh: bool,
    _lock: File,
}

/// Tells the thread that watches what a fold's thread sees.
struct Teller {
    fold: usize,
    to: Sender<String>,
}

impl Observer for Teller {
    fn step(&mut self, _progress: &Progress) {}
    fn epoch(&mut self, _record: &EpochRecord) {}
    fn message(&mut self, text: &str) {
        // Whoever listened may be gone when the run is being stopped.
        let _ = self.to.send(format!("fold {}: {text}", self.fold));
    }
}

impl CrossValidation {
    /// Whether a configuration is one over all folds.
    #[must_use]
    pub fn is_wanted(config: &Config) -> bool {
        config.protocol.has_folds() && config.fold.is_none()
    }

    /// Begins a run in `directory`, which must not exist or be empty.
    ///
    /// # Errors
    /// As [`Run::create`].
    pub fn create(directory: &Path, config: Config, dataset: &Dataset) -> Result<Self, TrainError> {
        config.validate()?;
        fold_count(dataset, &config)?;
        let (files, lock) = RunFiles::begin(directory, &config.to_toml()?)?;
        Ok(Self { files, config, fresh: true, _lock: lock })
    }

    /// Goes on with an interrupted run; `threads` may differ from before.
    ///
    /// # Errors
    /// As [`Run::resume`].
    pub fn resume(directory: &Path, threads: Option<usize>) -> Result<Self, TrainError> {
        let (files, config, lock) = RunFiles::reopen(directory, threads)?;
        Ok(Self { files, config, fresh: false, _lock: lock })
    }

    /// The effective configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The run's files.
    #[must_use]
    pub fn files(&self) -> &RunFiles {
        &self.files
    }

    /// Trains and evaluates every fold, then puts their figures together. `command` is what a person types to repeat it.
    ///
    /// # Errors
    /// The first fold's that fails, by number; what other folds have finished stays.
    pub fn execute(
        &self,
        dataset: &Dataset,
        command: &str,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let folds = fold_count(dataset, &self.config)?;
        let workers = self.workers();
        observer.message(&format!("{folds} folds, {} at a time", workers.min(folds)));
        let next = AtomicUsize::new(1);
        let failed = AtomicBool::new(false);
        let (to, from) = channel();
        let mut errors: Vec<(usize, TrainError)> = Vec::new();
        let mut interrupted = false;
        std::thread::scope(|scope| {
            let work = |to: Sender<String>| {
                let mut done = (Vec::new(), false);
                while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
                    let fold = next.fetch_add(1, Ordering::Relaxed);
                    if fold > folds {
                        break;
                    }
                    match self.fold(fold, dataset, stop, &to) {
                        Ok(true) => {}
                        Ok(false) => done.1 = true,
                        Err(error) => {
                            failed.store(true, Ordering::Relaxed);
                            done.0.push((fold, error));
                        }
                    }
                }
                done
            };
            let handles: Vec<_> = (0..workers.min(folds))
                .map(|_| {
                    let to = to.clone();
                    scope.spawn(move || work(to))
                })
                .collect();
            drop(to);
            for line in from {
                observer.message(&line);
            }
            for handle in handles {
                match handle.join() {
                    Ok((own, stopped)) => {
                        errors.extend(own);
                        interrupted |= stopped;
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        errors.sort_by_key(|(fold, _)| *fold);
        if let Some((fold, source)) = errors.into_iter().next() {
            // As a single run that cannot even begin.
            if self.fresh {
                self.files.discard_if_without_folds();
            }
            return Err(TrainError::Fold { fold, source: Box::new(source) });
        }
        if interrupted || stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Interrupted);
        }
        let metrics = self.put_together(folds, command)?;
        self.files.write_json(METRICS, &metrics)?;
        self.files.clean_up();
        Ok(Outcome::Finished(Box::new(metrics)))
    }

    /// Folds at a time, were there enough of them.
    fn workers(&self) -> usize {
        match self.config.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }

    fn fold_files(&self, fold: usize) -> RunFiles {
        RunFiles::new(&self.files.path(FOLDS).join(format!("{fold:02}")))
    }

    /// Whether the fold is finished; false when it was stopped.
    fn fold(
        &self,
        fold: usize,
        dataset: &Dataset,
        stop: &AtomicBool,
        to: &Sender<String>,
    ) -> Result<bool, TrainError> {
        let files = self.fold_files(fold);
        let config = Config { fold: Some(fold), threads: 1, data: None, ..self.config.clone() };
        let begun = files.path(CONFIG).is_file();
        if begun && files.path(METRICS).is_file() {
            // Finished earlier: that it belongs to this run is checked when figures are put together.
            return Ok(true);
        }
        let run = if begun {
            Run::resume(files.directory(), Some(1))?
        } else {
            Run::create(files.directory(), config, dataset)?
        };
        let command = format!("part of the run in {}", self.files.name());
        let mut teller = Teller { fold, to: to.clone() };
        match run.execute(dataset, &command, stop, &mut teller)? {
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
        let labels: Vec<String> = self.config.label_set().names().into_iter().map(String::from).collect();
        let mut parts: Vec<Metrics> = Vec::with_capacity(folds);
        let mut all = StoredPredictions::default();
        let mut wearings: Vec<WearingCounts> = Vec::new();
        let mut mistakes: Vec<Mistake> = Vec::new();
        let wanted = Config { threads: 0, data: None, ..self.config.clone() };
        for fold in 1..=folds {
            let files = self.fold_files(fold);
            let config = Config::read(&files.path(CONFIG))?;
            if (Config { threads: 0, fold: None, ..config }) != wanted {
                return Err(TrainError::OtherConfiguration { path: files.path(CONFIG) });
            }
            let part: Metrics = files.read_json(METRICS)?;
            let own = read_predictions(&files.path(PREDICTIONS), &labels)?;
            all.windows.extend(own.windows);
            all.truth.extend(own.truth);
            for (i, (seed, probabilities)) in own.seeds.into_iter().enumerate() {
                match all.seeds.get_mut(i) {
                    Some((_, sum)) => sum.extend(probabilities),
                    None => all.seeds.push((seed, probabilities)),
                }
            }
            WearingCounts::join_all(&mut wearings, files.read_json(WEARINGS)?);
            mistakes.extend(files.read_json::<Vec<Mistake>>(MISTAKES)?);
            parts.push(part);
        }
        keep_most_confident(&mut mistakes);
        let runs = seed_predictions(&parts, &all);
        let windows = LabelledWindows {
            labels: all.truth.clone(),
            origins: all.windows.clone(),
            ..LabelledWindows::default()
        };
        let mut test = summarise(&labels, &windows, &runs, &wearings)?;
        let bins: Vec<&[ReliabilityBin]> =
            parts.iter().map(|part| part.test.reliability_uncalibrated.as_slice()).collect();
        // Each fold has a temperature of its own: what was before it cannot be had from the answers put together.
        test.reliability_uncalibrated = pool_bins(&bins);
        test.ece_uncalibrated = Some(expected_calibration_error(&test.reliability_uncalibrated));
        let first = &parts[0];
        write_predictions(
            &self.files.path(PREDICTIONS),
            &Predictions {
                protocol: self.config.protocol.name(),
                dataset: &first.dataset,
                labels: &labels,
                windows: &all.windows,
                truth: &all.truth,
                runs: &runs,
            },
        )?;
        self.files.write_json(WEARINGS, &wearings)?;
        self.files.write_json(MISTAKES, &mistakes)?;
        let people: BTreeSet<u16> = all.windows.iter().map(|w| w.subject.0).collect();
        let sum = |count: fn(&WindowCounts) -> usize| parts.iter().map(|p| count(&p.windows)).sum();
        Ok(Metrics {
            format: METRICS_FORMAT,
            run: self.files.name(),
            finished: now(),
            train_seconds: parts.iter().map(|p| p.train_seconds).sum(),
            threads: self.workers(),
            windows: WindowCounts {
                train: sum(|w| w.train),
                validation: sum(|w| w.validation),
                test: sum(|w| w.test),
            },
            subjects: SubjectLists { test: people.into_iter().collect(), ..SubjectLists::default() },
            folds: parts
                .iter()
                .enumerate()
                .map(|(i, part)| FoldMetrics {
                    fold: i + 1,
                    subjects: part.subjects.clone(),
                    windows: part.windows,
                    accuracy: part.test.accuracy.mean,
                    macro_f1: part.test.macro_f1.mean,
                    train_seconds: part.train_seconds,
                })
                .collect(),
            command: command.into(),
            test,
            ..first.clone()
        })
    }
}

/// The reliability bins of all folds together.
fn pool_bins(folds: &[&[ReliabilityBin]]) -> Vec<ReliabilityBin> {
    let mut pooled: Vec<ReliabilityBin> = folds.first().map_or_else(Vec::new, |bins| bins.to_vec());
    for bins in folds.iter().skip(1) {
        for (sum, bin) in pooled.iter_mut().zip(*bins) {
            let count = sum.count + bin.count;
            let mean = |a: f64, b: f64| {
                if count == 0 { 0.0 } else { (a * sum.count as f64 + b * bin.count as f64) / count as f64 }
            };
            (sum.confidence, sum.accuracy) =
                (mean(sum.confidence, bin.confidence), mean(sum.accuracy, bin.accuracy));
            sum.count = count;
        }
    }
    pooled
}

/// What each seed's models answered, with the means of what was chosen for them.
fn seed_predictions(parts: &[Metrics], all: &StoredPredictions) -> Vec<SeedPredictions> {
    let folds = parts.len() as f64;
    let mean = |i: usize, figure: fn(&SeedMetrics) -> Option<f64>| {
        parts.iter().filter_map(|p| p.test.per_seed.get(i)).filter_map(figure).sum::<f64>() / folds
    };
    all.seeds
        .iter()
        .enumerate()
        .map(|(i, (seed, probabilities))| SeedPredictions {
            seed: *seed,
            best_epoch: mean(i, |m| m.best_epoch.map(|epoch| epoch as f64)).round() as usize,
            validation_macro_f1: mean(i, |m| m.validation_macro_f1),
            refit: parts.iter().all(|p| p.test.per_seed.get(i).is_some_and(|m| m.refit == Some(true))),
            temperature: mean(i, |m| m.temperature) as f32,
            probabilities: probabilities.clone(),
        })
        .collect()
}
