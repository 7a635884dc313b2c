//! Who may be asked about by which model: nobody whom it has seen.

use crate::TrainError;
use crate::evaluation::unseen::{people_known_to, people_named};
use ambulo_data::Dataset;
use ambulo_model::{Ancestor, Model};
use ambulo_record::PersonId;
use std::collections::BTreeSet;

/// A model that people are to be asked about.
#[derive(Debug)]
pub struct PersonalSource {
    /// What it is called: a file, a run, the name of one inside.
    pub name: String,
    /// The model.
    pub model: Model,
    /// Whether it is what a finished run left. The people on whom such a model was chosen are validation people even where they were not
    /// trained on; of a file alone they are those it was held back from.
    pub of_run: bool,
}

impl PersonalSource {
    /// The people of a data set whom the model, and each of those it comes from, has not seen.
    ///
    /// Of a model that was chosen on people it was not trained on, a fold, those people alone: it was held back from them. Of a finished one,
    /// or one of a run, everybody neither trained nor chosen on.
    fn unseen(&self, dataset: &Dataset) -> BTreeSet<PersonId> {
        let provenance = &self.model.metadata().provenance;
        let mut own = Ancestor::of("", "", provenance);
        let before = own.from.take();
        let trained = people_named(&provenance.trained_on, &own, dataset);
        let chosen = people_named(&provenance.chosen_on, &own, dataset);
        let is_fold = !self.of_run
            && !provenance.chosen_on.is_empty()
            && !provenance.chosen_on.iter().any(|person| provenance.trained_on.contains(person));
        let mut left = if is_fold { chosen } else { &dataset.subjects() - &chosen };
        left = &left - &trained;
        if let Some(before) = before {
            left = &left - &people_known_to(&before, dataset);
        }
        left
    }

    /// Everyone of a data set who shaped a model or one of those it comes from.
    pub(super) fn seen(model: &Model, dataset: &Dataset) -> BTreeSet<PersonId> {
        people_known_to(&Ancestor::of("", "", &model.metadata().provenance), dataset)
    }

    /// # Errors
    /// A new activity that is none to this model.
    pub(super) fn refuse_known(&self, new: Option<&str>) -> Result<(), TrainError> {
        let labels = &self.model.metadata().labels;
        let Some(new) = new.filter(|new| labels.target(new).is_some()) else { return Ok(()) };
        Err(TrainError::KnownActivity { model: self.name.clone(), activity: new.to_owned() })
    }
}

/// For each model the people it is asked about: those it has not seen and none before it is asked about.
///
/// # Errors
/// Nobody is left.
pub(super) fn assign(
    models: &[PersonalSource],
    dataset: &Dataset,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Vec<Vec<PersonId>>, TrainError> {
    let mut taken: BTreeSet<PersonId> = BTreeSet::new();
    let mut again: BTreeSet<PersonId> = BTreeSet::new();
    let mut asked = Vec::with_capacity(models.len());
    for source in models {
        let unseen = source.unseen(dataset);
        again.extend(unseen.intersection(&taken).cloned());
        let own: Vec<PersonId> = unseen.difference(&taken).cloned().collect();
        taken.extend(own.iter().cloned());
        if own.is_empty() {
            say(&format!("note: {} is asked about nobody", source.name));
        }
        asked.push(own);
    }
    if !again.is_empty() {
        say(&format!(
            "note: several models have not seen {}; each is answered by the first of them",
            PersonId::list(again.iter())
        ));
    }
    if taken.is_empty() {
        let people = dataset.subjects().len();
        return Err(TrainError::NobodyToAsk {
            dataset: dataset.info.name.clone(),
            reason: match models {
                [] => "there is no model".into(),
                _ => format!(
                    "all of its {people} people have shaped the models, or models that these began with, or are not those that \
                              a fold was held back from"
                ),
            },
            hint: "give a data set of other people (--data), a run over folds (ambulo train --protocol loso), or a model that was not \
                   trained on all of them",
        });
    }
    Ok(asked)
}
