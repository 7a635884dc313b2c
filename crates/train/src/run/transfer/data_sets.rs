//! Models of each data set, and of all but one, tested on the others.

use super::{Finished, Found, Transfer, Watch, Within, divided, sized};
use crate::directory::files::EvaluationFile;
use crate::evaluation::final_evaluation::predict;
use crate::evaluation::transfer::{Answers, CellName, transfer_cell};
use crate::evaluation::unseen::people_known_to;
use crate::training::ancestor::Beginning;
use crate::{Config, Protocol, TrainError};
use ambulo_data::{Content, DataError, Dataset, with_test_sets};
use ambulo_model::{Model, Predictor};
use ambulo_record::files::EVALUATIONS;
use ambulo_record::{LabelSet, PersonId, TransferCell};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The row of models that learned from all data sets but the one they are tested on.
pub const OTHERS: &str = "all others";

impl Transfer<'_> {
    /// The matrix; none when it was stopped.
    pub(super) fn data_sets(
        &self,
        joined: &Dataset,
        beginning: Option<&Beginning>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Found>, TrainError> {
        let names: Vec<String> = self.sets.iter().map(|set| set.info.name.clone()).collect();
        if names.len() < 2 {
            let reason = "it needs at least two data sets".to_owned();
            return Err(DataError::Incompatible { reason }.into());
        }
        let mut within = Vec::with_capacity(names.len());
        for set in self.sets {
            let people = set.subjects().len();
            let protocol = Protocol::Groups(divided(self.groups, people));
            let config = Config { protocol, test_on: Vec::new(), ..sized(self.config, people) };
            let name = format!("within-{}", set.info.name);
            let Some(run) = self.run(&name, config, set, watch)? else { return Ok(None) };
            within.push(run.within()?);
        }
        let mut cells = Vec::new();
        for (set, within) in self.sets.iter().zip(&within) {
            let name = &set.info.name;
            let cell = CellName { trained_on: name, tested_on: name, datasets: std::slice::from_ref(name) };
            let runs = within.runs();
            cells.push(transfer_cell(cell, &set.parents, &within.answers(&runs), None)?);
        }
        let seen = beginning.map_or_else(BTreeSet::new, |beginning| {
            let known = people_known_to(&beginning.ancestor, joined);
            known.iter().map(|person| joined.origin_of(person).to_owned()).collect()
        });
        let mut trained_on = names.clone();
        for way in self.ways(beginning) {
            for mut row in rows(&names) {
                let name = way.row(&row.name);
                if way.from.is_some() {
                    row.tested_on.retain(|name| !seen.contains(name));
                    if row.tested_on.is_empty() {
                        continue;
                    }
                }
                if !trained_on.contains(&name) {
                    trained_on.push(name.clone());
                }
                let learned_from =
                    |p: &&PersonId| row.trained_on.iter().any(|name| joined.origin_of(p) == name);
                let people = joined.subjects().iter().filter(learned_from).count();
                let config = Config { test_on: row.tested_on.clone(), ..sized(way.config, people) };
                let there = |set: &&Dataset| {
                    let name = &set.info.name;
                    row.trained_on.contains(name) || row.tested_on.contains(name)
                };
                // What is neither tested on nor learned from must not be there: the rest of the data are for development.
                let own = match self.sets.iter().all(|set| there(&set)) {
                    true => Cow::Borrowed(joined),
                    false => Cow::Owned(Dataset::join(self.sets.iter().filter(there).cloned().collect())?),
                };
                let Some(run) = self.run(&way.directory(&row.directory), config, &own, watch)? else {
                    return Ok(None);
                };
                for (tested_on, within) in names.iter().zip(&within) {
                    if row.tested_on.contains(tested_on) {
                        watch.observer.message(&format!("{name}: testing on {tested_on}"));
                        let cell = CellName { trained_on: &name, tested_on, datasets: &row.trained_on };
                        cells.push(self.across(cell, &own, &run, within)?);
                    }
                }
            }
        }
        for name in &seen {
            watch.observer.message(&format!(
                "{name}: the model to begin with has seen its people, so it is not tested on there"
            ));
        }
        Ok(Some(Found { protocol: Protocol::LeaveOneDatasetOut.name(), trained_on, tested_on: names, cells }))
    }

    /// One cell of data that the models have not learned from, with the labels of these data.
    fn across(
        &self,
        cell: CellName<'_>,
        data: &Dataset,
        run: &Finished,
        within: &Within,
    ) -> Result<TransferCell, TrainError> {
        let tested = [cell.tested_on.to_owned()];
        let labels = LabelSet::finest(labels_of(data, cell.tested_on), &data.parents, None)?;
        let mut models = Vec::new();
        for &seed in &run.config.seeds {
            let path = run.files.model(&run.config.seeds, seed);
            models.push((seed, path.clone(), Predictor::new(Model::load(&path)?)));
        }
        let partition =
            with_test_sets(data, &tested)?.into_parts().1.cut(data, &run.config.preprocessing, &labels)?;
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
        Ok(transfer_cell(cell, &data.parents, &across, Some(&within.answers(&own)))?)
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
