//! Recordings that belong to no data set.

use crate::hash::hex;
use crate::{Availability, Content, DataError, Dataset, DatasetInfo, Facts, LabelledRecording, Spool};
use ambulo_record::PersonId;
use ambulo_signal::Recording;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Name of the data set that they make.
const NAME: &str = "recordings";

/// Recordings by name, as a data set without labels.
#[derive(Debug)]
pub struct LooseRecordings {
    spool: Spool,
    names: BTreeSet<String>,
    recordings: Vec<LabelledRecording>,
    hash: Sha256,
}

impl LooseRecordings {
    /// None yet.
    ///
    /// # Errors
    /// What [`Spool::shared`] says.
    pub fn new() -> Result<Self, DataError> {
        Ok(Self {
            spool: Spool::shared()?,
            names: BTreeSet::new(),
            recordings: Vec::new(),
            hash: Sha256::new(),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.recordings.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.recordings.is_empty()
    }

    /// One more. Nobody says who wore the device: `who`, the name of a file for instance, stands for a person, so that recordings of one
    /// file stay together; `name` is made different from all others.
    ///
    /// # Errors
    /// [`DataError::Spool`] where samples that memory has no room for cannot be written.
    pub fn push(&mut self, who: &str, name: &str, recording: Recording) -> Result<(), DataError> {
        let legible = |text: &str| {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            text.trim().to_owned()
        };
        let person = PersonId::new(legible(who)).or_else(|_| PersonId::new("unnamed"));
        let Ok(person) = person else { return Ok(()) };
        let mut name = legible(name);
        while !self.names.insert(name.clone()) {
            name.push('+');
        }
        for series in recording.series() {
            self.hash.update(series.info.sensor.name());
            for (i, value) in series.values.iter().enumerate() {
                self.hash.update(series.clock.time_ns(i).to_le_bytes());
                value.iter().for_each(|v| self.hash.update(v.to_le_bytes()));
            }
        }
        let placement = recording.header().placement.as_deref().map(Arc::from);
        let recording = self.spool.store(recording).map_err(|source| DataError::Spool { source })?;
        self.recordings.push(LabelledRecording {
            person,
            name,
            facts: Arc::new(Facts { dataset: NAME.into(), placement, ..Facts::default() }),
            up: None,
            recording,
            labels: Vec::new(),
        });
        Ok(())
    }

    /// All of them, in the order in which they came, with the hash of their samples; a cohort of their own.
    pub fn finish(self) -> Dataset {
        let sha256 = hex(self.hash);
        let people: BTreeSet<&PersonId> = self.recordings.iter().map(|r| &r.person).collect();
        let info = DatasetInfo {
            name: NAME.into(),
            title: "Recordings without labels".into(),
            cohort: format!("{NAME}-{}", &sha256[..12]),
            licence: String::new(),
            citation: String::new(),
            people: people.len().try_into().unwrap_or(u16::MAX),
            rate_hz: 0.0,
            device: String::new(),
            placement: String::new(),
            activities: Vec::new(),
            channels: Vec::new(),
            source: String::new(),
            availability: Availability::Bundled,
            sha256: None,
        };
        Dataset::new(info, sha256, Content::Recordings(self.recordings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_of_one_file_are_of_one_person_and_none_has_the_name_of_another() {
        let recording = |value: f32| Recording::uniform(50.0, vec![[value, 0.0, 1.0]; 10], None);
        let mut all = LooseRecordings::new().unwrap();
        for (who, value) in [("a.csv", 0.1), ("a.csv", 0.2), (" \u{7}", 0.3)] {
            all.push(who, who, recording(value)).unwrap();
        }
        assert_eq!(all.len(), 3);
        let set = all.finish();
        assert_eq!(set.subjects().len(), 2);
        let Content::Recordings(recordings) = &set.content else { panic!() };
        let names: Vec<&str> = recordings.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["a.csv", "a.csv+", ""]);
        let mut other = LooseRecordings::new().unwrap();
        other.push("a.csv", "a.csv", recording(0.1)).unwrap();
        assert_ne!(other.finish().sha256, set.sha256);
    }
}
