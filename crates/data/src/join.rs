//! Several data sets as one.

use crate::hash::hex;
use crate::manifest::distinct;
use crate::{Availability, Content, DataError, Dataset, DatasetInfo, LabelledRecording, Part};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::Parents;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Between the data set and the person in the name of a person of several data sets: `sisfall/SA03`.
const BETWEEN: char = '/';

impl Dataset {
    /// Several data sets as one; one alone stays as it is.
    ///
    /// People are named after their data set (`sisfall/SA03`), and those of a cohort that an earlier data set has as well after
    /// that one: the same person has one name, and is never on both sides of a split. Recordings are named likewise.
    ///
    /// # Errors
    /// [`DataError::Incompatible`] for no data set, for two of one name, for names of activities with different places in the
    /// vocabulary, and for windows that were published without their recordings.
    pub fn join(sets: Vec<Self>) -> Result<Self, DataError> {
        let incompatible = |reason: String| Err(DataError::Incompatible { reason });
        let mut sets = sets;
        if sets.len() < 2 {
            return match sets.pop() {
                Some(only) => Ok(only),
                None => incompatible("there is no data set".to_owned()),
            };
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = sets.iter().find(|set| !names.insert(set.info.name.clone())) {
            return incompatible(format!("`{}` is named twice", twice.info.name));
        }
        let mut groups: Vec<(String, String)> = Vec::new();
        let mut joined = Joined::default();
        for set in sets {
            let cohort = if set.info.cohort.is_empty() { &set.info.name } else { &set.info.cohort };
            let known = groups.iter().find(|(other, _)| other == cohort).map(|(_, prefix)| prefix.clone());
            let prefix = known.unwrap_or_else(|| {
                groups.push((cohort.clone(), set.info.name.clone()));
                set.info.name.clone()
            });
            joined.add(set, &prefix)?;
        }
        Ok(joined.finish())
    }

    /// The data set that a person's name begins with, where several were joined; the data set's own name where not.
    pub fn origin_of<'a>(&'a self, person: &'a PersonId) -> &'a str {
        if self.parts.is_empty() {
            return &self.info.name;
        }
        person.as_str().split_once(BETWEEN).map_or(person.as_str(), |(set, _)| set)
    }

    /// Leaves only the recordings of devices worn at one of these places.
    ///
    /// # Errors
    /// [`DataError::NoSuchPlacement`] for a place at which nothing was recorded, with those there are.
    pub fn keep_placements(&mut self, placements: &[String]) -> Result<(), DataError> {
        if placements.is_empty() {
            return Ok(());
        }
        let known = self.placements();
        if let Some(unknown) = placements.iter().find(|placement| !known.contains(placement.as_str())) {
            return Err(DataError::NoSuchPlacement {
                dataset: self.info.name.clone(),
                placement: unknown.clone(),
                known: known.into_iter().collect::<Vec<_>>().join(", "),
            });
        }
        if let Content::Recordings(recordings) = &mut self.content {
            recordings.retain(|r| placements.iter().any(|placement| placement == r.facts.worn_at()));
        }
        let people = self.subjects();
        if let Some(test) = &mut self.published_test {
            test.retain(|person| people.contains(person));
        }
        Ok(())
    }
}

#[derive(Default)]
struct Joined {
    parts: Vec<Part>,
    recordings: Vec<LabelledRecording>,
    test: Option<BTreeSet<PersonId>>,
    parents: BTreeMap<String, String>,
    conversions: Vec<String>,
    findings: Vec<crate::FileFinding>,
}

impl Joined {
    fn add(&mut self, set: Dataset, prefix: &str) -> Result<(), DataError> {
        let Dataset { info, parts: _, published_test, parents, sha256, content, conversions, findings } = set;
        let Content::Recordings(recordings) = content else {
            return Err(DataError::NoRecordings { dataset: info.name });
        };
        let rename = |person: &PersonId| {
            let name = format!("{prefix}{BETWEEN}{person}");
            // What a person's name may hold, two of them joined may hold.
            PersonId::new(name).unwrap_or_else(|_| person.clone())
        };
        let own: BTreeMap<String, String> = parents.into();
        for (name, parent) in own {
            if let Some(other) = self.parents.get(&name).filter(|other| **other != parent) {
                let reason = format!("`{name}` is a kind of `{other}` in one and of `{parent}` in another");
                return Err(DataError::Incompatible { reason });
            }
            self.parents.insert(name, parent);
        }
        self.test = match (self.test.take(), published_test) {
            (None, None) => None,
            (earlier, test) => {
                let mut all = earlier.unwrap_or_default();
                all.extend(test.unwrap_or_default().iter().map(rename));
                Some(all)
            }
        };
        self.recordings.extend(recordings.into_iter().map(|recording| LabelledRecording {
            person: rename(&recording.person),
            name: format!("{}{BETWEEN}{}", info.name, recording.name),
            ..recording
        }));
        self.conversions.extend(conversions.into_iter().map(|text| format!("{}: {text}", info.name)));
        self.findings.extend(findings);
        self.parts.push(Part { info, sha256, prefix: prefix.to_owned() });
        Ok(())
    }

    fn finish(self) -> Dataset {
        let mut hash = Sha256::new();
        for part in &self.parts {
            hash.update(format!("{} {}\n", part.info.name, part.sha256));
        }
        let all = |field: fn(&DatasetInfo) -> &str, between: &str| {
            let texts = self.parts.iter().map(|part| field(&part.info)).filter(|text| !text.is_empty());
            distinct(texts).join(between)
        };
        let each = |field: fn(&DatasetInfo) -> &str| {
            let named = self.parts.iter().map(|part| format!("{}: {}", part.info.name, field(&part.info)));
            named.collect::<Vec<_>>().join("; ")
        };
        let people: BTreeSet<&PersonId> = self.recordings.iter().map(|r| &r.person).collect();
        let listed = |field: fn(&DatasetInfo) -> &Vec<String>| {
            distinct(self.parts.iter().flat_map(|part| field(&part.info)).cloned())
        };
        let info = DatasetInfo {
            name: all(|info| &info.name, "+"),
            title: all(|info| &info.title, "; "),
            cohort: all(|info| &info.cohort, "; "),
            licence: each(|info| &info.licence),
            citation: all(|info| &info.citation, "; "),
            people: people.len().try_into().unwrap_or(u16::MAX),
            rate_hz: self.parts.iter().map(|part| part.info.rate_hz).fold(f64::INFINITY, f64::min),
            device: all(|info| &info.device, "; "),
            placement: all(|info| &info.placement, ", "),
            activities: listed(|info| &info.activities),
            channels: listed(|info| &info.channels),
            source: all(|info| &info.source, " "),
            availability: Availability::Joined,
            sha256: None,
        };
        Dataset {
            info,
            parts: self.parts,
            published_test: self.test,
            // Each was a tree, and they agree.
            parents: Parents::try_from(self.parents).unwrap_or_default(),
            sha256: hex(hash),
            content: Content::Recordings(self.recordings),
            conversions: self.conversions,
            findings: self.findings,
        }
    }
}
