//! The data sets of a run with their terms, as records name them.

use ambulo_data::{Content, Dataset, DatasetInfo};
use ambulo_record::{PersonId, SourceRecord};
use std::collections::BTreeSet;

/// The data sets that a data set was joined from, or itself where it is one alone; none where it is one alone and
/// [well known](SourceRecord::WELL_KNOWN).
pub fn sources_of(dataset: &Dataset) -> Vec<SourceRecord> {
    if dataset.parts.is_empty() {
        if SourceRecord::WELL_KNOWN.contains(&dataset.info.name.as_str()) {
            return Vec::new();
        }
        return vec![source(&dataset.info, &dataset.sha256, dataset.subjects().len())];
    }
    let people = |name: &str| match &dataset.content {
        Content::Recordings(recordings) => {
            let own = recordings.iter().filter(|recording| *recording.facts.dataset == *name);
            own.map(|recording| &recording.person).collect::<BTreeSet<&PersonId>>().len()
        }
        Content::Windows(_) => dataset.subjects().len(),
    };
    let part = |part: &ambulo_data::Part| source(&part.info, &part.sha256, people(&part.info.name));
    dataset.parts.iter().map(part).collect()
}

fn source(info: &DatasetInfo, sha256: &str, people: usize) -> SourceRecord {
    SourceRecord {
        name: info.name.clone(),
        title: info.title.clone(),
        cohort: info.cohort.clone(),
        licence: info.licence.clone(),
        citation: info.citation.clone(),
        source: info.source.clone(),
        sha256: sha256.to_owned(),
        people,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_data::{Facts, LabelledRecording};
    use ambulo_signal::Recording;
    use std::sync::Arc;

    /// Two recordings of each of these people.
    fn dataset(name: &str, cohort: &str, people: &[&str]) -> Dataset {
        let facts = Arc::new(Facts { dataset: name.into(), ..Facts::default() });
        let recording = |person: &&str, visit: u8| LabelledRecording {
            person: PersonId::new(*person).unwrap(),
            name: format!("{person}-{visit}"),
            recording: Recording::uniform(50.0, vec![[0.0, 0.0, 1.0]; 4], None).into(),
            facts: Arc::clone(&facts),
            up: None,
            labels: Vec::new(),
        };
        let mut info = ambulo_data::lookup("hapt").unwrap();
        (info.name, info.cohort, info.people) = (name.into(), cohort.into(), 99);
        info.citation = format!("{name} et al.");
        let recordings = people.iter().flat_map(|person| [recording(person, 1), recording(person, 2)]);
        Dataset::new(info, format!("{name:0<64}"), Content::Recordings(recordings.collect()))
    }

    #[test]
    fn every_part_is_named_with_the_people_that_were_read() {
        let (a, b) = (dataset("a", "us", &["1", "2"]), dataset("b", "us", &["2"]));
        let found = sources_of(&Dataset::join(vec![a.clone(), b]).unwrap());
        let named = |s: &SourceRecord| (s.name.clone(), s.cohort.clone(), s.people, s.citation.clone());
        assert_eq!(
            found.iter().map(named).collect::<Vec<_>>(),
            [
                ("a".into(), "us".into(), 2, "a et al.".into()),
                ("b".into(), "us".into(), 1, "b et al.".into())
            ]
        );
        assert_eq!(found[0].sha256, a.sha256);
        assert_eq!(sources_of(&a), found[..1]);
    }

    #[test]
    fn a_run_on_a_well_known_set_alone_has_the_record_it_always_had() {
        assert!(sources_of(&dataset("hapt", "uci", &["1"])).is_empty());
        let joined = Dataset::join(vec![dataset("hapt", "uci", &["1"]), dataset("b", "us", &["2"])]).unwrap();
        assert_eq!(sources_of(&joined).len(), 2);
    }
}
