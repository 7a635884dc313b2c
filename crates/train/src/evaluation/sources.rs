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
