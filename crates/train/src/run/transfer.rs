//! Models of some data sets tested on others: for each pair, and for each data set left out.

use crate::directory::files::{EvaluationFile, RunFiles, now};
use crate::evaluation::final_evaluation::predict;
use crate::evaluation::predictions::{StoredPredictions, read_predictions};
use crate::evaluation::sources::sources_of;
use crate::evaluation::transfer::{Answers, CellName, transfer_cell};
use crate::run::refuse_duplicates;
use crate::{Config, LabelChoice, Observer, Outcome, Protocol, Run, TrainError};
use ambulo_data::{Content, DataError, Dataset, with_test_sets};
use ambulo_model::{Model, Predictor};
use ambulo_record::files::{CONFIG, EVALUATIONS, METRICS, PREDICTIONS, TRANSFER};
use ambulo_record::{LabelSet, PersonId, TRANSFER_FORMAT, TransferMatrix};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The row of models that learned from all data sets but the one they are tested on.
pub const OTHERS: &str = "all others";

/// Trains on each of several data sets and tests on every other, trains on all but one and tests on that, and divides each data set by
/// people for what can be reached within it.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<'a> {
    /// What is trained, whatever its protocol and labels: each model learns the finest activities that its data have
    /// ([`LabelChoice`]).
    pub config: &'a Config,
    /// The data sets, two or more.
    pub sets: &'a [Dataset],
    /// Groups of people into which each data set is divided for the figures within it.
    pub groups: u16,
    /// Where the runs and `transfer.json` go; runs that are there are gone on with.
    pub directory: &'a Path,
    /// What a person types to repeat it.
    pub command: &'a str,
}

impl Transfer<'_> {
    /// Trains, tests, and writes `transfer.json`; none when it was stopped, which is gone on with later.
    ///
    /// # Errors
    /// Data sets that cannot be joined, or that one training cannot take.
    pub fn execute(
        self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<TransferMatrix>, TrainError> {
        let joined = Dataset::join(self.sets.to_vec())?;
        let names: Vec<String> = self.sets.iter().map(|set| set.info.name.clone()).collect();
        if names.len() < 2 {
            let reason = "it needs at least two data sets".to_owned();
            return Err(DataError::Incompatible { reason }.into());
        }
        // Said now rather than when the first model of one data set alone begins.
        refuse_duplicates(&joined, self.config.allow_duplicates)?;
        let mut within = Vec::with_capacity(names.len());
        for set in self.sets {
            let people = set.subjects().len();
            let groups = usize::from(self.groups).clamp(2, people.max(2)) as u16;
            let config =
                Config { protocol: Protocol::Groups(groups), test_on: Vec::new(), ..self.sized(people) };
            let name = format!("within-{}", set.info.name);
            let Some(run) = self.run(&name, config, set, stop, observer)? else { return Ok(None) };
            let stored = read_predictions(&run.files.path(PREDICTIONS), &run.labels)?;
            within.push(Within { labels: run.labels, stored });
        }
        let mut cells = Vec::new();
        for (set, within) in self.sets.iter().zip(&within) {
            let name = &set.info.name;
            let cell = CellName { trained_on: name, tested_on: name, datasets: std::slice::from_ref(name) };
            let runs = within.runs();
            cells.push(transfer_cell(cell, &set.parents, &within.answers(&runs), None)?);
        }
        for row in rows(&names) {
            let learned_from = |p: &&PersonId| row.trained_on.iter().any(|name| joined.origin_of(p) == name);
            let people = joined.subjects().iter().filter(learned_from).count();
            let config = Config { test_on: row.tested_on.clone(), ..self.sized(people) };
            let Some(run) = self.run(&row.directory, config, &joined, stop, observer)? else {
                return Ok(None);
            };
            for (name, within) in names.iter().zip(&within) {
                if row.tested_on.contains(name) {
                    observer.message(&format!("{}: testing on {name}", row.name));
                    let cell = CellName { trained_on: &row.name, tested_on: name, datasets: &row.trained_on };
                    cells.push(self.across(cell, &joined, &run, within)?);
                }
            }
        }
        let mut rows = names.clone();
        if names.len() > 2 {
            rows.push(OTHERS.to_owned());
        }
        let architecture = self.config.architecture(2)?.describe();
        let matrix = TransferMatrix {
            format: TRANSFER_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").into(),
            finished: now(),
            protocol: Protocol::LeaveOneDatasetOut.name(),
            model: self.config.model.name().into(),
            architecture,
            trained_on: rows,
            tested_on: names,
            cells,
            sources: sources_of(&joined),
            command: self.command.into(),
        };
        RunFiles::new(self.directory).write_json(TRANSFER, &matrix)?;
        Ok(Some(matrix))
    }

    /// The configuration with as many people to choose on as these allow.
    fn sized(&self, people: usize) -> Config {
        let mut config = self.config.clone();
        config.validation.subjects = (people / 5).clamp(1, config.validation.subjects);
        config.fold = None;
        config
    }

    /// A finished run in the directory of this name; none when it was stopped.
    fn run(
        &self,
        name: &str,
        config: Config,
        dataset: &Dataset,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<Finished>, TrainError> {
        let directory = self.directory.join(name);
        let files = RunFiles::new(&directory);
        let labels = LabelChoice::OfData { depth: None }.resolve(dataset, &config)?.labels;
        let config = Config { labels, ..config };
        let set = config.label_set();
        if files.path(METRICS).is_file() {
            let own = Config::read(&files.path(CONFIG))?;
            if own.identity()? != config.identity()? {
                return Err(TrainError::OtherConfiguration { path: files.path(CONFIG) });
            }
            return Ok(Some(Finished { files, config, labels: set }));
        }
        observer.message(&format!("{name}: {}", config.labels.words()));
        let run = if files.path(CONFIG).is_file() {
            Run::resume(&directory, None)?
        } else {
            Run::create(&directory, config.clone(), dataset)?
        };
        match run.execute(dataset, self.command, stop, observer)? {
            Outcome::Interrupted => Ok(None),
            Outcome::Finished(_) => Ok(Some(Finished { files, config, labels: set })),
        }
    }

    /// One cell of data that the models have not learned from, with the labels of these data.
    fn across(
        &self,
        cell: CellName<'_>,
        joined: &Dataset,
        run: &Finished,
        within: &Within,
    ) -> Result<ambulo_record::TransferCell, TrainError> {
        let tested = [cell.tested_on.to_owned()];
        let labels = LabelSet::finest(labels_of(joined, cell.tested_on), &joined.parents, None)?;
        let mut models = Vec::new();
        for &seed in &run.config.seeds {
            let path = run.files.model(&run.config.seeds, seed);
            models.push((seed, path.clone(), Predictor::new(Model::load(&path)?)));
        }
        let partition = with_test_sets(joined, &tested)?.into_parts().1.cut(
            joined,
            &run.config.preprocessing,
            &labels,
        )?;
        let named = |(_, path, _): &(u64, PathBuf, Predictor)| path.display().to_string();
        let mut log = EvaluationFile {
            path: self.directory.join(EVALUATIONS),
            models: models.iter().map(named).collect(),
        };
        let windows = partition.open(&mut log)?;
        let mut probabilities = Vec::with_capacity(models.len());
        for (seed, _, model) in &models {
            probabilities.push((*seed, predict(model, &windows, run.config.threads)?.1));
        }
        let runs: Vec<(u64, &[f32])> = probabilities.iter().map(|(seed, p)| (*seed, p.as_slice())).collect();
        let across = Answers { model: &run.labels, windows: &windows, labels: &labels, runs: &runs };
        let own = within.runs();
        Ok(transfer_cell(cell, &joined.parents, &across, Some(&within.answers(&own)))?)
    }
}

/// A run that is finished.
struct Finished {
    files: RunFiles,
    config: Config,
    labels: LabelSet,
}

/// What models answered about people of the data set that they learned from.
struct Within {
    labels: LabelSet,
    stored: StoredPredictions,
}

impl Within {
    fn runs(&self) -> Vec<(u64, &[f32])> {
        self.stored.seeds.iter().map(|seed| (seed.seed, seed.probabilities.as_slice())).collect()
    }

    fn answers<'a>(&'a self, runs: &'a [(u64, &'a [f32])]) -> Answers<'a> {
        Answers { model: &self.labels, windows: &self.stored.windows, labels: &self.labels, runs }
    }
}

/// A row of the matrix.
struct Row {
    name: String,
    /// Name of the run's directory.
    directory: String,
    trained_on: Vec<String>,
    tested_on: Vec<String>,
}

/// Each data set against all others; and where these are several, all others against each.
fn rows(names: &[String]) -> Vec<Row> {
    let but = |left: &String| names.iter().filter(|name| *name != left).cloned().collect::<Vec<_>>();
    let alone = names.iter().map(|name| Row {
        name: name.clone(),
        directory: format!("alone-{name}"),
        trained_on: vec![name.clone()],
        tested_on: but(name),
    });
    let without = names.iter().filter(|_| names.len() > 2).map(|name| Row {
        name: OTHERS.to_owned(),
        directory: format!("without-{name}"),
        trained_on: but(name),
        tested_on: vec![name.clone()],
    });
    alone.chain(without).collect()
}

/// The labels of one of several data sets.
fn labels_of(joined: &Dataset, name: &str) -> BTreeSet<String> {
    let Content::Recordings(recordings) = &joined.content else { return BTreeSet::new() };
    let own = recordings.iter().filter(|recording| *recording.facts.dataset == *name);
    own.flat_map(|recording| &recording.labels).map(|interval| interval.label.to_string()).collect()
}
