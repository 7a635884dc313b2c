//! The classes that the people to develop on make possible.

use crate::protocol::people::development;
use crate::{Config, Labels, TrainError};
use ambulo_data::{Content, DataError, Dataset, subjects_trained_on};
use ambulo_record::{LabelSet, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// People who must have done an activity for it to become a class: with one, nobody could be held out.
const LEAST_PEOPLE: usize = 2;

impl Labels {
    /// The finest activities that people to develop on have done for at least a window, two of them each, as classes
    /// ([`LabelSet::finest`]); labels above them are coarse ones. Of a protocol with folds the first counts. Test people are not
    /// looked at.
    ///
    /// # Errors
    /// Data that do not fit the configuration, or fewer than two such activities.
    pub fn present(
        dataset: &Dataset,
        config: &Config,
        deepest: Option<usize>,
    ) -> Result<Self, TrainError> {
        let fold = config.has_folds().then_some(config.fold.unwrap_or(1));
        let people = development(dataset, &Config { fold, ..config.clone() })?.ids().clone();
        let named = labels_of(dataset, &people);
        let mut set = LabelSet::finest(&named, &dataset.parents, deepest)?;
        // Classes without windows are taken out until none is left: what was beneath one may have been its only windows.
        loop {
            let partition = subjects_trained_on(people.clone()).cut(dataset, &config.preprocessing, &set);
            let partition = match partition {
                Err(DataError::NoWindows { .. }) => return Err(TrainError::NoClasses { found: named_list(&named) }),
                cut => cut?,
            };
            let windows = partition.windows();
            let mut done: BTreeMap<u8, BTreeSet<&PersonId>> = BTreeMap::new();
            for (&label, origin) in windows.labels.iter().zip(&windows.origins) {
                done.entry(label).or_default().insert(&origin.person);
            }
            let enough = |class: usize| {
                let people = u8::try_from(class).ok().and_then(|class| done.get(&class));
                people.is_some_and(|people| people.len() >= LEAST_PEOPLE)
            };
            let kept: Vec<&str> =
                set.names().enumerate().filter(|(class, _)| enough(*class)).map(|(_, name)| name).collect();
            if kept.len() == set.len() {
                return Ok(set.into());
            }
            if kept.len() < 2 {
                return Err(TrainError::NoClasses { found: named_list(&named) });
            }
            set = LabelSet::with_parents(kept, &dataset.parents)?;
        }
    }
}

fn named_list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The labels of some people's data.
fn labels_of(dataset: &Dataset, people: &BTreeSet<PersonId>) -> BTreeSet<String> {
    match &dataset.content {
        Content::Recordings(recordings) => recordings
            .iter()
            .filter(|recording| people.contains(&recording.person))
            .flat_map(|recording| &recording.labels)
            .map(|interval| interval.label.to_string())
            .collect(),
        Content::Windows(windows) => (windows.people.iter().zip(&windows.labels))
            .filter(|(person, _)| people.contains(person))
            .map(|(_, label)| label.to_string())
            .collect(),
    }
}
