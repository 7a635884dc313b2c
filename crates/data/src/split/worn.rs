//! Devices worn at one place to learn from, at another to be tested on.

use super::{Partition, Purpose, Split};
use crate::{Content, DataError, Dataset};
use ambulo_record::PersonId;
use std::collections::BTreeSet;

impl Split {
    /// The same split of those people who wore a device at one of the places to `develop` on, and of test people at one of those to
    /// `test` on; no place is anywhere. [`Partition::worn_at`] leaves their windows of these places.
    ///
    /// # Errors
    /// [`DataError::NotWorn`] where nobody is left to develop on or to test.
    pub fn worn_at(
        mut self,
        dataset: &Dataset,
        develop: &[String],
        test: &[String],
    ) -> Result<Self, DataError> {
        let not_worn = |what, places: &[String]| DataError::NotWorn {
            dataset: dataset.info.name.clone(),
            what,
            placements: places.join(", "),
        };
        if !develop.is_empty() {
            let people = wearers(dataset, develop);
            self.development.retain(&people);
            if self.development.ids().is_empty() {
                return Err(not_worn("to develop on", develop));
            }
        }
        if !test.is_empty() {
            let people = wearers(dataset, test);
            self.test.retain(&people);
            if self.test.ids().is_empty() {
                return Err(not_worn("to test", test));
            }
        }
        Ok(self)
    }
}

impl<P: Purpose> Partition<P> {
    /// Its windows of devices worn at one of these places; all of them where none is named.
    ///
    /// # Errors
    /// [`DataError::NotWorn`] where there is none.
    pub fn worn_at(mut self, places: &[String]) -> Result<Self, DataError> {
        if places.is_empty() {
            return Ok(self);
        }
        let own = |i: &usize| places.iter().any(|place| place == self.windows.origins[*i].facts.worn_at());
        let kept: Vec<usize> = (0..self.windows.len()).filter(own).collect();
        if kept.is_empty() {
            let placements = places.join(", ");
            return Err(DataError::NotWorn { dataset: self.dataset, what: P::NAME, placements });
        }
        self.windows = self.windows.pick(kept);
        self.subjects = self.windows.subjects();
        Ok(self)
    }
}

/// Who wore a device at one of these places.
fn wearers(dataset: &Dataset, places: &[String]) -> BTreeSet<PersonId> {
    let there = |worn_at: &str| places.iter().any(|place| place == worn_at);
    match &dataset.content {
        Content::Recordings(recordings) => recordings
            .iter()
            .filter(|recording| there(recording.facts.worn_at()))
            .map(|recording| recording.person.clone())
            .collect(),
        Content::Windows(windows) if there(windows.facts.worn_at()) => dataset.subjects(),
        Content::Windows(_) => BTreeSet::new(),
    }
}
