//! Models of some data tested on others: from data set to data set, or from placement to placement.

mod data_sets;
mod placements;

use crate::directory::files::{RunFiles, now};
use crate::evaluation::predictions::{StoredPredictions, read_predictions};
use crate::evaluation::sources::sources_of;
use crate::evaluation::transfer::Answers;
use crate::run::refuse_duplicates;
use crate::training::ancestor::Beginning;
use crate::{Config, LabelChoice, Observer, Outcome, Run, TrainError};
use ambulo_data::Dataset;
use ambulo_record::files::{CONFIG, METRICS, PREDICTIONS, TRANSFER};
use ambulo_record::{LabelSet, TRANSFER_FORMAT, TransferBetween, TransferCell, TransferMatrix};
use std::path::Path;
use std::sync::atomic::AtomicBool;

pub use data_sets::OTHERS;

/// Trains on each part of some data and tests on every other.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<'a> {
    /// What is trained, whatever its protocol and labels: each model learns the finest activities that its data have
    /// ([`LabelChoice`]). Its placements are those that are gone between, or all there are.
    pub config: &'a Config,
    /// The same, beginning with a model: further rows, for what of it that model has not seen.
    pub from: Option<&'a Config>,
    /// The data sets; between data sets two or more.
    pub sets: &'a [Dataset],
    /// What rows and columns are. Data sets: models of each alone, and of all but one, are tested on the others, and each is divided by people
    /// for what can be reached within it. Placements: models of devices at one place are tested on those at every place, of other people.
    pub between: TransferBetween,
    /// Groups into which people are divided: within each data set, or all of them between placements.
    pub groups: u16,
    /// Where the runs and `transfer.json` go; runs that are there are gone on with.
    pub directory: &'a Path,
    /// What a person types to repeat it.
    pub command: &'a str,
}

/// A way of training: from scratch, or from a model.
#[derive(Clone, Copy)]
struct Way<'a> {
    config: &'a Config,
    /// The model's name.
    from: Option<&'a str>,
}

impl Way<'_> {
    /// The name of a row.
    fn row(self, name: &str) -> String {
        self.from.map_or_else(|| name.to_owned(), |from| format!("{name}, from {from}"))
    }

    /// The name of a run's directory.
    fn directory(self, name: &str) -> String {
        if self.from.is_some() { format!("{name}-from") } else { name.to_owned() }
    }
}

/// A matrix without what is the same for all.
struct Found {
    protocol: String,
    trained_on: Vec<String>,
    tested_on: Vec<String>,
    cells: Vec<TransferCell>,
}

/// Whether to stop, and whom to tell.
struct Watch<'a> {
    stop: &'a AtomicBool,
    observer: &'a mut dyn Observer,
}

impl Transfer<'_> {
    /// Trains, tests, and writes `transfer.json`; none when it was stopped, which is gone on with later.
    ///
    /// # Errors
    /// Data sets that cannot be joined or have one part alone, or that one training cannot take; between placements also a model to begin
    /// with that has seen people who would be tested.
    pub fn execute(
        self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<TransferMatrix>, TrainError> {
        let joined = Dataset::join(self.sets.to_vec())?;
        // Said now rather than when the first model of one data set alone begins.
        refuse_duplicates(&joined, self.config.allow_duplicates)?;
        let beginning = self.from.map(Beginning::open).transpose()?.flatten();
        let mut watch = Watch { stop, observer };
        let found = match self.between {
            TransferBetween::DataSets => self.data_sets(&joined, beginning.as_ref(), &mut watch)?,
            TransferBetween::Placements => self.placements(&joined, beginning.as_ref(), &mut watch)?,
        };
        let Some(Found { protocol, trained_on, tested_on, cells }) = found else { return Ok(None) };
        let matrix = TransferMatrix {
            format: TRANSFER_FORMAT,
            ambulo_version: env!("CARGO_PKG_VERSION").into(),
            finished: now(),
            between: self.between,
            protocol,
            model: self.config.model.name().into(),
            architecture: self.config.architecture(2)?.describe(),
            from: beginning.map(|beginning| beginning.record()),
            trained_on,
            tested_on,
            cells,
            sources: sources_of(&joined),
            command: self.command.into(),
        };
        RunFiles::new(self.directory).write_json(TRANSFER, &matrix)?;
        Ok(Some(matrix))
    }

    /// From scratch, and from the model where there is one.
    fn ways<'a>(&'a self, beginning: Option<&'a Beginning>) -> Vec<Way<'a>> {
        let from = self.from.zip(beginning);
        let from = from.map(|(config, beginning)| Way { config, from: Some(&beginning.ancestor.name) });
        [Way { config: self.config, from: None }].into_iter().chain(from).collect()
    }

    /// A finished run in the directory of this name; none when it was stopped.
    fn run(
        &self,
        name: &str,
        config: Config,
        dataset: &Dataset,
        watch: &mut Watch<'_>,
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
        watch.observer.message(&format!("{name}: {}", config.labels.words()));
        let run = if files.path(CONFIG).is_file() {
            Run::resume(&directory, None)?
        } else {
            Run::create(&directory, config.clone(), dataset)?
        };
        match run.execute(dataset, self.command, watch.stop, watch.observer)? {
            Outcome::Interrupted => Ok(None),
            Outcome::Finished(_) => Ok(Some(Finished { files, config, labels: set })),
        }
    }
}

/// The configuration with as many people to choose on as these allow.
fn sized(config: &Config, people: usize) -> Config {
    let mut config = config.clone();
    config.validation.subjects = (people / 5).clamp(1, config.validation.subjects);
    config.fold = None;
    config
}

/// Groups into which so many people can be divided, at most as many as asked for.
fn divided(groups: u16, people: usize) -> u16 {
    usize::from(groups).clamp(2, people.max(2)) as u16
}

/// A run that is finished.
struct Finished {
    files: RunFiles,
    config: Config,
    labels: LabelSet,
}

impl Finished {
    /// What its models answered about the people tested.
    fn within(self) -> Result<Within, TrainError> {
        let stored = read_predictions(&self.files.path(PREDICTIONS), &self.labels)?;
        Ok(Within { labels: self.labels, stored })
    }
}

/// What models answered about people of the data that they learned from, or of others with the same labels.
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
